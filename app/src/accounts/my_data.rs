//! `/konto/daten`: everything about me: who looked, what I agreed to, a copy to take away.

use crate::{
    portal::{Outcome, Page, Rq},
    ui::view::{link_button, moment, to_account},
};
use backend::accounts;
use domain::urls;
use leptos::prelude::*;
use locales::Lang;

/// The page.
pub async fn my_data(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let data = accounts::own_data(&rq.ctx, &who).await?;
    let lang = rq.lang;
    let title = lang.t("own-data-title");
    Ok(Page::new(title.clone(), move || {
        let looks: Vec<_> = data
            .looks
            .iter()
            .map(|l| {
                let what = if l.what == "register" {
                    lang.t("own-data-register")
                } else {
                    lang.with("own-data-picture", &[("nummer", &l.what)])
                };
                view! { <li class="kern-body">{moment(lang, l.at)}": "<strong>{l.who.clone()}</strong>", "{what}</li> }
            })
            .collect();
        let agreed: Vec<_> = data
            .agreed
            .iter()
            .map(|a| {
                let what = agreed_text(lang, &a.what);
                let ended = a
                    .ended_at
                    .map(|at| lang.with("own-data-ended", &[("wann", &moment(lang, at))]));
                view! { <li class="kern-body">{moment(lang, a.at)}": "{what}" "<span class="muted">{ended}</span></li> }
            })
            .collect();
        let log: Vec<_> = data
            .log
            .iter()
            .map(|(at, action)| {
                let what = lang.t(&format!("audit-{}", action.replace('.', "-")));
                view! { <li class="kern-body">{moment(lang, *at)}": "{what}</li> }
            })
            .collect();
        let none = looks.is_empty();
        view! {
            {to_account(lang)}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("own-data-intro")}</p>
            <section class="card-plain" aria-labelledby="copy-heading">
                <h2 class="kern-heading-medium" id="copy-heading">{lang.t("own-data-copy")}</h2>
                <p class="kern-body">{lang.t("own-data-copy-what")}</p>
                <div class="buttons">
                    {link_button("primary", "/konto/daten/meine-daten.pdf", &lang.t("own-data-pdf"))}
                    {link_button("secondary", "/konto/daten/meine-daten.json", &lang.t("own-data-json"))}
                </div>
            </section>
            <section class="card-plain" aria-labelledby="looks-heading">
                <h2 class="kern-heading-medium" id="looks-heading">{lang.t("own-data-looks")}</h2>
                <p class="kern-body kern-body--muted">{lang.t("own-data-looks-what")}</p>
                {none.then(|| view! { <p class="kern-body">{lang.t("own-data-nobody")}</p> })}
                <ul class="plain-list">{looks}</ul>
            </section>
            <section class="card-plain" aria-labelledby="agreed-heading">
                <h2 class="kern-heading-medium" id="agreed-heading">{lang.t("own-data-agreed")}</h2>
                <p class="kern-body kern-body--muted">{lang.t("own-data-agreed-what")}</p>
                <ul class="plain-list">{agreed}</ul>
            </section>
            <section class="card-plain" aria-labelledby="log-heading">
                <h2 class="kern-heading-medium" id="log-heading">{lang.t("own-data-log")}</h2>
                <details>
                    <summary>{lang.t("own-data-log-open")}</summary>
                    <ul class="plain-list details-body">{log}</ul>
                </details>
            </section>
            <section class="card-plain" aria-labelledby="delete-heading">
                <h2 class="kern-heading-medium" id="delete-heading">{lang.t("delete-heading")}</h2>
                <p class="kern-body">{lang.t("delete-teaser")}</p>
                {link_button("secondary", urls::ACCOUNT_DELETE, &lang.t("delete-heading"))}
            </section>
        }
        .into_any()
    })
    .into())
}

/// "terms 3" is a version of the terms; anything else is the text itself.
fn agreed_text(lang: Lang, what: &str) -> AnyView {
    match what.strip_prefix("terms ") {
        Some(version) => {
            let text = lang.with("own-data-terms", &[("version", version)]);
            view! { <a class="kern-link" href=urls::TERMS>{text}</a> }.into_any()
        }
        None => view! { "„"{what.to_owned()}"“" }.into_any(),
    }
}
