//! Addresses that programs know by heart (RFC 8615): where to report a weakness, where to change a password.

use app::portal::{Answer, Fault, Portal, answered};
use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, Days, Utc};
use domain::urls;

/// So long the contact counts from now on; the standard wants less than a year (RFC 9116, section 2.5.5).
const GOOD_FOR: Days = Days::new(180);

/// `GET /.well-known/security.txt`: the town's own contact, if it has set one.
pub async fn security_txt(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let text =
            contact(&rq.settings.email, &rq.ctx.base_url, rq.ctx.clock.now()).ok_or(Fault::NotFound)?;
        let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        Ok(Answer::Raw((kind, text).into_response()))
    })
    .await
}

fn contact(email: &str, base_url: &str, now: DateTime<Utc>) -> Option<String> {
    let until = now.date_naive().checked_add_days(GOOD_FOR)?;
    let plain = !email.is_empty() && !email.contains(char::is_whitespace);
    plain.then(|| {
        format!(
            "Contact: mailto:{email}\nExpires: {until}T00:00:00Z\nPreferred-Languages: de, en\nCanonical: {base_url}/.well-known/security.txt\n"
        )
    })
}

/// `GET /.well-known/change-password`: programs that keep passwords send people here (W3C, "A Well-Known URL for Changing
/// Passwords").
pub async fn change_password() -> Redirect {
    Redirect::to(urls::SECURITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_becomes_a_contact() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let text = contact("rathaus@lindenau.example", "https://portal.example", now).unwrap();
        assert_eq!(
            text.lines().next(),
            Some("Contact: mailto:rathaus@lindenau.example")
        );
        assert!(text.contains("Canonical: https://portal.example/.well-known/security.txt\n"));
        for email in [
            "",
            "a b@c.example",
            "a@b.example\nEncryption: https://evil.example",
        ] {
            assert_eq!(contact(email, "https://portal.example", now), None, "{email:?}");
        }
    }
}
