//! Installs what is missing.

use crate::shell::{Outcome, output, root, run, there};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// For building: the wasm target, and the tools and sources that come from npm.
pub(crate) fn build_tools() -> Outcome {
    let installed =
        output(Command::new("rustup").args(["target", "list", "--installed"])).unwrap_or_default();
    if !installed.contains("wasm32-unknown-unknown") {
        run(Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]))?;
    }
    npm(&root())
}

/// `npm ci`, if the lock file is newer than what is installed.
pub(crate) fn npm(folder: &Path) -> Outcome {
    if !there("npm") {
        return Err("npm is missing: install Node.js 20 or newer with npm".into());
    }
    let lock = folder.join("package-lock.json");
    let mark = folder.join("node_modules/.installed");
    let wanted = crate::shell::read(&lock)?;
    if std::fs::read(&mark).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    // binaries come inside the packages; nothing else is downloaded
    run(Command::new("npm")
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .current_dir(folder))?;
    crate::shell::write(&mark, wanted)
}

/// For tests: browser, database, and the programs that look at PDFs.
pub(crate) fn test_tools() -> Outcome {
    let mut missing = Vec::new();
    for (program, package) in [
        ("chromium", "chromium"),
        ("ffmpeg", "ffmpeg"),
        ("pdftoppm", "poppler-utils"),
        ("qpdf", "qpdf"),
        ("unzip", "unzip"),
        ("nginx", "nginx-light"),
        ("clamd", "clamav-daemon"),
    ] {
        let somewhere = ["/usr/bin", "/usr/sbin"]
            .iter()
            .any(|f| Path::new(f).join(program).exists());
        if !somewhere && !there(program) {
            missing.push(package);
        }
    }
    if crate::postgres::binaries().is_none() && std::env::var_os("TEST_POSTGRES_URL").is_none() {
        missing.push("postgresql");
    }
    if !crate::storage::python_is_complete() {
        missing.push("python3-venv");
    }
    if !missing.is_empty() {
        install(&missing)?;
    }
    npm(&root().join("end2end"))
}

fn install(packages: &[&str]) -> Outcome {
    println!("installing: {}", packages.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!(
            "please install: {} (this script knows only Debian and Ubuntu)",
            packages.join(" ")
        ));
    }
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let apt = |arguments: &[&str]| {
        let mut command = if root {
            Command::new("apt-get")
        } else {
            Command::new("sudo")
        };
        if !root {
            command.arg("apt-get");
        }
        command
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null());
        command
    };
    run(&mut apt(&["update", "-qq"]))?;
    run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
}
