//! One municipality in one schema of a PostgreSQL server: the connections are shared, the tables are not.

use super::Result;
use sqlx::{PgPool, Postgres, Transaction};
use std::{fmt::Write, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The place of a municipality among the connections of all: given back when the transaction ends.
pub type Share = Option<OwnedSemaphorePermit>;

/// The name of a schema: letters, digits and `_`, made by [`Schema::of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema(Arc<str>);

impl Schema {
    /// The schema of the municipality with this short name (`lindenau` → `sb_lindenau`); `None` if the name has other
    /// characters than small letters, digits and `-`, or more than 40.
    pub fn of(name: &str) -> Option<Schema> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!name.is_empty() && name.len() <= 40 && name.chars().all(fits))
            .then(|| Schema(format!("sb_{}", name.replace('-', "_")).into()))
    }

    /// Where a provider's register of municipalities is.
    fn register() -> Schema {
        Schema("stadtbrief_hosting".into())
    }

    /// The name, which needs no quoting.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// A PostgreSQL server, or one schema of it.
#[derive(Clone, Debug)]
pub struct PgStore {
    pool: PgPool,
    schema: Option<Schema>,
    share: Option<Arc<Semaphore>>,
}

impl PgStore {
    /// A database of its own.
    pub fn whole(pool: PgPool) -> Self {
        Self {
            pool,
            schema: None,
            share: None,
        }
    }

    /// The register of municipalities.
    pub fn register(pool: PgPool) -> Self {
        Self {
            pool,
            schema: Some(Schema::register()),
            share: None,
        }
    }

    /// Is there such a schema?
    pub async fn schema_exists(&self) -> Result<bool> {
        let Some(schema) = &self.schema else {
            return Ok(true);
        };
        sqlx::query_scalar("SELECT to_regnamespace($1) IS NOT NULL")
            .bind(schema.name())
            .fetch_one(&self.pool)
            .await
    }

    /// Deletes the schema with everything in it.
    pub async fn drop_schema(&self) -> Result<()> {
        let Some(schema) = &self.schema else { return Ok(()) };
        let mut tries = 0;
        loop {
            let mut sql: sqlx::QueryBuilder<Postgres> = sqlx::QueryBuilder::new("DROP SCHEMA IF EXISTS ");
            sql.push(schema.name()).push(" CASCADE");
            tries += 1;
            match sql.build().execute(&self.pool).await {
                // a clean-up that a server had begun holds other tables: it ends in a moment
                Err(sqlx::Error::Database(e)) if tries < 10 && e.code().as_deref() == Some("40P01") => {
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                }
                done => return done.map(drop),
            }
        }
    }

    /// One schema. It uses at most `share` of the pool's connections at a time, so that one municipality cannot keep
    /// all others waiting.
    pub fn one_of_many(pool: PgPool, schema: Schema, share: usize) -> Self {
        Self {
            pool,
            schema: Some(schema),
            share: Some(Arc::new(Semaphore::new(share))),
        }
    }

    /// The connections: a statement outside [`PgStore::begin`] must name its schema.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// The schema, where there are many.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    /// A table with its schema.
    pub(super) fn qualified(&self, table: &str) -> String {
        match &self.schema {
            None => table.to_owned(),
            Some(schema) => format!("{}.{table}", schema.name()),
        }
    }

    /// Begins a transaction. `SET LOCAL` ends with it: a connection that goes back to the pool knows no municipality,
    /// and a table is never found in another one's schema.
    pub(super) async fn begin(&self, how: &'static str) -> Result<(Transaction<'static, Postgres>, Share)> {
        let share = match &self.share {
            None => None,
            Some(all) => Some(
                tokio::time::timeout(std::time::Duration::from_secs(10), all.clone().acquire_owned())
                    .await
                    .map_err(|_| sqlx::Error::PoolTimedOut)?
                    .map_err(|_| sqlx::Error::PoolClosed)?,
            ),
        };
        let tx = match &self.schema {
            None => self.pool.begin_with(how).await?,
            Some(schema) => {
                let mut text = how.to_owned();
                let _ = write!(text, "; SET LOCAL search_path TO {}", schema.name());
                // a name of a schema has small letters, digits and `_` only
                self.pool.begin_with(sqlx::AssertSqlSafe(text)).await?
            }
        };
        Ok((tx, share))
    }

    /// Closes the connections, unless other municipalities use them, too.
    pub(super) async fn close(&self) {
        if self.schema.is_none() {
            self.pool.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_schemas_need_no_quoting() {
        assert_eq!(Schema::of("bad-lindenau").unwrap().name(), "sb_bad_lindenau");
        for bad in ["", "Lindenau", "linde\"nau", "a b", "ä", "a;b", &"a".repeat(41)] {
            assert_eq!(Schema::of(bad), None, "{bad}");
        }
    }
}
