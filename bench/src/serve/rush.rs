//! A rush: many people redeem their letters at the same moment, each with a password that has to be hashed. Beside it the same
//! number of hashes alone, which is the floor.

use super::{
    client,
    load::{self, quantile},
    portal::Portal,
};
use backend::{accounts, db::testing};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// People who come at the same moment.
pub(super) const PEOPLE: usize = 300;

/// Seconds that so many hashes take on all cores, bounded as the portal bounds them.
fn floor(people: usize) -> f64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let ctx = testing::sqlite().await;
        let start = Instant::now();
        let mut all = Vec::new();
        for _ in 0..people {
            let ctx = ctx.clone();
            all.push(tokio::spawn(async move {
                accounts::hash_password::<()>(&ctx, super::portal::PASSWORD)
                    .await
                    .unwrap();
            }));
        }
        for one in all {
            one.await.unwrap();
        }
        start.elapsed().as_secs_f64()
    })
}

/// Opens the start page again and again until told to stop; waits in order.
fn bystander(port: u16, stop: &AtomicBool) -> Vec<Duration> {
    let request = client::get("/", "", true);
    let mut connection = client::Connection::open(port).unwrap();
    let mut waits = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        assert_eq!(connection.status(&request).unwrap(), 200);
        waits.push(start.elapsed());
        load::pause(Duration::from_millis(20));
    }
    waits.sort();
    waits
}

/// Prints what became of them; gives the highest memory.
pub(super) fn run(portal: &Portal) -> f64 {
    let people = PEOPLE.min(portal.codes.len());
    let forms: Vec<Vec<u8>> = portal.codes[..people]
        .iter()
        .map(|code| portal.account_form(code))
        .collect();
    portal.forget_peak();
    let before = portal.memory();
    let stop = AtomicBool::new(false);
    let (statuses, waits, beside, time) = std::thread::scope(|scope| {
        let other = scope.spawn(|| bystander(portal.port, &stop));
        load::pause(Duration::from_millis(200));
        let start = Instant::now();
        let (statuses, waits) = load::rush(portal.port, &forms);
        let time = start.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        (statuses, waits, other.join().unwrap(), time)
    });
    let after = portal.memory();
    let floor = floor(people);
    println!("a rush: {people} people redeem their letters at the same moment (each a hash of 19 MiB)");
    let mut counted: BTreeMap<u16, usize> = BTreeMap::new();
    for status in statuses {
        *counted.entry(status).or_default() += 1;
    }
    let counted: Vec<String> = counted
        .iter()
        .map(|(status, count)| match status {
            0 => format!("{count} × no answer"),
            303 => format!("{count} × 303, an account each"),
            _ => format!("{count} × {status}"),
        })
        .collect();
    println!("  answers                     {}", counted.join(", "));
    println!(
        "  time to the answer          p50 {:.0} ms, p99 {:.0} ms, the last {:.0} ms",
        quantile(&waits, 0.5),
        quantile(&waits, 0.99),
        quantile(&waits, 1.0)
    );
    println!(
        "  all                         {time:.2} s   the hashes alone {floor:.2} s, ratio {:.2}",
        time / floor
    );
    println!(
        "  the start page meanwhile    p50 {:.1} ms, p99 {:.1} ms, worst of {} {:.1} ms",
        quantile(&beside, 0.5),
        quantile(&beside, 0.99),
        beside.len(),
        quantile(&beside, 1.0)
    );
    println!(
        "  memory                      before {:.0} MB, highest {:.0} MB, after {:.0} MB",
        before.now, after.highest, after.now
    );
    after.highest
}
