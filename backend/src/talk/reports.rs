//! Reports of what should not stand in the open, and what staff do about it: keep it or hide it, with a reason that the author
//! gets (regulation (EU) 2022/2065, art. 16 and 17).

use super::{Contribution, Earlier, report_store, store, tell};
use crate::{
    Ctx, Failure,
    accounts::{SignedIn, Visitor},
    audit::{self, Event},
    db::Tx,
    mail, municipality, organisations,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    problem::Problems,
    talk::{Report, ReportReason, Subject, Target},
    urls,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Days after which a decided report is deleted.
pub(super) const KEPT_DAYS: i64 = 180;
/// Reports from one address in a day.
const PER_DAY: i64 = 20;
/// Contributions on the page of moderation.
const NEWEST: i64 = 50;

/// What is reported, as it stands now.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What it is.
    pub target: Target,
    /// Its id.
    pub id: Uuid,
    /// Under which name it stands.
    pub author: String,
    /// The person behind it, where staff may know.
    pub person: String,
    /// Headline.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Everybody can read it.
    pub is_public: bool,
    /// Where it is read.
    pub path: String,
    /// A decision must name it; 0 for what has no versions.
    pub version: i64,
    /// Earlier versions that everybody can read, newest first.
    pub earlier: Vec<Earlier>,
}

/// Something with all its open reports.
#[derive(Clone, Debug)]
pub struct Reported {
    /// What it is; `None` if it is gone.
    pub thing: Option<Thing>,
    /// Key of the target.
    pub target: Target,
    /// Its id.
    pub id: Uuid,
    /// Reports: (reason, in own words, when).
    pub reports: Vec<(ReportReason, String, DateTime<Utc>)>,
}

/// The page of moderation.
#[derive(Clone, Debug)]
pub struct Moderation {
    /// What was reported, oldest first.
    pub reported: Vec<Reported>,
    /// The newest contributions, hidden ones too.
    pub newest: Vec<Thing>,
}

fn thing_of(actor: Option<Actor>, c: Contribution) -> Thing {
    // who has a register block is a pseudonym for staff who may not see blocks
    let knows = actor.is_some_and(|a| !c.blocked || a.may(Permission::SeeBlocks));
    Thing {
        target: if c.subject.is_empty() {
            Target::Idea
        } else {
            Target::Comment
        },
        id: c.id,
        path: c.path(),
        person: if knows && c.person != c.name {
            c.person
        } else {
            String::new()
        },
        author: c.name,
        title: c.title,
        text: c.text,
        is_public: c.state == "live",
        version: c.version,
        earlier: Vec::new(),
    }
}

/// Finds what was reported, whether it is public or not.
async fn find(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Option<Actor>,
    target: Target,
    id: Uuid,
) -> Result<Option<Thing>, Failure> {
    match target {
        Target::Idea | Target::Comment => {
            let found = store::one(tx, Uuid::nil(), id).await?;
            let fits = |c: &Contribution| (target == Target::Idea) == c.subject.is_empty();
            let Some(contribution) = found.filter(fits) else {
                return Ok(None);
            };
            let mut thing = thing_of(actor, contribution);
            thing.earlier = store::versions(tx, id).await?;
            Ok(Some(thing))
        }
        Target::Notice | Target::Entry => organisations::reported_thing(ctx, tx, target, id).await,
    }
}

/// What everybody can read now, with its page switched on.
async fn readable(ctx: &Ctx, tx: &mut Tx, target: Target, id: Uuid) -> Result<Thing, Failure> {
    let settings = municipality::current_in(tx).await?.settings;
    let open = match target {
        Target::Notice => settings.market,
        Target::Entry => settings.directory,
        Target::Idea | Target::Comment => {
            let found = store::public_one(tx, Uuid::nil(), id)
                .await?
                .ok_or(Failure::Denied)?;
            match (Subject::parse(&found.subject), found.subject_id) {
                (Some(subject), Some(on)) => super::open_subject(ctx, tx, subject, on).await?,
                _ => super::open_ideas(tx).await?,
            }
            true
        }
    };
    let thing = find(ctx, tx, None, target, id).await?;
    thing.filter(|t| open && t.is_public).ok_or(Failure::Denied)
}

/// What somebody wants to report, for the form; only what everybody can read.
pub async fn reported(ctx: &Ctx, target: Target, id: Uuid) -> Result<Thing, Failure> {
    let mut tx = ctx.db.read().await?;
    readable(ctx, &mut tx, target, id).await
}

/// Takes a report, from anybody. Who is signed in is asked for no address: the one of the account is used.
pub async fn report(
    ctx: &Ctx,
    visitor: &Visitor,
    who: Option<&SignedIn>,
    target: Target,
    id: Uuid,
    report: &Report,
) -> Result<(), Failure<Problems>> {
    let now = ctx.clock.now();
    let problems = report.check();
    if !problems.is_empty() {
        // anybody may knock here: nothing is locked for a form that is not complete
        let mut tx = ctx.db.read().await?;
        readable(ctx, &mut tx, target, id).await.map_err(Failure::widen)?;
        return Err(Failure::Refused(problems));
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let thing = find(ctx, &mut tx, None, target, id)
        .await
        .map_err(Failure::widen)?;
    thing.filter(|t| t.is_public).ok_or(Failure::Denied)?;
    let reason = report.reason.ok_or(Failure::Denied)?;
    let counter = Counter::new(ctx, "report", &visitor.address);
    throttle::lock(&mut tx, &counter).await?;
    if throttle::count(&mut tx, &counter, now, Duration::hours(23)).await? >= PER_DAY {
        return Err(Failure::Refused(Problems::one("", "report-too-many")));
    }
    throttle::add(&mut tx, &counter, now).await?;
    let account = who.map(|w| w.account);
    if let Some(account) = account
        && report_store::has_open(&mut tx, target.key(), id, account).await?
    {
        // said once is enough
        return Ok(tx.commit_unaudited("a report that is there already").await?);
    }
    let new = report_store::New {
        id: ctx.new_id(),
        target: target.key(),
        target_id: id,
        reason: reason.key(),
        text: &report.text,
        account,
        // who has an account is written to by its address, as it is then
        email: if account.is_some() { "" } else { &report.email },
        language: &visitor.language,
    };
    report_store::insert(&mut tx, &new, now).await?;
    let actor = who.map_or(Actor::Visitor, SignedIn::actor);
    let event = Event::new(actor, "talk.report").on(id);
    Ok(tx.commit(ctx, event.with("target", target.key())).await?)
}

fn moderator(actor: Actor) -> Result<(), Failure> {
    if actor.may(Permission::Moderate) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// How many things wait for a decision.
pub async fn count_reports(ctx: &Ctx, actor: Actor) -> Result<i64, Failure> {
    moderator(actor)?;
    let mut tx = ctx.db.read().await?;
    Ok(report_store::waiting(&mut tx).await?)
}

/// What was reported and what is new.
pub async fn moderation(ctx: &Ctx, actor: Actor) -> Result<Moderation, Failure> {
    moderator(actor)?;
    let mut tx = ctx.db.read().await?;
    let mut all: Vec<Reported> = Vec::new();
    for row in report_store::open(&mut tx).await? {
        let (Some(target), Some(reason)) = (Target::parse(&row.target), ReportReason::parse(&row.reason))
        else {
            continue;
        };
        let said = (reason, row.text, row.created_at);
        match all
            .iter_mut()
            .find(|r| r.target == target && r.id == row.target_id)
        {
            Some(known) => known.reports.push(said),
            None => all.push(Reported {
                thing: find(ctx, &mut tx, Some(actor), target, row.target_id).await?,
                target,
                id: row.target_id,
                reports: vec![said],
            }),
        }
    }
    let newest = store::newest(&mut tx, Uuid::nil(), NEWEST).await?;
    let mut things = Vec::new();
    // each thing once: what is reported stands above
    for contribution in newest.into_iter().filter(|c| all.iter().all(|r| r.id != c.id)) {
        let mut thing = thing_of(Some(actor), contribution);
        if thing.version > 1 {
            thing.earlier = store::versions(&mut tx, thing.id).await?;
        }
        things.push(thing);
    }
    Ok(Moderation {
        reported: all,
        newest: things,
    })
}

/// Decides what was reported: hides it with a reason, or keeps it. Whoever reported it and left an address is told.
pub async fn decide_report(
    ctx: &Ctx,
    actor: Actor,
    target: Target,
    id: Uuid,
    version: i64,
    hide: bool,
    because: &str,
) -> Result<(), Failure<Problems>> {
    moderator(actor).map_err(Failure::widen)?;
    let because = reason(hide, because)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let reports = report_store::of_target(&mut tx, target.key(), id).await?;
    if reports.is_empty() {
        return Err(Failure::Refused(Problems::one("", "report-decided")));
    }
    let thing = find(ctx, &mut tx, Some(actor), target, id)
        .await
        .map_err(Failure::widen)?;
    // it was written anew since the clerk looked
    if thing.as_ref().is_some_and(|t| t.version != version) {
        return Err(Failure::Refused(Problems::one("", "problem-stale")));
    }
    let there = thing.is_some();
    let outcome = match (there, hide) {
        (false, _) => "gone",
        (true, true) => "hidden",
        (true, false) => "kept",
    };
    if there && hide {
        hide_in(ctx, &mut tx, target, id, &because)
            .await
            .map_err(Failure::widen)?;
    }
    let town = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings
        .name;
    // one mail for each address, however often something was reported
    let mut addresses: BTreeMap<String, String> = BTreeMap::new();
    for report in reports {
        match report.account_id {
            Some(account) => addresses.extend(store::address(&mut tx, account).await?),
            None if report.email.is_empty() => {}
            None => drop(addresses.insert(report.email.to_lowercase(), report.language)),
        }
    }
    for (email, language) in addresses {
        let lang = locales::Lang::parse(&language);
        let args = [("kommune", town.as_str())];
        let subject = lang.with("mail-report-subject", &args);
        let body = lang.with(&format!("mail-report-{outcome}"), &args);
        mail::put(ctx, &mut tx, &email, &subject, &body).await?;
    }
    report_store::decide(&mut tx, target.key(), id, outcome, ctx.clock.now()).await?;
    let event = Event::new(actor, "talk.decide-report").on(id);
    Ok(tx
        .commit(ctx, event.with("target", target.key()).with("outcome", outcome))
        .await?)
}

fn reason(needed: bool, because: &str) -> Result<String, Failure<Problems>> {
    let because = domain::cases::clean_lines(because);
    let mut problems = Problems::default();
    if needed && because.is_empty() {
        problems.add("grund", "problem-required");
    }
    if because.chars().count() > 500 {
        problems.add_with("grund", "problem-too-long", &[("most", "500")]);
    }
    problems.or(because).map_err(Failure::Refused)
}

async fn hide_in(ctx: &Ctx, tx: &mut Tx, target: Target, id: Uuid, because: &str) -> Result<(), Failure> {
    match target {
        Target::Idea | Target::Comment => {
            let contribution = store::one(tx, Uuid::nil(), id).await?.ok_or(Failure::Denied)?;
            if store::set_state(tx, id, "hidden", because).await? {
                let (to, title) = (contribution.account, contribution.title.as_str());
                tell(ctx, tx, to, "contribution-hidden", title, because, urls::OWN_TALK).await?;
            }
            Ok(())
        }
        Target::Notice | Target::Entry => organisations::hide_reported(ctx, tx, target, id, because).await,
    }
}

/// Hides a contribution that nobody has reported.
pub async fn hide(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    because: &str,
) -> Result<(), Failure<Problems>> {
    moderator(actor).map_err(Failure::widen)?;
    let because = reason(true, because)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let present = store::one(&mut tx, Uuid::nil(), id)
        .await?
        .ok_or(Failure::Denied)?;
    if present.version != version {
        return Err(Failure::Refused(Problems::one("", "problem-stale")));
    }
    hide_in(ctx, &mut tx, Target::Idea, id, &because)
        .await
        .map_err(Failure::widen)?;
    Ok(tx.commit(ctx, Event::new(actor, "talk.hide").on(id)).await?)
}

/// Shows a contribution again, after an objection.
pub async fn show_again(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    moderator(actor)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let contribution = store::one(&mut tx, Uuid::nil(), id)
        .await?
        .ok_or(Failure::Denied)?;
    if store::set_state(&mut tx, id, "live", "").await? {
        let path = contribution.path();
        let title = contribution.title.as_str();
        tell(
            ctx,
            &mut tx,
            contribution.account,
            "contribution-shown",
            title,
            "",
            &path,
        )
        .await?;
    }
    Ok(tx
        .commit(ctx, Event::new(actor, "talk.show-again").on(id))
        .await?)
}
