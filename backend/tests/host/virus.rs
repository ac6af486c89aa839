//! A real virus scanner (ClamAV's `clamd`) with one signature of our own.

use crate::{kit, lived, redeem};
use backend::{
    Ctx, Failure,
    accounts::SignedIn,
    cases::{self, BeginRefusal, DocumentProblem},
    doctor,
    virus::{Scanner, Unclean},
};
use domain::cases::{CaseKind, Request};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// What our signature knows as harmful.
const HARMFUL: &[u8] = b"STADTBRIEF-HARMFUL-TEST-TEXT";

struct Daemon {
    child: Child,
    scanner: Scanner,
    _folder: tempfile::TempDir,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Option<&'static str> {
    let found = ["/usr/sbin/clamd", "/usr/bin/clamd"]
        .into_iter()
        .find(|p| Path::new(p).exists());
    let must = std::env::var_os("CI").is_some();
    assert!(found.is_some() || !must, "CI must not skip: clamd is missing");
    found
}

async fn daemon() -> Option<Daemon> {
    let program = program()?;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let hex: String = HARMFUL.iter().map(|b| format!("{b:02x}")).collect();
    std::fs::create_dir(at("signatures")).unwrap();
    // name, any type of file, at any place
    std::fs::write(at("signatures/own.ndb"), format!("Own.Test:0:*:{hex}\n")).unwrap();
    let socket = at("clamd.ctl");
    let settings = format!(
        "DatabaseDirectory {}\nTemporaryDirectory {}\nLocalSocket {}\nForeground yes\nStreamMaxLength 20M\n",
        at("signatures").display(),
        folder.path().display(),
        socket.display()
    );
    std::fs::write(at("clamd.conf"), settings).unwrap();
    let child = Command::new(program)
        .arg("--config-file")
        .arg(at("clamd.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let scanner = Scanner::parse(&format!("unix:{}", socket.display())).unwrap();
    let daemon = Daemon {
        child,
        scanner,
        _folder: folder,
    };
    for _ in 0..300 {
        if daemon.scanner.answers().await {
            return Some(daemon);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    unreachable!("clamd does not start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_scanner_finds_what_it_knows() {
    let Some(mut daemon) = daemon().await else { return };
    let large = vec![b'x'; 10 * 1024 * 1024];
    assert_eq!(daemon.scanner.look(&large).await, Ok(()));
    let harmful = [b"%PDF-1.7\n", HARMFUL, b"\n%%EOF\n"].concat();
    assert_eq!(daemon.scanner.look(&harmful).await, Err(Unclean::Infected));
    // larger than it takes: not known to be clean
    let huge = vec![b'x'; 30 * 1024 * 1024];
    assert_eq!(daemon.scanner.look(&huge).await, Err(Unclean::Away));
    daemon.child.kill().unwrap();
    daemon.child.wait().unwrap();
    assert!(!daemon.scanner.answers().await);
    assert_eq!(daemon.scanner.look(b"%PDF-").await, Err(Unclean::Away));
}

async fn a_case(ctx: &Ctx) -> (SignedIn, Uuid) {
    let lived = lived(ctx).await;
    let who = redeem(ctx, &lived.posted[1].0).await.unwrap();
    let text = Request::default()
        .with("subject", "Satzung")
        .with("text", "Anbei.");
    let case = cases::begin(ctx, &who, CaseKind::Message, &text).await.unwrap();
    (who, case)
}

/// Documents of a case: kept, refused as harmful, refused because nobody looked.
async fn documents_are_looked_at(ctx: Ctx) {
    let Some(mut daemon) = daemon().await else { return };
    let (who, case) = a_case(&ctx).await;
    let ctx = Ctx {
        scanner: Some(Arc::new(daemon.scanner.clone())),
        ..ctx
    };
    let send = async |inside: &[u8]| {
        let pdf = [b"%PDF-1.7\n", inside, b"\n%%EOF\n"].concat();
        cases::write(&ctx, &who, case, "Anbei", Some(("Satzung.pdf".into(), pdf))).await
    };
    let refused = |problem| Err(Failure::Refused(BeginRefusal::Document(problem)));
    let healthy = async || {
        let all = doctor::examine(&ctx, false).await.unwrap();
        all.iter().find(|d| d.key == "scanner").unwrap().healthy
    };
    assert!(send(b"harmless").await.is_ok());
    assert_eq!(send(HARMFUL).await.map(drop), refused(DocumentProblem::Infected));
    assert!(healthy().await);
    daemon.child.kill().unwrap();
    daemon.child.wait().unwrap();
    assert_eq!(
        send(b"harmless").await.map(drop),
        refused(DocumentProblem::NotScanned)
    );
    assert!(!healthy().await);
    let entries = cases::own_case(&ctx, &who, case).await.unwrap().entries;
    let kept = entries.iter().filter(|e| e.body.document.is_some()).count();
    assert_eq!(kept, 1);
}

kit::db_tests!(documents_are_looked_at);
