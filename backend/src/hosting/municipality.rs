//! What the register knows of a municipality.

use super::HostingError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A municipality in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Municipality {
    /// Short name: small letters, digits and `-`.
    pub name: String,
    /// Host of its portal, with the port if the address has one.
    pub host: String,
    /// Address of its portal, without a slash at the end.
    pub base_url: String,
    /// `file` or `schema`.
    pub place: String,
    /// `active`, `suspended`, `deleting`, or `moving` or `restoring`, with `-suspended` behind it for one that is suspended
    /// afterwards.
    pub state: String,
    /// Sender of its mails.
    pub mail_from: String,
    pub(super) wrapped_key: Vec<u8>,
    /// Grows with each change.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl Municipality {
    /// Does it answer requests?
    pub fn is_active(&self) -> bool {
        self.state == "active"
    }

    /// Is this going on with it (`moving`, `restoring`, `deleting`), or was interrupted?
    pub fn is(&self, what: &str) -> bool {
        self.state.strip_suffix("-suspended").unwrap_or(&self.state) == what
    }

    /// The state while this goes on.
    pub(super) fn during(&self, what: &str) -> String {
        match self.after() {
            "suspended" => format!("{what}-suspended"),
            _ => what.to_owned(),
        }
    }

    /// The state when nothing goes on any more.
    pub(super) fn after(&self) -> &'static str {
        match self.state.ends_with("suspended") {
            true => "suspended",
            false => "active",
        }
    }

    /// Says what goes on with it, and what leads out.
    pub fn busy(&self) -> HostingError {
        HostingError::State {
            name: self.name.clone(),
            state: self.state.clone(),
        }
    }

    pub(super) fn bound(&self) -> Vec<u8> {
        bound(&self.name)
    }
}

pub(super) fn bound(name: &str) -> Vec<u8> {
    format!("municipality {name}").into_bytes()
}

/// Where the store of a municipality is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file in the data folder: one machine only.
    File,
    /// A schema in the PostgreSQL database: any number of machines.
    Schema,
}

impl Place {
    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            Place::File => "file",
            Place::Schema => "schema",
        }
    }

    /// By its stored name.
    pub fn parse(key: &str) -> Option<Place> {
        [Place::File, Place::Schema].into_iter().find(|p| p.key() == key)
    }
}

/// The host (and port) of a portal's address: `https://portal.example.de`, or `http://localhost:3000` for trying out.
pub fn host_of(base_url: &str) -> Option<String> {
    let (secure, host) = match base_url.strip_prefix("https://") {
        Some(host) => (true, host),
        None => (false, base_url.strip_prefix("http://")?),
    };
    let plain = host.split(':').next().unwrap_or_default();
    let local = plain == "127.0.0.1" || plain == "localhost" || plain.ends_with(".localhost");
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    (!plain.is_empty() && host.chars().all(fits) && (secure || local)).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_portals() {
        assert_eq!(
            host_of("https://Portal.Lindenau.example").as_deref(),
            Some("portal.lindenau.example")
        );
        assert_eq!(
            host_of("http://a.localhost:3000").as_deref(),
            Some("a.localhost:3000")
        );
        for bad in [
            "http://portal.example",
            "https://",
            "https://a/b",
            "ftp://a",
            "https://a@b",
            "portal.example",
        ] {
            assert_eq!(host_of(bad), None, "{bad}");
        }
    }
}
