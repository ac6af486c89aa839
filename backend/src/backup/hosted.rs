//! Backups of many municipalities: the register, and each store in a part of its own.

use super::{BackupError, Made, Restored, make, prune_with, read, restore};
use crate::{
    Ctx,
    db::Db,
    depot::Depot,
    hosting::{Hosting, HostingError, Municipality, Standing},
    letters,
    root_key::RootKeyError,
};
use std::{collections::BTreeSet, path::Path};

/// What happened to one municipality.
#[derive(Debug)]
pub struct All<T> {
    /// Its short name.
    pub name: String,
    /// How it went; one that fails does not stop the others.
    pub result: Result<T, BackupError>,
}

/// Each municipality has a part of its own.
const PARTS: &str = "municipalities";
/// The register's backups.
const REGISTERS: &str = "registers";

fn part(depot: &Depot, name: &str) -> Depot {
    depot.within(PARTS).within(name)
}

/// Backs up the register, then every municipality that is in use.
pub async fn make_all(hosting: &Hosting, depot: &Depot) -> Result<Vec<All<Made>>, BackupError> {
    let key = hosting.backup_key();
    let all = hosting.list().await?;
    if all.is_empty() && !list_all(depot).await?.is_empty() {
        return Err(BackupError::EmptyRegister);
    }
    hosting.back_up_keys(depot).await?;
    let name = hosting.now().format("%Y%m%dT%H%M%S%3fZ").to_string();
    let sealed = key.seal(&serde_json::to_vec(&all)?, register(&name).as_bytes())?;
    depot.put(&register(&name), sealed).await?;
    let mut done = Vec::new();
    for m in &all {
        let result = async {
            // what is half restored or half deleted is no backup
            match hosting.named(&m.name).await {
                Err(HostingError::Unknown(_)) => Ok(None),
                Ok(m) if m.is("deleting") || m.is("restoring") => Ok(None),
                Ok(m) if hosting.standing(&m).await? == Standing::Half => {
                    Err(RootKeyError::Unfinished.into())
                }
                found => {
                    let found = found?;
                    let ctx = hosting.ctx(&found).await?;
                    let made = make(&ctx, &part(depot, &found.name)).await;
                    ctx.db.close().await;
                    made.map(Some)
                }
            }
        };
        done.extend(result.await.transpose().map(|result| All {
            name: m.name.clone(),
            result,
        }));
    }
    Ok(done)
}

/// What [`prune_all`] has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Files that went.
    pub gone: usize,
    /// Municipalities of which another process makes a backup: the next one deletes.
    pub at_work: Vec<String>,
}

/// Keeps the newest backups of the register and of each municipality and deletes the others; everything goes of
/// municipalities that no kept register knows.
pub async fn prune_all(hosting: &Hosting, depot: &Depot, keep: usize) -> Result<Pruned, BackupError> {
    // before the register: what is created meanwhile is not taken for something that nobody knows
    let parts = depot.within(PARTS).parts().await?;
    let registers = list_all(depot).await?;
    let old = registers.len().saturating_sub(keep.max(1));
    let present = hosting.list().await?;
    let mut known: BTreeSet<String> = present.iter().map(|m| m.name.clone()).collect();
    for name in registers.iter().skip(old) {
        // a register that cannot be read keeps everything
        let (_, all) = read_register(hosting, depot, name).await?;
        known.extend(all.into_iter().map(|m| m.name));
    }
    let mut pruned = Pruned::default();
    for name in registers.iter().take(old) {
        depot.delete(&register(name)).await?;
        pruned.gone += 1;
    }
    for name in &parts {
        if !known.contains(name) {
            pruned.gone += part(depot, name).clear().await?;
        }
    }
    for m in present.iter().filter(|m| parts.contains(&m.name)) {
        match prune_with(&hosting.backup_key_of(m)?, &part(depot, &m.name), keep).await {
            Ok((backups, pieces)) => pruned.gone += backups + pieces,
            Err(BackupError::AtWork) => pruned.at_work.push(m.name.clone()),
            Err(error) => return Err(error),
        }
    }
    Ok(pruned)
}

/// Names of the register's backups, the newest last.
pub async fn list_all(depot: &Depot) -> Result<BTreeSet<String>, BackupError> {
    Ok(depot.list(REGISTERS).await?)
}

/// The municipalities of which there are backups, each with the name of its newest one.
pub async fn parts(depot: &Depot) -> Result<Vec<(String, Option<String>)>, BackupError> {
    let mut all = Vec::new();
    for name in depot.within(PARTS).parts().await? {
        let newest = super::list(&part(depot, &name)).await?.pop_last();
        all.push((name, newest));
    }
    Ok(all)
}

/// A register of a backup, and the hosting whose key opens it.
async fn read_register(
    hosting: &Hosting,
    depot: &Depot,
    name: &str,
) -> Result<(Hosting, Vec<Municipality>), BackupError> {
    let sealed = depot.get(&register(name)).await?.ok_or(BackupError::None)?;
    for candidate in hosting.of_backup(depot).await? {
        let opened = candidate.backup_key().open(&sealed, register(name).as_bytes());
        if let Ok(plain) = opened {
            return Ok((candidate, serde_json::from_slice(&plain)?));
        }
    }
    Err(BackupError::WrongKey(name.to_owned()))
}

/// A register of a backup that has somebody: the newest one if none is named.
async fn register_of(
    hosting: &Hosting,
    depot: &Depot,
    name: Option<&str>,
) -> Result<(Hosting, Vec<Municipality>), BackupError> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => list_all(depot).await?.pop_last().ok_or(BackupError::None)?,
    };
    let (hosting, all) = read_register(hosting, depot, &name).await?;
    match all.is_empty() {
        true => Err(BackupError::Nobody),
        false => Ok((hosting, all)),
    }
}

/// Restores a register (the newest if none is named) into an empty one, then the newest backup of each of its
/// municipalities. After an interruption it goes on: what was restored stays, what was begun is begun anew.
pub async fn restore_all(
    hosting: &Hosting,
    depot: &Depot,
    name: Option<&str>,
) -> Result<Vec<All<Restored>>, BackupError> {
    let (hosting, all) = register_of(hosting, depot, name).await?;
    hosting.adopt().await?;
    let there = hosting.list().await?;
    if !there.iter().any(|m| m.is("restoring")) {
        hosting.register_again(&all).await?;
    }
    let mut done = Vec::new();
    for m in hosting.list().await?.iter().filter(|m| m.is("restoring")) {
        done.push(All {
            name: m.name.clone(),
            result: restore_one(&hosting, depot, &m.name, None).await,
        });
    }
    Ok(done)
}

/// Restores a backup of one municipality into its store, which must be empty; one that was deleted comes back into the
/// register. Its portal is out of service meanwhile, and stays so if the restore is interrupted: repeat it then. `name`:
/// which backup, the newest if none is said.
pub async fn restore_one(
    hosting: &Hosting,
    depot: &Depot,
    municipality: &str,
    name: Option<&str>,
) -> Result<Restored, BackupError> {
    let (m, is_known) = match hosting.named(municipality).await {
        Err(HostingError::Unknown(_)) => (last_known(hosting, depot, municipality).await?, false),
        m => (m?, true),
    };
    let part = part(depot, municipality);
    // a backup that is not there, or does not open, is said before anything changes
    read(&hosting.backup_key_of(&m)?, &part, name).await?;
    let m = match is_known {
        true => m,
        false => hosting.register_one(&m).await?,
    };
    let interrupted = m.is("restoring");
    if interrupted && hosting.standing(&m).await? == Standing::Whole {
        // only the end was missing, or the command that was interrupted had not begun
        let ctx = hosting.ctx(&m).await?;
        let batches = letters::make_anew(&ctx).await;
        ctx.db.close().await;
        batches.map_err(|e| BackupError::Letters(format!("{e:?}")))?;
        hosting.end_restoring(&m).await?;
        return Err(BackupError::Whole);
    }
    let Some(m) = hosting.begin_restoring(&m).await? else {
        return Err(BackupError::NotEmpty);
    };
    let ctx = hosting.ctx_new(&m).await?;
    let restored = restore(&ctx, &part, name).await;
    ctx.db.close().await;
    if restored.is_ok() {
        hosting.end_restoring(&m).await?;
    }
    restored
}

/// How the newest register that knows a municipality had it.
async fn last_known(hosting: &Hosting, depot: &Depot, name: &str) -> Result<Municipality, BackupError> {
    for register in list_all(depot).await?.iter().rev() {
        let (_, all) = read_register(hosting, depot, register).await?;
        if let Some(m) = all.into_iter().find(|m| m.name == name && !m.is("deleting")) {
            return Ok(m);
        }
    }
    Err(HostingError::Unknown(name.to_owned()).into())
}

/// Restores the newest backup of each municipality of a register (the newest if none is named) into a file that is deleted
/// afterwards.
pub async fn rehearse_all(
    hosting: &Hosting,
    depot: &Depot,
    name: Option<&str>,
    file: &Path,
) -> Result<Vec<All<Restored>>, BackupError> {
    let (hosting, all) = register_of(hosting, depot, name).await?;
    let mut done = Vec::new();
    for m in all.iter().filter(|m| !m.is("deleting") && !m.is("restoring")) {
        let result = async {
            let trial = |db| Ok(hosting.ctx_on(m, db)?);
            rehearse(file, trial, async |ctx| {
                restore(&ctx, &part(depot, &m.name), None).await
            })
            .await
        };
        done.push(All {
            name: m.name.clone(),
            result: result.await,
        });
    }
    Ok(done)
}

/// Restores into a SQLite file that is deleted afterwards; files outside the store are put into it, too.
pub async fn rehearse(
    file: &Path,
    trial: impl FnOnce(Db) -> Result<Ctx, BackupError>,
    restore: impl AsyncFnOnce(Ctx) -> Result<Restored, BackupError>,
) -> Result<Restored, BackupError> {
    forget_rehearsal(file);
    let db = Db::open(&format!("sqlite:{}", file.display())).await?;
    let restored = match trial(db.clone()) {
        Ok(ctx) => restore(Ctx { files: None, ..ctx }).await,
        Err(error) => Err(error),
    };
    db.close().await;
    forget_rehearsal(file);
    restored
}

/// Deletes what a rehearsal that was killed has left.
pub fn forget_rehearsal(file: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
}

fn register(name: &str) -> String {
    format!("{REGISTERS}/{name}")
}
