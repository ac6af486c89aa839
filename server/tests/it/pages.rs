//! Every form works as a plain post, and comes back with what was typed.

use crate::kit::{PASSWORD, portal};
use axum::http::StatusCode;
use domain::access::Role;

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let portal = portal().await;
    let code = portal.codes[0].1.clone();
    let proven = portal
        .post(
            "/registrieren",
            "",
            &[("benutzer_id", &code.to_lowercase().replace('-', " "))],
        )
        .await;
    assert_eq!(proven.status, StatusCode::OK);
    assert!(proven.body.contains("Dieser Brief ist für"));
    let form = [
        ("code", code.as_str()),
        ("password", "kurz"),
        ("email", "keine-adresse"),
        ("consent", "ja"),
    ];
    let refused = portal.post("/registrieren/konto", "", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"keine-adresse\"") && refused.body.contains("href=\"#password\""),
        "{}",
        refused.body
    );
    assert!(
        !refused.body.contains("value=\"kurz\""),
        "a password is never sent back"
    );
    let typo = portal
        .post("/registrieren", "", &[("benutzer_id", "ABCD-EFGH-JKMN-PQRS")])
        .await;
    assert!(
        typo.body.contains("value=\"ABCD-EFGH-JKMN-PQRS\"") && typo.body.contains("Tippfehler"),
        "{}",
        typo.body
    );
    let wrong = portal
        .post("/anmelden", "", &[("name", "erika"), ("password", "x")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("value=\"erika\""));
}

#[tokio::test]
async fn both_languages_everywhere() {
    let portal = portal().await;
    for path in [
        "/",
        "/registrieren",
        "/anmelden",
        "/hilfe",
        "/datenschutz",
        "/barrierefreiheit",
        "/impressum",
        "/nutzungsbedingungen",
        "/offline",
    ] {
        for (cookie, lang) in [("__Host-sprache=de", "de"), ("__Host-sprache=en", "en")] {
            let answer = portal.get(path, cookie).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(
                answer.body.contains(&format!("<html lang=\"{lang}\"")),
                "{path} {lang}"
            );
        }
    }
    let english = portal.get("/registrieren", "__Host-sprache=en").await.body;
    assert!(english.contains("Register with your letter"));
}

#[tokio::test]
async fn well_known_addresses() {
    let portal = portal().await;
    let text = portal.get("/.well-known/security.txt", "").await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let email = backend::municipality::current(&portal.ctx)
        .await
        .unwrap()
        .settings
        .email;
    assert!(
        text.body
            .starts_with(&format!("Contact: mailto:{email}\nExpires: "))
    );
    let password = portal.get("/.well-known/change-password", "").await;
    assert_eq!(password.header("location"), domain::urls::SECURITY);
}

#[tokio::test]
async fn settings_come_back_and_are_kept() {
    let portal = portal().await;
    let session = portal.sign_in(Role::Administrator).await;
    let refused = portal
        .post(
            "/verwaltung/einstellungen",
            &session,
            &[("version", "1"), ("name", "Neustadt"), ("postcode", "1")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"Neustadt\"") && refused.body.contains("fünf Ziffern"));
    assert!(
        portal.get("/", "").await.body.contains("Lindenau"),
        "nothing was saved"
    );
    let logo = portal
        .upload("/verwaltung/briefe/vorlagen/logo", &session, "l.svg", b"GIF89a")
        .await;
    assert_eq!(logo.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sample = portal
        .get("/verwaltung/briefe/vorlagen/probe.pdf", &session)
        .await;
    assert_eq!(
        (sample.status, sample.header("content-type")),
        (StatusCode::OK, "application/pdf")
    );
}

#[tokio::test]
async fn the_letters_menu_follows_the_method() {
    let portal = portal().await;
    let officer = portal.sign_in(Role::RegistryOfficer).await;
    let menu = "href=\"/verwaltung/briefe\"";
    assert!(portal.get("/verwaltung", &officer).await.body.contains(menu));
    let mut settings = backend::demo::settings();
    settings.residents_register = domain::municipality::RegistrationMethod::Open;
    backend::municipality::save(&portal.ctx, domain::access::Actor::System, settings.clone(), 1)
        .await
        .unwrap();
    assert!(!portal.get("/verwaltung", &officer).await.body.contains(menu));
    assert_eq!(portal.get("/registrieren/offen", "").await.status, StatusCode::OK);
    // letters that are on their way still work
    let code = portal.codes[1].1.clone();
    assert_eq!(
        portal
            .post("/registrieren", "", &[("benutzer_id", &code)])
            .await
            .status,
        StatusCode::OK
    );
    settings.residents_register = domain::municipality::RegistrationMethod::Letter;
    backend::municipality::save(&portal.ctx, domain::access::Actor::System, settings, 2)
        .await
        .unwrap();
    assert!(portal.get("/verwaltung", &officer).await.body.contains(menu));
    assert_eq!(
        portal.get("/registrieren/offen", "").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn an_account_can_be_changed_and_deleted() {
    let portal = portal().await;
    let session = portal.resident().await;
    let account = portal.get("/konto", &session).await;
    assert!(account.body.contains("kommunal bestätigt"));
    let wrong = portal
        .post(
            "/konto",
            &session,
            &[
                ("tun", "passwort"),
                ("old_password", "falsch"),
                ("new_password", "schwarzer Kaffee um acht"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = portal
        .post(
            "/konto",
            &session,
            &[
                ("tun", "passwort"),
                ("old_password", "grüner Tee um vier"),
                ("new_password", "schwarzer Kaffee um acht"),
            ],
        )
        .await;
    assert_eq!(right.header("location"), "/konto?passwort=1");
    // the password was typed again: this browser has a new token
    let session = right.session();
    let gone = portal
        .post(
            "/konto/loeschen",
            &session,
            &[("password", "schwarzer Kaffee um acht")],
        )
        .await;
    assert_eq!(gone.header("location"), "/?geloescht=1");
    assert_eq!(portal.get("/konto", &session).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_is_throttled() {
    let portal = portal().await;
    for _ in 0..8 {
        let wrong = portal
            .post(
                "/anmelden",
                "",
                &[("name", "clerk@lindenau.example"), ("password", "falsch")],
            )
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = portal
        .post(
            "/anmelden",
            "",
            &[("name", "clerk@lindenau.example"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn kept_pages_show_nobody_anything_of_others() {
    use axum::{body::Body, http::Request};
    let portal = portal().await;
    let first = portal.get("/", "").await;
    assert!(first.body.contains("Anmelden") && !first.body.contains("Abmelden"));
    let resident = portal.resident().await;
    let own = portal.get("/", &resident).await;
    assert!(own.body.contains("Abmelden"), "who is signed in gets an own page");
    assert_eq!(portal.get("/", "").await.body, first.body);
    // the language is part of what is kept
    let english = portal.get("/", "__Host-sprache=en").await;
    assert!(english.body.contains("<html lang=\"en\""));
    assert!(portal.get("/", "").await.body.contains("<html lang=\"de\""));
    // a question changes the page
    let deleted = "Ihr Konto ist gelöscht";
    assert!(portal.get("/?geloescht=1", "").await.body.contains(deleted));
    assert!(!portal.get("/", "").await.body.contains(deleted));
    // new settings count at once
    let current = backend::municipality::current(&portal.ctx).await.unwrap();
    let mut settings = current.settings;
    settings.name = "Neudorf".into();
    backend::municipality::save(
        &portal.ctx,
        domain::access::Actor::System,
        settings,
        current.version,
    )
    .await
    .unwrap();
    assert!(portal.get("/", "").await.body.contains("Neudorf"));
    // packed as the browser likes, with the same content
    for encoding in ["br", "gzip", "identity", "br;q=0"] {
        let request = Request::get("/").header("accept-encoding", encoding);
        let answer = portal.send(request.body(Body::empty()).unwrap()).await;
        let packed = matches!(encoding, "br" | "gzip")
            .then_some(encoding)
            .unwrap_or_default();
        assert_eq!(answer.header("content-encoding"), packed);
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("cache-control"), "private, no-store");
    }
    // HEAD has no body, and a page that is refused is not kept
    let head = Request::head("/").body(Body::empty()).unwrap();
    assert!(portal.send(head).await.body.is_empty());
}

#[tokio::test]
async fn the_town_hall_signs_out_and_freezes() {
    let portal = portal().await;
    let resident = portal.resident().await;
    let officer = portal.sign_in(Role::RegistryOfficer).await;
    let list = portal
        .get("/verwaltung/einwohner?stand=registered", &officer)
        .await
        .body;
    let start = list.find("/verwaltung/einwohner/").unwrap();
    let links = list[start..].match_indices("/verwaltung/einwohner/");
    // the first that leads to a person, and not to the workbook
    let person = links
        .filter_map(|(at, _)| list[start + at..].split('"').next())
        .find(|link| link.len() == "/verwaltung/einwohner/".len() + 36)
        .unwrap();
    let act = async |what| portal.post(person, &officer, &[("tun", what)]).await;
    assert_eq!(portal.get("/konto", &resident).await.status, StatusCode::OK);
    let done = act("abmelden").await;
    assert_eq!(done.header("location"), format!("{person}?abgemeldet=1"));
    let page = portal.get(done.header("location"), &officer).await.body;
    assert!(page.contains("Alle Geräte sind abgemeldet") && page.contains("Konto einfrieren"));
    assert_eq!(
        portal.get("/konto", &resident).await.status,
        StatusCode::SEE_OTHER
    );
    act("einfrieren").await;
    let page = portal.get(person, &officer).await.body;
    assert!(page.contains("Das Konto ist eingefroren") && !page.contains("Überall abmelden"));
    // who may not make letters may not do this either
    let clerk = portal.sign_in(Role::Clerk).await;
    let refused = portal.post(person, &clerk, &[("tun", "abmelden")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!portal.get(person, &clerk).await.body.contains("Überall abmelden"));
}
