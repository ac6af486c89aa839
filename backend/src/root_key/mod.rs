//! The root key of a store, from which all its other keys come, stands in the store itself: once under each key file that
//! may open it. So the key file can be changed while servers run (docs/adr/0036): a second one is added, the servers get
//! it one after the other, and then the first one is retired.

mod store;

use crate::{
    Ctx,
    audit::{self, Event},
    db::{Db, Tx},
    depot::{Depot, DepotError},
    keys::{Key, KeyError, hex},
};
use chrono::{DateTime, Utc};
use domain::access::Actor;

/// The root key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// What is wrapped does not open.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// A backup's place.
    #[error("the backup's place: {0}")]
    Depot(#[from] DepotError),
    /// A newer key file was added: this one is to go.
    #[error(
        "the key file of this configuration is not the newest one: point `master_key_file` at the new file first"
    )]
    NotNewest,
    /// Another key file belongs to this store.
    #[error("this key file does not belong to this store")]
    Foreign,
}

/// A key file that may open the store.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Wrap {
    /// Fingerprint of the key file.
    pub id: String,
    wrapped: Vec<u8>,
    /// Since when.
    pub made_at: DateTime<Utc>,
}

const BOUND: &[u8] = b"root key";

/// Fingerprint of a key file: says which one it is, and nothing of the key.
pub fn fingerprint(file: &Key) -> String {
    hex(&file.derive::<8>("fingerprint of a key file", b""))
}

async fn insert(tx: &mut Tx, file: &Key, root: &Key, at: DateTime<Utc>) -> Result<(), RootKeyError> {
    let wrapped = file.wrap(root, BOUND)?;
    Ok(store::insert(tx, &fingerprint(file), &wrapped, at).await?)
}

fn open_one(wraps: &[Wrap], file: &Key) -> Result<Key, RootKeyError> {
    let mine = fingerprint(file);
    let wrap = wraps.iter().find(|w| w.id == mine).ok_or(RootKeyError::Foreign)?;
    Ok(file.unwrap_key(&wrap.wrapped, BOUND)?)
}

/// The root key of a store. A new store gets a random one; `is_used` says whether a store without one is older than this
/// table: then the key file itself is the root key and stays it.
pub(crate) async fn of_store(
    db: &Db,
    file: &Key,
    at: DateTime<Utc>,
    is_used: bool,
) -> Result<Key, RootKeyError> {
    let mut tx = db.read().await?;
    let known = store::wraps(&mut tx).await?;
    drop(tx);
    if !known.is_empty() {
        return open_one(&known, file);
    }
    let root = if is_used { file.clone() } else { Key::random() };
    let mut tx = db.begin().await?;
    // two servers may open a new store at the same time: whoever comes second takes what the first one made
    store::lock(&mut tx).await?;
    if store::wraps(&mut tx).await?.is_empty() {
        insert(&mut tx, file, &root, at).await?;
    }
    let known = store::wraps(&mut tx).await?;
    tx.commit_unaudited("a store remembers its root key").await?;
    open_one(&known, file)
}

/// With the store's own root key in the place of what the key file says. The store must have the schema of this version.
pub async fn enter(ctx: &Ctx) -> Result<Ctx, RootKeyError> {
    let is_used = crate::municipality::has_key_check(ctx).await?;
    let root = of_store(&ctx.db, &ctx.master, ctx.clock.now(), is_used).await?;
    Ok(Ctx {
        master: root,
        ..ctx.clone()
    })
}

/// The key files that may open a store.
pub async fn list(db: &Db) -> Result<Vec<Wrap>, RootKeyError> {
    let mut tx = db.read().await?;
    Ok(store::wraps(&mut tx).await?)
}

/// A second key file may open the store, too.
pub async fn add(ctx: &Ctx, file: &Key) -> Result<(), RootKeyError> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    insert(&mut tx, file, &ctx.master, ctx.clock.now()).await?;
    let event = Event::new(Actor::System, "keys.add").with("key", fingerprint(file));
    Ok(tx.commit(ctx, event).await?)
}

/// Only this key file may open the store from now on; how many others may no longer.
pub async fn retire_others(ctx: &Ctx, file: &Key) -> Result<usize, RootKeyError> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let count = retire_in(&mut tx, file).await?;
    let event = Event::new(Actor::System, "keys.retire").with("count", count);
    tx.commit(ctx, event).await?;
    ctx.db.truncate_log().await?;
    Ok(count)
}

pub(crate) async fn add_in(
    tx: &mut Tx,
    file: &Key,
    root: &Key,
    at: DateTime<Utc>,
) -> Result<(), RootKeyError> {
    insert(tx, file, root, at).await
}

pub(crate) async fn retire_in(tx: &mut Tx, file: &Key) -> Result<usize, RootKeyError> {
    let known = store::wraps(tx).await?;
    // never the last one, and never the one that was just added
    open_one(&known, file)?;
    if known.last().is_some_and(|newest| newest.id != fingerprint(file)) {
        return Err(RootKeyError::NotNewest);
    }
    store::delete_others(tx, &fingerprint(file)).await?;
    Ok(known.len() - 1)
}

/// Puts what opens a store beside its backup, because the backup is encrypted under the root key; what was retired is
/// deleted there, too.
pub(crate) async fn back_up(db: &Db, depot: &Depot) -> Result<(), RootKeyError> {
    let known = list(db).await?;
    for wrap in &known {
        depot
            .put(&format!("keys/{}", wrap.id), wrap.wrapped.clone())
            .await?;
    }
    for id in depot.list("keys").await? {
        if !known.is_empty() && known.iter().all(|w| w.id != id) {
            depot.delete(&format!("keys/{id}")).await?;
        }
    }
    Ok(())
}

/// The root key of a backup; a backup without one is older than root keys, and the key file itself opens it.
pub async fn of_backup(depot: &Depot, file: &Key) -> Result<Key, RootKeyError> {
    if depot.list("keys").await?.is_empty() {
        return Ok(file.clone());
    }
    let mine = fingerprint(file);
    let wrapped = depot.get(&format!("keys/{mine}")).await?;
    Ok(file.unwrap_key(&wrapped.ok_or(RootKeyError::Foreign)?, BOUND)?)
}

/// A restored store has the root key of its backup, and may be opened with this key file.
pub(crate) async fn adopt(db: &Db, file: &Key, root: &Key, at: DateTime<Utc>) -> Result<(), RootKeyError> {
    let mut tx = db.begin().await?;
    store::delete_others(&mut tx, "").await?;
    insert(&mut tx, file, root, at).await?;
    Ok(tx
        .commit_unaudited("a restored store remembers its root key")
        .await?)
}
