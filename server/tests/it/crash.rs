//! The process is killed in the middle of an import: nothing or all of it is in the register, and the next try works.

use backend::{Ctx, db::testing, residents};
use domain::access::Actor;
use std::{
    fmt::Write,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const ROWS: i64 = 6_000;
const KILLS: u32 = 6;

fn list() -> String {
    let mut text = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort\n".to_owned();
    for i in 0..ROWS {
        let (day, month, year) = (1 + i % 28, 1 + i / 28 % 12, 1940 + i / 336);
        writeln!(
            text,
            "Muster{i};Erika;{day:02}.{month:02}.{year};Ringstraße;{};01945;Lindenau",
            i % 90 + 1
        )
        .unwrap();
    }
    text
}

fn import(data: &Path, database: &str, file: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
        .args(["residents", "import"])
        .arg(file)
        .env("STADTBRIEF_DATA", data)
        .env("STADTBRIEF_DATABASE", database)
        .env("STADTBRIEF_LOG_LEVEL", "error")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn residents_in(ctx: &Ctx) -> i64 {
    residents::totals(ctx, Actor::System).await.unwrap().0
}

async fn killed_again_and_again(ctx: Ctx, address: String, rehearsal: String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("liste.csv");
    std::fs::write(&file, list()).unwrap();
    // how long does it take when nobody disturbs?
    let start = Instant::now();
    assert!(
        import(&folder.path().join("rehearsal"), &rehearsal, &file)
            .wait()
            .unwrap()
            .success()
    );
    let whole = start.elapsed();

    let data = folder.path().join("data");
    let mut interrupted = 0;
    for i in 1..=KILLS {
        let mut child = import(&data, &address, &file);
        tokio::time::sleep(whole * i / (KILLS + 1)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        // a server that lost its client needs a moment to roll back
        tokio::time::sleep(Duration::from_millis(100)).await;
        let there = residents_in(&ctx).await;
        assert!(there == 0 || there == ROWS, "{there} of {ROWS}");
        interrupted += u32::from(there == 0);
    }
    assert!(interrupted > 0, "every import was faster than its end");
    for expected in ["new 6000,", "unchanged 6000,"] {
        let child = import(&data, &address, &file);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        assert!(said.contains(expected) || interrupted < KILLS, "{said}");
        assert_eq!(residents_in(&ctx).await, ROWS);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let (ctx, address) = testing::sqlite_with_address().await;
    killed_again_and_again(ctx, address, testing::sqlite_with_address().await.1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if let Some((ctx, address)) = testing::postgres_with_address().await {
        let rehearsal = testing::postgres_with_address().await.unwrap().1;
        killed_again_and_again(ctx, address, rehearsal).await;
    }
}
