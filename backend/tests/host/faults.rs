//! What is not the program's fault: a full disk, a disk that cannot be written, a clock that jumps, a job that is cut off.

use crate::{kit, lived, redeem};
use backend::{
    Ctx, Failure, audit, backup,
    db::{self, Db, Trouble, testing},
    depot::{Depot, S3},
    jobs, letters, residents,
};
use domain::access::Actor;
use std::time::Duration;

async fn upload(ctx: &Ctx, number: usize) -> Result<uuid::Uuid, Failure<residents::ListRefusal>> {
    let mut people = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil\n".to_owned();
    for n in 0..400 {
        people += &format!("Voll;Nina;01.02.1980;Ringstraße {number};{n};01945;Lindenau;Lindenau\n");
    }
    let id = residents::upload(ctx, Actor::System, "liste.csv", people.into()).await?;
    residents::lists::take_over(ctx, Actor::System, id).await?;
    Ok(id)
}

/// SQLite may not have more pages than it has: as on a full disk, each write that needs one fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk() {
    let ctx = testing::sqlite().await;
    let lived = lived(&ctx).await;
    let before = residents::totals(&ctx, Actor::System).await.unwrap();
    testing::limit_pages(&ctx, 50).await;
    let mut failed = false;
    for n in 0..40 {
        if let Err(failure) = upload(&ctx, n).await {
            // clear, and not the program's own breakage
            assert!(matches!(failure, Failure::Broken(_)), "{failure:?}");
            failed = true;
            break;
        }
    }
    assert!(failed, "the disk was never full");
    testing::limit_pages(&ctx, 0).await;
    let full = testing::failing(&ctx, "CREATE TABLE more AS SELECT * FROM residents").await;
    lasting(&full, "the disk of the store is full: free some space");
    // reading goes on, and what was acknowledged is there
    let now = residents::totals(&ctx, Actor::System).await.unwrap();
    assert!(now.0 >= before.0);
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
    // with space again, everything goes on by itself
    testing::limit_pages(&ctx, i64::from(i32::MAX)).await;
    jobs::run_due(&ctx).await.unwrap();
    redeem(&ctx, &lived.posted[1].0).await.unwrap();
    upload(&ctx, 99).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_be_written() {
    const CHANGE: &str = "UPDATE residents SET id = id";
    let (ctx, url) = testing::sqlite_with_address().await;
    let lived = lived(&ctx).await;
    ctx.db.close().await;
    let folder = std::path::Path::new(url.strip_prefix("sqlite:").unwrap());
    let db = Db::read_only(folder).await.unwrap();
    let ctx = Ctx { db, ..ctx };
    // pages are shown, changes are refused
    residents::totals(&ctx, Actor::System).await.unwrap();
    assert!(matches!(
        redeem(&ctx, &lived.posted[1].0).await,
        Err(Failure::Broken(_))
    ));
    lasting(
        &testing::failing(&ctx, CHANGE).await,
        "the store cannot be written",
    );
    // PostgreSQL: a replica, or a database that somebody has locked
    let Some(ctx) = testing::postgres().await else {
        return;
    };
    let locked = testing::failing(
        &ctx,
        "DO $$ BEGIN SET LOCAL transaction_read_only = on; UPDATE residents SET id = id; END $$",
    );
    lasting(&locked.await, "the store cannot be written");
}

/// The operator reads in the log what to do.
fn lasting(error: &sqlx::Error, words: &str) {
    let found = db::trouble(error);
    assert!(
        matches!(found, Some(Trouble::Lasting(what)) if what.starts_with(words)),
        "{error}: {found:?}"
    );
}

#[test]
fn troubles_are_told_apart() {
    assert!(matches!(
        db::trouble(&sqlx::Error::PoolTimedOut),
        Some(Trouble::Passing(_))
    ));
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    assert!(matches!(
        db::trouble(&sqlx::Error::Io(broken)),
        Some(Trouble::Passing(_))
    ));
    assert_eq!(db::trouble(&sqlx::Error::RowNotFound), None);
}

/// The clock jumps a day back and a week forward: nobody is registered twice, the chain stays whole, work goes on.
async fn a_clock_that_jumps(ctx: Ctx) {
    let lived = lived(&ctx).await;
    redeem(&ctx, &lived.posted[1].0).await.unwrap();
    ctx.clock.advance(chrono::Duration::days(-1));
    redeem(&ctx, &lived.posted[2].0).await.unwrap();
    assert!(redeem(&ctx, &lived.posted[1].0).await.is_err());
    jobs::sweep(&ctx).await.unwrap();
    ctx.clock.advance(chrono::Duration::days(8));
    redeem(&ctx, &lived.posted[3].0).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(jobs::numbers(&ctx).await.unwrap().waiting, 0);
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_on_sqlite() {
    a_clock_that_jumps(testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_on_postgres() {
    if let Some(ctx) = testing::postgres().await {
        a_clock_that_jumps(ctx).await;
    }
}

/// A server is asked to stop in the middle of a batch: the job is handed back as if it had not been taken, and the next
/// worker finishes it at once, without waiting for a lease to end.
async fn a_job_is_handed_back(ctx: Ctx) {
    lived(&ctx).await;
    let mut people = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil\n".to_owned();
    for n in 0..3_000 {
        let name: String = [n / 676 % 26, n / 26 % 26, n % 26]
            .map(|n| char::from(b'a' + u8::try_from(n).unwrap()))
            .iter()
            .collect();
        people += &format!(
            "Viel{name};Nina;01.02.19{:02};Weg;{n};01945;Lindenau;Neu\n",
            30 + n % 60
        );
    }
    kit::apply(&ctx, people.into_bytes()).await;
    let neu = letters::Selection::Waiting {
        district: "Neu".into(),
    };
    let batch = letters::create_batch(&ctx, Actor::System, &neu).await.unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = tokio::spawn(jobs::work_with(
        ctx.clone(),
        async move { drop(stopped.await) },
        Duration::ZERO,
    ));
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let (queue, _) = jobs::queued(&ctx, kit::ADMINISTRATOR).await.unwrap();
        let now = ctx.clock.now();
        if queue.iter().any(|j| j.kind == "make-batch" && j.is_running(now)) {
            break;
        }
    }
    stop.send(()).unwrap();
    worker.await.unwrap();
    let (queue, _) = jobs::queued(&ctx, kit::ADMINISTRATOR).await.unwrap();
    let job = queue.iter().find(|j| j.kind == "make-batch").unwrap();
    assert_eq!(job.leased_until, None, "the lease is given back");
    jobs::run_due(&ctx).await.unwrap();
    let line = letters::batch(&ctx, Actor::System, batch).await.unwrap();
    assert_eq!(line.state, "ready", "{:?}", line.failure);
    assert_eq!(line.letters, 3_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_handed_back_on_sqlite() {
    a_job_is_handed_back(testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_handed_back_on_postgres() {
    if let Some(ctx) = testing::postgres().await {
        a_job_is_handed_back(ctx).await;
    }
}

/// A backup that is cut off leaves no snapshot, and its pieces serve the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_is_cut_off() {
    let ctx = testing::sqlite().await;
    lived(&ctx).await;
    let folder = tempfile::tempdir().unwrap();
    let depot = Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap();
    let mut cut = 0;
    for pause in [1, 2, 4, 8, 16] {
        let made = tokio::time::timeout(Duration::from_millis(pause), backup::make(&ctx, &depot)).await;
        cut += usize::from(made.is_err());
        ctx.clock.advance(chrono::Duration::seconds(1));
    }
    assert!(cut > 0, "every backup was faster than its end");
    let made = backup::list(&depot).await.unwrap().len();
    assert_eq!(made, 5 - cut);
    let whole = backup::make(&ctx, &depot).await.unwrap();
    assert_eq!(
        backup::check(&ctx, &depot, None).await.unwrap(),
        (whole.name, whole.rows)
    );
}
