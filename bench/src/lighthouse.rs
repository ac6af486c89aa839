//! Lighthouse on the public pages and the account page of the release binary: `bench/web/measure.mjs`, which prints its figures.

/// `--runs N`, `--json FILE`.
#[expect(clippy::disallowed_methods, reason = "xtask says where things are")]
pub(crate) fn run(arguments: &[String]) {
    let done = std::process::Command::new("node")
        .arg("--no-warnings")
        .arg(std::env::var("BENCH_WEB").unwrap())
        .args(arguments)
        .status()
        .unwrap();
    assert!(done.success());
}
