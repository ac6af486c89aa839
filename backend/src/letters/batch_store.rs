//! SQL of batches and their files.

use super::{BatchLine, PartLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use domain::letters::{
    content::{Frozen, Recipient},
    state::Route,
};
use sqlx::{QueryBuilder, types::Json};
use uuid::Uuid;

pub(super) async fn expire(tx: &mut Tx, batch: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET expires_at = $2 WHERE batch_id = $1 AND state = 'open' AND expires_at IS NULL"
    )
    .bind(batch)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) struct NewBatch<'a> {
    pub(super) id: Uuid,
    pub(super) route: Route,
    pub(super) number: i64,
    /// `None` for letters that are made elsewhere.
    pub(super) frozen: Option<&'a Frozen>,
    pub(super) wrapped_key: Option<&'a [u8]>,
    pub(super) wrapped_mac_key: &'a [u8],
    pub(super) letters: i64,
    pub(super) validity_days: i64,
    pub(super) by: Option<Uuid>,
    pub(super) at: DateTime<Utc>,
    pub(super) state: &'a str,
    pub(super) offline: bool,
}

/// The number of the next batch. Batches for blocked people count downwards from -1: no gap in the numbers of the others
/// tells of them.
pub(super) async fn next_number(tx: &mut Tx, route: Route) -> Result<i64> {
    let ordinary = route == Route::Ordinary;
    on!(tx, |c| sqlx::query_scalar(
        "SELECT CASE WHEN $1 THEN COALESCE(MAX(number), 0) + 1 ELSE COALESCE(MIN(number), 0) - 1 END
         FROM batches WHERE (number > 0) = $1"
    )
    .bind(ordinary)
    .fetch_one(c)
    .await)
}

pub(super) async fn insert_batch(tx: &mut Tx, b: &NewBatch<'_>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO batches (id, number, state, frozen, wrapped_key, wrapped_mac_key, letters, done, bytes, validity_days, created_by, created_at,
             route, occasion, template_version, large, offline)
         VALUES ($1, $10, $14, $2, $3, $4, $5, 0, 0, $6, $7, $8, $9, $11, $12, $13, $15)",
        )
    .bind(b.id)
    .bind(b.frozen.map(Json))
    .bind(b.wrapped_key)
    .bind(b.wrapped_mac_key)
    .bind(b.letters)
    .bind(b.validity_days)
    .bind(b.by)
    .bind(b.at)
    .bind(b.route.key())
    .bind(b.number)
    .bind(b.frozen.map(|f| f.occasion).unwrap_or_default().key())
    .bind(b.frozen.map_or(0, |f| f.version))
    .bind(b.frozen.is_some_and(|f| f.large))
    .bind(b.state)
    .bind(b.offline)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) struct Batch {
    pub(super) state: String,
    pub(super) frozen: Option<Frozen>,
    pub(super) wrapped_key: Option<Vec<u8>>,
    pub(super) letters: i64,
    pub(super) number: i64,
    pub(super) revision: i64,
}

pub(super) async fn batch(tx: &mut Tx, id: Uuid) -> Result<Option<Batch>> {
    let row: Option<(String, Option<Json<Frozen>>, Option<Vec<u8>>, i64, i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT state, frozen, wrapped_key, letters, number, revision FROM batches WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(c)
        .await
    })?;
    Ok(
        row.map(|(state, frozen, wrapped_key, letters, number, revision)| Batch {
            state,
            frozen: frozen.map(|f| f.0),
            wrapped_key,
            letters,
            number,
            revision,
        }),
    )
}

/// Notes how far making is; false if the batch is not being made any more, or anew.
pub(super) async fn progress(tx: &mut Tx, id: Uuid, done: i64, revision: i64) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET done = $2 WHERE id = $1 AND state = 'making' AND revision = $3"
    )
    .bind(id)
    .bind(done)
    .bind(revision)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

/// Is this batch still being made, with the letters it had in the beginning?
pub(super) async fn is_made(tx: &mut Tx, id: Uuid, revision: i64) -> Result<bool> {
    let found: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM batches WHERE id = $1 AND state = 'making' AND revision = $2"
    )
    .bind(id)
    .bind(revision)
    .fetch_optional(c)
    .await)?;
    Ok(found.is_some())
}

/// Stops a batch that is being made; false if it is not (any more).
pub(super) async fn cancel(tx: &mut Tx, id: Uuid, by: Option<Uuid>, at: DateTime<Utc>) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE batches SET state = 'discarded', cancelled_by = $2, cancelled_at = $3 WHERE id = $1 AND state = 'making'"
    )
    .bind(id)
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn ready(
    tx: &mut Tx,
    id: Uuid,
    bytes: i64,
    sha256: &str,
    revision: i64,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE batches SET state = 'ready', done = letters, bytes = $2, sha256 = $3, ready_at = $4
         WHERE id = $1 AND state = 'making' AND revision = $5",
        )
        .bind(id)
        .bind(bytes)
        .bind(sha256)
        .bind(at)
        .bind(revision)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1)
    })
}

/// False if the batch is not being made any more.
pub(super) async fn failed(tx: &mut Tx, id: Uuid, failure: &str, revision: i64) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE batches SET state = 'failed', failure = $2 WHERE id = $1 AND state = 'making' AND revision = $3"
    )
    .bind(id)
    .bind(failure)
    .bind(revision)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// Destroys the key and the frozen data; the file cannot be made again.
pub(super) async fn destroy_key(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET wrapped_key = NULL, frozen = NULL, sealed_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET recipient = NULL WHERE batch_id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn set_state(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET state = $3 WHERE id = $1 AND state = $2"
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn posted(tx: &mut Tx, id: Uuid, at: DateTime<Utc>, expires: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET posted_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET expires_at = $2 WHERE batch_id = $1 AND state = 'open'"
    )
    .bind(id)
    .bind(expires)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn downloaded(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET downloaded_at = COALESCE(downloaded_at, $2) WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn revoke_batch(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<u64> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = 'revoked', ended_at = $2 WHERE batch_id = $1 AND state = 'open'"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected()))
}

/// Batches that are not sealed and hold an open letter of this person.
pub(super) async fn unsealed_with(tx: &mut Tx, resident: Uuid) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT b.id FROM batches b JOIN letters l ON l.batch_id = b.id
         WHERE l.resident_id = $1 AND l.state = 'open' AND b.state IN ('making', 'ready')",
        )
        .bind(resident)
        .fetch_all(c)
        .await
    })
}

/// Is there anything left to print?
pub(super) async fn has_printable(tx: &mut Tx, batch: Uuid) -> Result<bool> {
    let first: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM letters WHERE batch_id = $1 AND recipient IS NOT NULL LIMIT 1"
    )
    .bind(batch)
    .fetch_optional(c)
    .await)?;
    Ok(first.is_some())
}

/// The file is to be made anew; one that was downloaded before is not the right one any more.
pub(super) async fn remake(tx: &mut Tx, batch: Uuid) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE batches SET state = 'making', revision = revision + 1, done = 0, bytes = 0, sha256 = NULL, ready_at = NULL, downloaded_at = NULL
         WHERE id = $1 AND state IN ('making', 'ready')"
    )
    .bind(batch)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn overdue(tx: &mut Tx, downloaded_before: DateTime<Utc>) -> Result<Vec<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM batches WHERE state = 'ready' AND downloaded_at < $1"
    )
    .bind(downloaded_before)
    .fetch_all(c)
    .await)
}

const BATCH_LINE: &str = "SELECT id, number, route, state, letters, done, bytes, sha256, failure, validity_days, created_at, ready_at, downloaded_at, posted_at,
    occasion, template_version, large, offline, cancelled_at,
    (SELECT a.display_name FROM accounts a WHERE a.id = b.cancelled_by) AS cancelled_by,
    (SELECT COUNT(*) FROM letters l WHERE l.batch_id = b.id AND l.state = 'redeemed') AS redeemed FROM batches b ";

/// The newest batches, perhaps only those older than one; those for blocked people only if `blocks`.
pub(super) async fn batches(
    tx: &mut Tx,
    blocks: bool,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<BatchLine>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(BATCH_LINE);
        b.push("WHERE (route = 'ordinary' OR ")
            .push_bind(blocks)
            .push(")");
        if let Some((at, id)) = before {
            b.push(" AND (created_at, id) < (")
                .push_bind(at)
                .push(", ")
                .push_bind(id)
                .push(")");
        }
        b.push(" ORDER BY created_at DESC, id DESC LIMIT ")
            .push_bind(limit);
        b.build_query_as().fetch_all(c).await
    })
}

pub(super) async fn batch_line(tx: &mut Tx, id: Uuid) -> Result<Option<BatchLine>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(BATCH_LINE);
        b.push("WHERE id = ").push_bind(id);
        b.build_query_as().fetch_optional(c).await
    })
}

const PART_LINE: &str = "SELECT part, first_position, last_position, letters, pages, sheets, bytes, sha256, first_number, last_number, downloaded_at FROM batch_parts ";

pub(super) async fn insert_part(tx: &mut Tx, batch: Uuid, p: &PartLine) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO batch_parts (batch_id, part, first_position, last_position, letters, pages, sheets, bytes, sha256, first_number, last_number)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(batch)
        .bind(p.part)
        .bind(p.first_position)
        .bind(p.last_position)
        .bind(p.letters)
        .bind(p.pages)
        .bind(p.sheets)
        .bind(p.bytes)
        .bind(&p.sha256)
        .bind(&p.first_number)
        .bind(&p.last_number)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn clear_parts(tx: &mut Tx, batch: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM batch_parts WHERE batch_id = $1")
        .bind(batch)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn parts(tx: &mut Tx, batch: Uuid) -> Result<Vec<PartLine>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(PART_LINE);
        b.push("WHERE batch_id = ")
            .push_bind(batch)
            .push(" ORDER BY part");
        b.build_query_as().fetch_all(c).await
    })
}

pub(super) async fn part_downloaded(tx: &mut Tx, batch: Uuid, part: i64, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batch_parts SET downloaded_at = COALESCE(downloaded_at, $3) WHERE batch_id = $1 AND part = $2"
    )
    .bind(batch)
    .bind(part)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// Batches that a restored backup left without the key that their codes come from.
pub(super) async fn without_key(tx: &mut Tx) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT id FROM batches WHERE state IN ('making', 'ready') AND wrapped_key IS NULL AND NOT offline ORDER BY created_at, id"
    )
    .fetch_all(c)
    .await
    })
}

/// Somebody whose letter was in a batch that is made anew.
#[derive(sqlx::FromRow)]
pub(super) struct Again {
    pub(super) resident_id: Option<Uuid>,
    pub(super) control_id: Option<Uuid>,
    pub(super) organisation_id: Option<Uuid>,
    pub(super) issue: i64,
    pub(super) district: String,
    pub(super) recipient: Json<Recipient>,
}

/// Who is to get a letter of this batch, in the order of the file.
pub(super) async fn to_make_again(tx: &mut Tx, batch: Uuid) -> Result<Vec<Again>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT resident_id, control_id, organisation_id, issue, district, recipient FROM letters
         WHERE batch_id = $1 AND state = 'open' AND recipient IS NOT NULL ORDER BY position"
    )
    .bind(batch)
    .fetch_all(c)
    .await)
}

/// Ends the open letters of a batch because others take their place.
pub(super) async fn replace_batch(tx: &mut Tx, batch: Uuid, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = 'replaced', ended_at = $2 WHERE batch_id = $1 AND state = 'open'"
    )
    .bind(batch)
    .bind(now)
    .execute(c)
    .await
    .map(drop))
}
