//! Deleting is deleting, on the disk too: the tables with personal data are written anew.

use crate::{
    Ctx,
    audit::{self, Event},
    db,
};
use chrono::{Duration, Timelike};
use domain::access::Actor;

const ACTION: &str = "store.scrub";

/// Events that leave personal data in freed space.
const DELETES: [&str; 30] = [
    "accounts.delete",
    "cases.decide",
    "cases.delete-pictures",
    "cases.withdraw",
    "keys.retire",
    "letters.answer",
    "letters.cancel",
    "letters.control-remove",
    "letters.discard",
    "letters.failed",
    "letters.posted",
    "letters.returned",
    "letters.seal",
    "organisations.end",
    "organisations.remove",
    "organisations.suspend",
    "registration.redeem",
    "registration.redeem-organisation",
    "residents.apply",
    "residents.change",
    "residents.delete-outdated",
    "residents.discard",
    "residents.remove",
    "surveys.close",
    "surveys.discard",
    "settings.delete-film",
    "settings.film",
    "surveys.publish",
    "talk.decide-report",
    "talk.take-back",
];

/// Hours of the night, local time, in which tables may be locked for some seconds.
const NIGHT: std::ops::Range<u32> = 2..4;

/// Writes the tables anew now.
pub async fn scrub(ctx: &Ctx, actor: Actor) -> db::Result<()> {
    ctx.db.rewrite().await?;
    let tx = ctx.db.begin().await?;
    tx.commit(ctx, Event::new(actor, ACTION)).await
}

/// On PostgreSQL, once a night, if something was deleted since the last time.
pub(crate) async fn nightly(ctx: &Ctx) -> db::Result<()> {
    let now = ctx.clock.now();
    if ctx.db.kind() != "postgres" || !NIGHT.contains(&domain::time::local(now).hour()) {
        return Ok(());
    }
    let mut tx = ctx.db.read().await?;
    let last = audit::last_of(&mut tx, &[ACTION]).await?;
    let deleted = audit::last_of(&mut tx, &DELETES).await?;
    drop(tx);
    let due = match (deleted, last) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some((deleted, _)), Some((scrubbed, at))) => deleted > scrubbed && now - at > Duration::hours(12),
    };
    if due {
        scrub(ctx, Actor::System).await
    } else {
        Ok(())
    }
}
