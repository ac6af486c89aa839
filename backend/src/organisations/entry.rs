//! The public entry: written by members, looked at by staff where the town wants that, read by everybody.

use super::{members::role, open, public_store, store, tell_owners};
use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    audit::{self, Event},
};
use domain::{
    access::{Actor, Permission},
    organisations::{CATEGORIES, Entry, OrganisationKind, OrganisationState},
    problem::Problems,
};
use uuid::Uuid;

/// A line of the directory.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DirectoryLine {
    /// The organisation.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Kind key.
    pub kind: String,
    /// Postcode.
    pub postcode: String,
    /// Place.
    pub city: String,
    /// Category key.
    pub category: String,
    pub(super) live: String,
}

impl DirectoryLine {
    /// The beginning of the description.
    pub fn teaser(&self) -> String {
        let entry: Entry = serde_json::from_str(&self.live).unwrap_or_default();
        let first = entry.description.lines().next().unwrap_or("").to_owned();
        match first.char_indices().nth(160) {
            Some((at, _)) => format!("{}…", first[..at].trim_end()),
            None => first,
        }
    }
}

/// A public entry with what the town has confirmed.
#[derive(Clone, Debug)]
pub struct PublicEntry {
    /// The organisation.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Kind key.
    pub kind: String,
    /// Lines of the address; only postcode and place if the organisation wants it so.
    pub address: Vec<String>,
    /// What the organisation says of itself.
    pub entry: Entry,
}

/// The entry as members see it.
#[derive(Clone, Debug, Default)]
pub struct EntryPage {
    /// What the public sees.
    pub live: Option<Entry>,
    /// What waits for a look.
    pub proposed: Option<Entry>,
    /// A change must name it.
    pub version: i64,
}

pub(super) async fn page_in(tx: &mut crate::db::Tx, id: Uuid) -> Result<EntryPage, Failure> {
    let Some((live, proposed, version)) = public_store::entry(tx, id).await? else {
        return Ok(EntryPage::default());
    };
    let read = |json: Option<String>| json.map(|j| serde_json::from_str(&j)).transpose();
    Ok(EntryPage {
        live: read(live)?,
        proposed: read(proposed)?,
        version,
    })
}

/// By what the directory finds an entry.
fn search_words(row: &store::Row, entry: &Entry) -> String {
    domain::text::fold(&format!(
        "{} {} {} {}",
        row.name, row.city, entry.description, entry.hours
    ))
}

/// The entry for the form of a member.
pub async fn entry_page(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<EntryPage, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    role(&mut tx, who, id).await?;
    page_in(&mut tx, id).await
}

/// Writes the entry. True if it is public at once, false if the town looks first.
pub async fn save_entry(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    entry: &Entry,
    version: i64,
) -> Result<bool, Failure<Problems>> {
    let mut problems = entry.check();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = open(&mut tx).await.map_err(Failure::widen)?;
    role(&mut tx, who, id).await.map_err(Failure::widen)?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let present = page_in(&mut tx, id).await.map_err(Failure::widen)?;
    if present.version != version {
        problems.add("", "problem-entry-changed");
    }
    if row.state != OrganisationState::Active.key() {
        problems.add("", "problem-organisation-suspended");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let json = serde_json::to_string(entry)?;
    // what staff have taken off the public pages comes back only after another look
    let taken_off = present.live.is_none() && present.proposed.is_some();
    let at_once = !settings.moderate_entries && !taken_off;
    let live = match (&present.live, at_once) {
        (_, true) => Some(json.clone()),
        (Some(live), false) => Some(serde_json::to_string(live)?),
        (None, false) => None,
    };
    // the category by which the directory finds it is that of what the public sees
    let shown = present.live.as_ref().filter(|_| !at_once).unwrap_or(entry);
    let proposed = (!at_once).then_some(json.as_str());
    let saved = public_store::SavedEntry {
        category: &shown.category,
        live: live.as_deref(),
        proposed,
        search: &search_words(&row, shown),
        version: version + 1,
    };
    public_store::save_entry(&mut tx, id, &saved, ctx.clock.now()).await?;
    let event = Event::new(who.actor(), "organisations.write-entry").on(id);
    tx.commit(ctx, event.with("public", at_once)).await?;
    Ok(at_once)
}

/// A member of staff has looked at a proposed entry: it becomes public, or goes with a reason that the owners get.
pub async fn review_entry(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    yes: bool,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let present = page_in(&mut tx, id).await.map_err(Failure::widen)?;
    let Some(proposed) = present.proposed.filter(|_| present.version == version) else {
        return Err(Failure::Refused(Problems::one("", "problem-entry-changed")));
    };
    let live = if yes { Some(proposed.clone()) } else { present.live };
    let json = live.as_ref().map(serde_json::to_string).transpose()?;
    let shown = live.unwrap_or(proposed);
    let saved = public_store::SavedEntry {
        category: &shown.category,
        live: json.as_deref(),
        proposed: None,
        search: &search_words(&row, &shown),
        version: version + 1,
    };
    public_store::save_entry(&mut tx, id, &saved, ctx.clock.now()).await?;
    let key = if yes { "entry-public" } else { "entry-refused" };
    tell_owners(ctx, &mut tx, id, &row.name, key)
        .await
        .map_err(Failure::widen)?;
    let event = Event::new(actor, "organisations.review-entry").on(id);
    Ok(tx.commit(ctx, event.with("yes", yes)).await?)
}

/// The name has changed: the directory finds the entry by the new one.
pub(super) async fn find_anew(ctx: &Ctx, tx: &mut crate::db::Tx, id: Uuid) -> Result<(), Failure> {
    let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
    let present = page_in(tx, id).await?;
    let Some(shown) = present.live.as_ref().or(present.proposed.as_ref()) else {
        return Ok(());
    };
    let json = |entry: &Option<Entry>| entry.as_ref().map(serde_json::to_string).transpose();
    let (live, proposed) = (json(&present.live)?, json(&present.proposed)?);
    let saved = public_store::SavedEntry {
        category: &shown.category,
        live: live.as_deref(),
        proposed: proposed.as_deref(),
        search: &search_words(&row, shown),
        version: present.version,
    };
    Ok(public_store::save_entry(tx, id, &saved, ctx.clock.now()).await?)
}

/// Takes the public entry off; it waits for a look again.
pub(super) async fn unpublish(ctx: &Ctx, tx: &mut crate::db::Tx, id: Uuid) -> Result<(), Failure> {
    let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
    let present = page_in(tx, id).await?;
    let Some(entry) = present.live else {
        return Ok(());
    };
    let json = serde_json::to_string(&present.proposed.unwrap_or_else(|| entry.clone()))?;
    let saved = public_store::SavedEntry {
        category: &entry.category,
        live: None,
        proposed: Some(&json),
        search: &search_words(&row, &entry),
        version: present.version + 1,
    };
    Ok(public_store::save_entry(tx, id, &saved, ctx.clock.now()).await?)
}

async fn open_directory(tx: &mut crate::db::Tx) -> Result<(), Failure> {
    if open(tx).await?.directory {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// The directory, for everybody: empty choices are all.
pub async fn directory(
    ctx: &Ctx,
    words: &str,
    category: &str,
    kind: &str,
) -> Result<Vec<DirectoryLine>, Failure> {
    let mut tx = ctx.db.read().await?;
    open_directory(&mut tx).await?;
    let words: String = words.trim().chars().take(80).collect();
    // only what there is is asked for: a stray sign in an address must not reach the store
    let known = |all: &[&str], key: &str| all.contains(&key).then(|| key.to_owned());
    let (Some(category), Some(kind)) = (
        known(&CATEGORIES, category).or(category.is_empty().then(String::new)),
        known(&OrganisationKind::KEYS, kind).or(kind.is_empty().then(String::new)),
    ) else {
        return Ok(Vec::new());
    };
    Ok(public_store::directory(&mut tx, ctx.clock.now(), &words, &category, &kind).await?)
}

/// One entry, for everybody.
pub async fn public_entry(ctx: &Ctx, id: Uuid) -> Result<PublicEntry, Failure> {
    let mut tx = ctx.db.read().await?;
    open_directory(&mut tx).await?;
    if !public_store::is_public(&mut tx, ctx.clock.now(), id).await? {
        return Err(Failure::Denied);
    }
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let entry = page_in(&mut tx, id).await?.live.ok_or(Failure::Denied)?;
    let mut address = vec![format!("{} {}", row.postcode, row.city)];
    if entry.show_address {
        address.insert(0, format!("{} {}", row.street, row.house_number));
    }
    Ok(PublicEntry {
        id,
        name: row.name,
        kind: row.kind,
        address,
        entry,
    })
}
