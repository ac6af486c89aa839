//! The document around every page: head, header, navigation, footer.

use crate::{
    portal::{Area, Page, Rq},
    ui::view::{icon, link_button},
};
use axum::http::StatusCode;
use domain::{access::Permission, urls};
use leptos::prelude::*;

/// The whole document.
pub fn document(
    rq: &Rq,
    title: &str,
    area: Area,
    refresh: Option<u32>,
    wide: bool,
    body: Option<AnyView>,
) -> impl IntoView + use<> {
    let asset = rq.asset;
    let portal_name = rq.lang.with("portal-name", &[("kommune", &rq.settings.name)]);
    let full_title = if title.is_empty() {
        portal_name.clone()
    } else {
        format!("{title} – {portal_name}")
    };
    // staff have islands that citizens need not carry
    let (app, wasm) = match area {
        Area::Staff => ("staff.js", "staff.wasm"),
        _ => ("app.js", "app.wasm"),
    };
    let main_class = match (area, wide) {
        (Area::Staff, _) => "page page--staff",
        (_, true) => "page page--wide",
        _ => "page",
    };
    view! {
        <!DOCTYPE html>
        <html lang=rq.lang.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#171a2b"/>
                {refresh.map(|s| view! { <noscript><meta http-equiv="refresh" content=s.to_string()/></noscript> })}
                <title inner_html=full_title.replace('&', "&amp;").replace('<', "&lt;")></title>
                <link rel="stylesheet" href=asset("site.css")/>
                <link rel="icon" href=asset("icon.svg") type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <script type="module" src=asset("site.js") data-app=asset(app) data-wasm=asset(wasm)></script>
            </head>
            <body>
                <a class="skip-link" href="#inhalt">{rq.t("skip-to-content")}</a>
                {header(rq, &portal_name, area)}
                <main id="inhalt" class=main_class tabindex="-1">{body}</main>
                {footer(rq)}
            </body>
        </html>
    }
}

fn header(rq: &Rq, portal_name: &str, area: Area) -> impl IntoView + use<> {
    let home = if area == Area::Staff {
        urls::STAFF
    } else {
        urls::START
    };
    view! {
        <header class="site-header">
            <div class="site-header__inner">
                <a class="brand" href=home>
                    <img class="brand__logo" src="/logo" alt="" width="40" height="46"/>
                    <span class="brand__name">{portal_name.to_owned()}</span>
                </a>
                <div class="site-header__tools">
                    {languages(rq)}
                    {account_menu(rq)}
                </div>
            </div>
            {(area == Area::Staff).then(|| staff_navigation(rq))}
        </header>
    }
}

fn languages(rq: &Rq) -> impl IntoView + use<> {
    let back = rq.path.clone();
    let here = rq.lang;
    let label = rq.t("language");
    let items: Vec<_> = locales::Lang::all()
        .map(|lang| {
            let code = lang.code();
            let current = (lang == here).then_some("true");
            view! {
                <button class="language" type="submit" name="sprache" value=code lang=code aria-current=current>
                    <span aria-hidden="true">{code.to_uppercase()}</span>
                    <span class="kern-sr-only">{lang.t("language-name")}</span>
                </button>
            }
        })
        .collect();
    view! {
        <form class="languages" method="post" action="/sprache" aria-label=label>
            <input type="hidden" name="zurueck" value=back/>
            {items}
        </form>
    }
}

fn account_menu(rq: &Rq) -> AnyView {
    let sign_out = rq.t("sign-out");
    match &rq.who {
        None => view! { <a class="kern-link" href=urls::SIGN_IN>{rq.t("sign-in")}</a> }.into_any(),
        Some(who) => {
            let to_staff = who
                .role
                .is_some()
                .then(|| view! { <a class="kern-link" href=urls::STAFF>{rq.t("nav-staff")}</a> });
            view! {
                {to_staff}
                <a class="kern-link" href=urls::ACCOUNT>{rq.t("nav-account")}</a>
                <form method="post" action=urls::SIGN_OUT>
                    <button class="link-button" type="submit">{sign_out}</button>
                </form>
            }
            .into_any()
        }
    }
}

fn staff_navigation(rq: &Rq) -> AnyView {
    let Some(who) = &rq.who else { return ().into_any() };
    let actor = who.actor();
    let letters_on = rq.settings.residents_register == domain::municipality::RegistrationMethod::Letter;
    let items = [
        (urls::STAFF, "nav-dashboard", Permission::SeeDashboard, true),
        (urls::INBOX, "nav-inbox", Permission::SeeCases, true),
        (urls::RESIDENTS, "nav-residents", Permission::SeeResidents, true),
        (urls::LISTS, "nav-lists", Permission::ImportResidents, true),
        (urls::LETTERS, "nav-letters", Permission::SeeLetters, letters_on),
        (
            urls::ORGANISATIONS,
            "nav-organisations",
            Permission::ManageOrganisations,
            rq.settings.has_organisations(),
        ),
        (
            urls::STAFF_SURVEYS,
            "nav-surveys",
            Permission::ManageSurveys,
            rq.settings.surveys,
        ),
        (urls::SETTINGS, "nav-settings", Permission::ChangeSettings, true),
        (urls::TEAM, "nav-team", Permission::ManageStaff, true),
        (urls::AUDIT, "nav-audit", Permission::ReadAudit, true),
    ];
    let links: Vec<_> = items
        .into_iter()
        .filter(|(_, _, permission, on)| *on && actor.may(*permission))
        .map(|(to, key, ..)| {
            let here = rq.path == to || (to != urls::STAFF && rq.path.starts_with(&format!("{to}/")));
            view! { <li><a href=to aria-current=here.then_some("page")>{rq.t(key)}</a></li> }
        })
        .collect();
    view! { <nav class="staff-nav" aria-label=rq.t("nav-label")><ul>{links}</ul></nav> }.into_any()
}

fn footer(rq: &Rq) -> impl IntoView + use<> {
    let links: Vec<_> = [
        (urls::HELP, "nav-help"),
        (urls::TERMS, "nav-terms"),
        (urls::PRIVACY, "nav-privacy"),
        (urls::ACCESSIBILITY, "nav-accessibility"),
        (urls::IMPRINT, "nav-imprint"),
    ]
    .into_iter()
    .map(|(to, key)| view! { <li><a class="kern-link" href=to>{rq.t(key)}</a></li> })
    .collect();
    let contact = rq.lang.with(
        "footer-contact",
        &[
            ("telefon", &rq.settings.telephone),
            ("sender", &rq.settings.sender),
        ],
    );
    view! {
        <footer class="site-footer">
            <div class="site-footer__inner">
                <p class="kern-body kern-body--small">{contact}</p>
                <ul class="site-footer__links">{links}</ul>
            </div>
        </footer>
    }
}

/// A page that says why there is none.
pub fn fault_page(rq: &Rq, status: StatusCode, key: &str, incident: &str) -> Page {
    let title = rq.t(&format!("{key}-title"));
    let text = rq
        .lang
        .with(key, &[("nummer", incident), ("telefon", &rq.settings.telephone)]);
    let (back, heading) = (rq.t("to-start"), title.clone());
    Page::new(title, move || {
        view! {
            <div class="calm">
                {icon("info")}
                <h1 class="kern-heading-large">{heading}</h1>
                <p class="kern-body">{text}</p>
                {link_button("secondary", urls::START, &back)}
            </div>
        }
        .into_any()
    })
    .status(status)
}
