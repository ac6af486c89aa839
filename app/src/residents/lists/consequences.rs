//! What the list would do to the register, before it does.

use super::upload_page;
use crate::{
    portal::{Answer, Outcome, Page, Rq, refused},
    ui::view::{alert, link_button, submit_as},
};
use backend::residents::{
    self, Choices, Draft, Fate, ListRefusal,
    lists::{self, Plan},
};
use domain::{access::Permission, municipality::RegistrationMethod, urls};
use leptos::prelude::*;

/// `/verwaltung/listen/{id}/folgen`. A POST applies.
pub async fn page(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let id = rq.id()?;
    let mut refusal: Option<&'static str> = None;
    if let Some(form) = &rq.form {
        let version = form.get("version").parse().unwrap_or(0);
        let complete = form.has("vollstaendig");
        let consequences = refused(lists::consequences(&rq.ctx, actor, id).await)?;
        let too_many = consequences.as_ref().is_ok_and(|c| c.too_many_missing());
        if complete && too_many && !form.has("sicher") {
            refusal = Some("consequences-not-sure");
        } else {
            let done = apply(&rq, version, complete).await;
            match refused(done)? {
                Ok(Some(done)) => return Ok(applied(&rq, done)),
                Ok(None) => return Ok(Answer::go(format!("{}/{id}", urls::LISTS))),
                Err(r) => refusal = Some(r.key()),
            }
        }
    }
    let draft = match refused(residents::preview(&rq.ctx, actor, id).await)? {
        Ok(draft) if draft.state == "draft" => draft,
        Ok(_) => return Ok(Answer::go(format!("{}/{id}", urls::LISTS))),
        Err(r) => return upload_page(&rq, Some(r)).await,
    };
    let all_known = match refused(lists::find_out(&rq.ctx, actor, id, lists::WHILE_WAITING).await)? {
        Ok(all_known) => all_known,
        Err(r) => return upload_page(&rq, Some(r)).await,
    };
    let found = match refused(lists::consequences(&rq.ctx, actor, id).await)? {
        Ok(found) => found,
        Err(r) => return upload_page(&rq, Some(r)).await,
    };
    if !all_known {
        return Ok(working(&rq, &draft, found.known()).into());
    }
    let lang = rq.lang;
    let route = rq.settings.blocked_route.key();
    let title = lang.t("consequences-title");
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = Plan::ALL
            .iter()
            .filter(|p| found.count(**p) > 0)
            .map(|plan| {
                let key = plan.key();
                let list = format!("{}/{id}/zeilen?folge={key}", urls::LISTS);
                // by which way people with a register block get their letter
                let then = match plan {
                    Plan::Blocked => lang.t(&format!("plan-blocked-then-{route}")),
                    _ => lang.t(&format!("plan-{key}-then")),
                };
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell"><a class="kern-link" href=list>{lang.t(&format!("plan-{key}"))}</a></th>
                        <td class="kern-table__cell kern-table__cell--numeric">{lang.number(found.count(*plan))}</td>
                        <td class="kern-table__cell">{then}</td>
                    </tr>
                }
            })
            .collect();
        let heads: Vec<_> = ["consequences-who", "consequences-count", "consequences-then"]
            .into_iter()
            .map(|k| {
                let class = if k == "consequences-count" { "kern-table__header kern-table__cell--numeric" } else { "kern-table__header" };
                view! { <th scope="col" class=class>{lang.t(k)}</th> }
            })
            .collect();
        let letters = found.count(Plan::New) + found.count(Plan::OfAge) + found.count(Plan::Returned) + found.count(Plan::Moved) + found.count(Plan::Renamed);
        let taken = draft.count(Fate::Take) - found.count(Plan::Doubtful);
        let missing = found.missing;
        let too_many = found.too_many_missing();
        let missing_text = lang.with("consequences-missing", &[("n", &lang.number(missing)), ("alle", &lang.number(found.register))]);
        let check = |name: &'static str, label: String| {
            view! {
                <div class="kern-form-check">
                    <input class="kern-form-check__checkbox" type="checkbox" id=name name=name value="ja"/>
                    <label class="kern-label" for=name>{label}</label>
                </div>
            }
        };
        view! {
            {refusal.map(|key| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(key)}</p> }))}
            <p><a class="kern-link" href=format!("{}/{id}", urls::LISTS)>{lang.t("back-to-draft")}</a></p>
            <h1 class="kern-heading-x-large">{title.clone()}</h1>
            <p class="kern-body">{lang.n("consequences-intro", letters)}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            <form method="post" class="wide-form">
                <input type="hidden" name="version" value=draft.version.to_string()/>
                {(missing > 0).then(|| view! {
                    <fieldset class="card-plain">
                        <legend class="kern-heading-medium">{lang.t("consequences-missing-title")}</legend>
                        <p class="kern-body">{missing_text}</p>
                        {check("vollstaendig", lang.t("consequences-complete"))}
                        {too_many.then(|| view! {
                            {alert("warning", &lang.t("consequences-many-title"), view! { <p class="kern-body">{lang.t("consequences-many")}</p> })}
                            {check("sicher", lang.t("consequences-sure"))}
                        })}
                    </fieldset>
                })}
                <div class="action-bar">
                    {submit_as("primary", &lang.n("preview-apply", taken), "tun", "uebernehmen")}
                    {link_button("secondary", &format!("{}/{id}", urls::LISTS), &lang.t("back-to-draft"))}
                </div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

async fn apply(
    rq: &Rq,
    version: i64,
    complete: bool,
) -> Result<Option<residents::Applied>, backend::Failure<ListRefusal>> {
    let denied = || backend::Failure::Denied;
    let actor = rq.staff(Permission::ImportResidents).map_err(|_| denied())?;
    let id = rq.id().map_err(|_| denied())?;
    let mut version = version;
    if complete {
        let draft = residents::preview(&rq.ctx, actor, id).await?;
        let choices = Choices {
            complete: true,
            ..draft.choices
        };
        residents::choose(&rq.ctx, actor, id, version, &draft.sheet, choices).await?;
        version += 1;
    }
    residents::apply(&rq.ctx, actor, id, version).await
}

/// A large list: each look finds out a piece more, and the page looks again by itself.
fn working(rq: &Rq, draft: &Draft, known: i64) -> Page {
    let lang = rq.lang;
    let title = lang.t("consequences-title");
    let text = lang.with(
        "consequences-working",
        &[("n", &known.to_string()), ("alle", &lang.number(draft.rows()))],
    );
    let back = format!("{}/{}", urls::LISTS, draft.id);
    let mut page = Page::staff(title.clone(), move || {
        view! {
            <p><a class="kern-link" href=back>{lang.t("back-to-draft")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <div data-live="100" role="status">
                {alert("info", &lang.t("consequences-working-title"), view! { <p class="kern-body">{text}</p> })}
            </div>
        }
        .into_any()
    });
    page.refresh = Some(1);
    page
}

fn applied(rq: &Rq, done: residents::Applied) -> Answer {
    let lang = rq.lang;
    let title = lang.t("applied-title");
    let figures: Vec<(String, String)> = [
        ("applied-new", done.new),
        ("applied-changed", done.changed),
        ("applied-moved", done.moved),
        ("applied-renamed", done.renamed),
        ("applied-unchanged", done.unchanged),
        ("applied-gone", done.gone),
        ("applied-banned", done.banned),
        ("applied-left-out", done.left_out),
    ]
    .into_iter()
    .map(|(key, n)| (lang.t(key), lang.number(i64::try_from(n).unwrap_or(0))))
    .collect();
    let letters = rq.settings.residents_register == RegistrationMethod::Letter;
    Page::staff(title.clone(), move || {
        let items: Vec<_> = figures
            .into_iter()
            .map(|(k, v)| crate::ui::view::item(&k, v))
            .collect();
        view! {
            {alert("success", &title, view! { <p class="kern-body">{lang.t("applied-text")}</p> })}
            <h1 class="kern-heading-x-large">{lang.t("applied-heading")}</h1>
            <dl class="kern-description-list">{items}</dl>
            <div class="buttons">
                {letters.then(|| link_button("primary", urls::LETTERS, &lang.t("applied-next")))}
                {link_button("secondary", urls::RESIDENTS, &lang.t("nav-residents"))}
            </div>
        }
        .into_any()
    })
    .into()
}
