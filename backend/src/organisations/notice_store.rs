//! SQL of notices.

use super::NoticeLine;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) struct NewNotice<'a> {
    pub(super) id: Uuid,
    pub(super) organisation: Uuid,
    pub(super) kind: &'a str,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) search: &'a str,
    pub(super) ends_at: DateTime<Utc>,
    pub(super) state: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, n: &NewNotice<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO notices (id, organisation_id, kind, title, text, search, ends_at, state, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(n.id)
        .bind(n.organisation)
        .bind(n.kind)
        .bind(n.title)
        .bind(n.text)
        .bind(n.search)
        .bind(n.ends_at)
        .bind(n.state)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

/// All of an organisation that are not over.
pub(super) async fn of_organisation(
    tx: &mut Tx,
    organisation: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<NoticeLine>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT n.id, n.organisation_id AS organisation, o.name, n.kind, n.title, n.text, n.ends_at, n.state
             FROM notices n JOIN organisations o ON o.id = n.organisation_id
             WHERE n.organisation_id = $1 AND n.ends_at > $2 ORDER BY n.created_at DESC, n.id DESC",
        )
        .bind(organisation)
        .bind(now)
        .fetch_all(c)
        .await
    })
}

const LINE: &str =
    "SELECT n.id, n.organisation_id AS organisation, o.name, n.kind, n.title, n.text, n.ends_at, n.state
    FROM notices n JOIN organisations o ON o.id = n.organisation_id WHERE ";

/// What everybody may read: notices of organisations that are public themselves. `$1` is now.
const PUBLIC: &str = "n.state = 'live' AND n.ends_at > $1 AND o.state = 'active' AND o.confirm_by > $1
    AND EXISTS (SELECT 1 FROM organisation_members m JOIN accounts a ON a.id = m.account_id
                WHERE m.organisation_id = o.id AND m.role = 'owner' AND a.state = 'active') ";

/// Public notices that fit.
pub(super) async fn public(
    tx: &mut Tx,
    now: DateTime<Utc>,
    words: &str,
    kind: &str,
    organisation: Option<Uuid>,
) -> Result<Vec<NoticeLine>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(LINE);
        b.push(PUBLIC).push(
            "AND n.search LIKE $2 AND ($3 = '' OR n.kind = $3) AND ($4 = FALSE OR o.id = $5)
             ORDER BY n.ends_at, n.id LIMIT 500",
        );
        b.build_query_as()
            .bind(now)
            .bind(format!("%{}%", domain::text::fold(words)))
            .bind(kind)
            .bind(organisation.is_some())
            .bind(organisation.unwrap_or_default())
            .fetch_all(c)
            .await
    })
}

/// One that everybody may read.
pub(super) async fn public_one(tx: &mut Tx, now: DateTime<Utc>, id: Uuid) -> Result<Option<NoticeLine>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(LINE);
        b.push(PUBLIC).push("AND n.id = $2");
        b.build_query_as().bind(now).bind(id).fetch_optional(c).await
    })
}

/// One, whoever may read it.
pub(super) async fn one(tx: &mut Tx, id: Uuid) -> Result<Option<NoticeLine>> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new(LINE);
        b.push("n.id = $1");
        b.build_query_as().bind(id).fetch_optional(c).await
    })
}

/// Changes the state of a notice of this organisation; false if it was in another one.
pub(super) async fn set_state(
    tx: &mut Tx,
    organisation: Uuid,
    id: Uuid,
    from: &str,
    to: &str,
) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE notices SET state = $4 WHERE organisation_id = $1 AND id = $2 AND state = $3"
    )
    .bind(organisation)
    .bind(id)
    .bind(from)
    .bind(to)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn delete(tx: &mut Tx, organisation: Uuid, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM notices WHERE organisation_id = $1 AND id = $2"
    )
    .bind(organisation)
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_of(tx: &mut Tx, organisation: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM notices WHERE organisation_id = $1"
    )
    .bind(organisation)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn count_waiting(tx: &mut Tx, now: DateTime<Utc>) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM notices WHERE state = 'waiting' AND ends_at > $1"
    )
    .bind(now)
    .fetch_one(c)
    .await)
}

pub(super) async fn sweep(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM notices WHERE ends_at < $1")
        .bind(before)
        .execute(c)
        .await
        .map(drop))
}

/// The words by which a notice is found.
pub(super) async fn set_search(tx: &mut Tx, id: Uuid, search: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE notices SET search = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(search)
    .execute(c)
    .await
    .map(drop))
}
