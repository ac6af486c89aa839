//! The logo beside a public entry: a small picture, looked at first where the town wants that.

use super::{members::role, open, public_store, store, tell_owners};
use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    audit::{self, Event},
    picture::{self, PictureProblem},
};
use domain::access::{Actor, Permission};
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

/// Is there a logo that everybody sees, and one that waits?
pub async fn has_logo(ctx: &Ctx, id: Uuid) -> Result<(bool, bool), Failure> {
    let mut tx = ctx.db.read().await?;
    let found = public_store::logo(&mut tx, id).await?;
    Ok(found.map_or((false, false), |(live, proposed)| {
        (live.is_some(), proposed.is_some())
    }))
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
pub async fn review_logo(ctx: &Ctx, actor: Actor, id: Uuid, yes: bool) -> Result<(), Failure> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let (live, proposed) = public_store::logo(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let kept = match (yes, proposed) {
        (true, Some(proposed)) => Some(proposed),
        (true, None) => return Ok(()),
        // no to what waits: what was public stays
        (false, Some(_)) => live,
        (false, None) => None,
    };
    public_store::save_logo(&mut tx, id, kept.as_deref(), None, ctx.clock.now()).await?;
    let key = if yes { "entry-public" } else { "entry-refused" };
    tell_owners(ctx, &mut tx, id, &row.name, key).await?;
    let event = Event::new(actor, "organisations.review-logo").on(id);
    Ok(tx.commit(ctx, event.with("yes", yes)).await?)
}
