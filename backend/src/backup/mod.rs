//! Backups (docs/adr/0033): consistent while the server runs, encrypted under a key that comes from the master key, and
//! incremental: a snapshot is a list of pieces, and a piece that is there already is not written again. A snapshot of
//! either kind of store can be restored into either kind.

mod hosted;
mod pieces;
mod turns;

pub use hosted::{
    All, Pruned, forget_rehearsal, list_all, make_all, parts, prune_all, rehearse, rehearse_all, restore_all,
    restore_one,
};

use crate::{
    Ctx,
    audit::Event,
    db::{
        self, Tx,
        catalogue::{self, Table},
        rows::{self, Row},
    },
    depot::{Depot, DepotError},
    files::{self, FilesError, Named},
    keys::{Key, KeyError, hex, sha256},
    letters,
    root_key::{self, RootKeyError},
};
use chrono::{DateTime, Utc};
use domain::access::Actor;
use futures::TryStreamExt;
use pieces::{LEFT_OUT, Packer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use turns::Turn;

/// The form of snapshots that this version writes.
const FORM: u32 = 1;

/// A backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The depot.
    #[error("the backup's place: {0}")]
    Depot(#[from] DepotError),
    /// The schema.
    #[error("migrating: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// Rows that cannot be written down.
    #[error("a row cannot be read or written: {0}")]
    Rows(#[from] serde_json::Error),
    /// There is no snapshot, or none of this name.
    #[error("there is no such backup")]
    None,
    /// The snapshot does not open with this key.
    #[error(
        "the backup `{0}` does not open with this master key: put the key file back that the portal had then"
    )]
    WrongKey(String),
    /// A piece is missing.
    #[error("piece {piece} of table {table} is missing: this backup cannot be restored; take an older one")]
    Missing {
        /// Name of the piece.
        piece: String,
        /// The table.
        table: String,
    },
    /// A piece was changed.
    #[error("piece {piece} of table {table} is damaged: this backup cannot be restored; take an older one")]
    Damaged {
        /// Name of the piece.
        piece: String,
        /// The table.
        table: String,
    },
    /// A file is missing in the backup, or was changed.
    #[error(
        "file {0} is missing or damaged in the backup: the next backup writes it anew; everything else can be restored"
    )]
    File(String),
    /// The place for files.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// The root key.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// An interrupted restore that had done everything.
    #[error("its store is whole: the portal is in service again, and nothing was restored over it")]
    Whole,
    /// The register has nobody, and there are backups of one that has.
    #[error(
        "the register knows no municipality, and there are backups of one here that does: nothing was written. Is it the right register? A lost one comes back with `stadtbrief restore`; for a new one, use another place"
    )]
    EmptyRegister,
    /// A backup of a register without anybody.
    #[error(
        "the register of this backup knows no municipality: take an older one with --name (`stadtbrief backups` lists them)"
    )]
    Nobody,
    /// Backups of somebody else lie at the same place.
    #[error(
        "`{0}` does not open with this key: backups of another portal lie at this place, or of this one under an older key. Nothing old was deleted: give each portal a place of its own"
    )]
    Shared(String),
    /// Another process makes a backup there, or deletes old ones.
    #[error("another backup is at work at this place: nothing old was deleted, the next backup does it")]
    AtWork,
    /// The process stood still for minutes, and another one went on.
    #[error(
        "this process was held up for more than five minutes, and another backup went on at this place meanwhile: repeat the command"
    )]
    HeldUp,
    /// A newer version made it.
    #[error("a newer version of Stadtbrief made this backup: install that version first")]
    Newer,
    /// The place to restore into is used.
    #[error("the store is not empty: nothing was changed. Restore into an empty place")]
    NotEmpty,
    /// What was restored is not what the snapshot says.
    #[error("table {0} is not what the backup says: do not use this store")]
    Differs(String),
    /// The register of municipalities.
    #[error(transparent)]
    Hosting(#[from] crate::hosting::HostingError),
    /// The open batches could not be made anew.
    #[error("the open batches cannot be made anew: {0}")]
    Letters(String),
}

#[derive(Serialize, Deserialize)]
struct Snapshot {
    form: u32,
    at: DateTime<Utc>,
    /// Migrations that the store had seen.
    applied: i64,
    version: String,
    tables: Vec<Content>,
    /// Files outside the store.
    #[serde(default)]
    files: Vec<Named>,
    /// Those of them that were missing or damaged then.
    #[serde(default)]
    missing: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    table: String,
    rows: u64,
    pieces: Vec<String>,
}

/// What a backup is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its name: the time in UTC.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Pieces that were written.
    pub new: usize,
    /// Pieces that were there already.
    pub known: usize,
    /// Bytes that were written.
    pub bytes: u64,
    /// Files outside the store.
    pub files: usize,
    /// Files that are missing or damaged in their place: they are not in the backup.
    pub missing: usize,
    /// There was nothing at this place before.
    pub first: bool,
}

fn key_of(ctx: &Ctx) -> Key {
    Key::from_bytes(ctx.master.derive("backup", b""))
}

fn backed_up(applied: i64) -> Vec<Table> {
    let mut tables = catalogue::tables(applied);
    tables.retain(|t| !LEFT_OUT.contains(&t.name.as_str()));
    tables
}

fn bound(name: &str) -> Vec<u8> {
    format!("snapshot {name}").into_bytes()
}

/// Makes a backup: everything of one moment, while others go on writing.
pub async fn make(ctx: &Ctx, depot: &Depot) -> Result<Made, BackupError> {
    let turn = Turn::making(depot).await?;
    let made = make_in(ctx, depot, &turn).await;
    turn.end().await;
    made
}

async fn make_in(ctx: &Ctx, depot: &Depot, turn: &Turn) -> Result<Made, BackupError> {
    let key = key_of(ctx);
    let now = ctx.clock.now();
    let known = depot.list("pieces").await?;
    let mut made = Made {
        name: now.format("%Y%m%dT%H%M%S%3fZ").to_string(),
        rows: 0,
        new: 0,
        known: 0,
        bytes: 0,
        files: 0,
        missing: 0,
        first: known.is_empty(),
    };
    root_key::back_up(&ctx.db, &ctx.master, depot).await?;
    let mut hold = files::Hold::begin(ctx).await?;
    let mut tx = ctx.db.read().await?;
    let applied = db::applied(&mut tx).await?;
    let mut snapshot = Snapshot {
        form: FORM,
        at: now,
        applied,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tables: Vec::new(),
        files: files::named(&mut tx).await?,
        missing: Vec::new(),
    };
    for table in backed_up(applied) {
        let mut content = Content {
            table: table.name.clone(),
            rows: 0,
            pieces: Vec::new(),
        };
        let mut packer = Packer::new(&table, &key);
        let mut rows = rows::stream(&mut tx, &table);
        loop {
            let row = rows.try_next().await?;
            let last = row.is_none();
            let piece = match row {
                Some(row) => packer.add(row)?,
                None => packer.finish(),
            };
            if let Some(lines) = piece {
                let name = pieces::name(&key, &table.name, &lines);
                if known.contains(&name) {
                    made.known += 1;
                } else {
                    let sealed = pieces::seal(&key, &name, &lines)?;
                    made.bytes += sealed.len() as u64;
                    made.new += 1;
                    depot.put(&format!("pieces/{name}"), sealed).await?;
                    hold.renew(ctx).await?;
                }
                content.pieces.push(name);
            }
            if last {
                break;
            }
        }
        content.rows = packer.rows();
        made.rows += content.rows;
        drop(rows);
        snapshot.tables.push(content);
    }
    drop(tx);
    copy_files(ctx, depot, &mut snapshot, &mut hold, &mut made).await?;
    // the list comes last: a backup that was interrupted is none, and its pieces serve the next one
    let sealed = key.seal(&serde_json::to_vec(&snapshot)?, &bound(&made.name))?;
    made.bytes += sealed.len() as u64;
    let list = format!("snapshots/{}", made.name);
    depot.put(&list, sealed).await?;
    if !turn.holds().await? {
        // its pieces may have been deleted before the list was there that names them
        depot.delete(&list).await?;
        return Err(BackupError::HeldUp);
    }
    let mut tx = ctx.db.begin().await?;
    let event = Event::new(Actor::System, "backup.make").with("rows", made.rows);
    crate::audit::lock(&mut tx).await?;
    tx.commit(ctx, event).await?;
    hold.end(ctx).await?;
    Ok(made)
}

/// Copies the files of a snapshot that the backup does not have yet, or not whole. They are encrypted already and named by
/// their hash.
async fn copy_files(
    ctx: &Ctx,
    depot: &Depot,
    snapshot: &mut Snapshot,
    hold: &mut files::Hold,
    made: &mut Made,
) -> Result<(), BackupError> {
    made.files = snapshot.files.len();
    if snapshot.files.is_empty() {
        return Ok(());
    }
    let there = depot.files("files").await?;
    let is_there = |file: &Named| {
        there
            .get(&file.hash)
            .is_some_and(|f| i64::try_from(f.bytes) == Ok(file.bytes))
    };
    for file in snapshot.files.iter().filter(|f| !is_there(f)) {
        match files::by_name(ctx, &file.hash).await {
            Ok(bytes) => {
                made.bytes += bytes.len() as u64;
                made.new += 1;
                depot.put(&file_name(&file.hash), bytes).await?;
            }
            // one file that is lost must not cost the backup of everything else
            Err(FilesError::Missing(_) | FilesError::Damaged(_)) => {
                snapshot.missing.push(file.hash.clone());
            }
            Err(error) => return Err(error.into()),
        }
        hold.renew(ctx).await?;
    }
    made.missing = snapshot.missing.len();
    Ok(())
}

fn file_name(hash: &str) -> String {
    format!("files/{}", files::place(hash))
}

/// Names of the backups, the newest last.
pub async fn list(depot: &Depot) -> Result<BTreeSet<String>, BackupError> {
    Ok(depot.list("snapshots").await?)
}

async fn read(key: &Key, depot: &Depot, name: Option<&str>) -> Result<(String, Snapshot), BackupError> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => list(depot).await?.pop_last().ok_or(BackupError::None)?,
    };
    let sealed = depot
        .get(&format!("snapshots/{name}"))
        .await?
        .ok_or(BackupError::None)?;
    let plain = key
        .open(&sealed, &bound(&name))
        .map_err(|_| BackupError::WrongKey(name.clone()))?;
    let snapshot: Snapshot = serde_json::from_slice(&plain)?;
    if snapshot.form != FORM || snapshot.applied > db::known() {
        return Err(BackupError::Newer);
    }
    Ok((name, snapshot))
}

async fn piece(key: &Key, depot: &Depot, table: &str, piece: &str) -> Result<Vec<u8>, BackupError> {
    let names = || (piece.to_owned(), table.to_owned());
    let Some(sealed) = depot.get(&format!("pieces/{piece}")).await? else {
        let (piece, table) = names();
        return Err(BackupError::Missing { piece, table });
    };
    pieces::open(key, table, piece, &sealed).ok_or_else(|| {
        let (piece, table) = names();
        BackupError::Damaged { piece, table }
    })
}

/// Reads every piece of a backup; the number of rows. Finds what is missing or damaged without restoring.
pub async fn check(ctx: &Ctx, depot: &Depot, name: Option<&str>) -> Result<(String, u64), BackupError> {
    let key = key_of(ctx);
    let (name, snapshot) = read(&key, depot, name).await?;
    let mut count = 0;
    for content in &snapshot.tables {
        let mut of_table = 0;
        for id in &content.pieces {
            of_table += pieces::rows(&piece(&key, depot, &content.table, id).await?)?.len() as u64;
        }
        if of_table != content.rows {
            return Err(BackupError::Differs(content.table.clone()));
        }
        count += of_table;
    }
    for file in snapshot
        .files
        .iter()
        .filter(|f| !snapshot.missing.contains(&f.hash))
    {
        let bytes = depot.get(&file_name(&file.hash)).await?;
        if bytes.is_none_or(|b| hex(&sha256(&b)) != file.hash) {
            return Err(BackupError::File(file.hash.clone()));
        }
    }
    Ok((name, count))
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Name of the backup.
    pub name: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Rows.
    pub rows: u64,
    /// Files outside the store that the backup had.
    pub files: usize,
    /// Files that were missing already when the backup was made.
    pub missing: usize,
    /// Files that the backup had, and that are missing or damaged in it now.
    pub lost: usize,
    /// Batches that were open then: their letters are void, and new ones are made for the same people.
    pub batches: usize,
}

/// Restores a backup into an empty store, reads everything back and compares it with the backup, and makes the open
/// batches anew.
pub async fn restore(ctx: &Ctx, depot: &Depot, name: Option<&str>) -> Result<Restored, BackupError> {
    restore_for(ctx, depot, name, None).await
}

/// [`restore`] for a store that has a root key of its own and is opened with a key file.
pub async fn restore_with(
    ctx: &Ctx,
    depot: &Depot,
    name: Option<&str>,
    file: &Key,
) -> Result<Restored, BackupError> {
    let master = key_for(depot, name, file).await?;
    let ctx = Ctx {
        master,
        ..ctx.clone()
    };
    restore_for(&ctx, depot, name, Some(file)).await
}

/// The root key of a backup, by a key file.
pub async fn key_for(depot: &Depot, name: Option<&str>, file: &Key) -> Result<Key, BackupError> {
    let mut wrong = BackupError::None;
    for root in root_key::of_backup(depot, file).await? {
        let key = Key::from_bytes(root.derive("backup", b""));
        match read(&key, depot, name).await {
            Ok(_) => return Ok(root),
            Err(error @ BackupError::WrongKey(_)) => wrong = error,
            Err(error) => return Err(error),
        }
    }
    Err(wrong)
}

async fn restore_for(
    ctx: &Ctx,
    depot: &Depot,
    name: Option<&str>,
    key_file: Option<&Key>,
) -> Result<Restored, BackupError> {
    let key = key_of(ctx);
    let (name, snapshot) = read(&key, depot, name).await?;
    // the schema of then, so that every row fits; what came later is applied behind it
    db::migrate_to(&ctx.db, snapshot.applied).await?;
    let all = catalogue::tables(snapshot.applied);
    let mut tx = ctx.db.begin().await?;
    if !rows::clear_new(&mut tx, &all).await? {
        return Err(BackupError::NotEmpty);
    }
    tx.commit_unaudited("an empty store is made ready for a backup")
        .await?;
    // before any row: a restore that is interrupted must not leave rows whose key nobody has
    let knows_root_keys = all.iter().any(|t| t.name == "root_keys");
    if let (Some(file), true) = (key_file, knows_root_keys) {
        root_key::adopt(&ctx.db, file, &ctx.master, ctx.clock.now()).await?;
    }
    // a place for files that belongs to another store is said before anything is written
    if !snapshot.files.is_empty() {
        files::claim(ctx).await?;
    }
    let mut count = 0;
    for table in backed_up(snapshot.applied) {
        let Some(content) = snapshot.tables.iter().find(|c| c.table == table.name) else {
            continue;
        };
        for id in &content.pieces {
            let rows: Vec<Row> = pieces::rows(&piece(&key, depot, &table.name, id).await?)?;
            count += rows.len() as u64;
            let mut tx = ctx.db.begin().await?;
            rows::insert(&mut tx, &table, &rows).await?;
            tx.commit_unaudited("a backup is restored").await?;
        }
    }
    let mut tx = ctx.db.read().await?;
    compare(&key, &mut tx, &snapshot).await?;
    drop(tx);
    db::migrate(&ctx.db).await?;
    if let (Some(file), false) = (key_file, knows_root_keys) {
        root_key::adopt(&ctx.db, file, &ctx.master, ctx.clock.now()).await?;
    }
    let (mut missing, mut damaged) = (0, 0);
    for file in &snapshot.files {
        let Some(bytes) = depot.get(&file_name(&file.hash)).await? else {
            missing += usize::from(!snapshot.missing.contains(&file.hash));
            continue;
        };
        // a file that is lost must not cost everything else: `doctor` names it afterwards
        damaged += usize::from(!files::restore_one(ctx, &file.hash, bytes).await?);
    }
    // the store learns its key anew
    crate::municipality::remember_key(ctx).await?;
    let batches = letters::make_anew(ctx)
        .await
        .map_err(|e| BackupError::Letters(format!("{e:?}")))?;
    let mut tx = ctx.db.begin().await?;
    crate::audit::lock(&mut tx).await?;
    let event = Event::new(Actor::System, "backup.restore").with("rows", count);
    tx.commit(ctx, event).await?;
    Ok(Restored {
        name,
        at: snapshot.at,
        rows: count,
        files: snapshot.files.len() - missing - damaged - snapshot.missing.len(),
        missing: snapshot.missing.len(),
        lost: missing + damaged,
        batches,
    })
}

/// Makes the pieces of the store once more and compares their names: every field of every row is in them.
async fn compare(key: &Key, tx: &mut Tx, snapshot: &Snapshot) -> Result<(), BackupError> {
    for table in backed_up(snapshot.applied) {
        let Some(content) = snapshot.tables.iter().find(|c| c.table == table.name) else {
            continue;
        };
        let mut names = Vec::with_capacity(content.pieces.len());
        let mut packer = Packer::new(&table, key);
        let mut rows = rows::stream(tx, &table);
        while let Some(row) = rows.try_next().await? {
            let piece = packer.add(row)?;
            names.extend(piece.map(|p| pieces::name(key, &table.name, &p)));
        }
        names.extend(packer.finish().map(|p| pieces::name(key, &table.name, &p)));
        if names != content.pieces || packer.rows() != content.rows {
            return Err(BackupError::Differs(table.name.clone()));
        }
    }
    Ok(())
}

/// Keeps the newest backups and deletes the others, with the pieces that only they had; how many backups and pieces went.
/// Not while another backup is being made there.
pub async fn prune(ctx: &Ctx, depot: &Depot, keep: usize) -> Result<(usize, usize), BackupError> {
    prune_with(&key_of(ctx), depot, keep).await
}

async fn prune_with(key: &Key, depot: &Depot, keep: usize) -> Result<(usize, usize), BackupError> {
    let turn = Turn::deleting(depot).await?;
    let gone = prune_in(key, depot, keep, &turn).await;
    turn.end().await;
    gone
}

async fn prune_in(key: &Key, depot: &Depot, keep: usize, turn: &Turn) -> Result<(usize, usize), BackupError> {
    let all = list(depot).await?;
    let old = all.len().saturating_sub(keep.max(1));
    // whose pieces are whose, only their keys know
    for name in all.iter().take(old) {
        // (one that is damaged, or gone meanwhile, needs nothing)
        if let Err(BackupError::WrongKey(name)) = read(key, depot, Some(name)).await {
            return Err(BackupError::Shared(name));
        }
    }
    let (mut needed, mut files) = (BTreeSet::new(), BTreeSet::new());
    for name in all.iter().skip(old) {
        // a backup that cannot be read keeps everything: nothing is deleted that somebody may need
        let (_, snapshot) = match read(key, depot, Some(name)).await {
            Err(BackupError::WrongKey(name)) => return Err(BackupError::Shared(name)),
            snapshot => snapshot?,
        };
        needed.extend(snapshot.tables.into_iter().flat_map(|t| t.pieces));
        files.extend(snapshot.files.into_iter().map(|f| f.hash));
    }
    for name in all.iter().take(old) {
        depot.delete(&format!("snapshots/{name}")).await?;
    }
    let mut pieces = 0;
    for name in depot.list("pieces").await?.difference(&needed) {
        still(turn).await?;
        depot.delete(&format!("pieces/{name}")).await?;
        pieces += 1;
    }
    for hash in depot.files("files").await?.keys().filter(|h| !files.contains(*h)) {
        still(turn).await?;
        depot.delete(&file_name(hash)).await?;
        pieces += 1;
    }
    Ok((old, pieces))
}

async fn still(turn: &Turn) -> Result<(), BackupError> {
    match turn.holds().await? {
        true => Ok(()),
        false => Err(BackupError::HeldUp),
    }
}
