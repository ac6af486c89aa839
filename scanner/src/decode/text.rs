//! From data bytes to text: numeric, alphanumeric and byte segments (ISO/IEC 18004, clause 7.4). Letters use nothing else;
//! Kanji and chained codes are not read.

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn left(&self) -> usize {
        self.bytes.len() * 8 - self.at
    }

    fn take(&mut self, count: usize) -> Option<usize> {
        if self.left() < count {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | usize::from(self.bytes[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text, and whether the bytes behind its end are those that the standard wants there.
pub(super) fn read(bytes: &[u8], version: usize) -> Option<(String, bool)> {
    let mut bits = Bits { bytes, at: 0 };
    let wide = |small, middle, large| match version {
        ..=9 => small,
        10..=26 => middle,
        _ => large,
    };
    let mut text: Vec<u8> = Vec::new();
    loop {
        let mode = if bits.left() < 4 { 0 } else { bits.take(4)? };
        match mode {
            0 => break,
            1 => {
                let count = bits.take(wide(10, 12, 14))?;
                let mut left = count;
                while left > 0 {
                    let digits = left.min(3);
                    let value = bits.take([0, 4, 7, 10][digits])?;
                    if value >= [0, 10, 100, 1_000][digits] {
                        return None;
                    }
                    text.extend(format!("{value:0digits$}").bytes());
                    left -= digits;
                }
            }
            2 => {
                let count = bits.take(wide(9, 11, 13))?;
                for _ in 0..count / 2 {
                    let value = bits.take(11)?;
                    text.push(*ALPHANUMERIC.get(value / 45)?);
                    text.push(ALPHANUMERIC[value % 45]);
                }
                if count % 2 == 1 {
                    text.push(*ALPHANUMERIC.get(bits.take(6)?)?);
                }
            }
            4 => {
                let count = bits.take(wide(8, 16, 16))?;
                for _ in 0..count {
                    text.push(u8::try_from(bits.take(8)?).ok()?);
                }
            }
            // the announced character set: what is not UTF-8 is read as Latin-1, whatever is announced
            7 => {
                let first = bits.take(8)?;
                let more = match first {
                    0x00..=0x7F => 0,
                    0x80..=0xBF => 8,
                    _ => 16,
                };
                bits.take(more)?;
            }
            _ => return None,
        }
    }
    if text.is_empty() {
        return None;
    }
    let padding = &bytes[bits.at.div_ceil(8).min(bytes.len())..];
    let padded = padding
        .iter()
        .enumerate()
        .all(|(i, byte)| *byte == [0xEC, 0x11][i % 2]);
    let text =
        String::from_utf8(text).unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
    Some((text, padded))
}
