//! Backups of many municipalities: the register, and each store in a part of its own.

use super::{BackupError, Made, Restored, make, restore};
use crate::{
    depot::Depot,
    hosting::{Hosting, Municipality},
};

/// What happened to one municipality.
#[derive(Debug)]
pub struct All<T> {
    /// Its short name.
    pub name: String,
    /// How it went; one that fails does not stop the others.
    pub result: Result<T, BackupError>,
}

fn part(depot: &Depot, name: &str) -> Depot {
    depot.within("municipalities").within(name)
}

/// Backs up the register, then every municipality that is in use.
pub async fn make_all(hosting: &Hosting, depot: &Depot) -> Result<Vec<All<Made>>, BackupError> {
    let key = hosting.backup_key();
    hosting.back_up_keys(depot).await?;
    let all = hosting.list().await?;
    let name = hosting.now().format("%Y%m%dT%H%M%S%3fZ").to_string();
    let sealed = key.seal(&serde_json::to_vec(&all)?, register(&name).as_bytes())?;
    depot.put(&register(&name), sealed).await?;
    let mut done = Vec::new();
    for m in all.iter().filter(|m| m.state != "deleting") {
        let result = async {
            let ctx = hosting.ctx(m).await?;
            let made = make(&ctx, &part(depot, &m.name)).await;
            ctx.db.close().await;
            made
        };
        done.push(All {
            name: m.name.clone(),
            result: result.await,
        });
    }
    Ok(done)
}

/// Restores the newest register into an empty one, then the newest backup of each municipality. What was restored before
/// an interruption is left as it is.
pub async fn restore_all(hosting: &Hosting, depot: &Depot) -> Result<Vec<All<Restored>>, BackupError> {
    let name = depot
        .list("registers")
        .await?
        .pop_last()
        .ok_or(BackupError::None)?;
    let sealed = depot.get(&register(&name)).await?.ok_or(BackupError::None)?;
    let mut found = None;
    for candidate in hosting.of_backup(depot).await? {
        let opened = candidate.backup_key().open(&sealed, register(&name).as_bytes());
        if let Ok(plain) = opened {
            found = Some((candidate, plain));
            break;
        }
    }
    let (hosting, plain) = &found.ok_or_else(|| BackupError::WrongKey(name.clone()))?;
    hosting.adopt().await?;
    let municipalities: Vec<Municipality> = serde_json::from_slice(plain)?;
    let mut done = Vec::new();
    for m in municipalities {
        let result = async {
            hosting.register_again(&m).await?;
            let ctx = hosting.ctx(&m).await?;
            let restored = restore(&ctx, &part(depot, &m.name), None).await;
            ctx.db.close().await;
            restored
        };
        done.push(All {
            name: m.name.clone(),
            result: result.await,
        });
    }
    Ok(done)
}

fn register(name: &str) -> String {
    format!("registers/{name}")
}
