//! Cases: every request to the town. A kind of case is data (its fields) and a small module; states, tasks and decisions
//! are the same for all.

pub mod profile;

use crate::problem::Problems;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// A verified resident asks for another name or address.
    ProfileChange,
    /// A message to the town hall.
    Message,
    /// An organisation asks to be admitted.
    Admission,
    /// An organisation has another name or address.
    OrganisationChange,
    /// Somebody, perhaps without an account, reports what keeps people from using the portal.
    Barrier,
}

/// One field of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Stored name, name of the input, and key of the label in `locales/` (`field-<name>`).
    pub name: &'static str,
    /// May not be empty.
    pub required: bool,
    /// Longest value in characters.
    pub most: usize,
    /// Several lines.
    pub long: bool,
    /// One of these; free text if there are none. Words in `locales/` under `<name with hyphens>-<choice>`.
    pub choices: &'static [&'static str],
}

const fn line(name: &'static str, required: bool, most: usize) -> Field {
    Field {
        name,
        required,
        most,
        long: false,
        choices: &[],
    }
}

const fn lines(name: &'static str, required: bool, most: usize) -> Field {
    Field {
        long: true,
        ..line(name, required, most)
    }
}

/// The pseudo field of a task that asks for another picture.
pub const PICTURE: &str = "picture";

impl CaseKind {
    /// All.
    pub const ALL: [CaseKind; 5] = [
        CaseKind::ProfileChange,
        CaseKind::Message,
        CaseKind::Admission,
        CaseKind::OrganisationChange,
        CaseKind::Barrier,
    ];

    /// The stored name; its sentence is in `locales/` under `case-kind-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            CaseKind::ProfileChange => "profile_change",
            CaseKind::Message => "message",
            CaseKind::Admission => "admission",
            CaseKind::OrganisationChange => "organisation_change",
            CaseKind::Barrier => "barrier",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// What a request of this kind consists of, in the order of the form.
    pub fn fields(self) -> &'static [Field] {
        const PROFILE: [Field; 9] = [
            line("doctorate", false, 20),
            line("given_names", true, 80),
            line("call_name", false, 80),
            line("family_name", true, 80),
            line("street", true, 60),
            line("house_number", true, 12),
            line("postcode", true, 5),
            line("city", true, 50),
            lines("reason", true, 500),
        ];
        const MESSAGE: [Field; 2] = [line("subject", true, 100), lines("text", true, 4_000)];
        const ADMISSION: [Field; 13] = [
            Field {
                choices: &crate::organisations::OrganisationKind::KEYS,
                ..line("organisation_kind", true, 20)
            },
            line("organisation_name", true, 100),
            line("register", false, 80),
            line("register_number", false, 40),
            line("street", true, 60),
            line("house_number", true, 12),
            line("postcode", true, 5),
            line("city", true, 50),
            lines("purpose", true, 1_000),
            line("web", false, 200),
            line("person", true, 80),
            line("person_role", true, 80),
            line("telephone", false, 40),
        ];
        const ORGANISATION: [Field; 7] = [
            line("organisation_name", true, 100),
            line("street", true, 60),
            line("house_number", true, 12),
            line("postcode", true, 5),
            line("city", true, 50),
            line("person", true, 80),
            lines("reason", true, 500),
        ];
        const BARRIER: [Field; 4] = [
            lines("barrier", true, 4_000),
            line("barrier_page", false, 200),
            line("contact_name", false, 80),
            line("contact_email", false, 254),
        ];
        match self {
            CaseKind::Barrier => &BARRIER,
            CaseKind::OrganisationChange => &ORGANISATION,
            CaseKind::ProfileChange => &PROFILE,
            CaseKind::Message => &MESSAGE,
            CaseKind::Admission => &ADMISSION,
        }
    }

    /// Days until somebody should have decided (a figure of the house, not of a law).
    pub fn due_days(self) -> i64 {
        match self {
            CaseKind::ProfileChange | CaseKind::Admission | CaseKind::OrganisationChange => 14,
            CaseKind::Message | CaseKind::Barrier => 7,
        }
    }

    /// Does the request need a proof (picture of an ID document, or the document at the desk)?
    pub fn needs_proof(self) -> bool {
        matches!(self, CaseKind::ProfileChange | CaseKind::Admission)
    }

    /// How it can end by the town.
    pub fn outcomes(self) -> &'static [Outcome] {
        match self {
            CaseKind::ProfileChange | CaseKind::Admission | CaseKind::OrganisationChange => {
                &[Outcome::Approved, Outcome::Rejected]
            }
            CaseKind::Message | CaseKind::Barrier => &[Outcome::Answered],
        }
    }
}

/// What somebody filled in: values by field name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Request(pub BTreeMap<String, String>);

impl Request {
    /// The value of a field; empty if there is none.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// With a value.
    #[must_use]
    pub fn with(mut self, field: &str, value: &str) -> Self {
        self.0.insert(field.to_owned(), value.to_owned());
        self
    }

    /// Reads the fields of a kind out of a form: whitespace tidied, signs that steer text direction or are not
    /// printable removed.
    pub fn read(kind: CaseKind, typed: impl Fn(&str) -> String) -> Self {
        Self(
            kind.fields()
                .iter()
                .map(|f| {
                    let value = typed(f.name);
                    let clean = if f.long {
                        clean_lines(&value)
                    } else {
                        clean_line(&value)
                    };
                    (f.name.to_owned(), clean)
                })
                .collect(),
        )
    }

    /// Complains about missing and too long values of the given fields.
    pub fn check(&self, kind: CaseKind, fields: impl Fn(&str) -> bool) -> Problems {
        let mut problems = Problems::default();
        for field in kind.fields().iter().filter(|f| fields(f.name)) {
            let value = self.get(field.name);
            if field.required && value.is_empty() {
                problems.add(field.name, "problem-required");
            }
            if value.chars().count() > field.most {
                problems.add_with(
                    field.name,
                    "problem-too-long",
                    &[("most", &field.most.to_string())],
                );
            }
        }
        for field in kind
            .fields()
            .iter()
            .filter(|f| fields(f.name) && !f.choices.is_empty())
        {
            let value = self.get(field.name);
            if !value.is_empty() && !field.choices.contains(&value) {
                problems.add(field.name, "problem-required");
            }
        }
        if kind == CaseKind::Admission && fields("web") && !crate::organisations::is_web(self.get("web")) {
            problems.add("web", "problem-web");
        }
        let email = self.get("contact_email");
        if kind == CaseKind::Barrier
            && !email.is_empty()
            && crate::accounts::EmailAddress::parse(email).is_none()
        {
            problems.add("contact_email", "problem-email");
        }
        if fields("postcode") {
            let postcode = self.get("postcode");
            let right = postcode.len() == 5 && postcode.bytes().all(|b| b.is_ascii_digit());
            if !postcode.is_empty() && !right {
                problems.add("postcode", "problem-postcode");
            }
        }
        problems
    }

    /// Fields of the kind whose values differ, with both values.
    pub fn changes<'a>(
        &'a self,
        kind: CaseKind,
        after: &'a Request,
    ) -> Vec<(&'static str, &'a str, &'a str)> {
        kind.fields()
            .iter()
            .map(|f| (f.name, self.get(f.name), after.get(f.name)))
            .filter(|(_, before, after)| before != after)
            .collect()
    }
}

/// Signs that change the direction of text or cannot be seen: a name with them looks like another one.
fn invisible(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}')
}

/// One line without invisible signs.
pub fn clean_line(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c == '\n' || c == '\t' { ' ' } else { c })
        .filter(|c| !invisible(*c))
        .collect();
    crate::text::tidy(&visible)
}

/// Several lines without invisible signs.
pub fn clean_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let visible: String = text.chars().filter(|c| !invisible(*c)).collect();
    visible.trim().to_owned()
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Begun by the applicant, not sent; only drafts expire.
    Draft,
    /// Sent; nobody of the town has taken it.
    Submitted,
    /// Somebody works on it.
    InReview,
    /// The applicant has a task.
    Waiting,
    /// Over.
    Decided,
}

impl CaseState {
    /// All.
    pub const ALL: [CaseState; 5] = [
        CaseState::Draft,
        CaseState::Submitted,
        CaseState::InReview,
        CaseState::Waiting,
        CaseState::Decided,
    ];

    /// The stored name; its sentence is in `locales/` under `case-state-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            CaseState::Draft => "draft",
            CaseState::Submitted => "submitted",
            CaseState::InReview => "in_review",
            CaseState::Waiting => "waiting",
            CaseState::Decided => "decided",
        }
    }

    /// The state with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Where an act leads; `None` if it is not possible here.
    pub fn after(self, act: Act) -> Option<CaseState> {
        use CaseState as S;
        match (self, act) {
            (S::Draft, Act::Submit) => Some(S::Submitted),
            (S::Submitted | S::InReview, Act::Take) => Some(S::InReview),
            (S::Waiting, Act::Take) => Some(S::Waiting),
            (S::Submitted | S::InReview, Act::Ask) => Some(S::Waiting),
            (S::Waiting, Act::Answer) => Some(S::InReview),
            (S::Submitted | S::InReview | S::Waiting, Act::Decide | Act::Withdraw) => Some(S::Decided),
            (S::Draft, Act::Withdraw) => Some(S::Decided),
            (S::Submitted | S::InReview | S::Waiting, Act::Write) => Some(self),
            _ => None,
        }
    }
}

/// What can be done with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The applicant sends the draft.
    Submit,
    /// A clerk takes it over or hands it to somebody.
    Take,
    /// A clerk asks the applicant for corrections.
    Ask,
    /// The applicant answers the task.
    Answer,
    /// The town decides.
    Decide,
    /// The applicant takes it back.
    Withdraw,
    /// A message or a note.
    Write,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Yes.
    Approved,
    /// No, with a reason.
    Rejected,
    /// An answer was given; there was nothing to decide.
    Answered,
    /// The applicant took it back.
    Withdrawn,
}

impl Outcome {
    /// All.
    pub const ALL: [Outcome; 4] = [
        Outcome::Approved,
        Outcome::Rejected,
        Outcome::Answered,
        Outcome::Withdrawn,
    ];

    /// The stored name; its sentence is in `locales/` under `case-outcome-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Outcome::Approved => "approved",
            Outcome::Rejected => "rejected",
            Outcome::Answered => "answered",
            Outcome::Withdrawn => "withdrawn",
        }
    }

    /// The outcome with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.key() == key)
    }
}

/// Parts of a case that have an unread mark of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The request and its corrections.
    Request,
    /// Messages to and from the applicant.
    Messages,
    /// Notes that only staff see.
    Notes,
    /// Who took it, who decided.
    Status,
}

impl Area {
    /// All.
    pub const ALL: [Area; 4] = [Area::Request, Area::Messages, Area::Notes, Area::Status];

    /// The stored name; its sentence is in `locales/` under `case-area-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Area::Request => "request",
            Area::Messages => "messages",
            Area::Notes => "notes",
            Area::Status => "status",
        }
    }
}

/// What happened in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The applicant sent the request.
    Submission,
    /// The applicant answered a task with new values.
    Correction,
    /// A clerk asks for corrections: a task.
    Question,
    /// A message, either way.
    Message,
    /// For staff only.
    Note,
    /// Taken over or handed over.
    Assignment,
    /// A first yes where two must agree.
    FirstYes,
    /// Decided.
    Decision,
    /// Taken back by the applicant.
    Withdrawal,
    /// A picture was looked at.
    View,
    /// The ID document was shown at the desk.
    Shown,
    /// A picture was deleted.
    Deleted,
}

impl EntryKind {
    /// All.
    pub const ALL: [EntryKind; 12] = [
        EntryKind::Submission,
        EntryKind::Correction,
        EntryKind::Question,
        EntryKind::Message,
        EntryKind::Note,
        EntryKind::Assignment,
        EntryKind::FirstYes,
        EntryKind::Decision,
        EntryKind::Withdrawal,
        EntryKind::View,
        EntryKind::Shown,
        EntryKind::Deleted,
    ];

    /// The stored name; its sentence is in `locales/` under `entry-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            EntryKind::Submission => "submission",
            EntryKind::Correction => "correction",
            EntryKind::Question => "question",
            EntryKind::Message => "message",
            EntryKind::Note => "note",
            EntryKind::Assignment => "assignment",
            EntryKind::FirstYes => "first_yes",
            EntryKind::Decision => "decision",
            EntryKind::Withdrawal => "withdrawal",
            EntryKind::View => "view",
            EntryKind::Shown => "shown",
            EntryKind::Deleted => "deleted",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }

    /// Where its unread mark is.
    pub fn area(self) -> Area {
        match self {
            EntryKind::Submission | EntryKind::Correction | EntryKind::Shown => Area::Request,
            EntryKind::Question | EntryKind::Message => Area::Messages,
            EntryKind::Note => Area::Notes,
            _ => Area::Status,
        }
    }

    /// Does the applicant see it? Everything but what staff say to each other.
    pub fn for_applicant(self) -> bool {
        !matches!(
            self,
            EntryKind::Note | EntryKind::Assignment | EntryKind::FirstYes
        )
    }
}

/// Could two names mean the same person? The family name and a given name in common, whatever the spelling of umlauts; titles
/// do not count, and an initial is a given name. Errs on the side of yes.
pub fn perhaps_same_person(a: &str, b: &str) -> bool {
    let parts = |name: &str| -> Vec<Vec<String>> {
        name.split(|c: char| c.is_whitespace() || c == '-')
            .map(|w| w.trim_end_matches('.'))
            .filter(|w| !w.is_empty() && !matches!(w.to_lowercase().as_str(), "dr" | "prof"))
            .map(crate::text::search_words)
            .filter(|forms| !forms.is_empty())
            .collect()
    };
    let common = |x: &[String], y: &[String]| {
        x.iter().any(|p| {
            y.iter()
                .any(|q| p == q || (p.len() == 1 && q.starts_with(p)) || (q.len() == 1 && p.starts_with(q)))
        })
    };
    let (a, b) = (parts(a), parts(b));
    let shared = a.iter().filter(|x| b.iter().any(|y| common(x, y))).count();
    // one word in common is a frequent given name; two are a person
    shared >= 2 || (shared == 1 && (a.len() == 1 || b.len() == 1))
}

/// Days after which a picture of an ID document is deleted even if nobody has decided (§ 20 PAuswG: only as long as needed).
pub const PICTURE_DAYS: i64 = 30;
/// Days after which a draft that was not sent is deleted.
pub const DRAFT_DAYS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_come_back() {
        for kind in CaseKind::ALL {
            assert_eq!(CaseKind::parse(kind.key()), Some(kind));
            let mut names: Vec<_> = kind.fields().iter().map(|f| f.name).collect();
            names.dedup();
            assert_eq!(names.len(), kind.fields().len());
        }
        for state in CaseState::ALL {
            assert_eq!(CaseState::parse(state.key()), Some(state));
        }
        for kind in EntryKind::ALL {
            assert_eq!(EntryKind::parse(kind.key()), Some(kind));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.key()), Some(outcome));
        }
    }

    /// The state machine as a picture: whoever changes it sees what changed.
    #[test]
    fn states() {
        let acts = [
            Act::Submit,
            Act::Take,
            Act::Ask,
            Act::Answer,
            Act::Decide,
            Act::Withdraw,
            Act::Write,
        ];
        let mut picture = String::new();
        for state in CaseState::ALL {
            let row: Vec<&str> = acts
                .iter()
                .map(|a| state.after(*a).map_or("-", CaseState::key))
                .collect();
            picture += &format!("{}: {}\n", state.key(), row.join(" "));
        }
        let expected = "\
draft: submitted - - - - decided -
submitted: - in_review waiting - decided decided submitted
in_review: - in_review waiting - decided decided in_review
waiting: - waiting - in_review decided decided waiting
decided: - - - - - - -
";
        assert_eq!(picture, expected);
    }

    #[test]
    fn what_is_typed_is_cleaned_and_checked() {
        let typed = |name: &str| match name {
            "subject" => " Lärm\u{202E}  am\tMarkt ".to_owned(),
            "text" => "eins\r\nzwei\u{0007}\n".to_owned(),
            _ => String::new(),
        };
        let request = Request::read(CaseKind::Message, typed);
        assert_eq!(request.get("subject"), "Lärm am Markt");
        assert_eq!(request.get("text"), "eins\nzwei");
        assert!(request.check(CaseKind::Message, |_| true).is_empty());
        let long = request.with("subject", &"x".repeat(101)).with("text", "");
        let codes: Vec<_> = long
            .check(CaseKind::Message, |_| true)
            .0
            .into_iter()
            .map(|p| p.code)
            .collect();
        assert_eq!(codes, ["problem-too-long", "problem-required"]);
        assert!(long.check(CaseKind::Message, |f| f == "nothing").is_empty());
    }

    #[test]
    fn namesakes() {
        for (a, b) in [
            ("Erika Müller", "Dr. Erika Müller"),
            ("Erika Mueller", "Erika Maria Müller"),
            ("E. Müller", "Erika Müller"),
            ("Müller", "Erika Müller"),
            ("Erika Müller-Schulz", "Erika Schulz"),
        ] {
            assert!(perhaps_same_person(a, b) && perhaps_same_person(b, a), "{a} {b}");
        }
        for (a, b) in [
            ("Erika Müller", "Erika Schulz"),
            ("Erika Müller", "Otto Müller"),
            ("Erika Müller", ""),
            ("Dr. Anna Adler", "Dr. Otto Vogel"),
        ] {
            assert!(!perhaps_same_person(a, b), "{a} {b}");
        }
    }
}
