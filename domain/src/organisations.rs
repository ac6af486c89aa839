//! Organisations: kinds, members, the public entry, and how the same one is recognised under another spelling.

use crate::{cases::clean_line, cases::clean_lines, problem::Problems};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What an organisation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// Verein.
    Club,
    /// Company, crafts, shop.
    Company,
    /// Farm.
    Farm,
    /// School or day-care centre.
    School,
    /// Parish or religious community.
    Parish,
    /// Authority or public institution.
    Authority,
    /// Anything else.
    Other,
}

impl OrganisationKind {
    /// All, in the order in which they are offered.
    pub const ALL: [OrganisationKind; 7] = [
        OrganisationKind::Club,
        OrganisationKind::Company,
        OrganisationKind::Farm,
        OrganisationKind::School,
        OrganisationKind::Parish,
        OrganisationKind::Authority,
        OrganisationKind::Other,
    ];
    /// Their stored names: the choices of the field in a request.
    pub const KEYS: [&'static str; 7] = [
        "club",
        "company",
        "farm",
        "school",
        "parish",
        "authority",
        "other",
    ];

    /// The stored name; its words are in `locales/` under `organisation-kind-<key>`.
    pub fn key(self) -> &'static str {
        Self::KEYS[self as usize]
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// Where an organisation stands. Before it is admitted there is only its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationState {
    /// The town has said yes; the letter is on its way.
    Admitted,
    /// Somebody has redeemed the letter.
    Active,
    /// The town has taken it off the public pages.
    Suspended,
}

impl OrganisationState {
    /// All.
    pub const ALL: [OrganisationState; 3] = [
        OrganisationState::Admitted,
        OrganisationState::Active,
        OrganisationState::Suspended,
    ];

    /// The stored name; its words are in `locales/` under `organisation-state-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            OrganisationState::Admitted => "admitted",
            OrganisationState::Active => "active",
            OrganisationState::Suspended => "suspended",
        }
    }

    /// The state with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// What a member may do for the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// Everything: members, the yearly confirmation, leaving the portal.
    Owner,
    /// The public entry.
    Editor,
}

impl MemberRole {
    /// All.
    pub const ALL: [MemberRole; 2] = [MemberRole::Owner, MemberRole::Editor];

    /// The stored name; its words are in `locales/` under `member-role-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            MemberRole::Owner => "owner",
            MemberRole::Editor => "editor",
        }
    }

    /// The role with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// Categories of the directory; their words are in `locales/` under `category-<key>`.
pub const CATEGORIES: [&str; 14] = [
    "sport",
    "culture",
    "music",
    "youth",
    "seniors",
    "social",
    "nature",
    "rescue",
    "education",
    "religion",
    "food",
    "crafts",
    "shop",
    "services",
];

/// What the public reads of an organisation besides name and address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// One of [`CATEGORIES`].
    pub category: String,
    /// What it is and does.
    pub description: String,
    /// Public e-mail address.
    pub email: String,
    /// Public telephone number.
    pub telephone: String,
    /// `https://…`.
    pub web: String,
    /// Opening or training hours, free text.
    pub hours: String,
    /// Street and number are shown too (a club may have its register address at somebody's home).
    pub show_address: bool,
}

impl Entry {
    /// Reads the fields of a form, without signs that steer the direction of text.
    pub fn read(typed: impl Fn(&str) -> String, show_address: bool) -> Self {
        let line = |name: &str| clean_line(&typed(name));
        Self {
            category: line("category"),
            description: clean_lines(&typed("description")),
            email: line("email"),
            telephone: line("telephone"),
            web: line("web"),
            hours: clean_lines(&typed("hours")),
            show_address,
        }
    }

    /// All complaints.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        if !CATEGORIES.contains(&self.category.as_str()) {
            problems.add("category", "problem-required");
        }
        if self.description.is_empty() {
            problems.add("description", "problem-required");
        }
        for (field, value, most) in [
            ("description", &self.description, 2_000),
            ("email", &self.email, 200),
            ("telephone", &self.telephone, 40),
            ("web", &self.web, 200),
            ("hours", &self.hours, 500),
        ] {
            if value.chars().count() > most {
                problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
            }
        }
        if !self.email.is_empty() && crate::accounts::EmailAddress::parse(&self.email).is_none() {
            problems.add("email", "problem-email");
        }
        if !is_web(&self.web) {
            problems.add("web", "problem-web");
        }
        problems
    }
}

/// What a notice of the local market is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Something is offered.
    Offer,
    /// Something or somebody is looked for.
    Wanted,
    /// Something takes place.
    Event,
    /// News.
    News,
}

impl NoticeKind {
    /// All.
    pub const ALL: [NoticeKind; 4] = [
        NoticeKind::Offer,
        NoticeKind::Wanted,
        NoticeKind::Event,
        NoticeKind::News,
    ];

    /// The stored name; its words are in `locales/` under `notice-kind-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            NoticeKind::Offer => "offer",
            NoticeKind::Wanted => "wanted",
            NoticeKind::Event => "event",
            NoticeKind::News => "news",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// A notice as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// What it is.
    pub kind: Option<NoticeKind>,
    /// Headline.
    pub title: String,
    /// What it says.
    pub text: String,
    /// The last day on which it is shown.
    pub until: Option<NaiveDate>,
}

/// Most days ahead that a notice is shown.
pub const NOTICE_DAYS: i64 = 180;

impl Notice {
    /// All complaints; the fields of the form begin with `notice_`.
    pub fn check(&self, today: NaiveDate) -> Problems {
        let mut problems = Problems::default();
        if self.kind.is_none() {
            problems.add("notice_kind", "problem-required");
        }
        for (field, value, most) in [
            ("notice_title", &self.title, 100),
            ("notice_text", &self.text, 1_500),
        ] {
            if value.is_empty() {
                problems.add(field, "problem-required");
            }
            if value.chars().count() > most {
                problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
            }
        }
        let last = today + chrono::Duration::days(NOTICE_DAYS);
        if self.until.is_none_or(|day| day < today || day > last) {
            problems.add_with(
                "until_day",
                "problem-notice-day",
                &[("most", &NOTICE_DAYS.to_string())],
            );
        }
        problems
    }
}

/// Empty, or an address of the web that a link may lead to.
pub fn is_web(address: &str) -> bool {
    let host = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    address.is_empty()
        || host.is_some_and(|h| {
            let name = h.split(['/', '?', '#']).next().unwrap_or("");
            name.contains('.')
                && !name.contains(['@', ' ', '\\', '"', '<', '>'])
                && !h.contains(char::is_whitespace)
        })
}

/// Words that say what an organisation is in law and tell two of them not apart.
const LEGAL_FORMS: [&str; 16] = [
    "ev",
    "gmbh",
    "ggmbh",
    "ug",
    "ag",
    "kg",
    "ohg",
    "gbr",
    "eg",
    "ek",
    "co",
    "mbh",
    "stiftung",
    "verein",
    "haftungsbeschraenkt",
    "partg",
];

/// The name without spelling, legal form and order of signs: "Turnverein 1860 Lindenau e. V." and "TURNVEREIN Lindenau 1860"
/// are the same one.
pub fn name_key(name: &str) -> String {
    let joined = name
        .replace("e. V.", "eV")
        .replace("e.V.", "eV")
        .replace("e. K.", "eK")
        .replace("e. G.", "eG");
    let mut words: Vec<String> = joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| {
            crate::text::search_words(w)
                .into_iter()
                .next()
                .unwrap_or_default()
        })
        .filter(|w| !w.is_empty() && !LEGAL_FORMS.contains(&w.as_str()))
        .collect();
    words.sort();
    words.join(" ")
}

/// A register number without spaces and signs: "VR 1234 CB" and "vr1234cb".
pub fn register_key(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Days after which somebody of the organisation confirms that all is still so.
pub const CONFIRM_DAYS: i64 = 365;
/// Days before that when owners are reminded.
pub const REMIND_DAYS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back() {
        for kind in OrganisationKind::ALL {
            assert_eq!(OrganisationKind::parse(kind.key()), Some(kind));
        }
        for state in OrganisationState::ALL {
            assert_eq!(OrganisationState::parse(state.key()), Some(state));
        }
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::parse(kind.key()), Some(kind));
        }
        for role in MemberRole::ALL {
            assert_eq!(MemberRole::parse(role.key()), Some(role));
        }
    }

    #[test]
    fn the_same_organisation_under_another_spelling() {
        let key = name_key("Turnverein 1860 Lindenau e. V.");
        for same in [
            "TURNVEREIN LINDENAU 1860",
            "Turnverein 1860 Lindenau e.V.",
            "Turnverein Lindenau 1860 eV",
        ] {
            assert_eq!(name_key(same), key, "{same}");
        }
        assert_eq!(
            name_key("Bäckerei Müller GmbH & Co. KG"),
            name_key("Baeckerei Mueller")
        );
        assert_ne!(name_key("Turnverein Lindenau"), name_key("Turnverein Tettau"));
        assert_eq!(register_key("VR 1234 CB"), register_key("vr1234cb"));
    }

    #[test]
    fn notices_end() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default();
        let day = |days| Some(today + chrono::Duration::days(days));
        let good = Notice {
            kind: Some(NoticeKind::Event),
            title: "Sommerfest".into(),
            text: "Am Sportplatz.".into(),
            until: day(0),
        };
        assert!(good.check(today).is_empty());
        for until in [None, day(-1), day(NOTICE_DAYS + 1)] {
            let bad = Notice {
                until,
                ..good.clone()
            };
            assert_eq!(bad.check(today).0[0].code, "problem-notice-day", "{until:?}");
        }
        assert_eq!(Notice::default().check(today).0.len(), 4);
    }

    #[test]
    fn entries_are_checked() {
        let good = Entry {
            category: "sport".into(),
            description: "Wir turnen.".into(),
            web: "https://tv-lindenau.example/start".into(),
            ..Entry::default()
        };
        assert!(good.check().is_empty());
        let bad = Entry {
            category: "gambling".into(),
            description: String::new(),
            email: "x".into(),
            web: "javascript:alert(1)".into(),
            hours: "x".repeat(501),
            ..Entry::default()
        };
        let fields: Vec<_> = bad.check().0.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["category", "description", "hours", "email", "web"]);
        for web in [
            "https://user@evil.example",
            "//x.example",
            "https://a b.example",
            "ftp://x.example",
            "https://localhost",
        ] {
            assert!(!is_web(web), "{web}");
        }
    }
}
