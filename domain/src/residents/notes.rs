//! What is said about a list as a whole: old, far smaller or larger than the register, postcodes of elsewhere, hidden
//! parts.

use super::{
    date::{self, DayRead},
    sheet::{Cell, Header, RawRow},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A sentence about the list; its text is in `locales/` under `note-<key>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which sentence.
    pub key: String,
    /// What is put into it.
    pub values: Vec<(String, String)>,
}

impl Note {
    fn new(key: &str, values: &[(&str, String)]) -> Self {
        Self {
            key: key.to_owned(),
            values: values.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
        }
    }
}

/// What is counted while a list is read.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// People in the list.
    pub people: usize,
    /// People in the register.
    pub register: usize,
    /// How often each postcode occurs.
    pub postcodes: BTreeMap<String, usize>,
    /// The town's own.
    pub own_postcode: String,
    /// When the list was made, if it says so.
    pub made: Option<NaiveDate>,
    /// Hidden columns that hold something.
    pub hidden_columns: Vec<String>,
    /// Hidden sheets.
    pub hidden_sheets: Vec<String>,
    /// A filter is set.
    pub filtered: bool,
}

/// Older lists are said to be old, in days.
pub const OLD: i64 = 14;
/// A list that differs from the register by more than this share is said to differ.
const FAR: f64 = 0.1;
/// A postcode that fewer rows than this share have is one of elsewhere, unless it is the town's.
const RARE: f64 = 0.01;

/// The day that a line above the header names: "Stand: 01.11.2026".
pub fn date_in(row: &RawRow, today: NaiveDate) -> Option<NaiveDate> {
    row.cells.iter().find_map(|cell| match cell {
        Cell::Date(day) => Some(*day),
        Cell::Text(text) => text
            .split([' ', ',', ';', ':', '(', ')'])
            .map(|w| w.trim_end_matches('.'))
            .filter(|w| w.len() >= 8)
            .find_map(|w| match date::read(w, today) {
                DayRead::Day(day) if day <= today => Some(day),
                _ => None,
            }),
        _ => None,
    })
}

/// The sentences.
pub fn notes(facts: &Facts, header: &Header, today: NaiveDate) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(made) = facts.made {
        let days = (today - made).num_days();
        if days > OLD {
            let day = made.format("%d.%m.%Y").to_string();
            notes.push(Note::new("list-old", &[("tage", days.to_string()), ("tag", day)]));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of people")]
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    let (people, register) = (facts.people, facts.register);
    if register >= 20 && share(people.abs_diff(register), register) > FAR {
        let key = if people < register {
            "far-fewer"
        } else {
            "far-more"
        };
        let values = [("liste", people.to_string()), ("register", register.to_string())];
        notes.push(Note::new(key, &values));
    }
    let known = facts.postcodes.contains_key(&facts.own_postcode);
    let foreign: Vec<(&String, &usize)> = facts
        .postcodes
        .iter()
        .filter(|(code, n)| {
            **code != facts.own_postcode && (known || facts.postcodes.len() > 1) && share(**n, people) < RARE
        })
        .collect();
    if !foreign.is_empty() {
        let rows: usize = foreign.iter().map(|(_, n)| **n).sum();
        let codes: Vec<&str> = foreign.iter().take(5).map(|(code, _)| code.as_str()).collect();
        let values = [("n", rows.to_string()), ("plz", codes.join(", "))];
        notes.push(Note::new("foreign-postcode", &values));
    }
    if !known
        && !facts.postcodes.is_empty()
        && !facts.own_postcode.is_empty()
        && facts.own_postcode != "00000"
    {
        notes.push(Note::new(
            "own-postcode-missing",
            &[("plz", facts.own_postcode.clone())],
        ));
    }
    for (key, names) in [
        ("hidden-columns", &facts.hidden_columns),
        ("hidden-sheets", &facts.hidden_sheets),
    ] {
        if !names.is_empty() {
            notes.push(Note::new(key, &[("namen", names.join(", "))]));
        }
    }
    if facts.filtered {
        notes.push(Note::new("filtered", &[]));
    }
    let doubts: Vec<&str> = header
        .doubts
        .iter()
        .filter_map(|i| header.titles.get(*i))
        .map(String::as_str)
        .collect();
    if !doubts.is_empty() {
        notes.push(Note::new("column-doubt", &[("namen", doubts.join(", "))]));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_has_its_cause() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let plain = Facts {
            people: 500,
            register: 500,
            postcodes: [("01945".to_owned(), 500)].into(),
            own_postcode: "01945".into(),
            ..Facts::default()
        };
        let keys = |facts: &Facts| -> Vec<String> {
            notes(facts, &Header::default(), today)
                .into_iter()
                .map(|n| n.key)
                .collect()
        };
        assert!(keys(&plain).is_empty());
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d);
        for (facts, key) in [
            (
                Facts {
                    made: day(7),
                    ..plain.clone()
                },
                "list-old",
            ),
            (
                Facts {
                    people: 440,
                    ..plain.clone()
                },
                "far-fewer",
            ),
            (
                Facts {
                    people: 560,
                    ..plain.clone()
                },
                "far-more",
            ),
            (
                Facts {
                    postcodes: [("01945".to_owned(), 498), ("99999".to_owned(), 2)].into(),
                    ..plain.clone()
                },
                "foreign-postcode",
            ),
            (
                Facts {
                    postcodes: [("99999".to_owned(), 500)].into(),
                    ..plain.clone()
                },
                "own-postcode-missing",
            ),
            (
                Facts {
                    hidden_columns: vec!["A".into()],
                    ..plain.clone()
                },
                "hidden-columns",
            ),
            (
                Facts {
                    hidden_sheets: vec!["A".into()],
                    ..plain.clone()
                },
                "hidden-sheets",
            ),
            (
                Facts {
                    filtered: true,
                    ..plain.clone()
                },
                "filtered",
            ),
        ] {
            assert_eq!(keys(&facts), [key]);
        }
        assert!(
            keys(&Facts {
                made: day(8),
                ..plain.clone()
            })
            .is_empty()
        );
    }
}
