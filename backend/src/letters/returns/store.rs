//! SQL of letters that came back.

use super::{Doubtful, ReturnLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) state: String,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) ended_at: Option<DateTime<Utc>>,
    pub(super) posted_at: Option<DateTime<Utc>>,
    pub(super) route: String,
    pub(super) return_reason: Option<String>,
}

pub(super) async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Found>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.state, l.expires_at, l.ended_at, b.posted_at, b.route, l.return_reason FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.letter_number = $1"
    )
    .bind(number)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn returned(tx: &mut Tx, letter: Uuid, reason: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET returned_from = CASE WHEN state = 'returned' THEN returned_from ELSE state END,
         state = 'returned', return_reason = $2, ended_at = $3 WHERE id = $1"
    )
    .bind(letter)
    .bind(reason)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn reason(tx: &mut Tx, letter: Uuid, reason: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET return_reason = $2 WHERE id = $1"
    )
    .bind(letter)
    .bind(reason)
    .execute(c)
    .await
    .map(drop))
}

/// Takes a record back, if the letter was open before and the person has no other open letter.
pub(super) async fn undo(tx: &mut Tx, letter: Uuid) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE letters SET state = 'open', return_reason = NULL, returned_from = NULL, ended_at = NULL
         WHERE id = $1 AND state = 'returned' AND returned_from = 'open'
         AND NOT EXISTS (SELECT 1 FROM letters o WHERE o.state = 'open'
                         AND (o.resident_id = letters.resident_id OR o.organisation_id = letters.organisation_id))
         AND NOT EXISTS (SELECT 1 FROM letters n WHERE n.issue > letters.issue
                         AND (n.resident_id = letters.resident_id OR n.organisation_id = letters.organisation_id))"
    )
    .bind(letter)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn newest(tx: &mut Tx, blocks: bool, limit: i64) -> Result<Vec<ReturnLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.letter_number, l.return_reason, l.ended_at, l.state, l.resident_id FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.return_reason IS NOT NULL AND (b.route = 'ordinary' OR $1) ORDER BY l.ended_at DESC, l.id DESC LIMIT $2"
    )
    .bind(blocks)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn by_reason(tx: &mut Tx, blocks: bool) -> Result<Vec<(String, i64)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.return_reason, COUNT(*) FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.return_reason IS NOT NULL AND (b.route = 'ordinary' OR $1) GROUP BY l.return_reason ORDER BY l.return_reason"
    )
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn doubtful(tx: &mut Tx, blocks: bool) -> Result<Vec<Doubtful>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT r.id, r.register_number, r.family_name, r.given_names, r.street, r.house_number, r.postcode, r.city,
         l.letter_number, l.return_reason, l.ended_at
         FROM residents r JOIN letters l ON l.resident_id = r.id
         WHERE l.state = 'returned' AND l.return_reason <> 'refused' AND l.ended_at > r.updated_at AND r.gone IS NULL
         AND (NOT r.blocked OR $1)
         AND NOT EXISTS (SELECT 1 FROM letters n WHERE n.resident_id = r.id AND n.issue > l.issue)
         ORDER BY r.sort_key, r.id"
    )
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}
