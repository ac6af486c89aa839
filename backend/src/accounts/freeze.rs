//! "That was not me": the number on a confirmation freezes the account and does nothing else. Staff thaw it at the desk, or a
//! new letter does.

use super::{Visitor, party_store, security_store as security, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys, residents,
    throttle::{self, Counter},
};
use chrono::Duration;
use domain::{
    access::{Actor, Permission},
    letters::code::{letter_number, parse_letter_number},
};
use uuid::Uuid;

/// Numbers that one network address may try within an hour.
const TRIES_PER_HOUR: i64 = 20;

/// The number of an account, made when it is first needed: "K-7K3M-9QX2".
pub(crate) async fn number_of(ctx: &Ctx, tx: &mut Tx, account: Uuid) -> db::Result<String> {
    let _ = ctx;
    if let Some(number) = security::freeze_number(tx, account).await? {
        return Ok(number);
    }
    let random = u64::from_le_bytes(keys::random_bytes());
    let number = letter_number(random).replacen('L', "K", 1);
    security::set_freeze_number(tx, account, &number).await?;
    Ok(number)
}

/// The number of an account, for the page that confirms the registration.
pub async fn freeze_number(ctx: &Ctx, account: Uuid) -> Result<String, Failure> {
    let mut tx = ctx.db.begin().await?;
    let number = number_of(ctx, &mut tx, account).await?;
    tx.commit_unaudited("a number for confirmations").await?;
    Ok(number)
}

/// Why nothing was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreezeRefusal {
    /// No such number.
    Unknown,
    /// Too many wrong numbers from this network address.
    TooMany,
}

/// Freezes the account with this number: sessions end, nobody can sign in.
pub async fn freeze(ctx: &Ctx, visitor: &Visitor, typed: &str) -> Result<(), Failure<FreezeRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let now = ctx.clock.now();
    let counter = Counter::new(ctx, "freeze", &visitor.address);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, Duration::hours(1)).await? >= TRIES_PER_HOUR {
        return refuse(FreezeRefusal::TooMany);
    }
    let plain = typed
        .trim()
        .trim_start_matches(['K', 'k'])
        .trim_start_matches('-');
    let number = parse_letter_number(plain).map(|n| n.replacen('L', "K", 1));
    let account = match number {
        Some(number) => security::by_freeze_number(&mut tx, &number).await?,
        None => None,
    };
    let Some(account) = account else {
        throttle::add(&mut tx, &counter, now).await?;
        tx.commit_unaudited("a wrong number is counted").await?;
        return refuse(FreezeRefusal::Unknown);
    };
    store::change_state(&mut tx, account, "active", "frozen").await?;
    store::delete_other_sessions(&mut tx, account, None).await?;
    Ok(tx
        .commit(ctx, Event::new(Actor::Visitor, "accounts.freeze").on(account))
        .await?)
}

/// Is the account of this resident frozen?
pub async fn is_frozen(ctx: &Ctx, actor: Actor, resident: Uuid) -> Result<bool, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let account = party_store::party_of_resident(&mut tx, resident).await?;
    let Some((_, Some(account))) = account else {
        return Ok(false);
    };
    Ok(store::by_id(&mut tx, account)
        .await?
        .is_some_and(|a| a.state == "frozen"))
}

/// Thaws the account of a person who stands at the desk; nothing else changes.
pub async fn thaw(ctx: &Ctx, actor: Actor, resident: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !residents::exists_for(&mut tx, actor, resident).await? {
        return Err(Failure::Denied);
    }
    let Some((_, Some(account))) = party_store::party_of_resident(&mut tx, resident).await? else {
        return Err(Failure::Denied);
    };
    store::change_state(&mut tx, account, "frozen", "active").await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "accounts.thaw").on(account))
        .await?)
}
