//! Staff: the list of organisations, and one of them with its letter, its entry and its members.

use super::{category_name, kind_name, kinds, logo, market};
use crate::{
    comfort,
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        table::{table, tools},
        view::{alert, badge, day, item, link_button, moment, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::{
    letters::{self, LetterRefusal, OrganisationLetter},
    organisations::{self, OrganisationLine, OrganisationPage},
};
use domain::{
    access::Permission,
    letters::state::BatchState,
    organisations::{Entry, OrganisationKind, OrganisationState},
    problem::Problems,
    tables::Table,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

fn state_badge(lang: Lang, state: OrganisationState) -> AnyView {
    let kind = match state {
        OrganisationState::Admitted => "info",
        OrganisationState::Active => "success",
        OrganisationState::Suspended => "warning",
    };
    badge(kind, &lang.t(&format!("organisation-state-{}", state.key()))).into_any()
}

/// `GET /verwaltung/organisationen/liste.xlsx`: all organisations that fit.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageOrganisations)?;
    let columns = comfort::columns(&rq, Table::Organisations);
    let kind = OrganisationKind::parse(rq.query.get("art"));
    let state = OrganisationState::parse(rq.query.get("stand"));
    let words = rq.query.get("q");
    let bytes =
        organisations::organisations_workbook(&rq.ctx, actor, words, kind, state, &columns, rq.lang).await?;
    Ok(comfort::workbook("organisationen", bytes))
}

/// `/verwaltung/organisationen`.
pub async fn list(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageOrganisations)?;
    let kind = OrganisationKind::parse(rq.query.get("art"));
    let state = OrganisationState::parse(rq.query.get("stand"));
    let lines = organisations::organisations(&rq.ctx, actor, rq.query.get("q"), kind, state).await?;
    let lang = rq.lang;
    let on = rq.settings.has_organisations();
    let form = Form::new(
        lang,
        Typed {
            values: rq.query.clone(),
            ..Typed::default()
        },
    );
    let columns = comfort::columns(&rq, Table::Organisations);
    let (here, book) = (comfort::here(&rq), comfort::workbook_of(&rq));
    let title = lang.t("nav-organisations");
    let removed = rq.query.has("entfernt");
    Ok(Page::staff(title.clone(), move || {
        let none = lines.is_empty();
        let states = std::iter::once((String::new(), lang.t("directory-all")))
            .chain(OrganisationState::ALL.map(|s| (s.key().to_owned(), lang.t(&format!("organisation-state-{}", s.key())))))
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {removed.then(|| alert("success", &lang.t("organisation-removed"), ()))}
            {(!on).then(|| alert("info", &lang.t("organisations-off"), ()))}
            <form method="get" class="find" role="search">
                {form.text("q", &lang.t("directory-search"), Options { optional: true, kind: "search", ..Options::default() })}
                {form.select("art", &lang.t("field-organisation_kind"), kinds(lang, "directory-all"))}
                {form.select("stand", &lang.t("organisation-state"), states)}
                {submit("secondary", &lang.t("directory-find"))}
            </form>
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t("organisations-none")}</p></div> }.into_any()
            } else {
                view! {
                    {tools(lang, &columns, &here, &book)}
                    {table(lang, &columns, &lines, |_| "", |l, column| cell(lang, l, column))}
                }
                .into_any()
            }}
        }
        .into_any()
    })
    .into())
}

/// What stands in a column.
fn cell(lang: Lang, l: &OrganisationLine, column: &str) -> AnyView {
    match column {
        "name" => {
            let to = format!("{}/{}", urls::ORGANISATIONS, l.id);
            view! { <a class="kern-link" href=to>{l.name.clone()}</a> }.into_any()
        }
        "art" => kind_name(lang, &l.kind).into_any(),
        "ort" => l.city.clone().into_any(),
        "stand" => {
            let state = OrganisationState::parse(&l.state).unwrap_or(OrganisationState::Suspended);
            let waits = l
                .proposed
                .then(|| badge("warning", &lang.t("entry-state-waiting")));
            view! { {state_badge(lang, state)}" "{waits} }.into_any()
        }
        "mitglieder" => lang.number(l.members).into_any(),
        "zugesagt" => day(lang, l.admitted_at).into_any(),
        _ => l.confirm_by.map(|at| day(lang, at)).into_any(),
    }
}

fn letter_problem(refusal: &LetterRefusal) -> Problems {
    let code = match refusal {
        LetterRefusal::AddressTooLong(_) => "admission-address-too-long",
        LetterRefusal::TextsTooLong(_) => "admission-texts-too-long",
        LetterRefusal::MethodOff => "organisation-method-open",
        LetterRefusal::NotDownloaded => "organisation-not-downloaded",
        _ => "organisation-letter-state",
    };
    Problems::one("", code)
}

/// `/verwaltung/organisationen/{id}`. A POST says in `tun` what to do.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageOrganisations)?;
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::ORGANISATIONS);
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let ctx = &rq.ctx;
        let version = form.get("version").parse().unwrap_or(-1);
        let result = match form.get("tun") {
            "brief" => refused(organisations::new_organisation_letter(ctx, actor, id).await)?
                .map(|_| ())
                .map_err(|r| letter_problem(&r)),
            "verschickt" => refused(letters::organisation_letter_sent(ctx, actor, id).await)?
                .map_err(|r| letter_problem(&r)),
            "freigeben" => refused(organisations::review_entry(ctx, actor, id, version, true).await)?,
            "ablehnen" => refused(organisations::review_entry(ctx, actor, id, version, false).await)?,
            "aushang-zeigen" | "aushang-verbergen" => {
                let which = Uuid::parse_str(form.get("aushang")).map_err(|_| Fault::NotFound)?;
                let yes = form.get("tun") == "aushang-zeigen";
                organisations::review_notice(ctx, actor, id, which, yes).await?;
                Ok(())
            }
            act @ ("logo-zeigen" | "logo-weg") => {
                let yes = act == "logo-zeigen";
                refused(organisations::review_logo(ctx, actor, id, form.get("bild"), yes).await)?
            }
            "aussetzen" => {
                organisations::set_suspended(ctx, actor, id, true).await?;
                Ok(())
            }
            "fortsetzen" => {
                organisations::set_suspended(ctx, actor, id, false).await?;
                Ok(())
            }
            "entfernen" if form.has("sicher") => {
                organisations::remove_organisation(ctx, actor, id).await?;
                return Ok(Answer::go(format!("{}?entfernt=1", urls::ORGANISATIONS)));
            }
            "entfernen" => Err(Problems::one("sicher", "problem-sure")),
            _ => return Err(Fault::NotFound),
        };
        match result {
            Ok(()) => return Ok(Answer::go(format!("{here}?gespeichert=1"))),
            Err(p) => problems = p,
        }
    }
    let page = organisations::organisation(&rq.ctx, actor, id).await?;
    let has_logo = organisations::has_logo(&rq.ctx, id).await?;
    let lang = rq.lang;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let form = Form::new(
        lang,
        Typed {
            problems,
            ..Typed::default()
        },
    );
    let sees_cases = actor.may(Permission::SeeCases);
    Ok(Page::staff(page.name.clone(), move || {
        let address: Vec<_> = page.address.iter().map(|l| view! { <span class="line">{l.clone()}</span> }).collect();
        let case = page.case.filter(|_| sees_cases).map(|c| {
            item(&lang.t("case-kind-admission"), view! { <a class="kern-link" href=format!("{}/{c}", urls::INBOX)>{lang.t("organisation-open-case")}</a> })
        });
        let people: Vec<_> = page
            .members
            .iter()
            .map(|m| view! { <li>{m.name.clone()}" "<span class="muted">{lang.t(&format!("member-role-{}", m.role))}</span></li> })
            .collect();
        let nobody = page.members.is_empty();
        let (label, act) = match page.state {
            OrganisationState::Suspended => ("organisation-resume", "fortsetzen"),
            _ => ("organisation-suspend", "aussetzen"),
        };
        let can_suspend = page.state != OrganisationState::Admitted;
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::ORGANISATIONS>{lang.t("nav-organisations")}</a></p>
            <h1 class="kern-heading-x-large">{page.name.clone()}</h1>
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            <p>{state_badge(lang, page.state)}</p>
            <dl class="kern-description-list">
                {item(&lang.t("field-organisation_kind"), kind_name(lang, page.kind.key()))}
                {(!page.register.is_empty()).then(|| item(&lang.t("field-register"), page.register.clone()))}
                {item(&lang.t("address"), address)}
                {page.person.clone().map(|p| item(&lang.t("field-person"), p))}
                {item(&lang.t("field-purpose"), view! { <span class="written">{page.purpose.clone()}</span> })}
                {item(&lang.t("organisation-admitted"), day(lang, page.admitted_at))}
                {page.active_at.map(|at| item(&lang.t("organisation-active"), day(lang, at)))}
                {page.confirm_by.map(|at| item(&lang.t("organisation-confirm-by"), day(lang, at)))}
                {case}
            </dl>
            {review(lang, &page)}
            {logo::review(lang, id, &has_logo)}
            {market::review(lang, &page.notices)}
            {letter(lang, &page)}
            <section class="card-plain" aria-labelledby="members-heading">
                <h2 class="kern-heading-medium" id="members-heading">{lang.t("members-title")}</h2>
                {nobody.then(|| view! { <p class="kern-body">{lang.t("members-none")}</p> })}
                <ul class="kern-list">{people}</ul>
            </section>
            <section class="card-plain stack" aria-labelledby="more-heading">
                <h2 class="kern-heading-medium" id="more-heading">{lang.t("organisation-more")}</h2>
                {can_suspend.then(|| view! {
                    <p class="kern-body">{lang.t("organisation-suspend-what")}</p>
                    <form method="post">{submit_as("secondary", &lang.t(label), "tun", act)}</form>
                })}
                <details open=form.problem("sicher").is_some()>
                    <summary>{lang.t("organisation-remove")}</summary>
                    <form method="post" novalidate=true class="stack details-body">
                        <p class="kern-body">{lang.t("organisation-end-what")}</p>
                        {form.checkbox("sicher", lang.t("organisation-end-yes"))}
                        {submit_as("secondary", &lang.t("organisation-remove"), "tun", "entfernen")}
                    </form>
                </details>
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// An entry that waits for a look, beside what is public now.
fn review(lang: Lang, page: &OrganisationPage) -> Option<AnyView> {
    let proposed = page.entry.proposed.as_ref()?;
    let version = page.entry.version.to_string();
    let live = page.entry.live.as_ref().map(|live| {
        view! { <div><h3 class="kern-heading-small">{lang.t("entry-now")}</h3>{facts(lang, live)}</div> }
    });
    let hidden = version.clone();
    Some(
        view! {
            <section class="card-plain stack task" aria-labelledby="review-heading">
                <h2 class="kern-heading-medium" id="review-heading">{lang.t("entry-review")}</h2>
                <div class="side-by-side">
                    {live}
                    <div><h3 class="kern-heading-small">{lang.t("entry-new")}</h3>{facts(lang, proposed)}</div>
                </div>
                <p class="kern-body muted">{lang.t("entry-review-how")}</p>
                <div class="buttons">
                    <form method="post"><input type="hidden" name="version" value=version/>{submit_as("primary", &lang.t("entry-approve"), "tun", "freigeben")}</form>
                    <form method="post"><input type="hidden" name="version" value=hidden/>{submit_as("secondary", &lang.t("entry-reject"), "tun", "ablehnen")}</form>
                </div>
            </section>
        }
        .into_any(),
    )
}

fn facts(lang: Lang, e: &Entry) -> AnyView {
    let show = lang.t(if e.show_address { "yes" } else { "no" });
    let items: Vec<_> = [
        ("category", category_name(lang, &e.category)),
        ("entry-description", e.description.clone()),
        ("entry-hours", e.hours.clone()),
        ("entry-telephone", e.telephone.clone()),
        ("entry-email", e.email.clone()),
        ("field-web", e.web.clone()),
        ("entry-show-address", show),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(key, value)| item(&lang.t(key), view! { <span class="written">{value}</span> }))
    .collect();
    view! { <dl class="kern-description-list">{items}</dl> }.into_any()
}

fn letter(lang: Lang, page: &OrganisationPage) -> AnyView {
    let body = match &page.letter {
        None => view! { <p class="kern-body">{lang.t("organisation-no-letter")}</p> }.into_any(),
        Some(l) => one_letter(lang, page, l),
    };
    view! {
        <section class="card-plain stack" aria-labelledby="letter-heading">
            <h2 class="kern-heading-medium" id="letter-heading">{lang.t("organisation-letter")}</h2>
            {body}
            <form method="post">
                <p class="kern-body">{lang.t("organisation-new-letter-what")}</p>
                {submit_as("secondary", &lang.t("organisation-new-letter"), "tun", "brief")}
            </form>
        </section>
    }
    .into_any()
}

fn one_letter(lang: Lang, page: &OrganisationPage, l: &OrganisationLetter) -> AnyView {
    let ready = l.batch_state == BatchState::Ready.key() && l.state == "open";
    let making = l.batch_state == BatchState::Making.key();
    let file = format!("{}/{}/brief.pdf", urls::ORGANISATIONS, page.id);
    view! {
        <dl class="kern-description-list">
            {item(&lang.t("letter-number"), l.letter_number.clone())}
            {item(&lang.t("organisation-state"), lang.t(&format!("letter-state-{}", l.state)))}
            {item(&lang.t("organisation-letter-made"), moment(lang, l.created_at))}
            {l.posted_at.map(|at| item(&lang.t("organisation-letter-posted"), day(lang, at)))}
            {l.expires_at.map(|at| item(&lang.t("organisation-letter-until"), day(lang, at)))}
        </dl>
        {making.then(|| view! { <p class="kern-body">{lang.t("organisation-letter-making")}</p> })}
        {ready.then(|| view! {
            <p class="kern-body">{lang.t("organisation-letter-how")}</p>
            <div class="buttons">
                {link_button("primary", &format!("{}/{}", urls::LETTERS, l.batch), &lang.t("organisation-letter-print"))}
                {link_button("secondary", &file, &lang.t("organisation-letter-pdf"))}
            </div>
            <form method="post">{submit_as("secondary", &lang.t("organisation-letter-sent"), "tun", "verschickt")}</form>
        })}
    }
    .into_any()
}
