//! SQL of files outside the store.

use super::Named;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A table whose bytes may lie outside.
pub(super) struct Holder {
    /// Rows whose bytes are inside, a few at a time.
    waiting: &'static str,
    /// Empties a row and names its file.
    out: &'static str,
    /// Rows that name a file.
    naming: &'static str,
    /// Puts the bytes back into a row.
    back: &'static str,
    /// The bytes are not encrypted inside: everybody may see them.
    pub(super) public: bool,
}

pub(super) const HOLDERS: [Holder; 3] = [
    Holder {
        waiting: "SELECT id, CAST(0 AS BIGINT) AS n, sealed AS content FROM case_files WHERE file IS NULL AND sealed IS NOT NULL ORDER BY id LIMIT 8",
        out: "UPDATE case_files SET sealed = $1, file = $2 WHERE id = $3 AND CAST($4 AS BIGINT) = 0 AND file IS NULL AND sealed IS NOT NULL",
        naming: "SELECT id, CAST(0 AS BIGINT) AS n FROM case_files WHERE file = $1 AND sealed IS NOT NULL",
        back: "UPDATE case_files SET sealed = $1, file = NULL WHERE id = $2 AND CAST($3 AS BIGINT) = 0 AND sealed IS NOT NULL",
        public: false,
    },
    Holder {
        waiting: "SELECT id, CAST(0 AS BIGINT) AS n, sealed AS content FROM case_documents WHERE file IS NULL ORDER BY id LIMIT 8",
        out: "UPDATE case_documents SET sealed = $1, file = $2 WHERE id = $3 AND CAST($4 AS BIGINT) = 0 AND file IS NULL",
        naming: "SELECT id, CAST(0 AS BIGINT) AS n FROM case_documents WHERE file = $1",
        back: "UPDATE case_documents SET sealed = $1, file = NULL WHERE id = $2 AND CAST($3 AS BIGINT) = 0",
        public: false,
    },
    Holder {
        waiting: "SELECT film_id AS id, n, piece AS content FROM film_pieces WHERE file IS NULL ORDER BY film_id, n LIMIT 8",
        out: "UPDATE film_pieces SET piece = $1, file = $2 WHERE film_id = $3 AND n = $4 AND file IS NULL",
        naming: "SELECT film_id AS id, n FROM film_pieces WHERE file = $1",
        back: "UPDATE film_pieces SET piece = $1, file = NULL WHERE film_id = $2 AND n = $3",
        public: true,
    },
];

/// Bytes that are inside.
#[derive(sqlx::FromRow)]
pub(super) struct Waiting {
    pub(super) id: Uuid,
    pub(super) n: i64,
    pub(super) content: Vec<u8>,
}

pub(super) async fn waiting(tx: &mut Tx, holder: &Holder) -> Result<Vec<Waiting>> {
    on!(tx, |c| sqlx::query_as(holder.waiting).fetch_all(c).await)
}

/// The row names its file from now on.
pub(super) async fn out(
    tx: &mut Tx,
    holder: &Holder,
    (id, n): (Uuid, i64),
    hash: &str,
    bytes: i64,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO files (hash, bytes, kept_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
        )
        .bind(hash)
        .bind(bytes)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })?;
    on!(tx, |c| sqlx::query(holder.out)
        .bind(&b""[..])
        .bind(hash)
        .bind(id)
        .bind(n)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn naming(tx: &mut Tx, holder: &Holder, hash: &str) -> Result<Vec<(Uuid, i64)>> {
    on!(tx, |c| sqlx::query_as(holder.naming)
        .bind(hash)
        .fetch_all(c)
        .await)
}

pub(super) async fn back(tx: &mut Tx, holder: &Holder, (id, n): (Uuid, i64), content: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(holder.back)
        .bind(content)
        .bind(id)
        .bind(n)
        .execute(c)
        .await
        .map(drop))
}

/// Something names the file `f.hash`.
macro_rules! named {
    () => {
        "(EXISTS (SELECT 1 FROM case_files p WHERE p.file = f.hash AND p.sealed IS NOT NULL)
    OR EXISTS (SELECT 1 FROM case_documents d WHERE d.file = f.hash)
    OR EXISTS (SELECT 1 FROM film_pieces s WHERE s.file = f.hash))"
    };
}

pub(super) async fn known(tx: &mut Tx) -> Result<Vec<Named>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT hash, bytes FROM files ORDER BY hash"
    )
    .fetch_all(c)
    .await)
}

/// Without those that wait to be deleted.
pub(super) async fn named(tx: &mut Tx) -> Result<Vec<Named>> {
    let text = concat!(
        "SELECT hash, bytes FROM files f WHERE ",
        named!(),
        " ORDER BY hash"
    );
    on!(tx, |c| sqlx::query_as(text).fetch_all(c).await)
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar("SELECT COUNT(*) FROM files")
        .fetch_one(c)
        .await)
}

/// Files that nothing names any more.
pub(super) async fn forgotten(tx: &mut Tx) -> Result<Vec<String>> {
    let text = concat!(
        "SELECT f.hash FROM files f WHERE NOT ",
        named!(),
        " ORDER BY f.hash LIMIT 100"
    );
    on!(tx, |c| sqlx::query_scalar(text).fetch_all(c).await)
}

pub(super) async fn forget(tx: &mut Tx, hash: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM files WHERE hash = $1")
        .bind(hash)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn hold(tx: &mut Tx, id: Uuid, until: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO file_holds (id, until) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET until = excluded.until"
    )
    .bind(id)
    .bind(until)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn let_go(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM file_holds WHERE id = $1 OR until <= $2"
    )
    .bind(id)
    .bind(now)
    .execute(c)
    .await
    .map(drop))
}

/// Who this store is to its place for files; made up the first time.
pub(super) async fn owner(tx: &mut Tx, fresh: &str) -> Result<String> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO file_place (id, owner) VALUES (1, $1) ON CONFLICT (id) DO NOTHING"
    )
    .bind(fresh)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query_scalar(
        "SELECT owner FROM file_place WHERE id = 1"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn known_owner(tx: &mut Tx) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT owner FROM file_place WHERE id = 1"
    )
    .fetch_optional(c)
    .await)
}

/// Is everything being brought back into the store?
pub(super) async fn is_taken_in(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool> {
    let holds: i64 = on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM file_holds WHERE id = $1 AND until > $2"
    )
    .bind(Uuid::nil())
    .bind(now)
    .fetch_one(c)
    .await)?;
    Ok(holds > 0)
}

pub(super) async fn is_held(tx: &mut Tx, now: DateTime<Utc>) -> Result<bool> {
    let holds: i64 = on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM file_holds WHERE until > $1"
    )
    .bind(now)
    .fetch_one(c)
    .await)?;
    Ok(holds > 0)
}
