//! From a file to cells: Excel, OpenDocument, text. The only file that knows calamine and csv.

use calamine::{Data, Reader, Sheets, open_workbook_auto_from_rs};
use domain::residents::sheet::{Cell, RawRow, RawTable};
use serde::{Deserialize, Serialize};
use std::io::Cursor;

/// Largest upload, in bytes.
pub const MAX_BYTES: usize = 60_000_000;
/// Most rows of one sheet (Excel's own limit).
const MAX_ROWS: usize = 1_048_576;
/// Most columns that are read.
const MAX_COLUMNS: usize = 200;
/// Most bytes that a zipped workbook may unpack to. A million residents with 16 columns need about 800 MB.
const MAX_UNPACKED: u64 = 1_200_000_000;
/// Most files in a zipped workbook.
const MAX_ENTRIES: usize = 5_000;

/// Why a file cannot be read. Each has a sentence in `locales/` under `list-<key>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListRefusal {
    /// Nothing in it.
    Empty,
    /// Larger than [`MAX_BYTES`].
    TooLarge,
    /// Not a workbook and not text.
    UnknownFormat,
    /// A workbook with a password.
    Password,
    /// A broken file.
    Broken,
    /// Unpacks to an unreasonable size, or has an unreasonable number of parts, rows or columns.
    Bomb,
    /// No header row with at least three known titles in the first rows.
    NoHeader,
    /// The draft is gone: applied, discarded, or too old.
    Gone,
    /// Somebody else changed the draft in between.
    Stale,
    /// A required column is not assigned.
    MissingColumn,
    /// The same meaning was given to two columns.
    DoubleColumn,
}

impl ListRefusal {
    /// The key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            ListRefusal::Empty => "list-empty",
            ListRefusal::TooLarge => "list-too-large",
            ListRefusal::UnknownFormat => "list-unknown-format",
            ListRefusal::Password => "list-password",
            ListRefusal::Broken => "list-broken",
            ListRefusal::Bomb => "list-bomb",
            ListRefusal::NoHeader => "list-no-header",
            ListRefusal::Gone => "list-gone",
            ListRefusal::Stale => "list-stale",
            ListRefusal::MissingColumn => "list-missing-column",
            ListRefusal::DoubleColumn => "list-double-column",
        }
    }
}

/// All sheets of a file. Slow for large files: call it on the blocking pool.
pub fn read(bytes: &[u8]) -> Result<Vec<RawTable>, ListRefusal> {
    if bytes.is_empty() {
        return Err(ListRefusal::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(ListRefusal::TooLarge);
    }
    // the content decides, not the ending of the name
    if bytes.starts_with(b"PK\x03\x04") {
        check_zip(bytes)?;
        read_workbook(bytes)
    } else if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        // a workbook with a password is such a container with an encrypted package in it
        if contains(bytes, &utf16("EncryptedPackage")) {
            return Err(ListRefusal::Password);
        }
        read_workbook(bytes)
    } else {
        read_text(bytes).map(|table| vec![table])
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

/// Looks at the table of contents before anything is unpacked, then unpacks once and counts what really comes out:
/// sizes in the table can lie.
fn check_zip(bytes: &[u8]) -> Result<(), ListRefusal> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| ListRefusal::Broken)?;
    if archive.len() > MAX_ENTRIES {
        return Err(ListRefusal::Bomb);
    }
    let mut total = 0;
    for i in 0..archive.len() {
        let entry = archive.by_index_raw(i).map_err(|_| ListRefusal::Broken)?;
        if entry.encrypted() {
            return Err(ListRefusal::Password);
        }
        total += entry.size();
        // text of a spreadsheet packs about 10:1, rarely above 100:1
        let ratio_off = entry.size() > 50_000_000 && entry.size() > 400 * entry.compressed_size().max(1);
        if total > MAX_UNPACKED || ratio_off {
            return Err(ListRefusal::Bomb);
        }
    }
    let mut unpacked = 0;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|_| ListRefusal::Broken)?;
        let allowed = entry.size().saturating_add(1);
        let mut limited = std::io::Read::take(entry, allowed);
        let copied = std::io::copy(&mut limited, &mut std::io::sink()).map_err(|_| ListRefusal::Broken)?;
        unpacked += copied;
        if copied == allowed || unpacked > MAX_UNPACKED {
            return Err(ListRefusal::Bomb);
        }
    }
    Ok(())
}

fn read_workbook(bytes: &[u8]) -> Result<Vec<RawTable>, ListRefusal> {
    let mut workbook: Sheets<Cursor<&[u8]>> =
        open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|error| {
            if matches!(
                &error,
                calamine::Error::Xlsx(calamine::XlsxError::Password)
                    | calamine::Error::Ods(calamine::OdsError::Password)
                    | calamine::Error::Xls(calamine::XlsError::Password)
            ) {
                ListRefusal::Password
            } else if bytes.starts_with(b"PK") {
                ListRefusal::UnknownFormat
            } else {
                ListRefusal::Broken
            }
        })?;
    let mut tables = Vec::new();
    for name in workbook.sheet_names() {
        check_bounds(&mut workbook, &name)?;
        let values = workbook.worksheet_range(&name).map_err(|_| ListRefusal::Broken)?;
        let formulas = workbook.worksheet_formula(&name).ok();
        let Some((top, left)) = values.start() else {
            continue;
        };
        let (height, width) = values.get_size();
        if height > MAX_ROWS || width > MAX_COLUMNS * 80 {
            return Err(ListRefusal::Bomb);
        }
        let offset = usize::try_from(left).unwrap_or(0);
        let mut rows = Vec::with_capacity(height);
        for (i, row) in values.rows().enumerate() {
            let number = top.saturating_add(u32::try_from(i).unwrap_or(u32::MAX));
            let mut cells = vec![Cell::Empty; offset.min(MAX_COLUMNS)];
            for (j, value) in row.iter().take(MAX_COLUMNS.saturating_sub(offset)).enumerate() {
                let column = left.saturating_add(u32::try_from(j).unwrap_or(u32::MAX));
                let formula = formulas
                    .as_ref()
                    .and_then(|f| f.get_value((number, column)))
                    .is_some_and(|f| !f.is_empty());
                cells.push(if formula { Cell::Formula } else { cell(value) });
            }
            while cells.last() == Some(&Cell::Empty) {
                cells.pop();
            }
            if !cells.is_empty() {
                rows.push(RawRow {
                    number: number.saturating_add(1),
                    cells,
                });
            }
        }
        tables.push(RawTable { name, rows });
    }
    if tables.iter().all(|t| t.rows.is_empty()) {
        return Err(ListRefusal::Empty);
    }
    Ok(tables)
}

/// Most cells of the rectangle that a sheet spans: reading it takes memory for all of them, empty or not.
const MAX_AREA: u64 = 60_000_000;

/// One stray cell in the last row and column makes a rectangle of 17 thousand million cells: looked at before it is
/// built, by walking the cells that really exist.
fn check_bounds(workbook: &mut Sheets<Cursor<&[u8]>>, name: &str) -> Result<(), ListRefusal> {
    let (mut rows, mut columns) = ((u32::MAX, 0), (u32::MAX, 0));
    let mut seen = |(row, column): (u32, u32)| {
        rows = (rows.0.min(row), rows.1.max(row));
        columns = (columns.0.min(column), columns.1.max(column));
    };
    match workbook {
        Sheets::Xlsx(book) => {
            let mut cells = book
                .worksheet_cells_reader(name)
                .map_err(|_| ListRefusal::Broken)?;
            while let Some(cell) = cells.next_cell().map_err(|_| ListRefusal::Broken)? {
                seen(cell.get_position());
            }
        }
        Sheets::Xlsb(book) => {
            let mut cells = book
                .worksheet_cells_reader(name)
                .map_err(|_| ListRefusal::Broken)?;
            while let Some(cell) = cells.next_cell().map_err(|_| ListRefusal::Broken)? {
                seen(cell.get_position());
            }
        }
        // the old format ends at 65,536 × 256; OpenDocument is read as a whole when it is opened
        Sheets::Xls(_) | Sheets::Ods(_) => return Ok(()),
    }
    let span = |(from, to): (u32, u32)| u64::from(to.saturating_sub(from)) + 1;
    if rows.0 != u32::MAX && span(rows) * span(columns) > MAX_AREA {
        Err(ListRefusal::Bomb)
    } else {
        Ok(())
    }
}

fn cell(value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) if text.is_empty() => Cell::Empty,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Float(n) => Cell::Number(*n),
        // register numbers and postcodes are far below 2^53
        #[expect(clippy::cast_precision_loss, reason = "shown as the same digits")]
        Data::Int(n) => Cell::Number(*n as f64),
        Data::Bool(b) => Cell::Text(if *b { "ja" } else { "nein" }.to_owned()),
        Data::DateTime(date) => match date.as_datetime() {
            Some(at) => Cell::Date(at.date()),
            None => Cell::Number(date.as_f64()),
        },
        Data::DateTimeIso(text) => {
            match chrono::NaiveDate::parse_from_str(text.get(..10).unwrap_or(text), "%Y-%m-%d") {
                Ok(day) => Cell::Date(day),
                Err(_) => Cell::Text(text.clone()),
            }
        }
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

/// UTF-8 or UTF-16 with or without mark, else Windows-1252; separated by `;`, `,` or tab.
fn read_text(bytes: &[u8]) -> Result<RawTable, ListRefusal> {
    let (text, _) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]),
        None if std::str::from_utf8(bytes).is_ok() => encoding_rs::UTF_8.decode_without_bom_handling(bytes),
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
    let separator = best_separator(&text);
    let mut numbers = row_numbers(&text).into_iter();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return Err(ListRefusal::Broken),
        }
        if rows.len() >= MAX_ROWS {
            return Err(ListRefusal::Bomb);
        }
        let number = numbers.next().unwrap_or(u32::MAX);
        let cells: Vec<Cell> = record
            .iter()
            .take(MAX_COLUMNS)
            .map(|text| {
                if text.is_empty() {
                    Cell::Empty
                } else {
                    Cell::Text(text.to_owned())
                }
            })
            .collect();
        if cells.iter().any(|c| *c != Cell::Empty) {
            rows.push(RawRow { number, cells });
        }
    }
    if rows.is_empty() {
        return Err(ListRefusal::Empty);
    }
    Ok(RawTable {
        name: String::new(),
        rows,
    })
}

/// The rows of the records, as a spreadsheet counts: empty lines count, lines inside a quoted cell do not. (The reader
/// skips empty lines and counts every line end.)
fn row_numbers(text: &str) -> Vec<u32> {
    let (mut numbers, mut row, mut quoted, mut filled) = (Vec::new(), 1, false, false);
    for byte in text.bytes() {
        match byte {
            b'\n' if !quoted => {
                if filled {
                    numbers.push(row);
                }
                row += 1;
                filled = false;
            }
            b'\r' => {}
            _ => {
                quoted ^= byte == b'"';
                filled = true;
            }
        }
    }
    if filled {
        numbers.push(row);
    }
    numbers
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

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(table: &RawTable) -> Vec<Vec<String>> {
        table
            .rows
            .iter()
            .map(|r| r.cells.iter().map(Cell::shown).collect())
            .collect()
    }

    #[test]
    fn text_in_every_encoding() {
        let text = "Name;Vorname;Straße\nMüller;Łucja;Übergasse\n";
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let bom: Vec<u8> = [0xEF, 0xBB, 0xBF].into_iter().chain(text.bytes()).collect();
        for bytes in [text.as_bytes().to_vec(), utf16, bom] {
            let tables = read(&bytes).unwrap();
            assert_eq!(texts(&tables[0])[1], ["Müller", "Łucja", "Übergasse"]);
            assert_eq!(tables[0].rows[1].number, 2);
        }
        let windows = b"Name;Vorname;Stra\xDFe\nM\xFCller;Anna;Weg\n";
        assert_eq!(texts(&read(windows).unwrap()[0])[1][0], "Müller");
        assert_eq!(texts(&read(b"a,b,c\n\"1,5\",2,3\n").unwrap()[0])[1][0], "1,5");
        let lines = read(b"a;b;c\r\n\"1\r\n2\";2;3\r\n\r\n4;5;6\r\n").unwrap();
        let numbers: Vec<u32> = lines[0].rows.iter().map(|r| r.number).collect();
        assert_eq!(numbers, [1, 2, 4]);
    }

    #[test]
    fn wrong_files_are_named() {
        assert_eq!(read(b""), Err(ListRefusal::Empty));
        assert_eq!(read(b"%PDF-1.7 ..."), Err(ListRefusal::UnknownFormat));
        assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0\0"), Err(ListRefusal::UnknownFormat));
        assert_eq!(read(b"PK\x03\x04 broken"), Err(ListRefusal::Broken));
        assert_eq!(read(b"<html><table>"), Err(ListRefusal::UnknownFormat));
        assert_eq!(read(b"\xD0\xCF\x11\xE0 broken"), Err(ListRefusal::Broken));
    }

    #[test]
    fn a_zip_bomb_is_stopped_before_it_is_unpacked() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
        let zeros = vec![0u8; 1_000_000];
        for _ in 0..120 {
            std::io::Write::write_all(&mut zip, &zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1_000_000);
        assert_eq!(read(&bytes), Err(ListRefusal::Bomb));
    }
}
