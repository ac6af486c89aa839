//! The root key of a store, from which all its other keys come, stands in the store itself: once under each key file that
//! may open it. So the key file can be changed while servers run (docs/adr/0036): a second one is added, the servers get
//! it one after the other, and then the first one is retired.

mod store;

use crate::{
    Ctx,
    audit::{self, Event},
    db::{self, Db, Tx},
    depot::{Depot, DepotError},
    keys::{Key, KeyError, hex},
};
use chrono::{DateTime, TimeDelta, Utc};
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
    /// Rows without a key.
    #[error(
        "the store holds data and knows no key: a restore was interrupted. Empty it (delete the file, or the schema) and restore again"
    )]
    Unfinished,
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

/// What was added last is the newest one, also when two come in the same instant or the clock was set back.
async fn insert(tx: &mut Tx, file: &Key, root: &Key, at: DateTime<Utc>) -> Result<(), RootKeyError> {
    let wrapped = file.wrap(root, BOUND)?;
    let known = store::wraps(tx).await?;
    let at = known
        .last()
        .map_or(at, |newest| at.max(newest.made_at + TimeDelta::milliseconds(1)));
    Ok(store::insert(tx, &fingerprint(file), &wrapped, at).await?)
}

fn open_one(wraps: &[Wrap], file: &Key) -> Result<Key, RootKeyError> {
    let mine = fingerprint(file);
    let wrap = wraps.iter().find(|w| w.id == mine).ok_or(RootKeyError::Foreign)?;
    Ok(file.unwrap_key(&wrap.wrapped, BOUND)?)
}

/// What a store without a root key says of a key file.
pub(crate) enum Before {
    /// Nothing was ever stored: it gets a root key.
    New,
    /// It is older than root keys, and this file opens what it holds: the file's own key is its root key and stays it.
    Opens,
    /// It holds something, and this file does not open it.
    Foreign,
    /// It holds something and knows no key: a restore was interrupted.
    Unfinished,
}

/// The root key of a store; `before` is asked if it has none yet. Nothing is written for a file that does not belong to it.
pub(crate) async fn of_store(
    db: &Db,
    file: &Key,
    at: DateTime<Utc>,
    before: Before,
) -> Result<Key, RootKeyError> {
    let mut tx = db.read().await?;
    let known = store::wraps(&mut tx).await?;
    drop(tx);
    if !known.is_empty() {
        return open_one(&known, file);
    }
    let root = match before {
        Before::New => Key::random(),
        Before::Opens => file.clone(),
        Before::Foreign => return Err(RootKeyError::Foreign),
        Before::Unfinished => return Err(RootKeyError::Unfinished),
    };
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

/// With the store's own root key in the place of what the key file says; a new store gets one, and remembers it. The store
/// must have the schema of this version.
pub async fn enter(ctx: &Ctx) -> Result<Ctx, RootKeyError> {
    use crate::municipality::{KeyCheck, key_check};
    // in this order: whoever uses a store has remembered its key before
    let is_used = db::is_used(&ctx.db).await?;
    let check = key_check(ctx).await?;
    let before = match check {
        KeyCheck::Opens => Before::Opens,
        KeyCheck::Foreign => Before::Foreign,
        KeyCheck::Missing if is_used => Before::Unfinished,
        KeyCheck::Missing => Before::New,
    };
    let root = of_store(&ctx.db, &ctx.master, ctx.clock.now(), before).await?;
    let ctx = Ctx {
        master: root,
        ..ctx.clone()
    };
    match key_check(&ctx).await? {
        KeyCheck::Opens => {}
        KeyCheck::Foreign => return Err(RootKeyError::Foreign),
        // the root key is put into a store that is being restored before its rows, the check behind them
        KeyCheck::Missing if is_used => return Err(RootKeyError::Unfinished),
        KeyCheck::Missing => crate::municipality::remember_key(&ctx).await?,
    }
    Ok(ctx)
}

/// Fingerprint of a root key: names what opens it beside a backup.
fn root_fingerprint(root: &Key) -> String {
    hex(&root.derive::<8>("fingerprint of a root key", b""))
}

/// Is it the same root key?
pub(crate) fn is_same(one: &Key, other: &Key) -> bool {
    root_fingerprint(one) == root_fingerprint(other)
}

/// The root key that a key file opens.
pub(crate) async fn opened_by(db: &Db, file: &Key) -> Result<Key, RootKeyError> {
    open_one(&list(db).await?, file)
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
    store::lock(&mut tx).await?;
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
    ctx.db.rewrite_one("root_keys").await?;
    Ok(count)
}

pub(crate) async fn add_in(
    tx: &mut Tx,
    file: &Key,
    root: &Key,
    at: DateTime<Utc>,
) -> Result<(), RootKeyError> {
    store::lock(tx).await?;
    insert(tx, file, root, at).await
}

pub(crate) async fn retire_in(tx: &mut Tx, file: &Key) -> Result<usize, RootKeyError> {
    store::lock(tx).await?;
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
/// deleted there, too. What belongs to other root keys stays: it opens the backups of another store, or of an earlier one.
pub(crate) async fn back_up(db: &Db, root: &Key, depot: &Depot) -> Result<(), RootKeyError> {
    let known = list(db).await?;
    if known.is_empty() {
        return Ok(());
    }
    let mine = root_fingerprint(root);
    for wrap in &known {
        depot
            .put(&format!("keys/{mine}-{}", wrap.id), wrap.wrapped.clone())
            .await?;
    }
    for name in depot.list("keys").await? {
        let retired = |id: &str| known.iter().all(|w| w.id != id);
        if name
            .split_once('-')
            .is_some_and(|(root, id)| root == mine && retired(id))
        {
            depot.delete(&format!("keys/{name}")).await?;
        }
    }
    Ok(())
}

/// The root keys that a key file opens beside a backup, and the file's own key: backups may be older than root keys. Which
/// one it is, the backup itself says.
pub async fn of_backup(depot: &Depot, file: &Key) -> Result<Vec<Key>, RootKeyError> {
    let mine = fingerprint(file);
    let mut keys = Vec::new();
    for name in depot.list("keys").await? {
        if name.split_once('-').is_some_and(|(_, id)| id == mine)
            && let Some(wrapped) = depot.get(&format!("keys/{name}")).await?
        {
            keys.extend(file.unwrap_key(&wrapped, BOUND).ok());
        }
    }
    keys.push(file.clone());
    Ok(keys)
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
