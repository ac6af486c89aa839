//! The check of a whole list, row by row: what one row says about itself, and what it says beside the rows before it.
//! Memory grows by the few words that recognise a person again, not by whole rows.

use super::{
    ResidentData,
    column::{Column, Mapping},
    finding::{Finding, Rule, Severity},
    likeness::{Keys, Traits},
    row::RowReader,
    sheet::{Cell, Header, RawRow, RawTable},
};
use crate::text::fold;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the rules need to know from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The day of the check.
    pub today: NaiveDate,
    /// Nobody younger gets a letter without a decision, in years.
    pub minimum_age: u32,
    /// From so many people at one address on, somebody looks: a home, a shelter (§ 52 BMG)? 0: never.
    pub crowd: u32,
    /// The list is a text file: there every date is text.
    pub plain_text: bool,
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
    /// The row repeats another one, or is no person, and is dropped.
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

impl Counts {
    /// Counts one row.
    pub fn add(&mut self, row: &CheckedRow) {
        self.rows += 1;
        match row.worst {
            _ if row.dropped => self.dropped += 1,
            Some(Severity::Block) => self.blocked += 1,
            Some(Severity::Ask) => self.asked += 1,
            Some(Severity::Repair) | None => self.taken += 1,
        }
    }
}

impl Checked {
    /// Counts by fate.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.rows.iter().for_each(|r| counts.add(r));
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

/// Reads and judges one row alone: its data as far as they can be used, and what was found.
pub fn read_row(raw: &RawRow, mapping: &Mapping, rules: Rules) -> (ResidentData, Vec<Finding>) {
    let mut reader = RowReader {
        raw,
        mapping,
        rules,
        findings: Vec::new(),
    };
    let data = reader.read();
    (data, reader.findings)
}

/// Reads and judges the cells of a row that is kept by meaning: on the server and, while somebody types, in the browser.
pub fn read_cells(
    number: u32,
    cells: &[(Column, Cell)],
    hidden: bool,
    merged: bool,
    rules: Rules,
) -> (ResidentData, Vec<Finding>) {
    let (raw, mapping) = by_meaning(number, cells, hidden, merged);
    read_row(&raw, &mapping, rules)
}

/// A row whose cells are kept by meaning, as the rules read it.
pub fn by_meaning(number: u32, cells: &[(Column, Cell)], hidden: bool, merged: bool) -> (RawRow, Mapping) {
    let row = RawRow {
        number,
        cells: cells.iter().map(|(_, cell)| cell.clone()).collect(),
        hidden,
        merged,
    };
    (row, Mapping(cells.iter().map(|(c, _)| Some(*c)).collect()))
}

/// The row repeats one before it in every cell.
pub fn exact_duplicate(row: u32, of: u32) -> Finding {
    Finding {
        row,
        column: None,
        rule: Rule::ExactDuplicate,
        was: String::new(),
        becomes: Some(of.to_string()),
    }
}

/// The register gives each number once; a second row with it cannot be the same person.
pub fn number_twice(row: u32, number: &str, of: u32) -> Finding {
    Finding {
        row,
        column: Some(Column::RegisterNumber),
        rule: Rule::RegisterNumberTwice,
        was: number.to_owned(),
        becomes: Some(of.to_string()),
    }
}

/// Probably the person of a row before it.
pub fn probable_duplicate(row: u32, data: &ResidentData, of: u32) -> Finding {
    Finding {
        row,
        column: None,
        rule: Rule::ProbableDuplicate,
        was: data.display_name(),
        becomes: Some(of.to_string()),
    }
}

/// Unusually many people live there.
pub fn crowded(row: u32, people: u32) -> Finding {
    Finding {
        row,
        column: Some(Column::Street),
        rule: Rule::CrowdedAddress,
        was: people.to_string(),
        becomes: None,
    }
}

/// A row, judged beside those before it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The row.
    pub row: CheckedRow,
    /// What was found.
    pub findings: Vec<Finding>,
    /// By what it is compared.
    pub keys: Keys,
}

/// Judges row after row.
pub struct Checker<'a> {
    mapping: &'a Mapping,
    titles: Vec<String>,
    rules: Rules,
    cells: HashMap<u128, u32>,
    numbers: HashMap<Box<str>, u32>,
    by_birth: HashMap<(NaiveDate, char), Vec<(Traits, u32)>>,
    people: HashMap<u64, u32>,
    addresses: Vec<(u64, u32)>,
}

impl<'a> Checker<'a> {
    /// For the rows below this header.
    pub fn new(header: &Header, mapping: &'a Mapping, rules: Rules) -> Self {
        Self {
            mapping,
            titles: header.titles.iter().map(|t| fold(t)).collect(),
            rules,
            cells: HashMap::new(),
            numbers: HashMap::new(),
            by_birth: HashMap::new(),
            people: HashMap::new(),
            addresses: Vec::new(),
        }
    }

    /// Judges the next row; `None` if it is empty.
    pub fn row(&mut self, raw: &RawRow) -> Option<Judged> {
        if raw.cells.iter().all(Cell::is_blank) {
            return None;
        }
        let number = raw.number;
        let (data, mut findings) = read_row(raw, self.mapping, self.rules);
        let (keys, traits) = Keys::of(raw, self.mapping, &data);
        let mut dropped = true;
        if let Some(rule) = self.no_person(raw, &data) {
            let was = raw.cells.iter().find(|c| !c.is_blank()).map(Cell::shown);
            findings = vec![Finding {
                row: number,
                column: None,
                rule,
                was: was.unwrap_or_default().chars().take(80).collect(),
                becomes: None,
            }];
        } else if let Some(first) = self.cells.get(&keys.cells) {
            findings = vec![exact_duplicate(number, *first)];
        } else {
            dropped = false;
            self.cells.insert(keys.cells, number);
            self.beside_others(number, &data, &keys, traits, &mut findings);
        }
        let worst = findings.iter().map(|f| f.rule.severity()).max();
        Some(Judged {
            row: CheckedRow {
                row: number,
                data,
                worst,
                dropped,
            },
            findings,
            keys,
        })
    }

    fn beside_others(
        &mut self,
        row: u32,
        data: &ResidentData,
        keys: &Keys,
        traits: Traits,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(number) = &keys.number {
            match self.numbers.get(number.as_str()) {
                Some(first) => findings.push(number_twice(row, number, *first)),
                None => {
                    self.numbers.insert(number.as_str().into(), row);
                }
            }
        }
        if let Some(birth) = keys.birth {
            let bucket = self.by_birth.entry(birth).or_default();
            match bucket.iter().find(|(other, _)| traits.alike(other)) {
                Some((_, first)) => findings.push(probable_duplicate(row, data, *first)),
                None => bucket.push((traits, row)),
            }
        }
        if let Some(address) = keys.address.filter(|_| self.rules.crowd > 0) {
            *self.people.entry(address).or_default() += 1;
            self.addresses.push((address, row));
        }
    }

    /// Sums below the list, and headers that are printed on every page, are no people.
    fn no_person(&self, raw: &RawRow, data: &ResidentData) -> Option<Rule> {
        let filled = || raw.cells.iter().enumerate().filter(|(_, c)| !c.is_blank());
        let like_title = filled()
            .filter(|(i, c)| {
                matches!(c, Cell::Text(_)) && self.titles.get(*i).is_some_and(|t| *t == fold(&c.shown_cow()))
            })
            .count();
        if like_title >= 3 && like_title * 2 > filled().count() {
            return Some(Rule::RepeatedHeader);
        }
        let nobody = data.birth_date.is_none() && data.birth_year.is_none() && data.postcode.is_empty();
        let first = filled().next()?.1;
        let word = fold(&first.shown_cow());
        let says_sum = word.split(' ').next().is_some_and(|w| SUMS.contains(&w));
        (nobody && says_sum && filled().count() <= 4).then_some(Rule::TotalsRow)
    }

    /// What only the whole list tells: addresses with unusually many people.
    pub fn finish(self) -> Vec<Finding> {
        let mut found: Vec<Finding> = self
            .addresses
            .iter()
            .filter_map(|(address, row)| {
                let people = self.people.get(address).copied().unwrap_or(0);
                (people >= self.rules.crowd).then(|| crowded(*row, people))
            })
            .collect();
        found.sort_by_key(|f| f.row);
        found
    }
}

/// First words of rows that sum up a list or end it.
const SUMS: [&str; 12] = [
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtzahl",
    "anzahl",
    "insgesamt",
    "total",
    "sum",
    "count",
    "ende",
    "listenende",
    "datensaetze",
];

/// Checks all rows below the header of a table that is in memory.
pub fn check(table: &RawTable, header: &Header, mapping: &Mapping, rules: Rules) -> Checked {
    let mut checked = Checked::default();
    let mut checker = Checker::new(header, mapping, rules);
    for raw in table.rows.iter().filter(|r| r.number > header.row) {
        if let Some(judged) = checker.row(raw) {
            checked.findings.extend(judged.findings);
            checked.rows.push(judged.row);
        }
    }
    checked.close(checker.finish());
    checked
}

impl Checked {
    /// Adds what the end of the list told, and sorts.
    pub fn close(&mut self, late: Vec<Finding>) {
        for finding in &late {
            if let Ok(i) = self.rows.binary_search_by_key(&finding.row, |r| r.row) {
                let worst = &mut self.rows[i].worst;
                *worst = (*worst).max(Some(finding.rule.severity()));
            }
        }
        self.findings.extend(late);
        self.findings.sort_by_key(|f| (f.row, f.column, f.rule));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residents::sheet::find_header;

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
            crowd: 4,
            plain_text: false,
        }
    }

    fn run(rows: Vec<Vec<Cell>>) -> Checked {
        let mut all = vec![RawRow::new(1, HEADERS.iter().map(|h| text(h)).collect())];
        all.extend(
            rows.into_iter()
                .enumerate()
                .map(|(i, cells)| RawRow::new(u32::try_from(i).unwrap() + 2, cells)),
        );
        let table = RawTable {
            name: "T".into(),
            rows: all,
        };
        let header = find_header(&table, rules().today).unwrap();
        check(&table, &header, &header.guess, rules())
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
        gives(0, text("Mu\u{308}ller"), &[Rule::Decomposed]);
        gives(0, text("M\u{302}ba"), &[]);
        gives(0, text("Мюллер"), &[Rule::OutsideNorm]);
        gives(0, text("M7ller"), &[Rule::DigitInName]);
        gives(0, text("N.N."), &[Rule::PlaceholderName]);
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
    fn a_block_is_found_in_a_column_that_nobody_knows() {
        let titles: Vec<Option<Column>> = Mapping::guess(HEADERS).0.0;
        let mapping = Mapping(titles.into_iter().chain([None]).collect());
        let found = |block: &str, remark: &str| {
            let mut cells = good();
            cells[7] = text(block);
            cells.push(text(remark));
            let (_, findings) = read_row(&RawRow::new(2, cells), &mapping, rules());
            findings.into_iter().map(|f| (f.rule, f.was)).collect::<Vec<_>>()
        };
        assert_eq!(found("", "ledig, wohnt bei § 5"), []);
        assert_eq!(found("", "Schlüssel gesperrt"), []);
        // of a remark only this is kept, never the rest
        let kept = [(Rule::Section51, "§ 51".to_owned())];
        assert_eq!(found("", "evangelisch, § 51 BMG"), kept);
        assert_eq!(found("nein", "evangelisch, § 51 BMG"), kept);
        assert_eq!(found("§ 52", "§ 51")[0].0, Rule::Section52);
        // two columns for notes: both are read
        let two = Mapping::guess(["Übermittlungssperre", "Auskunftssperre"]).0;
        let note = |a: &str, b: &str| RawRow::new(2, vec![text(a), text(b)]).block_note(&two).shown();
        assert_eq!((note("nein", "x"), note("§ 51", "")), ("x".into(), "§ 51".into()));
        assert_eq!(
            found("", "Auskunftssperre aufgehoben?")[0].0,
            Rule::UnknownBlockNote
        );
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
        let with_number = |family: &str, number: &str| {
            let cells = [number, family, "Kim", "Weg", "1", "01945", "Lindenau"];
            let row = if family == "B" { 3 } else { 2 };
            RawRow::new(row, cells.map(text).to_vec())
        };
        let titles = ["PID", "Nachname", "Vorname", "Straße", "HNr", "PLZ", "Ort"];
        let header = RawRow::new(1, titles.map(text).to_vec());
        let table = RawTable {
            name: String::new(),
            rows: vec![header, with_number("A", "7"), with_number("B", "7")],
        };
        let header = find_header(&table, rules().today).unwrap();
        let checked = check(&table, &header, &header.guess, rules());
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
    fn rows_that_are_no_people_are_dropped() {
        let header: Vec<Cell> = HEADERS.iter().map(|h| text(h)).collect();
        let total = vec![text("Summe:"), Cell::Number(2.0)];
        let checked = run(vec![good(), header, total]);
        let found: Vec<(u32, Rule)> = checked.findings.iter().map(|f| (f.row, f.rule)).collect();
        assert_eq!(found, [(3, Rule::RepeatedHeader), (4, Rule::TotalsRow)]);
        assert_eq!((checked.counts().taken, checked.counts().dropped), (1, 2));
        // somebody may be called so
        let mut sum = good();
        sum[0] = text("Summe");
        assert!(run(vec![sum]).findings.is_empty());
    }

    #[test]
    fn many_people_at_one_address_are_asked_about() {
        let person = |i: u32| {
            let mut row = good();
            row[0] = text(["Abel", "Bender", "Conrad", "Dorn"][i as usize]);
            row[2] = Cell::Date(NaiveDate::from_ymd_opt(1970, 1, i + 1).unwrap());
            row
        };
        let found = |n: u32| run((0..n).map(person).collect()).findings;
        assert!(found(3).is_empty());
        assert!(
            found(4)
                .iter()
                .all(|f| f.rule == Rule::CrowdedAddress && f.was == "4")
        );
        assert_eq!(found(4).len(), 4);
    }

    #[test]
    fn hidden_and_merged_rows_are_asked_about() {
        let table = |hidden, merged| {
            let mut row = RawRow::new(2, good());
            (row.hidden, row.merged) = (hidden, merged);
            RawTable {
                name: String::new(),
                rows: vec![RawRow::new(1, HEADERS.iter().map(|h| text(h)).collect()), row],
            }
        };
        for (hidden, merged, rule) in [(true, false, Rule::HiddenRow), (false, true, Rule::MergedCell)] {
            let table = table(hidden, merged);
            let header = find_header(&table, rules().today).unwrap();
            let found = check(&table, &header, &header.guess, rules()).findings;
            assert_eq!(found.iter().map(|f| f.rule).collect::<Vec<_>>(), [rule]);
        }
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
                RawRow::new(1, vec![text("Gemeinde Lindenau")]),
                RawRow::new(4, HEADERS.iter().map(|h| text(h)).collect()),
                RawRow::new(5, good()),
            ],
        };
        let header = find_header(&table, rules().today).unwrap();
        assert_eq!(header.row, 4);
        assert_eq!(check(&table, &header, &header.guess, rules()).rows.len(), 1);
        assert_eq!(find_header(&RawTable::default(), rules().today), None);
    }
}
