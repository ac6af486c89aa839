//! What a batch freezes: everything that its letters print, as data without fonts and millimetres.

use super::{
    state::Route,
    template::{Occasion, Posting, Template, fill},
};
use crate::municipality::Settings;
use serde::{Deserialize, Serialize};

/// What a batch freezes of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name as addressed, e.g. "Dr. Erika Mustermann".
    pub name: String,
    /// Up to five lines below the name: extra line, street and number, postcode and place.
    pub address: Vec<String>,
}

/// Where a blank-looking sheet says what follows, for people who sort by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separators {
    /// Nowhere.
    #[default]
    None,
    /// Before each postcode.
    Postcode,
    /// Before each district.
    District,
}

impl Separators {
    /// All.
    pub const ALL: [Separators; 3] = [Separators::None, Separators::Postcode, Separators::District];

    /// The stored name; also the key of the name on screen (`separators-…`).
    pub fn key(self) -> &'static str {
        match self {
            Separators::None => "none",
            Separators::Postcode => "postcode",
            Separators::District => "district",
        }
    }

    /// The choice with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// How a batch becomes files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrintOptions {
    /// Most letters of one file.
    pub part_letters: u32,
    /// Most bytes of one file, in megabytes; the last letters may exceed it by some hundred kilobytes.
    pub part_megabytes: u32,
    /// Sheets between groups.
    pub separators: Separators,
}

/// Most letters of one file that can be set.
pub const MAX_PART_LETTERS: u32 = 200_000;

impl Default for PrintOptions {
    fn default() -> Self {
        Self {
            part_letters: 10_000,
            part_megabytes: 100,
            separators: Separators::None,
        }
    }
}

/// What a batch freezes for all of its letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Words and sheet, placeholders filled.
    pub template: Template,
    /// For which occasion.
    pub occasion: Occasion,
    /// Version of the template; 0 if it was never changed.
    pub version: i64,
    /// In letters that people with weak eyes can read (16 points), on as many sides as that takes.
    pub large: bool,
    /// Made to be looked at: every page says that its codes are worth nothing.
    pub specimen: bool,
    /// How the batch becomes files.
    pub print: PrintOptions,
    /// Running number of the batch, for sheet numbers.
    pub number: i64,
    /// Name of the municipality.
    pub municipality: String,
    /// Base address of the portal, e.g. `https://portal.lindenau.example`.
    pub base_url: String,
    /// Date as printed, e.g. "22. November 2026".
    pub date: String,
    /// Hash of the logo file that is printed; `None` for a plain letterhead.
    pub logo: Option<String>,
    /// Hash of the signature image.
    pub signature: Option<String>,
}

impl Frozen {
    /// Fills the placeholders of a template with what the municipality has set.
    pub fn new(template: &Template, settings: &Settings, route: Route, base_url: &str, date: &str) -> Self {
        let days = settings.validity_days.to_string();
        let web = base_url
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .trim_end_matches('/');
        let values = [
            ("kommune", settings.name.as_str()),
            ("web", web),
            ("tage", &days),
            ("telefon", &settings.telephone),
            ("email", &settings.email),
            ("absender", &settings.sender),
            ("abteilung", &settings.department),
            ("strasse", &settings.street),
            ("plz", &settings.postcode),
            ("ort", &settings.city),
        ];
        let filled = |text: &str| fill(text, &values);
        let contact: Vec<String> = template
            .contact
            .lines()
            .map(|l| filled(l).trim().to_owned())
            .filter(|l| !l.is_empty())
            .collect();
        Self {
            template: Template {
                return_line: match route {
                    Route::Ordinary | Route::Desk => filled(&template.return_line),
                    Route::Neutral => settings.neutral_return_line(),
                },
                contact: contact.join("\n"),
                subject: filled(&template.subject),
                body: filled(&template.body),
                steps: filled(&template.steps),
                second: filled(&template.second),
                closing: filled(&template.closing),
                signatory: filled(&template.signatory),
                notice: filled(&template.notice),
                ..template.clone()
            },
            occasion: Occasion::First,
            version: 0,
            large: false,
            specimen: false,
            print: PrintOptions::default(),
            number: 0,
            municipality: settings.name.clone(),
            base_url: base_url.to_owned(),
            date: date.to_owned(),
            logo: None,
            signature: None,
        }
    }

    /// Address of the portal without its scheme, as people type it.
    pub fn web(&self) -> &str {
        let base = self.base_url.trim_end_matches('/');
        base.split_once("://").map_or(base, |(_, rest)| rest)
    }

    /// Lines that the window has room for, the name included: a hybrid service takes one for its franking.
    pub fn address_lines(&self) -> usize {
        match self.template.posting {
            Posting::Own => 6,
            Posting::Hybrid => 5,
        }
    }

    /// Does the sheet carry the return mark? A hybrid service wants nothing but the address in the window.
    pub fn has_return_mark(&self) -> bool {
        self.template.return_mark && self.template.posting == Posting::Own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_town_has_set_stands_in_the_letter() {
        let settings = Settings {
            department: String::new(),
            ..Settings::default()
        };
        let frozen = |route| {
            Frozen::new(
                &Template::default(),
                &settings,
                route,
                "https://stadt.example/",
                "1. Mai 2026",
            )
        };
        let ordinary = frozen(Route::Ordinary);
        assert_eq!(
            ordinary.template.return_line,
            "Stadt Musterstadt · Rathausplatz 1 · 00000 Musterstadt"
        );
        assert_eq!(ordinary.template.contact.lines().count(), 5);
        assert!(ordinary.template.steps.contains("stadt.example/registrieren"));
        assert!(!frozen(Route::Neutral).template.return_line.contains("Stadt"));
        assert_eq!(ordinary.web(), "stadt.example");
    }
}
