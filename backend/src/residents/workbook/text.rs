//! Text files: UTF-8 or UTF-16 with or without mark, else Windows-1252; separated by `;`, `,` or tab.

use super::{ListRefusal, MAX_COLUMNS, shortened};
use domain::residents::sheet::Cell;
use std::{borrow::Cow, ops::ControlFlow};

/// A text file.
pub(super) struct Text<'a> {
    text: Cow<'a, str>,
}

impl<'a> Text<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ListRefusal> {
        let (text, _) = match encoding_rs::Encoding::for_bom(bytes) {
            Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]),
            None if std::str::from_utf8(bytes).is_ok() => {
                encoding_rs::UTF_8.decode_without_bom_handling(bytes)
            }
            // every second byte zero: UTF-16 without mark
            None if bytes.len() >= 4 && bytes[1] == 0 && bytes[3] == 0 => {
                encoding_rs::UTF_16LE.decode_without_bom_handling(bytes)
            }
            None => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes),
        };
        // PDF, pictures, programs: not text
        let control = text
            .chars()
            .take(4_000)
            .filter(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t'))
            .count();
        if control > 0
            || text.starts_with("%PDF")
            || text.starts_with("{\\rtf")
            || text.trim_start().starts_with('<')
        {
            return Err(ListRefusal::UnknownFormat);
        }
        if text.trim().is_empty() {
            return Err(ListRefusal::Empty);
        }
        Ok(Self { text })
    }

    /// The records with the row in which they begin, as a spreadsheet counts.
    pub(super) fn rows(
        &self,
        each: &mut dyn FnMut(u32, Vec<Cell>) -> Result<ControlFlow<()>, ListRefusal>,
    ) -> Result<(), ListRefusal> {
        let text: &str = &self.text;
        let mut numbers = RowNumbers::new(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(best_separator(text))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|_| ListRefusal::Broken)? {
            let number = numbers.next().unwrap_or(u32::MAX);
            let cells = record
                .iter()
                .take(MAX_COLUMNS)
                .map(|text| match text {
                    "" => Cell::Empty,
                    text => Cell::Text(shortened(text)),
                })
                .collect();
            if each(number, cells)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The rows of the records, as a spreadsheet counts: empty lines count, lines inside a quoted cell do not. (The reader
/// skips empty lines and counts every line end.)
struct RowNumbers<'a> {
    bytes: std::slice::Iter<'a, u8>,
    row: u32,
}

impl<'a> RowNumbers<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes().iter(),
            row: 1,
        }
    }
}

impl Iterator for RowNumbers<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (mut quoted, mut filled) = (false, false);
        for byte in self.bytes.by_ref() {
            match byte {
                b'\n' if !quoted => {
                    self.row += 1;
                    if filled {
                        return Some(self.row - 1);
                    }
                }
                b'\r' => {}
                _ => {
                    quoted ^= *byte == b'"';
                    filled = true;
                }
            }
        }
        filled.then_some(self.row)
    }
}

fn best_separator(text: &str) -> u8 {
    let lines: Vec<&str> = text.lines().take(30).collect();
    let count = |separator: char| {
        lines
            .iter()
            .map(|l| l.matches(separator).count())
            .max()
            .unwrap_or(0)
    };
    // a comma stands in addresses too; a semicolon or a tab hardly ever does
    if count(';') >= 2 {
        b';'
    } else if count('\t') >= 2 {
        b'\t'
    } else {
        b','
    }
}
