//! From a file to rows of cells, one after the other: Excel, OpenDocument, text. The only folder that knows calamine
//! and csv.

mod container;
mod text;
mod zipped;

use calamine::{Data, DataRef, Reader, SheetVisible, Sheets, open_workbook_auto_from_rs};
use chrono::NaiveDate;
use domain::residents::sheet::{Cell, RawRow, RawTable};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::HashMap, io::Cursor, ops::ControlFlow};

/// Largest upload, in bytes.
pub const MAX_BYTES: usize = 200_000_000;
/// Most rows of one sheet (Excel's own limit).
const MAX_ROWS: usize = 1_048_576;
/// Most columns that are read.
const MAX_COLUMNS: usize = 200;
/// Most bytes that a zipped workbook may unpack to. A million residents with 16 columns need about 800 MB.
const MAX_UNPACKED: u64 = 1_200_000_000;
/// Characters of a cell that are read; a name that is longer is none.
const MAX_CHARACTERS: usize = 1_000;

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
    /// The list is being read or applied.
    Busy,
    /// A required column is not assigned.
    MissingColumn,
    /// The same meaning was given to two columns.
    DoubleColumn,
    /// The list was read before it could be cancelled.
    TooLate,
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
            ListRefusal::Busy => "list-busy",
            ListRefusal::MissingColumn => "list-missing-column",
            ListRefusal::DoubleColumn => "list-double-column",
            ListRefusal::TooLate => "list-too-late",
        }
    }
}

/// A sheet of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// Its name; empty for a text file.
    pub name: String,
    /// The workbook hides it.
    pub hidden: bool,
    /// Columns that it hides, from 0.
    pub hidden_columns: Vec<usize>,
    /// A filter is set on it.
    pub filtered: bool,
}

/// An opened file.
pub struct Book<'a> {
    source: Source<'a>,
    sheets: Vec<SheetInfo>,
    notes: HashMap<String, zipped::Notes>,
    made: Option<NaiveDate>,
}

enum Source<'a> {
    Workbook(Box<Sheets<Cursor<Cow<'a, [u8]>>>>),
    Text(text::Text<'a>),
}

impl<'a> Book<'a> {
    /// Opens a file. The content decides what it is, not the ending of its name. Slow for large files: call it on the
    /// blocking pool.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ListRefusal> {
        if bytes.is_empty() {
            return Err(ListRefusal::Empty);
        }
        if bytes.len() > MAX_BYTES {
            return Err(ListRefusal::TooLarge);
        }
        if bytes.starts_with(b"PK\x03\x04") {
            let inspected = zipped::inspect(bytes)?;
            let mut book = Self::workbook(Cow::Borrowed(bytes), inspected.notes)?;
            book.made = inspected.modified;
            Ok(book)
        } else if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            // a workbook with a password is such a container with an encrypted package in it
            if memchr::memmem::find(bytes, &utf16("EncryptedPackage")).is_some() {
                return Err(ListRefusal::Password);
            }
            Self::workbook(Cow::Owned(container::renew(bytes)?), HashMap::new())
        } else {
            Ok(Self {
                source: Source::Text(text::Text::open(bytes)?),
                sheets: vec![SheetInfo::default()],
                notes: HashMap::new(),
                made: None,
            })
        }
    }

    fn workbook(bytes: Cow<'a, [u8]>, notes: HashMap<String, zipped::Notes>) -> Result<Self, ListRefusal> {
        let zipped = bytes.starts_with(b"PK");
        let opened = unharmed(|| Ok(open_workbook_auto_from_rs(Cursor::new(bytes))))?;
        let workbook = opened.map_err(|error| {
            if matches!(
                &error,
                calamine::Error::Xlsx(calamine::XlsxError::Password)
                    | calamine::Error::Ods(calamine::OdsError::Password)
                    | calamine::Error::Xls(calamine::XlsError::Password)
            ) {
                ListRefusal::Password
            } else if zipped {
                ListRefusal::UnknownFormat
            } else {
                ListRefusal::Broken
            }
        })?;
        let sheets = workbook
            .sheets_metadata()
            .iter()
            .map(|sheet| {
                let note = notes.get(&sheet.name);
                SheetInfo {
                    name: sheet.name.clone(),
                    hidden: sheet.visible != SheetVisible::Visible,
                    hidden_columns: note.map(|n| n.hidden_columns.clone()).unwrap_or_default(),
                    filtered: note.is_some_and(|n| n.filtered),
                }
            })
            .collect();
        Ok(Self {
            source: Source::Workbook(Box::new(workbook)),
            sheets,
            notes,
            made: None,
        })
    }

    /// Its sheets.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// Is it a text file, whose cells are all text?
    pub fn is_text(&self) -> bool {
        matches!(self.source, Source::Text(_))
    }

    /// When the workbook was saved last, if it says so.
    pub fn made_on(&self) -> Option<NaiveDate> {
        self.made
    }

    /// Gives the rows of a sheet that are not empty, in order, until `each` has enough.
    pub fn rows(
        &mut self,
        sheet: &str,
        each: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
    ) -> Result<(), ListRefusal> {
        unharmed(|| self.read_rows(sheet, each))
    }

    fn read_rows(
        &mut self,
        sheet: &str,
        each: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
    ) -> Result<(), ListRefusal> {
        let notes = self.notes.get(sheet);
        let mut rows = Rows {
            hidden: notes.map_or(&[], |n| &n.hidden_rows),
            merged: notes.map_or(&[], |n| &n.merged_rows),
            number: 0,
            cells: Vec::new(),
            given: 0,
            each,
        };
        let broken = |_| ListRefusal::Broken;
        match &mut self.source {
            Source::Text(text) => text.rows(&mut |number, cells| rows.whole(number, cells))?,
            Source::Workbook(book) => match &mut **book {
                Sheets::Xlsx(book) => {
                    let mut cells = book
                        .worksheet_cells_reader(sheet)
                        .map_err(|_| ListRefusal::Broken)?;
                    while let Some(found) = cells
                        .next_cell_with_formula_metadata()
                        .map_err(|_| ListRefusal::Broken)?
                    {
                        let cell = match found.formula {
                            Some(_) => Cell::Formula,
                            None => cell(found.value),
                        };
                        if rows.cell(found.pos, cell)?.is_break() {
                            return Ok(());
                        }
                    }
                }
                Sheets::Xlsb(book) => {
                    let mut formulas = std::collections::HashSet::new();
                    {
                        let mut cells = book
                            .worksheet_cells_reader(sheet)
                            .map_err(|_| ListRefusal::Broken)?;
                        while let Some(found) = cells.next_formula().map_err(|_| ListRefusal::Broken)? {
                            if !found.get_value().is_empty() {
                                formulas.insert(found.get_position());
                            }
                            if formulas.len() > MAX_ROWS {
                                return Err(ListRefusal::Bomb);
                            }
                        }
                    }
                    let mut cells = book
                        .worksheet_cells_reader(sheet)
                        .map_err(|_| ListRefusal::Broken)?;
                    while let Some(found) = cells.next_cell().map_err(|_| ListRefusal::Broken)? {
                        let at = found.get_position();
                        let cell = match formulas.contains(&at) {
                            true => Cell::Formula,
                            false => cell(found.get_value().clone()),
                        };
                        if rows.cell(at, cell)?.is_break() {
                            return Ok(());
                        }
                    }
                }
                // the old format ends at 65,536 × 256; OpenDocument sheets were counted before they were opened
                Sheets::Xls(book) => {
                    let values = book
                        .worksheet_range(sheet)
                        .map_err(|e| broken(calamine::Error::from(e)))?;
                    let formulas = book.worksheet_formula(sheet).ok();
                    if rows.range(&values, formulas.as_ref())?.is_break() {
                        return Ok(());
                    }
                }
                Sheets::Ods(book) => {
                    let values = book
                        .worksheet_range(sheet)
                        .map_err(|e| broken(calamine::Error::from(e)))?;
                    let formulas = book.worksheet_formula(sheet).ok();
                    if rows.range(&values, formulas.as_ref())?.is_break() {
                        return Ok(());
                    }
                }
            },
        }
        rows.flush().map(|_| ())
    }

    /// Like [`Book::rows`], but the file is read by another thread while `each` works.
    pub fn rows_ahead(
        &mut self,
        sheet: &str,
        each: &mut dyn FnMut(RawRow) -> ControlFlow<()>,
    ) -> Result<(), ListRefusal> {
        const PIECE: usize = 256;
        let (send, receive) = std::sync::mpsc::sync_channel::<Vec<RawRow>>(4);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut piece = Vec::with_capacity(PIECE);
                let done = self.rows(sheet, &mut |row| {
                    piece.push(row);
                    // nobody listens if `each` had enough
                    if piece.len() == PIECE
                        && send
                            .send(std::mem::replace(&mut piece, Vec::with_capacity(PIECE)))
                            .is_err()
                    {
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                });
                let _ = send.send(piece);
                done
            });
            'pieces: for piece in receive {
                for row in piece {
                    if each(row).is_break() {
                        break 'pieces;
                    }
                }
            }
            reader.join().unwrap_or(Err(ListRefusal::Broken))
        })
    }

    /// The first rows of a sheet.
    pub fn head(&mut self, sheet: &str, count: usize) -> Result<RawTable, ListRefusal> {
        let mut rows = Vec::new();
        self.rows(sheet, &mut |row| {
            rows.push(row);
            if rows.len() < count {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(RawTable {
            name: sheet.to_owned(),
            rows,
        })
    }
}

/// A library that stumbles over a damaged file has not harmed anything of ours: the file is broken, that is all.
fn unharmed<T>(read: impl FnOnce() -> Result<T, ListRefusal>) -> Result<T, ListRefusal> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or(Err(ListRefusal::Broken))
}

/// Puts cells together to rows.
struct Rows<'a> {
    hidden: &'a [u32],
    merged: &'a [(u32, u32)],
    number: u32,
    cells: Vec<Cell>,
    given: usize,
    each: &'a mut dyn FnMut(RawRow) -> ControlFlow<()>,
}

impl Rows<'_> {
    fn cell(&mut self, (row, column): (u32, u32), cell: Cell) -> Result<ControlFlow<()>, ListRefusal> {
        let number = row.saturating_add(1);
        if number != self.number {
            if self.flush()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.number = number;
        }
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        if place < MAX_COLUMNS && cell != Cell::Empty {
            if self.cells.len() <= place {
                self.cells.resize(place + 1, Cell::Empty);
            }
            self.cells[place] = cell;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn whole(&mut self, number: u32, cells: Vec<Cell>) -> Result<ControlFlow<()>, ListRefusal> {
        (self.number, self.cells) = (number, cells);
        self.flush()
    }

    fn flush(&mut self) -> Result<ControlFlow<()>, ListRefusal> {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|c| *c == Cell::Empty) {
            return Ok(ControlFlow::Continue(()));
        }
        self.given += 1;
        if self.given > MAX_ROWS {
            return Err(ListRefusal::Bomb);
        }
        let number = self.number;
        Ok((self.each)(RawRow {
            number,
            cells,
            hidden: self.hidden.binary_search(&number).is_ok(),
            merged: self
                .merged
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&number)),
        }))
    }

    fn range(
        &mut self,
        values: &calamine::Range<Data>,
        formulas: Option<&calamine::Range<String>>,
    ) -> Result<ControlFlow<()>, ListRefusal> {
        let Some((top, left)) = values.start() else {
            return Ok(ControlFlow::Continue(()));
        };
        for (row, number) in values.rows().zip(top..) {
            for (value, column) in row.iter().take(MAX_COLUMNS).zip(left..) {
                let formula = formulas
                    .and_then(|f| f.get_value((number, column)))
                    .is_some_and(|f| !f.is_empty());
                let cell = if formula {
                    Cell::Formula
                } else {
                    cell(borrowed(value))
                };
                if self.cell((number, column), cell)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(n) => DataRef::Int(*n),
        Data::Float(n) => DataRef::Float(*n),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(b) => DataRef::Bool(*b),
        Data::DateTime(date) => DataRef::DateTime(*date),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

fn cell(value: DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) if text.is_empty() => Cell::Empty,
        DataRef::SharedString("") => Cell::Empty,
        DataRef::String(text) | DataRef::DurationIso(text) => {
            if text.len() > MAX_CHARACTERS {
                Cell::Text(shortened(&text))
            } else {
                Cell::Text(text)
            }
        }
        DataRef::SharedString(text) => Cell::Text(shortened(text)),
        DataRef::Float(n) => Cell::Number(n),
        // register numbers and postcodes are far below 2^53
        #[expect(clippy::cast_precision_loss, reason = "shown as the same digits")]
        DataRef::Int(n) => Cell::Number(n as f64),
        DataRef::Bool(b) => Cell::Text(if b { "ja" } else { "nein" }.to_owned()),
        DataRef::DateTime(date) => match date.as_datetime() {
            Some(at) => Cell::Date(at.date()),
            None => Cell::Number(date.as_f64()),
        },
        DataRef::DateTimeIso(text) => {
            match NaiveDate::parse_from_str(text.get(..10).unwrap_or(&text), "%Y-%m-%d") {
                Ok(day) => Cell::Date(day),
                Err(_) => Cell::Text(shortened(&text)),
            }
        }
        DataRef::Error(error) => Cell::Error(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<RawTable>, ListRefusal> {
        let mut book = Book::open(bytes)?;
        let names: Vec<String> = book.sheets().iter().map(|s| s.name.clone()).collect();
        names.iter().map(|name| book.head(name, usize::MAX)).collect()
    }

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
