//! The store: SQLite or PostgreSQL behind one enum, one portable SQL text per query (docs/adr/0002).
//!
//! Rules for portable SQL: placeholders `$1, $2 …`; every integer is `BIGINT` and `i64`; sums are cast
//! (`CAST(COALESCE(SUM(x), 0) AS BIGINT)`); keyset pages with row values, no `OFFSET`; no `now()`, `ILIKE`, arrays,
//! JSON operators, triggers or defaults with meaning; names are folded by `domain::text`, never by the database; an
//! `IN` list is never empty; times are microseconds.

pub(crate) mod catalogue;
mod migrate;
pub(crate) mod rows;
mod schema;
#[cfg(feature = "testing")]
pub mod testing;
mod trouble;

pub(crate) use migrate::{applied, is_used};
pub use migrate::{
    applied_and_known, known, migrate, migrate_register, migrate_to, register_applied_and_known,
};
pub use schema::{PgStore, Schema};
pub use trouble::{Trouble, trouble};

use sqlx::{
    Postgres, Sqlite, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, time::Duration};

/// Errors of the driver.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

/// How much one store may use.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Most connections to PostgreSQL.
    pub connections: u32,
    /// Most connections that read a SQLite file; one more writes.
    pub readers: u32,
    /// Memory of each reading connection to SQLite, in KiB.
    pub read_cache_kib: u32,
    /// Memory of the writing connection to SQLite, in KiB.
    pub write_cache_kib: u32,
}

impl Size {
    /// One municipality has the process for itself.
    pub const ALONE: Size = Size {
        connections: 16,
        readers: 8,
        read_cache_kib: 16_000,
        write_cache_kib: 96_000,
    };
    /// One of many in a process.
    pub const ONE_OF_MANY: Size = Size {
        connections: 16,
        readers: 4,
        read_cache_kib: 4_000,
        write_cache_kib: 16_000,
    };
}

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
    /// A server, or one schema of it.
    Postgres(PgStore),
}

/// An open transaction. Dropping it undoes it.
#[derive(Debug)]
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL, with the municipality's share of the connections.
    Postgres(Transaction<'static, Postgres>, schema::Share),
}

/// Runs the same query text on whichever database is open.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::db::Tx::Postgres(t, _) => {
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
            $crate::db::Tx::Postgres(t, _) => {
                let mut $builder: sqlx::QueryBuilder<sqlx::Postgres> = sqlx::QueryBuilder::new("");
                $build;
                $builder.build().execute(&mut **t).await.map(drop)
            }
        }
    };
}
pub(crate) use run_built;

/// Is what goes to this store encrypted on its way, or does it stay on this machine? An address that does not parse is
/// refused when it is opened.
pub fn is_encrypted(url: &str) -> bool {
    let Ok(options) = PgConnectOptions::from_str(url) else {
        return true;
    };
    let encrypted = matches!(
        options.get_ssl_mode(),
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull
    );
    let host = options.get_host();
    let here = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&host) || host.starts_with('/');
    encrypted || here || options.get_socket().is_some() || !is_postgres(url)
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`. Does not migrate.
    pub async fn open(url: &str) -> Result<Db> {
        Db::open_with(url, &Size::ALONE).await
    }

    /// [`Db::open`] with a size of its own.
    pub async fn open_with(url: &str, size: &Size) -> Result<Db> {
        if is_postgres(url) {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new()
                .max_connections(size.connections)
                .acquire_timeout(Duration::from_secs(10))
                // what was acknowledged survives a crash, whatever the server's own setting says
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        sqlx::query(
                            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
                        )
                        .execute(connection)
                        .await
                        .map(drop)
                    })
                })
                .connect_with(options)
                .await?;
            return Ok(Db::Postgres(PgStore::whole(pool)));
        }
        let cache = |kib: u32| format!("-{kib}");
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
            .pragma("cache_size", cache(size.read_cache_kib));
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            // a city's register: its indexes are written in no order, and must not be read from the file each time
            .connect_with(options.clone().pragma("cache_size", cache(size.write_cache_kib)))
            .await?;
        let read = SqlitePoolOptions::new()
            .max_connections(size.readers)
            .connect_with(options)
            .await?;
        Ok(Db::Sqlite { write, read })
    }

    /// A transaction that writes.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Db::Sqlite { write, .. } => Tx::Sqlite(begin_immediate(write).await?),
            Db::Postgres(store) => {
                let (tx, share) = store.begin("BEGIN").await?;
                Tx::Postgres(tx, share)
            }
        })
    }

    /// A transaction that only reads; it sees one state throughout.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Db::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Db::Postgres(store) => {
                let (tx, share) = store
                    .begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?;
                Tx::Postgres(tx, share)
            }
        })
    }

    /// Writes the tables with personal data anew, so that nothing of what was deleted is left between the rows. SQLite
    /// overwrites at once; PostgreSQL only marks space as free, and a plain `VACUUM` leaves the bytes there (seen with
    /// PostgreSQL 15). Each table is locked while it is written.
    pub async fn rewrite(&self) -> Result<()> {
        if matches!(self, Db::Sqlite { .. }) {
            return self.truncate_log().await;
        }
        for table in [
            "residents",
            "resident_words",
            "resident_lists",
            "list_parts",
            "list_rows",
            "list_edits",
            "parties",
            "accounts",
            "letters",
            "sealed_recipients",
            "letter_requests",
            "control_recipients",
            "cases",
            "case_entries",
            "case_files",
            "case_documents",
            "organisations",
            "organisation_members",
            "organisation_invitations",
            "organisation_entries",
            "notices",
            "contributions",
            "contribution_versions",
            "idea_supports",
            "pseudonyms",
            "reports",
            "survey_participants",
            "survey_answers",
            "survey_ballots",
            "push_subscriptions",
            // keys and secrets, wrapped or hashed: what was destroyed is not left on the disk either
            "batches",
            "survey_strata",
            "root_keys",
            "push_key",
            "recovery_codes",
            "passkeys",
            "links",
            "mails",
            "film_pieces",
        ] {
            self.rewrite_one(table).await?;
        }
        Ok(())
    }

    /// [`Db::rewrite`] for one table.
    pub(crate) async fn rewrite_one(&self, table: &str) -> Result<()> {
        let Db::Postgres(store) = self else {
            return self.truncate_log().await;
        };
        let mut sql: sqlx::QueryBuilder<Postgres> = sqlx::QueryBuilder::new("VACUUM FULL ");
        sql.push(store.qualified(table));
        sql.build().execute(store.pool()).await.map(drop)
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

    /// Connections that are open: in use and idle.
    pub fn connections(&self) -> [(&'static str, f64); 2] {
        let count = |all: u32, idle: usize| {
            let idle = u32::try_from(idle).unwrap_or(0);
            (f64::from(all.saturating_sub(idle)), f64::from(idle))
        };
        let (used, idle) = match self {
            Db::Sqlite { write, read } => {
                let (a, b) = (
                    count(write.size(), write.num_idle()),
                    count(read.size(), read.num_idle()),
                );
                (a.0 + b.0, a.1 + b.1)
            }
            Db::Postgres(store) => count(store.pool().size(), store.pool().num_idle()),
        };
        [("used", used), ("idle", idle)]
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
            Db::Postgres(store) => store.close().await,
        }
    }
}

/// IMMEDIATE: a transaction that reads first and writes later would fail with SQLITE_BUSY_SNAPSHOT.
async fn begin_immediate(write: &SqlitePool) -> Result<Transaction<'static, Sqlite>> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    match write.begin_with(BEGIN).await {
        // On a full disk SQLite ends a transaction by itself, and sqlx goes on counting it: the only connection that
        // writes would refuse each further transaction (seen with sqlx 0.9). A new one does not.
        Err(sqlx::Error::InvalidSavePointStatement) => {
            write.acquire().await?.close().await?;
            write.begin_with(BEGIN).await
        }
        begun => begun,
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
            Tx::Postgres(t, _) => t.commit().await,
        }
    }
}

/// Did this write hit a unique key?
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|e| e.kind() == sqlx::error::ErrorKind::UniqueViolation)
}
