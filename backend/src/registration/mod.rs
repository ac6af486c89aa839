//! Registration with a letter: prove the secret, see whose letter it is, make the account. A code works once.

mod organisation;

use crate::{
    Ctx, Failure,
    accounts::{self, Redeemed, SignedIn, Visitor},
    audit::{self, Event},
    db::Tx,
    keys::Key,
    letters::{self, ProofRow},
    municipality, organisations, residents,
    throttle::{self, Counter},
};
use chrono::NaiveDate;
use domain::{
    access::Actor,
    accounts::EmailAddress,
    letters::{
        code::{LookupNumber, QrPayload, UserId},
        state::{BatchState, LetterState},
    },
    problem::Problems,
    registration::{self as rules, LetterFacts, Path, Refusal},
    residents::ResidentData,
};
use uuid::Uuid;

/// What somebody shows.
#[derive(Clone, Copy)]
pub enum Code {
    /// From the QR code.
    Qr(QrPayload),
    /// Typed.
    Typed(UserId),
}

impl Code {
    fn parts(&self) -> (Path, LookupNumber, &[u8]) {
        match self {
            Code::Qr(code) => (Path::Qr, code.lookup, &code.secret.0),
            Code::Typed(code) => (Path::Typed, code.lookup, &code.secret.0),
        }
    }

    /// As a form carries it from one step to the next.
    pub fn text(&self) -> String {
        match self {
            Code::Qr(code) => code.printed(),
            Code::Typed(code) => code.printed(),
        }
    }

    /// Reads what [`Code::text`] made, a whole link, or a typed user ID.
    pub fn parse(text: &str) -> Option<Self> {
        QrPayload::parse(text)
            .map(Code::Qr)
            .or_else(|| UserId::parse(text).ok().map(Code::Typed))
    }
}

/// Whose letter it is, as far as it is said before the account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// "Erika M…".
    pub name: String,
    /// Place.
    pub city: String,
    /// The municipality wants the date of birth.
    pub ask_birth_date: bool,
    /// The person has an account already: the letter opens it again with a new password.
    pub again: bool,
    /// The letter went to an organisation: who redeems it speaks for it, with the own account or a new one.
    pub organisation: bool,
}

fn counters(ctx: &Ctx, visitor: &Visitor) -> (Counter, Counter) {
    (
        Counter::new(ctx, "proof-address", &visitor.address),
        Counter::new(ctx, "proof-all", ""),
    )
}

/// Checks a code without using it up. The same work and the same answer for unknown, wrong and locked.
async fn judge(ctx: &Ctx, visitor: &Visitor, code: &Code) -> Result<ProofRow, Failure<Refusal>> {
    let (path, lookup, secret) = code.parts();
    let (by_address, overall) = counters(ctx, visitor);
    let now = ctx.clock.now();
    let window = rules::throttle_window();
    let mut tx = ctx.db.read().await?;
    let too_many = throttle::count(&mut tx, &by_address, now, window).await?
        >= rules::FAILED_PROOFS_PER_ADDRESS
        || (path == Path::Typed
            && throttle::count(&mut tx, &overall, now, window).await? >= rules::FAILED_PROOFS_OVERALL);
    let row = letters::proof(&mut tx, lookup).await?;
    let slow = slow(&mut tx, ctx, code).await?;
    drop(tx);
    let proven = letters::proves(ctx, row.as_ref(), path, lookup, secret, slow.as_ref())?;
    // 128 bits cannot be guessed: a right QR code works however many wrong ones come from the same network
    if too_many && !(path == Path::Qr && proven) {
        crate::watch::security("proof-limit");
        return Err(Failure::Refused(Refusal::TooMany));
    }
    let facts = row.as_ref().map(|row| facts(row, proven));
    let verdict = rules::judge(facts.as_ref(), path, now);
    if verdict == Err(Refusal::NotProven) {
        // the same statements whether or not the letter exists: time must not tell
        let mut tx = ctx.db.begin().await?;
        throttle::add(&mut tx, &by_address, now).await?;
        throttle::add(&mut tx, &overall, now).await?;
        if path == Path::Typed {
            letters::count_failure(&mut tx, lookup).await?;
        }
        tx.commit_unaudited("a failed proof is counted").await?;
        crate::watch::security("proof-failed");
    }
    // nobody but a thief has the code of a control letter
    if let Some(row) = row.as_ref().filter(|r| r.is_control && proven) {
        letters::control::alarm(ctx, row.id).await?;
    }
    verdict.map_err(Failure::Refused)?;
    row.ok_or(Failure::Refused(Refusal::NotProven))
}

/// The slow hash of a typed secret, for whatever letter, as soon as letters exist that were made elsewhere.
async fn slow(tx: &mut Tx, ctx: &Ctx, code: &Code) -> Result<Option<Key>, Failure<Refusal>> {
    let Code::Typed(id) = *code else {
        return Ok(None);
    };
    if !letters::outside::any(tx).await? {
        return Ok(None);
    }
    // as many at the same time as passwords: each takes 19 MiB
    let _turn = ctx.hashing.acquire().await.map_err(Failure::broken)?;
    Ok(tokio::task::spawn_blocking(move || letters::slow(id.lookup, &id.secret)).await?)
}

fn facts(row: &ProofRow, proven: bool) -> LetterFacts {
    LetterFacts {
        // a letter whose person left the register is withdrawn
        state: match LetterState::parse(&row.state) {
            Some(LetterState::Open)
                if row.resident_id.is_none() && row.organisation_id.is_none() && !row.is_sealed =>
            {
                LetterState::Revoked
            }
            Some(state) => state,
            None => LetterState::Revoked,
        },
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        failed_tries: row.failed_tries,
        proven,
        // what staff threw away must look withdrawn, not unknown: it may have been posted all the same
        issued: BatchState::parse(&row.batch_state).is_some_and(|s| s != BatchState::Making),
    }
}

/// Proves a code and says whose letter it is. Does not use it up.
pub async fn prove(ctx: &Ctx, visitor: &Visitor, code: &Code) -> Result<Proven, Failure<Refusal>> {
    let row = judge(ctx, visitor, code).await?;
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let proven = match holder(ctx, &mut tx, &row, code).await? {
        Holder::Person(resident, data) => Proven {
            name: rules::recognisable(data.usual_name(), &data.family_name),
            city: data.city.clone(),
            ask_birth_date: settings.ask_birth_date
                && (data.birth_date.is_some() || data.birth_year.is_some()),
            again: match resident {
                Some(resident) => accounts::has_account(&mut tx, resident).await?,
                None => false,
            },
            organisation: false,
        },
        Holder::Organisation { name, city, .. } => Proven {
            name,
            city,
            ask_birth_date: false,
            again: false,
            organisation: true,
        },
    };
    drop(tx);
    let mut tx = ctx.db.begin().await?;
    letters::opened(&mut tx, row.id, ctx.clock.now()).await?;
    tx.commit_unaudited("a letter was opened").await?;
    Ok(proven)
}

/// To whom a letter went.
enum Holder {
    /// A person; `None` if the letter was made elsewhere and nobody has registered with it.
    Person(Option<Uuid>, Box<ResidentData>),
    /// An organisation that the town has admitted.
    Organisation { id: Uuid, name: String, city: String },
}

/// Whose letter it is: from the register, or opened with the proven secret if the letter was made elsewhere.
async fn holder(ctx: &Ctx, tx: &mut Tx, row: &ProofRow, code: &Code) -> Result<Holder, Failure<Refusal>> {
    let gone = Failure::Refused(Refusal::Revoked);
    if let Some(id) = row.organisation_id {
        let (name, city) = organisations::known(tx, id).await?.ok_or(gone)?;
        return Ok(Holder::Organisation { id, name, city });
    }
    if let Some(resident) = row.resident_id {
        let (data, _) = residents::data(tx, resident).await?.ok_or(gone)?;
        return Ok(Holder::Person(Some(resident), Box::new(data)));
    }
    let qr = match code {
        Code::Qr(c) => Some(c.secret),
        Code::Typed(_) => None,
    };
    let slow = slow(tx, ctx, code).await?;
    let (_, lookup, _) = code.parts();
    let data = letters::outside::sealed_person(tx, row, lookup, qr, slow.as_ref())
        .await
        .map_err(Failure::widen)?
        .ok_or(gone)?;
    // somebody who has registered with a former letter of this kind
    let known = letters::outside::known_person(tx, row.id).await?;
    Ok(Holder::Person(known, Box::new(data)))
}

/// What the account form says.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// Chosen password; not asked from somebody who is signed in.
    pub password: String,
    /// E-mail address; may be empty.
    pub email: String,
    /// Agreed to the terms?
    pub consent: bool,
    /// Date of birth, if the municipality asks for it and it could be read.
    pub birth_date: Option<NaiveDate>,
    /// Name of who speaks for an organisation; not asked from somebody who is signed in.
    pub name: String,
}

/// Why no account was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedeemRefusal {
    /// The letter cannot be redeemed.
    Letter(Refusal),
    /// The form has to be corrected.
    Form(Problems),
}

/// Somebody who has just registered.
#[derive(Clone, Debug)]
pub struct Registered {
    /// For the cookie; `None` if the person was signed in already.
    pub session: Option<String>,
    /// The name to sign in with besides the e-mail address.
    pub sign_in_name: String,
}

/// Redeems a letter: judged before the password is hashed, and again inside the one transaction that uses it up.
/// A thousand simultaneous tries give one account.
pub async fn redeem(
    ctx: &Ctx,
    visitor: &Visitor,
    code: &Code,
    claim: &Claim,
    signed_in: Option<&SignedIn>,
) -> Result<Registered, Failure<RedeemRefusal>> {
    let letter = |f: Failure<Refusal>| f.map(RedeemRefusal::Letter);
    let row = judge(ctx, visitor, code).await.map_err(letter)?;
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let holder = holder(ctx, &mut tx, &row, code).await.map_err(letter)?;
    drop(tx);
    let data = match holder {
        Holder::Person(_, data) => data,
        Holder::Organisation { id, .. } => {
            return organisation::redeem(ctx, visitor, code, claim, signed_in, &row, id).await;
        }
    };

    // staff accounts are not residents' accounts
    let signed_in = signed_in.filter(|s| s.role.is_none());
    let name = data.display_name();
    let mut problems = Problems::default();
    if settings.ask_birth_date && (data.birth_date.is_some() || data.birth_year.is_some()) {
        // looked up first: after five wrong dates the right one is refused too
        let tries = birth_date_counter(ctx, code);
        let mut tx = ctx.db.read().await?;
        let tried = throttle::count(&mut tx, &tries, ctx.clock.now(), chrono::Duration::hours(23)).await?;
        drop(tx);
        if tried >= domain::letters::state::TYPED_TRIES {
            return Err(Failure::Refused(RedeemRefusal::Letter(Refusal::TooMany)));
        }
        match claim.birth_date {
            None => problems.add("birth_day", "problem-birth-date"),
            Some(typed) if !rules::birth_date_fits(typed, data.birth_date, data.birth_year) => {
                count_wrong_birth_date(ctx, visitor, code).await?;
                problems.add("birth_day", "problem-birth-date-wrong");
            }
            Some(_) => {}
        }
    }
    let email = match claim.email.trim() {
        "" => None,
        typed => {
            let email = EmailAddress::parse(typed);
            if email.is_none() {
                problems.add("email", "problem-email");
            }
            email
        }
    };
    if signed_in.is_none() {
        problems.0.extend(
            accounts::check_password(
                "password",
                &claim.password,
                &[&name, &claim.email, &settings.name],
            )
            .0,
        );
    }
    if !claim.consent {
        problems.add("consent", "problem-consent");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(RedeemRefusal::Form(problems)));
    }
    // slow, so outside the transaction
    let hash = match signed_in {
        Some(_) => None,
        None => Some(accounts::hash_password(ctx, &claim.password).await?),
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let (path, lookup, _) = code.parts();
    let again = letters::proof(&mut tx, lookup).await?;
    // the secret was proven above; the letter may have changed since
    rules::judge(again.as_ref().map(|r| facts(r, true)).as_ref(), path, now)
        .map_err(|r| Failure::Refused(RedeemRefusal::Letter(r)))?;
    // only now somebody whose letter was made elsewhere enters the register
    let resident = match row.resident_id {
        Some(resident) => resident,
        None => letters::outside::settle(ctx, &mut tx, row.id, &data)
            .await?
            .ok_or(Failure::Refused(RedeemRefusal::Letter(Refusal::Revoked)))?,
    };
    let redeemed = Redeemed {
        resident,
        letter: row.id,
        letter_number: &row.letter_number,
        name: &name,
        address: &data.address_lines(),
        password_hash: hash.as_deref(),
        account: signed_in.map(|s| s.account),
        language: &visitor.language,
    };
    let taken = Failure::Refused(RedeemRefusal::Letter(Refusal::AccountTaken));
    let used = || Failure::Refused(RedeemRefusal::Letter(Refusal::Used { at: Some(now) }));
    let account = match accounts::redeem(ctx, &mut tx, &redeemed).await {
        // another try of the same moment was first: its row is unique
        Err(error) if crate::db::is_duplicate(&error) => return Err(used()),
        result => result?.ok_or(taken)?,
    };
    if !letters::redeem(&mut tx, row.id, account, now).await? {
        return Err(used());
    }
    accounts::give_consent(ctx, &mut tx, account, settings.terms_version, &settings.terms).await?;
    if let Some(email) = email {
        accounts::send_confirmation(ctx, &mut tx, account, &email, &visitor.language)
            .await
            .map_err(|f| f.map(RedeemRefusal::Form))?;
    }
    let session = match signed_in {
        Some(_) => None,
        None => Some(accounts::open_session(ctx, &mut tx, account, false, visitor).await?),
    };
    let event = Event::new(Actor::Resident { account }, "registration.redeem")
        .on(row.id)
        .with("path", if path == Path::Qr { "qr" } else { "typed" });
    tx.commit(ctx, event).await?;
    Ok(Registered {
        session,
        sign_in_name: row.letter_number,
    })
}

fn birth_date_counter(ctx: &Ctx, code: &Code) -> Counter {
    let (_, lookup, _) = code.parts();
    Counter::new(ctx, "birth-date", &lookup.get().to_string())
}

/// A wrong date of birth counts like a wrong secret: it must not be guessed either.
async fn count_wrong_birth_date(
    ctx: &Ctx,
    visitor: &Visitor,
    code: &Code,
) -> Result<(), Failure<RedeemRefusal>> {
    let (by_address, overall) = counters(ctx, visitor);
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    for counter in [by_address, overall, birth_date_counter(ctx, code)] {
        throttle::add(&mut tx, &counter, now).await?;
    }
    Ok(tx.commit_unaudited("a wrong date of birth is counted").await?)
}

/// Failed proofs of the last ten minutes, for the overview of staff.
pub async fn failed_proofs(ctx: &Ctx, actor: Actor) -> Result<i64, Failure> {
    if !actor.may(domain::access::Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let overall = Counter::new(ctx, "proof-all", "");
    Ok(throttle::count(&mut tx, &overall, ctx.clock.now(), rules::throttle_window()).await?)
}
