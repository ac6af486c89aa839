//! What can go wrong with the register and the stores of many.

use crate::{depot::DepotError, keys::KeyError, mail::MailError, root_key::RootKeyError};

/// Why the register did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HostingError {
    /// The short name has other characters, or is too long.
    #[error("the name `{0}` may have small letters, digits and `-`, 40 at most")]
    Name(String),
    /// The address is not one.
    #[error("`{0}` is not an address like https://portal.example.de (no path)")]
    Address(String),
    /// Name or host is taken.
    #[error("there is a municipality of this name or with this address already")]
    Taken,
    /// Nobody of this name.
    #[error("there is no municipality `{0}`")]
    Unknown(String),
    /// Schemas need PostgreSQL.
    #[error("a schema needs PostgreSQL: set `schemas` (STADTBRIEF_SCHEMAS) to its address")]
    NoPostgres,
    /// It is being moved or deleted.
    #[error("`{name}` is {state}{}", way_out(state))]
    State {
        /// The municipality.
        name: String,
        /// What it is.
        state: String,
    },
    /// Somebody else changed it at the same time.
    #[error("somebody else changed it at the same time: look and try again")]
    Stale,
    /// The store said no.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The register has an older schema, and is only looked at.
    #[error(
        "the register of municipalities has {applied} of {known} migrations: `stadtbrief migrate` applies the others"
    )]
    Behind {
        /// Migrations it has seen.
        applied: i64,
        /// Migrations of this version.
        known: i64,
    },
    /// The schema of a store cannot be brought up to date.
    #[error("migrating: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The provider's key does not open the municipality's key.
    #[error("the key: {0}")]
    Key(#[from] KeyError),
    /// The register's root key.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// The place for files.
    #[error("the place for files: {0}")]
    Depot(#[from] DepotError),
    /// The register is another one than that of the backup.
    #[error(
        "the register has municipalities already, and it is not the register of this backup: restore into an empty one"
    )]
    OtherRegister,
    /// Something stands where a new store would be.
    #[error(
        "there is a store of this name already ({0}), which no municipality of the register has: choose another name, or take it away if nobody needs it"
    )]
    Leftover(String),
    /// Somebody uses the register.
    #[error(
        "the register is in use: restore everything into an empty one, or one municipality with --municipality NAME"
    )]
    InUse,
    /// The file or the schema of a municipality's store is not there.
    #[error(
        "there is no store at {0}: is the folder mounted, is it the right database? A store that is lost comes back with `stadtbrief restore`"
    )]
    Missing(String),
    /// Mails cannot be sent.
    #[error("mail: {0}")]
    Mail(#[from] MailError),
    /// Files.
    #[error("files: {0}")]
    Io(#[from] std::io::Error),
}

/// What leads out of a state.
fn way_out(state: &str) -> &'static str {
    match state.strip_suffix("-suspended").unwrap_or(state) {
        "moving" => {
            ": a move runs, or was interrupted: repeat it, or let the portal stay where it is with `stadtbrief municipality resume`"
        }
        "restoring" => ": a restore runs, or was interrupted: repeat it",
        "deleting" => ": repeat `stadtbrief municipality delete`",
        _ => "",
    }
}
