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
            for state in [BatchState::Making, BatchState::Ready] {
                batch_store::set_state(tx, batch, state.key(), BatchState::Discarded.key()).await?;
            }
            batch_store::destroy_key(tx, batch, now).await?;
        }
    }
    Ok(ended > 0)
}
