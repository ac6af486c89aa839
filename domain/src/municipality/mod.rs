//! What a municipality sets for itself.

pub mod colour;
pub mod land;
pub mod public_text;

use crate::{letters::state, problem::Problems};
use colour::Colour;
use serde::{Deserialize, Serialize};

/// How people get an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMethod {
    /// With an e-mail address; can be confirmed by a letter later.
    Open,
    /// Only with a letter.
    Letter,
}

impl RegistrationMethod {
    /// The stored name; also the key of the name on screen.
    pub fn key(self) -> &'static str {
        match self {
            RegistrationMethod::Open => "open",
            RegistrationMethod::Letter => "letter",
        }
    }

    /// The method with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        [RegistrationMethod::Open, RegistrationMethod::Letter]
            .into_iter()
            .find(|m| m.key() == key)
    }
}

/// What the town does for people with a register block (§§ 51, 52 BMG).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockedRoute {
    /// No letter.
    #[default]
    None,
    /// A letter without an address, handed over at the desk.
    Desk,
    /// A letter apart from all others, with nothing of the town in the window.
    Neutral,
}

impl BlockedRoute {
    /// All.
    pub const ALL: [BlockedRoute; 3] = [BlockedRoute::None, BlockedRoute::Desk, BlockedRoute::Neutral];

    /// The stored name; its sentence is in `locales/` under `blocked-route-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            BlockedRoute::None => "none",
            BlockedRoute::Desk => "desk",
            BlockedRoute::Neutral => "neutral",
        }
    }

    /// The route with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// Everything that is not a secret and not a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Name, e.g. "Lindenau".
    pub name: String,
    /// Who sends letters, e.g. "Gemeinde Lindenau".
    pub sender: String,
    /// Department, second line of the contact block.
    pub department: String,
    /// Street and number of the town hall.
    pub street: String,
    /// Postcode of the town hall.
    pub postcode: String,
    /// Place of the town hall.
    pub city: String,
    /// Telephone of the help desk.
    pub telephone: String,
    /// E-mail address of the help desk.
    pub email: String,
    /// Opening hours in one line.
    pub opening_hours: String,
    /// The municipality's colour for links and buttons, such as `#0b5d3b`; empty: the portal's own.
    pub colour: String,
    /// How residents register.
    pub residents_register: RegistrationMethod,
    /// How organisations register.
    pub organisations_register: RegistrationMethod,
    /// The public directory of organisations. Switched off, its pages are hidden and its data is kept.
    pub directory: bool,
    /// The local market: notices of organisations. Switched off, its pages are hidden and its data is kept.
    pub market: bool,
    /// Surveys among residents. Switched off, its pages are hidden and its data is kept.
    pub surveys: bool,
    /// Residents and organisations propose ideas and support those of others. Switched off, its pages are hidden and its data
    /// is kept.
    pub ideas: bool,
    /// Residents and organisations comment on notices, ideas and results of surveys.
    pub comments: bool,
    /// House rules of what is written in the open; paragraphs separated by an empty line.
    pub house_rules: String,
    /// Public entries and notices are looked at before they are shown.
    pub moderate_entries: bool,
    /// Ask for the date of birth when a letter is redeemed.
    pub ask_birth_date: bool,
    /// Nobody younger gets a letter without a decision, in years.
    pub minimum_age: u32,
    /// From so many people at one address on, somebody looks before letters are made; 0: never.
    pub crowd: u32,
    /// How people with a register block get their letter.
    pub blocked_route: BlockedRoute,
    /// Days after which people who never registered are deleted from the register, counted from the last list.
    pub retention_days: i64,
    /// Validity of a letter in days, counted from posting.
    pub validity_days: i64,
    /// Most letters that one person may get within [`Settings::reissue_days`].
    pub reissue_limit: i64,
    /// Days over which letters of one person are counted.
    pub reissue_days: i64,
    /// A new letter that staff ask for must be agreed to by somebody else.
    pub reissue_four_eyes: bool,
    /// Residents may ask for a new letter on a public page.
    pub reissue_public: bool,
    /// A new name in a profile must be agreed to by two people.
    pub name_change_four_eyes: bool,
    /// Staff must have a second factor.
    pub staff_second_factor: bool,
    /// Version of the terms of use; stored with each consent.
    pub terms_version: u32,
    /// Terms of use; paragraphs separated by an empty line.
    pub terms: String,
    /// Imprint text of the time before texts had versions; shown until one is saved.
    pub imprint: String,
    /// Federal state, by its key in [`land`]; empty: not chosen.
    pub land: String,
}

impl Settings {
    /// The municipality's own colour, if it has chosen one.
    pub fn own_colour(&self) -> Option<Colour> {
        Colour::parse(&self.colour)
    }

    /// Can organisations be admitted? Only if there is a place for them.
    pub fn has_organisations(&self) -> bool {
        self.directory || self.market
    }
}

/// House rules to begin with; each municipality writes its own.
const HOUSE_RULES: &str = "Hier schreiben Menschen und Organisationen aus unserem Ort unter ihrem bestätigten Namen.\n\n\
Bleiben Sie freundlich und bei der Sache. Beleidigungen, Drohungen, Hass und Hetze löschen wir.\n\n\
Schreiben Sie nichts über das Privatleben anderer. Nennen Sie keine Adressen, Telefonnummern oder Krankheiten.\n\n\
Keine Werbung, außer im Markt. Nichts, was gegen Gesetze verstößt.\n\n\
Wer einen Beitrag melden möchte, findet darunter den Link „Melden“. Wird ein Beitrag verborgen, erfährt die Person, die ihn \
geschrieben hat, den Grund und kann widersprechen.";

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Musterstadt".into(),
            sender: "Stadt Musterstadt".into(),
            department: "Bürgerbüro".into(),
            street: "Rathausplatz 1".into(),
            postcode: "00000".into(),
            city: "Musterstadt".into(),
            telephone: "00000 0000".into(),
            email: "buergerbuero@musterstadt.example".into(),
            opening_hours: "Mo–Fr 8–12 Uhr".into(),
            colour: String::new(),
            residents_register: RegistrationMethod::Letter,
            organisations_register: RegistrationMethod::Letter,
            directory: false,
            market: false,
            surveys: false,
            ideas: false,
            comments: false,
            house_rules: HOUSE_RULES.into(),
            moderate_entries: true,
            ask_birth_date: false,
            minimum_age: 16,
            crowd: 20,
            blocked_route: BlockedRoute::None,
            retention_days: 365,
            validity_days: state::DEFAULT_VALIDITY_DAYS,
            reissue_limit: 3,
            reissue_days: 90,
            reissue_four_eyes: false,
            reissue_public: true,
            name_change_four_eyes: false,
            staff_second_factor: false,
            terms_version: 1,
            terms: "Ihr Konto gilt nur für Sie. Bitte geben Sie Ihr Passwort nicht weiter.\n\n\
                    Sie nutzen das Portal unter Ihrem Namen. Name und Anschrift stammen aus dem Melderegister.\n\n\
                    Sie können Ihr Konto jederzeit löschen."
                .into(),
            imprint: String::new(),
            land: String::new(),
        }
    }
}

impl Settings {
    /// Complains about what cannot be saved.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        let required = [
            ("name", &self.name),
            ("sender", &self.sender),
            ("street", &self.street),
            ("postcode", &self.postcode),
            ("city", &self.city),
            ("telephone", &self.telephone),
        ];
        for (field, text) in required {
            if text.trim().is_empty() {
                problems.add(field, "problem-required");
            }
        }
        let short = [
            ("name", &self.name),
            ("sender", &self.sender),
            ("department", &self.department),
            ("street", &self.street),
            ("city", &self.city),
            ("telephone", &self.telephone),
            ("opening_hours", &self.opening_hours),
        ];
        for (field, text) in short {
            if text.chars().count() > 60 {
                problems.add_with(field, "problem-too-long", &[("most", "60")]);
            }
        }
        if self.postcode.len() != 5 || !self.postcode.bytes().all(|b| b.is_ascii_digit()) {
            problems.add("postcode", "problem-postcode");
        }
        if crate::accounts::EmailAddress::parse(&self.email).is_none() {
            problems.add("email", "problem-email");
        }
        if !self.colour.is_empty() {
            match self.own_colour() {
                None => problems.add("colour", "problem-colour"),
                Some(c) if c.on_light() < colour::TEXT_CONTRAST => {
                    problems.add("colour", "problem-colour-contrast");
                }
                Some(_) => {}
            }
        }
        if !(1..=state::MAX_VALIDITY_DAYS).contains(&self.validity_days) {
            problems.add_with(
                "validity_days",
                "problem-validity",
                &[("most", &state::MAX_VALIDITY_DAYS.to_string())],
            );
        }
        if self.crowd == 1 || self.crowd > 10_000 {
            problems.add("crowd", "problem-crowd");
        }
        if !(30..=3_650).contains(&self.retention_days) {
            problems.add("retention_days", "problem-retention");
        }
        if !(1..=20).contains(&self.reissue_limit) {
            problems.add("reissue_limit", "problem-reissue-limit");
        }
        if !(7..=730).contains(&self.reissue_days) {
            problems.add("reissue_days", "problem-reissue-days");
        }
        if !self.land.is_empty() && land::Land::parse(&self.land).is_none() {
            problems.add("land", "problem-required");
        }
        if self.minimum_age > 18 {
            problems.add("minimum_age", "problem-minimum-age");
        }
        if self.terms.trim().is_empty() {
            problems.add("terms", "problem-required");
        }
        problems
    }

    /// The line above the address of letters that must not tell through the window who sends them.
    pub fn neutral_return_line(&self) -> String {
        format!("{} · {} {}", self.street, self.postcode, self.city)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_is_valid() {
        assert_eq!(Settings::default().check(), Problems::default());
    }

    #[test]
    fn a_colour_must_be_readable() {
        let with = |colour: &str| Settings {
            colour: colour.into(),
            ..Settings::default()
        };
        assert_eq!(with("#0b5d3b").check(), Problems::default());
        assert_eq!(with("#ffcc00").check().0[0].code, "problem-colour-contrast");
        assert_eq!(with("green").check().0[0].code, "problem-colour");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let settings = Settings {
            name: String::new(),
            postcode: "12".into(),
            email: "x".into(),
            validity_days: 400,
            ..Settings::default()
        };
        let fields: Vec<String> = settings.check().0.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["name", "postcode", "email", "validity_days"]);
    }
}
