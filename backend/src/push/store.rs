//! SQL of notifications.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) async fn key(tx: &mut Tx) -> Result<Option<Vec<u8>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT sealed FROM push_key WHERE id = 1"
    )
    .fetch_optional(c)
    .await)
}

pub(super) async fn put_key(tx: &mut Tx, sealed: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO push_key (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING"
    )
    .bind(sealed)
    .execute(c)
    .await
    .map(drop))
}

/// A browser that listens.
pub(super) struct Subscription<'a> {
    pub(super) id: Uuid,
    pub(super) account: Uuid,
    pub(super) session: Uuid,
    pub(super) device_hash: &'a [u8],
    pub(super) endpoint_mac: &'a [u8],
    pub(super) sealed: &'a [u8],
    pub(super) device: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, s: &Subscription<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO push_subscriptions (id, account_id, session_id, device_hash, endpoint_mac, sealed, device, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(s.id)
    .bind(s.account)
    .bind(s.session)
    .bind(s.device_hash)
    .bind(s.endpoint_mac)
    .bind(s.sealed)
    .bind(s.device)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// After signing in anew on the same device: another session, perhaps another address.
pub(super) async fn renew(
    tx: &mut Tx,
    id: Uuid,
    session: Uuid,
    endpoint_mac: &[u8],
    sealed: &[u8],
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE push_subscriptions SET session_id = $2, endpoint_mac = $3, sealed = $4 WHERE id = $1"
    )
    .bind(id)
    .bind(session)
    .bind(endpoint_mac)
    .bind(sealed)
    .execute(c)
    .await
    .map(drop))
}

#[derive(sqlx::FromRow)]
pub(super) struct DeviceRow {
    pub(super) id: Uuid,
    pub(super) session_id: Uuid,
    pub(super) device_hash: Vec<u8>,
    pub(super) device: String,
    pub(super) created_at: DateTime<Utc>,
}

pub(super) async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<DeviceRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, session_id, device_hash, device, created_at FROM push_subscriptions WHERE account_id = $1 ORDER BY created_at, id"
    )
    .bind(account)
    .fetch_all(c)
    .await
    })
}

#[derive(sqlx::FromRow)]
pub(super) struct Listener {
    pub(super) account_id: Uuid,
    pub(super) sealed: Vec<u8>,
    pub(super) staff: bool,
    pub(super) language: String,
}

/// One subscription, if its account is active.
pub(super) async fn listener(tx: &mut Tx, id: Uuid) -> Result<Option<Listener>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT s.account_id, s.sealed, a.role IS NOT NULL AS staff, a.language
         FROM push_subscriptions s JOIN accounts a ON a.id = s.account_id WHERE s.id = $1 AND a.state = 'active'"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

/// True if there was such a device of this account.
pub(super) async fn delete_of(tx: &mut Tx, account: Uuid, id: Uuid) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE id = $1 AND account_id = $2"
    )
    .bind(id)
    .bind(account)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn delete_device(tx: &mut Tx, device_hash: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE device_hash = $1"
    )
    .bind(device_hash)
    .execute(c)
    .await
    .map(drop))
}

/// Whoever holds the browser now has it: other rows with this address go.
pub(super) async fn delete_endpoint(tx: &mut Tx, endpoint_mac: &[u8], but: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE endpoint_mac = $1 AND id <> $2"
    )
    .bind(endpoint_mac)
    .bind(but)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_session(tx: &mut Tx, session: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE session_id = $1"
    )
    .bind(session)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_other_sessions(tx: &mut Tx, account: Uuid, keep: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM push_subscriptions WHERE account_id = $1 AND session_id <> $2"
    )
    .bind(account)
    .bind(keep)
    .execute(c)
    .await
    .map(drop))
}
