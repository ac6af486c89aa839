//! Residents: the register, who is in it, and the lists it is made from.

mod export;
pub mod lists;
mod retention;
pub mod single;
mod store;
mod views_store;
pub mod workbook;

pub use export::register_workbook;
pub use lists::{
    Applied, Choices, Draft, Fate, ListLine, RowFilter, apply, check_file, choose, discard, lists, preview,
    upload,
};
pub use retention::delete_outdated;
pub use workbook::ListRefusal;

use crate::{
    Ctx, Failure,
    db::{self, Tx},
    letters,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    access::{Actor, Permission},
    residents::ResidentData,
    text,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Which residents are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResidentFilter {
    /// All.
    #[default]
    All,
    /// With an account.
    Registered,
    /// With an open letter.
    Open,
    /// Neither account nor open letter.
    Waiting,
    /// No residents any more; kept until their time is over.
    Gone,
}

impl ResidentFilter {
    /// All filters.
    pub const ALL: [ResidentFilter; 5] = [
        ResidentFilter::All,
        ResidentFilter::Registered,
        ResidentFilter::Open,
        ResidentFilter::Waiting,
        ResidentFilter::Gone,
    ];

    /// Its name in addresses.
    pub fn key(self) -> &'static str {
        match self {
            ResidentFilter::All => "all",
            ResidentFilter::Registered => "registered",
            ResidentFilter::Open => "open",
            ResidentFilter::Waiting => "waiting",
            ResidentFilter::Gone => "gone",
        }
    }

    /// The filter with this name; all otherwise.
    pub fn parse(key: &str) -> Self {
        Self::ALL.into_iter().find(|f| f.key() == key).unwrap_or_default()
    }
}

/// What is searched.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words; each must begin a word of the name or the address.
    pub words: String,
    /// Which residents.
    pub filter: ResidentFilter,
    /// Only this district.
    pub district: String,
    /// Continue after this place: the sort key and the id of the last line.
    pub after: Option<(String, Uuid)>,
}

/// A resident in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ResidentLine {
    /// The resident.
    pub id: Uuid,
    /// Place in the order.
    pub sort_key: String,
    /// Family name.
    pub family_name: String,
    /// Given names.
    pub given_names: String,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// Place.
    pub city: String,
    /// Part of the municipality.
    pub district: Option<String>,
    /// State of the newest letter.
    pub letter_state: Option<String>,
    /// Its printed number.
    pub letter_number: Option<String>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Year of birth, where the day is not known.
    pub birth_year: Option<i64>,
    /// Number in the register of the town.
    pub register_number: Option<String>,
    /// Has an account.
    pub registered: bool,
}

/// Lines of one page of the list.
pub const PAGE: i64 = 50;

/// One page of residents.
pub async fn search(ctx: &Ctx, actor: Actor, search: &Search) -> Result<Vec<ResidentLine>, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(found(&mut tx, actor, search, PAGE + 1).await?)
}

async fn found(tx: &mut Tx, actor: Actor, search: &Search, limit: i64) -> db::Result<Vec<ResidentLine>> {
    let folded = text::fold(&search.words);
    let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).take(6).collect();
    store::search(tx, &words, search, lists::sees_blocks(actor), limit).await
}

/// A resident with everything the page shows.
#[derive(Clone, Debug)]
pub struct ResidentPage {
    /// The data.
    pub data: ResidentData,
    /// No letters by the ordinary way.
    pub letter_ban: bool,
    /// Has a register block; only staff who may see blocks get here then.
    pub blocked: bool,
    /// Why the person is no resident any more: `deceased`, `moved_away` or `missing`.
    pub gone: Option<String>,
    /// Has an account.
    pub registered: bool,
    /// In the register since.
    pub created_at: DateTime<Utc>,
    /// All letters, newest first.
    pub letters: Vec<letters::LetterLine>,
}

/// One resident.
pub async fn show(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<ResidentPage, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    if !exists_for(&mut tx, actor, id).await? {
        return Err(Failure::Denied);
    }
    let blocked = store::is_blocked(&mut tx, id).await?;
    let (data, letter_ban, registered, created_at) =
        store::page(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let letters = letters::of_resident(&mut tx, actor, id).await?;
    let gone = store::gone(&mut tx, id).await?;
    drop(tx);
    note_look(ctx, actor, id).await?;
    Ok(ResidentPage {
        data,
        letter_ban,
        blocked,
        gone,
        registered,
        created_at,
        letters,
    })
}

/// Members of staff who open the data of a person are named to that person.
async fn note_look(ctx: &Ctx, actor: Actor, resident: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    look(ctx, &mut tx, actor, resident).await?;
    Ok(tx
        .commit_unaudited("looks are noted for the person, not in the log")
        .await?)
}

/// Notes inside another use case that somebody saw the data of a person; once an hour.
pub(crate) async fn look(ctx: &Ctx, tx: &mut Tx, actor: Actor, resident: Uuid) -> db::Result<()> {
    let Some(viewer) = actor.account() else {
        return Ok(());
    };
    let now = ctx.clock.now();
    let hour = now - chrono::Duration::hours(1);
    views_store::note(tx, ctx.new_id(), resident, viewer, now, hour).await
}

/// Who opened the data of this person: (when, name).
pub(crate) async fn looks(tx: &mut Tx, resident: Uuid) -> db::Result<Vec<(DateTime<Utc>, String)>> {
    views_store::of(tx, resident).await
}

/// Looks are kept for a year.
pub(crate) async fn sweep_looks(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    views_store::sweep(tx, now - chrono::Duration::days(365)).await
}

/// Who has a register block does not exist for staff who may not see blocks.
pub(crate) async fn exists_for(tx: &mut Tx, actor: Actor, id: Uuid) -> db::Result<bool> {
    Ok(lists::sees_blocks(actor) || !store::is_blocked(tx, id).await?)
}

/// Has somebody a register block?
pub(crate) async fn is_blocked(tx: &mut Tx, id: Uuid) -> db::Result<bool> {
    store::is_blocked(tx, id).await
}

/// Districts with at least one resident.
pub async fn districts(ctx: &Ctx, actor: Actor) -> Result<Vec<String>, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::districts(&mut tx, lists::sees_blocks(actor)).await?)
}

/// How many residents there are, and how many of them have an account.
pub async fn totals(ctx: &Ctx, actor: Actor) -> Result<(i64, i64), Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::totals(&mut tx, lists::sees_blocks(actor)).await?)
}

/// The data of many people, inside another feature's transaction.
pub(crate) async fn data_of(tx: &mut Tx, ids: &[Uuid]) -> db::Result<Vec<(Uuid, ResidentData)>> {
    store::data_of(tx, ids).await
}

/// District, date and year of birth of everybody who lives here, in no order, inside another feature's transaction.
pub(crate) async fn districts_and_births(
    tx: &mut Tx,
) -> db::Result<Vec<(String, Option<NaiveDate>, Option<i32>)>> {
    store::districts_and_births(tx).await
}

/// Somebody registers who was in no list: enters the register, or is found there. `None` if the register says that the person
/// is gone, has a block, or may be somebody else. Inside another feature's transaction.
pub(crate) async fn enter(ctx: &Ctx, tx: &mut Tx, data: &ResidentData) -> db::Result<Option<Uuid>> {
    match lists::find(tx, data).await? {
        lists::Match::Sure(known) if known.gone || known.blocked => Ok(None),
        lists::Match::Sure(known) => Ok(Some(known.id)),
        lists::Match::Doubtful(_) => Ok(None),
        _ => {
            let id = ctx.new_id();
            store::insert_all(tx, &[(id, data)], ctx.clock.now()).await?;
            Ok(Some(id))
        }
    }
}

/// Everybody of this family name who lives here, inside another feature's transaction.
pub(crate) async fn named(tx: &mut Tx, family_name: &str) -> db::Result<Vec<(Uuid, ResidentData)>> {
    let key = text::fold(family_name);
    if key.is_empty() {
        return Ok(Vec::new());
    }
    let people = store::by_identity_prefix(tx, &format!("{key}|")).await?;
    Ok(people
        .into_iter()
        .filter(|p| !p.gone)
        .map(|p| (p.id, p.data))
        .collect())
}

/// The n-th person without a register block, from 0, inside another feature's transaction.
pub(crate) async fn nth(tx: &mut Tx, place: i64) -> db::Result<Option<ResidentData>> {
    store::nth(tx, place).await
}

/// The data of a resident, inside another feature's transaction.
pub(crate) async fn data(tx: &mut Tx, id: Uuid) -> db::Result<Option<(ResidentData, bool)>> {
    store::data(tx, id).await
}
