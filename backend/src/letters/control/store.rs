//! SQL of control letters.

use super::{ControlLetter, ControlRecipient};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(in crate::letters) async fn active(tx: &mut Tx) -> Result<Vec<ControlRecipient>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, name, street, postcode, city FROM control_recipients WHERE ended_at IS NULL ORDER BY added_at, id"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn letters(tx: &mut Tx) -> Result<Vec<ControlLetter>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, COALESCE(r.name, '') AS name, l.letter_number, b.number AS batch_number, b.posted_at, l.arrived_at, l.alarm_at
         FROM letters l JOIN batches b ON b.id = l.batch_id LEFT JOIN control_recipients r ON r.id = l.control_id
         WHERE l.is_control ORDER BY l.created_at DESC, l.id DESC LIMIT 200"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn insert(tx: &mut Tx, id: Uuid, new: &ControlRecipient, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO control_recipients (id, name, street, postcode, city, added_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(id)
    .bind(new.name.trim())
    .bind(new.street.trim())
    .bind(&new.postcode)
    .bind(new.city.trim())
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Letters that are under way to somebody who gets none any more.
pub(super) async fn end_letters(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = 'revoked', ended_at = $2 WHERE control_id = $1 AND state = 'open'"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM control_recipients WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn arrived(tx: &mut Tx, letter: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET arrived_at = $2 WHERE id = $1"
    )
    .bind(letter)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// False if the alarm was raised before.
pub(super) async fn alarm(tx: &mut Tx, letter: Uuid, at: DateTime<Utc>) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET alarm_at = $2 WHERE id = $1 AND alarm_at IS NULL"
    )
    .bind(letter)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}
