//! SQL of letters that are made elsewhere.

use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, Utc};
use domain::letters::code::LookupNumber;
use std::collections::HashSet;
use uuid::Uuid;

pub(super) async fn insert_numbers(
    tx: &mut Tx,
    batch: Uuid,
    numbers: &[(LookupNumber, String)],
) -> Result<()> {
    let rows: Vec<(i64, i64, &str)> = (1..)
        .zip(numbers)
        .map(|(position, (lookup, number))| (position, lookup.get(), number.as_str()))
        .collect();
    for chunk in rows.chunks(2_000) {
        run_built!(tx, |b| {
            b.push("INSERT INTO reserved_numbers (batch_id, position, lookup_number, letter_number) ");
            b.push_values(chunk, |mut row, (position, lookup, number)| {
                row.push_bind(batch)
                    .push_bind(*position)
                    .push_bind(*lookup)
                    .push_bind((*number).to_owned());
            });
        })?;
    }
    Ok(())
}

pub(super) async fn numbers(tx: &mut Tx, batch: Uuid) -> Result<Vec<(i64, String)>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT lookup_number, letter_number FROM reserved_numbers WHERE batch_id = $1 ORDER BY position"
    )
    .bind(batch)
    .fetch_all(c)
    .await)
}

pub(super) async fn clear_numbers(tx: &mut Tx, batch: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM reserved_numbers WHERE batch_id = $1"
    )
    .bind(batch)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn mac_key(tx: &mut Tx, batch: Uuid) -> Result<Option<Vec<u8>>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT wrapped_mac_key FROM batches WHERE id = $1"
    )
    .bind(batch)
    .fetch_optional(c)
    .await)
}

pub(super) struct Sealed {
    pub(super) letter: Uuid,
    pub(super) by_qr: Vec<u8>,
    pub(super) by_typed: Vec<u8>,
    pub(super) person: String,
}

pub(super) async fn insert_sealed(tx: &mut Tx, letters: &[Sealed]) -> Result<()> {
    for chunk in letters.chunks(500) {
        run_built!(tx, |b| {
            b.push("INSERT INTO sealed_recipients (letter_id, person, by_qr, by_typed) ");
            b.push_values(chunk, |mut row, s| {
                row.push_bind(s.letter)
                    .push_bind(s.person.clone())
                    .push_bind(s.by_qr.clone())
                    .push_bind(s.by_typed.clone());
            });
        })?;
    }
    Ok(())
}

/// Open letters of these people from former jobs end.
pub(super) async fn replace_former(tx: &mut Tx, persons: &HashSet<String>, at: DateTime<Utc>) -> Result<()> {
    let persons: Vec<&String> = persons.iter().collect();
    for chunk in persons.chunks(500) {
        run_built!(tx, |b| {
            b.push("UPDATE letters SET state = 'replaced', ended_at = ")
                .push_bind(at)
                .push(" WHERE state = 'open' AND id IN (SELECT letter_id FROM sealed_recipients WHERE person IN (");
            let mut list = b.separated(", ");
            for person in chunk {
                list.push_bind((*person).clone());
            }
            b.push("))");
        })?;
    }
    Ok(())
}

pub(super) async fn finish(
    tx: &mut Tx,
    batch: Uuid,
    letters: i64,
    bytes: i64,
    sha256: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE batches SET letters = $2, done = $2, bytes = $3, sha256 = $4, ready_at = $5, sealed_at = $5 WHERE id = $1"
    )
    .bind(batch)
    .bind(letters)
    .bind(bytes)
    .bind(sha256)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

#[derive(sqlx::FromRow)]
pub(super) struct SealedRow {
    pub(super) by_qr: Vec<u8>,
    pub(super) by_typed: Vec<u8>,
}

pub(super) async fn sealed(tx: &mut Tx, letter: Uuid) -> Result<Option<SealedRow>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT by_qr, by_typed FROM sealed_recipients WHERE letter_id = $1"
    )
    .bind(letter)
    .fetch_optional(c)
    .await)
}

/// The person in the register who has registered with a former letter of the same kind.
pub(super) async fn settled(tx: &mut Tx, letter: Uuid) -> Result<Option<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT l.resident_id FROM letters l JOIN sealed_recipients s ON s.letter_id = l.id
         WHERE s.person = (SELECT person FROM sealed_recipients WHERE letter_id = $1) AND l.resident_id IS NOT NULL
         ORDER BY l.created_at DESC LIMIT 1"
    )
    .bind(letter)
    .fetch_optional(c)
    .await
    })
}

/// The letter has a person now; what was sealed is not needed any more, but for recognising the next letter.
pub(super) async fn settle(tx: &mut Tx, letter: Uuid, resident: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET resident_id = $2 WHERE id = $1"
    )
    .bind(letter)
    .bind(resident)
    .execute(c)
    .await
    .map(drop))?;
    let nothing: &[u8] = &[];
    on!(tx, |c| sqlx::query(
        "UPDATE sealed_recipients SET by_qr = $2, by_typed = $2 WHERE letter_id = $1"
    )
    .bind(letter)
    .bind(nothing)
    .execute(c)
    .await
    .map(drop))
}

/// Do letters exist that were made elsewhere?
pub(super) async fn any(tx: &mut Tx) -> Result<bool> {
    let first: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "SELECT letter_id FROM sealed_recipients LIMIT 1"
    )
    .fetch_optional(c)
    .await)?;
    Ok(first.is_some())
}

/// Empties what was sealed for letters that cannot be redeemed any more.
pub(super) async fn empty_ended(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    let nothing: &[u8] = &[];
    on!(tx, |c| sqlx::query(
        "UPDATE sealed_recipients SET by_qr = $2, by_typed = $2 WHERE by_qr <> $2
         AND letter_id IN (SELECT id FROM letters WHERE state <> 'open' OR expires_at <= $1)"
    )
    .bind(now)
    .bind(nothing)
    .execute(c)
    .await
    .map(drop))
}
