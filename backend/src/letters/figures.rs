//! How many letters are in which state.

use super::store;
use crate::{
    Ctx, Failure,
    db::{self, Tx},
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    letters::state::LetterState,
};

/// Letters by state, expired ones apart: open, expired, redeemed, replaced, revoked, returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterCounts {
    /// Can be redeemed.
    pub open: i64,
    /// Too old.
    pub expired: i64,
    /// Led to an account.
    pub redeemed: i64,
    /// A newer letter took their place.
    pub replaced: i64,
    /// Withdrawn.
    pub revoked: i64,
    /// Brought back by the post.
    pub returned: i64,
}

impl LetterCounts {
    /// Share of letters that led to an account, of those that could; `None` without letters.
    pub fn response(&self) -> Option<f64> {
        let sent = self.open + self.expired + self.redeemed + self.returned;
        #[expect(clippy::cast_precision_loss, reason = "a percentage")]
        (sent > 0).then(|| self.redeemed as f64 / sent as f64)
    }
}

/// Letters by state.
pub async fn counts(ctx: &Ctx, actor: Actor) -> Result<LetterCounts, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let blocks = actor.may(Permission::SeeBlocks);
    let mut counts = LetterCounts::default();
    for (state, count) in store::count_by_state(&mut tx, blocks).await? {
        match LetterState::parse(&state) {
            Some(LetterState::Open) => counts.open = count,
            Some(LetterState::Redeemed) => counts.redeemed = count,
            Some(LetterState::Replaced) => counts.replaced = count,
            Some(LetterState::Revoked) => counts.revoked = count,
            Some(LetterState::Returned) => counts.returned = count,
            None => {}
        }
    }
    counts.expired = store::count_expired(&mut tx, ctx.clock.now(), blocks).await?;
    counts.open -= counts.expired;
    Ok(counts)
}

/// When letters were redeemed, since a moment, inside another feature's transaction.
pub(crate) async fn redeemed_since(
    tx: &mut Tx,
    actor: Actor,
    since: DateTime<Utc>,
) -> db::Result<Vec<DateTime<Utc>>> {
    store::redeemed_since(tx, since, actor.may(Permission::SeeBlocks)).await
}
