//! The audit log, readable for people.

use crate::{
    portal::{Outcome, Page, Rq, encode},
    ui::{
        form::{Form, Options},
        view::{link_button, moment, submit},
    },
};
use backend::audit::LogFilter;
use domain::{access::Permission, urls};
use leptos::prelude::*;

/// Lines of a page.
const PAGE: i64 = 50;

/// Features that write events, as offered by the filter.
const FEATURES: [&str; 7] = [
    "accounts",
    "cases",
    "letters",
    "organisations",
    "registration",
    "residents",
    "settings",
];

/// Kinds of actors, as offered by the filter.
const KINDS: [&str; 4] = ["staff", "resident", "visitor", "system"];

/// `/verwaltung/protokoll`.
pub async fn log(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ReadAudit)?;
    let query = rq.query.clone();
    let one_of = |choices: &[&'static str], typed: &str| {
        let found = choices.iter().find(|c| **c == typed);
        found.map_or_else(String::new, |c| (*c).to_owned())
    };
    let day = |name: &str| query.get(name).parse::<chrono::NaiveDate>().ok();
    let filter = LogFilter {
        feature: one_of(&FEATURES, query.get("bereich")),
        kind: one_of(&KINDS, query.get("wer")),
        id: query.get("kennung").chars().take(40).collect(),
        from: day("von"),
        to: day("bis"),
        before: query.get("vor").parse().ok(),
    };
    let entries = backend::audit::events(&rq.ctx, actor, &filter, PAGE + 1).await?;
    let lang = rq.lang;
    let title = lang.t("nav-audit");
    let shown = usize::try_from(PAGE).unwrap_or(50);
    let kept: Vec<String> = ["bereich", "wer", "kennung", "von", "bis"]
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
            values: query,
            ..Default::default()
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = entries
            .into_iter()
            .take(shown)
            .map(|e| {
                let what = lang.t(&format!("audit-{}", e.action.replace('.', "-")));
                let short = |id: Option<String>| id.map(|id| id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect::<String>()).unwrap_or_default();
                view! {
                    <tr class="kern-table__row">
                        <td class="kern-table__cell kern-table__cell--numeric">{e.seq.to_string()}</td>
                        <td class="kern-table__cell">{moment(lang, e.at)}</td>
                        <td class="kern-table__cell">{lang.t(&format!("actor-{}", e.actor_kind))}" "<code>{short(e.actor_id)}</code></td>
                        <th scope="row" class="kern-table__cell">{what}</th>
                        <td class="kern-table__cell"><code>{short(e.subject)}</code></td>
                        <td class="kern-table__cell"><code>{e.detail}</code></td>
                    </tr>
                }
            })
            .collect();
        let heads: Vec<_> = ["audit-seq", "audit-at", "audit-who", "audit-what", "audit-subject", "audit-detail"]
            .into_iter()
            .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
            .collect();
        let kinds = std::iter::once((String::new(), lang.t("audit-everybody"))).chain(KINDS.into_iter().map(|k| (k.to_owned(), lang.t(&format!("actor-{k}"))))).collect();
        let date = |name: &'static str, key: &str| form.text(name, &lang.t(key), Options { kind: "date", width: 14, ..Options::default() });
        let choices = std::iter::once((String::new(), lang.t("audit-all"))).chain(FEATURES.into_iter().map(|f| (f.to_owned(), lang.t(&format!("audit-feature-{f}"))))).collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{lang.t("audit-intro")}</p>
            <form method="get" class="filter-bar">
                {form.select("bereich", &lang.t("audit-feature"), choices)}
                {form.select("wer", &lang.t("audit-who"), kinds)}
                {form.text("kennung", &lang.t("audit-id"), Options { width: 14, ..Options::default() })}
                {date("von", "audit-from")}
                {date("bis", "audit-to")}
                {submit("secondary", &lang.t("filter"))}
            </form>
            {link_button("tertiary", "/verwaltung/protokoll/kopf.json", &lang.t("audit-head"))}
            <p class="kern-body kern-body--muted">{lang.t("audit-head-why")}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("nav-audit")>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            <div class="buttons">{next.map(|to| link_button("secondary", &to, &lang.t("page-next")))}</div>
        }
        .into_any()
    })
    .into())
}
