//! Residents and resident lists: columns, rows, findings.

pub mod check;
pub mod column;
pub mod date;
pub mod finding;
pub mod likeness;
pub mod notes;
mod repair;
mod row;
pub mod sheet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One person as the list gives it, repaired and checked. Nothing here is needed for anything but the letter, the
/// recognition of the person in the next list, and the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ResidentData {
    /// The register's own number, where the list has one.
    pub register_number: Option<String>,
    /// Family name.
    pub family_name: String,
    /// All given names.
    pub given_names: String,
    /// The given name in use, where the list marks it.
    pub call_name: Option<String>,
    /// "Dr." and the like.
    pub doctorate: Option<String>,
    /// Date of birth, if day and month are known.
    pub birth_date: Option<NaiveDate>,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Street.
    pub street: String,
    /// House number with suffix, e.g. "94 b".
    pub house_number: String,
    /// c/o, flat, building.
    pub address_extra: Option<String>,
    /// Five digits.
    pub postcode: String,
    /// Place.
    pub city: String,
    /// Part of the municipality.
    pub district: Option<String>,
}

impl ResidentData {
    /// The given name people use: the call name, else the first one.
    pub fn usual_name(&self) -> &str {
        self.call_name
            .as_deref()
            .unwrap_or_else(|| self.given_names.split_whitespace().next().unwrap_or(""))
    }

    /// "Dr. Erika Mustermann": as letters address the person.
    pub fn display_name(&self) -> String {
        [
            self.doctorate.as_deref().unwrap_or(""),
            self.usual_name(),
            &self.family_name,
        ]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
    }

    /// "Ringstraße 109".
    pub fn street_line(&self) -> String {
        format!("{} {}", self.street, self.house_number).trim().to_owned()
    }

    /// The lines below the name on a letter.
    pub fn address_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .address_extra
            .iter()
            .filter(|e| !e.is_empty())
            .cloned()
            .collect();
        lines.push(self.street_line());
        lines.push(format!("{} {}", self.postcode, self.city));
        lines
    }

    /// The text under which the person is found.
    pub fn search_text(&self) -> String {
        [
            &*self.family_name,
            &self.given_names,
            &self.street,
            &self.house_number,
            &self.postcode,
            self.district.as_deref().unwrap_or(""),
        ]
        .join(" ")
    }

    /// What makes two rows of different lists the same person where there is no register number: folded names and
    /// birth, plus the address.
    pub fn identity(&self) -> String {
        let birth = self.birth_date.map_or_else(
            || self.birth_year.map(|y| y.to_string()).unwrap_or_default(),
            |d| d.to_string(),
        );
        format!(
            "{}|{birth}|{}",
            self.name_key(),
            crate::text::fold(&format!(
                "{} {} {}",
                self.street, self.house_number, self.postcode
            ))
        )
    }

    /// Folded family name and all given names.
    pub fn name_key(&self) -> String {
        format!(
            "{}|{}",
            crate::text::fold(&self.family_name),
            crate::text::fold(&self.given_names)
        )
    }

    /// The order in which letters are printed: postcode, street, house number as a number, name.
    pub fn sort_key(&self) -> String {
        let digits: String = self
            .house_number
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        format!(
            "{}|{}|{digits:0>6}|{}|{}",
            self.postcode,
            crate::text::fold(&self.street),
            crate::text::fold(&self.house_number),
            crate::text::fold(&format!("{} {}", self.family_name, self.given_names))
        )
    }
}
