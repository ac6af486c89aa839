//! Signing in through the town's own sign-in service (single sign-on for staff). Who comes this way comes no other way: the
//! account has no password here, and its role is what the service says at each sign-in.

use super::{
    SignedIn, StaffRefusal, Visitor, link, open_session,
    provider::{self, Person, Provider},
    role_store,
    service_store::{self as services, ServiceRow},
    session_in, store, window,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::Tx,
    outgoing,
    throttle::{self, Counter},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission, Role},
    accounts::{self as rules, EmailAddress},
    problem::Problems,
    urls,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The service as an administrator sets it up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInService {
    /// Is it offered?
    pub active: bool,
    /// What the button says: "Dienstkonto der Stadt".
    pub label: String,
    /// `https://login.stadt.example/realms/stadt`.
    pub issuer: String,
    /// Name of the portal at the service.
    pub client_id: String,
    /// The claim that names roles; dots look inside (`realm_access.roles`).
    pub claim: String,
    /// Roles and the values that mean them; the first role that fits counts.
    pub rules: Vec<(String, Vec<String>)>,
    /// Are its e-mail addresses right even where it does not say that it checked them?
    pub trust_email: bool,
}

/// Most characters of a line that is typed.
const LINE_MAX: usize = 300;

fn sealed_for() -> &'static [u8] {
    b"sign-in service"
}

/// The address to which the service sends people back.
pub fn service_return(ctx: &Ctx) -> String {
    format!("{}{}", ctx.base_url, urls::SERVICE_RETURN)
}

/// The service as it is set up.
pub async fn sign_in_service(ctx: &Ctx, actor: Actor) -> Result<Option<SignInService>, Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(services::service(&mut tx).await?.map(|row| SignInService {
        rules: row.rules(),
        active: row.active,
        label: row.label,
        issuer: row.issuer,
        client_id: row.client_id,
        claim: row.claim,
        trust_email: row.trust_email,
    }))
}

/// What the button on the sign-in page says; `None`: there is none.
pub async fn service_label(ctx: &Ctx) -> Result<Option<String>, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(services::service(&mut tx)
        .await?
        .filter(|s| s.active)
        .map(|s| s.label))
}

/// Does this account sign in through the service?
pub async fn signs_in_by_service(ctx: &Ctx, account: Uuid) -> Result<bool, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(services::is_bound(&mut tx, account).await?)
}

fn check(ctx: &Ctx, new: &SignInService) -> Problems {
    let mut problems = Problems::default();
    for (field, value) in [
        ("label", &new.label),
        ("issuer", &new.issuer),
        ("client_id", &new.client_id),
        ("claim", &new.claim),
    ] {
        if value.is_empty() {
            problems.add(field, "problem-required");
        } else if value.chars().count() > LINE_MAX {
            problems.add_with(field, "problem-too-long", &[("most", &LINE_MAX.to_string())]);
        }
    }
    let local = !ctx.is_secure();
    if !new.issuer.is_empty() && !outgoing::is_safe(&new.issuer, local) {
        problems.add("issuer", "problem-service-https");
    } else if !new.issuer.is_empty() && !ctx.outgoing.may_ask(&new.issuer, local) {
        problems.add("issuer", "problem-service-host");
    }
    let values: Vec<&String> = new.rules.iter().flat_map(|(_, values)| values).collect();
    if values.is_empty() {
        problems.add("werte-administrator", "problem-service-no-role");
    }
    for (i, value) in values.iter().enumerate() {
        if values[..i].contains(value) {
            problems.add_with("werte-administrator", "problem-service-twice", &[("wert", value)]);
        }
    }
    problems
}

/// The rules that have values.
fn filled(new: &SignInService) -> Vec<(String, Vec<String>)> {
    new.rules
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .cloned()
        .collect()
}

/// Sets the service up. It is asked for its description before anything is stored: what is saved has answered. An empty
/// `secret` keeps the former one, but not for another service.
pub async fn save_sign_in_service(
    ctx: &Ctx,
    actor: Actor,
    new: &SignInService,
    secret: &str,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let was = services::service(&mut tx).await?;
    drop(tx);
    let mut problems = check(ctx, new);
    let same = was
        .as_ref()
        .is_some_and(|w| w.issuer == new.issuer && w.client_id == new.client_id);
    if secret.is_empty() && !same {
        problems.add("secret", "problem-required");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let provider = provider::discover(ctx, &new.issuer).await.map_err(|error| {
        tracing::warn!(%error, "the sign-in service");
        Failure::Refused(Problems::one("issuer", "problem-service-silent"))
    })?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let rules_before = was.as_ref().map(ServiceRow::rules).unwrap_or_default();
    let differs = was.as_ref().is_none_or(|w| w.claim != new.claim)
        || rules_before != filled(new)
        || !secret.is_empty();
    // a slip in any of these could keep everybody out who comes through the service
    let risky = !new.active || !same || differs;
    if risky && services::other_administrators(&mut tx).await? == 0 {
        return Err(Failure::Refused(Problems::one("active", "problem-service-last")));
    }
    let known: Vec<String> = role_store::all(&mut tx)
        .await?
        .into_iter()
        .map(|r| r.role.key)
        .collect();
    let rules: Vec<_> = filled(new)
        .into_iter()
        .filter(|(role, _)| known.contains(role))
        .collect();
    let secret = match (secret, was) {
        ("", Some(was)) => was.secret,
        _ => ctx.master.seal(secret.as_bytes(), sealed_for())?,
    };
    let row = ServiceRow {
        active: new.active,
        label: new.label.clone(),
        issuer: new.issuer.clone(),
        client_id: new.client_id.clone(),
        secret,
        claim: new.claim.clone(),
        roles: serde_json::to_string(&rules)?,
        trust_email: new.trust_email,
        provider,
    };
    services::save_service(&mut tx, &row).await?;
    let event = Event::new(actor, "accounts.set-up-service").with("active", new.active);
    Ok(tx.commit(ctx, event).await?)
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceRefusal {
    /// No service is set up.
    NotSetUp,
    /// The way back does not belong to a sign-in of this browser, or took too long.
    Stale,
    /// The person or the service ended it.
    Cancelled,
    /// The service did not answer, or what it said is not valid.
    Service,
    /// The service gives this person no role here.
    NoRole,
    /// The e-mail address belongs to another account, and the service does not say that it checked it.
    Taken,
    /// The account is switched off here.
    Deactivated,
    /// Too many tries that failed.
    TooMany,
}

/// What the browser keeps until it comes back, sealed.
#[derive(Serialize, Deserialize)]
struct Carried {
    state: String,
    nonce: String,
    verifier: String,
    back: String,
    expires: DateTime<Utc>,
}

fn provider_of<'a>(ctx: &'a Ctx, row: &'a ServiceRow, secret: &'a str, redirect: &'a str) -> Provider<'a> {
    Provider {
        ctx,
        described: &row.provider,
        client_id: &row.client_id,
        secret,
        redirect,
    }
}

async fn active(tx: &mut Tx) -> Result<ServiceRow, Failure<ServiceRefusal>> {
    services::service(tx)
        .await?
        .filter(|s| s.active)
        .ok_or(Failure::Refused(ServiceRefusal::NotSetUp))
}

fn trouble(error: provider::ProviderError) -> Failure<ServiceRefusal> {
    tracing::warn!(%error, "the sign-in service");
    Failure::Refused(ServiceRefusal::Service)
}

/// Begins: the address of the service, and what the browser must bring back. Nothing is stored, nobody is asked.
pub async fn begin_service(ctx: &Ctx, back: &str) -> Result<(String, String), Failure<ServiceRefusal>> {
    let mut tx = ctx.db.read().await?;
    let row = active(&mut tx).await?;
    let redirect = service_return(ctx);
    let asked = provider_of(ctx, &row, "", &redirect)
        .question()
        .map_err(trouble)?;
    let carried = Carried {
        state: asked.state,
        nonce: asked.nonce,
        verifier: asked.verifier,
        back: back.chars().take(200).collect(),
        expires: ctx.clock.now() + Duration::minutes(10),
    };
    let sealed = ctx
        .master
        .seal(&serde_json::to_vec(&carried)?, b"service sign-in")?;
    Ok((asked.url, URL_SAFE_NO_PAD.encode(sealed)))
}

/// What the service sent back in the address.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAnswer<'a> {
    /// `state`.
    pub state: &'a str,
    /// `code`; empty if it says no.
    pub code: &'a str,
    /// `iss` (RFC 9207); empty if it does not say.
    pub issuer: &'a str,
}

/// Ends: who the service says it is becomes a session. Gives token, person and where to go.
pub async fn finish_service(
    ctx: &Ctx,
    visitor: &Visitor,
    carried: &str,
    answer: ServiceAnswer<'_>,
) -> Result<(String, SignedIn, String), Failure<ServiceRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let now = ctx.clock.now();
    let opened = URL_SAFE_NO_PAD
        .decode(carried)
        .ok()
        .and_then(|sealed| ctx.master.open(&sealed, b"service sign-in").ok())
        .and_then(|plain| serde_json::from_slice::<Carried>(&plain).ok())
        .filter(|c| c.expires > now)
        .filter(|c| subtle::ConstantTimeEq::ct_eq(c.state.as_bytes(), answer.state.as_bytes()).into());
    let Some(carried) = opened else {
        return refuse(ServiceRefusal::Stale);
    };
    if answer.code.is_empty() {
        return refuse(ServiceRefusal::Cancelled);
    }
    let counter = Counter::new(ctx, "service-address", &visitor.address);
    let mut tx = ctx.db.begin().await?;
    let row = active(&mut tx).await?;
    if !answer.issuer.is_empty() && answer.issuer != row.issuer {
        return refuse(ServiceRefusal::Service);
    }
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, window()).await? >= rules::FAILED_SIGN_INS_PER_ADDRESS {
        return refuse(ServiceRefusal::TooMany);
    }
    throttle::add(&mut tx, &counter, now).await?;
    tx.commit_unaudited("a sign-in is counted").await?;
    let secret = ctx.master.open(&row.secret, sealed_for())?;
    let secret = zeroize::Zeroizing::new(String::from_utf8_lossy(&secret).into_owned());
    let redirect = service_return(ctx);
    let person = provider_of(ctx, &row, &secret, &redirect)
        .answer(answer.code, &carried.nonce, &carried.verifier, &row.claim)
        .await
        .map_err(trouble)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    throttle::refund(&mut tx, &counter, now).await?;
    let account = match settle(ctx, &mut tx, &row, &person, &visitor.language).await {
        Ok(account) => account,
        Err(Failure::Refused(refusal)) => {
            drop(tx);
            // the refused person is not named: the service keeps its own log
            let event = Event::new(Actor::Visitor, "accounts.service-refused");
            let why = match refusal {
                ServiceRefusal::NoRole => "no-role",
                ServiceRefusal::Taken => "taken",
                _ => "deactivated",
            };
            let mut tx = ctx.db.begin().await?;
            audit::lock(&mut tx).await?;
            // whoever has lost the role is out everywhere
            if refusal == ServiceRefusal::NoRole
                && let Some(account) = services::account_of(&mut tx, &row.issuer, &person.subject).await?
            {
                store::delete_other_sessions(&mut tx, account, None).await?;
            }
            tx.commit(ctx, event.with("why", why)).await?;
            return refuse(refusal);
        }
        Err(other) => return Err(other),
    };
    let token = open_session(ctx, &mut tx, account, true, visitor).await?;
    store::signed_in(&mut tx, account, now).await?;
    let who = session_in(ctx, &mut tx, &token).await?.ok_or(Failure::Denied)?;
    let event = Event::new(who.actor(), "accounts.sign-in")
        .on(account)
        .with("how", "service");
    tx.commit(ctx, event).await?;
    Ok((token, who, carried.back))
}

/// The account of this person, made or changed to what the service says now.
async fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &ServiceRow,
    person: &Person,
    language: &str,
) -> Result<Uuid, Failure<ServiceRefusal>> {
    let role = row
        .rules()
        .into_iter()
        .find(|(_, values)| values.iter().any(|v| person.values.contains(v)))
        .map(|(role, _)| role);
    // an address that nobody has checked says nothing: it neither finds an account nor becomes one's own
    let checked = person.email_verified || row.trust_email;
    let email = person
        .email
        .as_deref()
        .filter(|_| checked)
        .and_then(EmailAddress::parse);
    let name: String = domain::cases::clean_line(&person.name)
        .chars()
        .take(120)
        .collect();
    match services::account_of(tx, &row.issuer, &person.subject).await? {
        Some(account) => known(ctx, tx, account, role, &name).await,
        None => first(ctx, tx, row, person, role, email.as_ref(), &name, language).await,
    }
}

/// Somebody who has come through the service before.
async fn known(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    role: Option<String>,
    name: &str,
) -> Result<Uuid, Failure<ServiceRefusal>> {
    let known = store::by_id(tx, account).await?.ok_or(Failure::Denied)?;
    if known.state != "active" {
        return Err(Failure::Refused(ServiceRefusal::Deactivated));
    }
    if !name.is_empty() && name != known.display_name {
        services::set_name(tx, account, name).await?;
    }
    let was = known.role.unwrap_or_default();
    // whoever is the last one stays: a wrong group at the service must not leave the portal without administrators
    let last = was == Role::Administrator.key() && store::active_administrators(tx).await? <= 1;
    match role {
        _ if last => {}
        None => return Err(Failure::Refused(ServiceRefusal::NoRole)),
        Some(role) if role == was => {}
        Some(role) => {
            store::set_role(tx, account, &role).await?;
            store::delete_other_sessions(tx, account, None).await?;
            let event = Event::new(Actor::System, "accounts.change-role").on(account);
            audit::append(tx, ctx.clock.now(), &event.with("from", was).with("to", &role)).await?;
        }
    }
    Ok(account)
}

/// Somebody who comes through the service for the first time: a new account, or the one with the same checked address.
#[expect(clippy::too_many_arguments, reason = "what the service says of one person")]
async fn first(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &ServiceRow,
    person: &Person,
    role: Option<String>,
    email: Option<&EmailAddress>,
    name: &str,
    language: &str,
) -> Result<Uuid, Failure<ServiceRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let Some(role) = role else {
        return refuse(ServiceRefusal::NoRole);
    };
    let same = match email {
        Some(email) => store::account_with_email(tx, &email.key()).await?,
        None => None,
    };
    let Some(account) = same else {
        let account = new_account(ctx, tx, name, email, &role, language).await?;
        services::bind(tx, account, &row.issuer, &person.subject).await?;
        return Ok(account);
    };
    let present = store::by_id(tx, account).await?.ok_or(Failure::Denied)?;
    let Some(was) = present.role.clone() else {
        return refuse(ServiceRefusal::Taken);
    };
    // nobody becomes an administrator by an address, nor takes one's place
    let administrator = Role::Administrator.key();
    let ranks = was == administrator && role != administrator;
    if ranks || services::is_bound_to(tx, account, &row.issuer).await? {
        return refuse(ServiceRefusal::Taken);
    }
    if !["active", "invited"].contains(&present.state.as_str()) {
        return refuse(ServiceRefusal::Deactivated);
    }
    // bound to a former service: it has no say any more
    services::unbind(tx, account).await?;
    services::bind(tx, account, &row.issuer, &person.subject).await?;
    // from now on there is one way into this account
    store::set_password(tx, account, "").await?;
    super::expel(tx, account).await?;
    store::change_state(tx, account, "invited", "active").await?;
    known(ctx, tx, account, Some(role), name).await
}

async fn new_account(
    ctx: &Ctx,
    tx: &mut Tx,
    name: &str,
    email: Option<&EmailAddress>,
    role: &str,
    language: &str,
) -> Result<Uuid, Failure<ServiceRefusal>> {
    let id = ctx.new_id();
    let name = if name.is_empty() {
        email.map_or("?", EmailAddress::as_str)
    } else {
        name
    };
    let new = store::NewAccount {
        id,
        party: None,
        role: Some(role),
        display_name: name,
        sign_in_key: None,
        password_hash: "",
        state: "active",
        language,
    };
    store::insert_account(tx, &new, ctx.clock.now()).await?;
    if let Some(email) = email {
        store::confirm_email(tx, id, email.as_str(), &email.key()).await?;
    }
    Ok(id)
}

/// Takes an account off the service and invites the person to choose a password: the way out when a service ends.
pub async fn leave_service(
    ctx: &Ctx,
    actor: Actor,
    account: Uuid,
    language: &str,
) -> Result<(), Failure<StaffRefusal>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !services::is_bound(&mut tx, account).await? {
        return Err(Failure::Denied);
    }
    let row = store::by_id(&mut tx, account).await?.ok_or(Failure::Denied)?;
    let administrator = row.role.as_deref() == Some(Role::Administrator.key()) && row.state == "active";
    if administrator && store::active_administrators(&mut tx).await? <= 1 {
        return Err(Failure::Refused(StaffRefusal::LastAdministrator));
    }
    services::unbind(&mut tx, account).await?;
    super::expel(&mut tx, account).await?;
    // without an address the account has no way in until an administrator gives it one; it can be switched off
    if let Some(email) = row.email.filter(|_| row.email_confirmed) {
        store::change_state(&mut tx, account, "active", "invited").await?;
        link::send_invitation(ctx, &mut tx, account, &email, language)
            .await
            .map_err(Failure::widen)?;
    }
    Ok(tx
        .commit(ctx, Event::new(actor, "accounts.leave-service").on(account))
        .await?)
}
