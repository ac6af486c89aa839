//! The site is embedded from `target/site`, which `cargo xtask build` fills. The folder must exist for any build, and a
//! new site must make the binary new.

fn main() {
    let site = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site");
    // without the folder the macro that embeds it does not compile; without the site the server says so at start
    let _ = std::fs::create_dir_all(site);
    println!("cargo:rerun-if-changed={site}/names.txt");
}
