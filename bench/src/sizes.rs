//! What towns of several sizes need: the table of the operator's handbook. Each size runs in a process of its own, so that
//! peak memory is its own.

use crate::{import, town, usage::peak_mb};
use backend::{
    Ctx, backup,
    db::{Db, testing},
    depot::{Depot, S3},
    letters,
    registration::{self, Code},
    residents::{self, Search},
};
use domain::access::Actor;
use std::{path::Path, process::Command, time::Instant};

/// So many register, to see what an account takes.
const ACCOUNTS: usize = 500;

/// Prints a table; without sizes: 1,000 to 1,000,000.
pub(crate) fn run(sizes: &[u32]) {
    let usual = [1_000, 10_000, 100_000, 1_000_000];
    println!(
        "residents   list s   letters s   PDF MB   store MB   account kB   search ms   peak MB   backup s      MB   restore s"
    );
    for size in if sizes.is_empty() { &usual } else { sizes } {
        let done = Command::new(std::env::current_exe().unwrap())
            .args(["sizes-child", &size.to_string()])
            .status();
        assert!(done.unwrap().success());
    }
}

/// A copy without what SQLite keeps for later.
async fn store_mb(ctx: &Ctx) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    testing::execute(ctx, &format!("VACUUM INTO '{}'", copy.display())).await;
    town::bytes(folder.path()) as f64 / 1e6
}

pub(crate) async fn child(people: u32) {
    let (ctx, address) = testing::sqlite_with_address().await;
    let file = Path::new(address.strip_prefix("sqlite:").unwrap()).to_owned();
    let seconds = |start: Instant| start.elapsed().as_secs_f64();

    let start = Instant::now();
    town::fill(&ctx, "stadt.csv", import::csv(people).into_bytes()).await;
    let list = seconds(start);
    let start = Instant::now();
    let batch = town::letters(&ctx).await;
    let letters_time = seconds(start);
    let parts = letters::parts(&ctx, Actor::System, batch).await.unwrap();
    let pdf: i64 = parts.iter().map(|p| p.bytes).sum();

    let search = Search {
        words: "muel kim".into(),
        ..Search::default()
    };
    let mut waits = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        residents::search(&ctx, Actor::System, &search).await.unwrap();
        waits.push(seconds(start) * 1e3);
    }
    waits.sort_by(f64::total_cmp);
    let account = account_kb(&ctx, batch).await;
    let (store, peak) = (store_mb(&ctx).await, peak_mb());

    let folder = tempfile::tempdir().unwrap();
    let depot = Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap();
    let start = Instant::now();
    backup::make(&ctx, &depot).await.unwrap();
    let (backup_time, backup_mb) = (seconds(start), town::bytes(folder.path()) as f64 / 1e6);
    let there = folder.path().join("restored.db");
    let db = Db::open(&format!("sqlite:{}", there.display())).await.unwrap();
    let restored = Ctx { db, ..ctx.clone() };
    let start = Instant::now();
    backup::restore(&restored, &depot, None).await.unwrap();
    println!(
        "{people:9} {list:8.1} {letters_time:11.1} {:8.1} {store:10.1} {account:12.2} {:11.1} {peak:9.0} {backup_time:10.1} {backup_mb:7.1} {:11.1}",
        pdf as f64 / 1e6,
        waits[2],
        seconds(start),
    );
    restored.db.close().await;
    ctx.db.close().await;
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

/// What the store grows by for each account, in kilobytes.
async fn account_kb(ctx: &Ctx, batch: uuid::Uuid) -> f64 {
    let codes: Vec<Code> = town::links(ctx, batch, ACCOUNTS as i64)
        .await
        .iter()
        .filter_map(|link| Code::parse(link))
        .collect();
    let claim = town::claim();
    let before = store_mb(ctx).await;
    for (n, code) in codes.iter().enumerate() {
        // from many addresses: nobody is held up
        let visitor = town::visitor(n);
        registration::redeem(ctx, &visitor, code, &claim, None)
            .await
            .unwrap();
    }
    (store_mb(ctx).await - before) * 1e3 / codes.len() as f64
}
