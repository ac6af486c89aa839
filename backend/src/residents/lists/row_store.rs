//! SQL of the rows of a draft: what stands in them, what was found, what was changed.

use super::{Plan, RowFilter};
use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, Utc};
use domain::residents::finding::Rule;
use uuid::Uuid;

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
    /// Changes that can be taken back; only where it was asked for.
    #[sqlx(default)]
    pub(super) edits: i64,
}

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
            b.push("INSERT INTO list_rows (list_id, nr, sealed, worst, fate, version, number_key, birth_key, changed_in, done) ");
            b.push_values(chunk, |mut v, r| {
                v.push_bind(list)
                    .push_bind(r.row)
                    .push_bind(&r.sealed)
                    .push_bind(&r.worst)
                    .push_bind(&r.fate)
                    .push_bind(r.version)
                    .push_bind(&r.number_key)
                    .push_bind(&r.birth_key)
                    .push_bind(r.version)
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
        "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id,
         (SELECT COUNT(*) FROM list_edits e WHERE e.list_id = r.list_id AND e.nr = r.nr) AS edits FROM list_rows r WHERE list_id = $1 AND nr = $2"
    )
    .bind(list)
    .bind(row)
    .fetch_optional(c)
    .await
    })
}

/// The last row that was written.
pub(super) async fn last_row(tx: &mut Tx, list: Uuid) -> Result<Option<i64>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT MAX(nr) FROM list_rows WHERE list_id = $1"
    )
    .bind(list)
    .fetch_one(c)
    .await)
}

/// Rows that are taken away at a time: nobody who writes waits long.
const PIECE: i64 = 5_000;

/// Takes a piece of the rows away, of those from before a version of the list; false if there is none left.
pub(super) async fn delete_rows(tx: &mut Tx, list: Uuid, before: i64) -> Result<bool> {
    let first: Option<i64> = on!(tx, |c| sqlx::query_scalar(
        "SELECT MIN(nr) FROM list_rows WHERE list_id = $1 AND version < $2"
    )
    .bind(list)
    .bind(before)
    .fetch_one(c)
    .await)?;
    let Some(first) = first else { return Ok(false) };
    for sql in [
        "DELETE FROM list_findings WHERE list_id = $1 AND nr < $2",
        "DELETE FROM list_rows WHERE list_id = $1 AND nr < $2",
    ] {
        on!(tx, |c| sqlx::query(sql)
            .bind(list)
            .bind(first + PIECE)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(true)
}

/// Writes a row that was judged again; its findings are replaced.
pub(super) async fn update_row(tx: &mut Tx, list: Uuid, r: &StoredRow, rules: &[Rule]) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE list_rows SET sealed = $3, worst = $4, decision = $5, fate = $6, version = version + 1, number_key = $7, birth_key = $8,
         plan = NULL, resident_id = NULL, changed_in = (SELECT version FROM resident_lists WHERE id = $1) WHERE list_id = $1 AND nr = $2"
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

/// Which rows somebody looks at.
#[derive(Clone, Copy)]
pub(super) struct View {
    pub(super) list: Uuid,
    pub(super) filter: RowFilter,
}

/// The condition of a view, for `list_rows r`.
macro_rules! push_view {
    ($b:ident, $view:ident) => {{
        $b.push(" r.list_id = ").push_bind($view.list);
        match $view.filter {
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
                $b.push(" AND EXISTS (SELECT 1 FROM list_edits e WHERE e.list_id = r.list_id AND e.nr = r.nr)");
            }
        }
    }};
}

/// Runs a built query whose rows are wanted.
macro_rules! fetch_built {
    ($tx:expr, |$b:ident| $build:expr, $how:ident) => {
        match $tx {
            Tx::Sqlite(t) => {
                let mut $b: sqlx::QueryBuilder<sqlx::Sqlite> = sqlx::QueryBuilder::new("");
                $build;
                $b.$how().fetch_all(&mut **t).await
            }
            Tx::Postgres(t, _) => {
                let mut $b: sqlx::QueryBuilder<sqlx::Postgres> = sqlx::QueryBuilder::new("");
                $build;
                $b.$how().fetch_all(&mut **t).await
            }
        }
    };
}

const ROW: &str = "SELECT r.nr, r.sealed, r.worst, r.decision, r.fate, r.version, r.number_key, r.birth_key, r.plan, r.resident_id,
    (SELECT COUNT(*) FROM list_edits e WHERE e.list_id = r.list_id AND e.nr = r.nr) AS edits FROM list_rows r WHERE";

/// Rows of a draft for the screen, from a row on.
pub(super) async fn page(tx: &mut Tx, view: View, after: i64, limit: i64) -> Result<Vec<StoredRow>> {
    fetch_built!(
        tx,
        |b| {
            b.push(ROW);
            push_view!(b, view);
            b.push(" AND r.nr > ").push_bind(after);
            b.push(" ORDER BY r.nr LIMIT ").push_bind(limit);
        },
        build_query_as
    )
}

/// The numbers of all rows of a view, in order.
pub(super) async fn numbers(tx: &mut Tx, view: View) -> Result<Vec<i64>> {
    fetch_built!(
        tx,
        |b| {
            b.push("SELECT r.nr FROM list_rows r WHERE");
            push_view!(b, view);
            b.push(" ORDER BY r.nr");
        },
        build_query_scalar
    )
}

/// These rows, in order; those that are not there are left out.
pub(super) async fn some(tx: &mut Tx, view: View, numbers: &[i64]) -> Result<Vec<StoredRow>> {
    fetch_built!(
        tx,
        |b| {
            b.push(ROW);
            push_view!(b, view);
            b.push(" AND r.nr IN (-1");
            for nr in numbers {
                b.push(", ").push_bind(*nr);
            }
            b.push(") ORDER BY r.nr");
        },
        build_query_as
    )
}

/// Rows that changed after a version of the list.
pub(super) async fn changed_since(tx: &mut Tx, view: View, version: i64, limit: i64) -> Result<Vec<i64>> {
    fetch_built!(
        tx,
        |b| {
            b.push("SELECT r.nr FROM list_rows r WHERE");
            push_view!(b, view);
            b.push(" AND r.changed_in > ").push_bind(version);
            b.push(" ORDER BY r.nr LIMIT ").push_bind(limit);
        },
        build_query_scalar
    )
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
         FROM list_findings f JOIN list_rows r ON r.list_id = f.list_id AND r.nr = f.nr
         WHERE f.list_id = $1 GROUP BY f.rule"
    )
    .bind(list)
    .fetch_all(c)
    .await
    })
}

/// Rows by what they do to the register.
pub(super) async fn by_plan(tx: &mut Tx, list: Uuid) -> Result<Vec<(String, i64)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT plan, COUNT(*) FROM list_rows WHERE list_id = $1 AND plan IS NOT NULL GROUP BY plan",
        )
        .bind(list)
        .fetch_all(c)
        .await
    })
}

/// Gives every row with questions its fate anew: agreed rules ask nothing any more.
pub(super) async fn refate(tx: &mut Tx, list: Uuid, agreed: &[Rule]) -> Result<()> {
    run_built!(tx, |b| {
        b.push("UPDATE list_rows SET plan = NULL, changed_in = (SELECT version FROM resident_lists WHERE id = list_rows.list_id), fate = CASE WHEN decision IN ('yes', 'same', 'new') THEN 'take' WHEN decision = 'no' THEN 'leave'
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
    on!(tx, |c| {
        sqlx::query("UPDATE list_rows SET sealed = $3, worst = $4, fate = $5 WHERE list_id = $1 AND nr = $2")
            .bind(list)
            .bind(r.row)
            .bind(&r.sealed)
            .bind(&r.worst)
            .bind(&r.fate)
            .execute(c)
            .await
            .map(drop)
    })?;
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
    version: i64,
    plan: Plan,
    resident: Option<Uuid>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE list_rows SET plan = $3, resident_id = $4 WHERE list_id = $1 AND nr = $2 AND version = $5"
    )
    .bind(list)
    .bind(row)
    .bind(plan.key())
    .bind(resident)
    .bind(version)
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
pub(super) async fn not_applied(tx: &mut Tx, list: Uuid, limit: i64) -> Result<Vec<StoredRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT nr, sealed, worst, decision, fate, version, number_key, birth_key, plan, resident_id FROM list_rows
         WHERE list_id = $1 AND nr > (SELECT applied_to FROM resident_lists WHERE id = $1) ORDER BY nr LIMIT $2"
    )
    .bind(list)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

/// How many rows are applied.
pub(super) async fn count_applied(tx: &mut Tx, list: Uuid) -> Result<i64> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT COUNT(*) FROM list_rows WHERE list_id = $1 AND nr <= (SELECT applied_to FROM resident_lists WHERE id = $1)"
    )
    .bind(list)
    .fetch_one(c)
    .await
    })
}

/// Rows up to here are applied.
pub(super) async fn set_applied(tx: &mut Tx, list: Uuid, up_to: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE resident_lists SET applied_to = $2 WHERE id = $1"
    )
    .bind(list)
    .bind(up_to)
    .execute(c)
    .await
    .map(drop))
}

/// Notes that somebody has the list open, at this row.
pub(super) async fn set_watcher(
    tx: &mut Tx,
    list: Uuid,
    who: Uuid,
    row: Option<i64>,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO list_watchers (list_id, account_id, nr, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (list_id, account_id) DO UPDATE SET nr = excluded.nr, seen_at = excluded.seen_at",
        )
        .bind(list)
        .bind(who)
        .bind(row)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

/// Who else was seen at the list since a moment, and at which row.
pub(super) async fn watchers(
    tx: &mut Tx,
    list: Uuid,
    but: Uuid,
    since: DateTime<Utc>,
) -> Result<Vec<(String, Option<i64>)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT a.display_name, w.nr FROM list_watchers w JOIN accounts a ON a.id = w.account_id
         WHERE w.list_id = $1 AND w.account_id <> $2 AND w.seen_at >= $3 ORDER BY a.display_name LIMIT 20",
        )
        .bind(list)
        .bind(but)
        .bind(since)
        .fetch_all(c)
        .await
    })
}

/// When somebody's line was written last, and at which row.
pub(super) async fn watcher(
    tx: &mut Tx,
    list: Uuid,
    who: Uuid,
) -> Result<Option<(Option<i64>, DateTime<Utc>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT nr, seen_at FROM list_watchers WHERE list_id = $1 AND account_id = $2"
    )
    .bind(list)
    .bind(who)
    .fetch_optional(c)
    .await)
}
