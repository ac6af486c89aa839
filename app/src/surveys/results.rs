//! How a result looks: bars with numbers, and how well those who answered stand for all.

use super::days;
use crate::{
    portal::{Fault, Outcome, Page, Rq},
    talk,
    ui::view::{alert, paragraphs},
};
use backend::surveys;
use domain::{
    letters::figures::{SMALLEST, Shown},
    surveys::{
        Question, QuestionKind, Survey,
        results::{QuestionResult, Results, Share},
    },
    talk::Subject,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// `/umfragen/{id}/ergebnis`: for everybody, with what people say to it.
pub async fn public(rq: Rq) -> Outcome {
    let id = rq.id()?;
    let (page, results) = surveys::public_results(&rq.ctx, id)
        .await
        .map_err(Fault::not_found)?;
    let here = format!("{}/{id}/ergebnis", urls::SURVEYS);
    let comments = match talk::comments::act(&rq, Subject::Survey, id, &here).await? {
        Ok(answer) => return Ok(answer),
        Err(comments) => comments,
    };
    let lang = rq.lang;
    let status = comments.status();
    let title = lang.with("survey-result-of", &[("titel", &page.survey.title)]);
    Ok(Page::new(title.clone(), move || {
        let follow_up = page.follow_up.clone();
        view! {
            {comments.summary()}
            <p><a class="kern-link" href=urls::SURVEYS>{lang.t("surveys-title")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body muted">{days(lang, &page.survey)}</p>
            {paragraphs(&page.survey.intro)}
            {(!follow_up.is_empty()).then(|| view! {
                <section class="card-plain" aria-labelledby="follow-up">
                    <h2 class="kern-heading-medium" id="follow-up">{lang.t("survey-follow-up")}</h2>
                    {paragraphs(&follow_up)}
                </section>
            })}
            {figures(lang, &page.survey, &results, false)}
            {comments.view()}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn percent(lang: Lang, part: i64, whole: i64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let share = part as f64 * 100.0 / whole as f64;
    let text = format!("{share:.0}");
    lang.with("percent", &[("n", &text)])
}

/// Everything that is shown of a result; answers in own words for staff only.
pub(super) fn figures(lang: Lang, survey: &Survey, results: &Results, with_texts: bool) -> AnyView {
    let share = percent(lang, results.answers, results.residents);
    let summary = lang.with(
        "survey-turnout",
        &[
            ("n", &lang.number(results.answers)),
            ("alle", &lang.number(results.residents)),
            ("anteil", &share),
        ],
    );
    if !results.is_enough() {
        let few = lang.with("survey-too-few", &[("n", &SMALLEST.to_string())]);
        return alert(
            "info",
            &lang.t("survey-too-few-title"),
            view! { <p class="kern-body">{few}</p> },
        );
    }
    let questions: Vec<_> = (1..)
        .zip(survey.questions.iter().zip(&results.questions))
        .map(|(n, (question, result))| one_question(lang, n, question, result, with_texts))
        .collect();
    view! {
        <p class="kern-body kern-body--large"><strong>{summary}</strong></p>
        {questions}
        <section aria-labelledby="representative">
            <h2 class="kern-heading-medium" id="representative">{lang.t("survey-representative")}</h2>
            <p class="kern-body">{lang.with("survey-representative-how", &[("n", &SMALLEST.to_string())])}</p>
            {shares(lang, "survey-by-district", &results.districts, results.answers, results.residents, |name| name.to_owned())}
            {shares(lang, "survey-by-age", &results.ages, results.answers, results.residents, |key| lang.t(&format!("age-band-{key}")))}
        </section>
    }
    .into_any()
}

fn one_question(
    lang: Lang,
    n: usize,
    question: &Question,
    result: &QuestionResult,
    with_texts: bool,
) -> AnyView {
    let id = format!("frage-{n}");
    let answered = lang.n("survey-answered", result.answered);
    let mean = (question.kind == QuestionKind::Scale)
        .then(|| result.mean())
        .flatten()
        .map(|mean| {
            view! { <p class="kern-body">{lang.with("survey-mean", &[("n", &lang.decimal(mean))])}</p> }
        });
    let bars: Vec<_> = result
        .counts
        .iter()
        .enumerate()
        .map(|(at, count)| {
            let share = percent(lang, *count, result.answered);
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            let value = if result.answered > 0 { *count as f64 * 100.0 / result.answered as f64 } else { 0.0 };
            view! {
                <li class="bars__row bars__row--long">
                    <span class="bars__name">{question.option(at)}</span>
                    <meter class="bars__bar" min="0" max="100" value=format!("{value:.1}") aria-hidden="true"></meter>
                    <span class="bars__value">{format!("{share} ({})", lang.number(*count))}</span>
                </li>
            }
        })
        .collect();
    let several = (question.kind == QuestionKind::Several)
        .then(|| view! { <p class="kern-hint">{lang.t("survey-several-hint")}</p> });
    let texts = (question.kind == QuestionKind::Text).then(|| {
        if with_texts {
            let items: Vec<_> = result
                .texts
                .iter()
                .map(|t| view! { <li class="written">{t.clone()}</li> })
                .collect();
            view! { <ul class="kern-list">{items}</ul> }.into_any()
        } else {
            view! { <p class="kern-body">{lang.t("survey-texts-staff")}</p> }.into_any()
        }
    });
    let list = (!bars.is_empty()).then(|| view! { <ul class="plain-list bars">{bars}</ul> });
    view! {
        <section class="card-plain" aria-labelledby=id.clone()>
            <h2 class="kern-heading-small" id=id.clone()>{format!("{n}. {}", question.text)}</h2>
            <p class="kern-body muted">{answered}</p>
            {mean}{list}{several}{texts}
        </section>
    }
    .into_any()
}

fn shown(lang: Lang, shown: Shown) -> String {
    match shown {
        Shown::Number(n) => lang.number(n),
        Shown::Hidden => lang.t("council-hidden"),
    }
}

/// People and answers by district or age, with the share that each has of its whole.
fn shares(
    lang: Lang,
    title: &'static str,
    all: &[Share],
    answers: i64,
    residents: i64,
    name: impl Fn(&str) -> String,
) -> AnyView {
    let rows: Vec<_> = all
        .iter()
        .map(|s| {
            let name = if s.name.is_empty() { lang.t("survey-rest") } else { name(&s.name) };
            let part = |at: usize, whole: i64| match s.shown[at] {
                Shown::Number(n) => percent(lang, n, whole),
                Shown::Hidden => "–".to_owned(),
            };
            let cells = [
                shown(lang, s.shown[0]),
                part(0, residents),
                shown(lang, s.shown[1]),
                part(1, answers),
            ]
            .map(|c| view! { <td class="kern-table__cell kern-table__cell--numeric">{c}</td> })
            .into_iter()
            .collect::<Vec<_>>();
            view! { <tr class="kern-table__row"><th scope="row" class="kern-table__cell">{name}</th>{cells}</tr> }
        })
        .collect();
    let heads: Vec<_> = [
        "survey-may",
        "survey-share-residents",
        "survey-answers",
        "survey-share-answers",
    ]
    .into_iter()
    .map(
        |k| view! { <th scope="col" class="kern-table__header kern-table__header--numeric">{lang.t(k)}</th> },
    )
    .collect();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t(title)>
            <table class="kern-table kern-table--small shares">
                <thead><tr class="kern-table__row"><th scope="col" class="kern-table__header">{lang.t(title)}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
