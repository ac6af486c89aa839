//! What members of staff set for themselves, and search and jump: plain posts and links, without a script.

use crate::kit::portal;
use axum::http::StatusCode;
use domain::access::Role;

/// The cookie that an answer sets, and its attributes.
fn cookie(set: &str) -> (String, String) {
    let (pair, rest) = set.split_once(';').unwrap();
    (pair.to_owned(), rest.to_owned())
}

/// Does a column of the table have this name?
fn heads(page: &str, name: &str) -> bool {
    page.contains(&format!("kern-table__header\">{name}<"))
}

#[tokio::test]
async fn columns_are_chosen_and_kept() {
    let portal = portal().await;
    let session = portal.sign_in(Role::Clerk).await;
    let here = "/verwaltung/einwohner?suche=a&stand=all";
    let before = portal.get(here, &session).await.body;
    assert!(heads(&before, "Ortsteil") && !heads(&before, "Geburtsdatum"));
    assert!(before.contains("/verwaltung/einwohner/liste.xlsx?suche=a&amp;stand=all"));
    let form = [
        ("tabelle", "register"),
        ("zurueck", here),
        ("spalte", "geburt"),
        ("spalte", "quatsch"),
    ];
    let chosen = portal.post("/verwaltung/spalten", &session, &form).await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (StatusCode::SEE_OTHER, here)
    );
    let (pair, rest) = cookie(chosen.header("set-cookie"));
    assert_eq!(pair, "__Host-spalten-register=name.geburt");
    assert_eq!(rest, " Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure");
    let after = portal.get(here, &format!("{session}; {pair}")).await.body;
    assert!(heads(&after, "Geburtsdatum") && !heads(&after, "Ortsteil"));
    // back to the beginning, and never to another host
    let form = [
        ("tabelle", "register"),
        ("zurueck", "https://evil.example"),
        ("tun", "standard"),
    ];
    let standard = portal.post("/verwaltung/spalten", &session, &form).await;
    assert_eq!(standard.header("location"), "/verwaltung");
    assert!(standard.header("set-cookie").contains("Max-Age=0"));
    let unknown = portal
        .post("/verwaltung/spalten", &session, &[("tabelle", "quatsch")])
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let nobody = portal
        .post("/verwaltung/spalten", "", &[("tabelle", "register")])
        .await;
    assert!(nobody.header("location").starts_with("/anmelden"));
}

#[tokio::test]
async fn density_is_for_staff_pages_only() {
    let portal = portal().await;
    let session = portal.sign_in(Role::Auditor).await;
    let form = [("dichte", "eng"), ("zurueck", "/verwaltung/protokoll")];
    let set = portal.post("/verwaltung/dichte", &session, &form).await;
    assert_eq!(set.header("location"), "/verwaltung/protokoll");
    let (pair, _) = cookie(set.header("set-cookie"));
    assert_eq!(pair, "__Host-dichte=eng");
    let both = format!("{session}; {pair}");
    let staff = portal.get("/verwaltung", &both).await.body;
    assert!(staff.contains("data-density=\"compact\""));
    let citizens = portal.get("/hilfe", &both).await.body;
    assert!(!citizens.contains("data-density"));
    let back = portal
        .post("/verwaltung/dichte", &both, &[("dichte", "weit")])
        .await;
    assert!(back.header("set-cookie").contains("Max-Age=0"));
}

#[tokio::test]
async fn search_and_jump_offers_what_one_may_open() {
    let portal = portal().await;
    let officer = portal.sign_in(Role::RegistryOfficer).await;
    let auditor = portal.sign_in(Role::Auditor).await;
    let all = portal.get("/verwaltung/springen", &officer).await.body;
    let few = portal.get("/verwaltung/springen", &auditor).await.body;
    for to in ["/verwaltung/einwohner/neu", "/verwaltung/briefe/ruecklauf"] {
        assert!(all.contains(to) && !few.contains(to), "{to}");
    }
    assert!(few.contains("/verwaltung/protokoll"));
    // the dialog is written for staff, and only for them
    assert!(all.contains("<template id=\"palette\">") && all.contains("palette"));
    let citizens = portal.get("/", &officer).await.body;
    assert!(!citizens.contains("palette"));
    // searches lead to the pages that search
    let go = portal
        .get("/verwaltung/springen?q=M%C3%BCller&wo=register", &officer)
        .await;
    assert_eq!(go.header("location"), "/verwaltung/einwohner?suche=M%C3%BCller");
    let denied = portal
        .get("/verwaltung/springen?q=M%C3%BCller&wo=register", &auditor)
        .await;
    assert_eq!(denied.status, StatusCode::OK);
    let empty = portal.get("/verwaltung/springen?q=&wo=register", &officer).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    // a letter number opens the person
    let list = portal
        .get(
            "/verwaltung/einwohner?stand=open",
            &format!("{officer}; __Host-spalten-register=name.brief"),
        )
        .await
        .body;
    let number = list.split(">L-").nth(1).unwrap();
    let number = format!("L-{}", &number[..9]);
    let opened = portal
        .get(&format!("/verwaltung/springen?q={number}&wo=nummer"), &officer)
        .await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{number}");
    assert!(opened.header("location").starts_with("/verwaltung/einwohner/"));
    let unknown = portal
        .get("/verwaltung/springen?q=L-0000-0000&wo=nummer", &officer)
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.body.contains("value=\"L-0000-0000\""));
}
