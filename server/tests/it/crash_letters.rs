//! The process is killed at any moment of a batch of 20,000, again and again: in the end every resident has exactly one valid
//! letter, and every code in the PDF is one that works. And the commands that need no portal.

use crate::kit::register;
use backend::{
    Ctx,
    accounts::Visitor,
    db::testing,
    letters,
    registration::{self, Code},
};
use domain::access::Actor;
use std::{
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

fn stadtbrief(arguments: &[&str], data: &Path, database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stadtbrief"));
    command
        .args(arguments)
        .env("STADTBRIEF_DATA", data)
        .env("STADTBRIEF_DATABASE", database)
        .env("STADTBRIEF_MASTER_KEY_FILE", data.join("master.key"))
        .env("STADTBRIEF_LOG_LEVEL", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn make(data: &Path, database: &str, out: &Path) -> Child {
    stadtbrief(
        &["letters", "make", "--out", out.to_str().unwrap()],
        data,
        database,
    )
    .spawn()
    .unwrap()
}

/// What a program prints about a file.
fn text_of(pdf: &Path) -> String {
    let output = Command::new("pdftotext")
        .arg("-raw")
        .arg(pdf)
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

async fn killed(mut ctx: Ctx, address: String, people: usize, kills: u32) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // the key of the processes
    ctx.master = backend::keys::Key::load_or_create(&data.join("master.key")).unwrap();
    let list = folder.path().join("liste.csv");
    std::fs::write(&list, register(people)).unwrap();
    let import = stadtbrief(&["residents", "import", list.to_str().unwrap()], &data, &address)
        .output()
        .unwrap();
    assert!(
        import.status.success(),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );
    let ctx = backend::root_key::enter(&ctx).await.unwrap();
    let out = folder.path().join("briefe.pdf");
    // how far one comes grows from kill to kill: creating, making, checking, writing
    let mut patience = Duration::from_millis(150);
    let mut interrupted = 0;
    for _ in 0..kills {
        let mut child = make(&data, &address, &out);
        tokio::time::sleep(patience).await;
        patience = patience * 7 / 4;
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            interrupted += 1;
        }
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_none_or(|c| c == 0), "{said}");
        let batches = letters::batches(&ctx, Actor::System).await.unwrap();
        assert!(batches.len() <= 1, "a killed run never leaves a second batch");
        if batches.first().is_some_and(|b| b.state == "ready") {
            break;
        }
    }
    assert!(interrupted > 0, "every run was faster than its end");
    let batches = letters::batches(&ctx, Actor::System).await.unwrap();
    if batches.first().is_none_or(|b| b.state != "ready") {
        let done = make(&data, &address, &out).wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    let counts = letters::counts(&ctx, Actor::System).await.unwrap();
    let expected = i64::try_from(people).unwrap();
    assert_eq!(
        (counts.open, counts.replaced, counts.revoked, counts.redeemed),
        (expected, 0, 0, 0)
    );
    assert_eq!(letters::count_waiting(&ctx, Actor::System, "").await, Ok(0));
    let batch = letters::batches(&ctx, Actor::System).await.unwrap()[0].id;
    let files = backend::demo::save(&ctx, batch, &out).await.unwrap();
    let text: String = files.iter().map(|f| text_of(f)).collect();
    let printed: Vec<&str> = text
        .split_whitespace()
        .filter(|w| w.len() == 19 && w.bytes().filter(|b| *b == b'-').count() == 3)
        .collect();
    let known = letters::reveal(&ctx, batch, expected + 1).await.unwrap();
    assert_eq!(printed.len(), people);
    assert!(printed.iter().zip(&known).all(|(seen, (_, id))| *seen == id));
    for (i, (link, id)) in known.iter().enumerate().step_by(people / 100) {
        let visitor = Visitor {
            address: format!("198.51.100.{}", i % 250),
            device: "Test".into(),
            language: "de".into(),
        };
        for code in [link, id] {
            let code = Code::parse(code).unwrap();
            assert!(
                registration::prove(&ctx, &visitor, &code).await.is_ok(),
                "letter {i}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_on_sqlite() {
    let (ctx, address) = testing::sqlite_with_address().await;
    killed(ctx, address, 20_000, 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_on_postgres() {
    if let Some((ctx, address)) = testing::postgres_with_address().await {
        killed(ctx, address, 2_000, 5).await;
    }
}

/// Runs a command that must not need a store: the configuration is one that nothing could use.
fn without_store(arguments: &[&str], folder: &Path) -> Output {
    stadtbrief(
        arguments,
        Path::new("/nowhere"),
        "postgres://nobody@127.0.0.1:1/none",
    )
    .current_dir(folder)
    .output()
    .unwrap()
}

#[test]
fn specimens_need_no_portal() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("liste.csv");
    std::fs::write(&list, register(40)).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec![
            "letters",
            "make",
            "--residents",
            "liste.csv",
            "--out",
            "muster.pdf",
        ];
        arguments.extend(more);
        without_store(&arguments, folder.path())
    };
    let done = run(&["--count", "100"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let pdf = folder.path().join("muster.pdf");
    let text = text_of(&pdf);
    assert_eq!(
        text.matches("MUSTER – die Codes auf diesem Blatt sind ohne Wert")
            .count(),
        100
    );
    assert_eq!(text.matches("Guten Tag ").count(), 100);
    // none of the printed IDs could ever be one
    for word in text.split_whitespace().filter(|w| w.starts_with("MUST-")) {
        assert!(Code::parse(word).is_none(), "{word}");
    }
    let wrong = run(&["--template", "liste.csv"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("this is no template file"));
    assert!(!run(&["--district", "Tettau"]).status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_town_makes_letters_on_its_own_computer() {
    let ctx = testing::sqlite().await;
    backend::municipality::save(&ctx, Actor::System, backend::demo::settings(), 0)
        .await
        .unwrap();
    let batch = letters::outside::reserve(&ctx, Actor::System, 40).await.unwrap();
    let job = letters::outside::job_file(&ctx, Actor::System, batch)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("auftrag.json"),
        serde_json::to_vec(&job).unwrap(),
    )
    .unwrap();
    std::fs::write(folder.path().join("liste.csv"), register(40)).unwrap();
    let arguments = [
        "letters",
        "offline",
        "--job",
        "auftrag.json",
        "--residents",
        "liste.csv",
        "--out",
        "briefe",
    ];
    let done = without_store(&arguments, folder.path());
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // a second run would make other codes for the same numbers
    assert!(!without_store(&arguments, folder.path()).status.success());
    #[cfg(unix)]
    for secret in ["briefe/briefe.pdf", "stadtbrief-offline.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join(secret))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{secret}");
    }
    let answer = std::fs::read(folder.path().join("briefe/antwort.json")).unwrap();
    letters::outside::take_answer(&ctx, Actor::System, batch, &answer)
        .await
        .unwrap();
    let text = text_of(&folder.path().join("briefe/briefe.pdf"));
    let id = text
        .split_whitespace()
        .find(|w| w.len() == 19 && w.bytes().filter(|b| *b == b'-').count() == 3)
        .unwrap();
    let visitor = Visitor {
        address: "198.51.100.1".into(),
        device: "Test".into(),
        language: "de".into(),
    };
    let proven = registration::prove(&ctx, &visitor, &Code::parse(id).unwrap())
        .await
        .unwrap();
    assert_eq!(proven.name, "Erika M…");
}
