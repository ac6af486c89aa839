//! SQL of resident lists: drafts, their rows and findings.

use super::{Applied, Choices, ListLine, Plan, RowFilter};
use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, Utc};
use domain::residents::finding::Rule;
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
    content: &[u8],
    sheet: &str,
    choices: &Choices,
    meta: &[u8],
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO resident_lists (id, file_name, state, content, sheet, choices, counts, meta, version, uploaded_by, uploaded_at)
         VALUES ($1, $2, 'reading', $3, $4, $5, $6, $7, 1, $8, $9)"
    )
    .bind(id)
    .bind(name)
    .bind(content)
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

pub(super) async fn content(tx: &mut Tx, id: Uuid) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT content FROM resident_lists WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(found.flatten())
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

/// Ends a list: file, rows, findings and edits are gone. False if it was over before.
pub(super) async fn end_list(tx: &mut Tx, id: Uuid, state: &str, at: DateTime<Utc>) -> Result<bool> {
    let from: &[&str] = match state {
        "applied" => &["applying", "applying"],
        _ => &["draft", "failed"],
    };
    let ended = on!(tx, |c| {
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
    })?;
    if ended {
        clear_rows(tx, id).await?;
    }
    Ok(ended)
}

/// Takes away what was read from the file.
pub(super) async fn clear_rows(tx: &mut Tx, id: Uuid) -> Result<()> {
    for sql in [
        "DELETE FROM list_findings WHERE list_id = $1",
        "DELETE FROM list_edits WHERE list_id = $1",
        "DELETE FROM list_rows WHERE list_id = $1",
    ] {
        on!(tx, |c| sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    }
    Ok(())
}

pub(super) async fn lists(tx: &mut Tx) -> Result<Vec<ListLine>> {
    let rows: Vec<(Uuid, String, String, DateTime<Utc>, Json<Applied>)> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, file_name, state, uploaded_at, counts FROM resident_lists ORDER BY uploaded_at DESC, id LIMIT 30"
    )
    .fetch_all(c)
    .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, file_name, state, uploaded_at, Json(counts))| {
            let applied = (state == "applied").then_some(counts);
            ListLine {
                id,
                file_name,
                state,
                uploaded_at,
                applied,
            }
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

/// A row as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct StoredRow {
    #[sqlx(rename = "nr")]
    pub(super) row: i64,
    pub(super) sealed: Vec<u8>,
    pub(super) worst: String,
    pub(super) decision: Option<String>,
    pub(super) fate: String,
    pub(super) version: i64,
    pub(super) number_key: Option<String>,
    pub(super) birth_key: Option<String>,
    pub(super) plan: Option<String>,
    pub(super) resident_id: Option<Uuid>,
}

/// A decision: taken, and it is the person of the register who was doubtful.
pub(super) const SAME_PERSON: &str = "same";

/// Rows of one insert.
const CHUNK: usize = 400;

pub(super) async fn insert_rows(
    tx: &mut Tx,
    list: Uuid,
    rows: &[StoredRow],
    findings: &[(i64, Rule)],
) -> Result<()> {
    for chunk in rows.chunks(CHUNK) {
        run_built!(tx, |b| {
            b.push("INSERT INTO list_rows (list_id, nr, sealed, worst, fate, version, number_key, birth_key, done) ");
            b.push_values(chunk, |mut v, r| {
                v.push_bind(list)
                    .push_bind(r.row)
                    .push_bind(&r.sealed)
                    .push_bind(&r.worst)
                    .push_bind(&r.fate)
                    .push_bind(r.version)
                    .push_bind(&r.number_key)
                    .push_bind(&r.birth_key)
                    .push_bind(false);
            });
        })?;
    }
    insert_findings(tx, list, findings).await
}

pub(super) async fn insert_findings(tx: &mut Tx, list: Uuid, findings: &[(i64, Rule)]) -> Result<()> {
    for chunk in findings.chunks(2_000) {
        run_built!(tx, |b| {
            b.push("INSERT INTO list_findings (list_id, nr, rule, severity) ");
            b.push_values(chunk, |mut v, (row, rule)| {
                v.push_bind(list)
                    .push_bind(*row)
                    .push_bind(rule.key())
                    .push_bind(rule.severity().key());
            });
            b.push(" ON CONFLICT (list_id, rule, nr) DO NOTHING");
        })?;
    }
    Ok(())
}

pub(super) async fn row(tx: &mut Tx, list: Uuid, row: i64) -> Result<Option<StoredRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(row)
    .fetch_optional(c)
    .await
    })
}

/// Writes a row that was judged again; its findings are replaced.
pub(super) async fn update_row(tx: &mut Tx, list: Uuid, r: &StoredRow, rules: &[Rule]) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE list_rows SET sealed = $3, worst = $4, decision = $5, fate = $6, version = version + 1, number_key = $7, birth_key = $8,
         plan = NULL, resident_id = NULL WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(r.row)
    .bind(&r.sealed)
    .bind(&r.worst)
    .bind(&r.decision)
    .bind(&r.fate)
    .bind(&r.number_key)
    .bind(&r.birth_key)
    .execute(c)
    .await
    .map(drop)
    })?;
    on!(tx, |c| sqlx::query(
        "DELETE FROM list_findings WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(r.row)
    .execute(c)
    .await
    .map(drop))?;
    let findings: Vec<(i64, Rule)> = rules.iter().map(|rule| (r.row, *rule)).collect();
    insert_findings(tx, list, &findings).await
}

/// Other rows with one of these keys, in order.
pub(super) async fn beside(
    tx: &mut Tx,
    list: Uuid,
    row: i64,
    number_keys: &[&str],
    birth_keys: &[&str],
) -> Result<Vec<StoredRow>> {
    let mut found = Vec::new();
    for (column, keys) in [("number_key", number_keys), ("birth_key", birth_keys)] {
        for key in keys {
            let sql = match column {
                "number_key" => "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows
                     WHERE list_id = $1 AND number_key = $2 AND nr <> $3 ORDER BY nr LIMIT 200",
                _ => "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows
                     WHERE list_id = $1 AND birth_key = $2 AND nr <> $3 ORDER BY nr LIMIT 200",
            };
            let rows: Vec<StoredRow> = on!(tx, |c| sqlx::query_as(sql)
                .bind(list)
                .bind(*key)
                .bind(row)
                .fetch_all(c)
                .await)?;
            found.extend(rows);
        }
    }
    found.sort_by_key(|r| r.row);
    found.dedup_by_key(|r| r.row);
    Ok(found)
}

/// Rows of a draft for the screen, from a row on.
pub(super) async fn page(
    tx: &mut Tx,
    list: Uuid,
    filter: RowFilter,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredRow>> {
    macro_rules! built {
        ($b:ident) => {{
            $b.push("SELECT r.nr, r.sealed, r.worst, r.decision, r.fate, r.version, r.number_key, r.birth_key, r.plan, r.resident_id FROM list_rows r WHERE r.list_id = ")
                .push_bind(list)
                .push(" AND r.nr > ")
                .push_bind(after);
            match filter {
                RowFilter::All => {}
                RowFilter::Fate(fate) => {
                    $b.push(" AND r.fate = ").push_bind(fate.key());
                }
                RowFilter::Rule(rule) => {
                    $b.push(" AND EXISTS (SELECT 1 FROM list_findings f WHERE f.list_id = r.list_id AND f.nr = r.nr AND f.rule = ")
                        .push_bind(rule.key())
                        .push(")");
                }
                RowFilter::Plan(plan) => {
                    $b.push(" AND r.plan = ").push_bind(plan.key());
                }
                RowFilter::Edited => {
                    $b.push(" AND r.version > 1");
                }
            }
            $b.push(" ORDER BY r.nr LIMIT ").push_bind(limit);
        }};
    }
    match tx {
        Tx::Sqlite(t) => {
            let mut b: sqlx::QueryBuilder<sqlx::Sqlite> = sqlx::QueryBuilder::new("");
            built!(b);
            b.build_query_as().fetch_all(&mut **t).await
        }
        Tx::Postgres(t) => {
            let mut b: sqlx::QueryBuilder<sqlx::Postgres> = sqlx::QueryBuilder::new("");
            built!(b);
            b.build_query_as().fetch_all(&mut **t).await
        }
    }
}

/// Rows by fate.
pub(super) async fn by_fate(tx: &mut Tx, list: Uuid) -> Result<Vec<(String, i64)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT fate, COUNT(*) FROM list_rows WHERE list_id = $1 GROUP BY fate"
    )
    .bind(list)
    .fetch_all(c)
    .await)
}

/// Rows by rule, and how many of them wait for a decision.
pub(super) async fn by_rule(tx: &mut Tx, list: Uuid) -> Result<Vec<(String, i64, i64)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT f.rule, COUNT(*), CAST(COALESCE(SUM(CASE WHEN r.fate = 'open' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM list_findings f JOIN list_rows r ON r.list_id = f.list_id AND r.nr = f.nr WHERE f.list_id = $1 GROUP BY f.rule"
    )
    .bind(list)
    .fetch_all(c)
    .await
    })
}

/// Rows by what they do to the register.
pub(super) async fn by_plan(tx: &mut Tx, list: Uuid) -> Result<Vec<(String, i64)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT plan, COUNT(*) FROM list_rows WHERE list_id = $1 AND plan IS NOT NULL GROUP BY plan"
    )
    .bind(list)
    .fetch_all(c)
    .await)
}

/// Gives every row with questions its fate anew: agreed rules ask nothing any more.
pub(super) async fn refate(tx: &mut Tx, list: Uuid, agreed: &[Rule]) -> Result<()> {
    run_built!(tx, |b| {
        b.push("UPDATE list_rows SET plan = NULL, fate = CASE WHEN decision IN ('yes', 'same') THEN 'take' WHEN decision = 'no' THEN 'leave'
             WHEN EXISTS (SELECT 1 FROM list_findings f WHERE f.list_id = list_rows.list_id AND f.nr = list_rows.nr AND f.severity = 'ask' AND f.rule NOT IN (''");
        for rule in agreed {
            b.push(", ").push_bind(rule.key());
        }
        b.push(")) THEN 'open' ELSE 'take' END WHERE worst = 'ask' AND list_id = ")
            .push_bind(list);
    })
}

/// A finding that only the end of the list told.
pub(super) async fn amend_row(tx: &mut Tx, list: Uuid, r: &StoredRow, rule: Rule) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE list_rows SET sealed = $3, worst = $4, fate = $5 WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(r.row)
    .bind(&r.sealed)
    .bind(&r.worst)
    .bind(&r.fate)
    .execute(c)
    .await
    .map(drop))?;
    insert_findings(tx, list, &[(r.row, rule)]).await
}

pub(super) async fn push_edit(
    tx: &mut Tx,
    list: Uuid,
    before: &StoredRow,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO list_edits (list_id, seq, nr, sealed, decision, by_account, at)
         VALUES ($1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM list_edits WHERE list_id = $1), $2, $3, $4, $5, $6)"
    )
    .bind(list)
    .bind(before.row)
    .bind(&before.sealed)
    .bind(&before.decision)
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// A change that can be undone: row, what it was, its decision.
pub(super) type Edit = (i64, Vec<u8>, Option<String>);

/// Takes the last change of a row (or of any row) off the pile.
pub(super) async fn pop_edit(tx: &mut Tx, list: Uuid, row: i64) -> Result<Option<Edit>> {
    let found: Option<(i64, i64, Vec<u8>, Option<String>)> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT seq, nr, sealed, decision FROM list_edits WHERE list_id = $1 AND nr = $2 ORDER BY seq DESC LIMIT 1"
    )
    .bind(list)
    .bind(row)
    .fetch_optional(c)
    .await
    })?;
    let Some((seq, row, sealed, decision)) = found else {
        return Ok(None);
    };
    on!(tx, |c| sqlx::query(
        "DELETE FROM list_edits WHERE list_id = $1 AND seq = $2"
    )
    .bind(list)
    .bind(seq)
    .execute(c)
    .await
    .map(drop))?;
    Ok(Some((row, sealed, decision)))
}

/// Who changed a row last, and when.
pub(super) async fn last_edit(tx: &mut Tx, list: Uuid, row: i64) -> Result<Option<(String, DateTime<Utc>)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT COALESCE(a.display_name, ''), e.at FROM list_edits e LEFT JOIN accounts a ON a.id = e.by_account
         WHERE e.list_id = $1 AND e.nr = $2 ORDER BY e.seq DESC LIMIT 1"
    )
    .bind(list)
    .bind(row)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn set_plan(
    tx: &mut Tx,
    list: Uuid,
    row: i64,
    plan: Plan,
    resident: Option<Uuid>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE list_rows SET plan = $3, resident_id = $4 WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(row)
    .bind(plan.key())
    .bind(resident)
    .execute(c)
    .await
    .map(drop))
}

/// Rows whose consequences are not known yet; those that are dropped have none.
pub(super) async fn not_planned(tx: &mut Tx, list: Uuid, limit: i64) -> Result<Vec<StoredRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows
         WHERE list_id = $1 AND plan IS NULL AND fate <> 'drop' ORDER BY nr LIMIT $2"
    )
    .bind(list)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

/// Rows that applying has not reached yet.
pub(super) async fn not_done(tx: &mut Tx, list: Uuid, limit: i64) -> Result<Vec<StoredRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows
         WHERE list_id = $1 AND done = $2 ORDER BY nr LIMIT $3"
    )
    .bind(list)
    .bind(false)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

/// Rows up to here are applied.
pub(super) async fn set_done(tx: &mut Tx, list: Uuid, up_to: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE list_rows SET done = $3 WHERE list_id = $1 AND nr <= $2 AND done <> $3"
    )
    .bind(list)
    .bind(up_to)
    .bind(true)
    .execute(c)
    .await
    .map(drop))
}

/// Residents whom the list that is being applied did not have.
pub(super) async fn missing(tx: &mut Tx, since: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT id FROM residents WHERE gone IS NULL AND COALESCE(seen_at, created_at) < $1 ORDER BY sort_key, id LIMIT $2"
    )
    .bind(since)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

/// Residents who are in the register but in no row of the list whose consequences are known.
pub(super) async fn count_missing(tx: &mut Tx, list: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM residents r WHERE gone IS NULL AND NOT EXISTS
         (SELECT 1 FROM list_rows l WHERE l.list_id = $1 AND l.resident_id = r.id)"
    )
    .bind(list)
    .fetch_one(c)
    .await)
}
