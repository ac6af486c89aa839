//! `/barrierefreiheit/melden`: what keeps people from using the portal becomes a case, with or without an account.

use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, encode, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit},
    },
};
use backend::cases::{self, BeginRefusal};
use domain::{
    cases::{CaseKind, Request},
    problem::Problems,
    urls,
};
use leptos::prelude::*;

/// The form. A POST sends it; the page after it names the case.
pub async fn report(rq: Rq) -> Outcome {
    let Some(form) = rq.form.clone() else {
        let number = rq.query.get("danke");
        if !number.is_empty() {
            return Ok(thanks(&rq, number).into());
        }
        // where somebody comes from, if it is a page of this portal
        let page = urls::safe_return(rq.query.get("seite")).unwrap_or_default();
        let values = Fields::default().with("barrier_page", page);
        return show(
            &rq,
            Typed {
                values,
                problems: Problems::default(),
            },
        );
    };
    let request = Request::read(CaseKind::Barrier, |name| form.get(name).to_owned());
    let sent = cases::report_barrier(&rq.ctx, &rq.visitor, rq.who.as_ref(), &request).await;
    match refused(sent)? {
        Ok(number) => Ok(Answer::go(format!("{}?danke={}", urls::BARRIER, encode(&number)))),
        Err(BeginRefusal::Problems(problems)) => show(
            &rq,
            Typed {
                values: form,
                problems,
            },
        ),
        Err(_) => show(
            &rq,
            Typed {
                values: form,
                problems: Problems::one("", "barrier-too-many"),
            },
        ),
    }
}

fn show(rq: &Rq, typed: Typed) -> Outcome {
    let lang = rq.lang;
    let status = status_of(&typed.problems);
    let title = lang.t("barrier-title");
    let own = rq.who.as_ref().is_some_and(|w| w.role.is_none());
    let form = Form::new(lang, typed);
    let contact = lang.with(
        "barrier-or",
        &[("telefon", &rq.settings.telephone), ("email", &rq.settings.email)],
    );
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::ACCESSIBILITY>{lang.t("text-accessibility")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("barrier-form-intro")}</p>
            <form method="post" novalidate=true class="stack">
                {form.text("barrier", &lang.t("field-barrier"), Options { rows: 6, hint: "field-barrier-hint", ..Options::default() })}
                {form.text("barrier_page", &lang.t("field-barrier_page"), Options { optional: true, ..Options::default() })}
                {(!own).then(|| view! {
                    {form.text("contact_name", &lang.t("field-contact_name"), Options { optional: true, autocomplete: "name", ..Options::default() })}
                    {form.text("contact_email", &lang.t("field-contact_email"), Options { optional: true, kind: "email", autocomplete: "email", hint: "field-contact_email-hint", ..Options::default() })}
                })}
                {submit("primary", &lang.t("barrier-send"))}
            </form>
            <p class="kern-body">{contact}</p>
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn thanks(rq: &Rq, number: &str) -> Page {
    let lang = rq.lang;
    let text = lang.with("barrier-thanks", &[("nummer", number)]);
    let own = rq.who.as_ref().is_some_and(|w| w.role.is_none());
    let title = lang.t("barrier-thanks-title");
    Page::new(title.clone(), move || {
        let (to, label) = if own {
            (urls::OWN_CASES, "own-cases")
        } else {
            (urls::START, "to-start")
        };
        view! {
            <h1 class="kern-heading-x-large">{title.clone()}</h1>
            {alert("success", &title, view! { <p class="kern-body">{text}</p> })}
            <div class="buttons">{link_button("secondary", to, &lang.t(label))}</div>
        }
        .into_any()
    })
}
