//! The overview of the staff area: figures, registrations over time, response.

use crate::{
    municipality::staff_texts,
    portal::{Outcome, Page, Rq},
    residents::lists::tile,
    ui::{
        chart::{self, Frame, Series},
        view::{alert, link_button, plain_day},
    },
};
use backend::{
    accounts,
    letters::{self, LetterCounts},
    residents,
};
use chrono::{Days, NaiveDate};
use domain::{
    access::{Actor, Permission},
    municipality::RegistrationMethod,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// Days that the chart shows.
const DAYS: u64 = 30;

/// Weeks that the chart of cases shows.
const WEEKS: i64 = 8;

/// `/verwaltung`.
pub async fn overview(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeDashboard)?;
    let (total, registered) = residents::totals(&rq.ctx, actor).await?;
    let counts = letters::counts(&rq.ctx, actor).await?;
    let today = domain::time::local(rq.ctx.clock.now()).date();
    let first = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    let since = first.and_time(chrono::NaiveTime::MIN).and_utc();
    let registered_on = accounts::registrations_by_day(&rq.ctx, actor, since).await?;
    let days: Vec<(NaiveDate, i64)> = first
        .iter_days()
        .take(usize::try_from(DAYS).unwrap_or(30))
        .map(|d| {
            (
                d,
                registered_on
                    .iter()
                    .find(|(day, _)| *day == d)
                    .map_or(0, |(_, n)| *n),
            )
        })
        .collect();
    let failed = backend::registration::failed_proofs(&rq.ctx, actor).await?;
    let alarm = failed >= domain::registration::FAILED_PROOFS_WARNING;
    let failing = if actor.may(Permission::ChangeSettings) {
        backend::jobs::failing(&rq.ctx, actor).await?.len()
    } else {
        0
    };
    let due = if actor.may(Permission::ChangeSettings) {
        backend::municipality::due(&rq.ctx, actor).await?
    } else {
        Vec::new()
    };
    let cases = if actor.may(Permission::SeeCases) {
        Some(backend::cases::counts(&rq.ctx, actor).await?)
    } else {
        None
    };
    let weeks = if actor.may(Permission::SeeCases) {
        backend::cases::by_week(&rq.ctx, actor, WEEKS).await?
    } else {
        Vec::new()
    };
    let organisations = if actor.may(Permission::ManageOrganisations) && rq.settings.has_organisations() {
        Some(backend::organisations::totals(&rq.ctx, actor).await?)
    } else {
        None
    };
    let admissions = cases.as_ref().map(|c| c.admissions);
    let talk = talk_figures(&rq, actor).await?;
    let lang = rq.lang;
    let name = rq.who.as_ref().map(|w| w.name.clone()).unwrap_or_default();
    let named = rq.settings_version > 0;
    let letters_on = rq.settings.residents_register == RegistrationMethod::Letter;
    let may_make = actor.may(Permission::MakeLetters) && letters_on;
    let title = lang.t("nav-dashboard");
    Ok(Page::staff(title, move || {
        let response = counts.response().map_or_else(|| "–".to_owned(), |r| {
            format!("{} %", lang.decimal(r * 100.0))
        });
        let tiles: Vec<_> = [
            ("dash-residents", lang.number(total), ""),
            ("dash-registered", lang.number(registered), "good"),
            ("dash-response", response, "good"),
        ]
        .into_iter()
        .map(|(k, v, kind)| tile(&lang.t(k), &v, kind))
        .collect();
        let states: Vec<_> = [
            ("open", counts.open, "ask"),
            ("redeemed", counts.redeemed, "good"),
            ("expired", counts.expired, ""),
            ("replaced", counts.replaced, ""),
            ("revoked", counts.revoked, "block"),
        ]
        .into_iter()
        .map(|(k, n, kind)| tile(&lang.t(&format!("letter-state-{k}")), &lang.number(n), kind))
        .collect();
        let next = if total == 0 {
            first_steps(lang, actor, named, letters_on)
        } else if counts == LetterCounts::default() && may_make {
            view! { <div class="empty"><p class="kern-body">{lang.t("dash-no-letters")}</p>{link_button("primary", urls::LETTERS, &lang.t("letters-new"))}</div> }.into_any()
        } else {
            ().into_any()
        };
        view! {
            <h1 class="kern-heading-x-large">{lang.with("dash-hello", &[("name", &name)])}</h1>
            {alarm.then(|| alert("warning", &lang.t("dash-alarm-title"), view! { <p class="kern-body">{lang.with("dash-alarm", &[("n", &lang.number(failed))])}</p> }))}
            {(failing > 0).then(|| alert("warning", &lang.t("jobs-title"), view! { <p class="kern-body"><a class="kern-link" href=urls::JOBS>{lang.n("jobs-failing", failing)}</a></p> }))}
            {next}
            {staff_texts::reminders(lang, due, urls::STAFF)}
            {cases.map(|c| view! {
                <h2 class="kern-heading-medium">{lang.t("nav-inbox")}</h2>
                <div class="tiles">
                    <a class="tile-link" href=format!("{}?zeige=new", urls::INBOX)>{tile(&lang.t("inbox-count-new"), &lang.number(c.new), "ask")}</a>
                    <a class="tile-link" href=format!("{}?zeige=mine", urls::INBOX)>{tile(&lang.t("inbox-count-mine"), &lang.number(c.mine), "")}</a>
                    <a class="tile-link" href=format!("{}?zeige=open&spaet=ja", urls::INBOX)>{tile(&lang.t("inbox-count-late"), &lang.number(c.overdue), "block")}</a>
                </div>
                <h2 class="kern-heading-medium">{lang.t("nav-residents")}</h2>
            })}
            <div class="tiles">{tiles}</div>
            {organisations.map(|t| organisation_tiles(lang, &t, admissions))}
            {talk_tiles(lang, talk)}
            <h2 class="kern-heading-medium">{lang.t("dash-letters")}</h2>
            <div class="tiles">{states}</div>
            {by_state(lang, &counts)}
            {by_day(lang, &days)}
            {by_week(lang, &weeks)}
        }
        .into_any()
    })
    .into())
}

/// A figure with the key of its words, the page behind it, and whether somebody should do something.
type Figure = (&'static str, i64, String, bool);

/// What goes on in surveys and ideas, as far as it concerns this member of staff.
async fn talk_figures(rq: &Rq, actor: Actor) -> Result<Vec<Figure>, crate::portal::Fault> {
    let mut all: Vec<Figure> = Vec::new();
    let s = &rq.settings;
    if s.surveys && actor.may(Permission::ManageSurveys) {
        let (open, closed) = backend::surveys::totals(&rq.ctx, actor).await?;
        let to = || urls::STAFF_SURVEYS.to_owned();
        all.push(("dash-surveys-open", open, to(), false));
        all.push(("dash-surveys-closed", closed, to(), true));
    }
    if actor.may(Permission::Moderate) && (s.ideas || s.comments || s.has_organisations()) {
        let (ideas, comments, _, reports) = backend::talk::totals(&rq.ctx, actor).await?;
        if s.ideas {
            all.push(("dash-ideas", ideas, urls::IDEAS.to_owned(), false));
        }
        if s.comments {
            all.push(("dash-comments", comments, urls::MODERATION.to_owned(), false));
        }
        all.push(("dash-reports", reports, urls::MODERATION.to_owned(), true));
    }
    Ok(all)
}

fn talk_tiles(lang: Lang, all: Vec<Figure>) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let tiles: Vec<_> = all
        .into_iter()
        .map(|(key, n, to, acts)| {
            let kind = if acts && n > 0 { "ask" } else { "" };
            view! { <a class="tile-link" href=to>{tile(&lang.t(key), &lang.number(n), kind)}</a> }
        })
        .collect();
    Some(
        view! { <h2 class="kern-heading-medium">{lang.t("dash-talk")}</h2><div class="tiles">{tiles}</div> }
            .into_any(),
    )
}

/// Organisations by kind, and what waits for a look.
fn organisation_tiles(
    lang: Lang,
    totals: &backend::organisations::Totals,
    admissions: Option<i64>,
) -> AnyView {
    let mut by_kind: std::collections::BTreeMap<&str, i64> = std::collections::BTreeMap::new();
    let (mut admitted, mut suspended) = (0, 0);
    for (kind, state, n) in &totals.by_kind {
        if state == "active" {
            *by_kind.entry(kind).or_default() += n;
        } else if state == "admitted" {
            admitted += n;
        } else {
            suspended += n;
        }
    }
    let kinds: Vec<_> = by_kind
        .into_iter()
        .map(|(kind, n)| {
            let to = format!("{}?art={kind}&stand=active", urls::ORGANISATIONS);
            view! { <a class="tile-link" href=to>{tile(&crate::organisations::kind_name(lang, kind), &lang.number(n), "good")}</a> }
        })
        .collect();
    view! {
        <h2 class="kern-heading-medium">{lang.t("nav-organisations")}</h2>
        <div class="tiles">
            {admissions.map(|n| {
                let to = format!("{}?zeige=open&art=admission", urls::INBOX);
                view! { <a class="tile-link" href=to>{tile(&lang.t("dash-admissions"), &lang.number(n), "ask")}</a> }
            })}
            {kinds}
            <a class="tile-link" href=format!("{}?stand=admitted", urls::ORGANISATIONS)>{tile(&lang.t("organisation-state-admitted"), &lang.number(admitted), "ask")}</a>
            {(suspended > 0).then(|| view! { <a class="tile-link" href=format!("{}?stand=suspended", urls::ORGANISATIONS)>{tile(&lang.t("organisation-state-suspended"), &lang.number(suspended), "block")}</a> })}
            <a class="tile-link" href=urls::ORGANISATIONS>{tile(&lang.t("entry-state-waiting"), &lang.number(totals.waiting), "ask")}</a>
        </div>
    }
    .into_any()
}

/// What a new portal needs, in order: who may do a step gets a link to it.
fn first_steps(lang: Lang, actor: Actor, named: bool, letters_on: bool) -> AnyView {
    let steps: Vec<_> = [
        ("settings", urls::SETTINGS, Permission::ChangeSettings, true),
        ("team", urls::TEAM, Permission::ManageStaff, true),
        ("list", urls::LISTS, Permission::ImportResidents, true),
        ("letters", urls::LETTERS, Permission::MakeLetters, letters_on),
    ]
    .into_iter()
    .filter(|step| step.3)
    .map(|(step, href, permission, _)| {
        let title = lang.t(&format!("first-{step}"));
        let title = if actor.may(permission) {
            view! { <a class="kern-link" href=href>{title}</a> }.into_any()
        } else {
            view! { <strong>{title}</strong> }.into_any()
        };
        let done = (step == "settings" && named).then(|| format!(" ({})", lang.t("first-done")));
        view! { <li class="kern-body">{title}{done}<br/>{lang.t(&format!("first-{step}-why"))}</li> }
    })
    .collect();
    view! {
        <section class="empty" aria-labelledby="first-steps">
            <h2 class="kern-heading-medium" id="first-steps">{lang.t("first-title")}</h2>
            <ol class="first-steps">{steps}</ol>
        </section>
    }
    .into_any()
}

/// Registrations by day.
fn by_day(lang: Lang, days: &[(NaiveDate, i64)]) -> AnyView {
    let most = days.iter().map(|d| d.1).max().unwrap_or(0);
    let sum: i64 = days.iter().map(|d| d.1).sum();
    let title = lang.t("dash-chart");
    if most == 0 {
        return view! { <h2 class="kern-heading-medium">{title}</h2><p class="kern-body">{lang.t("dash-chart-empty")}</p> }.into_any();
    }
    let frame = Frame {
        id: "chart-days",
        title,
        summary: lang.with(
            "dash-chart-summary",
            &[("n", &sum.to_string()), ("meiste", &most.to_string())],
        ),
        first: lang.t("day"),
    };
    let points: Vec<(String, String)> = days
        .iter()
        .enumerate()
        .map(|(i, (d, _))| {
            let short = if i % 7 == 0 {
                short_day(lang, *d)
            } else {
                String::new()
            };
            (short, plain_day(lang, *d))
        })
        .collect();
    let series = Series {
        name: lang.t("dash-registrations"),
        values: days.iter().map(|d| d.1).collect(),
    };
    chart::bars(lang, &frame, &points, &[series])
}

/// Day and month, as the language writes them.
fn short_day(lang: Lang, day: NaiveDate) -> String {
    let format = lang.day_format().replace("%Y", "");
    day.format(format.trim()).to_string()
}

/// What became of all letters.
fn by_state(lang: Lang, counts: &LetterCounts) -> AnyView {
    let all: Vec<(String, i64)> = [
        ("redeemed", counts.redeemed),
        ("open", counts.open),
        ("expired", counts.expired),
        ("returned", counts.returned),
        ("replaced", counts.replaced),
        ("revoked", counts.revoked),
    ]
    .into_iter()
    .map(|(state, n)| (lang.t(&format!("letter-state-{state}")), n))
    .collect();
    let sum: i64 = all.iter().map(|p| p.1).sum();
    if sum == 0 {
        return ().into_any();
    }
    let frame = Frame {
        id: "chart-letters",
        title: lang.t("chart-letters"),
        summary: lang.with(
            "chart-letters-summary",
            &[
                ("n", &sum.to_string()),
                ("eingeloest", &lang.number(counts.redeemed)),
            ],
        ),
        first: lang.t("state"),
    };
    chart::parts(lang, &frame, lang.t("batch-letters"), &all)
}

/// Cases that came and that were decided, by week.
fn by_week(lang: Lang, weeks: &[(NaiveDate, i64, i64)]) -> AnyView {
    let came: i64 = weeks.iter().map(|w| w.1).sum();
    let decided: i64 = weeks.iter().map(|w| w.2).sum();
    if came + decided == 0 {
        return ().into_any();
    }
    let frame = Frame {
        id: "chart-cases",
        title: lang.t("chart-cases"),
        summary: lang.with(
            "chart-cases-summary",
            &[
                ("neu", &lang.number(came)),
                ("entschieden", &lang.number(decided)),
                ("wochen", &WEEKS.to_string()),
            ],
        ),
        first: lang.t("chart-week"),
    };
    let points: Vec<(String, String)> = weeks
        .iter()
        .map(|(monday, ..)| (short_day(lang, *monday), plain_day(lang, *monday)))
        .collect();
    let series = [
        Series {
            name: lang.t("chart-cases-new"),
            values: weeks.iter().map(|w| w.1).collect(),
        },
        Series {
            name: lang.t("chart-cases-decided"),
            values: weeks.iter().map(|w| w.2).collect(),
        },
    ];
    chart::bars(lang, &frame, &points, &series)
}
