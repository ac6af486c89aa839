//! Moving a municipality between the two kinds of store. Every row is compared before the new store counts.

use super::{Hosting, HostingError, Place};
use crate::db::{self, Db, catalogue, rows};

/// Why a store was not moved. The old one is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// It is there already.
    #[error("it is there already")]
    Already,
    /// Something stands in the new store.
    #[error("the new store is not empty: nothing was changed")]
    NotEmpty,
    /// After copying, the stores differ: somebody wrote meanwhile, or a store is damaged.
    #[error(
        "table {table}, row {row} differs after copying: the old store stays in use; stop what writes to it and try again"
    )]
    Differs {
        /// The table.
        table: String,
        /// The row in the order of the key.
        row: u64,
    },
    /// The old store has not the schema of this version.
    #[error("the store has another schema than this version: run `stadtbrief migrate` first")]
    Schema,
    /// The register said no.
    #[error(transparent)]
    Hosting(#[from] HostingError),
    /// The store said no.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The new store cannot be set up.
    #[error("migrating: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// What was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Tables.
    pub tables: usize,
    /// Rows that were copied and compared.
    pub rows: u64,
}

/// Copies a whole store into an empty one and compares every row.
pub async fn copy_store(from: &Db, to: &Db) -> Result<Moved, MoveError> {
    let (applied, known) = db::applied_and_known(from).await?;
    if applied != known {
        return Err(MoveError::Schema);
    }
    db::migrate(to).await?;
    let tables = catalogue::tables(known);
    let mut tx = to.begin().await?;
    if !rows::clear_new(&mut tx, &tables).await? {
        return Err(MoveError::NotEmpty);
    }
    tx.commit_unaudited("a whole store is copied").await?;
    let mut source = from.read().await?;
    rows::copy(&mut source, to, &tables).await?;
    drop(source);
    // with a new look at the old store: what was written while copying shows as a difference
    let (mut one, mut other) = (from.read().await?, to.read().await?);
    match rows::compare(&mut one, &mut other, &tables).await? {
        Ok(rows) => Ok(Moved {
            tables: tables.len(),
            rows,
        }),
        Err(difference) => Err(MoveError::Differs {
            table: difference.table,
            row: difference.row,
        }),
    }
}

impl Hosting {
    /// Moves a municipality to the other kind of store. Its portal says meanwhile that it is back in a moment. If anything
    /// goes wrong, the old store stays in use and what was copied is deleted.
    pub async fn move_to(&self, name: &str, place: Place) -> Result<Moved, MoveError> {
        let m = self.named(name).await?;
        let old = Place::parse(&m.place).unwrap_or(Place::File);
        if old == place {
            return Err(MoveError::Already);
        }
        if m.state == "deleting" {
            return Err(HostingError::State {
                name: m.name,
                state: m.state,
            }
            .into());
        }
        // a move that was interrupted is begun anew: what it had copied is not in use by anybody
        let interrupted = m.state == "moving";
        let after = if m.state == "suspended" {
            "suspended"
        } else {
            "active"
        };
        let m = self.change(&m, "moving", &m.place, "move").await?;
        tokio::time::sleep(self.notice()).await;
        if interrupted {
            self.drop_store(&m, place).await?;
        }
        let (from, to) = (
            self.store_of(&m.name, old).await?,
            self.store_of(&m.name, place).await?,
        );
        let moved = copy_store(&from, &to).await;
        from.close().await;
        to.close().await;
        match moved {
            Ok(moved) => {
                self.change(&m, after, place.key(), "moved").await?;
                self.drop_store(&m, old).await?;
                Ok(moved)
            }
            Err(error) => {
                if !matches!(error, MoveError::NotEmpty) {
                    self.drop_store(&m, place).await?;
                }
                self.change(&m, after, old.key(), "move-failed").await?;
                Err(error)
            }
        }
    }
}
