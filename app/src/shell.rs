//! The document around every page: head, header, navigation, footer.

use crate::{
    comfort, palette,
    portal::{Area, Page, Rq},
    ui::view::{icon, link_button},
};
use axum::http::StatusCode;
use domain::{
    access::{Actor, Permission},
    urls,
};
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
    let own = rq.settings.own_colour();
    let theme = own.map_or_else(|| "#171a2b".to_owned(), |c| c.hex());
    let colours = own.map(|_| format!("/farben.css?v={}", rq.settings_version));
    let main_class = match (area, wide) {
        (Area::Staff, _) => "page page--staff",
        (_, true) => "page page--wide",
        _ => "page",
    };
    let staff = area == Area::Staff;
    let density = (staff && comfort::is_compact(rq)).then_some("compact");
    view! {
        <!DOCTYPE html>
        <html lang=rq.lang.code() dir=rq.lang.direction() data-density=density>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content=theme/>
                <meta name="description" content=rq.t("start-intro")/>
                {refresh.map(|s| view! { <noscript><meta http-equiv="refresh" content=s.to_string()/></noscript> })}
                <title inner_html=full_title.replace('&', "&amp;").replace('<', "&lt;")></title>
                <link rel="preload" r#as="font" type="font/woff2" crossorigin="anonymous" href=asset("fira-sans-400.woff2")/>
                <link rel="preload" r#as="font" type="font/woff2" crossorigin="anonymous" href=asset("fira-sans-600.woff2")/>
                <link rel="stylesheet" href=asset("site.css")/>
                {colours.map(|href| view! { <link rel="stylesheet" href=href/> })}
                <link rel="apple-touch-icon" href=format!("/app/{}/symbol-apple.png", rq.settings_version)/>
                <link rel="icon" href=asset("icon.svg") type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <script type="module" src=asset("site.js") data-app=asset(app) data-wasm=asset(wasm)></script>
            </head>
            <body>
                <a class="skip-link" href="#inhalt">{rq.t("skip-to-content")}</a>
                <div role="status" class="toasts">{new_version(rq)}{session_ends(rq)}</div>
                <p class="kern-sr-only" role="status" data-say=""></p>
                {header(rq, &portal_name, area)}
                <main id="inhalt" class=main_class tabindex="-1">{body}</main>
                {footer(rq, staff)}
                {staff.then(|| palette::template(rq))}
            </body>
        </html>
    }
}

/// Staff are signed out after an hour without a request, and after a working day: said in time, with a way to stay (WCAG
/// 2.2.1). Residents have days, so nothing needs to be said to them.
fn session_ends(rq: &Rq) -> Option<AnyView> {
    let who = rq.who.as_ref().filter(|w| w.role.is_some())?;
    let now = rq.ctx.clock.now();
    let seconds = |at: chrono::DateTime<chrono::Utc>| (at - now).num_seconds().max(0).to_string();
    let view = view! {
        <div class="toast" data-session=seconds(who.ends.0) data-session-last=seconds(who.ends.1) data-stay=urls::STAY data-left=urls::SESSION_LEFT hidden=true>
            <p class="kern-body" data-session-text="soon" hidden=true>{rq.t("session-soon")}</p>
            <p class="kern-body" data-session-text="last" hidden=true>{rq.t("session-last")}</p>
            <p class="kern-body" data-session-text="over" hidden=true>{rq.t("session-over")}</p>
            <button type="button" class="kern-btn kern-btn--primary" data-session-stay="" hidden=true><span class="kern-label">{rq.t("session-stay")}</span></button>
            <a class="kern-btn kern-btn--secondary" href=urls::SIGN_IN target="_blank" data-session-again="" hidden=true><span class="kern-label">{rq.t("session-again")}</span></a>
        </div>
    };
    Some(view.into_any())
}

/// Shown by `site.js` when a new version was put up while the page was open.
fn new_version(rq: &Rq) -> impl IntoView + use<> {
    view! {
        <div class="toast" data-new-version="" hidden=true>
            <p class="kern-body">{rq.t("new-version")}</p>
            <button type="button" class="kern-btn kern-btn--primary" data-reload=""><span class="kern-label">{rq.t("reload")}</span></button>
            <button type="button" class="kern-btn kern-btn--tertiary" data-close=""><span class="kern-label">{rq.t("later")}</span></button>
        </div>
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

/// The parts of the staff area that this member of staff may open: address, key of the name.
pub fn sections(rq: &Rq, actor: Actor) -> Vec<(&'static str, &'static str)> {
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
    items
        .into_iter()
        .filter(|(_, _, permission, on)| *on && actor.may(*permission))
        .map(|(to, key, ..)| (to, key))
        .collect()
}

fn staff_navigation(rq: &Rq) -> AnyView {
    let Some(who) = &rq.who else { return ().into_any() };
    let links: Vec<_> = sections(rq, who.actor())
        .into_iter()
        .map(|(to, key)| {
            let here = rq.path == to || (to != urls::STAFF && rq.path.starts_with(&format!("{to}/")));
            view! { <li><a href=to aria-current=here.then_some("page")>{rq.t(key)}</a></li> }
        })
        .collect();
    view! {
        <div class="staff-bar">
            <nav class="staff-nav" aria-label=rq.t("nav-label")><ul>{links}</ul></nav>
            {palette::opener(rq)}
        </div>
    }
    .into_any()
}

fn footer(rq: &Rq, staff: bool) -> impl IntoView + use<> {
    let links: Vec<_> = [
        (urls::HELP, "nav-help"),
        (urls::TERMS, "nav-terms"),
        (urls::PRIVACY, "nav-privacy"),
        (urls::ACCESSIBILITY, "nav-accessibility"),
        (urls::CONTACT, "contact"),
        (urls::EASY_LANGUAGE, "text-easy-language"),
        (urls::IMPRINT, "nav-imprint"),
    ]
    .into_iter()
    .map(|(to, key)| view! { <li><a class="kern-link" href=to>{rq.t(key)}</a></li> })
    .collect();
    let contact = rq.lang.with("footer-contact", &[("sender", &rq.settings.sender)]);
    let telephone = rq.settings.telephone.clone();
    let call = format!("tel:{}", telephone.replace(' ', ""));
    view! {
        <footer class="site-footer">
            <div class="site-footer__inner">
                <p class="kern-body kern-body--small">{contact}" "<a class="kern-link unbroken" href=call>{telephone}</a></p>
                <ul class="site-footer__links">{links}</ul>
                {staff.then(|| comfort::density_switch(rq))}
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
    // staff stay in their area
    let staff = rq.who.as_ref().is_some_and(|who| who.role.is_some());
    let (to, back) = if staff {
        (urls::STAFF, rq.t("nav-dashboard"))
    } else {
        (urls::START, rq.t("to-start"))
    };
    let heading = title.clone();
    let draw = move || {
        view! {
            <div class="calm">
                {icon("info")}
                <h1 class="kern-heading-large">{heading}</h1>
                <p class="kern-body">{text}</p>
                {link_button("secondary", to, &back)}
            </div>
        }
        .into_any()
    };
    if staff {
        Page::staff(title, draw)
    } else {
        Page::new(title, draw)
    }
    .status(status)
}
