//! The applicant begins: a new name or address, or a message; the proof of a request.

use super::view::{comparison, values};
use crate::{
    portal::{Answer, AssetUrl, Fault, Fields, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit, submit_as},
    },
};
use backend::cases::{self, BeginRefusal, OwnPage, PictureProblem};
use domain::{
    cases::{CaseKind, CaseState, Request},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// The complaint of a refusal, for the form it came from.
pub(crate) fn problems(refusal: BeginRefusal) -> Problems {
    match refusal {
        BeginRefusal::Problems(problems) => problems,
        BeginRefusal::NotVerified => Problems::one("", "profile-not-verified"),
        BeginRefusal::Open(_) => Problems::one("", "profile-open"),
        BeginRefusal::TooMany => Problems::one("", "case-too-many"),
        BeginRefusal::State => Problems::one("", "case-changed"),
        BeginRefusal::Picture(problem) => Problems::one("bild", problem.key()),
        BeginRefusal::Document(problem) => Problems::one("datei", problem.key()),
    }
}

/// `/konto/aendern`: another name or address.
pub async fn change_profile(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let lang = rq.lang;
    let kind = CaseKind::ProfileChange;
    let present = cases::begin_values(&rq.ctx, &who, kind).await?;
    let Some(present) = present else {
        return Ok(not_verified(lang).into());
    };
    let typed = match &rq.form {
        None => Typed {
            values: Fields(present.0.clone().into_iter().collect()),
            ..Typed::default()
        },
        Some(form) => {
            let request = Request::read(kind, |name| form.get(name).to_owned());
            match refused(cases::begin(&rq.ctx, &who, kind, &request).await)? {
                Ok(id) => return Ok(Answer::go(format!("{}/{id}/nachweis", urls::OWN_CASES))),
                Err(BeginRefusal::Open(id)) => {
                    return Ok(Answer::go(format!("{}/{id}?offen=1", urls::OWN_CASES)));
                }
                Err(refusal) => Typed {
                    values: form.clone(),
                    problems: problems(refusal),
                },
            }
        }
    };
    let status = status_of(&typed.problems);
    let form = Form::new(lang, typed);
    let title = lang.t("profile-title");
    Ok(Page::new(title.clone(), move || {
        let line = |name: &'static str, optional: bool, width: u32, complete: &'static str| {
            let hint = if name == "call_name" { "field-call_name-hint" } else { "" };
            form.text(name, &lang.t(&format!("field-{name}")), Options { optional, width, autocomplete: complete, hint, ..Options::default() })
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("profile-intro")}</p>
            <form method="post" novalidate=true class="stack">
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("profile-name")}</legend>
                    {line("doctorate", true, 10, "")}
                    {line("given_names", false, 0, "given-name")}
                    {line("call_name", true, 0, "")}
                    {line("family_name", false, 0, "family-name")}
                </fieldset>
                <fieldset class="card-plain stack"><legend class="kern-heading-medium">{lang.t("profile-address")}</legend>
                    <p class="kern-body">{lang.t("profile-address-hint")}</p>
                    {line("street", false, 0, "")}
                    {line("house_number", false, 10, "")}
                    {form.text("postcode", &lang.t("field-postcode"), Options { width: 10, mode: "numeric", autocomplete: "postal-code", ..Options::default() })}
                    {line("city", false, 0, "address-level2")}
                </fieldset>
                {form.text("reason", &lang.t("field-reason"), Options { rows: 3, hint: "field-reason-hint", ..Options::default() })}
                <div class="buttons">{submit("primary", &lang.t("continue"))}{link_button("secondary", urls::ACCOUNT, &lang.t("cancel"))}</div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn not_verified(lang: Lang) -> Page {
    let title = lang.t("profile-title");
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {alert("info", &lang.t("profile-not-verified-title"), view! { <p class="kern-body">{lang.t("profile-not-verified")}</p> })}
            <div class="buttons">
                {link_button("primary", urls::REGISTER, &lang.t("account-verify-button"))}
                {link_button("secondary", urls::WRITE, &lang.t("message-title"))}
            </div>
        }
        .into_any()
    })
}

/// `/konto/vorgaenge/{id}/nachweis`: a picture of the document, or the document at the desk.
pub async fn proof(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    if let Some(form) = &rq.form
        && form.get("tun") == "schalter"
    {
        return match refused(cases::prove_at_desk(&rq.ctx, &who, id).await)? {
            Ok(()) => Ok(Answer::go(format!("{}/{id}?gesendet=1", urls::OWN_CASES))),
            Err(refusal) => proof_page(&rq, problems(refusal)).await,
        };
    }
    proof_page(&rq, Problems::default()).await
}

/// A form with a file has arrived: the picture of a draft.
pub async fn proof_uploaded(rq: &Rq, form: &Fields, file: Result<Vec<u8>, PictureProblem>) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    if !form.has("einwilligung") {
        return proof_page(rq, Problems::one("einwilligung", "picture-consent-needed")).await;
    }
    let bytes = match file {
        Ok(bytes) => bytes,
        Err(problem) => return proof_page(rq, Problems::one("bild", problem.key())).await,
    };
    let consent = rq.lang.t("picture-consent");
    let marked = form.get("bearbeitet") == "ja";
    let sent = cases::submit_with_picture(&rq.ctx, &who, id, bytes, marked, &consent).await;
    match refused(sent)? {
        Ok(()) => Ok(Answer::go(format!("{}/{id}?gesendet=1", urls::OWN_CASES))),
        Err(refusal) => proof_page(rq, problems(refusal)).await,
    }
}

async fn proof_page(rq: &Rq, problems: Problems) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let page = cases::own_case(&rq.ctx, &who, id).await?;
    if page.case.state != CaseState::Draft {
        return Ok(Answer::go(format!("{}/{id}", urls::OWN_CASES)));
    }
    let lang = rq.lang;
    let typed = Typed {
        problems,
        ..Typed::default()
    };
    let status = status_of(&typed.problems);
    let form = Form::new(lang, typed);
    let mark = lang.with(
        "picture-watermark",
        &[("kommune", &rq.settings.sender), ("nummer", &page.case.number)],
    );
    let opening = rq.settings.opening_hours.clone();
    let place = format!(
        "{}, {} {}",
        rq.settings.street, rq.settings.postcode, rq.settings.city
    );
    let asset = rq.asset;
    let title = lang.t("proof-title");
    Ok(Page::new(title.clone(), move || {
        let OwnPage { case, request, before, .. } = page;
        let before = before.unwrap_or_default();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t(if case.kind == CaseKind::Admission { "proof-intro-admission" } else { "proof-intro" })}</p>
            <section class="card-plain" aria-labelledby="new-heading">
                <h2 class="kern-heading-medium" id="new-heading">{lang.t("proof-summary")}</h2>
                {match case.kind {
                    CaseKind::Admission => values(lang, case.kind, &request),
                    _ => view! { <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("case-compared")>{comparison(lang, case.kind, &before, &request, &[], false)}</div> }.into_any(),
                }}
                {link_button("tertiary", if case.kind == CaseKind::Admission { urls::APPLY } else { urls::CHANGE_PROFILE }, &lang.t("proof-back"))}
            </section>
            <section class="card-plain" aria-labelledby="picture-heading">
                <h2 class="kern-heading-medium" id="picture-heading">{lang.t("proof-picture")}</h2>
                <p class="kern-body">{lang.t("proof-picture-how")}</p>
                <details>
                    <summary>{lang.t("proof-where")}</summary>
                    <ul class="kern-list details-body">
                        <li>{lang.t("proof-where-name")}</li>
                        <li>{lang.t("proof-where-serial")}</li>
                        <li>{lang.t("proof-where-access")}</li>
                    </ul>
                </details>
                <form method="post" action=format!("{}/{}/nachweis/bild", urls::OWN_CASES, case.id) enctype="multipart/form-data" novalidate=true class="stack">
                    {picture_field(lang, &form, &mark, asset)}
                    {form.checkbox("einwilligung", lang.t("picture-consent"))}
                    <p class="kern-body kern-body--muted">{lang.t("picture-kept")}</p>
                    {submit("primary", &lang.t("proof-send"))}
                </form>
            </section>
            <section class="card-plain" aria-labelledby="desk-heading">
                <h2 class="kern-heading-medium" id="desk-heading">{lang.t("proof-desk")}</h2>
                <p class="kern-body">{lang.with("proof-desk-how", &[("ort", &place), ("zeiten", &opening)])}</p>
                <form method="post">{submit_as("secondary", &lang.t("proof-desk-button"), "tun", "schalter")}</form>
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// The field for a picture; the script `id-picture.js` makes an editor of it.
pub(super) fn picture_field(lang: Lang, form: &Form, watermark: &str, asset: AssetUrl) -> AnyView {
    const TEXTS: [&str; 22] = [
        "turn-left",
        "turn-right",
        "crop",
        "blacken",
        "undo",
        "reset",
        "another",
        "canvas-label",
        "help",
        "loaded",
        "turned",
        "cropped",
        "blackened",
        "undone",
        "was-reset",
        "corner",
        "mode-crop",
        "mode-blacken",
        "heic",
        "unreadable",
        "too-large",
        "too-small",
    ];
    let texts: serde_json::Map<String, serde_json::Value> = TEXTS
        .iter()
        .map(|key| {
            let text = lang.with(&format!("id-picture-{key}"), &[("n", "{n}")]);
            (camel(key), serde_json::Value::String(text))
        })
        .collect();
    let problem = form.problem("bild");
    let described = if problem.is_some() {
        "bild-hint bild-error"
    } else {
        "bild-hint"
    };
    let class = if problem.is_some() {
        "kern-form-input kern-form-input--error"
    } else {
        "kern-form-input"
    };
    let error = problem.map(|text| {
        view! { <p class="kern-error" id="bild-error">{crate::ui::view::icon("danger")}<span class="kern-body">{text}</span></p> }
    });
    view! {
        <div class=format!("id-picture {class}") data-id-picture="true" data-watermark=watermark.to_owned() data-texts=serde_json::Value::Object(texts).to_string()>
            <label class="kern-label" for="bild">{lang.t("picture-label")}</label>
            <div class="kern-hint" id="bild-hint">{lang.t("picture-hint")}</div>
            <input class="kern-form-input__input" type="file" id="bild" name="bild" accept="image/*" aria-describedby=described/>
            <input type="hidden" name="bearbeitet" value=""/>
            {error}
            <script type="module" src=asset("id-picture.js")></script>
        </div>
    }
    .into_any()
}

/// `turn-left` → `turnLeft`.
fn camel(key: &str) -> String {
    let mut parts = key.split('-');
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (first, rest) = part.split_at(1);
        out += &first.to_uppercase();
        out += rest;
    }
    out
}

/// `/konto/nachricht`: write to the town hall.
pub async fn message(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let lang = rq.lang;
    let kind = CaseKind::Message;
    let typed = match &rq.form {
        // a link may bring the subject along ("report this entry")
        None => Typed {
            values: Fields::default().with("subject", rq.query.get("betreff")),
            ..Typed::default()
        },
        Some(form) => {
            let request = Request::read(kind, |name| form.get(name).to_owned());
            match refused(cases::begin(&rq.ctx, &who, kind, &request).await)? {
                Ok(id) => return Ok(Answer::go(format!("{}/{id}?gesendet=1", urls::OWN_CASES))),
                Err(refusal) => Typed {
                    values: form.clone(),
                    problems: problems(refusal),
                },
            }
        }
    };
    let status = status_of(&typed.problems);
    let form = Form::new(lang, typed);
    let title = lang.t("message-title");
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("message-intro")}</p>
            <form method="post" novalidate=true class="stack">
                {form.text("subject", &lang.t("field-subject"), Options::default())}
                {form.text("text", &lang.t("field-text"), Options { rows: 8, ..Options::default() })}
                <div class="buttons">{submit("primary", &lang.t("message-send"))}{link_button("secondary", urls::OWN_CASES, &lang.t("cancel"))}</div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// A fault that a page for citizens gives when the case is not theirs.
pub(super) fn not_found(fault: Fault) -> Fault {
    match fault {
        Fault::Denied => Fault::NotFound,
        fault => fault,
    }
}
