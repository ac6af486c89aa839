//! SQL of requests for a new letter.

use super::RequestLine;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) struct NewRequest<'a> {
    pub(super) id: Uuid,
    pub(super) source: &'a str,
    pub(super) reason: &'a str,
    pub(super) state: &'a str,
    pub(super) sealed: Option<&'a [u8]>,
    pub(super) resident: Option<Uuid>,
    pub(super) large: bool,
    pub(super) by: Option<Uuid>,
    pub(super) at: DateTime<Utc>,
}

pub(super) async fn insert(tx: &mut Tx, r: &NewRequest<'_>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO letter_requests (id, source, reason, state, sealed, resident_id, large, requested_by, requested_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    )
    .bind(r.id)
    .bind(r.source)
    .bind(r.reason)
    .bind(r.state)
    .bind(r.sealed)
    .bind(r.resident)
    .bind(r.large)
    .bind(r.by)
    .bind(r.at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn sealed(tx: &mut Tx, id: Uuid) -> Result<Option<Vec<u8>>> {
    let sealed: Option<Option<Vec<u8>>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT sealed FROM letter_requests WHERE id = $1 AND state = 'new'"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(sealed.flatten())
}

pub(super) async fn is_open_for(tx: &mut Tx, resident: Uuid) -> Result<bool> {
    let count: i64 = on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM letter_requests WHERE resident_id = $1 AND state = 'open'"
    )
    .bind(resident)
    .fetch_one(c)
    .await)?;
    Ok(count > 0)
}

pub(super) async fn matched(tx: &mut Tx, id: Uuid, resident: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letter_requests SET state = 'open', sealed = NULL, resident_id = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(resident)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM letter_requests WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn open(tx: &mut Tx, blocks: bool) -> Result<Vec<RequestLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT q.id, q.source, q.reason, q.large, q.resident_id, r.family_name || ', ' || r.given_names AS name,
         r.street || ' ' || r.house_number || ', ' || r.postcode || ' ' || r.city AS address, q.requested_by,
         COALESCE(a.display_name, '') AS by_name, q.requested_at
         FROM letter_requests q JOIN residents r ON r.id = q.resident_id LEFT JOIN accounts a ON a.id = q.requested_by
         WHERE q.state = 'open' AND (NOT r.blocked OR $1) ORDER BY q.requested_at, q.id LIMIT 200"
    )
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

/// The first of two has agreed to a request from home.
pub(super) async fn support(tx: &mut Tx, id: Uuid, by: Option<Uuid>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letter_requests SET requested_by = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(by)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn decide(
    tx: &mut Tx,
    id: Uuid,
    state: &str,
    by: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letter_requests SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1"
    )
    .bind(id)
    .bind(state)
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_older(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM letter_requests WHERE requested_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(drop))
}
