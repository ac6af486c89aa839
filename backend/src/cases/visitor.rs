//! Cases of people without an account: reports of barriers. Each gets an account that nobody can sign in to, so that a case
//! always belongs to somebody; the answer goes by mail, if an address was given. All of it is deleted in time.

use super::{BeginRefusal, Body, Case, applicant, current_request, entries, load, notice, store};
use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn, Visitor},
    audit::{self, Event},
    db::{self, Tx},
    mail, municipality,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::Actor,
    cases::{CaseKind, EntryKind, Request},
};

/// Reports that one network address may send in a day, and all together.
const PER_ADDRESS: i64 = 5;
const ALL_TOGETHER: i64 = 500;
/// Days after the answer after which a report of somebody without an account is deleted.
const KEPT: i64 = 90;

/// Reports a barrier. Gives the number of the case, to refer to.
pub async fn report_barrier(
    ctx: &Ctx,
    visitor: &Visitor,
    who: Option<&SignedIn>,
    request: &Request,
) -> Result<String, Failure<BeginRefusal>> {
    let kind = CaseKind::Barrier;
    if let Some(who) = who.filter(|w| w.role.is_none() && w.party.is_some()) {
        let id = applicant::begin(ctx, who, kind, request).await?;
        let mut tx = ctx.db.read().await?;
        return Ok(load(ctx, &mut tx, id).await.map_err(Failure::widen)?.number);
    }
    let problems = request.check(kind, |_| true);
    if !problems.is_empty() {
        return Err(Failure::Refused(BeginRefusal::Problems(problems)));
    }
    let now = ctx.clock.now();
    let counters = [
        (Counter::new(ctx, "barrier", &visitor.address), PER_ADDRESS),
        (Counter::new(ctx, "barrier", ""), ALL_TOGETHER),
    ];
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    for (counter, most) in &counters {
        throttle::lock(&mut tx, counter).await?;
        if throttle::count(&mut tx, counter, now, Duration::days(1)).await? >= *most {
            return Err(Failure::Refused(BeginRefusal::TooMany));
        }
        throttle::add(&mut tx, counter, now).await?;
    }
    let lang = locales::Lang::parse(&visitor.language);
    let name = match request.get("contact_name") {
        "" => locales::Lang::parse("de").t("barrier-nobody"),
        name => name.to_owned(),
    };
    let (account, party) = accounts::visitor_account(ctx, &mut tx, &name, lang.code()).await?;
    let case = applicant::create(ctx, &mut tx, account, party, &name, kind)
        .await
        .map_err(Failure::widen)?;
    let mut draft = case.as_change();
    applicant::send(ctx, &mut tx, &case, &mut draft).await?;
    let body = Body {
        request: Some(request.clone()),
        ..Body::default()
    };
    let entry = [(EntryKind::Submission, body)];
    let written = super::change(ctx, &mut tx, &case, Actor::Visitor, &draft, &entry)
        .await
        .map_err(Failure::widen)?;
    written.map_err(|_| Failure::broken("a new case was changed by somebody else"))?;
    notice::intake(ctx, &mut tx, &case, draft.team).await?;
    let event = Event::new(Actor::Visitor, "cases.submit")
        .on(case.id)
        .with("kind", kind.key());
    tx.commit(ctx, event).await?;
    Ok(case.number)
}

/// What the town says in such a case goes by mail: there is no account in which it could be read.
pub(super) async fn answer(ctx: &Ctx, tx: &mut Tx, case: &Case, text: &str) -> Result<(), Failure> {
    if case.kind != CaseKind::Barrier || text.trim().is_empty() {
        return Ok(());
    }
    let Some(language) = accounts::visitor_language(tx, case.account).await? else {
        return Ok(());
    };
    let list = entries(tx, case, case.account).await?;
    let request = current_request(&list);
    let to = request.get("contact_email");
    if to.is_empty() {
        return Ok(());
    }
    let settings = municipality::current_in(tx).await?.settings;
    let args = [
        ("kommune", settings.name.as_str()),
        ("nummer", case.number.as_str()),
        ("text", text),
        ("email", settings.email.as_str()),
    ];
    let lang = locales::Lang::parse(&language);
    let (subject, body) = (
        lang.with("mail-barrier-subject", &args),
        lang.with("mail-barrier-body", &args),
    );
    Ok(mail::put(ctx, tx, to, &subject, &body).await?)
}

/// Deletes what was answered long ago.
pub(super) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    store::delete_visitors(tx, now - Duration::days(KEPT)).await
}
