//! A sheet of cells, and its header.

use super::{
    column::{Column, Confidence, Mapping},
    date::{self, DayRead},
};
use crate::text::{fold, tidy};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Characters that somebody may type into a cell.
pub const TYPED: usize = 200;

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
    /// What somebody typed for a column. A date is one only where a date belongs.
    pub fn typed(column: Column, text: &str, today: NaiveDate) -> Cell {
        let text = tidy(text);
        match date::read(&text, today) {
            _ if text.is_empty() => Cell::Empty,
            DayRead::Day(day) if column == Column::BirthDate => Cell::Date(day),
            _ => Cell::Text(text.chars().take(TYPED).collect()),
        }
    }

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

    /// What it says of a register block (§§ 51, 52 BMG), whatever the title of its column: nothing else of it.
    fn remark_of_block(&self) -> Option<&'static str> {
        let Cell::Text(text) = self else { return None };
        // nearly all cells end here
        if !(text.contains('§') || text.contains("perr") || text.contains("PERR")) {
            return None;
        }
        let folded = fold(text);
        let section = |n: &str| text.contains('§') && folded.split(' ').any(|w| w == n);
        if section("52") {
            Some("§ 52")
        } else if section("51") {
            Some("§ 51")
        } else {
            let told = folded.contains("auskunftssperre") || folded.contains("sperrvermerk");
            told.then_some("Auskunftssperre: siehe Bemerkung")
        }
    }

    /// Like [`Cell::shown`], without a copy of a text.
    pub(super) fn shown_cow(&self) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.shown()),
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

/// Does a block column say that there is no block? `note` is folded.
pub(super) fn says_no(note: &str) -> bool {
    matches!(
        note,
        "" | "0" | "nein" | "n" | "no" | "keine" | "kein" | "false" | "falsch"
    )
}

/// One row of a sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RawRow {
    /// As the spreadsheet counts: 1 is the first.
    pub number: u32,
    /// From the first column on.
    pub cells: Vec<Cell>,
    /// The sheet hides the row, or a filter does.
    pub hidden: bool,
    /// A merged cell reaches over this row and another one.
    pub merged: bool,
}

impl RawRow {
    /// What the row says of a register block: the first column for it that says something, else a remark in any column
    /// of text. People at risk must not depend on a title that nobody knows.
    pub fn block_note(&self, mapping: &Mapping) -> Cell {
        let meaning = |i: usize| mapping.0.get(i).copied().flatten();
        let notes = || {
            let cells = self.cells.iter().enumerate();
            cells
                .filter(|(i, _)| meaning(*i) == Some(Column::Block))
                .map(|(_, c)| c)
        };
        if let Some(note) = notes().find(|c| !c.is_blank() && !says_no(&fold(&c.shown_cow()))) {
            return note.clone();
        }
        match self.cells.iter().find_map(Cell::remark_of_block) {
            Some(remark) => Cell::Text(remark.to_owned()),
            None => notes().next().cloned().unwrap_or(Cell::Empty),
        }
    }

    /// A plain row.
    pub fn new(number: u32, cells: Vec<Cell>) -> Self {
        Self {
            number,
            cells,
            hidden: false,
            merged: false,
        }
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Row as the spreadsheet counts.
    pub row: u32,
    /// Headers as written.
    pub titles: Vec<String>,
    /// What they seem to mean.
    pub guess: Mapping,
    /// Why, for each column.
    pub confidence: Vec<Option<Confidence>>,
    /// Columns whose cells do not look like what their title says: shifted?
    pub doubts: Vec<usize>,
}

/// Rows that are searched for the header.
pub const HEADER_ROWS: usize = 40;

/// Finds the header among the first rows: the row with most known titles, if there are at least three. Columns whose
/// title says nothing are then judged by the cells below it.
pub fn find_header(table: &RawTable, today: NaiveDate) -> Option<Header> {
    let mut header = table
        .rows
        .iter()
        .take(HEADER_ROWS)
        .map(|row| {
            let titles: Vec<String> = row.cells.iter().map(|c| tidy(&c.shown())).collect();
            let (guess, confidence) = Mapping::guess(titles.iter().map(String::as_str));
            Header {
                row: row.number,
                titles,
                guess,
                confidence,
                doubts: Vec::new(),
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
        .filter(|h| h.guess.known() >= 3)?;
    header.judge_cells(table, today);
    Some(header)
}

/// What looks alone may tell.
const BY_CONTENT: [Column; 4] = [
    Column::BirthDate,
    Column::Postcode,
    Column::Street,
    Column::HouseNumber,
];

impl Header {
    fn judge_cells(&mut self, table: &RawTable, today: NaiveDate) {
        let below: Vec<&RawRow> = table
            .rows
            .iter()
            .filter(|r| r.number > self.row)
            .take(200)
            .collect();
        let width = below.iter().map(|r| r.cells.len()).max().unwrap_or(0);
        let width = width.max(self.titles.len());
        self.titles.resize(width, String::new());
        self.guess.0.resize(width, None);
        self.confidence.resize(width, None);
        let cells = |i: usize| -> Vec<Cell> {
            below
                .iter()
                .map(|r| r.cells.get(i).cloned().unwrap_or(Cell::Empty))
                .collect()
        };
        for i in 0..width {
            match self.guess.0[i] {
                Some(column) if column.looks(&cells(i), today).is_some_and(|share| share < 0.3) => {
                    self.doubts.push(i);
                }
                Some(_) => {}
                // a title that says something else is believed
                None if self.titles[i].is_empty() => {
                    let cells = cells(i);
                    self.guess.0[i] = BY_CONTENT.into_iter().find(|c| {
                        self.guess.place(*c).is_none()
                            && c.looks(&cells, today).is_some_and(|share| share >= 0.9)
                    });
                    self.confidence[i] = self.guess.0[i].map(|_| Confidence::ByContent);
                }
                None => {}
            }
        }
    }
}
