//! E-mail addresses: asked for, confirmed by a link, and open registration, which begins with one.

use super::{
    SignedIn, Visitor, check_own_password, give_consent, open_session, party_store, password,
    second::own_password, session_in, store,
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
    access::Actor,
    accounts::{EmailAddress, EvidenceKind},
    municipality::RegistrationMethod,
    problem::Problems,
    urls,
};
use uuid::Uuid;

/// Asks for an e-mail address of the own account; it counts once the link in the mail was used. The answer is the
/// same whether or not the address belongs to somebody.
pub async fn request_email(
    ctx: &Ctx,
    who: &SignedIn,
    password: &str,
    typed: &str,
    language: &str,
) -> Result<(), Failure<Problems>> {
    let Some(email) = EmailAddress::parse(typed) else {
        return Err(Failure::Refused(Problems::one("email", "problem-email")));
    };
    // the address is a way into the account: an unlocked screen is not enough to change it
    own_password(ctx, who.account, password, "email_password").await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    send_confirmation(ctx, &mut tx, who.account, &email, language).await?;
    Ok(tx
        .commit(
            ctx,
            Event::new(who.actor(), "accounts.request-email").on(who.account),
        )
        .await?)
}

/// Confirmation mails that one account, or one mailbox, can cause within an hour.
const MAILS_PER_HOUR: i64 = 5;

/// Puts the mail with the confirmation link into the outbox; if the address is somebody else's, that person is told.
pub(crate) async fn send_confirmation(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    email: &EmailAddress,
    language: &str,
) -> Result<(), Failure<Problems>> {
    // a mailbox and a mail server are not to be flooded from here; the answer is the same
    let now = ctx.clock.now();
    for counter in [
        Counter::new(ctx, "mail-to", &email.key()),
        Counter::new(ctx, "mail-by", &account.to_string()),
    ] {
        if throttle::count(tx, &counter, now, Duration::hours(1)).await? >= MAILS_PER_HOUR {
            return Ok(());
        }
        throttle::add(tx, &counter, now).await?;
    }
    let settings = municipality::current_in(tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let lang = locales::Lang::parse(language);
    if store::account_with_email(tx, &email.key())
        .await?
        .is_some_and(|other| other != account)
    {
        let link = format!("{}{}", ctx.base_url, urls::SIGN_IN);
        let args = [("kommune", settings.name.as_str()), ("link", link.as_str())];
        mail::put(
            ctx,
            tx,
            email.as_str(),
            &lang.with("mail-known-subject", &args),
            &lang.with("mail-known-body", &args),
        )
        .await?;
        return Ok(());
    }
    let token = keys::hex(&keys::random_bytes::<24>());
    let expires = ctx.clock.now() + Duration::hours(24);
    store::insert_token(
        tx,
        &keys::sha256(token.as_bytes()),
        account,
        email.as_str(),
        expires,
    )
    .await?;
    let link = format!("{}{}?t={token}", ctx.base_url, urls::CONFIRM_EMAIL);
    let args = [("kommune", settings.name.as_str()), ("link", link.as_str())];
    mail::put(
        ctx,
        tx,
        email.as_str(),
        &lang.with("mail-confirm-subject", &args),
        &lang.with("mail-confirm-body", &args),
    )
    .await?;
    Ok(())
}

/// Why an e-mail address is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmRefusal {
    /// The link is unknown, used or old, or the address was taken in between.
    Gone,
    /// The password of the account is needed, and this one is not right.
    Password(Problems),
}

/// Uses the link of a confirmation mail. Whoever is not signed in to that account proves its password: a mail that went
/// to a stranger by a typing error must not open an account, and nobody may confirm an account that somebody else made
/// with their address.
pub async fn confirm_email(
    ctx: &Ctx,
    visitor: &Visitor,
    signed_in: Option<&SignedIn>,
    token: &str,
    password: &str,
) -> Result<(Option<String>, SignedIn), Failure<ConfirmRefusal>> {
    let gone = || Failure::Refused(ConfirmRefusal::Gone);
    let now = ctx.clock.now();
    let hash = keys::sha256(token.as_bytes());
    let mut tx = ctx.db.read().await?;
    let account = store::token_account(&mut tx, &hash, now)
        .await?
        .ok_or_else(gone)?;
    let row = store::by_id(&mut tx, account).await?.ok_or(Failure::Denied)?;
    drop(tx);
    let same = signed_in.filter(|s| s.account == account);
    if same.is_none() && row.role.is_some() {
        // a link and a password would be a way around the second factor
        let problems = Problems::one("password", "confirm-sign-in-first");
        return Err(Failure::Refused(ConfirmRefusal::Password(problems)));
    }
    if same.is_none() {
        check_own_password(ctx, &row, password, "password")
            .await
            .map_err(|f| f.map(ConfirmRefusal::Password))?;
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let (account, email) = store::take_token(&mut tx, &hash, now).await?.ok_or_else(gone)?;
    let email =
        EmailAddress::parse(&email).ok_or_else(|| Failure::broken("a stored address does not parse"))?;
    match store::confirm_email(&mut tx, account, email.as_str(), &email.key()).await {
        Err(error) if db::is_duplicate(&error) => return Err(gone()),
        result => result?,
    }
    if let Some(party) = row.party_id {
        party_store::replace_evidence(&mut tx, ctx.new_id(), party, EvidenceKind::Email.key(), now).await?;
    }
    // the former address learns that it is the former one
    if let Some(before) = row.email.filter(|b| row.email_confirmed && *b != email.as_str()) {
        let town = municipality::current_in(&mut tx)
            .await
            .map_err(Failure::widen)?
            .settings
            .name;
        let number = super::freeze::number_of(ctx, &mut tx, account).await?;
        let place = format!("{}{}", ctx.base_url, urls::NOT_ME);
        let args = [
            ("kommune", town.as_str()),
            ("nummer", number.as_str()),
            ("adresse", place.as_str()),
        ];
        let lang = locales::Lang::parse(&visitor.language);
        let subject = lang.with("mail-changed-subject", &args);
        mail::put(
            ctx,
            &mut tx,
            &before,
            &subject,
            &lang.with("mail-changed-body", &args),
        )
        .await?;
    }
    let (session, who) = match same {
        Some(who) => (None, who.clone()),
        None => {
            let session = open_session(ctx, &mut tx, account, row.role.is_some(), visitor).await?;
            let who = session_in(ctx, &mut tx, &session).await?.ok_or(Failure::Denied)?;
            (Some(session), who)
        }
    };
    tx.commit(ctx, Event::new(who.actor(), "accounts.confirm-email").on(account))
        .await?;
    Ok((session, who))
}

/// What open registration asks for.
#[derive(Clone, Debug, Default)]
pub struct OpenRegistration {
    /// Name as the person wants to be called; not verified.
    pub name: String,
    /// E-mail address; must be confirmed.
    pub email: String,
    /// Password.
    pub password: String,
    /// Agreed to the terms?
    pub consent: bool,
}

/// Somebody who opens an account without a letter, checked.
pub(crate) struct Contact {
    pub(crate) name: String,
    email: EmailAddress,
    password_hash: String,
}

/// Checks who wants an account, adds to what is wrong already, and counts the try: each sends a mail, and nobody may use the
/// portal to flood a mailbox.
pub(crate) async fn check_contact(
    ctx: &Ctx,
    visitor: &Visitor,
    form: &OpenRegistration,
    mut problems: Problems,
) -> Result<Contact, Failure<Problems>> {
    let town = municipality::current(ctx)
        .await
        .map_err(Failure::widen)?
        .settings
        .name;
    let name = domain::cases::clean_line(&form.name);
    if name.is_empty() {
        problems.add("name", "problem-required");
    } else if name.chars().count() > 120 {
        problems.add_with("name", "problem-too-long", &[("most", "120")]);
    }
    let email = EmailAddress::parse(&form.email);
    if email.is_none() {
        problems.add("email", "problem-email");
    }
    let known = [name.as_str(), form.email.as_str(), town.as_str()];
    problems
        .0
        .extend(super::check_password("password", &form.password, &known).0);
    if !form.consent {
        problems.add("consent", "problem-consent");
    }
    let Some(email) = email.filter(|_| problems.is_empty()) else {
        return Err(Failure::Refused(problems));
    };
    let counter = Counter::new(ctx, "open-registration", &visitor.address);
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    if throttle::count(&mut tx, &counter, now, Duration::hours(1)).await? >= 20 {
        return Err(Failure::Refused(Problems::one("", "problem-too-many")));
    }
    throttle::add(&mut tx, &counter, now).await?;
    tx.commit_unaudited("a registration is counted").await?;
    let password_hash = password::hash(ctx, &form.password).await?;
    Ok(Contact {
        name,
        email,
        password_hash,
    })
}

async fn insert_contact(
    ctx: &Ctx,
    tx: &mut Tx,
    visitor: &Visitor,
    contact: &Contact,
    state: &str,
) -> Result<(Uuid, Uuid), Failure<Problems>> {
    let now = ctx.clock.now();
    let (account, party) = (ctx.new_id(), ctx.new_id());
    party_store::insert_party(tx, party, None, &contact.name, &[], now).await?;
    let new = store::NewAccount {
        id: account,
        party: Some(party),
        role: None,
        display_name: &contact.name,
        sign_in_key: None,
        password_hash: &contact.password_hash,
        state,
        language: &visitor.language,
    };
    store::insert_account(tx, &new, now).await?;
    let settings = municipality::current_in(tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    give_consent(ctx, tx, account, settings.terms_version, &settings.terms).await?;
    Ok((account, party))
}

/// An account whose e-mail address waits for its confirmation. Gives account and person. The answer to the visitor must be the
/// same for addresses that are known already.
pub(crate) async fn open_account(
    ctx: &Ctx,
    tx: &mut Tx,
    visitor: &Visitor,
    contact: &Contact,
) -> Result<(Uuid, Uuid), Failure<Problems>> {
    let made = insert_contact(ctx, tx, visitor, contact, "unconfirmed").await?;
    send_confirmation(ctx, tx, made.0, &contact.email, &visitor.language).await?;
    Ok(made)
}

/// An account whose e-mail address was proved by the link of a mail. Gives account and session.
pub(crate) async fn open_confirmed_account(
    ctx: &Ctx,
    tx: &mut Tx,
    visitor: &Visitor,
    contact: &Contact,
) -> Result<(Uuid, String), Failure<Problems>> {
    let (account, party) = insert_contact(ctx, tx, visitor, contact, "active").await?;
    match store::confirm_email(tx, account, contact.email.as_str(), &contact.email.key()).await {
        Err(error) if db::is_duplicate(&error) => {
            return Err(Failure::Refused(Problems::one("", "problem-join-known")));
        }
        result => result?,
    }
    let now = ctx.clock.now();
    party_store::replace_evidence(tx, ctx.new_id(), party, EvidenceKind::Email.key(), now).await?;
    let session = open_session(ctx, tx, account, false, visitor).await?;
    Ok((account, session))
}

/// Registers without a letter, where the municipality allows it. The answer is the same for known addresses.
pub async fn register_open(
    ctx: &Ctx,
    visitor: &Visitor,
    form: &OpenRegistration,
) -> Result<(), Failure<Problems>> {
    let current = municipality::current(ctx).await.map_err(Failure::widen)?;
    if current.settings.residents_register != RegistrationMethod::Open {
        return Err(Failure::Denied);
    }
    let contact = check_contact(ctx, visitor, form, Problems::default()).await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let (account, _) = open_account(ctx, &mut tx, visitor, &contact).await?;
    let event = Event::new(Actor::Visitor, "accounts.register-open").on(account);
    Ok(tx.commit(ctx, event).await?)
}
