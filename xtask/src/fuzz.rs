//! Fuzzing with libFuzzer, by the stable compiler: it can count coverage, only `cargo fuzz` asks for a nightly one.

use crate::shell::{self, Outcome, cargo, root, run};
use std::{fs, path::Path, process::Command};

const TARGETS: [&str; 5] = ["workbook", "rules", "frame", "words", "upload"];

/// What makes the compiler count which branches run.
const COVERAGE: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// Builds the targets and runs each for a while; what was learned is kept in `target/fuzz`.
pub(crate) fn fuzz(arguments: &[String]) -> Outcome {
    let seconds = arguments
        .iter()
        .position(|a| a == "--seconds")
        .and_then(|i| arguments.get(i + 1))
        .map_or(Ok(60), |n| n.parse::<u32>())
        .map_err(|e| format!("--seconds: {e}"))?;
    let wanted: Vec<&str> = TARGETS
        .into_iter()
        .filter(|t| arguments.iter().any(|a| a == t))
        .collect();
    let wanted = if wanted.is_empty() {
        TARGETS.to_vec()
    } else {
        wanted
    };
    let target = shell::target().join("fuzz");
    // the triple keeps these flags away from build scripts and macros
    let host = "x86_64-unknown-linux-gnu";
    run(cargo()
        .args([
            "build",
            "--release",
            "--bins",
            "--target",
            host,
            "--manifest-path",
        ])
        .arg(root().join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTFLAGS", COVERAGE))?;
    for name in wanted {
        let corpus = target.join("corpus").join(name);
        fs::create_dir_all(&corpus).map_err(|e| e.to_string())?;
        match name {
            "workbook" => ["assets/demo", "backend/tests/files"]
                .iter()
                .try_for_each(|folder| seed(folder, &corpus))?,
            name => seed(&format!("fuzz/seeds/{name}"), &corpus)?,
        }
        println!("\n== fuzz {name}, {seconds} s");
        run(Command::new(target.join(host).join("release").join(name))
            .arg(&corpus)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-artifact_prefix={}/", target.join("corpus").display()))
            // a file that takes half a minute or a gigabyte is a find, too
            .args([
                "-timeout=30",
                "-rss_limit_mb=1024",
                "-max_len=200000",
                "-print_final_stats=1",
            ]))?;
    }
    Ok(())
}

/// Something real to begin with.
fn seed(folder: &str, corpus: &Path) -> Outcome {
    for entry in fs::read_dir(root().join(folder))
        .map_err(|e| e.to_string())?
        .flatten()
    {
        fs::copy(entry.path(), corpus.join(entry.file_name())).map_err(|e| e.to_string())?;
    }
    Ok(())
}
