//! Work that happens after the answer: leased rows in the store, retried with growing pauses, parked in the end.
//! Every job is idempotent: it may run twice.

mod store;

use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
    cases,
    db::{self, Tx},
    files, letters, mail, push, residents, throttle,
};
use chrono::{DateTime, Duration, Utc};
use domain::access::{Actor, Permission};
use futures::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tracing::Instrument;
use uuid::Uuid;

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// The first pass of a batch: make, decode, check.
    MakeBatch(Uuid),
    /// Send one mail of the outbox.
    SendMail(Uuid),
    /// Read a large resident list.
    ReadList(Uuid),
    /// Apply a resident list, or finish what a crash interrupted.
    ApplyList(Uuid),
    /// Find who asks for a new letter.
    MatchRequest(Uuid),
    /// Tell one device that there is news.
    SendPush(Uuid),
    /// Carry files to their place outside the store, and delete there what is not needed any more.
    TidyFiles,
}

impl Job {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Job::MakeBatch(id) => ("make-batch", id),
            Job::SendMail(id) => ("send-mail", id),
            Job::ReadList(id) => ("read-list", id),
            Job::ApplyList(id) => ("apply-list", id),
            Job::MatchRequest(id) => ("match-request", id),
            Job::SendPush(id) => ("send-push", id),
            Job::TidyFiles => ("tidy-files", Uuid::nil()),
        }
    }

    fn parse(kind: &str, id: Uuid) -> Option<Job> {
        match kind {
            "make-batch" => Some(Job::MakeBatch(id)),
            "send-mail" => Some(Job::SendMail(id)),
            "read-list" => Some(Job::ReadList(id)),
            "apply-list" => Some(Job::ApplyList(id)),
            "match-request" => Some(Job::MatchRequest(id)),
            "send-push" => Some(Job::SendPush(id)),
            "tidy-files" => Some(Job::TidyFiles),
            _ => None,
        }
    }
}

/// Spans of this target are traces: they name kinds of work, and nobody.
pub const TRACES: &str = "stadtbrief_trace";

/// How long a worker may keep a job without a sign of life.
fn lease() -> Duration {
    Duration::minutes(2)
}

/// Tries after which a job is parked and shown by `stadtbrief doctor`.
const TRIES: i64 = 8;

/// Puts a job into the queue, inside the transaction that needs it.
pub async fn enqueue(ctx: &Ctx, tx: &mut Tx, job: Job, run_at: DateTime<Utc>) -> db::Result<()> {
    let (kind, subject) = job.parts();
    store::insert(tx, ctx.new_id(), kind, subject, run_at).await?;
    // the worker may look before the commit; it looks again every few seconds
    ctx.wake.notify_one();
    Ok(())
}

/// [`enqueue`] for work that one job does for all who want it: nothing is added if one waits already.
pub(crate) async fn enqueue_once(ctx: &Ctx, tx: &mut Tx, job: Job) -> db::Result<()> {
    let (kind, subject) = job.parts();
    let now = ctx.clock.now();
    if store::is_waiting(tx, kind, subject, now).await? {
        return Ok(());
    }
    enqueue(ctx, tx, job, now).await
}

/// A sign of life for a long job, so that no other worker takes it.
pub(crate) async fn renew(ctx: &Ctx, job: Job) -> db::Result<()> {
    let (kind, subject) = job.parts();
    let mut tx = ctx.db.begin().await?;
    store::renew(&mut tx, kind, subject, ctx.clock.now() + lease()).await?;
    tx.commit_unaudited("a job lease").await
}

/// What a worker does at the moment, and whether it is to stop.
#[derive(Default)]
struct Hands {
    stopping: AtomicBool,
    job: Mutex<Option<Uuid>>,
}

impl Hands {
    fn hold(&self, job: Option<Uuid>) {
        *self.job.lock().unwrap_or_else(PoisonError::into_inner) = job;
    }
}

/// Runs everything that is due; the number of jobs that ran.
pub async fn run_due(ctx: &Ctx) -> db::Result<usize> {
    run_due_with(ctx, &Hands::default()).await
}

async fn run_due_with(ctx: &Ctx, hands: &Hands) -> db::Result<usize> {
    let mut ran = 0;
    loop {
        if hands.stopping.load(Ordering::Relaxed) {
            return Ok(ran);
        }
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin().await?;
        let leased = store::lease(&mut tx, now, now + lease()).await?;
        tx.commit_unaudited("a job lease").await?;
        let Some(row) = leased else { return Ok(ran) };
        ran += 1;
        hands.hold(Some(row.id));
        let span = tracing::info_span!(target: TRACES, "job", otel.name = format!("job {}", row.kind));
        let Some(job) = Job::parse(&row.kind, row.subject_id) else {
            // while servers are updated one after the other, a newer one may know it
            tracing::warn!(job = %row.id, kind = row.kind, "this version does not know this kind of job: it is left to others");
            let mut tx = ctx.db.begin().await?;
            store::leave(&mut tx, row.id, ctx.clock.now() + Duration::minutes(1)).await?;
            tx.commit_unaudited("the end of a job").await?;
            hands.hold(None);
            continue;
        };
        let work = async {
            #[cfg(feature = "testing")]
            db::testing::panic_if_faulty(row.subject_id);
            match job {
                Job::MakeBatch(id) => letters::make(ctx, id).await,
                Job::SendMail(id) => mail::send(ctx, id).await,
                Job::ReadList(id) => residents::lists::read_job(ctx, id).await,
                Job::ApplyList(id) => residents::lists::apply_job(ctx, id).await,
                Job::MatchRequest(id) => letters::requests::match_request(ctx, id).await,
                Job::SendPush(id) => push::send(ctx, id).await,
                Job::TidyFiles => files::tidy(ctx).await.map_err(|e| e.to_string()),
            }
        };
        let result = if row.attempts > TRIES {
            // it was begun so often and never ended: whatever it does, it takes the process with it
            Err(format!("the process ended {TRIES} times while it did this"))
        } else {
            let work = AssertUnwindSafe(work).catch_unwind();
            let ended = work.instrument(span).await;
            ended.unwrap_or_else(|_| Err("a fault in the program: the log has more".to_owned()))
        };
        let kind = row.kind.clone();
        let how = if result.is_ok() { "done" } else { "failed" };
        metrics::counter!("stadtbrief_jobs_total", "kind" => kind, "result" => how).increment(1);
        let mut tx = ctx.db.begin().await?;
        match result {
            Ok(()) => store::delete(&mut tx, row.id).await?,
            Err(error) => {
                let said = crate::failure::one_line(&error);
                tracing::warn!(job = %row.id, kind = row.kind, attempts = row.attempts, error = said, "job failed");
                let pause = Duration::seconds(5 << row.attempts.clamp(0, 10));
                let parked = row.attempts >= TRIES;
                let kinds = [Job::SendPush(row.subject_id), Job::TidyFiles];
                if parked && kinds.iter().any(|k| k.parts().0 == row.kind) {
                    // the news stands in the portal: nobody has to look after a message that came too late; and files
                    // are carried by the next job of this kind, which the sweep makes
                    store::delete(&mut tx, row.id).await?;
                } else {
                    store::fail(&mut tx, row.id, ctx.clock.now() + pause, parked, &error).await?;
                }
            }
        }
        tx.commit_unaudited("the end of a job").await?;
        hands.hold(None);
    }
}

/// Jobs that were given up.
pub async fn parked(ctx: &Ctx) -> db::Result<i64> {
    let mut tx = ctx.db.read().await?;
    store::parked(&mut tx).await
}

/// How many jobs there are: figures for monitoring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Numbers {
    /// They run or wait.
    pub waiting: i64,
    /// They were given up.
    pub parked: i64,
}

/// Counts jobs.
pub async fn numbers(ctx: &Ctx) -> db::Result<Numbers> {
    let mut tx = ctx.db.read().await?;
    store::numbers(&mut tx).await
}

/// Jobs that should have run before `since`, and that no worker has.
pub async fn late(ctx: &Ctx, since: DateTime<Utc>) -> db::Result<i64> {
    let mut tx = ctx.db.read().await?;
    store::late(&mut tx, since, ctx.clock.now()).await
}

/// A job that did not succeed yet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FailingJob {
    /// Its id.
    pub id: Uuid,
    /// `send-mail`, `make-batch` …; the key of its sentence is `job-<kind>`.
    pub kind: String,
    /// Tries so far.
    pub attempts: i64,
    /// `due`: it is tried again; `parked`: it was given up.
    pub state: String,
    /// When it is tried again.
    pub run_at: DateTime<Utc>,
    /// What the last try said.
    pub error: Option<String>,
}

/// A job that runs or waits and has not failed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct QueuedJob {
    /// `send-mail`, `make-batch` …; the key of its sentence is `job-<kind>`.
    pub kind: String,
    /// What it is about: a batch, a list.
    pub subject_id: Uuid,
    /// When it is to run, or was to.
    pub run_at: DateTime<Utc>,
    /// A worker has it until then; it renews the time while it works.
    pub leased_until: Option<DateTime<Utc>>,
}

impl QueuedJob {
    /// Is a worker at it?
    pub fn is_running(&self, now: DateTime<Utc>) -> bool {
        self.leased_until.is_some_and(|until| until > now)
    }
}

/// Jobs that run or wait, the oldest first (200 at most), and how many there are.
pub async fn queued(ctx: &Ctx, actor: Actor) -> Result<(Vec<QueuedJob>, i64), Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok((store::queued(&mut tx).await?, store::count_queued(&mut tx).await?))
}

/// Jobs that failed at least once, the ones that were given up first.
pub async fn failing(ctx: &Ctx, actor: Actor) -> Result<Vec<FailingJob>, Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::failing(&mut tx).await?)
}

/// Tries a job again at once.
pub async fn retry(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    store::retry(&mut tx, id, ctx.clock.now()).await?;
    tx.commit(ctx, Event::new(actor, "settings.retry-job").on(id))
        .await?;
    ctx.wake.notify_one();
    Ok(())
}

/// Gives up a mail for good: it is deleted. Other jobs are not thrown away.
pub async fn drop_mail(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if let Some(mail) = store::take_mail_job(&mut tx, id).await? {
        mail::forget(&mut tx, mail).await?;
    }
    Ok(tx
        .commit(ctx, Event::new(actor, "settings.drop-mail").on(id))
        .await?)
}

/// For how long a worker that is to stop goes on with the job in its hands; a mail is sent by then.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// Works until `stop` resolves. Then no further job is begun; the one that runs is finished if it takes no longer than
/// some seconds, and else handed back: it is undone as far as it was not saved, and another worker may take it at once.
pub async fn work(ctx: Ctx, stop: impl Future<Output = ()>) {
    work_with(ctx, stop, GRACE).await;
}

/// [`work`], with another time for the job in hand.
pub async fn work_with(ctx: Ctx, stop: impl Future<Output = ()>, grace: std::time::Duration) {
    let mut stop = std::pin::pin!(stop);
    let hands = Hands::default();
    let mut swept: Option<DateTime<Utc>> = None;
    loop {
        let round = round(&ctx, &hands, &mut swept);
        if stoppable(&ctx, &hands, round, &mut stop, grace).await {
            return;
        }
        tokio::select! {
            () = &mut stop => return,
            () = ctx.wake.notified() => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
        }
    }
}

/// Does what is due in a store that nobody uses at the moment, and cleans up if `sweeps`. `stop`: as in [`work`].
pub async fn visit(ctx: &Ctx, sweeps: bool, stop: impl Future<Output = ()>) {
    let hands = Hands::default();
    let mut swept = (!sweeps).then(|| ctx.clock.now());
    stoppable(ctx, &hands, round(ctx, &hands, &mut swept), stop, GRACE).await;
}

/// Works until it is done or `stop` resolves; says whether it was stopped.
async fn stoppable(
    ctx: &Ctx,
    hands: &Hands,
    work: impl Future<Output = ()>,
    stop: impl Future<Output = ()>,
    grace: std::time::Duration,
) -> bool {
    let mut work = Box::pin(work);
    tokio::select! {
        () = stop => {}
        () = &mut work => return false,
    }
    hands.stopping.store(true, Ordering::Relaxed);
    let _ = tokio::time::timeout(grace, &mut work).await;
    // what it holds of the store is free again
    drop(work);
    if let Err(error) = hand_back(ctx, hands).await {
        tracing::error!(%error, "a job is not handed back; it is taken when its lease has ended");
    }
    true
}

async fn round(ctx: &Ctx, hands: &Hands, swept: &mut Option<DateTime<Utc>>) {
    if let Err(error) = run_due_with(ctx, hands).await {
        tracing::error!(%error, "the job queue cannot be read");
    }
    let now = ctx.clock.now();
    // a clock that was put back must not stop the clean-up
    let since = |at: DateTime<Utc>| (now - at).abs();
    if swept.is_none_or(|at| since(at) > Duration::minutes(15)) && !hands.stopping.load(Ordering::Relaxed) {
        // a fault in it must not end the work
        match AssertUnwindSafe(sweep(ctx)).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "sweeping failed"),
            Err(_) => tracing::error!("a fault in the program ended the clean-up"),
        }
        *swept = Some(now);
    }
}

async fn hand_back(ctx: &Ctx, hands: &Hands) -> db::Result<()> {
    let job = hands.job.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(job) = job else { return Ok(()) };
    let mut tx = ctx.db.begin().await?;
    store::hand_back(&mut tx, job).await?;
    tx.commit_unaudited("a job lease").await
}

/// Everything that time ends: sessions, tokens, drafts, counters, batches that must be sealed.
pub async fn sweep(ctx: &Ctx) -> db::Result<()> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    throttle::sweep(&mut tx, now).await?;
    accounts::sweep(&mut tx, now).await?;
    residents::lists::sweep(&mut tx, now).await?;
    residents::sweep_looks(&mut tx, now).await?;
    letters::requests::sweep(&mut tx, now).await?;
    letters::outside::sweep(&mut tx, now).await?;
    crate::municipality::sweep_films(&mut tx, now).await?;
    tx.commit_unaudited("clean-up of what time has ended").await?;
    residents::lists::clear_ended(ctx).await?;
    letters::seal_overdue(ctx).await?;
    if residents::delete_outdated(ctx).await.is_err() {
        tracing::warn!("people whose time is over are not deleted yet; it is tried again");
    }
    // each for itself: a clean-up that fails must not silence the daily mails
    let (swept, mailed) = (cases::sweep(ctx).await, cases::digests(ctx).await);
    let reminded = crate::organisations::sweep(ctx).await;
    let closed = crate::surveys::sweep(ctx)
        .await
        .and(crate::talk::sweep(ctx).await);
    if swept.is_err() || mailed.is_err() || reminded.is_err() || closed.is_err() {
        tracing::warn!("cases or surveys are not swept, or daily mails not written yet; it is tried again");
    }
    if let Err(error) = files::sweep(ctx).await {
        tracing::warn!(%error, "the place for files is not tidied; it is tried again");
    }
    ctx.db.truncate_log().await?;
    crate::scrub::nightly(ctx).await
}
