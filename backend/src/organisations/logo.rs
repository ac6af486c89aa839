//! The logo beside a public entry: a small picture, looked at first where the town wants that.

use super::{members::role, open, public_store, store, tell_owners};
use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    audit::{self, Event},
    keys,
    picture::{self, PictureProblem},
};
use domain::{
    access::{Actor, Permission},
    organisations::OrganisationState,
    problem::Problems,
};
use uuid::Uuid;

/// Whose eyes a logo is for.
#[derive(Clone, Copy, Debug)]
pub enum LogoFor<'a> {
    /// Everybody: what is public.
    Public,
    /// A member: what waits, or else what is public.
    Member(&'a SignedIn),
    /// Staff: the same.
    Staff(Actor),
}

/// The logo as PNG.
pub async fn logo(ctx: &Ctx, eyes: LogoFor<'_>, id: Uuid) -> Result<Vec<u8>, Failure> {
    let mut tx = ctx.db.read().await?;
    let settings = open(&mut tx).await?;
    let (live, proposed) = public_store::logo(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let found = match eyes {
        LogoFor::Public
            if settings.directory && public_store::is_public(&mut tx, ctx.clock.now(), id).await? =>
        {
            live
        }
        LogoFor::Public => None,
        LogoFor::Member(who) => {
            role(&mut tx, who, id).await?;
            proposed.or(live)
        }
        LogoFor::Staff(actor) if actor.may(Permission::ManageOrganisations) => proposed.or(live),
        LogoFor::Staff(_) => None,
    };
    found.ok_or(Failure::Denied)
}

/// What there is of a logo.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HasLogo {
    /// Everybody sees one.
    pub live: bool,
    /// One waits for a look.
    pub waits: bool,
    /// Which picture it is that members and staff see: a decision must name it.
    pub mark: String,
}

fn mark(live: &Option<Vec<u8>>, proposed: &Option<Vec<u8>>) -> String {
    let shown = proposed.as_ref().or(live.as_ref());
    shown.map(|png| keys::hex(&keys::sha256(png))).unwrap_or_default()
}

/// What there is of a logo.
pub async fn has_logo(ctx: &Ctx, id: Uuid) -> Result<HasLogo, Failure> {
    let mut tx = ctx.db.read().await?;
    let (live, proposed) = public_store::logo(&mut tx, id).await?.unwrap_or_default();
    Ok(HasLogo {
        live: live.is_some(),
        waits: proposed.is_some(),
        mark: mark(&live, &proposed),
    })
}

/// Takes a logo from a member. True if it is public at once.
pub async fn put_logo(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    upload: Vec<u8>,
) -> Result<bool, Failure<PictureProblem>> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await.map_err(Failure::widen)?;
    role(&mut tx, who, id).await.map_err(Failure::widen)?;
    drop(tx);
    // decoded before the store is locked
    let png = picture::small(upload).await.map_err(Failure::Refused)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = open(&mut tx).await.map_err(Failure::widen)?;
    role(&mut tx, who, id).await.map_err(Failure::widen)?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    if row.state != OrganisationState::Active.key() {
        return Err(Failure::Denied);
    }
    let at_once = !settings.moderate_entries;
    let before = public_store::logo(&mut tx, id).await?;
    let live = before.and_then(|(live, _)| live);
    let (live, proposed) = if at_once {
        (Some(png), None)
    } else {
        (live, Some(png))
    };
    public_store::save_logo(&mut tx, id, live.as_deref(), proposed.as_deref(), ctx.clock.now()).await?;
    let event = Event::new(who.actor(), "organisations.logo").on(id);
    tx.commit(ctx, event.with("public", at_once)).await?;
    Ok(at_once)
}

/// Takes the logo away, public or not.
pub async fn remove_logo(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    open(&mut tx).await?;
    role(&mut tx, who, id).await?;
    public_store::delete_logo(&mut tx, id).await?;
    let event = Event::new(who.actor(), "organisations.remove-logo").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// A member of staff has looked at a logo: it becomes public, or goes. A public one goes, too, if the answer is no.
pub async fn review_logo(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    seen: &str,
    yes: bool,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let (live, proposed) = public_store::logo(&mut tx, id).await?.ok_or(Failure::Denied)?;
    // another picture has come since the clerk looked
    if seen != mark(&live, &proposed) {
        return Err(Failure::Refused(Problems::one("", "problem-entry-changed")));
    }
    let kept = match (yes, proposed) {
        (true, Some(proposed)) => Some(proposed),
        (true, None) => return Ok(()),
        // no to what waits: what was public stays
        (false, Some(_)) => live,
        (false, None) => None,
    };
    public_store::save_logo(&mut tx, id, kept.as_deref(), None, ctx.clock.now()).await?;
    let key = if yes { "entry-public" } else { "entry-refused" };
    tell_owners(ctx, &mut tx, id, &row.name, key)
        .await
        .map_err(Failure::widen)?;
    let event = Event::new(actor, "organisations.review-logo").on(id);
    Ok(tx.commit(ctx, event.with("yes", yes)).await?)
}
