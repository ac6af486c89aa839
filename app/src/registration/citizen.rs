//! Pages of registration.

use super::{
    refusal,
    scanner::{Scanner, ScannerTexts},
    user_id::{UserIdField, UserIdTexts},
};
use crate::{
    portal::{Answer, Outcome, Page, Rq, Typed, begin_session, refused},
    ui::{
        form::{Form, Options},
        view::{TOWN, alert, in_german, link_button, paragraphs, submit},
    },
};
use backend::{
    accounts::{self, ConfirmRefusal, OpenRegistration},
    registration::{self, Claim, Code, Proven, RedeemRefusal},
};
use domain::{
    cases::{CaseKind, CaseState},
    letters::code::{CodeProblem, UserId, grouped},
    municipality::RegistrationMethod,
    urls,
};
use leptos::prelude::*;

/// `/registrieren`: scan, photograph or type. A POST with a code shows whose letter it is.
pub async fn start(rq: Rq) -> Outcome {
    let Some(form) = &rq.form else {
        return Ok(ask_for_code(&rq, String::new(), None).same_for_everybody().into());
    };
    let code = match form.get("code") {
        "" => match UserId::parse(form.get("benutzer_id")) {
            Ok(id) => Code::Typed(id),
            Err(problem) => {
                let text = say(&rq, problem);
                let page = ask_for_code(&rq, grouped(form.get("benutzer_id")), Some(text));
                return Ok(page.status(axum::http::StatusCode::UNPROCESSABLE_ENTITY).into());
            }
        },
        payload => match Code::parse(payload) {
            Some(code) => code,
            None => return Ok(refusal::page(&rq, domain::registration::Refusal::NotProven).into()),
        },
    };
    Ok(
        match refused(registration::prove(&rq.ctx, &rq.visitor, &code).await)? {
            Ok(proven) => account_form(&rq, &code, &proven, Typed::default()).into(),
            Err(refusal) => refusal::page(&rq, refusal).into(),
        },
    )
}

/// `/r`: where a letter's QR code leads. The payload is in the fragment: a small script moves it into a form.
pub async fn letter_link(rq: Rq) -> Outcome {
    let script = (rq.asset)("letter-link.js");
    let (opening, title) = (rq.t("link-opening"), rq.t("register-title"));
    let typed = typed_form(&rq, String::new(), None);
    Ok(Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <form id="letter-link" method="post" action=urls::REGISTER hidden=true>
                <input type="hidden" name="code" id="letter-link-code"/>
            </form>
            <p class="kern-body" id="letter-link-opening" role="status" hidden=true>{opening}</p>
            <script src=script></script>
            <div id="letter-link-typed">{typed()}</div>
        }
        .into_any()
    })
    .same_for_everybody()
    .into())
}

fn say(rq: &Rq, problem: CodeProblem) -> String {
    match problem {
        CodeProblem::Empty => rq.t("user-id-empty"),
        CodeProblem::Length { have } => rq.lang.n("user-id-length", have),
        CodeProblem::Character { group } => rq.t("user-id-character").replace("{n}", &group.to_string()),
        CodeProblem::Typo { group: Some(group) } => rq.t("user-id-typo").replace("{n}", &group.to_string()),
        CodeProblem::Typo { group: None } => rq.t("user-id-typo-somewhere"),
    }
}

fn typed_form(rq: &Rq, value: String, problem: Option<String>) -> impl Fn() -> AnyView + Send + use<> {
    let texts = UserIdTexts {
        label: rq.t("user-id-label"),
        hint: rq.t("user-id-hint"),
        typo: rq.t("user-id-typo"),
        typo_somewhere: rq.t("user-id-typo-somewhere"),
        character: rq.t("user-id-character"),
        fits: rq.t("user-id-fits"),
    };
    let go_on = rq.t("continue");
    move || {
        let (texts, value, problem) = (texts.clone(), value.clone(), problem.clone());
        view! {
            <form method="post" action=urls::REGISTER novalidate=true class="stack">
                <UserIdField texts=texts value=value problem=problem/>
                {submit("primary", &go_on)}
            </form>
        }
        .into_any()
    }
}

/// The sentences of the scanner.
pub fn scanner_texts(rq: &Rq) -> ScannerTexts {
    ScannerTexts {
        start: rq.t("scan-start"),
        stop: rq.t("scan-stop"),
        torch: rq.t("scan-torch"),
        cameras: rq.t("scan-cameras"),
        photo: rq.t("scan-photo"),
        looking: rq.t("scan-looking"),
        nearer: rq.t("scan-nearer"),
        dark: rq.t("scan-dark"),
        steady: rq.t("scan-steady"),
        found: rq.t("scan-found"),
        foreign: rq.t("scan-foreign"),
        nothing: rq.t("scan-nothing"),
        reading: rq.t("scan-reading"),
        denied: rq.t("scan-denied"),
        missing: rq.t("scan-missing"),
        busy: rq.t("scan-busy"),
        insecure: rq.t("scan-insecure"),
        worker: (rq.asset)("scanner-worker.js"),
        mark: false,
    }
}

fn ask_for_code(rq: &Rq, value: String, problem: Option<String>) -> Page {
    let props = scanner_texts(rq);
    let typed = typed_form(rq, value, problem);
    let open = rq.settings.residents_register == RegistrationMethod::Open && rq.who.is_none();
    let lang = rq.lang;
    let title = rq.t("register-title");
    let contact = lang.with("register-help", &[("telefon", &rq.settings.telephone)]);
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("register-intro")}</p>
            {waiting_code(lang)}
            <section class="card-plain" aria-labelledby="scan-heading">
                <h2 class="kern-heading-medium" id="scan-heading">{lang.t("scan-heading")}</h2>
                <form id="scan-form" method="post" action=urls::REGISTER hidden=true><input type="hidden" name="code" id="scan-code"/></form>
                <p class="kern-body needs-wasm-note">{lang.t("scan-without")}</p>
                <Scanner props=props/>
            </section>
            <section class="card-plain" aria-labelledby="type-heading">
                <h2 class="kern-heading-medium" id="type-heading">{lang.t("type-heading")}</h2>
                {typed()}
            </section>
            {open.then(|| view! {
                <section class="card-plain" aria-labelledby="open-heading">
                    <h2 class="kern-heading-medium" id="open-heading">{lang.t("open-heading")}</h2>
                    <p class="kern-body">{lang.t("open-intro")}</p>
                    {link_button("secondary", urls::REGISTER_OPEN, &lang.t("open-button"))}
                </section>
            })}
            <p class="kern-body">{contact}" "<a class="kern-link" href=urls::HELP>{lang.t("nav-help")}</a></p>
        }
        .into_any()
    })
}

/// A code that waits in this browser because it could not be sent; `waiting.js` shows it if there is one.
pub fn waiting_code(lang: locales::Lang) -> AnyView {
    view! {
        <section class="card-plain" data-waiting="" aria-labelledby="waiting-heading" hidden=true>
            <h2 class="kern-heading-medium" id="waiting-heading">{lang.t("waiting-title")}</h2>
            <p class="kern-body" role="status">{lang.t("waiting-text")}" "<strong data-until=""></strong></p>
            <form method="post" action=urls::REGISTER class="buttons">
                <input type="hidden" data-code=""/>
                <input type="hidden" name="seit"/>
                <button type="submit" class="kern-btn kern-btn--primary" data-go=""><span class="kern-label">{lang.t("waiting-go")}</span></button>
                <button type="button" class="kern-btn kern-btn--tertiary" data-forget=""><span class="kern-label">{lang.t("waiting-forget")}</span></button>
            </form>
        </section>
    }
    .into_any()
}

/// `/offline`: what the service worker shows without a network. It says nothing about anybody, so it can be kept; the
/// scanner works, and a code waits until it can be sent.
pub async fn offline(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let title = lang.t("offline-title");
    let props = scanner_texts(&rq);
    let typed = typed_form(&rq, String::new(), None);
    Ok(Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("offline-text")}</p>
            <div role="status"><div data-back="" hidden=true>
                {alert("success", &lang.t("offline-back"), view! { <a class="kern-link" href="">{lang.t("reload")}</a> })}
            </div></div>
            {waiting_code(lang)}
            <section class="card-plain" aria-labelledby="scan-heading">
                <h2 class="kern-heading-medium" id="scan-heading">{lang.t("offline-letter-heading")}</h2>
                <p class="kern-body">{lang.t("offline-letter")}</p>
                <form id="scan-form" method="post" action=urls::REGISTER hidden=true><input type="hidden" name="code" id="scan-code"/></form>
                <Scanner props=props/>
            </section>
            <section class="card-plain" aria-labelledby="type-heading">
                <h2 class="kern-heading-medium" id="type-heading">{lang.t("type-heading")}</h2>
                {typed()}
            </section>
        }
        .into_any()
    })
    .into())
}

/// The form for the account, after the secret was proven. The code travels in a hidden field: no cookie, no state.
fn account_form(rq: &Rq, code: &Code, proven: &Proven, typed: Typed) -> Page {
    let lang = rq.lang;
    let text = code.text();
    let signed_in = rq
        .who
        .as_ref()
        .filter(|w| w.role.is_none())
        .map(|w| w.name.clone());
    let title = lang.t("account-form-title");
    let whose = lang.with(
        "account-form-whose",
        &[("name", &proven.name), ("ort", &proven.city)],
    );
    let again = proven.again && signed_in.is_none();
    let organisation = proven.organisation;
    let ask_birth_date = proven.ask_birth_date;
    let version = rq.settings.terms_version.to_string();
    let status = if typed.problems.is_empty() { 200 } else { 422 };
    let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let form = Form::new(lang, typed);
    Page::new(title.clone(), move || {
        let consent = view! {
            {lang.t("consent-before")}" "<a class="kern-link" href=urls::TERMS target="_blank">{lang.with("consent-link", &[("version", &version)])}</a>" "{lang.t("consent-after")}
        };
        let account = match &signed_in {
            Some(name) => {
                let key = if organisation { "account-form-organisation-signed-in" } else { "account-form-signed-in" };
                let text = lang.with(key, &[("name", name)]);
                view! { <p class="kern-body">{text}</p> }.into_any()
            }
            None => view! {
                {organisation.then(|| view! {
                    <p class="kern-body">{lang.t("account-form-organisation")}" "<a class="kern-link" href=urls::SIGN_IN>{lang.t("sign-in")}</a></p>
                    {form.text("name", &lang.t("apply-own-name"), Options { autocomplete: "name", ..Options::default() })}
                })}
                {form.text("password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                {(!again).then(|| form.text("email", &lang.t("email"), Options { kind: "email", autocomplete: "email", hint: "email-hint", optional: true, mode: "email", ..Options::default() }))}
            }
            .into_any(),
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="whose">{whose}</p>
            <p class="kern-body">{lang.t("account-form-not-you")}</p>
            {again.then(|| alert("info", &lang.t("account-form-again-title"), view! { <p class="kern-body">{lang.t("account-form-again")}</p> }))}
            <form method="post" action=urls::REGISTER_ACCOUNT novalidate=true class="stack">
                <input type="hidden" name="code" value=text/>
                {ask_birth_date.then(|| form.date("birth", &lang.t("birth-date"), "birth-date-hint"))}
                {account}
                {form.checkbox("consent", consent)}
                {submit("primary", &lang.t("account-form-submit"))}
            </form>
        }
        .into_any()
    })
    .status(status)
}

/// `/registrieren/konto`: redeems the letter.
pub async fn account(rq: Rq) -> Outcome {
    let Some(form) = rq.form.clone() else {
        return Ok(Answer::go(urls::REGISTER));
    };
    let Some(code) = Code::parse(form.get("code")) else {
        return Ok(Answer::go(urls::REGISTER));
    };
    let claim = Claim {
        password: form.get("password").to_owned(),
        email: form.get("email").to_owned(),
        consent: form.has("consent"),
        birth_date: form.date("birth"),
        name: form.get("name").to_owned(),
    };
    let result = registration::redeem(&rq.ctx, &rq.visitor, &code, &claim, rq.who.as_ref()).await;
    Ok(match refused(result)? {
        Ok(done) => {
            let cookies = done
                .session
                .iter()
                .map(|token| begin_session(&rq.ctx, token, false))
                .collect();
            let mail = if claim.email.trim().is_empty() {
                ""
            } else {
                "&mail=1"
            };
            Answer::Go {
                to: format!("{}?neu=1{mail}", urls::ACCOUNT),
                cookies,
            }
        }
        Err(RedeemRefusal::Letter(refusal)) => refusal::page(&rq, refusal).into(),
        Err(RedeemRefusal::Form(problems)) => {
            match refused(registration::prove(&rq.ctx, &rq.visitor, &code).await)? {
                Ok(proven) => account_form(
                    &rq,
                    &code,
                    &proven,
                    Typed {
                        values: form.without(&["password"]),
                        problems,
                    },
                )
                .into(),
                Err(refusal) => refusal::page(&rq, refusal).into(),
            }
        }
    })
}

/// `/registrieren/offen`: registration with an e-mail address, where the municipality allows it.
pub async fn open(rq: Rq) -> Outcome {
    if rq.settings.residents_register != RegistrationMethod::Open {
        return Ok(Answer::go(urls::REGISTER));
    }
    let Some(typed) = rq.form.clone() else {
        return Ok(open_form(&rq, Typed::default()).into());
    };
    let form = OpenRegistration {
        name: typed.get("name").to_owned(),
        email: typed.get("email").to_owned(),
        password: typed.get("password").to_owned(),
        consent: typed.has("consent"),
    };
    Ok(
        match refused(accounts::register_open(&rq.ctx, &rq.visitor, &form).await)? {
            Err(problems) => open_form(
                &rq,
                Typed {
                    values: typed.without(&["password"]),
                    problems,
                },
            )
            .into(),
            Ok(()) => {
                let lang = rq.lang;
                let title = lang.t("open-sent-title");
                let text = lang.with("open-sent", &[("email", form.email.trim())]);
                Page::new(title.clone(), move || {
                    view! {
                        <div class="calm">
                            <h1 class="kern-heading-large">{title}</h1>
                            <p class="kern-body">{text}</p>
                            {link_button("secondary", urls::START, &lang.t("to-start"))}
                        </div>
                    }
                    .into_any()
                })
                .into()
            }
        },
    )
}

fn open_form(rq: &Rq, typed: Typed) -> Page {
    let lang = rq.lang;
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("open-title");
    let version = rq.settings.terms_version.to_string();
    Page::new(title.clone(), move || {
        let consent = view! {
            {lang.t("consent-before")}" "<a class="kern-link" href=urls::TERMS target="_blank">{lang.with("consent-link", &[("version", &version)])}</a>" "{lang.t("consent-after")}
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("open-form-intro")}</p>
            <form method="post" novalidate=true class="stack">
                {form.text("name", &lang.t("name"), Options { autocomplete: "name", ..Options::default() })}
                {form.text("email", &lang.t("email"), Options { kind: "email", autocomplete: "email", mode: "email", ..Options::default() })}
                {form.text("password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                {form.checkbox("consent", consent)}
                {submit("primary", &lang.t("open-submit"))}
            </form>
        }
        .into_any()
    })
    .status(status)
}

/// `/bestaetigen`: a GET only shows a form, because mail scanners open links; the POST confirms. Whoever is not signed
/// in gives the password.
pub async fn confirm_email(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let Some(form) = rq.form.clone() else {
        return Ok(confirm_form(&rq, rq.query.get("t").to_owned(), Typed::default()).into());
    };
    let token = form.get("t").to_owned();
    let result = accounts::confirm_email(
        &rq.ctx,
        &rq.visitor,
        rq.who.as_ref(),
        &token,
        form.get("password"),
    )
    .await;
    match refused(result)? {
        Ok((session, who)) => {
            // who asked for admission goes on with the proof
            let draft = match who.role {
                None => backend::cases::own_cases(&rq.ctx, &who).await?,
                Some(_) => Vec::new(),
            };
            let draft = draft
                .into_iter()
                .find(|c| c.case.kind == CaseKind::Admission && c.case.state == CaseState::Draft);
            let cookies = session
                .iter()
                .map(|s| begin_session(&rq.ctx, s, who.role.is_some()))
                .collect();
            Ok(Answer::Go {
                to: match draft {
                    Some(draft) => format!("{}/{}/nachweis", urls::OWN_CASES, draft.case.id),
                    None => format!("{}?bestaetigt=1", urls::ACCOUNT),
                },
                cookies,
            })
        }
        Err(ConfirmRefusal::Password(problems)) => {
            let typed = Typed {
                problems,
                ..Typed::default()
            };
            Ok(confirm_form(&rq, token, typed)
                .status(axum::http::StatusCode::UNPROCESSABLE_ENTITY)
                .into())
        }
        Err(ConfirmRefusal::Gone) => {
            let title = lang.t("confirm-gone-title");
            Ok(Page::new(title.clone(), move || {
                view! {
                    <div class="calm">
                        <h1 class="kern-heading-large">{title}</h1>
                        <p class="kern-body">{lang.t("confirm-gone")}</p>
                        {link_button("secondary", urls::SIGN_IN, &lang.t("sign-in"))}
                    </div>
                }
                .into_any()
            })
            .status(axum::http::StatusCode::GONE)
            .into())
        }
    }
}

fn confirm_form(rq: &Rq, token: String, typed: Typed) -> Page {
    let lang = rq.lang;
    let signed_in = rq.who.is_some() && typed.problems.is_empty();
    let form = Form::new(lang, typed);
    let title = lang.t("confirm-title");
    Page::new(title.clone(), move || {
        let password = Options {
            kind: "password",
            autocomplete: "current-password",
            hint: "confirm-password-hint",
            ..Options::default()
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("confirm-intro")}</p>
            <form method="post" action=urls::CONFIRM_EMAIL novalidate=true class="stack">
                <input type="hidden" name="t" value=token/>
                {(!signed_in).then(|| form.text("password", &lang.t("password"), password))}
                {submit("primary", &lang.t("confirm-button"))}
            </form>
        }
        .into_any()
    })
}

/// `/nutzungsbedingungen`: the terms with their version.
pub async fn terms(rq: Rq) -> Outcome {
    let title = rq.t("nav-terms");
    let version = rq.lang.n("terms-version", rq.settings.terms_version);
    let text = rq.settings.terms.clone();
    let lang = rq.lang;
    Ok(Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{version}</p>
            {in_german(lang)}
            <div lang=TOWN>{paragraphs(&text)}</div>
        }
        .into_any()
    })
    .into())
}
