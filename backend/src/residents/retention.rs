//! Deleting is deleting: people who never registered go when their time is over. A keyed hash stays, so that they are
//! recognised when they come back.

use super::{lists::tombstone, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    letters, municipality,
};
use chrono::Duration;
use domain::access::Actor;

/// People of one transaction.
const PIECE: i64 = 200;

/// Deletes whoever is due; gives how many. The audit log keeps the number.
pub async fn delete_outdated(ctx: &Ctx) -> Result<usize, Failure> {
    let mut deleted = 0;
    loop {
        let now = ctx.clock.now();
        let mut tx = ctx.db.begin().await?;
        audit::lock(&mut tx).await?;
        let days = municipality::current_in(&mut tx).await?.settings.retention_days;
        let due = store::outdated(&mut tx, now - Duration::days(days), PIECE).await?;
        if due.is_empty() {
            break;
        }
        for id in &due {
            if let Some((data, _)) = store::data(&mut tx, *id).await? {
                store::put_tombstone(&mut tx, &tombstone(ctx, &data), now).await?;
            }
            letters::revoke_open(ctx, &mut tx, Actor::System, *id).await?;
            store::delete(&mut tx, *id).await?;
        }
        deleted += due.len();
        tx.commit(
            ctx,
            Event::new(Actor::System, "residents.delete-outdated").with("people", due.len()),
        )
        .await?;
    }
    if deleted > 0 {
        ctx.db.truncate_log().await?;
    }
    Ok(deleted)
}
