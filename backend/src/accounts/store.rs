//! SQL of accounts, parties, sessions, evidence and consents.

use super::{SessionLine, StaffLine};
use crate::{
    db::{Result, Tx, on},
    push,
};
use chrono::{DateTime, Utc};
use domain::access::StaffRole;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(super) struct AccountRow {
    pub(super) id: Uuid,
    pub(super) party_id: Option<Uuid>,
    pub(super) role: Option<String>,
    pub(super) display_name: String,
    pub(super) sign_in_key: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_confirmed: bool,
    pub(super) password_hash: String,
    pub(super) state: String,
    pub(super) created_at: DateTime<Utc>,
}

pub(super) async fn by_sign_in(tx: &mut Tx, key: &str) -> Result<Option<AccountRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, party_id, role, display_name, sign_in_key, email, email_confirmed, password_hash, state, created_at
         FROM accounts WHERE email_key = $1 OR sign_in_key = $1"
    )
    .bind(key)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, party_id, role, display_name, sign_in_key, email, email_confirmed, password_hash, state, created_at
         FROM accounts WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn account_with_email(tx: &mut Tx, key: &str) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM accounts WHERE email_key = $1"
    )
    .bind(key)
    .fetch_optional(c)
    .await)
}

pub(super) struct NewAccount<'a> {
    pub(super) id: Uuid,
    pub(super) party: Option<Uuid>,
    pub(super) role: Option<&'a str>,
    pub(super) display_name: &'a str,
    pub(super) sign_in_key: Option<&'a str>,
    pub(super) password_hash: &'a str,
    pub(super) state: &'a str,
    pub(super) language: &'a str,
}

pub(super) async fn insert_account(tx: &mut Tx, a: &NewAccount<'_>, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO accounts (id, party_id, role, display_name, sign_in_key, email_confirmed, password_hash, state, language, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    )
    .bind(a.id)
    .bind(a.party)
    .bind(a.role)
    .bind(a.display_name)
    .bind(a.sign_in_key)
    .bind(false)
    .bind(a.password_hash)
    .bind(a.state)
    .bind(a.language)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Ends all links that were mailed.
pub(super) async fn delete_links(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM tokens WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query("DELETE FROM links WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))
}

/// A new password also ends links that were mailed before: whoever asked for them may be why it was changed.
pub(super) async fn set_password(tx: &mut Tx, account: Uuid, hash: &str) -> Result<()> {
    delete_links(tx, account).await?;
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET password_hash = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(hash)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn token_account(tx: &mut Tx, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT account_id FROM tokens WHERE hash = $1 AND expires_at > $2"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await)
}

pub(super) async fn set_sign_in_key(tx: &mut Tx, account: Uuid, key: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE accounts SET sign_in_key = $2, state = 'active' WHERE id = $1 AND state NOT IN ('deactivated', 'suspended')"
    )
    .bind(account)
    .bind(key)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn set_state(tx: &mut Tx, account: Uuid, state: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET state = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(state)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn signed_in(tx: &mut Tx, account: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET signed_in_at = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn confirm_email(tx: &mut Tx, account: Uuid, email: &str, key: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET email = $2, email_key = $3, email_confirmed = $4,
         state = CASE WHEN state = 'unconfirmed' THEN 'active' ELSE state END WHERE id = $1"
    )
    .bind(account)
    .bind(email)
    .bind(key)
    .bind(true)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_account(tx: &mut Tx, account: Uuid, party: Option<Uuid>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM accounts WHERE id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))?;
    if let Some(party) = party {
        on!(tx, |c| sqlx::query("DELETE FROM parties WHERE id = $1")
            .bind(party)
            .execute(c)
            .await
            .map(drop))?;
    }
    Ok(())
}

/// Changes the state of an account that is in a certain state.
pub(super) async fn change_state(tx: &mut Tx, account: Uuid, from: &str, to: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET state = $3 WHERE id = $1 AND state = $2"
    )
    .bind(account)
    .bind(from)
    .bind(to)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn insert_consent(
    tx: &mut Tx,
    id: Uuid,
    account: Uuid,
    version: i64,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO consents (id, account_id, version, text_hash, given_at) VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(id)
    .bind(account)
    .bind(version)
    .bind(hash)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// All consents, oldest first.
pub(super) async fn consents(tx: &mut Tx, account: Uuid) -> Result<Vec<(i64, DateTime<Utc>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT version, given_at FROM consents WHERE account_id = $1 ORDER BY given_at"
    )
    .bind(account)
    .fetch_all(c)
    .await)
}

pub(super) async fn consent(tx: &mut Tx, account: Uuid) -> Result<Option<(i64, DateTime<Utc>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT version, given_at FROM consents WHERE account_id = $1 ORDER BY given_at DESC LIMIT 1"
    )
    .bind(account)
    .fetch_optional(c)
    .await)
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    pub(super) public_id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) seen_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
    role: Option<String>,
    permissions: Option<String>,
    role_name: Option<String>,
    pub(super) party_id: Option<Uuid>,
    pub(super) display_name: String,
    pub(super) state: String,
    pub(super) stage: String,
}

impl SessionRow {
    pub(super) fn role(&self) -> Option<StaffRole> {
        self.role.as_ref().map(|key| StaffRole {
            key: key.clone(),
            name: self.role_name.clone().unwrap_or_default(),
            permissions: StaffRole::granted(key, self.permissions.as_deref()),
        })
    }
}

pub(super) async fn insert_session(
    tx: &mut Tx,
    hash: &[u8],
    public_id: Uuid,
    account: Uuid,
    device: &str,
    stage: &str,
    at: DateTime<Utc>,
    ends: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO sessions (hash, public_id, account_id, device, stage, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)"
    )
    .bind(hash)
    .bind(public_id)
    .bind(account)
    .bind(device)
    .bind(stage)
    .bind(at)
    .bind(ends)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn session(tx: &mut Tx, hash: &[u8]) -> Result<Option<SessionRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT s.public_id, s.account_id, s.seen_at, s.expires_at, a.role, r.permissions, r.name AS role_name, a.party_id, a.display_name,
         a.state, s.stage
         FROM sessions s JOIN accounts a ON a.id = s.account_id LEFT JOIN roles r ON r.key = a.role WHERE s.hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn session_exists(tx: &mut Tx, hash: &[u8]) -> Result<bool> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sessions WHERE hash = $1)"
    )
    .bind(hash)
    .fetch_one(c)
    .await)
}

pub(super) async fn session_seen(tx: &mut Tx, hash: &[u8]) -> Result<Option<DateTime<Utc>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT seen_at FROM sessions WHERE hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await)
}

pub(super) async fn touch_session(tx: &mut Tx, hash: &[u8], at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE sessions SET seen_at = $2 WHERE hash = $1"
    )
    .bind(hash)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn sessions(tx: &mut Tx, account: Uuid, now: DateTime<Utc>) -> Result<Vec<SessionLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT public_id, device, created_at, seen_at FROM sessions WHERE account_id = $1 AND expires_at > $2 AND stage = 'full' ORDER BY seen_at DESC"
    )
    .bind(account)
    .bind(now)
    .fetch_all(c)
    .await
    })
}

/// True if the session is there.
pub(super) async fn renew_session(tx: &mut Tx, account: Uuid, session: Uuid, hash: &[u8]) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE sessions SET hash = $3 WHERE account_id = $1 AND public_id = $2"
    )
    .bind(account)
    .bind(session)
    .bind(hash)
    .execute(c)
    .await
    .map(|done| done.rows_affected() == 1))
}

/// Ends a session on purpose, as the two below: its device is not notified any more.
pub(super) async fn delete_session(tx: &mut Tx, hash: &[u8]) -> Result<()> {
    let ended: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "DELETE FROM sessions WHERE hash = $1 RETURNING public_id"
    )
    .bind(hash)
    .fetch_optional(c)
    .await)?;
    match ended {
        Some(session) => push::session_ended(tx, session).await,
        None => Ok(()),
    }
}

pub(super) async fn delete_session_of(tx: &mut Tx, account: Uuid, public_id: Uuid) -> Result<()> {
    let ended: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "DELETE FROM sessions WHERE account_id = $1 AND public_id = $2 RETURNING public_id"
    )
    .bind(account)
    .bind(public_id)
    .fetch_optional(c)
    .await)?;
    match ended {
        Some(session) => push::session_ended(tx, session).await,
        None => Ok(()),
    }
}

/// Ends sessions that still lack the second factor, but this one.
pub(super) async fn delete_half_sessions(tx: &mut Tx, account: Uuid, keep: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND stage <> 'full' AND hash <> $2"
    )
    .bind(account)
    .bind(keep)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_other_sessions(tx: &mut Tx, account: Uuid, keep: Option<Uuid>) -> Result<()> {
    push::other_sessions_ended(tx, account, keep).await?;
    on!(tx, |c| sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND public_id <> $2"
    )
    .bind(account)
    .bind(keep.unwrap_or_default())
    .execute(c)
    .await
    .map(drop))
}

/// Of everybody; how many.
pub(super) async fn delete_all_sessions(tx: &mut Tx) -> Result<usize> {
    let ended: Vec<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "DELETE FROM sessions RETURNING public_id"
    )
    .fetch_all(c)
    .await)?;
    for session in &ended {
        push::session_ended(tx, *session).await?;
    }
    // what stands in a mail that somebody else may have read opens nothing either; invitations are sent anew
    on!(tx, |c| sqlx::query("DELETE FROM links")
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query("DELETE FROM passkey_ceremonies")
        .execute(c)
        .await
        .map(drop))?;
    Ok(ended.len())
}

/// The same password, hashed as it is done today; nothing else changes.
pub(super) async fn renew_hash(tx: &mut Tx, account: Uuid, hash: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET password_hash = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(hash)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn insert_token(
    tx: &mut Tx,
    hash: &[u8],
    account: Uuid,
    email: &str,
    expires: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO tokens (hash, account_id, email, expires_at) VALUES ($1, $2, $3, $4)"
    )
    .bind(hash)
    .bind(account)
    .bind(email)
    .bind(expires)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn take_token(
    tx: &mut Tx,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<(Uuid, String)>> {
    on!(tx, |c| sqlx::query_as(
        "DELETE FROM tokens WHERE hash = $1 AND expires_at > $2 RETURNING account_id, email"
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(c)
    .await)
}

pub(super) async fn staff(tx: &mut Tx) -> Result<Vec<StaffLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, display_name, email, role, state, signed_in_at,
                totp IS NOT NULL OR EXISTS (SELECT 1 FROM passkeys p WHERE p.account_id = accounts.id) AS second_factor,
                EXISTS (SELECT 1 FROM service_accounts s WHERE s.account_id = accounts.id) AS by_service
         FROM accounts WHERE role IS NOT NULL ORDER BY created_at, id"
    )
    .fetch_all(c)
    .await
    })
}

pub(super) async fn set_role(tx: &mut Tx, account: Uuid, role: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("UPDATE accounts SET role = $2 WHERE id = $1")
        .bind(account)
        .bind(role)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn active_administrators(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM accounts WHERE role = 'administrator' AND state = 'active'"
    )
    .fetch_one(c)
    .await)
}

pub(super) async fn sweep(tx: &mut Tx, now: DateTime<Utc>, unconfirmed_before: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query("DELETE FROM tokens WHERE expires_at < $1")
        .bind(now)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| {
        sqlx::query(
        "DELETE FROM parties WHERE id IN (SELECT party_id FROM accounts WHERE state = 'unconfirmed' AND created_at < $1)"
    )
    .bind(unconfirmed_before)
    .execute(c)
    .await
    .map(drop)
    })
}

/// E-mail addresses and languages of the administrators.
pub(super) async fn administrators(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT email, language FROM accounts WHERE role = 'administrator' AND state = 'active' AND email IS NOT NULL ORDER BY email"
    )
    .fetch_all(c)
    .await
    })
}

/// The account that was made or opened with a letter.
pub(super) async fn account_of_letter(tx: &mut Tx, letter: Uuid) -> Result<Option<Uuid>> {
    let account: Option<Option<Uuid>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT account_id FROM letters WHERE id = $1"
    )
    .bind(letter)
    .fetch_optional(c)
    .await)?;
    Ok(account.flatten())
}

/// Takes the e-mail address off an account, with all links that were sent to it.
pub(super) async fn drop_email(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET email = NULL, email_key = NULL, email_confirmed = FALSE WHERE id = $1"
    )
    .bind(account)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query("DELETE FROM tokens WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn visitor_language(tx: &mut Tx, account: Uuid) -> Result<Option<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT language FROM accounts WHERE id = $1 AND state = 'visitor'"
    )
    .bind(account)
    .fetch_optional(c)
    .await)
}
