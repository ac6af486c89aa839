//! Rebuild and reload on change.

use crate::{
    setup,
    shell::{self, Outcome, cargo, root},
    site,
};
use std::{
    process::{Child, Command},
    time::{Duration, SystemTime},
};

const WATCHED: [&str; 10] = [
    "app",
    "assets",
    "backend",
    "domain",
    "frontend",
    "locales",
    "migrations",
    "server",
    "style",
    "web",
];

fn state() -> SystemTime {
    WATCHED
        .iter()
        .map(|folder| shell::newest(&root().join(folder)))
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn build() -> Outcome {
    site::build(false)?;
    shell::run(cargo().args(["build", "-p", "server"]))
}

fn start() -> Outcome<Child> {
    Command::new(shell::target().join("debug/stadtbrief"))
        .arg("serve")
        .spawn()
        .map_err(|e| e.to_string())
}

/// Builds, serves, and does both again whenever a source changes. A failed build leaves the running server alone.
pub(crate) fn dev() -> Outcome {
    setup::build_tools()?;
    build()?;
    if !root().join("data/stadtbrief.db").exists() {
        shell::run(
            Command::new(shell::target().join("debug/stadtbrief"))
                .arg("demo")
                .env("STADTBRIEF_LOG_LEVEL", "warn"),
        )?;
    }
    let mut server = start()?;
    let mut seen = state();
    println!("\nhttp://localhost:3000  (rebuilds on change, end with Ctrl+C)\n");
    loop {
        #[expect(clippy::disallowed_methods, reason = "a watcher has nothing else to do")]
        std::thread::sleep(Duration::from_millis(400));
        let now = state();
        if now == seen {
            continue;
        }
        seen = now;
        match build() {
            Err(error) => eprintln!("{error}"),
            Ok(()) => {
                let _ = server.kill();
                let _ = server.wait();
                server = start()?;
                shell::write(&shell::site().join("build.txt"), format!("{now:?}"))?;
            }
        }
    }
}
