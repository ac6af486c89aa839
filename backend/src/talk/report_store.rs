//! SQL of reports.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) target: String,
    pub(super) target_id: Uuid,
    pub(super) reason: String,
    pub(super) text: String,
    pub(super) account_id: Option<Uuid>,
    pub(super) email: String,
    pub(super) language: String,
    pub(super) created_at: DateTime<Utc>,
}

pub(super) struct New<'a> {
    pub(super) id: Uuid,
    pub(super) target: &'a str,
    pub(super) target_id: Uuid,
    pub(super) reason: &'a str,
    pub(super) text: &'a str,
    pub(super) account: Option<Uuid>,
    pub(super) email: &'a str,
    pub(super) language: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, n: &New<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO reports (id, target, target_id, reason, text, account_id, email, language, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9)",
        )
        .bind(n.id)
        .bind(n.target)
        .bind(n.target_id)
        .bind(n.reason)
        .bind(n.text)
        .bind(n.account)
        .bind(n.email)
        .bind(n.language)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

/// Has this account an open report of the same thing?
pub(super) async fn has_open(tx: &mut Tx, target: &str, id: Uuid, account: Uuid) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM reports WHERE target = $1 AND target_id = $2 AND account_id = $3 AND state = 'open')",
        )
        .bind(target)
        .bind(id)
        .bind(account)
        .fetch_one(c)
        .await
    })
}

/// All that wait, oldest first.
pub(super) async fn open(tx: &mut Tx) -> Result<Vec<Row>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT target, target_id, reason, text, account_id, email, language, created_at FROM reports
         WHERE state = 'open' ORDER BY created_at, id LIMIT 1000"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn of_target(tx: &mut Tx, target: &str, id: Uuid) -> Result<Vec<Row>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT target, target_id, reason, text, account_id, email, language, created_at FROM reports
             WHERE state = 'open' AND target = $1 AND target_id = $2 ORDER BY created_at, id",
        )
        .bind(target)
        .bind(id)
        .fetch_all(c)
        .await
    })
}

/// Decides all open reports of one thing; addresses are not needed any more.
pub(super) async fn decide(
    tx: &mut Tx,
    target: &str,
    id: Uuid,
    state: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE reports SET state = $3, decided_at = $4, email = '' WHERE target = $1 AND target_id = $2 AND state = 'open'"
    )
    .bind(target)
    .bind(id)
    .bind(state)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// How many things wait for a decision.
pub(super) async fn waiting(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT DISTINCT target, target_id FROM reports WHERE state = 'open') AS t"
    )
    .fetch_one(c)
    .await)
}

/// Decided ones are kept for a while; after that they are nobody's business.
pub(super) async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM reports WHERE state <> 'open' AND decided_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(drop))
}
