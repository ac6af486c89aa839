//! `/verwaltung/briefe/anfragen`: who asks for a new letter.

use super::view::{near, refusal_alert};
use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, refused},
    ui::view::{badge, moment},
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
            let decide = |label: &str, full: &str, value: &'static str, kind: &str| {
                let full = lang.with(full, &[("name", &l.name)]);
                view! {
                    <form method="post">
                        <input type="hidden" name="anfrage" value=l.id.to_string()/>
                        <input type="hidden" name="tun" value=value/>
                        <button class=format!("kern-btn kern-btn--{kind}") type="submit" aria-label=full><span class="kern-label">{lang.t(label)}</span></button>
                    </form>
                }
            };
            let large = l.large.then(|| badge("info", &lang.t("letters-large-short")));
            view! {
                <li class="card-plain stack">
                    <h2 class="kern-heading-small"><a class="kern-link" href=format!("{}/{}", urls::RESIDENTS, l.resident_id)>{l.name.clone()}</a></h2>
                    <p class="kern-body">{l.address.clone()}</p>
                    <p class="kern-body">{lang.t(&format!("new-letter-{}", l.reason))}" "{large}<br/><span class="muted">{who}", "{moment(lang, l.requested_at)}</span></p>
                    {own.then(|| view! { <p class="muted">{lang.t("request-own")}</p> })}
                    <div class="buttons">
                        {(!own).then(|| decide("request-agree", "request-agree-name", "zustimmen", "primary"))}
                        {decide("request-decline", "request-decline-name", "ablehnen", "secondary")}
                    </div>
                </li>
            }
        })
        .collect();
    view! { <ul class="files">{rows}</ul> }.into_any()
}
