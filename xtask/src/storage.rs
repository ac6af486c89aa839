//! A server that speaks S3, for the tests of backups: moto, from PyPI, on this machine only.

use crate::shell::{Outcome, output, run, target};
use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Pinned, so that a new version does not change the tests.
const SERVER: &str = "moto[server]==5.2.5";

/// A running server without data.
pub(crate) struct Storage {
    child: Child,
    /// `http://127.0.0.1:…`
    pub(crate) url: String,
}

impl Storage {
    /// Installs the server if it is not there, and starts it.
    pub(crate) fn start() -> Outcome<Self> {
        let folder = target().join("storage-server");
        let program = folder.join("bin/moto_server");
        if !program.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            run(Command::new(folder.join("bin/pip")).args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                SERVER,
            ]))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .map_err(|e| e.to_string())?
            .port();
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let storage = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        for _ in 0..300 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(storage);
            }
            #[expect(clippy::disallowed_methods, reason = "there is no runtime here")]
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("the S3 server does not start".into())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Can Python make an environment of its own? Debian packs that apart.
pub(crate) fn python_is_complete() -> bool {
    output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}
