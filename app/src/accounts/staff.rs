//! The team: who works here, with which role.

use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{badge, moment, submit_as},
    },
};
use backend::accounts::{self, StaffRefusal};
use domain::{
    access::{Permission, Role},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use uuid::Uuid;

/// `/verwaltung/team`.
pub async fn team(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        match form.get("tun") {
            "neu" => {
                let role = Role::parse(form.get("role"));
                let result = accounts::add_staff(
                    &rq.ctx,
                    actor,
                    form.get("name"),
                    form.get("email"),
                    role,
                    form.get("password"),
                )
                .await;
                match refused(result)? {
                    Ok(_) => return Ok(Answer::go(urls::TEAM)),
                    Err(problems) => {
                        typed = Typed {
                            values: form.clone().without(&["password"]),
                            problems,
                        }
                    }
                }
            }
            action => {
                let account = Uuid::parse_str(form.get("konto")).map_err(|_| Fault::NotFound)?;
                match refused(
                    accounts::set_staff_active(&rq.ctx, actor, account, action == "aktivieren").await,
                )? {
                    Ok(()) => return Ok(Answer::go(urls::TEAM)),
                    Err(StaffRefusal::LastAdministrator) => {
                        typed.problems = Problems::one("", "problem-last-administrator")
                    }
                }
            }
        }
    }
    let lang = rq.lang;
    let all = accounts::staff(&rq.ctx, actor).await?;
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("nav-team");
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = all
            .into_iter()
            .map(|s| {
                let active = s.state == "active";
                let state = if active { badge("success", &lang.t("staff-active")) } else { badge("warning", &lang.t("staff-inactive")) };
                let (label, action) = if active { ("staff-deactivate", "deaktivieren") } else { ("staff-activate", "aktivieren") };
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell">{s.display_name}</th>
                        <td class="kern-table__cell">{s.email.unwrap_or_default()}</td>
                        <td class="kern-table__cell">{lang.t(&format!("role-{}", s.role))}</td>
                        <td class="kern-table__cell">{s.signed_in_at.map_or_else(|| "–".to_owned(), |at| moment(lang, at))}</td>
                        <td class="kern-table__cell">{state}</td>
                        <td class="kern-table__cell">
                            <form method="post"><input type="hidden" name="konto" value=s.id.to_string()/>{submit_as("tertiary", &lang.t(label), "tun", action)}</form>
                        </td>
                    </tr>
                }
            })
            .collect();
        let heads: Vec<_> = ["name", "email", "role", "staff-last-sign-in", "state", "action"]
            .into_iter()
            .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
            .collect();
        let roles = std::iter::once((String::new(), lang.t("please-choose")))
            .chain(Role::ALL.into_iter().map(|r| (r.key().to_owned(), lang.t(&format!("role-{}", r.key())))))
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("nav-team")>
                <table class="kern-table"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            <section class="card-plain" aria-labelledby="new-staff">
                <h2 class="kern-heading-medium" id="new-staff">{lang.t("staff-new")}</h2>
                <form method="post" novalidate=true class="stack">
                    {form.text("name", &lang.t("name"), Options { autocomplete: "off", ..Options::default() })}
                    {form.text("email", &lang.t("email"), Options { kind: "email", autocomplete: "off", ..Options::default() })}
                    {form.select("role", &lang.t("role"), roles)}
                    {form.text("password", &lang.t("staff-first-password"), Options { kind: "password", autocomplete: "new-password", hint: "staff-first-password-hint", ..Options::default() })}
                    {submit_as("primary", &lang.t("staff-new"), "tun", "neu")}
                </form>
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}
