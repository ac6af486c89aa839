//! The team: who works here, with which role.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, link_button, moment, submit_as},
    },
};
use backend::accounts::{self, StaffLine, StaffRefusal};
use domain::{access::Permission, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

use super::roles::role_name;

fn account(form: &Fields) -> Result<Uuid, Fault> {
    Uuid::parse_str(form.get("konto")).map_err(|_| Fault::NotFound)
}

fn complaint(refusal: StaffRefusal) -> Problems {
    Problems::one(
        "",
        match refusal {
            StaffRefusal::LastAdministrator => "problem-last-administrator",
        },
    )
}

/// `/verwaltung/team`.
pub async fn team(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        match form.get("tun") {
            "neu" => {
                let invited = accounts::invite_staff(
                    &rq.ctx,
                    actor,
                    form.get("name"),
                    form.get("email"),
                    form.get("role"),
                    rq.lang.code(),
                );
                match refused(invited.await)? {
                    Ok(_) => return Ok(Answer::go(format!("{}?eingeladen=1", urls::TEAM))),
                    Err(problems) => {
                        typed = Typed {
                            values: form.clone(),
                            problems,
                        }
                    }
                }
            }
            "nochmal" => {
                accounts::invite_again(&rq.ctx, actor, account(form)?, rq.lang.code()).await?;
                return Ok(Answer::go(format!("{}?eingeladen=1", urls::TEAM)));
            }
            "faktoren" => {
                accounts::reset_factors(&rq.ctx, actor, account(form)?).await?;
                return Ok(Answer::go(urls::TEAM));
            }
            "rolle" => {
                let role = form.get("rolle");
                match refused(accounts::set_staff_role(&rq.ctx, actor, account(form)?, role).await)? {
                    Ok(()) => return Ok(Answer::go(urls::TEAM)),
                    Err(refusal) => typed.problems = complaint(refusal),
                }
            }
            "loesen" => {
                let left = accounts::leave_service(&rq.ctx, actor, account(form)?, rq.lang.code()).await;
                match refused(left)? {
                    Ok(()) => return Ok(Answer::go(format!("{}?eingeladen=1", urls::TEAM))),
                    Err(refusal) => typed.problems = complaint(refusal),
                }
            }
            action => {
                let account = account(form)?;
                match refused(
                    accounts::set_staff_active(&rq.ctx, actor, account, action == "aktivieren").await,
                )? {
                    Ok(()) => return Ok(Answer::go(urls::TEAM)),
                    Err(refusal) => typed.problems = complaint(refusal),
                }
            }
        }
    }
    let lang = rq.lang;
    let all = accounts::staff(&rq.ctx, actor).await?;
    let known: Vec<(String, String)> = accounts::roles(&rq.ctx, actor)
        .await?
        .into_iter()
        .map(|line| (line.role.key.clone(), role_name(lang, &line.role)))
        .collect();
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let invited = rq.query.has("eingeladen") && rq.form.is_none();
    let title = lang.t("nav-team");
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = all.into_iter().map(|s| member(lang, s, &known)).collect();
        let roles = std::iter::once((String::new(), lang.t("please-choose")))
            .chain(known.iter().cloned())
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <div class="buttons">
                {link_button("secondary", urls::ROLES, &lang.t("roles-title"))}
                {link_button("secondary", urls::SERVICE_SETUP, &lang.t("service-title"))}
            </div>
            {invited.then(|| alert("success", &lang.t("staff-invited"), ()))}
            <ul class="files">{rows}</ul>
            <section class="card-plain" aria-labelledby="new-staff">
                <h2 class="kern-heading-medium" id="new-staff">{lang.t("staff-new")}</h2>
                <form method="post" novalidate=true class="stack">
                    {form.text("name", &lang.t("name"), Options { autocomplete: "off", ..Options::default() })}
                    {form.text("email", &lang.t("email"), Options { kind: "email", autocomplete: "off", ..Options::default() })}
                    {form.select("role", &lang.t("role"), roles)}
                    <p class="kern-body">{lang.t("staff-invite-how")}</p>
                    {submit_as("primary", &lang.t("staff-invite"), "tun", "neu")}
                </form>
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// One member of staff: facts, and what can be done.
fn member(lang: Lang, s: StaffLine, known: &[(String, String)]) -> AnyView {
    let state = match s.state.as_str() {
        "active" => badge("success", &lang.t("staff-active")).into_any(),
        "invited" => badge("info", &lang.t("staff-state-invited")).into_any(),
        _ => badge("warning", &lang.t("staff-inactive")).into_any(),
    };
    let factor = if s.by_service {
        badge("info", &lang.t("staff-by-service"))
    } else if s.second_factor {
        badge("success", &lang.t("staff-second-factor"))
    } else {
        badge("warning", &lang.t("staff-no-second-factor"))
    };
    let (label, action) = if s.state == "deactivated" {
        ("staff-activate", "aktivieren")
    } else {
        ("staff-deactivate", "deaktivieren")
    };
    let id = s.id.to_string();
    let act = |label: &str, act: &str| {
        let full = format!("{}: {}", lang.t(label), s.display_name);
        view! {
            <form method="post">
                <input type="hidden" name="konto" value=id.clone()/>
                <input type="hidden" name="tun" value=act.to_owned()/>
                <button class="kern-btn kern-btn--tertiary" type="submit" aria-label=full><span class="kern-label">{lang.t(label)}</span></button>
            </form>
        }
    };
    let choose = format!("rolle-{id}");
    let name = known
        .iter()
        .find(|(key, _)| *key == s.role)
        .map(|(_, name)| name.clone());
    let roles: Vec<_> = known
        .iter()
        .map(|(key, name)| view! { <option value=key.clone() selected={*key == s.role}>{name.clone()}</option> })
        .collect();
    let seen = s
        .signed_in_at
        .map(|at| lang.with("staff-seen", &[("wann", &moment(lang, at))]));
    let invited = s.state == "invited";
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small">{s.display_name.clone()}</h2>
            <p class="kern-body">{s.email.clone().unwrap_or_default()}<br/><span class="muted">{seen}</span></p>
            <p>{state}" "{(!invited).then_some(factor)}</p>
            {if s.by_service {
                view! { <p class="kern-body">{lang.t("role")}": "{name.unwrap_or_default()}". "<span class="muted">{lang.t("staff-role-by-service")}</span></p> }.into_any()
            } else {
                view! {
                    <form method="post" class="inline-form">
                        <input type="hidden" name="konto" value=id.clone()/>
                        <div class="kern-form-input">
                            <label class="kern-label" for=choose.clone()>{lang.t("role")}</label>
                            <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id=choose name="rolle">{roles}</select></div>
                        </div>
                        {submit_as("tertiary", &lang.t("staff-change-role"), "tun", "rolle")}
                    </form>
                }
                .into_any()
            }}
            <div class="buttons">
                {act(label, action)}
                {invited.then(|| act("staff-invite-again", "nochmal"))}
                {s.by_service.then(|| act("staff-leave-service", "loesen"))}
                {s.second_factor.then(|| act("staff-reset-factors", "faktoren"))}
            </div>
        </li>
    }
    .into_any()
}
