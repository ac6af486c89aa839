//! What a letter says, as data: no fonts, no millimetres.

use crate::problem::Problems;
use serde::{Deserialize, Serialize};

/// The texts of a letter that staff can change. Paragraphs are separated by an empty line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterTexts {
    /// Subject line, without "Betreff:" (DIN 5008).
    pub subject: String,
    /// German text before the codes.
    pub body: String,
    /// German text beside and below the codes.
    pub steps: String,
    /// The same in English, short.
    pub english: String,
    /// Closing formula.
    pub closing: String,
    /// Who signs.
    pub signatory: String,
}

/// Placeholders that letter texts may use.
pub const PLACEHOLDERS: [&str; 4] = ["kommune", "web", "tage", "telefon"];

impl Default for LetterTexts {
    fn default() -> Self {
        Self {
            subject: "Ihr persönlicher Zugang zum Bürgerportal {kommune}".into(),
            body: "mit diesem Brief können Sie sich im Bürgerportal {kommune} registrieren. Der Brief gilt nur für Sie \
                   persönlich: Wer ihn nutzt, meldet sich unter Ihrem Namen an. Bitte geben Sie ihn nicht weiter.\n\n\
                   Der Code funktioniert genau einmal und bis {tage} Tage nach dem Versand."
                .into(),
            steps: "1. Richten Sie die Kamera Ihres Handys auf den Code.\n\
                    2. Öffnen Sie die angezeigte Adresse {web}.\n\
                    3. Wählen Sie ein Passwort. Fertig.\n\n\
                    Ohne Handy: Öffnen Sie {web}/registrieren am Computer und geben Sie dort die Benutzer-ID ein.\n\n\
                    Wir fragen Sie niemals nach Geld oder nach Ihrem Passwort. Fragen? Rufen Sie uns an: {telefon}."
                .into(),
            english: "This letter lets you register once, under your own name, on the citizen portal of {kommune}. Scan \
                      the code with your phone, or open {web}/registrieren and type the user ID. Please do not pass it on."
                .into(),
            closing: "Mit freundlichen Grüßen".into(),
            signatory: "Ihre Gemeindeverwaltung".into(),
        }
    }
}

impl LetterTexts {
    /// Complains about unknown placeholders, empty texts and texts that cannot fit on one page.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        let fields = [
            ("subject", &self.subject, 120),
            ("body", &self.body, 900),
            ("steps", &self.steps, 900),
            ("english", &self.english, 500),
            ("closing", &self.closing, 80),
            ("signatory", &self.signatory, 120),
        ];
        for (field, text, most) in fields {
            if text.trim().is_empty() && field != "english" {
                problems.add(field, "problem-required");
            }
            if text.chars().count() > most {
                problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
            }
            for name in placeholders(text) {
                if !PLACEHOLDERS.contains(&name.as_str()) {
                    problems.add_with(field, "problem-placeholder", &[("name", &name)]);
                }
            }
        }
        problems
    }
}

fn placeholders(text: &str) -> Vec<String> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
        .collect()
}

/// Puts values in the place of `{name}`. Unknown placeholders stay as they are: they were refused when saved.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let hit = values.iter().find_map(|(name, value)| {
            let after = rest[1..].strip_prefix(name)?.strip_prefix('}')?;
            Some((*value, after))
        });
        match hit {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// What a batch freezes of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Name as addressed, e.g. "Dr. Erika Mustermann".
    pub name: String,
    /// Up to five lines below the name: extra line, street and number, postcode and place.
    pub address: Vec<String>,
}

/// What a batch freezes for all of its letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The texts, placeholders still in them.
    pub texts: LetterTexts,
    /// Name of the municipality.
    pub municipality: String,
    /// The small line above the address.
    pub return_line: String,
    /// The block at the right: sender, contact.
    pub contact: Vec<String>,
    /// Telephone for questions.
    pub telephone: String,
    /// Base address of the portal, e.g. `https://portal.lindenau.example`.
    pub base_url: String,
    /// Date as printed, e.g. "22. November 2026".
    pub date: String,
    /// Validity in days from posting.
    pub validity_days: i64,
    /// Hash of the logo file that is printed; `None` for a plain letterhead.
    pub logo: Option<String>,
    /// Hash of the signature image.
    pub signature: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_texts_are_accepted() {
        assert_eq!(LetterTexts::default().check(), Problems::default());
    }

    #[test]
    fn unknown_placeholders_are_refused() {
        let texts = LetterTexts {
            subject: "Für {nahme}".into(),
            ..LetterTexts::default()
        };
        assert_eq!(texts.check().0[0].code, "problem-placeholder");
    }

    #[test]
    fn fills() {
        assert_eq!(fill("{a} und {b} {", &[("a", "1"), ("b", "{a}")]), "1 und {a} {");
    }
}
