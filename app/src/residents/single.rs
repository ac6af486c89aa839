//! One resident by hand: the form for adding and changing.

use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit, submit_as},
    },
};
use backend::residents::{
    self,
    single::{self, FIELDS, SingleRefusal},
};
use domain::{
    access::Permission,
    problem::Problems,
    residents::{
        column::Column,
        date,
        finding::{Finding, Severity},
    },
    urls,
};
use leptos::prelude::*;
use uuid::Uuid;

/// `/verwaltung/einwohner/neu`.
pub async fn add(rq: Rq) -> Outcome {
    form_page(rq, None).await
}

/// `/verwaltung/einwohner/{id}/aendern`.
pub async fn edit(rq: Rq) -> Outcome {
    let id = rq.id()?;
    form_page(rq, Some(id)).await
}

async fn form_page(rq: Rq, id: Option<Uuid>) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let before = match id {
        Some(id) => residents::show(&rq.ctx, actor, id).await?.data,
        None => domain::residents::ResidentData {
            postcode: rq.settings.postcode.clone(),
            city: rq.settings.city.clone(),
            ..Default::default()
        },
    };
    let mut typed = Typed::default();
    for (column, value) in single::fields_of(&before) {
        if column == Column::BirthDate {
            typed.values = birth_parts(typed.values, &value);
            continue;
        }
        typed.values = typed.values.with(column.key(), value);
    }
    let mut questions: Vec<Finding> = Vec::new();
    let mut exists = None;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        let fields: Vec<(Column, String)> = FIELDS
            .into_iter()
            .map(|c| match c {
                Column::BirthDate => (c, birth_text(form)),
                _ => (c, form.get(c.key()).to_owned()),
            })
            .collect();
        let confirmed = form.get("tun") == "trotzdem";
        match refused(single::save(&rq.ctx, actor, id, &fields, confirmed).await)? {
            Ok(resident) => return Ok(Answer::go(format!("{}/{resident}", urls::RESIDENTS))),
            Err(SingleRefusal::Findings(findings)) => {
                let mut problems = Problems::default();
                for f in findings.iter().filter(|f| f.rule.severity() == Severity::Block) {
                    let field = match f.column {
                        Some(Column::BirthDate) => "geburt_day",
                        column => column.map_or("", Column::key),
                    };
                    problems.add(field, &format!("rule-{}", f.rule.key()));
                }
                typed.problems = problems;
                questions = findings;
            }
            Err(SingleRefusal::Exists(other)) => exists = Some(other),
            Err(SingleRefusal::Gone) => refusal = Some("list-gone"),
            Err(SingleRefusal::HasAccount) => refusal = Some("resident-has-account"),
        }
        typed.values = form.clone();
    }
    let lang = rq.lang;
    let asked = rq.form.is_some();
    let status = if asked {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    let title = lang.t(if id.is_some() {
        "resident-edit"
    } else {
        "resident-add"
    });
    let back = id.map_or_else(
        || urls::RESIDENTS.to_owned(),
        |id| format!("{}/{id}", urls::RESIDENTS),
    );
    Ok(Page::staff(title.clone(), move || {
        let blocked = questions.iter().any(|f| f.rule.severity() == Severity::Block);
        let may_confirm = (!blocked && !questions.is_empty()) || exists.is_some();
        let open: Vec<_> = questions
            .iter()
            .filter(|f| f.rule.severity() == Severity::Ask)
            .map(|f| view! { <li class="kern-body">{lang.t(&format!("rule-{}", f.rule.key()))}</li> })
            .collect();
        let form = Form::new(lang, typed);
        let fields: Vec<_> = FIELDS
            .into_iter()
            .map(|column| {
                if column == Column::BirthDate {
                    let legend = format!("{} – {}", lang.t("column-birth_date"), lang.t("optional"));
                    return form.date(BIRTH, &legend, "resident-birth-hint");
                }
                let optional = !matches!(column, Column::FamilyName | Column::GivenNames | Column::Street | Column::HouseNumber | Column::Postcode | Column::City);
                form.text(column.key(), &lang.t(&format!("column-{}", column.key())), Options { optional, autocomplete: "off", ..Options::default() })
            })
            .collect();
        view! {
            {form.summary()}
            {refusal.map(|key| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(key)}</p> }))}
            {(!open.is_empty() && !blocked).then(|| alert("warning", &lang.t("not-done"), view! { <p class="kern-body">{lang.t("resident-confirm-why")}</p><ul class="kern-list">{open}</ul> }))}
            {exists.map(|other| alert("warning", &lang.t("not-done"), view! { <p class="kern-body">{lang.t("resident-exists")}</p>{link_button("secondary", &format!("{}/{other}", urls::RESIDENTS), &lang.t("resident-exists-link"))} }))}
            <p><a class="kern-link" href=back>{lang.t("back-to-residents")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <form method="post" class="wide-form">
                <div class="row-form">{fields}</div>
                <div class="buttons">
                    {submit("primary", &lang.t("resident-save"))}
                    {may_confirm.then(|| submit_as("secondary", &lang.t("resident-confirm"), "tun", "trotzdem"))}
                </div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// Prefix of the three fields of the date of birth. (Under the name `birth` browsers would offer the clerk's own.)
const BIRTH: &str = "geburt";

/// The three fields as one date of a list.
fn birth_text(form: &Fields) -> String {
    let part = |name: &str| form.get(&format!("{BIRTH}_{name}"));
    date::joined([part("day"), part("month"), part("year")])
}

fn birth_parts(values: Fields, text: &str) -> Fields {
    let parts = ["day", "month", "year"].into_iter().zip(date::parts(text));
    parts.fold(values, |values, (name, part)| {
        values.with(&format!("{BIRTH}_{name}"), part)
    })
}
