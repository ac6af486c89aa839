//! Accounts: what a password and an e-mail address must be, how long a session lives, what evidence is worth.

use crate::problem::Problems;
use chrono::Duration;
use serde::{Deserialize, Serialize};

/// Shortest password, in characters (NIST SP 800-63B-4 asks for 15 where the password is the only factor, 8 with a
/// second one; BSI recommends 8 to 12 with throttling; sign-in here is throttled).
pub const PASSWORD_MIN: usize = 10;
/// Longest password, in characters; more would only feed the hash.
pub const PASSWORD_MAX: usize = 200;

/// Passwords that are tried first everywhere, and words that stand in front of everybody here.
const COMMON: [&str; 24] = [
    "passwort",
    "password",
    "1234567890",
    "12345678",
    "qwertz",
    "qwerty",
    "hallo",
    "geheim",
    "sommer",
    "winter",
    "schatz",
    "iloveyou",
    "ficken",
    "master",
    "admin",
    "welcome",
    "willkommen",
    "stadtbrief",
    "buergerportal",
    "abcdefgh",
    "111111",
    "000000",
    "letmein",
    "fussball",
];

/// Complains about a password; `known` are words that must not make it up (name, e-mail, municipality).
pub fn check_password(field: &str, password: &str, known: &[&str]) -> Problems {
    let mut problems = Problems::default();
    let length = password.chars().count();
    if length == 0 {
        problems.add(field, "problem-password-missing");
    } else if length < PASSWORD_MIN {
        problems.add_with(
            field,
            "problem-password-short",
            &[("least", &PASSWORD_MIN.to_string())],
        );
    } else if length > PASSWORD_MAX {
        problems.add_with(
            field,
            "problem-password-long",
            &[("most", &PASSWORD_MAX.to_string())],
        );
    } else {
        let mut rest = crate::text::fold(password);
        for word in COMMON
            .into_iter()
            .map(str::to_owned)
            .chain(known.iter().map(|w| crate::text::fold(w)))
        {
            if word.chars().count() >= 4 {
                rest = rest.replace(&word, "");
            }
        }
        let mut different: Vec<char> = rest.chars().filter(|c| *c != ' ').collect();
        different.sort_unstable();
        different.dedup();
        let symbols = password.chars().filter(|c| !c.is_alphanumeric()).count();
        if different.len() + symbols.min(2) < 5 {
            problems.add(field, "problem-password-common");
        }
    }
    problems
}

/// An e-mail address that a mail server could take; trimmed. The domain is lower-cased, the local part kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// `None` if it cannot be one. Whether it is real, only a mail to it shows.
    pub fn parse(typed: &str) -> Option<Self> {
        let text = typed.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let bad = |c: char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(
                    c,
                    '"' | '(' | ')' | '<' | '>' | ',' | ';' | ':' | '\\' | '@' | '[' | ']'
                )
        };
        let label = |l: &str| {
            !l.is_empty()
                && l.len() <= 63
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let right = !local.is_empty()
            && local.len() <= 64
            && !local.contains(bad)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && domain.len() <= 253
            && domain.contains('.')
            && domain.split('.').all(label);
        right.then(|| Self(format!("{local}@{}", domain.to_lowercase())))
    }

    /// As written in mails.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which addresses are compared.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A session ends after this time without a request.
pub fn session_idle(staff: bool) -> Duration {
    if staff {
        Duration::minutes(60)
    } else {
        Duration::days(7)
    }
}

/// A session ends this long after signing in, whatever happens.
pub fn session_absolute(staff: bool) -> Duration {
    if staff {
        Duration::hours(12)
    } else {
        Duration::days(30)
    }
}

/// Failed sign-ins for one account within 15 minutes after which it has to wait (NIST SP 800-63B: at most 100 in a row).
pub const FAILED_SIGN_INS_PER_ACCOUNT: i64 = 8;
/// Failed sign-ins from one network address within 15 minutes after which it has to wait.
pub const FAILED_SIGN_INS_PER_ADDRESS: i64 = 60;

/// Why something about a party is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A registration letter was redeemed.
    Letter,
    /// A link in a mail was opened and confirmed.
    Email,
    /// A clerk compared name or address with a picture of an ID document.
    IdDocument,
    /// A clerk compared name or address with an ID document at the desk.
    Counter,
}

impl EvidenceKind {
    /// The stored name; also the key of the name on screen.
    pub fn key(self) -> &'static str {
        match self {
            EvidenceKind::Letter => "letter",
            EvidenceKind::Email => "email",
            EvidenceKind::IdDocument => "id_document",
            EvidenceKind::Counter => "counter",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        [
            EvidenceKind::Letter,
            EvidenceKind::Email,
            EvidenceKind::IdDocument,
            EvidenceKind::Counter,
        ]
        .into_iter()
        .find(|k| k.key() == key)
    }
}

/// How much an account is trusted; computed from evidence, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TrustLevel {
    /// Nothing is proven.
    None,
    /// The e-mail address works.
    Email,
    /// A letter from the town hall reached the person: "kommunal bestätigt". This is not an eIDAS level.
    Municipal,
}

impl TrustLevel {
    /// The key of the level's name on screen.
    pub fn key(self) -> &'static str {
        match self {
            TrustLevel::None => "none",
            TrustLevel::Email => "email",
            TrustLevel::Municipal => "municipal",
        }
    }
}

/// The level that the valid evidence gives.
pub fn trust_level(evidence: impl IntoIterator<Item = EvidenceKind>) -> TrustLevel {
    evidence
        .into_iter()
        .map(|kind| match kind {
            EvidenceKind::Letter => TrustLevel::Municipal,
            EvidenceKind::Email => TrustLevel::Email,
            // say something about a name or an address of somebody who is known already; they make nobody known
            EvidenceKind::IdDocument | EvidenceKind::Counter => TrustLevel::None,
        })
        .max()
        .unwrap_or(TrustLevel::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        let check = |p: &str| {
            check_password("password", p, &["Erika Mustermann", "Lindenau"])
                .0
                .first()
                .map(|p| p.code.clone())
        };
        assert_eq!(check(""), Some("problem-password-missing".into()));
        assert_eq!(check("kurz"), Some("problem-password-short".into()));
        assert_eq!(check("passwort12"), Some("problem-password-common".into()));
        assert_eq!(check("aaaaaaaaaaaa"), Some("problem-password-common".into()));
        assert_eq!(check("Lindenau11"), Some("problem-password-common".into()));
        assert_eq!(check("grüner Tee um vier"), None);
        assert_eq!(check(&"x1y2z3".repeat(50)), Some("problem-password-long".into()));
    }

    #[test]
    fn addresses() {
        for good in ["a@b.de", " erika.m+x@Stadt-Lindenau.DE ", "käthe@müller.de"] {
            assert!(EmailAddress::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "a b@c.de",
            "a@@b.de",
            "a@-b.de",
            ".a@b.de",
            "a..b@c.de",
            "a@b..de",
            "<a@b.de>",
            "a@b.de\r\nBcc: x@y.de",
        ] {
            assert!(EmailAddress::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(EmailAddress::parse("A@B.De").map(|e| e.0), Some("A@b.de".into()));
    }

    #[test]
    fn levels() {
        use EvidenceKind::{Email, Letter};
        assert_eq!(trust_level([]), TrustLevel::None);
        assert_eq!(trust_level([Email]), TrustLevel::Email);
        assert_eq!(trust_level([Email, Letter]), TrustLevel::Municipal);
    }
}
