//! From a sheet of cells to rows *and* findings. Never fails: a bad list is an ordinary input.

use super::{
    ResidentData,
    column::{Column, Mapping},
    date::{self, DayRead},
    finding::{Finding, Rule, Severity},
};
use crate::text::{distance, fold, tidy};
use chrono::{Datelike, NaiveDate};
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

    fn is_blank(&self) -> bool {
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

struct RowReader<'a> {
    raw: &'a RawRow,
    mapping: &'a Mapping,
    rules: Rules,
    findings: Vec<Finding>,
}

/// Longest line of an address that fits 80 mm at 10.5 pt, in characters; the letter measures exactly.
const ADDRESS_CHARS: usize = 45;

impl RowReader<'_> {
    fn find(&mut self, column: Column, rule: Rule, was: &str, becomes: Option<String>) {
        let was = was.chars().take(80).collect();
        self.findings.push(Finding {
            row: self.raw.number,
            column: Some(column),
            rule,
            was,
            becomes,
        });
    }

    fn cell(&self, column: Column) -> &Cell {
        self.mapping
            .place(column)
            .and_then(|i| self.raw.cells.get(i))
            .unwrap_or(&Cell::Empty)
    }

    fn read(&mut self) -> ResidentData {
        self.check_block_columns();
        let (family_name, title) = self.family_name();
        let given_names = self.name(Column::GivenNames).unwrap_or_default();
        if given_names.is_empty() && !self.has_formula(Column::GivenNames) {
            self.find(Column::GivenNames, Rule::GivenNameMissing, "", None);
        }
        let call_name = self.name(Column::CallName).filter(|n| !n.is_empty());
        let doctorate = title.or_else(|| self.name(Column::Doctorate).filter(|n| !n.is_empty()));
        let (birth_date, birth_year) = self.birth();
        let (street, house_number) = self.street_and_number();
        let postcode = self.postcode();
        let city = self.name(Column::City).unwrap_or_default();
        if city.is_empty() && !self.has_formula(Column::City) {
            self.find(Column::City, Rule::CityMissing, "", None);
        }
        let data = ResidentData {
            register_number: Some(tidy(&self.cell(Column::RegisterNumber).shown())).filter(|n| !n.is_empty()),
            family_name,
            given_names,
            call_name,
            doctorate,
            birth_date,
            birth_year,
            street,
            house_number,
            address_extra: self.name(Column::AddressExtra).filter(|n| !n.is_empty()),
            postcode,
            city,
            district: self.name(Column::District).filter(|n| !n.is_empty()),
        };
        let lines = data.address_lines();
        for (column, line) in std::iter::once((Column::FamilyName, &data.display_name()))
            .chain(lines.iter().map(|l| (Column::Street, l)))
        {
            if line.chars().count() > ADDRESS_CHARS {
                self.find(column, Rule::TooLong, line, None);
                break;
            }
        }
        data
    }

    fn has_formula(&self, column: Column) -> bool {
        matches!(self.cell(column), Cell::Formula | Cell::Error(_))
            || is_formula_text(&self.cell(column).shown())
    }

    /// A text field: formulas blocked, blanks and mojibake repaired, lost characters blocked. `None` if blocked here.
    fn name(&mut self, column: Column) -> Option<String> {
        let cell = self.cell(column).clone();
        let shown = cell.shown();
        if self.has_formula(column) {
            self.find(column, Rule::FormulaCell, &shown, None);
            return None;
        }
        let mut text = shown.clone();
        if let Some(fixed) = repair_mojibake(&text) {
            self.find(column, Rule::Mojibake, &text, Some(tidy(&fixed)));
            text = fixed;
        }
        let tidied = tidy(&text);
        let composed: String = unicode_normalization::UnicodeNormalization::nfc(text.as_str()).collect();
        if tidied != composed && !tidied.is_empty() {
            self.find(column, Rule::StrayBlanks, &text, Some(tidied.clone()));
        }
        if has_lost_character(&tidied) {
            self.find(column, Rule::LostCharacter, &tidied, None);
        }
        Some(tidied)
    }

    fn family_name(&mut self) -> (String, Option<String>) {
        let Some(mut name) = self.name(Column::FamilyName) else {
            return (String::new(), None);
        };
        if name.is_empty() {
            self.find(Column::FamilyName, Rule::FamilyNameMissing, "", None);
            return (name, None);
        }
        let mut title = None;
        if let Some((dr, rest)) = split_doctorate(&name) {
            self.find(
                Column::FamilyName,
                Rule::DoctorateInName,
                &name,
                Some(format!("{dr} | {rest}")),
            );
            title = Some(dr);
            name = rest;
        }
        let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
        if letters.len() >= 3
            && letters.iter().all(|c| !c.is_lowercase())
            && letters.iter().any(|c| c.is_uppercase())
        {
            self.find(Column::FamilyName, Rule::AllCapitals, &name, None);
        }
        (name, title)
    }

    fn birth(&mut self) -> (Option<NaiveDate>, Option<i32>) {
        let column = Column::BirthDate;
        let today = self.rules.today;
        let day = match self.cell(column).clone() {
            Cell::Empty => return (None, None),
            Cell::Formula | Cell::Error(_) => {
                let shown = self.cell(column).shown();
                self.find(column, Rule::FormulaCell, &shown, None);
                return (None, None);
            }
            Cell::Date(day) => day,
            cell @ (Cell::Text(_) | Cell::Number(_)) => {
                let shown = tidy(&cell.shown());
                // a date that lost its format is a count of days
                if let Cell::Number(n) = cell
                    && (4_000.0..80_000.0).contains(&n)
                {
                    match serial_day(n) {
                        Some(day) => {
                            self.find(
                                column,
                                Rule::DateAsText,
                                &shown,
                                Some(day.format("%d.%m.%Y").to_string()),
                            );
                            return self.judge_birth(day);
                        }
                        None => return (None, None),
                    }
                }
                match date::read(&shown, today) {
                    DayRead::Day(day) => {
                        if matches!(cell, Cell::Text(_)) {
                            self.find(
                                column,
                                Rule::DateAsText,
                                &shown,
                                Some(day.format("%d.%m.%Y").to_string()),
                            );
                        }
                        day
                    }
                    DayRead::Year(year) => {
                        self.find(column, Rule::BirthDayUnknown, &shown, None);
                        if year > today.year() || year < today.year() - 120 {
                            self.find(column, Rule::BirthImpossible, &shown, None);
                        }
                        return (None, Some(year));
                    }
                    DayRead::NoSuchDay | DayRead::NotADate if shown.is_empty() => return (None, None),
                    DayRead::NoSuchDay | DayRead::NotADate => {
                        self.find(column, Rule::NoSuchDate, &shown, None);
                        return (None, None);
                    }
                }
            }
        };
        self.judge_birth(day)
    }

    fn judge_birth(&mut self, day: NaiveDate) -> (Option<NaiveDate>, Option<i32>) {
        let shown = day.format("%d.%m.%Y").to_string();
        let today = self.rules.today;
        let age = date::age(day, today);
        if day > today || age > 120 {
            self.find(Column::BirthDate, Rule::BirthImpossible, &shown, None);
        } else if age < i32::try_from(self.rules.minimum_age).unwrap_or(0) {
            self.find(Column::BirthDate, Rule::UnderAge, &shown, None);
        }
        (Some(day), Some(day.year()))
    }

    fn street_and_number(&mut self) -> (String, String) {
        let mut street = self.name(Column::Street).unwrap_or_default();
        let street_blocked = self.has_formula(Column::Street);
        let mut number = self.house_number();
        if number.is_empty() && !self.has_formula(Column::HouseNumber) && !street.is_empty() {
            match split_house_number(&street) {
                Some((name, split)) => {
                    self.find(
                        Column::HouseNumber,
                        Rule::HouseNumberInStreet,
                        &street,
                        Some(format!("{name} | {split}")),
                    );
                    street = name;
                    number = split;
                }
                None => self.find(Column::HouseNumber, Rule::HouseNumberMissing, "", None),
            }
        }
        if street.is_empty() && !street_blocked {
            self.find(Column::Street, Rule::StreetMissing, "", None);
        }
        let suffix = tidy(&self.cell(Column::HouseSuffix).shown());
        if !suffix.is_empty() && !number.is_empty() && !self.has_formula(Column::HouseSuffix) {
            number = format!("{number} {suffix}");
        }
        (street, number)
    }

    fn house_number(&mut self) -> String {
        let column = Column::HouseNumber;
        match self.cell(column).clone() {
            // "3-5" was typed; the German spreadsheet made 3 May of it
            Cell::Date(day) => {
                let fixed = format!("{}-{}", day.day(), day.month());
                self.find(
                    column,
                    Rule::HouseNumberAsDate,
                    &day.format("%d.%m.%Y").to_string(),
                    Some(fixed.clone()),
                );
                fixed
            }
            Cell::Text(_) => {
                let text = self.name(column).unwrap_or_default();
                if let DayRead::Day(day) = date::read(&text, self.rules.today)
                    && text.matches(['.', '-']).count() == 2
                {
                    let fixed = format!("{}-{}", day.day(), day.month());
                    self.find(column, Rule::HouseNumberAsDate, &text, Some(fixed.clone()));
                    return fixed;
                }
                text
            }
            _ => self.name(column).unwrap_or_default(),
        }
    }

    fn postcode(&mut self) -> String {
        let column = Column::Postcode;
        let cell = self.cell(column).clone();
        let shown = tidy(&cell.shown());
        if self.has_formula(column) {
            self.find(column, Rule::FormulaCell, &shown, None);
            return String::new();
        }
        if shown.is_empty() {
            self.find(column, Rule::PostcodeMissing, "", None);
            return shown;
        }
        let digits = shown.bytes().all(|b| b.is_ascii_digit());
        // a four-digit text that begins with 0 has lost its end, not its zero
        if digits && shown.len() == 4 && !shown.starts_with('0') {
            let fixed = format!("0{shown}");
            self.find(column, Rule::LeadingZero, &shown, Some(fixed.clone()));
            return fixed;
        }
        if !digits || shown.len() != 5 || shown == "00000" {
            self.find(column, Rule::PostcodeWrong, &shown, None);
        }
        shown
    }

    /// What a block column *says* decides, not that it exists.
    fn check_block_columns(&mut self) {
        let note = tidy(&self.cell(Column::Block).shown());
        let folded = fold(&note);
        let says_no = matches!(
            folded.as_str(),
            "" | "0" | "nein" | "n" | "no" | "keine" | "kein" | "false" | "falsch"
        );
        if !says_no {
            let rule = if folded.contains("52") {
                Rule::Section52
            } else if folded.contains("51")
                || matches!(
                    folded.as_str(),
                    "ja" | "j" | "x" | "1" | "yes" | "true" | "wahr" | "asp" | "auskunftssperre"
                )
            {
                Rule::Section51
            } else {
                Rule::UnknownBlockNote
            };
            self.find(Column::Block, rule, &note, None);
        }
        for (column, rule) in [
            (Column::Deceased, Rule::Deceased),
            (Column::MovedAway, Rule::MovedAway),
        ] {
            let text = tidy(&self.cell(column).shown());
            let folded = fold(&text);
            if !matches!(folded.as_str(), "" | "0" | "nein" | "n" | "no" | "00 00 0000") {
                let future =
                    matches!(date::read(&text, self.rules.today), DayRead::Day(d) if d > self.rules.today);
                if !future {
                    self.find(column, rule, &text, None);
                }
            }
        }
        let residence = fold(&self.cell(Column::Residence).shown());
        if matches!(
            residence.as_str(),
            "nw" | "n" | "nebenwohnung" | "nebenwohnsitz" | "secondary" | "2"
        ) {
            let shown = self.cell(Column::Residence).shown();
            self.find(Column::Residence, Rule::SecondaryResidence, &shown, None);
        }
    }
}

fn is_formula_text(text: &str) -> bool {
    let text = text.trim_start();
    let mut chars = text.chars();
    match chars.next() {
        Some('=' | '@') => true,
        Some('+') => chars.next().is_some_and(char::is_alphabetic),
        Some('#') => [
            "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#BEZUG!", "#NV", "#WERT!",
        ]
        .contains(&text),
        _ => false,
    }
}

/// Days since 1899-12-30, as spreadsheets count.
fn serial_day(serial: f64) -> Option<NaiveDate> {
    let days = serial.trunc();
    if !(0.0..3_000_000.0).contains(&days) {
        return None;
    }
    // the range check above makes the conversion exact
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "range checked above"
    )]
    let days = days as u64;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(days))
}

/// `?` between letters, or the replacement character: something was lost that nobody can restore.
fn has_lost_character(text: &str) -> bool {
    text.contains('\u{FFFD}') || text.contains('?')
}

/// `MÃ¼ller` → `Müller`, if the whole text makes sense that way.
fn repair_mojibake(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Ä', 'Å', 'á', 'Â', 'Æ']) || text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(windows_1252_byte).collect::<Option<_>>()?;
    let fixed = String::from_utf8(bytes).ok()?;
    (fixed.chars().count() < text.chars().count()).then_some(fixed)
}

fn windows_1252_byte(c: char) -> Option<u8> {
    const HIGH: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8A),
        ('‹', 0x8B),
        ('Œ', 0x8C),
        ('Ž', 0x8E),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9A),
        ('›', 0x9B),
        ('œ', 0x9C),
        ('ž', 0x9E),
        ('Ÿ', 0x9F),
    ];
    HIGH.iter()
        .find(|(h, _)| *h == c)
        .map(|(_, b)| *b)
        .or_else(|| u8::try_from(u32::from(c)).ok())
}

/// "Dr. Scholz" → ("Dr.", "Scholz").
fn split_doctorate(name: &str) -> Option<(String, String)> {
    let mut title: Vec<&str> = Vec::new();
    let mut rest = name;
    while let Some((first, after)) = rest.split_once(' ') {
        let known = matches!(
            fold(first).as_str(),
            "dr" | "prof" | "med" | "dent" | "jur" | "phil" | "ing" | "rer" | "nat" | "h" | "c" | "hc"
        );
        let looks = first.ends_with('.') || matches!(first, "Dr" | "Prof");
        if !(known && looks) {
            break;
        }
        title.push(first);
        rest = after.trim_start();
    }
    (!title.is_empty() && !rest.is_empty()).then(|| (title.join(" "), rest.to_owned()))
}

/// "Ringstraße 12 a" → ("Ringstraße", "12 a").
fn split_house_number(street: &str) -> Option<(String, String)> {
    let start = street
        .char_indices()
        .filter(|(i, c)| c.is_ascii_digit() && *i > 0 && street[..*i].ends_with([' ', '.']))
        .map(|(i, _)| i)
        .next_back_group(street)?;
    let (name, number) = street.split_at(start);
    let name = name.trim().trim_end_matches(',').to_owned();
    let number = number.trim().to_owned();
    let fine = number.chars().count() <= 12
        && number
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | '+' | '–' | ','))
        && name.chars().any(char::is_alphabetic);
    fine.then_some((name, number))
}

/// Where the last run of number-like words of a street begins.
trait LastNumber: Iterator<Item = usize> + Sized {
    /// The earliest start from which everything to the end looks like a house number.
    fn next_back_group(self, street: &str) -> Option<usize> {
        self.filter(|i| {
            street[*i..].split(' ').all(|word| {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                letters <= 1
            })
        })
        .min()
    }
}

impl<I: Iterator<Item = usize>> LastNumber for I {}

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
    fn streets_with_numbers_in_their_name_stay_whole() {
        assert_eq!(split_house_number("Straße des 17. Juni"), None);
        assert_eq!(
            split_house_number("Platz der 3 Linden 5"),
            Some(("Platz der 3 Linden".into(), "5".into()))
        );
        assert_eq!(
            split_house_number("Ringstr.12"),
            Some(("Ringstr.".into(), "12".into()))
        );
        assert_eq!(
            split_house_number("Hauptstraße 3 - 5"),
            Some(("Hauptstraße".into(), "3 - 5".into()))
        );
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
