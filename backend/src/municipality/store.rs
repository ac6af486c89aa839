//! SQL of the settings.

use super::Image;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;

pub(super) async fn settings(tx: &mut Tx) -> Result<Option<(Value, i64)>> {
    let row: Option<(Json<Value>, i64)> = on!(tx, |c| sqlx::query_as(
        "SELECT value, version FROM settings WHERE id = 1"
    )
    .fetch_optional(c)
    .await)?;
    Ok(row.map(|(Json(value), version)| (value, version)))
}

pub(super) async fn save(tx: &mut Tx, value: &Value, version: i64, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO settings (id, value, version, updated_at) VALUES (1, $1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET value = excluded.value, version = excluded.version, updated_at = excluded.updated_at"
    )
    .bind(Json(value))
    .bind(version)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn keep_terms(tx: &mut Tx, version: i64, text: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO terms (version, text, created_at) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING"
    )
    .bind(version)
    .bind(text)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn put_image(
    tx: &mut Tx,
    hash: &str,
    media_type: &str,
    bytes: &[u8],
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO images (hash, media_type, bytes, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash) DO NOTHING"
    )
    .bind(hash)
    .bind(media_type)
    .bind(bytes)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn use_image(tx: &mut Tx, place: &str, hash: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query("INSERT INTO image_uses (use, hash) VALUES ($1, $2) ON CONFLICT (use) DO UPDATE SET hash = excluded.hash")
        .bind(place)
        .bind(hash)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn image_hash(tx: &mut Tx, place: &str) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT hash FROM image_uses WHERE use = $1"
    )
    .bind(place)
    .fetch_optional(c)
    .await)
}

pub(super) async fn image(tx: &mut Tx, hash: &str) -> Result<Option<Image>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT hash, media_type, bytes FROM images WHERE hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await)
}

pub(super) async fn key_check(tx: &mut Tx) -> Result<Option<Vec<u8>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT sealed FROM key_check WHERE id = 1"
    )
    .fetch_optional(c)
    .await)
}

pub(super) async fn put_key_check(tx: &mut Tx, sealed: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO key_check (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING"
    )
    .bind(sealed)
    .execute(c)
    .await
    .map(drop))
}
