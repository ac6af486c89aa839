//! SQL of the public texts and of the film.

use super::texts::TextVersion;
use crate::{
    db::{Result, Tx, on},
    files::Held,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) struct Row<'a> {
    pub kind: &'a str,
    pub language: &'a str,
    pub version: i64,
    pub text: &'a str,
    pub by: Option<Uuid>,
}

pub(super) async fn newest(tx: &mut Tx, kind: &str, language: &str) -> Result<Option<TextVersion>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT t.language, t.version, t.text, t.saved_at, a.display_name AS by
         FROM public_texts t LEFT JOIN accounts a ON a.id = t.saved_by
         WHERE t.kind = $1 AND t.language = $2 ORDER BY t.version DESC LIMIT 1"
    )
    .bind(kind)
    .bind(language)
    .fetch_optional(c)
    .await)
}

#[derive(sqlx::FromRow)]
struct OfAll {
    kind: String,
    #[sqlx(flatten)]
    version: TextVersion,
}

pub(super) async fn newest_of_all(tx: &mut Tx) -> Result<Vec<(String, TextVersion)>> {
    let rows: Vec<OfAll> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT t.kind, t.language, t.version, t.text, t.saved_at, a.display_name AS by
         FROM public_texts t LEFT JOIN accounts a ON a.id = t.saved_by
         WHERE t.version = (SELECT MAX(n.version) FROM public_texts n WHERE n.kind = t.kind AND n.language = t.language)
         ORDER BY t.kind, t.language"
    )
    .fetch_all(c)
    .await
    })?;
    Ok(rows.into_iter().map(|r| (r.kind, r.version)).collect())
}

pub(super) async fn history(tx: &mut Tx, kind: &str, language: &str) -> Result<Vec<TextVersion>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT t.language, t.version, t.text, t.saved_at, a.display_name AS by
         FROM public_texts t LEFT JOIN accounts a ON a.id = t.saved_by
         WHERE t.kind = $1 AND t.language = $2 ORDER BY t.version DESC"
    )
    .bind(kind)
    .bind(language)
    .fetch_all(c)
    .await)
}

pub(super) async fn insert(tx: &mut Tx, row: &Row<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO public_texts (kind, language, version, text, saved_at, saved_by) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(row.kind)
    .bind(row.language)
    .bind(row.version)
    .bind(row.text)
    .bind(at)
    .bind(row.by)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn put_off(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT reminder FROM put_off WHERE until > $1"
    )
    .bind(now)
    .fetch_all(c)
    .await)
}

pub(super) async fn put_reminder_off(tx: &mut Tx, reminder: &str, until: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO put_off (reminder, until) VALUES ($1, $2) ON CONFLICT (reminder) DO UPDATE SET until = excluded.until"
    )
    .bind(reminder)
    .bind(until)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn begin_film(tx: &mut Tx, id: Uuid, media_type: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO films (id, media_type, bytes, ready, saved_at) VALUES ($1, $2, 0, $3, $4)"
    )
    .bind(id)
    .bind(media_type)
    .bind(false)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn put_piece(tx: &mut Tx, id: Uuid, n: i64, piece: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO film_pieces (film_id, n, piece) VALUES ($1, $2, $3)"
    )
    .bind(id)
    .bind(n)
    .bind(piece)
    .execute(c)
    .await
    .map(drop))
}

/// The film is whole; every other one is deleted.
pub(super) async fn end_film(tx: &mut Tx, id: Uuid, bytes: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE films SET ready = $1, bytes = $2 WHERE id = $3"
    )
    .bind(true)
    .bind(bytes)
    .bind(id)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "DELETE FROM films WHERE id <> $1 AND ready = $2"
    )
    .bind(id)
    .bind(true)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_film(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM films WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

/// Uploads that broke off.
pub(super) async fn delete_unfinished(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM films WHERE ready = $1 AND saved_at < $2"
    )
    .bind(false)
    .bind(before)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn film(tx: &mut Tx) -> Result<Option<super::film::Film>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, media_type, bytes, saved_at FROM films WHERE ready = $1 ORDER BY saved_at DESC LIMIT 1"
    )
    .bind(true)
    .fetch_optional(c)
    .await)
}

pub(super) async fn piece(tx: &mut Tx, id: Uuid, n: i64) -> Result<Option<Held>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT piece AS content, file FROM film_pieces WHERE film_id = $1 AND n = $2"
    )
    .bind(id)
    .bind(n)
    .fetch_optional(c)
    .await)
}
