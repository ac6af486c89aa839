//! SQL of residents and resident lists.

use super::{Applied, Choices, ListLine, PAGE, ResidentFilter, ResidentLine, Search};
use crate::db::{Result, Tx, on};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{residents::ResidentData, text};
use sqlx::{QueryBuilder, types::Json};
use uuid::Uuid;

pub(super) struct Draft {
    pub(super) file_name: String,
    pub(super) content: Vec<u8>,
    pub(super) sheet: String,
    pub(super) choices: Choices,
    pub(super) version: i64,
}

pub(super) async fn insert_list(
    tx: &mut Tx,
    id: Uuid,
    name: &str,
    content: &[u8],
    sheet: &str,
    choices: &Choices,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "INSERT INTO resident_lists (id, file_name, state, content, sheet, choices, counts, version, uploaded_by, uploaded_at)
         VALUES ($1, $2, 'draft', $3, $4, $5, $6, 1, $7, $8)"
    )
    .bind(id)
    .bind(name)
    .bind(content)
    .bind(sheet)
    .bind(Json(choices))
    .bind(Json(Applied::default()))
    .bind(by)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

pub(super) async fn draft(tx: &mut Tx, id: Uuid) -> Result<Option<Draft>> {
    let row: Option<(String, Option<Vec<u8>>, String, Json<Choices>, i64)> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT file_name, content, sheet, choices, version FROM resident_lists WHERE id = $1 AND state = 'draft'"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })?;
    Ok(
        row.and_then(|(file_name, content, sheet, Json(choices), version)| {
            Some(Draft {
                file_name,
                content: content?,
                sheet,
                choices,
                version,
            })
        }),
    )
}

pub(super) async fn set_choices(
    tx: &mut Tx,
    id: Uuid,
    version: i64,
    sheet: &str,
    choices: &Choices,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET sheet = $3, choices = $4, version = version + 1 WHERE id = $1 AND version = $2 AND state = 'draft'"
    )
    .bind(id)
    .bind(version)
    .bind(sheet)
    .bind(Json(choices))
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn end_list(
    tx: &mut Tx,
    id: Uuid,
    state: &str,
    counts: Option<&Applied>,
    at: DateTime<Utc>,
) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = $2, content = NULL, counts = $3, ended_at = $4 WHERE id = $1 AND state = 'draft'"
    )
    .bind(id)
    .bind(state)
    .bind(Json(counts.copied().unwrap_or_default()))
    .bind(at)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

pub(super) async fn lists(tx: &mut Tx) -> Result<Vec<ListLine>> {
    let rows: Vec<(Uuid, String, String, DateTime<Utc>, Json<Applied>)> = on!(tx, |c| {
        sqlx::query_as(
        "SELECT id, file_name, state, uploaded_at, counts FROM resident_lists ORDER BY uploaded_at DESC, id LIMIT 30"
    )
    .fetch_all(c)
    .await
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, file_name, state, uploaded_at, Json(counts))| {
            let applied = (state == "applied").then_some(counts);
            ListLine {
                id,
                file_name,
                state,
                uploaded_at,
                applied,
            }
        })
        .collect())
}

pub(super) async fn sweep(tx: &mut Tx, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE resident_lists SET state = 'discarded', content = NULL, ended_at = $2 WHERE state = 'draft' AND uploaded_at < $1"
    )
    .bind(before)
    .bind(now)
    .execute(c)
    .await
    .map(drop)
    })
}

#[derive(sqlx::FromRow)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) register_number: Option<String>,
    pub(super) identity: String,
    pub(super) letter_ban: bool,
}

pub(super) async fn known(tx: &mut Tx) -> Result<Vec<Known>> {
    on!(tx, |c| sqlx::query_as(
        "SELECT id, register_number, identity, letter_ban FROM residents"
    )
    .fetch_all(c)
    .await)
}

#[derive(sqlx::FromRow)]
struct DataRow {
    register_number: Option<String>,
    family_name: String,
    given_names: String,
    call_name: Option<String>,
    doctorate: Option<String>,
    birth_date: Option<NaiveDate>,
    birth_year: Option<i64>,
    street: String,
    house_number: String,
    address_extra: Option<String>,
    postcode: String,
    city: String,
    district: Option<String>,
    letter_ban: bool,
    created_at: DateTime<Utc>,
}

impl From<DataRow> for ResidentData {
    fn from(r: DataRow) -> Self {
        Self {
            register_number: r.register_number,
            family_name: r.family_name,
            given_names: r.given_names,
            call_name: r.call_name,
            doctorate: r.doctorate,
            birth_date: r.birth_date,
            birth_year: r.birth_year.and_then(|y| i32::try_from(y).ok()),
            street: r.street,
            house_number: r.house_number,
            address_extra: r.address_extra,
            postcode: r.postcode,
            city: r.city,
            district: r.district,
        }
    }
}

async fn row(tx: &mut Tx, id: Uuid) -> Result<Option<DataRow>> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year, street, house_number,
         address_extra, postcode, city, district, letter_ban, created_at FROM residents WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await
    })
}

pub(super) async fn data(tx: &mut Tx, id: Uuid) -> Result<Option<(ResidentData, bool)>> {
    Ok(row(tx, id).await?.map(|r| {
        let ban = r.letter_ban;
        (r.into(), ban)
    }))
}

pub(super) async fn page(tx: &mut Tx, id: Uuid) -> Result<Option<(ResidentData, bool, bool, DateTime<Utc>)>> {
    let Some(row) = row(tx, id).await? else {
        return Ok(None);
    };
    let registered: i64 = on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = $1"
    )
    .bind(id)
    .fetch_one(c)
    .await)?;
    let (ban, since) = (row.letter_ban, row.created_at);
    Ok(Some((row.into(), ban, registered > 0, since)))
}

/// Rows of one insert: 20 values each, far below the limits of both databases.
const CHUNK: usize = 400;

macro_rules! run_built {
    ($tx:expr, |$builder:ident| $build:expr) => {
        match $tx {
            Tx::Sqlite(t) => {
                let mut $builder: QueryBuilder<sqlx::Sqlite> = QueryBuilder::new("");
                $build;
                $builder.build().execute(&mut **t).await.map(drop)
            }
            Tx::Postgres(t) => {
                let mut $builder: QueryBuilder<sqlx::Postgres> = QueryBuilder::new("");
                $build;
                $builder.build().execute(&mut **t).await.map(drop)
            }
        }
    };
}

pub(super) async fn insert_all(tx: &mut Tx, new: &[(Uuid, &ResidentData)], at: DateTime<Utc>) -> Result<()> {
    for chunk in new.chunks(CHUNK) {
        run_built!(tx, |b| {
            b.push(
                "INSERT INTO residents (id, register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year,
                 street, house_number, address_extra, postcode, city, district, identity, sort_key, letter_ban, created_at, updated_at) ",
            );
            b.push_values(chunk, |mut row, (id, d)| {
                row.push_bind(*id)
                    .push_bind(&d.register_number)
                    .push_bind(&d.family_name)
                    .push_bind(&d.given_names)
                    .push_bind(&d.call_name)
                    .push_bind(&d.doctorate)
                    .push_bind(d.birth_date)
                    .push_bind(d.birth_year.map(i64::from))
                    .push_bind(&d.street)
                    .push_bind(&d.house_number)
                    .push_bind(&d.address_extra)
                    .push_bind(&d.postcode)
                    .push_bind(&d.city)
                    .push_bind(&d.district)
                    .push_bind(d.identity())
                    .push_bind(d.sort_key())
                    .push_bind(false)
                    .push_bind(at)
                    .push_bind(at);
            });
        })?;
        let words: Vec<(Uuid, String)> = chunk
            .iter()
            .flat_map(|(id, d)| text::search_words(&d.search_text()).into_iter().map(|w| (*id, w)))
            .collect();
        insert_words(tx, &words).await?;
    }
    Ok(())
}

async fn insert_words(tx: &mut Tx, words: &[(Uuid, String)]) -> Result<()> {
    for chunk in words.chunks(5_000) {
        run_built!(tx, |b| {
            b.push("INSERT INTO resident_words (word, resident_id) ");
            b.push_values(chunk, |mut row, (id, word)| {
                row.push_bind(word).push_bind(*id);
            });
        })?;
    }
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, id: Uuid, d: &ResidentData, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE residents SET register_number = $2, family_name = $3, given_names = $4, call_name = $5, doctorate = $6, birth_date = $7,
         birth_year = $8, street = $9, house_number = $10, address_extra = $11, postcode = $12, city = $13, district = $14, identity = $15,
         sort_key = $16, letter_ban = $17, updated_at = $18 WHERE id = $1"
    )
    .bind(id)
    .bind(&d.register_number)
    .bind(&d.family_name)
    .bind(&d.given_names)
    .bind(&d.call_name)
    .bind(&d.doctorate)
    .bind(d.birth_date)
    .bind(d.birth_year.map(i64::from))
    .bind(&d.street)
    .bind(&d.house_number)
    .bind(&d.address_extra)
    .bind(&d.postcode)
    .bind(&d.city)
    .bind(&d.district)
    .bind(d.identity())
    .bind(d.sort_key())
    .bind(false)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })?;
    on!(tx, |c| sqlx::query(
        "DELETE FROM resident_words WHERE resident_id = $1"
    )
    .bind(id)
    .execute(c)
    .await
    .map(drop))?;
    let words: Vec<(Uuid, String)> = text::search_words(&d.search_text())
        .into_iter()
        .map(|w| (id, w))
        .collect();
    insert_words(tx, &words).await
}

pub(super) async fn ban(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE residents SET letter_ban = $2, updated_at = $3 WHERE id = $1"
    )
    .bind(id)
    .bind(true)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// The account and the newest letter of a resident.
const REGISTERED: &str =
    "EXISTS (SELECT 1 FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = r.id)";
const OPEN: &str = "EXISTS (SELECT 1 FROM letters l WHERE l.resident_id = r.id AND l.state = 'open')";

macro_rules! search_built {
    ($builder:ident, $words:expr, $search:expr) => {{
        $builder
            .push("SELECT r.id, r.sort_key, r.family_name, r.given_names, r.street, r.house_number, r.postcode, r.city, r.district, ")
            .push("(SELECT l.state FROM letters l WHERE l.resident_id = r.id ORDER BY l.issue DESC LIMIT 1) AS letter_state, ")
            .push(REGISTERED)
            .push(" AS registered FROM residents r WHERE ");
        match &$search.after {
            Some((key, id)) => {
                $builder.push("(r.sort_key, r.id) > (").push_bind(key.clone()).push(", ").push_bind(*id).push(")");
            }
            None => {
                $builder.push("1 = 1");
            }
        }
        for word in $words {
            $builder
                .push(" AND r.id IN (SELECT resident_id FROM resident_words WHERE word >= ")
                .push_bind((*word).to_owned())
                .push(" AND word < ")
                .push_bind(text::prefix_end(word))
                .push(")");
        }
        if !$search.district.is_empty() {
            $builder.push(" AND r.district = ").push_bind($search.district.clone());
        }
        match $search.filter {
            ResidentFilter::All => {}
            ResidentFilter::Registered => {
                $builder.push(" AND ").push(REGISTERED);
            }
            ResidentFilter::Open => {
                $builder.push(" AND ").push(OPEN);
            }
            ResidentFilter::Waiting => {
                $builder.push(" AND NOT ").push(REGISTERED).push(" AND NOT ").push(OPEN);
            }
        }
        $builder.push(" ORDER BY r.sort_key, r.id LIMIT ").push_bind(PAGE + 1);
    }};
}

pub(super) async fn search(tx: &mut Tx, words: &[&str], search: &Search) -> Result<Vec<ResidentLine>> {
    match tx {
        Tx::Sqlite(t) => {
            let mut b: QueryBuilder<sqlx::Sqlite> = QueryBuilder::new("");
            search_built!(b, words, search);
            b.build_query_as().fetch_all(&mut **t).await
        }
        Tx::Postgres(t) => {
            let mut b: QueryBuilder<sqlx::Postgres> = QueryBuilder::new("");
            search_built!(b, words, search);
            b.build_query_as().fetch_all(&mut **t).await
        }
    }
}

pub(super) async fn districts(tx: &mut Tx) -> Result<Vec<String>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT DISTINCT district FROM residents WHERE district IS NOT NULL ORDER BY district LIMIT 300"
    )
    .fetch_all(c)
    .await)
}

pub(super) async fn totals(tx: &mut Tx) -> Result<(i64, i64)> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM residents),
                (SELECT COUNT(*) FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id IS NOT NULL)"
    )
    .fetch_one(c)
    .await
    })
}
