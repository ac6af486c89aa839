//! Each way in which a letter cannot be redeemed has a calm page that says what to do next.

use crate::{
    portal::{Page, Rq},
    ui::view::{day, icon, link_button},
};
use axum::http::StatusCode;
use domain::{registration::Refusal, urls};
use leptos::prelude::*;

/// The page for a refusal.
pub fn page(rq: &Rq, refusal: Refusal) -> Page {
    let (key, at, status) = match refusal {
        Refusal::NotProven => ("refusal-not-proven", None, StatusCode::UNPROCESSABLE_ENTITY),
        Refusal::TooMany => ("refusal-too-many", None, StatusCode::TOO_MANY_REQUESTS),
        Refusal::Used { at } => ("refusal-used", at, StatusCode::GONE),
        Refusal::Expired { at } => ("refusal-expired", at, StatusCode::GONE),
        Refusal::Replaced { at } => ("refusal-replaced", at, StatusCode::GONE),
        Refusal::Revoked => ("refusal-revoked", None, StatusCode::GONE),
        Refusal::Returned => ("refusal-returned", None, StatusCode::GONE),
        Refusal::BirthDate => ("refusal-not-proven", None, StatusCode::UNPROCESSABLE_ENTITY),
        Refusal::AccountTaken => ("refusal-account-taken", None, StatusCode::CONFLICT),
    };
    let date = at.map(|at| day(rq.lang, at)).unwrap_or_default();
    let args = [
        ("datum", date.as_str()),
        ("telefon", rq.settings.telephone.as_str()),
        ("sender", rq.settings.sender.as_str()),
    ];
    let title = rq.t(&format!("{key}-title"));
    let (text, next) = (
        rq.lang.with(key, &args),
        rq.lang.with(&format!("{key}-next"), &args),
    );
    let buttons = match refusal {
        Refusal::Used { .. } => vec![
            ("primary", urls::SIGN_IN, rq.t("sign-in")),
            ("secondary", urls::START, rq.t("to-start")),
        ],
        Refusal::NotProven | Refusal::BirthDate => vec![
            ("primary", urls::REGISTER, rq.t("try-again")),
            ("secondary", urls::HELP, rq.t("nav-help")),
        ],
        Refusal::Expired { .. } | Refusal::Returned if rq.settings.reissue_public => vec![
            ("primary", urls::NEW_LETTER, rq.t("new-letter-title")),
            ("secondary", urls::HELP, rq.t("nav-help")),
        ],
        _ => vec![
            ("secondary", urls::START, rq.t("to-start")),
            ("secondary", urls::HELP, rq.t("nav-help")),
        ],
    };
    let heading = title.clone();
    Page::new(title, move || {
        let buttons: Vec<_> = buttons
            .iter()
            .map(|(kind, to, label)| link_button(kind, to, label))
            .collect();
        view! {
            <div class="calm">
                {icon("info")}
                <h1 class="kern-heading-large">{heading}</h1>
                <p class="kern-body">{text}</p>
                <p class="kern-body">{next}</p>
                <div class="buttons">{buttons}</div>
            </div>
        }
        .into_any()
    })
    .status(status)
}
