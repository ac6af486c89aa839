//! Running other programs.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::SystemTime,
};

pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The folder that becomes part of the binary.
pub(crate) fn site() -> PathBuf {
    root().join("target/site")
}

/// `cargo` with the flags of `.cargo/config.toml` and no others: one set of flags means one set of compiled crates.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    for flags in RELEASE_FLAGS.get().into_iter().flatten() {
        command.args(["--config", flags]);
    }
    command
}

static RELEASE_FLAGS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();

/// From now on `cargo` builds what is handed out, with flags of its own.
pub(crate) fn set_release_flags(flags: impl Into<Vec<String>>) {
    let _ = RELEASE_FLAGS.set(flags.into());
}

/// A tool that npm installed in the root folder.
pub(crate) fn npm_tool(name: &str) -> Command {
    Command::new(root().join("node_modules/.bin").join(name))
}

/// Runs and shows; an error if it fails.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} ended with {status}"))
    }
}

/// Runs and shows, and adds up what test runners say: passed, failed. An error if the command fails.
pub(crate) fn run_counting(command: &mut Command, counts: &mut (u64, u64)) -> Outcome {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("{name}: {e}"))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            println!("{line}");
            // cargo: "test result: ok. 3 passed; 0 failed; …"; Playwright: "  18 passed (2.0m)"
            let words: Vec<&str> = line.split([' ', ';', ',']).filter(|w| !w.is_empty()).collect();
            let counted = line.starts_with("test result:")
                || words.get(1).is_some_and(|w| ["passed", "failed"].contains(w));
            for pair in words.windows(2).filter(|_| counted) {
                match (pair[0].parse::<u64>(), pair[1]) {
                    (Ok(n), "passed") => counts.0 += n,
                    (Ok(n), "failed") => counts.1 += n,
                    _ => {}
                }
            }
        }
    }
    let status = child.wait().map_err(|e| format!("{name}: {e}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} ended with {status}"))
    }
}

/// Runs quietly; standard output, or an error with everything it said.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("{}: {e}", command.get_program().to_string_lossy()))?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(format!(
            "{command:?}\n{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        ))
    }
}

/// Is this program there?
pub(crate) fn there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}

/// Reads a file; the error names it.
pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a file; the error names it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// When something in a folder (or a file) was last changed.
pub(crate) fn newest(path: &Path) -> SystemTime {
    let mut latest = path
        .metadata()
        .and_then(|m| m.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH);
    if let Ok(entries) = std::fs::read_dir(path) {
        for entry in entries.flatten() {
            latest = latest.max(newest(&entry.path()));
        }
    }
    latest
}
