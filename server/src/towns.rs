//! Many municipalities behind one address: the host name of a request says whose portal it is. Each has the whole product
//! as a service of its own, with its own store, keys, kept pages and jobs; nothing is shared but what `Hosting` shares.

use crate::{figures, probes, router, serve};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use backend::{
    Ctx,
    hosting::{Hosting, Municipality},
    jobs,
};
use futures::future::BoxFuture;
use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{OnceCell, watch},
    task::JoinHandle,
};
use tower::ServiceExt;
use tracing::Instrument;

/// For how long the register's answer about a host name is believed.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// A store that nobody asked for so long is closed.
const IDLE: Duration = Duration::from_secs(600);
/// Most open stores; the one that was idle longest is closed first.
const MOST_OPEN: usize = 200;
/// Pause between two rounds over the stores that are closed.
const ROUND: Duration = Duration::from_secs(60);
/// Pause between two looks at the register for portals that are not in service any more. Whoever moves, restores or deletes
/// a store waits for eight seconds before: this, and what is in hand.
const LOOK: Duration = Duration::from_secs(1);
/// Requests in hand have so long to end when their portal goes out of service.
const IN_HAND: Duration = Duration::from_secs(5);
/// Longest host name (RFC 1035), with a port.
const LONGEST_NAME: usize = 253 + 6;
/// Stores that are visited at the same time in a round.
const VISITS: usize = 8;
/// Most host names that are remembered, also those that are nobody's.
const MOST_NAMES: usize = 5_000;

/// A municipality whose store is open.
struct Town {
    ctx: Ctx,
    router: Router,
    version: i64,
    used: AtomicU64,
    stop: watch::Sender<bool>,
    /// It is not in service any more, or somewhere else: not only closed for a while.
    gone: watch::Sender<bool>,
}

impl Town {
    fn leave(&self) {
        let _ = self.stop.send(true);
        let _ = self.gone.send(true);
    }
}

type Opened = Arc<OnceCell<Option<Arc<Town>>>>;

struct Inner {
    hosting: Hosting,
    proxies: Vec<IpAddr>,
    started: Instant,
    known: Mutex<HashMap<String, (Instant, Option<Arc<Municipality>>)>>,
    open: Mutex<HashMap<String, (i64, Opened)>>,
    /// Closed stores that are being visited, and when each was cleaned up last.
    visited: Mutex<HashMap<String, Visit>>,
    visits: tokio::sync::Semaphore,
    /// Municipalities that have figures.
    counted: Mutex<HashSet<String>>,
    /// Whoever works in a store: waited for when the process stops.
    workers: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

#[derive(Default)]
struct Visit {
    /// Ends the visit that runs.
    stop: Option<watch::Sender<bool>>,
    swept: Option<Instant>,
}

/// All municipalities of this process.
#[derive(Clone)]
pub struct Towns(Arc<Inner>);

impl Towns {
    /// Nothing is opened before somebody asks for it.
    pub fn new(hosting: Hosting, proxies: Vec<IpAddr>) -> Self {
        Self(Arc::new(Inner {
            hosting,
            proxies,
            started: Instant::now(),
            known: Mutex::default(),
            open: Mutex::default(),
            visited: Mutex::default(),
            visits: tokio::sync::Semaphore::new(VISITS),
            counted: Mutex::default(),
            workers: Mutex::default(),
            stop: watch::channel(false).0,
        }))
    }

    /// The service for all host names.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.clone())
    }

    /// Whose portal is this? The register is asked once a second at most.
    async fn of_host(&self, host: &str) -> Result<Option<Arc<Municipality>>, ()> {
        if host.len() > LONGEST_NAME {
            return Ok(None);
        }
        let known = || self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = known().get(host)
            && at.elapsed() < KNOWN_FOR
        {
            return Ok(found.clone());
        }
        let found = self.0.hosting.of_host(host).await.map_err(|error| {
            tracing::error!(%error, "the register of municipalities cannot be read");
        })?;
        let found = found.map(Arc::new);
        let mut known = known();
        // made-up host names must not fill the memory
        if known.len() >= MOST_NAMES {
            known.clear();
        }
        known.insert(host.to_owned(), (Instant::now(), found.clone()));
        Ok(found)
    }

    /// The open store of a municipality; opened and migrated at the first request. `None`: it cannot be opened.
    async fn open(&self, m: &Municipality) -> Option<Arc<Town>> {
        let cell = {
            let mut open = self.open_ones();
            let entry = open
                .entry(m.name.clone())
                .or_insert_with(|| (m.version, Opened::default()));
            if entry.0 != m.version {
                // it has moved, or was suspended and is back
                if let Some(Some(town)) = entry.1.get() {
                    town.leave();
                }
                *entry = (m.version, Opened::default());
            }
            entry.1.clone()
        };
        let town = cell.get_or_init(|| self.open_now(m)).await.clone();
        match &town {
            Some(town) => town.used.store(self.age(), Ordering::Relaxed),
            // tried again with the next request
            None => drop(self.open_ones().remove(&m.name)),
        }
        self.close_idle(MOST_OPEN);
        town
    }

    async fn open_now(&self, m: &Municipality) -> Option<Arc<Town>> {
        let ctx = self.ctx(m).await?;
        let (stop, stopped) = watch::channel(false);
        let work = jobs::work(ctx.clone(), until(stopped));
        self.employ(work.instrument(span(&m.name)));
        Some(Arc::new(Town {
            router: router::router(ctx.clone(), self.0.proxies.clone()),
            ctx,
            version: m.version,
            used: AtomicU64::new(self.age()),
            stop,
            gone: watch::channel(false).0,
        }))
    }

    /// Boxed: the compiler cannot tell otherwise that this may wait on any thread.
    fn ctx<'a>(&'a self, m: &'a Municipality) -> BoxFuture<'a, Option<Ctx>> {
        Box::pin(self.open_ctx(m))
    }

    async fn open_ctx(&self, m: &Municipality) -> Option<Ctx> {
        let ctx = match self.0.hosting.ctx(m).await {
            Ok(ctx) => ctx,
            Err(error) => {
                tracing::error!(municipality = m.name, %error, "the store cannot be opened");
                figures::store_down(&m.name);
                return None;
            }
        };
        match serve::migrated(&ctx).await {
            Ok(()) => Some(ctx),
            Err(why) => {
                let error = why.unwrap_or_else(|| "the key does not belong to this store".to_owned());
                tracing::error!(municipality = m.name, error, "the store cannot be used");
                figures::store_down(&m.name);
                None
            }
        }
    }

    fn age(&self) -> u64 {
        self.0.started.elapsed().as_secs()
    }

    fn open_ones(&self) -> std::sync::MutexGuard<'_, HashMap<String, (i64, Opened)>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes what nobody used for long, and the longest idle ones above `most`.
    fn close_idle(&self, most: usize) {
        let mut open = self.open_ones();
        let mut ages: Vec<(u64, String)> = open
            .iter()
            .filter_map(|(name, (_, cell))| {
                let town = cell.get()?.as_ref()?;
                Some((town.used.load(Ordering::Relaxed), name.clone()))
            })
            .collect();
        ages.sort();
        let above = ages.len().saturating_sub(most);
        let old = self.age().saturating_sub(IDLE.as_secs());
        for (n, (used, name)) in ages.into_iter().enumerate() {
            if (n < above || used < old)
                && let Some((_, cell)) = open.remove(&name)
                && let Some(Some(town)) = cell.get()
            {
                // requests that run keep the store until they are done
                let _ = town.stop.send(true);
            }
        }
    }

    fn employ(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut workers = self.0.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.retain(|w| !w.is_finished());
        workers.push(tokio::spawn(work));
    }

    fn visited(&self) -> std::sync::MutexGuard<'_, HashMap<String, Visit>> {
        self.0.visited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes round the stores that are closed, so that their mails go out and their clean-up happens, too, and closes what is
    /// not in service any more. When `stop` resolves, every job in hand is finished or handed back.
    pub async fn work(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut last = Instant::now();
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(LOOK) => {}
            }
            let Some(all) = self.registered().await else {
                continue;
            };
            self.close_gone(&all);
            if last.elapsed() >= ROUND {
                last = Instant::now();
                self.close_idle(MOST_OPEN);
                self.visit(&all);
                self.count(&all);
            }
        }
        let _ = self.0.stop.send(true);
        self.close_idle(0);
        self.rest().await;
    }

    /// Waits for whoever works in a store.
    async fn rest(&self) {
        let workers = std::mem::take(&mut *self.0.workers.lock().unwrap_or_else(PoisonError::into_inner));
        for worker in workers {
            let _ = worker.await;
        }
    }

    async fn registered(&self) -> Option<Vec<Municipality>> {
        let listed = self.0.hosting.list().await;
        figures::register_up(listed.is_ok());
        match listed {
            Ok(all) => Some(all),
            Err(error) => {
                tracing::error!(%error, "the register of municipalities cannot be read");
                None
            }
        }
    }

    /// Closes the stores of portals that are suspended, moved, being restored or gone.
    fn close_gone(&self, all: &[Municipality]) {
        let active: HashMap<&str, i64> = all
            .iter()
            .filter(|m| m.is_active())
            .map(|m| (m.name.as_str(), m.version))
            .collect();
        self.open_ones().retain(|name, (version, cell)| {
            let stays = active.get(name.as_str()).is_some_and(|v| v == version);
            if !stays && let Some(Some(town)) = cell.get() {
                town.leave();
            }
            stays
        });
        for (name, visit) in self.visited().iter() {
            if !active.contains_key(name.as_str())
                && let Some(stop) = &visit.stop
            {
                let _ = stop.send(true);
            }
        }
    }

    /// One round over the closed stores, to its end: for tests.
    pub async fn round(&self) {
        if let Some(all) = self.registered().await {
            self.close_gone(&all);
            self.visit(&all);
            let visits = std::mem::take(&mut *self.0.workers.lock().unwrap_or_else(PoisonError::into_inner));
            for visit in visits {
                let _ = visit.await;
            }
        }
    }

    /// Visits every closed store of a portal in service, some at a time; one that has much to do holds up no other.
    fn visit(&self, all: &[Municipality]) {
        for m in all.iter().filter(|m| m.is_active()) {
            let is_open = self.open_ones().contains_key(&m.name);
            let mut visited = self.visited();
            let visit = visited.entry(m.name.clone()).or_default();
            // one whose work has ended, however that was, listens no more
            let runs = visit.stop.as_ref().is_some_and(|s| s.receiver_count() > 0);
            if is_open || runs {
                continue;
            }
            let sweeps = visit
                .swept
                .is_none_or(|at| at.elapsed() > Duration::from_secs(3_600));
            let (stop, stopped) = watch::channel(false);
            visit.stop = Some(stop);
            if sweeps {
                visit.swept = Some(Instant::now());
            }
            drop(visited);
            let (towns, m) = (self.clone(), m.clone());
            let name = span(&m.name);
            self.employ(async move { towns.visit_one(&m, sweeps, stopped).await }.instrument(name));
        }
    }

    /// Figures of the open stores; the closed ones have theirs from the visit.
    fn count(&self, all: &[Municipality]) {
        let active: HashSet<String> = all
            .iter()
            .filter(|m| m.is_active())
            .map(|m| m.name.clone())
            .collect();
        {
            let mut counted = self.0.counted.lock().unwrap_or_else(PoisonError::into_inner);
            for gone in counted.difference(&active) {
                figures::forget(gone);
            }
            counted.clone_from(&active);
        }
        for name in active {
            if let Some(ctx) = self.ctx_of(&name) {
                self.employ(async move { figures::of_store(&ctx, Some(&name)).await });
            }
        }
    }

    /// `stopped` is held until the end: as long as somebody listens, the visit runs.
    async fn visit_one(&self, m: &Municipality, sweeps: bool, stopped: watch::Receiver<bool>) {
        let stop = || {
            let (own, all) = (until(stopped.clone()), until(self.0.stop.subscribe()));
            async move {
                tokio::select! { () = own => {}, () = all => {} }
            }
        };
        let turn = tokio::select! {
            () = stop() => return,
            turn = self.0.visits.acquire() => turn,
        };
        if turn.is_err() {
            return;
        }
        // the turn may have come late: is it still in service, and where it was?
        let is_as_it_was = |now: Municipality| now.is_active() && now.version == m.version;
        if !self.0.hosting.named(&m.name).await.is_ok_and(is_as_it_was) {
            return;
        }
        if let Some(ctx) = self.ctx(m).await {
            jobs::visit(&ctx, sweeps, stop()).await;
            figures::of_store(&ctx, Some(&m.name)).await;
            ctx.db.close().await;
        }
    }

    /// The open municipalities, for tests and figures.
    pub fn opened(&self) -> Vec<(String, i64)> {
        let open = self.open_ones();
        let mut names: Vec<(String, i64)> = open
            .iter()
            .filter_map(|(name, (_, cell))| Some((name.clone(), cell.get()?.as_ref()?.version)))
            .collect();
        names.sort();
        names
    }

    /// The context of an open municipality.
    pub fn ctx_of(&self, name: &str) -> Option<Ctx> {
        let open = self.open_ones();
        let (_, cell) = open.get(name)?;
        Some(cell.get()?.as_ref()?.ctx.clone())
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stop| *stop).await;
}

/// Lines of the log say whose portal they are about.
fn span(municipality: &str) -> tracing::Span {
    tracing::error_span!("municipality", name = municipality)
}

/// The host that the request was sent to, as the register has it.
fn host(request: &Request) -> Option<String> {
    let named = request.headers().get(header::HOST).and_then(|h| h.to_str().ok());
    let host = request
        .uri()
        .authority()
        .map(|a| a.as_str())
        .or(named)?
        .to_ascii_lowercase();
    // the usual ports are not written in addresses
    Some(match host.strip_suffix(":443").or(host.strip_suffix(":80")) {
        Some(plain) => plain.to_owned(),
        None => host,
    })
}

async fn answer(State(towns): State<Towns>, request: Request) -> Response {
    // the process is alive, whatever the register says
    if request.uri().path() == "/live" {
        return probes::live().await.into_response();
    }
    let host = host(&request).unwrap_or_default();
    let found = match towns.of_host(&host).await {
        Ok(found) => found,
        Err(()) => {
            return say(
                StatusCode::SERVICE_UNAVAILABLE,
                "Das Portal ist gerade nicht erreichbar. Bitte versuchen Sie es in einer Minute wieder.",
                "The portal cannot be reached at the moment. Please try again in a minute.",
            );
        }
    };
    let Some(municipality) = found else {
        // a load balancer asks by address, and knows no host name
        match request.uri().path() {
            "/health" | "/ready" if probes::is_stopping() => {
                return (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response();
            }
            // the register has just answered
            "/health" | "/ready" => return "ok".into_response(),
            _ => {}
        }
        return say(
            StatusCode::MISDIRECTED_REQUEST,
            "Unter dieser Adresse gibt es kein Portal.",
            "There is no portal at this address.",
        );
    };
    if !municipality.is_active() {
        return not_in_service();
    }
    let Some(town) = towns.open(&municipality).await else {
        return say(
            StatusCode::SERVICE_UNAVAILABLE,
            "Das Portal ist gerade nicht erreichbar. Bitte versuchen Sie es in einer Minute wieder.",
            "The portal cannot be reached at the moment. Please try again in a minute.",
        );
    };
    let answered = town.router.clone().oneshot(request);
    let gone = until(town.gone.subscribe());
    tokio::select! {
        answered = answered.instrument(span(&municipality.name)) => match answered {
            Ok(response) => response,
            Err(never) => match never {},
        },
        // whoever moves, restores or deletes the store counts on it
        () = async { gone.await; tokio::time::sleep(IN_HAND).await } => not_in_service(),
    }
}

fn not_in_service() -> Response {
    say(
        StatusCode::SERVICE_UNAVAILABLE,
        "Das Portal ist zurzeit nicht in Betrieb. Bitte versuchen Sie es später wieder oder wenden Sie sich an Ihr Rathaus.",
        "The portal is not in service at the moment. Please try again later or ask your town hall.",
    )
}

/// A plain page: there is no municipality whose name, colours and texts it could show.
fn say(status: StatusCode, german: &str, english: &str) -> Response {
    let text = format!(
        "<!DOCTYPE html><html lang=\"de\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
        <meta name=\"color-scheme\" content=\"light dark\"><title>{german}</title></head><body><main><h1>{german}</h1><p lang=\"en\">{english}</p></main></body></html>"
    );
    let mut response = (status, Body::from(text)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}
