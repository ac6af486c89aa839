//! The local market: notices of organisations, each until a day; looked at first where the town wants it.

use super::{members::role, notice_store, store, tell_owners};
use crate::{
    Ctx, Failure,
    accounts::SignedIn,
    audit::{self, Event},
    db::Tx,
    municipality,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    municipality::Settings,
    organisations::{Notice, NoticeKind, OrganisationState},
    problem::Problems,
};
use uuid::Uuid;

/// A notice in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NoticeLine {
    /// The notice.
    pub id: Uuid,
    /// Who wrote it.
    pub organisation: Uuid,
    /// Name of the organisation.
    pub name: String,
    /// Kind key.
    pub kind: String,
    /// Headline.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Shown until then.
    pub ends_at: DateTime<Utc>,
    /// `waiting`, `live` or `hidden`.
    pub state: String,
}

/// Notices that an organisation may have at a time.
const MOST: usize = 20;
/// Days after which a notice that is over is deleted.
const KEPT_DAYS: i64 = 30;

/// Is the market switched on?
async fn open(tx: &mut Tx) -> Result<Settings, Failure> {
    let settings = municipality::current_in(tx).await?.settings;
    if settings.market {
        Ok(settings)
    } else {
        Err(Failure::Denied)
    }
}

/// The market, for everybody: empty choices are all.
pub async fn market(ctx: &Ctx, words: &str, kind: Option<NoticeKind>) -> Result<Vec<NoticeLine>, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let words: String = words.trim().chars().take(80).collect();
    let kind = kind.map_or("", NoticeKind::key);
    Ok(notice_store::public(&mut tx, ctx.clock.now(), &words, kind, None).await?)
}

/// One public notice, for everybody.
pub async fn notice(ctx: &Ctx, id: Uuid) -> Result<NoticeLine, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    notice_store::public_one(&mut tx, ctx.clock.now(), id)
        .await?
        .ok_or(Failure::Denied)
}

/// Public notices of one organisation; none where the market is switched off.
pub async fn notices_of(ctx: &Ctx, organisation: Uuid) -> Result<Vec<NoticeLine>, Failure> {
    let mut tx = ctx.db.read().await?;
    match open(&mut tx).await {
        Err(Failure::Denied) => Ok(Vec::new()),
        Err(other) => Err(other),
        Ok(_) => Ok(notice_store::public(&mut tx, ctx.clock.now(), "", "", Some(organisation)).await?),
    }
}

/// All notices of the own organisation that are not over.
pub async fn own_notices(ctx: &Ctx, who: &SignedIn, organisation: Uuid) -> Result<Vec<NoticeLine>, Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    role(&mut tx, who, organisation).await?;
    Ok(notice_store::of_organisation(&mut tx, organisation, ctx.clock.now()).await?)
}

/// Writes a notice. True if it is public at once.
pub async fn put_notice(
    ctx: &Ctx,
    who: &SignedIn,
    organisation: Uuid,
    notice: &Notice,
) -> Result<bool, Failure<Problems>> {
    let now = ctx.clock.now();
    let mut problems = notice.check(domain::time::local(now).date());
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = open(&mut tx).await.map_err(Failure::widen)?;
    role(&mut tx, who, organisation).await.map_err(Failure::widen)?;
    let row = store::one(&mut tx, organisation).await?.ok_or(Failure::Denied)?;
    if row.state != OrganisationState::Active.key() {
        problems.add("", "problem-organisation-suspended");
    }
    if notice_store::of_organisation(&mut tx, organisation, now)
        .await?
        .len()
        >= MOST
    {
        problems.add_with("", "problem-notices-full", &[("most", &MOST.to_string())]);
    }
    let (Some(kind), Some(until), true) = (notice.kind, notice.until, problems.is_empty()) else {
        return Err(Failure::Refused(problems));
    };
    let at_once = !settings.moderate_entries;
    let words = format!("{} {} {} {}", notice.title, notice.text, row.name, row.city);
    let new = notice_store::NewNotice {
        id: ctx.new_id(),
        organisation,
        kind: kind.key(),
        title: &notice.title,
        text: &notice.text,
        search: &domain::text::fold(&words),
        // shown until the end of that day
        ends_at: until.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::days(1),
        state: if at_once { "live" } else { "waiting" },
    };
    notice_store::insert(&mut tx, &new, now).await?;
    let event = Event::new(who.actor(), "organisations.write-notice").on(organisation);
    tx.commit(ctx, event.with("public", at_once)).await?;
    Ok(at_once)
}

/// Takes a notice off, before its day.
pub async fn end_notice(ctx: &Ctx, who: &SignedIn, organisation: Uuid, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    role(&mut tx, who, organisation).await?;
    notice_store::delete(&mut tx, organisation, id).await?;
    let event = Event::new(who.actor(), "organisations.end-notice").on(organisation);
    Ok(tx.commit(ctx, event).await?)
}

/// A member of staff has looked at a notice that waits, or hides one that is public. The owners are told of a no.
pub async fn review_notice(
    ctx: &Ctx,
    actor: Actor,
    organisation: Uuid,
    id: Uuid,
    yes: bool,
) -> Result<(), Failure> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::one(&mut tx, organisation).await?.ok_or(Failure::Denied)?;
    let changed = if yes {
        notice_store::set_state(&mut tx, organisation, id, "waiting", "live").await?
            || notice_store::set_state(&mut tx, organisation, id, "hidden", "live").await?
    } else {
        notice_store::set_state(&mut tx, organisation, id, "waiting", "hidden").await?
            || notice_store::set_state(&mut tx, organisation, id, "live", "hidden").await?
    };
    if !changed {
        return Err(Failure::Denied);
    }
    if !yes {
        tell_owners(ctx, &mut tx, organisation, &row.name, "notice-hidden").await?;
    }
    let event = Event::new(actor, "organisations.review-notice").on(organisation);
    Ok(tx.commit(ctx, event.with("yes", yes)).await?)
}

/// Deletes what has been over for a while.
pub(super) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> crate::db::Result<()> {
    notice_store::sweep(tx, now - Duration::days(KEPT_DAYS)).await
}
