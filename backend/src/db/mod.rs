//! The store: SQLite or PostgreSQL behind one enum, one portable SQL text per query (docs/adr/0002).
//!
//! Rules for portable SQL: placeholders `$1, $2 …`; every integer is `BIGINT` and `i64`; sums are cast
//! (`CAST(COALESCE(SUM(x), 0) AS BIGINT)`); keyset pages with row values, no `OFFSET`; no `now()`, `ILIKE`, arrays,
//! JSON operators, triggers or defaults with meaning; names are folded by `domain::text`, never by the database; an
//! `IN` list is never empty; times are microseconds.

mod migrate;
#[cfg(feature = "testing")]
pub mod testing;

pub use migrate::{applied_and_known, migrate};

use sqlx::{
    Postgres, Sqlite, Transaction,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, time::Duration};

/// Errors of the driver.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// An open store.
#[derive(Clone, Debug)]
pub enum Db {
    /// One file; one writer, many readers.
    Sqlite {
        /// One connection: SQLite has one writer, and waiting here is fairer than `SQLITE_BUSY`.
        write: SqlitePool,
        /// Readers do not wait for the writer (WAL).
        read: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// An open transaction. Dropping it undoes it.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same query text on whichever database is open.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::db::Tx::Postgres(t) => {
                let $c = &mut **t;
                $body
            }
        }
    };
}
pub(crate) use on;

/// Builds a statement with a query builder of the database that is open, and runs it.
macro_rules! run_built {
    ($tx:expr, |$builder:ident| $build:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                let mut $builder: sqlx::QueryBuilder<sqlx::Sqlite> = sqlx::QueryBuilder::new("");
                $build;
                $builder.build().execute(&mut **t).await.map(drop)
            }
            $crate::db::Tx::Postgres(t) => {
                let mut $builder: sqlx::QueryBuilder<sqlx::Postgres> = sqlx::QueryBuilder::new("");
                $build;
                $builder.build().execute(&mut **t).await.map(drop)
            }
        }
    };
}
pub(crate) use run_built;

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. Does not migrate.
    pub async fn open(url: &str) -> Result<Db> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await?;
            return Ok(Db::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // an authority that told somebody "saved" has saved
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // deleted is overwritten
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-16000");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            // a city's register: its indexes are written in no order, and must not be read from the file each time
            .connect_with(options.clone().pragma("cache_size", "-96000"))
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            .connect_with(options)
            .await?;
        Ok(Db::Sqlite { write, read })
    }

    /// A transaction that writes.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            // IMMEDIATE: a transaction that reads first and writes later would fail with SQLITE_BUSY_SNAPSHOT
            Db::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that only reads; it sees one state throughout.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Db::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Db::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Writes the tables with personal data anew, so that nothing of what was deleted is left between the rows. SQLite
    /// overwrites at once; PostgreSQL only marks space as free, and a plain `VACUUM` leaves the bytes there (seen with
    /// PostgreSQL 15). Each table is locked while it is written.
    pub async fn rewrite(&self) -> Result<()> {
        let Db::Postgres(pool) = self else {
            return self.truncate_log().await;
        };
        for sql in [
            "VACUUM FULL residents",
            "VACUUM FULL resident_words",
            "VACUUM FULL resident_lists",
            "VACUUM FULL list_parts",
            "VACUUM FULL list_rows",
            "VACUUM FULL list_edits",
            "VACUUM FULL parties",
            "VACUUM FULL accounts",
            "VACUUM FULL letters",
            "VACUUM FULL sealed_recipients",
            "VACUUM FULL letter_requests",
            "VACUUM FULL control_recipients",
            "VACUUM FULL cases",
            "VACUUM FULL case_entries",
            "VACUUM FULL case_files",
            "VACUUM FULL case_documents",
            "VACUUM FULL organisations",
            "VACUUM FULL organisation_members",
            "VACUUM FULL organisation_invitations",
            "VACUUM FULL organisation_entries",
            "VACUUM FULL notices",
            "VACUUM FULL contributions",
            "VACUUM FULL contribution_versions",
            "VACUUM FULL idea_supports",
            "VACUUM FULL pseudonyms",
            "VACUUM FULL reports",
            "VACUUM FULL survey_participants",
            "VACUUM FULL survey_answers",
            "VACUUM FULL survey_ballots",
        ] {
            sqlx::query(sql).execute(pool).await?;
        }
        Ok(())
    }

    /// Empties SQLite's write-ahead log, so that what was deleted is not left in it. For PostgreSQL see [`Db::rewrite`].
    pub async fn truncate_log(&self) -> Result<()> {
        match self {
            Db::Sqlite { write, .. } => sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(write)
                .await
                .map(drop),
            Db::Postgres(_) => Ok(()),
        }
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self {
            Db::Sqlite { .. } => "sqlite",
            Db::Postgres(_) => "postgres",
        }
    }

    /// Waits for open work and closes all connections.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes the changes lasting, together with the audit event that says what happened.
    pub async fn commit(mut self, ctx: &crate::Ctx, event: crate::audit::Event) -> Result<()> {
        crate::audit::append(&mut self, ctx.clock.now(), &event).await?;
        self.commit_unaudited("the event is in the transaction").await
    }

    /// Makes the changes lasting without an audit event; `reason` says why none is needed.
    pub async fn commit_unaudited(self, reason: &'static str) -> Result<()> {
        let _ = reason;
        match self {
            Tx::Sqlite(t) => t.commit().await,
            Tx::Postgres(t) => t.commit().await,
        }
    }
}

/// Did this write hit a unique key?
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|e| e.kind() == sqlx::error::ErrorKind::UniqueViolation)
}
