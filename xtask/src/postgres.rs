//! A PostgreSQL cluster that lives as long as the tests: on this machine only, without durability.

use crate::shell::{Outcome, output};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

/// A running throw-away cluster. The tests of replicas have one of their own, which they kill.
pub(crate) struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    options: String,
    /// `postgres://…` of its first database.
    pub(crate) url: String,
}

/// The newest installed server.
pub(crate) fn binaries() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|e| e.ok().map(|e| e.path().join("bin")))
        .filter(|p| p.join("initdb").exists())
        .collect();
    found.sort_by_key(|p| {
        p.parent()
            .and_then(Path::file_name)
            .and_then(|n| n.to_str()?.parse::<u32>().ok())
    });
    found.pop()
}

/// PostgreSQL refuses to run as root: then it runs as `postgres`.
fn command(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args([
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                "--inh-caps=-all",
            ])
            .arg(program)
            .env("HOME", "/tmp");
        command
    } else {
        Command::new(program)
    }
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

impl Cluster {
    /// Starts one.
    pub(crate) fn start() -> Outcome<Self> {
        let binaries = binaries().ok_or("PostgreSQL is not installed")?;
        // short, because the path of a socket is limited
        let folder =
            PathBuf::from(output(Command::new("mktemp").args(["-d", "/tmp/stadtbrief-pg-XXXX"]))?.trim());
        if is_root() {
            output(Command::new("chown").arg("postgres:").arg(&folder))?;
        }
        let data = folder.join("data");
        output(command(&binaries.join("initdb")).arg("-D").arg(&data).args([
            "-U",
            "app",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]))?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .map_err(|e| e.to_string())?
            .port();
        let options = format!(
            "-p {port} -h 127.0.0.1 -k {} -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400",
            folder.display()
        );
        let cluster = Self {
            url: format!("postgres://app@127.0.0.1:{port}/postgres"),
            folder,
            binaries,
            options,
        };
        cluster.begin()?;
        Ok(cluster)
    }

    /// Starts the server, also again after [`Cluster::kill`].
    pub(crate) fn begin(&self) -> Outcome {
        // pg_ctl's child keeps the output open: give it a file instead of a pipe
        let log = self.folder.join("log");
        let started = command(&self.binaries.join("pg_ctl"))
            .arg("-D")
            .arg(self.folder.join("data"))
            .args(["-w", "-t", "60", "-l"])
            .arg(&log)
            .arg("-o")
            .arg(&self.options)
            .arg("start")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .map_err(|e| e.to_string())?;
        if started.success() {
            return Ok(());
        }
        Err(format!(
            "PostgreSQL did not start: {}",
            std::fs::read_to_string(&log).unwrap_or_default()
        ))
    }

    /// Ends the server as a crash would: nothing is written down in peace.
    pub(crate) fn kill(&self) -> Outcome {
        output(
            command(&self.binaries.join("pg_ctl"))
                .arg("-D")
                .arg(self.folder.join("data"))
                .args(["-m", "immediate", "stop"]),
        )
        .map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
