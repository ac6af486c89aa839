//! Counts of failed proofs and failed sign-ins, in the store so that every server counts the same. Keys are hashed:
//! no address and no name is kept.

mod store;

use crate::{
    Ctx,
    db::{Result, Tx},
    keys,
};
use chrono::{DateTime, Duration, Utc};

/// Seconds of one slot; a window is counted in whole slots.
const SLOT: i64 = 60;

/// A counter's key: what is counted and for whom, as a keyed hash.
#[derive(Clone, Debug)]
pub struct Counter(String);

impl Counter {
    /// For one kind of failure and one subject (an address, an account name).
    pub fn new(ctx: &Ctx, kind: &str, subject: &str) -> Self {
        let mac = ctx.master.mac("throttle", format!("{kind}|{subject}").as_bytes());
        Self(format!("{kind}|{}", keys::hex(&mac[..16])))
    }
}

fn slot(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(SLOT)
}

/// Until this transaction ends nobody else counts this: of a burst of tries at the same moment each sees those before it.
pub async fn lock(tx: &mut Tx, counter: &Counter) -> Result<()> {
    store::lock(tx, &counter.0).await
}

/// How often within the window before `now`.
pub async fn count(tx: &mut Tx, counter: &Counter, now: DateTime<Utc>, window: Duration) -> Result<i64> {
    store::count(tx, &counter.0, slot(now - window)).await
}

/// One more.
pub async fn add(tx: &mut Tx, counter: &Counter, now: DateTime<Utc>) -> Result<()> {
    store::add(tx, &counter.0, slot(now)).await
}

/// Forgets what is older than a day.
pub(crate) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    store::sweep(tx, slot(now - Duration::days(1))).await
}

/// One less: an attempt that was counted beforehand and turned out right.
pub async fn refund(tx: &mut Tx, counter: &Counter, now: DateTime<Utc>) -> Result<()> {
    store::refund(tx, &counter.0, slot(now)).await
}
