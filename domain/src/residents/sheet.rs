//! From a sheet of cells to rows *and* findings. Never fails: a bad list is an ordinary input.

use super::{
    ResidentData,
    column::{Column, Mapping},
    finding::{Finding, Rule, Severity},
    row::RowReader,
};
use crate::text::{distance, fold, tidy};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A cell as the file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day (times of day are dropped).
    Date(NaiveDate),
    /// A formula, whatever its value.
    Formula,
    /// A spreadsheet error such as `#REF!`.
    Error(String),
}

impl Cell {
    /// As text, the way a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
            Cell::Number(n) => n.to_string(),
            Cell::Date(day) => day.format("%d.%m.%Y").to_string(),
            Cell::Formula => "=…".to_owned(),
            Cell::Error(error) => error.clone(),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => tidy(text).is_empty(),
            _ => false,
        }
    }
}

/// One row of a sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RawRow {
    /// As the spreadsheet counts: 1 is the first.
    pub number: u32,
    /// From the first column on.
    pub cells: Vec<Cell>,
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RawTable {
    /// Its name.
    pub name: String,
    /// Rows that are not empty.
    pub rows: Vec<RawRow>,
}

/// The header that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Row as the spreadsheet counts.
    pub row: u32,
    /// Headers as written.
    pub titles: Vec<String>,
    /// What they seem to mean.
    pub guess: Mapping,
}

/// Rows that are searched for the header.
const HEADER_ROWS: usize = 20;

/// Finds the header among the first rows: the row with most known titles, if there are at least three.
pub fn find_header(table: &RawTable) -> Option<Header> {
    table
        .rows
        .iter()
        .take(HEADER_ROWS)
        .map(|row| {
            let titles: Vec<String> = row.cells.iter().map(|c| tidy(&c.shown())).collect();
            let guess = Mapping::guess(titles.iter().map(String::as_str));
            Header {
                row: row.number,
                titles,
                guess,
            }
        })
        // the first of equals: a second header further down is not better
        .reduce(|best, next| {
            if next.guess.known() > best.guess.known() {
                next
            } else {
                best
            }
        })
        .filter(|h| h.guess.known() >= 3)
}

/// What the rules need to know from outside.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The day of the check.
    pub today: NaiveDate,
    /// Nobody younger gets a letter without a decision, in years.
    pub minimum_age: u32,
}

/// One row after the check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedRow {
    /// As the spreadsheet counts.
    pub row: u32,
    /// Repaired data; may be incomplete if the row is blocked.
    pub data: ResidentData,
    /// The worst that was found; `None` if nothing was.
    pub worst: Option<Severity>,
    /// The row repeats another one and is dropped.
    pub dropped: bool,
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// All data rows in order.
    pub rows: Vec<CheckedRow>,
    /// All findings, by row.
    pub findings: Vec<Finding>,
}

/// How many rows end how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Data rows in the sheet.
    pub rows: usize,
    /// Taken without a decision.
    pub taken: usize,
    /// Dropped as exact duplicates.
    pub dropped: usize,
    /// Wait for a decision.
    pub asked: usize,
    /// Get no letter.
    pub blocked: usize,
}

impl Checked {
    /// Counts by fate.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            rows: self.rows.len(),
            ..Counts::default()
        };
        for row in &self.rows {
            match row.worst {
                _ if row.dropped => counts.dropped += 1,
                Some(Severity::Block) => counts.blocked += 1,
                Some(Severity::Ask) => counts.asked += 1,
                Some(Severity::Repair) | None => counts.taken += 1,
            }
        }
        counts
    }

    /// The rows that are taken: all without open questions, and those whose every question is answered with yes.
    pub fn taken(&self, agreed: &[Rule]) -> Vec<&CheckedRow> {
        let mut open: HashMap<u32, bool> = HashMap::new();
        for finding in self
            .findings
            .iter()
            .filter(|f| f.rule.severity() == Severity::Ask)
        {
            *open.entry(finding.row).or_default() |= !agreed.contains(&finding.rule);
        }
        self.rows
            .iter()
            .filter(|r| {
                !r.dropped && r.worst != Some(Severity::Block) && !open.get(&r.row).copied().unwrap_or(false)
            })
            .collect()
    }
}

/// Checks all rows below the header.
pub fn check(table: &RawTable, header_row: u32, mapping: &Mapping, rules: Rules) -> Checked {
    let mut checked = Checked::default();
    let mut seen_cells: HashMap<String, u32> = HashMap::new();
    for raw in table.rows.iter().filter(|r| r.number > header_row) {
        if raw.cells.iter().all(Cell::is_blank) {
            continue;
        }
        let mut reader = RowReader {
            raw,
            mapping,
            rules,
            findings: Vec::new(),
        };
        let data = reader.read();
        let mut findings = reader.findings;
        let mut dropped = false;
        let key = cells_key(raw, mapping);
        match seen_cells.get(&key) {
            Some(first) => {
                dropped = true;
                findings.clear();
                findings.push(Finding {
                    row: raw.number,
                    column: None,
                    rule: Rule::ExactDuplicate,
                    was: String::new(),
                    becomes: Some(first.to_string()),
                });
            }
            None => {
                seen_cells.insert(key, raw.number);
            }
        }
        let worst = findings.iter().map(|f| f.rule.severity()).max();
        checked.findings.append(&mut findings);
        checked.rows.push(CheckedRow {
            row: raw.number,
            data,
            worst,
            dropped,
        });
    }
    find_repeated_numbers(&mut checked);
    find_probable_duplicates(&mut checked);
    checked.findings.sort_by_key(|f| (f.row, f.column, f.rule));
    checked
}

/// All cells but the running number.
fn cells_key(raw: &RawRow, mapping: &Mapping) -> String {
    let skip = mapping.place(Column::RunningNumber);
    let mut key = String::new();
    for (i, cell) in raw.cells.iter().enumerate() {
        if Some(i) != skip {
            key += &cell.shown();
            key.push('\u{1F}');
        }
    }
    key.trim_end_matches('\u{1F}').to_owned()
}

/// The register gives each number once; a second row with it cannot be the same person.
fn find_repeated_numbers(checked: &mut Checked) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for row in checked.rows.iter_mut().filter(|r| !r.dropped) {
        let Some(number) = row.data.register_number.clone() else {
            continue;
        };
        match seen.get(&number) {
            Some(first) => {
                row.worst = Some(Severity::Block);
                checked.findings.push(Finding {
                    row: row.row,
                    column: Some(Column::RegisterNumber),
                    rule: Rule::RegisterNumberTwice,
                    was: number,
                    becomes: Some(first.to_string()),
                });
            }
            None => {
                seen.insert(number, row.row);
            }
        }
    }
}

/// Same birth, and names that differ by no more than a spelling; or same names and birth at another address.
fn find_probable_duplicates(checked: &mut Checked) {
    let mut by_birth: HashMap<(NaiveDate, String), Vec<usize>> = HashMap::new();
    let mut hits: Vec<(usize, u32)> = Vec::new();
    for (i, row) in checked.rows.iter().enumerate() {
        let Some(born) = row.data.birth_date.filter(|_| !row.dropped) else {
            continue;
        };
        let family = fold(&row.data.family_name);
        let given = fold(&row.data.given_names);
        if family.is_empty() {
            continue;
        }
        let initial: String = family.chars().take(1).collect();
        let bucket = by_birth.entry((born, initial)).or_default();
        let same = bucket.iter().copied().find(|j| {
            let other = &checked.rows[*j].data;
            let (other_family, other_given) = (fold(&other.family_name), fold(&other.given_names));
            let families = distance(&family, &other_family, 2);
            let same_address =
                other.street_line() == row.data.street_line() && other.postcode == row.data.postcode;
            let given_overlap = given == other_given
                || given.split(' ').next() == other_given.split(' ').next()
                || distance(&given, &other_given, 1).is_some();
            families.is_some_and(|d| d <= 1 || same_address) && given_overlap
        });
        match same {
            Some(j) => hits.push((i, checked.rows[j].row)),
            None => bucket.push(i),
        }
    }
    for (i, first) in hits {
        let row = &mut checked.rows[i];
        row.worst = row.worst.max(Some(Severity::Ask));
        checked.findings.push(Finding {
            row: row.row,
            column: None,
            rule: Rule::ProbableDuplicate,
            was: row.data.display_name(),
            becomes: Some(first.to_string()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADERS: [&str; 9] = [
        "Nachname",
        "Vorname",
        "Geb.-Datum",
        "Straße",
        "HNr",
        "PLZ",
        "Ort",
        "Sperrvermerk",
        "Wohnungsart",
    ];

    fn text(t: &str) -> Cell {
        if t.is_empty() {
            Cell::Empty
        } else {
            Cell::Text(t.into())
        }
    }

    fn good() -> Vec<Cell> {
        vec![
            text("Müller"),
            text("Erika"),
            Cell::Date(NaiveDate::from_ymd_opt(1970, 1, 2).unwrap()),
            text("Ringstraße"),
            Cell::Number(12.0),
            text("01945"),
            text("Lindenau"),
            Cell::Empty,
            text("HW"),
        ]
    }

    fn rules() -> Rules {
        Rules {
            today: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
            minimum_age: 16,
        }
    }

    fn run(rows: Vec<Vec<Cell>>) -> Checked {
        let header = RawRow {
            number: 1,
            cells: HEADERS.iter().map(|h| text(h)).collect(),
        };
        let mut all = vec![header];
        all.extend(rows.into_iter().enumerate().map(|(i, cells)| RawRow {
            number: u32::try_from(i).unwrap() + 2,
            cells,
        }));
        let table = RawTable {
            name: "T".into(),
            rows: all,
        };
        let header = find_header(&table).unwrap();
        check(&table, header.row, &header.guess, rules())
    }

    /// One changed cell gives exactly these rules.
    fn gives(place: usize, cell: Cell, expected: &[Rule]) {
        let mut row = good();
        row[place] = cell.clone();
        let found: Vec<Rule> = run(vec![row]).findings.iter().map(|f| f.rule).collect();
        assert_eq!(found, expected, "{cell:?}");
    }

    #[test]
    fn every_rule_by_one_cell() {
        gives(0, text("Müller"), &[]);
        gives(0, text("MÃ¼ller"), &[Rule::Mojibake]);
        gives(0, text("  Margraf\u{a0}"), &[Rule::StrayBlanks]);
        gives(0, text("Dr. Scholz"), &[Rule::DoctorateInName]);
        gives(0, text("JÁNOŠÍK"), &[Rule::AllCapitals]);
        gives(0, text("O"), &[]);
        gives(0, text(""), &[Rule::FamilyNameMissing]);
        gives(0, text("M?ller"), &[Rule::LostCharacter]);
        gives(0, text("=HYPERLINK(\"x\")"), &[Rule::FormulaCell]);
        gives(0, Cell::Formula, &[Rule::FormulaCell]);
        gives(0, Cell::Error("#REF!".into()), &[Rule::FormulaCell]);
        gives(0, text(&"Lang".repeat(20)), &[Rule::TooLong]);
        gives(1, text(""), &[Rule::GivenNameMissing]);
        gives(2, text("05.02.2004"), &[Rule::DateAsText]);
        gives(2, text("00.00.1950"), &[Rule::BirthDayUnknown]);
        gives(2, text("31.02.1971"), &[Rule::NoSuchDate]);
        gives(
            2,
            Cell::Date(NaiveDate::from_ymd_opt(2031, 5, 1).unwrap()),
            &[Rule::BirthImpossible],
        );
        gives(
            2,
            Cell::Date(NaiveDate::from_ymd_opt(2014, 12, 11).unwrap()),
            &[Rule::UnderAge],
        );
        gives(2, Cell::Number(25_570.0), &[Rule::DateAsText]);
        gives(3, text(""), &[Rule::StreetMissing]);
        gives(4, text(""), &[Rule::HouseNumberMissing]);
        gives(
            4,
            Cell::Date(NaiveDate::from_ymd_opt(2026, 5, 3).unwrap()),
            &[Rule::HouseNumberAsDate],
        );
        gives(5, Cell::Number(1945.0), &[Rule::LeadingZero]);
        gives(5, text("0194"), &[Rule::PostcodeWrong]);
        gives(5, text(""), &[Rule::PostcodeMissing]);
        gives(6, text(""), &[Rule::CityMissing]);
        gives(7, text("§ 51 BMG"), &[Rule::Section51]);
        gives(7, text("§52"), &[Rule::Section52]);
        gives(7, text("nein"), &[]);
        gives(7, text("siehe Akte"), &[Rule::UnknownBlockNote]);
        gives(8, text("NW"), &[Rule::SecondaryResidence]);
    }

    #[test]
    fn repairs_give_the_right_data() {
        let mut row = good();
        row[3] = text("Am Alten Rathaus 12 a");
        row[4] = Cell::Empty;
        row[5] = Cell::Number(1945.0);
        let checked = run(vec![row]);
        let data = &checked.rows[0].data;
        assert_eq!(
            (
                data.street.as_str(),
                data.house_number.as_str(),
                data.postcode.as_str()
            ),
            ("Am Alten Rathaus", "12 a", "01945")
        );
        let mut row = good();
        row[4] = Cell::Date(NaiveDate::from_ymd_opt(2026, 5, 3).unwrap());
        assert_eq!(run(vec![row]).rows[0].data.house_number, "3-5");
        let mut row = good();
        row[0] = text("Dr. Scholz");
        assert_eq!(run(vec![row]).rows[0].data.display_name(), "Dr. Erika Scholz");
    }

    #[test]
    fn duplicates() {
        let mut similar = good();
        similar[0] = text("Mueller");
        let checked = run(vec![good(), good(), similar]);
        let rules: Vec<Rule> = checked.findings.iter().map(|f| f.rule).collect();
        assert_eq!(rules, [Rule::ExactDuplicate, Rule::ProbableDuplicate]);
        assert_eq!(
            checked.counts(),
            Counts {
                rows: 3,
                taken: 1,
                dropped: 1,
                asked: 1,
                blocked: 0
            }
        );
        assert_eq!(checked.taken(&[]).len(), 1);
        assert_eq!(checked.taken(&[Rule::ProbableDuplicate]).len(), 2);
    }

    #[test]
    fn a_register_number_is_given_once() {
        let with_number = |family: &str, number: &str| RawRow {
            number: if number == "7" && family == "B" { 3 } else { 2 },
            cells: vec![
                text(number),
                text(family),
                text("Kim"),
                text("Weg"),
                text("1"),
                text("01945"),
                text("Lindenau"),
            ],
        };
        let header = RawRow {
            number: 1,
            cells: ["PID", "Nachname", "Vorname", "Straße", "HNr", "PLZ", "Ort"]
                .map(text)
                .to_vec(),
        };
        let table = RawTable {
            name: String::new(),
            rows: vec![header, with_number("A", "7"), with_number("B", "7")],
        };
        let header = find_header(&table).unwrap();
        let checked = check(&table, 1, &header.guess, rules());
        assert_eq!(
            checked
                .findings
                .iter()
                .map(|f| (f.row, f.rule))
                .collect::<Vec<_>>(),
            [(3, Rule::RegisterNumberTwice)]
        );
    }

    #[test]
    fn twins_are_two_people() {
        let mut twin = good();
        twin[1] = text("Karla");
        assert!(run(vec![good(), twin]).findings.is_empty());
    }

    #[test]
    fn the_header_may_stand_lower_down() {
        let table = RawTable {
            name: String::new(),
            rows: vec![
                RawRow {
                    number: 1,
                    cells: vec![text("Gemeinde Lindenau")],
                },
                RawRow {
                    number: 4,
                    cells: HEADERS.iter().map(|h| text(h)).collect(),
                },
                RawRow {
                    number: 5,
                    cells: good(),
                },
            ],
        };
        let header = find_header(&table).unwrap();
        assert_eq!(header.row, 4);
        assert_eq!(check(&table, 4, &header.guess, rules()).rows.len(), 1);
        assert_eq!(find_header(&RawTable::default()), None);
    }
}
