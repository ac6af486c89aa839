//! `/verwaltung/briefe/anfragen`: who asks for a new letter.

use super::view::{near, refusal_alert};
use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, refused},
    ui::view::{badge, moment, submit_as},
};
use backend::letters::requests::{self, RequestLine};
use domain::{access::Permission, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// `/verwaltung/briefe/anfragen`.
pub async fn inbox(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::MakeLetters)?;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        let id = Uuid::parse_str(form.get("anfrage")).map_err(|_| Fault::NotFound)?;
        if form.get("tun") == "ablehnen" {
            requests::decline(&rq.ctx, actor, id).await?;
            return Ok(Answer::go(urls::REQUESTS));
        }
        match refused(requests::agree(&rq.ctx, actor, id).await)? {
            Ok(Some(batch)) => return Ok(Answer::go(format!("{}/{batch}", urls::LETTERS))),
            Ok(None) => return Ok(Answer::go(urls::REQUESTS)),
            Err(r) => refusal = Some(r),
        }
    }
    let lines = requests::requests(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let me = actor.account();
    let title = lang.t("requests-title");
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Ok(Page::staff(title.clone(), move || {
        view! {
            {refusal.map(|r| refusal_alert(lang, &r))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::REQUESTS)}
            <p class="kern-body">{lang.t("requests-intro")}</p>
            {table(lang, me, lines)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn table(lang: Lang, me: Option<Uuid>, lines: Vec<RequestLine>) -> AnyView {
    if lines.is_empty() {
        return view! { <div class="empty"><p class="kern-body">{lang.t("requests-none")}</p></div> }
            .into_any();
    }
    let rows: Vec<_> = lines
        .into_iter()
        .map(|l| {
            let own = l.requested_by.is_some() && l.requested_by == me;
            let who = match l.source.as_str() {
                "public" if l.by_name.is_empty() => lang.t("request-by-person"),
                "public" => format!("{}; {}", lang.t("request-by-person"), l.by_name),
                _ => l.by_name.clone(),
            };
            let decide = |label: &str, value: &str, kind: &str| {
                view! { <form method="post"><input type="hidden" name="anfrage" value=l.id.to_string()/>{submit_as(kind, &lang.with(label, &[("name", &l.name)]), "tun", value)}</form> }
            };
            let buttons = view! {
                <div class="buttons">
                    {(!own).then(|| decide("request-agree", "zustimmen", "primary"))}
                    {own.then(|| view! { <span class="muted">{lang.t("request-own")}</span> })}
                    {decide("request-decline", "ablehnen", "secondary")}
                </div>
            };
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{}/{}", urls::RESIDENTS, l.resident_id)>{l.name.clone()}</a><br/><span class="muted">{l.address.clone()}</span></th>
                    <td class="kern-table__cell">{lang.t(&format!("new-letter-{}", l.reason))}{l.large.then(|| view! { " "{badge("info", &lang.t("letters-large-short"))} })}</td>
                    <td class="kern-table__cell">{who}</td>
                    <td class="kern-table__cell">{moment(lang, l.requested_at)}</td>
                    <td class="kern-table__cell">{buttons}</td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = ["name", "new-letter-reason", "request-by", "request-at", "action"]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("requests-title")>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}
