//! SQL of people: name, address, register entry, and why they are believed.

use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

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
