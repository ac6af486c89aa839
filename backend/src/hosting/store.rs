//! SQL of the register of municipalities.

use super::Municipality;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT name, host, base_url, place, state, mail_from, wrapped_key, version, created_at FROM municipalities ",
            $rest
        )
    };
}

pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Municipality>> {
    on!(tx, |c| sqlx::query_as(columns!("ORDER BY name"))
        .fetch_all(c)
        .await)
}

pub(super) async fn of_host(tx: &mut Tx, host: &str) -> Result<Option<Municipality>> {
    on!(tx, |c| sqlx::query_as(columns!("WHERE host = $1"))
        .bind(host)
        .fetch_optional(c)
        .await)
}

pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<Option<Municipality>> {
    on!(tx, |c| sqlx::query_as(columns!("WHERE name = $1"))
        .bind(name)
        .fetch_optional(c)
        .await)
}

pub(super) async fn insert(tx: &mut Tx, m: &Municipality) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO municipalities (name, host, base_url, place, state, mail_from, wrapped_key, version, created_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"
    )
    .bind(&m.name)
    .bind(&m.host)
    .bind(&m.base_url)
    .bind(&m.place)
    .bind(&m.state)
    .bind(&m.mail_from)
    .bind(&m.wrapped_key)
    .bind(m.version)
    .bind(m.created_at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Changes state and place if nobody else did meanwhile; says whether it was so.
pub(super) async fn change(
    tx: &mut Tx,
    m: &Municipality,
    state: &str,
    place: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE municipalities SET state = $3, place = $4, version = version + 1, changed_at = $5 WHERE name = $1 AND version = $2"
    )
    .bind(&m.name)
    .bind(m.version)
    .bind(state)
    .bind(place)
    .bind(now)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1)
    })
}

pub(super) async fn delete(tx: &mut Tx, name: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM municipalities WHERE name = $1")
        .bind(name)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn note(tx: &mut Tx, id: Uuid, at: DateTime<Utc>, name: &str, action: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO hosting_events (id, at, name, action) VALUES ($1, $2, $3, $4)"
    )
    .bind(id)
    .bind(at)
    .bind(name)
    .bind(action)
    .execute(c)
    .await
    .map(drop))
}
