//! Applying a draft: in short transactions, one piece after the other. A crash in between leaves a list that is being
//! applied and is finished at the next start; a piece is never done twice. Applying the same list twice changes nothing.

use super::{
    Applied, Decision, Fate, ListRefusal, may,
    plan::{self, Matcher, Plan},
    reading::Record,
    row_store, store,
};
use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
    db::Tx,
    jobs::{self, Job},
    letters,
    residents::store as register,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::Actor,
    residents::{ResidentData, column::Mapping},
};
use uuid::Uuid;

/// Rows of one transaction.
const PIECE: i64 = 1_000;
/// Up to so many rows are applied while the browser waits; more by a job.
const AT_ONCE: i64 = 10_000;

/// Takes a draft over. Gives the counts if it was done at once; `None` if a job does it.
pub async fn apply(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
) -> Result<Option<Applied>, Failure<ListRefusal>> {
    let draft = super::preview(ctx, actor, id).await?;
    if draft.version != version {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    if draft.state != "draft" {
        return Err(Failure::Refused(ListRefusal::Busy));
    }
    if !draft.missing.is_empty() {
        return Err(Failure::Refused(ListRefusal::MissingColumn));
    }
    let at_once = draft.rows() <= AT_ONCE;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let first = register::is_empty(&mut tx).await?;
    super::changed(store::begin_applying(&mut tx, id, version, first, now).await?)?;
    let run_at = if at_once { now + Duration::seconds(60) } else { now };
    jobs::enqueue(ctx, &mut tx, Job::ApplyList(id), run_at).await?;
    tx.commit(ctx, Event::new(actor, "residents.apply-begin").on(id))
        .await?;
    if at_once {
        return Ok(Some(finish(ctx, actor, id).await?));
    }
    Ok(None)
}

/// Takes a draft over as it is, and waits until that is done: for the command line and the demo.
pub async fn take_over(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Applied, Failure<ListRefusal>> {
    let draft = super::preview(ctx, actor, id).await?;
    match apply(ctx, actor, id, draft.version).await? {
        Some(done) => Ok(done),
        None => finish(ctx, actor, id).await,
    }
}

/// The job: goes on where the list stands.
pub async fn apply_job(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    match finish(ctx, Actor::System, id).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Denied) => Err("denied".to_owned()),
        Err(Failure::Busy) => Err("busy".to_owned()),
        Err(Failure::Broken(incident)) => Err(format!("incident {incident}")),
    }
}

async fn finish(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Applied, Failure<ListRefusal>> {
    may(actor)?;
    let mut pieces = 0;
    loop {
        let mut tx = ctx.db.begin().await?;
        // one piece after the other, whoever works on the list
        audit::lock(&mut tx).await?;
        let Some(draft) = store::draft(&mut tx, id).await?.filter(|d| d.state == "applying") else {
            // somebody else finished it
            return Ok(store::counts_so_far(&mut tx, id).await?);
        };
        let Some((since, first)) = store::applying(&mut tx, id).await? else {
            return Ok(store::counts_so_far(&mut tx, id).await?);
        };
        let mut counts = store::counts_so_far(&mut tx, id).await?;
        let rows = row_store::not_applied(&mut tx, id, PIECE).await?;
        if !rows.is_empty() {
            let mapping = &draft.choices.mapping;
            apply_rows(ctx, &mut tx, actor, id, (mapping, first), &rows, &mut counts).await?;
        } else if draft.choices.complete {
            let missing = store::missing(&mut tx, since, PIECE).await?;
            if missing.is_empty() {
                return end(ctx, tx, actor, id, counts).await;
            }
            for resident in missing {
                leave(ctx, &mut tx, actor, resident, "missing").await?;
                counts.gone += 1;
            }
        } else {
            return end(ctx, tx, actor, id, counts).await;
        }
        store::set_counts(&mut tx, id, &counts).await?;
        tx.commit_unaudited("a piece of a list; its end is an event")
            .await?;
        pieces += 1;
        if pieces % 100 == 0 {
            plan::renew(ctx, id).await?;
        }
    }
}

async fn end(
    ctx: &Ctx,
    mut tx: Tx,
    actor: Actor,
    id: Uuid,
    counts: Applied,
) -> Result<Applied, Failure<ListRefusal>> {
    store::end_list(&mut tx, id, "applied", ctx.clock.now()).await?;
    let event = Event::new(actor, "residents.apply")
        .on(id)
        .with("new", counts.new)
        .with("changed", counts.changed)
        .with("unchanged", counts.unchanged)
        .with("gone", counts.gone)
        .with("left_out", counts.left_out);
    tx.commit(ctx, event).await?;
    super::clear(ctx, id).await?;
    // the upload and its rows are gone from the file too, not only from its tables
    ctx.db.truncate_log().await?;
    Ok(counts)
}

async fn apply_rows(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    id: Uuid,
    (mapping, first): (&Mapping, bool),
    rows: &[row_store::StoredRow],
    counts: &mut Applied,
) -> Result<(), Failure<ListRefusal>> {
    let now = ctx.clock.now();
    let matcher = Matcher::knowing(tx, mapping, first).await?;
    let mut new: Vec<(Uuid, ResidentData)> = Vec::new();
    let mut blocked: Vec<(Uuid, ResidentData)> = Vec::new();
    let mut seen: Vec<Uuid> = Vec::new();
    for stored in rows {
        let record = Record::open(ctx, id, stored)?;
        let taken = stored.fate == Fate::Take.key();
        let (plan, resident) = matcher.judge(ctx, tx, stored, &record).await?;
        counts.left_out += usize::from(!taken || plan == Plan::Doubtful);
        match (plan, resident) {
            (Plan::New | Plan::OfAge | Plan::Returned, _) => {
                counts.new += 1;
                counts.returned += usize::from(plan == Plan::Returned);
                // two people, somebody decided: the number belongs to whom the newest list gives it
                if let (Some(Decision::New), Some(number)) = (
                    Decision::parse(stored.decision.as_deref()),
                    &record.data.register_number,
                ) {
                    register::release_number(tx, number).await?;
                }
                new.push((ctx.new_id(), record.data));
            }
            (Plan::Same, Some(_)) => counts.unchanged += 1,
            (Plan::Changed | Plan::Moved | Plan::Renamed | Plan::Back | Plan::Unblocked, Some(known)) => {
                counts.changed += 1;
                counts.moved += usize::from(plan == Plan::Moved);
                counts.renamed += usize::from(plan == Plan::Renamed);
                change(ctx, tx, actor, known, plan, &record.data, now).await?;
            }
            (Plan::Blocked, None) => blocked.push((ctx.new_id(), record.data)),
            (Plan::Blocked | Plan::PerhapsBlocked, Some(known)) => {
                let blocked = register::is_blocked(tx, known).await?;
                let differs = register::data(tx, known)
                    .await?
                    .is_some_and(|(data, _)| data != record.data);
                if differs && plan == Plan::Blocked && plan::only_blocked(&record) {
                    change(ctx, tx, actor, known, Plan::Changed, &record.data, now).await?;
                }
                register::block(tx, known, false, now).await?;
                // a letter that was made on the way for blocked people stays valid
                if !blocked {
                    counts.banned += 1;
                    letters::revoke_open(ctx, tx, actor, known).await?;
                }
            }
            (Plan::Deceased | Plan::MovedAway, Some(known)) => {
                let why = if plan == Plan::Deceased {
                    "deceased"
                } else {
                    "moved_away"
                };
                if leave(ctx, tx, actor, known, why).await? {
                    counts.gone += 1;
                }
            }
            _ => {}
        }
        seen.extend(resident);
    }
    new.extend(blocked.iter().cloned());
    let fresh: Vec<(Uuid, &ResidentData)> = new.iter().map(|(id, data)| (*id, data)).collect();
    register::insert_all(tx, &fresh, now).await?;
    for (id, _) in &blocked {
        register::block(tx, *id, false, now).await?;
    }
    register::seen(tx, &seen, now).await?;
    if let Some(last) = rows.last() {
        row_store::set_applied(tx, id, last.row).await?;
    }
    Ok(())
}

/// New data for somebody who is known. A letter that is under way bears the old name or address: it dies, and the person
/// waits for a new one. An account gets the new name and address, because the register vouches for them.
pub(crate) async fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    known: Uuid,
    plan: Plan,
    data: &ResidentData,
    now: DateTime<Utc>,
) -> Result<(), Failure<ListRefusal>> {
    let before = register::data(tx, known).await?.map(|d| d.0);
    register::update(tx, known, data, now).await?;
    let printed = |d: &ResidentData| (d.display_name(), d.address_lines());
    if plan != Plan::Changed || before.as_ref().map(printed) != Some(printed(data)) {
        letters::revoke_open(ctx, tx, actor, known).await?;
        accounts::update_resident(tx, known, data, now).await?;
    }
    if plan == Plan::Unblocked {
        register::unblock(tx, known, now).await?;
    }
    if matches!(plan, Plan::Back | Plan::Unblocked) {
        accounts::resume_resident(tx, known).await?;
    }
    Ok(())
}

/// Somebody is no resident any more: no letters, the account sleeps. False if that was known.
pub(crate) async fn leave(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    resident: Uuid,
    why: &str,
) -> Result<bool, Failure<ListRefusal>> {
    let fresh = register::set_gone(tx, resident, why, ctx.clock.now()).await?;
    letters::revoke_open(ctx, tx, actor, resident).await?;
    if fresh {
        accounts::suspend_resident(tx, resident).await?;
    }
    Ok(fresh)
}
