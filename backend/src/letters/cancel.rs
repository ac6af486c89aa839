//! Stopping a batch that is being made. Of making and stopping one wins: both change the same row, and each only if the
//! batch is still being made.

use super::{LetterRefusal, batch_store as store, shown_to};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
};
use domain::access::{Actor, Permission};
use uuid::Uuid;

/// Stops a batch before it is ready: all its letters are withdrawn, and the people wait for one again. The job notices at
/// the next piece.
pub async fn cancel(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    if !store::cancel(&mut tx, id, actor.account(), now).await? {
        return Err(Failure::Refused(LetterRefusal::TooLate));
    }
    let letters = store::revoke_batch(&mut tx, id, now).await?;
    store::destroy_key(&mut tx, id, now).await?;
    let event = Event::new(actor, "letters.cancel")
        .on(id)
        .with("letters", letters);
    Ok(tx.commit(ctx, event).await?)
}
