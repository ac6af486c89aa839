//! Requests for a new letter: from the person at home, without signing in, and from staff where two must agree.

mod store;

use super::{LetterRefusal, Order, Selection, create::create_in};
use crate::{
    Ctx, Failure,
    accounts::Visitor,
    audit::{self, Event},
    jobs::{self, Job},
    municipality, residents,
    throttle::{self, Counter},
};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use domain::{
    access::{Actor, Permission},
    letters::state::NewLetterReason,
    problem::Problems,
    residents::ResidentData,
    text::fold,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What somebody types who asks for a new letter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asking {
    /// Family name.
    pub family_name: String,
    /// One of the given names.
    pub given_name: String,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// In large print.
    pub large: bool,
}

/// Why a request is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskRefusal {
    /// Something is missing.
    Problems(Problems),
    /// Too many requests from this network.
    TooMany,
    /// The town does not offer this.
    Off,
}

/// Requests that one network address may make in a day.
const PER_ADDRESS: i64 = 10;
/// Requests that are taken in a day altogether: more is not a town, but a machine.
const OVERALL: i64 = 2_000;
/// Requests are forgotten after so many days.
const KEEP_DAYS: i64 = 90;

/// Takes a request. Whether there is such a person is found out later by a job: text and time of the answer are the same
/// for everybody.
pub async fn ask(ctx: &Ctx, visitor: &Visitor, asking: &Asking) -> Result<(), Failure<AskRefusal>> {
    let refuse = |r| Err(Failure::Refused(r));
    let mut problems = Problems::default();
    for (field, text) in [
        ("family_name", &asking.family_name),
        ("given_name", &asking.given_name),
        ("street", &asking.street),
        ("house_number", &asking.house_number),
    ] {
        if text.trim().is_empty() {
            problems.add(field, "problem-required");
        }
        if text.chars().count() > 100 {
            problems.add_with(field, "problem-too-long", &[("most", "100")]);
        }
    }
    let today = domain::time::local(ctx.clock.now()).date();
    // "51" would be the year 51: nobody is found, and the answer may not say so
    let possible = |day: NaiveDate| day.year() >= 1900 && day <= today;
    if !asking.birth_date.is_some_and(possible) {
        problems.add("birth_day", "problem-birth-date");
    }
    if asking.postcode.len() != 5 || !asking.postcode.bytes().all(|b| b.is_ascii_digit()) {
        problems.add("postcode", "problem-postcode");
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    if !settings.reissue_public {
        return refuse(AskRefusal::Off);
    }
    if !problems.is_empty() {
        return refuse(AskRefusal::Problems(problems));
    }
    let by_address = Counter::new(ctx, "new-letter-address", &visitor.address);
    let overall = Counter::new(ctx, "new-letter-all", "");
    let day = Duration::hours(23);
    throttle::lock(&mut tx, &by_address).await?;
    if throttle::count(&mut tx, &by_address, now, day).await? >= PER_ADDRESS
        || throttle::count(&mut tx, &overall, now, day).await? >= OVERALL
    {
        return refuse(AskRefusal::TooMany);
    }
    throttle::add(&mut tx, &by_address, now).await?;
    throttle::add(&mut tx, &overall, now).await?;
    let id = ctx.new_id();
    let sealed = ctx.master.seal(&serde_json::to_vec(asking)?, &bound(id))?;
    let request = store::NewRequest {
        id,
        source: "public",
        reason: NewLetterReason::Request.key(),
        state: "new",
        sealed: Some(&sealed),
        resident: None,
        large: asking.large,
        by: None,
        at: now,
    };
    store::insert(&mut tx, &request).await?;
    jobs::enqueue(ctx, &mut tx, Job::MatchRequest(id), now).await?;
    Ok(tx.commit_unaudited("somebody asks for a new letter").await?)
}

fn bound(id: Uuid) -> Vec<u8> {
    format!("letter request {id}").into_bytes()
}

/// The job: finds the person. What was typed is deleted in any case.
pub(crate) async fn match_request(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    matched(ctx, id).await.map_err(|e| format!("{e:?}"))
}

async fn matched(ctx: &Ctx, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let Some(sealed) = store::sealed(&mut tx, id).await? else {
        return Ok(());
    };
    let asking: Asking = match ctx.master.open(&sealed, &bound(id)) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => Asking::default(),
    };
    let people = residents::named(&mut tx, &asking.family_name).await?;
    let mut fitting = people.into_iter().filter(|(_, data)| is(&asking, data));
    let found = match (fitting.next(), fitting.next()) {
        (Some((person, _)), None) => Some(person),
        // two people whom the typed words fit: nobody gets a letter by chance
        _ => None,
    };
    match found {
        Some(person) if !store::is_open_for(&mut tx, person).await? => {
            store::matched(&mut tx, id, person).await?;
        }
        _ => store::delete(&mut tx, id).await?,
    }
    // the log is read by people who may not know who is in the register: it must not tell whether somebody was found
    Ok(tx.commit_unaudited("a request was matched, or not").await?)
}

/// Do these words mean this person? Name, and date of birth; the address where the register has no date of birth.
fn is(asking: &Asking, data: &ResidentData) -> bool {
    let given = fold(&asking.given_name);
    let names = fold(&data.given_names);
    let called = data.call_name.as_deref().map(fold);
    let name = fold(&asking.family_name) == fold(&data.family_name)
        && (names == given || names.split(' ').any(|n| n == given) || called.as_deref() == Some(&given));
    let address = || {
        fold(&format!("{} {}", asking.street, asking.house_number)) == fold(&data.street_line())
            && asking.postcode == data.postcode
    };
    name && match (data.birth_date, asking.birth_date) {
        (Some(known), Some(typed)) => known == typed,
        _ => address(),
    }
}

/// A request that waits for staff.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RequestLine {
    /// The request.
    pub id: Uuid,
    /// `public` or `staff`.
    pub source: String,
    /// Key of the reason.
    pub reason: String,
    /// In large print.
    pub large: bool,
    /// The person.
    pub resident_id: Uuid,
    /// "Mustermann, Erika".
    pub name: String,
    /// Address in the register: there the letter would go.
    pub address: String,
    /// Who asked, of staff.
    pub requested_by: Option<Uuid>,
    /// Name of who asked, of staff.
    pub by_name: String,
    /// When.
    pub requested_at: DateTime<Utc>,
}

/// Requests that wait, oldest first.
pub async fn requests(ctx: &Ctx, actor: Actor) -> Result<Vec<RequestLine>, Failure> {
    if !actor.may(Permission::SeeLetters) || !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::open(&mut tx, actor.may(Permission::SeeBlocks)).await?)
}

/// A new letter to one person: made at once, or noted where two must agree. Says the batch if it was made.
pub async fn new_letter(
    ctx: &Ctx,
    actor: Actor,
    resident: Uuid,
    reason: NewLetterReason,
    large: bool,
) -> Result<Option<Uuid>, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let first = super::store::last_issue(&mut tx, resident).await? == 0;
    if !settings.reissue_four_eyes || first {
        let order = one(resident, reason, large);
        let batch = create_in(ctx, &mut tx, actor, &order).await?;
        let event = Event::new(actor, "letters.new-letter")
            .on(batch)
            .with("reason", reason.key());
        tx.commit(ctx, event).await?;
        return Ok(Some(batch));
    }
    if !residents::exists_for(&mut tx, actor, resident).await? {
        return Err(Failure::Denied);
    }
    if store::is_open_for(&mut tx, resident).await? {
        return Err(Failure::Refused(LetterRefusal::Collision));
    }
    let id = ctx.new_id();
    let request = store::NewRequest {
        id,
        source: "staff",
        reason: reason.key(),
        state: "open",
        sealed: None,
        resident: Some(resident),
        large,
        by: actor.account(),
        at: ctx.clock.now(),
    };
    store::insert(&mut tx, &request).await?;
    tx.commit(ctx, Event::new(actor, "letters.request").on(resident))
        .await?;
    Ok(None)
}

fn one(resident: Uuid, reason: NewLetterReason, large: bool) -> Order {
    Order {
        large,
        ..Order::from(&Selection::One(resident, reason))
    }
}

/// Agrees to a request: the letter is made, and the batch is said. Where two must agree, nobody agrees to a request of their
/// own, and a request from home needs two of staff: anybody could have typed it. The first one is noted (`None`).
pub async fn agree(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Option<Uuid>, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let lines = store::open(&mut tx, actor.may(Permission::SeeBlocks)).await?;
    let line = lines.into_iter().find(|l| l.id == id).ok_or(Failure::Denied)?;
    if line.requested_by.is_some() && line.requested_by == actor.account() {
        return Err(Failure::Refused(LetterRefusal::NeedsSecond));
    }
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    if settings.reissue_four_eyes && line.requested_by.is_none() {
        store::support(&mut tx, id, actor.account()).await?;
        tx.commit(ctx, Event::new(actor, "letters.request").on(line.resident_id))
            .await?;
        return Ok(None);
    }
    let reason = NewLetterReason::parse(&line.reason).unwrap_or(NewLetterReason::Request);
    let order = one(line.resident_id, reason, line.large);
    let batch = create_in(ctx, &mut tx, actor, &order).await?;
    store::decide(&mut tx, id, "done", actor.account(), ctx.clock.now()).await?;
    let event = Event::new(actor, "letters.request-agree")
        .on(batch)
        .with("reason", reason.key());
    tx.commit(ctx, event).await?;
    Ok(Some(batch))
}

/// Declines a request.
pub async fn decline(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let lines = store::open(&mut tx, actor.may(Permission::SeeBlocks)).await?;
    let line = lines.into_iter().find(|l| l.id == id).ok_or(Failure::Denied)?;
    store::decide(&mut tx, id, "declined", actor.account(), ctx.clock.now()).await?;
    let event = Event::new(actor, "letters.request-decline").on(line.resident_id);
    Ok(tx.commit(ctx, event).await?)
}

/// Forgets requests that nobody decided, and decided ones.
pub(crate) async fn sweep(tx: &mut crate::db::Tx, now: DateTime<Utc>) -> crate::db::Result<()> {
    store::delete_older(tx, now - Duration::days(KEEP_DAYS)).await
}
