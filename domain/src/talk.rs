//! What people say in the open: ideas and comments under their confirmed names, and reports of what should not stand there.

use crate::{
    cases::{clean_line, clean_lines},
    problem::Problems,
};
use serde::{Deserialize, Serialize};

/// What can be commented on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A notice of the market.
    Notice,
    /// The published result of a survey.
    Survey,
    /// An idea.
    Idea,
}

impl Subject {
    /// All.
    pub const ALL: [Subject; 3] = [Subject::Notice, Subject::Survey, Subject::Idea];

    /// The stored name; its words are in `locales/` under `talk-subject-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Subject::Notice => "notice",
            Subject::Survey => "survey",
            Subject::Idea => "idea",
        }
    }

    /// The subject with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// What the town says to an idea.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdeaStatus {
    /// Nothing yet.
    #[default]
    New,
    /// It is looked into.
    Examined,
    /// It will be done.
    Planned,
    /// It is done.
    Done,
    /// It will not be done.
    Declined,
}

impl IdeaStatus {
    /// All.
    pub const ALL: [IdeaStatus; 5] = [
        IdeaStatus::New,
        IdeaStatus::Examined,
        IdeaStatus::Planned,
        IdeaStatus::Done,
        IdeaStatus::Declined,
    ];

    /// The stored name; its words are in `locales/` under `idea-status-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            IdeaStatus::New => "new",
            IdeaStatus::Examined => "examined",
            IdeaStatus::Planned => "planned",
            IdeaStatus::Done => "done",
            IdeaStatus::Declined => "declined",
        }
    }

    /// The status with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// What somebody writes: an idea has a headline, a comment has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Headline of an idea.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// Longest comment in characters.
pub const MOST_COMMENT: usize = 1_500;
/// Longest idea in characters.
pub const MOST_IDEA: usize = 4_000;

impl Words {
    /// Reads what was typed, without signs that steer the direction of text.
    pub fn read(title: &str, text: &str) -> Self {
        Self {
            title: clean_line(title),
            text: clean_lines(text),
        }
    }

    /// All complaints about an idea.
    pub fn check_idea(&self) -> Problems {
        let mut problems = Problems::default();
        if self.title.is_empty() {
            problems.add("titel", "problem-required");
        }
        if self.title.chars().count() > 120 {
            problems.add_with("titel", "problem-too-long", &[("most", "120")]);
        }
        self.check_text(&mut problems, MOST_IDEA);
        problems
    }

    /// All complaints about a comment.
    pub fn check_comment(&self) -> Problems {
        let mut problems = Problems::default();
        self.check_text(&mut problems, MOST_COMMENT);
        problems
    }

    fn check_text(&self, problems: &mut Problems, most: usize) {
        if self.text.is_empty() {
            problems.add("beitrag", "problem-required");
        }
        if self.text.chars().count() > most {
            problems.add_with("beitrag", "problem-too-long", &[("most", &most.to_string())]);
        }
    }
}

/// What can be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A notice of the market.
    Notice,
    /// The public entry of an organisation.
    Entry,
    /// An idea.
    Idea,
    /// A comment.
    Comment,
}

impl Target {
    /// All.
    pub const ALL: [Target; 4] = [Target::Notice, Target::Entry, Target::Idea, Target::Comment];

    /// The stored name; its words are in `locales/` under `report-target-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Target::Notice => "notice",
            Target::Entry => "entry",
            Target::Idea => "idea",
            Target::Comment => "comment",
        }
    }

    /// The target with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.key() == key)
    }
}

/// Why something is reported (the kinds of trouble that regulation (EU) 2022/2065, art. 16, wants explained).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// Insult or threat.
    Insult,
    /// Hatred against a group.
    Hatred,
    /// Private matters of somebody else.
    Private,
    /// Wrong or misleading.
    False,
    /// Advertising, always the same.
    Spam,
    /// Against a law.
    Illegal,
    /// Anything else.
    Other,
}

impl ReportReason {
    /// All, in the order in which they are offered.
    pub const ALL: [ReportReason; 7] = [
        ReportReason::Insult,
        ReportReason::Hatred,
        ReportReason::Private,
        ReportReason::False,
        ReportReason::Spam,
        ReportReason::Illegal,
        ReportReason::Other,
    ];

    /// The stored name; its words are in `locales/` under `report-reason-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            ReportReason::Insult => "insult",
            ReportReason::Hatred => "hatred",
            ReportReason::Private => "private",
            ReportReason::False => "false",
            ReportReason::Spam => "spam",
            ReportReason::Illegal => "illegal",
            ReportReason::Other => "other",
        }
    }

    /// The reason with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// A report as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Why.
    pub reason: Option<ReportReason>,
    /// In own words.
    pub text: String,
    /// Where to say what became of it; may be empty.
    pub email: String,
}

impl Report {
    /// All complaints.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        if self.reason.is_none() {
            problems.add("grund", "problem-required");
        }
        if self.reason == Some(ReportReason::Other) && self.text.is_empty() {
            problems.add("erklaerung", "problem-required");
        }
        if self.text.chars().count() > 1_000 {
            problems.add_with("erklaerung", "problem-too-long", &[("most", "1000")]);
        }
        if !self.email.is_empty() && crate::accounts::EmailAddress::parse(&self.email).is_none() {
            problems.add("email", "problem-email");
        }
        problems
    }
}

/// First words of pseudonyms: birds, which are nobody's name and say nothing of anybody.
const BIRDS: [&str; 32] = [
    "Amsel",
    "Bachstelze",
    "Blaumeise",
    "Bussard",
    "Drossel",
    "Eichelhäher",
    "Eisvogel",
    "Elster",
    "Falke",
    "Fink",
    "Goldammer",
    "Grünspecht",
    "Haubentaucher",
    "Kiebitz",
    "Kleiber",
    "Kranich",
    "Kuckuck",
    "Lerche",
    "Milan",
    "Nachtigall",
    "Pirol",
    "Reiher",
    "Rotkehlchen",
    "Schleiereule",
    "Schwalbe",
    "Seeadler",
    "Sperling",
    "Star",
    "Stieglitz",
    "Storch",
    "Zaunkönig",
    "Zeisig",
];

/// A pseudonym from a random number: "Kranich 417".
pub fn pseudonym(random: u32) -> String {
    let bird = BIRDS[usize::try_from(random % 32).unwrap_or(0)];
    format!("{bird} {}", 100 + (random / 32) % 900)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back() {
        for subject in Subject::ALL {
            assert_eq!(Subject::parse(subject.key()), Some(subject));
        }
        for status in IdeaStatus::ALL {
            assert_eq!(IdeaStatus::parse(status.key()), Some(status));
        }
        for target in Target::ALL {
            assert_eq!(Target::parse(target.key()), Some(target));
        }
        for reason in ReportReason::ALL {
            assert_eq!(ReportReason::parse(reason.key()), Some(reason));
        }
    }

    #[test]
    fn words_are_checked() {
        let fields = |p: Problems| p.0.into_iter().map(|p| p.field).collect::<Vec<_>>();
        assert_eq!(fields(Words::default().check_idea()), ["titel", "beitrag"]);
        assert_eq!(fields(Words::default().check_comment()), ["beitrag"]);
        let long = Words::read("x", &"x".repeat(MOST_COMMENT + 1));
        assert_eq!(fields(long.check_comment()), ["beitrag"]);
        assert!(long.check_idea().is_empty());
        assert_eq!(Words::read("a\u{202e}b", " c ").title, "ab");
    }

    #[test]
    fn reports_say_why() {
        let fields = |r: &Report| r.check().0.into_iter().map(|p| p.field).collect::<Vec<_>>();
        let mut report = Report::default();
        assert_eq!(fields(&report), ["grund"]);
        report.reason = Some(ReportReason::Insult);
        assert!(report.check().is_empty());
        report.reason = Some(ReportReason::Other);
        report.email = "nicht".into();
        assert_eq!(fields(&report), ["erklaerung", "email"]);
    }

    #[test]
    fn pseudonyms() {
        assert_eq!(pseudonym(0), "Amsel 100");
        assert_eq!(pseudonym(33), "Bachstelze 101");
        let all: std::collections::BTreeSet<String> = (0..32 * 900).map(pseudonym).collect();
        assert_eq!(all.len(), 32 * 900);
    }
}
