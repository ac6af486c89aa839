//! SQL of root keys, in the store of a municipality and in the register of many.

use super::Wrap;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};

pub(super) async fn wraps(tx: &mut Tx) -> Result<Vec<Wrap>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, wrapped, made_at FROM root_keys ORDER BY made_at, id"
    )
    .fetch_all(c)
    .await)
}

/// Added once more, a file is the newest one again.
pub(super) async fn insert(tx: &mut Tx, id: &str, wrapped: &[u8], at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO root_keys (id, wrapped, made_at) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped, made_at = excluded.made_at"
    )
    .bind(id)
    .bind(wrapped)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// All but this one; an empty text: all.
pub(super) async fn delete_others(tx: &mut Tx, id: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM root_keys WHERE id <> $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

/// Nobody else looks at them or changes them until this transaction ends.
pub(super) async fn lock(tx: &mut Tx) -> Result<()> {
    match tx {
        // a transaction that writes is alone
        Tx::Sqlite(_) => Ok(()),
        Tx::Postgres(t, _) => sqlx::query("LOCK TABLE root_keys IN EXCLUSIVE MODE")
            .execute(&mut **t)
            .await
            .map(drop),
    }
}
