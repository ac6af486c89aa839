//! Migrations, embedded in the binary.

use super::Db;
use sqlx::migrate::{MigrateError, Migrator};

static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");

/// Brings the store to the schema of this binary. Refuses a store that a newer binary has changed.
pub async fn migrate(db: &Db) -> Result<(), MigrateError> {
    match db {
        Db::Sqlite { write, .. } => SQLITE.run(write).await,
        Db::Postgres(pool) => POSTGRES.run(pool).await,
    }
}

/// How many migrations the store has seen and how many this binary knows.
pub async fn applied_and_known(db: &Db) -> super::Result<(i64, i64)> {
    const COUNT: &str = "SELECT COUNT(*) FROM _sqlx_migrations WHERE success";
    let (applied, known) = match db {
        Db::Sqlite { read, .. } => (
            sqlx::query_scalar(COUNT).fetch_one(read).await?,
            SQLITE.iter().count(),
        ),
        Db::Postgres(pool) => (
            sqlx::query_scalar(COUNT).fetch_one(pool).await?,
            POSTGRES.iter().count(),
        ),
    };
    Ok((applied, i64::try_from(known).unwrap_or(i64::MAX)))
}
