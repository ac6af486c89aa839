//! The self-check of the first pass: reads each page as it stands in the file, decodes what a phone and a person
//! would read, and compares it with the record. (Another city's system once printed the same code on every letter.)

use super::{
    page::{LEFT, MM, PAGE, WINDOW},
    pdf::{EngineError, Glyphs, LetterInput},
};
use std::collections::HashSet;

/// What is wrong with a made page. The number is the place in the batch, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The engine could not make it.
    Engine(EngineError),
    /// The content stream cannot be unpacked.
    Unreadable(usize),
    /// The QR code cannot be decoded, or says something else.
    Code(usize),
    /// The user ID is not printed as it should be.
    UserId(usize),
    /// The address in the window is not the recipient's, or something else is there.
    Window(usize),
    /// The letter number is missing.
    Number(usize),
    /// The same code was on a former page.
    Twice(usize),
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Fault::Engine(error)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Engine(EngineError::Texts) => f.write_str("texts"),
            Fault::Engine(EngineError::Link) => f.write_str("link"),
            Fault::Engine(EngineError::Letter(i)) => write!(f, "address {}", i + 1),
            Fault::Unreadable(i) => write!(f, "unreadable {i}"),
            Fault::Code(i) => write!(f, "code {i}"),
            Fault::UserId(i) => write!(f, "user-id {i}"),
            Fault::Window(i) => write!(f, "window {i}"),
            Fault::Number(i) => write!(f, "number {i}"),
            Fault::Twice(i) => write!(f, "twice {i}"),
        }
    }
}

/// Checks page after page.
pub struct Checker {
    prefix: String,
    seen: HashSet<[u8; 16]>,
    pages: usize,
}

/// What was read from a page.
#[derive(Debug, Default)]
struct Read {
    /// Lines of text with place (millimetres from left and top).
    lines: Vec<(f32, f32, String)>,
    /// Dark modules of the code.
    runs: Vec<(usize, usize, usize)>,
}

impl Checker {
    /// For letters whose codes begin with the link of this portal.
    pub fn new(base_url: &str) -> Self {
        Self {
            prefix: domain::urls::letter_link(base_url, ""),
            seen: HashSet::new(),
            pages: 0,
        }
    }

    /// Reads a page and compares.
    pub fn page(&mut self, expected: &LetterInput, content: &[u8], glyphs: &Glyphs<'_>) -> Result<(), Fault> {
        self.pages += 1;
        let page = self.pages;
        let read = read(content, glyphs).ok_or(Fault::Unreadable(page))?;
        let decoded = decode(&read.runs).ok_or(Fault::Code(page))?;
        if decoded.strip_prefix(&self.prefix) != Some(&expected.payload) {
            return Err(Fault::Code(page));
        }
        let hash = crate::keys::sha256(decoded.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash[..16]);
        if !self.seen.insert(short) {
            return Err(Fault::Twice(page));
        }
        let printed = |text: &str| read.lines.iter().filter(|l| l.2 == text).count();
        if printed(&expected.user_id) != 1 {
            return Err(Fault::UserId(page));
        }
        if printed(&expected.letter_number) != 1 {
            return Err(Fault::Number(page));
        }
        let (left, top, right, bottom) = WINDOW;
        let in_window: Vec<&str> = read
            .lines
            .iter()
            .filter(|(x, y, _)| (left..right).contains(x) && (top..bottom).contains(y))
            .map(|l| l.2.as_str())
            .collect();
        let address: Vec<&str> = std::iter::once(&expected.recipient.name)
            .chain(&expected.recipient.address)
            .map(String::as_str)
            .collect();
        let lined_up = read
            .lines
            .iter()
            .filter(|l| (top..bottom).contains(&l.1) && l.0 < right)
            .all(|l| (l.0 - LEFT).abs() < 0.1);
        if in_window != address || !lined_up {
            return Err(Fault::Window(page));
        }
        Ok(())
    }

    /// Pages checked.
    pub fn pages(&self) -> usize {
        self.pages
    }
}

fn inflate(content: &[u8]) -> Option<Vec<u8>> {
    let mut size = content.len() * 8 + 1_024;
    loop {
        let mut out = vec![0; size];
        match libdeflater::Decompressor::new().zlib_decompress(content, &mut out) {
            Ok(length) => {
                out.truncate(length);
                return Some(out);
            }
            Err(libdeflater::DecompressionError::InsufficientSpace) if size < 4_000_000 => size *= 4,
            Err(_) => return None,
        }
    }
}

/// A small interpreter of the operators that letters use: text, positions, rectangles.
fn read(content: &[u8], glyphs: &Glyphs<'_>) -> Option<Read> {
    let content = inflate(content)?;
    let mut page = Read::default();
    let mut font = 0;
    let mut line: Option<(f32, f32, String)> = None;
    for row in content.split(|b| *b == b'\n') {
        let row = std::str::from_utf8(row).ok()?;
        let words: Vec<&str> = row.split_ascii_whitespace().collect();
        let number = |i: usize| words.get(i).and_then(|w| w.parse::<f32>().ok());
        match words.last().copied() {
            Some("Tf") => font = row.split("/F").nth(1)?.get(..1)?.parse().ok()?,
            // a line may have several pieces: the first gives its place
            Some("Tm") if line.is_none() => {
                line = Some((number(4)? / MM, PAGE.1 - number(5)? / MM, String::new()));
            }
            Some("TJ") => {
                let text = &mut line.as_mut()?.2;
                for piece in row.split('<').skip(1) {
                    let mut string = piece.split_once('>')?.0;
                    while !string.is_empty() {
                        let (glyph, rest) = string.split_at_checked(4)?;
                        text.push_str(glyphs.text(font, u16::from_str_radix(glyph, 16).ok()?));
                        string = rest;
                    }
                }
            }
            Some("ET") => page.lines.extend(line.take()),
            Some("re") => {
                let n = |i: usize| words.get(i).and_then(|w| w.parse::<usize>().ok());
                page.runs.push((n(0)?, n(1)?, n(2)?));
            }
            _ => {}
        }
    }
    Some(page)
}

/// Lines of text (millimetres from left and top) and runs of dark modules of a page, for benchmarks that draw the same
/// content with another library.
#[cfg(feature = "testing")]
pub fn content(content: &[u8], glyphs: &Glyphs<'_>) -> (Vec<(f32, f32, String)>, Vec<(usize, usize, usize)>) {
    read(content, glyphs)
        .map(|r| (r.lines, r.runs))
        .unwrap_or_default()
}

struct Grid {
    size: usize,
    dark: Vec<bool>,
}

impl rqrr::BitGrid for Grid {
    fn size(&self) -> usize {
        self.size
    }
    fn bit(&self, y: usize, x: usize) -> bool {
        self.dark.get(y * self.size + x).copied().unwrap_or(false)
    }
}

/// Decodes with another library than the one that encoded.
fn decode(runs: &[(usize, usize, usize)]) -> Option<String> {
    let size = runs.iter().map(|(x, _, w)| x + w).max()?;
    let mut dark = vec![false; size * size];
    for (x, y, w) in runs {
        dark.get_mut(y * size + x..y * size + x + w)?.fill(true);
    }
    rqrr::Grid::new(Grid { size, dark })
        .decode()
        .ok()
        .map(|(_, text)| text)
}
