//! SQL of letters.

use super::LetterLine;
use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, Utc};
use domain::letters::content::Recipient;
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
    AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.resident_id = r.id AND l.state = 'open' AND (l.expires_at IS NULL OR l.expires_at > $3))
    AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.resident_id = r.id AND l.state = 'returned' AND l.return_reason <> 'refused'
                    AND l.ended_at > r.updated_at
                    AND NOT EXISTS (SELECT 1 FROM letters n WHERE n.resident_id = r.id AND n.issue > l.issue))";

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
    by_district: bool,
    limit: i64,
) -> Result<Vec<Eligible>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(
            "SELECT r.id, (SELECT COALESCE(MAX(l.issue), 0) FROM letters l WHERE l.resident_id = r.id) AS issue
             FROM residents r WHERE ($2 = '' OR r.district = $2) AND ",
        );
        b.push(FREE).push(match by_district {
            true => " ORDER BY COALESCE(r.district, ''), r.sort_key, r.id LIMIT $4",
            false => " ORDER BY r.sort_key, r.id LIMIT $4",
        });
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

pub(super) async fn last_issue(tx: &mut Tx, resident: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(MAX(issue), 0) AS BIGINT) FROM letters WHERE resident_id = $1"
    )
    .bind(resident)
    .fetch_one(c)
    .await)
}

pub(super) struct NewLetter {
    pub(super) id: Uuid,
    pub(super) position: i64,
    /// `None` for letters to control recipients, and for letters made elsewhere.
    pub(super) resident: Option<Uuid>,
    pub(super) control: Option<Uuid>,
    pub(super) organisation: Option<Uuid>,
    pub(super) district: String,
    pub(super) letter_number: String,
    pub(super) lookup: i64,
    pub(super) issue: i64,
    pub(super) qr_mac: Vec<u8>,
    pub(super) typed_mac: Vec<u8>,
    pub(super) recipient: Option<Recipient>,
}

macro_rules! letters_built {
    ($t:expr, $b:ident, $batch:expr, $chunk:expr, $at:expr) => {{
        $b.push(
            "INSERT INTO letters (id, batch_id, position, resident_id, letter_number, lookup_number, issue, qr_mac, typed_mac, state,
             failed_tries, recipient, created_at, control_id, is_control, district, organisation_id) ",
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
                .push_bind(l.recipient.clone().map(Json))
                .push_bind($at)
                .push_bind(l.control)
                .push_bind(l.control.is_some())
                .push_bind(l.district.clone())
                .push_bind(l.organisation);
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
            Tx::Postgres(t, _) => {
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
            let mut b = QueryBuilder::new(
                "SELECT lookup_number FROM (SELECT lookup_number FROM letters UNION ALL SELECT lookup_number FROM reserved_numbers) n WHERE lookup_number IN (",
            );
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
            let mut b = QueryBuilder::new(
                "SELECT letter_number FROM (SELECT letter_number FROM letters UNION ALL SELECT letter_number FROM reserved_numbers) n WHERE letter_number IN (",
            );
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

pub(super) struct PrintRow {
    pub(super) position: i64,
    pub(super) letter_number: String,
    pub(super) lookup_number: i64,
    pub(super) issue: i64,
    pub(super) recipient: Option<Recipient>,
    pub(super) district: String,
}

/// Letters behind a position, up to and with another.
pub(super) async fn print_rows(
    tx: &mut Tx,
    batch: Uuid,
    after: i64,
    until: i64,
    limit: i64,
) -> Result<Vec<PrintRow>> {
    let rows: Vec<(i64, String, i64, i64, Option<Json<Recipient>>, String)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT position, letter_number, lookup_number, issue, recipient, district FROM letters
             WHERE batch_id = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4",
        )
        .bind(batch)
        .bind(after)
        .bind(until)
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    Ok(rows
        .into_iter()
        .map(
            |(position, letter_number, lookup_number, issue, recipient, district)| PrintRow {
                position,
                letter_number,
                lookup_number,
                issue,
                recipient: recipient.map(|r| r.0),
                district,
            },
        )
        .collect())
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

pub(super) async fn of_resident(tx: &mut Tx, resident: Uuid, blocks: bool) -> Result<Vec<LetterLine>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.letter_number, l.issue, l.state, l.created_at, l.expires_at, l.ended_at, l.failed_tries, b.id AS batch_id,
         b.number AS batch_number, b.posted_at, l.return_reason FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.resident_id = $1
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

/// To whom the letter with this number went.
pub(super) async fn holder(tx: &mut Tx, number: &str, blocks: bool) -> Result<Option<Uuid>> {
    let found: Option<Option<Uuid>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT l.resident_id FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.letter_number = $1 AND (b.route = 'ordinary' OR $2)"
    )
    .bind(number)
    .bind(blocks)
    .fetch_optional(c)
    .await)?;
    Ok(found.flatten())
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
         WHERE l.state = 'redeemed' AND l.organisation_id IS NULL AND l.ended_at >= $1 AND (b.route = 'ordinary' OR $2) ORDER BY l.ended_at"
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
    pub(crate) organisation_id: Option<Uuid>,
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
    pub(crate) is_control: bool,
    /// Made on the town's own computer.
    pub(crate) is_offline: bool,
    /// Made elsewhere, and nobody has registered with it: name and address are sealed.
    pub(crate) is_sealed: bool,
}

pub(super) async fn proof(tx: &mut Tx, lookup: i64) -> Result<Option<ProofRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.id, l.resident_id, l.organisation_id, l.letter_number, l.qr_mac, l.typed_mac, l.state, l.failed_tries, l.expires_at, l.ended_at,
         b.id AS batch_id, b.wrapped_mac_key, b.state AS batch_state, l.is_control, b.offline AS is_offline,
         EXISTS (SELECT 1 FROM sealed_recipients s WHERE s.letter_id = l.id AND l.resident_id IS NULL) AS is_sealed FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.lookup_number = $1"
    )
    .bind(lookup)
    .fetch_optional(c)
    .await
    })
}

/// The number of the last letter to an organisation.
pub(super) async fn last_organisation_issue(tx: &mut Tx, organisation: Uuid) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT CAST(COALESCE(MAX(issue), 0) AS BIGINT) FROM letters WHERE organisation_id = $1"
    )
    .bind(organisation)
    .fetch_one(c)
    .await)
}

/// Batches of open letters to an organisation that are not sealed.
pub(super) async fn organisation_batches(tx: &mut Tx, organisation: Uuid) -> Result<Vec<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT DISTINCT l.batch_id FROM letters l JOIN batches b ON b.id = l.batch_id
         WHERE l.organisation_id = $1 AND l.state = 'open' AND b.sealed_at IS NULL"
    )
    .bind(organisation)
    .fetch_all(c)
    .await)
}

/// Ends the open letter to an organisation.
pub(super) async fn end_organisation(
    tx: &mut Tx,
    organisation: Uuid,
    state: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = $2, ended_at = $3 WHERE organisation_id = $1 AND state = 'open'"
    )
    .bind(organisation)
    .bind(state)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn organisation_of(tx: &mut Tx, letter: Uuid) -> Result<Option<Uuid>> {
    let row: Option<Option<Uuid>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT organisation_id FROM letters WHERE id = $1"
    )
    .bind(letter)
    .fetch_optional(c)
    .await)?;
    Ok(row.flatten())
}

/// The newest letter to an organisation: number, state, batch, state of the batch.
pub(super) async fn organisation_letter(
    tx: &mut Tx,
    organisation: Uuid,
) -> Result<Option<super::OrganisationLetter>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT l.letter_number, l.state, l.expires_at, l.created_at, b.id AS batch, b.state AS batch_state, b.posted_at
         FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.organisation_id = $1 ORDER BY l.issue DESC LIMIT 1"
    )
    .bind(organisation)
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

/// Letters that somebody got since a moment, withdrawn ones included.
pub(super) async fn got_since(tx: &mut Tx, resident: Uuid, since: DateTime<Utc>) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM letters WHERE resident_id = $1 AND created_at >= $2"
    )
    .bind(resident)
    .bind(since)
    .fetch_one(c)
    .await)
}

const SILENT: &str = "r.gone IS NULL AND NOT r.blocked AND NOT r.letter_ban
    AND NOT EXISTS (SELECT 1 FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = r.id)
    AND EXISTS (SELECT 1 FROM letters l JOIN batches b ON b.id = l.batch_id
                WHERE l.resident_id = r.id AND l.state = 'open' AND b.posted_at <= $2)
    AND (SELECT COUNT(*) FROM letters l WHERE l.resident_id = r.id AND l.created_at >= $3) < $4";

/// Who got a letter that was posted before `before` and has not responded, unless there were `most` letters since `since`.
pub(super) async fn silent(
    tx: &mut Tx,
    district: &str,
    before: DateTime<Utc>,
    since: DateTime<Utc>,
    most: i64,
    by_district: bool,
    limit: i64,
) -> Result<Vec<Eligible>> {
    on!(tx, |c| {
        let mut b = QueryBuilder::new(
            "SELECT r.id, (SELECT COALESCE(MAX(l.issue), 0) FROM letters l WHERE l.resident_id = r.id) AS issue
             FROM residents r WHERE ($1 = '' OR r.district = $1) AND ",
        );
        b.push(SILENT).push(match by_district {
            true => " ORDER BY COALESCE(r.district, ''), r.sort_key, r.id LIMIT $5",
            false => " ORDER BY r.sort_key, r.id LIMIT $5",
        });
        b.build_query_as()
            .bind(district)
            .bind(before)
            .bind(since)
            .bind(most)
            .bind(limit)
            .fetch_all(c)
            .await
    })
}

pub(super) async fn count_silent(
    tx: &mut Tx,
    district: &str,
    before: DateTime<Utc>,
    since: DateTime<Utc>,
    most: i64,
) -> Result<i64> {
    on!(tx, |c| {
        let mut b =
            QueryBuilder::new("SELECT COUNT(*) FROM residents r WHERE ($1 = '' OR r.district = $1) AND ");
        b.push(SILENT);
        b.build_query_scalar()
            .bind(district)
            .bind(before)
            .bind(since)
            .bind(most)
            .fetch_one(c)
            .await
    })
}

/// Ends the open letters of many people at once.
pub(super) async fn end_open_of(
    tx: &mut Tx,
    residents: &[Uuid],
    state: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    for chunk in residents.chunks(500) {
        run_built!(tx, |b| {
            b.push("UPDATE letters SET state = ")
                .push_bind(state)
                .push(", ended_at = ")
                .push_bind(at)
                .push(" WHERE state = 'open' AND resident_id IN (");
            let mut list = b.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            b.push(")");
        })?;
    }
    Ok(())
}

/// Remembers when a letter's code was first proven.
pub(super) async fn opened(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL"
    )
    .bind(id)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// When the letter with this number was posted.
pub(super) async fn posted_on(tx: &mut Tx, number: &str) -> Result<Option<DateTime<Utc>>> {
    let at: Option<Option<DateTime<Utc>>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT b.posted_at FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.letter_number = $1"
    )
    .bind(number)
    .fetch_optional(c)
    .await)?;
    Ok(at.flatten())
}

/// Ends all other open letters of a person.
pub(super) async fn end_others(
    tx: &mut Tx,
    letter: Uuid,
    resident: Uuid,
    state: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE letters SET state = $3, ended_at = $4 WHERE resident_id = $2 AND state = 'open' AND id <> $1"
    )
    .bind(letter)
    .bind(resident)
    .bind(state)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}
