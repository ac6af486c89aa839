//! The commands of this repository: `cargo xtask run | dev | build | test | supply | release | bench | fuzz | tidy |
//! gallery`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

mod dev;
mod fuzz;
mod postgres;
mod release;
mod setup;
mod shell;
mod site;
mod storage;
mod suite;
mod tidy;

use shell::{Outcome, cargo, root};
use std::{path::PathBuf, process::ExitCode};

const HELP: &str = "cargo xtask COMMAND

  run [--empty]    install what is missing, build the release, fill a demo (or create the first administrator), serve on
                   http://localhost:3000; data is kept in ./data
  test [FILTER]    install what is missing and run everything: format, lints, tests on SQLite and PostgreSQL, browser tests
  nightly [--kills N]
                   what takes hours: 500 kills on each database, every parser fuzzed, known weaknesses of libraries (network)
  dev              rebuild and reload on every change (development build)
  build            the release binary: target/release/stadtbrief
  supply [--advisories]
                   judges what comes from outside (deny.toml): licences, sources, banned crates; known faults, too (network)
  release          what is handed out, into target/handed-out: the binary, the same bytes wherever it is built, its hash,
                   and the list of its parts (CycloneDX)
  bench [NAME]     benchmarks, each with both sides of its ratio; without a name: all
  bench scanner [--corpus DIR | --seed N] [--passes N]
                   the decoder beside zxing-wasm and jsQR, on any folder (images/*.png, truth.jsonl) or on frames made from
                   our own letters
  bench serve [--seconds N]
                   the release binary over HTTP beside a bare handler and common stacks, and a rush of registrations
  bench soak [--minutes N] [--people N] [--store postgres://…]
                   half an hour of mixed traffic with 10,000 registrations: waits, wrong answers, memory over time
  bench day [--minutes N] [--letters N] [--people N] [--store postgres://…]
                   a registration day: 50,000 letters, 5,000 people within an hour, most of them in peaks
  bench sizes [N …]
                   what towns of 1,000 to 1,000,000 residents need (half an hour): time, store, memory, backup
  bench stores [N] [postgres://…]
                   a thousand municipalities in one process
  bench lighthouse [--runs N] [--json FILE]
                   Lighthouse (mobile) on start, registration, sign-in and account page; needs Chromium
  fuzz [TARGET] [--seconds N]
                   throws random files and cells at the reader and the rules (60 seconds each); needs a C++ compiler
  tidy             the invariants of ARCHITECTURE.md
  gallery          screenshots of every page, phone and desktop, both languages, into target/gallery
";

fn main() -> ExitCode {
    if let Err(error) = std::env::set_current_dir(root()) {
        eprintln!("{}: {error}", root().display());
        return ExitCode::FAILURE;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let done = match arguments.first().map(String::as_str) {
        Some("run") => run(has("--empty")),
        Some("test") => suite::test(arguments.get(1).map(String::as_str)),
        Some("dev") => dev::dev(),
        Some("build") => build().map(|binary| println!("{}", binary.display())),
        Some("supply") => release::supply(has("--advisories")),
        Some("release") => release::release(),
        Some("bench") => bench(&arguments[1..]),
        Some("fuzz") => fuzz::fuzz(&arguments[1..]),
        Some("nightly") => suite::nightly(&arguments[1..]),
        Some("tidy") => tidy::tidy(),
        Some("gallery") => suite::gallery(),
        _ => {
            print!("{HELP}");
            return if arguments.is_empty() || has("--help") {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The release binary with the site inside.
fn build() -> Outcome<PathBuf> {
    setup::build_tools()?;
    site::build(true)?;
    shell::run(cargo().args(["build", "--release", "-p", "server"]))?;
    Ok(shell::target().join("release/stadtbrief"))
}

fn run(empty: bool) -> Outcome {
    let binary = build()?;
    let fresh = !root().join("data/stadtbrief.db").exists();
    println!();
    if empty && fresh {
        shell::run(std::process::Command::new(&binary).args([
            "admin",
            "create",
            "--email",
            "admin@example.org",
            "--name",
            "Administration",
        ]))?;
    } else if fresh {
        shell::run(
            std::process::Command::new(&binary)
                .arg("demo")
                .env("STADTBRIEF_LOG_LEVEL", "warn"),
        )?;
    } else {
        println!("Data in ./data is kept. (Delete the folder for a fresh start.)");
    }
    println!("\nhttp://localhost:3000  (end with Ctrl+C)\n");
    shell::run(std::process::Command::new(&binary).arg("serve"))
}

fn bench(names: &[String]) -> Outcome {
    setup::build_tools()?;
    site::build(true)?;
    if names.is_empty() || names.iter().any(|n| n == "weight") {
        site::weigh()?;
    }
    shell::run(cargo().args(["build", "--release", "-p", "bench"]))?;
    // a workspace of its own, so that only who runs this benchmark builds typst
    let typst = shell::target().join("typst");
    if names.is_empty() || names.iter().any(|n| n == "letters") {
        let manifest = "bench/typst/Cargo.toml";
        let mut build = cargo();
        build.args([
            "build",
            "--release",
            "--locked",
            "--manifest-path",
            manifest,
            "--target-dir",
        ]);
        shell::run(build.arg(&typst))?;
    }
    let scanner = root().join("bench/scanner");
    if names.is_empty() || names.iter().any(|n| n == "scanner") {
        setup::npm(&scanner)?;
    }
    // these measure the binary as it is served; only by name
    let (serve, web) = (root().join("bench/serve"), root().join("bench/web"));
    let measured = match names.first().map(String::as_str) {
        Some("serve" | "soak" | "day") => Some(&serve),
        Some("lighthouse") => Some(&web),
        _ => None,
    };
    if let Some(folder) = measured {
        shell::run(cargo().args(["build", "--release", "-p", "server"]))?;
        setup::npm(folder)?;
    }
    if names.first().is_some_and(|n| n == "serve") {
        native_module(&serve);
    }
    shell::run(
        std::process::Command::new(shell::target().join("release/bench"))
            .args(names)
            .env("BENCH_SCANNER", scanner.join("measure.mjs"))
            .env("BENCH_FRAMES", shell::target())
            .env("SCANNER_MODULE", site::scanner())
            .env("STADTBRIEF_BINARY", shell::target().join("release/stadtbrief"))
            .env("BENCH_WEB", web.join("measure.mjs"))
            .env("BENCH_TYPST", typst.join("release/with-typst")),
    )
}

/// better-sqlite3 for the peer of `bench serve`: its install script fetches or compiles a module. Where neither works, the
/// benchmark says so and goes on.
fn native_module(folder: &std::path::Path) {
    if folder
        .join("node_modules/better-sqlite3/build/Release/better_sqlite3.node")
        .exists()
    {
        return;
    }
    let mut rebuild = std::process::Command::new("npm");
    rebuild
        .args(["rebuild", "better-sqlite3", "--loglevel=error"])
        .current_dir(folder);
    // headers that came with Node.js need not be fetched
    if std::path::Path::new("/usr/include/node/node.h").exists() {
        rebuild.env("npm_config_nodedir", "/usr");
    }
    if let Err(error) = shell::run(&mut rebuild) {
        println!("better-sqlite3 could not be made: {error}");
    }
}
