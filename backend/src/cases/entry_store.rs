//! SQL of what is in a case: entries and files.

use crate::{
    db::{Result, Tx, on},
    files::Held,
};
use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    pub(super) position: i64,
    pub(super) kind: String,
    pub(super) at: DateTime<Utc>,
    pub(super) author_kind: String,
    pub(super) author_id: Option<Uuid>,
    pub(super) author: Option<String>,
    pub(super) sealed: Vec<u8>,
    pub(super) seen: Option<i64>,
}

pub(super) struct NewEntry<'a> {
    pub(super) case: Uuid,
    pub(super) position: i64,
    pub(super) kind: &'a str,
    pub(super) area: &'a str,
    pub(super) author_kind: &'a str,
    pub(super) author: Option<Uuid>,
    pub(super) sealed: &'a [u8],
}

pub(super) async fn insert(tx: &mut Tx, e: &NewEntry<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO case_entries (case_id, position, kind, area, at, author_kind, author_id, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(e.case)
    .bind(e.position)
    .bind(e.kind)
    .bind(e.area)
    .bind(at)
    .bind(e.author_kind)
    .bind(e.author)
    .bind(e.sealed)
    .execute(c)
    .await
    .map(drop)
    })
}

/// All entries in order; `seen` is how far `me` has seen the area of the entry.
pub(super) async fn entries(tx: &mut Tx, case: Uuid, me: Uuid) -> Result<Vec<EntryRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT e.position, e.kind, e.at, e.author_kind, e.author_id, a.display_name AS author, e.sealed, s.position AS seen
         FROM case_entries e LEFT JOIN accounts a ON a.id = e.author_id
         LEFT JOIN case_seen s ON s.case_id = e.case_id AND s.area = e.area AND s.account_id = $2
         WHERE e.case_id = $1 ORDER BY e.position"
    )
    .bind(case)
    .bind(me)
    .fetch_all(c)
    .await
    })
}

/// Entries of a draft are written anew.
pub(super) async fn clear(tx: &mut Tx, case: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM case_entries WHERE case_id = $1")
        .bind(case)
        .execute(c)
        .await
        .map(drop))
}

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct FileRow {
    pub(super) id: Uuid,
    pub(super) bytes: i64,
    pub(super) sha256: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) deleted_at: Option<DateTime<Utc>>,
}

pub(super) async fn insert_file(
    tx: &mut Tx,
    id: Uuid,
    case: Uuid,
    sealed: &[u8],
    bytes: i64,
    sha256: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO case_files (id, case_id, media_type, sealed, bytes, sha256, created_at) VALUES ($1, $2, 'image/jpeg', $3, $4, $5, $6)"
    )
    .bind(id)
    .bind(case)
    .bind(sealed)
    .bind(bytes)
    .bind(sha256)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn files(tx: &mut Tx, case: Uuid) -> Result<Vec<FileRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, bytes, sha256, created_at, deleted_at FROM case_files WHERE case_id = $1 ORDER BY created_at, id"
    )
    .bind(case)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn file_content(tx: &mut Tx, case: Uuid, file: Uuid) -> Result<Option<Held>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT sealed AS content, file FROM case_files WHERE case_id = $1 AND id = $2 AND sealed IS NOT NULL"
    )
    .bind(case)
    .bind(file)
    .fetch_optional(c)
    .await)
}

pub(super) async fn delete_content(tx: &mut Tx, file: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE case_files SET sealed = NULL, file = NULL, deleted_at = $2 WHERE id = $1 AND sealed IS NOT NULL"
    )
    .bind(file)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Cases with pictures that were uploaded before.
pub(super) async fn with_old_files(tx: &mut Tx, before: DateTime<Utc>) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT DISTINCT case_id FROM case_files WHERE sealed IS NOT NULL AND created_at < $1 ORDER BY case_id LIMIT 500"
    )
    .bind(before)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn insert_document(
    tx: &mut Tx,
    id: Uuid,
    case: Uuid,
    media_type: &str,
    sealed: &[u8],
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO case_documents (id, case_id, media_type, sealed, created_at) VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(case)
    .bind(media_type)
    .bind(sealed)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn count_documents(tx: &mut Tx, case: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM case_documents WHERE case_id = $1"
    )
    .bind(case)
    .fetch_one(c)
    .await)
}

#[derive(sqlx::FromRow)]
pub(super) struct DocumentRow {
    pub media_type: String,
    #[sqlx(flatten)]
    pub held: Held,
}

pub(super) async fn document(tx: &mut Tx, case: Uuid, id: Uuid) -> Result<Option<DocumentRow>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT media_type, sealed AS content, file FROM case_documents WHERE case_id = $1 AND id = $2"
    )
    .bind(case)
    .bind(id)
    .fetch_optional(c)
    .await)
}

#[cfg(feature = "testing")]
pub(super) async fn contents(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM case_files WHERE sealed IS NOT NULL"
    )
    .fetch_one(c)
    .await)
}
