//! SQL of ideas and comments.

use super::Contribution;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use uuid::Uuid;

/// A contribution with the name under which it stands: that of the organisation, the pseudonym under which it was written, or that
/// of the person. A pseudonym never becomes a name, when a block is lifted, and a name never a pseudonym, when one is set: then
/// there is no name. `$1` is whoever looks.
const SELECT: &str = "SELECT c.id, c.subject, c.subject_id, c.account_id AS account, c.organisation_id AS organisation,
    CASE WHEN o.id IS NOT NULL THEN o.name WHEN c.pseudonym THEN COALESCE(n.name, '')
         WHEN COALESCE(r.blocked, FALSE) THEN '' ELSE p.name END AS name,
    c.pseudonym, (c.pseudonym OR COALESCE(r.blocked, FALSE)) AS blocked, p.name AS person,
    c.title, c.text, c.state, c.hidden_because, c.status, c.reply, c.version, c.created_at, c.changed_at,
    (SELECT COUNT(*) FROM idea_supports s WHERE s.idea_id = c.id) AS supports,
    (SELECT COUNT(*) FROM contributions d WHERE d.subject = 'idea' AND d.subject_id = c.id AND d.state = 'live') AS comments,
    EXISTS (SELECT 1 FROM idea_supports s WHERE s.idea_id = c.id AND s.account_id = $1) AS supported
    FROM contributions c JOIN accounts a ON a.id = c.account_id JOIN parties p ON p.id = a.party_id
    LEFT JOIN residents r ON r.id = p.resident_id LEFT JOIN pseudonyms n ON n.account_id = a.id
    LEFT JOIN organisations o ON o.id = c.organisation_id ";

/// What everybody may read: nothing of accounts that are frozen or of organisations that are not public.
const PUBLIC: &str = " c.state = 'live' AND a.state = 'active' AND (o.id IS NULL OR o.state = 'active') ";

pub(super) struct New<'a> {
    pub(super) id: Uuid,
    pub(super) subject: &'a str,
    pub(super) subject_id: Option<Uuid>,
    pub(super) account: Uuid,
    pub(super) organisation: Option<Uuid>,
    pub(super) pseudonym: bool,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) search: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, n: &New<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO contributions (id, subject, subject_id, account_id, organisation_id, pseudonym, title, text, search, state,
             hidden_because, status, reply, version, created_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'live', '', 'new', '', 1, $10, $10)",
        )
        .bind(n.id)
        .bind(n.subject)
        .bind(n.subject_id)
        .bind(n.account)
        .bind(n.organisation)
        .bind(n.pseudonym)
        .bind(n.title)
        .bind(n.text)
        .bind(n.search)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn one(tx: &mut Tx, me: Uuid, id: Uuid) -> Result<Option<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("WHERE c.id = $2");
        b.build_query_as().bind(me).bind(id).fetch_optional(c).await
    })
}

/// One that everybody may read.
pub(super) async fn public_one(tx: &mut Tx, me: Uuid, id: Uuid) -> Result<Option<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("WHERE c.id = $2 AND").push(PUBLIC);
        b.build_query_as().bind(me).bind(id).fetch_optional(c).await
    })
}

/// Ideas that everybody may read: the most supported first, or the newest.
pub(super) async fn ideas(
    tx: &mut Tx,
    me: Uuid,
    words: &str,
    status: &str,
    newest: bool,
) -> Result<Vec<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("WHERE c.subject = '' AND c.search LIKE $2 AND ($3 = '' OR c.status = $3) AND")
            .push(PUBLIC)
            .push(if newest {
                "ORDER BY c.created_at DESC, c.id DESC LIMIT 300"
            } else {
                "ORDER BY supports DESC, c.created_at DESC, c.id DESC LIMIT 300"
            });
        b.build_query_as()
            .bind(me)
            .bind(format!("%{}%", domain::text::fold(words)))
            .bind(status)
            .fetch_all(c)
            .await
    })
}

/// Comments that everybody may read, oldest first.
pub(super) async fn comments(
    tx: &mut Tx,
    me: Uuid,
    subject: &str,
    subject_id: Uuid,
) -> Result<Vec<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("WHERE c.subject = $2 AND c.subject_id = $3 AND")
            .push(PUBLIC)
            .push("ORDER BY c.created_at, c.id LIMIT 1000");
        b.build_query_as()
            .bind(me)
            .bind(subject)
            .bind(subject_id)
            .fetch_all(c)
            .await
    })
}

/// What one account has written, newest first.
pub(super) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("WHERE c.account_id = $1 ORDER BY c.created_at DESC, c.id DESC LIMIT 1000");
        b.build_query_as().bind(account).fetch_all(c).await
    })
}

/// The newest of everything, for moderation.
pub(super) async fn newest(tx: &mut Tx, me: Uuid, most: i64) -> Result<Vec<Contribution>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(SELECT);
        b.push("ORDER BY c.changed_at DESC, c.id DESC LIMIT $2");
        b.build_query_as().bind(me).bind(most).fetch_all(c).await
    })
}

/// Earlier versions of all comments on something, newest first: (comment, headline, text, when).
pub(super) async fn versions_on(
    tx: &mut Tx,
    subject: &str,
    subject_id: Uuid,
) -> Result<Vec<(Uuid, String, String, DateTime<Utc>)>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT v.contribution_id, v.title, v.text, v.written_at FROM contribution_versions v
             JOIN contributions c ON c.id = v.contribution_id WHERE c.subject = $1 AND c.subject_id = $2
             ORDER BY v.version DESC LIMIT 2000",
        )
        .bind(subject)
        .bind(subject_id)
        .fetch_all(c)
        .await
    })
}

/// Titles of ideas that an account supports.
pub(super) async fn supported(tx: &mut Tx, account: Uuid) -> Result<Vec<String>> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT c.title FROM idea_supports s JOIN contributions c ON c.id = s.idea_id WHERE s.account_id = $1 ORDER BY c.title",
        )
        .bind(account)
        .fetch_all(c)
        .await
    })
}

/// Earlier versions, newest first: (headline, text, when).
pub(super) async fn versions(tx: &mut Tx, id: Uuid) -> Result<Vec<(String, String, DateTime<Utc>)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT title, text, written_at FROM contribution_versions WHERE contribution_id = $1 ORDER BY version DESC"
    )
    .bind(id)
    .fetch_all(c)
    .await
    })
}

/// Writes a contribution anew and keeps what stood there; false if it was changed since `version`.
pub(super) async fn rewrite(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    title: &str,
    text: &str,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO contribution_versions (contribution_id, version, title, text, written_at)
         SELECT id, version, title, text, changed_at FROM contributions WHERE id = $1 AND version = $2"
    )
    .bind(id)
    .bind(version)
    .execute(c)
    .await
    .map(drop))?;
    let search = domain::text::fold(&format!("{title} {text}"));
    on!(tx, |c| sqlx::query(
        "UPDATE contributions SET title = $3, text = $4, search = $5, changed_at = $6, version = version + 1
         WHERE id = $1 AND version = $2"
    )
    .bind(id)
    .bind(version)
    .bind(title)
    .bind(text)
    .bind(search)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn set_state(tx: &mut Tx, id: Uuid, state: &str, because: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE contributions SET state = $2, hidden_because = $3 WHERE id = $1 AND state <> $2"
    )
    .bind(id)
    .bind(state)
    .bind(because)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn set_reply(tx: &mut Tx, id: Uuid, status: &str, reply: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE contributions SET status = $2, reply = $3 WHERE id = $1"
    )
    .bind(id)
    .bind(status)
    .bind(reply)
    .execute(c)
    .await
    .map(drop))
}

/// Deletes a contribution with its versions and supports; comments on it go with the next sweep at the latest.
pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM contributions WHERE id = $1 OR (subject = 'idea' AND subject_id = $1)"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn support(tx: &mut Tx, idea: Uuid, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO idea_supports (idea_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    )
    .bind(idea)
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn unsupport(tx: &mut Tx, idea: Uuid, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM idea_supports WHERE idea_id = $1 AND account_id = $2"
    )
    .bind(idea)
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn pseudonym(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT name FROM pseudonyms WHERE account_id = $1"
    )
    .bind(account)
    .fetch_optional(c)
    .await)
}

/// True if nobody had the name.
pub(super) async fn name(tx: &mut Tx, account: Uuid, name: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO pseudonyms (account_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    )
    .bind(account)
    .bind(name)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

/// Confirmed address and language of an account, for mails.
pub(super) async fn address(tx: &mut Tx, account: Uuid) -> Result<Option<(String, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT email, language FROM accounts WHERE id = $1 AND email IS NOT NULL AND email_confirmed"
    )
    .bind(account)
    .fetch_optional(c)
    .await)
}

/// Ideas and comments that are public, and ideas that the town has answered.
pub(super) async fn counts(tx: &mut Tx) -> Result<(i64, i64, i64)> {
    on!(tx, |c| sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN subject = '' THEN 1 ELSE 0 END), 0) AS BIGINT),
         CAST(COALESCE(SUM(CASE WHEN subject <> '' THEN 1 ELSE 0 END), 0) AS BIGINT),
         CAST(COALESCE(SUM(CASE WHEN subject = '' AND status <> 'new' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM contributions WHERE state = 'live'"
    )
    .fetch_one(c)
    .await)
}

/// How many people have written what is public, and how many support something; nobody with a register block.
pub(super) async fn people(tx: &mut Tx) -> Result<(i64, i64)> {
    const OPEN: &str = " IN (SELECT a.id FROM accounts a JOIN parties p ON p.id = a.party_id
        LEFT JOIN residents r ON r.id = p.resident_id WHERE NOT COALESCE(r.blocked, FALSE))";
    on!(tx, |c| {
        let mut b = QueryBuilder::new(
            "SELECT (SELECT COUNT(DISTINCT account_id) FROM contributions WHERE state = 'live' AND account_id",
        );
        b.push(OPEN)
            .push("), (SELECT COUNT(DISTINCT account_id) FROM idea_supports WHERE account_id")
            .push(OPEN)
            .push(")");
        b.build_query_as().fetch_one(c).await
    })
}

/// Comments on what is gone.
pub(super) async fn sweep(tx: &mut Tx) -> Result<()> {
    for sql in [
        "DELETE FROM contributions WHERE subject = 'notice' AND subject_id NOT IN (SELECT id FROM notices)",
        "DELETE FROM contributions WHERE subject = 'survey' AND subject_id NOT IN (SELECT id FROM surveys)",
        "DELETE FROM contributions WHERE subject = 'idea' AND subject_id NOT IN (SELECT id FROM contributions WHERE subject = '')",
    ] {
        on!(tx, |c| sqlx::query(sql).execute(c).await.map(drop))?;
    }
    Ok(())
}
