//! Rows of a draft, as people look at them, change them and decide about them.

use super::{Decision, ListRefusal, Plan, RowFilter, may, reading::Record, row_store, rules, store};
use crate::{Ctx, Failure, audit::Event, db::Tx};
use chrono::{DateTime, Utc};
use domain::{
    access::Actor,
    residents::{
        ResidentData,
        check::{self, Rules},
        column::Column,
        finding::{Finding, Rule, Severity},
        likeness::{Keys, Traits},
        sheet::Cell,
    },
    text::tidy,
};
use uuid::Uuid;

/// Rows on one page of the screen.
pub const PAGE: i64 = 50;

/// A row as people see it.
#[derive(Clone, Debug)]
pub struct RowView {
    /// As the spreadsheet counts.
    pub row: i64,
    /// What happens to it.
    pub fate: super::Fate,
    /// A change must name this version.
    pub version: i64,
    /// What somebody decided.
    pub decision: Option<Decision>,
    /// Somebody changed it, and that can be taken back.
    pub edited: bool,
    /// What was read.
    pub data: ResidentData,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The cells, as they stand in the list or were typed.
    pub cells: Vec<(Column, Cell)>,
    /// Hidden in the sheet.
    pub hidden: bool,
    /// In a merged cell.
    pub merged: bool,
    /// What it does to the register, once that is known.
    pub plan: Option<Plan>,
    /// The resident whom it means.
    pub resident: Option<Uuid>,
}

/// A page of rows.
#[derive(Clone, Debug, Default)]
pub struct RowPage {
    /// In order.
    pub rows: Vec<RowView>,
    /// There are more after the last one.
    pub more: bool,
}

/// Who changed a row last.
pub type Change = (String, DateTime<Utc>);

pub(super) fn view(
    ctx: &Ctx,
    list: Uuid,
    stored: &row_store::StoredRow,
) -> Result<RowView, Failure<ListRefusal>> {
    let record = Record::open(ctx, list, stored)?;
    Ok(RowView {
        row: stored.row,
        fate: super::Fate::parse(&stored.fate).unwrap_or(super::Fate::Open),
        version: stored.version,
        decision: Decision::parse(stored.decision.as_deref()),
        edited: stored.edits > 0,
        hidden: record.hidden,
        merged: record.merged,
        cells: record.cells,
        data: record.data,
        findings: record.findings,
        plan: stored.plan.as_deref().and_then(Plan::parse),
        resident: stored.resident_id,
    })
}

/// Rows after a row.
pub async fn rows(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    filter: RowFilter,
    after: i64,
    limit: i64,
) -> Result<RowPage, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let mut stored = row_store::page(&mut tx, row_store::View { list, filter }, after, limit + 1).await?;
    drop(tx);
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = stored.len() > limit;
    stored.truncate(limit);
    let rows = stored
        .iter()
        .map(|s| view(ctx, list, s))
        .collect::<Result<_, _>>()?;
    Ok(RowPage { rows, more })
}

/// One row, and who changed it last.
pub async fn row(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    number: i64,
) -> Result<(RowView, Option<Change>), Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let stored = row_store::row(&mut tx, list, number)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    let change = row_store::last_edit(&mut tx, list, number).await?;
    drop(tx);
    Ok((view(ctx, list, &stored)?, change))
}

/// An open row for a change: the draft's choices, the rules, the row in this version.
async fn open_for_change(
    ctx: &Ctx,
    tx: &mut Tx,
    list: Uuid,
    number: i64,
    version: i64,
) -> Result<(row_store::StoredRow, Record, Vec<Rule>), Failure<ListRefusal>> {
    // two people who change the same list at once: one after the other
    if !store::touch(tx, list).await? {
        return Err(Failure::Refused(ListRefusal::Gone));
    }
    let draft = store::draft(tx, list)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    let stored = row_store::row(tx, list, number)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    if stored.version != version {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    let record = Record::open(ctx, list, &stored)?;
    Ok((stored, record, draft.choices.agreed))
}

/// Changes cells of a row; the row is judged anew, and the rows that are compared with it.
pub async fn change_row(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    number: i64,
    version: i64,
    changes: &[(Column, String)],
) -> Result<(), Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    let (before, mut record, agreed) = open_for_change(ctx, &mut tx, list, number, version).await?;
    let rules = Rules {
        // only text files have a sheet without a name
        plain_text: store::draft(&mut tx, list)
            .await?
            .is_some_and(|d| d.sheet.is_empty()),
        ..rules(ctx, &mut tx).await?
    };
    let mut changed = false;
    for (column, text) in changes {
        let at = record.cells.iter().position(|(c, _)| c == column);
        let shown = at.map(|i| record.cells[i].1.shown()).unwrap_or_default();
        if tidy(&shown) == tidy(text) {
            continue;
        }
        changed = true;
        let cell = Cell::typed(*column, text, rules.today);
        match at {
            Some(i) => record.cells[i].1 = cell,
            None => record.cells.push((*column, cell)),
        }
    }
    if !changed {
        return Ok(());
    }
    // who repairs a row by hand wants it, even if it repeated another one before
    record.dropped = false;
    let crowded = crowd_of(&record);
    let (raw, mapping) = record.raw(u32::try_from(number).unwrap_or(0));
    (record.data, record.findings) = check::read_row(&raw, &mapping, rules);
    // how many people live there is known from the whole list; at another address nothing is
    record.findings.extend(
        crowded
            .filter(|(home, _)| *home == home_of(&record.data))
            .map(|(_, finding)| finding),
    );
    let now = ctx.clock.now();
    row_store::push_edit(&mut tx, list, &before, actor.account().unwrap_or_default(), now).await?;
    settle(ctx, &mut tx, list, &before, record, None, &agreed).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "residents.edit-row").on(list))
        .await?)
}

type Home = (String, String, String);

fn home_of(data: &ResidentData) -> Home {
    (
        data.street.clone(),
        data.house_number.clone(),
        data.postcode.clone(),
    )
}

fn crowd_of(record: &Record) -> Option<(Home, Finding)> {
    let finding = record.findings.iter().find(|f| f.rule == Rule::CrowdedAddress)?;
    Some((home_of(&record.data), finding.clone()))
}

/// Decides about one row: taken in spite of its questions, left out, or (with `None`) undecided again.
pub async fn decide_row(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    number: i64,
    version: i64,
    decision: Option<Decision>,
) -> Result<(), Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    let (before, record, agreed) = open_for_change(ctx, &mut tx, list, number, version).await?;
    let now = ctx.clock.now();
    row_store::push_edit(&mut tx, list, &before, actor.account().unwrap_or_default(), now).await?;
    // a doubt is answered in words, never by an answer to another question: whoever pressed "take it" did not see it
    let doubtful = before.plan.as_deref() == Some(Plan::Doubtful.key());
    let answers_doubt = matches!(decision, Some(Decision::Same | Decision::New));
    if (doubtful && decision == Some(Decision::Take)) || (answers_doubt && !doubtful) {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    let new = record.stored(ctx, list, number, decision, &agreed)?;
    row_store::update_row(&mut tx, list, &new, &record.rules()).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "residents.decide-row").on(list))
        .await?)
}

/// Takes back the last change of a row. False if there is none.
pub async fn undo_row(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    number: i64,
    version: i64,
) -> Result<bool, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    if !store::touch(&mut tx, list).await? {
        return Err(Failure::Refused(ListRefusal::Gone));
    }
    let agreed = store::draft(&mut tx, list)
        .await?
        .map(|d| d.choices.agreed)
        .unwrap_or_default();
    let now = row_store::row(&mut tx, list, number)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    if now.version != version {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    let Some((_, sealed, decision)) = row_store::pop_edit(&mut tx, list, number).await? else {
        return Ok(false);
    };
    let former = row_store::StoredRow {
        sealed,
        ..now.clone()
    };
    let record = Record::open(ctx, list, &former)?;
    let decision = Decision::parse(decision.as_deref());
    settle(ctx, &mut tx, list, &now, record, decision, &agreed).await?;
    tx.commit(ctx, Event::new(actor, "residents.undo-row").on(list))
        .await?;
    Ok(true)
}

/// Writes a row, and judges it and its neighbours beside each other: those that it was like, and those that it is like.
async fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    list: Uuid,
    before: &row_store::StoredRow,
    record: Record,
    decision: Option<Decision>,
    agreed: &[Rule],
) -> Result<(), Failure<ListRefusal>> {
    let number = before.row;
    let new = record.stored(ctx, list, number, decision, agreed)?;
    let keys = |a: &Option<String>, b: &Option<String>| -> Vec<String> {
        let mut keys: Vec<String> = a.iter().chain(b).cloned().collect();
        keys.dedup();
        keys
    };
    let numbers = keys(&before.number_key, &new.number_key);
    let births = keys(&before.birth_key, &new.birth_key);
    let refs = |keys: &[String]| -> Vec<String> { keys.to_vec() };
    let (numbers, births) = (refs(&numbers), refs(&births));
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let births: Vec<&str> = births.iter().map(String::as_str).collect();
    let neighbours = row_store::beside(tx, list, number, &numbers, &births).await?;
    let mut group: Vec<Member> = vec![Member::new(number, decision, record, true)];
    for stored in &neighbours {
        let decision = Decision::parse(stored.decision.as_deref());
        group.push(Member::new(
            stored.row,
            decision,
            Record::open(ctx, list, stored)?,
            false,
        ));
    }
    group.sort_by_key(|m| m.row);
    for i in 0..group.len() {
        let cross = beside_others(&group[i], &group[..i]);
        let member = &mut group[i];
        let is_cross = |f: &Finding| matches!(f.rule, Rule::RegisterNumberTwice | Rule::ProbableDuplicate);
        let was: Vec<Rule> = member
            .record
            .findings
            .iter()
            .filter(|f| is_cross(f))
            .map(|f| f.rule)
            .collect();
        let is: Vec<Rule> = cross.iter().map(|f| f.rule).collect();
        member.changed |= was != is;
        member.record.findings.retain(|f| !is_cross(f));
        member.record.findings.extend(cross);
    }
    for member in group.iter().filter(|m| m.changed) {
        let stored = member
            .record
            .stored(ctx, list, member.row, member.decision, agreed)?;
        row_store::update_row(tx, list, &stored, &member.record.rules()).await?;
    }
    Ok(())
}

struct Member {
    row: i64,
    decision: Option<Decision>,
    record: Record,
    keys: Keys,
    traits: Traits,
    changed: bool,
}

impl Member {
    fn new(row: i64, decision: Option<Decision>, record: Record, changed: bool) -> Self {
        let (raw, mapping) = record.raw(0);
        let (keys, traits) = Keys::of(&raw, &mapping, &record.data);
        Self {
            row,
            decision,
            record,
            keys,
            traits,
            changed,
        }
    }
}

/// What a row says beside those before it.
fn beside_others(member: &Member, before: &[Member]) -> Vec<Finding> {
    let row = u32::try_from(member.row).unwrap_or(0);
    let others = || before.iter().filter(|o| !o.record.dropped);
    let place = |other: &Member| u32::try_from(other.row).unwrap_or(0);
    let mut found = Vec::new();
    if member.record.dropped {
        return found;
    }
    if let Some(number) = &member.keys.number
        && let Some(first) = others().find(|o| o.keys.number.as_ref() == Some(number))
    {
        found.push(check::number_twice(row, number, place(first)));
    }
    let blocked = |o: &Member| {
        o.record
            .findings
            .iter()
            .any(|f| f.rule.severity() == Severity::Block)
    };
    if member.keys.birth.is_some()
        && let Some(first) = others().find(|o| {
            o.keys.birth == member.keys.birth
                && member.traits.alike(&o.traits)
                && !(blocked(o) && blocked(member))
        })
    {
        found.push(check::probable_duplicate(row, &member.record.data, place(first)));
    }
    found
}
