//! Pages of the own account.

use crate::{
    cookies::renew_session,
    portal::{Answer, Area, Fault, Outcome, Page, Rq, Typed, begin_session, encode, end_session, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, item, link_button, moment, submit, submit_as},
    },
};
use axum::{http::header, response::IntoResponse};
use backend::accounts::{self, Overview, SignInRefusal, SignInStep};
use domain::{access::StaffRole, accounts::TrustLevel, problem::Problems, urls};
use leptos::prelude::*;
use uuid::Uuid;

use super::roles::role_name;

/// `/anmelden`.
pub async fn sign_in(rq: Rq) -> Outcome {
    let back = match &rq.form {
        Some(form) => form.get("zurueck").to_owned(),
        None => rq.query.get("zurueck").to_owned(),
    };
    let Some(form) = rq.form.clone() else {
        return Ok(match &rq.who {
            Some(who) => Answer::go(home(who.role.is_some())),
            None => sign_in_form(&rq, Typed::default(), &back).await?.into(),
        });
    };
    let result = accounts::sign_in(&rq.ctx, &rq.visitor, form.get("name"), form.get("password")).await;
    Ok(match refused(result)? {
        Ok(SignInStep::Half(token, _)) => Answer::Go {
            to: format!("{}?zurueck={}", urls::SECOND_FACTOR, encode(&back)),
            cookies: vec![begin_session(&rq.ctx, &token, true)],
        },
        Ok(SignInStep::In(token, who)) => {
            let staff = who.role.is_some();
            let to = urls::safe_return(&back)
                .filter(|b| *b != urls::START)
                .map_or_else(|| home(staff).to_owned(), str::to_owned);
            Answer::Go {
                to,
                cookies: vec![begin_session(&rq.ctx, &token, staff)],
            }
        }
        Err(refusal) => {
            let code = match refusal {
                SignInRefusal::Wrong => "problem-sign-in",
                SignInRefusal::TooMany => "problem-too-many",
                SignInRefusal::Unconfirmed => "problem-unconfirmed",
                SignInRefusal::Suspended => "problem-suspended",
                SignInRefusal::Frozen => "problem-frozen",
            };
            let status = if refusal == SignInRefusal::TooMany {
                429
            } else {
                422
            };
            let typed = Typed {
                values: form.without(&["password"]),
                problems: Problems::one("name", code),
            };
            sign_in_form(&rq, typed, &back)
                .await?
                .status(axum::http::StatusCode::from_u16(status).unwrap_or_default())
                .into()
        }
    })
}

fn home(staff: bool) -> &'static str {
    if staff { urls::STAFF } else { urls::ACCOUNT }
}

async fn sign_in_form(rq: &Rq, typed: Typed, back: &str) -> Result<Page, Fault> {
    let lang = rq.lang;
    let service = accounts::service_label(&rq.ctx).await?;
    let form = Form::new(lang, typed);
    let title = lang.t("sign-in");
    let (back, to) = (back.to_owned(), back.to_owned());
    let fresh = rq.query.has("neu");
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            {fresh.then(|| alert("success", &lang.t("password-saved"), ()))}
            <h1 class="kern-heading-x-large">{title}</h1>
            <form method="post" action=urls::SIGN_IN novalidate=true class="stack">
                <input type="hidden" name="zurueck" value=back/>
                {form.text("name", &lang.t("sign-in-name"), Options { autocomplete: "username", hint: "sign-in-name-hint", ..Options::default() })}
                {form.text("password", &lang.t("password"), Options { kind: "password", autocomplete: "current-password", ..Options::default() })}
                {submit("primary", &lang.t("sign-in"))}
            </form>
            <h2 class="kern-heading-medium">{lang.t("sign-in-other")}</h2>
            <ul class="kern-list">
                <li><a class="kern-link" href=urls::SIGN_IN_PASSKEY>{lang.t("passkey-sign-in")}</a></li>
                <li><a class="kern-link" href=urls::SIGN_IN_MAIL>{lang.t("by-mail-title")}</a></li>
                <li><a class="kern-link" href=urls::FORGOTTEN>{lang.t("forgotten-title")}</a></li>
            </ul>
            <p class="kern-body">{lang.t("sign-in-no-account")}" "<a class="kern-link" href=urls::REGISTER>{lang.t("register-title")}</a></p>
            {service.map(|label| view! {
                <section class="card-plain" aria-labelledby="service-heading">
                    <h2 class="kern-heading-medium" id="service-heading">{lang.t("service-staff")}</h2>
                    {super::service::to_service(&label, &to)}
                </section>
            })}
        }
        .into_any()
    }))
}

/// `/konto/bleiben`: whoever asks is seen, so the session goes on. `/konto/anwesend` only asks. Answers with the seconds
/// that are left.
pub async fn stay(rq: Rq) -> Outcome {
    let who = rq.who.as_ref().ok_or(Fault::SignIn)?;
    let left = (who.ends.0 - rq.ctx.clock.now()).num_seconds();
    let headers = [(header::CACHE_CONTROL, "private, no-store")];
    Ok(Answer::Raw((headers, left.to_string()).into_response()))
}

/// `/abmelden`: only by POST, so that no link signs anybody out.
pub async fn sign_out(rq: Rq) -> Outcome {
    if rq.form.is_none() {
        return Ok(Answer::go(urls::START));
    }
    if let Some(token) = &rq.token {
        accounts::sign_out(&rq.ctx, token).await?;
    }
    let mut cookies = vec![end_session(&rq.ctx)];
    cookies.extend(crate::push::signed_out(&rq).await?);
    Ok(Answer::Go {
        to: urls::START.to_owned(),
        cookies,
    })
}

/// `/konto`: data, evidence, sign-in data, sessions. A POST says in `tun` what to do.
pub async fn account(rq: Rq) -> Outcome {
    let who = rq.who.clone().ok_or(Fault::SignIn)?;
    let Some(form) = rq.form.clone() else {
        return show(&rq, Typed::default()).await;
    };
    let problems = match form.get("tun") {
        "passwort" => {
            let result =
                accounts::change_password(&rq.ctx, &who, form.get("old_password"), form.get("new_password"))
                    .await;
            match refused(result)? {
                Ok(()) => return renewed(&rq, "passwort").await,
                Err(problems) => problems,
            }
        }
        "email" => {
            match refused(
                accounts::request_email(
                    &rq.ctx,
                    &who,
                    form.get("email_password"),
                    form.get("email"),
                    rq.lang.code(),
                )
                .await,
            )? {
                Ok(()) => return renewed(&rq, "mail").await,
                Err(problems) => problems,
            }
        }
        "sitzung" => {
            let which = Uuid::parse_str(form.get("sitzung")).map_err(|_| Fault::NotFound)?;
            accounts::end_sessions(&rq.ctx, &who, Some(which)).await?;
            return Ok(Answer::go(urls::ACCOUNT));
        }
        "sitzungen" => {
            accounts::end_sessions(&rq.ctx, &who, None).await?;
            return Ok(Answer::go(urls::ACCOUNT));
        }
        act if act.starts_with("push-") => match crate::push::act(&rq, &who, &form).await? {
            Ok(answer) => return Ok(answer),
            Err(problems) => problems,
        },
        _ => Problems::default(),
    };
    show(
        &rq,
        Typed {
            values: form.without(&["old_password", "new_password", "email_password"]),
            problems,
        },
    )
    .await
}

/// Back to the account, with a new token: the password was typed.
async fn renewed(rq: &Rq, done: &str) -> Outcome {
    Ok(Answer::Go {
        to: format!("{}?{done}=1", urls::ACCOUNT),
        cookies: renew_session(rq).await?,
    })
}

async fn show(rq: &Rq, typed: Typed) -> Outcome {
    let who = rq.who.as_ref().ok_or(Fault::SignIn)?;
    let staff = who.role.clone();
    let by_service = accounts::signs_in_by_service(&rq.ctx, who.account).await?;
    let overview = accounts::overview(&rq.ctx, who).await?;
    let organisations = match &staff {
        None if rq.settings.has_organisations() => backend::organisations::memberships(&rq.ctx, who).await?,
        _ => Vec::new(),
    };
    let freeze = match &staff {
        None => accounts::freeze_number(&rq.ctx, who.account).await?,
        Some(_) => String::new(),
    };
    let push = crate::push::devices(rq, who).await?;
    let asset = rq.asset;
    let lang = rq.lang;
    let notes: Vec<&str> = ["neu", "mail", "passwort", "bestaetigt"]
        .into_iter()
        .filter(|n| rq.query.has(n))
        .collect();
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("nav-account");
    let present = who.session;
    let sign_in_name = overview.sign_in_name.clone().unwrap_or_default();
    let notes: Vec<(String, String)> = notes
        .into_iter()
        .map(|n| {
            (
                lang.t(&format!("account-note-{n}-title")),
                lang.with(&format!("account-note-{n}"), &[("name", &sign_in_name)]),
            )
        })
        .collect();
    let is_staff = staff.is_some();
    let talks = rq.settings.ideas || rq.settings.comments;
    let mut page = Page::new(title.clone(), move || {
        let notes: Vec<_> =
            notes.into_iter().map(|(title, text)| alert("success", &title, view! { <p class="kern-body">{text}</p> })).collect();
        let unverified = overview.level < TrustLevel::Municipal && staff.is_none();
        view! {
            {form.summary()}
            {notes}
            <h1 class="kern-heading-x-large">{title}</h1>
            {own_data(lang, &overview, staff.as_ref())}
            {unverified.then(|| view! {
                <section class="card-plain" aria-labelledby="verify-heading">
                    <h2 class="kern-heading-medium" id="verify-heading">{lang.t("account-verify-heading")}</h2>
                    <p class="kern-body">{lang.t("account-verify")}</p>
                    {link_button("primary", urls::REGISTER, &lang.t("account-verify-button"))}
                </section>
            })}
            {staff.is_none().then(|| view! {
                <section class="card-plain" aria-labelledby="cases-heading">
                    <h2 class="kern-heading-medium" id="cases-heading">{lang.t("own-cases")}</h2>
                    <p class="kern-body">{lang.t("account-cases")}</p>
                    <div class="buttons">
                        {link_button("primary", urls::OWN_CASES, &lang.t("own-cases"))}
                        {link_button("secondary", urls::CHANGE_PROFILE, &lang.t("profile-title"))}
                        {link_button("secondary", urls::WRITE, &lang.t("message-title"))}
                        {talks.then(|| link_button("secondary", urls::OWN_TALK, &lang.t("own-talk-title")))}
                    </div>
                </section>
            })}
            {(!organisations.is_empty()).then(|| {
                let lines: Vec<AnyView> = organisations.iter().map(|m| {
                    let role = lang.t(&format!("member-role-{}", m.role));
                    view! { <li><a class="kern-link" href=format!("{}/{}", urls::OWN_ORGANISATION, m.organisation)>{m.name.clone()}</a>" "<span class="muted">{role}</span></li> }.into_any()
                }).collect();
                view! {
                    <section class="card-plain" aria-labelledby="organisations-heading">
                        <h2 class="kern-heading-medium" id="organisations-heading">{lang.t("account-organisations")}</h2>
                        <ul class="plain-list">{lines}</ul>
                    </section>
                }
            })}
            {(!by_service).then(|| sign_in_data(lang, &overview, &form))}
            {sessions(lang, &overview, present)}
            {push.map(|p| crate::push::section(lang, &form, p, asset))}
            {by_service.then(|| alert("info", &lang.t("account-by-service-title"), view! { <p class="kern-body">{lang.t("account-by-service")}</p> }))}
            {(!by_service).then(|| view! { <section class="card-plain" aria-labelledby="security-heading">
                <h2 class="kern-heading-medium" id="security-heading">{lang.t(if staff.is_some() { "security-title" } else { "passkeys-title" })}</h2>
                <p class="kern-body">{lang.t(if staff.is_some() { "security-teaser" } else { "passkeys-teaser" })}</p>
                <div class="buttons">
                    {link_button("secondary", urls::SECURITY, &lang.t("security-open"))}
                    {staff.is_none().then(|| link_button("secondary", urls::MY_DATA, &lang.t("own-data-title")))}
                </div>
                {staff.is_none().then(|| view! { <p class="kern-body">{lang.with("not-me-keep", &[("nummer", &freeze)])}" "<a class="kern-link" href=urls::NOT_ME>{lang.t("not-me-title")}</a></p> })}
            </section> })}
            {staff.is_none().then(|| view! {
                <section class="card-plain" aria-labelledby="delete-heading">
                    <h2 class="kern-heading-medium" id="delete-heading">{lang.t("delete-heading")}</h2>
                    <p class="kern-body">{lang.t("delete-teaser")}</p>
                    {link_button("secondary", urls::ACCOUNT_DELETE, &lang.t("delete-heading"))}
                </section>
            })}
        }
        .into_any()
    })
    .status(status);
    if is_staff {
        page.area = Area::Staff;
    }
    Ok(page.into())
}

fn own_data(lang: locales::Lang, o: &Overview, staff: Option<&StaffRole>) -> AnyView {
    if let Some(role) = staff {
        return view! {
            <section class="card-plain" aria-labelledby="data-heading">
                <h2 class="kern-heading-medium" id="data-heading">{lang.t("account-data")}</h2>
                <dl class="kern-description-list">
                    {item(&lang.t("name"), o.name.clone())}
                    {item(&lang.t("role"), role_name(lang, role))}
                </dl>
            </section>
        }
        .into_any();
    }
    let level = match o.level {
        TrustLevel::Municipal => badge("success", &lang.t("level-municipal")).into_any(),
        TrustLevel::Email => badge("info", &lang.t("level-email")).into_any(),
        TrustLevel::None => badge("warning", &lang.t("level-none")).into_any(),
    };
    let locked = o.level == TrustLevel::Municipal;
    let address: Vec<_> = o
        .address
        .iter()
        .map(|l| view! { <span class="line">{l.clone()}</span> })
        .collect();
    let evidence: Vec<_> = o
        .evidence
        .iter()
        .map(|e| {
            let number = e.letter_number.clone().unwrap_or_default();
            let text = lang.with(
                &format!("evidence-{}", e.kind.key()),
                &[("datum", &day(lang, e.at)), ("nummer", &number)],
            );
            view! { <li>{text}</li> }
        })
        .collect();
    let consent = o.consent.map(|(version, at)| {
        let text = lang.with(
            "account-consent",
            &[("version", &version.to_string()), ("datum", &day(lang, at))],
        );
        item(&lang.t("nav-terms"), text)
    });
    view! {
        <section class="card-plain" aria-labelledby="data-heading">
            <h2 class="kern-heading-medium" id="data-heading">{lang.t("account-data")}</h2>
            <dl class="kern-description-list">
                {item(&lang.t("name"), o.name.clone())}
                {(!address.is_empty()).then(|| item(&lang.t("address"), address))}
                {item(&lang.t("level"), level)}
                {(!evidence.is_empty()).then(|| item(&lang.t("evidence"), view! { <ul class="plain-list">{evidence}</ul> }))}
                {consent}
                {item(&lang.t("account-since"), day(lang, o.created_at))}
            </dl>
            {locked.then(|| view! { <p class="kern-body kern-body--muted">{lang.t("account-locked")}</p> })}
        </section>
    }
    .into_any()
}

fn sign_in_data(lang: locales::Lang, o: &Overview, form: &Form) -> AnyView {
    let email = o.email.clone().unwrap_or_else(|| lang.t("none"));
    view! {
        <section class="card-plain" aria-labelledby="sign-in-heading">
            <h2 class="kern-heading-medium" id="sign-in-heading">{lang.t("account-sign-in-data")}</h2>
            <dl class="kern-description-list">
                {o.sign_in_name.clone().map(|n| item(&lang.t("account-sign-in-name"), n))}
                {item(&lang.t("email"), email)}
            </dl>
            <details open=form.problem("email").or(form.problem("email_password")).is_some()>
                <summary>{lang.t("account-change-email")}</summary>
                <form method="post" novalidate=true class="stack">
                    {form.text("email", &lang.t("email-new"), Options { kind: "email", autocomplete: "email", mode: "email", hint: "email-change-hint", ..Options::default() })}
                    {form.text("email_password", &lang.t("password"), Options { kind: "password", autocomplete: "current-password", hint: "password-again", ..Options::default() })}
                    {submit_as("secondary", &lang.t("account-change-email-button"), "tun", "email")}
                </form>
            </details>
            <details open=form.problem("new_password").or(form.problem("old_password")).is_some()>
                <summary>{lang.t("account-change-password")}</summary>
                <form method="post" novalidate=true class="stack">
                    {form.text("old_password", &lang.t("password-old"), Options { kind: "password", autocomplete: "current-password", ..Options::default() })}
                    {form.text("new_password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                    {submit_as("secondary", &lang.t("account-change-password"), "tun", "passwort")}
                </form>
            </details>
        </section>
    }
    .into_any()
}

fn sessions(lang: locales::Lang, o: &Overview, present: Uuid) -> AnyView {
    let several = o.sessions.len() > 1;
    let lines: Vec<_> = o
        .sessions
        .iter()
        .map(|s| {
            let text = lang.with(
                "session-line",
                &[("geraet", &s.device), ("datum", &moment(lang, s.seen_at))],
            );
            let end = if s.public_id == present {
                badge("info", &lang.t("session-this")).into_any()
            } else {
                view! {
                    <form method="post">
                        <input type="hidden" name="sitzung" value=s.public_id.to_string()/>
                        {submit_as("tertiary", &lang.t("session-end"), "tun", "sitzung")}
                    </form>
                }
                .into_any()
            };
            view! { <li class="session"><span>{text}</span>{end}</li> }
        })
        .collect();
    view! {
        <section class="card-plain" aria-labelledby="sessions-heading">
            <h2 class="kern-heading-medium" id="sessions-heading">{lang.t("sessions")}</h2>
            <ul class="plain-list">{lines}</ul>
            {several.then(|| view! { <form method="post">{submit_as("secondary", &lang.t("sessions-end-others"), "tun", "sitzungen")}</form> })}
        </section>
    }
    .into_any()
}

/// `/konto/loeschen`.
pub async fn delete(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    let lang = rq.lang;
    let typed = match &rq.form {
        None => Typed::default(),
        Some(form) => match refused(accounts::delete(&rq.ctx, &who, form.get("password")).await)? {
            Ok(()) => {
                return Ok(Answer::Go {
                    to: format!("{}?geloescht=1", urls::START),
                    cookies: vec![end_session(&rq.ctx)],
                });
            }
            Err(problems) => Typed {
                problems,
                ..Typed::default()
            },
        },
    };
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.t("delete-heading");
    let points: Vec<String> = (1..=4).map(|i| lang.t(&format!("delete-point-{i}"))).collect();
    Ok(Page::new(title.clone(), move || {
        let points: Vec<_> = points.into_iter().map(|p| view! { <li>{p}</li> }).collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("delete-intro")}</p>
            <ul class="kern-list">{points}</ul>
            <form method="post" novalidate=true class="stack">
                {form.text("password", &lang.t("password"), Options { kind: "password", autocomplete: "current-password", hint: "delete-password-hint", ..Options::default() })}
                <div class="buttons">{submit("danger", &lang.t("delete-submit"))}{link_button("secondary", urls::ACCOUNT, &lang.t("cancel"))}</div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
