//! What the tests share: a portal in process, and a browser without JavaScript.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use backend::{Ctx, accounts, db::testing, demo, jobs, letters, municipality, residents};
use domain::access::{Actor, Role};
use std::fmt::Write as _;
use tower::ServiceExt;

pub(crate) const BASE: &str = "https://portal.lindenau.example";
pub(crate) const PASSWORD: &str = "Sieben Zwerge im Wald";

pub(crate) struct Portal {
    pub(crate) ctx: Ctx,
    pub(crate) router: Router,
    /// Links and user IDs of letters.
    pub(crate) codes: Vec<(String, String)>,
    pub(crate) batch: uuid::Uuid,
    /// A draft of a list.
    pub(crate) list: uuid::Uuid,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// The session cookie that this answer sets.
    pub(crate) fn session(&self) -> String {
        let set = self.header("set-cookie");
        set.split(';').next().unwrap_or("").to_owned()
    }
}

/// The demo town with letters for one district and a member of staff for each role.
pub(crate) async fn portal() -> Portal {
    let ctx = testing::sqlite().await;
    let system = Actor::System;
    municipality::save(&ctx, system, demo::settings(), 0)
        .await
        .unwrap();
    let list = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/demo/einwohner-clean-500.xlsx"
    ))
    .unwrap();
    let id = residents::upload(&ctx, system, "liste.xlsx", list).await.unwrap();
    residents::lists::take_over(&ctx, system, id).await.unwrap();
    let batch = letters::create_batch(
        &ctx,
        system,
        &letters::Selection::Waiting {
            district: "Tettau".into(),
        },
    )
    .await
    .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 10).await.unwrap();
    for role in Role::ALL {
        let email = format!("{}@lindenau.example", role.key());
        accounts::add_staff(&ctx, system, "Anja Adler", &email, role, PASSWORD)
            .await
            .unwrap();
    }
    let draft = "Nachname;Vorname;Straße;HNr;PLZ;Ort\nMüller;Erika;Weg;;01945;Lindenau\n";
    let list = residents::upload(&ctx, system, "entwurf.csv", draft.into())
        .await
        .unwrap();
    let router = server::router::router(ctx.clone(), Vec::new());
    Portal {
        ctx,
        router,
        codes,
        batch,
        list,
    }
}

/// Sends a request and reads the answer to its end.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 50_000_000).await.unwrap_or_default();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

impl Portal {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(&self.router, request).await
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(
            Request::get(path)
                .header(header::COOKIE, cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Fields as a browser sends them.
    pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
        let encode = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
        form.iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect::<Vec<_>>()
            .join("&")
    }

    /// A plain post from a page of the portal.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let body = Portal::encoded(form);
        let request = Request::post(path)
            .header(header::ORIGIN, BASE)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// A plain upload.
    pub(crate) async fn upload(&self, path: &str, cookie: &str, name: &str, bytes: &[u8]) -> Answer {
        let head =
            format!("--x\r\nContent-Disposition: form-data; name=\"datei\"; filename=\"{name}\"\r\n\r\n");
        let body = [head.as_bytes(), bytes, b"\r\n--x--\r\n"].concat();
        let request = Request::post(path)
            .header(header::ORIGIN, BASE)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    pub(crate) async fn sign_in(&self, role: Role) -> String {
        let email = format!("{}@lindenau.example", role.key());
        let answer = self
            .post("/anmelden", "", &[("name", &email), ("password", PASSWORD)])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.session()
    }

    /// Registers with the first letter; the session cookie.
    pub(crate) async fn resident(&self) -> String {
        let code = self.codes[0].0.rsplit('#').next().unwrap();
        let form = [
            ("code", code),
            ("password", "grüner Tee um vier"),
            ("consent", "ja"),
        ];
        let answer = self.post("/registrieren/konto", "", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.session()
    }
}

/// A list with so many people who differ.
pub(crate) fn register(people: usize) -> String {
    let mut text = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort\n".to_owned();
    for i in 0..i64::try_from(people).unwrap() {
        let (day, month, year) = (1 + i % 28, 1 + i / 28 % 12, 1940 + i / 336 % 60);
        writeln!(
            text,
            "Muster{};Erika;{day:02}.{month:02}.{year};{};{};01945;Lindenau",
            word(i),
            ["Ringstraße", "Dorfstraße", "Mühlweg", "Lindenallee"][usize::try_from(i / 900 % 4).unwrap()],
            i % 900 + 1
        )
        .unwrap();
    }
    text
}

/// Letters for a number: digits in a name would be asked about.
fn word(mut n: i64) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        let letter = char::from(b'a' + u8::try_from(n % 13).unwrap());
        text.extend([letter, letter]);
        n /= 13;
    }
    text
}
