//! Files outside the store (docs/adr/0035): pictures of documents, documents, pieces of a film. An upload is always written
//! into the store first, in the transaction that needs it; where the operator has set a place for files, a job carries it
//! there afterwards. So an upload is whole or not there, and a storage that does not answer delays nothing but that job.
//! A file is encrypted, named by the SHA-256 of what is stored, and compared with that name whenever it is read.

mod store;

use crate::{
    Ctx, Failure,
    db::{self, Tx},
    depot::{Depot, DepotError, Stored},
    keys::{Key, KeyError, hex, random_bytes, sha256},
};
use chrono::{DateTime, Duration, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::HOLDERS;
use uuid::Uuid;

/// A file that nothing in the store knows may be one whose transaction is still open.
const EXTRA_AFTER: Duration = Duration::hours(24);
/// The file that says whose place it is.
const OWNER: &str = "owner";
/// About so many files are carried by one job, so that others get their turn.
const AT_ONCE: usize = 40;
/// Hour of the night, local time, in which the place is compared with the store.
const HOUR: u32 = 3;
/// How long a backup keeps files from being deleted, without a sign of life.
const HOLD: Duration = Duration::minutes(15);

/// Files cannot be carried.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The place.
    #[error("the place for files: {0}")]
    Depot(#[from] DepotError),
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// A film's key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// No place is set.
    #[error("no place for files is set: set `files` (STADTBRIEF_FILES) to where they are")]
    NoPlace,
    /// Another store has its files there.
    #[error(
        "the place for files belongs to another store: give this one a place of its own. If the other one is gone for good: `stadtbrief files release`"
    )]
    Foreign,
    /// Files should be there, and nothing is.
    #[error(
        "the place for files is empty, and the store has files there: is the folder mounted, is it the right one?"
    )]
    Gone,
    /// It is not there.
    #[error("file {0} is missing in the place for files")]
    Missing(String),
    /// It is not what its name says.
    #[error("file {0} is damaged")]
    Damaged(String),
}

impl<R> From<FilesError> for Failure<R> {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Depot(error) => {
                tracing::warn!(%error, "the place for files does not answer");
                Failure::busy("the place for files does not answer")
            }
            FilesError::Store(error) => error.into(),
            other => Failure::broken(other),
        }
    }
}

/// A file outside: its name and its size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Named {
    /// SHA-256 of what is stored.
    pub hash: String,
    /// Size in bytes.
    pub bytes: i64,
}

/// Bytes as a row has them: inside, or named.
#[derive(sqlx::FromRow)]
pub(crate) struct Held {
    /// Empty if a file is named.
    pub(crate) content: Vec<u8>,
    /// The file outside.
    pub(crate) file: Option<String>,
}

/// The place of a file within the depot.
pub(crate) fn place(hash: &str) -> String {
    format!("{}/{hash}", hash.get(..2).unwrap_or("__"))
}

async fn fetch(depot: &Depot, hash: &str) -> Result<Vec<u8>, FilesError> {
    let bytes = depot.get(&place(hash)).await?;
    let bytes = bytes.ok_or_else(|| FilesError::Missing(hash.to_owned()))?;
    if hex(&sha256(&bytes)) != hash {
        return Err(FilesError::Damaged(hash.to_owned()));
    }
    Ok(bytes)
}

/// A file by its name.
pub(crate) async fn by_name(ctx: &Ctx, hash: &str) -> Result<Vec<u8>, FilesError> {
    fetch(ctx.files.as_ref().ok_or(FilesError::NoPlace)?, hash).await
}

/// The bytes of a row, wherever they are.
pub(crate) async fn read(ctx: &Ctx, held: Held) -> Result<Vec<u8>, FilesError> {
    match held.file {
        None => Ok(held.content),
        Some(hash) => by_name(ctx, &hash).await,
    }
}

/// [`read`] for bytes that are encrypted only outside: those of a film.
pub(crate) async fn read_public(ctx: &Ctx, at: (Uuid, i64), held: Held) -> Result<Vec<u8>, FilesError> {
    let outside = held.file.is_some();
    let bytes = read(ctx, held).await?;
    if outside {
        return Ok(public_key(ctx).open(&bytes, &bound(at))?);
    }
    Ok(bytes)
}

fn public_key(ctx: &Ctx) -> Key {
    Key::from_bytes(ctx.master.derive("files", b""))
}

fn bound((id, n): (Uuid, i64)) -> Vec<u8> {
    [id.as_bytes().as_slice(), &n.to_be_bytes()].concat()
}

/// Names of files in a place; other things that lie there are left alone.
async fn listed(depot: &Depot) -> Result<BTreeMap<String, Stored>, DepotError> {
    let mut files = depot.files("").await?;
    files.retain(|name, _| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()));
    Ok(files)
}

/// The place knows whose it is: two stores at one place would delete each other's files. The first one that comes owns it.
pub(crate) async fn claim(ctx: &Ctx) -> Result<(), FilesError> {
    let Some(depot) = &ctx.files else {
        return Ok(());
    };
    let mut tx = ctx.db.begin().await?;
    let mine = store::owner(&mut tx, &hex(&random_bytes::<16>())).await?;
    tx.commit_unaudited("a store has a name at its place for files")
        .await?;
    match depot.get(OWNER).await? {
        Some(owner) if owner == mine.as_bytes() => Ok(()),
        Some(_) => Err(FilesError::Foreign),
        // a folder that is not mounted looks like a new place
        None if !known(ctx).await?.is_empty() && listed(depot).await?.is_empty() => Err(FilesError::Gone),
        None => Ok(depot.put(OWNER, mine.into_bytes()).await?),
    }
}

/// The place is nobody's: the store that owned it was deleted.
pub(crate) async fn disown(depot: &Depot) -> Result<(), DepotError> {
    depot.delete(OWNER).await
}

/// Is the place this store's? `None`: it is nobody's yet. Writes nothing.
async fn known_owner(ctx: &Ctx, depot: &Depot) -> Result<Option<bool>, FilesError> {
    let mut tx = ctx.db.read().await?;
    let mine = store::known_owner(&mut tx).await?;
    drop(tx);
    let owner = depot.get(OWNER).await?;
    Ok(owner.map(|owner| mine.is_some_and(|mine| mine.as_bytes() == owner)))
}

/// Nobody owns the place any more: for a restored store, when the former one is gone for good.
pub async fn release(ctx: &Ctx) -> Result<(), FilesError> {
    let depot = ctx.files.as_ref().ok_or(FilesError::NoPlace)?;
    Ok(disown(depot).await?)
}

/// Carries out what is inside, a part at a time, and deletes outside what nothing names any more. Does nothing without a
/// place for files.
pub(crate) async fn tidy(ctx: &Ctx) -> Result<(), FilesError> {
    let Some(depot) = &ctx.files else {
        return Ok(());
    };
    claim(ctx).await?;
    let mut carried = 0;
    for holder in &HOLDERS {
        loop {
            let mut tx = ctx.db.read().await?;
            if store::is_taken_in(&mut tx, ctx.clock.now()).await? {
                return Ok(());
            }
            let some = store::waiting(&mut tx, holder).await?;
            drop(tx);
            if some.is_empty() {
                break;
            }
            if carried >= AT_ONCE {
                // mails wait, too: the rest is for the next job
                let mut tx = ctx.db.begin().await?;
                wake(ctx, &mut tx).await?;
                tx.commit_unaudited("more files wait").await?;
                return Ok(());
            }
            carried += some.len();
            for row in some {
                let at = (row.id, row.n);
                let bytes = match holder.public {
                    true => public_key(ctx).seal(&row.content, &bound(at))?,
                    false => row.content,
                };
                let (hash, size) = (hex(&sha256(&bytes)), bytes.len());
                depot.put(&place(&hash), bytes).await?;
                let size = i64::try_from(size).unwrap_or(i64::MAX);
                let mut tx = ctx.db.begin().await?;
                store::out(&mut tx, holder, at, &hash, size, ctx.clock.now()).await?;
                tx.commit_unaudited("bytes change their place").await?;
            }
        }
    }
    delete_forgotten(ctx, depot).await
}

async fn delete_forgotten(ctx: &Ctx, depot: &Depot) -> Result<(), FilesError> {
    loop {
        let mut tx = ctx.db.read().await?;
        if store::is_held(&mut tx, ctx.clock.now()).await? {
            return Ok(());
        }
        let forgotten = store::forgotten(&mut tx).await?;
        drop(tx);
        if forgotten.is_empty() {
            return Ok(());
        }
        for hash in forgotten {
            // first the bytes: what is left after a crash in between is found again
            depot.delete(&place(&hash)).await?;
            let mut tx = ctx.db.begin().await?;
            store::forget(&mut tx, &hash).await?;
            tx.commit_unaudited("a file that nothing names any more").await?;
        }
    }
}

/// Now and then: what was left is carried by a job, and in the night what nobody knows is deleted.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<(), FilesError> {
    if ctx.files.is_none() {
        return Ok(());
    }
    let mut tx = ctx.db.begin().await?;
    wake(ctx, &mut tx).await?;
    tx.commit_unaudited("files are looked after").await?;
    if domain::time::local(ctx.clock.now()).hour() == HOUR {
        delete_extra(ctx).await?;
    }
    Ok(())
}

/// What lies outside for a day without being known is deleted: uploads that a crash cut off.
pub async fn delete_extra(ctx: &Ctx) -> Result<(), FilesError> {
    let Some(depot) = &ctx.files else {
        return Ok(());
    };
    claim(ctx).await?;
    let before = ctx.clock.now() - EXTRA_AFTER;
    let mut tx = ctx.db.read().await?;
    if store::is_held(&mut tx, ctx.clock.now()).await? {
        return Ok(());
    }
    drop(tx);
    // first what is there, then what is known: what comes in between is known
    let there = listed(depot).await?;
    let known = known(ctx).await?;
    for (hash, _) in there
        .iter()
        .filter(|(h, f)| !known.contains_key(*h) && f.changed < before)
    {
        depot.delete(&place(hash)).await?;
    }
    Ok(())
}

async fn known(ctx: &Ctx) -> db::Result<BTreeMap<String, i64>> {
    let mut tx = ctx.db.read().await?;
    let known = store::known(&mut tx).await?;
    Ok(known.into_iter().map(|k| (k.hash, k.bytes)).collect())
}

/// One job carries files and deletes them for everybody; only with a place for files.
pub(crate) async fn wake(ctx: &Ctx, tx: &mut Tx) -> db::Result<()> {
    if ctx.files.is_none() {
        return Ok(());
    }
    crate::jobs::enqueue_once(ctx, tx, crate::jobs::Job::TidyFiles).await
}

/// Brings everything back into the store; the number of files. For giving up a place. A server that runs meanwhile carries
/// nothing out for a day; the setting should be gone by then.
pub async fn take_in(ctx: &Ctx) -> Result<usize, FilesError> {
    let depot = ctx.files.as_ref().ok_or(FilesError::NoPlace)?;
    claim(ctx).await?;
    let mut tx = ctx.db.begin().await?;
    store::hold(&mut tx, Uuid::nil(), ctx.clock.now() + Duration::days(1)).await?;
    tx.commit_unaudited("files are brought back into the store")
        .await?;
    let known = known(ctx).await?;
    for hash in known.keys() {
        let bytes = fetch(depot, hash).await?;
        let mut tx = ctx.db.begin().await?;
        put_back(ctx, &mut tx, hash, &bytes).await?;
        store::forget(&mut tx, hash).await?;
        tx.commit_unaudited("bytes change their place").await?;
    }
    // only now: all of them are in
    for hash in known.keys() {
        depot.delete(&place(hash)).await?;
    }
    depot.delete(OWNER).await?;
    Ok(known.len())
}

async fn put_back(ctx: &Ctx, tx: &mut Tx, hash: &str, bytes: &[u8]) -> Result<(), FilesError> {
    for holder in &HOLDERS {
        for at in store::naming(tx, holder, hash).await? {
            let plain: &[u8] = match holder.public {
                true => &public_key(ctx).open(bytes, &bound(at))?,
                false => bytes,
            };
            store::back(tx, holder, at, plain).await?;
        }
    }
    Ok(())
}

/// How the place for files is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Files that should be there.
    pub known: usize,
    /// Files that are not there.
    pub missing: usize,
    /// Files that are not what their name says, or have another size.
    pub damaged: usize,
    /// Files that nothing knows and that are a day old.
    pub extra: usize,
    /// Files are outside, but no place is set.
    pub no_place: bool,
}

/// Compares the place for files with the store. `thorough`: reads each file; else only names and sizes are compared.
pub async fn judge(ctx: &Ctx, thorough: bool) -> Result<Judgement, FilesError> {
    let Some(depot) = &ctx.files else {
        let mut tx = ctx.db.read().await?;
        let known = usize::try_from(store::count(&mut tx).await?).unwrap_or(0);
        return Ok(Judgement {
            known,
            no_place: known > 0,
            ..Judgement::default()
        });
    };
    if known_owner(ctx, depot).await? == Some(false) {
        return Err(FilesError::Foreign);
    }
    let there = listed(depot).await?;
    let known = known(ctx).await?;
    let before: DateTime<Utc> = ctx.clock.now() - EXTRA_AFTER;
    let mut found = Judgement {
        known: known.len(),
        extra: there
            .iter()
            .filter(|(h, f)| !known.contains_key(*h) && f.changed < before)
            .count(),
        ..Judgement::default()
    };
    for (hash, bytes) in &known {
        match there.get(hash) {
            None => found.missing += 1,
            Some(file) if i64::try_from(file.bytes).ok() != Some(*bytes) => found.damaged += 1,
            Some(_) if thorough => match fetch(depot, hash).await {
                Ok(_) => {}
                Err(FilesError::Missing(_)) => found.missing += 1,
                Err(FilesError::Damaged(_)) => found.damaged += 1,
                Err(error) => return Err(error),
            },
            Some(_) => {}
        }
    }
    Ok(found)
}

/// Deletes everything in a place: what a municipality had outside.
pub(crate) async fn delete_all(depot: &Depot) -> Result<(), DepotError> {
    for hash in listed(depot).await?.keys() {
        depot.delete(&place(hash)).await?;
    }
    disown(depot).await
}

/// Keeps files from being deleted while a backup runs.
pub(crate) struct Hold {
    id: Uuid,
    until: DateTime<Utc>,
}

impl Hold {
    pub(crate) async fn begin(ctx: &Ctx) -> db::Result<Hold> {
        let mut hold = Hold {
            id: ctx.new_id(),
            until: ctx.clock.now(),
        };
        hold.renew(ctx).await?;
        Ok(hold)
    }

    /// A sign of life, if the last one is a while ago.
    pub(crate) async fn renew(&mut self, ctx: &Ctx) -> db::Result<()> {
        let now = ctx.clock.now();
        if self.until - now > HOLD / 2 {
            return Ok(());
        }
        self.until = now + HOLD;
        let mut tx = ctx.db.begin().await?;
        store::hold(&mut tx, self.id, self.until).await?;
        tx.commit_unaudited("a backup keeps files from being deleted")
            .await
    }

    pub(crate) async fn end(self, ctx: &Ctx) -> db::Result<()> {
        let mut tx = ctx.db.begin().await?;
        store::let_go(&mut tx, self.id, ctx.clock.now()).await?;
        tx.commit_unaudited("a backup keeps files from being deleted")
            .await
    }
}

/// The files that something in a store names, as of one moment.
pub(crate) async fn named(tx: &mut Tx) -> db::Result<Vec<Named>> {
    store::named(tx).await
}

/// A restored store gets its files: into the place for files, or inside if there is none. `false`: the bytes are not what
/// the name says.
pub(crate) async fn restore_one(ctx: &Ctx, hash: &str, bytes: Vec<u8>) -> Result<bool, FilesError> {
    if hex(&sha256(&bytes)) != hash {
        return Ok(false);
    }
    if let Some(depot) = &ctx.files {
        depot.put(&place(hash), bytes).await?;
        return Ok(true);
    }
    let mut tx = ctx.db.begin().await?;
    put_back(ctx, &mut tx, hash, &bytes).await?;
    store::forget(&mut tx, hash).await?;
    tx.commit_unaudited("a backup is restored").await?;
    Ok(true)
}
