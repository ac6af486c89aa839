//! The operator's virus scanner (ClamAV's `clamd`) looks at documents of others before they are kept. Pictures need none: they are
//! drawn anew.

use crate::failure::one_line;
use clamav_client::{
    PONG,
    tokio::{Socket, Tcp, ping, scan_buffer},
};
use std::{path::PathBuf, time::Duration};

/// Longer than the largest document takes; whoever sent it waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the scanner listens, always on this machine: what it reads goes there unencrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// A port.
    Port(u16),
    /// A socket in the file system.
    Socket(PathBuf),
}

/// Why a document is not known to be clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclean {
    /// The scanner knows it as harmful.
    Infected,
    /// The scanner does not answer, or not in time.
    Away,
}

impl Scanner {
    /// Reads `unix:/run/clamav/clamd.ctl` or `tcp:3310`.
    pub fn parse(address: &str) -> Option<Self> {
        if let Some(path) = address.strip_prefix("unix:") {
            return path.starts_with('/').then(|| Scanner::Socket(path.into()));
        }
        let port = address.strip_prefix("tcp:")?.parse().ok()?;
        (port != 0).then_some(Scanner::Port(port))
    }

    /// Lets it look at the bytes.
    ///
    /// # Errors
    /// [`Unclean::Infected`] if it finds something, [`Unclean::Away`] if it says neither that nor that all is well.
    pub async fn look(&self, bytes: &[u8]) -> Result<(), Unclean> {
        let asked = async {
            match self {
                Scanner::Port(port) => scan_buffer(bytes, local(*port), None).await,
                Scanner::Socket(path) => scan_buffer(bytes, Socket { socket_path: path }, None).await,
            }
        };
        let away = |error: &dyn std::fmt::Display| {
            tracing::warn!(error = one_line(&error), "the virus scanner has not looked");
            Unclean::Away
        };
        let answer = tokio::time::timeout(PATIENCE, asked).await;
        let answer = answer
            .map_err(|late| away(&late))?
            .map_err(|error| away(&error))?;
        judge(&answer).inspect_err(|unclean| {
            if *unclean == Unclean::Away {
                away(&String::from_utf8_lossy(&answer));
            }
        })
    }

    /// Does it answer?
    pub async fn answers(&self) -> bool {
        let asked = async {
            match self {
                Scanner::Port(port) => ping(local(*port)).await,
                Scanner::Socket(path) => ping(Socket { socket_path: path }).await,
            }
        };
        tokio::time::timeout(Duration::from_secs(5), asked)
            .await
            .is_ok_and(|answer| answer.is_ok_and(|a| a == PONG))
    }
}

fn local(port: u16) -> Tcp<(&'static str, u16)> {
    Tcp {
        host_address: ("127.0.0.1", port),
    }
}

/// `stream: OK`, `stream: NAME FOUND`, or an error such as "size limit exceeded" (clamd(8), INSTREAM).
fn judge(answer: &[u8]) -> Result<(), Unclean> {
    let answer = answer.strip_suffix(&[0]).unwrap_or(answer);
    if answer == b"stream: OK" {
        Ok(())
    } else if answer.ends_with(b" FOUND") {
        Err(Unclean::Infected)
    } else {
        Err(Unclean::Away)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(judge(b"stream: OK\0"), Ok(()));
        assert_eq!(
            judge(b"stream: Eicar-Test-Signature FOUND\0"),
            Err(Unclean::Infected)
        );
        assert_eq!(
            judge(b"INSTREAM size limit exceeded. ERROR\0"),
            Err(Unclean::Away)
        );
        assert_eq!(judge(b""), Err(Unclean::Away));
        assert_eq!(judge(b"stream: OK FOUND"), Err(Unclean::Infected));
    }

    #[test]
    fn it_is_on_this_machine() {
        assert_eq!(Scanner::parse("tcp:3310"), Some(Scanner::Port(3310)));
        assert_eq!(
            Scanner::parse("unix:/run/clamav/clamd.ctl"),
            Some(Scanner::Socket("/run/clamav/clamd.ctl".into()))
        );
        for wrong in [
            "",
            "tcp:",
            "tcp:0",
            "tcp:scanner.example:3310",
            "unix:clamd",
            "3310",
        ] {
            assert_eq!(Scanner::parse(wrong), None, "{wrong}");
        }
    }
}
