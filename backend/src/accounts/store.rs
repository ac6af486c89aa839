//! SQL of accounts, parties, sessions, evidence and consents.

use super::{SessionLine, StaffLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
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

/// A new password also ends links that were mailed before: whoever asked for them may be why it was changed.
pub(super) async fn set_password(tx: &mut Tx, account: Uuid, hash: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM tokens WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))?;
    on!(tx, |c| sqlx::query("DELETE FROM links WHERE account_id = $1")
        .bind(account)
        .execute(c)
        .await
        .map(drop))?;
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

pub(super) async fn insert_party(
    tx: &mut Tx,
    id: Uuid,
    resident: Option<Uuid>,
    name: &str,
    address: &[String],
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO parties (id, kind, resident_id, name, address, created_at, updated_at) VALUES ($1, 'person', $2, $3, $4, $5, $5)"
    )
    .bind(id)
    .bind(resident)
    .bind(name)
    .bind(Json(address))
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// New name and address of the party, and of the account, that belong to a resident.
pub(super) async fn update_party(
    tx: &mut Tx,
    resident: Uuid,
    name: &str,
    address: &[String],
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE parties SET name = $2, address = $3, profile = NULL, updated_at = $4 WHERE resident_id = $1"
    )
    .bind(resident)
    .bind(name)
    .bind(Json(address))
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| {
        sqlx::query(
        "UPDATE accounts SET display_name = $2 WHERE party_id IN (SELECT id FROM parties WHERE resident_id = $1)"
    )
    .bind(resident)
    .bind(name)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Name and address after an approved request.
pub(super) async fn set_profile(
    tx: &mut Tx,
    party: Uuid,
    name: &str,
    address: &[String],
    profile: &domain::cases::Request,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE parties SET name = $2, address = $3, profile = $4, updated_at = $5 WHERE id = $1"
    )
    .bind(party)
    .bind(name)
    .bind(Json(address))
    .bind(Json(profile))
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET display_name = $2 WHERE party_id = $1"
    )
    .bind(party)
    .bind(name)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn profile(tx: &mut Tx, party: Uuid) -> Result<Option<domain::cases::Request>> {
    let row: Option<Option<Json<domain::cases::Request>>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT profile FROM parties WHERE id = $1"
    )
    .bind(party)
    .fetch_optional(c)
    .await)?;
    Ok(row.flatten().map(|Json(p)| p))
}

pub(super) async fn resident_of(tx: &mut Tx, party: Uuid) -> Result<Option<Uuid>> {
    let row: Option<Option<Uuid>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT resident_id FROM parties WHERE id = $1"
    )
    .bind(party)
    .fetch_optional(c)
    .await)?;
    Ok(row.flatten())
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

pub(super) async fn party(tx: &mut Tx, id: Uuid) -> Result<Option<(String, Vec<String>)>> {
    let row: Option<(String, Json<Vec<String>>)> = on!(tx, |c| sqlx::query_as(
        "SELECT name, address FROM parties WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(row.map(|(name, Json(address))| (name, address)))
}

pub(super) async fn party_of_resident(tx: &mut Tx, resident: Uuid) -> Result<Option<(Uuid, Option<Uuid>)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT p.id, a.id FROM parties p LEFT JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = $1"
    )
    .bind(resident)
    .fetch_optional(c)
    .await)
}

/// True if the party was free and now speaks for this resident.
pub(super) async fn bind_party(tx: &mut Tx, party: Uuid, resident: Uuid) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE parties SET resident_id = $2 WHERE id = $1 AND resident_id IS NULL"
    )
    .bind(party)
    .bind(resident)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn confirm_party(
    tx: &mut Tx,
    party: Uuid,
    account: Uuid,
    name: &str,
    address: &[String],
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE parties SET name = $2, address = $3, profile = NULL, updated_at = $4 WHERE id = $1"
    )
    .bind(party)
    .bind(name)
    .bind(Json(address))
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET display_name = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(name)
    .execute(c)
    .await
    .map(drop))
}

#[derive(sqlx::FromRow)]
pub(super) struct EvidenceRow {
    pub(super) kind: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) letter_number: Option<String>,
}

pub(super) async fn evidence(tx: &mut Tx, party: Uuid) -> Result<Vec<EvidenceRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT e.kind, e.created_at, l.letter_number FROM evidence e LEFT JOIN letters l ON l.id = e.letter_id
         WHERE e.party_id = $1 AND e.revoked_at IS NULL ORDER BY e.created_at"
    )
    .bind(party)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn insert_letter_evidence(
    tx: &mut Tx,
    id: Uuid,
    party: Uuid,
    letter: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO evidence (id, party_id, kind, letter_id, created_at) VALUES ($1, $2, 'letter', $3, $4)"
    )
    .bind(id)
    .bind(party)
    .bind(letter)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn replace_evidence(
    tx: &mut Tx,
    id: Uuid,
    party: Uuid,
    kind: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE evidence SET revoked_at = $3 WHERE party_id = $1 AND kind = $2 AND revoked_at IS NULL"
    )
    .bind(party)
    .bind(kind)
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "INSERT INTO evidence (id, party_id, kind, created_at) VALUES ($1, $2, $3, $4)"
    )
    .bind(id)
    .bind(party)
    .bind(kind)
    .bind(at)
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
    pub(super) role: Option<String>,
    pub(super) party_id: Option<Uuid>,
    pub(super) display_name: String,
    pub(super) state: String,
    pub(super) stage: String,
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
        "SELECT s.public_id, s.account_id, s.seen_at, s.expires_at, a.role, a.party_id, a.display_name, a.state, s.stage
         FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.hash = $1"
    )
    .bind(hash)
    .fetch_optional(c)
    .await
    })
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

pub(super) async fn delete_session(tx: &mut Tx, hash: &[u8]) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM sessions WHERE hash = $1")
        .bind(hash)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn delete_session_of(tx: &mut Tx, account: Uuid, public_id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND public_id = $2"
    )
    .bind(account)
    .bind(public_id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn delete_other_sessions(tx: &mut Tx, account: Uuid, keep: Option<Uuid>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM sessions WHERE account_id = $1 AND public_id <> $2"
    )
    .bind(account)
    .bind(keep.unwrap_or_default())
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
                totp IS NOT NULL OR EXISTS (SELECT 1 FROM passkeys p WHERE p.account_id = accounts.id) AS second_factor
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

/// What a letter proved is not believed any more.
pub(super) async fn revoke_letter_evidence(tx: &mut Tx, letter: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE evidence SET revoked_at = $2 WHERE letter_id = $1 AND revoked_at IS NULL"
    )
    .bind(letter)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
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
