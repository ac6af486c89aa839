//! Cookies: their names, how they are set, and how the one of the session begins and ends. All are for this host only.

use crate::portal::{Answer, Fault, Outcome, Rq};
use axum::http::{HeaderMap, header};
use backend::{Ctx, accounts};

/// A year, in seconds: for what somebody has chosen.
pub(crate) const YEAR: i64 = 31_536_000;

/// The full name of a cookie. `__Host-` binds it to this host and to TLS; without TLS browsers refuse that prefix.
pub fn cookie_name(ctx: &Ctx, name: &str) -> String {
    if ctx.is_secure() {
        format!("__Host-{name}")
    } else {
        name.to_owned()
    }
}

/// A `Set-Cookie` value for so many seconds; with 0 the cookie ends.
pub fn set_cookie(ctx: &Ctx, name: &str, value: &str, seconds: i64) -> String {
    let secure = if ctx.is_secure() { "; Secure" } else { "" };
    let name = cookie_name(ctx, name);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// The session.
const SESSION: &str = "stadtbrief";

/// Name of the session cookie.
pub fn session_cookie(ctx: &Ctx) -> String {
    cookie_name(ctx, SESSION)
}

/// The `Set-Cookie` value that begins a session.
pub fn begin_session(ctx: &Ctx, token: &str, staff: bool) -> String {
    let seconds = domain::accounts::session_absolute(staff).num_seconds();
    set_cookie(ctx, SESSION, token, seconds)
}

/// The `Set-Cookie` value that ends a session.
pub fn end_session(ctx: &Ctx) -> String {
    set_cookie(ctx, SESSION, "", 0)
}

/// The `Set-Cookie` value of the session with a new token: the password was typed again, and who has seen the former token
/// has nothing of it.
pub(crate) async fn renew_session(rq: &Rq) -> Result<Vec<String>, Fault> {
    let Some(who) = &rq.who else {
        return Ok(Vec::new());
    };
    let token = accounts::renew_session(&rq.ctx, who).await?;
    let left = (who.ends.1 - rq.ctx.clock.now()).num_seconds();
    Ok(token
        .map(|token| set_cookie(&rq.ctx, SESSION, &token, left))
        .into_iter()
        .collect())
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
