//! Which page answers which address: the whole product at a glance.

use crate::{
    accounts, audit, cases, comfort, dashboard, letters,
    municipality::{barrier, jobs, pages, settings, staff_texts, texts},
    organisations, palette,
    portal::{Portal, page},
    registration::citizen,
    residents, surveys, talk,
};
use axum::Router;
use domain::urls;

/// All pages. Uploads, downloads and files are added by the server.
pub fn pages() -> Router<Portal> {
    // rendering waits on this runtime; a second router in the same process (tests) finds it set
    let _ = any_spawner::Executor::init_tokio();
    Router::new()
        // for everybody
        .route(urls::START, page(pages::start))
        .route(urls::HELP, page(pages::help))
        .route(urls::GENUINE, page(letters::public::genuine))
        .route(urls::NEW_LETTER, page(letters::public::new_letter))
        .route(urls::IMPRINT, page(texts::imprint))
        .route(urls::PRIVACY, page(texts::privacy))
        .route(urls::CONTACT, page(texts::contact))
        .route(urls::ACCESSIBILITY, page(texts::accessibility))
        .route(urls::BARRIER, page(barrier::report))
        .route(urls::EASY_LANGUAGE, page(texts::easy_language))
        .route(urls::SIGN_LANGUAGE, page(texts::sign_language))
        .route("/offline", page(citizen::offline))
        .route("/sprache", page(pages::language))
        // registration
        .route(urls::REGISTER, page(citizen::start))
        .route(urls::LETTER_LINK, page(citizen::letter_link))
        .route(urls::REGISTER_ACCOUNT, page(citizen::account))
        .route(urls::REGISTER_OPEN, page(citizen::open))
        .route(urls::CONFIRM_EMAIL, page(citizen::confirm_email))
        .route(urls::TERMS, page(citizen::terms))
        // accounts
        .route(urls::SIGN_IN, page(accounts::citizen::sign_in))
        .route(urls::STAY, page(accounts::citizen::stay))
        .route(urls::SESSION_LEFT, page(accounts::citizen::stay))
        .route(urls::SIGN_OUT, page(accounts::citizen::sign_out))
        .route(urls::ACCOUNT, page(accounts::citizen::account))
        .route(urls::ACCOUNT_DELETE, page(accounts::citizen::delete))
        .route(urls::SECOND_FACTOR, page(accounts::security::second_factor))
        .route(urls::SIGN_IN_PASSKEY, page(accounts::security::passkey))
        .route(urls::SERVICE, page(accounts::service::begin))
        .route(urls::SERVICE_RETURN, page(accounts::service::finish))
        .route(urls::SIGN_IN_MAIL, page(accounts::links::by_mail))
        .route(urls::SIGN_IN_LINK, page(accounts::links::sign_in_link))
        .route(urls::FORGOTTEN, page(accounts::links::forgotten))
        .route(urls::NEW_PASSWORD, page(accounts::links::new_password))
        .route(urls::INVITATION, page(accounts::links::invitation))
        .route(urls::NOT_ME, page(accounts::links::not_me))
        .route(urls::SECURITY, page(accounts::security::security))
        .route(urls::MY_DATA, page(accounts::my_data::my_data))
        // organisations
        .route(urls::DIRECTORY, page(organisations::directory::list))
        .route("/verzeichnis/{id}", page(organisations::directory::one))
        .route(urls::MARKET, page(organisations::market::market))
        .route("/markt/{id}", page(organisations::market::one))
        .route(urls::APPLY, page(organisations::apply::apply))
        .route(urls::JOIN_ORGANISATION, page(organisations::members::join))
        .route("/verzeichnis/{id}/logo.png", page(organisations::logo::public))
        .route("/konto/organisation/{id}", page(organisations::members::one))
        .route(
            "/konto/organisation/{id}/aendern",
            page(organisations::change::change),
        )
        .route(
            "/konto/organisation/{id}/logo.png",
            page(organisations::logo::own),
        )
        // surveys, ideas, comments
        .route(urls::SURVEYS, page(surveys::citizen::list))
        .route("/umfragen/{id}", page(surveys::citizen::one))
        .route("/umfragen/{id}/ergebnis", page(surveys::results::public))
        .route("/umfragen/{id}/schluessel.json", page(surveys::ballot::keys))
        .route("/umfragen/{id}/stimmzettel", page(surveys::ballot::ask))
        .route("/umfragen/{id}/urne", page(surveys::ballot::cast))
        .route(urls::IDEAS, page(talk::ideas::list))
        .route(urls::NEW_IDEA, page(talk::ideas::new))
        .route("/ideen/{id}", page(talk::ideas::one))
        .route("/beitraege/{id}", page(talk::own::change))
        .route(urls::OWN_TALK, page(talk::own::list))
        .route(urls::REPORT, page(talk::report::report))
        .route(urls::HOUSE_RULES, page(talk::house_rules))
        // own cases
        .route(urls::OWN_CASES, page(cases::own::list))
        .route("/konto/vorgaenge/{id}", page(cases::own::one))
        .route("/konto/vorgaenge/{id}/nachweis", page(cases::citizen::proof))
        .route(urls::CHANGE_PROFILE, page(cases::citizen::change_profile))
        .route(urls::WRITE, page(cases::citizen::message))
        // staff
        .route(urls::STAFF, page(dashboard::overview))
        .route(urls::RESIDENTS, page(residents::register::list))
        .route(
            "/verwaltung/einwohner/liste.xlsx",
            page(residents::register::workbook),
        )
        .route("/verwaltung/einwohner/neu", page(residents::single::add))
        .route("/verwaltung/einwohner/{id}", page(residents::register::one))
        .route(
            "/verwaltung/einwohner/{id}/aendern",
            page(residents::single::edit),
        )
        .route("/verwaltung/listen/{id}", page(residents::lists::draft))
        .route("/verwaltung/listen/{id}/zeilen", page(residents::lists::rows))
        .route(
            "/verwaltung/listen/{id}/zeile/{zeile}",
            page(residents::lists::row),
        )
        .route(
            "/verwaltung/listen/{id}/folgen",
            page(residents::lists::consequences),
        )
        .route(urls::LETTERS, page(letters::staff::index))
        .route("/verwaltung/briefe/liste.xlsx", page(letters::staff::workbook))
        .route(urls::TEMPLATES, page(letters::templates::templates))
        .route(urls::OFFLINE_LETTERS, page(letters::outside::begin))
        .route(urls::RETURNS, page(letters::returns::station))
        .route(urls::REQUESTS, page(letters::requests::inbox))
        .route(urls::CONTROL_LETTERS, page(letters::control::letters))
        .route(urls::COUNCIL, page(letters::council::figures))
        .route("/verwaltung/briefe/{id}", page(letters::batch::one))
        .route(urls::INBOX, page(cases::inbox::inbox))
        .route("/verwaltung/nachrichten/liste.xlsx", page(cases::inbox::workbook))
        .route(urls::DESK, page(cases::desk::code))
        .route(urls::CASE_SETUP, page(cases::setup::page))
        .route(urls::MODERATION, page(talk::moderation::page))
        .route("/verwaltung/nachrichten/{id}", page(cases::desk::one))
        .route(
            "/verwaltung/nachrichten/{id}/anwesend",
            page(cases::desk::present),
        )
        .route(urls::ORGANISATIONS, page(organisations::staff::list))
        .route(
            "/verwaltung/organisationen/liste.xlsx",
            page(organisations::staff::workbook),
        )
        .route("/verwaltung/organisationen/{id}", page(organisations::staff::one))
        .route(
            "/verwaltung/organisationen/{id}/logo.png",
            page(organisations::logo::staff),
        )
        .route(urls::STAFF_SURVEYS, page(surveys::staff::list))
        .route("/verwaltung/umfragen/{id}", page(surveys::staff::one))
        .route(
            "/verwaltung/umfragen/{id}/ergebnis.xlsx",
            page(surveys::staff::workbook),
        )
        .route(urls::STAFF_HELP, page(pages::staff_help))
        .route(urls::SETTINGS, page(settings::settings))
        .route(urls::TEXTS, page(staff_texts::list))
        .route("/verwaltung/texte/{art}", page(staff_texts::one))
        .route(urls::JOBS, page(jobs::status))
        .route(urls::TEAM, page(accounts::staff::team))
        .route(urls::ROLES, page(accounts::roles::list))
        .route("/verwaltung/team/rollen/{rolle}", page(accounts::roles::one))
        .route(urls::SERVICE_SETUP, page(accounts::service::set_up))
        .route(urls::AUDIT, page(audit::log))
        .route("/verwaltung/protokoll/liste.xlsx", page(audit::workbook))
        // comfort
        .route(urls::JUMP, page(palette::page))
        .route(urls::COLUMNS, page(comfort::choose_columns))
        .route(urls::DENSITY, page(comfort::set_density))
}
