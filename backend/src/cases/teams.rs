//! Teams, absence and deputies, templates for answers, and who gets which mail.

use super::team_store;
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    access::{Actor, Permission},
    cases::{CaseKind, clean_line, clean_lines},
    problem::Problems,
};
use uuid::Uuid;

/// A team with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamLine {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Kinds of cases that come here.
    pub kinds: Vec<CaseKind>,
    /// Accounts of the members.
    pub members: Vec<Uuid>,
}

/// Everything about teams that one page shows.
#[derive(Clone, Debug)]
pub struct TeamPage {
    /// All teams.
    pub teams: Vec<TeamLine>,
    /// Staff who may decide cases: (account, name).
    pub colleagues: Vec<(Uuid, String)>,
}

/// A text for answers and reasons.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AnswerTemplate {
    /// Its id.
    pub id: Uuid,
    /// Kind of case; empty for all.
    pub kind: String,
    /// What staff choose by.
    pub name: String,
    /// The text.
    pub body: String,
}

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Until the end of this moment.
    pub until: DateTime<Utc>,
    /// Who stands in.
    pub deputy: Option<Uuid>,
}

/// Which mails a member of staff wants about new cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseMails {
    /// One for each.
    Each,
    /// One a day.
    Daily,
    /// None.
    None,
}

impl CaseMails {
    /// All.
    pub const ALL: [CaseMails; 3] = [CaseMails::Each, CaseMails::Daily, CaseMails::None];

    /// The stored name; its sentence is in `locales/` under `case-mails-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            CaseMails::Each => "each",
            CaseMails::Daily => "daily",
            CaseMails::None => "none",
        }
    }

    /// The choice with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.key() == key)
    }
}

/// Teams and who could be in them. For whoever sets them up, and for whoever hands cases over.
pub async fn team_page(ctx: &Ctx, actor: Actor) -> Result<TeamPage, Failure> {
    if !actor.may(Permission::SetUpCases) && !actor.may(Permission::SeeCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let members = team_store::members(&mut tx).await?;
    let teams = team_store::teams(&mut tx)
        .await?
        .into_iter()
        .map(|(id, name, kinds)| TeamLine {
            id,
            name,
            kinds: kinds.split(' ').filter_map(CaseKind::parse).collect(),
            members: members.iter().filter(|m| m.0 == id).map(|m| m.1).collect(),
        })
        .collect();
    let colleagues = team_store::deciders(&mut tx)
        .await?
        .into_iter()
        .map(|d| (d.id, d.name))
        .collect();
    Ok(TeamPage { teams, colleagues })
}

/// Staff to whom a case can be handed.
pub async fn colleagues(ctx: &Ctx, actor: Actor) -> Result<Vec<(Uuid, String)>, Failure> {
    Ok(team_page(ctx, actor).await?.colleagues)
}

/// Adds a team.
pub async fn add_team(ctx: &Ctx, actor: Actor, name: &str) -> Result<Uuid, Failure<Problems>> {
    if !actor.may(Permission::SetUpCases) {
        return Err(Failure::Denied);
    }
    let name = clean_line(name);
    if name.is_empty() {
        return Err(Failure::Refused(Problems::one("name", "problem-required")));
    }
    if name.chars().count() > 60 {
        let mut problems = Problems::default();
        problems.add_with("name", "problem-too-long", &[("most", "60")]);
        return Err(Failure::Refused(problems));
    }
    let id = ctx.new_id();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    match team_store::insert_team(&mut tx, id, &name).await {
        Err(error) if db::is_duplicate(&error) => {
            return Err(Failure::Refused(Problems::one("name", "problem-name-taken")));
        }
        result => result?,
    }
    tx.commit(ctx, Event::new(actor, "cases.add-team").on(id)).await?;
    Ok(id)
}

/// Sets members and kinds of a team. A kind belongs to one team: it leaves the one that had it.
pub async fn set_team(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    kinds: &[CaseKind],
    members: &[Uuid],
) -> Result<(), Failure> {
    if !actor.may(Permission::SetUpCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let staff = team_store::deciders(&mut tx).await?;
    let join = |kinds: &[CaseKind]| kinds.iter().map(|k| k.key()).collect::<Vec<_>>().join(" ");
    for (other, _, theirs) in team_store::teams(&mut tx).await? {
        let rest: Vec<CaseKind> = theirs
            .split(' ')
            .filter_map(CaseKind::parse)
            .filter(|k| !kinds.contains(k))
            .collect();
        let now = if other == id { join(kinds) } else { join(&rest) };
        team_store::set_kinds(&mut tx, other, &now).await?;
    }
    let known: Vec<Uuid> = members
        .iter()
        .copied()
        .filter(|m| staff.iter().any(|s| s.id == *m))
        .collect();
    team_store::set_members(&mut tx, id, &known).await?;
    let event = Event::new(actor, "cases.set-team").on(id);
    Ok(tx.commit(ctx, event.with("members", known.len())).await?)
}

/// Deletes a team; its cases have none then.
pub async fn delete_team(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::SetUpCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    team_store::delete_team(&mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "cases.delete-team").on(id))
        .await?)
}

/// Templates for answers, by name; with a kind only those that fit.
pub async fn templates(
    ctx: &Ctx,
    actor: Actor,
    kind: Option<CaseKind>,
) -> Result<Vec<AnswerTemplate>, Failure> {
    if !actor.may(Permission::SetUpCases) && !actor.may(Permission::SeeCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let mut all = team_store::templates(&mut tx).await?;
    if let Some(kind) = kind {
        all.retain(|t| t.kind.is_empty() || t.kind == kind.key());
    }
    Ok(all)
}

/// Adds a template, or overwrites the one with the same name and kind.
pub async fn save_template(
    ctx: &Ctx,
    actor: Actor,
    kind: Option<CaseKind>,
    name: &str,
    body: &str,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::DecideCases) && !actor.may(Permission::SetUpCases) {
        return Err(Failure::Denied);
    }
    let (name, body) = (clean_line(name), clean_lines(body));
    let mut problems = Problems::default();
    for (field, text, most) in [("name", &name, 60), ("body", &body, 4_000)] {
        if text.is_empty() {
            problems.add(field, "problem-required");
        }
        if text.chars().count() > most {
            problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let id = ctx.new_id();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    team_store::save_template(&mut tx, id, kind.map_or("", CaseKind::key), &name, &body).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "cases.save-template").on(id))
        .await?)
}

/// Deletes a template.
pub async fn delete_template(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::DecideCases) && !actor.may(Permission::SetUpCases) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    team_store::delete_template(&mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "cases.delete-template").on(id))
        .await?)
}

/// The own absence, if there is one.
pub async fn own_absence(ctx: &Ctx, actor: Actor) -> Result<Option<Absence>, Failure> {
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.read().await?;
    let found = team_store::absence(&mut tx, me, ctx.clock.now()).await?;
    Ok(found.map(|(until, deputy)| Absence { until, deputy }))
}

/// Says that one is away until a day, and who stands in: cases handed over go to the deputy, and the deputy sees the open
/// ones under "mine".
pub async fn be_away(
    ctx: &Ctx,
    actor: Actor,
    until: NaiveDate,
    deputy: Option<Uuid>,
) -> Result<(), Failure<Problems>> {
    let (true, Some(me)) = (actor.may(Permission::DecideCases), actor.account()) else {
        return Err(Failure::Denied);
    };
    let now = ctx.clock.now();
    let today = domain::time::local(now).date();
    let mut problems = Problems::default();
    if until < today || (until - today).num_days() > 366 {
        problems.add("bis_day", "absence-day");
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let able = team_store::deciders(&mut tx).await?;
    if deputy.is_some_and(|d| d == me || able.iter().all(|a| a.id != d)) {
        problems.add("vertretung", "absence-deputy");
    }
    let end = domain::time::end_of_day(until);
    let (Some(end), true) = (end, problems.is_empty()) else {
        return Err(Failure::Refused(problems));
    };
    team_store::set_absence(&mut tx, me, deputy, end).await?;
    Ok(tx.commit(ctx, Event::new(actor, "cases.away").on(me)).await?)
}

/// Ends the own absence.
pub async fn back_again(ctx: &Ctx, actor: Actor) -> Result<(), Failure> {
    if !actor.may(Permission::DecideCases) {
        return Err(Failure::Denied);
    }
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    team_store::end_absence(&mut tx, me).await?;
    Ok(tx.commit(ctx, Event::new(actor, "cases.back").on(me)).await?)
}

/// Which mails one gets.
pub async fn case_mails(ctx: &Ctx, actor: Actor) -> Result<CaseMails, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.read().await?;
    let reader = team_store::reader(&mut tx, me).await?;
    Ok(reader
        .and_then(|r| CaseMails::parse(&r.mails))
        .unwrap_or(CaseMails::Each))
}

/// Chooses which mails one gets.
pub async fn set_case_mails(ctx: &Ctx, actor: Actor, mails: CaseMails) -> Result<(), Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let me = actor.account().ok_or(Failure::Denied)?;
    let mut tx = ctx.db.begin().await?;
    team_store::set_mails(&mut tx, me, mails.key()).await?;
    Ok(tx
        .commit_unaudited("which mails one gets is the own business")
        .await?)
}
