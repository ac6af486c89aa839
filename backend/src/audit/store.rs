//! SQL of the audit log.

use super::Entry;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};

pub(super) async fn advance(tx: &mut Tx) -> Result<(i64, String)> {
    on!(tx, |c| sqlx::query_as(
        "UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn insert(tx: &mut Tx, e: &Entry) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO audit_events (seq, at, actor_kind, actor_id, action, subject, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(e.seq)
    .bind(e.at)
    .bind(&e.actor_kind)
    .bind(&e.actor_id)
    .bind(&e.action)
    .bind(&e.subject)
    .bind(&e.detail)
    .bind(&e.hash)
    .execute(c)
    .await
    .map(drop)
    })?;
    on!(tx, |c| sqlx::query(
        "UPDATE audit_head SET hash = $1 WHERE id = 1"
    )
    .bind(&e.hash)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn head(tx: &mut Tx) -> Result<(i64, String)> {
    on!(tx, |c| sqlx::query_as(
        "SELECT seq, hash FROM audit_head WHERE id = 1"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn after(tx: &mut Tx, seq: i64, limit: i64) -> Result<Vec<Entry>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT seq, at, actor_kind, actor_id, action, subject, detail, hash FROM audit_events WHERE seq > $1 ORDER BY seq LIMIT $2"
    )
    .bind(seq)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn list(
    tx: &mut Tx,
    feature: &str,
    kind: &str,
    id: &str,
    range: (DateTime<Utc>, DateTime<Utc>),
    before: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT seq, at, actor_kind, actor_id, action, subject, detail, hash FROM audit_events
         WHERE seq < $1 AND ($2 = '' OR action LIKE $2 || '.%') AND ($3 = '' OR actor_kind = $3)
         AND ($4 = '' OR actor_id LIKE '%' || $4 OR subject LIKE '%' || $4) AND at > $5 AND at <= $6 ORDER BY seq DESC LIMIT $7"
    )
    .bind(before)
    .bind(feature)
    .bind(kind)
    .bind(id)
    .bind(range.0)
    .bind(range.1)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn last_before(tx: &mut Tx, at: DateTime<Utc>) -> Result<Option<(i64, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT seq, hash FROM audit_events WHERE at <= $1 ORDER BY seq DESC LIMIT 1"
    )
    .bind(at)
    .fetch_optional(c)
    .await)
}

pub(super) async fn of_actor(tx: &mut Tx, actor: &str) -> Result<Vec<(DateTime<Utc>, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT at, action FROM audit_events WHERE actor_id = $1 ORDER BY seq DESC LIMIT 1000"
    )
    .bind(actor)
    .fetch_all(c)
    .await)
}

pub(super) async fn last_of(tx: &mut Tx, actions: &[&str]) -> Result<Option<(i64, DateTime<Utc>)>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new("SELECT seq, at FROM audit_events WHERE action IN ('-'");
        for action in actions {
            b.push(", ").push_bind((*action).to_owned());
        }
        b.push(") ORDER BY seq DESC LIMIT 1");
        b.build_query_as().fetch_optional(c).await
    })
}

pub(super) async fn lock(tx: &mut Tx) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE audit_head SET seq = seq WHERE id = 1"
    )
    .execute(c)
    .await
    .map(drop))
}

/// When something was done last.
pub(super) async fn last(tx: &mut Tx, action: &str) -> Result<Option<DateTime<Utc>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT at FROM audit_events WHERE action = $1 ORDER BY seq DESC LIMIT 1"
    )
    .bind(action)
    .fetch_optional(c)
    .await)
}
