//! Three servers on one PostgreSQL behind a proxy, while people register: one is killed, one is stopped in peace, the
//! database crashes and comes back. Nothing that was acknowledged is lost, no letter is redeemed twice, and no request is
//! answered wrongly: it succeeds, or it fails clearly and can be sent again.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod figures;
mod kills;
mod outside;
#[path = "../../../xtask/src/postgres.rs"]
#[allow(unreachable_pub, reason = "shared with the commands of the repository")]
mod postgres;
mod provider;
#[path = "../../../xtask/src/shell.rs"]
#[allow(
    dead_code,
    clippy::print_stdout,
    reason = "shared with the commands of the repository"
)]
mod shell;
mod slow;
mod town;

use backend::{Ctx, audit, db::Db, letters, residents};
use domain::access::Actor;
use postgres::Cluster;
use reqwest::{StatusCode, header, redirect::Policy};
use std::{
    collections::HashSet,
    fmt::Write as _,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

const PEOPLE: usize = 240;
const AT_ONCE: usize = 6;

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Waits until somebody listens.
async fn listening(port: u16) {
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("nobody listens on {port}");
}

struct Servers {
    folder: tempfile::TempDir,
    database: String,
    base_url: String,
    ports: [u16; 3],
    children: [Option<Child>; 3],
    proxy: Option<Child>,
}

impl Servers {
    async fn start(&mut self, n: usize) {
        let child = Command::new(env!("CARGO_BIN_EXE_stadtbrief"))
            .arg("serve")
            .env("STADTBRIEF_DATA", self.folder.path())
            .env("STADTBRIEF_DATABASE", &self.database)
            .env("STADTBRIEF_BASE_URL", &self.base_url)
            .env("STADTBRIEF_LISTEN", format!("127.0.0.1:{}", self.ports[n]))
            .env("STADTBRIEF_TRUSTED_PROXIES", "127.0.0.1")
            .env("STADTBRIEF_LOG_LEVEL", "error")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.children[n] = Some(child);
        listening(self.ports[n]).await;
    }

    /// A proxy as in `deploy/nginx.conf`: it sends a request to another server only if nobody has begun with it.
    async fn start_proxy(&mut self, port: u16) {
        let folder = self.folder.path();
        let mut upstream = String::new();
        for port in self.ports {
            writeln!(upstream, "server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;").unwrap();
        }
        let text = format!(
            "daemon off; pid {f}/nginx.pid; error_log {f}/nginx.log; worker_processes 1; events {{}}
             http {{ access_log off; client_body_temp_path {f}/t1; proxy_temp_path {f}/t2; fastcgi_temp_path {f}/t3; uwsgi_temp_path {f}/t4; scgi_temp_path {f}/t5;
             upstream portal {{ {upstream} }}
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://portal; proxy_set_header Host $http_host;
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_connect_timeout 2s; }} }} }}",
            f = folder.display()
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, text).unwrap();
        let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
            .into_iter()
            .find(|p| Path::new(p).exists())
            .unwrap_or("nginx");
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .arg("-e")
            .arg(folder.join("nginx.log"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.proxy = Some(child);
        listening(port).await;
    }

    fn kill(&mut self, n: usize) {
        let mut child = self.children[n].take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks a server to stop; how it ended.
    async fn stop(&mut self, n: usize) -> bool {
        let mut child = self.children[n].take().unwrap();
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        tokio::task::spawn_blocking(move || child.wait().unwrap().success())
            .await
            .unwrap()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let all = self.children.iter_mut().chain([&mut self.proxy]);
        for child in all.filter_map(Option::as_mut) {
            // nginx's worker ends with its master only when that is asked to end
            let _ = Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .status();
            #[expect(
                clippy::disallowed_methods,
                reason = "at the end of a test, outside of any task"
            )]
            std::thread::sleep(Duration::from_millis(200));
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What became of a letter that somebody tried to redeem.
#[derive(Default)]
struct Log {
    /// Acknowledged: the cookie of the session.
    registered: Vec<(usize, String)>,
    /// Said "used" after an unclear end before.
    used_after_unclear: HashSet<usize>,
    unclear: usize,
    wrong: Vec<String>,
}

/// Posts the form with which a letter becomes an account; each person is in a household of its own.
async fn redeem(
    client: &reqwest::Client,
    base: &str,
    person: usize,
    code: &str,
) -> reqwest::Result<reqwest::Response> {
    client
        .post(format!("{base}/registrieren/konto"))
        .header(header::ORIGIN, base)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(
            "x-forwarded-for",
            format!("203.0.{}.{}", person / 200, person % 200 + 1),
        )
        .body(format!("code={code}&password=gr%C3%BCner+Tee+um+vier&consent=1"))
        .send()
        .await
}

/// Redeems letters until all are done. A clear failure is sent again, as a person would do.
async fn people(base: String, codes: Arc<Vec<String>>, next: Arc<AtomicUsize>, log: Arc<Mutex<Log>>) {
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    loop {
        let n = next.fetch_add(1, Ordering::SeqCst);
        let Some(code) = codes.get(n) else { return };
        let mut unclear = false;
        for _ in 0..60 {
            let answer = redeem(&client, &base, n, code).await;
            let status = answer.as_ref().map(reqwest::Response::status).ok();
            let said = |f: &mut dyn FnMut(&mut Log)| f(&mut log.lock().unwrap());
            match status {
                Some(StatusCode::SEE_OTHER) => {
                    let headers = answer.as_ref().unwrap().headers();
                    let cookie = headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
                    let cookie = cookie.split(';').next().unwrap().to_owned();
                    said(&mut |l| l.registered.push((n, cookie.clone())));
                    break;
                }
                // nobody knows whether it was done: the connection broke, or the proxy says so
                None | Some(StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT) => {
                    unclear = true;
                    said(&mut |l| l.unclear += 1);
                }
                // clear: try again in a moment
                Some(StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR) => {
                    unclear = unclear || status == Some(StatusCode::INTERNAL_SERVER_ERROR);
                }
                Some(other) if unclear => {
                    let text = answer.unwrap().text().await.unwrap_or_default();
                    // it was done after all: an account was made with this letter
                    if text.contains("angelegt") {
                        said(&mut |l| {
                            l.used_after_unclear.insert(n);
                        });
                    } else {
                        said(&mut |l| l.wrong.push(format!("{n}: {other} after an unclear end")));
                    }
                    break;
                }
                Some(other) => {
                    said(&mut |l| l.wrong.push(format!("{n}: {other}")));
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_stopped_and_without_a_database() {
    let cluster = Cluster::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let ctx = town::store(folder.path(), &cluster.url, &base).await;
    let codes = town::with_letters(&ctx, PEOPLE).await;

    let mut servers = Servers {
        folder,
        database: cluster.url.clone(),
        base_url: base.clone(),
        ports: [free_port(), free_port(), free_port()],
        children: [None, None, None],
        proxy: None,
    };
    for n in 0..3 {
        servers.start(n).await;
    }
    servers.start_proxy(port).await;

    let next = Arc::new(AtomicUsize::new(0));
    let log = Arc::new(Mutex::new(Log::default()));
    let codes = Arc::new(codes);
    let crowd: Vec<_> = (0..AT_ONCE)
        .map(|_| tokio::spawn(people(base.clone(), codes.clone(), next.clone(), log.clone())))
        .collect();
    let reached = |part: usize| {
        let log = log.clone();
        async move {
            while log.lock().unwrap().registered.len() < PEOPLE * part / 8 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    // one is killed in the middle of its work
    reached(1).await;
    servers.kill(0);
    reached(2).await;
    servers.start(0).await;
    // one is stopped in peace, as in a rolling update: no request of its own may end unclear
    reached(3).await;
    let before = log.lock().unwrap().unclear;
    assert!(servers.stop(1).await, "a server that is asked to stop ends well");
    servers.start(1).await;
    let after = log.lock().unwrap().unclear;
    assert_eq!(before, after, "a rolling update broke requests");
    // the database crashes, and comes back: the servers recover by themselves
    reached(5).await;
    cluster.kill().unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let without = client.get(format!("{base}/ready")).send().await.unwrap();
    assert!(without.status().is_server_error(), "{}", without.status());
    let alive = client.get(format!("{base}/live")).send().await.unwrap();
    assert!(
        alive.status().is_success(),
        "the process is alive without its store"
    );
    cluster.begin().unwrap();
    for one in crowd {
        one.await.unwrap();
    }

    let log = std::mem::take(&mut *log.lock().unwrap());
    assert!(log.wrong.is_empty(), "{:?}", log.wrong);
    // everybody is registered exactly once
    let distinct: HashSet<usize> = log.registered.iter().map(|r| r.0).collect();
    assert_eq!(
        distinct.len(),
        log.registered.len(),
        "nobody was told twice that it worked"
    );
    assert_eq!(
        distinct.len() + log.used_after_unclear.difference(&distinct).count(),
        PEOPLE
    );
    let db = Db::open(&cluster.url).await.unwrap();
    let ctx = Ctx { db, ..ctx };
    let (residents, registered) = residents::totals(&ctx, Actor::System).await.unwrap();
    assert_eq!((residents, registered), (PEOPLE as i64, PEOPLE as i64));
    let redeemed: i64 = letters::batches(&ctx, Actor::System)
        .await
        .unwrap()
        .iter()
        .map(|b| b.redeemed)
        .sum();
    assert_eq!(redeemed, PEOPLE as i64);
    assert!(audit::verify(&ctx).await.unwrap().is_ok(), "the chain is whole");

    // a session that one server opened counts at each of them
    for (_, cookie) in log.registered.iter().take(3) {
        for port in servers.ports {
            let page = reqwest::Client::builder()
                .redirect(Policy::none())
                .build()
                .unwrap();
            let account = page
                .get(format!("http://127.0.0.1:{port}/konto"))
                .header(header::COOKIE, cookie)
                .send()
                .await
                .unwrap();
            assert_eq!(account.status(), StatusCode::OK);
        }
    }
    // guesses from one address are counted together, at whatever names and whichever server they go to
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    let mut refused = false;
    for n in 0..200 {
        let answer = client
            .post(format!("http://127.0.0.1:{}/anmelden", servers.ports[n % 3]))
            .header(header::ORIGIN, &base)
            .header("x-forwarded-for", "198.51.100.77")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!(
                "name=niemand{n}%40lindenau.example&password=falsch+geraten"
            ))
            .send()
            .await
            .unwrap();
        let text = answer.text().await.unwrap();
        if text.contains("Zu viele") {
            refused = true;
            break;
        }
    }
    assert!(refused, "guessing is not stopped");
}
