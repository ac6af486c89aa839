//! The self-check of the first pass: reads each page as it stands in the file, decodes what a phone and a person
//! would read, and compares it with the record. (Another city's system once printed the same code on every letter.)

use super::{
    layout::{DoesNotFit, window},
    pdf::{EngineError, Glyphs, LetterInput, Summary},
    sheet::{LEFT, MM, PAGE},
};
use domain::letters::content::Frozen;
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
    /// The return mark is missing, is there although it should not, or says something else.
    Mark(usize),
    /// A letter has no glyph in the font.
    Font(usize),
    /// The file has not the pages that it should have.
    Pages,
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Fault::Engine(error)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Engine(EngineError::Texts(DoesNotFit::Back(n))) => write!(f, "back {n}"),
            Fault::Engine(EngineError::Texts(DoesNotFit::Front(n))) => write!(f, "texts {n}"),
            Fault::Engine(EngineError::Texts(_)) => f.write_str("texts 1"),
            Fault::Engine(EngineError::Link) => f.write_str("link"),
            Fault::Engine(EngineError::Letter(i)) => write!(f, "address {i}"),
            Fault::Unreadable(i) => write!(f, "unreadable {i}"),
            Fault::Code(i) => write!(f, "code {i}"),
            Fault::UserId(i) => write!(f, "user-id {i}"),
            Fault::Window(i) => write!(f, "window {i}"),
            Fault::Number(i) => write!(f, "number {i}"),
            Fault::Twice(i) => write!(f, "twice {i}"),
            Fault::Mark(i) => write!(f, "mark {i}"),
            Fault::Font(i) => write!(f, "font {i}"),
            Fault::Pages => f.write_str("pages"),
        }
    }
}

/// Checks page after page.
pub struct Checker {
    prefix: String,
    window: (f32, f32, f32, f32),
    mark: bool,
    seen: HashSet<[u8; 16]>,
    letters: usize,
    /// Lines that every letter has, where a page holds them itself (tagged files share nothing).
    standing: Vec<(f32, f32, String)>,
}

/// What was read from a page.
pub(super) struct Seen {
    letter: usize,
    /// Hash of what the QR code says.
    code: [u8; 16],
}

/// A QR code on the page: place of its upper left corner in millimetres, its dark modules.
#[derive(Debug, Default)]
struct Drawn {
    at: (f32, f32),
    runs: Vec<(usize, usize, usize)>,
}

/// What was read from a page.
#[derive(Debug, Default)]
struct Read {
    /// Lines of text with place (millimetres from left and top).
    lines: Vec<(f32, f32, String)>,
    /// Codes.
    codes: Vec<Drawn>,
    /// A glyph that is in no font.
    without_glyph: bool,
}

impl Checker {
    /// For the letters of a batch.
    pub fn new(frozen: &Frozen) -> Self {
        Self {
            prefix: domain::urls::letter_link(&frozen.base_url, ""),
            window: window(frozen.template.form),
            mark: frozen.has_return_mark(),
            seen: HashSet::new(),
            letters: 0,
            standing: Vec::new(),
        }
    }

    /// What stands on every first page, as a content stream: it is expected there besides what is the letter's own.
    pub(super) fn stands(&mut self, content: &[u8], glyphs: &Glyphs<'_>) -> Result<(), Fault> {
        self.standing = read(content, glyphs).ok_or(Fault::Unreadable(0))?.lines;
        Ok(())
    }

    /// Reads the first page of a letter and compares.
    pub fn page(&mut self, expected: &LetterInput, content: &[u8], glyphs: &Glyphs<'_>) -> Result<(), Fault> {
        let seen = self.read(expected, content, glyphs)?;
        self.note(seen)
    }

    /// Remembers the code of a page; no other may have it.
    pub(super) fn note(&mut self, seen: Seen) -> Result<(), Fault> {
        self.letters += 1;
        if self.seen.insert(seen.code) {
            Ok(())
        } else {
            Err(Fault::Twice(seen.letter))
        }
    }

    /// Reads a page and compares it with its record; whether its code is the only one of its kind is seen later.
    pub(super) fn read(
        &self,
        expected: &LetterInput,
        content: &[u8],
        glyphs: &Glyphs<'_>,
    ) -> Result<Seen, Fault> {
        let letter = expected.position;
        let mut read = read(content, glyphs).ok_or(Fault::Unreadable(letter))?;
        for line in &self.standing {
            let place = read.lines.iter().position(|l| l == line);
            read.lines.remove(place.ok_or(Fault::Unreadable(letter))?);
        }
        if read.without_glyph {
            return Err(Fault::Font(letter));
        }
        let (left, top, right, bottom) = self.window;
        let inside = |x: f32, y: f32| (left..right).contains(&x) && (top..bottom).contains(&y);
        let (marks, codes): (Vec<&Drawn>, Vec<&Drawn>) =
            read.codes.iter().partition(|c| inside(c.at.0, c.at.1));
        // the secret is never in the window; there may be the number of the letter, which proves nothing
        let [drawn] = codes[..] else {
            return Err(Fault::Code(letter));
        };
        let decoded = decode(&drawn.runs).ok_or(Fault::Code(letter))?;
        if decoded.strip_prefix(&self.prefix) != Some(&expected.payload) {
            return Err(Fault::Code(letter));
        }
        match (&marks[..], self.mark) {
            ([], false) => {}
            ([mark], true) if decode(&mark.runs).as_deref() == Some(&expected.letter_number) => {}
            _ => return Err(Fault::Mark(letter)),
        }
        let hash = crate::keys::sha256(decoded.as_bytes());
        let mut code = [0; 16];
        code.copy_from_slice(&hash[..16]);
        let printed = |text: &str| read.lines.iter().filter(|l| l.2 == text).count();
        if printed(&expected.user_id) != 1 {
            return Err(Fault::UserId(letter));
        }
        if printed(&expected.letter_number) != 1 {
            return Err(Fault::Number(letter));
        }
        let in_window: Vec<&str> = read
            .lines
            .iter()
            .filter(|(x, y, _)| inside(*x, *y))
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
            return Err(Fault::Window(letter));
        }
        Ok(Seen { letter, code })
    }

    /// Has the finished file the pages of these letters, and of so many separators?
    pub fn file(&self, summary: &Summary, sides: usize, separators: usize) -> Result<(), Fault> {
        if summary.pages == (self.letters + separators) * sides {
            Ok(())
        } else {
            Err(Fault::Pages)
        }
    }

    /// The next file of the same batch: pages are counted anew, codes must still differ from all former ones.
    pub fn next_file(&mut self) {
        self.letters = 0;
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
                        let glyph = u16::from_str_radix(glyph, 16).ok()?;
                        page.without_glyph |= glyph == 0;
                        text.push_str(glyphs.text(font, glyph));
                        string = rest;
                    }
                }
            }
            Some("ET") => page.lines.extend(line.take()),
            // a code begins with its place; a picture opens its state on a line of its own
            Some("cm") if words.first() == Some(&"q") => page.codes.push(Drawn {
                at: (number(5)? / MM, PAGE.1 - number(6)? / MM),
                runs: Vec::new(),
            }),
            Some("re") => {
                let n = |i: usize| words.get(i).and_then(|w| w.parse::<usize>().ok());
                page.codes.last_mut()?.runs.push((n(0)?, n(1)?, n(2)?));
            }
            _ => {}
        }
    }
    Some(page)
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
