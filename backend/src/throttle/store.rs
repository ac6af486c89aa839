//! SQL of the counters.

use crate::db::{Result, Tx, on};

pub(super) async fn count(tx: &mut Tx, key: &str, since: i64) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM throttle WHERE key = $1 AND slot > $2"
    )
    .bind(key)
    .bind(since)
    .fetch_one(c)
    .await)
}

pub(super) async fn add(tx: &mut Tx, key: &str, slot: i64) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO throttle (key, slot, count) VALUES ($1, $2, 1) ON CONFLICT (key, slot) DO UPDATE SET count = throttle.count + 1"
    )
    .bind(key)
    .bind(slot)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn sweep(tx: &mut Tx, before: i64) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM throttle WHERE slot < $1")
        .bind(before)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn refund(tx: &mut Tx, key: &str, slot: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE throttle SET count = count - 1 WHERE key = $1 AND slot = $2 AND count > 0"
    )
    .bind(key)
    .bind(slot)
    .execute(c)
    .await
    .map(drop))
}

/// SQLite has one writer anyway; PostgreSQL would let all of a burst read before the first of them has written.
pub(super) async fn lock(tx: &mut Tx, key: &str) -> Result<()> {
    match tx {
        Tx::Sqlite(_) => Ok(()),
        Tx::Postgres(t, _) => sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(key)
            .execute(&mut **t)
            .await
            .map(drop),
    }
}
