//! Settings: contact, registration, letters, legal texts.

use crate::{
    portal::{Answer, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, submit},
    },
};
use backend::municipality::{self, Refusal};
use domain::{
    access::Permission,
    letters::state::DEFAULT_VALIDITY_DAYS,
    municipality::{BlockedRoute, RegistrationMethod, Settings, land::Land},
    problem::Problems,
    urls,
};
use leptos::prelude::*;

fn to_fields(s: &Settings) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in [
        ("name", &s.name),
        ("sender", &s.sender),
        ("department", &s.department),
        ("street", &s.street),
        ("postcode", &s.postcode),
        ("city", &s.city),
        ("telephone", &s.telephone),
        ("email", &s.email),
        ("opening_hours", &s.opening_hours),
        ("colour", &s.colour),
        ("terms", &s.terms),
        ("land", &s.land),
    ] {
        fields = fields.with(name, value);
    }
    fields = fields
        .with("residents_register", s.residents_register.key())
        .with("organisations_register", s.organisations_register.key())
        .with("minimum_age", s.minimum_age)
        .with("crowd", s.crowd)
        .with("blocked_route", s.blocked_route.key())
        .with("retention_days", s.retention_days)
        .with("house_rules", &s.house_rules)
        .with("validity_days", s.validity_days)
        .with("reissue_limit", s.reissue_limit)
        .with("reissue_days", s.reissue_days);
    for (name, on) in [
        ("directory", s.directory),
        ("market", s.market),
        ("surveys", s.surveys),
        ("ideas", s.ideas),
        ("comments", s.comments),
        ("moderate_entries", s.moderate_entries),
        ("ask_birth_date", s.ask_birth_date),
        ("reissue_four_eyes", s.reissue_four_eyes),
        ("reissue_public", s.reissue_public),
        ("name_change_four_eyes", s.name_change_four_eyes),
        ("staff_second_factor", s.staff_second_factor),
    ] {
        if on {
            fields = fields.with(name, "ja");
        }
    }
    fields
}

fn from_fields(f: &Fields, before: &Settings) -> Settings {
    // browsers send \r\n
    let text = |name: &str| f.get(name).replace("\r\n", "\n").trim().to_owned();
    Settings {
        name: text("name"),
        sender: text("sender"),
        department: text("department"),
        street: text("street"),
        postcode: text("postcode"),
        city: text("city"),
        telephone: text("telephone"),
        email: text("email"),
        opening_hours: text("opening_hours"),
        colour: text("colour").to_lowercase(),
        residents_register: RegistrationMethod::parse(f.get("residents_register"))
            .unwrap_or(before.residents_register),
        organisations_register: RegistrationMethod::parse(f.get("organisations_register"))
            .unwrap_or(before.organisations_register),
        directory: f.has("directory"),
        market: f.has("market"),
        surveys: f.has("surveys"),
        ideas: f.has("ideas"),
        comments: f.has("comments"),
        house_rules: text("house_rules"),
        moderate_entries: f.has("moderate_entries"),
        ask_birth_date: f.has("ask_birth_date"),
        minimum_age: text("minimum_age").parse().unwrap_or(u32::MAX),
        crowd: text("crowd").parse().unwrap_or(u32::MAX),
        blocked_route: BlockedRoute::parse(f.get("blocked_route")).unwrap_or(before.blocked_route),
        retention_days: text("retention_days").parse().unwrap_or(0),
        validity_days: text("validity_days").parse().unwrap_or(0),
        reissue_limit: text("reissue_limit").parse().unwrap_or(0),
        reissue_days: text("reissue_days").parse().unwrap_or(0),
        reissue_four_eyes: f.has("reissue_four_eyes"),
        reissue_public: f.has("reissue_public"),
        name_change_four_eyes: f.has("name_change_four_eyes"),
        staff_second_factor: f.has("staff_second_factor"),
        terms_version: before.terms_version,
        terms: text("terms"),
        imprint: before.imprint.clone(),
        land: text("land"),
    }
}

/// `/verwaltung/einstellungen`.
pub async fn settings(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ChangeSettings)?;
    let Some(form) = rq.form.clone() else {
        return show(
            &rq,
            Typed {
                values: to_fields(&rq.settings),
                problems: Problems::default(),
            },
        );
    };
    let version = form.get("version").parse().unwrap_or(-1);
    let new = from_fields(&form, &rq.settings);
    match refused(municipality::save(&rq.ctx, actor, new, version).await)? {
        Ok(()) => Ok(Answer::go(format!("{}?gespeichert=1", urls::SETTINGS))),
        Err(Refusal::Problems(problems)) => show(
            &rq,
            Typed {
                values: form,
                problems,
            },
        ),
        Err(Refusal::Stale) => show(
            &rq,
            Typed {
                values: form,
                problems: Problems::one("", "problem-stale"),
            },
        ),
    }
}

fn show(rq: &Rq, typed: Typed) -> Outcome {
    let lang = rq.lang;
    let saved = rq.query.has("gespeichert") && typed.problems.is_empty();
    let status = if typed.problems.is_empty() {
        axum::http::StatusCode::OK
    } else {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    };
    let long_validity = typed
        .values
        .get("validity_days")
        .parse::<i64>()
        .is_ok_and(|d| d > DEFAULT_VALIDITY_DAYS);
    let form = Form::new(lang, typed);
    let version = rq.settings_version.to_string();
    let terms_version = rq.settings.terms_version.to_string();
    let title = lang.t("nav-settings");
    Ok(Page::staff(title.clone(), move || {
        let line = |name: &'static str, key: &str| form.text(name, &lang.t(key), Options::default());
        let optional = |name: &'static str, key: &str| form.text(name, &lang.t(key), Options { optional: true, ..Options::default() });
        let area = |name: &'static str, key: &str, rows: u32, optional: bool| form.text(name, &lang.t(key), Options { rows, optional, ..Options::default() });
        let lands = || {
            let all = Land::all().map(|l| (l.key().to_owned(), l.name().to_owned()));
            std::iter::once((String::new(), lang.t("settings-land-none"))).chain(all).collect()
        };
        let methods = || {
            [RegistrationMethod::Letter, RegistrationMethod::Open].map(|m| (m.key(), lang.t(&format!("method-{}", m.key())))).to_vec()
        };
        view! {
            {form.summary()}
            {saved.then(|| alert("success", &lang.t("saved-title"), view! { <p class="kern-body">{lang.t("saved")}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            <form method="post" novalidate=true class="settings">
                <input type="hidden" name="version" value=version/>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("settings-registration")}</legend>
                    {form.radios("residents_register", &lang.t("settings-residents"), methods())}
                    {form.checkbox("ask_birth_date", lang.t("settings-ask-birth-date"))}
                    {form.text("minimum_age", &lang.t("settings-minimum-age"), Options { width: 5, mode: "numeric", hint: "settings-minimum-age-hint", ..Options::default() })}
                    {form.text("crowd", &lang.t("settings-crowd"), Options { width: 5, mode: "numeric", hint: "settings-crowd-hint", ..Options::default() })}
                    {form.radios("blocked_route", &lang.t("settings-blocked-route"), BlockedRoute::ALL.into_iter().map(|r| (r.key(), lang.t(&format!("blocked-route-{}", r.key())))).collect())}
                    <p class="kern-hint">{lang.t("settings-blocked-route-hint")}</p>
                    {form.text("retention_days", &lang.t("settings-retention"), Options { width: 5, mode: "numeric", hint: "settings-retention-hint", ..Options::default() })}
                    {form.text("validity_days", &lang.t("settings-validity"), Options { width: 5, mode: "numeric", hint: "settings-validity-hint", ..Options::default() })}
                    {long_validity.then(|| alert("warning", &lang.t("settings-validity-long-title"), view! { <p class="kern-body">{lang.t("settings-validity-long")}</p> }))}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("nav-organisations")}</legend>
                    {form.checkbox("directory", lang.t("settings-directory"))}
                    {form.checkbox("market", lang.t("settings-market"))}
                    <p class="kern-hint">{lang.t("settings-directory-hint")}</p>
                    {form.radios("organisations_register", &lang.t("settings-organisations"), [RegistrationMethod::Letter, RegistrationMethod::Open].map(|m| (m.key(), lang.t(&format!("settings-organisations-{}", m.key())))).to_vec())}
                    <p class="kern-hint">{lang.t("settings-organisations-hint")}</p>
                    {form.checkbox("moderate_entries", lang.t("settings-moderate"))}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("start-talk")}</legend>
                    {form.checkbox("surveys", lang.t("settings-surveys"))}
                    {form.checkbox("ideas", lang.t("settings-ideas"))}
                    {form.checkbox("comments", lang.t("settings-comments"))}
                    <p class="kern-hint">{lang.t("settings-talk-hint")}</p>
                    {area("house_rules", "house-rules", 6, true)}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("settings-contact")}</legend>
                    {line("name", "settings-name")}
                    {line("sender", "settings-sender")}
                    {optional("department", "settings-department")}
                    {line("street", "street")}
                    {form.text("postcode", &lang.t("postcode"), Options { width: 10, mode: "numeric", ..Options::default() })}
                    {line("city", "city")}
                    {line("telephone", "telephone")}
                    {line("email", "email")}
                    {optional("opening_hours", "settings-opening-hours")}
                    {form.text("colour", &lang.t("settings-colour"), Options { width: 10, hint: "settings-colour-hint", optional: true, ..Options::default() })}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("settings-letter")}</legend>
                    <p class="kern-body">{lang.t("settings-letter-where")}" "<a class="kern-link" href=urls::TEMPLATES>{lang.t("template-title")}</a></p>
                    {form.text("reissue_limit", &lang.t("settings-reissue-limit"), Options { width: 5, mode: "numeric", hint: "settings-reissue-limit-hint", ..Options::default() })}
                    {form.text("reissue_days", &lang.t("settings-reissue-days"), Options { width: 5, mode: "numeric", ..Options::default() })}
                    {form.checkbox("reissue_four_eyes", lang.t("settings-four-eyes"))}
                    {form.checkbox("reissue_public", lang.t("settings-reissue-public"))}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("settings-cases")}</legend>
                    {form.checkbox("name_change_four_eyes", lang.t("settings-name-change-four-eyes"))}
                    {form.checkbox("staff_second_factor", lang.t("settings-staff-second-factor"))}
                </fieldset>
                <fieldset class="card-plain">
                    <legend class="kern-heading-medium">{lang.t("settings-legal")}</legend>
                    <p class="kern-body">{lang.n("terms-version", &terms_version)}". "{lang.t("settings-terms-hint")}</p>
                    {area("terms", "nav-terms", 8, false)}
                    {form.select("land", &lang.t("settings-land"), lands())}
                    <p class="kern-hint">{lang.t("settings-land-hint")}</p>
                    <p class="kern-body"><a class="kern-link" href=urls::TEXTS>{lang.t("texts-title")}</a></p>
                </fieldset>
                <div class="action-bar">{submit("primary", &lang.t("save"))}</div>
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
