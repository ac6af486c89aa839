//! `/organisation/aufnahme`: an organisation asks to be admitted, with or without an account.

use crate::{
    cases::citizen::problems as complaints,
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit},
    },
};
use axum::http::StatusCode;
use backend::{
    accounts::OpenRegistration,
    cases::BeginRefusal,
    organisations::{self, Applied},
};
use domain::{
    cases::{CaseKind, Request},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// The form, and what it does.
pub async fn apply(rq: Rq) -> Outcome {
    if !rq.settings.has_organisations() {
        return Err(Fault::NotFound);
    }
    let lang = rq.lang;
    if rq.who.as_ref().is_some_and(|w| w.role.is_some()) {
        return Ok(for_staff(lang).into());
    }
    let who = rq.who.clone();
    let typed = match &rq.form {
        None => Typed::default(),
        Some(form) => {
            let request = Request::read(CaseKind::Admission, |name| form.get(name).to_owned());
            let contact = OpenRegistration {
                name: form.get("name").to_owned(),
                email: form.get("email").to_owned(),
                password: form.get("password").to_owned(),
                consent: form.has("consent"),
            };
            let done = organisations::apply(&rq.ctx, &rq.visitor, who.as_ref(), &contact, &request).await;
            match refused(done)? {
                Ok(Applied::Draft(id)) => {
                    return Ok(Answer::go(format!("{}/{id}/nachweis", urls::OWN_CASES)));
                }
                Ok(Applied::Mailed) => return Ok(mailed(lang, form.get("email").trim()).into()),
                Err(BeginRefusal::Open(id)) => {
                    return Ok(Answer::go(format!("{}/{id}?offen=1", urls::OWN_CASES)));
                }
                Err(refusal) => Typed {
                    values: form.clone().without(&["password"]),
                    problems: complaints(refusal),
                },
            }
        }
    };
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("apply-title");
    let version = rq.settings.terms_version.to_string();
    let name = who.map(|w| w.name);
    Ok(Page::new(title.clone(), move || {
        let line = |name: &str, optional: bool, width: u32, hint: &'static str, complete: &'static str| {
            let options = Options { optional, width, hint, autocomplete: complete, ..Options::default() };
            form.text(name, &lang.t(&format!("field-{name}")), options)
        };
        let consent = view! {
            {lang.t("consent-before")}" "<a class="kern-link" href=urls::TERMS target="_blank">{lang.with("consent-link", &[("version", &version)])}</a>" "{lang.t("consent-after")}
        };
        let contact = match &name {
            Some(name) => view! { <p class="kern-body">{lang.with("apply-signed-in", &[("name", name)])}</p> }.into_any(),
            None => view! {
                <p class="kern-body">{lang.t("apply-account")}</p>
                {form.text("name", &lang.t("apply-own-name"), Options { autocomplete: "name", ..Options::default() })}
                {form.text("email", &lang.t("email"), Options { kind: "email", autocomplete: "email", mode: "email", ..Options::default() })}
                {form.text("password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                {form.checkbox("consent", consent)}
                <p class="kern-body">{lang.t("apply-have-account")}" "<a class="kern-link" href=format!("{}?zurueck={}", urls::SIGN_IN, urls::APPLY)>{lang.t("sign-in")}</a></p>
            }
            .into_any(),
        };
        let steps: Vec<_> = (1..=4).map(|i| view! { <li>{lang.t(&format!("apply-step-{i}"))}</li> }).collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("apply-intro")}</p>
            <ol class="kern-list">{steps}</ol>
            <form method="post" novalidate=true class="stack">
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("apply-organisation")}</legend>
                    {form.select("organisation_kind", &lang.t("field-organisation_kind"), super::kinds(lang, "please-choose"))}
                    {line("organisation_name", false, 0, "field-organisation_name-hint", "organization")}
                    {line("register", true, 0, "field-register-hint", "")}
                    {line("register_number", true, 20, "field-register_number-hint", "")}
                    {form.text("purpose", &lang.t("field-purpose"), Options { rows: 4, hint: "field-purpose-hint", ..Options::default() })}
                    {form.text("web", &lang.t("field-web"), Options { kind: "url", optional: true, autocomplete: "url", hint: "field-web-hint", ..Options::default() })}
                </fieldset>
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("apply-address")}</legend>
                    <p class="kern-body">{lang.t("apply-address-hint")}</p>
                    {line("street", false, 0, "", "")}
                    {line("house_number", false, 10, "", "")}
                    {form.text("postcode", &lang.t("field-postcode"), Options { width: 10, mode: "numeric", autocomplete: "postal-code", ..Options::default() })}
                    {line("city", false, 0, "", "address-level2")}
                </fieldset>
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("apply-person")}</legend>
                    <p class="kern-body">{lang.t("apply-person-hint")}</p>
                    {line("person", false, 0, "", "")}
                    {line("person_role", false, 0, "field-person_role-hint", "organization-title")}
                    {form.text("telephone", &lang.t("field-telephone"), Options { kind: "tel", optional: true, autocomplete: "tel", ..Options::default() })}
                </fieldset>
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("apply-you")}</legend>
                    {contact}
                </fieldset>
                {submit("primary", &lang.t("continue"))}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn for_staff(lang: Lang) -> Page {
    let title = lang.t("apply-title");
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {alert("info", &lang.t("apply-not-staff"), ())}
        }
        .into_any()
    })
    .status(StatusCode::FORBIDDEN)
}

fn mailed(lang: Lang, email: &str) -> Page {
    let title = lang.t("open-sent-title");
    let text = lang.with("apply-mailed", &[("email", email)]);
    Page::new(title.clone(), move || {
        view! {
            <div class="calm">
                <h1 class="kern-heading-large">{title}</h1>
                <p class="kern-body">{text}</p>
                {link_button("secondary", urls::DIRECTORY, &lang.t("directory-title"))}
            </div>
        }
        .into_any()
    })
}
