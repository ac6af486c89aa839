//! The template of a letter: what staff can change of its words and its sheet. Every save makes a new version; a batch
//! keeps the one it was made with.

use crate::problem::Problems;
use serde::{Deserialize, Serialize};

/// For which occasion a letter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The first letter, or a new one on request.
    #[default]
    First,
    /// To somebody who did not respond to a former letter.
    Reminder,
    /// To an organisation that the town has admitted.
    Organisation,
}

impl Occasion {
    /// All.
    pub const ALL: [Occasion; 3] = [Occasion::First, Occasion::Reminder, Occasion::Organisation];

    /// The stored name; also the key of the name on screen (`template-…`).
    pub fn key(self) -> &'static str {
        match self {
            Occasion::First => "first",
            Occasion::Reminder => "reminder",
            Occasion::Organisation => "organisation",
        }
    }

    /// The occasion with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.key() == key)
    }
}

/// Form of the sheet (DIN 5008): where letterhead, window and folds are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SheetForm {
    /// Window 27 mm from the top, folds at 87 and 192 mm: more room for the text.
    A,
    /// Window 45 mm from the top, folds at 105 and 210 mm: more room for the letterhead.
    #[default]
    B,
}

impl SheetForm {
    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            SheetForm::A => "a",
            SheetForm::B => "b",
        }
    }

    /// The form with this name.
    pub fn parse(key: &str) -> Option<Self> {
        [SheetForm::A, SheetForm::B].into_iter().find(|f| f.key() == key)
    }
}

/// Who prints and posts, as far as the sheet is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Posting {
    /// The town or its print shop, with window envelopes and franking of their own.
    #[default]
    Own,
    /// A hybrid service that prints its franking into the window: sender in the upper 8 mm, 13 mm free below it, nothing
    /// else in the window, nothing in the left 12 mm.
    Hybrid,
}

impl Posting {
    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            Posting::Own => "own",
            Posting::Hybrid => "hybrid",
        }
    }

    /// The way with this name.
    pub fn parse(key: &str) -> Option<Self> {
        [Posting::Own, Posting::Hybrid]
            .into_iter()
            .find(|p| p.key() == key)
    }
}

/// Words and sheet of a letter. Paragraphs are separated by an empty line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    /// The small line above the address.
    pub return_line: String,
    /// The block at the right: who sends, and how to reach them; one line each. Empty lines vanish.
    pub contact: String,
    /// Subject line, without "Betreff:" (DIN 5008).
    pub subject: String,
    /// German text before the codes.
    pub body: String,
    /// German text beside and below the codes.
    pub steps: String,
    /// What the second text is called, e.g. "English".
    pub second_name: String,
    /// Its language, as a tag (BCP 47): for people who have the letter read to them.
    pub second_language: String,
    /// The same in a second language, short; may be empty.
    pub second: String,
    /// Closing formula.
    pub closing: String,
    /// Who signs.
    pub signatory: String,
    /// Text of the back page; empty for single-sided letters. Lines that begin with `# ` are headings.
    pub notice: String,
    /// Form A or B.
    pub form: SheetForm,
    /// Who prints and posts.
    pub posting: Posting,
    /// Marks where the sheet is folded.
    pub fold_marks: bool,
    /// The mark for the hole punch.
    pub hole_mark: bool,
    /// The letter number as a small QR code in the notes zone, readable through the window when a letter comes back.
    pub return_mark: bool,
    /// Number of the batch and of the letter in it, small in the footer: shows if a sheet is missing.
    pub sheet_number: bool,
    /// Two lines at the left edge that tell an inserting machine that the set is complete.
    pub insert_marks: bool,
}

/// Placeholders that texts may use.
pub const PLACEHOLDERS: [&str; 10] = [
    "kommune",
    "web",
    "tage",
    "telefon",
    "email",
    "absender",
    "abteilung",
    "strasse",
    "plz",
    "ort",
];

impl Default for Template {
    fn default() -> Self {
        Self {
            return_line: "{absender} · {strasse} · {plz} {ort}".into(),
            contact: "{absender}\n{abteilung}\n{strasse}\n{plz} {ort}\nTelefon {telefon}\n{email}".into(),
            subject: "Ihr persönlicher Zugang zum Bürgerportal {kommune}".into(),
            body: "mit diesem Brief können Sie sich im Bürgerportal {kommune} registrieren. Der Brief gilt nur für Sie \
                   persönlich: Wer ihn nutzt, meldet sich unter Ihrem Namen an. Bitte geben Sie ihn nicht weiter.\n\n\
                   Der Code funktioniert genau einmal und bis {tage} Tage nach dem Versand."
                .into(),
            steps: "1. Richten Sie die Kamera Ihres Handys auf den Code.\n\
                    2. Öffnen Sie die angezeigte Adresse {web}.\n\
                    3. Wählen Sie ein Passwort. Fertig.\n\n\
                    Ohne Handy: Öffnen Sie {web}/registrieren am Computer und geben Sie dort die Benutzer-ID ein.\n\n\
                    Wir fragen Sie niemals nach Geld oder nach Ihrem Passwort. Ob dieser Brief echt ist, können Sie unter \
                    {web}/brief-pruefen prüfen. Fragen? Rufen Sie uns an: {telefon}."
                .into(),
            second_name: "English".into(),
            second_language: "en".into(),
            second: "This letter lets you register once, under your own name, on the citizen portal of {kommune}. Scan \
                     the code with your phone, or open {web}/registrieren and type the user ID. Please do not pass it on."
                .into(),
            closing: "Mit freundlichen Grüßen".into(),
            signatory: "Ihre Gemeindeverwaltung".into(),
            notice: NOTICE.into(),
            form: SheetForm::B,
            posting: Posting::Own,
            fold_marks: true,
            hole_mark: true,
            return_mark: true,
            sheet_number: true,
            insert_marks: false,
        }
    }
}

/// What Art. 14 DSGVO wants to be said when the data does not come from the person. The town completes it.
const NOTICE: &str = "# Hinweise zum Datenschutz (Artikel 14 Datenschutz-Grundverordnung)\n\n\
# Wer ist verantwortlich?\n\
{absender}, {strasse}, {plz} {ort}, Telefon {telefon}, {email}. Unter dieser Anschrift erreichen Sie auch unsere \
behördliche Datenschutzbeauftragte oder unseren Datenschutzbeauftragten.\n\n\
# Welche Daten nutzen wir, und woher stammen sie?\n\
Ihren Namen, Ihre Anschrift, Ihren Ortsteil und Ihr Geburtsdatum. Die Daten stammen aus dem Melderegister der Kommune. Mit \
diesem Brief entstehen eine Brief-Nummer und zwei Prüfwerte, an denen wir die Codes erkennen. Die Codes selbst speichern \
wir nicht.\n\n\
# Wozu, und auf welcher Grundlage?\n\
Wir laden Sie ein, sich im Bürgerportal zu registrieren, und stellen sicher, dass sich nur Sie unter Ihrem Namen anmelden. \
Grundlage ist unsere Aufgabe, Verwaltungsleistungen digital anzubieten (Artikel 6 Absatz 1 Buchstabe e \
Datenschutz-Grundverordnung in Verbindung mit dem Datenschutzgesetz unseres Landes). Die Registrierung ist freiwillig. Wenn \
Sie nichts tun, entsteht Ihnen kein Nachteil.\n\n\
# Wer bekommt die Daten?\n\
Die zuständigen Beschäftigten der Verwaltung und, wenn wir damit jemanden beauftragen, die Druckerei und der Betreiber des \
Portals nach unserer Weisung. Niemand sonst.\n\n\
# Wie lange?\n\
Registrieren Sie sich nicht, löschen wir Ihre Daten aus dem Portal, sobald die Aktion beendet ist. Registrieren Sie sich, \
bleiben Name und Anschrift gespeichert, bis Sie Ihr Konto löschen.\n\n\
# Welche Rechte haben Sie?\n\
Sie können Auskunft, Berichtigung, Löschung und Einschränkung der Verarbeitung verlangen und der Verarbeitung \
widersprechen. Sie können sich bei der Datenschutz-Aufsichtsbehörde unseres Landes beschweren. Eine automatisierte \
Entscheidung findet nicht statt.\n\n\
# Mehr dazu\n\
{web}/datenschutz";

/// The same for organisations: their data comes from their own request (Art. 13 DSGVO).
const ORGANISATION_NOTICE: &str = "# Hinweise zum Datenschutz (Artikel 13 Datenschutz-Grundverordnung)\n\n\
# Wer ist verantwortlich?\n\
{absender}, {strasse}, {plz} {ort}, Telefon {telefon}, {email}. Unter dieser Anschrift erreichen Sie auch unsere \
behördliche Datenschutzbeauftragte oder unseren Datenschutzbeauftragten.\n\n\
# Welche Daten nutzen wir, und woher stammen sie?\n\
Name und Anschrift Ihrer Organisation und den Namen der zuständigen Person, wie sie in Ihrem Antrag auf Aufnahme stehen. Mit \
diesem Brief entstehen eine Brief-Nummer und zwei Prüfwerte, an denen wir die Codes erkennen. Die Codes selbst speichern \
wir nicht.\n\n\
# Wozu, und auf welcher Grundlage?\n\
Wir stellen sicher, dass nur Ihre Organisation unter ihrem Namen auftritt. Grundlage ist unsere Aufgabe, ein Verzeichnis \
geprüfter Organisationen anzubieten (Artikel 6 Absatz 1 Buchstabe e Datenschutz-Grundverordnung in Verbindung mit dem \
Datenschutzgesetz unseres Landes). Die Teilnahme ist freiwillig.\n\n\
# Wer bekommt die Daten?\n\
Öffentlich ist nur, was Sie selbst in Ihren Eintrag schreiben. Sonst die zuständigen Beschäftigten der Verwaltung und, wenn \
wir damit jemanden beauftragen, die Druckerei und der Betreiber des Portals nach unserer Weisung.\n\n\
# Wie lange?\n\
Bis Ihre Organisation das Portal verlässt.\n\n\
# Welche Rechte haben Sie?\n\
Sie können Auskunft, Berichtigung, Löschung und Einschränkung der Verarbeitung verlangen und der Verarbeitung \
widersprechen. Sie können sich bei der Datenschutz-Aufsichtsbehörde unseres Landes beschweren. Eine automatisierte \
Entscheidung findet nicht statt.\n\n\
# Mehr dazu\n\
{web}/datenschutz";

impl Template {
    /// The template that a town begins with.
    pub fn of(occasion: Occasion) -> Self {
        match occasion {
            Occasion::First => Self::default(),
            Occasion::Reminder => Self {
                subject: "Erinnerung: Ihr Zugang zum Bürgerportal {kommune}".into(),
                body: "vor einiger Zeit haben wir Ihnen einen Zugang zum Bürgerportal {kommune} geschickt. Sie haben ihn noch \
                       nicht genutzt. Heute bekommen Sie einen neuen Code. Der alte Brief gilt nicht mehr, Sie können ihn \
                       vernichten. Die Registrierung ist freiwillig.\n\n\
                       Der neue Code gilt nur für Sie persönlich. Er funktioniert genau einmal und bis {tage} Tage nach dem \
                       Versand. Bitte geben Sie ihn nicht weiter."
                    .into(),
                second: "We sent you a letter for the citizen portal of {kommune} before. This letter brings a new code; the \
                         former one does not work any more. Scan the code with your phone, or open {web}/registrieren and \
                         type the user ID. Please do not pass it on."
                    .into(),
                ..Self::default()
            },
            Occasion::Organisation => Self {
                subject: "Zugang Ihrer Organisation zum Bürgerportal {kommune}".into(),
                body: "Ihre Organisation ist im Bürgerportal {kommune} aufgenommen. Mit diesem Brief melden Sie sie an. Wer ihn \
                       nutzt, handelt im Portal für Ihre Organisation. Bitte geben Sie ihn nur der zuständigen Person.\n\n\
                       Der Code funktioniert genau einmal und bis {tage} Tage nach dem Versand."
                    .into(),
                second: "This letter lets your organisation register once on the citizen portal of {kommune}. Scan the code \
                         with your phone, or open {web}/registrieren and type the user ID. Please pass it on only to whoever \
                         is responsible."
                    .into(),
                notice: ORGANISATION_NOTICE.into(),
                ..Self::default()
            },
        }
    }

    /// The texts with the names of their fields, most characters, and whether they may be empty.
    fn texts(&self) -> [(&'static str, &str, usize, bool); 10] {
        [
            ("return_line", &self.return_line, 120, false),
            ("contact", &self.contact, 400, false),
            ("subject", &self.subject, 120, false),
            ("body", &self.body, 1_500, false),
            ("steps", &self.steps, 1_500, false),
            ("second_name", &self.second_name, 20, true),
            ("second", &self.second, 900, true),
            ("closing", &self.closing, 80, false),
            ("signatory", &self.signatory, 120, false),
            ("notice", &self.notice, 6_000, true),
        ]
    }

    /// Complains about unknown placeholders, empty and overlong texts. Whether the page holds them is said by the layout.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        for (field, text, most, may_be_empty) in self.texts() {
            if text.trim().is_empty() && !may_be_empty {
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
        let contact = self.contact.lines().filter(|l| !l.trim().is_empty()).count();
        if contact > CONTACT_LINES {
            problems.add_with(
                "contact",
                "problem-contact-lines",
                &[("most", &CONTACT_LINES.to_string())],
            );
        }
        let tag = &self.second_language;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !self.second.trim().is_empty() && (!(2..=12).contains(&tag.len()) || !tag.chars().all(plain)) {
            problems.add("second_language", "problem-language-tag");
        }
        problems
    }
}

/// Most lines of the contact block: below it stand letter number and date.
pub const CONTACT_LINES: usize = 7;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_to_begin_with_are_accepted() {
        for occasion in Occasion::ALL {
            assert_eq!(Template::of(occasion).check(), Problems::default());
        }
    }

    #[test]
    fn wrong_templates_are_refused() {
        let template = Template {
            subject: "Für {nahme}".into(),
            contact: "a\n".repeat(8),
            second_language: "Englisch, bitte".into(),
            closing: " ".into(),
            ..Template::default()
        };
        let codes: Vec<(String, String)> = template
            .check()
            .0
            .into_iter()
            .map(|p| (p.field, p.code))
            .collect();
        let expected = [
            ("subject", "problem-placeholder"),
            ("closing", "problem-required"),
            ("contact", "problem-contact-lines"),
            ("second_language", "problem-language-tag"),
        ];
        assert_eq!(codes, expected.map(|(f, c)| (f.to_owned(), c.to_owned())));
    }

    #[test]
    fn fills() {
        assert_eq!(fill("{a} und {b} {", &[("a", "1"), ("b", "{a}")]), "1 und {a} {");
    }
}
