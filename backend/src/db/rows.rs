//! Whole tables, row by row, in one form for both databases: what moving, backing up and comparing stores need.

use super::{
    Db, Result, Tx,
    catalogue::{Kind, Table},
};
use chrono::{DateTime, NaiveDate, Utc};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use serde::{Deserialize, Serialize};
use sqlx::{ColumnIndex, Database, Decode, Encode, Postgres, QueryBuilder, Sqlite, Type};
use uuid::Uuid;

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Value {
    #[serde(rename = "i")]
    Int(i64),
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "y", with = "as_base64")]
    Bytes(Vec<u8>),
    #[serde(rename = "u")]
    Uuid(Uuid),
    #[serde(rename = "at")]
    Time(DateTime<Utc>),
    #[serde(rename = "d")]
    Date(NaiveDate),
    #[serde(rename = "j")]
    Json(serde_json::Value),
}

/// A row: the fields in the order of the table's columns; `None` where there is nothing.
pub(crate) type Row = Vec<Option<Value>>;

mod as_base64 {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)
    }
}

/// All rows of a table in the order of its key, the same order in both databases (texts byte by byte). Nothing is held
/// in memory but the row that is looked at.
pub(crate) fn stream<'a>(tx: &'a mut Tx, table: &'a Table) -> BoxStream<'a, Result<Row>> {
    let text = select(table, matches!(tx, Tx::Postgres(..)));
    // names come from our own migrations
    let text = sqlx::AssertSqlSafe(text);
    match tx {
        Tx::Sqlite(t) => sqlx::query(text)
            .fetch(&mut **t)
            .map(|row| read(&row?, table))
            .boxed(),
        Tx::Postgres(t, _) => sqlx::query(text)
            .fetch(&mut **t)
            .map(|row| read(&row?, table))
            .boxed(),
    }
}

fn select(table: &Table, postgres: bool) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let order: Vec<String> = table
        .key
        .iter()
        .map(|k| &table.columns[*k])
        .map(|c| match c.kind {
            Kind::Text if postgres => format!("{} COLLATE \"C\"", c.name),
            _ => c.name.clone(),
        })
        .collect();
    format!(
        "SELECT {} FROM {} ORDER BY {}",
        columns.join(", "),
        table.name,
        order.join(", ")
    )
}

fn read<'r, R: sqlx::Row>(row: &'r R, table: &Table) -> Result<Row>
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Vec<u8>: Decode<'r, R::Database> + Type<R::Database>,
    Uuid: Decode<'r, R::Database> + Type<R::Database>,
    DateTime<Utc>: Decode<'r, R::Database> + Type<R::Database>,
    NaiveDate: Decode<'r, R::Database> + Type<R::Database>,
    serde_json::Value: Decode<'r, R::Database> + Type<R::Database>,
{
    let columns = table.columns.iter().enumerate();
    columns
        .map(|(n, column)| {
            Ok(match column.kind {
                Kind::Int => row.try_get::<Option<i64>, _>(n)?.map(Value::Int),
                Kind::Bool => row.try_get::<Option<bool>, _>(n)?.map(Value::Bool),
                Kind::Text => row.try_get::<Option<String>, _>(n)?.map(Value::Text),
                Kind::Bytes => row.try_get::<Option<Vec<u8>>, _>(n)?.map(Value::Bytes),
                Kind::Uuid => row.try_get::<Option<Uuid>, _>(n)?.map(Value::Uuid),
                Kind::Time => row.try_get::<Option<DateTime<Utc>>, _>(n)?.map(Value::Time),
                Kind::Date => row.try_get::<Option<NaiveDate>, _>(n)?.map(Value::Date),
                Kind::Json => row.try_get::<Option<serde_json::Value>, _>(n)?.map(Value::Json),
            })
        })
        .collect()
}

/// Most fields in one statement: SQLite takes 32,766 of them, PostgreSQL 65,535.
const FIELDS: usize = 16_000;

/// Writes rows as they are.
pub(crate) async fn insert(tx: &mut Tx, table: &Table, rows: &[Row]) -> Result<()> {
    let most = (FIELDS / table.columns.len()).max(1);
    for rows in rows.chunks(most) {
        match tx {
            Tx::Sqlite(t) => {
                let mut builder: QueryBuilder<Sqlite> = QueryBuilder::new("");
                build(&mut builder, table, rows);
                builder.build().persistent(false).execute(&mut **t).await?;
            }
            Tx::Postgres(t, _) => {
                let mut builder: QueryBuilder<Postgres> = QueryBuilder::new("");
                build(&mut builder, table, rows);
                builder.build().persistent(false).execute(&mut **t).await?;
            }
        }
    }
    Ok(())
}

fn build<D>(builder: &mut QueryBuilder<D>, table: &Table, rows: &[Row])
where
    D: Database,
    Option<i64>: for<'q> Encode<'q, D> + Type<D>,
    Option<bool>: for<'q> Encode<'q, D> + Type<D>,
    Option<String>: for<'q> Encode<'q, D> + Type<D>,
    Option<Vec<u8>>: for<'q> Encode<'q, D> + Type<D>,
    Option<Uuid>: for<'q> Encode<'q, D> + Type<D>,
    Option<DateTime<Utc>>: for<'q> Encode<'q, D> + Type<D>,
    Option<NaiveDate>: for<'q> Encode<'q, D> + Type<D>,
    Option<serde_json::Value>: for<'q> Encode<'q, D> + Type<D>,
{
    builder.push("INSERT INTO ").push(&table.name).push(" (");
    for (n, column) in table.columns.iter().enumerate() {
        builder.push(if n == 0 { "" } else { ", " }).push(&column.name);
    }
    builder.push(") ");
    builder.push_values(rows, |mut line, row| {
        for (column, field) in table.columns.iter().zip(row) {
            macro_rules! bind {
                ($variant:ident) => {
                    line.push_bind(match field {
                        Some(Value::$variant(value)) => Some(value.clone()),
                        _ => None,
                    })
                };
            }
            match column.kind {
                Kind::Int => bind!(Int),
                Kind::Bool => bind!(Bool),
                Kind::Text => bind!(Text),
                Kind::Bytes => bind!(Bytes),
                Kind::Uuid => bind!(Uuid),
                Kind::Time => bind!(Time),
                Kind::Date => bind!(Date),
                Kind::Json => bind!(Json),
            };
        }
    });
}

/// Rows that are written with one transaction when a store is filled.
const TOGETHER: usize = 2_000;

/// Tables that have rows once somebody has done something.
pub(crate) const USED: [&str; 4] = ["residents", "accounts", "settings", "audit_events"];

/// Has one of these tables a row?
pub(crate) async fn holds_any(tx: &mut Tx, tables: &[Table], names: &[&str]) -> Result<bool> {
    for table in tables.iter().filter(|t| names.contains(&t.name.as_str())) {
        if stream(tx, table).try_next().await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes what the migrations put into an empty store, so that it can be filled. Says whether it was empty: no
/// resident, no account, no settings, no event.
pub(crate) async fn clear_new(tx: &mut Tx, tables: &[Table]) -> Result<bool> {
    if holds_any(tx, tables, &["key_check"]).await? || holds_any(tx, tables, &USED).await? {
        return Ok(false);
    }
    for table in tables.iter().rev() {
        match tx {
            Tx::Sqlite(t) => {
                let mut delete: QueryBuilder<Sqlite> = QueryBuilder::new("DELETE FROM ");
                delete.push(&table.name);
                delete.build().execute(&mut **t).await?;
            }
            Tx::Postgres(t, _) => {
                let mut delete: QueryBuilder<Postgres> = QueryBuilder::new("DELETE FROM ");
                delete.push(&table.name);
                delete.build().execute(&mut **t).await?;
            }
        }
    }
    Ok(true)
}

/// Copies every row into an empty store of the same schema; the number of rows. What is being written to `from`
/// meanwhile is not seen: all tables are of one moment.
pub(crate) async fn copy(from: &mut Tx, to: &Db, tables: &[Table]) -> Result<u64> {
    let mut copied = 0;
    for table in tables {
        let mut rows = stream(from, table).try_chunks(TOGETHER);
        while let Some(rows) = rows.next().await {
            let rows = rows.map_err(|e| e.1)?;
            copied += rows.len() as u64;
            let mut tx = to.begin().await?;
            insert(&mut tx, table, &rows).await?;
            tx.commit_unaudited("a whole store is copied").await?;
        }
    }
    Ok(copied)
}

/// Where two stores differ first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// The row in the order of the table's key, counted from 1.
    pub row: u64,
}

/// Compares two stores row by row; the number of rows, or the first difference.
pub(crate) async fn compare(
    one: &mut Tx,
    other: &mut Tx,
    tables: &[Table],
) -> Result<std::result::Result<u64, Difference>> {
    let mut compared = 0;
    for table in tables {
        let (mut a, mut b) = (stream(one, table), stream(other, table));
        let mut row = 0;
        loop {
            row += 1;
            match (a.try_next().await?, b.try_next().await?) {
                (None, None) => break,
                (Some(a), Some(b)) if a == b => compared += 1,
                _ => {
                    let table = table.name.clone();
                    return Ok(Err(Difference { table, row }));
                }
            }
        }
    }
    Ok(Ok(compared))
}
