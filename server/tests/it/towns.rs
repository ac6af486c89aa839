//! Many municipalities in one process: nothing of one reaches another, whatever somebody sends to which host name.

use crate::{
    kit::{Answer, PASSWORD, Portal, send},
    permissions::MATRIX,
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use backend::{
    Ctx, accounts, cases,
    ctx::Clock,
    demo,
    depot::{Depot, S3},
    hosting::{Hosting, Place, Settings},
    jobs,
    keys::Key,
    letters, municipality,
    outgoing::Outgoing,
    residents,
};
use domain::{
    access::{Actor, Role},
    cases::CaseKind,
};
use server::towns::Towns;
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

async fn hosting(folder: &Path, schemas: Option<String>) -> Hosting {
    let settings = Settings {
        data: folder.to_owned(),
        register: schemas
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", folder.join("register.db").display())),
        schemas,
        mail: format!("folder:{}", folder.join("mail").display()),
        connections: 8,
        files: Some(
            Depot::open(
                &format!("folder:{}", folder.join("files").display()),
                &S3::default(),
            )
            .unwrap(),
        ),
        outgoing: Outgoing::Public,
    };
    let clock = Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap());
    Hosting::open(settings, Key::random(), clock).await.unwrap()
}

/// A town with residents whose street has a name that no other town has, letters and staff.
struct Town {
    host: String,
    codes: Vec<(String, String)>,
    batch: uuid::Uuid,
    resident: uuid::Uuid,
    list: uuid::Uuid,
}

async fn town(hosting: &Hosting, name: &str, street: &str, place: Place) -> Town {
    let url = format!("https://portal.{name}.example");
    let m = hosting.create(name, &url, place, None).await.unwrap();
    let ctx = hosting.ctx(&m).await.unwrap();
    let system = Actor::System;
    let settings = domain::municipality::Settings {
        name: format!("Stadt {name}"),
        ..demo::settings()
    };
    municipality::save(&ctx, system, settings, 0).await.unwrap();
    let mut rows = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort\n".to_owned();
    for (i, first) in ["Anna", "Berta", "Clara", "Dora"].into_iter().enumerate() {
        rows += &format!(
            "Probe;{first};0{}.05.1970;{street};{};01945;Lindenau\n",
            i + 1,
            i + 1
        );
    }
    let list = residents::upload(&ctx, system, "liste.csv", rows.into())
        .await
        .unwrap();
    residents::lists::take_over(&ctx, system, list).await.unwrap();
    let everybody = letters::Selection::Waiting {
        district: String::new(),
    };
    let batch = letters::create_batch(&ctx, system, &everybody).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 10).await.unwrap();
    for role in Role::ALL {
        let email = format!("{}@{name}.example", role.key());
        accounts::add_staff(&ctx, system, "Anja Adler", &email, role, PASSWORD)
            .await
            .unwrap();
    }
    let draft = format!("Nachname;Vorname;Straße;HNr;PLZ;Ort\nProbe;Erika;{street};;01945;Lindenau\n");
    let list = residents::upload(&ctx, system, "entwurf.csv", draft.into())
        .await
        .unwrap();
    let anna = residents::Search {
        words: "Probe Anna".to_owned(),
        ..residents::Search::default()
    };
    let resident = residents::search(&ctx, system, &anna).await.unwrap()[0].id;
    ctx.db.close().await;
    Town {
        host: format!("portal.{name}.example"),
        codes,
        batch,
        resident,
        list,
    }
}

async fn get(router: &Router, host: &str, path: &str, cookie: &str) -> Answer {
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::COOKIE, cookie)
        .body(Body::empty());
    send(router, request.unwrap()).await
}

async fn post(router: &Router, host: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    let request = Request::post(path)
        .header(header::HOST, host)
        .header(header::ORIGIN, format!("https://{host}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(Portal::encoded(form)));
    send(router, request.unwrap()).await
}

async fn sign_in(router: &Router, host: &str, email: &str) -> Answer {
    post(
        router,
        host,
        "/anmelden",
        &[("name", email), ("password", PASSWORD)],
    )
    .await
}

/// A resident asks for another name and sends a picture: the case, and the picture in it.
async fn with_picture(ctx: &Ctx, cookie: &str) -> (uuid::Uuid, uuid::Uuid) {
    let token = cookie.rsplit('=').next().unwrap();
    let who = accounts::session(ctx, token).await.unwrap().unwrap();
    let kind = CaseKind::ProfileChange;
    let request = cases::begin_values(ctx, &who, kind).await.unwrap().unwrap();
    let request = request.with("family_name", "Neu").with("reason", "Heirat");
    let case = cases::begin(ctx, &who, kind, &request).await.unwrap();
    let mut picture = std::io::Cursor::new(Vec::new());
    image::DynamicImage::from(image::RgbImage::new(300, 200))
        .write_to(&mut picture, image::ImageFormat::Png)
        .unwrap();
    cases::submit_with_picture(ctx, &who, case, picture.into_inner(), false, "Ja")
        .await
        .unwrap();
    let staff = accounts::staff(ctx, Actor::System).await.unwrap();
    let officer = staff
        .iter()
        .find(|s| s.role == Role::RegistryOfficer.key())
        .unwrap();
    let officer = Actor::staff(officer.id, Role::RegistryOfficer);
    let page = cases::open(ctx, officer, case).await.unwrap();
    (case, page.files[0].id)
}

/// Files in a folder and below it.
fn files_in(folder: &Path) -> usize {
    let Ok(all) = std::fs::read_dir(folder) else {
        return 0;
    };
    all.map(|e| e.unwrap().path())
        .map(|p| if p.is_dir() { files_in(&p) } else { 1 })
        .sum()
}

/// What was written into the log by this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn nothing_reaches_another(place: Place, schemas: Option<String>) {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt()
        .compact()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    let log = tracing::subscriber::set_default(log.finish());
    let folder = tempfile::tempdir().unwrap();
    let hosting = hosting(folder.path(), schemas).await;
    let one = town(&hosting, "eins", "Uhuweg", place).await;
    let two = town(&hosting, "zwei", "Finkensteig", place).await;
    let towns = Towns::new(hosting.clone(), Vec::new());
    let router = towns.router();

    // each host name shows its own town, in any order, also from what is kept of pages
    for _ in 0..2 {
        for (host, name, other) in [
            (&one.host, "Stadt eins", "Stadt zwei"),
            (&two.host, "Stadt zwei", "Stadt eins"),
        ] {
            let start = get(&router, host, "/", "").await;
            assert_eq!(start.status, StatusCode::OK);
            assert!(start.body.contains(name) && !start.body.contains(other));
        }
    }
    assert_eq!(towns.opened().len(), 2);

    // staff of one are nobody in the other: by password, by session, by ids
    let secret = |body: &str| body.contains("Uhuweg") || body.contains("Stadt eins");
    for role in Role::ALL {
        let answer = sign_in(&router, &two.host, &format!("{}@eins.example", role.key())).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let of_one = sign_in(&router, &one.host, &format!("{}@eins.example", role.key()))
            .await
            .session();
        let of_two = sign_in(&router, &two.host, &format!("{}@zwei.example", role.key()))
            .await
            .session();
        for (route, _) in MATRIX {
            let path = route
                .replace("{list}", &one.list.to_string())
                .replace("{batch}", &one.batch.to_string())
                .replace("00000000-0000-0000-0000-000000000000", &one.resident.to_string());
            let at_home = get(&router, &one.host, &path, &of_one).await;
            let away = get(&router, &two.host, &path, &of_one).await;
            assert_eq!(
                away.status,
                StatusCode::SEE_OTHER,
                "{path}: a session of one is none in two"
            );
            let foreign = get(&router, &two.host, &path, &of_two).await;
            assert!(!secret(&foreign.body), "{path}: {}", foreign.status);
            if path.contains(&one.batch.to_string()) || path.contains(&one.resident.to_string()) {
                assert_ne!(
                    foreign.status,
                    StatusCode::OK,
                    "{path}: ids of one are none in two"
                );
            }
            // the measure measures: at home the page is there for somebody
            if role == Role::RegistryOfficer && route == "/verwaltung/einwohner" {
                assert!(at_home.body.contains("Uhuweg"));
            }
        }
    }
    // the search and the palette
    let officer = sign_in(&router, &two.host, "registry_officer@zwei.example")
        .await
        .session();
    for (word, found) in [("Uhuweg", false), ("Berta", true)] {
        let path = format!("/verwaltung/einwohner?suche={word}");
        let search = get(&router, &two.host, &path, &officer).await;
        assert_eq!(search.status, StatusCode::OK);
        assert_eq!(search.body.contains("Finkensteig"), found, "{word}");
    }

    // a letter of one opens nothing in the other, by code and by typed ID, and is not spent by trying
    let code = one.codes[0].0.rsplit('#').next().unwrap();
    let account = [
        ("code", code),
        ("password", "grüner Tee um vier"),
        ("consent", "ja"),
    ];
    let wrong = post(&router, &two.host, "/registrieren/konto", &account).await;
    assert_ne!(wrong.status, StatusCode::SEE_OTHER);
    assert!(!wrong.body.contains("Probe"));
    let right = post(&router, &one.host, "/registrieren/konto", &account).await;
    assert_eq!(right.status, StatusCode::SEE_OTHER, "{}", right.body);
    let resident = right.session();
    assert_eq!(
        get(&router, &one.host, "/konto", &resident).await.status,
        StatusCode::OK
    );
    assert_eq!(
        get(&router, &two.host, "/konto", &resident).await.status,
        StatusCode::SEE_OTHER
    );
    let typed = [("benutzer_id", one.codes[1].1.as_str())];
    let away = post(&router, &two.host, "/registrieren", &typed).await;
    assert!(!away.body.contains("Probe"));

    // a request that says it comes from the other portal is foreign
    let request = Request::post("/registrieren/konto")
        .header(header::HOST, &two.host)
        .header(header::ORIGIN, format!("https://{}", one.host))
        .body(Body::empty());
    assert_eq!(
        send(&router, request.unwrap()).await.status,
        StatusCode::FORBIDDEN
    );

    // keys: what one sealed does not open in the other
    let (a, b) = (towns.ctx_of("eins").unwrap(), towns.ctx_of("zwei").unwrap());
    let sealed = a.master.seal(b"x", b"y").unwrap();
    assert!(b.master.open(&sealed, b"y").is_err());

    // jobs and files: a mail of one is sent by one, a picture of one lies in its part, and nobody else gets it
    let link = [("name", "clerk@eins.example")];
    post(&router, &one.host, "/passwort-vergessen", &link).await;
    let (case, picture) = with_picture(&a, &resident).await;
    let mails =
        |name: &str| std::fs::read_dir(folder.path().join("mail").join(name)).map_or(0, Iterator::count);
    let files = |name: &str| files_in(&folder.path().join("files/municipalities").join(name));
    // the workers of the open stores take them, too
    for _ in 0..200 {
        for ctx in [&b, &a] {
            jobs::run_due(ctx).await.unwrap();
        }
        if mails("eins") > 0 && files("eins") > 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(mails("eins") > 0 && mails("zwei") == 0);
    // the picture, and whose place it is
    assert_eq!(files("eins"), 2);
    assert!(files("zwei") <= 1);
    let path = format!("/verwaltung/nachrichten/{case}/bild/{picture}");
    let clerk = async |town: &Town, name: &str| {
        let answer = sign_in(&router, &town.host, &format!("clerk@{name}.example")).await;
        answer.session()
    };
    let (of_one, of_two) = (clerk(&one, "eins").await, clerk(&two, "zwei").await);
    let at_home = get(&router, &one.host, &path, &of_one).await;
    assert_eq!(at_home.status, StatusCode::OK);
    // for the clerk of another town there is no such thing, as there is none for whoever invents one
    let invented = path.replace(&case.to_string(), &picture.to_string());
    let none = get(&router, &one.host, &invented, &of_one).await;
    let foreign = get(&router, &two.host, &path, &of_two).await;
    assert_eq!(
        (foreign.status, none.status),
        (none.status, StatusCode::FORBIDDEN)
    );
    let away = get(&router, &two.host, &path, &of_one).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER);

    // the log: a line says whose portal it is about, and nobody's name
    drop(log);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let failed: Vec<&str> = text.lines().filter(|l| l.contains("sign-in-failed")).collect();
    assert!(!failed.is_empty(), "{text}");
    assert!(
        failed.iter().all(|l| l.contains("zwei") && !l.contains("eins")),
        "{failed:?}"
    );
    assert!(
        !["Uhuweg", "Finkensteig", "Probe"]
            .iter()
            .any(|w| text.contains(w)),
        "{text}"
    );

    // nobody's host name, a made-up one, one with a port
    for host in [
        "portal.drei.example",
        "",
        "portal.eins.example.evil.example",
        "portal.eins.example:8443",
    ] {
        let answer = get(&router, host, "/", "").await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(!answer.body.contains("Stadt"));
    }
    assert_eq!(
        get(&router, "PORTAL.EINS.EXAMPLE:443", "/", "").await.status,
        StatusCode::OK
    );
    assert_eq!(get(&router, "127.0.0.1", "/health", "").await.body, "ok");

    // out of service, and back
    hosting.set_suspended("eins", true).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let answer = get(&router, &one.host, "/", "").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(get(&router, &two.host, "/", "").await.status, StatusCode::OK);
    hosting.set_suspended("eins", false).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(
        get(&router, &one.host, "/konto", &resident).await.status,
        StatusCode::OK
    );

    // deleted: the other is as before
    hosting.delete("eins").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(
        get(&router, &one.host, "/", "").await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
    assert!(!folder.path().join("municipalities/eins").exists());
    let officer = sign_in(&router, &two.host, "registry_officer@zwei.example")
        .await
        .session();
    let people = get(&router, &two.host, "/verwaltung/einwohner", &officer).await;
    assert!(people.body.contains("Finkensteig"));
}

#[tokio::test]
async fn nothing_reaches_another_on_files() {
    nothing_reaches_another(Place::File, None).await;
}

#[tokio::test]
async fn nothing_reaches_another_on_schemas() {
    let Some((_, url)) = backend::db::testing::postgres_with_address().await else {
        return;
    };
    nothing_reaches_another(Place::Schema, Some(url)).await;
}

/// A portal moves to the other kind of store and back under an open browser.
#[tokio::test]
async fn a_portal_moves_under_open_sessions() {
    let Some((_, url)) = backend::db::testing::postgres_with_address().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let hosting = hosting(folder.path(), Some(url)).await;
    let one = town(&hosting, "eins", "Uhuweg", Place::File).await;
    let towns = Towns::new(hosting.clone(), Vec::new());
    let router = towns.router();
    let officer = sign_in(&router, &one.host, "registry_officer@eins.example")
        .await
        .session();
    for (place, code) in [(Place::Schema, &one.codes[0]), (Place::File, &one.codes[1])] {
        let moved = hosting.move_to("eins", place).await.unwrap();
        assert!(moved.rows > 50, "{moved:?}");
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let people = get(&router, &one.host, "/verwaltung/einwohner", &officer).await;
        assert!(people.body.contains("Uhuweg"), "{}", people.status);
        let code = code.0.rsplit('#').next().unwrap();
        let account = [
            ("code", code),
            ("password", "grüner Tee um vier"),
            ("consent", "ja"),
        ];
        let done = post(&router, &one.host, "/registrieren/konto", &account).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    // the store that was left is gone, and moving to where it is changes nothing
    assert!(hosting.move_to("eins", Place::File).await.is_err());
    assert_eq!(hosting.named("eins").await.unwrap().place, "file");
}

/// A request that takes its time does not hold a store that its portal may not have any more.
#[tokio::test]
async fn a_request_in_hand_ends_with_its_portal() {
    let folder = tempfile::tempdir().unwrap();
    let hosting = hosting(folder.path(), None).await;
    let one = town(&hosting, "eins", "Uhuweg", Place::File).await;
    let towns = Towns::new(hosting.clone(), Vec::new());
    let router = towns.router();
    let endless = Request::builder()
        .method("POST")
        .uri("/anmelden")
        .header(header::HOST, &one.host)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from_stream(futures::stream::pending::<
            Result<Vec<u8>, std::io::Error>,
        >()))
        .unwrap();
    let mut answer = tokio::spawn(tower::ServiceExt::oneshot(router.clone(), endless));
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut answer).await;
    assert!(early.is_err(), "the request waits for its body");
    hosting.set_suspended("eins", true).await.unwrap();
    towns.round().await;
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// Only so many stores are open, and jobs of closed ones run all the same.
#[tokio::test]
async fn closed_stores_are_visited() {
    let folder = tempfile::tempdir().unwrap();
    let hosting = hosting(folder.path(), None).await;
    let one = town(&hosting, "eins", "Uhuweg", Place::File).await;
    let towns = Towns::new(hosting.clone(), Vec::new());
    // somebody asked for a new password, and then nobody came any more
    let m = hosting.named("eins").await.unwrap();
    let ctx = hosting.ctx(&m).await.unwrap();
    let router = server::router::router(ctx.clone(), Vec::new());
    let asked = post(
        &router,
        &one.host,
        "/passwort-vergessen",
        &[("name", "clerk@eins.example")],
    )
    .await;
    assert!(
        asked.status.is_redirection() || asked.status.is_success(),
        "{}",
        asked.status
    );
    ctx.db.close().await;
    let mails = || {
        std::fs::read_dir(folder.path().join("mail/eins"))
            .unwrap()
            .count()
    };
    assert_eq!(mails(), 0);
    towns.round().await;
    assert_eq!(mails(), 1);
    assert!(towns.opened().is_empty());
}
