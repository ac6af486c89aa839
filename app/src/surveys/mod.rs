//! Pages of surveys: what is open, answering, results; what staff write and release.

pub mod ballot;
pub mod citizen;
pub mod results;
pub mod staff;

use crate::ui::view::{badge, plain_day};
use domain::surveys::{Phase, Question, Survey, people::Audience};
use leptos::prelude::*;
use locales::Lang;

fn phase_badge(lang: Lang, phase: Phase) -> AnyView {
    let kind = match phase {
        Phase::Draft | Phase::Planned => "info",
        Phase::Open => "success",
        Phase::Closed => "warning",
        Phase::Published => "info",
    };
    badge(kind, &lang.t(&format!("survey-phase-{}", phase.key()))).into_any()
}

/// "1.12.2026 to 14.12.2026".
fn days(lang: Lang, survey: &Survey) -> Option<String> {
    let (first, last) = survey.opens_on.zip(survey.closes_on)?;
    Some(lang.with(
        "survey-days",
        &[("von", &plain_day(lang, first)), ("bis", &plain_day(lang, last))],
    ))
}

/// Who may answer, in words.
fn audience(lang: Lang, audience: &Audience) -> String {
    let place = if audience.districts.is_empty() {
        lang.t("survey-for-all")
    } else {
        lang.with(
            "survey-for-districts",
            &[("orte", &audience.districts.join(", "))],
        )
    };
    let text = |n: i32| n.to_string();
    let age = match (audience.from_age, audience.to_age) {
        (None, None) => return place,
        (Some(from), None) => lang.with("survey-from-age", &[("von", &text(from))]),
        (None, Some(to)) => lang.with("survey-to-age", &[("bis", &text(to))]),
        (Some(from), Some(to)) => {
            lang.with("survey-between-ages", &[("von", &text(from)), ("bis", &text(to))])
        }
    };
    format!("{place}, {age}")
}

/// What is asked, for people who cannot answer (yet).
fn outline(lang: Lang, questions: &[Question]) -> AnyView {
    let items: Vec<_> = questions
        .iter()
        .map(|q| {
            let choices: Vec<_> = (0..q.options())
                .map(|at| view! { <li>{q.option(at)}</li> })
                .collect();
            view! { <li><p class="kern-body">{q.text.clone()}</p><ul class="kern-list">{choices}</ul></li> }
        })
        .collect();
    view! {
        <section aria-labelledby="questions-heading">
            <h2 class="kern-heading-medium" id="questions-heading">{lang.t("survey-questions")}</h2>
            <ol class="kern-list survey-outline">{items}</ol>
        </section>
    }
    .into_any()
}
