//! Asking for admission, with or without an account; and what the town's yes does.

use super::{make_owner, open, store};
use crate::{
    Ctx, Failure,
    accounts::{self, OpenRegistration, SignedIn, Visitor},
    cases::{self, BeginRefusal},
    db::Tx,
    letters::{self, LetterRefusal},
};
use chrono::Duration;
use domain::{
    access::{Actor, Permission},
    cases::{CaseKind, Request},
    municipality::RegistrationMethod,
    organisations::{CONFIRM_DAYS, name_key, register_key},
};
use uuid::Uuid;

/// What somebody without an account fills in besides the request: who asks.
pub type Application = OpenRegistration;

/// What became of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// A draft of the account that is signed in; the proof is next.
    Draft(Uuid),
    /// A mail is on its way; with its link the proof is next. Nothing reaches the town before that.
    Mailed,
}

/// Asks for admission. Somebody who is not signed in gets an account for questions and answers.
pub async fn apply(
    ctx: &Ctx,
    visitor: &Visitor,
    who: Option<&SignedIn>,
    contact: &Application,
    request: &Request,
) -> Result<Applied, Failure<BeginRefusal>> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await.map_err(Failure::widen)?;
    drop(tx);
    if let Some(who) = who {
        let id = cases::begin(ctx, who, CaseKind::Admission, request).await?;
        return Ok(Applied::Draft(id));
    }
    let problems = request.check(CaseKind::Admission, |_| true);
    let checked = accounts::check_contact(ctx, visitor, contact, problems)
        .await
        .map_err(|f| f.map(BeginRefusal::Problems))?;
    let mut tx = ctx.db.begin().await?;
    crate::audit::lock(&mut tx).await?;
    let (account, party) = accounts::open_account(ctx, &mut tx, visitor, &checked)
        .await
        .map_err(|f| f.map(BeginRefusal::Problems))?;
    cases::draft_for(
        ctx,
        &mut tx,
        account,
        party,
        &checked.name,
        CaseKind::Admission,
        request,
    )
    .await
    .map_err(Failure::widen)?;
    let event = crate::audit::Event::new(Actor::Visitor, "organisations.apply").on(account);
    tx.commit(ctx, event).await?;
    Ok(Applied::Mailed)
}

/// Organisations that could be the same one, for the clerk: (id, name, place).
pub async fn similar(
    ctx: &Ctx,
    actor: Actor,
    request: &Request,
) -> Result<Vec<(Uuid, String, String)>, Failure> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let (name, register) = keys(request);
    Ok(store::similar(&mut tx, &name, &register).await?)
}

fn keys(request: &Request) -> (String, String) {
    (
        name_key(request.get("organisation_name")),
        register_key(request.get("register_number")),
    )
}

/// The town's yes: the organisation exists, and a letter to it is made at once; where the town sends none, the applicant
/// speaks for it from now on.
pub(crate) async fn admit(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    case: Uuid,
    applicant: Uuid,
    request: &Request,
) -> Result<Uuid, Failure<LetterRefusal>> {
    let settings = crate::municipality::current_in(tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let now = ctx.clock.now();
    let id = ctx.new_id();
    let (name_key, register_key) = keys(request);
    let register = domain::text::tidy(&format!(
        "{} {}",
        request.get("register"),
        request.get("register_number")
    ));
    let search = domain::text::fold(&format!(
        "{} {}",
        request.get("organisation_name"),
        request.get("city")
    ));
    let new = store::New {
        id,
        search: &search,
        kind: request.get("organisation_kind"),
        name: request.get("organisation_name"),
        name_key: &name_key,
        register: &register,
        register_key: &register_key,
        street: request.get("street"),
        house_number: request.get("house_number"),
        postcode: request.get("postcode"),
        city: request.get("city"),
        purpose: request.get("purpose"),
        person: request.get("person"),
        case,
    };
    store::insert(tx, &new, now).await?;
    match settings.organisations_register {
        RegistrationMethod::Letter => {
            letters::write_to(ctx, tx, actor, id).await?;
        }
        RegistrationMethod::Open => {
            joined(ctx, tx, id, applicant).await.map_err(Failure::widen)?;
        }
    }
    Ok(id)
}

/// Somebody speaks for the organisation from now on: the letter was redeemed (or the town sends none).
pub(crate) async fn joined(ctx: &Ctx, tx: &mut Tx, id: Uuid, account: Uuid) -> Result<(), Failure> {
    let now = ctx.clock.now();
    store::activate(tx, id, now, now + Duration::days(CONFIRM_DAYS)).await?;
    make_owner(ctx, tx, id, account).await
}
