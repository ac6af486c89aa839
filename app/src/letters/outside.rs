//! `/verwaltung/briefe/eigener-rechner`: letters that are made on the town's own computer.

use super::view::near;
use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit, submit_as},
    },
};
use backend::letters::{
    BatchLine,
    outside::{self, AnswerRefusal},
};
use domain::{access::Permission, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;

/// `/verwaltung/briefe/eigener-rechner`: why, how, and reserving numbers.
pub async fn begin(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::MakeLetters)?;
    if !actor.may(Permission::ImportResidents) {
        return Err(Fault::Denied);
    }
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let count = form.get("anzahl").trim().replace('.', "").parse().unwrap_or(0);
        if (1..=outside::MOST).contains(&count) {
            let batch = outside::reserve(&rq.ctx, actor, count).await?;
            return Ok(Answer::go(format!("{}/{batch}", urls::LETTERS)));
        }
        problems.add_with(
            "anzahl",
            "problem-whole-number",
            &[("most", &outside::MOST.to_string())],
        );
    }
    let status = if problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let lang = rq.lang;
    let title = lang.t("outside-title");
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let steps: Vec<_> = (1..=5)
            .map(|i| view! { <li>{lang.t(&format!("offline-step-{i}"))}</li> })
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, "")}
            <p class="kern-body">{lang.t("offline-intro")}</p>
            <ol class="kern-list">{steps}</ol>
            {alert("info", &lang.t("offline-trade-title"), view! { <p class="kern-body">{lang.t("offline-trade")}</p> })}
            <form method="post" class="card-plain stack" novalidate=true>
                {form.text("anzahl", &lang.t("offline-count"), Options { width: 10, mode: "numeric", hint: "offline-count-hint", ..Options::default() })}
                {submit("primary", &lang.t("offline-reserve"))}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// What is to be done with a job whose answer is awaited.
pub fn awaited(lang: Lang, batch: &BatchLine, refusal: Option<AnswerRefusal>) -> AnyView {
    let to = |name: &str| format!("{}/{}/{name}", urls::LETTERS, batch.id);
    view! {
        {refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }))}
        <ol class="steps">
            <li class="card-plain">
                <h2 class="kern-heading-medium">{lang.t("offline-job")}</h2>
                <p class="kern-body">{lang.t("offline-job-text")}</p>
                {link_button("primary", &to("auftrag.json"), &lang.t("offline-job-button"))}
                <pre class="command"><code>"stadtbrief letters offline --job auftrag.json --residents einwohner.xlsx --out briefe"</code></pre>
            </li>
            <li class="card-plain">
                <h2 class="kern-heading-medium">{lang.t("offline-answer")}</h2>
                <p class="kern-body">{lang.t("offline-answer-text")}</p>
                <form method="post" action=to("antwort") enctype="multipart/form-data" class="image-form">
                    <div class="kern-form-input">
                        <label class="kern-label" for="antwort">{lang.t("offline-answer-file")}</label>
                        <input class="kern-form-input__input" type="file" id="antwort" name="datei" accept="application/json,.json" required=true/>
                    </div>
                    {submit_as("primary", &lang.t("upload"), "tun", "antwort")}
                </form>
            </li>
        </ol>
    }
    .into_any()
}
