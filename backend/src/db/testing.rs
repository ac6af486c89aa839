//! Fresh stores for tests: a SQLite file each, and a PostgreSQL database each on the server in `TEST_POSTGRES_URL`.

#![expect(clippy::expect_used, reason = "a test that cannot open its store must stop")]

use super::{Db, migrate};
use crate::{Ctx, ctx::Clock, keys::Key, mail::Mailer};
use chrono::{TimeZone, Utc};
use std::{collections::BTreeSet, str::FromStr, sync::Mutex};
use uuid::Uuid;

/// A context on a fresh SQLite file. The folder lives as long as the context is used by leaking it: tests are short.
pub async fn sqlite() -> Ctx {
    sqlite_with_address().await.0
}

/// [`sqlite`], and its address for another process.
pub async fn sqlite_with_address() -> (Ctx, String) {
    let folder = tempfile::tempdir().expect("temporary folder").keep();
    let url = format!("sqlite:{}", folder.join("test.db").display());
    (context(&url, &folder).await, url)
}

/// A context on a fresh PostgreSQL database; `None` without `TEST_POSTGRES_URL`, unless `CI` is set: CI must not skip.
pub async fn postgres() -> Option<Ctx> {
    Some(postgres_with_address().await?.0)
}

/// [`postgres`], and its address for another process.
pub async fn postgres_with_address() -> Option<(Ctx, String)> {
    let url = empty_postgres().await?;
    let folder = tempfile::tempdir().expect("temporary folder").keep();
    Some((context(&url, &folder).await, url))
}

/// The address of a fresh PostgreSQL database without tables.
pub async fn empty_postgres() -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by environment which server to use"
    )]
    let (server, ci) = (std::env::var("TEST_POSTGRES_URL"), std::env::var("CI"));
    let Ok(server) = server else {
        assert!(
            ci.is_err(),
            "TEST_POSTGRES_URL is not set: use `cargo xtask test`"
        );
        return None;
    };
    let name = format!("t{}", crate::keys::hex(&crate::keys::random_bytes::<8>()));
    let options = sqlx::postgres::PgConnectOptions::from_str(&server).expect("TEST_POSTGRES_URL");
    let mut admin = sqlx::ConnectOptions::connect(&options).await.expect("PostgreSQL");
    // the name is made above from hexadecimal digits
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create)
        .execute(&mut admin)
        .await
        .expect("create database");
    let base = server.rsplit_once('/').map_or(server.as_str(), |(b, _)| b);
    Some(format!("{base}/{name}"))
}

/// Residents with two letters that both work: never.
pub async fn people_with_two_letters(ctx: &Ctx) -> i64 {
    count(
        ctx,
        "(SELECT resident_id FROM letters WHERE state = 'open' AND resident_id IS NOT NULL
        GROUP BY resident_id HAVING COUNT(*) > 1) AS twice",
    )
    .await
}

/// Letters that were redeemed, of all batches.
pub async fn redeemed_letters(ctx: &Ctx) -> i64 {
    count(ctx, "letters WHERE state = 'redeemed'").await
}

static FAULTY: Mutex<BTreeSet<Uuid>> = Mutex::new(BTreeSet::new());

/// The program has a fault, and panics whenever it does a job about this subject.
pub fn make_faulty(subject: Uuid) {
    FAULTY.lock().expect("a list").insert(subject);
}

pub(crate) fn panic_if_faulty(subject: Uuid) {
    let faulty = FAULTY.lock().expect("a list").contains(&subject);
    assert!(!faulty, "a fault in the program");
}

/// A SQLite store may have so many more pages than it has now.
pub async fn limit_pages(ctx: &Ctx, more: i64) {
    let Db::Sqlite { write, .. } = &ctx.db else { return };
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(write)
        .await
        .expect("page_count");
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages.saturating_add(more)));
    sqlx::query(limit).execute(write).await.expect("max_page_count");
}

/// Changes a store behind the back of the use cases; `$1` is an empty run of bytes.
pub async fn execute(ctx: &Ctx, sql: &str) {
    execute_in(&ctx.db, sql).await;
}

/// [`execute`], for a store without a context: the register of municipalities.
pub async fn execute_in(db: &Db, sql: &str) {
    let text = sqlx::AssertSqlSafe(sql.to_owned());
    let nothing: Vec<u8> = Vec::new();
    match db {
        Db::Sqlite { write, .. } => drop(sqlx::query(text).bind(nothing).execute(write).await.expect("SQL")),
        Db::Postgres(store) => drop(
            sqlx::query(text)
                .bind(nothing)
                .execute(store.pool())
                .await
                .expect("SQL"),
        ),
    }
}

/// What the store says to a change that it cannot make.
pub async fn failing(ctx: &Ctx, sql: &'static str) -> sqlx::Error {
    let done = match &ctx.db {
        Db::Sqlite { write, .. } => sqlx::query(sql).execute(write).await.map(drop),
        Db::Postgres(store) => sqlx::query(sql).execute(store.pool()).await.map(drop),
    };
    done.expect_err("a change that fails")
}

async fn context(url: &str, folder: &std::path::Path) -> Ctx {
    let db = Db::open(url).await.expect("open store");
    migrate(&db).await.expect("migrate");
    let clock = Clock::fixed(Utc.with_ymd_and_hms(2026, 11, 22, 9, 0, 0).unwrap());
    let mailer = Mailer::folder(&folder.join("mail"), "portal@lindenau.example").expect("mail folder");
    Ctx::new(
        db,
        clock,
        Key::random(),
        mailer,
        "https://portal.lindenau.example",
    )
}

/// Runs SQL on a PostgreSQL database that has another process as its user; how many rows changed.
pub async fn execute_at(url: &str, sql: &str) -> u64 {
    use sqlx::{Connection, Executor};
    let mut connection = sqlx::PgConnection::connect(url).await.expect("connection");
    let text = sqlx::AssertSqlSafe(sql.to_owned());
    let done = connection.execute(sqlx::query(text)).await.expect("SQL");
    connection.close().await.expect("close");
    done.rows_affected()
}

/// The files of a SQLite store: the database and its logs.
pub async fn files(ctx: &Ctx) -> Vec<std::path::PathBuf> {
    let read = match &ctx.db {
        Db::Sqlite { read, .. } => read,
        Db::Postgres(store) => {
            let pool = store.pool();
            // the server's own log keeps everything for a while; these are its tables and indexes
            sqlx::query("CHECKPOINT").execute(pool).await.expect("checkpoint");
            let (base, oid): (String, i64) = sqlx::query_as(
                "SELECT current_setting('data_directory'), CAST(oid AS BIGINT) FROM pg_database WHERE datname = current_database()",
            )
            .fetch_one(pool)
            .await
            .expect("the server's folder");
            let folder = std::path::Path::new(&base).join("base").join(oid.to_string());
            // another machine, or another user's server: nothing to read
            return std::fs::read_dir(folder)
                .map(|entries| entries.flatten().map(|e| e.path()).collect())
                .unwrap_or_default();
        }
    };
    let (_, _, path): (i64, String, String) = sqlx::query_as("PRAGMA database_list")
        .fetch_one(read)
        .await
        .expect("database_list");
    ["", "-wal", "-shm", "-journal"]
        .map(|end| std::path::PathBuf::from(format!("{path}{end}")))
        .to_vec()
}

/// Rows of a table, or of what stands behind `FROM`.
pub async fn count(ctx: &Ctx, table: &'static str) -> i64 {
    let count = |table| format!("SELECT COUNT(*) FROM {table}");
    match &ctx.db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sqlx::AssertSqlSafe(count(table)))
            .fetch_one(read)
            .await
            .expect("count"),
        Db::Postgres(store) => sqlx::query_scalar(sqlx::AssertSqlSafe(count(table)))
            .fetch_one(store.pool())
            .await
            .expect("count"),
    }
}

impl Db {
    /// A SQLite store that cannot be written, as on a disk that the system has set to read-only.
    pub async fn read_only(path: &std::path::Path) -> super::Result<Db> {
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(path)
            .read_only(true);
        let pool = || sqlx::sqlite::SqlitePoolOptions::new().connect_with(options.clone());
        Ok(Db::Sqlite {
            write: pool().await?,
            read: pool().await?,
        })
    }
}
