//! SQL of what the public sees of organisations: entries and logos.

use super::DirectoryLine;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store::pattern;

pub(super) async fn delete_entry(tx: &mut Tx, organisation: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_entries WHERE organisation_id = $1"
    )
    .bind(organisation)
    .execute(c)
    .await
    .map(drop))
}

/// What the public sees, what waits for a look, and the version.
pub(super) async fn entry(
    tx: &mut Tx,
    organisation: Uuid,
) -> Result<Option<(Option<String>, Option<String>, i64)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT live, proposed, version FROM organisation_entries WHERE organisation_id = $1"
    )
    .bind(organisation)
    .fetch_optional(c)
    .await)
}

pub(super) struct SavedEntry<'a> {
    pub(super) category: &'a str,
    pub(super) live: Option<&'a str>,
    pub(super) proposed: Option<&'a str>,
    pub(super) search: &'a str,
    pub(super) version: i64,
}

pub(super) async fn save_entry(
    tx: &mut Tx,
    organisation: Uuid,
    e: &SavedEntry<'_>,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO organisation_entries (organisation_id, category, live, proposed, search, version, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (organisation_id) DO UPDATE SET category = excluded.category, live = excluded.live,
             proposed = excluded.proposed, search = excluded.search, version = excluded.version, changed_at = excluded.changed_at",
        )
        .bind(organisation)
        .bind(e.category)
        .bind(e.live)
        .bind(e.proposed)
        .bind(e.search)
        .bind(e.version)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

const PUBLIC: &str = "FROM organisations o JOIN organisation_entries e ON e.organisation_id = o.id
    WHERE o.state = 'active' AND e.live IS NOT NULL AND o.confirm_by > $1
    AND EXISTS (SELECT 1 FROM organisation_members m JOIN accounts a ON a.id = m.account_id
                WHERE m.organisation_id = o.id AND m.role = 'owner' AND a.state = 'active')";

/// Public entries that fit.
pub(super) async fn directory(
    tx: &mut Tx,
    now: DateTime<Utc>,
    words: &str,
    category: &str,
    kind: &str,
) -> Result<Vec<DirectoryLine>> {
    on!(tx, |c| {
        let mut b =
            sqlx::QueryBuilder::new("SELECT o.id, o.name, o.kind, o.postcode, o.city, e.category, e.live ");
        b.push(PUBLIC).push(
            " AND e.search LIKE $2 AND ($3 = '' OR e.category = $3)
             AND ($4 = '' OR o.kind = $4) ORDER BY o.name, o.id LIMIT 500",
        );
        b.build_query_as()
            .bind(now)
            .bind(pattern(words))
            .bind(category)
            .bind(kind)
            .fetch_all(c)
            .await
    })
}

/// Is this one public?
pub(super) async fn is_public(tx: &mut Tx, now: DateTime<Utc>, id: Uuid) -> Result<bool> {
    on!(tx, |c| {
        let mut b = sqlx::QueryBuilder::new("SELECT EXISTS (SELECT 1 ");
        b.push(PUBLIC).push(" AND o.id = $2)");
        b.build_query_scalar().bind(now).bind(id).fetch_one(c).await
    })
}

/// The logo: what everybody sees, and what waits.
pub(super) async fn logo(
    tx: &mut Tx,
    organisation: Uuid,
) -> Result<Option<(Option<Vec<u8>>, Option<Vec<u8>>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT live, proposed FROM organisation_logos WHERE organisation_id = $1"
    )
    .bind(organisation)
    .fetch_optional(c)
    .await)
}

pub(super) async fn save_logo(
    tx: &mut Tx,
    organisation: Uuid,
    live: Option<&[u8]>,
    proposed: Option<&[u8]>,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO organisation_logos (organisation_id, live, proposed, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (organisation_id) DO UPDATE SET live = excluded.live, proposed = excluded.proposed,
             changed_at = excluded.changed_at",
        )
        .bind(organisation)
        .bind(live)
        .bind(proposed)
        .bind(at)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn delete_logo(tx: &mut Tx, organisation: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM organisation_logos WHERE organisation_id = $1"
    )
    .bind(organisation)
    .execute(c)
    .await
    .map(drop))
}
