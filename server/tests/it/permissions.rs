//! Role × route: who may open what. A new staff route without a line here fails the last test.

use crate::kit::portal;
use axum::http::StatusCode;
use domain::access::Role;

/// Staff routes and which roles may open them, in the order of `Role::ALL`: administrator, registry officer,
/// letter officer, clerk, auditor.
pub(crate) const MATRIX: [(&str, [bool; 5]); 53] = [
    ("/verwaltung", [true, true, true, true, true]),
    ("/verwaltung/einwohner", [false, true, true, true, false]),
    (
        "/verwaltung/einwohner/00000000-0000-0000-0000-000000000000",
        [false, false, false, false, false],
    ),
    ("/verwaltung/einwohner/neu", [false, true, false, false, false]),
    (
        "/verwaltung/einwohner/00000000-0000-0000-0000-000000000000/aendern",
        [false, false, false, false, false],
    ),
    ("/verwaltung/listen", [false, true, false, false, false]),
    ("/verwaltung/listen/{list}", [false, true, false, false, false]),
    (
        "/verwaltung/listen/{list}/zeilen",
        [false, true, false, false, false],
    ),
    (
        "/verwaltung/listen/{list}/zeile/2",
        [false, true, false, false, false],
    ),
    (
        "/verwaltung/listen/{list}/befunde.xlsx",
        [false, true, false, false, false],
    ),
    (
        "/verwaltung/listen/{list}/folgen",
        [false, true, false, false, false],
    ),
    ("/verwaltung/briefe", [true, true, true, true, false]),
    (
        "/verwaltung/briefe/{batch}/briefe.pdf",
        [false, true, true, false, false],
    ),
    ("/verwaltung/einstellungen", [true, false, false, false, false]),
    ("/verwaltung/texte", [true, false, false, false, false]),
    ("/verwaltung/texte/privacy", [true, false, false, false, false]),
    (
        "/verwaltung/briefe/{batch}/begleitschein.xlsx",
        [false, true, true, false, false],
    ),
    (
        "/verwaltung/briefe/{batch}/begleitschein.pdf",
        [false, true, true, false, false],
    ),
    ("/verwaltung/briefe/vorlagen", [true, true, false, false, false]),
    (
        "/verwaltung/briefe/vorlagen/probe.pdf",
        [true, true, false, false, false],
    ),
    ("/verwaltung/briefe/ruecklauf", [false, true, true, false, false]),
    (
        "/verwaltung/briefe/ruecklauf/zweifelhaft.xlsx",
        [false, true, true, true, false],
    ),
    (
        "/verwaltung/briefe/eigener-rechner",
        [false, true, false, false, false],
    ),
    (
        "/verwaltung/briefe/vorlagen/vorlage.json",
        [true, true, false, false, false],
    ),
    ("/verwaltung/briefe/anfragen", [false, true, true, false, false]),
    ("/verwaltung/briefe/kontrolle", [true, true, false, false, false]),
    ("/verwaltung/briefe/auswertung", [true, true, true, true, false]),
    (
        "/verwaltung/briefe/auswertung/zahlen.xlsx",
        [true, true, true, true, false],
    ),
    ("/verwaltung/nachrichten", [false, true, false, true, false]),
    (
        "/verwaltung/nachrichten/00000000-0000-0000-0000-000000000000",
        [false, false, false, false, false],
    ),
    (
        "/verwaltung/nachrichten/schalter",
        [false, true, false, true, false],
    ),
    (
        "/verwaltung/nachrichten/vorgaben",
        [true, true, false, true, false],
    ),
    (
        "/verwaltung/nachrichten/meldungen",
        [false, true, false, true, false],
    ),
    ("/verwaltung/umfragen", [false, true, false, true, false]),
    (
        "/verwaltung/umfragen/00000000-0000-0000-0000-000000000000",
        [false, false, false, false, false],
    ),
    (
        "/verwaltung/umfragen/00000000-0000-0000-0000-000000000000/ergebnis.xlsx",
        [false, false, false, false, false],
    ),
    (
        "/verwaltung/organisationen/00000000-0000-0000-0000-000000000000/logo.png",
        [false, false, false, false, false],
    ),
    ("/verwaltung/hilfe", [true, true, true, true, false]),
    ("/verwaltung/hintergrund", [true, false, false, false, false]),
    (
        "/verwaltung/protokoll/kopf.json",
        [true, false, false, false, true],
    ),
    ("/verwaltung/team", [true, false, false, false, false]),
    ("/verwaltung/organisationen", [false, true, false, true, false]),
    (
        "/verwaltung/organisationen/00000000-0000-0000-0000-000000000000",
        [false, false, false, false, false],
    ),
    ("/verwaltung/team/rollen", [true, false, false, false, false]),
    (
        "/verwaltung/team/rollen/clerk",
        [true, false, false, false, false],
    ),
    (
        "/verwaltung/team/anmeldedienst",
        [true, false, false, false, false],
    ),
    ("/verwaltung/protokoll", [true, false, false, false, true]),
    (
        "/verwaltung/einwohner/liste.xlsx",
        [false, true, true, true, false],
    ),
    (
        "/verwaltung/nachrichten/liste.xlsx",
        [false, true, false, true, false],
    ),
    (
        "/verwaltung/organisationen/liste.xlsx",
        [false, true, false, true, false],
    ),
    ("/verwaltung/briefe/liste.xlsx", [true, true, true, true, false]),
    (
        "/verwaltung/protokoll/liste.xlsx",
        [true, false, false, false, true],
    ),
    ("/verwaltung/springen", [true, true, true, true, true]),
];

#[tokio::test]
async fn every_role_on_every_route() {
    let portal = portal().await;
    let resident = portal.resident().await;
    for (i, role) in Role::ALL.into_iter().enumerate() {
        let session = portal.sign_in(role).await;
        for (path, allowed) in MATRIX {
            let path = path
                .replace("{batch}", &portal.batch.to_string())
                .replace("{list}", &portal.list.to_string());
            let status = portal.get(&path, &session).await.status;
            let expected = if allowed[i] {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(status, expected, "{role:?} {path}");
        }
    }
    for (path, _) in MATRIX {
        let path = path
            .replace("{batch}", &portal.batch.to_string())
            .replace("{list}", &portal.list.to_string());
        let nobody = portal.get(&path, "").await;
        assert_eq!(nobody.status, StatusCode::SEE_OTHER, "{path}");
        assert!(nobody.header("location").starts_with("/anmelden"), "{path}");
        assert_eq!(
            portal.get(&path, &resident).await.status,
            StatusCode::FORBIDDEN,
            "resident {path}"
        );
    }
    // staff have an account of their own, but no resident's account to delete
    let clerk = portal.sign_in(Role::Clerk).await;
    let own = portal.get("/konto", &clerk).await;
    assert!(own.status == StatusCode::OK && !own.body.contains("/konto/loeschen"));
    assert_eq!(
        portal.get("/konto/loeschen", &clerk).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn writing_needs_the_permission_too() {
    let portal = portal().await;
    let batch = format!("/verwaltung/briefe/{}", portal.batch);
    let posts: [(&str, &[(&str, &str)], Role); 16] = [
        ("/verwaltung/briefe", &[("ortsteil", "")], Role::Clerk),
        (&batch, &[("tun", "verwerfen")], Role::Clerk),
        (&batch, &[("tun", "abbrechen")], Role::Clerk),
        (
            &batch,
            &[
                ("tun", "versandt"),
                ("posted_day", "22"),
                ("posted_month", "11"),
                ("posted_year", "2026"),
            ],
            Role::Administrator,
        ),
        (
            "/verwaltung/einstellungen",
            &[("version", "1")],
            Role::RegistryOfficer,
        ),
        ("/verwaltung/team", &[("tun", "neu")], Role::Auditor),
        (
            "/verwaltung/texte/imprint",
            &[("text", "x"), ("version", "0")],
            Role::RegistryOfficer,
        ),
        ("/verwaltung/texte", &[("spaeter", "statement")], Role::Clerk),
        (
            "/verwaltung/briefe/vorlagen",
            &[("tun", "speichern")],
            Role::LetterOfficer,
        ),
        (
            "/verwaltung/briefe/ruecklauf",
            &[("nummer", "L-0000-0000"), ("grund", "moved")],
            Role::Clerk,
        ),
        (
            "/verwaltung/briefe/anfragen",
            &[("anfrage", "00000000-0000-0000-0000-000000000000")],
            Role::Administrator,
        ),
        (
            "/verwaltung/briefe/kontrolle",
            &[("tun", "aufnehmen")],
            Role::LetterOfficer,
        ),
        ("/verwaltung/briefe/auswertung", &[], Role::Auditor),
        (
            "/verwaltung/nachrichten/00000000-0000-0000-0000-000000000000",
            &[("tun", "zustimmen"), ("version", "1")],
            Role::Administrator,
        ),
        (
            "/verwaltung/nachrichten/schalter",
            &[("code", "0000-0000")],
            Role::LetterOfficer,
        ),
        (
            "/verwaltung/nachrichten/vorgaben",
            &[("tun", "mails"), ("mails", "none")],
            Role::Auditor,
        ),
    ];
    for (path, form, role) in posts {
        let session = portal.sign_in(role).await;
        assert_eq!(
            portal.post(path, &session, form).await.status,
            StatusCode::FORBIDDEN,
            "{role:?} {path}"
        );
        let nobody = portal.post(path, "", form).await;
        assert_eq!(
            (nobody.status, nobody.header("location").starts_with("/anmelden")),
            (StatusCode::SEE_OTHER, true),
            "{path}"
        );
    }
    let clerk = portal.sign_in(Role::Clerk).await;
    assert_eq!(
        portal
            .upload("/verwaltung/listen", &clerk, "l.csv", b"Name;Vorname;PLZ\n")
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        portal
            .upload("/verwaltung/briefe/vorlagen/logo", &clerk, "l.svg", b"<svg/>")
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let film = portal.upload("/verwaltung/texte/film", &clerk, "f.mp4", b"\0\0\0\x18ftypisom");
    assert_eq!(film.await.status, StatusCode::FORBIDDEN);
}

#[test]
fn every_staff_route_is_in_the_matrix() {
    let routes = include_str!("../../../app/src/routes.rs");
    for name in [
        "STAFF",
        "RESIDENTS",
        "LETTERS",
        "TEMPLATES",
        "RETURNS",
        "REQUESTS",
        "CONTROL_LETTERS",
        "COUNCIL",
        "INBOX",
        "DESK",
        "CASE_SETUP",
        "STAFF_HELP",
        "SETTINGS",
        "TEXTS",
        "TEAM",
        "ROLES",
        "SERVICE_SETUP",
        "ORGANISATIONS",
        "MODERATION",
        "STAFF_SURVEYS",
        "JOBS",
        "AUDIT",
        "JUMP",
        "COLUMNS",
        "DENSITY",
    ] {
        assert!(routes.contains(&format!("urls::{name}, page(")), "{name}");
    }
    let staff = routes.matches("page(").count();
    // 65 for everybody, 47 for staff; a new one must be added here and above
    assert_eq!(
        staff, 112,
        "a route was added or removed: bring this test and MATRIX up to date"
    );
}
