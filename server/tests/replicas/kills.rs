//! The process is killed (SIGKILL) at random moments while people register, a clerk decides requests, lists are taken over,
//! batches and backups are made, and pictures are carried to their place outside the store; then the invariants are looked
//! at. `STADTBRIEF_KILLS` says how often (30 here, 500 in the nightly profile), and `STADTBRIEF_SEED` repeats a run.

use crate::{free_port, listening, redeem, town};
use backend::{
    Ctx,
    accounts::{self, SignedIn, Visitor},
    audit,
    backup::{self, BackupError},
    cases,
    db::{Db, testing},
    depot::{Depot, S3},
    doctor,
    files::{self, FilesError},
    jobs,
    registration::{self, Claim, Code},
    residents,
};
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, CaseState},
};
use reqwest::{StatusCode, header, redirect::Policy};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

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
    size: Size,
}

/// How many people a run needs, so that there is something to do until its last round.
#[derive(Clone, Copy)]
struct Size {
    /// People with letters of the first batch.
    first: usize,
    /// Of these, people who ask for another name; the letters of the others are redeemed during the kills.
    requests: usize,
    /// New people in each round's list.
    more: usize,
}

impl Size {
    fn of(kills: u64) -> Size {
        let kills = usize::try_from(kills).unwrap();
        let requests = kills.max(60);
        Size {
            first: requests + (8 * kills).max(340),
            requests,
            // a list that grows too long is never taken over before the kill comes
            more: (1_200 / kills).clamp(2, 40),
        }
    }
}

impl World {
    fn files(&self) -> String {
        format!("folder:{}", self.folder.join("files").display())
    }

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
            .env("STADTBRIEF_FILES", self.files())
            .env("STADTBRIEF_LOG_LEVEL", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// A list with the people of all rounds so far, so that nobody has gone.
    fn list(&self, people: usize) -> PathBuf {
        let file = self.folder.join("liste.csv");
        std::fs::write(&file, town::list(people, self.size.first)).unwrap();
        file
    }
}

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
    assert_eq!(
        testing::redeemed_letters(ctx).await,
        registered,
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

/// Requests of people for another name, and the clerk who decides them.
#[derive(Clone)]
struct Town {
    requests: Arc<Vec<(SignedIn, Uuid)>>,
    next: Arc<AtomicUsize>,
    clerk: Actor,
    cookie: String,
}

impl Town {
    async fn new(ctx: &Ctx, codes: &[String]) -> Town {
        let visitor = Visitor {
            address: "198.51.100.7".into(),
            device: "Test".into(),
            language: "de".into(),
        };
        let mut out = std::io::Cursor::new(Vec::new());
        image::DynamicImage::from(image::RgbImage::new(300, 200))
            .write_to(&mut out, image::ImageFormat::Png)
            .unwrap();
        let mut requests = Vec::new();
        for (n, code) in codes.iter().enumerate() {
            let claim = Claim {
                password: "grüner Tee um vier".into(),
                email: String::new(),
                consent: true,
                birth_date: None,
                name: String::new(),
            };
            let code = Code::parse(code).unwrap();
            let made = registration::redeem(ctx, &visitor, &code, &claim, None)
                .await
                .unwrap();
            let who = accounts::session(ctx, &made.session.unwrap())
                .await
                .unwrap()
                .unwrap();
            let kind = CaseKind::ProfileChange;
            let request = cases::begin_values(ctx, &who, kind).await.unwrap().unwrap();
            let name = format!("Neu{}", char::from(b'a' + u8::try_from(n % 26).unwrap()));
            let request = request.with("family_name", &name).with("reason", "Heirat");
            let case = cases::begin(ctx, &who, kind, &request).await.unwrap();
            cases::submit_with_picture(ctx, &who, case, out.get_ref().clone(), false, "Ja")
                .await
                .unwrap();
            requests.push((who, case));
        }
        let (email, password) = ("cleo@lindenau.example", "Sieben Zwerge im Wald");
        let clerk = accounts::add_staff(ctx, Actor::System, "Cleo", email, Role::Clerk, password)
            .await
            .unwrap();
        let (session, _) = accounts::sign_in(ctx, &visitor, email, password)
            .await
            .unwrap()
            .signed_in()
            .unwrap();
        Town {
            requests: Arc::new(requests),
            next: Arc::default(),
            clerk: Actor::staff(clerk, Role::Clerk),
            cookie: format!("stadtbrief={session}"),
        }
    }

    /// Approves one request after the other until the server is gone; one whose end is unclear is left alone.
    async fn decide(self, ctx: Ctx, base: String, decided: Arc<Mutex<i64>>) {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        loop {
            let n = self.next.fetch_add(1, Ordering::SeqCst);
            let Some((_, case)) = self.requests.get(n) else {
                return;
            };
            let page = cases::open(&ctx, self.clerk, *case).await.unwrap();
            let request = page.entries[0].body.request.clone().unwrap();
            let name = request.get("family_name");
            let answer = client
                .post(format!("{base}/verwaltung/nachrichten/{case}"))
                .header(header::ORIGIN, &base)
                .header(header::COOKIE, &self.cookie)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(format!(
                    "tun=zustimmen&version={}&abgetippt={name}",
                    page.case.version
                ))
                .send()
                .await;
            let Ok(answer) = answer else { return };
            if answer.status() == StatusCode::SEE_OTHER {
                *decided.lock().unwrap() += 1;
            }
        }
    }

    /// A request is decided and the name is changed, or neither; how many are decided.
    async fn is_consistent(&self, ctx: &Ctx, acknowledged: &Mutex<i64>) -> i64 {
        let mut count = 0;
        for (who, case) in self.requests.iter() {
            let page = cases::open(ctx, self.clerk, *case).await.unwrap();
            let is_decided = page.case.state == CaseState::Decided;
            let name = accounts::overview(ctx, who).await.unwrap().name;
            assert_eq!(name.contains("Neu"), is_decided, "{name}");
            // what was decided has no picture any more
            assert_eq!(page.files.iter().all(|f| f.deleted_at.is_some()), is_decided);
            count += i64::from(is_decided);
        }
        assert!(count >= *acknowledged.lock().unwrap(), "a decision is lost");
        count
    }
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
        size: Size::of(kills),
    };
    let Size {
        first,
        requests,
        more,
    } = world.size;
    let ctx = town::store(&world.folder, &world.database, &world.base).await;
    let ctx = Ctx {
        files: Some(Depot::open(&world.files(), &S3::default()).unwrap()),
        ..ctx
    };
    let mut codes = town::with_letters(&ctx, first).await;
    let town = Town::new(&ctx, &codes.split_off(first - requests)).await;
    let codes = Arc::new(codes);

    let (next, done) = (Arc::new(AtomicUsize::new(0)), Acknowledged::default());
    let decided = Arc::new(Mutex::new(0));
    let mut seen = (0, 0);
    let mut all = first;
    let crowd = || {
        let mut crowd: Vec<_> = (0..3)
            .map(|_| {
                tokio::spawn(people(
                    world.base.clone(),
                    codes.clone(),
                    next.clone(),
                    done.clone(),
                ))
            })
            .collect();
        let deciding = town
            .clone()
            .decide(ctx.clone(), world.base.clone(), decided.clone());
        crowd.push(tokio::spawn(deciding));
        crowd
    };

    // how long a round's work takes on this machine, as busy as it is now: the kills fall into that time
    all += more;
    let file = world.list(all);
    let mut server = world.command(&["serve"]);
    listening(port).await;
    let start = Instant::now();
    let everybody = crowd();
    let mut import = world.command(&["residents", "import", file.to_str().unwrap()]);
    assert!(import.wait().unwrap().success());
    while done.lock().unwrap().len() < 4 || *decided.lock().unwrap() < 1 {
        assert!(start.elapsed().as_secs() < 120, "nobody comes through");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let window = u64::try_from(start.elapsed().as_millis()).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    for one in everybody {
        one.await.unwrap();
    }

    // what was killed while it ran
    let mut hit = BTreeMap::<&str, u64>::new();
    for round in 0..kills {
        all += more;
        let file = world.list(all);
        let mut server = world.command(&["serve"]);
        listening(port).await;
        let everybody = crowd();
        let out = world.folder.join("briefe.pdf");
        let (file, out) = (file.to_str().unwrap(), out.to_str().unwrap());
        let (kind, child) = match round % 3 {
            0 => ("list", world.command(&["residents", "import", file])),
            1 => (
                "batch",
                world.command(&["letters", "make", "--district", "Neu", "--out", out]),
            ),
            _ => ("backup", world.command(&["backup"])),
        };
        tokio::time::sleep(Duration::from_millis(20 + dice.below(window))).await;
        let mut victims = [("server", &mut server), (kind, &mut { child })];
        // either first
        if dice.below(2) == 0 {
            victims.reverse();
        }
        for (kind, victim) in victims {
            *hit.entry(kind).or_default() += u64::from(victim.try_wait().unwrap().is_none());
            let _ = victim.kill();
            victim.wait().unwrap();
        }
        for one in everybody {
            one.await.unwrap();
        }
        // a database that lost its client needs a moment to roll back
        tokio::time::sleep(Duration::from_millis(50)).await;
        let acknowledged = done.lock().unwrap().len();
        invariants(&ctx, acknowledged, &mut seen).await;
        town.is_consistent(&ctx, &decided).await;
    }
    let acknowledged = done.lock().unwrap().len();
    println!(
        "seed {seed}: {kills} kills within {window} ms, {acknowledged} registrations acknowledged, {} accounts, {} residents",
        seen.1, seen.0
    );
    println!("{} requests decided", decided.lock().unwrap());
    println!("killed while it ran: {hit:?}");
    // with few kills chance may miss one kind
    let all_kinds = hit.len() == 4 && hit.values().all(|n| *n > 0);
    assert!(all_kinds || kills < 100, "{hit:?}");
    assert!(
        hit.values().sum::<u64>() > kills,
        "hardly anything was killed: {hit:?}"
    );
    assert!(acknowledged > 5, "hardly anybody came through: {acknowledged}");
    assert!(*decided.lock().unwrap() > 5, "hardly anything was decided");

    // in peace, what was decided has left nothing behind: neither pictures nor files
    // (a backup that was killed keeps files for a quarter of an hour: it is over)
    testing::execute(&ctx, "DELETE FROM file_holds WHERE $1 IS NOT NULL").await;
    jobs::sweep(&ctx).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let still = files::judge(&ctx, true).await.unwrap();
    let open = requests - usize::try_from(town.is_consistent(&ctx, &decided).await).unwrap();
    assert_eq!((still.known, still.missing, still.damaged), (open, 0, 0));
    // and everything is finished: list, batch, backup; and what the backups say is whole
    all += more;
    let file = world.list(all);
    let out = world.folder.join("briefe.pdf");
    for arguments in [
        &["residents", "import", file.to_str().unwrap()][..],
        &[
            "letters",
            "make",
            "--district",
            "Neu",
            "--out",
            out.to_str().unwrap(),
        ],
        &["backup"],
    ] {
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
    // not into the place for files of a store that is in use
    let restored = Ctx {
        db: restored,
        ..ctx.clone()
    };
    let refused = backup::restore(&restored, &depot, None).await;
    assert!(
        matches!(refused, Err(BackupError::Files(FilesError::Foreign))),
        "{refused:?}"
    );
    let restored = Ctx {
        files: None,
        ..restored
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
