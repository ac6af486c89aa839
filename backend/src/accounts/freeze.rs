//! "That was not me": the number on a confirmation freezes the account: nobody is signed in any more and nobody can sign in.
//! Only a new letter opens it again: nothing that an intruder may have changed is worth anything then. The town hall does the
//! same for somebody who calls, or ends the sessions only.

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
    // an account page is read often: it waits for the writer only if there is something to write
    let mut tx = ctx.db.read().await?;
    if let Some(number) = security::freeze_number(&mut tx, account).await? {
        return Ok(number);
    }
    drop(tx);
    let mut tx = ctx.db.begin().await?;
    let number = number_of(ctx, &mut tx, account).await?;
    tx.commit_unaudited("a number for confirmations").await?;
    Ok(number)
}

/// Brings a typed number into the stored form. The K in front may be left out, and one that belongs to the number may not
/// get lost.
fn parse(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = match plain.len() {
        9 => plain.strip_prefix(['K', 'k'])?,
        8 => plain.as_str(),
        _ => return None,
    };
    parse_letter_number(plain).map(|n| n.replacen('L', "K", 1))
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
    let account = match parse(typed) {
        Some(number) => security::by_freeze_number(&mut tx, &number).await?,
        None => None,
    };
    let Some(account) = account else {
        throttle::add(&mut tx, &counter, now).await?;
        tx.commit_unaudited("a wrong number is counted").await?;
        return refuse(FreezeRefusal::Unknown);
    };
    close(&mut tx, account).await?;
    Ok(tx
        .commit(ctx, Event::new(Actor::Visitor, "accounts.freeze").on(account))
        .await?)
}

async fn close(tx: &mut Tx, account: Uuid) -> db::Result<()> {
    // also while it rests: it must not open by itself when the person is back in the register
    for state in ["active", "suspended"] {
        store::change_state(tx, account, state, "frozen").await?;
    }
    super::expel(tx, account).await
}

async fn account_of(tx: &mut Tx, resident: Uuid) -> db::Result<Option<Uuid>> {
    let party = party_store::party_of_resident(tx, resident).await?;
    Ok(party.and_then(|(_, account)| account))
}

/// Is the account of this resident frozen?
pub async fn is_frozen(ctx: &Ctx, actor: Actor, resident: Uuid) -> Result<bool, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let Some(account) = account_of(&mut tx, resident).await? else {
        return Ok(false);
    };
    Ok(store::by_id(&mut tx, account)
        .await?
        .is_some_and(|a| a.state == "frozen"))
}

/// What the town hall does for somebody who has lost a device, or fears that somebody else is in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// Ends all sessions and links; the password stays.
    SignOut,
    /// Freezes the account, as the number of a confirmation does.
    Freeze,
}

/// Signs a resident out everywhere, or freezes the account. Nothing happens if there is no account.
pub async fn help_resident(ctx: &Ctx, actor: Actor, resident: Uuid, help: Help) -> Result<(), Failure> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !residents::exists_for(&mut tx, actor, resident).await? {
        return Err(Failure::Denied);
    }
    let Some(account) = account_of(&mut tx, resident).await? else {
        return Ok(());
    };
    let what = match help {
        Help::SignOut => {
            store::delete_links(&mut tx, account).await?;
            store::delete_other_sessions(&mut tx, account, None).await?;
            "accounts.end-sessions"
        }
        Help::Freeze => {
            close(&mut tx, account).await?;
            "accounts.freeze"
        }
    };
    Ok(tx.commit(ctx, Event::new(actor, what).on(account)).await?)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn numbers_as_people_type_them() {
        for typed in ["K-K7K3-9QX2", "k k7k3 9qx2", "KK7K39QX2", "K7K3-9QX2"] {
            assert_eq!(parse(typed).as_deref(), Some("K-K7K3-9QX2"), "{typed}");
        }
        for typed in ["", "K", "L-7K3M-9QX2", "K-7K3M-9QX22"] {
            assert_eq!(parse(typed), None, "{typed}");
        }
    }
}
