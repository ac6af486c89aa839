//! SQL of the figures for the council.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) district: String,
    pub(super) posted_at: DateTime<Utc>,
    pub(super) sent: i64,
    pub(super) opened: i64,
    pub(super) registered: i64,
    pub(super) returned: i64,
    pub(super) expired: i64,
}

pub(super) async fn counts(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<Row>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.district, b.posted_at, COUNT(*) AS sent,
         CAST(COALESCE(SUM(CASE WHEN l.opened_at IS NOT NULL OR l.state = 'redeemed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS opened,
         CAST(COALESCE(SUM(CASE WHEN l.state = 'redeemed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS registered,
         CAST(COALESCE(SUM(CASE WHEN l.state = 'returned' THEN 1 ELSE 0 END), 0) AS BIGINT) AS returned,
         CAST(COALESCE(SUM(CASE WHEN l.state = 'open' AND l.expires_at <= $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS expired
         FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE b.posted_at IS NOT NULL AND b.route = 'ordinary' AND NOT l.is_control AND l.organisation_id IS NULL
         GROUP BY l.district, b.posted_at"
    )
    .bind(now)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn open(tx: &mut Tx, now: DateTime<Utc>) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.state = 'open' AND (l.expires_at IS NULL OR l.expires_at > $1) AND b.route = 'ordinary'"
    )
    .bind(now)
    .fetch_one(c)
    .await)
}
