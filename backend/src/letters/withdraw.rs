//! Withdrawing the open letter of a person. A letter whose batch is not sealed yet is also taken out of the file: what is
//! not to be sent must not be printed. Why it was withdrawn shows nowhere.

use super::{batch_store, store};
use crate::{
    Ctx,
    db::{self, Tx},
    jobs::{self, Job},
};
use domain::letters::state::{BatchState, LetterState};
use uuid::Uuid;

/// Ends the open letters of a person; says whether there was one.
pub(super) async fn withdraw(ctx: &Ctx, tx: &mut Tx, resident: Uuid, state: LetterState) -> db::Result<bool> {
    let now = ctx.clock.now();
    let batches = batch_store::unsealed_with(tx, resident).await?;
    let ended = store::end_open(tx, resident, state.key(), now).await?;
    for batch in batches {
        store::unprint(tx, batch, resident).await?;
        if batch_store::has_printable(tx, batch).await? {
            batch_store::remake(tx, batch).await?;
            batch_store::clear_parts(tx, batch).await?;
            jobs::enqueue(ctx, tx, Job::MakeBatch(batch), now).await?;
        } else {
            throw_away(ctx, tx, batch).await?;
        }
    }
    Ok(ended > 0)
}

/// Ends the open letter to an organisation. Such a letter has a batch of its own, which goes with it.
pub(super) async fn withdraw_organisation(
    ctx: &Ctx,
    tx: &mut Tx,
    organisation: Uuid,
    state: LetterState,
) -> db::Result<()> {
    let batches = store::organisation_batches(tx, organisation).await?;
    store::end_organisation(tx, organisation, state.key(), ctx.clock.now()).await?;
    for batch in batches {
        throw_away(ctx, tx, batch).await?;
    }
    Ok(())
}

/// A batch of which nothing is left to print.
async fn throw_away(ctx: &Ctx, tx: &mut Tx, batch: Uuid) -> db::Result<()> {
    for state in [BatchState::Making, BatchState::Ready] {
        batch_store::set_state(tx, batch, state.key(), BatchState::Discarded.key()).await?;
    }
    batch_store::destroy_key(tx, batch, ctx.clock.now()).await
}
