//! Writes what the layout placed as operators of a PDF page.

use super::{
    artwork::Art,
    font::{Shaped, Shaper, UNITS, font},
    qr::Modules,
    sheet::{Block, Item, MM, PAGE, Spot},
};

fn number(out: &mut Vec<u8>, value: f32) {
    // two decimals are a 1/7,000 inch; done by hand because it is the most frequent operation of all
    #[expect(clippy::cast_possible_truncation, reason = "pages are small")]
    let scaled = (value * 100.0).round() as i64;
    if scaled < 0 {
        out.push(b'-');
    }
    let (whole, rest) = (scaled.unsigned_abs() / 100, scaled.unsigned_abs() % 100);
    whole_number(out, whole);
    if rest > 0 {
        out.push(b'.');
        out.push(b'0' + u8::try_from(rest / 10).unwrap_or(0));
        if rest % 10 > 0 {
            out.push(b'0' + u8::try_from(rest % 10).unwrap_or(0));
        }
    }
}

/// Decimal digits, without the machinery of `format!`: hundreds of times per letter.
fn whole_number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[from..]);
}

/// Four digits.
fn hex(out: &mut Vec<u8>, value: u16) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for place in [12, 8, 4, 0] {
        out.push(DIGITS[usize::from(value >> place & 15)]);
    }
}

/// Numbers and an operator.
pub fn op(out: &mut Vec<u8>, numbers: &[f32], operator: &str) {
    for n in numbers {
        number(out, *n);
        out.push(b' ');
    }
    out.extend_from_slice(operator.as_bytes());
    out.push(b'\n');
}

/// From millimetres below the top edge to points above the bottom edge.
pub fn up(y: f32) -> f32 {
    (PAGE.1 - y) * MM
}

/// Writes content-stream operators.
pub struct Pen<'a> {
    /// The operators so far.
    pub out: Vec<u8>,
    /// Shapes and remembers.
    pub shaper: &'a mut Shaper,
    /// Pictures.
    pub art: &'a Art,
}

impl Pen<'_> {
    /// Draws blocks.
    pub fn blocks<'b>(&mut self, blocks: impl IntoIterator<Item = &'b Block>) {
        for item in blocks.into_iter().flat_map(|b| &b.items) {
            self.item(item);
        }
    }

    /// Draws one thing.
    pub fn item(&mut self, item: &Item) {
        match item {
            Item::Text(spot, text) => {
                let shaped = self.shaper.shape(spot.style, text);
                self.glyphs(*spot, &shaped, text);
            }
            Item::Once(spot, text) => {
                let shaped = self.shaper.shape_once(spot.style, text);
                self.glyphs(*spot, &shaped, text);
            }
            Item::Line(from, to, width) => self.line(*from, *to, *width),
            Item::Code(modules, at, edge) => draw_code(&mut self.out, modules, *at, *edge),
            Item::Picture(picture, at, size) => {
                if let Some(art) = self.art.get(*picture) {
                    art.draw(&mut self.out, picture.name(), *at, *size);
                }
            }
        }
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        op(&mut self.out, &[width], "w");
        op(&mut self.out, &[from.0 * MM, up(from.1)], "m");
        op(&mut self.out, &[to.0 * MM, up(to.1)], "l");
        op(&mut self.out, &[], "S");
    }

    fn glyphs(&mut self, spot: Spot, shaped: &Shaped, text: &str) {
        let Some(font) = font(spot.style) else { return };
        let out = &mut self.out;
        // Programs that copy text put a mark that is set apart into a line of its own, or lose the blank behind it;
        // so such a line says as a whole what it is.
        let told = shaped.glyphs.iter().any(|g| g.is_mark());
        if told {
            out.extend_from_slice(b"/Span<</ActualText<FEFF");
            for unit in text.encode_utf16() {
                hex(out, unit);
            }
            out.extend_from_slice(b">>>BDC\n");
        }
        out.extend_from_slice(b"BT /F");
        whole_number(out, spot.style.index() as u64);
        out.push(b' ');
        op(out, &[spot.size], "Tf");
        let (mut x, y) = (spot.x * MM, up(spot.y));
        let scale = spot.size / UNITS;
        // an array of strings may be open, and in it a string
        let (mut array, mut string) = (false, false);
        let close = |out: &mut Vec<u8>, array: &mut bool, string: &mut bool| {
            if std::mem::take(string) {
                out.push(b'>');
            }
            if std::mem::take(array) {
                out.extend_from_slice(b"] TJ\n");
            }
        };
        for glyph in &shaped.glyphs {
            let advance = f32::from(glyph.advance);
            let shift = (f32::from(glyph.shift.0), f32::from(glyph.shift.1));
            let natural = f32::from(font.advance(glyph.id));
            let moved = glyph.shift != (0, 0);
            if moved {
                close(out, &mut array, &mut string);
            }
            if !array {
                op(
                    out,
                    &[1.0, 0.0, 0.0, 1.0, x + shift.0 * scale, y + shift.1 * scale],
                    "Tm",
                );
                out.push(b'[');
                array = true;
            }
            if !string {
                out.push(b'<');
                string = true;
            }
            hex(out, glyph.id);
            if moved {
                close(out, &mut array, &mut string);
            } else if (natural - advance).abs() > 0.5 {
                out.push(b'>');
                string = false;
                number(out, natural - advance);
            }
            x += advance * scale;
        }
        close(out, &mut array, &mut string);
        out.extend_from_slice(b"ET\n");
        if told {
            out.extend_from_slice(b"EMC\n");
        }
    }
}

/// Dark modules as rectangles, runs of a row in one piece. Coordinates are modules, from the upper left corner.
fn draw_code(out: &mut Vec<u8>, code: &Modules, (x, y): (f32, f32), edge: f32) {
    #[expect(clippy::cast_precision_loss, reason = "at most 61")]
    let module = edge * MM / code.size as f32;
    out.extend_from_slice(format!("q {module:.5} 0 0 -{module:.5} ").as_bytes());
    op(out, &[x * MM, up(y)], "cm");
    for (column, row, width) in code.runs() {
        for n in [column, row, width] {
            whole_number(out, n as u64);
            out.push(b' ');
        }
        out.extend_from_slice(b"1 re\n");
    }
    out.extend_from_slice(b"f\nQ\n");
}
