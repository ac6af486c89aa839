//! SQL of resident lists.

use super::{Applied, Choices, ListLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

pub(super) struct Draft {
    pub(super) file_name: String,
    pub(super) state: String,
    pub(super) sheet: String,
    pub(super) choices: Choices,
    pub(super) meta: Option<Vec<u8>>,
    pub(super) version: i64,
    pub(super) problem: Option<String>,
}

pub(super) async fn insert_list(
    tx: &mut Tx,
    id: Uuid,
    name: &str,
    sheet: &str,
    choices: &Choices,
    meta: &[u8],
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO resident_lists (id, file_name, state, sheet, choices, counts, meta, version, uploaded_by, uploaded_at)
         VALUES ($1, $2, 'reading', $3, $4, $5, $6, 1, $7, $8)"
    )
    .bind(id)
    .bind(name)
    .bind(sheet)
    .bind(Json(choices))
    .bind(Json(Applied::default()))
    .bind(meta)
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// A list that is not over yet.
pub(super) async fn draft(tx: &mut Tx, id: Uuid) -> Result<Option<Draft>> {
    let row: Option<(
        String,
        String,
        String,
        Json<Choices>,
        Option<Vec<u8>>,
        i64,
        Option<String>,
    )> = on!(tx, |c| sqlx::query_as(
        "SELECT file_name, state, sheet, choices, meta, version, problem FROM resident_lists
         WHERE id = $1 AND state IN ('reading', 'draft', 'applying', 'failed')"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(row.map(
        |(file_name, state, sheet, Json(choices), meta, version, problem)| Draft {
            file_name,
            state,
            sheet,
            choices,
            meta,
            version,
            problem,
        },
    ))
}

/// One piece of the upload.
pub(super) async fn insert_part(tx: &mut Tx, id: Uuid, part: i64, sealed: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO list_parts (list_id, part, sealed) VALUES ($1, $2, $3)"
    )
    .bind(id)
    .bind(part)
    .bind(sealed)
    .execute(c)
    .await
    .map(drop))
}

/// Of how many pieces the upload is.
pub(super) async fn count_parts(tx: &mut Tx, id: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM list_parts WHERE list_id = $1"
    )
    .bind(id)
    .fetch_one(c)
    .await)
}

pub(super) async fn part(tx: &mut Tx, id: Uuid, part: i64) -> Result<Option<Vec<u8>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT sealed FROM list_parts WHERE list_id = $1 AND part = $2"
    )
    .bind(id)
    .bind(part)
    .fetch_optional(c)
    .await)
}

/// Sets everything that can change in a list; the version grows. False if the version is not `version` any more.
pub(super) async fn set(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    state: &str,
    sheet: &str,
    choices: &Choices,
    meta: &[u8],
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = $3, sheet = $4, choices = $5, meta = $6, problem = NULL, version = version + 1
         WHERE id = $1 AND version = $2 AND state IN ('reading', 'draft', 'failed')"
    )
    .bind(id)
    .bind(version)
    .bind(state)
    .bind(sheet)
    .bind(Json(choices))
    .bind(meta)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// The list changed in some row.
pub(super) async fn touch(tx: &mut Tx, id: Uuid) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE resident_lists SET version = version + 1 WHERE id = $1 AND state = 'draft'"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

/// Notes progress, or that reading is over; false if the list is not being read any more (somebody cancelled).
pub(super) async fn progress(tx: &mut Tx, id: Uuid, state: &str, meta: &[u8]) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = $2, meta = $3, version = version + CASE WHEN $2 = 'reading' THEN 0 ELSE 1 END
         WHERE id = $1 AND state = 'reading'"
    )
    .bind(id)
    .bind(state)
    .bind(meta)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn fail(tx: &mut Tx, id: Uuid, problem: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = 'failed', problem = $2, version = version + 1 WHERE id = $1 AND state = 'reading'"
    )
    .bind(id)
    .bind(problem)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn begin_applying(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    first: bool,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = 'applying', applying_since = $3, first_list = $4, version = version + 1
         WHERE id = $1 AND version = $2 AND state = 'draft'"
    )
    .bind(id)
    .bind(version)
    .bind(at)
    .bind(first)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// When applying began, and whether the register was empty then.
pub(super) async fn applying(tx: &mut Tx, id: Uuid) -> Result<Option<(DateTime<Utc>, bool)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT applying_since, first_list FROM resident_lists WHERE id = $1 AND state = 'applying'"
    )
    .bind(id)
    .fetch_optional(c)
    .await)
}

/// Keeps what was counted so far.
pub(super) async fn set_counts(tx: &mut Tx, id: Uuid, counts: &Applied) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE resident_lists SET counts = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(Json(counts))
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn counts_so_far(tx: &mut Tx, id: Uuid) -> Result<Applied> {
    let found: Option<Json<Applied>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT counts FROM resident_lists WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(found.map(|j| j.0).unwrap_or_default())
}

/// Ends a list. What it left is taken away afterwards, in pieces. False if it was over before.
pub(super) async fn end_list(tx: &mut Tx, id: Uuid, state: &str, at: DateTime<Utc>) -> Result<bool> {
    let from: &[&str] = match state {
        "applied" => &["applying", "applying"],
        _ => &["draft", "failed"],
    };
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = $2, content = NULL, meta = NULL, problem = NULL, ended_at = $3, version = version + 1
         WHERE id = $1 AND (state = $4 OR state = $5 OR (state = 'reading' AND $2 = 'discarded'))"
    )
    .bind(id)
    .bind(state)
    .bind(at)
    .bind(from[0])
    .bind(from[1])
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// Ends a list that is being read; false if it is not being read (any more).
pub(super) async fn cancel(tx: &mut Tx, id: Uuid, by: Option<Uuid>, at: DateTime<Utc>) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = 'discarded', content = NULL, meta = NULL, problem = NULL, ended_at = $3, cancelled_by = $2,
         cancelled_at = $3, version = version + 1 WHERE id = $1 AND state = 'reading'"
    )
    .bind(id)
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// Lists that are over and have something left.
pub(super) async fn left_over(tx: &mut Tx) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT id FROM resident_lists l WHERE state IN ('applied', 'discarded') AND (EXISTS (SELECT 1 FROM list_rows r WHERE r.list_id = l.id)
         OR EXISTS (SELECT 1 FROM list_parts p WHERE p.list_id = l.id))"
    )
    .fetch_all(c)
    .await
    })
}

/// Takes a piece of the upload away; false if there is nothing left of it.
pub(super) async fn delete_parts(tx: &mut Tx, id: Uuid) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "DELETE FROM list_parts WHERE list_id = $1 AND part <= (SELECT MIN(part) + 15 FROM list_parts WHERE list_id = $1)"
    )
    .bind(id)
    .execute(c)
    .await
    .map(|r| r.rows_affected() > 0)
    })
}

/// Takes away what was changed in a list, and who was there.
pub(super) async fn delete_edits(tx: &mut Tx, id: Uuid) -> Result<()> {
    for sql in [
        "DELETE FROM list_edits WHERE list_id = $1",
        "DELETE FROM list_watchers WHERE list_id = $1",
    ] {
        on!(tx, |c| sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    }
    Ok(())
}

pub(super) async fn lists(tx: &mut Tx) -> Result<Vec<ListLine>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        id: Uuid,
        file_name: String,
        state: String,
        uploaded_at: DateTime<Utc>,
        counts: Json<Applied>,
        cancelled_at: Option<DateTime<Utc>>,
        cancelled_by: Option<String>,
    }
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.file_name, l.state, l.uploaded_at, l.counts, l.cancelled_at, a.display_name AS cancelled_by
         FROM resident_lists l LEFT JOIN accounts a ON a.id = l.cancelled_by ORDER BY l.uploaded_at DESC, l.id LIMIT 30"
    )
    .fetch_all(c)
    .await
    })?;
    Ok(rows
        .into_iter()
        .map(|r| ListLine {
            id: r.id,
            file_name: r.file_name,
            applied: (r.state == "applied").then_some(r.counts.0),
            state: r.state,
            uploaded_at: r.uploaded_at,
            cancelled_at: r.cancelled_at,
            cancelled_by: r.cancelled_by,
        })
        .collect())
}

/// Drafts that nobody finished.
pub(super) async fn overdue(tx: &mut Tx, before: DateTime<Utc>) -> Result<Vec<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM resident_lists WHERE state IN ('draft', 'failed', 'reading') AND uploaded_at < $1"
    )
    .bind(before)
    .fetch_all(c)
    .await)
}

pub(super) async fn titles(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    on!(tx, |c| sqlx::query_as("SELECT title, meaning FROM column_titles")
        .fetch_all(c)
        .await)
}

pub(super) async fn remember_title(tx: &mut Tx, title: &str, meaning: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO column_titles (title, meaning) VALUES ($1, $2) ON CONFLICT (title) DO UPDATE SET meaning = excluded.meaning"
    )
    .bind(title)
    .bind(meaning)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Residents whom the list that is being applied did not have. People with a register block are often left out of lists:
/// they go only by a row of their own, or by hand.
pub(super) async fn missing(tx: &mut Tx, since: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT id FROM residents WHERE gone IS NULL AND blocked = $3 AND COALESCE(seen_at, created_at) < $1 ORDER BY sort_key, id LIMIT $2"
    )
    .bind(since)
    .bind(limit)
    .bind(false)
    .fetch_all(c)
    .await
    })
}

/// Residents who are in the register but in no row of the list whose consequences are known.
pub(super) async fn count_missing(tx: &mut Tx, list: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM residents r WHERE gone IS NULL AND r.blocked = $2 AND NOT EXISTS
         (SELECT 1 FROM list_rows l WHERE l.list_id = $1 AND l.resident_id = r.id)"
    )
    .bind(list)
    .bind(false)
    .fetch_one(c)
    .await)
}
