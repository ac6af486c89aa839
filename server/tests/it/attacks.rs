//! What somebody tries who means harm.

use crate::kit::{BASE, portal};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::access::Role;

#[tokio::test]
async fn forged_sessions_open_nothing() {
    let portal = portal().await;
    let real = portal.sign_in(Role::Administrator).await;
    assert!(real.starts_with("__Host-stadtbrief="), "{real}");
    let token = real.split('=').nth(1).unwrap();
    let changed = format!("{}{}", &token[..63], if token.ends_with('0') { '1' } else { '0' });
    for cookie in [
        "__Host-stadtbrief=",
        "__Host-stadtbrief=1",
        &format!("__Host-stadtbrief={changed}"),
        &format!("stadtbrief={token}"),
        "__Host-stadtbrief=' OR 1=1 --",
    ] {
        assert_eq!(
            portal.get("/verwaltung", cookie).await.status,
            StatusCode::SEE_OTHER,
            "{cookie}"
        );
    }
    assert_eq!(
        portal.post("/abmelden", &real, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        portal.get("/verwaltung", &real).await.status,
        StatusCode::SEE_OTHER,
        "signed out is signed out"
    );
}

#[tokio::test]
async fn every_cookie_is_for_this_host() {
    let portal = portal().await;
    let officer = portal.sign_in(Role::RegistryOfficer).await;
    let mut seen = 0;
    for (path, form) in [
        ("/sprache", vec![("sprache", "en")]),
        (
            "/verwaltung/spalten",
            vec![("tabelle", "register"), ("spalte", "name")],
        ),
        ("/verwaltung/dichte", vec![("dichte", "eng")]),
        ("/abmelden", vec![]),
        (
            "/anmelden",
            vec![
                ("name", "administrator@lindenau.example"),
                ("password", crate::kit::PASSWORD),
            ],
        ),
    ] {
        let answer = portal.post(path, &officer, &form).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            seen += 1;
            assert!(cookie.starts_with("__Host-"), "{path}: {cookie}");
            for part in ["; Path=/;", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                assert!(cookie.contains(part), "{path}: {cookie}");
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[tokio::test]
async fn requests_from_elsewhere_change_nothing() {
    let portal = portal().await;
    let session = portal.sign_in(Role::RegistryOfficer).await;
    let path = format!("/verwaltung/briefe/{}", portal.batch);
    for origin in ["https://evil.example", "null", "http://portal.lindenau.example"] {
        let request = Request::post(&path)
            .header(header::ORIGIN, origin)
            .header(header::COOKIE, &session)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("tun=verwerfen"));
        assert_eq!(
            portal.send(request.unwrap()).await.status,
            StatusCode::FORBIDDEN,
            "{origin}"
        );
    }
    let without = Request::post(&path)
        .header(header::COOKIE, &session)
        .body(Body::from("tun=verwerfen"));
    assert_eq!(portal.send(without.unwrap()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        backend::letters::batch(&portal.ctx, domain::access::Actor::System, portal.batch)
            .await
            .unwrap()
            .state,
        "ready"
    );
    // a link cannot sign anybody out
    portal.get("/abmelden", &session).await;
    assert_eq!(portal.get("/verwaltung", &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_replayed_form_makes_no_second_account() {
    let portal = portal().await;
    let code = portal.codes[0].0.rsplit('#').next().unwrap().to_owned();
    let form = [
        ("code", code.as_str()),
        ("password", "grüner Tee um vier"),
        ("consent", "ja"),
    ];
    assert_eq!(
        portal.post("/registrieren/konto", "", &form).await.status,
        StatusCode::SEE_OTHER
    );
    let again = portal.post("/registrieren/konto", "", &form).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert!(again.body.contains("schon benutzt"));
    assert!(again.headers.get(header::SET_COOKIE).is_none());
}

#[tokio::test]
async fn oversized_requests_are_refused() {
    let portal = portal().await;
    let session = portal.sign_in(Role::RegistryOfficer).await;
    let large = "x".repeat(400_000);
    assert_eq!(
        portal.post("/anmelden", "", &[("name", &large)]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let answer = portal
        .upload("/verwaltung/listen", &session, "l.csv", &vec![b'x'; 201_000_000])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("größer als 200 MB"),
        "{}",
        &answer.body[..500]
    );
    let bomb = portal
        .upload("/verwaltung/listen", &session, "l.xlsx", b"PK\x03\x04nothing")
        .await;
    assert!(bomb.body.contains("beschädigt"));
}

#[tokio::test]
async fn formulas_and_markup_are_text() {
    let portal = portal().await;
    let session = portal.sign_in(Role::RegistryOfficer).await;
    let list = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort\n=HYPERLINK(\"http://x\");A;01.01.1980;Weg;1;01945;Lindenau\n<script>alert(1)</script>;B;01.01.1981;Weg;2;01945;Lindenau\n";
    let answer = portal
        .upload(
            "/verwaltung/listen",
            &session,
            "<img src=x onerror=alert(1)>.csv",
            list.as_bytes(),
        )
        .await;
    let preview = portal.get(answer.header("location"), &session).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.body.contains("Formel statt Text"));
    assert!(
        !preview.body.contains("<script>alert") && !preview.body.contains("<img src=x"),
        "markup is escaped"
    );
    let apply = portal
        .post(
            answer.header("location"),
            &session,
            &[("version", "1"), ("tun", "uebernehmen"), ("blatt", "")],
        )
        .await;
    // without the columns of the form nothing can be applied
    assert_eq!(apply.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn redirects_stay_inside() {
    let portal = portal().await;
    for target in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ] {
        let form = [
            ("name", "clerk@lindenau.example"),
            ("password", crate::kit::PASSWORD),
            ("zurueck", target),
        ];
        assert_eq!(
            portal.post("/anmelden", "", &form).await.header("location"),
            "/verwaltung",
            "{target}"
        );
        assert_eq!(
            portal
                .post("/sprache", "", &[("sprache", "en"), ("zurueck", target)])
                .await
                .header("location"),
            "/",
            "{target}"
        );
    }
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let portal = portal().await;
    for path in [
        "/",
        "/registrieren",
        "/assets/none.js",
        "/nirgends",
        "/health",
        "/logo",
    ] {
        let answer = portal.get(path, "").await;
        let policy = answer.header("content-security-policy");
        let directives: Vec<&str> = policy.split(';').map(str::trim).collect();
        assert!(
            directives.contains(&"default-src 'none'") && directives.contains(&"frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        // scripts come from files of the portal, and nothing else makes one
        let scripts = directives.iter().filter(|d| d.starts_with("script-src"));
        assert!(
            scripts
                .clone()
                .all(|d| *d == "script-src 'self' 'wasm-unsafe-eval'"),
            "{path}: {policy}"
        );
        if ["/", "/registrieren", "/nirgends"].contains(&path) {
            assert_eq!(scripts.count(), 1, "{path}: {policy}");
            for directive in ["style-src 'self'", "form-action 'self'", "base-uri 'none'"] {
                assert!(directives.contains(&directive), "{path}: {directive} in {policy}");
            }
        }
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        for name in [
            "referrer-policy",
            "permissions-policy",
            "strict-transport-security",
        ] {
            assert!(!answer.header(name).is_empty(), "{path} {name}");
        }
        assert_eq!(
            answer.header("set-cookie"),
            "",
            "{path}: a first visit sets no cookie"
        );
    }
    let page = portal.get("/", "").await.body;
    assert!(
        !page.contains("<script>") && !page.contains(" style="),
        "nothing inline"
    );
    let _ = BASE;
}

/// Who signs in anew in the same browser ends the session that it had: a stolen token is worth nothing any more.
#[tokio::test]
async fn signing_in_anew_ends_the_former_session() {
    let portal = portal().await;
    let former = portal.sign_in(Role::Clerk).await;
    let elsewhere = portal.sign_in(Role::Clerk).await;
    let form = [
        ("name", "clerk@lindenau.example"),
        ("password", crate::kit::PASSWORD),
    ];
    let wrong = [("name", "clerk@lindenau.example"), ("password", "falsch geraten")];
    portal.post("/anmelden", &former, &wrong).await;
    assert_eq!(
        portal.get("/verwaltung", &former).await.status,
        StatusCode::OK,
        "a try that fails ends nothing"
    );
    let new = portal.post("/anmelden", &former, &form).await.session();
    assert_eq!(portal.get("/verwaltung", &new).await.status, StatusCode::OK);
    assert_eq!(
        portal.get("/verwaltung", &former).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        portal.get("/verwaltung", &elsewhere).await.status,
        StatusCode::OK,
        "other browsers stay signed in"
    );
}

#[tokio::test]
async fn typing_the_password_again_makes_a_new_token() {
    let portal = portal().await;
    let former = portal.resident().await;
    let change = async |cookie: &str, old: &str| {
        let form = [
            ("tun", "passwort"),
            ("old_password", old),
            ("new_password", "Zehn Frösche im Teich"),
        ];
        portal.post("/konto", cookie, &form).await
    };
    let wrong = change(&former, "falsch geraten").await;
    assert_eq!(wrong.header("set-cookie"), "");
    assert_eq!(portal.get("/konto", &former).await.status, StatusCode::OK);
    let new = change(&former, "grüner Tee um vier").await.session();
    assert_eq!(portal.get("/konto", &new).await.status, StatusCode::OK);
    assert_eq!(
        portal.get("/konto", &former).await.status,
        StatusCode::SEE_OTHER,
        "who has seen the former token has nothing of it"
    );
}

/// Passwords that guessers try first are refused, though they are long enough.
#[tokio::test]
async fn passwords_that_everybody_guesses_are_refused() {
    let portal = portal().await;
    let code = portal.codes[0].0.rsplit('#').next().unwrap();
    for password in [
        "1q2w3e4r5t",
        "P@ssw0rd123",
        "qwertzuiop1",
        "sommer2026!",
        "abcdefghij",
        "trustno1trustno1",
    ] {
        let form = [("code", code), ("password", password), ("consent", "ja")];
        let answer = portal.post("/registrieren/konto", "", &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
    }
}
