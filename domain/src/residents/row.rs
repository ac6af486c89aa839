//! One row: each field read, repaired where that is safe, and judged.

use super::{
    ResidentData,
    check::Rules,
    column::{Column, Mapping},
    date::{self, DayRead},
    finding::{Finding, Rule},
    repair::{
        has_lost_character, is_formula_text, repair_mojibake, serial_day, split_doctorate, split_house_number,
    },
    sheet::{Cell, RawRow, says_no},
};
use crate::{
    din_91379,
    text::{fold, tidy},
};
use chrono::{Datelike, NaiveDate};

/// Reads one row.
pub(super) struct RowReader<'a> {
    pub(super) raw: &'a RawRow,
    pub(super) mapping: &'a Mapping,
    pub(super) rules: Rules,
    pub(super) findings: Vec<Finding>,
}

/// Longest line of an address that fits 80 mm at 10.5 pt, in characters; the letter measures exactly.
const ADDRESS_CHARS: usize = 45;

impl RowReader<'_> {
    fn find_row(&mut self, rule: Rule) {
        self.findings.push(Finding {
            row: self.raw.number,
            column: None,
            rule,
            was: String::new(),
            becomes: None,
        });
    }

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

    /// Data as far as it can be used; what is wrong goes to `findings`.
    pub(super) fn read(&mut self) -> ResidentData {
        if self.raw.hidden {
            self.find_row(Rule::HiddenRow);
        }
        if self.raw.merged {
            self.find_row(Rule::MergedCell);
        }
        self.check_block_columns();
        let (family_name, title) = self.family_name();
        let mut given_names = self.name(Column::GivenNames).unwrap_or_default();
        self.judge_name(Column::GivenNames, &given_names);
        let mut family_name = family_name;
        if given_names.is_empty()
            && let Some((family, given)) = family_name.split_once(',').filter(|(a, b)| {
                !a.trim().is_empty() && b.chars().any(char::is_alphabetic) && !b.contains(',')
            })
        {
            let (family, given) = (family.trim().to_owned(), given.trim().to_owned());
            let becomes = Some(format!("{family} | {given}"));
            self.find(Column::FamilyName, Rule::NamesInOneField, &family_name, becomes);
            (family_name, given_names) = (family, given);
        }
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
            || matches!(self.cell(column), Cell::Text(text) if is_formula_text(text))
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
        if tidied != text && !tidied.is_empty() {
            let composed: String = unicode_normalization::UnicodeNormalization::nfc(text.as_str()).collect();
            if composed != text {
                self.find(column, Rule::Decomposed, &text, Some(tidied.clone()));
            }
            if composed != tidied {
                self.find(column, Rule::StrayBlanks, &text, Some(tidied.clone()));
            }
        }
        if !tidied.is_ascii() && !tidied.contains('\u{FFFD}') && !din_91379::covers(&tidied) {
            self.find(column, Rule::OutsideNorm, &tidied, None);
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
        self.judge_name(Column::FamilyName, &name);
        let letters: Vec<char> = name.chars().filter(|c| c.is_alphabetic()).collect();
        if letters.len() >= 3
            && letters.iter().all(|c| !c.is_lowercase())
            && letters.iter().any(|c| c.is_uppercase())
        {
            self.find(Column::FamilyName, Rule::AllCapitals, &name, None);
        }
        (name, title)
    }

    /// What no name has.
    fn judge_name(&mut self, column: Column, name: &str) {
        if name.chars().any(|c| c.is_ascii_digit()) {
            self.find(column, Rule::DigitInName, name, None);
        }
        let placeholder = !name.is_empty()
            && (!name.chars().any(char::is_alphabetic)
                || matches!(
                    fold(name).as_str(),
                    "n n" | "nn" | "unbekannt" | "ohne" | "unknown" | "xxx" | "test"
                ));
        if placeholder && !name.contains('?') && !name.contains('\u{FFFD}') {
            self.find(column, Rule::PlaceholderName, name, None);
        }
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
                        // in a text file every date is text
                        if matches!(cell, Cell::Text(_)) && !(self.rules.plain_text && date::is_plain(&shown))
                        {
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
        let note = tidy(&self.raw.block_note(self.mapping).shown());
        let folded = fold(&note);
        if !says_no(&folded) {
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
