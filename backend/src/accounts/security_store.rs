//! SQL of second factors, passkeys, mailed links, freezing and outside identities.

use super::passkey::PasskeyLine;
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use uuid::Uuid;

// second factors

pub(super) async fn totp(tx: &mut Tx, account: Uuid) -> Result<Option<(Vec<u8>, i64)>> {
    let row: Option<(Option<Vec<u8>>, i64)> = on!(tx, |c| sqlx::query_as(
        "SELECT totp, totp_step FROM accounts WHERE id = $1"
    )
    .bind(account)
    .fetch_optional(c)
    .await)?;
    Ok(row.and_then(|(sealed, step)| Some((sealed?, step))))
}

pub(super) async fn set_totp(tx: &mut Tx, account: Uuid, sealed: Option<&[u8]>, step: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET totp = $2, totp_step = $3 WHERE id = $1"
    )
    .bind(account)
    .bind(sealed)
    .bind(step)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn set_totp_step(tx: &mut Tx, account: Uuid, step: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET totp_step = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(step)
    .execute(c)
    .await
    .map(drop))
}

/// App or passkey?
pub(super) async fn has_second_factor(tx: &mut Tx, account: Uuid) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = $1 AND totp IS NOT NULL)
             OR EXISTS (SELECT 1 FROM passkeys p JOIN accounts a ON a.id = p.account_id WHERE p.account_id = $1 AND a.role IS NOT NULL)"
    )
    .bind(account)
    .fetch_one(c)
    .await
    })
}

pub(super) async fn recovery_codes(tx: &mut Tx, account: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM recovery_codes WHERE account_id = $1"
    )
    .bind(account)
    .fetch_one(c)
    .await)
}

pub(super) async fn set_recovery_codes(tx: &mut Tx, account: Uuid, macs: &[[u8; 32]]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM recovery_codes WHERE account_id = $1"
    )
    .bind(account)
    .execute(c)
    .await
    .map(drop))?;
    for mac in macs {
        on!(tx, |c| sqlx::query(
            "INSERT INTO recovery_codes (account_id, mac) VALUES ($1, $2)"
        )
        .bind(account)
        .bind(&mac[..])
        .execute(c)
        .await
        .map(drop))?;
    }
    Ok(())
}

/// True if there was such a code; it is gone then.
pub(super) async fn take_recovery_code(tx: &mut Tx, account: Uuid, mac: &[u8]) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM recovery_codes WHERE account_id = $1 AND mac = $2"
    )
    .bind(account)
    .bind(mac)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn clear_factors(tx: &mut Tx, account: Uuid) -> Result<()> {
    set_totp(tx, account, None, 0).await?;
    set_recovery_codes(tx, account, &[]).await?;
    on!(tx, |c| sqlx::query("DELETE FROM passkeys WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))
}

// passkeys

pub(super) async fn passkeys(tx: &mut Tx, account: Uuid) -> Result<Vec<PasskeyLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, name, created_at, used_at FROM passkeys WHERE account_id = $1 ORDER BY created_at, id"
    )
    .bind(account)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn passkey_values(tx: &mut Tx, account: Uuid) -> Result<Vec<(Uuid, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, passkey FROM passkeys WHERE account_id = $1 ORDER BY created_at, id"
    )
    .bind(account)
    .fetch_all(c)
    .await)
}

pub(super) async fn insert_passkey(
    tx: &mut Tx,
    id: Uuid,
    account: Uuid,
    credential: &str,
    name: &str,
    passkey: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO passkeys (id, account_id, credential, name, passkey, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(id)
    .bind(account)
    .bind(credential)
    .bind(name)
    .bind(passkey)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn used_passkey(tx: &mut Tx, id: Uuid, passkey: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE passkeys SET passkey = $2, used_at = $3 WHERE id = $1"
    )
    .bind(id)
    .bind(passkey)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_passkey(tx: &mut Tx, id: Uuid, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM passkeys WHERE id = $1 AND account_id = $2"
    )
    .bind(id)
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn insert_ceremony(
    tx: &mut Tx,
    id: Uuid,
    account: Option<Uuid>,
    state: &[u8],
    expires: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO passkey_ceremonies (id, account_id, state, expires_at) VALUES ($1, $2, $3, $4)"
    )
    .bind(id)
    .bind(account)
    .bind(state)
    .bind(expires)
    .execute(c)
    .await
    .map(drop))
}

/// A ceremony happens once.
pub(super) async fn take_ceremony(
    tx: &mut Tx,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<(Option<Uuid>, Vec<u8>)>> {
    on!(tx, |c| sqlx::query_as(
        "DELETE FROM passkey_ceremonies WHERE id = $1 AND expires_at > $2 RETURNING account_id, state"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c)
    .await)
}

// links in mails

#[derive(sqlx::FromRow)]
pub(super) struct LinkRow {
    pub(super) public_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) code_mac: Option<Vec<u8>>,
    pub(super) tries: i64,
}

pub(super) async fn insert_link(
    tx: &mut Tx,
    hash: &[u8],
    public_id: Uuid,
    purpose: &str,
    account: Uuid,
    code_mac: Option<&[u8]>,
    expires: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO links (hash, public_id, purpose, account_id, code_mac, tries, expires_at) VALUES ($1, $2, $3, $4, $5, 0, $6)"
    )
    .bind(hash)
    .bind(public_id)
    .bind(purpose)
    .bind(account)
    .bind(code_mac)
    .bind(expires)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn link(
    tx: &mut Tx,
    hash: &[u8],
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<Option<LinkRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT public_id, account_id, code_mac, tries FROM links WHERE hash = $1 AND purpose = $2 AND expires_at > $3"
    )
    .bind(hash)
    .bind(purpose)
    .bind(now)
    .fetch_optional(c)
    .await
    })
}

/// Counts a try with a code; the row as it is then.
pub(super) async fn try_code(
    tx: &mut Tx,
    public_id: Uuid,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<Option<LinkRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "UPDATE links SET tries = tries + 1 WHERE public_id = $1 AND purpose = $2 AND expires_at > $3 RETURNING public_id, account_id, code_mac, tries"
    )
    .bind(public_id)
    .bind(purpose)
    .bind(now)
    .fetch_optional(c)
    .await
    })
}

/// Takes the link with this id; `None` if it was used or ended in between.
pub(super) async fn take_link(tx: &mut Tx, public_id: Uuid, now: DateTime<Utc>) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "DELETE FROM links WHERE public_id = $1 AND expires_at > $2 RETURNING account_id"
    )
    .bind(public_id)
    .bind(now)
    .fetch_optional(c)
    .await)
}

/// Deletes all links of a purpose: one was used, or newer ones count.
pub(super) async fn delete_links(tx: &mut Tx, account: Uuid, purpose: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM links WHERE account_id = $1 AND purpose = $2"
    )
    .bind(account)
    .bind(purpose)
    .execute(c)
    .await
    .map(drop))
}

// freezing

pub(super) async fn freeze_number(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    let row: Option<Option<String>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT freeze_number FROM accounts WHERE id = $1"
    )
    .bind(account)
    .fetch_optional(c)
    .await)?;
    Ok(row.flatten())
}

pub(super) async fn set_freeze_number(tx: &mut Tx, account: Uuid, number: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET freeze_number = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(number)
    .execute(c)
    .await
    .map(drop))
}

/// The next confirmation gets another number.
pub(super) async fn forget_freeze_number(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET freeze_number = NULL WHERE id = $1"
    )
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn by_freeze_number(tx: &mut Tx, number: &str) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM accounts WHERE freeze_number = $1 AND role IS NULL"
    )
    .bind(number)
    .fetch_optional(c)
    .await)
}

pub(super) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM links WHERE expires_at < $1")
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query(
        "DELETE FROM passkey_ceremonies WHERE expires_at < $1"
    )
    .bind(now)
    .execute(c)
    .await
    .map(drop))
}
