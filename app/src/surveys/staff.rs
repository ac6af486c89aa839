//! `/verwaltung/umfragen`: write, release, follow, publish.

use super::{audience, citizen, days, phase_badge, results};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, item, link_button, paragraphs, submit, submit_as},
    },
};
use backend::surveys::{self, SurveyPage};
use domain::{
    access::Permission,
    cases::{clean_line, clean_lines},
    problem::Problems,
    surveys::{
        MOST_QUESTIONS, Phase, Question, QuestionKind, Secrecy, Survey, people::Audience, read_choices,
        results::Results,
    },
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// `/verwaltung/umfragen`.
pub async fn list(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageSurveys)?;
    if !rq.settings.surveys {
        return Err(Fault::NotFound);
    }
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let draft = Survey {
            title: clean_line(form.get("title")),
            questions: vec![Question::default()],
            ..Survey::default()
        };
        match refused(surveys::create(&rq.ctx, actor, &draft).await)? {
            Ok(id) => return Ok(Answer::go(format!("{}/{id}", urls::STAFF_SURVEYS))),
            Err(p) => problems = p,
        }
    }
    let all = surveys::list(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    let deleted = rq.query.has("geloescht");
    let title = lang.t("surveys-title");
    Ok(Page::staff(title.clone(), move || {
        let none = all.is_empty();
        let lines: Vec<_> = all.iter().map(|p| line(lang, p)).collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {deleted.then(|| alert("success", &lang.t("survey-deleted"), ()))}
            <form method="post" class="card-plain stack" novalidate=true>
                <h2 class="kern-heading-medium">{lang.t("survey-new")}</h2>
                {form.text("title", &lang.t("survey-title"), Options { autocomplete: "off", ..Options::default() })}
                {submit("primary", &lang.t("survey-create"))}
            </form>
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t("surveys-none-staff")}</p></div> }.into_any()
            } else {
                view! { <ul class="files">{lines}</ul> }.into_any()
            }}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn line(lang: Lang, p: &SurveyPage) -> AnyView {
    let taken = (p.phase != Phase::Draft && p.phase != Phase::Published)
        .then(|| format!(" · {}", lang.n("survey-participants", p.participants)));
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small"><a class="kern-link" href=format!("{}/{}", urls::STAFF_SURVEYS, p.id)>{p.survey.title.clone()}</a></h2>
            <p>{phase_badge(lang, p.phase)}</p>
            <p class="kern-body muted">{days(lang, &p.survey)}{taken}</p>
        </li>
    }
    .into_any()
}

/// What was typed, as a survey. What `tun` asks of the questions (one more, up, away) is done.
fn from_fields(f: &Fields) -> Survey {
    let count = f.get("anzahl").parse::<usize>().unwrap_or(0).min(MOST_QUESTIONS);
    let mut questions: Vec<Question> = (1..=count)
        .map(|n| {
            let line = |name: &str| clean_line(f.get(&format!("q{n}_{name}")));
            Question {
                kind: QuestionKind::parse(f.get(&format!("q{n}_kind"))).unwrap_or_default(),
                text: line("text"),
                choices: read_choices(f.get(&format!("q{n}_choices"))),
                low: line("low"),
                high: line("high"),
                required: f.has(&format!("q{n}_required")),
            }
        })
        .collect();
    let (act, at) = match f.get("tun").rsplit_once('-') {
        Some((act, n)) => (act, n.parse::<usize>().unwrap_or(0)),
        None => (f.get("tun"), 0),
    };
    match act {
        "frage" if questions.len() < MOST_QUESTIONS => questions.push(Question::default()),
        "weg" if (1..=questions.len()).contains(&at) => drop(questions.remove(at - 1)),
        "hoch" if (2..=questions.len()).contains(&at) => questions.swap(at - 1, at - 2),
        "runter" if (1..questions.len()).contains(&at) => questions.swap(at - 1, at),
        _ => {}
    }
    let age = |name: &str| match f.get(name).trim() {
        "" => None,
        // what is no number is complained about as an age that nobody has
        typed => Some(typed.parse().unwrap_or(-1)),
    };
    Survey {
        title: clean_line(f.get("title")),
        intro: clean_lines(f.get("intro")),
        questions,
        audience: Audience {
            districts: f.all("bezirk"),
            from_age: age("from_age"),
            to_age: age("to_age"),
        },
        secrecy: Secrecy::parse(f.get("secrecy")).unwrap_or_default(),
        opens_on: f.date("opens"),
        closes_on: f.date("closes"),
    }
}

fn to_fields(s: &Survey) -> Fields {
    let mut f = Fields::default()
        .with("title", &s.title)
        .with("intro", &s.intro)
        .with("secrecy", s.secrecy.key());
    for (prefix, day) in [("opens", s.opens_on), ("closes", s.closes_on)] {
        if let Some(day) = day {
            f = f
                .with(&format!("{prefix}_day"), day.format("%-d"))
                .with(&format!("{prefix}_month"), day.format("%-m"))
                .with(&format!("{prefix}_year"), day.format("%Y"));
        }
    }
    for (name, age) in [("from_age", s.audience.from_age), ("to_age", s.audience.to_age)] {
        if let Some(age) = age {
            f = f.with(name, age);
        }
    }
    for district in &s.audience.districts {
        f = f.with("bezirk", district);
    }
    for (n, q) in (1..).zip(&s.questions) {
        f = f
            .with(&format!("q{n}_kind"), q.kind.key())
            .with(&format!("q{n}_text"), &q.text)
            .with(&format!("q{n}_choices"), q.choices.join("\n"))
            .with(&format!("q{n}_low"), &q.low)
            .with(&format!("q{n}_high"), &q.high);
        if q.required {
            f = f.with(&format!("q{n}_required"), "ja");
        }
    }
    f
}

/// `/verwaltung/umfragen/{id}`. A POST says in `tun` what to do.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageSurveys)?;
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::STAFF_SURVEYS);
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let ctx = &rq.ctx;
        let version = form.get("version").parse().unwrap_or(-1);
        let act = form.get("tun");
        let result = match act {
            "schliessen" => refused(surveys::close_now(ctx, actor, id, version).await)?,
            "veroeffentlichen" => {
                refused(surveys::publish(ctx, actor, id, version, form.get("follow_up")).await)?
            }
            "loeschen" if form.has("sicher") => refused(surveys::discard(ctx, actor, id, version).await)?,
            "loeschen" => Err(Problems::one("sicher", "problem-sure")),
            _ => refused(surveys::save(ctx, actor, id, version, &from_fields(form)).await)?,
        };
        // what is typed is saved before it is released, so that nothing is lost if something is missing
        let result = match (result, act) {
            (Ok(()), "freigeben") => refused(surveys::release(ctx, actor, id, version + 1).await)?,
            (result, _) => result,
        };
        match result {
            Ok(()) => return Ok(Answer::go(after(&here, act, form))),
            Err(p) => problems = p,
        }
    }
    let page = surveys::survey(&rq.ctx, actor, id).await?;
    let results = surveys::results(&rq.ctx, actor, id).await?;
    let districts = backend::residents::districts(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let status = status_of(&problems);
    let edits = page.phase == Phase::Draft;
    let values = match &rq.form {
        Some(form) => form.clone(),
        None if edits => to_fields(&page.survey),
        None => Fields::default().with("follow_up", &page.follow_up),
    };
    let shown = match &rq.form {
        Some(form) if edits => from_fields(form),
        _ => page.survey.clone(),
    };
    let form = Form::new(lang, Typed { values, problems });
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    Ok(Page::staff(page.survey.title.clone(), move || {
        let body = if edits {
            editor(lang, &form, &page, &shown, &districts)
        } else {
            fixed(lang, &form, &page, results.as_ref())
        };
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::STAFF_SURVEYS>{lang.t("surveys-title")}</a></p>
            <h1 class="kern-heading-x-large" lang=crate::ui::view::TOWN>{page.survey.title.clone()}</h1>
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            <p>{phase_badge(lang, page.phase)}</p>
            {body}
            {remove(lang, &form, &page)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// Where to go after an act: to the question that was touched.
fn after(here: &str, act: &str, form: &Fields) -> String {
    let count = form.get("anzahl").parse::<usize>().unwrap_or(0);
    match act.rsplit_once('-') {
        _ if act == "loeschen" => format!("{}?geloescht=1", urls::STAFF_SURVEYS),
        _ if act == "frage" => format!("{here}#frage-{}", (count + 1).min(MOST_QUESTIONS)),
        Some(("hoch", n)) => format!("{here}#frage-{}", n.parse().unwrap_or(2).max(2) - 1),
        Some(("runter", n)) => format!("{here}#frage-{}", n.parse().unwrap_or(1) + 1),
        Some(("weg", _)) => format!("{here}#fragen"),
        _ => format!("{here}?gespeichert=1"),
    }
}

fn editor(lang: Lang, form: &Form, page: &SurveyPage, survey: &Survey, districts: &[String]) -> AnyView {
    let count = survey.questions.len();
    let questions: Vec<_> = (1..=count).map(|n| question(lang, form, n, count)).collect();
    let chosen = form.fields().all("bezirk");
    let boxes: Vec<_> = (1..)
        .zip(districts.iter().filter(|d| !d.is_empty()))
        .map(|(n, d)| {
            let id = format!("bezirk-{n}");
            view! {
                <div class="kern-form-check">
                    <input class="kern-form-check__checkbox" type="checkbox" id=id.clone() name="bezirk" value=d.clone() checked=chosen.contains(d)/>
                    <label class="kern-label" for=id>{d.clone()}</label>
                </div>
            }
        })
        .collect();
    let has_districts = !boxes.is_empty();
    let more = count < MOST_QUESTIONS;
    let secrecy = Secrecy::ALL
        .map(|s| (s.key(), lang.t(&format!("secrecy-{}", s.key()))))
        .to_vec();
    view! {
        <form method="post" novalidate=true class="settings">
            <input type="hidden" name="version" value=page.version.to_string()/>
            <input type="hidden" name="anzahl" value=count.to_string()/>
            // the first button is the one that Enter presses
            <button type="submit" name="tun" value="speichern" class="kern-sr-only" tabindex="-1">{lang.t("survey-save")}</button>
            <fieldset class="card-plain">
                <legend class="kern-heading-medium">{lang.t("survey-what")}</legend>
                {form.text("title", &lang.t("survey-title"), Options { autocomplete: "off", ..Options::default() })}
                {form.text("intro", &lang.t("survey-intro"), Options { rows: 5, hint: "survey-intro-hint", ..Options::default() })}
            </fieldset>
            <div id="fragen" class="questions">{questions}</div>
            {more.then(|| view! { <div class="buttons">{submit_as("secondary", &lang.t("question-add"), "tun", "frage")}</div> })}
            <fieldset class="card-plain">
                <legend class="kern-heading-medium">{lang.t("survey-who")}</legend>
                {has_districts.then(|| view! {
                    <fieldset class="kern-fieldset">
                        <legend class="kern-label">{lang.t("survey-districts")}</legend>
                        <div class="kern-hint">{lang.t("survey-districts-hint")}</div>
                        <div class="kern-fieldset__body">{boxes}</div>
                    </fieldset>
                })}
                {form.text("from_age", &lang.t("survey-age-from"), Options { width: 5, mode: "numeric", optional: true, hint: "survey-age-hint", ..Options::default() })}
                {form.text("to_age", &lang.t("survey-age-to"), Options { width: 5, mode: "numeric", optional: true, ..Options::default() })}
            </fieldset>
            <fieldset class="card-plain">
                <legend class="kern-heading-medium">{lang.t("survey-when")}</legend>
                {form.date("opens", &lang.t("survey-opens"), "survey-opens-hint")}
                {form.date("closes", &lang.t("survey-closes"), "survey-closes-hint")}
            </fieldset>
            <fieldset class="card-plain">
                <legend class="kern-heading-medium">{lang.t("survey-secrecy")}</legend>
                {form.radios("secrecy", &lang.t("survey-secrecy"), secrecy)}
                <p class="kern-hint">{lang.t("survey-secrecy-hint")}</p>
            </fieldset>
            <div class="action-bar">
                {submit_as("secondary", &lang.t("survey-save"), "tun", "speichern")}
                {submit_as("primary", &lang.t("survey-release"), "tun", "freigeben")}
            </div>
            <p class="kern-hint">{lang.t("survey-release-hint")}</p>
        </form>
        <details class="card-plain">
            <summary class="kern-label">{lang.t("survey-preview")}</summary>
            <div class="details-body">{paragraphs(&survey.intro)}{citizen::preview(lang, survey)}</div>
        </details>
    }
    .into_any()
}

fn question(lang: Lang, form: &Form, n: usize, count: usize) -> AnyView {
    let kind = form.value(&format!("q{n}_kind"));
    let kind = QuestionKind::parse(&kind).unwrap_or_default();
    let kinds =
        QuestionKind::ALL.map(|k| (k.key().to_owned(), lang.t(&format!("question-kind-{}", k.key()))));
    let number = n.to_string();
    let act = |what: &'static str, key: &str| {
        let label = lang.with(key, &[("n", &number)]);
        view! { <button class="kern-btn kern-btn--tertiary" type="submit" name="tun" value=format!("{what}-{n}")><span class="kern-label">{label}</span></button> }
    };
    let choices = matches!(kind, QuestionKind::Single | QuestionKind::Several).then(|| {
        form.text(
            &format!("q{n}_choices"),
            &lang.t("question-choices"),
            Options {
                rows: 4,
                hint: "question-choices-hint",
                ..Options::default()
            },
        )
    });
    let ends = (kind == QuestionKind::Scale).then(|| {
        let end = |name: &str, key: &str| {
            form.text(
                &format!("q{n}_{name}"),
                &lang.t(key),
                Options {
                    optional: true,
                    autocomplete: "off",
                    ..Options::default()
                },
            )
        };
        view! { <div class="side-by-side">{end("low", "question-low")}{end("high", "question-high")}</div> }
    });
    // what another kind needs is kept while the kind is tried out
    let keep = |name: &str| {
        let name = format!("q{n}_{name}");
        let value = form.value(&name);
        view! { <input type="hidden" name=name value=value/> }
    };
    let kept: Vec<_> = match kind {
        QuestionKind::Single | QuestionKind::Several => vec!["low", "high"],
        QuestionKind::Scale => vec!["choices"],
        QuestionKind::Text => vec!["choices", "low", "high"],
    }
    .into_iter()
    .map(keep)
    .collect();
    let name = lang.with("question-n", &[("n", &number)]);
    for part in ["text", "choices"] {
        form.labelled(&format!("q{n}_{part}"), &name);
    }
    view! {
        <fieldset class="card-plain" id=format!("frage-{n}")>
            <legend class="kern-heading-medium">{name.clone()}</legend>
            {form.text(&format!("q{n}_text"), &lang.t("question-text"), Options { autocomplete: "off", ..Options::default() })}
            <div class="kind">
                {form.select(&format!("q{n}_kind"), &lang.t("question-kind"), kinds.to_vec())}
                {submit_as("secondary", &lang.t("question-kind-apply"), "tun", "speichern")}
            </div>
            {choices}{ends}{kept}
            {form.checkbox(&format!("q{n}_required"), lang.t("question-required"))}
            <div class="buttons">
                {(n > 1).then(|| act("hoch", "question-up"))}
                {(n < count).then(|| act("runter", "question-down"))}
                {act("weg", "question-remove")}
            </div>
        </fieldset>
    }
    .into_any()
}

/// A survey that is released: how far it is, and its result when the days are over.
fn fixed(lang: Lang, form: &Form, page: &SurveyPage, found: Option<&Results>) -> AnyView {
    let here = format!("{}/{}", urls::STAFF_SURVEYS, page.id);
    let version = page.version.to_string();
    let open = page.phase == Phase::Open;
    let over = matches!(page.phase, Phase::Closed | Phase::Published);
    let out = page.participants - page.answers;
    let ballots = (page.survey.secrecy == Secrecy::Blind && page.phase != Phase::Published && out > 0)
        .then(|| item(&lang.t("survey-ballots-out"), lang.number(out)));
    let counts = (page.phase != Phase::Published).then(|| {
        view! {
            {item(&lang.t("survey-taken-part"), lang.number(page.participants))}
            {ballots}
        }
    });
    let label = if page.phase == Phase::Published {
        "survey-publish-again"
    } else {
        "survey-publish"
    };
    view! {
        <dl class="kern-description-list">
            {item(&lang.t("survey-when"), days(lang, &page.survey).unwrap_or_default())}
            {item(&lang.t("survey-who"), audience(lang, &page.survey.audience))}
            {item(&lang.t("survey-residents"), lang.number(page.residents))}
            {item(&lang.t("survey-secrecy"), lang.t(&format!("secrecy-{}", page.survey.secrecy.key())))}
            {counts}
        </dl>
        {open.then(|| view! {
            <p class="kern-body">{lang.t("survey-open-note")}</p>
            <div class="buttons">{link_button("secondary", &format!("{}/{}", urls::SURVEYS, page.id), &lang.t("survey-as-residents"))}</div>
            <form method="post" class="buttons">
                <input type="hidden" name="version" value=version.clone()/>
                {submit_as("secondary", &lang.t("survey-close"), "tun", "schliessen")}
            </form>
        })}
        {found.map(|r| results::figures(lang, &page.survey, r, true))}
        {over.then(|| view! {
            <div class="buttons">{link_button("secondary", &format!("{here}/ergebnis.xlsx"), &lang.t("survey-download"))}</div>
            <form method="post" novalidate=true class="card-plain stack">
                <h2 class="kern-heading-medium">{lang.t(label)}</h2>
                <p class="kern-body">{lang.t("survey-publish-how")}</p>
                <input type="hidden" name="version" value=version.clone()/>
                {form.text("follow_up", &lang.t("survey-follow-up"), Options { rows: 5, optional: true, hint: "survey-follow-up-hint", ..Options::default() })}
                {submit_as("primary", &lang.t(label), "tun", "veroeffentlichen")}
            </form>
        })}
        <details class="card-plain">
            <summary class="kern-label">{lang.t("survey-preview")}</summary>
            <div class="details-body">{paragraphs(&page.survey.intro)}{citizen::preview(lang, &page.survey)}</div>
        </details>
    }
    .into_any()
}

fn remove(lang: Lang, form: &Form, page: &SurveyPage) -> AnyView {
    let open = form.problem("sicher").is_some();
    let sure = lang.t(if page.phase == Phase::Draft {
        "survey-delete-draft"
    } else {
        "survey-delete-sure"
    });
    view! {
        <details class="card-plain" open=open>
            <summary class="kern-label">{lang.t("survey-delete")}</summary>
            <form method="post" novalidate=true class="stack details-body">
                <input type="hidden" name="version" value=page.version.to_string()/>
                {form.checkbox("sicher", sure)}
                {submit_as("secondary", &lang.t("survey-delete"), "tun", "loeschen")}
            </form>
        </details>
    }
    .into_any()
}

/// `/verwaltung/umfragen/{id}/ergebnis.xlsx`.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageSurveys)?;
    let bytes = surveys::workbook(&rq.ctx, actor, rq.id()?, rq.lang).await?;
    let headers = [
        (
            axum::http::header::CONTENT_TYPE,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            axum::http::header::CONTENT_DISPOSITION,
            "attachment; filename=\"umfrage.xlsx\"",
        ),
        (axum::http::header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok(Answer::Raw(axum::response::IntoResponse::into_response((
        headers, bytes,
    ))))
}
