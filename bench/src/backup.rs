//! Backups of a town of 100,000: whole, once more after one change, and restored, beside SQLite's own `VACUUM INTO` and a copy
//! of that file, which neither encrypt nor compare.

use crate::{import, town};
use backend::{
    Ctx, backup,
    db::{Db, testing},
    depot::{Depot, S3},
};
use std::time::Instant;

/// Prints the figures.
pub async fn run(people: u32) {
    let (ctx, address) = testing::sqlite_with_address().await;
    let file = address.strip_prefix("sqlite:").unwrap().to_owned();
    town::fill(&ctx, "liste.csv", import::csv(people).into_bytes()).await;
    // the codes are enough here: making the file is another benchmark
    town::ordered(&ctx).await;
    let (folder, plain) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let depot = Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap();

    let start = Instant::now();
    let first = backup::make(&ctx, &depot).await.unwrap();
    let (whole, size) = (start.elapsed(), town::bytes(folder.path()));
    let copy = plain.path().join("copy.db");
    let start = Instant::now();
    testing::execute(&ctx, &format!("VACUUM INTO '{}'", copy.display())).await;
    let vacuum = start.elapsed();
    let plain_size = std::fs::metadata(&copy).unwrap().len();
    println!(
        "backup: {people} residents, {} rows: {:.1} s and {:.1} MB, encrypted; VACUUM INTO: {:.1} s and {:.1} MB, in clear ({:.2} times its time, {:.2} of its bytes)",
        first.rows,
        whole.as_secs_f64(),
        size as f64 / 1e6,
        vacuum.as_secs_f64(),
        plain_size as f64 / 1e6,
        whole.as_secs_f64() / vacuum.as_secs_f64(),
        size as f64 / plain_size as f64
    );
    ctx.clock.advance(chrono::Duration::hours(24));
    let one = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort\nNeumann;Nina;01.02.1980;Weg;1;01945;Lindenau\n";
    town::add(&ctx, "neu.csv", one.into()).await;
    let start = Instant::now();
    let next = backup::make(&ctx, &depot).await.unwrap();
    println!(
        "backup of the next night: {:.1} s, {} pieces new ({:.2} MB), {} unchanged",
        start.elapsed().as_secs_f64(),
        next.new,
        next.bytes as f64 / 1e6,
        next.known
    );
    let there = plain.path().join("restored.db");
    let db = Db::open(&format!("sqlite:{}", there.display())).await.unwrap();
    let restored = Ctx { db, ..ctx.clone() };
    let start = Instant::now();
    let done = backup::restore(&restored, &depot, None).await.unwrap();
    let restoring = start.elapsed();
    let start = Instant::now();
    std::fs::copy(&copy, plain.path().join("again.db")).unwrap();
    let copying = start.elapsed();
    println!(
        "restore: {} rows written, each compared, open batches made anew: {:.1} s; a copy of the file: {:.1} s ({:.0} times). Source {:.1} MB",
        done.rows,
        restoring.as_secs_f64(),
        copying.as_secs_f64(),
        restoring.as_secs_f64() / copying.as_secs_f64(),
        std::fs::metadata(&file).unwrap().len() as f64 / 1e6
    );
}
