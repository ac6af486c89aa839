//! For everybody: is my letter genuine, and how do I get a new one?

use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, plain_day, submit},
    },
};
use axum::http::StatusCode;
use backend::letters::{
    genuine::{self, Genuine},
    requests::{self, AskRefusal, Asking},
};
use domain::{problem::Problems, urls};
use leptos::prelude::*;

/// `/brief-pruefen`.
pub async fn genuine(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let number = rq.typed().get("nummer").trim().to_owned();
    let answer = match &rq.form {
        Some(_) => Some(genuine::genuine(&rq.ctx, &rq.visitor, &number).await?),
        None => None,
    };
    let mut problems = Problems::default();
    let mut status = StatusCode::OK;
    let args = [
        ("sender", rq.settings.sender.clone()),
        ("telefon", rq.settings.telephone.clone()),
        ("nummer", number.to_uppercase()),
    ];
    let with = |key: &str, more: &[(&str, &str)]| {
        let args: Vec<(&str, &str)> = args
            .iter()
            .map(|(k, v)| (*k, v.as_str()))
            .chain(more.iter().copied())
            .collect();
        lang.with(key, &args)
    };
    let shown = match answer {
        None => None,
        Some(Genuine::Posted(monday)) => {
            let day = plain_day(lang, monday);
            Some((
                "success",
                lang.t("genuine-yes-title"),
                with("genuine-yes", &[("tag", &day)]),
            ))
        }
        Some(Genuine::Unknown) => Some(("warning", lang.t("genuine-no-title"), with("genuine-no", &[]))),
        Some(Genuine::TooMany) => {
            status = StatusCode::TOO_MANY_REQUESTS;
            Some(("warning", lang.t("genuine-many-title"), with("genuine-many", &[])))
        }
        Some(Genuine::NotANumber) => {
            status = StatusCode::UNPROCESSABLE_ENTITY;
            problems = Problems::one("nummer", "genuine-not-a-number");
            None
        }
    };
    let form = Form::new(
        lang,
        Typed {
            values: Fields::default().with("nummer", &number),
            problems,
        },
    );
    let title = lang.t("genuine-title");
    let warning = with("genuine-warning", &[]);
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {shown.map(|(kind, title, text)| alert(kind, &title, view! { <p class="kern-body">{text}</p> }))}
            <p class="kern-body">{lang.t("genuine-intro")}</p>
            <form method="post" class="card-plain stack" novalidate=true>
                {form.text("nummer", &lang.t("letter-number"), Options { hint: "genuine-hint", width: 20, ..Options::default() })}
                {submit("primary", &lang.t("genuine-button"))}
            </form>
            <p class="kern-body">{warning}</p>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/neuer-brief`.
pub async fn new_letter(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let title = lang.t("new-letter-title");
    let contact = lang.with(
        "new-letter-contact",
        &[
            ("telefon", rq.settings.telephone.as_str()),
            ("sender", rq.settings.sender.as_str()),
        ],
    );
    if rq.query.has("erledigt") {
        let done = lang.with("new-letter-done", &[("tage", "14")]);
        return Ok(Page::new(title, move || {
            view! {
                <h1 class="kern-heading-x-large">{lang.t("new-letter-done-title")}</h1>
                <p class="kern-body">{done}</p>
                <p class="kern-body">{contact}</p>
                <div class="buttons">{link_button("secondary", urls::START, &lang.t("to-start"))}</div>
            }
            .into_any()
        })
        .into());
    }
    let mut problems = Problems::default();
    let mut status = StatusCode::OK;
    let mut warning = (!rq.settings.reissue_public).then_some("new-letter-off");
    if let Some(form) = &rq.form {
        let asking = Asking {
            family_name: form.get("family_name").trim().to_owned(),
            given_name: form.get("given_name").trim().to_owned(),
            birth_date: form.date("birth"),
            street: form.get("street").trim().to_owned(),
            house_number: form.get("house_number").trim().to_owned(),
            postcode: form.get("postcode").trim().to_owned(),
            large: form.has("gross"),
        };
        status = StatusCode::UNPROCESSABLE_ENTITY;
        match refused(requests::ask(&rq.ctx, &rq.visitor, &asking).await)? {
            Ok(()) => return Ok(Answer::go(format!("{}?erledigt=1", urls::NEW_LETTER))),
            Err(AskRefusal::Problems(p)) => problems = p,
            Err(AskRefusal::TooMany) => {
                status = StatusCode::TOO_MANY_REQUESTS;
                warning = Some("new-letter-many");
            }
            Err(AskRefusal::Off) => warning = Some("new-letter-off"),
        }
    }
    let on = rq.settings.reissue_public;
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    Ok(Page::new(title.clone(), move || {
        let line = |name: &'static str, key: &str, autocomplete: &'static str| {
            form.text(name, &lang.t(key), Options { autocomplete, ..Options::default() })
        };
        let fields = on.then(|| view! {
            <p class="kern-body">{lang.t("new-letter-intro")}</p>
            <form method="post" class="card-plain stack" novalidate=true>
                {line("given_name", "new-letter-given", "given-name")}
                {line("family_name", "column-family_name", "family-name")}
                {form.date("birth", &lang.t("birth-date"), "new-letter-birth-hint")}
                {line("street", "column-street", "")}
                {form.text("house_number", &lang.t("column-house_number"), Options { width: 10, ..Options::default() })}
                {form.text("postcode", &lang.t("postcode"), Options { width: 10, mode: "numeric", autocomplete: "postal-code", ..Options::default() })}
                {form.checkbox("gross", lang.t("new-letter-large"))}
                {submit("primary", &lang.t("new-letter-button"))}
            </form>
        });
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {warning.map(|key| alert("warning", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(key)}</p> }))}
            {fields}
            <p class="kern-body">{contact}</p>
        }
        .into_any()
    })
    .status(status)
    .into())
}
