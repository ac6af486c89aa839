//! `/verwaltung/briefe/kontrolle`: letters to the town's own people, which measure the post and raise an alarm.

use super::view::near;
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, submit_as},
    },
};
use backend::letters::control::{self, ArrivalRefusal, ControlLetter, ControlRecipient};
use chrono::Datelike;
use domain::{access::Permission, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// `/verwaltung/briefe/kontrolle`.
pub async fn letters(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SetUpLetters)?;
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let done = match form.get("tun") {
            "entfernen" => {
                let id = Uuid::parse_str(form.get("empfaenger")).map_err(|_| Fault::NotFound)?;
                control::remove_control(&rq.ctx, actor, id).await?;
                Ok(())
            }
            "angekommen" => arrived(&rq, actor, form).await?,
            _ => {
                let new = ControlRecipient {
                    id: Uuid::nil(),
                    name: form.get("name").to_owned(),
                    street: form.get("street").to_owned(),
                    postcode: form.get("postcode").trim().to_owned(),
                    city: form.get("city").to_owned(),
                };
                refused(control::add_control(&rq.ctx, actor, &new).await)?
            }
        };
        match done {
            Ok(()) => return Ok(Answer::go(urls::CONTROL_LETTERS)),
            Err(p) => problems = p,
        }
    }
    let (people, letters) = control::control(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let title = lang.t("control-title");
    let today = domain::time::local(rq.ctx.clock.now()).date();
    let values = match &rq.form {
        Some(form) => form.clone(),
        None => Fields::default()
            .with("arrived_day", today.day())
            .with("arrived_month", today.month())
            .with("arrived_year", today.year()),
    };
    let status = if problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, Typed { values, problems });
    let arrivals = !letters.is_empty();
    let alarms = letters.iter().any(|l| l.alarm_at.is_some());
    Ok(Page::staff(title.clone(), move || {
        let line = |name: &'static str, key: &str| form.text(name, &lang.t(key), Options::default());
        view! {
            {form.summary()}
            {alarms.then(|| alert("danger", &lang.t("control-alarm-title"), view! { <p class="kern-body">{lang.t("control-alarm-what")}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::CONTROL_LETTERS)}
            <p class="kern-body">{lang.t("control-intro")}</p>
            <h2 class="kern-heading-medium">{lang.t("control-recipients")}</h2>
            {recipients(lang, people)}
            <details open=form.has_problem()>
                <summary>{lang.t("control-add")}</summary>
                <form method="post" class="stack details-body" novalidate=true>
                    {line("name", "name")}
                    {line("street", "street")}
                    {form.text("postcode", &lang.t("postcode"), Options { width: 10, mode: "numeric", ..Options::default() })}
                    {line("city", "city")}
                    {submit_as("primary", &lang.t("control-add"), "tun", "aufnehmen")}
                </form>
            </details>
            {arrivals.then(|| view! {
            <h2 class="kern-heading-medium">{lang.t("control-arrived")}</h2>
            <form method="post" class="card-plain stack" novalidate=true>
                {form.text("nummer", &lang.t("letter-number"), Options { width: 20, hint: "control-number-hint", ..Options::default() })}
                {form.date("arrived", &lang.t("control-day"), "batch-post-hint")}
                {submit_as("primary", &lang.t("control-arrived-button"), "tun", "angekommen")}
            </form>
            })}
            <h2 class="kern-heading-medium">{lang.t("control-letters")}</h2>
            {table(lang, letters)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

async fn arrived(
    rq: &Rq,
    actor: domain::access::Actor,
    form: &Fields,
) -> Result<Result<(), Problems>, Fault> {
    let Some(day) = form.date("arrived") else {
        return Ok(Err(Problems::one("arrived_day", "control-wrong-day")));
    };
    let noted = refused(control::arrived(&rq.ctx, actor, form.get("nummer"), day).await)?;
    Ok(noted.map_err(|r| match r {
        ArrivalRefusal::Unknown => Problems::one("nummer", "control-unknown"),
        ArrivalRefusal::Day => Problems::one("arrived_day", "control-wrong-day"),
    }))
}

fn recipients(lang: Lang, people: Vec<ControlRecipient>) -> AnyView {
    if people.is_empty() {
        return view! { <p class="kern-body">{lang.t("control-nobody")}</p> }.into_any();
    }
    let rows: Vec<_> = people
        .into_iter()
        .map(|p| {
            let label = lang.with("control-remove", &[("name", &p.name)]);
            view! {
                <li class="file">
                    <span class="kern-body">{format!("{}, {}, {} {}", p.name, p.street, p.postcode, p.city)}</span>
                    <form method="post"><input type="hidden" name="empfaenger" value=p.id.to_string()/>{submit_as("tertiary", &label, "tun", "entfernen")}</form>
                </li>
            }
        })
        .collect();
    view! { <ul class="files">{rows}</ul> }.into_any()
}

fn table(lang: Lang, letters: Vec<ControlLetter>) -> AnyView {
    if letters.is_empty() {
        return view! { <p class="kern-body">{lang.t("control-no-letters")}</p> }.into_any();
    }
    let times: Vec<i64> = letters
        .iter()
        .filter_map(|l| Some((l.arrived_at? - l.posted_at?).num_days()))
        .collect();
    let mean = (!times.is_empty()).then(|| {
        #[expect(clippy::cast_precision_loss, reason = "some days")]
        let mean = times.iter().sum::<i64>() as f64 / times.len() as f64;
        lang.decimal(mean)
    });
    let rows: Vec<_> = letters
        .into_iter()
        .map(|l| {
            let date = |at: Option<chrono::DateTime<chrono::Utc>>| {
                at.map_or_else(|| "–".to_owned(), |at| day(lang, at))
            };
            let took = match (l.posted_at, l.arrived_at) {
                (Some(from), Some(to)) => lang.n("control-days", (to - from).num_days()),
                _ => "–".to_owned(),
            };
            let alarm = l
                .alarm_at
                .map(|at| badge("danger", &lang.with("control-used", &[("tag", &day(lang, at))])));
            let name = if l.name.is_empty() {
                "–".to_owned()
            } else {
                l.name
            };
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell">{l.letter_number}</th>
                    <td class="kern-table__cell">{name}</td>
                    <td class="kern-table__cell">{l.batch_number.to_string()}</td>
                    <td class="kern-table__cell">{date(l.posted_at)}</td>
                    <td class="kern-table__cell">{date(l.arrived_at)}</td>
                    <td class="kern-table__cell">{took}" "{alarm}</td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = [
        "letter-number",
        "name",
        "batch",
        "letter-posted",
        "control-day",
        "control-took",
    ]
    .into_iter()
    .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
    .collect();
    view! {
        {mean.map(|m| view! { <p class="kern-body">{lang.with("control-mean", &[("tage", &m)])}</p> })}
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("control-letters")>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}
