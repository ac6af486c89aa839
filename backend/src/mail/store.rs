//! SQL of the outbox.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct MailRow {
    pub(super) recipient: String,
    pub(super) subject: String,
    pub(super) body: String,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    recipient: &str,
    subject: &str,
    body: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO mails (id, recipient, subject, body, created_at) VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(recipient)
    .bind(subject)
    .bind(body)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<MailRow>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT recipient, subject, body FROM mails WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM mails WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

#[cfg(feature = "testing")]
pub(super) async fn bodies(tx: &mut Tx) -> Result<Vec<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT body FROM mails ORDER BY created_at, id"
    )
    .fetch_all(c)
    .await)
}
