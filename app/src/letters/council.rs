//! `/verwaltung/briefe/auswertung`: figures for the council.

use super::view::near;
use crate::{
    portal::{Outcome, Page, Rq},
    ui::view::{alert, link_button, plain_day},
};
use backend::{
    letters::council::{self, COLUMNS, Figures, Guessing, Line},
    organisations::KindFigures,
};
use chrono::NaiveDate;
use domain::{
    access::Permission,
    letters::figures::{SMALLEST, Shown},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// `/verwaltung/briefe/auswertung`.
pub async fn figures(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let figures = council::council(&rq.ctx, actor).await?;
    let organisations = match rq.settings.has_organisations() {
        true => backend::organisations::figures(&rq.ctx, actor).await?,
        false => Vec::new(),
    };
    let talk = match rq.settings.ideas || rq.settings.comments {
        true => Some(backend::talk::figures(&rq.ctx, actor).await?),
        false => None,
    };
    let surveys = match rq.settings.surveys {
        true => backend::surveys::figures(&rq.ctx, actor).await?,
        false => Vec::new(),
    };
    let lang = rq.lang;
    let title = lang.t("council-title");
    Ok(Page::staff(title.clone(), move || {
        let empty = figures.weeks.is_empty();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::COUNCIL)}
            <p class="kern-body">{lang.with("council-intro", &[("n", &SMALLEST.to_string())])}</p>
            {empty.then(|| view! { <div class="empty"><p class="kern-body">{lang.t("council-none")}</p></div> })}
            {(!empty).then(|| tables(lang, &figures))}
            {together(lang, &organisations, talk, &surveys)}
            {guessing(lang, figures.guessing)}
        }
        .into_any()
    })
    .into())
}

fn number(lang: Lang, shown: Shown) -> String {
    match shown {
        Shown::Number(n) => lang.number(n),
        Shown::Hidden => lang.t("council-hidden"),
    }
}

fn tables(lang: Lang, figures: &Figures) -> AnyView {
    let name = |l: &Line| match l.name.as_str() {
        "" => lang.t("council-no-district"),
        name => name.to_owned(),
    };
    let week = |l: &Line| {
        let day = NaiveDate::parse_from_str(&l.name, "%Y-%m-%d")
            .map_or_else(|_| l.name.clone(), |d| plain_day(lang, d));
        lang.with("council-week", &[("tag", &day)])
    };
    let districts: Vec<(String, [Shown; 5])> = figures.districts.iter().map(|l| (name(l), l.shown)).collect();
    let weeks: Vec<(String, [Shown; 5])> = figures.weeks.iter().map(|l| (week(l), l.shown)).collect();
    let total = (lang.t("council-total"), figures.total.shown);
    view! {
        <div class="buttons">{link_button("secondary", &format!("{}/zahlen.xlsx", urls::COUNCIL), &lang.t("council-download"))}</div>
        <h2 class="kern-heading-medium">{lang.t("council-districts")}</h2>
        {chart(lang, &districts)}
        {table(lang, "council-districts", districts, Some(total))}
        <h2 class="kern-heading-medium">{lang.t("council-weeks")}</h2>
        {chart(lang, &weeks)}
        {table(lang, "council-weeks", weeks, None)}
    }
    .into_any()
}

fn table(
    lang: Lang,
    title: &str,
    rows: Vec<(String, [Shown; 5])>,
    total: Option<(String, [Shown; 5])>,
) -> AnyView {
    let row = |(name, shown): (String, [Shown; 5])| {
        let cells: Vec<_> = shown
            .into_iter()
            .map(|s| view! { <td class="kern-table__cell kern-table__cell--numeric">{number(lang, s)}</td> })
            .collect();
        view! { <tr class="kern-table__row"><th scope="row" class="kern-table__cell">{name}</th>{cells}</tr> }
    };
    let body: Vec<_> = rows.into_iter().map(row).collect();
    let foot = total.map(|t| view! { <tfoot>{row(t)}</tfoot> });
    let heads: Vec<_> = std::iter::once("council-what".to_owned())
        .chain(COLUMNS.iter().map(|c| format!("council-{c}")))
        .enumerate()
        .map(|(i, k)| {
            let class = if i == 0 {
                "kern-table__header"
            } else {
                "kern-table__header kern-table__header--numeric"
            };
            view! { <th scope="col" class=class>{lang.t(&k)}</th> }
        })
        .collect();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t(title)>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{body}</tbody>{foot}</table>
        </div>
    }
    .into_any()
}

/// Share of letters that led to an account, as bars. The table below says the same in numbers.
fn chart(lang: Lang, rows: &[(String, [Shown; 5])]) -> AnyView {
    let known: Vec<(String, f64)> = rows
        .iter()
        .filter_map(|(name, shown)| match (shown[0], shown[2]) {
            (Shown::Number(sent), Shown::Number(registered)) if sent > 0 => {
                #[expect(clippy::cast_precision_loss, reason = "a percentage")]
                let share = registered as f64 / sent as f64;
                Some((name.clone(), share))
            }
            _ => None,
        })
        .take(40)
        .collect();
    if known.is_empty() {
        return ().into_any();
    }
    let bars: Vec<_> = known
        .into_iter()
        .map(|(name, share)| {
            let percent = format!("{:.0} %", share * 100.0);
            let value = format!("{:.1}", share * 100.0);
            view! {
                <li class="bars__row">
                    <span class="bars__name">{name}</span>
                    <meter class="bars__bar" min="0" max="100" value=value aria-hidden="true"></meter>
                    <span class="bars__value">{percent}</span>
                </li>
            }
        })
        .collect();
    view! {
        <figure class="bars">
            <figcaption class="kern-hint">{lang.t("council-chart")}</figcaption>
            <ul class="plain-list">{bars}</ul>
        </figure>
    }
    .into_any()
}

/// What a verified town does together: organisations, ideas, surveys.
fn together(
    lang: Lang,
    organisations: &[KindFigures],
    talk: Option<[Shown; 5]>,
    surveys: &[(String, i64, Shown)],
) -> AnyView {
    let kinds: Vec<_> = organisations
        .iter()
        .map(|(kind, n, people)| {
            let name = crate::organisations::kind_name(lang, kind);
            vec![name, lang.number(*n), number(lang, *people)]
        })
        .collect();
    let talk: Vec<_> = talk
        .iter()
        .flat_map(|all| {
            backend::talk::FIGURES
                .into_iter()
                .zip(all)
                .map(|(key, n)| vec![lang.t(key), number(lang, *n)])
        })
        .collect();
    let surveys: Vec<_> = surveys
        .iter()
        .map(|(title, residents, answers)| {
            vec![title.clone(), lang.number(*residents), number(lang, *answers)]
        })
        .collect();
    view! {
        {plain_table(lang, "nav-organisations", &["council-active", "council-people"], kinds)}
        {plain_table(lang, "dash-talk", &["survey-column-number"], talk)}
        {plain_table(lang, "nav-surveys", &["survey-may", "survey-answers"], surveys)}
    }
    .into_any()
}

/// A heading and a table below it; nothing without rows.
fn plain_table(lang: Lang, title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let heads: Vec<_> = columns
        .iter()
        .map(|k| view! { <th scope="col" class="kern-table__header kern-table__header--numeric">{lang.t(k)}</th> })
        .collect();
    let body: Vec<_> = rows
        .into_iter()
        .map(|cells| {
            let mut cells = cells.into_iter();
            let name = cells.next();
            let rest: Vec<_> =
                cells.map(|c| view! { <td class="kern-table__cell kern-table__cell--numeric">{c}</td> }).collect();
            view! { <tr class="kern-table__row"><th scope="row" class="kern-table__cell">{name}</th>{rest}</tr> }
        })
        .collect();
    Some(
        view! {
            <h2 class="kern-heading-medium">{lang.t(title)}</h2>
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t(title)>
                <table class="kern-table kern-table--small">
                    <thead><tr class="kern-table__row"><th scope="col" class="kern-table__header">{lang.t("council-what")}</th>{heads}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        }
        .into_any(),
    )
}

/// Rounded to tens: the exact number of open letters would tell the small numbers that the tables hide.
fn about(lang: Lang, open: i64) -> String {
    match (open + 5) / 10 * 10 {
        0 => lang.t("council-hidden"),
        tens => lang.with("guessing-about", &[("n", &tens.to_string())]),
    }
}

fn guessing(lang: Lang, g: Guessing) -> AnyView {
    let odds = |power: Option<i64>| {
        power.map_or_else(
            || lang.t("guessing-never"),
            |p| lang.with("guessing-odds", &[("potenz", &p.to_string())]),
        )
    };
    let body = view! {
        <p class="kern-body">{lang.with("guessing-text", &[("offen", &about(lang, g.open)), ("heute", &lang.number(g.tries)), ("meist", &lang.number(g.most))])}</p>
        <ul class="kern-list">
            <li>{lang.t("guessing-today")}" "{odds(g.today)}</li>
            <li>{lang.t("guessing-worst")}" "{odds(g.worst)}</li>
        </ul>
    };
    alert("info", &lang.t("guessing-title"), body)
}
