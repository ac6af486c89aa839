//! Everything that must pass.

use crate::{
    fuzz,
    postgres::Cluster,
    release, setup,
    shell::{self, Outcome, cargo, root, run, run_counting},
    site,
    storage::Storage,
    tidy,
};
use std::{process::Command, time::Instant};

/// What has tests. Always all of them: one alone would be compiled anew, with other features of the same libraries.
const TESTED: [&str; 12] = [
    "-p", "domain", "-p", "locales", "-p", "backend", "-p", "server", "-p", "scanner", "-p", "ballot",
];

struct Steps {
    begun: Instant,
    done: Vec<(&'static str, f64)>,
}

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) -> Outcome {
        println!("\n=== {name}");
        let start = Instant::now();
        work().map_err(|e| format!("{name}: {e}"))?;
        self.done.push((name, start.elapsed().as_secs_f64()));
        Ok(())
    }
}

/// Format, lints, tests on both databases, the site and its weight, browser tests. `filter` runs only the browser tests
/// whose file or title contains it.
pub(crate) fn test(filter: Option<&str>) -> Outcome {
    let mut steps = Steps {
        begun: Instant::now(),
        done: Vec::new(),
    };
    steps.step("set-up", || {
        setup::build_tools().and_then(|()| setup::test_tools())
    })?;
    if filter.is_none() {
        steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
        steps.step("tidy", tidy::tidy)?;
        steps.step("what comes from outside", || release::supply(false))?;
        steps.step("lints, native", || {
            run(cargo().args([
                "clippy",
                "-q",
                "--all-targets",
                "-p",
                "domain",
                "-p",
                "locales",
                "-p",
                "backend",
                "-p",
                "app",
                "-p",
                "server",
                "-p",
                "scanner",
                "-p",
                "ballot",
                "--features",
                "app/ssr,backend/testing",
                "--",
                "-D",
                "warnings",
            ]))?;
            run(cargo().args([
                "clippy", "-q", "-p", "xtask", "-p", "bench", "--", "-D", "warnings",
            ]))
        })?;
        steps.step("lints, browser", || {
            run(cargo().args([
                "clippy",
                "-q",
                "-p",
                "frontend",
                "-p",
                "scanner",
                "-p",
                "ballot",
                "--target",
                "wasm32-unknown-unknown",
                "--",
                "-D",
                "warnings",
            ]))
        })?;
    }
    let cluster = Cluster::start()?;
    let storage = Storage::start()?;
    let mut counts = (0, 0);
    if filter.is_none() {
        steps.step("tests", || {
            run_counting(
                cargo()
                    .args(["test", "--no-fail-fast"])
                    .args(TESTED)
                    .env("TEST_POSTGRES_URL", &cluster.url)
                    .env("TEST_S3_URL", &storage.url)
                    .env("CI", "true"),
                &mut counts,
            )
        })?;
        steps.step("documentation", || {
            run(cargo()
                .args([
                    "doc",
                    "-q",
                    "--no-deps",
                    "-p",
                    "domain",
                    "-p",
                    "backend",
                    "-p",
                    "locales",
                ])
                .env("RUSTDOCFLAGS", "-D warnings"))
        })?;
    }
    steps.step("release build", || {
        site::build(true)?;
        site::weigh()?;
        run(cargo().args(["build", "-q", "--release", "-p", "server"]))
    })?;
    steps.step("browser tests", || {
        browser(&cluster.url, "test", filter, &mut counts)
    })?;
    println!();
    for (name, seconds) in &steps.done {
        println!("{seconds:7.1} s  {name}");
    }
    println!("{:7.1} s  in all", steps.begun.elapsed().as_secs_f64());
    // the runners' sums, alone on the last line
    println!("\ntests: {} passed, {} failed", counts.0, counts.1);
    Ok(())
}

/// What takes too long for every change: 500 kills on each database (`--kills`: another number), every parser fuzzed for ten
/// minutes, known weaknesses of the libraries.
pub(crate) fn nightly(arguments: &[String]) -> Outcome {
    setup::build_tools()?;
    setup::test_tools()?;
    let at = arguments.iter().position(|a| a == "--kills");
    let kills = at
        .and_then(|i| arguments.get(i + 1))
        .map_or("500", String::as_str);
    let cluster = Cluster::start()?;
    run(cargo()
        .arg("test")
        .args(TESTED)
        .args(["--test", "replicas", "--", "--nocapture", "killed_at_any_moment"])
        .env("STADTBRIEF_KILLS", kills)
        .env("TEST_POSTGRES_URL", &cluster.url)
        .env("CI", "true"))?;
    drop(cluster);
    fuzz::fuzz(&["--seconds".to_owned(), "600".to_owned()])?;
    release::supply(true)
}

fn browser(postgres: &str, project: &str, filter: Option<&str>, counts: &mut (u64, u64)) -> Outcome {
    let folder = root().join("end2end");
    let mut command = Command::new(folder.join("node_modules/.bin/playwright"));
    command.arg("test").args(filter);
    if project == "gallery" {
        command.args(["--project", "gallery"]);
    }
    command
        .current_dir(&folder)
        .env("STADTBRIEF_BINARY", shell::target().join("release/stadtbrief"))
        .env("STADTBRIEF_GALLERY", if project == "gallery" { "1" } else { "" })
        .env("TEST_POSTGRES_URL", postgres);
    run_counting(&mut command, counts)
}

/// Screenshots of every page into `target/gallery`.
pub(crate) fn gallery() -> Outcome {
    setup::build_tools()?;
    setup::test_tools()?;
    site::build(true)?;
    run(cargo().args(["build", "-q", "--release", "-p", "server"]))?;
    let cluster = Cluster::start()?;
    browser(&cluster.url, "gallery", None, &mut (0, 0))
}
