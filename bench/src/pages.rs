//! Pages: drawing the start and the registration page, beside a bare axum handler that gives the same bytes.

use axum::{Router, body::Body, http::Request, routing::get};
use backend::{db::testing, demo, municipality};
use domain::access::Actor;
use std::time::Instant;
use tower::ServiceExt;

const REQUESTS: u32 = 3_000;

async fn rate(router: &Router, path: &str) -> (f64, usize) {
    let mut bytes = 0;
    let start = Instant::now();
    for _ in 0..REQUESTS {
        let response = router
            .clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        bytes = axum::body::to_bytes(response.into_body(), 10_000_000)
            .await
            .unwrap()
            .len();
    }
    (f64::from(REQUESTS) / start.elapsed().as_secs_f64(), bytes)
}

pub(crate) async fn run() {
    let ctx = testing::sqlite().await;
    municipality::save(&ctx, Actor::System, demo::settings(), 0)
        .await
        .unwrap();
    let portal = server::router::router(ctx, Vec::new());
    println!("pages, one request after another in process, SQLite");
    for path in ["/", "/registrieren"] {
        let (ours, bytes) = rate(&portal, path).await;
        let same = "x".repeat(bytes);
        let bare = Router::new().route(
            path,
            get(move || {
                let same = same.clone();
                async move { same }
            }),
        );
        let (theirs, _) = rate(&bare, path).await;
        println!(
            "  {path:14} {bytes:6} bytes   ours {ours:8.0} /s   bare handler {theirs:8.0} /s   {:.1} % of the bare handler",
            ours / theirs * 100.0
        );
    }
}
