//! `/verwaltung/briefe`: who waits for a letter, and all batches.

use super::view::{batch_badge, near, refusal_alert};
use crate::{
    comfort,
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        table::{table, tools},
        view::{alert, day, link_button, moment, submit, submit_as},
    },
};
use backend::{
    letters::{self, BatchLine, LetterRefusal, Order, Selection},
    residents,
};
use chrono::{DateTime, Utc};
use domain::{
    access::Permission,
    letters::content::{MAX_PART_LETTERS, PrintOptions, Separators},
    municipality::RegistrationMethod,
    problem::Problems,
    tables::{Columns, Table},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// Days after posting at which a reminder is offered.
const SILENT_DAYS: i64 = 14;

fn defaults() -> Fields {
    let print = PrintOptions::default();
    Fields::default()
        .with("wer", "warten")
        .with("tage", SILENT_DAYS)
        .with("reihenfolge", "anschrift")
        .with("trennblatt", Separators::None.key())
        .with("je_datei", print.part_letters)
        .with("megabyte", print.part_megabytes)
}

/// What the form asks for. Numbers that are none become those that the form begins with.
fn order(form: &Fields) -> Order {
    let district = form.get("ortsteil").to_owned();
    let number = |name: &str, fallback: u32, most: u32| {
        let typed = form.get(name).trim().replace('.', "").parse().unwrap_or(fallback);
        typed.clamp(1, most)
    };
    let print = PrintOptions::default();
    Order {
        selection: match form.get("wer") {
            "still" => Selection::Silent {
                district,
                days: silent_days(form),
            },
            "gesondert" => Selection::Blocked,
            _ => Selection::Waiting { district },
        },
        large: form.has("gross"),
        by_district: form.get("reihenfolge") == "ortsteil",
        print: PrintOptions {
            part_letters: number("je_datei", print.part_letters, MAX_PART_LETTERS),
            part_megabytes: number("megabyte", print.part_megabytes, 2_000),
            separators: Separators::parse(form.get("trennblatt")).unwrap_or_default(),
        },
    }
}

fn silent_days(form: &Fields) -> i64 {
    form.get("tage")
        .trim()
        .parse()
        .unwrap_or(SILENT_DAYS)
        .clamp(1, 365)
}

/// For which people the number on the button was counted.
fn counted_for(form: &Fields) -> String {
    let days = match form.get("wer") {
        "still" => form.get("tage").trim(),
        _ => "",
    };
    format!("{}|{}|{days}", form.get("wer"), form.get("ortsteil"))
}

/// Numbers that are none, or that cannot be.
fn wrong_numbers(form: &Fields) -> Problems {
    let mut problems = Problems::default();
    for (field, most, needed) in [
        ("tage", 365, form.get("wer") == "still"),
        ("je_datei", MAX_PART_LETTERS, true),
        ("megabyte", 2_000, true),
    ] {
        let typed = form.get(field).trim().replace('.', "");
        let good = typed.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n));
        if needed && form.has(field) && !good {
            problems.add_with(field, "problem-whole-number", &[("most", &most.to_string())]);
        }
    }
    problems
}

/// `GET /verwaltung/briefe/liste.xlsx`: all print batches.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let columns = comfort::columns(&rq, Table::Batches);
    let bytes = letters::batches_workbook(&rq.ctx, actor, &columns, rq.lang).await?;
    Ok(comfort::workbook("druckauftraege", bytes))
}

/// `/verwaltung/briefe`.
pub async fn index(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let mut refusal = None;
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        rq.staff(Permission::MakeLetters)?;
        problems = wrong_numbers(form);
        let counted = form.get("wer") == "gesondert" || form.get("gezaehlt") == counted_for(form);
        if problems.is_empty() && counted {
            match refused(letters::create_batch(&rq.ctx, actor, order(form)).await)? {
                Ok(batch) => return Ok(Answer::go(format!("{}/{batch}", urls::LETTERS))),
                Err(r) => refusal = Some(r),
            }
        } else if problems.is_empty() {
            // somebody chose other people after counting: the number on the button was another one
            problems = Problems::one("ortsteil", "letters-count-again");
        }
    } else if rq.query.has("wer") {
        problems = wrong_numbers(&rq.query);
    }
    if rq.settings.residents_register != RegistrationMethod::Letter {
        refusal.get_or_insert(LetterRefusal::MethodOff);
    }
    let values = match &rq.form {
        Some(form) => form.clone(),
        None if rq.query.has("wer") => rq.query.clone(),
        None => defaults(),
    };
    let district = values.get("ortsteil").to_owned();
    let silent = values.get("wer") == "still";
    let waiting = if silent {
        letters::count_silent(&rq.ctx, actor, &district, silent_days(&values)).await?
    } else {
        letters::count_waiting(&rq.ctx, actor, &district).await?
    };
    let apart = match actor.may(Permission::SeeBlocks) {
        true => letters::count_blocked_waiting(&rq.ctx, actor).await?,
        false => 0,
    };
    let batches = letters::batches(&rq.ctx, actor).await?;
    let districts = residents::districts(&rq.ctx, actor).await?;
    let alarms = letters::control::alarms(&rq.ctx, actor).await?;
    let asked = match actor.may(Permission::SeeResidents) {
        true => letters::requests::requests(&rq.ctx, actor).await?.len(),
        false => 0,
    };
    let lang = rq.lang;
    let may_make =
        actor.may(Permission::MakeLetters) && rq.settings.residents_register == RegistrationMethod::Letter;
    let columns = comfort::columns(&rq, Table::Batches);
    let (here, book) = (comfort::here(&rq), comfort::workbook_of(&rq));
    let title = lang.t("nav-letters");
    let status = if rq.form.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    let form = Form::new(lang, Typed { values, problems });
    Ok(Page::staff(title.clone(), move || {
        view! {
            {form.summary()}
            {refusal.map(|r| refusal_alert(lang, &r))}
            {(!alarms.is_empty()).then(|| alert("danger", &lang.t("control-alarm-title"), view! {
                <p class="kern-body">{lang.t("control-alarm")}" "<a class="kern-link" href=urls::CONTROL_LETTERS>{lang.t("control-title")}</a></p>
            }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, "")}
            {(may_make && asked > 0).then(|| alert("info", &lang.t("requests-waiting-title"), view! {
                <p class="kern-body"><a class="kern-link" href=urls::REQUESTS>{lang.n("requests-waiting", asked)}</a></p>
            }))}
            {may_make.then(|| making(lang, &form, districts, waiting, silent))}
            {(may_make && actor.may(Permission::ImportResidents)).then(|| view! {
                <p class="kern-body">{lang.t("offline-hint")}" "<a class="kern-link" href=urls::OFFLINE_LETTERS>{lang.t("outside-title")}</a></p>
            })}
            {(may_make && apart > 0).then(|| view! {
                <section class="card-plain" aria-labelledby="apart-heading">
                    <h2 class="kern-heading-medium" id="apart-heading">{lang.t("letters-apart")}</h2>
                    <p class="kern-body">{lang.t("letters-apart-intro")}</p>
                    <p class="kern-body"><strong>{lang.with("letters-waiting", &[("n", &apart.to_string())])}</strong></p>
                    <form method="post">{submit_as("secondary", &lang.with("letters-make", &[("n", &apart.to_string())]), "wer", "gesondert")}</form>
                </section>
            })}
            <h2 class="kern-heading-medium">{lang.t("batches")}</h2>
            {list(lang, &columns, &batches, &here, &book)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// The form that counts and makes letters.
fn making(lang: Lang, form: &Form, districts: Vec<String>, waiting: i64, silent: bool) -> AnyView {
    let places = std::iter::once((String::new(), lang.t("all-districts")))
        .chain(districts.into_iter().map(|d| (d.clone(), d)))
        .collect();
    let who = vec![
        ("warten", lang.t("letters-who-waiting")),
        ("still", lang.t("letters-who-silent")),
    ];
    let orders = [
        ("anschrift", "letters-order-address"),
        ("ortsteil", "letters-order-district"),
    ]
    .map(|(value, key)| (value.to_owned(), lang.t(key)))
    .to_vec();
    let separators = Separators::ALL
        .map(|s| (s.key().to_owned(), lang.t(&format!("separators-{}", s.key()))))
        .to_vec();
    let number = |name: &'static str, key: &str, hint: &'static str| {
        form.text(
            name,
            &lang.t(key),
            Options {
                width: 10,
                mode: "numeric",
                hint,
                ..Options::default()
            },
        )
    };
    let counted = counted_for(form.fields());
    let count = lang.with(
        if silent {
            "letters-silent"
        } else {
            "letters-waiting"
        },
        &[("n", &waiting.to_string())],
    );
    let confirm = lang.with("letters-make", &[("n", &waiting.to_string())]);
    view! {
        <section class="card-plain" aria-labelledby="make-heading">
            <h2 class="kern-heading-medium" id="make-heading">{lang.t("letters-new")}</h2>
            <form method="get" class="stack" novalidate=true>
                <input type="hidden" name="gezaehlt" value=counted/>
                {form.radios("wer", &lang.t("letters-who"), who)}
                <div class="filter-bar">
                    {form.select("ortsteil", &lang.t("district"), places)}
                    {number("tage", "letters-silent-days", "letters-silent-days-hint")}
                    {submit("secondary", &lang.t("letters-count"))}
                </div>
                <p class="kern-body" role="status"><strong>{count}</strong></p>
                <details>
                    <summary>{lang.t("letters-print-options")}</summary>
                    <div class="stack details-body">
                        {form.checkbox("gross", lang.t("letters-large"))}
                        {form.select("reihenfolge", &lang.t("letters-order"), orders)}
                        {form.select("trennblatt", &lang.t("separators"), separators)}
                        {number("je_datei", "letters-per-file", "letters-per-file-hint")}
                        {number("megabyte", "letters-megabytes", "letters-megabytes-hint")}
                    </div>
                </details>
                {(waiting > 0).then(|| view! {
                    <div class="buttons"><button class="kern-btn kern-btn--primary" type="submit" formmethod="post"><span class="kern-label">{confirm}</span></button></div>
                })}
            </form>
        </section>
    }
    .into_any()
}

/// What stands in a column.
fn cell(lang: Lang, b: &BatchLine, column: &str) -> AnyView {
    let date = |at: Option<DateTime<Utc>>| {
        at.map_or_else(|| "–".to_owned(), |at| moment(lang, at))
            .into_any()
    };
    match column {
        "auftrag" => {
            view! { <a class="kern-link" href=format!("{}/{}", urls::LETTERS, b.id)>{b.name(lang)}</a> }
                .into_any()
        }
        "briefe" => lang.number(b.letters).into_any(),
        "gemacht" => date(Some(b.created_at)),
        "versandt" => b
            .posted_at
            .map_or_else(|| "–".to_owned(), |at| day(lang, at))
            .into_any(),
        "eingeloest" => lang.number(b.redeemed).into_any(),
        "stand" => batch_badge(lang, b),
        "vorlage" => b.template(lang).into_any(),
        "geprueft" => date(b.ready_at),
        "geladen" => date(b.downloaded_at),
        _ => lang.number(b.validity_days).into_any(),
    }
}

fn list(lang: Lang, columns: &Columns, batches: &[BatchLine], here: &str, book: &str) -> AnyView {
    if batches.is_empty() {
        return view! { <div class="empty"><p class="kern-body">{lang.t("batches-none")}</p>{link_button("secondary", urls::STAFF_HELP, &lang.t("help-staff-link"))}</div> }.into_any();
    }
    view! {
        {tools(lang, columns, here, book)}
        {table(lang, columns, batches, |_| "", |b, column| cell(lang, b, column))}
    }
    .into_any()
}
