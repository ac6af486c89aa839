//! The town's sign-in service: setting it up, and the way there and back.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, begin_session, refused, respond, set_cookie},
    ui::{
        form::{Form, Options},
        view::{alert, link_button, submit, submit_as},
    },
};
use axum::http::{HeaderValue, StatusCode, header};
use backend::{
    Failure, Never,
    accounts::{self, ServiceAnswer, ServiceRefusal, SignInService},
};
use domain::{access::Permission, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;

use super::roles::role_name;

/// Holds what the browser brings back, for ten minutes.
const COOKIE: &str = "anmeldedienst";

/// `/anmelden/dienst`: asks (GET), then goes on to the service (POST): a link from elsewhere signs nobody in who is still
/// signed in there (OWASP ASVS 5.0, 7.6.2). The content security policy lets forms go nowhere else, so a page stands
/// between that goes on by itself.
pub async fn begin(rq: Rq) -> Outcome {
    let Some(form) = &rq.form else {
        return ask(&rq).await;
    };
    let begun = accounts::begin_service(&rq.ctx, form.get("zurueck")).await;
    match refused(begun)? {
        Ok((url, carried)) => {
            let cookie = set_cookie(&rq.ctx, COOKIE, &carried, 600);
            let onward = HeaderValue::from_str(&format!("0; url={url}"))
                .map_err(|_| Failure::<Never>::broken("the address of the sign-in service is no header"))?;
            let mut page = going_on(rq.lang, url);
            page.cookies = vec![cookie];
            let mut response = respond(rq, Ok(page.into()));
            response.headers_mut().insert(header::REFRESH, onward);
            Ok(Answer::Raw(response))
        }
        Err(refusal) => Ok(no(&rq, refusal).into()),
    }
}

/// The button that goes on to the service.
pub(super) fn to_service(label: &str, back: &str) -> impl IntoView + use<> {
    view! {
        <form method="post" action=urls::SERVICE>
            <input type="hidden" name="zurueck" value=back.to_owned()/>
            {submit("secondary", label)}
        </form>
    }
}

async fn ask(rq: &Rq) -> Outcome {
    let Some(label) = accounts::service_label(&rq.ctx).await? else {
        return Ok(no(rq, ServiceRefusal::NotSetUp).into());
    };
    let title = rq.t("service-staff");
    let back = rq.query.get("zurueck").to_owned();
    Ok(Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {to_service(&label, &back)}
        }
        .into_any()
    })
    .into())
}

fn going_on(lang: Lang, url: String) -> Page {
    let title = lang.t("service-going");
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body"><a class="kern-link" href=url rel="noreferrer">{lang.t("service-go")}</a></p>
        }
        .into_any()
    })
}

/// `/anmelden/dienst/zurueck`: the service sends people back here.
pub async fn finish(rq: Rq) -> Outcome {
    let answer = ServiceAnswer {
        state: rq.query.get("state"),
        code: rq.query.get("code"),
        issuer: rq.query.get("iss"),
    };
    let carried = rq.cookie(COOKIE).unwrap_or_default();
    let finished = accounts::finish_service(&rq.ctx, &rq.visitor, &carried, answer).await;
    match refused(finished)? {
        Ok((token, _, back)) => Ok(Answer::Go {
            to: urls::safe_return(&back)
                .filter(|b| !b.is_empty() && *b != urls::START)
                .unwrap_or(urls::STAFF)
                .to_owned(),
            cookies: vec![
                begin_session(&rq.ctx, &token, true),
                set_cookie(&rq.ctx, COOKIE, "", 0),
            ],
        }),
        Err(refusal) => Ok(no(&rq, refusal).into()),
    }
}

fn no(rq: &Rq, refusal: ServiceRefusal) -> Page {
    let key = match refusal {
        ServiceRefusal::NotSetUp => "service-not-set-up",
        ServiceRefusal::Stale => "service-stale",
        ServiceRefusal::Cancelled => "service-cancelled",
        ServiceRefusal::Service => "service-trouble",
        ServiceRefusal::NoRole => "service-no-role",
        ServiceRefusal::Taken => "service-taken",
        ServiceRefusal::Deactivated => "service-deactivated",
        ServiceRefusal::TooMany => "problem-too-many",
    };
    let lang = rq.lang;
    let title = lang.t("service-failed");
    let again = refusal != ServiceRefusal::NotSetUp;
    let status = match refusal {
        ServiceRefusal::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ServiceRefusal::NotSetUp => StatusCode::NOT_FOUND,
        ServiceRefusal::Service => StatusCode::BAD_GATEWAY,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Page::new(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {alert("danger", &lang.t(key), ())}
            <div class="buttons">
                {again.then(|| link_button("primary", urls::SERVICE, &lang.t("link-again")))}
                {link_button("secondary", urls::SIGN_IN, &lang.t("sign-in"))}
            </div>
        }
        .into_any()
    })
    .status(status)
}

/// The values of one role, as they were typed: separated by commas or lines.
fn split(typed: &str) -> Vec<String> {
    typed
        .split([',', '\n', '\r'])
        .map(|v| v.trim().to_owned())
        .filter(|v| !v.is_empty())
        .collect()
}

/// `/verwaltung/team/anmeldedienst`.
pub async fn set_up(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageStaff)?;
    let roles = accounts::roles(&rq.ctx, actor).await?;
    let present = accounts::sign_in_service(&rq.ctx, actor).await?;
    let field = |key: &str| format!("werte-{key}");
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let line = |name: &str| form.get(name).trim().to_owned();
        let new = SignInService {
            active: form.has("active"),
            label: line("label"),
            issuer: line("issuer"),
            client_id: line("client_id"),
            claim: line("claim"),
            rules: roles
                .iter()
                .map(|l| (l.role.key.clone(), split(form.get(&field(&l.role.key)))))
                .collect(),
            trust_email: form.has("trust_email"),
        };
        let saved = accounts::save_sign_in_service(&rq.ctx, actor, &new, form.get("secret").trim()).await;
        match refused(saved)? {
            Ok(()) => return Ok(Answer::go(format!("{}?gespeichert=1", urls::SERVICE_SETUP))),
            Err(p) => problems = p,
        }
    }
    let lang = rq.lang;
    let known = present.is_some();
    let values = match (&rq.form, present) {
        (Some(form), _) => form.clone(),
        (None, Some(s)) => {
            let mut values = Fields::default()
                .with("label", &s.label)
                .with("issuer", &s.issuer)
                .with("client_id", &s.client_id)
                .with("claim", &s.claim);
            if s.active {
                values = values.with("active", "ja");
            }
            if s.trust_email {
                values = values.with("trust_email", "ja");
            }
            s.rules.iter().fold(values, |f, (role, values)| {
                f.with(&field(role), values.join(", "))
            })
        }
        (None, None) => Fields::default()
            .with("label", lang.t("service-label-default"))
            .with("claim", "roles")
            .with("active", "ja"),
    };
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let back_to = accounts::service_return(&rq.ctx);
    let form = Form::new(lang, Typed { values, problems });
    let title = lang.t("service-title");
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = roles
            .iter()
            .map(|l| {
                let options = Options {
                    optional: true,
                    autocomplete: "off",
                    ..Options::default()
                };
                form.text(&field(&l.role.key), &role_name(lang, &l.role), options)
            })
            .collect();
        let line = |name: &str, label: &str, hint: &'static str| {
            let options = Options {
                hint,
                autocomplete: "off",
                ..Options::default()
            };
            form.text(name, &lang.t(label), options)
        };
        let secret_hint = if known { "service-secret-keep" } else { "service-secret-hint" };
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::TEAM>{lang.t("nav-team")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {saved.then(|| alert("success", &lang.t("service-saved"), ()))}
            <p class="kern-body">{lang.t("service-intro")}</p>
            <p class="kern-body">{lang.t("service-only-way")}</p>
            <section class="card-plain" aria-labelledby="there">
                <h2 class="kern-heading-medium" id="there">{lang.t("service-there")}</h2>
                <p class="kern-body">{lang.t("service-there-how")}</p>
                <p class="command"><code>{back_to}</code></p>
            </section>
            <form method="post" novalidate=true class="stack">
                {line("label", "service-label", "service-label-hint")}
                {line("issuer", "service-issuer", "service-issuer-hint")}
                {line("client_id", "service-client", "service-client-hint")}
                {form.text("secret", &lang.t("service-secret"), Options { kind: "password", autocomplete: "off", hint: secret_hint, optional: known, ..Options::default() })}
                {line("claim", "service-claim", "service-claim-hint")}
                <fieldset class="kern-fieldset stack">
                    <legend class="kern-heading-small">{lang.t("service-roles")}</legend>
                    <p class="kern-body">{lang.t("service-roles-how")}</p>
                    {rows}
                </fieldset>
                {form.checkbox("trust_email", lang.t("service-trust-email"))}
                {form.checkbox("active", lang.t("service-active"))}
                {submit_as("primary", &lang.t("service-save"), "tun", "speichern")}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// Somebody whom the service signs in has no factors here.
pub(super) fn note(rq: &Rq, title: String) -> Result<Page, Fault> {
    let lang = rq.lang;
    Ok(Page::staff(title.clone(), move || {
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {alert("info", &lang.t("account-by-service-title"), view! { <p class="kern-body">{lang.t("account-by-service")}</p> })}
            {link_button("secondary", urls::ACCOUNT, &lang.t("nav-account"))}
        }
        .into_any()
    }))
}
