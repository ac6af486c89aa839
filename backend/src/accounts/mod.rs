//! Accounts: signing in and out, sessions, own data, staff.

mod email;
mod freeze;
mod link;
mod own_data;
mod party_store;
mod passkey;
mod password;
pub(crate) use password::check as check_password;
mod profile;
mod provider;
mod resident;
mod role_store;
mod roles;
mod second;
mod security_store;
mod service;
mod service_store;
mod session;
mod store;
mod team;

pub use email::{ConfirmRefusal, OpenRegistration, confirm_email, register_open, request_email};
pub(crate) use email::{check_contact, open_account, open_confirmed_account, send_confirmation};
pub use freeze::{FreezeRefusal, Help, freeze, freeze_number, help_resident, is_frozen};
pub use link::{
    LinkRefusal, Purpose, invite_again, invite_staff, link_is_good, request_link, sign_in_with_code,
    sign_in_with_link, use_password_link,
};
pub use own_data::{Agreed, CopyKind, Look, OwnData, copy_of_own_data, own_data};
pub use passkey::{
    PasskeyLine, Question, begin_passkey, begin_passkey_sign_in, begin_second, enter_passkey, finish_passkey,
    passkey_sign_in,
};
pub use password::hash as hash_password;
pub(crate) use profile::{change_profile, changed_profile, level_of, resident_of};
pub(crate) use resident::{resume_resident, suspend_resident, update_resident};
pub use roles::{RoleLine, RoleRefusal, new_role, reset_role, roles, save_role};
pub use second::{
    Factors, HalfSignedIn, NewApp, Owner, SecondRefusal, Stage, confirm_app, enter_code, factors,
    finish_set_up, half_session, new_app, remove_factor, renew_codes, reset_factors, same_app,
};
pub use service::{
    ServiceAnswer, ServiceRefusal, SignInService, begin_service, finish_service, leave_service,
    save_sign_in_service, service_label, service_return, sign_in_service, signs_in_by_service,
};
pub(crate) use session::open_session;
pub use session::{
    SessionLine, end_all_sessions, end_sessions, renew_session, session, session_unnoted, sign_out,
};
use session::{open_staged_session, session_in};
pub use team::{
    StaffLine, StaffRefusal, add_staff, has_administrator, set_staff_active, set_staff_role, staff,
};

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys, municipality,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission, StaffRole},
    accounts::{self as rules, EvidenceKind, TrustLevel},
    letters::code::parse_letter_number,
    problem::Problems,
};
use uuid::Uuid;

/// What is known of somebody who sends a request, signed in or not.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The network address; only ever used as a keyed hash.
    pub address: String,
    /// "Firefox, Android": shown to the person in the list of sessions.
    pub device: String,
    /// Language of the page, `de` or `en`.
    pub language: String,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Uuid,
    /// Staff role, if the account has one.
    pub role: Option<StaffRole>,
    /// The person, if the account speaks for one.
    pub party: Option<Uuid>,
    /// As greeted.
    pub name: String,
    /// This session in the list of sessions.
    pub session: Uuid,
    /// When it ends if nothing more is asked for, and when it ends in any case.
    pub ends: (DateTime<Utc>, DateTime<Utc>),
}

impl SignedIn {
    /// As the actor of a use case.
    pub fn actor(&self) -> Actor {
        actor_of(self.account, self.role.as_ref())
    }
}

/// The actor behind an account: staff if it has a role.
fn actor_of(account: Uuid, role: Option<&StaffRole>) -> Actor {
    match role {
        Some(role) => Actor::Staff {
            account,
            permissions: role.permissions,
        },
        None => Actor::Resident { account },
    }
}

/// Why signing in did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Unknown name or wrong password: one answer for both.
    Wrong,
    /// Too many wrong tries; wait a quarter of an hour.
    TooMany,
    /// The e-mail address is not confirmed yet (said only after the right password).
    Unconfirmed,
    /// The person is no resident any more (said only after the right password).
    Suspended,
    /// Somebody has frozen the account with the number of a confirmation (said only after the right password).
    Frozen,
}

/// What signing in gives.
#[derive(Clone, Debug)]
pub enum SignInStep {
    /// The session token for the cookie, and who it is.
    In(String, SignedIn),
    /// The token of a session that still lacks the second factor.
    Half(String, Stage),
}

impl SignInStep {
    /// The session, if nothing is missing.
    pub fn signed_in(self) -> Option<(String, SignedIn)> {
        match self {
            SignInStep::In(token, who) => Some((token, who)),
            SignInStep::Half(..) => None,
        }
    }
}

/// What stands in the store instead of a password.
#[cfg(feature = "testing")]
pub async fn stored_hash(ctx: &Ctx, account: Uuid) -> String {
    let found = async {
        let mut tx = ctx.db.read().await?;
        store::by_id(&mut tx, account).await
    };
    found
        .await
        .ok()
        .flatten()
        .map(|a| a.password_hash)
        .unwrap_or_default()
}

/// States in which nobody signs in; said only after the right proof.
fn check_state(state: &str) -> Result<(), Failure<SignInRefusal>> {
    let refusal = match state {
        "active" => return Ok(()),
        "unconfirmed" => SignInRefusal::Unconfirmed,
        "suspended" => SignInRefusal::Suspended,
        "frozen" => SignInRefusal::Frozen,
        // deactivated, invited: as if there were no such account
        _ => SignInRefusal::Wrong,
    };
    Err(Failure::Refused(refusal))
}

/// The window in which failed sign-ins are counted.
fn window() -> Duration {
    Duration::minutes(15)
}

/// The key under which a typed name is looked up: an e-mail address or a letter number.
fn sign_in_key(name: &str) -> String {
    parse_letter_number(name).unwrap_or_else(|| name.trim().to_lowercase())
}

/// Signs in with an e-mail address or the letter number, and a password. Gives the session token for the cookie.
pub async fn sign_in(
    ctx: &Ctx,
    visitor: &Visitor,
    name: &str,
    password: &str,
) -> Result<SignInStep, Failure<SignInRefusal>> {
    let key = sign_in_key(name);
    let by_account = Counter::new(ctx, "sign-in-account", &key);
    let by_address = Counter::new(ctx, "sign-in-address", &visitor.address);
    let now = ctx.clock.now();
    // counted before the slow check and given back if it was right: a burst of parallel tries cannot pass the limit
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &by_account).await?;
    throttle::lock(&mut tx, &by_address).await?;
    if throttle::count(&mut tx, &by_account, now, window()).await? >= rules::FAILED_SIGN_INS_PER_ACCOUNT
        || throttle::count(&mut tx, &by_address, now, window()).await? >= rules::FAILED_SIGN_INS_PER_ADDRESS
    {
        crate::watch::security("sign-in-limit");
        return Err(Failure::Refused(SignInRefusal::TooMany));
    }
    throttle::add(&mut tx, &by_account, now).await?;
    throttle::add(&mut tx, &by_address, now).await?;
    let found = store::by_sign_in(&mut tx, &key).await?;
    tx.commit_unaudited("a sign-in is counted").await?;
    // an unknown name costs the same time as a wrong password
    let stored = found.as_ref().map(|a| a.password_hash.clone());
    let right = password::verify(ctx, password, stored).await?;
    let Some(account) = found.filter(|_| right) else {
        crate::watch::security("sign-in-failed");
        return Err(Failure::Refused(SignInRefusal::Wrong));
    };
    // only now is the password known: the moment to hash it as it is done today
    let renewed = match password::is_outdated(&account.password_hash) {
        // with too much to do at once it stays as it is until the next time
        true => password::hash::<SignInRefusal>(ctx, password).await.ok(),
        false => None,
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    throttle::refund(&mut tx, &by_account, now).await?;
    throttle::refund(&mut tx, &by_address, now).await?;
    // the password may have been changed while it was compared
    let fresh = store::by_id(&mut tx, account.id).await?;
    if fresh.is_none_or(|f| f.password_hash != account.password_hash) {
        return Err(Failure::Refused(SignInRefusal::Wrong));
    }
    if let Some(hash) = renewed {
        store::renew_hash(&mut tx, account.id, &hash).await?;
    }
    if service_store::is_bound(&mut tx, account.id).await? {
        return Err(Failure::Refused(SignInRefusal::Wrong));
    }
    check_state(&account.state)?;
    let staff = account.role.is_some();
    let stage = second::first_stage(&mut tx, account.id, staff).await?;
    let token = open_staged_session(ctx, &mut tx, account.id, staff, visitor, stage).await?;
    if stage != Stage::Full {
        tx.commit_unaudited("half a session").await?;
        return Ok(SignInStep::Half(token, stage));
    }
    store::signed_in(&mut tx, account.id, now).await?;
    let signed_in = session_in(ctx, &mut tx, &token).await?.ok_or(Failure::Denied)?;
    tx.commit(
        ctx,
        Event::new(signed_in.actor(), "accounts.sign-in").on(account.id),
    )
    .await?;
    Ok(SignInStep::In(token, signed_in))
}

/// One reason why the portal believes something about a person.
#[derive(Clone, Debug)]
pub struct EvidenceLine {
    /// What kind.
    pub kind: EvidenceKind,
    /// Since when.
    pub at: DateTime<Utc>,
    /// The letter's number, for a letter.
    pub letter_number: Option<String>,
}

/// Everything that the account page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Name: "kommunal bestätigt" if the level says so.
    pub name: String,
    /// Lines of the address; empty without a letter.
    pub address: Vec<String>,
    /// Computed from the evidence.
    pub level: TrustLevel,
    /// Why.
    pub evidence: Vec<EvidenceLine>,
    /// For signing in; only if confirmed.
    pub email: Option<String>,
    /// For signing in without e-mail address.
    pub sign_in_name: Option<String>,
    /// Open sessions, newest first.
    pub sessions: Vec<SessionLine>,
    /// Agreed version of the terms, and when.
    pub consent: Option<(i64, DateTime<Utc>)>,
    /// Account since.
    pub created_at: DateTime<Utc>,
}

/// The own account.
pub async fn overview(ctx: &Ctx, who: &SignedIn) -> Result<Overview, Failure> {
    let mut tx = ctx.db.read().await?;
    let account = store::by_id(&mut tx, who.account).await?.ok_or(Failure::Denied)?;
    let (name, address) = match account.party_id {
        Some(party) => party_store::party(&mut tx, party)
            .await?
            .unwrap_or((account.display_name.clone(), Vec::new())),
        None => (account.display_name.clone(), Vec::new()),
    };
    let mut evidence = Vec::new();
    if let Some(party) = account.party_id {
        for row in party_store::evidence(&mut tx, party).await? {
            if let Some(kind) = EvidenceKind::parse(&row.kind) {
                evidence.push(EvidenceLine {
                    kind,
                    at: row.created_at,
                    letter_number: row.letter_number,
                });
            }
        }
    }
    let level = rules::trust_level(evidence.iter().map(|e| e.kind));
    Ok(Overview {
        name,
        address,
        level,
        evidence,
        email: account.email.filter(|_| account.email_confirmed),
        sign_in_name: account.sign_in_key,
        sessions: store::sessions(&mut tx, who.account, ctx.clock.now()).await?,
        consent: store::consent(&mut tx, who.account).await?,
        created_at: account.created_at,
    })
}

/// Changes the own password; all other sessions end.
pub async fn change_password(
    ctx: &Ctx,
    who: &SignedIn,
    old: &str,
    new: &str,
) -> Result<(), Failure<Problems>> {
    let mut tx = ctx.db.read().await?;
    let account = store::by_id(&mut tx, who.account).await?.ok_or(Failure::Denied)?;
    let town = municipality::current_in(&mut tx).await.map_err(Failure::widen)?;
    drop(tx);
    let email = account.email.as_deref().unwrap_or("");
    let problems = check_password("new_password", new, &[&who.name, email, &town.settings.name]);
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    check_own_password(ctx, &account, old, "old_password").await?;
    let hash = password::hash(ctx, new).await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    // while it was hashed the account may have got another password, or none: the sign-in service has taken it over
    let fresh = store::by_id(&mut tx, who.account).await?.ok_or(Failure::Denied)?;
    if fresh.password_hash != account.password_hash {
        return Err(Failure::Denied);
    }
    store::set_password(&mut tx, who.account, &hash).await?;
    store::delete_other_sessions(&mut tx, who.account, Some(who.session)).await?;
    Ok(tx
        .commit(
            ctx,
            Event::new(who.actor(), "accounts.change-password").on(who.account),
        )
        .await?)
}

/// The own password again, before something that cannot be undone; throttled like signing in.
async fn check_own_password(
    ctx: &Ctx,
    account: &store::AccountRow,
    password: &str,
    field: &str,
) -> Result<(), Failure<Problems>> {
    let counter = Counter::new(ctx, "own-password", &account.id.to_string());
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, window()).await? >= rules::FAILED_SIGN_INS_PER_ACCOUNT {
        return Err(Failure::Refused(Problems::one(field, "problem-too-many")));
    }
    throttle::add(&mut tx, &counter, now).await?;
    tx.commit_unaudited("a try is counted").await?;
    if password::verify(ctx, password, Some(account.password_hash.clone())).await? {
        let mut tx = ctx.db.begin().await?;
        throttle::refund(&mut tx, &counter, now).await?;
        tx.commit_unaudited("a right password is not counted").await?;
        return Ok(());
    }
    Err(Failure::Refused(Problems::one(field, "problem-password-wrong")))
}

/// Deletes the own account: sign-in data, sessions, consents, name, address and evidence. The letter stays used; a
/// new account needs a new letter.
pub async fn delete(ctx: &Ctx, who: &SignedIn, password: &str) -> Result<(), Failure<Problems>> {
    if who.role.is_some() {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let account = store::by_id(&mut tx, who.account).await?.ok_or(Failure::Denied)?;
    drop(tx);
    check_own_password(ctx, &account, password, "password").await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    store::delete_account(&mut tx, who.account, account.party_id).await?;
    Ok(tx
        .commit(ctx, Event::new(who.actor(), "accounts.delete").on(who.account))
        .await?)
}

/// Stores which text somebody agreed to, and when.
pub(crate) async fn give_consent(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    version: u32,
    text: &str,
) -> db::Result<()> {
    let hash = keys::hex(&keys::sha256(text.as_bytes()));
    store::insert_consent(
        tx,
        ctx.new_id(),
        account,
        i64::from(version),
        &hash,
        ctx.clock.now(),
    )
    .await
}

/// The account that a redeemed letter makes or confirms.
pub(crate) struct Redeemed<'a> {
    pub(crate) resident: Uuid,
    pub(crate) letter: Uuid,
    pub(crate) letter_number: &'a str,
    pub(crate) name: &'a str,
    pub(crate) address: &'a [String],
    pub(crate) password_hash: Option<&'a str>,
    /// The signed-in account that becomes verified.
    pub(crate) account: Option<Uuid>,
    pub(crate) language: &'a str,
}

/// Makes the account of a redeemed letter, or confirms an existing one: never a second account for a person.
/// `None` if the signed-in account and the letter belong to different people.
pub(crate) async fn redeem(ctx: &Ctx, tx: &mut Tx, r: &Redeemed<'_>) -> db::Result<Option<Uuid>> {
    let now = ctx.clock.now();
    let of_resident = party_store::party_of_resident(tx, r.resident).await?;
    let (account, party) = match (of_resident, r.account) {
        // the person has an account: the letter opens it again with a new password
        (Some((party, Some(account))), signed_in) => {
            if signed_in.is_some_and(|s| s != account) {
                return Ok(None);
            }
            if let Some(hash) = r.password_hash {
                // whoever had the account before is out: the letter is the proof, nothing else stays
                store::set_password(tx, account, hash).await?;
                store::drop_email(tx, account).await?;
                expel(tx, account).await?;
                security_store::forget_freeze_number(tx, account).await?;
            }
            store::set_sign_in_key(tx, account, r.letter_number).await?;
            (account, party)
        }
        // an account made by open registration becomes verified
        (None, Some(account)) => {
            let Some(row) = store::by_id(tx, account).await? else {
                return Ok(None);
            };
            let Some(party) = row.party_id else {
                return Ok(None);
            };
            if !party_store::bind_party(tx, party, r.resident).await? {
                return Ok(None);
            }
            store::set_sign_in_key(tx, account, r.letter_number).await?;
            (account, party)
        }
        (Some((_, None)), Some(_)) => return Ok(None),
        (existing, None) => {
            let party = match existing {
                Some((party, _)) => party,
                None => {
                    let party = ctx.new_id();
                    party_store::insert_party(tx, party, Some(r.resident), r.name, r.address, now).await?;
                    party
                }
            };
            let account = ctx.new_id();
            let new = store::NewAccount {
                id: account,
                party: Some(party),
                role: None,
                display_name: r.name,
                sign_in_key: Some(r.letter_number),
                password_hash: r.password_hash.unwrap_or_default(),
                state: "active",
                language: r.language,
            };
            store::insert_account(tx, &new, now).await?;
            (account, party)
        }
    };
    party_store::confirm_party(tx, party, account, r.name, r.address, now).await?;
    party_store::insert_letter_evidence(tx, ctx.new_id(), party, r.letter, now).await?;
    Ok(Some(account))
}

/// An account of somebody who speaks for an organisation; signs in with the number of its letter.
pub(crate) async fn open_by_letter(
    ctx: &Ctx,
    tx: &mut Tx,
    name: &str,
    letter_number: &str,
    password_hash: &str,
    language: &str,
) -> db::Result<Uuid> {
    let now = ctx.clock.now();
    let (account, party) = (ctx.new_id(), ctx.new_id());
    party_store::insert_party(tx, party, None, name, &[], now).await?;
    let new = store::NewAccount {
        id: account,
        party: Some(party),
        role: None,
        display_name: name,
        sign_in_key: Some(letter_number),
        password_hash,
        state: "active",
        language,
    };
    store::insert_account(tx, &new, now).await?;
    Ok(account)
}

/// Registrations with a letter per day since `since`: (day, count).
pub async fn registrations_by_day(
    ctx: &Ctx,
    actor: Actor,
    since: DateTime<Utc>,
) -> Result<Vec<(chrono::NaiveDate, i64)>, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let mut days: Vec<(chrono::NaiveDate, i64)> = Vec::new();
    for at in crate::letters::redeemed_since(&mut tx, actor, since).await? {
        let day = domain::time::local(at).date();
        match days.last_mut() {
            Some((last, count)) if *last == day => *count += 1,
            _ => days.push((day, 1)),
        }
    }
    Ok(days)
}

/// Removes what time has ended.
pub(crate) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    store::sweep(tx, now, now - Duration::days(2)).await?;
    security_store::sweep(tx, now).await
}

/// The town's name, for apps and mails.
async fn town_name(ctx: &Ctx) -> Result<String, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(municipality::current_in(&mut tx).await?.settings.name)
}

/// What a letter proved is not believed any more, and whoever made the account with it is locked out: sessions end, password
/// and e-mail address are gone. A new letter to the person opens the account again.
pub(crate) async fn lock_by_letter(
    ctx: &Ctx,
    tx: &mut Tx,
    letter: Uuid,
    at: DateTime<Utc>,
) -> db::Result<()> {
    // who redeemed a letter to an organisation has an account of their own, which is not in question
    if let Some(organisation) = crate::letters::addressed_organisation(tx, letter).await? {
        return crate::organisations::suspend_in(ctx, tx, organisation).await;
    }
    party_store::revoke_letter_evidence(tx, letter, at).await?;
    if let Some(account) = store::account_of_letter(tx, letter).await? {
        store::set_password(tx, account, "").await?;
        store::drop_email(tx, account).await?;
        expel(tx, account).await?;
    }
    Ok(())
}

/// Ends every way into an account but the password: sessions, passkeys, apps, links in mails.
pub(crate) async fn expel(tx: &mut Tx, account: Uuid) -> db::Result<()> {
    security_store::clear_factors(tx, account).await?;
    store::delete_links(tx, account).await?;
    store::delete_other_sessions(tx, account, None).await
}

/// E-mail addresses and languages of the administrators, inside another feature's transaction.
pub(crate) async fn administrators(tx: &mut Tx) -> db::Result<Vec<(String, String)>> {
    store::administrators(tx).await
}

/// Does this resident have an account?
pub(crate) async fn has_account(tx: &mut Tx, resident: Uuid) -> db::Result<bool> {
    Ok(party_store::party_of_resident(tx, resident)
        .await?
        .is_some_and(|(_, account)| account.is_some()))
}

/// An account for the case of somebody who has none: nobody can sign in to it. Gives account and party.
pub(crate) async fn visitor_account(
    ctx: &Ctx,
    tx: &mut Tx,
    name: &str,
    language: &str,
) -> db::Result<(Uuid, Uuid)> {
    let (now, account, party) = (ctx.clock.now(), ctx.new_id(), ctx.new_id());
    party_store::insert_party(tx, party, None, name, &[], now).await?;
    let new = store::NewAccount {
        id: account,
        party: Some(party),
        role: None,
        display_name: name,
        sign_in_key: None,
        password_hash: "",
        state: "visitor",
        language,
    };
    store::insert_account(tx, &new, now).await?;
    Ok((account, party))
}

/// The language of such an account; `None` for accounts of people who can sign in.
pub(crate) async fn visitor_language(tx: &mut Tx, account: Uuid) -> db::Result<Option<String>> {
    store::visitor_language(tx, account).await
}
