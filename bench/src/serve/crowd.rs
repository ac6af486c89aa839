//! Days as they are: many people over a long time, each for a moment. `soak`: half an hour of everything at once, to see
//! whether memory stays flat and answers stay quick. `day`: the letters of a city have arrived, and 5,000 people register
//! within an hour, most of them in peaks of five minutes. Arrivals do not wait for the server (open loop), and waits are
//! counted from the moment somebody wanted to begin.

use super::{
    client::{self, Connection},
    load::{pause, quantile},
    portal::Portal,
};
use domain::urls;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Threads that people share; more than are ever busy unless the server falls behind.
const THREADS: usize = 48;

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Errand {
    /// Opens the registration, redeems a letter, looks at the account.
    Register(usize),
    /// Opens a public page.
    Look(usize),
    /// Somebody who has registered opens the account again.
    Return,
    /// A page of the dashboard.
    Staff(usize),
}

const PUBLIC: [&str; 4] = [urls::START, urls::REGISTER, urls::SIGN_IN, urls::DIRECTORY];
const DASHBOARD: [&str; 5] = [
    urls::STAFF,
    "/verwaltung/einwohner?suche=muel",
    urls::INBOX,
    urls::LETTERS,
    "/verwaltung/einwohner?suche=kim+0",
];

/// An answer.
struct Seen {
    kind: &'static str,
    /// Since the beginning, when it was wanted.
    at: Duration,
    wait: Duration,
    right: bool,
}

/// Numbers that look random and are the same in each run (xorshift).
struct Dice(u64);

impl Dice {
    /// From 0 to 1.
    fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

struct Crowd<'a> {
    portal: &'a Portal,
    begin: Instant,
    plan: Vec<(Duration, Errand)>,
    next: AtomicUsize,
    /// Cookies of people who have registered.
    sessions: Mutex<Vec<String>>,
}

impl Crowd<'_> {
    fn person(&self) -> Vec<Seen> {
        let mut connection = Connection::open(self.portal.port).unwrap();
        let mut seen = Vec::new();
        while let Some((due, errand)) = self.plan.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            pause(due.saturating_sub(self.begin.elapsed()));
            let mut wanted = *due;
            let mut ask = |connection: &mut Connection, kind, request: &[u8], status| {
                let answer = connection.ask(request);
                let end = self.begin.elapsed();
                let right = answer.as_ref().is_ok_and(|a| a.status == status);
                if answer.is_err() {
                    *connection = Connection::open(self.portal.port).unwrap();
                }
                seen.push(Seen {
                    kind,
                    at: wanted,
                    wait: end.saturating_sub(wanted),
                    right,
                });
                wanted = self.begin.elapsed();
                answer.ok()
            };
            match *errand {
                Errand::Look(n) => {
                    let page = client::get(PUBLIC[n % PUBLIC.len()], "", true);
                    ask(&mut connection, "public page", &page, 200);
                }
                Errand::Staff(n) => {
                    let page = client::get(DASHBOARD[n % DASHBOARD.len()], &self.portal.staff, true);
                    ask(&mut connection, "dashboard", &page, 200);
                }
                Errand::Return => {
                    let cookie = self.sessions.lock().unwrap().pop();
                    if let Some(cookie) = cookie {
                        let page = client::get(urls::ACCOUNT, &cookie, true);
                        ask(&mut connection, "account", &page, 200);
                    }
                }
                Errand::Register(n) => {
                    let page = client::get(urls::REGISTER, "", true);
                    ask(&mut connection, "public page", &page, 200);
                    let form = self.portal.account_form(&self.portal.codes[n]);
                    let answer = ask(&mut connection, "registration", &form, 303);
                    let cookie = answer
                        .as_ref()
                        .and_then(|a| a.header("set-cookie"))
                        .and_then(|c| c.split(';').next())
                        .map(str::to_owned);
                    if let Some(cookie) = cookie {
                        let page = client::get(urls::ACCOUNT, &cookie, true);
                        ask(&mut connection, "account", &page, 200);
                        self.sessions.lock().unwrap().push(cookie);
                    }
                }
            }
        }
        seen
    }
}

/// Runs a plan and prints what was seen.
fn run(portal: &Portal, mut plan: Vec<(Duration, Errand)>, slices: u32) {
    plan.sort_by_key(|p| p.0);
    let whole = plan.last().map_or(Duration::ZERO, |p| p.0);
    portal.forget_peak();
    let before = portal.memory();
    let cpu = portal.cpu();
    let crowd = Crowd {
        portal,
        begin: Instant::now(),
        plan,
        next: AtomicUsize::new(0),
        sessions: Mutex::default(),
    };
    let stop = AtomicBool::new(false);
    let (seen, memory) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut memory = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                memory.push((crowd.begin.elapsed(), portal.memory().now));
                pause(Duration::from_secs(1));
            }
            memory
        });
        let people: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| crowd.person())).collect();
        let seen: Vec<Seen> = people.into_iter().flat_map(|p| p.join().unwrap()).collect();
        stop.store(true, Ordering::Relaxed);
        (seen, watch.join().unwrap())
    });
    let time = crowd.begin.elapsed().as_secs_f64();
    let after = portal.memory();
    let mut kinds: BTreeMap<&str, (Vec<Duration>, usize)> = BTreeMap::new();
    for one in &seen {
        let (waits, wrong) = kinds.entry(one.kind).or_default();
        waits.push(one.wait);
        *wrong += usize::from(!one.right);
    }
    println!("                        answers  wrong   per s    p50 ms   p99 ms  p999 ms    worst");
    for (kind, (waits, wrong)) in &mut kinds {
        waits.sort();
        println!(
            "  {kind:20} {:9} {wrong:6} {:7.1} {:9.1} {:8.1} {:8.1} {:8.1}",
            waits.len(),
            waits.len() as f64 / time,
            quantile(waits, 0.5),
            quantile(waits, 0.99),
            quantile(waits, 0.999),
            quantile(waits, 1.0),
        );
    }
    println!("  in parts of the time:  answers  registrations  p99 ms of all   memory MB");
    let slice = whole / slices;
    for n in 0..slices {
        let (from, to) = (slice * n, slice * (n + 1));
        let within = |at: Duration| at >= from && at < to;
        let here: Vec<&Seen> = seen.iter().filter(|s| within(s.at)).collect();
        let mut waits: Vec<Duration> = here.iter().map(|s| s.wait).collect();
        waits.sort();
        let registered = here.iter().filter(|s| s.kind == "registration").count();
        let resident = memory
            .iter()
            .rev()
            .find(|m| within(m.0))
            .map_or(f64::NAN, |m| m.1);
        println!(
            "  {:7.1} min {:18} {registered:14} {:14.1} {resident:11.0}",
            to.as_secs_f64() / 60.0,
            here.len(),
            quantile(&waits, 0.99),
        );
    }
    println!(
        "memory: before {:.0} MB, highest {:.0} MB, after {:.0} MB · CPU of the server {:.0} % of one core · {:.0} s in all",
        before.now,
        after.highest,
        after.now,
        (portal.cpu() - cpu) / time * 100.0,
        time
    );
    let wrong: usize = kinds.values().map(|k| k.1).sum();
    assert_eq!(wrong, 0, "wrong answers");
}

/// The number behind a word of the command line.
fn number(arguments: &[String], name: &str) -> Option<f64> {
    let place = arguments.iter().position(|a| a == name)?;
    arguments.get(place + 1)?.parse().ok()
}

fn store(arguments: &[String]) -> Option<String> {
    let place = arguments.iter().position(|a| a == "--store")?;
    arguments.get(place + 1).cloned()
}

/// `soak [--minutes N] [--people N] [--store postgres://…]`: half an hour and 10,000 registrations unless said otherwise.
pub(crate) fn soak(arguments: &[String]) {
    let minutes = number(arguments, "--minutes").unwrap_or(30.0);
    let people = number(arguments, "--people").unwrap_or(10_000.0) as usize;
    let portal = Portal::of_a_city(people as u32, store(arguments).as_deref());
    let people = people.min(portal.codes.len());
    println!(
        "soak: {minutes} minutes, {people} registrations, everything else beside them, {}",
        portal.kind
    );
    let time = minutes * 60.0;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut plan = Vec::new();
    for n in 0..people {
        plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Register(n)));
        plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Return));
    }
    // twenty looks and one page of the dashboard a second
    for n in 0..(time * 20.0) as usize {
        plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Look(n)));
    }
    for n in 0..time as usize {
        plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Staff(n)));
    }
    run(&portal, plan, 10);
}

/// `day [--minutes N] [--letters N] [--people N] [--store postgres://…]`: 50,000 letters, 5,000 people in an hour unless said
/// otherwise. Two thirds of them come in four peaks, each a twelfth of the time: five minutes of an hour.
pub(crate) fn day(arguments: &[String]) {
    let minutes = number(arguments, "--minutes").unwrap_or(60.0);
    let letters = number(arguments, "--letters").unwrap_or(50_000.0) as u32;
    let people = number(arguments, "--people").unwrap_or(5_000.0) as usize;
    let portal = Portal::of_a_city(letters, store(arguments).as_deref());
    println!(
        "a registration day: {} letters, {people} people within {minutes} minutes in peaks, {}",
        portal.codes.len(),
        portal.kind
    );
    let time = minutes * 60.0;
    let mut dice = Dice(0xD1B5_4A32_D192_ED03);
    let mut plan = Vec::new();
    for n in 0..people {
        let at = match n % 3 {
            0 => dice.roll(),
            // peaks begin at 2, 5, 8 and 11 twelfths
            _ => ((dice.roll() * 4.0).floor() * 3.0 + 1.0 + dice.roll()) / 12.0,
        };
        plan.push((Duration::from_secs_f64(at * time), Errand::Register(n)));
        // some only look, some come back
        plan.push((Duration::from_secs_f64(at * time), Errand::Look(n)));
        if n % 4 == 0 {
            plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Return));
        }
    }
    for n in 0..(time / 2.0) as usize {
        plan.push((Duration::from_secs_f64(dice.roll() * time), Errand::Staff(n)));
    }
    run(&portal, plan, 12);
}
