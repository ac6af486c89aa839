//! The same page in common stacks: Express with EJS (`bench/serve/express`) and Django (`bench/serve/django`), each reading
//! settings and session from SQLite for every request, in as many processes as there are cores.

use super::portal::free_port;
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A running peer; it ends with this value.
pub(super) struct Peer {
    child: Child,
    pub(super) port: u16,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // SIGTERM: both then end their workers, too
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.child.wait();
    }
}

/// The cookie of the session that peers make in their store.
pub(super) const COOKIE: &str = "stadtbrief=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What both peers are told.
fn told(command: &mut Command, folder: &Path, name: &str, port: u16, cores: usize) {
    let settings = serde_json::to_string(&backend::demo::settings()).unwrap();
    let file = folder.join("settings.json");
    std::fs::write(&file, settings).unwrap();
    command
        .env("PORT", port.to_string())
        .env("WORKERS", cores.to_string())
        .env("STORE", folder.join(format!("{name}.db")))
        .env("SETTINGS", file)
        .env(
            "TEXTS",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../locales/texts/de"),
        )
        .env("SESSION", COOKIE.split('=').next_back().unwrap_or(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
}

/// Waits for its first line: `ready`, or why it cannot run.
fn started(mut command: Command, port: u16) -> Result<Peer, String> {
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    let mut line = String::new();
    if let Some(output) = child.stdout.take() {
        let _ = BufReader::new(output).read_line(&mut line);
    }
    let peer = Peer { child, port };
    match line.trim() {
        "ready" => Ok(peer),
        why => Err(why.to_owned()),
    }
}

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/serve")).to_owned()
}

/// Express, EJS and better-sqlite3 (or the SQLite that newer Node brings along).
pub(super) fn express(store: &Path, cores: usize) -> Result<Peer, String> {
    let port = free_port();
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(folder().join("peer.mjs"));
    told(&mut command, store, "express", port, cores);
    started(command, port)
}

/// Django and gunicorn, if the Python that `BENCH_PYTHON` names has them.
#[expect(
    clippy::disallowed_methods,
    reason = "told by whoever runs it where Python is"
)]
pub(super) fn django(store: &Path, cores: usize) -> Result<Peer, String> {
    let python = std::env::var("BENCH_PYTHON").map_err(|_| "BENCH_PYTHON names no Python".to_owned())?;
    let port = free_port();
    let mut command = Command::new(python);
    command.arg(folder().join("peer.py"));
    told(&mut command, store, "django", port, cores);
    started(command, port)
}
