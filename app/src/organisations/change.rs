//! `/konto/organisation/{id}/aendern`: another name or address, as a request that staff decide.

use crate::{
    cases::citizen::problems,
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{link_button, submit},
    },
};
use backend::{cases::BeginRefusal, organisations};
use domain::{
    cases::{CaseKind, Request},
    urls,
};
use leptos::prelude::*;

/// The form.
pub async fn change(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    if !rq.settings.has_organisations() {
        return Err(Fault::NotFound);
    }
    let id = rq.id()?;
    let kind = CaseKind::OrganisationChange;
    let present = organisations::change_values(&rq.ctx, &who, id).await?;
    let typed = match &rq.form {
        None => Typed {
            values: Fields(present.0.into_iter().collect()),
            ..Typed::default()
        },
        Some(form) => {
            let request = Request::read(kind, |name| form.get(name).to_owned());
            match refused(organisations::ask_change(&rq.ctx, &who, id, &request).await)? {
                Ok(case) => return Ok(Answer::go(format!("{}/{case}?gesendet=1", urls::OWN_CASES))),
                Err(BeginRefusal::Open(case)) => {
                    return Ok(Answer::go(format!("{}/{case}?offen=1", urls::OWN_CASES)));
                }
                Err(refusal) => Typed {
                    values: form.clone(),
                    problems: problems(refusal),
                },
            }
        }
    };
    let status = status_of(&typed.problems);
    let lang = rq.lang;
    let form = Form::new(lang, typed);
    let back = format!("{}/{id}", urls::OWN_ORGANISATION);
    let title = lang.t("organisation-change-title");
    Ok(Page::new(title.clone(), move || {
        let line = |name: &'static str, width: u32| {
            form.text(name, &lang.t(&format!("field-{name}")), Options { width, autocomplete: "off", ..Options::default() })
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("organisation-change-how")}</p>
            <form method="post" novalidate=true class="stack">
                {line("organisation_name", 0)}
                {line("street", 0)}
                {line("house_number", 10)}
                {line("postcode", 10)}
                {line("city", 0)}
                {line("person", 0)}
                {form.text("reason", &lang.t("field-reason"), Options { rows: 3, hint: "organisation-change-reason", ..Options::default() })}
                <div class="buttons">{submit("primary", &lang.t("organisation-change-send"))}{link_button("secondary", &back, &lang.t("cancel"))}</div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
