//! Figures for Prometheus, on an address of their own that residents cannot reach. Routes are named by their pattern,
//! never by the address that somebody opened: an address can hold an id.

use crate::{log::TRACES, probes};
use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use backend::{Ctx, jobs};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{net::SocketAddr, time::Instant};
use tracing::Instrument;

/// Upper edges of the classes of durations, in seconds.
const EDGES: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Counts requests and how long they take.
pub async fn observe(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |p| p.as_str().to_owned());
    // anybody may make up a method, and each label is kept
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let start = Instant::now();
    metrics::gauge!("stadtbrief_http_requests_in_flight").increment(1);
    let span = tracing::info_span!(
        target: TRACES,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.route = route,
        http.request.method = method,
        http.response.status_code = tracing::field::Empty,
    );
    // a line of the log says on which page something broke
    let page = tracing::error_span!("request", route, method);
    let response = next.run(request).instrument(span.clone()).instrument(page).await;
    span.record("http.response.status_code", response.status().as_u16());
    metrics::gauge!("stadtbrief_http_requests_in_flight").decrement(1);
    let status = response.status().as_u16().to_string();
    metrics::histogram!("stadtbrief_http_request_duration_seconds", "route" => route.clone(), "method" => method.clone())
        .record(start.elapsed().as_secs_f64());
    metrics::counter!("stadtbrief_http_requests_total", "route" => route, "method" => method, "status" => status)
        .increment(1);
    response
}

#[derive(Clone)]
struct Figures {
    handle: PrometheusHandle,
    ctx: Option<Ctx>,
}

/// Starts collecting and serves the figures at `/metrics`. `ctx`: the only municipality, whose queue is counted when
/// somebody asks; those of many are counted once a minute (`towns.rs`).
pub async fn serve(
    address: SocketAddr,
    ctx: Option<Ctx>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), String> {
    let name = Matcher::Full("stadtbrief_http_request_duration_seconds".to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(name, &EDGES)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|e| format!("metrics: {e}"))?;
    metrics::gauge!("stadtbrief_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|e| format!("cannot listen on {address}: {e}"))?;
    let app = Router::new()
        .route("/metrics", get(metrics))
        .route("/live", get(probes::live))
        .with_state(Figures { handle, ctx });
    tokio::spawn(async move {
        let server = axum::serve(listener, app).with_graceful_shutdown(stop);
        if let Err(error) = server.await {
            tracing::error!(%error, "the figures cannot be served");
        }
    });
    Ok(())
}

async fn metrics(State(figures): State<Figures>) -> Response {
    if let Some(bytes) = resident_memory() {
        metrics::gauge!("process_resident_memory_bytes").set(bytes);
    }
    if let Some(ctx) = &figures.ctx {
        of_store(ctx, None).await;
        for (state, count) in ctx.db.connections() {
            metrics::gauge!("stadtbrief_store_connections", "state" => state).set(count);
        }
    }
    // old values of histograms are tidied up while rendering
    figures.handle.run_upkeep();
    let text = figures.handle.render();
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}

/// Asks a store how much it has to do. `municipality`: which one of many.
pub(crate) async fn of_store(ctx: &Ctx, municipality: Option<&str>) {
    let up = match jobs::numbers(ctx).await {
        Ok(numbers) => {
            metrics::gauge!("stadtbrief_jobs_waiting", labels(municipality)).set(small(numbers.waiting));
            metrics::gauge!("stadtbrief_jobs_parked", labels(municipality)).set(small(numbers.parked));
            1.0
        }
        Err(_) => 0.0,
    };
    store_up(municipality, up);
}

/// The store of one of many cannot be opened.
pub(crate) fn store_down(municipality: &str) {
    store_up(Some(municipality), 0.0);
}

/// One of many is not in service any more: no alert is about it.
pub(crate) fn forget(municipality: &str) {
    let labels = || labels(Some(municipality));
    metrics::gauge!("stadtbrief_jobs_waiting", labels()).set(f64::NAN);
    metrics::gauge!("stadtbrief_jobs_parked", labels()).set(f64::NAN);
    store_up(Some(municipality), f64::NAN);
}

/// Does the register of many answer?
pub(crate) fn register_up(answers: bool) {
    metrics::gauge!("stadtbrief_register_up").set(if answers { 1.0 } else { 0.0 });
}

fn store_up(municipality: Option<&str>, up: f64) {
    metrics::gauge!("stadtbrief_store_up", labels(municipality)).set(up);
}

fn labels(municipality: Option<&str>) -> Vec<metrics::Label> {
    let label = |name: &str| metrics::Label::new("municipality", name.to_owned());
    municipality.map(label).into_iter().collect()
}

fn small(count: i64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Memory of the process, on Linux.
fn resident_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0)
}
