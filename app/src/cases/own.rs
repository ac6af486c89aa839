//! `/konto/vorgaenge`: "Meine Vorgänge", and one case as a timeline.

use super::{
    citizen::{not_found, picture_field, problems},
    view::{comparison, document_field, label, shown, state_badge, timeline},
};
use crate::{
    portal::{Answer, AssetUrl, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, item, link_button, moment, submit, submit_as, to_account},
    },
};
use axum::http::StatusCode;
use backend::cases::{
    self, BeginRefusal, CaseFile, DocumentProblem, OwnCase, OwnPage, PictureProblem, Proof,
};
use domain::{
    cases::{Act, CaseKind, CaseState, PICTURE, Request},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// `/konto/vorgaenge`.
pub async fn list(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let all = cases::own_cases(&rq.ctx, &who).await?;
    let lang = rq.lang;
    let asset = rq.asset;
    let news = all.iter().filter(|c| c.unread).count();
    let title = lang.t("own-cases");
    Ok(Page::new(title.clone(), move || {
        let (closed, open): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|c| c.case.state == CaseState::Decided);
        let none = open.is_empty() && closed.is_empty();
        let part = |key: &str, list: Vec<OwnCase>| {
            (!list.is_empty()).then(|| {
                view! {
                    <h2 class="kern-heading-medium">{lang.t(key)}</h2>
                    <ul class="files">{list.into_iter().map(|c| line(lang, c)).collect::<Vec<_>>()}</ul>
                }
            })
        };
        view! {
            {to_account(lang)}
            <h1 class="kern-heading-x-large" data-news=news.to_string()>{title}</h1>
            {none.then(|| view! { <p class="kern-body">{lang.t("own-cases-none")}</p> })}
            {part("own-cases-open", open)}
            {part("own-cases-closed", closed)}
            <h2 class="kern-heading-medium">{lang.t("own-cases-new")}</h2>
            <div class="buttons">
                {link_button("secondary", urls::CHANGE_PROFILE, &lang.t("profile-title"))}
                {link_button("secondary", urls::WRITE, &lang.t("message-title"))}
            </div>
            <script type="module" src=asset("push.js")></script>
        }
        .into_any()
    })
    .into())
}

fn line(lang: Lang, c: OwnCase) -> AnyView {
    let to = if c.case.state == CaseState::Draft {
        format!("{}/{}/nachweis", urls::OWN_CASES, c.case.id)
    } else {
        format!("{}/{}", urls::OWN_CASES, c.case.id)
    };
    let when = c
        .case
        .decided_at
        .or(c.case.submitted_at)
        .unwrap_or(c.case.changed_at);
    view! {
        <li class="card-plain case-line">
            <p class="case-line__title"><a class="kern-link" href=to>{lang.t(&format!("case-kind-{}", c.case.kind.key()))}</a></p>
            <p>{state_badge(lang, &c.case)}" "{c.unread.then(|| badge("info", &lang.t("case-new")))}</p>
            <p class="muted">{c.case.number.clone()}", "{day(lang, when)}</p>
        </li>
    }
    .into_any()
}

/// `/konto/vorgaenge/{id}`: a POST says in `tun` what to do.
pub async fn one(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let Some(form) = rq.form.clone() else {
        return show(&rq, Typed::default()).await;
    };
    let done = match form.get("tun") {
        "zurueckziehen" if form.has("sicher") => refused(cases::withdraw(&rq.ctx, &who, id).await)
            .map_err(not_found)?
            .map(|()| urls::OWN_CASES.to_owned()),
        "zurueckziehen" => Err(BeginRefusal::Problems(Problems::one(
            "sicher",
            "case-withdraw-sure",
        ))),
        _ => return Err(Fault::NotFound),
    };
    match done {
        Ok(to) => Ok(Answer::go(to)),
        Err(refusal) => {
            let typed = Typed {
                values: form,
                problems: problems(refusal),
            };
            show(&rq, typed).await
        }
    }
}

/// The answer to a task has arrived, perhaps with a picture.
pub async fn answered(rq: &Rq, form: &Fields, file: Result<Vec<u8>, PictureProblem>) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let refusal = |problems| Typed {
        values: form.clone(),
        problems,
    };
    let upload = match file {
        Ok(bytes) => Some((bytes, form.get("bearbeitet") == "ja")),
        Err(PictureProblem::Missing) => None,
        Err(problem) => return show(rq, refusal(Problems::one("bild", problem.key()))).await,
    };
    if upload.is_some() && !form.has("einwilligung") {
        return show(
            rq,
            refusal(Problems::one("einwilligung", "picture-consent-needed")),
        )
        .await;
    }
    let page = cases::own_case(&rq.ctx, &who, id)
        .await
        .map_err(Fault::from)
        .map_err(not_found)?;
    let typed = Request::read(page.case.kind, |name| form.get(name).to_owned());
    let consent = rq.lang.t("picture-consent");
    let sent = cases::answer(&rq.ctx, &who, id, &typed, form.get("antwort"), upload, &consent).await;
    match refused(sent).map_err(not_found)? {
        Ok(()) => Ok(Answer::go(format!("{}/{id}?gesendet=1", urls::OWN_CASES))),
        Err(r) => show(rq, refusal(problems(r))).await,
    }
}

async fn show(rq: &Rq, typed: Typed) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let page = cases::own_case(&rq.ctx, &who, id)
        .await
        .map_err(Fault::from)
        .map_err(not_found)?;
    if page.case.state == CaseState::Draft {
        return Ok(Answer::go(format!("{}/{id}/nachweis", urls::OWN_CASES)));
    }
    let lang = rq.lang;
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let sent = rq.query.has("gesendet");
    let was_open = rq.query.has("offen");
    // a task shows what is there, and after a refusal what was typed
    let values = if typed.problems.is_empty() {
        Fields(page.request.0.clone().into_iter().collect())
    } else {
        typed.values.clone()
    };
    let form = Form::new(
        lang,
        Typed {
            values,
            problems: typed.problems,
        },
    );
    let mark = lang.with(
        "picture-watermark",
        &[("kommune", &rq.settings.sender), ("nummer", &page.case.number)],
    );
    let asset = rq.asset;
    let title = lang.t(&format!("case-kind-{}", page.case.kind.key()));
    Ok(Page::new(format!("{title} {}", page.case.number), move || {
        let OwnPage { case, entries, request, before, task, files } = page;
        let open = case.state != CaseState::Decided;
        let task = task.map(|t| task_form(lang, &form, &case, &t.body.text, &t.body.fields, &mark, asset));
        let desk = (case.proof == Proof::Desk && open).then(|| {
            let code = case.desk_code.clone().unwrap_or_default();
            alert("info", &lang.t("own-desk-title"), view! { <p class="kern-body">{lang.t("own-desk")}</p><p class="desk-code">{code}</p> })
        });
        let before = before.unwrap_or_default();
        let withdraw = match case.kind {
            CaseKind::Message | CaseKind::Barrier => "case-withdraw-message",
            _ => "case-withdraw",
        };
        let asked = (!matches!(case.kind, CaseKind::Message | CaseKind::Barrier) && open).then(|| view! {
            <section class="card-plain" aria-labelledby="asked-heading">
                <h2 class="kern-heading-medium" id="asked-heading">{lang.t("own-asked")}</h2>
                {match case.kind {
                    CaseKind::Admission => super::view::values(lang, case.kind, &request),
                    _ => view! { <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("case-compared")>{comparison(lang, case.kind, &before, &request, &[], false)}</div> }.into_any(),
                }}
            </section>
        });
        view! {
            {form.summary()}
            {sent.then(|| alert("success", &lang.t("own-sent-title"), view! { <p class="kern-body">{lang.t("own-sent")}</p> }))}
            {was_open.then(|| alert("info", &lang.t("profile-open-title"), view! { <p class="kern-body">{lang.t("profile-open")}</p> }))}
            <p class="kern-body"><a class="kern-link" href=urls::OWN_CASES>{lang.t("own-cases")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p>{state_badge(lang, &case)}</p>
            <dl class="kern-description-list">
                {item(&lang.t("case-number"), case.number.clone())}
                {case.submitted_at.map(|at| item(&lang.t("case-sent"), moment(lang, at)))}
                {case.due_at.filter(|_| open).map(|at| item(&lang.t("case-due-person"), day(lang, at)))}
            </dl>
            {desk}
            {task}
            {asked}
            {pictures(lang, &case.id.to_string(), files)}
            <section class="card-plain" aria-labelledby="history-heading">
                <h2 class="kern-heading-medium" id="history-heading">{lang.t("case-history")}</h2>
                {timeline(lang, case.kind, &entries, &[], false, &format!("{}/{}", urls::OWN_CASES, case.id))}
            </section>
            {open.then(|| view! {
                <section class="card-plain" aria-labelledby="write-heading">
                    <h2 class="kern-heading-medium" id="write-heading">{lang.t("case-write")}</h2>
                    <form method="post" action=format!("{}/{}/nachricht", urls::OWN_CASES, case.id) enctype="multipart/form-data" novalidate=true class="stack">
                        {form.text("mitteilung", &lang.t("field-text"), Options { rows: 4, ..Options::default() })}
                        {document_field(lang, &form)}
                        {submit_as("secondary", &lang.t("message-send"), "tun", "schreiben")}
                    </form>
                </section>
                <details open=form.problem("sicher").is_some()>
                    <summary>{lang.t(withdraw)}</summary>
                    <form method="post" action=format!("{}/{}", urls::OWN_CASES, case.id) novalidate=true class="stack details-body">
                        <p class="kern-body">{lang.t("case-withdraw-what")}</p>
                        {form.checkbox("sicher", lang.t("case-withdraw-yes"))}
                        {submit_as("secondary", &lang.t(withdraw), "tun", "zurueckziehen")}
                    </form>
                </details>
            })}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// A message has arrived, perhaps with a document.
pub async fn written(
    rq: &Rq,
    form: &Fields,
    file: Option<Result<(String, Vec<u8>), DocumentProblem>>,
) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let problems = match file {
        Some(Err(problem)) => Problems::one("datei", problem.key()),
        file => {
            let upload = file.and_then(Result::ok);
            let done = cases::write(&rq.ctx, &who, id, form.get("mitteilung"), upload).await;
            match refused(done).map_err(not_found)? {
                Ok(()) => return Ok(Answer::go(format!("{}/{id}", urls::OWN_CASES))),
                Err(refusal) => problems(refusal),
            }
        }
    };
    let typed = Typed {
        values: form.clone(),
        problems,
    };
    show(rq, typed).await
}

fn task_form(
    lang: Lang,
    form: &Form,
    case: &cases::Case,
    text: &str,
    fields: &[String],
    mark: &str,
    asset: AssetUrl,
) -> AnyView {
    debug_assert!(case.state.after(Act::Answer).is_some());
    let picture = fields.iter().any(|f| f == PICTURE);
    let inputs: Vec<_> = case
        .kind
        .fields()
        .iter()
        .filter(|f| fields.iter().any(|name| name == f.name))
        .map(|f| {
            let rows = if f.long { 4 } else { 0 };
            if !f.choices.is_empty() {
                let choices = f
                    .choices
                    .iter()
                    .map(|c| ((*c).to_owned(), shown(lang, f.name, c)))
                    .collect();
                return form.select(f.name, &label(lang, f.name), choices);
            }
            form.text(
                f.name,
                &label(lang, f.name),
                Options {
                    rows,
                    optional: !f.required,
                    ..Options::default()
                },
            )
        })
        .collect();
    let free = fields.is_empty();
    view! {
        <section class="card-plain task" aria-labelledby="task-heading">
            <h2 class="kern-heading-medium" id="task-heading">{lang.t("task-title")}</h2>
            <p class="written">{text.to_owned()}</p>
            <form method="post" action=format!("{}/{}/antwort", urls::OWN_CASES, case.id) enctype="multipart/form-data" novalidate=true class="stack">
                {inputs}
                {picture.then(|| view! { {picture_field(lang, form, mark, asset)} {form.checkbox("einwilligung", lang.t("picture-consent"))} })}
                {form.text("antwort", &lang.t("task-answer"), Options { rows: 3, optional: !free, ..Options::default() })}
                {submit("primary", &lang.t("task-send"))}
            </form>
        </section>
    }
    .into_any()
}

fn pictures(lang: Lang, case: &str, files: Vec<CaseFile>) -> Option<AnyView> {
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
            let link = f.deleted_at.is_none().then(|| {
                view! { " "<a class="kern-link" href=format!("{}/{case}/bild/{}", urls::OWN_CASES, f.id)>{lang.t("picture-open")}</a> }
            });
            view! { <li class="kern-body">{text}{link}</li> }
        })
        .collect();
    Some(
        view! {
            <section class="card-plain" aria-labelledby="pictures-heading">
                <h2 class="kern-heading-medium" id="pictures-heading">{lang.t("pictures-title")}</h2>
                <ul class="plain-list">{lines}</ul>
                <p class="kern-body kern-body--muted">{lang.t("picture-kept")}</p>
            </section>
        }
        .into_any(),
    )
}
