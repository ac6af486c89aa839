//! Which push services may be asked, and asking them. The address of a browser comes from outside: without this list the
//! portal would send requests wherever somebody wants.

use reqwest::{Client, StatusCode, Url, header, redirect::Policy};
use std::{sync::OnceLock, time::Duration};

/// The services of Chrome and its relatives, Firefox, Safari and Edge.
const KNOWN: [&str; 4] = [
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
];

/// Longest address that is believed to be one.
const MOST_ADDRESS: usize = 1_000;

/// A week: whoever looks later sees it in the portal anyway.
const KEEP_SECONDS: &str = "604800";

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    Host(String),
    /// `.push.apple.com`: everything below.
    Under(String),
    /// Scheme, host and port.
    Origin(String),
}

/// The push services that may be asked, and what asks them.
#[derive(Debug)]
pub struct Services {
    allowed: Vec<Allowed>,
    client: OnceLock<Client>,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            allowed: KNOWN.iter().filter_map(|entry| parse(entry)).collect(),
            client: OnceLock::new(),
        }
    }
}

/// What a push service made of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is on its way.
    Taken,
    /// The browser does not listen any more.
    Gone,
}

/// Why a message was not taken; for the log, without the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSent {
    #[error("no connection can be made from here (TLS set-up)")]
    Client,
    #[error("the push service does not answer")]
    Silent,
    #[error("the push service answered {0}")]
    Answer(u16),
}

impl Services {
    /// Other services than the known ones: `push.example.org`, `*.push.example.org` (https), or a whole origin,
    /// which may be `http://127.0.0.1:4000`. No entry at all switches notifications off. The error is the entry that is none.
    pub fn only(entries: &[String]) -> Result<Self, String> {
        let allowed = entries
            .iter()
            .map(|entry| parse(entry).ok_or_else(|| entry.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            allowed,
            client: OnceLock::new(),
        })
    }

    /// Is there any service that may be asked?
    pub(super) fn any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// The address, if it may be asked.
    pub(super) fn allow(&self, endpoint: &str) -> Option<Url> {
        if endpoint.len() > MOST_ADDRESS {
            return None;
        }
        let url = Url::parse(endpoint).ok()?;
        let host = url.host_str()?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let usual = url.scheme() == "https" && url.port().is_none();
        let known = self.allowed.iter().any(|allowed| match allowed {
            Allowed::Host(name) => usual && host == name,
            Allowed::Under(end) => usual && host.len() > end.len() && host.ends_with(end.as_str()),
            Allowed::Origin(origin) => url.origin().ascii_serialization() == *origin,
        });
        (plain && known).then_some(url)
    }

    fn client(&self) -> Result<Client, NotSent> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = Client::builder()
            // a redirect could lead anywhere
            .redirect(Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(10))
            // messages are rare: nothing is gained by connections that stay open
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| NotSent::Client)?;
        Ok(self.client.get_or_init(|| client).clone())
    }

    /// Hands a message over. Only the status of the answer is read, never its body.
    pub(super) async fn send(&self, to: Url, authorization: &str, body: Vec<u8>) -> Result<Sent, NotSent> {
        let answer = self
            .client()?
            .post(to)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", KEEP_SECONDS)
            .header("urgency", "normal")
            // a newer message takes the place of one that waits
            .header("topic", "cases")
            .body(body)
            .send()
            .await
            .map_err(|_| NotSent::Silent)?;
        match answer.status() {
            status if status.is_success() => Ok(Sent::Taken),
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Sent::Gone),
            status => Err(NotSent::Answer(status.as_u16())),
        }
    }
}

fn parse(entry: &str) -> Option<Allowed> {
    let entry = entry.trim().to_lowercase();
    if entry.contains("://") {
        let url = Url::parse(&entry).ok()?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
        let safe = url.scheme() == "https" || url.scheme() == "http" && local;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let named = url.username().is_empty() && url.password().is_none();
        return (safe && bare && named).then(|| Allowed::Origin(url.origin().ascii_serialization()));
    }
    let is_name = |name: &str| {
        name.contains('.')
            && name.split('.').all(|part| !part.is_empty())
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    match entry.strip_prefix("*.") {
        Some(rest) => is_name(rest).then(|| Allowed::Under(format!(".{rest}"))),
        None => is_name(&entry).then_some(Allowed::Host(entry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_services_are_asked() {
        let known = Services::default();
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
        ] {
            assert!(known.allow(good).is_some(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/fcm/send/abc",
            "https://fcm.googleapis.com.evil.example/",
            "https://fcm.googleapis.com@evil.example/",
            "https://user@fcm.googleapis.com/",
            "https://evil.example/#.push.apple.com",
            "https://evilpush.apple.com/",
            "https://push.apple.com.evil.example/",
            "https://x.fcm.googleapis.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "http://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "fcm.googleapis.com",
            "",
        ] {
            assert!(known.allow(bad).is_none(), "{bad}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(1_000));
        assert!(known.allow(&long).is_none());
    }

    #[test]
    fn an_operator_names_others() {
        let only =
            |entries: &[&str]| Services::only(&entries.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>());
        let own = only(&["http://127.0.0.1:4000", "push.stadt.example"]).unwrap();
        assert!(own.allow("http://127.0.0.1:4000/a").is_some());
        assert!(own.allow("https://push.stadt.example/a").is_some());
        for bad in [
            "http://127.0.0.1:4001/a",
            "http://127.0.0.1/a",
            "http://push.stadt.example/a",
            "https://fcm.googleapis.com/a",
        ] {
            assert!(own.allow(bad).is_none(), "{bad}");
        }
        for wrong in [
            "",
            "*",
            "*.",
            "localhost",
            "http://push.stadt.example",
            "https://push.stadt.example/path",
            "https://a@push.stadt.example",
            "push.stadt.example/path",
            "ftp://push.stadt.example",
        ] {
            assert_eq!(only(&[wrong]).err().as_deref(), Some(wrong));
        }
        assert!(!only(&[]).unwrap().any());
    }
}
