//! Zipped workbooks before they are read: sizes, and what calamine does not tell (hidden rows and columns, filters,
//! merged cells). Everything is unpacked once, in pieces, and nothing is kept but these notes.

use super::{ListRefusal, MAX_UNPACKED};
use std::{
    collections::HashMap,
    io::{Cursor, Read},
};

/// Most files in a zipped workbook.
const MAX_ENTRIES: usize = 5_000;
/// The table of texts that cells share is kept in memory as a whole.
const MAX_SHARED: u64 = 400_000_000;
/// An OpenDocument sheet is read into memory as a whole.
const MAX_OPEN_DOCUMENT: u64 = 200_000_000;
/// Most cells that repeated rows and columns of an OpenDocument sheet may make.
const MAX_REPEATED: u64 = 20_000_000;
/// Longest text between two tags, in bytes; a cell has at most 32,767 characters.
const MAX_TEXT: usize = 2_000_000;

/// What a sheet's XML says besides its cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// Hidden rows, as the spreadsheet counts, in order.
    pub(super) hidden_rows: Vec<u32>,
    /// Hidden columns, from 0.
    pub(super) hidden_columns: Vec<usize>,
    /// Merged cells over more than one row: first and last row.
    pub(super) merged_rows: Vec<(u32, u32)>,
    /// A filter is set.
    pub(super) filtered: bool,
}

/// What is known of a zipped workbook before it is read.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    /// By sheet name.
    pub(super) notes: HashMap<String, Notes>,
    /// The day on which it was saved last.
    pub(super) modified: Option<chrono::NaiveDate>,
}

/// Looks at the table of contents before anything is unpacked, then unpacks once and counts what really comes out:
/// sizes in the table can lie.
pub(super) fn inspect(bytes: &[u8]) -> Result<Inspected, ListRefusal> {
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
        let limit = match entry.name() {
            "xl/sharedStrings.xml" => MAX_SHARED,
            "content.xml" => MAX_OPEN_DOCUMENT,
            _ => MAX_UNPACKED,
        };
        if total > MAX_UNPACKED || ratio_off || entry.size() > limit {
            return Err(ListRefusal::Bomb);
        }
    }
    let mut unpacked = 0;
    let mut notes: HashMap<String, Notes> = HashMap::new();
    let (mut workbook, mut relations, mut core) = (Vec::new(), Vec::new(), Vec::new());
    let mut buffer = vec![0; 1 << 18];
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|_| ListRefusal::Broken)?;
        let name = entry.name().to_owned();
        let allowed = entry.size();
        let mut seen = 0;
        let mut scan = Scan::new(&name);
        loop {
            let n = entry.read(&mut buffer).map_err(|_| ListRefusal::Broken)?;
            if n == 0 {
                break;
            }
            seen += n as u64;
            if seen > allowed || unpacked + seen > MAX_UNPACKED {
                return Err(ListRefusal::Bomb);
            }
            scan.piece(&buffer[..n])?;
            match name.as_str() {
                "xl/workbook.xml" => workbook.extend_from_slice(&buffer[..n]),
                "docProps/core.xml" => core.extend_from_slice(&buffer[..n]),
                "xl/_rels/workbook.xml.rels" => relations.extend_from_slice(&buffer[..n]),
                _ => {}
            }
        }
        unpacked += seen;
        if scan.kind == Kind::Sheet {
            notes.insert(name, scan.notes);
        }
    }
    Ok(Inspected {
        notes: by_name(notes, &workbook, &relations),
        modified: modified(&core),
    })
}

/// `<dcterms:modified xsi:type="dcterms:W3CDTF">2026-11-01T08:00:00Z</…>`
fn modified(core: &[u8]) -> Option<chrono::NaiveDate> {
    let text = std::str::from_utf8(core).ok()?;
    let after = text.split("<dcterms:modified").nth(1)?.split_once('>')?.1;
    chrono::NaiveDate::parse_from_str(after.get(..10)?, "%Y-%m-%d").ok()
}

/// From file names in the zip to sheet names.
fn by_name(mut notes: HashMap<String, Notes>, workbook: &[u8], relations: &[u8]) -> HashMap<String, Notes> {
    let mut targets: HashMap<String, String> = HashMap::new();
    for tag in tags(relations, b"Relationship") {
        if let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) {
            let target = target.trim_start_matches('/');
            let target = target.strip_prefix("xl/").unwrap_or(target);
            targets.insert(id, format!("xl/{target}"));
        }
    }
    let mut named = HashMap::new();
    for tag in tags(workbook, b"sheet") {
        if let (Some(name), Some(id)) = (attribute(tag, "name"), attribute(tag, "r:id"))
            && let Some(found) = targets.get(&id).and_then(|t| notes.remove(t))
        {
            named.insert(unescape(&name), found);
        }
    }
    named
}

fn unescape(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// The tags of this name, without brackets.
fn tags<'a>(xml: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    xml.split(|b| *b == b'<')
        .filter(move |t| t.starts_with(name) && t.get(name.len()).is_some_and(u8::is_ascii_whitespace))
        .map(|t| t.split(|b| *b == b'>').next().unwrap_or(t))
}

/// The value of an attribute of a tag.
fn attribute(tag: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(tag).ok()?;
    let mut from = 0;
    while let Some(i) = text.get(from..)?.find(name) {
        let at = from + i;
        from = at + name.len();
        let before = text[..at].chars().next_back().is_none_or(char::is_whitespace);
        let rest = text[from..].trim_start();
        if let Some(rest) = rest.strip_prefix('=').filter(|_| before) {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|q| matches!(q, '"' | '\''))?;
            return rest[1..].split_once(quote).map(|(value, _)| value.to_owned());
        }
    }
    None
}

fn is_on(tag: &[u8], name: &str) -> bool {
    matches!(attribute(tag, name).as_deref(), Some("1" | "true"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sheet,
    OpenDocument,
    Other,
}

/// Reads tags from a stream of pieces.
struct Scan {
    kind: Kind,
    notes: Notes,
    /// What began in a former piece and has not ended.
    held: Vec<u8>,
    row: u32,
    open: OpenRow,
}

/// Cells that a row of an OpenDocument sheet makes.
#[derive(Default)]
struct OpenRow {
    repeated: u64,
    blank: u64,
    width: u64,
    total: u64,
}

impl Scan {
    fn new(name: &str) -> Self {
        let kind = if name.starts_with("xl/worksheets/") && name.ends_with(".xml") {
            Kind::Sheet
        } else if name == "content.xml" {
            Kind::OpenDocument
        } else {
            Kind::Other
        };
        Self {
            kind,
            notes: Notes::default(),
            held: Vec::new(),
            row: 0,
            open: OpenRow::default(),
        }
    }

    fn piece(&mut self, piece: &[u8]) -> Result<(), ListRefusal> {
        if self.kind == Kind::Other {
            return Ok(());
        }
        self.held.extend_from_slice(piece);
        let held = std::mem::take(&mut self.held);
        // whole are the tags that end in this piece
        let whole = memchr::memrchr(b'>', &held).map_or(0, |i| i + 1);
        let mut from = 0;
        while let Some(start) = memchr::memchr(b'<', &held[from..whole]) {
            let tag = &held[from + start + 1..whole];
            let Some(end) = memchr::memchr(b'>', tag) else {
                break;
            };
            self.tag(&tag[..end])?;
            from += start + end + 2;
        }
        self.held = held;
        self.held.drain(..whole);
        if self.held.len() > MAX_TEXT {
            return Err(ListRefusal::Bomb);
        }
        Ok(())
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), ListRefusal> {
        match self.kind {
            Kind::Sheet => self.sheet_tag(tag),
            Kind::OpenDocument => self.open_document_tag(tag)?,
            Kind::Other => {}
        }
        Ok(())
    }

    fn sheet_tag(&mut self, tag: &[u8]) {
        if tag.starts_with(b"row") && tag.get(3).is_some_and(u8::is_ascii_whitespace) {
            self.row = attribute(tag, "r")
                .and_then(|r| r.parse().ok())
                .unwrap_or(self.row.saturating_add(1));
            if is_on(tag, "hidden") {
                self.notes.hidden_rows.push(self.row);
            }
        } else if tag.starts_with(b"col ") {
            let number = |name| attribute(tag, name).and_then(|n| n.parse::<usize>().ok());
            if is_on(tag, "hidden")
                && let (Some(from), Some(to)) = (number("min"), number("max"))
            {
                let to = to.min(super::MAX_COLUMNS);
                self.notes.hidden_columns.extend(from.saturating_sub(1)..to);
            }
        } else if tag.starts_with(b"mergeCell ") {
            let rows = attribute(tag, "ref").and_then(|r| {
                let row = |cell: &str| {
                    cell.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$')
                        .parse()
                        .ok()
                };
                let (from, to) = r.split_once(':')?;
                Some((row(from)?, row(to)?))
            });
            if let Some((from, to)) = rows.filter(|(from, to)| from < to) {
                self.notes.merged_rows.push((from, to));
            }
        } else if tag.starts_with(b"filterColumn") {
            self.notes.filtered = true;
        }
    }

    /// Two attributes can make thousands of millions of cells of a few bytes.
    fn open_document_tag(&mut self, tag: &[u8]) -> Result<(), ListRefusal> {
        let times = |name| {
            attribute(tag, name)
                .and_then(|n| n.parse::<u64>().ok())
                .unwrap_or(1)
        };
        let row = &mut self.open;
        if tag.starts_with(b"table:table-row") {
            row.repeated = times("table:number-rows-repeated");
            (row.blank, row.width) = (0, 0);
        } else if tag.starts_with(b"table:table-cell") || tag.starts_with(b"table:covered-table-cell") {
            let n = times("table:number-columns-repeated");
            // an empty cell matters only if a filled one follows
            if tag.ends_with(b"/") && attribute(tag, "office:value-type").is_none() {
                row.blank = row.blank.saturating_add(n);
            } else {
                row.width = row.width.saturating_add(row.blank).saturating_add(n);
                row.blank = 0;
            }
        } else if tag.starts_with(b"/table:table-row") {
            row.total = row.total.saturating_add(row.width.saturating_mul(row.repeated));
        }
        if row.total > MAX_REPEATED || row.width > MAX_REPEATED {
            return Err(ListRefusal::Bomb);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(name: &str, xml: &[u8], size: usize) -> Result<Notes, ListRefusal> {
        let mut scan = Scan::new(name);
        for piece in xml.chunks(size) {
            scan.piece(piece)?;
        }
        Ok(scan.notes)
    }

    #[test]
    fn what_a_sheet_hides_is_seen_however_it_is_cut() {
        let xml = br#"<worksheet><cols><col min="3" max="4" width="9" hidden="1"/></cols><sheetData>
            <row r="1" spans="1:2"><c r="A1"><v>1</v></c></row><row r="2" hidden="1"><c/></row><row hidden="true"/></sheetData>
            <autoFilter ref="A1:B3"><filterColumn colId="0"/></autoFilter><mergeCells><mergeCell ref="A2:A9"/><mergeCell ref="A1:C1"/></mergeCells></worksheet>"#;
        let expected = Notes {
            hidden_rows: vec![2, 3],
            hidden_columns: vec![2, 3],
            merged_rows: vec![(2, 9)],
            filtered: true,
        };
        for size in [1, 7, 64, 10_000] {
            assert_eq!(
                scan("xl/worksheets/sheet1.xml", xml, size),
                Ok(expected.clone()),
                "{size}"
            );
        }
    }

    #[test]
    fn repeated_cells_are_counted_before_they_are_made() {
        let xml = |rows: &str, columns: &str| {
            format!(
                "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"{columns}\"><text:p>x</text:p></table:table-cell></table:table-row>"
            )
        };
        assert!(scan("content.xml", xml("2", "3").as_bytes(), 50).is_ok());
        assert_eq!(
            scan("content.xml", xml("1048576", "1024").as_bytes(), 50),
            Err(ListRefusal::Bomb)
        );
    }

    #[test]
    fn an_endless_cell_is_stopped() {
        let mut xml = b"<row r=\"1\"><c><is><t>".to_vec();
        xml.resize(3_000_000, b'x');
        assert_eq!(
            scan("xl/worksheets/sheet1.xml", &xml, 100_000),
            Err(ListRefusal::Bomb)
        );
    }
}
