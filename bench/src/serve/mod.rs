//! Server speed over real HTTP on 127.0.0.1: the release binary beside a bare axum handler that gives the same bytes and headers,
//! beside the same page in common stacks, and in a rush of registrations.

mod bare;
mod client;
mod crowd;
mod load;
mod peers;
mod portal;
mod rush;

pub(crate) use crowd::{day, soak};

use domain::urls;
use portal::Portal;
use std::time::Duration;

/// Turns of each side; the figure is their median.
const TURNS: usize = 3;
/// Share of the own throughput at which waits are measured.
const SHARE: f64 = 0.7;

/// What is asked.
struct Case {
    name: &'static str,
    path: &'static str,
    request: Vec<u8>,
}

fn cases(portal: &Portal) -> Vec<Case> {
    let mut all = Vec::new();
    let names = |name: &'static str, compressed: &'static str| [(name, false), (compressed, true)];
    for (names, path, cookie) in [
        (names("start page", "start page, brotli"), urls::START, ""),
        (names("registration", "registration, brotli"), urls::REGISTER, ""),
        (names("sign-in", "sign-in, brotli"), urls::SIGN_IN, ""),
        (
            names("account, signed in", "account, brotli"),
            urls::ACCOUNT,
            portal.resident.as_str(),
        ),
    ] {
        for (name, compressed) in names {
            all.push(Case {
                name,
                path,
                request: client::get(path, cookie, compressed),
            });
        }
    }
    let path = "/api/batch-progress";
    for (name, compressed) in names("server function", "server function, brotli") {
        let form = [("id", portal.batch.as_str())];
        let form = client::post(path, &portal.origin, &portal.staff, compressed, &form);
        let request = client::by_script(&form);
        all.push(Case { name, path, request });
    }
    all
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Answers a second of ours and of another side, in turns; each side is a port and what it is asked.
fn in_turns(ours: (u16, &[u8]), theirs: (u16, &[u8]), time: Duration) -> [f64; 2] {
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for ((port, request), rates) in [ours, theirs].into_iter().zip(&mut rates) {
            let seen = load::closed(port, request, time);
            assert_eq!(seen.wrong, 0, "wrong answers");
            rates.push(seen.rate);
        }
    }
    rates.map(median)
}

/// What the last lines judge.
#[derive(Default)]
struct Figures {
    /// Start page beside the bare handler: plain and compressed.
    ratios: Vec<f64>,
    /// The highest p99 of a page.
    p99: f64,
    memory: f64,
}

/// `--seconds N`: length of each single measurement.
pub(crate) fn run(arguments: &[String]) {
    let place = arguments.iter().position(|a| a == "--seconds");
    let seconds = place.and_then(|i| arguments.get(i + 1)?.parse().ok());
    let time = Duration::from_secs_f64(seconds.unwrap_or(3.0));
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let portal = Portal::start();
    let mut figures = Figures::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // a first look at everything, so that nothing is made for the first time in a measurement
    for case in cases(&portal) {
        portal.ask(&case.request);
    }
    let rest = portal.memory();
    portal.forget_peak();
    println!(
        "server speed, HTTP on 127.0.0.1, {} connections, {cores} cores shared with the load generator, SQLite",
        load::CLOSED
    );
    println!(
        "                             bytes     ours       bare handler                CPU of      at {:.0} % of our rate",
        SHARE * 100.0
    );
    println!(
        "                                       req/s      req/s          ratio      a request   p50 ms   p99 ms  p999 ms"
    );
    for case in cases(&portal) {
        page(&portal, &runtime, &case, time, &mut figures);
    }
    let loaded = portal.memory();
    load::pause(Duration::from_secs(3));
    println!(
        "memory of the server           at rest {:.0} MB, highest under load {:.0} MB, 3 s after {:.0} MB",
        rest.now,
        loaded.highest,
        portal.memory().now
    );
    figures.memory = loaded.highest;
    stacks(&portal, cores, time);
    let rushed = rush::run(&portal);
    judge(&figures, rushed);
}

/// One page: throughput beside the bare handler, and waits.
fn page(
    portal: &Portal,
    runtime: &tokio::runtime::Runtime,
    case: &Case,
    time: Duration,
    figures: &mut Figures,
) {
    let answer = portal.ask(&case.request);
    assert_eq!(answer.status, 200, "{}: {}", case.name, answer.text());
    let bare = bare::serve(runtime, case.path, &answer);
    let [ours, theirs] = in_turns((portal.port, &case.request), (bare, &case.request), time);
    let cpu = portal.cpu();
    let waits = load::open(portal.port, &case.request, SHARE * ours, time);
    let cpu = (portal.cpu() - cpu) / waits.answers as f64;
    println!(
        "  {:24} {:7} {ours:8.0} {theirs:10.0}       {:6.1} %    {:8.3} ms {:8.1} {:8.1} {:8.1}{}",
        case.name,
        answer.body.len(),
        ours / theirs * 100.0,
        cpu * 1e3,
        waits.ms(0.5),
        waits.ms(0.99),
        waits.ms(0.999),
        match waits.wrong {
            0 => String::new(),
            n => format!("   {n} WRONG ANSWERS"),
        }
    );
    figures.p99 = figures.p99.max(waits.ms(0.99));
    if case.path == urls::START {
        figures.ratios.push(ours / theirs * 100.0);
    }
}

/// The start page of somebody who is signed in: settings and session are read from SQLite on each side.
fn stacks(portal: &Portal, cores: usize, time: Duration) {
    println!("the start page of somebody who is signed in, beside common stacks ({cores} processes each)");
    let started = [
        ("Express, EJS", peers::express(&portal.folder, cores)),
        ("Django, gunicorn", peers::django(&portal.folder, cores)),
    ];
    for (name, peer) in started {
        let peer = match peer {
            Ok(peer) => peer,
            Err(why) => {
                println!("  {name}: not there ({why})");
                continue;
            }
        };
        for compressed in [false, true] {
            // each side has a session of its own under the same name
            let ask = |cookie: &str| client::get(urls::START, cookie, compressed);
            let (ours, theirs) = (ask(&portal.resident), ask(peers::COOKIE));
            let bytes = portal.ask(&ours).body.len();
            let answer = client::Connection::open(peer.port).and_then(|mut c| c.ask(&theirs));
            let answer = answer.unwrap();
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
            let rates = in_turns((portal.port, &ours), (peer.port, &theirs), time);
            println!(
                "  {:24} {:7} {:8.0} req/s, ours {bytes:7} bytes {:8.0} req/s, ratio {:.1}",
                format!("{name}, {}", answer.header("content-encoding").unwrap_or("plain")),
                answer.body.len(),
                rates[1],
                rates[0],
                rates[0] / rates[1]
            );
        }
    }
}

/// Targets and figures.
fn judge(figures: &Figures, rushed: f64) {
    let said = |good: bool| if good { "reached" } else { "NOT REACHED" };
    println!("  target                                      figure");
    let ratios: Vec<String> = figures.ratios.iter().map(|r| format!("{r:.1} %")).collect();
    println!(
        "  start page ≥ 25 % of the bare handler       {} (plain, brotli): {}",
        ratios.join(", "),
        said(figures.ratios.iter().all(|r| *r >= 25.0))
    );
    println!(
        "  p99 < 50 ms at 70 % load                    {:.1} ms (the slowest page): {}",
        figures.p99,
        said(figures.p99 < 50.0)
    );
    println!(
        "  memory < 150 MB                             {:.0} MB under load, {rushed:.0} MB in the rush: {}",
        figures.memory,
        said(figures.memory.max(rushed) < 150.0)
    );
}
