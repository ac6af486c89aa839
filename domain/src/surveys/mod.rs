//! Surveys among verified residents: questions, answers, who may answer, what is shown of it.

pub mod people;
pub mod results;

use crate::{
    cases::{clean_line, clean_lines},
    problem::Problems,
};
use chrono::{Duration, NaiveDate};
use people::Audience;
use serde::{Deserialize, Serialize};

/// How a question is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// One of several choices.
    #[default]
    Single,
    /// As many of the choices as fit.
    Several,
    /// A number from one to [`SCALE`].
    Scale,
    /// Own words.
    Text,
}

impl QuestionKind {
    /// All.
    pub const ALL: [QuestionKind; 4] = [
        QuestionKind::Single,
        QuestionKind::Several,
        QuestionKind::Scale,
        QuestionKind::Text,
    ];

    /// The stored name; its words are in `locales/` under `question-kind-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            QuestionKind::Single => "single",
            QuestionKind::Several => "several",
            QuestionKind::Scale => "scale",
            QuestionKind::Text => "text",
        }
    }

    /// The kind with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// Steps of a scale: an odd number, so that there is a middle.
pub const SCALE: usize = 5;
/// Most questions of a survey: ten minutes on a phone.
pub const MOST_QUESTIONS: usize = 20;
/// Most choices of a question.
pub const MOST_CHOICES: usize = 12;
/// Most days that a survey is open.
pub const MOST_DAYS: i64 = 180;
/// Longest answer in own words, in characters.
pub const MOST_TEXT: usize = 1_000;

/// One question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// How it is answered.
    pub kind: QuestionKind,
    /// The question itself.
    pub text: String,
    /// What can be chosen (single, several).
    pub choices: Vec<String>,
    /// What the first step of a scale means.
    pub low: String,
    /// What the last step of a scale means.
    pub high: String,
    /// Must be answered.
    pub required: bool,
}

impl Question {
    /// How many things can be chosen: choices, or steps of the scale.
    pub fn options(&self) -> usize {
        match self.kind {
            QuestionKind::Single | QuestionKind::Several => self.choices.len(),
            QuestionKind::Scale => SCALE,
            QuestionKind::Text => 0,
        }
    }

    /// What stands at a choice or a step, from 0.
    pub fn option(&self, at: usize) -> String {
        match self.kind {
            QuestionKind::Scale => match at + 1 {
                1 if !self.low.is_empty() => format!("1 – {}", self.low),
                SCALE if !self.high.is_empty() => format!("{SCALE} – {}", self.high),
                n => n.to_string(),
            },
            _ => self.choices.get(at).cloned().unwrap_or_default(),
        }
    }
}

/// How far an answer is separated from who gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secrecy {
    /// Answers are stored apart from names; whoever runs the server could watch while they arrive.
    #[default]
    Secret,
    /// Whoever can has a blind ballot (RFC 9474): nobody can join answer and name. All others answer as in
    /// [`Secrecy::Secret`].
    Blind,
}

impl Secrecy {
    /// All.
    pub const ALL: [Secrecy; 2] = [Secrecy::Secret, Secrecy::Blind];

    /// The stored name; its words are in `locales/` under `secrecy-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Secrecy::Secret => "secret",
            Secrecy::Blind => "blind",
        }
    }

    /// The secrecy with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.key() == key)
    }
}

/// Where a survey stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyState {
    /// Being written.
    Draft,
    /// Fixed; open from day to day.
    Released,
    /// Closed, and its result is public.
    Published,
}

impl SurveyState {
    /// All.
    pub const ALL: [SurveyState; 3] = [SurveyState::Draft, SurveyState::Released, SurveyState::Published];

    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            SurveyState::Draft => "draft",
            SurveyState::Released => "released",
            SurveyState::Published => "published",
        }
    }

    /// The state with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// What a survey is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Being written.
    Draft,
    /// Begins later.
    Planned,
    /// Can be answered.
    Open,
    /// Over; the result is not public yet.
    Closed,
    /// The result is public.
    Published,
}

impl Phase {
    /// All.
    pub const ALL: [Phase; 5] = [
        Phase::Draft,
        Phase::Planned,
        Phase::Open,
        Phase::Closed,
        Phase::Published,
    ];

    /// Its words are in `locales/` under `survey-phase-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Phase::Draft => "draft",
            Phase::Planned => "planned",
            Phase::Open => "open",
            Phase::Closed => "closed",
            Phase::Published => "published",
        }
    }
}

/// A survey as staff write it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Headline.
    pub title: String,
    /// Why it is asked, and what becomes of the answers.
    pub intro: String,
    /// The questions.
    pub questions: Vec<Question>,
    /// Who may answer.
    pub audience: Audience,
    /// How far answers are separated from names.
    pub secrecy: Secrecy,
    /// First day, local time.
    pub opens_on: Option<NaiveDate>,
    /// Last day, local time.
    pub closes_on: Option<NaiveDate>,
}

fn too_long(problems: &mut Problems, field: &str, value: &str, most: usize) {
    if value.chars().count() > most {
        problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
    }
}

impl Survey {
    /// What it is on a day.
    pub fn phase(&self, state: SurveyState, today: NaiveDate) -> Phase {
        match (state, self.opens_on, self.closes_on) {
            (SurveyState::Draft, ..) => Phase::Draft,
            (SurveyState::Published, ..) => Phase::Published,
            (_, Some(_), Some(last)) if today > last => Phase::Closed,
            (_, Some(first), _) if today < first => Phase::Planned,
            (_, Some(_), Some(_)) => Phase::Open,
            _ => Phase::Draft,
        }
    }

    /// Texts that are too long even for a draft; everything else may be missing while it is written.
    pub fn check_draft(&self) -> Problems {
        let mut problems = Problems::default();
        if self.title.is_empty() {
            problems.add("title", "problem-required");
        }
        too_long(&mut problems, "title", &self.title, 120);
        too_long(&mut problems, "intro", &self.intro, 3_000);
        for (n, question) in (1..).zip(&self.questions) {
            too_long(&mut problems, &format!("q{n}_text"), &question.text, 300);
            too_long(&mut problems, &format!("q{n}_low"), &question.low, 40);
            too_long(&mut problems, &format!("q{n}_high"), &question.high, 40);
            if question.choices.iter().any(|c| c.chars().count() > 120) {
                problems.add_with(&format!("q{n}_choices"), "problem-too-long", &[("most", "120")]);
            }
        }
        problems
    }

    /// All complaints before it is released; nothing can be changed after that.
    pub fn check(&self, today: NaiveDate) -> Problems {
        let mut problems = self.check_draft();
        if self.intro.is_empty() {
            problems.add("intro", "problem-required");
        }
        if self.questions.is_empty() {
            problems.add("", "problem-survey-empty");
        }
        for (n, question) in (1..).zip(&self.questions) {
            if question.text.is_empty() {
                problems.add(&format!("q{n}_text"), "problem-required");
            }
            if matches!(question.kind, QuestionKind::Single | QuestionKind::Several) {
                let field = format!("q{n}_choices");
                let mut distinct = question.choices.clone();
                distinct.sort();
                distinct.dedup();
                if distinct.len() != question.choices.len() {
                    problems.add(&field, "problem-choices-twice");
                } else if !(2..=MOST_CHOICES).contains(&distinct.len()) {
                    problems.add_with(&field, "problem-choices", &[("most", &MOST_CHOICES.to_string())]);
                }
            }
        }
        match (self.opens_on, self.closes_on) {
            (Some(first), _) if first < today => problems.add("opens_day", "problem-survey-past"),
            (Some(first), Some(last)) => {
                if last < first || last - first > Duration::days(MOST_DAYS) {
                    problems.add_with(
                        "closes_day",
                        "problem-survey-days",
                        &[("most", &MOST_DAYS.to_string())],
                    );
                }
            }
            (first, last) => {
                for (field, day) in [("opens_day", first), ("closes_day", last)] {
                    if day.is_none() {
                        problems.add(field, "problem-required");
                    }
                }
            }
        }
        problems.0.extend(self.audience.check().0);
        problems
    }

    /// Reads and checks answers: the fields of question n are called `f<n>`; several values stand for several choices,
    /// counted from 1.
    pub fn read_answers(&self, typed: impl Fn(&str) -> Vec<String>) -> Result<Vec<Answer>, Problems> {
        let mut problems = Problems::default();
        let mut answers = Vec::with_capacity(self.questions.len());
        for (n, question) in (1..).zip(&self.questions) {
            let field = format!("f{n}");
            let values = typed(&field);
            let mut answer = Answer::default();
            if question.kind == QuestionKind::Text {
                answer.text = clean_lines(&values.concat());
                too_long(&mut problems, &field, &answer.text, MOST_TEXT);
            } else {
                answer.chosen = values
                    .iter()
                    .filter_map(|v| v.parse::<usize>().ok()?.checked_sub(1))
                    .filter(|at| *at < question.options())
                    .collect();
                answer.chosen.sort_unstable();
                answer.chosen.dedup();
                if question.kind != QuestionKind::Several && answer.chosen.len() > 1 {
                    answer.chosen.clear();
                }
            }
            if question.required && answer.is_empty() {
                problems.add(&field, "problem-answer");
            }
            answers.push(answer);
        }
        if answers.iter().all(Answer::is_empty) && problems.is_empty() {
            problems.add("", "problem-answer-nothing");
        }
        problems.or(answers)
    }
}

/// Choices as staff type them: one a line.
pub fn read_choices(typed: &str) -> Vec<String> {
    typed
        .lines()
        .map(clean_line)
        .filter(|line| !line.is_empty())
        .collect()
}

/// The answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// Choices or the step of the scale, from 0, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<usize>,
    /// Own words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
}

impl Answer {
    /// Was nothing answered?
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty() && self.text.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(days: i64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default() + Duration::days(days)
    }

    fn survey() -> Survey {
        let question = |kind, required| Question {
            kind,
            text: "Frage".into(),
            choices: vec!["A".into(), "B".into(), "C".into()],
            required,
            ..Question::default()
        };
        Survey {
            title: "Spielplatz".into(),
            intro: "Wir planen.".into(),
            questions: vec![
                question(QuestionKind::Single, true),
                question(QuestionKind::Several, false),
                question(QuestionKind::Scale, false),
                question(QuestionKind::Text, false),
            ],
            opens_on: Some(day(0)),
            closes_on: Some(day(14)),
            ..Survey::default()
        }
    }

    fn answers(survey: &Survey, typed: &[(&str, &str)]) -> Result<Vec<Answer>, Vec<String>> {
        survey
            .read_answers(|name| {
                let all = typed.iter().filter(|(k, _)| *k == name);
                all.map(|(_, v)| (*v).to_owned()).collect()
            })
            .map_err(|p| {
                p.0.into_iter()
                    .map(|p| format!("{} {}", p.field, p.code))
                    .collect()
            })
    }

    #[test]
    fn keys_come_back() {
        for kind in QuestionKind::ALL {
            assert_eq!(QuestionKind::parse(kind.key()), Some(kind));
        }
        for secrecy in Secrecy::ALL {
            assert_eq!(Secrecy::parse(secrecy.key()), Some(secrecy));
        }
        for state in SurveyState::ALL {
            assert_eq!(SurveyState::parse(state.key()), Some(state));
        }
    }

    #[test]
    fn open_from_day_to_day() {
        let s = survey();
        let phase = |days| s.phase(SurveyState::Released, day(days));
        assert_eq!(phase(-1), Phase::Planned);
        assert_eq!((phase(0), phase(14)), (Phase::Open, Phase::Open));
        assert_eq!(phase(15), Phase::Closed);
        assert_eq!(s.phase(SurveyState::Draft, day(3)), Phase::Draft);
        assert_eq!(s.phase(SurveyState::Published, day(3)), Phase::Published);
    }

    #[test]
    fn complete_before_it_is_released() {
        assert!(survey().check(day(0)).is_empty());
        let fields = |s: &Survey| -> Vec<String> {
            let problems = s.check(day(0)).0.into_iter();
            problems.map(|p| format!("{} {}", p.field, p.code)).collect()
        };
        let mut s = survey();
        s.questions[0].choices = vec!["A".into()];
        s.questions[1].choices = vec!["A".into(), "A".into()];
        s.questions[2].text = String::new();
        s.closes_on = Some(day(-1));
        s.intro = "x".repeat(3_001);
        assert_eq!(
            fields(&s),
            [
                "intro problem-too-long",
                "q1_choices problem-choices",
                "q2_choices problem-choices-twice",
                "q3_text problem-required",
                "closes_day problem-survey-days"
            ]
        );
        assert_eq!(
            fields(&Survey::default()),
            [
                "title problem-required",
                "intro problem-required",
                " problem-survey-empty",
                "opens_day problem-required",
                "closes_day problem-required"
            ]
        );
        let past = Survey {
            opens_on: Some(day(-1)),
            ..survey()
        };
        assert_eq!(fields(&past), ["opens_day problem-survey-past"]);
    }

    #[test]
    fn answers_are_what_was_asked() {
        let s = survey();
        let good = answers(
            &s,
            &[
                ("f1", "2"),
                ("f2", "3"),
                ("f2", "1"),
                ("f2", "3"),
                ("f3", "5"),
                ("f4", " gut\u{202e} "),
            ],
        )
        .unwrap_or_default();
        assert_eq!(good[0].chosen, [1]);
        assert_eq!(good[1].chosen, [0, 2]);
        assert_eq!(good[2].chosen, [4]);
        assert_eq!(good[3].text, "gut");
        for bad in [
            vec![],
            vec![("f1", "0")],
            vec![("f1", "4")],
            vec![("f1", "-1")],
            vec![("f1", "1"), ("f1", "2")],
        ] {
            assert_eq!(
                answers(&s, &bad),
                Err(vec!["f1 problem-answer".to_owned()]),
                "{bad:?}"
            );
        }
        let long = "x".repeat(MOST_TEXT + 1);
        assert_eq!(
            answers(&s, &[("f1", "1"), ("f4", &long)]),
            Err(vec!["f4 problem-too-long".to_owned()])
        );
        let mut free = survey();
        free.questions[0].required = false;
        assert_eq!(
            answers(&free, &[]),
            Err(vec![" problem-answer-nothing".to_owned()])
        );
    }

    #[test]
    fn choices_one_a_line() {
        assert_eq!(read_choices(" Ja \r\n\n Nein\u{200b}\n"), ["Ja", "Nein"]);
    }
}
