//! SQL of templates.

use super::TemplateLine;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

pub(super) async fn newest(tx: &mut Tx, occasion: &str) -> Result<Option<(Value, i64)>> {
    let row: Option<(Json<Value>, i64)> = on!(tx, |c| sqlx::query_as(
        "SELECT content, version FROM letter_templates WHERE occasion = $1 ORDER BY version DESC LIMIT 1"
    )
    .bind(occasion)
    .fetch_optional(c)
    .await)?;
    Ok(row.map(|(content, version)| (content.0, version)))
}

pub(super) async fn version(tx: &mut Tx, occasion: &str, version: i64) -> Result<Option<Value>> {
    let content: Option<Json<Value>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT content FROM letter_templates WHERE occasion = $1 AND version = $2"
    )
    .bind(occasion)
    .bind(version)
    .fetch_optional(c)
    .await)?;
    Ok(content.map(|c| c.0))
}

pub(super) async fn versions(tx: &mut Tx, occasion: &str) -> Result<Vec<TemplateLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT t.version, t.saved_at, COALESCE(a.display_name, '') AS by_name,
         (SELECT COUNT(*) FROM batches b WHERE b.occasion = t.occasion AND b.template_version = t.version AND b.route = 'ordinary') AS batches
         FROM letter_templates t LEFT JOIN accounts a ON a.id = t.saved_by
         WHERE t.occasion = $1 ORDER BY t.version DESC LIMIT 50"
    )
    .bind(occasion)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn insert(
    tx: &mut Tx,
    occasion: &str,
    version: i64,
    content: &Value,
    by: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO letter_templates (occasion, version, content, saved_by, saved_at) VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(occasion)
    .bind(version)
    .bind(Json(content))
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}
