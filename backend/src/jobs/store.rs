//! SQL of the queue.

use super::{FailingJob, Numbers, QueuedJob};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) subject_id: Uuid,
    pub(super) attempts: i64,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    kind: &str,
    subject: Uuid,
    run_at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO jobs (id, kind, subject_id, run_at, attempts, state) VALUES ($1, $2, $3, $4, 0, 'due')"
    )
    .bind(id)
    .bind(kind)
    .bind(subject)
    .bind(run_at)
    .execute(c)
    .await
    .map(drop))
}

/// Is there one that no worker has yet? (One that runs may have looked already.)
pub(super) async fn is_waiting(tx: &mut Tx, kind: &str, subject: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let count: i64 = on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT COUNT(*) FROM jobs WHERE kind = $1 AND subject_id = $2 AND state = 'due' AND (leased_until IS NULL OR leased_until < $3)"
    )
    .bind(kind)
    .bind(subject)
    .bind(now)
    .fetch_one(c)
    .await
    })?;
    Ok(count > 0)
}

/// The only statement that differs: PostgreSQL has many workers and skips rows that another one is taking.
pub(super) async fn lease(tx: &mut Tx, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<JobRow>> {
    const SQLITE: &str = "UPDATE jobs SET leased_until = $2, attempts = attempts + 1 WHERE id = (
        SELECT id FROM jobs WHERE state = 'due' AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
        ORDER BY run_at LIMIT 1) RETURNING id, kind, subject_id, attempts";
    const POSTGRES: &str = "UPDATE jobs SET leased_until = $2, attempts = attempts + 1 WHERE id = (
        SELECT id FROM jobs WHERE state = 'due' AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
        ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, kind, subject_id, attempts";
    let text = if matches!(tx, Tx::Sqlite(_)) {
        SQLITE
    } else {
        POSTGRES
    };
    on!(tx, |c| sqlx::query_as(text)
        .bind(now)
        .bind(until)
        .fetch_optional(c)
        .await)
}

pub(super) async fn renew(tx: &mut Tx, kind: &str, subject: Uuid, until: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE jobs SET leased_until = $3 WHERE kind = $1 AND subject_id = $2"
    )
    .bind(kind)
    .bind(subject)
    .bind(until)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM jobs WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn fail(
    tx: &mut Tx,
    id: Uuid,
    again: DateTime<Utc>,
    parked: bool,
    error: &str,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE jobs SET leased_until = NULL, run_at = $2, state = $3, error = $4 WHERE id = $1"
    )
    .bind(id)
    .bind(again)
    .bind(if parked { "parked" } else { "due" })
    .bind(error)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn parked(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM jobs WHERE state = 'parked'"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn numbers(tx: &mut Tx) -> Result<Numbers> {
    on!(tx, |c| sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'parked' THEN 0 ELSE 1 END), 0) AS BIGINT) AS waiting,
         CAST(COALESCE(SUM(CASE WHEN state = 'parked' THEN 1 ELSE 0 END), 0) AS BIGINT) AS parked FROM jobs"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn late(tx: &mut Tx, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<i64> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT COUNT(*) FROM jobs WHERE state = 'due' AND run_at < $1 AND (leased_until IS NULL OR leased_until < $2)"
    )
    .bind(since)
    .bind(now)
    .fetch_one(c)
    .await
    })
}

pub(super) async fn failing(tx: &mut Tx) -> Result<Vec<FailingJob>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, kind, attempts, state, run_at, error FROM jobs WHERE error IS NOT NULL ORDER BY state DESC, run_at, id LIMIT 200"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn queued(tx: &mut Tx) -> Result<Vec<QueuedJob>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT kind, subject_id, run_at, leased_until FROM jobs WHERE error IS NULL ORDER BY run_at, id LIMIT 200"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn count_queued(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM jobs WHERE error IS NULL"
    )
    .fetch_one(c)
    .await)
}

/// Gives up a lease, as if the job had not been taken.
pub(super) async fn hand_back(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE jobs SET leased_until = NULL, attempts = attempts - 1 WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

/// Not now, and it does not count as a try.
pub(super) async fn leave(tx: &mut Tx, id: Uuid, again: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE jobs SET leased_until = NULL, attempts = attempts - 1, run_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(again)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn retry(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE jobs SET state = 'due', attempts = 0, run_at = $2, leased_until = NULL WHERE id = $1"
    )
    .bind(id)
    .bind(now)
    .execute(c)
    .await
    .map(drop))
}

/// Deletes the job of a mail that failed; gives the mail.
pub(super) async fn take_mail_job(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "DELETE FROM jobs WHERE id = $1 AND kind = 'send-mail' AND error IS NOT NULL RETURNING subject_id"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}
