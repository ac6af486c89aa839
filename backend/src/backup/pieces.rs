//! Rows become pieces: a few hundred rows each, packed, encrypted, named by a keyed hash of what they say. Where a piece
//! ends depends on the rows alone, so that a row more or less changes one piece and not all behind it: an unchanged piece
//! is in the depot already and is not written again.

use crate::{
    db::{
        catalogue::Table,
        rows::{Row, Value},
    },
    keys::{Key, KeyError, hex},
};
use miniz_oxide::{deflate::compress_to_vec, inflate::decompress_to_vec_with_limit};

/// A piece ends behind the first row with such a hash …
const EVERY: u8 = 0b111;
/// … once it has so many bytes,
const LEAST: usize = 32_000;
/// and in any case when it has so many.
const MOST: usize = 1_000_000;
/// A row has less (a piece of a film is the largest).
const LARGEST: usize = 64_000_000;

/// What of a row goes into a backup: not the keys of open batches, because whoever has them and the master key can make
/// the codes of letters that are on their way.
fn kept(table: &Table, mut row: Row) -> Row {
    if table.name == "batches"
        && let Some(place) = table.columns.iter().position(|c| c.name == "wrapped_key")
    {
        row[place] = None;
    }
    row
}

/// Tables that are not in a backup: who is signed in, what is open in a browser, links and counters that end by
/// themselves. A restored portal lets everybody sign in anew.
pub(super) const LEFT_OUT: [&str; 11] = [
    "sessions",
    "tokens",
    "links",
    "passkey_ceremonies",
    "throttle",
    "list_watchers",
    "case_present",
    "key_check",
    // beside the backup: it is encrypted under the key that they wrap
    "root_keys",
    "file_holds",
    "file_place",
];

/// Collects rows of one table.
pub(super) struct Packer<'a> {
    table: &'a Table,
    key: &'a Key,
    lines: Vec<u8>,
    rows: u64,
}

impl<'a> Packer<'a> {
    pub(super) fn new(table: &'a Table, key: &'a Key) -> Self {
        Self {
            table,
            key,
            lines: Vec::new(),
            rows: 0,
        }
    }

    /// Rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes a row; gives a piece when one is full.
    pub(super) fn add(&mut self, row: Row) -> Result<Option<Vec<u8>>, serde_json::Error> {
        let row = kept(self.table, row);
        self.rows += 1;
        let identity: Vec<&Option<Value>> = self.table.key.iter().map(|k| &row[*k]).collect();
        let hash = self.key.mac("end of a piece", &serde_json::to_vec(&identity)?);
        serde_json::to_writer(&mut self.lines, &row)?;
        self.lines.push(b'\n');
        let full = self.lines.len() >= MOST || self.lines.len() >= LEAST && hash[0] & EVERY == 0;
        Ok(if full { self.finish() } else { None })
    }

    /// What is left.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        (!self.lines.is_empty()).then(|| std::mem::take(&mut self.lines))
    }
}

/// The name of a piece: a keyed hash, so that nobody can find out whether a known row is in a backup.
pub(super) fn name(key: &Key, table: &str, lines: &[u8]) -> String {
    hex(&key.mac(&format!("piece of {table}"), lines)[..20])
}

/// Packs and encrypts.
pub(super) fn seal(key: &Key, name: &str, lines: &[u8]) -> Result<Vec<u8>, KeyError> {
    key.seal_alike(&compress_to_vec(lines, 6), name.as_bytes())
}

/// Decrypts, unpacks and checks the name.
pub(super) fn open(key: &Key, table: &str, piece: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let packed = key.open(sealed, piece.as_bytes()).ok()?;
    let lines = decompress_to_vec_with_limit(&packed, LARGEST).ok()?;
    (name(key, table, &lines) == piece).then_some(lines)
}

/// The rows of a piece.
pub(super) fn rows(lines: &[u8]) -> Result<Vec<Row>, serde_json::Error> {
    lines
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(serde_json::from_slice)
        .collect()
}
