//! A disk that is slow: every time SQLite makes sure that something is written, it takes a third of a second. Writing waits,
//! reading does not, and nothing that was acknowledged is lost.

use crate::{free_port, listening, redeem, town};
use backend::{audit, residents};
use domain::access::Actor;
use reqwest::{StatusCode, redirect::Policy};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const PEOPLE: usize = 12;

/// A library that stands between the program and the system: `fsync` and `fdatasync` take their time.
fn slowness(folder: &Path) -> PathBuf {
    let source = folder.join("slow.c");
    std::fs::write(
        &source,
        "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <unistd.h>\n\
         static int later(const char *name, int f) { usleep(300000); int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name); return real(f); }\n\
         int fsync(int f) { return later(\"fsync\", f); }\n\
         int fdatasync(int f) { return later(\"fdatasync\", f); }\n",
    )
    .unwrap();
    let library = folder.join("slow.so");
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(made.success(), "cc");
    library
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_disk_delays_writing_only() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let store = format!("sqlite:{}", folder.path().join("stadtbrief.db").display());
    let ctx = town::store(folder.path(), &store, &base).await;
    let codes = town::with_letters(&ctx, PEOPLE).await;
    let mut server = Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
        .arg("serve")
        .env("LD_PRELOAD", slowness(folder.path()))
        .env("STADTBRIEF_DATA", folder.path())
        .env("STADTBRIEF_LISTEN", format!("127.0.0.1:{port}"))
        .env("STADTBRIEF_BASE_URL", &base)
        .env("STADTBRIEF_TRUSTED_PROXIES", "127.0.0.1")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    listening(port).await;
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (client, base, stop) = (client.clone(), base.clone(), stop.clone());
        async move {
            let mut waits = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                let answer = client.get(format!("{base}/registrieren")).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::OK);
                waits.push(start.elapsed());
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            waits
        }
    });
    let mut running = Vec::new();
    for (n, code) in codes.into_iter().enumerate() {
        let (client, base) = (client.clone(), base.clone());
        running.push(tokio::spawn(async move {
            let start = Instant::now();
            let status = redeem(&client, &base, n, &code).await.unwrap().status();
            (status, start.elapsed())
        }));
    }
    let mut writes = Vec::new();
    let mut acknowledged = 0;
    for one in running {
        let (status, wait) = one.await.unwrap();
        // through, or clearly "too much at once": never a broken page
        assert!(
            status == StatusCode::SEE_OTHER || status == StatusCode::SERVICE_UNAVAILABLE,
            "{status}"
        );
        acknowledged += i64::from(status == StatusCode::SEE_OTHER);
        writes.push(wait);
    }
    stop.store(true, Ordering::Relaxed);
    let reads = median(reader.await.unwrap());
    let writes = median(writes);
    println!(
        "a slow disk: {acknowledged} of {PEOPLE} registered; median read {reads:?}, median write {writes:?}"
    );
    assert!(acknowledged > 0);
    assert!(
        reads * 2 < writes,
        "reading waits for the disk: {reads:?}, {writes:?}"
    );
    server.kill().unwrap();
    server.wait().unwrap();
    let (_, registered) = residents::totals(&ctx, Actor::System).await.unwrap();
    assert!(registered >= acknowledged, "{registered} of {acknowledged}");
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
}
