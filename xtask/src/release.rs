//! What is handed out: the same bytes whoever builds them, with a list of what is inside; and what may come in from outside.

use crate::{
    setup,
    shell::{self, Outcome, cargo, output, root, run},
    site,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Tools of the release, pinned: another version may judge or list differently.
const DENY: (&str, &str) = ("cargo-deny", "0.20.2");
const CYCLONEDX: (&str, &str) = ("cargo-cyclonedx", "0.5.9");

/// A tool from crates.io, installed once into the target folder.
fn tool((name, version): (&str, &str)) -> Outcome<PathBuf> {
    let folder = shell::target().join("tools").join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if !program.exists() {
        println!("installing {name} {version}");
        run(cargo()
            .args(["install", "-q", name, "--version", version, "--locked"])
            // as it was tried: fewer crates to compile
            .args((name == DENY.0).then_some("--no-default-features"))
            .arg("--root")
            .arg(&folder)
            // not among the crates of the product, and not in the way of who builds them
            .env("CARGO_TARGET_DIR", folder.join("build")))?;
        let _ = std::fs::remove_dir_all(folder.join("build"));
    }
    Ok(program)
}

/// Licences, sources and banned crates (`deny.toml`). `advisories`: known faults, too; that needs the network.
pub(crate) fn supply(advisories: bool) -> Outcome {
    let mut command = Command::new(tool(DENY)?);
    command.args(["deny", "--log-level", "error"]);
    if !advisories {
        // the lock file is there, and so is everything in it once something was built
        command.arg("--locked");
    }
    command.args(["check", "bans", "licenses", "sources"]);
    if advisories {
        command.arg("advisories");
    }
    run(&mut command)
}

/// Builds into `folder` so that neither this folder nor this account is in the bytes; the binary.
fn reproducible(folder: &Path) -> Outcome<PathBuf> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let remap: Vec<String> = [
        (root().display().to_string(), "/stadtbrief"),
        (folder.display().to_string(), "/target"),
        (cargo_home.display().to_string(), "/cargo"),
        (sysroot.trim().to_owned(), "/rust"),
    ]
    .map(|(from, to)| format!("'--remap-path-prefix={from}={to}'"))
    .to_vec();
    let flags = format!("rustflags=['--cfg','erase_components',{}]", remap.join(","));
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    shell::set_release_flags([
        format!("target.{}.{flags}", host.trim()),
        format!("target.wasm32-unknown-unknown.{flags}"),
    ]);
    // the site of other flags is not the site of this build, nor the other way round
    site::forget();
    site::build(true)?;
    run(cargo().args(["build", "--release", "--locked", "-p", "server"]))?;
    site::forget();
    Ok(shell::target().join("release/stadtbrief"))
}

/// Builds the release, and puts the binary, its hash and the list of its parts (CycloneDX) into `target/handed-out`.
pub(crate) fn release() -> Outcome {
    let folder = shell::target();
    if std::env::var_os("STADTBRIEF_RELEASE").is_none() {
        // a target folder of its own: other flags mean other crates
        let own = folder.join("handed-out-build");
        return run(Command::new(std::env::current_exe().map_err(|e| e.to_string())?)
            .arg("release")
            .env("STADTBRIEF_RELEASE", folder.join("handed-out"))
            .env("CARGO_TARGET_DIR", own));
    }
    setup::build_tools()?;
    let out = PathBuf::from(std::env::var_os("STADTBRIEF_RELEASE").unwrap_or_default());
    std::fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    let binary = reproducible(&folder)?;
    let copy = out.join("stadtbrief");
    std::fs::copy(&binary, &copy).map_err(|e| e.to_string())?;
    let sum = output(Command::new("sha256sum").arg("stadtbrief").current_dir(&out))?;
    shell::write(&out.join("stadtbrief.sha256"), &sum)?;
    parts(&out)?;
    print!("{}", sum);
    println!("{}", out.display());
    Ok(())
}

/// The list of everything that is in the binary.
fn parts(out: &Path) -> Outcome {
    let program = tool(CYCLONEDX)?;
    run(Command::new(program).args([
        "cyclonedx",
        "--manifest-path",
        "server/Cargo.toml",
        "--format",
        "json",
        "--spec-version",
        "1.5",
        "--override-filename",
        "stadtbrief.cdx",
    ]))?;
    // it writes one beside each manifest of the workspace
    let mut found = false;
    for folder in std::fs::read_dir(root()).map_err(|e| e.to_string())?.flatten() {
        let file = folder.path().join("stadtbrief.cdx.json");
        if !file.exists() {
            continue;
        }
        if folder.file_name() == "server" {
            std::fs::copy(&file, out.join("stadtbrief.cdx.json")).map_err(|e| e.to_string())?;
            found = true;
        }
        std::fs::remove_file(&file).map_err(|e| e.to_string())?;
    }
    if found {
        Ok(())
    } else {
        Err("no list of parts was written".into())
    }
}
