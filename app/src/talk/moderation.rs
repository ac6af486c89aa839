//! `/verwaltung/nachrichten/meldungen`: what was reported, and the newest contributions.

use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::Form,
        view::{alert, badge, moment, submit_as},
    },
};
use backend::talk::{self, Reported, Thing};
use domain::{access::Permission, problem::Problems, talk::Target, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// `/verwaltung/nachrichten/meldungen`. A POST says in `tun` what to do.
pub async fn page(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::Moderate)?;
    let mut problems = Problems::default();
    let mut about = Uuid::nil();
    if let Some(form) = &rq.form {
        let ctx = &rq.ctx;
        let id = Uuid::parse_str(form.get("id")).map_err(|_| Fault::NotFound)?;
        let because = form.get("grund");
        let target = Target::parse(form.get("was"));
        let version = form.get("version").parse().unwrap_or(-1);
        about = id;
        let result = match (form.get("tun"), target) {
            ("verbergen", Some(target)) => {
                refused(talk::decide_report(ctx, actor, target, id, version, true, because).await)?
            }
            ("behalten", Some(target)) => {
                refused(talk::decide_report(ctx, actor, target, id, version, false, "").await)?
            }
            ("verbergen", None) => refused(talk::hide(ctx, actor, id, version, because).await)?,
            ("zeigen", None) => {
                talk::show_again(ctx, actor, id).await?;
                Ok(())
            }
            _ => return Err(Fault::NotFound),
        };
        match result {
            Ok(()) => return Ok(Answer::go(format!("{}?gespeichert=1", urls::MODERATION))),
            Err(p) => problems = p,
        }
    }
    let found = talk::moderation(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let status = status_of(&problems);
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let summary = Form::new(
        lang,
        Typed {
            problems: rename(&problems, about),
            ..Typed::default()
        },
    );
    summary.labelled(&format!("grund-{about}"), &lang.t("moderation-reason"));
    let typed = rq.typed();
    let form_of = move |id: Uuid| {
        let mine = id == about;
        Form::new(
            lang,
            Typed {
                values: if mine { typed.clone() } else { Default::default() },
                problems: if mine {
                    rename(&problems, id)
                } else {
                    Problems::default()
                },
            },
        )
    };
    let title = lang.t("moderation-title");
    Ok(Page::staff(title.clone(), move || {
        let none = found.reported.is_empty();
        let reported: Vec<_> = found.reported.iter().map(|r| one(lang, r, &form_of(r.id))).collect();
        let newest: Vec<_> = found.newest.iter().map(|t| contribution(lang, t, &form_of(t.id))).collect();
        let quiet = newest.is_empty();
        view! {
            {summary.summary()}
            <p><a class="kern-link" href=urls::INBOX>{lang.t("nav-inbox")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            <section aria-labelledby="reported-heading">
                <h2 class="kern-heading-medium" id="reported-heading">{lang.t("moderation-reported")}</h2>
                {none.then(|| view! { <div class="empty"><p class="kern-body">{lang.t("moderation-none")}</p></div> })}
                <ul class="files">{reported}</ul>
            </section>
            <section aria-labelledby="newest-heading">
                <h2 class="kern-heading-medium" id="newest-heading">{lang.t("moderation-newest")}</h2>
                {quiet.then(|| view! { <p class="kern-body">{lang.t("ideas-none")}</p> })}
                <ul class="files">{newest}</ul>
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// Every form of the page has a field for the reason: its name ends with what it is about.
fn rename(problems: &Problems, id: Uuid) -> Problems {
    let mut renamed = problems.clone();
    for problem in &mut renamed.0 {
        if problem.field == "grund" {
            problem.field = format!("grund-{id}");
        }
    }
    renamed
}

fn thing(lang: Lang, t: &Thing) -> AnyView {
    let kind = lang.t(&format!("report-target-{}", t.target.key()));
    let hidden = (!t.is_public).then(|| badge("danger", &lang.t("talk-hidden")));
    let person = (!t.person.is_empty()).then(|| {
        let known = lang.with("moderation-person", &[("name", &t.person)]);
        view! { <span class="muted">{format!(" ({known})")}</span> }
    });
    let headline = if t.title.is_empty() {
        kind.clone()
    } else {
        t.title.clone()
    };
    view! {
        <h3 class="kern-heading-small"><a class="kern-link" href=t.path.clone()>{headline}</a></h3>
        <p class="kern-body"><span class="muted">{format!("{kind} · ")}</span><strong>{t.author.clone()}</strong>{person}" "{hidden}</p>
        <p class="kern-body written" lang=crate::ui::view::TOWN>{t.text.clone()}</p>
        {super::versions(lang, &lang.t("moderation-earlier"), &t.earlier)}
    }
    .into_any()
}

/// The field for a reason and the button that hides.
fn hide(lang: Lang, form: &Form, id: Uuid, kind: &'static str) -> AnyView {
    let name = format!("grund-{id}");
    let label = lang.t("moderation-reason");
    form.labelled(&name, &label);
    let problem = form.problem(&name);
    let value = form.value("grund");
    let error = format!("{name}-error");
    let described = problem.is_some().then(|| error.clone());
    view! {
        <div class="kern-form-input">
            <label class="kern-label" for=name.clone()>{label}</label>
            <div class="kern-hint">{lang.t("moderation-reason-hint")}</div>
            <textarea class="kern-form-input__input" id=name name="grund" rows="2" aria-describedby=described>{value}</textarea>
            {problem.map(|p| view! { <p class="kern-error" id=error><span class="kern-body">{p}</span></p> })}
        </div>
        {submit_as(kind, &lang.t("moderation-hide"), "tun", "verbergen")}
    }
    .into_any()
}

fn one(lang: Lang, r: &Reported, form: &Form) -> AnyView {
    let said: Vec<_> = r
        .reports
        .iter()
        .map(|(reason, text, at)| {
            let reason = lang.t(&format!("report-reason-{}", reason.key()));
            view! {
                <li>
                    <strong>{reason}</strong>" "<span class="muted">{moment(lang, *at)}</span>
                    {(!text.is_empty()).then(|| view! { <p class="kern-body written" lang=crate::ui::view::TOWN>{text.clone()}</p> })}
                </li>
            }
        })
        .collect();
    let count = i64::try_from(r.reports.len()).unwrap_or(0);
    let gone = r.thing.is_none();
    let body = match &r.thing {
        Some(t) => thing(lang, t),
        None => view! { <h3 class="kern-heading-small">{lang.t("moderation-gone")}</h3> }.into_any(),
    };
    let version = r.thing.as_ref().map_or(0, |t| t.version).to_string();
    let keep = if gone {
        "moderation-close"
    } else {
        "moderation-keep"
    };
    view! {
        <li class="card-plain stack">
            {body}
            <p class="kern-body"><strong>{lang.n("moderation-reports", count)}</strong></p>
            <ul class="kern-list">{said}</ul>
            <div class="side-by-side">
                <form method="post" novalidate=true class="stack">
                    <input type="hidden" name="was" value=r.target.key()/>
                    <input type="hidden" name="id" value=r.id.to_string()/>
                    <input type="hidden" name="version" value=version.clone()/>
                    {(!gone).then(|| hide(lang, form, r.id, "primary"))}
                </form>
                <form method="post" class="stack">
                    <input type="hidden" name="was" value=r.target.key()/>
                    <input type="hidden" name="id" value=r.id.to_string()/>
                    <input type="hidden" name="version" value=version/>
                    <p class="kern-hint">{lang.t("moderation-keep-hint")}</p>
                    {submit_as("secondary", &lang.t(keep), "tun", "behalten")}
                </form>
            </div>
        </li>
    }
    .into_any()
}

/// A contribution that nobody has reported: hidden with a reason, or shown again.
fn contribution(lang: Lang, t: &Thing, form: &Form) -> AnyView {
    let open = form.has_problem();
    let act = if t.is_public {
        view! {
            <details open=open>
                <summary class="kern-label">{lang.t("moderation-hide")}</summary>
                <form method="post" novalidate=true class="stack details-body">
                    <input type="hidden" name="id" value=t.id.to_string()/>
                    <input type="hidden" name="version" value=t.version.to_string()/>
                    {hide(lang, form, t.id, "secondary")}
                </form>
            </details>
        }
        .into_any()
    } else {
        view! {
            <form method="post">
                <input type="hidden" name="id" value=t.id.to_string()/>
                {submit_as("secondary", &lang.t("moderation-show"), "tun", "zeigen")}
            </form>
        }
        .into_any()
    };
    view! { <li class="card-plain stack">{thing(lang, t)}{act}</li> }.into_any()
}
