//! Posting, discarding and sealing of batches.

use super::{LetterRefusal, batch_store as store, shown_to};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db,
};
use chrono::Duration;
use domain::{
    access::{Actor, Permission},
    letters::state::{BatchState, DEFAULT_VALIDITY_DAYS, SEAL_AFTER_DOWNLOAD_DAYS},
    time::local,
};
use uuid::Uuid;

/// Marks a batch as posted: validity starts, the key is destroyed.
pub async fn mark_posted(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    day: chrono::NaiveDate,
) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    post(ctx, actor, id, day).await
}

/// The same for a use case that has checked a permission of its own.
pub(super) async fn post(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    day: chrono::NaiveDate,
) -> Result<(), Failure<LetterRefusal>> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let line = shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    // days as the calendar on the wall has them: shortly after midnight it is still yesterday in UTC
    let (today, made) = (local(now).date(), local(line.created_at).date());
    if day > today || day < made {
        return Err(Failure::Refused(LetterRefusal::PostingDay));
    }
    // letters in a file that nobody has downloaded cannot have been posted
    let parts = store::parts(&mut tx, id).await?;
    // a batch that was sealed by time cannot be downloaded any more: then what was loaded counts
    let sealed_by_time = line.state == BatchState::Sealed.key() && line.posted_at.is_none();
    let missing = parts.is_empty() || parts.iter().any(|p| p.downloaded_at.is_none());
    if missing && !line.offline && !sealed_by_time {
        return Err(Failure::Refused(LetterRefusal::NotDownloaded));
    }
    // a batch that was sealed by time can still be reported as posted
    if !sealed_by_time
        && !store::set_state(&mut tx, id, BatchState::Ready.key(), BatchState::Sealed.key()).await?
    {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    let posted = day.and_time(chrono::NaiveTime::MIN).and_utc();
    // valid until the end of the last day
    let expires = posted + Duration::days(line.validity_days + 1);
    store::posted(&mut tx, id, posted, expires).await?;
    store::destroy_key(&mut tx, id, now).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.posted").on(id).with("day", day))
        .await?)
}

/// Throws a batch away, also after posting (lost or wrongly printed): all its open letters are withdrawn.
pub async fn discard(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    let mut done = false;
    for state in [
        BatchState::Reserved,
        BatchState::Making,
        BatchState::Ready,
        BatchState::Sealed,
    ] {
        done = done || store::set_state(&mut tx, id, state.key(), BatchState::Discarded.key()).await?;
    }
    if !done {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    store::revoke_batch(&mut tx, id, now).await?;
    store::destroy_key(&mut tx, id, now).await?;
    super::outside::release(&mut tx, id).await?;
    let event = Event::new(actor, "letters.discard").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// Seals batches that were downloaded long ago and never marked as posted.
pub(crate) async fn seal_overdue(ctx: &Ctx) -> db::Result<()> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.read().await?;
    let overdue = store::overdue(&mut tx, now - Duration::days(SEAL_AFTER_DOWNLOAD_DAYS)).await?;
    drop(tx);
    for id in overdue {
        let mut tx = ctx.db.begin().await?;
        if store::set_state(&mut tx, id, BatchState::Ready.key(), BatchState::Sealed.key()).await? {
            // nobody said when the letters were posted: they must end all the same
            let days = store::batch_line(&mut tx, id)
                .await?
                .map_or(DEFAULT_VALIDITY_DAYS, |b| b.validity_days);
            store::expire(&mut tx, id, now + Duration::days(days)).await?;
            store::destroy_key(&mut tx, id, now).await?;
            tx.commit(ctx, Event::new(Actor::System, "letters.seal").on(id))
                .await?;
        }
    }
    Ok(())
}
