//! Upload and history of resident lists.

use crate::{
    portal::{Outcome, Page, Rq},
    ui::view::{alert, badge, moment},
};
use backend::residents::{self, ListRefusal};
use domain::{access::Permission, urls};
use leptos::prelude::*;

/// `/verwaltung/listen`: upload and history. The upload itself is plain multipart, handled by the server.
pub async fn index(rq: Rq) -> Outcome {
    upload_page(&rq, None).await
}

/// The upload page, with what was wrong with the last file.
pub async fn upload_page(rq: &Rq, refusal: Option<ListRefusal>) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let lists = residents::lists(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let title = lang.t("nav-lists");
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Ok(Page::staff(title.clone(), move || {
        let problem = refusal.map(|r| lang.t(r.key()));
        let invalid = problem.is_some().then_some("true");
        let rows: Vec<_> = lists
            .into_iter()
            .map(|l| {
                let state = match l.state.as_str() {
                    "applied" => badge("success", &lang.t("list-state-applied")),
                    "draft" => badge("info", &lang.t("list-state-draft")),
                    "reading" => badge("info", &lang.t("list-state-reading")),
                    "applying" => badge("info", &lang.t("list-state-applying")),
                    "failed" => badge("danger", &lang.t("list-state-failed")),
                    _ if l.cancelled_at.is_some() => badge("warning", &lang.t("list-state-cancelled")),
                    _ => badge("warning", &lang.t("list-state-discarded")),
                };
                let name = if !["applied", "discarded"].contains(&l.state.as_str()) {
                    view! { <a class="kern-link" href=format!("{}/{}", urls::LISTS, l.id)>{l.file_name}</a> }.into_any()
                } else {
                    l.file_name.into_any()
                };
                let cancelled = l.cancelled_at.map(|at| {
                    let who = l.cancelled_by.clone().unwrap_or_else(|| lang.t("cancelled-somebody"));
                    lang.with("list-cancelled", &[("wer", &who), ("wann", &moment(lang, at))])
                });
                let result = l.applied.map(|a| {
                    lang.with("list-result", &[("neu", &lang.number(a.new as i64)), ("geaendert", &lang.number(a.changed as i64)), ("gleich", &lang.number(a.unchanged as i64))])
                });
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell">{name}</th>
                        <td class="kern-table__cell">{moment(lang, l.uploaded_at)}</td>
                        <td class="kern-table__cell">{state}</td>
                        <td class="kern-table__cell">{result}{cancelled}</td>
                    </tr>
                }
            })
            .collect();
        let history = if rows.is_empty() {
            view! { <p class="kern-body">{lang.t("lists-none")}</p> }.into_any()
        } else {
            let heads: Vec<_> = ["list-file", "list-uploaded", "state", "list-result-head"]
                .into_iter()
                .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
                .collect();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("lists-history")>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        };
        view! {
            {problem.clone().map(|text| alert("danger", &lang.t("list-refused"), view! { <p class="kern-body">{text}</p><p class="kern-body">{lang.t("list-nothing-changed")}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("lists-intro")}" "<a class="kern-link" href=format!("{}#liste", urls::STAFF_HELP)>{lang.t("help-staff-link")}</a></p>
            <section class="card-plain" aria-labelledby="upload-heading">
                <h2 class="kern-heading-medium" id="upload-heading">{lang.t("lists-upload")}</h2>
                <form method="post" enctype="multipart/form-data" class="stack">
                    <div class="kern-form-input">
                        <label class="kern-label" for="datei">{lang.t("list-file")}</label>
                        <div class="kern-hint" id="datei-hint">{lang.t("list-file-hint")}</div>
                        <input class="kern-form-input__input" type="file" id="datei" name="datei" aria-describedby="datei-hint" aria-invalid=invalid
                            accept=".xlsx,.xlsm,.xlsb,.xls,.ods,.csv,.tsv,.txt" required=true/>
                    </div>
                    {crate::ui::view::submit("primary", &lang.t("list-check"))}
                </form>
            </section>
            <h2 class="kern-heading-medium">{lang.t("lists-history")}</h2>
            {history}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// A figure with its label.
pub fn tile(label: &str, value: &str, kind: &str) -> AnyView {
    let class = format!("tile tile--{kind}");
    let (label, value) = (label.to_owned(), value.to_owned());
    view! { <div class=class><span class="tile__value">{value}</span><span class="tile__label">{label}</span></div> }.into_any()
}
