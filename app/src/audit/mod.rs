//! The audit log, readable for people.

use crate::{
    comfort,
    portal::{Fields, Outcome, Page, Rq, encode},
    ui::{
        form::{Form, Options},
        table::{table, tools},
        view::{link_button, moment, submit},
    },
};
use backend::audit::{Entry, LogFilter};
use domain::{access::Permission, problem::Problems, tables::Table, urls};
use leptos::prelude::*;
use locales::Lang;

/// Lines of a page.
const PAGE: i64 = 50;

/// Features that write events, as offered by the filter.
const FEATURES: [&str; 8] = [
    "accounts",
    "audit",
    "cases",
    "letters",
    "organisations",
    "registration",
    "residents",
    "settings",
];

/// Kinds of actors, as offered by the filter.
const KINDS: [&str; 4] = ["staff", "resident", "visitor", "system"];

/// Names of the filter.
const KEPT: [&str; 9] = [
    "bereich",
    "wer",
    "kennung",
    "von_day",
    "von_month",
    "von_year",
    "bis_day",
    "bis_month",
    "bis_year",
];

/// Days that were begun and are none.
fn problems_of(query: &Fields) -> Problems {
    let mut problems = Problems::default();
    for prefix in ["von", "bis"] {
        let begun = ["day", "month", "year"]
            .iter()
            .any(|part| !query.get(&format!("{prefix}_{part}")).trim().is_empty());
        if begun && query.date(prefix).is_none() {
            problems.add(&format!("{prefix}_day"), "problem-day");
        }
    }
    problems
}

/// What the query asks for.
fn filter_of(query: &Fields) -> LogFilter {
    let one_of = |choices: &[&'static str], typed: &str| {
        let found = choices.iter().find(|c| **c == typed);
        found.map_or_else(String::new, |c| (*c).to_owned())
    };
    LogFilter {
        feature: one_of(&FEATURES, query.get("bereich")),
        kind: one_of(&KINDS, query.get("wer")),
        id: query.get("kennung").chars().take(40).collect(),
        from: query.date("von"),
        to: query.date("bis"),
        before: query.get("vor").parse().ok(),
    }
}

/// `GET /verwaltung/protokoll/liste.xlsx`: all events that fit.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ReadAudit)?;
    let columns = comfort::columns(&rq, Table::Audit);
    let bytes =
        backend::audit::log_workbook(&rq.ctx, actor, &filter_of(&rq.query), &columns, rq.lang).await?;
    Ok(comfort::workbook("protokoll", bytes))
}

/// What stands in a column.
fn cell(lang: Lang, e: &Entry, column: &str) -> AnyView {
    let short = |id: &Option<String>| {
        let id = id.clone().unwrap_or_default();
        let from = id.len().saturating_sub(8);
        id.get(from..).unwrap_or("").to_owned()
    };
    match column {
        "was" => lang
            .t(&format!("audit-{}", e.action.replace('.', "-")))
            .into_any(),
        "zeit" => moment(lang, e.at).into_any(),
        "wer" => view! { {lang.t(&format!("actor-{}", e.actor_kind))}" "<code>{short(&e.actor_id)}</code> }
            .into_any(),
        "kennung" => view! { <code>{short(&e.subject)}</code> }.into_any(),
        "angaben" => view! { <code>{e.detail.clone()}</code> }.into_any(),
        "nr" => e.seq.to_string().into_any(),
        _ => view! { <code class="hash">{e.hash.clone()}</code> }.into_any(),
    }
}

/// `/verwaltung/protokoll`.
pub async fn log(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ReadAudit)?;
    let query = rq.query.clone();
    let filter = filter_of(&query);
    let columns = comfort::columns(&rq, Table::Audit);
    let (here, book) = (comfort::here(&rq), comfort::workbook_of(&rq));
    let entries = backend::audit::events(&rq.ctx, actor, &filter, PAGE + 1).await?;
    let lang = rq.lang;
    let title = lang.t("nav-audit");
    let shown = usize::try_from(PAGE).unwrap_or(50);
    let kept: Vec<String> = KEPT
        .iter()
        .map(|n| format!("{n}={}", encode(query.get(n))))
        .collect();
    let next = (entries.len() > shown).then(|| {
        format!(
            "{}?{}&vor={}",
            urls::AUDIT,
            kept.join("&"),
            entries[shown - 1].seq
        )
    });
    let form = Form::new(
        lang,
        crate::portal::Typed {
            problems: problems_of(&query),
            values: query,
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let entries: Vec<Entry> = entries.into_iter().take(shown).collect();
        let kinds = std::iter::once((String::new(), lang.t("audit-everybody")))
            .chain(
                KINDS
                    .into_iter()
                    .map(|k| (k.to_owned(), lang.t(&format!("actor-{k}")))),
            )
            .collect();
        let choices = std::iter::once((String::new(), lang.t("audit-all")))
            .chain(
                FEATURES
                    .into_iter()
                    .map(|f| (f.to_owned(), lang.t(&format!("audit-feature-{f}")))),
            )
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{lang.t("audit-intro")}</p>
            <form method="get" class="filter-bar">
                {form.select("bereich", &lang.t("audit-feature"), choices)}
                {form.select("wer", &lang.t("audit-who"), kinds)}
                {form.text("kennung", &lang.t("audit-id"), Options { width: 14, ..Options::default() })}
                {form.date("von", &lang.t("audit-from"), "audit-day-hint")}
                {form.date("bis", &lang.t("audit-to"), "audit-day-hint")}
                {submit("secondary", &lang.t("filter"))}
            </form>
            {link_button("tertiary", "/verwaltung/protokoll/kopf.json", &lang.t("audit-head"))}
            <p class="kern-body kern-body--muted">{lang.t("audit-head-why")}</p>
            {tools(lang, &columns, &here, &book)}
            {table(lang, &columns, &entries, |_| "", |e, column| cell(lang, e, column))}
            <div class="buttons">{next.map(|to| link_button("secondary", &to, &lang.t("page-next")))}</div>
        }
        .into_any()
    })
    .into())
}
