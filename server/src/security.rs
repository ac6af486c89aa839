//! Headers, origin check and client address: what every answer has, whatever the page.

use app::portal::ClientAddress;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// What the checks need to know.
#[derive(Clone)]
pub struct Guard {
    /// `https://portal.example.de`.
    pub base_url: Arc<str>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Arc<[IpAddr]>,
}

/// No inline script, no inline style, nothing from elsewhere. `wasm-unsafe-eval` allows compiling WebAssembly and
/// nothing else.
const CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Sets headers on every answer and refuses state changes from elsewhere.
pub async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|c| c.0.ip().to_canonical());
    let address = client(&request, peer, &guard.proxies);
    request.extensions_mut().insert(ClientAddress(address));
    let mut response = if is_foreign(&request, &guard.base_url) {
        backend::watch::security("foreign-origin");
        (StatusCode::FORBIDDEN, "This request came from another site.").into_response()
    } else {
        next.run(request).await
    };
    let secure = guard.base_url.starts_with("https://");
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    );
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if secure {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    response
}

/// A request that changes something must come from this portal: browsers say so in `Origin` or `Sec-Fetch-Site`.
fn is_foreign(request: &Request, base_url: &str) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|v| v.to_str().ok());
    match (
        text(header::ORIGIN),
        text(HeaderName::from_static("sec-fetch-site")),
    ) {
        (Some(origin), _) => origin != base_url,
        (None, Some(site)) => site != "same-origin",
        // no browser of the last years sends neither; programs that do have no cookie to abuse
        (None, None) => text(header::COOKIE).is_some(),
    }
}

/// The client's address: the last hop that is not a trusted proxy. What stands in front of it may be invented; so may
/// everything in front of a hop that is no address, which then counts for nothing.
fn client(request: &Request, peer: Option<IpAddr>, proxies: &[IpAddr]) -> String {
    let Some(peer) = peer else { return String::new() };
    let mut address = peer;
    if proxies.contains(&peer) {
        let headers = request.headers().get_all("x-forwarded-for").iter();
        let hops: Vec<&str> = headers
            .flat_map(|v| v.to_str().unwrap_or("?").split(','))
            .collect();
        address = hops
            .into_iter()
            .rev()
            .map(hop)
            .find(|h| h.is_none_or(|h| !proxies.contains(&h)))
            .flatten()
            .unwrap_or(peer);
    }
    match address {
        // one household has one /64
        IpAddr::V6(v6) => v6.segments()[..4]
            .iter()
            .map(|s| format!("{s:x}"))
            .collect::<Vec<_>>()
            .join(":"),
        IpAddr::V4(v4) => v4.to_string(),
    }
}

/// An address of `X-Forwarded-For`, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.parse::<IpAddr>().ok();
    let address = bare.or_else(|| text.parse::<SocketAddr>().ok().map(|a| a.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request {
        let mut builder = Request::builder().method(method).uri("/x");
        for (k, v) in headers {
            builder = builder.header(*k, *v);
        }
        builder.body(Body::empty()).unwrap()
    }

    #[test]
    fn only_the_portal_itself_may_post() {
        let base = "https://portal.example.de";
        for (headers, foreign) in [
            (vec![("origin", base)], false),
            (vec![("origin", "https://evil.example")], true),
            (vec![("origin", "null")], true),
            (vec![("origin", "https://portal.example.de.evil.example")], true),
            (vec![("sec-fetch-site", "same-origin")], false),
            (vec![("sec-fetch-site", "cross-site")], true),
            (vec![("cookie", "a=b")], true),
            (vec![], false),
        ] {
            assert_eq!(
                is_foreign(&request("POST", &headers), base),
                foreign,
                "{headers:?}"
            );
        }
        assert!(!is_foreign(
            &request("GET", &[("origin", "https://evil.example")]),
            base
        ));
    }

    #[test]
    fn forwarded_addresses_are_believed_from_proxies_only() {
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        let other: IpAddr = "192.0.2.9".parse().unwrap();
        let forwarded = request("GET", &[("x-forwarded-for", "1.1.1.1, 203.0.113.5")]);
        assert_eq!(client(&forwarded, Some(proxy), &[proxy]), "203.0.113.5");
        assert_eq!(client(&forwarded, Some(other), &[proxy]), "192.0.2.9");
        for (hops, found) in [
            ("", "10.0.0.1"),
            ("203.0.113.5:4711", "203.0.113.5"),
            ("1.1.1.1, [2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2"),
            ("1.1.1.1, ::ffff:203.0.113.5", "203.0.113.5"),
            ("1.1.1.1, 203.0.113.5, 10.0.0.1", "203.0.113.5"),
            // what cannot be read hides nobody behind an address of his choice
            ("1.1.1.1, unknown", "10.0.0.1"),
            ("1.1.1.1, unknown, 10.0.0.1", "10.0.0.1"),
            ("1.1.1.1,", "10.0.0.1"),
        ] {
            let odd = request("GET", &[("x-forwarded-for", hops)]);
            assert_eq!(client(&odd, Some(proxy), &[proxy]), found, "{hops}");
        }
        let v6 = request("GET", &[]);
        assert_eq!(
            client(&v6, "2001:db8:1:2:3:4:5:6".parse().ok(), &[]),
            "2001:db8:1:2"
        );
    }
}
