//! Surveys among verified residents: one person, one answer, and no way from the answer to the person. Written and released by
//! staff, answered on a page or with a blind ballot, counted when the days are over.

mod making;
mod results;
mod store;
mod voting;

pub use making::{close_now, create, discard, publish, release, save};
pub use results::{figures, public_results, results, workbook};
pub(crate) use voting::of_party;
pub use voting::{
    Ballot, Mine, Standing, StratumKey, VoteRefusal, answer, ask_ballot, ballot_keys, cast, for_resident,
    public_list,
};

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::Tx,
    municipality, throttle,
};
use chrono::NaiveDate;
use domain::{
    access::{Actor, Permission},
    surveys::{
        Phase, Survey, SurveyState,
        people::{AgeBand, Stratum},
    },
};
use uuid::Uuid;

/// A survey with where it stands.
#[derive(Clone, Debug)]
pub struct SurveyPage {
    /// Its id.
    pub id: Uuid,
    /// What it asks.
    pub survey: Survey,
    /// Where it stands.
    pub state: SurveyState,
    /// What it is today.
    pub phase: Phase,
    /// A change must name it.
    pub version: i64,
    /// What the town makes of the result.
    pub follow_up: String,
    /// People who may answer; 0 for a draft.
    pub residents: i64,
    /// People who have taken part.
    pub participants: i64,
    /// Answers in the box: fewer than participants while blind ballots are out.
    pub answers: i64,
    is_closed: bool,
    results: Option<String>,
}

fn today(ctx: &Ctx) -> NaiveDate {
    domain::time::local(ctx.clock.now()).date()
}

/// Is the tool switched on?
async fn open(tx: &mut Tx) -> Result<(), Failure> {
    if municipality::current_in(tx).await?.settings.surveys {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

fn staff(actor: Actor) -> Result<(), Failure> {
    if actor.may(Permission::ManageSurveys) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// The survey with its counts, for a page.
async fn load(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<SurveyPage, Failure> {
    let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
    counted(ctx, tx, row).await
}

async fn counted(ctx: &Ctx, tx: &mut Tx, row: store::Row) -> Result<SurveyPage, Failure> {
    let open = row.closed_at.is_none();
    let mut page = plain(ctx, row)?;
    for stratum in store::strata(tx, page.id).await? {
        page.residents += stratum.residents;
        page.answers += stratum.answers;
    }
    if open && page.state == SurveyState::Released {
        page.participants = store::count_participants(tx, page.id).await?;
    }
    Ok(page)
}

/// The survey without counts: what answering needs.
fn plain(ctx: &Ctx, row: store::Row) -> Result<SurveyPage, Failure> {
    let survey: Survey = serde_json::from_str(&row.content)?;
    let state =
        SurveyState::parse(&row.state).ok_or_else(|| Failure::broken("a stored survey does not parse"))?;
    Ok(SurveyPage {
        phase: match (state, row.closed_at) {
            // closed before its last day
            (SurveyState::Released, Some(_)) => Phase::Closed,
            _ => survey.phase(state, today(ctx)),
        },
        id: row.id,
        survey,
        state,
        version: row.version,
        follow_up: row.follow_up,
        residents: 0,
        participants: row.participants,
        answers: 0,
        is_closed: row.closed_at.is_some(),
        results: row.results,
    })
}

/// Until this transaction ends nobody else answers this survey or closes it: an answer is in before the end, or refused.
async fn lock(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<(), Failure> {
    let counter = throttle::Counter::new(ctx, "survey", &id.to_string());
    Ok(throttle::lock(tx, &counter).await?)
}

async fn strata(tx: &mut Tx, survey: Uuid) -> Result<Vec<Stratum>, Failure> {
    let rows = store::strata(tx, survey).await?;
    Ok(rows.into_iter().map(stratum).collect())
}

fn stratum(row: store::StratumRow) -> Stratum {
    Stratum {
        district: row.district,
        band: AgeBand::parse(&row.band).unwrap_or(AgeBand::Other),
        residents: row.residents,
    }
}

/// All surveys, for staff; newest first.
pub async fn list(ctx: &Ctx, actor: Actor) -> Result<Vec<SurveyPage>, Failure> {
    staff(actor)?;
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let mut all = Vec::new();
    for row in store::all(&mut tx).await? {
        all.push(counted(ctx, &mut tx, row).await?);
    }
    Ok(all)
}

/// One survey, for staff.
pub async fn survey(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<SurveyPage, Failure> {
    staff(actor)?;
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    load(ctx, &mut tx, id).await
}

/// Is there a public result? Inside another feature's transaction.
pub(crate) async fn is_published(tx: &mut Tx, id: Uuid) -> Result<bool, Failure> {
    let row = store::one(tx, id).await?;
    Ok(row.is_some_and(|r| r.state == SurveyState::Published.key()))
}

/// How many surveys are open, and how many are over and wait for their result: for the dashboard.
pub async fn totals(ctx: &Ctx, actor: Actor) -> Result<(i64, i64), Failure> {
    staff(actor)?;
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let mut all = Vec::new();
    for row in store::all(&mut tx).await? {
        all.push(plain(ctx, row)?);
    }
    let count = |phase| i64::try_from(all.iter().filter(|s| s.phase == phase).count()).unwrap_or(0);
    Ok((count(Phase::Open), count(Phase::Closed)))
}

/// Surveys whose days are over lose their keys, and who has taken part is forgotten.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let now = ctx.clock.now();
    for row in store::all(&mut tx).await? {
        let (id, waits) = (row.id, row.closed_at.is_none());
        if waits && plain(ctx, row)?.phase == Phase::Closed {
            lock(ctx, &mut tx, id).await?;
            store::close(&mut tx, id, now).await?;
            let event = Event::new(Actor::System, "surveys.close").on(id);
            audit::append(&mut tx, now, &event).await?;
        }
    }
    Ok(tx
        .commit_unaudited("each survey that was closed has its event")
        .await?)
}

/// Rows of people who have taken part, of answers and of used ballots: for tests.
#[cfg(feature = "testing")]
pub async fn stored_rows(ctx: &Ctx) -> crate::db::Result<[i64; 3]> {
    let mut tx = ctx.db.read().await?;
    store::rows(&mut tx).await
}
