//! Links that mails carry: an invitation for staff, a new password, signing in by e-mail. A GET never uses a link (mail
//! scanners open links); the button on its page does. Signing in can also be done with the six digits of the same mail.

use super::{
    SignInRefusal, SignedIn, Visitor, check_state, open_staged_session, password,
    second::{Stage, first_stage},
    security_store as security, service_store, session_in, store,
    team::NewStaff,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys, mail, municipality,
    throttle::{self, Counter},
};
use chrono::Duration;
use domain::{
    access::{Actor, Permission},
    accounts as rules,
    problem::Problems,
    urls,
};
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new member of staff chooses a password.
    Invite,
    /// Somebody forgot the password.
    Password,
    /// Signing in without a password.
    SignIn,
}

impl Purpose {
    fn key(self) -> &'static str {
        match self {
            Purpose::Invite => "invite",
            Purpose::Password => "password",
            Purpose::SignIn => "sign-in",
        }
    }

    fn life(self) -> Duration {
        match self {
            Purpose::Invite => Duration::days(7),
            Purpose::Password => Duration::hours(1),
            // OWASP ASVS 5.0, 6.5.5: ten minutes at most
            Purpose::SignIn => Duration::minutes(10),
        }
    }
}

/// Wrong codes after which a mail is worth nothing (a million codes, five tries).
const TRIES: i64 = 5;
/// Wrong codes for one account in a day, whatever the mail: with ten a day a guess takes centuries.
const CODES_PER_DAY: i64 = 10;
/// Mails that one mailbox or one network address can cause within an hour.
const MAILS_PER_HOUR: i64 = 5;

fn code_mac(ctx: &Ctx, public_id: Uuid, code: &str) -> [u8; 32] {
    ctx.master
        .mac("sign-in code", format!("{public_id} {code}").as_bytes())
}

/// Makes a link and its mail; older links of the same purpose end. With a code for signing in.
async fn send(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    email: &str,
    language: &str,
    purpose: Purpose,
    public_id: Uuid,
) -> Result<(), Failure> {
    let token = keys::hex(&keys::random_bytes::<24>());
    let code = format!("{:06}", u32::from_le_bytes(keys::random_bytes()) % 1_000_000);
    let mac = code_mac(ctx, public_id, &code);
    let mac = (purpose == Purpose::SignIn).then_some(&mac[..]);
    security::delete_links(tx, account, purpose.key()).await?;
    let expires = ctx.clock.now() + purpose.life();
    let hash = keys::sha256(token.as_bytes());
    security::insert_link(tx, &hash, public_id, purpose.key(), account, mac, expires).await?;
    let town = municipality::current_in(tx).await?.settings.name;
    let path = match purpose {
        Purpose::Invite => urls::INVITATION,
        Purpose::Password => urls::NEW_PASSWORD,
        Purpose::SignIn => urls::SIGN_IN_LINK,
    };
    let link = format!("{}{path}?t={token}", ctx.base_url);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let freeze = match purpose {
        Purpose::Invite => String::new(),
        _ => super::freeze::number_of(ctx, tx, account).await?,
    };
    let args = [
        ("kommune", town.as_str()),
        ("link", link.as_str()),
        ("code", spaced.as_str()),
        ("nummer", freeze.as_str()),
        ("adresse", &format!("{}{}", ctx.base_url, urls::NOT_ME)),
    ];
    let lang = locales::Lang::parse(language);
    let key = purpose.key();
    let subject = lang.with(&format!("mail-{key}-subject"), &args);
    let body = lang.with(&format!("mail-{key}-body"), &args);
    Ok(mail::put(ctx, tx, email, &subject, &body).await?)
}

/// Counts a mail; false if there were too many.
async fn may_send(ctx: &Ctx, tx: &mut Tx, visitor: &Visitor, to: &str, purpose: Purpose) -> db::Result<bool> {
    let now = ctx.clock.now();
    let (by_box, by_address) = (
        Counter::new(ctx, &format!("mail-to-{}", purpose.key()), to),
        Counter::new(ctx, "link-by", &visitor.address),
    );
    throttle::lock(tx, &by_address).await?;
    let hour = Duration::hours(1);
    if throttle::count(tx, &by_box, now, hour).await? >= MAILS_PER_HOUR
        || throttle::count(tx, &by_address, now, hour).await? >= 4 * MAILS_PER_HOUR
    {
        return Ok(false);
    }
    throttle::add(tx, &by_box, now).await?;
    throttle::add(tx, &by_address, now).await?;
    Ok(true)
}

/// Somebody forgot the password, or wants to sign in by mail. The answer is the same for everybody; for signing in it names
/// the mail whose code counts, whether or not one was sent.
pub async fn request_link(
    ctx: &Ctx,
    visitor: &Visitor,
    typed: &str,
    purpose: Purpose,
) -> Result<Uuid, Failure<Problems>> {
    if typed.trim().is_empty() {
        return Err(Failure::Refused(Problems::one("name", "problem-required")));
    }
    let public_id = Uuid::from_bytes(keys::random_bytes());
    let key = super::sign_in_key(typed);
    let mut tx = ctx.db.begin().await?;
    let account = store::by_sign_in(&mut tx, &key).await?;
    let fits = account.filter(|a| {
        let alive = a.state == "active";
        // staff sign in with password and second factor
        let able = purpose == Purpose::Password || a.role.is_none();
        alive && able && a.email_confirmed
    });
    // whoever comes through the town's sign-in service has no password here
    let fits = match fits {
        Some(account) if service_store::is_bound(&mut tx, account.id).await? => None,
        other => other,
    };
    if may_send(ctx, &mut tx, visitor, &key, purpose).await?
        && let Some(account) = fits
        && let Some(email) = &account.email
    {
        send(
            ctx,
            &mut tx,
            account.id,
            email,
            &visitor.language,
            purpose,
            public_id,
        )
        .await
        .map_err(Failure::widen)?;
    }
    tx.commit_unaudited("a link was asked for; the answer must not tell for whom")
        .await?;
    Ok(public_id)
}

/// Is this link good? Looking does not use it.
pub async fn link_is_good(ctx: &Ctx, token: &str, purpose: Purpose) -> Result<bool, Failure> {
    let mut tx = ctx.db.read().await?;
    let hash = keys::sha256(token.as_bytes());
    Ok(security::link(&mut tx, &hash, purpose.key(), ctx.clock.now())
        .await?
        .is_some())
}

/// Why a link does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// Unknown, used or old.
    Gone,
    /// The new password is not good enough.
    Problems(Problems),
}

/// Sets a password with the link of an invitation or of a forgotten password. All sessions end; signing in is the next step.
pub async fn use_password_link(
    ctx: &Ctx,
    token: &str,
    purpose: Purpose,
    new: &str,
) -> Result<(), Failure<LinkRefusal>> {
    let gone = || Failure::Refused(LinkRefusal::Gone);
    let now = ctx.clock.now();
    let hash = keys::sha256(token.as_bytes());
    let mut tx = ctx.db.read().await?;
    let link = security::link(&mut tx, &hash, purpose.key(), now)
        .await?
        .ok_or_else(gone)?;
    let row = store::by_id(&mut tx, link.account_id).await?.ok_or_else(gone)?;
    let town = municipality::current_in(&mut tx).await.map_err(Failure::widen)?;
    drop(tx);
    let email = row.email.as_deref().unwrap_or("");
    let known = [row.display_name.as_str(), email, &town.settings.name];
    let problems = super::check_password("password", new, &known);
    if !problems.is_empty() {
        return Err(Failure::Refused(LinkRefusal::Problems(problems)));
    }
    let hashed = password::hash(ctx, new).await.map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    // the link may have been used, or the account frozen, while the password was hashed
    security::link(&mut tx, &hash, purpose.key(), now)
        .await?
        .ok_or_else(gone)?;
    let fresh = store::by_id(&mut tx, link.account_id).await?.ok_or_else(gone)?;
    if !matches!(fresh.state.as_str(), "active" | "invited") {
        return Err(gone());
    }
    if fresh.role.is_none() {
        // whoever needs a new password may have lost the device too; staff keep their second factor
        security::clear_factors(&mut tx, link.account_id).await?;
    }
    security::delete_links(&mut tx, link.account_id, purpose.key()).await?;
    store::set_password(&mut tx, link.account_id, &hashed).await?;
    store::change_state(&mut tx, link.account_id, "invited", "active").await?;
    store::delete_other_sessions(&mut tx, link.account_id, None).await?;
    let action = match purpose {
        Purpose::Invite => "accounts.accept-invitation",
        _ => "accounts.reset-password",
    };
    Ok(tx
        .commit(ctx, Event::new(Actor::Visitor, action).on(link.account_id))
        .await?)
}

/// Signs in with the link of a mail.
pub async fn sign_in_with_link(
    ctx: &Ctx,
    visitor: &Visitor,
    token: &str,
) -> Result<(String, SignedIn), Failure<SignInRefusal>> {
    let hash = keys::sha256(token.as_bytes());
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let link = security::link(&mut tx, &hash, Purpose::SignIn.key(), ctx.clock.now())
        .await?
        .ok_or(Failure::Refused(SignInRefusal::Wrong))?;
    by_mail(ctx, tx, visitor, link.public_id).await
}

/// Signs in with the six digits of a mail.
pub async fn sign_in_with_code(
    ctx: &Ctx,
    visitor: &Visitor,
    public_id: Uuid,
    typed: &str,
) -> Result<(String, SignedIn), Failure<SignInRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let now = ctx.clock.now();
    let code: String = typed.chars().filter(char::is_ascii_digit).collect();
    let counter = Counter::new(ctx, "sign-in-code", &visitor.address);
    let mut tx = ctx.db.begin().await?;
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, super::window()).await? >= rules::FAILED_SIGN_INS_PER_ADDRESS {
        return refuse(SignInRefusal::TooMany);
    }
    throttle::add(&mut tx, &counter, now).await?;
    let mut link = security::try_code(&mut tx, public_id, Purpose::SignIn.key(), now).await?;
    if let Some(found) = &link {
        let counter = all_mails(ctx, found.account_id);
        throttle::lock(&mut tx, &counter).await?;
        let day = Duration::hours(23);
        if throttle::count(&mut tx, &counter, now, day).await? >= CODES_PER_DAY {
            // the link of the mail still works
            link = None;
        } else {
            throttle::add(&mut tx, &counter, now).await?;
        }
    }
    tx.commit_unaudited("a try is counted").await?;
    let mac = code_mac(ctx, public_id, &code);
    let right = link.filter(|l| {
        let same = l
            .code_mac
            .as_deref()
            .is_some_and(|m| bool::from(subtle::ConstantTimeEq::ct_eq(m, &mac[..])));
        l.public_id == public_id && l.tries <= TRIES && same
    });
    let Some(link) = right else {
        return refuse(SignInRefusal::Wrong);
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    throttle::refund(&mut tx, &counter, now).await?;
    throttle::refund(&mut tx, &all_mails(ctx, link.account_id), now).await?;
    by_mail(ctx, tx, visitor, public_id).await
}

/// Codes typed for one account, over all its mails.
fn all_mails(ctx: &Ctx, account: Uuid) -> Counter {
    Counter::new(ctx, "sign-in-codes-of", &account.to_string())
}

/// The mail proved the address: a session for a resident.
async fn by_mail(
    ctx: &Ctx,
    mut tx: Tx,
    visitor: &Visitor,
    link: Uuid,
) -> Result<(String, SignedIn), Failure<SignInRefusal>> {
    let wrong = || Failure::Refused(SignInRefusal::Wrong);
    // judged before, but perhaps used or ended in between: a mail opens one session
    let account = security::take_link(&mut tx, link, ctx.clock.now())
        .await?
        .ok_or_else(wrong)?;
    security::delete_links(&mut tx, account, Purpose::SignIn.key()).await?;
    let row = store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.role.is_none() && a.state != "deactivated")
        .ok_or_else(wrong)?;
    check_state(&row.state)?;
    let stage = first_stage(&mut tx, account, false).await?;
    debug_assert_eq!(stage, Stage::Full);
    let token = open_staged_session(ctx, &mut tx, account, false, visitor, Stage::Full).await?;
    store::signed_in(&mut tx, account, ctx.clock.now()).await?;
    let who = session_in(ctx, &mut tx, &token).await?.ok_or(Failure::Denied)?;
    let event = Event::new(who.actor(), "accounts.sign-in")
        .on(account)
        .with("how", "mail");
    tx.commit(ctx, event).await?;
    Ok((token, who))
}

/// Invites a member of staff: an account that waits for its password, and a mail with the link.
pub async fn invite_staff(
    ctx: &Ctx,
    actor: Actor,
    name: &str,
    email: &str,
    role: &str,
    language: &str,
) -> Result<Uuid, Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let new = NewStaff::check(&mut tx, name, email, role, Problems::default()).await?;
    let id = new.insert(ctx, &mut tx, "", "invited", language).await?;
    send_invitation(ctx, &mut tx, id, new.email.as_str(), language)
        .await
        .map_err(Failure::widen)?;
    let event = Event::new(actor, "accounts.invite-staff").on(id);
    tx.commit(ctx, event.with("role", &new.role)).await?;
    Ok(id)
}

/// The mail with which somebody chooses a password.
pub(super) async fn send_invitation(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    email: &str,
    language: &str,
) -> Result<(), Failure> {
    let public = Uuid::from_bytes(keys::random_bytes());
    send(ctx, tx, account, email, language, Purpose::Invite, public).await
}

/// Sends the invitation once more; the former link ends.
pub async fn invite_again(ctx: &Ctx, actor: Actor, account: Uuid, language: &str) -> Result<(), Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.role.is_some() && a.state == "invited")
        .ok_or(Failure::Denied)?;
    let email = row.email.ok_or(Failure::Denied)?;
    send_invitation(ctx, &mut tx, account, &email, language).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "accounts.invite-again").on(account))
        .await?)
}
