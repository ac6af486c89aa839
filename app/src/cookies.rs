//! The cookie of the session: how it begins and ends.

use crate::portal::{Answer, Outcome, Rq};
use axum::http::{HeaderMap, header};
use backend::Ctx;

/// Name of the session cookie. `__Host-` binds it to this host and to TLS; without TLS browsers refuse that prefix.
pub fn session_cookie(ctx: &Ctx) -> &'static str {
    if ctx.is_secure() {
        "__Host-stadtbrief"
    } else {
        "stadtbrief"
    }
}

/// The `Set-Cookie` value that begins a session.
pub fn begin_session(ctx: &Ctx, token: &str, staff: bool) -> String {
    let seconds = domain::accounts::session_absolute(staff).num_seconds();
    let secure = if ctx.is_secure() { "; Secure" } else { "" };
    format!(
        "{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        session_cookie(ctx)
    )
}

/// The `Set-Cookie` value that ends a session.
pub fn end_session(ctx: &Ctx) -> String {
    let secure = if ctx.is_secure() { "; Secure" } else { "" };
    format!(
        "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}",
        session_cookie(ctx)
    )
}

/// A cookie of a request.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(k, _)| *k == name)
        .map(|(_, v)| v.to_owned())
}

/// Who signs in anew ends the session that this browser had (OWASP ASVS 5.0, 7.2.4): a token that somebody else has seen
/// is worth nothing any more.
pub(crate) fn former_session(rq: &Rq, outcome: &Outcome) -> Option<String> {
    let (Some(former), Ok(Answer::Go { cookies, .. })) = (&rq.token, outcome) else {
        return None;
    };
    let begins = format!("{}=", session_cookie(&rq.ctx));
    let mut new = cookies.iter().filter_map(|c| c.strip_prefix(&begins));
    new.any(|value| !value.starts_with(former.as_str()))
        .then(|| former.clone())
}
