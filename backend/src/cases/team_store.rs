//! SQL of teams, absences, templates, saved views, and of who reads which mail.

use super::{AnswerTemplate, SavedView};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use domain::access::{Permission, StaffRole};
use uuid::Uuid;

/// Somebody who can be told something.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Reader {
    pub(super) id: Uuid,
    pub(super) email: Option<String>,
    pub(super) language: String,
    pub(super) mails: String,
    role: Option<String>,
    permissions: Option<String>,
}

impl Reader {
    pub(super) fn decides(&self) -> bool {
        has(
            self.role.as_deref(),
            self.permissions.as_deref(),
            Permission::DecideCases,
        )
    }

    pub(super) fn sees_blocks(&self) -> bool {
        has(
            self.role.as_deref(),
            self.permissions.as_deref(),
            Permission::SeeBlocks,
        )
    }
}

/// A member of staff who may decide cases.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Decider {
    pub(super) id: Uuid,
    pub(super) name: String,
    role: String,
    permissions: Option<String>,
}

impl Decider {
    pub(super) fn sees_blocks(&self) -> bool {
        has(
            Some(&self.role),
            self.permissions.as_deref(),
            Permission::SeeBlocks,
        )
    }
}

fn has(role: Option<&str>, stored: Option<&str>, permission: Permission) -> bool {
    role.is_some_and(|key| StaffRole::granted(key, stored).has(permission))
}

pub(super) async fn reader(tx: &mut Tx, account: Uuid) -> Result<Option<Reader>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT a.id, CASE WHEN a.email_confirmed THEN a.email END AS email, a.language, a.case_mails AS mails, a.role, r.permissions
         FROM accounts a LEFT JOIN roles r ON r.key = a.role WHERE a.id = $1 AND a.state = 'active'"
    )
    .bind(account)
    .fetch_optional(c)
    .await
    })
}

/// Who is told of a new case: members of its team who are not away; without a team, all who may decide.
pub(super) async fn readers(tx: &mut Tx, team: Option<Uuid>, now: DateTime<Utc>) -> Result<Vec<Reader>> {
    let all: Vec<Reader> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT a.id, CASE WHEN a.email_confirmed THEN a.email END AS email, a.language, a.case_mails AS mails, a.role, r.permissions
         FROM accounts a LEFT JOIN roles r ON r.key = a.role
         WHERE a.role IS NOT NULL AND a.state = 'active' AND ($1 = FALSE OR a.id IN (SELECT account_id FROM team_members WHERE team_id = $2))
         AND a.id NOT IN (SELECT account_id FROM absences WHERE until > $3) ORDER BY a.created_at, a.id"
    )
    .bind(team.is_some())
    .bind(team.unwrap_or_default())
    .bind(now)
    .fetch_all(c)
    .await
    })?;
    Ok(all.into_iter().filter(Reader::decides).collect())
}

pub(super) async fn deciders(tx: &mut Tx) -> Result<Vec<Decider>> {
    let all: Vec<Decider> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT a.id, a.display_name AS name, a.role, r.permissions FROM accounts a LEFT JOIN roles r ON r.key = a.role
         WHERE a.role IS NOT NULL AND a.state = 'active' ORDER BY a.display_name, a.id"
    )
    .fetch_all(c)
    .await
    })?;
    Ok(all
        .into_iter()
        .filter(|d| has(Some(&d.role), d.permissions.as_deref(), Permission::DecideCases))
        .collect())
}

pub(super) async fn name_of(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT display_name FROM accounts WHERE id = $1"
    )
    .bind(account)
    .fetch_optional(c)
    .await)
}

pub(super) async fn daily_readers(tx: &mut Tx) -> Result<Vec<(Uuid, Option<DateTime<Utc>>)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, digest_at FROM accounts WHERE role IS NOT NULL AND state = 'active' AND case_mails = 'daily' ORDER BY id"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn set_digest(tx: &mut Tx, account: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET digest_at = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// Open cases that changed since, of the teams of this member of staff or assigned to it.
pub(super) async fn new_since(tx: &mut Tx, account: Uuid, since: DateTime<Utc>, blocks: bool) -> Result<i64> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT COUNT(*) FROM cases c JOIN parties p ON p.id = c.party_id LEFT JOIN residents r ON r.id = p.resident_id
         WHERE c.state <> 'draft' AND c.state <> 'decided' AND c.changed_at > $2 AND ($3 OR NOT COALESCE(r.blocked, FALSE))
         AND (c.assignee_id = $1 OR (c.assignee_id IS NULL AND (c.team_id IS NULL OR c.team_id IN (SELECT team_id FROM team_members WHERE account_id = $1))))"
    )
    .bind(account)
    .bind(since)
    .bind(blocks)
    .fetch_one(c)
    .await
    })
}

pub(super) async fn set_mails(tx: &mut Tx, account: Uuid, mails: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET case_mails = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(mails)
    .execute(c)
    .await
    .map(drop))
}

// teams

pub(super) async fn teams(tx: &mut Tx) -> Result<Vec<(Uuid, String, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, name, kinds FROM teams ORDER BY name"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn members(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT team_id, account_id FROM team_members"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn team_name(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar("SELECT name FROM teams WHERE id = $1")
        .bind(id)
        .fetch_optional(c)
        .await)
}

pub(super) async fn team_for(tx: &mut Tx, kind: &str) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM teams WHERE ' ' || kinds || ' ' LIKE '% ' || $1 || ' %' ORDER BY name LIMIT 1"
    )
    .bind(kind)
    .fetch_optional(c)
    .await)
}

pub(super) async fn insert_team(tx: &mut Tx, id: Uuid, name: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO teams (id, name, kinds) VALUES ($1, $2, '')"
    )
    .bind(id)
    .bind(name)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn set_kinds(tx: &mut Tx, id: Uuid, kinds: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("UPDATE teams SET kinds = $2 WHERE id = $1")
        .bind(id)
        .bind(kinds)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn set_members(tx: &mut Tx, id: Uuid, members: &[Uuid]) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM team_members WHERE team_id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
    for member in members {
        on!(tx, |c| sqlx::query(
            "INSERT INTO team_members (team_id, account_id) VALUES ($1, $2)"
        )
        .bind(id)
        .bind(member)
        .execute(c)
        .await
        .map(drop))?;
    }
    Ok(())
}

pub(super) async fn delete_team(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM teams WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

// templates for answers

pub(super) async fn templates(tx: &mut Tx) -> Result<Vec<AnswerTemplate>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, kind, name, body FROM answer_templates ORDER BY name, kind"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn save_template(tx: &mut Tx, id: Uuid, kind: &str, name: &str, body: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO answer_templates (id, kind, name, body) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body",
        )
        .bind(id)
        .bind(kind)
        .bind(name)
        .bind(body)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn delete_template(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM answer_templates WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

// absences

pub(super) async fn absence(
    tx: &mut Tx,
    account: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<(DateTime<Utc>, Option<Uuid>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT until, deputy_id FROM absences WHERE account_id = $1 AND until > $2"
    )
    .bind(account)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// Who stands in for somebody right now; `None` if nobody does, or the person is here.
pub(super) async fn deputy_of(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<Option<Uuid>> {
    Ok(absence(tx, account, now).await?.and_then(|(_, deputy)| deputy))
}

pub(super) async fn set_absence(
    tx: &mut Tx,
    account: Uuid,
    deputy: Option<Uuid>,
    until: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO absences (account_id, deputy_id, until) VALUES ($1, $2, $3)
         ON CONFLICT (account_id) DO UPDATE SET deputy_id = excluded.deputy_id, until = excluded.until",
        )
        .bind(account)
        .bind(deputy)
        .bind(until)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn end_absence(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM absences WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))
}

// saved views

pub(super) async fn views(tx: &mut Tx, account: Uuid) -> Result<Vec<SavedView>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, name, query FROM saved_views WHERE account_id = $1 ORDER BY name"
    )
    .bind(account)
    .fetch_all(c)
    .await)
}

pub(super) async fn save_view(tx: &mut Tx, id: Uuid, account: Uuid, name: &str, query: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO saved_views (id, account_id, name, query) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, name) DO UPDATE SET query = excluded.query",
        )
        .bind(id)
        .bind(account)
        .bind(name)
        .bind(query)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn delete_view(tx: &mut Tx, id: Uuid, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM saved_views WHERE id = $1 AND account_id = $2"
    )
    .bind(id)
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}
