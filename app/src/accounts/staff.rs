//! The team: who works here, with which role.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, moment, submit_as},
    },
};
use backend::accounts::{self, StaffLine, StaffRefusal};
use domain::{
    access::{Permission, Role},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

fn account(form: &Fields) -> Result<Uuid, Fault> {
    Uuid::parse_str(form.get("konto")).map_err(|_| Fault::NotFound)
}

/// `/verwaltung/team`.
pub async fn team(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        match form.get("tun") {
            "neu" => {
                let role = Role::parse(form.get("role"));
                let invited = accounts::invite_staff(
                    &rq.ctx,
                    actor,
                    form.get("name"),
                    form.get("email"),
                    role,
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
                let role = Role::parse(form.get("rolle")).ok_or(Fault::NotFound)?;
                match refused(accounts::set_staff_role(&rq.ctx, actor, account(form)?, role).await)? {
                    Ok(()) => return Ok(Answer::go(urls::TEAM)),
                    Err(StaffRefusal::LastAdministrator) => {
                        typed.problems = Problems::one("", "problem-last-administrator")
                    }
                }
            }
            action => {
                let account = account(form)?;
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
    let invited = rq.query.has("eingeladen") && rq.form.is_none();
    let title = lang.t("nav-team");
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = all.into_iter().map(|s| member(lang, s)).collect();
        let roles = std::iter::once((String::new(), lang.t("please-choose")))
            .chain(Role::ALL.into_iter().map(|r| (r.key().to_owned(), lang.t(&format!("role-{}", r.key())))))
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
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
fn member(lang: Lang, s: StaffLine) -> AnyView {
    let state = match s.state.as_str() {
        "active" => badge("success", &lang.t("staff-active")).into_any(),
        "invited" => badge("info", &lang.t("staff-state-invited")).into_any(),
        _ => badge("warning", &lang.t("staff-inactive")).into_any(),
    };
    let factor = if s.second_factor {
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
    let roles: Vec<_> = Role::ALL
        .into_iter()
        .map(|r| view! { <option value=r.key() selected={r.key() == s.role}>{lang.t(&format!("role-{}", r.key()))}</option> })
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
            <form method="post" class="inline-form">
                <input type="hidden" name="konto" value=id.clone()/>
                <div class="kern-form-input">
                    <label class="kern-label" for=choose.clone()>{lang.t("role")}</label>
                    <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id=choose name="rolle">{roles}</select></div>
                </div>
                {submit_as("tertiary", &lang.t("staff-change-role"), "tun", "rolle")}
            </form>
            <div class="buttons">
                {act(label, action)}
                {invited.then(|| act("staff-invite-again", "nochmal"))}
                {s.second_factor.then(|| act("staff-reset-factors", "faktoren"))}
            </div>
        </li>
    }
    .into_any()
}
