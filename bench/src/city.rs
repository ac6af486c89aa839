//! A city's list through the whole product on SQLite: uploaded, read into a draft, compared with the register, applied;
//! and how long a colleague waits for a search meanwhile.

use crate::{import, usage::peak_mb};
use backend::{
    Ctx,
    db::testing,
    residents::{self, Search},
};
use domain::access::Actor;
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Runs in a process of its own, so that peak memory is its own.
pub(crate) fn run(rows: u32) {
    let path = std::env::temp_dir().join(format!("stadtbrief-bench-{}-city.csv", std::process::id()));
    std::fs::write(&path, import::csv(rows)).unwrap();
    let done = Command::new(std::env::current_exe().unwrap())
        .arg("city-child")
        .arg(&path)
        .status();
    let _ = std::fs::remove_file(&path);
    assert!(done.unwrap().success());
}

/// Searches again and again until told to stop; gives the waits in order.
async fn colleague(ctx: Ctx, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let mut waits = Vec::new();
    let search = Search {
        words: "muel kim".into(),
        ..Search::default()
    };
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        residents::search(&ctx, Actor::System, &search).await.unwrap();
        waits.push(start.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    waits.sort();
    waits
}

async fn phase(ctx: &Ctx, name: &str, rows: f64, work: impl Future<Output = ()>) {
    let stop = Arc::new(AtomicBool::new(false));
    let other = tokio::spawn(colleague(ctx.clone(), Arc::clone(&stop)));
    let start = Instant::now();
    work.await;
    let seconds = start.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    let waits = other.await.unwrap();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "  {name:28} {seconds:7.1} s {:8.0} rows/s   a search meanwhile: {:5.1} ms, worst of {} {:6.1} ms   peak {:4.0} MB",
        rows / seconds,
        at(0.5),
        waits.len(),
        at(1.0),
        peak_mb()
    );
}

pub(crate) async fn child(path: &str) {
    let bytes = std::fs::read(path).unwrap();
    let size = bytes.len();
    let rows = bytes.iter().filter(|b| **b == b'\n').count() as f64 - 1.0;
    let ctx = testing::sqlite().await;
    println!(
        "a city, {rows} rows × 16 columns in one .csv ({} MB), SQLite",
        size / 1_000_000
    );
    let mut id = None;
    phase(&ctx, "upload", rows, async {
        id = Some(
            residents::upload(&ctx, Actor::System, "stadt.csv", bytes)
                .await
                .unwrap(),
        );
    })
    .await;
    let id = id.unwrap();
    phase(&ctx, "read and check into a draft", rows, async {
        residents::lists::read_job(&ctx, id).await.unwrap();
    })
    .await;
    phase(&ctx, "compare with the register", rows, async {
        residents::lists::preview_consequences(&ctx, Actor::System, id)
            .await
            .unwrap();
    })
    .await;
    phase(&ctx, "apply", rows, async {
        residents::lists::take_over(&ctx, Actor::System, id)
            .await
            .unwrap();
    })
    .await;
}
