//! The process is killed in the middle of an import, again and again: nobody is in the register twice, a list that was
//! being applied is finished by the next run, and in the end everybody is there once.

use crate::kit::register;
use backend::{Ctx, db::testing, keys::Key, residents};
use domain::access::Actor;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const ROWS: i64 = 6_000;
const KILLS: u32 = 6;

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
    std::fs::write(&file, register(usize::try_from(ROWS).unwrap())).unwrap();
    // a store that is there is not opened with a new key
    for name in ["rehearsal", "data"] {
        let data = folder.path().join(name);
        std::fs::create_dir(&data).unwrap();
        Key::load_or_create(&data.join("master.key")).unwrap();
    }
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
        assert!((0..=ROWS).contains(&there), "{there} of {ROWS}");
        let open = residents::lists(&ctx, Actor::System).await.unwrap();
        let open = open.iter().filter(|l| l.state == "applying").count();
        assert!(open <= 1, "only one list is under way");
        interrupted += u32::from(there < ROWS || open == 1);
    }
    assert!(interrupted > 0, "every import was faster than its end");
    for _ in 0..2 {
        let child = import(&data, &address, &file);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(residents_in(&ctx).await, ROWS);
    }
    let lists = residents::lists(&ctx, Actor::System).await.unwrap();
    assert!(lists.iter().all(|l| l.state != "applying"));
    let last = lists[0].applied.unwrap();
    assert_eq!(last.unchanged, usize::try_from(ROWS).unwrap());
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
