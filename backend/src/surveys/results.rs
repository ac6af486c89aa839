//! Counting, and what is shown of it.

use super::{SurveyPage, load, open, staff, store, stratum};
use crate::{Ctx, Failure, db::Tx};
use domain::{
    access::{Actor, Permission},
    letters::figures::Shown,
    surveys::{Answer, Phase, SurveyState, results::Results},
};
use locales::Lang;
use uuid::Uuid;

/// The result as it is: counted now, or as it was published.
pub(super) async fn results_in(tx: &mut Tx, page: &SurveyPage) -> Result<Results, Failure> {
    if let Some(stored) = &page.results {
        return Ok(serde_json::from_str(stored)?);
    }
    let mut answers: Vec<Vec<Answer>> = Vec::new();
    for json in store::answers(tx, page.id).await? {
        answers.push(serde_json::from_str(&json)?);
    }
    let rows = store::strata(tx, page.id).await?;
    let counts: Vec<i64> = rows.iter().map(|r| r.answers).collect();
    let strata: Vec<_> = rows.into_iter().map(stratum).collect();
    Ok(Results::count(&page.survey, &strata, &counts, &answers))
}

/// The result, for staff: only when the days are over, so that nobody steers an open survey.
pub async fn results(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Option<Results>, Failure> {
    staff(actor)?;
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let page = load(ctx, &mut tx, id).await?;
    if !matches!(page.phase, Phase::Closed | Phase::Published) {
        return Ok(None);
    }
    results_in(&mut tx, &page).await.map(Some)
}

/// A published result, for everybody: without answers in own words.
pub async fn public_results(ctx: &Ctx, id: Uuid) -> Result<(SurveyPage, Results), Failure> {
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let page = load(ctx, &mut tx, id).await?;
    if page.state != SurveyState::Published {
        return Err(Failure::Denied);
    }
    let mut results = results_in(&mut tx, &page).await?;
    for question in &mut results.questions {
        question.texts.clear();
    }
    Ok((page, results))
}

/// For the council: published surveys with people who could answer and answers, newest first.
pub async fn figures(ctx: &Ctx, actor: Actor) -> Result<Vec<(String, i64, Shown)>, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let mut all = Vec::new();
    for row in store::all(&mut tx).await? {
        let page = super::plain(ctx, row)?;
        if page.state == SurveyState::Published {
            let results = results_in(&mut tx, &page).await?;
            let answers = match results.is_enough() {
                true => Shown::Number(results.answers),
                false => Shown::Hidden,
            };
            all.push((page.survey.title, results.residents, answers));
        }
    }
    Ok(all)
}

/// The result as a workbook, for staff.
pub async fn workbook(ctx: &Ctx, actor: Actor, id: Uuid, lang: Lang) -> Result<Vec<u8>, Failure> {
    let results = results(ctx, actor, id).await?.ok_or(Failure::Denied)?;
    let mut tx = ctx.db.read().await?;
    let page = load(ctx, &mut tx, id).await?;
    drop(tx);
    let heads = ["survey-column-what", "survey-column-number"].map(|k| lang.t(k));
    let line = |a: String, b: String| vec![a, b];
    let mut rows = vec![
        line(lang.t("survey-residents"), results.residents.to_string()),
        line(lang.t("survey-answers"), results.answers.to_string()),
    ];
    for (question, result) in page.survey.questions.iter().zip(&results.questions) {
        rows.push(Vec::new());
        rows.push(line(question.text.clone(), result.answered.to_string()));
        for (at, n) in result.counts.iter().enumerate() {
            rows.push(line(question.option(at), n.to_string()));
        }
        rows.extend(result.texts.iter().map(|t| line(t.clone(), String::new())));
    }
    let shown = |s: Shown| match s {
        Shown::Number(n) => n.to_string(),
        Shown::Hidden => lang.t("council-hidden"),
    };
    let heading = |key: &str| vec![lang.t(key), lang.t("survey-residents"), lang.t("survey-answers")];
    rows.push(Vec::new());
    rows.push(heading("survey-by-district"));
    for share in &results.districts {
        let name = match share.name.as_str() {
            "" => lang.t("survey-rest"),
            name => name.to_owned(),
        };
        rows.push(vec![name, shown(share.shown[0]), shown(share.shown[1])]);
    }
    rows.push(Vec::new());
    rows.push(heading("survey-by-age"));
    for share in &results.ages {
        let name = match share.name.as_str() {
            "" => lang.t("survey-rest"),
            key => lang.t(&format!("age-band-{key}")),
        };
        rows.push(vec![name, shown(share.shown[0]), shown(share.shown[1])]);
    }
    rows.push(Vec::new());
    rows.push(vec![lang.t("council-hidden-hint")]);
    crate::wording::workbook(&page.survey.title, &heads, &rows).map_err(Failure::broken)
}
