//! Old Excel files (.xls) are small file systems of their own. A damaged one can send a reader in circles, so the sheet
//! data is taken out by a library that checks the chains, and put into a fresh, sound container.

use super::ListRefusal;
use std::io::{Cursor, Read, Write};

/// Where the sheet data is: Excel 97 and later, Excel 5 and 95.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];

/// The same sheets in a sound container.
pub(super) fn renew(bytes: &[u8]) -> Result<Vec<u8>, ListRefusal> {
    let broken = |_| ListRefusal::Broken;
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(broken)?;
    let name = STREAMS
        .into_iter()
        .find(|name| file.is_stream(name))
        .ok_or(ListRefusal::UnknownFormat)?;
    let mut stream = file.open_stream(name).map_err(broken)?;
    if stream.len() > bytes.len() as u64 {
        return Err(ListRefusal::Broken);
    }
    let mut data = Vec::new();
    stream.read_to_end(&mut data).map_err(broken)?;
    check_spans(&mut data)?;
    let empty = Cursor::new(Vec::with_capacity(data.len() + 4_096));
    let mut fresh = cfb::CompoundFile::create_with_version(cfb::Version::V3, empty).map_err(broken)?;
    fresh
        .create_stream(name)
        .and_then(|mut stream| {
            stream.write_all(&data)?;
            stream.flush()
        })
        .map_err(broken)?;
    fresh.flush().map_err(broken)?;
    Ok(fresh.into_inner().into_inner())
}

/// Columns that the format has.
const COLUMNS: u16 = 256;
/// Most cells of the rectangles that all sheets span: the reader makes them all, empty or not.
const MAX_AREA: u64 = 20_000_000;

/// A type of record that nobody knows: it is skipped.
const SKIPPED: [u8; 2] = [0xFF, 0x0F];

/// Walks the records ([MS-XLS] 2.1.4: type, length, data) and adds up what the sheets span. What a sheet says about its
/// own size (DIMENSIONS) is made unreadable: the reader would take memory for it.
fn check_spans(data: &mut [u8]) -> Result<(), ListRefusal> {
    fn word_at(data: &[u8], at: usize) -> Option<u16> {
        Some(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]))
    }
    let mut total = 0u64;
    let mut span: Option<((u16, u16), (u16, u16))> = None;
    let mut at = 0;
    while let (Some(kind), Some(length)) = (word_at(data, at), word_at(data, at + 2)) {
        if kind == 0x0200 {
            data[at..at + 2].copy_from_slice(&SKIPPED);
        }
        let word = |at| word_at(data, at);
        let body = at + 4;
        let end = body + usize::from(length);
        match kind {
            // beginning and end of a sheet
            0x0809 | 0x000A => {
                total += span.take().map_or(0, |((top, bottom), (left, right))| {
                    (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1)
                });
            }
            // FORMULA, BLANK, NUMBER, LABEL, BOOLERR, RK, RSTRING, MULRK, MULBLANK, LABELSST
            0x0006 | 0x0406 | 0x0201 | 0x0203..=0x0205 | 0x027E | 0x00D6 | 0x00BD | 0x00BE | 0x00FD => {
                if let (Some(row), Some(column)) = (word(body), word(body + 2)) {
                    let several = matches!(kind, 0x00BD | 0x00BE);
                    let last = word(end.saturating_sub(2)).filter(|_| several).unwrap_or(column);
                    if column >= COLUMNS || last >= COLUMNS {
                        return Err(ListRefusal::Broken);
                    }
                    let ((top, bottom), (left, right)) = span.unwrap_or(((row, row), (column, column)));
                    span = Some((
                        (top.min(row), bottom.max(row)),
                        (left.min(column).min(last), right.max(column).max(last)),
                    ));
                }
            }
            _ => {}
        }
        at = end;
    }
    if total > MAX_AREA {
        return Err(ListRefusal::Bomb);
    }
    Ok(())
}
