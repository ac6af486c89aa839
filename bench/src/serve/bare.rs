//! The other side: an axum handler that gives the same bytes and headers and does nothing else.

use super::client::Answer;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    routing::any,
};
use std::net::Ipv4Addr;

/// Serves an answer at a path, on as many threads as the portal has; the port.
pub(super) fn serve(runtime: &tokio::runtime::Runtime, path: &str, answer: &Answer) -> u16 {
    let own = ["content-length", "transfer-encoding", "date"];
    let headers: HeaderMap = answer
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.to_lowercase().as_str()))
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let status = StatusCode::from_u16(answer.status).unwrap();
    let body = Bytes::from(answer.body.clone());
    let router = Router::new().route(
        path,
        any(move || {
            let (headers, body) = (headers.clone(), body.clone());
            async move { (status, headers, body) }
        }),
    );
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move { axum::serve(listener, router).await });
    port
}
