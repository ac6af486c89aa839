//! Roles: what each may do, and roles of the municipality's own.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, link_button, submit_as},
    },
};
use axum::http::StatusCode;
use backend::accounts::{self, RoleLine, RoleRefusal};
use domain::{
    access::{FOR_ADMINISTRATORS, Permission, Permissions, Role, StaffRole},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// The name of a role: a text, or what the municipality called it.
pub(super) fn role_name(lang: Lang, role: &StaffRole) -> String {
    match role.built_in() {
        Some(known) => lang.t(&format!("role-{}", known.key())),
        None => role.name.clone(),
    }
}

fn permission_name(lang: Lang, permission: Permission) -> String {
    lang.t(&format!("permission-{}", permission.key()))
}

/// `/verwaltung/team/rollen`.
pub async fn list(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        match refused(accounts::new_role(&rq.ctx, actor, form.get("name"), form.get("like")).await)? {
            Ok(key) => return Ok(Answer::go(format!("{}/{key}", urls::ROLES))),
            Err(problems) => {
                typed = Typed {
                    values: form.clone(),
                    problems,
                }
            }
        }
    }
    let all = accounts::roles(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let done = rq.query.has("geloescht") && rq.form.is_none();
    let form = Form::new(lang, typed);
    let title = lang.t("roles-title");
    Ok(Page::staff(title.clone(), move || {
        let choices = std::iter::once((String::new(), lang.t("please-choose")))
            .chain(all.iter().map(|l| (l.role.key.clone(), role_name(lang, &l.role))))
            .collect();
        let cards: Vec<_> = all.iter().map(|line| card(lang, line)).collect();
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::TEAM>{lang.t("nav-team")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {done.then(|| alert("success", &lang.t("role-deleted"), ()))}
            <p class="kern-body">{lang.t("roles-intro")}</p>
            <ul class="files">{cards}</ul>
            <section class="card-plain" aria-labelledby="new-role">
                <h2 class="kern-heading-medium" id="new-role">{lang.t("role-new")}</h2>
                <form method="post" novalidate=true class="stack">
                    {form.text("name", &lang.t("role-name"), Options { hint: "role-name-hint", autocomplete: "off", ..Options::default() })}
                    {form.select("like", &lang.t("role-like"), choices)}
                    {submit_as("primary", &lang.t("role-make"), "tun", "neu")}
                </form>
            </section>
            <h2 class="kern-heading-medium" id="compare">{lang.t("roles-compare")}</h2>
            {compare(lang, &all)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn card(lang: Lang, line: &RoleLine) -> AnyView {
    let name = role_name(lang, &line.role);
    let may: Vec<_> = line
        .role
        .permissions
        .iter()
        .filter(|p| *p != Permission::SeeDashboard)
        .map(|p| view! { <li>{permission_name(lang, p)}</li> })
        .collect();
    let own = line.role.built_in().is_none();
    let people = lang.with("role-people", &[("n", &line.people.to_string())]);
    let to = format!("{}/{}", urls::ROLES, line.role.key);
    let change = lang.with("role-change", &[("name", &name)]);
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small">{name}</h2>
            <p class="kern-body">{people}" "{own.then(|| badge("info", &lang.t("role-own")))}{(!own && line.changed).then(|| badge("info", &lang.t("role-changed")))}</p>
            <ul class="kern-list">{may}</ul>
            {link_button("secondary", &to, &change)}
        </li>
    }
    .into_any()
}

/// All roles beside each other.
fn compare(lang: Lang, all: &[RoleLine]) -> AnyView {
    let heads: Vec<_> = all
        .iter()
        .map(|l| view! { <th scope="col" class="kern-table__header">{role_name(lang, &l.role)}</th> })
        .collect();
    let rows: Vec<_> = Permission::ALL
        .into_iter()
        .map(|p| {
            let cells: Vec<_> = all
                .iter()
                .map(|l| {
                    let (mark, word) = if l.role.permissions.has(p) {
                        ("✓", lang.t("yes"))
                    } else {
                        ("–", lang.t("no"))
                    };
                    view! { <td class="kern-table__cell"><span aria-hidden="true">{mark}</span><span class="kern-sr-only">{word}</span></td> }
                })
                .collect();
            view! { <tr class="kern-table__row"><th scope="row" class="kern-table__header">{permission_name(lang, p)}</th>{cells}</tr> }
        })
        .collect();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-labelledby="compare">
            <table class="kern-table">
                <thead class="kern-table__head"><tr class="kern-table__row"><th scope="col" class="kern-table__header">{lang.t("permission")}</th>{heads}</tr></thead>
                <tbody class="kern-table__body">{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn ticked(form: &Fields, prefix: &str) -> Permissions {
    Permission::ALL
        .into_iter()
        .filter(|p| form.has(&format!("{prefix}{}", p.key())))
        .fold(Permissions::NONE, Permissions::with)
}

/// `/verwaltung/team/rollen/{rolle}`.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let key = rq.param("rolle").to_owned();
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        if form.get("tun") == "zurueck" {
            match refused(accounts::reset_role(&rq.ctx, actor, &key).await)? {
                Ok(()) if Role::parse(&key).is_some() => {
                    return Ok(Answer::go(format!("{}/{key}?gespeichert=1", urls::ROLES)));
                }
                Ok(()) => return Ok(Answer::go(format!("{}?geloescht=1", urls::ROLES))),
                Err(refusal) => {
                    let code = match refusal {
                        RoleRefusal::InUse => "problem-role-in-use",
                        RoleRefusal::Mapped => "problem-role-mapped",
                    };
                    problems = Problems::one("", code);
                }
            }
        } else {
            let seen = Permissions::parse(form.get("stand"));
            let saved =
                accounts::save_role(&rq.ctx, actor, &key, form.get("name"), ticked(form, ""), seen).await;
            match refused(saved)? {
                Ok(()) => return Ok(Answer::go(format!("{}/{key}?gespeichert=1", urls::ROLES))),
                Err(p) => problems = p,
            }
        }
    }
    let line = accounts::roles(&rq.ctx, actor)
        .await?
        .into_iter()
        .find(|l| l.role.key == key)
        .ok_or(Fault::NotFound)?;
    let lang = rq.lang;
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let values = match &rq.form {
        Some(form) if form.get("tun") != "zurueck" => form.clone(),
        _ => line
            .role
            .permissions
            .iter()
            .fold(Fields::default().with("name", &line.role.name), |f, p| {
                f.with(p.key(), "ja")
            }),
    };
    let form = Form::new(lang, Typed { values, problems });
    let name = role_name(lang, &line.role);
    let title = lang.with("role-title", &[("name", &name)]);
    Ok(Page::staff(title.clone(), move || {
        let own = line.role.built_in().is_none();
        let administrators = line.role.built_in() == Some(Role::Administrator);
        let boxes: Vec<_> = Permission::ALL
            .into_iter()
            .filter(|p| *p != Permission::SeeDashboard && *p != FOR_ADMINISTRATORS)
            .map(|p| form.checkbox(p.key(), permission_name(lang, p)))
            .collect();
        let undo = lang.t(if own { "role-delete" } else { "role-reset" });
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::ROLES>{lang.t("roles-title")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            <p class="kern-body">{lang.with("role-people", &[("n", &line.people.to_string())])}" "{lang.t("role-at-once")}</p>
            <form method="post" novalidate=true class="stack">
                <input type="hidden" name="stand" value=line.role.permissions.stored()/>
                {own.then(|| form.text("name", &lang.t("role-name"), Options { autocomplete: "off", ..Options::default() }))}
                <fieldset class="kern-fieldset">
                    <legend class="kern-label">{lang.t("role-may")}</legend>
                    <div class="kern-fieldset__body">{boxes}</div>
                </fieldset>
                <p class="kern-body muted">{lang.t(if administrators { "role-always-team" } else { "role-never-team" })}</p>
                {submit_as("primary", &lang.t("save"), "tun", "speichern")}
            </form>
            {(own || line.changed).then(|| view! {
                <form method="post">{submit_as("secondary", &undo, "tun", "zurueck")}</form>
            })}
        }
        .into_any()
    })
    .status(status)
    .into())
}
