//! Migrations, embedded in the binary.

use super::{Db, Tx, on};
use sqlx::{
    ConnectOptions, Connection,
    migrate::{MigrateError, Migration, Migrator},
};

pub(super) static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

static REGISTER_SQLITE: Migrator = sqlx::migrate!("../migrations/hosting/sqlite");
static REGISTER_POSTGRES: Migrator = sqlx::migrate!("../migrations/hosting/postgres");

/// Brings the store to the schema of this binary. A store that a newer binary has changed is taken as long as it has only
/// grown: while servers are updated one after the other, old and new ones work side by side. A migration that takes
/// something away is called `…_contract_….sql`; a binary that does not know it refuses the store.
pub async fn migrate(db: &Db) -> Result<(), MigrateError> {
    migrate_to(db, i64::MAX).await
}

/// Brings the store to the schema that `target` migrations make: what a backup of an older version needs.
pub async fn migrate_to(db: &Db, target: i64) -> Result<(), MigrateError> {
    grow(db, target, &SQLITE, &POSTGRES).await
}

/// Brings the register of municipalities to the schema of this binary, by the same rules.
pub async fn migrate_register(db: &Db) -> Result<(), MigrateError> {
    grow(db, i64::MAX, &REGISTER_SQLITE, &REGISTER_POSTGRES).await
}

async fn grow(db: &Db, target: i64, sqlite: &Migrator, postgres: &Migrator) -> Result<(), MigrateError> {
    let own = match db {
        Db::Sqlite { .. } => sqlite,
        Db::Postgres(_) => postgres,
    };
    let Some(has_grown) = missing(&applied_to(db).await, own, target)? else {
        return Ok(());
    };
    let known = |migrator: &Migrator| {
        let mut migrator = Migrator::with_migrations(migrator.iter().cloned().collect());
        migrator.set_ignore_missing(has_grown);
        migrator
    };
    run(db, target, &known(sqlite), &known(postgres)).await
}

/// Is something missing, and if so: has a newer binary grown the store? `None` costs an opened store one question, without a
/// connection of its own and without the lock that all schemas of a server share.
fn missing(applied: &[Applied], own: &Migrator, target: i64) -> Result<Option<bool>, MigrateError> {
    let newer: Vec<&Applied> = applied
        .iter()
        .filter(|a| !own.version_exists(a.version))
        .collect();
    if let Some(taken) = newer.iter().find(|a| a.description.contains("contract")) {
        return Err(MigrateError::VersionMissing(taken.version));
    }
    let is_there = |m: &Migration| {
        let found = applied.iter().find(|a| a.version == m.version);
        found.is_some_and(|a| a.checksum == *m.checksum)
    };
    let complete = own.iter().filter(|m| m.version <= target).all(is_there);
    Ok((!complete).then_some(!newer.is_empty()))
}

#[derive(sqlx::FromRow)]
struct Applied {
    version: i64,
    description: String,
    checksum: Vec<u8>,
}

/// Migrations that the store has seen; none if it has no tables yet.
async fn applied_to(db: &Db) -> Vec<Applied> {
    let Ok(mut tx) = db.read().await else {
        return Vec::new();
    };
    on!(&mut tx, |c| sqlx::query_as(
        "SELECT version, description, checksum FROM _sqlx_migrations WHERE success ORDER BY version"
    )
    .fetch_all(c)
    .await)
    .unwrap_or_default()
}

/// Schemas that are migrated at the same time by this process: each takes a connection beside those of the pool.
static AT_ONCE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(4);

/// `run_direct`, because futures with `run_to` cannot be sent to other threads (the compiler's "not general enough").
async fn run(db: &Db, target: i64, sqlite: &Migrator, postgres: &Migrator) -> Result<(), MigrateError> {
    match db {
        Db::Sqlite { write, .. } => {
            let mut connection = write.acquire().await?;
            sqlite.run_direct(Some(target), &mut *connection, false).await
        }
        Db::Postgres(store) => match store.schema() {
            None => {
                let mut connection = store.pool().acquire().await?;
                postgres.run_direct(Some(target), &mut *connection, false).await
            }
            Some(schema) => {
                let _turn = AT_ONCE.acquire().await;
                // a connection of its own, which knows this schema only
                let options = (*store.pool().connect_options())
                    .clone()
                    .options([("search_path", schema.name())]);
                let mut connection = options.connect().await?;
                let mut create: sqlx::QueryBuilder<sqlx::Postgres> =
                    sqlx::QueryBuilder::new("CREATE SCHEMA IF NOT EXISTS ");
                create.push(schema.name());
                create.build().execute(&mut connection).await?;
                let done = postgres.run_direct(Some(target), &mut connection, false).await;
                connection.close().await?;
                done
            }
        },
    }
}

/// How many migrations this binary knows.
pub fn known() -> i64 {
    i64::try_from(POSTGRES.iter().count()).unwrap_or(i64::MAX)
}

/// How many migrations the store has seen and how many this binary knows.
pub async fn applied_and_known(db: &Db) -> super::Result<(i64, i64)> {
    Ok((applied_or_none(db).await?, known()))
}

/// [`applied_and_known`] of the register of municipalities.
pub async fn register_applied_and_known(db: &Db) -> super::Result<(i64, i64)> {
    let known = i64::try_from(REGISTER_POSTGRES.iter().count()).unwrap_or(i64::MAX);
    Ok((applied_or_none(db).await?, known))
}

/// A store without any table has seen none.
async fn applied_or_none(db: &Db) -> super::Result<i64> {
    let mut tx = db.read().await?;
    match applied(&mut tx).await {
        Err(sqlx::Error::Database(e)) if e.message().contains("_sqlx_migrations") => Ok(0),
        applied => applied,
    }
}

/// Has anybody done anything in this store? It must have the schema of this version.
pub(crate) async fn is_used(db: &Db) -> super::Result<bool> {
    use super::{catalogue, rows};
    let mut tx = db.read().await?;
    rows::holds_any(&mut tx, &catalogue::tables(known()), &rows::USED).await
}

pub(crate) async fn applied(tx: &mut Tx) -> super::Result<i64> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM _sqlx_migrations WHERE success"
    )
    .fetch_one(c)
    .await)
}
