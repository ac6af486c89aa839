//! `/verwaltung/nachrichten/{id}`: one case on the clerk's screen.

use super::{
    inbox::{keys, near},
    view::{comparison, document_field, label, state_badge, timeline, values},
};
use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, item, link_button, moment, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::cases::{
    self, AnswerTemplate, CaseFile, Decision, DeskRefusal, DocumentProblem, Proof, StaffPage, TeamPage,
    Written,
};
use backend::organisations;
use domain::{
    access::{Actor, Permission},
    accounts::TrustLevel,
    cases::{CaseKind, CaseState, Outcome as Ending, PICTURE},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// `/verwaltung/nachrichten/schalter`: somebody stands at the desk and says a code.
pub async fn code(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::DecideCases)?;
    let lang = rq.lang;
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        match refused(cases::by_desk_code(&rq.ctx, actor, form.get("code")).await)? {
            Ok(id) => return Ok(Answer::go(format!("{}/{id}", urls::INBOX))),
            Err(refusal) => {
                typed = Typed {
                    values: form.clone(),
                    problems: match refusal {
                        DeskRefusal::Problems(problems) => problems,
                        _ => Problems::one("code", "problem-too-many"),
                    },
                }
            }
        }
    }
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("desk-title");
    Ok(Page::staff(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::DESK)}
            <p class="kern-body">{lang.t("desk-intro")}</p>
            <form method="post" class="stack" novalidate=true>
                {form.text("code", &lang.t("desk-code"), Options { width: 14, hint: "desk-code-hint", ..Options::default() })}
                {submit("primary", &lang.t("desk-open"))}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/verwaltung/nachrichten/{id}`. A POST says in `tun` what to do and names the version that the clerk saw.
pub async fn one(rq: Rq) -> Outcome {
    acted(rq, None).await
}

/// The same with a document, of a message.
pub async fn acted(rq: Rq, file: Option<Result<(String, Vec<u8>), DocumentProblem>>) -> Outcome {
    let actor = rq.staff(Permission::SeeCases)?;
    let id = rq.id()?;
    let Some(form) = rq.form.clone() else {
        return show(&rq, actor, Typed::default(), None).await;
    };
    if !actor.may(Permission::DecideCases) {
        return Err(Fault::Denied);
    }
    let version = form.get("version").parse().unwrap_or(0);
    let ctx = &rq.ctx;
    let uuid = |name: &str| Uuid::parse_str(form.get(name)).ok();
    let decide = |outcome, field: &str| Decision {
        outcome,
        text: form.get(field).to_owned(),
        typed: form.get("abgetippt").to_owned(),
    };
    let act = form.get("tun");
    let done: Result<Written, DeskRefusal> = match act {
        "uebernehmen" => refused(cases::take(ctx, actor, id, version).await)?.map(|()| Written::Done),
        "abgeben" => {
            // one list of colleagues and teams: a team's id begins with "t-"
            let to = form.get("wer");
            let team = to.strip_prefix("t-").and_then(|t| Uuid::parse_str(t).ok());
            refused(cases::assign(ctx, actor, id, version, uuid("wer"), team).await)?.map(|()| Written::Done)
        }
        "fragen" => {
            let fields: Vec<String> = form
                .0
                .iter()
                .filter_map(|(k, _)| k.strip_prefix("feld-").map(str::to_owned))
                .collect();
            refused(cases::ask(ctx, actor, id, version, form.get("frage"), &fields).await)?
                .map(|()| Written::Done)
        }
        "schreiben" => match file {
            Some(Err(problem)) => Err(DeskRefusal::Problems(Problems::one("datei", problem.key()))),
            file => {
                let upload = file.and_then(Result::ok);
                refused(cases::tell(ctx, actor, id, version, form.get("nachricht"), upload).await)?
                    .map(|()| Written::Done)
            }
        },
        "notiz" => {
            refused(cases::note(ctx, actor, id, version, form.get("notiz")).await)?.map(|()| Written::Done)
        }
        "gezeigt" => refused(cases::shown(ctx, actor, id, version).await)?.map(|()| Written::Done),
        "zustimmen" => refused(cases::decide(ctx, actor, id, version, &decide(Ending::Approved, "")).await)?,
        "ablehnen" => {
            refused(cases::decide(ctx, actor, id, version, &decide(Ending::Rejected, "grund")).await)?
        }
        "antworten" => {
            refused(cases::decide(ctx, actor, id, version, &decide(Ending::Answered, "antwort")).await)?
        }
        "nochmal" => {
            cases::look_again(ctx, actor, id).await?;
            return Ok(Answer::go(urls::INBOX));
        }
        _ => return Err(Fault::NotFound),
    };
    match done {
        Ok(Written::Done) => Ok(Answer::go(format!("{}/{id}?getan={act}", urls::INBOX))),
        Ok(Written::SecondNeeded) => Ok(Answer::go(format!("{}/{id}?getan=erstes-ja", urls::INBOX))),
        Err(refusal) => {
            let (problems, kind) = match &refusal {
                DeskRefusal::Problems(problems) => (problems.clone(), None),
                DeskRefusal::Stale => (Problems::default(), Some("case-stale")),
                DeskRefusal::State => (Problems::default(), Some("case-changed")),
                DeskRefusal::Own => (Problems::default(), Some("case-own")),
                DeskRefusal::SamePerson => (Problems::default(), Some("case-same-person")),
                DeskRefusal::NoProof => (Problems::default(), Some("case-no-proof")),
                DeskRefusal::TooMany => (Problems::default(), Some("problem-too-many")),
            };
            let typed = Typed {
                values: form.without(&["version"]),
                problems,
            };
            show(&rq, actor, typed, kind).await
        }
    }
}

/// `/verwaltung/nachrichten/{id}/anwesend`: who else is on the case, asked by the page every few seconds.
pub async fn present(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeCases)?;
    let (names, version) = cases::presence(&rq.ctx, actor, rq.id()?).await?;
    let lang = rq.lang;
    let changed = rq.query.get("version").parse::<i64>().unwrap_or(version) != version;
    Ok(Page::staff(lang.t("nav-inbox"), move || {
        view! { <div data-live="true">{on_it(lang, &names, changed)}</div> }.into_any()
    })
    .into())
}

fn on_it(lang: Lang, names: &[String], changed: bool) -> AnyView {
    let others = (!names.is_empty()).then(|| {
        let text = lang.with("case-present", &[("wer", &names.join(", "))]);
        view! { <p class="kern-body">{badge("warning", &lang.t("case-present-short"))}" "{text}</p> }
    });
    let changed = changed.then(|| {
        view! { <p class="kern-body">{badge("danger", &lang.t("case-changed-short"))}" "{lang.t("case-reload")}</p> }
    });
    view! { {others}{changed} }.into_any()
}

async fn show(rq: &Rq, actor: Actor, typed: Typed, refusal: Option<&'static str>) -> Outcome {
    let id = rq.id()?;
    let page = cases::open(&rq.ctx, actor, id).await?;
    let teams = cases::team_page(&rq.ctx, actor).await?;
    let templates = cases::templates(&rq.ctx, actor, Some(page.case.kind)).await?;
    let admission = admission(rq, actor, &page).await?;
    let lang = rq.lang;
    let status = if refusal == Some("case-stale") {
        StatusCode::CONFLICT
    } else if typed.problems.is_empty() && refusal.is_none() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let picture = Uuid::parse_str(rq.query.get("bild")).ok();
    let done = match rq.query.get("getan") {
        "" => None,
        act => lang
            .has(&format!("case-done-{act}"))
            .then(|| lang.t(&format!("case-done-{act}"))),
    };
    let now = rq.ctx.clock.now();
    let asset = rq.asset;
    let form = Form::new(lang, typed);
    let title = format!(
        "{} {}",
        lang.t(&format!("case-kind-{}", page.case.kind.key())),
        page.case.number
    );
    Ok(Page::staff(title, move || {
        let case = page.case.clone();
        let open = case.state != CaseState::Decided;
        let covered: Vec<&str> = match page.decisive {
            Some(decisive) if open => decisive.fields().to_vec(),
            _ => Vec::new(),
        };
        let live = format!("{}/{}/anwesend?version={}", urls::INBOX, case.id, case.version);
        let acts = (open && page.may_decide).then(|| acts(lang, &form, &page, &teams, &templates));
        view! {
            {form.summary()}
            {refusal.map(|key| view! { <div tabindex="-1" data-focus="true">{alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(key)}</p> })}</div> })}
            {done.map(|text| alert("success", &text, ()))}
            <p class="kern-body"><a class="kern-link" href=urls::INBOX>{lang.t("case-back")}</a></p>
            <h1 class="kern-heading-x-large">{case.applicant.clone()}</h1>
            {(page.level < TrustLevel::Municipal).then(|| alert("warning", &lang.t("case-not-confirmed-title"), view! { <p class="kern-body">{lang.t("case-not-confirmed")}</p> }))}
            <div data-live="8000" data-live-from=live role="status">{on_it(lang, &page.present, false)}</div>
            <dl class="kern-description-list case-facts">
                {item(&lang.t("case-kind"), lang.t(&format!("case-kind-{}", case.kind.key())))}
                {item(&lang.t("case-number"), case.number.clone())}
                {item(&lang.t("state"), state_badge(lang, &case))}
                {item(&lang.t("case-assignee"), case.assignee.as_ref().map_or_else(|| "–".to_owned(), |a| a.1.clone()))}
                {item(&lang.t("case-team"), case.team.as_ref().map_or_else(|| "–".to_owned(), |t| t.1.clone()))}
                {case.submitted_at.map(|at| item(&lang.t("case-sent"), moment(lang, at)))}
                {case.due_at.filter(|_| open).map(|at| item(&lang.t("case-due"), view! { {day(lang, at)}" "{case.is_overdue(now).then(|| badge("danger", &lang.t("inbox-is-late")))} }))}
                {case.kind.needs_proof().then(|| item(&lang.t("case-proof"), lang.t(&format!("case-proof-{}", case.proof.key()))))}
            </dl>
            <div class="case" data-keys="case">
                <div class="case__what">
                    {admission}
                    {request(lang, &page, &covered, open)}
                    {pictures(lang, &case.id.to_string(), page.files, picture)}
                    <section class="card-plain" aria-labelledby="history-heading">
                        <h2 class="kern-heading-medium" id="history-heading">{lang.t("case-history")}</h2>
                        {timeline(lang, case.kind, &page.entries, &covered, true, &format!("{}/{}", urls::INBOX, case.id))}
                    </section>
                </div>
                <div class="case__acts">{acts}</div>
            </div>
            {keys(lang, "case-keys", asset)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// What an admission request needs besides: organisations that could be the same one, and the one that it became.
async fn admission(rq: &Rq, actor: Actor, page: &StaffPage) -> Result<Option<AnyView>, Fault> {
    if page.case.kind != CaseKind::Admission || !actor.may(Permission::ManageOrganisations) {
        return Ok(None);
    }
    let lang = rq.lang;
    if let Some(id) = organisations::organisation_of_case(&rq.ctx, actor, page.case.id).await? {
        let link = link_button(
            "secondary",
            &format!("{}/{id}", urls::ORGANISATIONS),
            &lang.t("admission-open"),
        );
        return Ok(Some(alert("success", &lang.t("admission-done"), link)));
    }
    if page.case.state == CaseState::Decided || !page.may_decide {
        return Ok(None);
    }
    let similar = organisations::similar(&rq.ctx, actor, &page.request).await?;
    if similar.is_empty() {
        return Ok(None);
    }
    let lines: Vec<_> = similar
        .into_iter()
        .map(|(id, name, city)| {
            view! { <li><a class="kern-link" href=format!("{}/{id}", urls::ORGANISATIONS)>{name}</a>", "{city}</li> }
        })
        .collect();
    let list =
        view! { <p class="kern-body">{lang.t("admission-similar")}</p><ul class="kern-list">{lines}</ul> };
    Ok(Some(alert("warning", &lang.t("admission-similar-title"), list)))
}

fn request(lang: Lang, page: &StaffPage, covered: &[&str], open: bool) -> AnyView {
    let body = match (&page.before, page.case.kind) {
        (Some(before), CaseKind::ProfileChange | CaseKind::OrganisationChange) => {
            let register = open && page.case.kind == CaseKind::ProfileChange;
            let reason = page.request.get("reason").to_owned();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("case-compared")>{comparison(lang, page.case.kind, before, &page.request, covered, true)}</div>
                <p class="kern-body"><strong>{lang.t("field-reason")}": "</strong><span class="written">{reason}</span></p>
                {page.covered.then(|| view! { <p class="kern-body kern-body--muted">{lang.t("organisation-change-masked")}</p> })}
                {register.then(|| view! { <p class="kern-body kern-body--muted">{lang.t("case-register-note")}</p> })}
            }
            .into_any()
        }
        _ => values(lang, page.case.kind, &page.request),
    };
    view! {
        <section class="card-plain" aria-labelledby="request-heading">
            <h2 class="kern-heading-medium" id="request-heading">{lang.t("case-request")}</h2>
            {body}
        </section>
    }
    .into_any()
}

/// Pictures are shown only when somebody asks for one: each look is noted for the applicant.
fn pictures(lang: Lang, case: &str, files: Vec<CaseFile>, shown: Option<Uuid>) -> Option<AnyView> {
    if files.is_empty() {
        return None;
    }
    let lines: Vec<_> = files
        .into_iter()
        .map(|f| {
            let text = match f.deleted_at {
                Some(at) => lang.with("picture-deleted", &[("wann", &moment(lang, at))]),
                None => lang.with("picture-uploaded", &[("wann", &moment(lang, f.created_at))]),
            };
            let here = shown == Some(f.id);
            let view = f.deleted_at.is_none().then(|| {
                if here {
                    view! { <img class="case-picture" src=format!("{}/{case}/bild/{}", urls::INBOX, f.id) alt=lang.t("picture-alt")/> }.into_any()
                } else {
                    link_button("secondary", &format!("{}/{case}?bild={}#bilder", urls::INBOX, f.id), &lang.t("picture-show")).into_any()
                }
            });
            view! { <li class="stack"><p class="kern-body">{text}</p>{view}</li> }
        })
        .collect();
    Some(
        view! {
            <section class="card-plain" aria-labelledby="bilder">
                <h2 class="kern-heading-medium" id="bilder">{lang.t("pictures-title")}</h2>
                <p class="kern-body kern-body--muted">{lang.t("picture-noted")}</p>
                <ul class="plain-list">{lines}</ul>
            </section>
        }
        .into_any(),
    )
}

fn acts(
    lang: Lang,
    form: &Form,
    page: &StaffPage,
    teams: &TeamPage,
    templates: &[AnswerTemplate],
) -> AnyView {
    let case = &page.case;
    let version = case.version;
    let hidden = || version_field(version);
    let to: Vec<(String, String)> = std::iter::once((String::new(), lang.t("please-choose")))
        .chain(
            teams
                .colleagues
                .iter()
                .map(|(id, name)| (id.to_string(), name.clone())),
        )
        .chain(teams.teams.iter().map(|t| {
            (
                format!("t-{}", t.id),
                lang.with("case-to-team", &[("name", &t.name)]),
            )
        }))
        .collect();
    let fields: Vec<_> = case
        .kind
        .fields()
        .iter()
        .map(|f| f.name)
        .chain(case.kind.needs_proof().then_some(PICTURE))
        .map(|name| {
            let id = format!("feld-{name}");
            let checked = form.fields().has(&id);
            view! {
                <div class="kern-form-check"><input class="kern-form-check__checkbox" type="checkbox" id=id.clone() name=id.clone() value="ja" checked=checked/>
                <label class="kern-label" for=id>{label(lang, name)}</label></div>
            }
        })
        .collect();
    let waiting = case.state == CaseState::Waiting;
    let desk = (case.kind.needs_proof() && case.proof != Proof::Shown).then(|| {
        view! {
            <section class="card-plain" aria-labelledby="shown-heading">
                <h2 class="kern-heading-small" id="shown-heading">{lang.t("case-shown-title")}</h2>
                <p class="kern-body">{lang.t("case-shown-how")}</p>
                <form method="post">{hidden()}{submit_as("secondary", &lang.t("case-shown-button"), "tun", "gezeigt")}</form>
            </section>
        }
    });
    let mine = case.assignee.is_some();
    view! {
        <section class="card-plain" aria-labelledby="assign-heading">
            <h2 class="kern-heading-small" id="assign-heading">{lang.t("case-work")}</h2>
            <div class="buttons">
                <form method="post">{hidden()}<button class="kern-btn kern-btn--secondary" type="submit" name="tun" value="uebernehmen" data-key="a"><span class="kern-label">{lang.t(if mine { "case-take-again" } else { "case-take" })}</span></button></form>
                <form method="post">{hidden()}{submit_as("tertiary", &lang.t("case-look-again"), "tun", "nochmal")}</form>
            </div>
            <details open=form.problem("wer").is_some()>
                <summary>{lang.t("case-hand-over")}</summary>
                <form method="post" class="stack details-body" novalidate=true>
                    {hidden()}
                    {form.select("wer", &lang.t("case-to"), to)}
                    {submit_as("secondary", &lang.t("case-hand-over"), "tun", "abgeben")}
                </form>
            </details>
        </section>
        {desk}
        {decision(lang, form, page, templates)}
        <section class="card-plain" aria-labelledby="ask-heading">
            <h2 class="kern-heading-small" id="ask-heading">{lang.t("case-ask")}</h2>
            {if waiting {
                view! { <p class="kern-body">{lang.t("case-asked-already")}</p> }.into_any()
            } else {
                view! {
                    <details open=form.problem("frage").is_some()>
                        <summary>{lang.t("case-ask-open")}</summary>
                        <form method="post" class="stack details-body" novalidate=true>
                            {hidden()}
                            {chooser(lang, "frage", templates)}
                            {form.text("frage", &lang.t("case-question"), Options { rows: 4, hint: "case-question-hint", ..Options::default() })}
                            <fieldset class="kern-fieldset"><legend class="kern-label">{lang.t("case-ask-fields")}</legend>{fields}</fieldset>
                            {submit_as("secondary", &lang.t("case-ask-button"), "tun", "fragen")}
                        </form>
                    </details>
                }.into_any()
            }}
            <details open=form.problem("nachricht").or(form.problem("datei")).is_some()>
                <summary>{lang.t("case-tell")}</summary>
                <form method="post" action=format!("{}/{}/nachricht", urls::INBOX, page.case.id) enctype="multipart/form-data" class="stack details-body" novalidate=true>
                    {hidden()}
                    {chooser(lang, "nachricht", templates)}
                    {form.text("nachricht", &lang.t("case-message"), Options { rows: 4, hint: "case-message-hint", ..Options::default() })}
                    {document_field(lang, form)}
                    {submit_as("secondary", &lang.t("message-send"), "tun", "schreiben")}
                </form>
            </details>
            <details open=form.problem("notiz").is_some()>
                <summary data-key="n">{lang.t("case-note")}</summary>
                <form method="post" class="stack details-body" novalidate=true>
                    {hidden()}
                    {form.text("notiz", &lang.t("case-note"), Options { rows: 3, hint: "case-note-hint", ..Options::default() })}
                    {submit_as("secondary", &lang.t("save"), "tun", "notiz")}
                </form>
            </details>
        </section>
    }
    .into_any()
}

/// The version that the clerk sees; an act on an older one is refused.
fn version_field(version: i64) -> AnyView {
    view! { <input type="hidden" name="version" value=version.to_string()/> }.into_any()
}

/// Prepared texts that a script copies into the field; without the script there is nothing to choose.
fn chooser(lang: Lang, target: &'static str, templates: &[AnswerTemplate]) -> AnyView {
    if templates.is_empty() {
        return ().into_any();
    }
    let id = format!("vorlage-{target}");
    let texts: Vec<_> = templates
        .iter()
        .map(|t| view! { <option value=t.body.clone()>{t.name.clone()}</option> })
        .collect();
    view! {
        <div class="kern-form-input needs-script">
            <label class="kern-label" for=id.clone()>{lang.t("case-template")}</label>
            <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id=id data-template=target>
                <option value="">{lang.t("please-choose")}</option>{texts}
            </select></div>
        </div>
    }
    .into_any()
}

/// A no, with its reason.
fn reject(lang: Lang, form: &Form, version: i64, templates: &[AnswerTemplate]) -> AnyView {
    view! {
        <details open=form.problem("grund").is_some()>
            <summary>{lang.t("case-reject")}</summary>
            <form method="post" class="stack details-body" novalidate=true>
                {version_field(version)}
                {chooser(lang, "grund", templates)}
                {form.text("grund", &lang.t("case-reason"), Options { rows: 4, hint: "case-reason-hint", ..Options::default() })}
                {submit_as("secondary", &lang.t("case-reject"), "tun", "ablehnen")}
            </form>
        </details>
    }
    .into_any()
}

fn decision(lang: Lang, form: &Form, page: &StaffPage, templates: &[AnswerTemplate]) -> AnyView {
    let version = page.case.version;
    let hidden = || version_field(version);
    let case = &page.case;
    let second = case.first_yes_by.map(|_| {
        alert(
            "info",
            &lang.t("case-first-yes-title"),
            view! { <p class="kern-body">{lang.t("case-first-yes")}</p> },
        )
    });
    match case.kind {
        CaseKind::Admission => {
            let proven = matches!(case.proof, Proof::Picture | Proof::Shown);
            let yes = if proven {
                view! {
                    <p class="kern-body">{lang.t("admission-check")}</p>
                    <form method="post" class="stack" novalidate=true>{hidden()}{submit_as("primary", &lang.t("admission-approve"), "tun", "zustimmen")}</form>
                }
                .into_any()
            } else {
                view! { <p class="kern-body">{lang.t("case-no-proof")}</p> }.into_any()
            };
            view! {
                <section class="card-plain" aria-labelledby="decide-heading">
                    <h2 class="kern-heading-small" id="decide-heading" tabindex="-1" data-key="d">{lang.t("case-decide")}</h2>
                    {yes}
                    {reject(lang, form, version, templates)}
                </section>
            }
            .into_any()
        }
        CaseKind::OrganisationChange => view! {
            <section class="card-plain" aria-labelledby="decide-heading">
                <h2 class="kern-heading-small" id="decide-heading" tabindex="-1" data-key="d">{lang.t("case-decide")}</h2>
                <p class="kern-body">{lang.t("organisation-change-check")}</p>
                <form method="post" class="stack" novalidate=true>{hidden()}{submit_as("primary", &lang.t("organisation-change-approve"), "tun", "zustimmen")}</form>
                {reject(lang, form, version, templates)}
            </section>
        }
        .into_any(),
        CaseKind::ProfileChange => {
            let proven = matches!(case.proof, Proof::Picture | Proof::Shown);
            let decisive = page.decisive.map(|d| lang.t(&format!("decisive-{}", d.key())));
            let yes = match (decisive, proven) {
                (Some(label), true) => view! {
                    <form method="post" class="stack" novalidate=true>
                        {hidden()}
                        {form.text("abgetippt", &label, Options { hint: "decisive-hint", ..Options::default() })}
                        {submit_as("primary", &lang.t("case-approve"), "tun", "zustimmen")}
                    </form>
                }
                .into_any(),
                (None, _) => view! { <p class="kern-body">{lang.t("case-nothing-new")}</p> }.into_any(),
                (Some(_), false) => view! { <p class="kern-body">{lang.t("case-no-proof")}</p> }.into_any(),
            };
            view! {
                <section class="card-plain" aria-labelledby="decide-heading">
                    <h2 class="kern-heading-small" id="decide-heading" tabindex="-1" data-key="d">{lang.t("case-decide")}</h2>
                    {second}
                    {yes}
                    {reject(lang, form, version, templates)}
                </section>
            }
            .into_any()
        }
        CaseKind::Message | CaseKind::Barrier => view! {
            <section class="card-plain" aria-labelledby="decide-heading">
                <h2 class="kern-heading-small" id="decide-heading" tabindex="-1" data-key="d">{lang.t("case-answer")}</h2>
                <form method="post" class="stack" novalidate=true>
                    {hidden()}
                    {chooser(lang, "antwort", templates)}
                    {form.text("antwort", &lang.t("case-answer-text"), Options { rows: 6, hint: "case-answer-hint", ..Options::default() })}
                    {submit_as("primary", &lang.t("case-answer-button"), "tun", "antworten")}
                </form>
            </section>
        }
        .into_any(),
    }
}
