//! What makes two rows alike: by what they are compared, and when they mean the same person.

use super::{
    ResidentData,
    column::{Column, Mapping},
    sheet::{Cell, RawRow},
};
use crate::text::{distance, fold};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What recognises a person among other rows, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// Family name.
    pub family: Box<str>,
    /// All given names.
    pub given: Box<str>,
    /// Street, number and postcode.
    pub address: u64,
}

/// By what rows are compared: rows that share none of these say nothing about each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// All cells but the running number.
    pub cells: u128,
    /// The register's own number.
    pub number: Option<String>,
    /// Birth, and the first letter of the family name.
    pub birth: Option<(NaiveDate, char)>,
    /// Address; `None` if it is incomplete.
    pub address: Option<u64>,
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// All cells but the running number, as 128 bits: no two different rows of any list share them by chance.
fn cells_key(raw: &RawRow, mapping: &Mapping) -> u128 {
    let skip = mapping.place(Column::RunningNumber);
    let (mut a, mut b) = (DefaultHasher::new(), DefaultHasher::new());
    1u8.hash(&mut b);
    let last = raw.cells.iter().rposition(|c| !matches!(c, Cell::Empty));
    for (i, cell) in raw.cells.iter().enumerate().take(last.map_or(0, |l| l + 1)) {
        if Some(i) != skip {
            let shown = cell.shown_cow();
            shown.hash(&mut a);
            shown.hash(&mut b);
        }
    }
    u128::from(a.finish()) << 64 | u128::from(b.finish())
}

impl Keys {
    /// Of a row and what was read from it.
    pub fn of(raw: &RawRow, mapping: &Mapping, data: &ResidentData) -> (Self, Traits) {
        let traits = Traits {
            family: fold(&data.family_name).into(),
            given: fold(&data.given_names).into(),
            address: hash_of((&data.street, &data.house_number, &data.postcode)),
        };
        let complete = !data.street.is_empty() && !data.house_number.is_empty();
        let keys = Self {
            cells: cells_key(raw, mapping),
            number: data.register_number.clone(),
            birth: data.birth_date.zip(traits.family.chars().next()),
            address: complete.then_some(traits.address),
        };
        (keys, traits)
    }
}

impl Traits {
    /// Probably the same person, given the same birth: names that differ by no more than a spelling.
    pub fn alike(&self, other: &Traits) -> bool {
        let first = |names: &'_ str| names.find(' ').unwrap_or(names.len());
        let same_first = self.given[..first(&self.given)] == other.given[..first(&other.given)];
        // the cheap questions first: this is asked for every pair with the same birth
        let near = self.family.len().abs_diff(other.family.len()) <= 2;
        near && (same_first || distance(&self.given, &other.given, 1).is_some())
            && (self.family == other.family
                || distance(&self.family, &other.family, 2)
                    .is_some_and(|d| d <= 1 || self.address == other.address))
    }
}
