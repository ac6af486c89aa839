//! The second factor: entered when signing in, and set up under `/konto/sicherheit`. Passkeys, also for residents.

use crate::{
    cookies::renew_session,
    portal::{
        Answer, AssetUrl, Fault, Fields, Outcome, Page, Rq, Typed, begin_session, encode, refused, status_of,
    },
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, link_button, submit_as},
    },
};
use axum::http::StatusCode;
use backend::accounts::{self, Factors, NewApp, Owner, Question, Stage};
use domain::{problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// A form that the script `passkey.js` fills with the browser's answer.
fn passkey_form(
    lang: Lang,
    question: &Question,
    make: bool,
    act: &'static str,
    label: &str,
    fields: AnyView,
    asset: AssetUrl,
) -> AnyView {
    view! {
        <form method="post" class="stack" novalidate=true data-passkey=question.options.clone() data-make=make.then_some("true")
            data-failed=lang.t("passkey-cancelled") data-missing=lang.t("passkey-missing")>
            <input type="hidden" name="vorgang" value=question.ceremony.to_string()/>
            <input type="hidden" name="antwort" value=""/>
            {fields}
            <p class="kern-body" role="alert" tabindex="-1" hidden=true></p>
            {submit_as("secondary", label, "tun", act)}
            <noscript><p class="kern-body">{lang.t("passkey-missing")}</p></noscript>
        </form>
        <script type="module" src=asset("passkey.js")></script>
    }
    .into_any()
}

fn ceremony(form: &Fields) -> Uuid {
    Uuid::parse_str(form.get("vorgang")).unwrap_or_default()
}

/// `/anmelden/zweiter-faktor`: after the password, a code or a passkey.
pub async fn second_factor(rq: Rq) -> Outcome {
    let token = rq.token.clone().unwrap_or_default();
    let Some(half) = accounts::half_session(&rq.ctx, &token).await? else {
        return Ok(Answer::go(urls::SIGN_IN));
    };
    let from = rq.form.as_ref().unwrap_or(&rq.query);
    let back = from.get("zurueck").to_owned();
    if half.stage == Stage::SetUp {
        return Ok(Answer::go(urls::SECURITY));
    }
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let entered = if form.get("tun") == "passkey" {
            accounts::enter_passkey(&rq.ctx, &rq.visitor, &token, ceremony(form), form.get("antwort")).await
        } else {
            accounts::enter_code(&rq.ctx, &rq.visitor, &token, form.get("code")).await
        };
        match refused(entered)? {
            Ok((token, _)) => {
                let to = urls::safe_return(&back)
                    .filter(|b| *b != urls::START)
                    .unwrap_or(urls::STAFF);
                return Ok(Answer::Go {
                    to: to.to_owned(),
                    cookies: vec![begin_session(&rq.ctx, &token, true)],
                });
            }
            Err(refusal) => problems = Problems::one("code", refusal.key()),
        }
    }
    let question = accounts::begin_second(&rq.ctx, &half).await?;
    let factors = accounts::factors(&rq.ctx, half.account).await?;
    let lang = rq.lang;
    let asset = rq.asset;
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            problems,
            ..Typed::default()
        },
    );
    let title = lang.t("second-title");
    Ok(Page::new(title.clone(), move || {
        let app = factors.app;
        let hint = if app { "second-code-hint" } else { "second-recovery-hint" };
        let label = lang.t(if app { "second-code" } else { "second-recovery" });
        let keep = back.clone();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {question.map(|q| {
                let fields = view! { <input type="hidden" name="zurueck" value=keep/> }.into_any();
                passkey_form(lang, &q, false, "passkey", &lang.t("second-passkey"), fields, asset)
            })}
            <form method="post" novalidate=true class="stack">
                <input type="hidden" name="zurueck" value=back/>
                {form.text("code", &label, Options { autocomplete: "one-time-code", width: 22, hint, ..Options::default() })}
                {submit_as("primary", &lang.t("continue"), "tun", "code")}
            </form>
            <p class="kern-body">{lang.t("second-lost")}</p>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/anmelden/passkey`: signing in without a name.
pub async fn passkey(rq: Rq) -> Outcome {
    let mut failed = false;
    if let Some(form) = &rq.form {
        let signed =
            accounts::passkey_sign_in(&rq.ctx, &rq.visitor, ceremony(form), form.get("antwort")).await;
        match refused(signed)? {
            Ok((token, who)) => {
                let staff = who.role.is_some();
                return Ok(Answer::Go {
                    to: if staff { urls::STAFF } else { urls::ACCOUNT }.to_owned(),
                    cookies: vec![begin_session(&rq.ctx, &token, staff)],
                });
            }
            Err(_) => failed = true,
        }
    }
    let question = accounts::begin_passkey_sign_in(&rq.ctx, &rq.visitor).await?;
    let lang = rq.lang;
    let asset = rq.asset;
    let title = lang.t("passkey-sign-in");
    Ok(Page::new(title.clone(), move || {
        view! {
            {failed.then(|| view! { <div tabindex="-1" data-focus="true">{alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t("passkey-unknown")}</p> })}</div> })}
            <h1 class="kern-heading-x-large">{title.clone()}</h1>
            <p class="kern-body">{lang.t("passkey-sign-in-how")}</p>
            {passkey_form(lang, &question, false, "passkey", &title, ().into_any(), asset)}
            {link_button("tertiary", urls::SIGN_IN, &lang.t("passkey-other-way"))}
        }
        .into_any()
    })
    .status(if failed { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
    .into())
}

/// Who is here: signed in, or on the way to setting up.
async fn owner(rq: &Rq) -> Result<Owner, Fault> {
    if let Some(who) = &rq.who {
        return Ok(Owner::signed_in(who));
    }
    let token = rq.token.clone().unwrap_or_default();
    let half = accounts::half_session(&rq.ctx, &token).await?;
    half.and_then(Owner::setting_up).ok_or(Fault::SignIn)
}

/// `/konto/sicherheit`.
pub async fn security(rq: Rq) -> Outcome {
    let owner = owner(&rq).await?;
    if accounts::signs_in_by_service(&rq.ctx, owner.account).await? {
        return Ok(super::service::note(&rq, rq.t("security-title"))?.into());
    }
    let mut problems = Problems::default();
    let mut carried = None;
    if let Some(form) = &rq.form {
        let done: Result<Vec<String>, Problems> = match form.get("tun") {
            "app" => {
                let made = refused(
                    accounts::confirm_app(
                        &rq.ctx,
                        &owner,
                        form.get("app_password"),
                        form.get("geheimnis"),
                        form.get("code"),
                    )
                    .await,
                )?;
                if made.is_err() {
                    carried = Some(form.get("geheimnis").to_owned());
                }
                made
            }
            "neuer-passkey" => refused(
                accounts::finish_passkey(
                    &rq.ctx,
                    &owner,
                    form.get("passkey_password"),
                    ceremony(form),
                    form.get("passkey_name"),
                    form.get("antwort"),
                )
                .await,
            )?,
            "codes" => {
                let who = rq.who.as_ref().ok_or(Fault::SignIn)?;
                refused(accounts::renew_codes(&rq.ctx, who, form.get("password")).await)?
            }
            "weg" => {
                let who = rq.who.as_ref().ok_or(Fault::SignIn)?;
                let passkey = Uuid::parse_str(form.get("faktor")).ok();
                refused(accounts::remove_factor(&rq.ctx, who, passkey, form.get("password")).await)?
                    .map(|()| Vec::new())
            }
            "weiter" => Ok(Vec::new()),
            _ => return Err(Fault::NotFound),
        };
        match done {
            Err(p) => problems = p,
            // what is shown once stands on this page; without it the page is loaded anew
            Ok(codes) if !codes.is_empty() => {
                let mut page = show(&rq, &owner, problems, codes, carried).await?;
                page.cookies = renew_session(&rq).await?;
                return Ok(page.into());
            }
            Ok(_) => return finished(&rq).await,
        }
    }
    Ok(show(&rq, &owner, problems, Vec::new(), carried).await?.into())
}

/// Back to the page, or on into the portal for whoever had to set up first.
async fn finished(rq: &Rq) -> Outcome {
    let token = rq.token.clone().unwrap_or_default();
    if rq.who.is_none()
        && let Some((token, _)) = accounts::finish_set_up(&rq.ctx, &rq.visitor, &token).await?
    {
        return Ok(Answer::Go {
            to: urls::STAFF.to_owned(),
            cookies: vec![begin_session(&rq.ctx, &token, true)],
        });
    }
    // the password was typed for everything that is done here, but not for having read the codes
    let cookies = match rq.typed().get("tun") {
        "weiter" => Vec::new(),
        _ => renew_session(rq).await?,
    };
    Ok(Answer::Go {
        to: urls::SECURITY.to_owned(),
        cookies,
    })
}

async fn show(
    rq: &Rq,
    owner: &Owner,
    problems: Problems,
    codes: Vec<String>,
    carried: Option<String>,
) -> Result<Page, Fault> {
    let lang = rq.lang;
    let asset = rq.asset;
    let staff = rq.who.as_ref().is_none_or(|w| w.role.is_some());
    let setting_up = rq.who.is_none();
    let factors = accounts::factors(&rq.ctx, owner.account).await?;
    let app = if staff && !factors.app && codes.is_empty() {
        Some(match carried {
            Some(c) => accounts::same_app(&rq.ctx, owner.account, &owner.name, &c).await?,
            None => accounts::new_app(&rq.ctx, owner.account, &owner.name).await?,
        })
    } else {
        None
    };
    // an address of digits can have no passkeys
    let question = if codes.is_empty() {
        accounts::begin_passkey(&rq.ctx, owner).await.ok()
    } else {
        None
    };
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: rq
                .typed()
                .without(&["password", "passkey_password", "app_password", "antwort"]),
            problems,
        },
    );
    let title = lang.t(if staff { "security-title" } else { "passkeys-title" });
    let mut page = Page::new(title.clone(), move || {
        if !codes.is_empty() {
            return recovery(lang, &title, &codes);
        }
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {setting_up.then(|| alert("info", &lang.t("security-must-title"), view! { <p class="kern-body">{lang.t("security-must")}</p> }))}
            {(!setting_up).then(|| present(lang, &form, &factors, staff))}
            {question.map(|q| {
                let name = form.text("passkey_name", &lang.t("passkey-name"), Options { optional: true, width: 30, hint: "passkey-name-hint", ..Options::default() });
                let name = view! { {name}{(!setting_up).then(|| own_password(lang, &form, "passkey_password"))} }.into_any();
                view! {
                    <section class="card-plain" aria-labelledby="passkey-heading">
                        <h2 class="kern-heading-medium" id="passkey-heading">{lang.t("passkey-new")}</h2>
                        <p class="kern-body">{lang.t("passkey-how")}</p>
                        {passkey_form(lang, &q, true, "neuer-passkey", &lang.t("passkey-new"), name, asset)}
                    </section>
                }
            })}
            {app.map(|(app, carried)| app_form(lang, &form, app, carried, !setting_up))}
        }
        .into_any()
    })
    .status(status);
    if staff && !setting_up {
        page.area = crate::portal::Area::Staff;
    }
    Ok(page)
}

fn recovery(lang: Lang, title: &str, codes: &[String]) -> AnyView {
    let items: Vec<_> = codes
        .iter()
        .map(|c| view! { <li><code>{c.clone()}</code></li> })
        .collect();
    view! {
        <h1 class="kern-heading-x-large">{title.to_owned()}</h1>
        {alert("success", &lang.t("recovery-title"), view! { <p class="kern-body">{lang.t("recovery-how")}</p> })}
        <ul class="kern-list recovery-codes">{items}</ul>
        <form method="post">{submit_as("primary", &lang.t("recovery-noted"), "tun", "weiter")}</form>
    }
    .into_any()
}

/// What is set up, and how to take it off.
fn present(lang: Lang, form: &Form, factors: &Factors, staff: bool) -> AnyView {
    let row = |name: String, facts: String, id: String| {
        let label = lang.with("factor-remove", &[("name", &name)]);
        view! {
            <li class="session">
                <span><strong>{name}</strong>" "<span class="muted">{facts}</span></span>
                <details>
                    <summary>{label.clone()}</summary>
                    <form method="post" class="stack details-body" novalidate=true>
                        <input type="hidden" name="faktor" value=id/>
                        {form.text("password", &lang.t("password"), Options { kind: "password", autocomplete: "current-password", ..Options::default() })}
                        {submit_as("secondary", &label, "tun", "weg")}
                    </form>
                </details>
            </li>
        }
        .into_any()
    };
    let mut rows = Vec::new();
    if factors.app {
        rows.push(row(lang.t("factor-app"), String::new(), String::new()));
    }
    for key in &factors.passkeys {
        let facts = match key.used_at {
            Some(at) => lang.with("passkey-used", &[("wann", &day(lang, at))]),
            None => lang.with("passkey-made", &[("wann", &day(lang, key.created_at))]),
        };
        rows.push(row(key.name.clone(), facts, key.id.to_string()));
    }
    let none = rows.is_empty();
    let few = factors.recovery_codes < 3;
    let left = lang.with("recovery-left", &[("n", &factors.recovery_codes.to_string())]);
    view! {
        <section class="card-plain" aria-labelledby="factors-heading">
            <h2 class="kern-heading-medium" id="factors-heading">{lang.t("factors-title")}</h2>
            {none.then(|| view! { <p class="kern-body">{lang.t(if staff { "factors-none" } else { "passkeys-none" })}</p> })}
            <ul class="plain-list">{rows}</ul>
            {(staff && factors.any()).then(|| view! {
                <p class="kern-body">{left}" "{few.then(|| badge("warning", &lang.t("recovery-few")))}</p>
                <details open=form.problem("password").is_some()>
                    <summary>{lang.t("recovery-renew")}</summary>
                    <form method="post" class="stack details-body" novalidate=true>
                        {form.text("password", &lang.t("password"), Options { kind: "password", autocomplete: "current-password", ..Options::default() })}
                        {submit_as("secondary", &lang.t("recovery-renew"), "tun", "codes")}
                    </form>
                </details>
            })}
        </section>
    }
    .into_any()
}

/// The password again, before something that opens a way into the account.
fn own_password(lang: Lang, form: &Form, name: &'static str) -> AnyView {
    form.text(
        name,
        &lang.t("password"),
        Options {
            kind: "password",
            autocomplete: "current-password",
            hint: "password-again",
            ..Options::default()
        },
    )
}

fn app_form(lang: Lang, form: &Form, app: NewApp, carried: String, ask: bool) -> AnyView {
    let src = format!("data:image/svg+xml,{}", encode(&app.qr));
    view! {
        <section class="card-plain" aria-labelledby="app-heading">
            <h2 class="kern-heading-medium" id="app-heading">{lang.t("app-title")}</h2>
            <ol class="kern-list">
                <li>{lang.t("app-step-1")}</li>
                <li>{lang.t("app-step-2")}</li>
                <li>{lang.t("app-step-3")}</li>
            </ol>
            <img class="app-code" src=src alt=lang.t("app-code-alt") width="200" height="200"/>
            <p class="kern-body">{lang.t("app-secret")}" "<code>{app.secret}</code></p>
            <form method="post" class="stack" novalidate=true>
                <input type="hidden" name="geheimnis" value=carried/>
                {form.text("code", &lang.t("second-code"), Options { autocomplete: "one-time-code", mode: "numeric", width: 10, ..Options::default() })}
                {ask.then(|| own_password(lang, form, "app_password"))}
                {submit_as("secondary", &lang.t("app-confirm"), "tun", "app")}
            </form>
        </section>
    }
    .into_any()
}
