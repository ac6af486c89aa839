//! What staff do: write, release, close, publish, delete.

use super::{SurveyPage, load, lock, open, staff, store, today};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::Tx,
    residents,
};
use domain::{
    access::Actor,
    letters::figures::SMALLEST,
    problem::Problems,
    surveys::{
        Phase, Secrecy, Survey, SurveyState,
        people::{AgeBand, Stratum, age, strata},
    },
};
use uuid::Uuid;

/// Where the private key of a group belongs.
pub(super) fn bound(survey: Uuid, number: i64) -> Vec<u8> {
    format!("survey {survey} stratum {number}").into_bytes()
}

fn stale<T>() -> Result<T, Failure<Problems>> {
    Err(Failure::Refused(Problems::one("", "problem-stale")))
}

fn not_now<T>() -> Result<T, Failure<Problems>> {
    Err(Failure::Refused(Problems::one("", "problem-survey-state")))
}

async fn begin(ctx: &Ctx, actor: Actor) -> Result<Tx, Failure<Problems>> {
    staff(actor).map_err(Failure::widen)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    open(&mut tx).await.map_err(Failure::widen)?;
    Ok(tx)
}

/// A new draft. Gives its id.
pub async fn create(ctx: &Ctx, actor: Actor, survey: &Survey) -> Result<Uuid, Failure<Problems>> {
    staff(actor).map_err(Failure::widen)?;
    let problems = survey.check_draft();
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let mut tx = begin(ctx, actor).await?;
    let id = ctx.new_id();
    store::insert(&mut tx, id, &serde_json::to_string(survey)?, ctx.clock.now()).await?;
    tx.commit(ctx, Event::new(actor, "surveys.create").on(id)).await?;
    Ok(id)
}

/// Writes a draft anew; what is missing may be missing.
pub async fn save(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    survey: &Survey,
) -> Result<(), Failure<Problems>> {
    let mut tx = begin(ctx, actor).await?;
    let problems = survey.check_draft();
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let before = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    if before.state != SurveyState::Draft {
        return not_now();
    }
    write(&mut tx, &before, version, survey, SurveyState::Draft, None).await?;
    Ok(tx.commit(ctx, Event::new(actor, "surveys.write").on(id)).await?)
}

async fn write(
    tx: &mut Tx,
    page: &SurveyPage,
    version: i64,
    survey: &Survey,
    state: SurveyState,
    published: Option<(&str, &str)>,
) -> Result<(), Failure<Problems>> {
    let change = store::Change {
        content: &serde_json::to_string(survey)?,
        state: state.key(),
        follow_up: published.map_or(page.follow_up.as_str(), |p| p.0),
        results: published.map(|p| p.1),
    };
    if store::update(tx, page.id, version, &change).await? {
        Ok(())
    } else {
        stale()
    }
}

/// Fixes the survey: from its first day on it is open. Who may answer is grouped by district and age, and each group of a
/// blind survey gets its key.
pub async fn release(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<(), Failure<Problems>> {
    staff(actor).map_err(Failure::widen)?;
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await.map_err(Failure::widen)?;
    let page = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    let mut problems = page.survey.check(today(ctx));
    let groups = groups(&mut tx, &page.survey).await?;
    drop(tx);
    let few = groups.iter().map(|g| g.residents).sum::<i64>() < SMALLEST;
    if few && page.survey.opens_on.is_some() {
        problems.add_with("", "problem-survey-few", &[("n", &SMALLEST.to_string())]);
    }
    if page.state != SurveyState::Draft {
        return not_now();
    }
    if page.version != version {
        return stale();
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    // made before the store is locked: a town with many groups needs a second or two
    let keys = match page.survey.secrecy {
        Secrecy::Secret => Vec::new(),
        Secrecy::Blind => new_keys(groups.len()).await?,
    };
    let mut rows = Vec::with_capacity(groups.len());
    for (number, group) in (0..).zip(groups) {
        let pair = usize::try_from(number).ok().and_then(|n| keys.get(n));
        let sealed = pair
            .map(|(private, _)| ctx.master.seal(private, &bound(id, number)))
            .transpose()?;
        rows.push(store::StratumRow {
            number,
            district: group.district,
            band: group.band.key().to_owned(),
            residents: group.residents,
            answers: 0,
            public_key: pair.map(|(_, public)| public.clone()),
            sealed_key: sealed,
        });
    }
    let mut tx = begin(ctx, actor).await?;
    write(&mut tx, &page, version, &page.survey, SurveyState::Released, None).await?;
    store::insert_strata(&mut tx, id, &rows).await?;
    let event = Event::new(actor, "surveys.release").on(id);
    Ok(tx
        .commit(ctx, event.with("secrecy", page.survey.secrecy.key()))
        .await?)
}

async fn new_keys(count: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Failure<Problems>> {
    tokio::task::spawn_blocking(move || {
        (0..count)
            .map(|_| ballot::new_key())
            .collect::<Result<Vec<_>, _>>()
    })
    .await?
    .map_err(Failure::broken)
}

/// Everybody of the register who may answer, in groups. Ages are those of the first day.
async fn groups(tx: &mut Tx, survey: &Survey) -> Result<Vec<Stratum>, Failure<Problems>> {
    let Some(first) = survey.opens_on else {
        return Ok(Vec::new());
    };
    let all = residents::districts_and_births(tx).await?;
    Ok(strata(all.into_iter().filter_map(|(district, born, year)| {
        let age = age(born, year, first);
        survey
            .audience
            .includes(&district, age)
            .then(|| (district, AgeBand::of(age)))
    })))
}

/// Ends an open survey today.
pub async fn close_now(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<(), Failure<Problems>> {
    let mut tx = begin(ctx, actor).await?;
    lock(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    let page = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    if page.phase != Phase::Open {
        return not_now();
    }
    let mut survey = page.survey.clone();
    survey.closes_on = Some(today(ctx));
    write(&mut tx, &page, version, &survey, page.state, None).await?;
    store::close(&mut tx, id, ctx.clock.now()).await?;
    Ok(tx.commit(ctx, Event::new(actor, "surveys.close").on(id)).await?)
}

/// Publishes the result, with what the town makes of it. The answers themselves are not needed any more and are deleted; the
/// page that staff see is what is left.
pub async fn publish(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    follow_up: &str,
) -> Result<(), Failure<Problems>> {
    let follow_up = domain::cases::clean_lines(follow_up);
    let mut tx = begin(ctx, actor).await?;
    if follow_up.chars().count() > 3_000 {
        let mut problems = Problems::default();
        problems.add_with("follow_up", "problem-too-long", &[("most", "3000")]);
        return Err(Failure::Refused(problems));
    }
    lock(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    let page = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    if !matches!(page.phase, Phase::Closed | Phase::Published) {
        return not_now();
    }
    let results = super::results::results_in(&mut tx, &page)
        .await
        .map_err(Failure::widen)?;
    let results = serde_json::to_string(&results)?;
    let published = Some((follow_up.as_str(), results.as_str()));
    write(
        &mut tx,
        &page,
        version,
        &page.survey,
        SurveyState::Published,
        published,
    )
    .await?;
    if !page.is_closed {
        store::close(&mut tx, id, ctx.clock.now()).await?;
    }
    store::empty(&mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "surveys.publish").on(id))
        .await?)
}

/// Deletes a survey with everything in it.
pub async fn discard(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<(), Failure<Problems>> {
    let mut tx = begin(ctx, actor).await?;
    let page = load(ctx, &mut tx, id).await.map_err(Failure::widen)?;
    if page.version != version {
        return stale();
    }
    store::delete(&mut tx, id).await?;
    let event = Event::new(actor, "surveys.discard").on(id);
    Ok(tx.commit(ctx, event.with("state", page.state.key())).await?)
}
