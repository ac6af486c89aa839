//! `/melden`: anybody reports what should not stand in the open.

use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit},
    },
};
use backend::talk;
use domain::{
    cases::{clean_line, clean_lines},
    problem::Problems,
    talk::{Report, ReportReason, Target},
    urls,
};
use leptos::prelude::*;
use uuid::Uuid;

/// `/melden?was=…&id=…`.
pub async fn report(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let title = lang.t("report-title");
    if rq.query.has("danke") {
        return Ok(Page::new(title.clone(), move || {
            view! {
                <h1 class="kern-heading-x-large">{title}</h1>
                {alert("success", &lang.t("report-thanks-title"), view! { <p class="kern-body">{lang.t("report-thanks")}</p> })}
                <div class="buttons">{link_button("secondary", urls::START, &lang.t("to-start"))}</div>
            }
            .into_any()
        })
        .into());
    }
    let target = Target::parse(rq.query.get("was")).ok_or(Fault::NotFound)?;
    let id = Uuid::parse_str(rq.query.get("id")).map_err(|_| Fault::NotFound)?;
    let here = format!("{}?was={}&id={id}", urls::REPORT, target.key());
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let new = Report {
            reason: ReportReason::parse(form.get("grund")),
            text: clean_lines(form.get("erklaerung")),
            email: clean_line(form.get("email")),
        };
        let sent = talk::report(&rq.ctx, &rq.visitor, rq.who.as_ref(), target, id, &new).await;
        match refused(sent)? {
            Ok(()) => return Ok(Answer::go(format!("{}?danke=1", urls::REPORT))),
            Err(p) => problems = p,
        }
    }
    let thing = talk::reported(&rq.ctx, target, id)
        .await
        .map_err(Fault::not_found)?;
    let signed_in = rq.who.is_some();
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    Ok(Page::new(title.clone(), move || {
        let reasons = std::iter::once((String::new(), lang.t("please-choose")))
            .chain(ReportReason::ALL.map(|r| (r.key().to_owned(), lang.t(&format!("report-reason-{}", r.key())))))
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("report-how")}" "<a class="kern-link" href=urls::HOUSE_RULES>{lang.t("house-rules")}</a></p>
            <blockquote class="card-plain stack">
                <p class="kern-body muted">{format!("{}: {}", lang.t(&format!("report-target-{}", target.key())), thing.author)}</p>
                {(!thing.title.is_empty()).then(|| view! { <p class="kern-body"><strong>{thing.title.clone()}</strong></p> })}
                <p class="kern-body written" lang=crate::ui::view::TOWN>{thing.text.clone()}</p>
                {super::versions(lang, &lang.t("moderation-earlier"), &thing.earlier)}
            </blockquote>
            <form method="post" action=here novalidate=true class="stack">
                {form.select("grund", &lang.t("report-reason"), reasons)}
                {form.text("erklaerung", &lang.t("report-text"), Options { rows: 4, optional: true, hint: "report-text-hint", ..Options::default() })}
                {(!signed_in).then(|| form.text("email", &lang.t("report-email"), Options { kind: "email", autocomplete: "email", optional: true, hint: "report-email-hint", ..Options::default() }))}
                {submit("primary", &lang.t("report-send"))}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
