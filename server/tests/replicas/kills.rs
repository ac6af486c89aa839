//! The process is killed (SIGKILL) at random moments while people register, lists are taken over, batches and backups are
//! made; then the invariants are looked at. `STADTBRIEF_KILLS` says how often (30 here, 500 in the nightly profile), and
//! `STADTBRIEF_SEED` repeats a run.

use crate::{free_port, listening, redeem};
use backend::{
    Ctx, audit, backup,
    ctx::Clock,
    db::{self, Db, testing},
    demo,
    depot::{Depot, S3},
    doctor, jobs,
    keys::Key,
    letters,
    mail::Mailer,
    municipality, residents,
};
use domain::access::Actor;
use reqwest::{StatusCode, header, redirect::Policy};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// Pseudo-random numbers (xorshift): a failing run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn environment(name: &str) -> Option<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how hard to test is said by environment"
    )]
    std::env::var(name).ok()?.parse().ok()
}

struct World {
    folder: PathBuf,
    database: String,
    base: String,
    port: u16,
}

impl World {
    fn command(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
            .args(arguments)
            .env("STADTBRIEF_DATA", &self.folder)
            .env("STADTBRIEF_DATABASE", &self.database)
            .env("STADTBRIEF_BASE_URL", &self.base)
            .env("STADTBRIEF_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("STADTBRIEF_TRUSTED_PROXIES", "127.0.0.1")
            .env(
                "STADTBRIEF_BACKUP",
                format!("folder:{}", self.folder.join("backup").display()),
            )
            .env("STADTBRIEF_LOG_LEVEL", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// A list with the people of all rounds so far, so that nobody has gone.
    fn list(&self, people: usize) -> PathBuf {
        let mut text = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort;Ortsteil\n".to_owned();
        for i in 0..people {
            let name: String = [i / 676 % 26, i / 26 % 26, i % 26]
                .map(|n| char::from(b'a' + u8::try_from(n).unwrap()))
                .iter()
                .collect();
            let (day, month, district) = (1 + i % 28, 1 + i / 28 % 12, if i < FIRST { "Alt" } else { "Neu" });
            writeln!(
                text,
                "Muster{name};Erika;{day:02}.{month:02}.1970;Ring;{};01945;Lindenau;{district}",
                i + 1
            )
            .unwrap();
        }
        let file = self.folder.join("liste.csv");
        std::fs::write(&file, text).unwrap();
        file
    }
}

/// People whose letters are redeemed during the kills.
const FIRST: usize = 400;

type Acknowledged = Arc<Mutex<BTreeMap<usize, String>>>;

/// Registers people, one after the other, until told to stop. A letter whose end is unclear is left alone.
async fn people(base: String, codes: Arc<Vec<String>>, next: Arc<AtomicUsize>, done: Acknowledged) {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let Some(code) = codes.get(n) else { return };
        let answer = redeem(&client, &base, n, code).await;
        let Ok(answer) = answer else { return };
        if answer.status() == StatusCode::SEE_OTHER {
            let cookie = answer
                .headers()
                .get(header::SET_COOKIE)
                .unwrap()
                .to_str()
                .unwrap();
            done.lock().unwrap().insert(n, cookie.to_owned());
        }
    }
}

/// What must hold whenever somebody looks.
async fn invariants(ctx: &Ctx, acknowledged: usize, seen: &mut (i64, i64)) {
    assert!(audit::verify(ctx).await.unwrap().is_ok(), "the chain is whole");
    let (people, registered) = residents::totals(ctx, Actor::System).await.unwrap();
    let redeemed: i64 = letters::batches(ctx, Actor::System)
        .await
        .unwrap()
        .iter()
        .map(|b| b.redeemed)
        .sum();
    assert_eq!(
        redeemed, registered,
        "a letter redeemed is an account, and the reverse"
    );
    assert!(
        registered >= i64::try_from(acknowledged).unwrap(),
        "{registered} accounts of {acknowledged} acknowledged"
    );
    assert!(
        people >= seen.0 && registered >= seen.1,
        "nothing is lost: {people}, {registered} after {seen:?}"
    );
    *seen = (people, registered);
    assert_eq!(testing::people_with_two_letters(ctx).await, 0);
}

async fn killed_at_any_moment(database: String) {
    let kills = environment("STADTBRIEF_KILLS").unwrap_or(30);
    let seed = environment("STADTBRIEF_SEED").unwrap_or_else(|| u64::from(std::process::id()) << 20 | 1);
    let mut dice = Dice(seed);
    let temporary = tempfile::tempdir().unwrap();
    let port = free_port();
    let world = World {
        folder: temporary.path().to_owned(),
        database,
        base: format!("http://localhost:{port}"),
        port,
    };
    let db = Db::open(&world.database).await.unwrap();
    db::migrate(&db).await.unwrap();
    let key = Key::load_or_create(&world.folder.join("master.key")).unwrap();
    let mailer = Mailer::folder(&world.folder.join("mail"), "portal@lindenau.example").unwrap();
    let ctx = Ctx::new(db, Clock::System, key, mailer, &world.base);
    municipality::save(&ctx, Actor::System, demo::settings(), 0)
        .await
        .unwrap();
    let list = std::fs::read(world.list(FIRST)).unwrap();
    let list = residents::upload(&ctx, Actor::System, "liste.csv", list)
        .await
        .unwrap();
    residents::lists::take_over(&ctx, Actor::System, list)
        .await
        .unwrap();
    let old = letters::Selection::Waiting {
        district: "Alt".into(),
    };
    let batch = letters::create_batch(&ctx, Actor::System, &old).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 10_000).await.unwrap();
    let codes: Vec<String> = codes
        .iter()
        .map(|c| c.0.rsplit('#').next().unwrap().to_owned())
        .collect();
    let codes = Arc::new(codes);

    let (next, done) = (Arc::new(AtomicUsize::new(0)), Acknowledged::default());
    let mut seen = (0, 0);
    let mut all = FIRST;
    for round in 0..kills {
        all += 40;
        let file = world.list(all);
        let mut server = world.command(&["serve"]);
        listening(port).await;
        let crowd: Vec<_> = (0..3)
            .map(|_| {
                tokio::spawn(people(
                    world.base.clone(),
                    codes.clone(),
                    next.clone(),
                    done.clone(),
                ))
            })
            .collect();
        let out = world.folder.join("briefe.pdf");
        let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
        let mut others = vec![match round % 3 {
            0 => world.command(&["residents", "import", file]),
            1 => world.command(&["letters", "make", "--district", "Neu", "--out", out]),
            _ => world.command(&["backup"]),
        }];
        tokio::time::sleep(Duration::from_millis(20 + dice.below(700))).await;
        // either first
        if dice.below(2) == 0 {
            others.push(server);
        } else {
            server.kill().unwrap();
            server.wait().unwrap();
        }
        for mut child in others {
            let _ = child.kill();
            child.wait().unwrap();
        }
        for one in crowd {
            one.await.unwrap();
        }
        // a database that lost its client needs a moment to roll back
        tokio::time::sleep(Duration::from_millis(50)).await;
        let acknowledged = done.lock().unwrap().len();
        invariants(&ctx, acknowledged, &mut seen).await;
    }
    let acknowledged = done.lock().unwrap().len();
    println!(
        "seed {seed}: {kills} kills, {acknowledged} registrations acknowledged, {} accounts, {} residents",
        seen.1, seen.0
    );
    assert!(acknowledged > 5, "hardly anybody came through: {acknowledged}");

    // in peace, everything is finished: list, batch, backup; and what the backups say is whole
    world.list(all);
    let file = world.folder.join("liste.csv");
    for arguments in [&["residents", "import", file.to_str().unwrap()][..], &["backup"]] {
        let mut child = world.command(arguments);
        assert!(child.wait().unwrap().success(), "{arguments:?}");
    }
    invariants(&ctx, acknowledged, &mut seen).await;
    assert_eq!(seen.0, i64::try_from(all).unwrap(), "everybody is there once");
    let depot = Depot::open(
        &format!("folder:{}", world.folder.join("backup").display()),
        &S3::default(),
    )
    .unwrap();
    for name in backup::list(&depot).await.unwrap() {
        backup::check(&ctx, &depot, Some(&name)).await.unwrap();
    }
    let restored = Db::open(&format!(
        "sqlite:{}",
        Path::new(&world.folder).join("restored.db").display()
    ))
    .await
    .unwrap();
    let restored = Ctx {
        db: restored,
        ..ctx.clone()
    };
    backup::restore(&restored, &depot, None).await.unwrap();
    let mut fresh = (0, 0);
    invariants(&restored, acknowledged, &mut fresh).await;
    assert_eq!(fresh, seen);
    // nothing is left that needs a hand, but an administrator, whom nobody made, and what waits for its lease
    let unwell: Vec<_> = doctor::examine(&ctx, true)
        .await
        .unwrap()
        .into_iter()
        .filter(|d| !d.healthy)
        .collect();
    assert!(unwell.iter().all(|d| d.key == "administrator"), "{unwell:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    killed_at_any_moment(format!("sqlite:{}", folder.path().join("store.db").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_on_postgres() {
    if let Some(url) = testing::empty_postgres().await {
        killed_at_any_moment(url).await;
    }
}
