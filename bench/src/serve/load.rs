//! Load: as much as a server answers (closed loop), and a fixed rate (open loop). Each connection is a thread that waits; both
//! are bounded in time and number.

use super::client::Connection;
use std::{
    sync::{
        Barrier, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Connections that ask one request after the other.
pub(super) const CLOSED: usize = 32;
/// Connections that share a fixed rate: more than are busy at the same time unless the server falls behind.
const OPEN: usize = 64;

/// What a load saw.
pub(super) struct Seen {
    /// Good answers a second.
    pub(super) rate: f64,
    /// Good answers.
    pub(super) answers: usize,
    /// Other statuses, and connections that broke.
    pub(super) wrong: usize,
    waits: Vec<Duration>,
}

impl Seen {
    fn of(parts: Vec<(Vec<Duration>, usize)>, time: Duration) -> Self {
        let wrong = parts.iter().map(|p| p.1).sum();
        let mut waits: Vec<Duration> = parts.into_iter().flat_map(|p| p.0).collect();
        waits.sort();
        Self {
            rate: waits.len() as f64 / time.as_secs_f64(),
            answers: waits.len(),
            wrong,
            waits,
        }
    }

    /// Milliseconds within which this share was answered.
    pub(super) fn ms(&self, share: f64) -> f64 {
        quantile(&self.waits, share)
    }
}

/// Milliseconds at a place of a sorted list.
pub(super) fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    let at = sorted.get(place.min(sorted.len().saturating_sub(1)));
    at.map_or(f64::NAN, |d| d.as_secs_f64() * 1e3)
}

/// As many answers as the server gives: each connection asks again as soon as it has an answer.
pub(super) fn closed(port: u16, request: &[u8], time: Duration) -> Seen {
    let ready = Barrier::new(CLOSED);
    let one = || {
        let mut connection = Connection::open(port).unwrap();
        ready.wait();
        let begin = Instant::now();
        let (mut waits, mut wrong) = (Vec::new(), 0);
        while begin.elapsed() < time {
            let start = Instant::now();
            match connection.status(request) {
                Ok(200) => waits.push(start.elapsed()),
                Ok(_) => wrong += 1,
                Err(_) => {
                    wrong += 1;
                    connection = Connection::open(port).unwrap();
                }
            }
        }
        (waits, wrong)
    };
    Seen::of(everybody(CLOSED, one), time)
}

/// So many requests a second, whether or not the server keeps up: each has a moment at which it is meant to start, and waits
/// are counted from there (so a server that stalls cannot hide those who would have come meanwhile).
pub(super) fn open(port: u16, request: &[u8], rate: f64, time: Duration) -> Seen {
    let ready = Barrier::new(OPEN);
    let next = AtomicU32::new(0);
    let first = OnceLock::new();
    let meant = |n: u32| Duration::from_secs_f64(f64::from(n) / rate);
    let one = || {
        let mut connection = Connection::open(port).unwrap();
        ready.wait();
        let begin = *first.get_or_init(Instant::now);
        let (mut waits, mut wrong) = (Vec::new(), 0);
        loop {
            let due = meant(next.fetch_add(1, Ordering::Relaxed));
            if due >= time {
                return (waits, wrong);
            }
            // a server that is far behind is not waited for
            if begin.elapsed() > 3 * time {
                wrong += 1;
                continue;
            }
            pause(due.saturating_sub(begin.elapsed()));
            match connection.status(request) {
                Ok(200) => waits.push(begin.elapsed() - due),
                Ok(_) => wrong += 1,
                Err(_) => {
                    wrong += 1;
                    connection = Connection::open(port).unwrap();
                }
            }
        }
    };
    Seen::of(everybody(OPEN, one), time)
}

fn everybody<T: Send>(count: usize, one: impl Fn() -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(&one)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

/// All at the same moment, each once on a connection that is open already: statuses (0 if the connection broke), and the waits in
/// order.
pub(super) fn rush(port: u16, requests: &[Vec<u8>]) -> (Vec<u16>, Vec<Duration>) {
    let ready = Barrier::new(requests.len());
    let next = AtomicU32::new(0);
    let one = || {
        let request = &requests[next.fetch_add(1, Ordering::Relaxed) as usize];
        let connection = Connection::open(port);
        ready.wait();
        let start = Instant::now();
        let status = connection.and_then(|mut c| c.status(request)).unwrap_or(0);
        (status, start.elapsed())
    };
    let (statuses, mut waits): (Vec<_>, Vec<_>) = everybody(requests.len(), one).into_iter().unzip();
    waits.sort();
    (statuses, waits)
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own, no runtime")]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}
