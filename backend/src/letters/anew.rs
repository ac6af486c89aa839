//! Batches that were open when a backup was made. The backup has no keys of theirs, so that nobody can make codes from it;
//! after a restore their letters are made anew, with new codes. Who holds a letter of the former ones is told, after its
//! code is proven, that another letter has taken its place.

use super::{
    batch_store::{self, Again},
    create::{Recipients, To, long_date, store_batch},
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
};
use domain::{
    access::Actor,
    letters::state::{BatchState, Route},
};

/// Makes every open batch without a key anew; how many there were.
pub async fn make_anew(ctx: &Ctx) -> Result<usize, Failure<super::LetterRefusal>> {
    let mut tx = ctx.db.read().await?;
    let batches = batch_store::without_key(&mut tx).await?;
    drop(tx);
    for id in &batches {
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin().await?;
        audit::lock(&mut tx).await?;
        let line = batch_store::batch_line(&mut tx, *id).await?;
        let old = batch_store::batch(&mut tx, *id).await?;
        let again = batch_store::to_make_again(&mut tx, *id).await?;
        batch_store::replace_batch(&mut tx, *id, now).await?;
        for state in [BatchState::Making, BatchState::Ready] {
            batch_store::set_state(&mut tx, *id, state.key(), BatchState::Discarded.key()).await?;
        }
        batch_store::destroy_key(&mut tx, *id, now).await?;
        let mut event = Event::new(Actor::System, "letters.make-anew").on(*id);
        if let (Some(line), Some(mut frozen)) = (line, old.and_then(|b| b.frozen))
            && !again.is_empty()
        {
            let route = Route::parse(&line.route).unwrap_or(Route::Ordinary);
            frozen.number = batch_store::next_number(&mut tx, route).await?;
            frozen.date = long_date(now);
            let list = again.into_iter().map(to).collect();
            let recipients = Recipients { route, list };
            let new = store_batch(ctx, &mut tx, &frozen, recipients, line.validity_days, None).await?;
            event = event.with("batch", new);
        }
        tx.commit(ctx, event).await?;
    }
    Ok(batches.len())
}

/// Open batches without a key: there are some only while a restore is under way, or was interrupted.
pub async fn without_key(ctx: &Ctx) -> Result<usize, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(batch_store::without_key(&mut tx).await?.len())
}

fn to(again: Again) -> To {
    To {
        resident: again.resident_id,
        control: again.control_id,
        organisation: again.organisation_id,
        issue: again.issue,
        district: again.district,
        recipient: again.recipient.0,
        // the order is that of the former file
        sort_key: String::new(),
    }
}
