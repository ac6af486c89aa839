//! What load balancers and monitoring ask: is the process alive, and may it get requests?

use app::portal::Portal;
use axum::{extract::State, http::StatusCode};
use std::sync::atomic::{AtomicBool, Ordering};

/// The process was asked to stop: it finishes what it has, and wants nothing new.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// From now on [`ready`] says no.
pub fn stopping() {
    STOPPING.store(true, Ordering::Relaxed);
}

/// Is the process to stop?
pub fn is_stopping() -> bool {
    STOPPING.load(Ordering::Relaxed)
}

/// `/live`: the process answers. A store that is away is no reason to start it anew.
pub async fn live() -> &'static str {
    "ok"
}

/// `/ready` (and `/health`): the store answers, and the process is not about to stop.
pub async fn ready(State(portal): State<Portal>) -> (StatusCode, &'static str) {
    if is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping");
    }
    match backend::municipality::current(&portal.ctx).await {
        Ok(_) => (StatusCode::OK, "ok"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer"),
    }
}
