//! SQL of batches and letters.

use super::{BatchLine, LetterLine};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, Utc};
use domain::letters::{
    content::{Frozen, Recipient},
    state::Route,
};
use sqlx::{QueryBuilder, types::Json};
use uuid::Uuid;

/// Residents who get a letter: of those with a register block or of all others, without account, without open letter (unless theirs is to be replaced).
#[derive(sqlx::FromRow)]
pub(super) struct Eligible {
    pub(super) id: Uuid,
    pub(super) issue: i64,
}

const FREE: &str = "r.gone IS NULL AND r.blocked = $1 AND (r.blocked OR NOT r.letter_ban)
    AND NOT EXISTS (SELECT 1 FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = r.id)
    AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.resident_id = r.id AND l.state = 'open' AND (l.expires_at IS NULL OR l.expires_at > $3))";

pub(super) async fn count_eligible(
    tx: &mut Tx,
    district: &str,
    now: DateTime<Utc>,
    blocked: bool,
) -> Result<i64> {
    on!(tx, |c| {
        let mut b =
            QueryBuilder::new("SELECT COUNT(*) FROM residents r WHERE ($2 = '' OR r.district = $2) AND ");
        b.push(FREE);
        b.build_query_scalar()
            .bind(blocked)
            .bind(district)
            .bind(now)
            .fetch_one(c)
            .await
    })
}

pub(super) async fn eligible(
    tx: &mut Tx,
    district: &str,
    now: DateTime<Utc>,
    blocked: bool,
    limit: i64,
) -> Result<Vec<Eligible>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(
            "SELECT r.id, (SELECT COALESCE(MAX(l.issue), 0) FROM letters l WHERE l.resident_id = r.id) AS issue
             FROM residents r WHERE ($2 = '' OR r.district = $2) AND ",
        );
        b.push(FREE).push(" ORDER BY r.sort_key, r.id LIMIT $4");
        b.build_query_as()
            .bind(blocked)
            .bind(district)
            .bind(now)
            .bind(limit)
            .fetch_all(c)
            .await
    })
}

/// Expired letters of people who get a new one: only one letter of a person is open.
pub(super) async fn replace_expired(
    tx: &mut Tx,
    district: &str,
    now: DateTime<Utc>,
    blocked: bool,
) -> Result<()> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(
            "UPDATE letters SET state = 'replaced', ended_at = $3 WHERE state = 'open' AND expires_at <= $3
             AND resident_id IN (SELECT r.id FROM residents r WHERE ($2 = '' OR r.district = $2) AND ",
        );
        b.push(FREE).push(")");
        b.build()
            .bind(blocked)
            .bind(district)
            .bind(now)
            .execute(c)
            .await
            .map(drop)
    })
}

pub(super) async fn expire(tx: &mut Tx, batch: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET expires_at = $2 WHERE batch_id = $1 AND state = 'open' AND expires_at IS NULL"
    )
    .bind(batch)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn last_issue(tx: &mut Tx, resident: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(MAX(issue), 0) AS BIGINT) FROM letters WHERE resident_id = $1"
    )
    .bind(resident)
    .fetch_one(c)
    .await)
}

pub(super) struct NewBatch<'a> {
    pub(super) id: Uuid,
    pub(super) route: Route,
    pub(super) frozen: &'a Frozen,
    pub(super) wrapped_key: &'a [u8],
    pub(super) wrapped_mac_key: &'a [u8],
    pub(super) letters: i64,
    pub(super) validity_days: i64,
    pub(super) by: Option<Uuid>,
    pub(super) at: DateTime<Utc>,
}

/// Batches for blocked people count downwards from -1: no gap in the numbers of the others tells of them.
pub(super) async fn insert_batch(tx: &mut Tx, b: &NewBatch<'_>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO batches (id, number, state, frozen, wrapped_key, wrapped_mac_key, letters, done, bytes, validity_days, created_by, created_at, route)
         VALUES ($1, (SELECT CASE WHEN $9 = 'ordinary' THEN COALESCE(MAX(number), 0) + 1 ELSE COALESCE(MIN(number), 0) - 1 END
                      FROM batches WHERE (number > 0) = ($9 = 'ordinary')), 'making', $2, $3, $4, $5, 0, 0, $6, $7, $8, $9)"
    )
    .bind(b.id)
    .bind(Json(b.frozen))
    .bind(b.wrapped_key)
    .bind(b.wrapped_mac_key)
    .bind(b.letters)
    .bind(b.validity_days)
    .bind(b.by)
    .bind(b.at)
    .bind(b.route.key())
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) struct NewLetter {
    pub(super) id: Uuid,
    pub(super) position: i64,
    pub(super) resident: Uuid,
    pub(super) letter_number: String,
    pub(super) lookup: i64,
    pub(super) issue: i64,
    pub(super) qr_mac: Vec<u8>,
    pub(super) typed_mac: Vec<u8>,
    pub(super) recipient: Recipient,
}

macro_rules! letters_built {
    ($t:expr, $b:ident, $batch:expr, $chunk:expr, $at:expr) => {{
        $b.push(
            "INSERT INTO letters (id, batch_id, position, resident_id, letter_number, lookup_number, issue, qr_mac, typed_mac, state,
             failed_tries, recipient, created_at) ",
        );
        $b.push_values($chunk, |mut row, l: &NewLetter| {
            row.push_bind(l.id)
                .push_bind($batch)
                .push_bind(l.position)
                .push_bind(l.resident)
                .push_bind(l.letter_number.clone())
                .push_bind(l.lookup)
                .push_bind(l.issue)
                .push_bind(l.qr_mac.clone())
                .push_bind(l.typed_mac.clone())
                .push_bind("open")
                .push_bind(0i64)
                .push_bind(Json(l.recipient.clone()))
                .push_bind($at);
        });
        $b.build().execute(&mut **$t).await.map(drop)
    }};
}

pub(super) async fn insert_letters(
    tx: &mut Tx,
    batch: Uuid,
    letters: &[NewLetter],
    at: DateTime<Utc>,
) -> Result<()> {
    for chunk in letters.chunks(500) {
        match tx {
            Tx::Sqlite(t) => {
                let mut b: QueryBuilder<sqlx::Sqlite> = QueryBuilder::new("");
                letters_built!(t, b, batch, chunk, at)?;
            }
            Tx::Postgres(t) => {
                let mut b: QueryBuilder<sqlx::Postgres> = QueryBuilder::new("");
                letters_built!(t, b, batch, chunk, at)?;
            }
        }
    }
    Ok(())
}

/// Look-up and letter numbers that exist already, among the given ones.
pub(super) async fn taken_numbers(
    tx: &mut Tx,
    lookups: &[i64],
    numbers: &[String],
) -> Result<(Vec<i64>, Vec<String>)> {
    let mut taken = (Vec::new(), Vec::new());
    for chunk in lookups.chunks(5_000) {
        let mut some: Vec<i64> = on!(tx, |c| {
            let mut b = QueryBuilder::new("SELECT lookup_number FROM letters WHERE lookup_number IN (");
            let mut list = b.separated(", ");
            for n in chunk {
                list.push_bind(*n);
            }
            b.push(")");
            b.build_query_scalar().fetch_all(c).await
        })?;
        taken.0.append(&mut some);
    }
    for chunk in numbers.chunks(5_000) {
        let mut some: Vec<String> = on!(tx, |c| {
            let mut b = QueryBuilder::new("SELECT letter_number FROM letters WHERE letter_number IN (");
            let mut list = b.separated(", ");
            for n in chunk {
                list.push_bind(n.clone());
            }
            b.push(")");
            b.build_query_scalar().fetch_all(c).await
        })?;
        taken.1.append(&mut some);
    }
    Ok(taken)
}

pub(super) struct Batch {
    pub(super) state: String,
    pub(super) frozen: Option<Frozen>,
    pub(super) wrapped_key: Option<Vec<u8>>,
    pub(super) letters: i64,
    pub(super) sha256: Option<String>,
    pub(super) number: i64,
    pub(super) bytes: i64,
    pub(super) revision: i64,
}

pub(super) async fn batch(tx: &mut Tx, id: Uuid) -> Result<Option<Batch>> {
    let row: Option<(
        String,
        Option<Json<Frozen>>,
        Option<Vec<u8>>,
        i64,
        Option<String>,
        i64,
        i64,
        i64,
    )> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT state, frozen, wrapped_key, letters, sha256, number, bytes, revision FROM batches WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })?;
    Ok(row.map(
        |(state, frozen, wrapped_key, letters, sha256, number, bytes, revision)| Batch {
            state,
            frozen: frozen.map(|f| f.0),
            wrapped_key,
            letters,
            sha256,
            number,
            bytes,
            revision,
        },
    ))
}

pub(super) struct PrintRow {
    pub(super) position: i64,
    pub(super) letter_number: String,
    pub(super) lookup_number: i64,
    pub(super) issue: i64,
    pub(super) recipient: Option<Recipient>,
}

pub(super) async fn print_rows(tx: &mut Tx, batch: Uuid, after: i64, limit: i64) -> Result<Vec<PrintRow>> {
    let rows: Vec<(i64, String, i64, i64, Option<Json<Recipient>>)> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT position, letter_number, lookup_number, issue, recipient FROM letters WHERE batch_id = $1 AND position > $2 ORDER BY position LIMIT $3"
    )
    .bind(batch)
    .bind(after)
    .bind(limit)
    .fetch_all(c)
    .await
    })?;
    Ok(rows
        .into_iter()
        .map(
            |(position, letter_number, lookup_number, issue, recipient)| PrintRow {
                position,
                letter_number,
                lookup_number,
                issue,
                recipient: recipient.map(|r| r.0),
            },
        )
        .collect())
}

pub(super) async fn progress(tx: &mut Tx, id: Uuid, done: i64) -> Result<()> {
    on!(tx, |c| sqlx::query("UPDATE batches SET done = $2 WHERE id = $1")
        .bind(id)
        .bind(done)
        .execute(c)
        .await
        .map(drop))
}

pub(super) async fn ready(
    tx: &mut Tx,
    id: Uuid,
    bytes: i64,
    sha256: &str,
    revision: i64,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE batches SET state = 'ready', done = letters, bytes = $2, sha256 = $3, ready_at = $4
         WHERE id = $1 AND state = 'making' AND revision = $5",
        )
        .bind(id)
        .bind(bytes)
        .bind(sha256)
        .bind(at)
        .bind(revision)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn failed(tx: &mut Tx, id: Uuid, failure: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET state = 'failed', failure = $2 WHERE id = $1 AND state = 'making'"
    )
    .bind(id)
    .bind(failure)
    .execute(c)
    .await
    .map(drop))
}

/// Destroys the key and the frozen data; the file cannot be made again.
pub(super) async fn destroy_key(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET wrapped_key = NULL, frozen = NULL, sealed_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET recipient = NULL WHERE batch_id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn set_state(tx: &mut Tx, id: Uuid, from: &str, to: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET state = $3 WHERE id = $1 AND state = $2"
    )
    .bind(id)
    .bind(from)
    .bind(to)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1))
}

pub(super) async fn posted(tx: &mut Tx, id: Uuid, at: DateTime<Utc>, expires: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET posted_at = $2 WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))?;
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET expires_at = $2 WHERE batch_id = $1 AND state = 'open'"
    )
    .bind(id)
    .bind(expires)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn downloaded(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE batches SET downloaded_at = COALESCE(downloaded_at, $2) WHERE id = $1"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn revoke_batch(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<u64> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = 'revoked', ended_at = $2 WHERE batch_id = $1 AND state = 'open'"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected()))
}

pub(super) async fn end_open(tx: &mut Tx, resident: Uuid, state: &str, at: DateTime<Utc>) -> Result<u64> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = $2, ended_at = $3 WHERE resident_id = $1 AND state = 'open'"
    )
    .bind(resident)
    .bind(state)
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected()))
}

/// Batches that are not sealed and hold an open letter of this person.
pub(super) async fn unsealed_with(tx: &mut Tx, resident: Uuid) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT b.id FROM batches b JOIN letters l ON l.batch_id = b.id
         WHERE l.resident_id = $1 AND l.state = 'open' AND b.state IN ('making', 'ready')",
        )
        .bind(resident)
        .fetch_all(c)
        .await
    })
}

/// Takes a person's letter out of the file of a batch.
pub(super) async fn unprint(tx: &mut Tx, batch: Uuid, resident: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET recipient = NULL WHERE batch_id = $1 AND resident_id = $2"
    )
    .bind(batch)
    .bind(resident)
    .execute(c)
    .await
    .map(drop))
}

/// Is there anything left to print?
pub(super) async fn has_printable(tx: &mut Tx, batch: Uuid) -> Result<bool> {
    let first: Option<Uuid> = on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM letters WHERE batch_id = $1 AND recipient IS NOT NULL LIMIT 1"
    )
    .bind(batch)
    .fetch_optional(c)
    .await)?;
    Ok(first.is_some())
}

/// The file is to be made anew; one that was downloaded before is not the right one any more.
pub(super) async fn remake(tx: &mut Tx, batch: Uuid) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE batches SET state = 'making', revision = revision + 1, done = 0, bytes = 0, sha256 = NULL, ready_at = NULL, downloaded_at = NULL
         WHERE id = $1 AND state IN ('making', 'ready')"
    )
    .bind(batch)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn overdue(tx: &mut Tx, downloaded_before: DateTime<Utc>) -> Result<Vec<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT id FROM batches WHERE state = 'ready' AND downloaded_at < $1"
    )
    .bind(downloaded_before)
    .fetch_all(c)
    .await)
}

const BATCH_LINE: &str = "SELECT id, number, route, state, letters, done, bytes, sha256, failure, validity_days, created_at, ready_at, downloaded_at, posted_at,
    (SELECT COUNT(*) FROM letters l WHERE l.batch_id = b.id AND l.state = 'redeemed') AS redeemed FROM batches b ";

/// The newest batches; those for blocked people only if `blocks`.
pub(super) async fn batches(tx: &mut Tx, blocks: bool) -> Result<Vec<BatchLine>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(BATCH_LINE);
        b.push("WHERE (route = 'ordinary' OR ").push_bind(blocks);
        b.push(") ORDER BY created_at DESC, id DESC LIMIT 100");
        b.build_query_as().fetch_all(c).await
    })
}

pub(super) async fn batch_line(tx: &mut Tx, id: Uuid) -> Result<Option<BatchLine>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(BATCH_LINE);
        b.push("WHERE id = ").push_bind(id);
        b.build_query_as().fetch_optional(c).await
    })
}

pub(super) async fn of_resident(tx: &mut Tx, resident: Uuid, blocks: bool) -> Result<Vec<LetterLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.letter_number, l.issue, l.state, l.created_at, l.expires_at, l.ended_at, l.failed_tries, b.id AS batch_id,
         b.number AS batch_number, b.posted_at FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.resident_id = $1
         AND (b.route = 'ordinary' OR $2) ORDER BY l.issue DESC"
    )
    .bind(resident)
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn count_by_state(tx: &mut Tx, blocks: bool) -> Result<Vec<(String, i64)>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.state, COUNT(*) FROM letters l JOIN batches b ON b.id = l.batch_id WHERE (b.route = 'ordinary' OR $1) GROUP BY l.state"
    )
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

/// When letters were redeemed, since a moment.
pub(super) async fn redeemed_since(
    tx: &mut Tx,
    since: DateTime<Utc>,
    blocks: bool,
) -> Result<Vec<DateTime<Utc>>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT l.ended_at FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.state = 'redeemed' AND l.ended_at >= $1 AND (b.route = 'ordinary' OR $2) ORDER BY l.ended_at"
    )
    .bind(since)
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn count_expired(tx: &mut Tx, now: DateTime<Utc>, blocks: bool) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.state = 'open' AND l.expires_at <= $1 AND (b.route = 'ordinary' OR $2)"
    )
    .bind(now)
    .bind(blocks)
    .fetch_one(c)
    .await)
}

pub(super) async fn resident_of(tx: &mut Tx, letter: Uuid) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT resident_id FROM letters WHERE id = $1 AND resident_id IS NOT NULL"
    )
    .bind(letter)
    .fetch_optional(c)
    .await)
}

/// What registration needs of the letter behind a look-up number.
#[derive(sqlx::FromRow)]
pub(crate) struct ProofRow {
    pub(crate) id: Uuid,
    pub(crate) resident_id: Option<Uuid>,
    pub(crate) letter_number: String,
    pub(crate) qr_mac: Vec<u8>,
    pub(crate) typed_mac: Vec<u8>,
    pub(crate) state: String,
    pub(crate) failed_tries: i64,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) ended_at: Option<DateTime<Utc>>,
    pub(crate) batch_id: Uuid,
    pub(crate) wrapped_mac_key: Vec<u8>,
    pub(crate) batch_state: String,
}

pub(super) async fn proof(tx: &mut Tx, lookup: i64) -> Result<Option<ProofRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.resident_id, l.letter_number, l.qr_mac, l.typed_mac, l.state, l.failed_tries, l.expires_at, l.ended_at,
         b.id AS batch_id, b.wrapped_mac_key, b.state AS batch_state FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.lookup_number = $1"
    )
    .bind(lookup)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn count_failure(tx: &mut Tx, lookup: i64) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET failed_tries = failed_tries + 1 WHERE lookup_number = $1"
    )
    .bind(lookup)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn redeem(tx: &mut Tx, id: Uuid, account: Uuid, at: DateTime<Utc>) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query("UPDATE letters SET state = 'redeemed', ended_at = $3, account_id = $2 WHERE id = $1 AND state = 'open'")
        .bind(id)
        .bind(account)
        .bind(at)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1)
    })
}
