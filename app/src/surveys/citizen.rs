//! `/umfragen`: what is open, and answering.

use super::{audience, days, outline, phase_badge};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, encode, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, badge, link_button, paragraphs, plain_day, submit},
    },
};
use backend::surveys::{self, Mine, Standing, VoteRefusal};
use domain::{
    letters::figures::SMALLEST,
    problem::Problems,
    surveys::{Phase, Question, QuestionKind, Secrecy, Survey},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// `/umfragen`.
pub async fn list(rq: Rq) -> Outcome {
    let all = surveys::public_list(&rq.ctx, rq.who.as_ref())
        .await
        .map_err(Fault::not_found)?;
    let lang = rq.lang;
    let title = lang.t("surveys-title");
    Ok(Page::new(title.clone(), move || {
        let none = all.is_empty();
        let section = |phases: &[Phase], key: &'static str| {
            let lines: Vec<_> = all
                .iter()
                .filter(|m| phases.contains(&m.page.phase))
                .map(|m| line(lang, m))
                .collect();
            (!lines.is_empty()).then(|| {
                view! {
                    <section aria-labelledby=key>
                        <h2 class="kern-heading-medium" id=key>{lang.t(key)}</h2>
                        <ul class="files">{lines}</ul>
                    </section>
                }
            })
        };
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("surveys-intro")}</p>
            {none.then(|| view! { <div class="empty"><p class="kern-body">{lang.t("surveys-none")}</p></div> })}
            {section(&[Phase::Open], "surveys-open")}
            {section(&[Phase::Published], "surveys-published")}
            {section(&[Phase::Closed], "surveys-closed")}
        }
        .into_any()
    })
    .into())
}

fn line(lang: Lang, m: &Mine) -> AnyView {
    let page = &m.page;
    let to = match page.phase {
        Phase::Published => format!("{}/{}/ergebnis", urls::SURVEYS, page.id),
        _ => format!("{}/{}", urls::SURVEYS, page.id),
    };
    let until = (page.phase == Phase::Open)
        .then_some(page.survey.closes_on)
        .flatten();
    let when = match until {
        Some(last) => lang.with("survey-until", &[("datum", &plain_day(lang, last))]),
        None => days(lang, &page.survey).unwrap_or_default(),
    };
    let standing = match (page.phase, m.standing) {
        (Phase::Open, Standing::May) => Some(("success", "survey-you-may")),
        (Phase::Open, Standing::HasBallot) => Some(("info", "survey-has-ballot-short")),
        (_, Standing::Answered) => Some(("info", "survey-you-did")),
        _ => None,
    };
    view! {
        <li class="card-plain stack">
            <h3 class="kern-heading-small"><a class="kern-link" lang=crate::ui::view::TOWN href=to>{page.survey.title.clone()}</a></h3>
            <p class="kern-body muted">{format!("{when} · {}", audience(lang, &page.survey.audience))}</p>
            {standing.map(|(kind, key)| view! { <p>{badge(kind, &lang.t(key))}</p> })}
        </li>
    }
    .into_any()
}

/// `/umfragen/{id}`.
pub async fn one(rq: Rq) -> Outcome {
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::SURVEYS);
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let who = rq.resident()?;
        match refused(surveys::answer(&rq.ctx, who, id, |name| form.all(name)).await)? {
            Ok(()) => return Ok(Answer::go(format!("{here}?danke=1"))),
            Err(VoteRefusal::Problems(p)) => problems = p,
            Err(other) => problems = Problems::one("", other.key()),
        }
    }
    let mine = surveys::for_resident(&rq.ctx, rq.who.as_ref(), id)
        .await
        .map_err(Fault::not_found)?;
    if mine.page.phase == Phase::Published {
        return Ok(Answer::go(format!("{here}/ergebnis")));
    }
    let lang = rq.lang;
    let status = status_of(&problems);
    let thanks = rq.query.has("danke") && rq.form.is_none();
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    let asset = rq.asset;
    Ok(Page::new(mine.page.survey.title.clone(), move || {
        let survey = &mine.page.survey;
        let open = mine.page.phase == Phase::Open;
        let blind = survey.secrecy == Secrecy::Blind;
        // a ballot can be used without being signed in: the form waits for the script to find one
        let waits = blind && matches!(mine.standing, Standing::HasBallot | Standing::SignedOut);
        let count = (mine.page.participants >= SMALLEST)
            .then(|| view! { <p class="kern-body muted">{lang.n("survey-participants", mine.page.participants)}</p> });
        let body = if !open || thanks {
            None
        } else if mine.standing == Standing::May || waits {
            Some(questions(lang, &form, &mine, waits, asset))
        } else {
            None
        };
        let shows_questions = body.is_some() && !waits;
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::SURVEYS>{lang.t("surveys-title")}</a></p>
            <h1 class="kern-heading-x-large" lang=crate::ui::view::TOWN>{survey.title.clone()}</h1>
            {thanks.then(|| alert("success", &lang.t("survey-thanks-title"), view! { <p class="kern-body">{lang.t("survey-thanks")}</p> }))}
            <p>{phase_badge(lang, mine.page.phase)}</p>
            <p class="kern-body muted">{days(lang, survey)}" · "{audience(lang, &survey.audience)}</p>
            {count}
            {paragraphs(&survey.intro)}
            {(!thanks).then(|| standing(lang, &mine, open))}
            {body}
            {(!shows_questions && !thanks).then(|| outline(lang, &survey.questions))}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// What stands between somebody and an answer.
fn standing(lang: Lang, mine: &Mine, open: bool) -> AnyView {
    if !open {
        return alert(
            "info",
            &lang.t("survey-over-title"),
            view! { <p class="kern-body">{lang.t("survey-over")}</p> },
        );
    }
    let note = |kind: &str, key: &str| {
        alert(
            kind,
            &lang.t(&format!("{key}-title")),
            view! { <p class="kern-body">{lang.t(key)}</p> },
        )
    };
    match mine.standing {
        Standing::SignedOut => {
            let back = encode(&format!("{}/{}", urls::SURVEYS, mine.page.id));
            let to = format!("{}?zurueck={back}", urls::SIGN_IN);
            view! {
                {note("info", "survey-signed-out")}
                <div class="buttons">{link_button("primary", &to, &lang.t("sign-in"))}{link_button("secondary", urls::REGISTER, &lang.t("register-title"))}</div>
            }
            .into_any()
        }
        Standing::NotVerified => note("info", "survey-not-verified"),
        Standing::NotMeant => note("info", "survey-not-meant"),
        Standing::Answered => note("success", "survey-answered-already"),
        Standing::HasBallot => note("info", "survey-has-ballot"),
        Standing::May => ().into_any(),
    }
}

/// The form; in a blind survey with what its script needs.
fn questions(lang: Lang, form: &Form, mine: &Mine, waits: bool, asset: fn(&str) -> String) -> AnyView {
    let survey = &mine.page.survey;
    let fields: Vec<_> = (1..)
        .zip(&survey.questions)
        .map(|(n, q)| field(lang, form, n, q))
        .collect();
    let here = format!("{}/{}", urls::SURVEYS, mine.page.id);
    if survey.secrecy == Secrecy::Secret {
        return view! {
            {how(lang, survey)}
            <form method="post" action=here novalidate=true class="stack survey">
                {fields}
                {submit("primary", &lang.t("survey-send"))}
            </form>
        }
        .into_any();
    }
    let (stratum, key) = mine
        .ballot
        .clone()
        .map_or_else(Default::default, |b| (b.stratum.to_string(), b.key));
    let may_ask = mine.standing == Standing::May;
    view! {
        {(!waits).then(|| how(lang, survey))}
        <form method="post" action=here.clone() novalidate=true class="stack survey" data-ballot=mine.page.id.to_string() data-here=here
            data-stratum=stratum data-key=key data-may=may_ask.then_some("true") data-fewest=SMALLEST.to_string()
            data-module=asset("ballot-module.js") data-wasm=asset("ballot-module.wasm") data-lang=lang.code()
            data-problems=lang.t("form-problems") data-broken=lang.t("ballot-broken") data-lost=lang.t("ballot-lost")
            data-thanks-title=lang.t("survey-thanks-title") data-thanks=lang.t("survey-thanks") hidden=waits>
            <section class="card-plain stack" data-blind=true hidden=true aria-labelledby="ballot-heading">
                <h2 class="kern-heading-medium" id="ballot-heading">{lang.t("ballot-title")}</h2>
                <p class="kern-body">{lang.t("ballot-how")}</p>
                <p class="kern-body" role="status" data-ballot-state=true data-ready=lang.t("ballot-ready") data-working=lang.t("ballot-working")></p>
                <div><button class="kern-btn kern-btn--secondary" type="button" data-ballot-ask=true><span class="kern-label">{lang.t("ballot-ask")}</span></button></div>
            </section>
            {fields}
            <div class="buttons" data-blind=true hidden=true>
                <button class="kern-btn kern-btn--primary" type="button" data-ballot-cast=true disabled=true><span class="kern-label">{lang.t("ballot-cast")}</span></button>
            </div>
            {may_ask.then(|| view! {
                <div class="stack" data-plain=true>
                    <p class="kern-body">{lang.t("ballot-plain")}</p>
                    {submit("secondary", &lang.t("survey-send"))}
                </div>
            })}
        </form>
        <script type="module" src=asset("ballot.js")></script>
    }
    .into_any()
}

fn how(lang: Lang, survey: &Survey) -> AnyView {
    let key = format!("secrecy-{}-how", survey.secrecy.key());
    view! { <p class="kern-body">{lang.t(&key)}</p> }.into_any()
}

/// One question as a field: a group of choices, or a text.
fn field(lang: Lang, form: &Form, n: usize, question: &Question) -> AnyView {
    let name = format!("f{n}");
    let label = format!("{n}. {}", question.text);
    if question.kind == QuestionKind::Text {
        let options = Options {
            rows: 4,
            optional: !question.required,
            towns_words: true,
            ..Options::default()
        };
        return form.text(&name, &label, options);
    }
    let chosen = form.fields().all(&name);
    let several = question.kind == QuestionKind::Several;
    let (kind, class) = if several {
        ("checkbox", "kern-form-check__checkbox")
    } else {
        ("radio", "kern-form-check__radio")
    };
    let problem = form.problem(&name);
    let items: Vec<_> = (0..question.options())
        .map(|at| {
            let value = (at + 1).to_string();
            // the first one carries the name of the question, so that the summary of problems leads there
            let id = if at == 0 {
                name.clone()
            } else {
                format!("{name}-{value}")
            };
            let checked = chosen.contains(&value);
            view! {
                <div class="kern-form-check">
                    <input class=class type=kind id=id.clone() name=name.clone() value=value checked=checked/>
                    <label class="kern-label" for=id lang=crate::ui::view::TOWN>{question.option(at)}</label>
                </div>
            }
        })
        .collect();
    form.labelled(&name, &label);
    let hint = match question.kind {
        QuestionKind::Several => Some(lang.t("survey-several")),
        _ => None,
    };
    let optional = (!question.required)
        .then(|| view! { <span class="kern-label__optional">" – "{lang.t("optional")}</span> });
    view! {
        <fieldset class="kern-fieldset">
            <legend class="kern-label"><span lang=crate::ui::view::TOWN>{label}</span>{optional}</legend>
            {hint.map(|h| view! { <div class="kern-hint">{h}</div> })}
            <div class="kern-fieldset__body">{items}</div>
            {problem.map(|p| view! { <p class="kern-error"><span class="kern-body">{p}</span></p> })}
        </fieldset>
    }
    .into_any()
}

/// For the preview of staff: the same fields, without anything typed.
pub(super) fn preview(lang: Lang, survey: &Survey) -> AnyView {
    let form = Form::new(
        lang,
        Typed {
            values: Fields::default(),
            ..Typed::default()
        },
    );
    let fields: Vec<_> = (1..)
        .zip(&survey.questions)
        .map(|(n, q)| field(lang, &form, n, q))
        .collect();
    view! { <div class="stack survey">{fields}</div> }.into_any()
}
