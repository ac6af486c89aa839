//! SQL of cases: the cases themselves, the inbox, who is on a case.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Columns of a case, in the order of [`CaseRow`].
macro_rules! case_columns {
    () => {
        "c.id, c.number, c.kind, c.state, c.outcome, c.wrapped_key, c.party_id, c.account_id, c.applicant, c.team_id, t.name AS team,
         c.assignee_id, a.display_name AS assignee, c.proof, c.desk_code, c.first_yes_by, c.entries, c.version,
         c.submitted_at, c.due_at, c.changed_at, c.decided_at, COALESCE(r.blocked, FALSE) AS blocked
         FROM cases c JOIN parties p ON p.id = c.party_id LEFT JOIN residents r ON r.id = p.resident_id
         LEFT JOIN teams t ON t.id = c.team_id LEFT JOIN accounts a ON a.id = c.assignee_id"
    };
}

#[derive(Clone, sqlx::FromRow)]
pub(super) struct CaseRow {
    pub(super) id: Uuid,
    pub(super) number: String,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) outcome: Option<String>,
    pub(super) wrapped_key: Vec<u8>,
    pub(super) party_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) applicant: String,
    pub(super) team_id: Option<Uuid>,
    pub(super) team: Option<String>,
    pub(super) assignee_id: Option<Uuid>,
    pub(super) assignee: Option<String>,
    pub(super) proof: String,
    pub(super) desk_code: Option<String>,
    pub(super) first_yes_by: Option<Uuid>,
    pub(super) entries: i64,
    pub(super) version: i64,
    pub(super) submitted_at: Option<DateTime<Utc>>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) decided_at: Option<DateTime<Utc>>,
    /// The applicant has a register block.
    pub(super) blocked: bool,
}

pub(super) struct NewCase<'a> {
    pub(super) id: Uuid,
    pub(super) number: &'a str,
    pub(super) kind: &'a str,
    pub(super) wrapped_key: &'a [u8],
    pub(super) party: Uuid,
    pub(super) account: Uuid,
    pub(super) applicant: &'a str,
    pub(super) applicant_key: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, n: &NewCase<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO cases (id, number, kind, state, wrapped_key, party_id, account_id, applicant, applicant_key, proof, entries, version, created_at, changed_at)
         VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, 'none', 0, 1, $9, $9)"
    )
    .bind(n.id)
    .bind(n.number)
    .bind(n.kind)
    .bind(n.wrapped_key)
    .bind(n.party)
    .bind(n.account)
    .bind(n.applicant)
    .bind(n.applicant_key)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<CaseRow>> {
    on!(tx, |c| sqlx::query_as(concat!(
        "SELECT ",
        case_columns!(),
        " WHERE c.id = $1"
    ))
    .bind(id)
    .fetch_optional(c)
    .await)
}

pub(super) async fn by_desk_code(tx: &mut Tx, code: &str) -> Result<Option<CaseRow>> {
    on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            case_columns!(),
            " WHERE c.desk_code = $1 AND c.state <> 'decided' AND c.state <> 'draft'"
        ))
        .bind(code)
        .fetch_optional(c)
        .await
    })
}

pub(super) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<CaseRow>> {
    on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            case_columns!(),
            " WHERE c.account_id = $1 ORDER BY c.created_at DESC, c.id DESC LIMIT 200"
        ))
        .bind(account)
        .fetch_all(c)
        .await
    })
}

/// An open case or draft of a kind: one at a time.
pub(super) async fn open_of_kind(tx: &mut Tx, account: Uuid, kind: &str) -> Result<Option<(Uuid, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, state FROM cases WHERE account_id = $1 AND kind = $2 AND state <> 'decided' ORDER BY created_at DESC LIMIT 1"
    )
    .bind(account)
    .bind(kind)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn begun_since(tx: &mut Tx, account: Uuid, since: DateTime<Utc>) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM cases WHERE account_id = $1 AND created_at > $2"
    )
    .bind(account)
    .bind(since)
    .fetch_one(c)
    .await)
}

/// What changes with an act.
#[derive(Default)]
pub(super) struct Change<'a> {
    pub(super) state: &'a str,
    pub(super) outcome: Option<&'a str>,
    pub(super) team: Option<Uuid>,
    pub(super) assignee: Option<Uuid>,
    pub(super) proof: &'a str,
    pub(super) desk_code: Option<&'a str>,
    pub(super) first_yes_by: Option<Uuid>,
    pub(super) entries: i64,
    pub(super) submitted_at: Option<DateTime<Utc>>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) decided_at: Option<DateTime<Utc>>,
    pub(super) decided_by: Option<Uuid>,
}

/// True if the case was still as the writer saw it.
pub(super) async fn update(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    n: &Change<'_>,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE cases SET state = $3, outcome = $4, team_id = $5, assignee_id = $6, proof = $7, desk_code = $8, first_yes_by = $9,
         entries = $10, submitted_at = $11, due_at = $12, decided_at = $13, decided_by = $14, changed_at = $15, version = version + 1
         WHERE id = $1 AND version = $2"
    )
    .bind(id)
    .bind(version)
    .bind(n.state)
    .bind(n.outcome)
    .bind(n.team)
    .bind(n.assignee)
    .bind(n.proof)
    .bind(n.desk_code)
    .bind(n.first_yes_by)
    .bind(n.entries)
    .bind(n.submitted_at)
    .bind(n.due_at)
    .bind(n.decided_at)
    .bind(n.decided_by)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// A place for an entry that changes nothing else (somebody looked at a picture).
pub(super) async fn next_position(tx: &mut Tx, id: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "UPDATE cases SET entries = entries + 1 WHERE id = $1 RETURNING entries"
    )
    .bind(id)
    .fetch_one(c)
    .await)
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM cases WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn delete_drafts(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM cases WHERE state = 'draft' AND changed_at < $1"
    )
    .bind(before)
    .execute(c)
    .await
    .map(drop))
}

/// What the inbox shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter<'a> {
    /// `open`, `new`, `mine`, `waiting`, `decided` or empty for all that is not a draft.
    pub(super) show: &'a str,
    pub(super) kind: &'a str,
    pub(super) team: Option<Uuid>,
    pub(super) assignee: Option<Uuid>,
    /// Folded words; each begins a word of the name or is part of the number.
    pub(super) words: Vec<String>,
    pub(super) unread: bool,
    pub(super) overdue: bool,
    /// `changed`, `due`, `age`, or `id` for pages that continue after one.
    pub(super) order: &'a str,
    /// Continue after this case.
    pub(super) after: Option<Uuid>,
    /// May see people with a register block.
    pub(super) blocks: bool,
}

pub(super) async fn inbox(
    tx: &mut Tx,
    me: Uuid,
    f: &Filter<'_>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CaseRow>> {
    macro_rules! build {
        ($b:ident) => {{
            $b.push(concat!("SELECT ", case_columns!(), " WHERE c.state <> 'draft'"));
            match f.show {
                "open" => $b.push(" AND c.state <> 'decided'"),
                "new" => $b.push(" AND c.state = 'submitted' AND c.assignee_id IS NULL"),
                "mine" => {
                    $b.push(" AND c.state <> 'decided' AND (c.assignee_id = ").push_bind(me);
                    $b.push(" OR c.assignee_id IN (SELECT account_id FROM absences WHERE deputy_id = ").push_bind(me);
                    $b.push(" AND until > ").push_bind(now).push("))")
                }
                "waiting" => $b.push(" AND c.state = 'waiting'"),
                "decided" => $b.push(" AND c.state = 'decided'"),
                _ => &mut $b,
            };
            if !f.kind.is_empty() {
                $b.push(" AND c.kind = ").push_bind(f.kind.to_owned());
            }
            if let Some(team) = f.team {
                $b.push(" AND c.team_id = ").push_bind(team);
            }
            if let Some(assignee) = f.assignee {
                $b.push(" AND c.assignee_id = ").push_bind(assignee);
            }
            for word in &f.words {
                $b.push(" AND (' ' || c.applicant_key LIKE '% ' || ").push_bind(word.clone());
                $b.push(" || '%' OR LOWER(c.number) LIKE '%' || ").push_bind(word.clone()).push(" || '%')");
            }
            if f.unread {
                $b.push(" AND EXISTS (SELECT 1 FROM case_entries e LEFT JOIN case_seen s ON s.case_id = e.case_id AND s.area = e.area AND s.account_id = ").push_bind(me);
                $b.push(" WHERE e.case_id = c.id AND e.position > COALESCE(s.position, 0) AND (e.author_id IS NULL OR e.author_id <> ").push_bind(me).push("))");
            }
            if f.overdue {
                $b.push(" AND c.state <> 'decided' AND c.due_at < ").push_bind(now);
            }
            if !f.blocks {
                $b.push(" AND NOT COALESCE(r.blocked, FALSE)");
            }
            if let Some(after) = f.after {
                $b.push(" AND c.id > ").push_bind(after);
            }
            $b.push(match f.order {
                "id" => " ORDER BY c.id",
                "due" => " ORDER BY c.due_at, c.id",
                "age" => " ORDER BY c.submitted_at, c.id",
                _ => " ORDER BY c.changed_at DESC, c.id DESC",
            });
            $b.push(" LIMIT ").push_bind(limit);
        }};
    }
    match tx {
        Tx::Sqlite(t) => {
            let mut b: sqlx::QueryBuilder<sqlx::Sqlite> = sqlx::QueryBuilder::new("");
            build!(b);
            b.build_query_as().fetch_all(&mut **t).await
        }
        Tx::Postgres(t, _) => {
            let mut b: sqlx::QueryBuilder<sqlx::Postgres> = sqlx::QueryBuilder::new("");
            build!(b);
            b.build_query_as().fetch_all(&mut **t).await
        }
    }
}

/// Case and area with something that this member of staff has not seen.
pub(super) async fn unread(tx: &mut Tx, me: Uuid, cases: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    if cases.is_empty() {
        return Ok(Vec::new());
    }
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(
            "SELECT DISTINCT e.case_id, e.area FROM case_entries e LEFT JOIN case_seen s ON s.case_id = e.case_id AND s.area = e.area AND s.account_id = ",
        );
        b.push_bind(me);
        b.push(" WHERE e.position > COALESCE(s.position, 0) AND (e.author_id IS NULL OR e.author_id <> ");
        b.push_bind(me).push(") AND e.case_id IN (");
        let mut list = b.separated(", ");
        for case in cases {
            list.push_bind(*case);
        }
        b.push(")");
        b.build_query_as().fetch_all(c).await
    })
}

/// When cases came and when they were decided, of those with either since a moment.
pub(super) async fn times(
    tx: &mut Tx,
    since: DateTime<Utc>,
    blocks: bool,
) -> Result<Vec<(Option<DateTime<Utc>>, Option<DateTime<Utc>>)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT c.submitted_at, c.decided_at FROM cases c JOIN parties p ON p.id = c.party_id LEFT JOIN residents r ON r.id = p.resident_id
         WHERE c.state <> 'draft' AND (c.submitted_at >= $1 OR c.decided_at >= $1) AND ($2 OR NOT COALESCE(r.blocked, FALSE))",
        )
        .bind(since)
        .bind(blocks)
        .fetch_all(c)
        .await
    })
}

/// Counts for the navigation and the head of the inbox: new, mine, open, overdue.
pub(super) async fn counts(
    tx: &mut Tx,
    me: Uuid,
    blocks: bool,
    now: DateTime<Utc>,
) -> Result<(i64, i64, i64, i64, i64)> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN c.state = 'submitted' AND c.assignee_id IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN c.assignee_id = $1 THEN 1 ELSE 0 END), 0) AS BIGINT), COUNT(*),
                CAST(COALESCE(SUM(CASE WHEN c.due_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN c.kind = 'admission' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM cases c JOIN parties p ON p.id = c.party_id LEFT JOIN residents r ON r.id = p.resident_id
         WHERE c.state <> 'draft' AND c.state <> 'decided' AND ($3 OR NOT COALESCE(r.blocked, FALSE))"
    )
    .bind(me)
    .bind(now)
    .bind(blocks)
    .fetch_one(c)
    .await
    })
}

pub(super) async fn set_seen(tx: &mut Tx, me: Uuid, case: Uuid, area: &str, position: i64) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO case_seen (account_id, case_id, area, position) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, case_id, area) DO UPDATE SET position = excluded.position WHERE case_seen.position < excluded.position"
    )
    .bind(me)
    .bind(case)
    .bind(area)
    .bind(position)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Shows the case as new again: to be looked at later.
pub(super) async fn unsee(tx: &mut Tx, me: Uuid, case: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM case_seen WHERE account_id = $1 AND case_id = $2"
    )
    .bind(me)
    .bind(case)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn be_present(tx: &mut Tx, me: Uuid, case: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO case_present (case_id, account_id, seen_at) VALUES ($1, $2, $3)
         ON CONFLICT (case_id, account_id) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(case)
        .bind(me)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

/// Names of the others who have the case open.
pub(super) async fn present(tx: &mut Tx, me: Uuid, case: Uuid, since: DateTime<Utc>) -> Result<Vec<String>> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT a.display_name FROM case_present p JOIN accounts a ON a.id = p.account_id
         WHERE p.case_id = $1 AND p.account_id <> $2 AND p.seen_at > $3 ORDER BY a.display_name",
        )
        .bind(case)
        .bind(me)
        .bind(since)
        .fetch_all(c)
        .await
    })
}

pub(super) async fn sweep_present(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM case_present WHERE seen_at < $1")
        .bind(before)
        .execute(c)
        .await
        .map(drop))
}

/// Accounts that nobody can sign in to, with their cases, that were answered before this time.
pub(super) async fn delete_visitors(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "DELETE FROM parties WHERE id IN (SELECT c.party_id FROM cases c JOIN accounts a ON a.id = c.account_id
         WHERE a.state = 'visitor' AND c.decided_at < $1)"
    )
    .bind(before)
    .execute(c)
    .await
    .map(drop)
    })
}
