//! The inbox: a view of cases, with filters, search, unread marks and saved views.

use super::{Case, store, team_store};
use crate::{Ctx, Failure};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use domain::{
    access::{Actor, Permission},
    cases::CaseKind,
    problem::Problems,
    text::search_words,
};
use uuid::Uuid;

/// Most cases on one page of the inbox.
pub const PAGE: usize = 100;

/// What the inbox is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// `open`, `new`, `mine`, `waiting`, `decided` or `all`.
    pub show: String,
    /// Only this kind.
    pub kind: Option<CaseKind>,
    /// Only this team.
    pub team: Option<Uuid>,
    /// Only this colleague.
    pub assignee: Option<Uuid>,
    /// Beginnings of names, or a part of the number.
    pub search: String,
    /// Only with something new.
    pub unread: bool,
    /// Only late ones.
    pub overdue: bool,
    /// `changed`, `due` or `age`.
    pub order: String,
}

/// A case in the inbox.
#[derive(Clone, Debug)]
pub struct InboxLine {
    /// The case.
    pub case: Case,
    /// Areas with something that this member of staff has not seen.
    pub unread: Vec<String>,
}

/// Figures for the head of the inbox and the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nobody has taken them.
    pub new: i64,
    /// Assigned to the member of staff who asks.
    pub mine: i64,
    /// Not decided.
    pub open: i64,
    /// Late.
    pub overdue: i64,
    /// Requests for admission of an organisation.
    pub admissions: i64,
}

/// A named filter.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SavedView {
    /// Its id.
    pub id: Uuid,
    /// As the member of staff called it.
    pub name: String,
    /// The query of the page.
    pub query: String,
}

/// The filter as the store understands it.
pub(super) fn what(actor: Actor, filter: &InboxFilter) -> store::Filter<'_> {
    store::Filter {
        show: &filter.show,
        kind: filter.kind.map_or("", CaseKind::key),
        team: filter.team,
        assignee: filter.assignee,
        words: search_words(&filter.search).into_iter().take(6).collect(),
        unread: filter.unread,
        overdue: filter.overdue,
        order: &filter.order,
        after: None,
        blocks: actor.may(Permission::SeeBlocks),
    }
}

/// Cases that fit, and whether there are more than fit on a page.
pub async fn inbox(ctx: &Ctx, actor: Actor, filter: &InboxFilter) -> Result<(Vec<InboxLine>, bool), Failure> {
    let (true, Some(me)) = (actor.may(Permission::SeeCases), actor.account()) else {
        return Err(Failure::Denied);
    };
    let what = what(actor, filter);
    let mut tx = ctx.db.read().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(101);
    let mut rows = store::inbox(&mut tx, me, &what, ctx.clock.now(), limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
    let unread = store::unread(&mut tx, me, &ids).await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let areas = unread
            .iter()
            .filter(|(id, _)| *id == row.id)
            .map(|(_, area)| area.clone())
            .collect();
        lines.push(InboxLine {
            case: Case::read(ctx, row)?,
            unread: areas,
        });
    }
    Ok((lines, more))
}

/// Figures of open cases.
pub async fn counts(ctx: &Ctx, actor: Actor) -> Result<Counts, Failure> {
    let (true, Some(me)) = (actor.may(Permission::SeeCases), actor.account()) else {
        return Err(Failure::Denied);
    };
    let mut tx = ctx.db.read().await?;
    let blocks = actor.may(Permission::SeeBlocks);
    let (new, mine, open, overdue, admissions) = store::counts(&mut tx, me, blocks, ctx.clock.now()).await?;
    Ok(Counts {
        new,
        mine,
        open,
        overdue,
        admissions,
    })
}

/// How many cases came and how many were decided, by week of German time: (Monday, came, decided), oldest first.
pub async fn by_week(ctx: &Ctx, actor: Actor, weeks: i64) -> Result<Vec<(NaiveDate, i64, i64)>, Failure> {
    if !actor.may(Permission::SeeCases) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let monday = |at: DateTime<Utc>| {
        let day = domain::time::local(at).date();
        day - Duration::days(i64::from(day.weekday().num_days_from_monday()))
    };
    let this = monday(now);
    let mut all: Vec<(NaiveDate, i64, i64)> = (0..weeks)
        .rev()
        .map(|n| (this - Duration::weeks(n), 0, 0))
        .collect();
    let mut tx = ctx.db.read().await?;
    let since = now - Duration::weeks(weeks);
    let times = store::times(&mut tx, since, actor.may(Permission::SeeBlocks)).await?;
    for (came, decided) in times {
        for (at, is_decision) in [(came, false), (decided, true)] {
            let week = at.map(monday);
            if let Some(line) = all.iter_mut().find(|(day, ..)| Some(*day) == week) {
                line.1 += i64::from(!is_decision);
                line.2 += i64::from(is_decision);
            }
        }
    }
    Ok(all)
}

/// Views that this member of staff has saved.
pub async fn views(ctx: &Ctx, actor: Actor) -> Result<Vec<SavedView>, Failure> {
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.read().await?;
    Ok(team_store::views(&mut tx, me).await?)
}

/// Saves the present filter under a name; the same name is overwritten.
pub async fn save_view(ctx: &Ctx, actor: Actor, name: &str, query: &str) -> Result<(), Failure<Problems>> {
    let (true, Some(me)) = (actor.may(Permission::SeeCases), actor.account()) else {
        return Err(Failure::Denied);
    };
    let name = domain::cases::clean_line(name);
    let mut problems = Problems::default();
    if name.is_empty() {
        problems.add("ansicht", "problem-required");
    }
    if name.chars().count() > 60 || query.len() > 1_000 {
        problems.add_with("ansicht", "problem-too-long", &[("most", "60")]);
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let mut tx = ctx.db.begin().await?;
    team_store::save_view(&mut tx, ctx.new_id(), me, &name, query).await?;
    Ok(tx
        .commit_unaudited("a view of the inbox is the own business")
        .await?)
}

/// Deletes an own view.
pub async fn delete_view(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.begin().await?;
    team_store::delete_view(&mut tx, id, me).await?;
    Ok(tx
        .commit_unaudited("a view of the inbox is the own business")
        .await?)
}
