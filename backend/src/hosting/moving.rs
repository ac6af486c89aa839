//! Moving a municipality between the two kinds of store. Every row is compared before the new store counts.

use super::{Hosting, HostingError, Municipality, Place};
use crate::db::{self, Db, catalogue, rows};

/// Why a store was not moved. The old one is as it was.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// It is there already.
    #[error("it is there already")]
    Already,
    /// Something stands in the new store.
    #[error(
        "the new store is not empty: nothing was changed. If nobody needs what is there (a copy that was interrupted), delete it: the SQLite file, or the schema with DROP SCHEMA name CASCADE"
    )]
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
    copy_into(from, to, &mut false).await
}

/// [`copy_store`]; says whether the new store was empty, so that what stands in it now is this copy.
async fn copy_into(from: &Db, to: &Db, begun: &mut bool) -> Result<Moved, MoveError> {
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
    *begun = true;
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

impl Place {
    fn other(self) -> Place {
        match self {
            Place::File => Place::Schema,
            Place::Schema => Place::File,
        }
    }
}

impl Hosting {
    /// Moves a municipality to the other kind of store. Its portal says meanwhile that it is back in a moment. If anything
    /// goes wrong, the old store stays in use and what was copied is deleted. At every moment the store that the register
    /// names is whole; whatever stands in the other place is nobody's.
    pub async fn move_to(&self, name: &str, place: Place) -> Result<Moved, MoveError> {
        let m = self.named(name).await?;
        let interrupted = m.is("moving");
        if !interrupted && m.state != m.after() {
            return Err(m.busy().into());
        }
        if Place::parse(&m.place) == Some(place) {
            // only the end was missing
            if interrupted {
                self.settle(&m).await?;
            }
            return Err(MoveError::Already);
        }
        // a store that cannot be moved is said before its portal is out of service
        let from = self.store_of(name, place.other()).await?;
        let (applied, known) = db::applied_and_known(&from).await?;
        from.close().await;
        if applied != known {
            return Err(MoveError::Schema);
        }
        let m = self.change(&m, &m.during("moving"), &m.place, "move").await?;
        tokio::time::sleep(self.notice()).await;
        let mut begun = false;
        match self.copy_to(&m, place, interrupted, &mut begun).await {
            Ok(moved) => {
                let m = self.change(&m, &m.state, place.key(), "moved").await?;
                self.settle(&m).await?;
                Ok(moved)
            }
            Err(error) => {
                // somebody may have repeated the command meanwhile: then what stands there is theirs, and this ends here
                let m = self.change(&m, &m.state, &m.place, "move-failed").await?;
                if begun && let Err(error) = self.drop_store(&m, place).await {
                    tracing::warn!(%error, "what was copied is not deleted");
                }
                self.change(&m, m.after(), &m.place, "settle").await?;
                Err(error)
            }
        }
    }

    async fn copy_to(
        &self,
        m: &Municipality,
        place: Place,
        interrupted: bool,
        begun: &mut bool,
    ) -> Result<Moved, MoveError> {
        let from = self.store_of(&m.name, place.other()).await?;
        if interrupted {
            // what it had copied is not in use by anybody: the store that the register names is there
            self.drop_store(m, place).await?;
        }
        let to = self.new_store_of(&m.name, place).await?;
        let moved = copy_into(&from, &to, begun).await;
        from.close().await;
        to.close().await;
        moved
    }

    /// The end of a move, whatever it came to: the store that the register names stays, what is in the other place goes.
    pub(super) async fn settle(&self, m: &Municipality) -> Result<(), HostingError> {
        let other = Place::parse(&m.place).unwrap_or(Place::File).other();
        if other == Place::File || self.schemas.is_some() {
            self.drop_store(m, other).await?;
        }
        self.change(m, m.after(), &m.place, "settle").await.map(drop)
    }
}
