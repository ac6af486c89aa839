//! SQL of who opened the data of a person.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Notes a look; within the hour the same viewer counts once.
pub(super) async fn note(
    tx: &mut Tx,
    id: Uuid,
    resident: Uuid,
    viewer: Uuid,
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO data_views (id, resident_id, account_id, viewer, at)
         SELECT $1, $2, a.id, a.display_name, $4 FROM accounts a WHERE a.id = $3
         AND NOT EXISTS (SELECT 1 FROM data_views v WHERE v.resident_id = $2 AND v.account_id = $3 AND v.at > $5)"
    )
    .bind(id)
    .bind(resident)
    .bind(viewer)
    .bind(at)
    .bind(since)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Who looked, newest first.
pub(super) async fn of(tx: &mut Tx, resident: Uuid) -> Result<Vec<(DateTime<Utc>, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT at, viewer FROM data_views WHERE resident_id = $1 ORDER BY at DESC, id DESC LIMIT 500",
        )
        .bind(resident)
        .fetch_all(c)
        .await
    })
}

pub(super) async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM data_views WHERE at < $1")
        .bind(before)
        .execute(c)
        .await
        .map(drop))
}
