//! Pages that begin with a mail: sign in by e-mail, forgotten password, invitation; and "that was not me".

use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, begin_session, refused},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::accounts::{self, FreezeRefusal, LinkRefusal, Purpose, SignInRefusal};
use domain::{problem::Problems, urls};
use leptos::prelude::*;
use uuid::Uuid;

fn status(problems: &Problems) -> StatusCode {
    if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}

/// A page with one field for a name or an address, and a button.
fn ask_page(rq: &Rq, typed: Typed, key: &'static str, button: &'static str) -> Page {
    let lang = rq.lang;
    let status = status(&typed.problems);
    let form = Form::new(lang, typed);
    let title = lang.t(&format!("{key}-title"));
    let without = lang.with("link-without-mail", &[("telefon", &rq.settings.telephone)]);
    Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t(&format!("{key}-intro"))}</p>
            <form method="post" novalidate=true class="stack">
                {form.text("name", &lang.t("sign-in-name"), Options { autocomplete: "username", hint: "sign-in-name-hint", ..Options::default() })}
                {submit("primary", &lang.t(button))}
            </form>
            <h2 class="kern-heading-medium">{lang.t("link-without-mail-title")}</h2>
            <p class="kern-body">{without}</p>
            <div class="buttons">{link_button("secondary", urls::NEW_LETTER, &lang.t("link-new-letter"))}{link_button("tertiary", urls::SIGN_IN, &lang.t("sign-in"))}</div>
        }
        .into_any()
    })
    .status(status)
}

/// `/passwort-vergessen`.
pub async fn forgotten(rq: Rq) -> Outcome {
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        let asked = accounts::request_link(&rq.ctx, &rq.visitor, form.get("name"), Purpose::Password).await;
        match refused(asked)? {
            Ok(_) => return Ok(sent_page(&rq).into()),
            Err(problems) => {
                typed = Typed {
                    values: form.clone(),
                    problems,
                }
            }
        }
    }
    Ok(ask_page(&rq, typed, "forgotten", "forgotten-send").into())
}

fn sent_page(rq: &Rq) -> Page {
    let lang = rq.lang;
    let title = lang.t("link-sent-title");
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("link-sent")}</p>
            {link_button("secondary", urls::SIGN_IN, &lang.t("sign-in"))}
        }
        .into_any()
    })
}

/// `/anmelden/e-mail`: asks for the mail, then for its six digits.
pub async fn by_mail(rq: Rq) -> Outcome {
    let Some(form) = rq.form.clone() else {
        return Ok(ask_page(&rq, Typed::default(), "by-mail", "by-mail-send").into());
    };
    if form.get("tun") == "code" {
        let id = Uuid::parse_str(form.get("mail")).unwrap_or_default();
        let signed = accounts::sign_in_with_code(&rq.ctx, &rq.visitor, id, form.get("code")).await;
        return Ok(match refused(signed)? {
            Ok((token, _)) => Answer::Go {
                to: urls::ACCOUNT.to_owned(),
                cookies: vec![begin_session(&rq.ctx, &token, false)],
            },
            Err(refusal) => code_page(&rq, id, Problems::one("code", refusal_key(refusal))).into(),
        });
    }
    let asked = accounts::request_link(&rq.ctx, &rq.visitor, form.get("name"), Purpose::SignIn).await;
    Ok(match refused(asked)? {
        Ok(id) => code_page(&rq, id, Problems::default()).into(),
        Err(problems) => {
            let typed = Typed {
                values: form,
                problems,
            };
            ask_page(&rq, typed, "by-mail", "by-mail-send").into()
        }
    })
}

fn refusal_key(refusal: SignInRefusal) -> &'static str {
    match refusal {
        SignInRefusal::Wrong => "by-mail-wrong",
        SignInRefusal::TooMany => "problem-too-many",
        SignInRefusal::Unconfirmed => "problem-unconfirmed",
        SignInRefusal::Suspended => "problem-suspended",
        SignInRefusal::Frozen => "problem-frozen",
    }
}

fn code_page(rq: &Rq, id: Uuid, problems: Problems) -> Page {
    let lang = rq.lang;
    let status = status(&problems);
    let form = Form::new(
        lang,
        Typed {
            problems,
            ..Typed::default()
        },
    );
    let title = lang.t("by-mail-code-title");
    Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("by-mail-code-intro")}</p>
            <form method="post" novalidate=true class="stack">
                <input type="hidden" name="mail" value=id.to_string()/>
                {form.text("code", &lang.t("by-mail-code"), Options { autocomplete: "one-time-code", mode: "numeric", width: 10, ..Options::default() })}
                {submit_as("primary", &lang.t("sign-in"), "tun", "code")}
            </form>
            <p class="kern-body"><a class="kern-link" href=urls::SIGN_IN_MAIL>{lang.t("by-mail-again")}</a></p>
        }
        .into_any()
    })
    .status(status)
}

/// `/anmelden/link`: a GET shows a button, the button signs in.
pub async fn sign_in_link(rq: Rq) -> Outcome {
    let token = token(&rq);
    if rq.form.is_some() {
        let signed = accounts::sign_in_with_link(&rq.ctx, &rq.visitor, &token).await;
        return Ok(match refused(signed)? {
            Ok((token, _)) => Answer::Go {
                to: urls::ACCOUNT.to_owned(),
                cookies: vec![begin_session(&rq.ctx, &token, false)],
            },
            Err(_) => gone_page(&rq, urls::SIGN_IN_MAIL).into(),
        });
    }
    if !accounts::link_is_good(&rq.ctx, &token, Purpose::SignIn).await? {
        return Ok(gone_page(&rq, urls::SIGN_IN_MAIL).into());
    }
    let lang = rq.lang;
    let title = lang.t("sign-in");
    Ok(Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title.clone()}</h1>
            <p class="kern-body">{lang.t("link-press")}</p>
            <form method="post"><input type="hidden" name="t" value=token/>{submit("primary", &title)}</form>
        }
        .into_any()
    })
    .into())
}

fn token(rq: &Rq) -> String {
    let from = rq.form.as_ref().unwrap_or(&rq.query);
    from.get("t").to_owned()
}

fn gone_page(rq: &Rq, again: &'static str) -> Page {
    let lang = rq.lang;
    let title = lang.t("link-gone-title");
    let text = lang.with("link-gone", &[("telefon", &rq.settings.telephone)]);
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{text}</p>
            {link_button("secondary", again, &lang.t("link-again"))}
        }
        .into_any()
    })
    .status(StatusCode::GONE)
}

/// `/passwort-neu`: the link of a forgotten password.
pub async fn new_password(rq: Rq) -> Outcome {
    choose_password(rq, Purpose::Password, "new-password", urls::FORGOTTEN).await
}

/// `/einladung`: the link of an invitation.
pub async fn invitation(rq: Rq) -> Outcome {
    choose_password(rq, Purpose::Invite, "invitation", urls::SIGN_IN).await
}

async fn choose_password(rq: Rq, purpose: Purpose, key: &'static str, again: &'static str) -> Outcome {
    let token = token(&rq);
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        match refused(accounts::use_password_link(&rq.ctx, &token, purpose, form.get("password")).await)? {
            Ok(()) => return Ok(Answer::go(format!("{}?neu=1", urls::SIGN_IN))),
            Err(LinkRefusal::Gone) => return Ok(gone_page(&rq, again).into()),
            Err(LinkRefusal::Problems(p)) => problems = p,
        }
    } else if !accounts::link_is_good(&rq.ctx, &token, purpose).await? {
        return Ok(gone_page(&rq, again).into());
    }
    let lang = rq.lang;
    let status = status(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: Fields::default(),
            problems,
        },
    );
    let title = lang.t(&format!("{key}-title"));
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t(&format!("{key}-intro"))}</p>
            <form method="post" novalidate=true class="stack">
                <input type="hidden" name="t" value=token/>
                {form.text("password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                {submit("primary", &lang.t("save"))}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/das-war-ich-nicht`: freezes the account with the number of a confirmation.
pub async fn not_me(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let mut typed = Typed::default();
    let mut done = false;
    if let Some(form) = &rq.form {
        match refused(accounts::freeze(&rq.ctx, &rq.visitor, form.get("nummer")).await)? {
            Ok(()) => done = true,
            Err(refusal) => {
                let code = match refusal {
                    FreezeRefusal::Unknown => "not-me-unknown",
                    FreezeRefusal::TooMany => "not-me-too-many",
                };
                typed = Typed {
                    values: form.clone(),
                    problems: Problems::one("nummer", code),
                };
            }
        }
    }
    let status = status(&typed.problems);
    let form = Form::new(lang, typed);
    let title = lang.t("not-me-title");
    let next = lang.with("not-me-done", &[("telefon", &rq.settings.telephone)]);
    Ok(Page::new(title.clone(), move || {
        let body = if done {
            alert("success", &lang.t("not-me-done-title"), view! { <p class="kern-body">{next}</p> })
        } else {
            view! {
                <p class="kern-body">{lang.t("not-me-intro")}</p>
                <form method="post" novalidate=true class="stack">
                    {form.text("nummer", &lang.t("not-me-number"), Options { width: 14, hint: "not-me-hint", ..Options::default() })}
                    {submit("primary", &lang.t("not-me-button"))}
                </form>
            }
            .into_any()
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {body}
        }
        .into_any()
    })
    .status(status)
    .into())
}
