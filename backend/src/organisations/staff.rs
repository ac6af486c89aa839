//! What staff see and do: the list, one organisation, letters to it, taking it off the public pages, removing it.

use super::{EntryPage, Member, NoticeLine, delete_in, entry::page_in, notice_store, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    cases,
    letters::{self, LetterRefusal, OrganisationLetter},
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    letters::figures::{Shown, hide_small},
    organisations::{OrganisationKind, OrganisationState},
};
use uuid::Uuid;

/// A line of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OrganisationLine {
    /// The organisation.
    pub id: Uuid,
    /// Kind key.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Place.
    pub city: String,
    /// State key.
    pub state: String,
    /// Since when.
    pub admitted_at: DateTime<Utc>,
    /// Until when it must be confirmed.
    pub confirm_by: Option<DateTime<Utc>>,
    /// How many people speak for it.
    pub members: i64,
    /// An entry waits for a look.
    pub proposed: bool,
}

/// One organisation with everything.
#[derive(Clone, Debug)]
pub struct OrganisationPage {
    /// The organisation.
    pub id: Uuid,
    /// What it is.
    pub kind: OrganisationKind,
    /// Name.
    pub name: String,
    /// Register and number.
    pub register: String,
    /// Lines of the address.
    pub address: Vec<String>,
    /// What it is for, as it said.
    pub purpose: String,
    /// Who was named as responsible; only for who may see register blocks, as is the street: told of some only, its absence
    /// would say the rest.
    pub person: Option<String>,
    /// Where it stands.
    pub state: OrganisationState,
    /// The request with which it came, if it is still there.
    pub case: Option<Uuid>,
    /// When the town said yes.
    pub admitted_at: DateTime<Utc>,
    /// When the letter was redeemed.
    pub active_at: Option<DateTime<Utc>>,
    /// Until when it must be confirmed.
    pub confirm_by: Option<DateTime<Utc>>,
    /// Who speaks for it.
    pub members: Vec<Member>,
    /// The newest letter.
    pub letter: Option<OrganisationLetter>,
    /// The public entry, and what waits for a look.
    pub entry: EntryPage,
    /// Notices that are not over.
    pub notices: Vec<NoticeLine>,
}

/// How many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// By kind and state key.
    pub by_kind: Vec<(String, String, i64)>,
    /// Entries and notices that wait for a look.
    pub waiting: i64,
}

pub(super) fn row_state(row: &store::Row) -> Result<OrganisationState, Failure> {
    OrganisationState::parse(&row.state).ok_or_else(|| Failure::broken("unknown state of an organisation"))
}

fn may(actor: Actor) -> Result<(), Failure> {
    if actor.may(Permission::ManageOrganisations) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// Organisations on the page; more are found by a search.
const SHOWN: i64 = 500;

/// The list; what waits for a look comes first.
pub async fn organisations(
    ctx: &Ctx,
    actor: Actor,
    words: &str,
    kind: Option<OrganisationKind>,
    state: Option<OrganisationState>,
) -> Result<Vec<OrganisationLine>, Failure> {
    found(ctx, actor, words, kind, state, SHOWN).await
}

pub(super) async fn found(
    ctx: &Ctx,
    actor: Actor,
    words: &str,
    kind: Option<OrganisationKind>,
    state: Option<OrganisationState>,
    limit: i64,
) -> Result<Vec<OrganisationLine>, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let words: String = words.trim().chars().take(80).collect();
    let kind = kind.map_or("", OrganisationKind::key);
    let state = state.map_or("", OrganisationState::key);
    let blocks = actor.may(Permission::SeeBlocks);
    Ok(store::list(&mut tx, &words, kind, state, blocks, limit).await?)
}

/// Figures for the overview.
pub async fn totals(ctx: &Ctx, actor: Actor) -> Result<Totals, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    Ok(Totals {
        by_kind: store::counts(&mut tx).await?,
        waiting: store::waiting_entries(&mut tx).await?
            + notice_store::count_waiting(&mut tx, ctx.clock.now()).await?,
    })
}

/// One organisation.
pub async fn organisation(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<OrganisationPage, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let blocks = actor.may(Permission::SeeBlocks);
    // a case that hides a person is as if it were not there
    let case = match row.case_id {
        Some(case) if cases::is_shown_to(ctx, &mut tx, actor, case).await? => Some(case),
        _ => None,
    };
    Ok(OrganisationPage {
        id,
        kind: OrganisationKind::parse(&row.kind).unwrap_or(OrganisationKind::Other),
        state: row_state(&row)?,
        address: [
            blocks.then(|| format!("{} {}", row.street, row.house_number)),
            Some(format!("{} {}", row.postcode, row.city)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        name: row.name,
        register: row.register,
        purpose: row.purpose,
        person: Some(row.person).filter(|_| blocks),
        case,
        admitted_at: row.admitted_at,
        active_at: row.active_at,
        confirm_by: row.confirm_by,
        members: store::members(&mut tx, id, blocks).await?,
        letter: match blocks || !store::has_blocked(&mut tx, id).await? {
            true => letters::letter_of(&mut tx, id).await?,
            false => None,
        },
        entry: page_in(&mut tx, id).await?,
        notices: notice_store::of_organisation(&mut tx, id, ctx.clock.now()).await?,
    })
}

/// The organisation that came from a case.
pub async fn organisation_of_case(ctx: &Ctx, actor: Actor, case: Uuid) -> Result<Option<Uuid>, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    Ok(store::of_case(&mut tx, case).await?)
}

/// Makes a new letter: the former one was lost, or nobody who speaks for the organisation is left.
pub async fn new_organisation_letter(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
) -> Result<Uuid, Failure<LetterRefusal>> {
    may(actor).map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !actor.may(Permission::SeeBlocks) && store::has_blocked(&mut tx, id).await? {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    let batch = letters::write_to(ctx, &mut tx, actor, id).await?;
    tx.commit(ctx, Event::new(actor, "organisations.new-letter").on(id))
        .await?;
    Ok(batch)
}

/// Takes an organisation off the public pages, or puts it back; its data stays.
pub async fn set_suspended(ctx: &Ctx, actor: Actor, id: Uuid, suspended: bool) -> Result<(), Failure> {
    may(actor)?;
    let (active, off) = (
        OrganisationState::Active.key(),
        OrganisationState::Suspended.key(),
    );
    let (from, to, action) = if suspended {
        (active, off, "organisations.suspend")
    } else {
        (off, active, "organisations.resume")
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !store::set_state(&mut tx, id, from, to).await? {
        return Err(Failure::Denied);
    }
    store::delete_invitations(&mut tx, id).await?;
    Ok(tx.commit(ctx, Event::new(actor, action).on(id)).await?)
}

/// Removes an organisation with everything.
pub async fn remove_organisation(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    super::tell_owners(ctx, &mut tx, id, &row.name, "organisation-ended").await?;
    delete_in(ctx, &mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "organisations.remove").on(id))
        .await?)
}

/// Active organisations of a kind, and how many people act for them.
pub type KindFigures = (String, i64, Shown);

/// For the council: kinds of organisations with the people who act for them, small numbers hidden. Who has a register block is
/// not counted.
pub async fn figures(ctx: &Ctx, actor: Actor) -> Result<Vec<KindFigures>, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let rows = store::people_by_kind(&mut tx).await?;
    let counts: Vec<[i64; 1]> = rows.iter().map(|r| [r.2]).collect();
    Ok(rows
        .into_iter()
        .zip(hide_small(&counts))
        .map(|((kind, organisations, _), [people])| (kind, organisations, people))
        .collect())
}
