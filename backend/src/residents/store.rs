//! SQL of residents and resident lists.

use super::{ResidentFilter, ResidentLine, Search};
use crate::db::{Result, Tx, on, run_built};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{residents::ResidentData, text};
use sqlx::QueryBuilder;
use uuid::Uuid;

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

/// The n-th person without a register block, from 0: only for small n.
pub(super) async fn nth(tx: &mut Tx, place: i64) -> Result<Option<ResidentData>> {
    let mut first: Vec<DataRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year, street, house_number,
             address_extra, postcode, city, district, letter_ban, created_at FROM residents
             WHERE gone IS NULL AND NOT blocked ORDER BY sort_key, id LIMIT $1",
        )
        .bind(place + 1)
        .fetch_all(c)
        .await
    })?;
    Ok(first.pop().map(Into::into))
}

/// District, date and year of birth of everybody who lives here.
pub(super) async fn districts_and_births(
    tx: &mut Tx,
) -> Result<Vec<(String, Option<NaiveDate>, Option<i32>)>> {
    let rows: Vec<(String, Option<NaiveDate>, Option<i64>)> = on!(tx, |c| sqlx::query_as(
        "SELECT COALESCE(district, ''), birth_date, birth_year FROM residents WHERE gone IS NULL"
    )
    .fetch_all(c)
    .await)?;
    let year = |y: i64| i32::try_from(y).ok();
    Ok(rows
        .into_iter()
        .map(|(d, b, y)| (d, b, y.and_then(year)))
        .collect())
}

/// The data of many people; who is not there is left out.
pub(super) async fn data_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<(Uuid, ResidentData)>> {
    #[derive(sqlx::FromRow)]
    struct WithId {
        id: Uuid,
        #[sqlx(flatten)]
        row: DataRow,
    }
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows: Vec<WithId> = on!(tx, |c| {
            let mut b = QueryBuilder::new(
                "SELECT id, register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year, street, house_number,
                 address_extra, postcode, city, district, letter_ban, created_at FROM residents WHERE id IN (",
            );
            let mut list = b.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            b.push(")");
            b.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows.into_iter().map(|r| (r.id, r.row.into())));
    }
    Ok(found)
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

pub(super) async fn insert_all(tx: &mut Tx, new: &[(Uuid, &ResidentData)], at: DateTime<Utc>) -> Result<()> {
    for chunk in new.chunks(CHUNK) {
        run_built!(tx, |b| {
            b.push(
                "INSERT INTO residents (id, register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year,
                 street, house_number, address_extra, postcode, city, district, identity, sort_key, letter_ban, created_at, updated_at, seen_at) ",
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
                    .push_bind(at)
                    .push_bind(at);
            });
        })?;
        let mut words: Vec<(Uuid, String)> = chunk
            .iter()
            .flat_map(|(id, d)| text::search_words(&d.search_text()).into_iter().map(|w| (*id, w)))
            .collect();
        // in the order of the index: neighbours are written together
        words.sort_unstable_by(|a, b| a.1.cmp(&b.1));
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
         sort_key = $16, letter_ban = blocked, updated_at = $17, gone = NULL, gone_at = NULL WHERE id = $1"
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

/// Sets a register block. By hand: no list lifts it.
pub(super) async fn block(tx: &mut Tx, id: Uuid, by_hand: bool, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE residents SET letter_ban = $2, blocked = $2, blocked_by_hand = (blocked_by_hand OR $3), updated_at = $4 WHERE id = $1"
    )
    .bind(id)
    .bind(true)
    .bind(by_hand)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Lifts a register block; who lives here may get ordinary letters again.
pub(super) async fn unblock(tx: &mut Tx, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE residents SET letter_ban = (gone IS NOT NULL), blocked = $2, blocked_by_hand = $2, updated_at = $3 WHERE id = $1"
    )
    .bind(id)
    .bind(false)
    .bind(at)
    .execute(c)
    .await
    .map(drop)
    })
}

/// Why somebody is no resident any more.
pub(super) async fn gone(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let found: Option<Option<String>> = on!(tx, |c| sqlx::query_scalar(
        "SELECT gone FROM residents WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(found.flatten())
}

/// No resident any more; false if that was known.
pub(super) async fn set_gone(tx: &mut Tx, id: Uuid, why: &str, at: DateTime<Utc>) -> Result<bool> {
    on!(tx, |c| {
        sqlx::query(
        "UPDATE residents SET gone = $2, gone_at = $3, letter_ban = $4, updated_at = $3 WHERE id = $1 AND gone IS NULL"
    )
    .bind(id)
    .bind(why)
    .bind(at)
    .bind(true)
    .execute(c)
    .await
    .map(|r| r.rows_affected() == 1)
    })
}

/// A list has these people.
pub(super) async fn seen(tx: &mut Tx, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    for chunk in ids.chunks(500) {
        run_built!(tx, |b| {
            b.push("UPDATE residents SET seen_at = ")
                .push_bind(at)
                .push(" WHERE id IN (");
            let mut list = b.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            b.push(")");
        })?;
    }
    Ok(())
}

/// Somebody of the register, as a list is compared with it.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: Uuid,
    pub(crate) data: ResidentData,
    pub(crate) blocked: bool,
    pub(crate) blocked_by_hand: bool,
    pub(crate) gone: bool,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: Uuid,
    gone: Option<String>,
    blocked: bool,
    blocked_by_hand: bool,
    #[sqlx(flatten)]
    data: DataRow,
}

const PERSON: &str = "SELECT id, gone, blocked, blocked_by_hand, register_number, family_name, given_names, call_name, doctorate, birth_date, birth_year,
     street, house_number, address_extra, postcode, city, district, letter_ban, created_at FROM residents WHERE ";

macro_rules! person_built {
    ($b:ident, $condition:expr, $from:expr, $to:expr) => {{
        $b.push($condition);
        if $to.is_empty() {
            $b.push(" = ").push_bind($from.to_owned());
        } else {
            $b.push(" >= ").push_bind($from.to_owned());
            $b.push(" AND ")
                .push($condition)
                .push(" < ")
                .push_bind($to.to_owned());
        }
        $b.push(" LIMIT 500");
    }};
}

async fn people(tx: &mut Tx, condition: &'static str, from: &str, to: &str) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = match tx {
        Tx::Sqlite(t) => {
            let mut b: QueryBuilder<sqlx::Sqlite> = QueryBuilder::new(PERSON);
            person_built!(b, condition, from, to);
            b.build_query_as().fetch_all(&mut **t).await?
        }
        Tx::Postgres(t, _) => {
            let mut b: QueryBuilder<sqlx::Postgres> = QueryBuilder::new(PERSON);
            person_built!(b, condition, from, to);
            b.build_query_as().fetch_all(&mut **t).await?
        }
    };
    Ok(rows
        .into_iter()
        .map(|r| Person {
            id: r.id,
            blocked: r.blocked,
            blocked_by_hand: r.blocked_by_hand,
            gone: r.gone.is_some(),
            data: r.data.into(),
        })
        .collect())
}

/// Who has this number of the register.
pub(super) async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Person>> {
    Ok(people(tx, "register_number", number, "").await?.pop())
}

/// Who has just this name, birth and address.
pub(super) async fn by_identity(tx: &mut Tx, identity: &str) -> Result<Vec<Person>> {
    people(tx, "identity", identity, "").await
}

/// Whose name, birth and address begin so.
pub(super) async fn by_identity_prefix(tx: &mut Tx, prefix: &str) -> Result<Vec<Person>> {
    people(tx, "identity", prefix, &text::prefix_end(prefix)).await
}

/// Who lives there: the key by which letters are sorted begins with the address.
pub(super) async fn by_home(tx: &mut Tx, prefix: &str) -> Result<Vec<Person>> {
    people(tx, "sort_key", prefix, &text::prefix_end(prefix)).await
}

/// Is there nobody?
pub(super) async fn is_empty(tx: &mut Tx) -> Result<bool> {
    let first: Option<Uuid> = on!(tx, |c| sqlx::query_scalar("SELECT id FROM residents LIMIT 1")
        .fetch_optional(c)
        .await)?;
    Ok(first.is_none())
}

/// How many live here.
pub(super) async fn count_present(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM residents WHERE gone IS NULL"
    )
    .fetch_one(c)
    .await)
}

/// Was anybody ever deleted?
pub(super) async fn has_tombstones(tx: &mut Tx) -> Result<bool> {
    let first: Option<String> = on!(tx, |c| sqlx::query_scalar("SELECT key FROM tombstones LIMIT 1")
        .fetch_optional(c)
        .await)?;
    Ok(first.is_some())
}

/// Was somebody deleted who had this key?
pub(super) async fn is_tombstone(tx: &mut Tx, key: &str) -> Result<bool> {
    let found: Option<String> = on!(tx, |c| sqlx::query_scalar(
        "SELECT key FROM tombstones WHERE key = $1"
    )
    .bind(key)
    .fetch_optional(c)
    .await)?;
    Ok(found.is_some())
}

pub(super) async fn put_tombstone(tx: &mut Tx, key: &str, at: DateTime<Utc>) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO tombstones (key, created_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"
    )
    .bind(key)
    .bind(at)
    .execute(c)
    .await
    .map(drop))
}

/// People without an account whom no list has had since.
pub(super) async fn outdated(tx: &mut Tx, before: DateTime<Utc>, limit: i64) -> Result<Vec<Uuid>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT r.id FROM residents r WHERE COALESCE(r.seen_at, r.created_at) < $1 AND NOT EXISTS
         (SELECT 1 FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = r.id) ORDER BY r.id LIMIT $2"
    )
    .bind(before)
    .bind(limit)
    .fetch_all(c)
    .await
    })
}

/// Is there somebody with a register block?
pub(super) async fn is_blocked(tx: &mut Tx, id: Uuid) -> Result<bool> {
    let found: Option<bool> = on!(tx, |c| sqlx::query_scalar(
        "SELECT blocked FROM residents WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    .await)?;
    Ok(found.unwrap_or_default())
}

/// Nobody has this number of the register any more.
pub(super) async fn release_number(tx: &mut Tx, number: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE residents SET register_number = NULL WHERE register_number = $1"
    )
    .bind(number)
    .execute(c)
    .await
    .map(drop))
}

/// Deletes somebody; letters stay without the person.
pub(super) async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM residents WHERE id = $1")
        .bind(id)
        .execute(c)
        .await
        .map(drop))
}

/// The account and the newest letter of a resident.
const REGISTERED: &str =
    "EXISTS (SELECT 1 FROM parties p JOIN accounts a ON a.party_id = p.id WHERE p.resident_id = r.id)";
const OPEN: &str = "EXISTS (SELECT 1 FROM letters l WHERE l.resident_id = r.id AND l.state = 'open')";

macro_rules! search_built {
    ($builder:ident, $words:expr, $search:expr, $blocks:expr, $limit:expr) => {{
        $builder.push("SELECT r.id, r.sort_key, r.family_name, r.given_names, r.street, r.house_number, r.postcode, r.city, r.district, ");
        $builder.push("r.birth_date, r.birth_year, r.register_number, ");
        for (column, name) in [("l.state", "letter_state"), ("l.letter_number", "letter_number")] {
            $builder
                .push("(SELECT ")
                .push(column)
                .push(" FROM letters l JOIN batches b ON b.id = l.batch_id WHERE l.resident_id = r.id AND (b.route = 'ordinary' OR ")
                .push_bind($blocks)
                .push(") ORDER BY l.issue DESC LIMIT 1) AS ")
                .push(name)
                .push(", ");
        }
        $builder
            .push(REGISTERED)
            .push(" AS registered FROM residents r WHERE ");
        if !$blocks {
            $builder.push("r.blocked = ").push_bind(false).push(" AND ");
        }
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
            ResidentFilter::All => {
                $builder.push(" AND r.gone IS NULL");
            }
            ResidentFilter::Gone => {
                $builder.push(" AND r.gone IS NOT NULL");
            }
            ResidentFilter::Registered => {
                $builder.push(" AND ").push(REGISTERED);
            }
            ResidentFilter::Open => {
                $builder.push(" AND ").push(OPEN);
            }
            ResidentFilter::Waiting => {
                $builder.push(" AND r.gone IS NULL AND NOT ").push(REGISTERED).push(" AND NOT ").push(OPEN);
            }
        }
        $builder.push(" ORDER BY r.sort_key, r.id LIMIT ").push_bind($limit);
    }};
}

pub(super) async fn search(
    tx: &mut Tx,
    words: &[&str],
    search: &Search,
    blocks: bool,
    limit: i64,
) -> Result<Vec<ResidentLine>> {
    match tx {
        Tx::Sqlite(t) => {
            let mut b: QueryBuilder<sqlx::Sqlite> = QueryBuilder::new("");
            search_built!(b, words, search, blocks, limit);
            b.build_query_as().fetch_all(&mut **t).await
        }
        Tx::Postgres(t, _) => {
            let mut b: QueryBuilder<sqlx::Postgres> = QueryBuilder::new("");
            search_built!(b, words, search, blocks, limit);
            b.build_query_as().fetch_all(&mut **t).await
        }
    }
}

pub(super) async fn districts(tx: &mut Tx, blocks: bool) -> Result<Vec<String>> {
    on!(tx, |c| {
        sqlx::query_scalar(
        "SELECT DISTINCT district FROM residents WHERE district IS NOT NULL AND (blocked = $1 OR $2) ORDER BY district LIMIT 300"
    )
    .bind(false)
    .bind(blocks)
    .fetch_all(c)
    .await
    })
}

pub(super) async fn totals(tx: &mut Tx, blocks: bool) -> Result<(i64, i64)> {
    on!(tx, |c| {
        sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM residents WHERE gone IS NULL AND (blocked = $1 OR $2)),
                (SELECT COUNT(*) FROM parties p JOIN accounts a ON a.party_id = p.id JOIN residents r ON r.id = p.resident_id WHERE (r.blocked = $1 OR $2))"
    )
    .bind(false)
    .bind(blocks)
    .fetch_one(c)
    .await
    })
}
