//! The audit log, readable for people.

use crate::{
    portal::{Outcome, Page, Rq},
    ui::{
        form::Form,
        view::{link_button, moment, submit},
    },
};
use domain::{access::Permission, urls};
use leptos::prelude::*;

/// Lines of a page.
const PAGE: i64 = 50;

/// Features that write events, as offered by the filter.
const FEATURES: [&str; 5] = ["accounts", "letters", "registration", "residents", "settings"];

/// `/verwaltung/protokoll`.
pub async fn log(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ReadAudit)?;
    let before = rq.query.get("vor").parse::<i64>().ok();
    let feature = FEATURES
        .into_iter()
        .find(|f| *f == rq.query.get("bereich"))
        .unwrap_or("");
    let entries = backend::audit::list(&rq.ctx, actor, feature, before, PAGE + 1).await?;
    let lang = rq.lang;
    let title = lang.t("nav-audit");
    let shown = usize::try_from(PAGE).unwrap_or(50);
    let next = (entries.len() > shown)
        .then(|| format!("{}?bereich={feature}&vor={}", urls::AUDIT, entries[shown - 1].seq));
    let form = Form::new(
        lang,
        crate::portal::Typed {
            values: crate::portal::Fields::default().with("bereich", feature),
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
        let choices = std::iter::once((String::new(), lang.t("audit-all"))).chain(FEATURES.into_iter().map(|f| (f.to_owned(), lang.t(&format!("audit-feature-{f}"))))).collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{lang.t("audit-intro")}</p>
            <form method="get" class="filter-bar">{form.select("bereich", &lang.t("audit-feature"), choices)}{submit("secondary", &lang.t("filter"))}</form>
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("nav-audit")>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            <div class="buttons">{next.map(|to| link_button("secondary", &to, &lang.t("page-next")))}</div>
        }
        .into_any()
    })
    .into())
}
