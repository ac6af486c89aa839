//! Notifications of browsers, against a small push service on this machine: what arrives, who is asked, and when it ends.

use crate::kit::{self, ADMINISTRATOR, AUDITOR, ERIKA, JAN, db_tests};
use aes_gcm::{
    Aes128Gcm,
    aead::{Aead, KeyInit},
};
use backend::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    cases,
    db::testing,
    jobs,
    push::{self, Address, MOST_DEVICES, PushRefusal, Services},
    registration::{self, Claim, Code},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Request},
};
use hkdf::Hkdf;
use p256::{
    PublicKey, SecretKey,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
};
use sha2::Sha256;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};
use uuid::Uuid;

db_tests!(
    a_device_is_told,
    staff_are_told_too,
    only_known_services_are_asked,
    what_the_push_service_answers,
    one_address_belongs_to_one_account,
    signing_out_ends_it,
);

const PASSWORD: &str = "grüner Tee um vier";

/// What a push service got.
#[derive(Clone, Debug)]
struct Got {
    path: String,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        let found = lines.into_iter().find(|(k, _)| k.eq_ignore_ascii_case(name));
        found.map(|(_, v)| v.to_owned()).unwrap_or_default()
    }
}

/// A push service that answers with one status.
struct Sink {
    origin: String,
    got: Arc<Mutex<Vec<Got>>>,
    status: Arc<AtomicU16>,
}

impl Sink {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (got, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(201)));
        let (kept, answer, own) = (got.clone(), status.clone(), origin.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(request) = read(&mut stream) else {
                    continue;
                };
                // kept before it is answered: the test looks as soon as the portal has its answer
                kept.lock().unwrap().push(request);
                let status = answer.load(Ordering::SeqCst);
                let answer = format!(
                    "HTTP/1.1 {status} Answer\r\nlocation: {own}/elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { origin, got, status }
    }

    fn taken(&self) -> Vec<Got> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    /// This town, with this service as the only one.
    fn used_by(&self, ctx: Ctx) -> Ctx {
        ctx.with_push_services(Services::only(std::slice::from_ref(&self.origin)).unwrap())
    }
}

fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let head = loop {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut got = Got {
        path: text.split(' ').nth(1)?.to_owned(),
        head: text,
        body: bytes.split_off(head + 4),
    };
    let length: usize = got.header("content-length").parse().ok()?;
    while got.body.len() < length {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        got.body.extend_from_slice(&piece[..n]);
    }
    Some(got)
}

/// A browser: its keys, and its address at the push service.
struct Browser {
    key: SecretKey,
    auth: [u8; 16],
    address: Address,
}

fn browser(origin: &str, name: &str) -> Browser {
    let key = SecretKey::from_slice(&backend::keys::random_bytes::<32>()).unwrap();
    let auth = backend::keys::random_bytes();
    let address = Address {
        endpoint: format!("{origin}/push/{name}"),
        p256dh: URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_bytes()),
        auth: URL_SAFE_NO_PAD.encode(auth),
    };
    Browser { key, auth, address }
}

impl Browser {
    /// What RFC 8291 says that a browser does.
    fn open(&self, body: &[u8]) -> serde_json::Value {
        let (salt, rest) = body.split_at(16);
        assert_eq!(rest[..5], [0, 0, 16, 0, 65]);
        let (theirs, sealed) = rest[5..].split_at(65);
        let shared = self
            .key
            .diffie_hellman(&PublicKey::from_sec1_bytes(theirs).unwrap());
        let own = self.key.public_key().to_sec1_bytes();
        let info = [b"WebPush: info\0", &own[..], theirs].concat();
        let mut secret = [0; 32];
        let expand = |salt: &[u8], key: &[u8], info: &[u8], out: &mut [u8]| {
            Hkdf::<Sha256>::new(Some(salt), key).expand(info, out).unwrap();
        };
        expand(&self.auth, shared.raw_secret_bytes(), &info, &mut secret);
        let (mut key, mut nonce) = ([0; 16], [0; 12]);
        expand(salt, &secret, b"Content-Encoding: aes128gcm\0", &mut key);
        expand(salt, &secret, b"Content-Encoding: nonce\0", &mut nonce);
        let plain = Aes128Gcm::new(&key.into())
            .decrypt(&nonce.into(), sealed)
            .unwrap();
        let end = plain.iter().rposition(|b| *b != 0).unwrap();
        assert_eq!(plain[end], 2);
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

/// The claims of a signature that holds, and the key that made it.
fn signed(got: &Got) -> (serde_json::Value, String) {
    let header = got.header("authorization");
    let (token, key) = header
        .strip_prefix("vapid t=")
        .unwrap()
        .split_once(", k=")
        .unwrap();
    let (text, signature) = token.rsplit_once('.').unwrap();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    VerifyingKey::from_sec1_bytes(&decode(key))
        .unwrap()
        .verify(text.as_bytes(), &signature)
        .unwrap();
    let (head, claims) = text.split_once('.').unwrap();
    let head: serde_json::Value = serde_json::from_slice(&decode(head)).unwrap();
    assert_eq!(head["alg"], "ES256");
    (serde_json::from_slice(&decode(claims)).unwrap(), key.to_owned())
}

/// Erika and Jan, without e-mail addresses: the tokens of their sessions, and who they are.
async fn people(ctx: &Ctx) -> Vec<(String, SignedIn)> {
    kit::town(ctx, &[ERIKA, JAN]).await;
    let (_, codes) = kit::make_letters(ctx).await;
    let mut people = Vec::new();
    for (qr, _) in codes {
        let claim = Claim {
            password: PASSWORD.into(),
            email: String::new(),
            consent: true,
            birth_date: None,
            name: String::new(),
        };
        let code = Code::parse(&qr).unwrap();
        let made = registration::redeem(ctx, &kit::visitor(), &code, &claim, None)
            .await
            .unwrap();
        let token = made.session.unwrap();
        let who = accounts::session(ctx, &token).await.unwrap().unwrap();
        people.push((token, who));
    }
    people
}

async fn clerk(ctx: &Ctx) -> (Actor, SignedIn) {
    let email = "carla@lindenau.example";
    let account = accounts::add_staff(ctx, ADMINISTRATOR, "Carla", email, Role::Clerk, PASSWORD)
        .await
        .unwrap();
    let signed = accounts::sign_in(ctx, &kit::visitor(), email, PASSWORD).await;
    (
        Actor::staff(account, Role::Clerk),
        signed.unwrap().signed_in().unwrap().1,
    )
}

/// The same person once more, from another device.
async fn again(ctx: &Ctx, who: &SignedIn) -> (String, SignedIn) {
    let name = accounts::overview(ctx, who).await.unwrap().sign_in_name.unwrap();
    let signed = accounts::sign_in(ctx, &kit::visitor(), &name, PASSWORD).await;
    signed.unwrap().signed_in().unwrap()
}

async fn wrote(ctx: &Ctx, who: &SignedIn) -> Uuid {
    let text = Request::default().with("subject", "Lampe").with("text", "aus");
    cases::begin(ctx, who, CaseKind::Message, &text).await.unwrap()
}

async fn answered(ctx: &Ctx, clerk: Actor, case: Uuid) {
    let version = cases::open(ctx, clerk, case).await.unwrap().case.version;
    cases::tell(ctx, clerk, case, version, "Wir kommen.", None)
        .await
        .unwrap();
}

async fn on(ctx: &Ctx, who: &SignedIn, browser: &Browser) -> String {
    // a browser needs the town's key first; asking for it makes it
    push::overview(ctx, who, None).await.unwrap().unwrap();
    push::switch_on(ctx, who, "Firefox, Android", &browser.address, None)
        .await
        .unwrap()
}

async fn devices(ctx: &Ctx, who: &SignedIn, cookie: &str) -> Vec<push::Device> {
    let overview = push::overview(ctx, who, Some(cookie)).await.unwrap();
    overview.unwrap().devices
}

async fn a_device_is_told(ctx: Ctx) {
    let sink = Sink::start();
    let ctx = sink.used_by(ctx);
    let people = people(&ctx).await;
    let erika = &people[0].1;
    let (carla, _) = clerk(&ctx).await;
    let first = wrote(&ctx, erika).await;
    // nobody has switched anything on
    answered(&ctx, carla, first).await;
    jobs::run_due(&ctx).await.unwrap();
    assert!(sink.taken().is_empty());

    let phone = browser(&sink.origin, "phone");
    let cookie = on(&ctx, erika, &phone).await;
    let listed = devices(&ctx, erika, &cookie).await;
    assert_eq!((listed.len(), listed[0].here, listed[0].stale), (1, true, false));
    assert!(!devices(&ctx, erika, "another").await[0].here);
    let second = wrote(&ctx, erika).await;
    answered(&ctx, carla, second).await;
    jobs::run_due(&ctx).await.unwrap();
    let got = sink.taken();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].path, "/push/phone");
    assert_eq!(got[0].header("content-encoding"), "aes128gcm");
    assert!(got[0].header("ttl").parse::<i64>().unwrap() > 0);
    let (claims, key) = signed(&got[0]);
    assert_eq!(key, push::overview(&ctx, erika, None).await.unwrap().unwrap().key);
    assert_eq!(claims["aud"], sink.origin.as_str());
    assert_eq!(claims["sub"], "https://portal.lindenau.example");
    let ahead = claims["exp"].as_i64().unwrap() - ctx.clock.now().timestamp();
    assert!((1..=24 * 60 * 60).contains(&ahead), "{ahead}");
    // everything that it says, and nothing of the case
    let says = serde_json::json!({
        "kind": "own-case", "text": "Neues zu Ihrem Vorgang", "lang": "de", "n": 2, "path": "/konto/vorgaenge",
    });
    assert_eq!(phone.open(&got[0].body), says);
    // what was read is not counted any more
    cases::own_case(&ctx, erika, first).await.unwrap();
    answered(&ctx, carla, second).await;
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(phone.open(&sink.taken()[0].body)["n"], 1);

    let own = accounts::own_data(&ctx, erika).await.unwrap();
    assert_eq!(own.notified[0].0, "Firefox, Android");
    for file in testing::files(&ctx).await {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for secret in ["/push/phone", &phone.address.p256dh, &phone.address.auth] {
            assert!(
                memchr::memmem::find(&bytes, secret.as_bytes()).is_none(),
                "{secret}"
            );
        }
    }
    push::switch_off(&ctx, erika, listed[0].id).await.unwrap();
    push::switch_off(&ctx, erika, listed[0].id).await.unwrap();
    answered(&ctx, carla, second).await;
    jobs::run_due(&ctx).await.unwrap();
    assert!(sink.taken().is_empty());
}

async fn staff_are_told_too(ctx: Ctx) {
    let sink = Sink::start();
    let ctx = sink.used_by(ctx);
    let people = people(&ctx).await;
    let (_, carla) = clerk(&ctx).await;
    let desk = browser(&sink.origin, "desk");
    on(&ctx, &carla, &desk).await;
    wrote(&ctx, &people[0].1).await;
    jobs::run_due(&ctx).await.unwrap();
    let says = desk.open(&sink.taken()[0].body);
    assert_eq!(says["kind"], "staff-case");
    assert_eq!(says["path"], "/verwaltung/nachrichten");
    assert!(says.get("n").is_none());
    // who gets no mail about cases gets no notification
    let account = accounts::add_staff(
        &ctx,
        ADMINISTRATOR,
        "Rita",
        "rita@lindenau.example",
        Role::Auditor,
        PASSWORD,
    );
    account.await.unwrap();
    let rita = accounts::sign_in(&ctx, &kit::visitor(), "rita@lindenau.example", PASSWORD).await;
    let (_, rita) = rita.unwrap().signed_in().unwrap();
    assert!(push::overview(&ctx, &rita, None).await.unwrap().is_none());
    let denied = push::switch_on(&ctx, &rita, "Test", &desk.address, None).await;
    assert_eq!(denied, Err(Failure::Denied));
    let filter = backend::audit::LogFilter::default();
    let log = backend::audit::events(&ctx, AUDITOR, &filter, 100).await.unwrap();
    let switched = log.iter().filter(|e| e.action == "accounts.push-on");
    assert_eq!(switched.count(), 1);
}

async fn only_known_services_are_asked(ctx: Ctx) {
    let people = people(&ctx).await;
    let erika = &people[0].1;
    let try_on = async |address: &Address| push::switch_on(&ctx, erika, "Test", address, None).await;
    for origin in [
        "http://127.0.0.1:9",
        "https://evil.example",
        "http://fcm.googleapis.com",
    ] {
        let refused = try_on(&browser(origin, "x").address).await;
        assert_eq!(refused, Err(Failure::Refused(PushRefusal::Service)), "{origin}");
    }
    let mut broken = browser("https://fcm.googleapis.com", "x").address;
    broken.p256dh.truncate(40);
    assert_eq!(try_on(&broken).await, Err(Failure::Refused(PushRefusal::Keys)));
    for n in 0..MOST_DEVICES {
        let good = browser("https://fcm.googleapis.com", &n.to_string());
        try_on(&good.address).await.unwrap();
    }
    let more = browser("https://updates.push.services.mozilla.com", "more");
    assert_eq!(
        try_on(&more.address).await,
        Err(Failure::Refused(PushRefusal::Many))
    );
    // a device that has one already gets no second
    let cookie = on(&ctx, &people[1].1, &more).await;
    let other = browser("https://web.push.apple.com", "other");
    push::switch_on(&ctx, &people[1].1, "Test", &other.address, Some(&cookie))
        .await
        .unwrap();
    assert_eq!(devices(&ctx, &people[1].1, "").await.len(), 1);
    // no service, no notifications
    let none = ctx.clone().with_push_services(Services::only(&[]).unwrap());
    assert!(push::overview(&none, erika, None).await.unwrap().is_none());
}

async fn what_the_push_service_answers(ctx: Ctx) {
    let sink = Sink::start();
    let ctx = sink.used_by(ctx);
    let people = people(&ctx).await;
    let erika = &people[0].1;
    let (carla, _) = clerk(&ctx).await;
    let phone = browser(&sink.origin, "phone");
    let cookie = on(&ctx, erika, &phone).await;
    let case = wrote(&ctx, erika).await;
    let failing = async || jobs::failing(&ctx, ADMINISTRATOR).await.unwrap();
    // busy, broken, somewhere else: tried again later, and nowhere else
    for status in [429, 503, 307] {
        sink.status.store(status, Ordering::SeqCst);
        answered(&ctx, carla, case).await;
        jobs::run_due(&ctx).await.unwrap();
        let paths: Vec<_> = sink.taken().into_iter().map(|g| g.path).collect();
        assert_eq!(paths, ["/push/phone"], "{status}");
        let error = failing().await[0].error.clone().unwrap();
        assert_eq!(error, format!("the push service answered {status}"));
        sink.status.store(201, Ordering::SeqCst);
        ctx.clock.advance(Duration::minutes(2));
        jobs::run_due(&ctx).await.unwrap();
        assert_eq!(sink.taken().len(), 1);
        assert!(failing().await.is_empty());
    }
    // it never gets better: given up, and nobody has to look after it
    sink.status.store(500, Ordering::SeqCst);
    answered(&ctx, carla, case).await;
    for _ in 0..8 {
        jobs::run_due(&ctx).await.unwrap();
        ctx.clock.advance(Duration::hours(2));
    }
    assert_eq!(sink.taken().len(), 8);
    assert!(failing().await.is_empty());
    // the browser does not listen any more
    assert_eq!(devices(&ctx, erika, &cookie).await.len(), 1);
    sink.status.store(410, Ordering::SeqCst);
    answered(&ctx, carla, case).await;
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(sink.taken().len(), 1);
    assert!(devices(&ctx, erika, &cookie).await.is_empty());
    assert!(failing().await.is_empty());
}

async fn one_address_belongs_to_one_account(ctx: Ctx) {
    let sink = Sink::start();
    let ctx = sink.used_by(ctx);
    let people = people(&ctx).await;
    let (erika, jan) = (&people[0].1, &people[1].1);
    let shared = browser(&sink.origin, "shared");
    let cookie = on(&ctx, erika, &shared).await;
    on(&ctx, jan, &shared).await;
    assert!(devices(&ctx, erika, &cookie).await.is_empty());
    assert_eq!(devices(&ctx, jan, "").await.len(), 1);
    // nobody switches off what is somebody else's
    let id = devices(&ctx, jan, "").await[0].id;
    push::switch_off(&ctx, erika, id).await.unwrap();
    assert_eq!(devices(&ctx, jan, "").await.len(), 1);
    // with the cookie of another account's device nothing is taken over
    let taken = push::renew(&ctx, jan, &shared.address, &cookie).await;
    assert_eq!(taken, Err(Failure::Denied));
}

async fn signing_out_ends_it(ctx: Ctx) {
    let sink = Sink::start();
    let ctx = sink.used_by(ctx);
    let people = people(&ctx).await;
    let (token, erika) = &people[0];
    let cookie = on(&ctx, erika, &browser(&sink.origin, "phone")).await;
    // a session that only runs out ends nothing
    ctx.clock.advance(Duration::days(31));
    jobs::sweep(&ctx).await.unwrap();
    assert!(accounts::session(&ctx, token).await.unwrap().is_none());
    let (token, erika) = again(&ctx, erika).await;
    assert!(devices(&ctx, &erika, &cookie).await[0].stale);
    // signing out of the new session, on this device
    push::signed_out(&ctx, &cookie).await.unwrap();
    assert!(devices(&ctx, &erika, &cookie).await.is_empty());
    // the session that switched it on
    on(&ctx, &erika, &browser(&sink.origin, "phone")).await;
    accounts::sign_out(&ctx, &token).await.unwrap();
    let (_, erika) = again(&ctx, &erika).await;
    assert!(devices(&ctx, &erika, "").await.is_empty());
    // ended from another device; here, what was renewed counts
    let phone = browser(&sink.origin, "phone");
    let cookie = on(&ctx, &erika, &phone).await;
    let (_, tablet) = again(&ctx, &erika).await;
    on(&ctx, &tablet, &browser(&sink.origin, "tablet")).await;
    let (_, newer) = again(&ctx, &erika).await;
    push::renew(&ctx, &newer, &phone.address, &cookie).await.unwrap();
    accounts::end_sessions(&ctx, &tablet, Some(erika.session))
        .await
        .unwrap();
    assert_eq!(devices(&ctx, &tablet, "").await.len(), 2);
    accounts::end_sessions(&ctx, &tablet, Some(newer.session))
        .await
        .unwrap();
    assert_eq!(devices(&ctx, &tablet, "").await.len(), 1);
    // another password: only the device where it was changed stays
    let (_, laptop) = again(&ctx, &tablet).await;
    on(&ctx, &laptop, &browser(&sink.origin, "laptop")).await;
    accounts::change_password(&ctx, &tablet, PASSWORD, "Zehn Frösche im Teich")
        .await
        .unwrap();
    assert_eq!(devices(&ctx, &tablet, "").await.len(), 1);
    accounts::delete(&ctx, &tablet, "Zehn Frösche im Teich")
        .await
        .unwrap();
    assert_eq!(testing::count(&ctx, "push_subscriptions").await, 0);
}
