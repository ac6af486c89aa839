//! The page of a letter: DIN 5008 form B. Everything that is alike in all letters is drawn once (a form XObject);
//! per letter only address, salutation, codes and letter number are drawn.

use super::{
    artwork::Artwork,
    font::{Shaped, Shaper, Style, UNITS, font},
    qr::Modules,
};
use domain::letters::content::{Frozen, Recipient, fill};

/// Points per millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A4 in millimetres.
pub const PAGE: (f32, f32) = (210.0, 297.0);
/// Left edge of the text, in millimetres from the left edge of the sheet (DIN 5008).
pub const LEFT: f32 = 25.0;
/// Right edge of the text.
const RIGHT: f32 = 190.0;
/// Address zone of form B: from here (millimetres from the top) six lines fit above 90 mm.
pub const ADDRESS_ZONE: (f32, f32) = (62.7, 90.0);
/// Window of the envelope: left 20 mm, 85 × 45 mm from 45 mm down.
pub const WINDOW: (f32, f32, f32, f32) = (20.0, 45.0, 105.0, 90.0);
/// Edge of the QR code without quiet zone, in millimetres; the standard for letters here is at least 30.
pub const QR_EDGE: f32 = 38.0;
/// Second fold of form B and how far the code keeps away from it.
const FOLD: (f32, f32) = (210.0, 5.0);
/// Nothing below this line but the footer.
const BOTTOM: f32 = 275.0;

/// A line of text that is placed.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Millimetres from the left.
    pub x: f32,
    /// Baseline, millimetres from the top.
    pub y: f32,
    /// Points.
    pub size: f32,
    /// Font.
    pub style: Style,
}

/// The texts do not fit on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotFit;

/// Where everything stands, and the operators of what is alike in all letters.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Content of the form XObject.
    pub fixed: Vec<u8>,
    salutation_y: f32,
    qr_y: f32,
    base_url: String,
}

/// Writes content-stream operators.
pub struct Pen<'a> {
    /// The operators so far.
    pub out: Vec<u8>,
    /// Shapes and remembers.
    pub shaper: &'a mut Shaper,
}

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

impl Pen<'_> {
    /// One line of text. Words and marks are positioned; the text can be copied letter by letter.
    pub fn text(&mut self, spot: Spot, text: &str) {
        let shaped = self.shaper.shape(spot.style, text);
        self.glyphs(spot, &shaped, text);
    }

    /// Like [`Pen::text`], for a text that does not come again.
    fn code(&mut self, spot: Spot, text: &str) {
        let shaped = self.shaper.shape_once(spot.style, text);
        self.glyphs(spot, &shaped, text);
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

    /// Breaks a text into lines of at most `width` millimetres.
    pub fn wrap(&mut self, style: Style, size: f32, width: f32, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() {
                    word.to_owned()
                } else {
                    format!("{line} {word}")
                };
                if !line.is_empty() && self.shaper.width(style, size, &longer) > width * MM {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                } else {
                    line = longer;
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Wrapped text from baseline `y` on; the baseline after the last line.
    fn block(&mut self, spot: Spot, width: f32, leading: f32, text: &str) -> f32 {
        let mut y = spot.y;
        for line in self.wrap(spot.style, spot.size, width, text) {
            if !line.is_empty() {
                self.text(Spot { y, ..spot }, &line);
            }
            y += if line.is_empty() { leading * 0.55 } else { leading };
        }
        y
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32) {
        op(&mut self.out, &[width], "w");
        op(&mut self.out, &[from.0 * MM, up(from.1)], "m");
        op(&mut self.out, &[to.0 * MM, up(to.1)], "l");
        op(&mut self.out, &[], "S");
    }
}

const BODY: f32 = 10.0;
const LEADING: f32 = 4.7;

impl Layout {
    /// Lays out what is alike. Says if the texts do not fit; nothing is ever cut.
    pub fn new(
        frozen: &Frozen,
        logo: Option<&Artwork>,
        signature: Option<&Artwork>,
        shaper: &mut Shaper,
    ) -> Result<Self, DoesNotFit> {
        let days = frozen.validity_days.to_string();
        let web = frozen
            .base_url
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .to_owned();
        let values = [
            ("kommune", frozen.municipality.as_str()),
            ("web", web.as_str()),
            ("tage", days.as_str()),
            ("telefon", frozen.telephone.as_str()),
        ];
        let texts = |t: &str| fill(t, &values);
        let mut pen = Pen {
            out: Vec::new(),
            shaper,
        };
        let regular = |x, y, size| Spot {
            x,
            y,
            size,
            style: Style::Regular,
        };
        let bold = |x, y, size| Spot {
            x,
            y,
            size,
            style: Style::Bold,
        };

        // fold marks and hole mark of form B
        for (y, length) in [(105.0, 4.0), (148.5, 6.0), (FOLD.0, 4.0)] {
            pen.line((5.0, y), (5.0 + length, y), 0.3);
        }
        // letterhead
        let mut name_x = LEFT;
        if let Some(logo) = logo {
            let (width, height) = logo.fit(45.0, 18.0);
            logo.draw(&mut pen.out, "Logo", LEFT, 14.0, width, height);
            name_x = LEFT + width + 5.0;
        }
        pen.text(bold(name_x, 24.5, 15.0), &frozen.municipality_line());
        // return line: the last line of the notes zone, underlined
        let mut size = 7.5;
        while pen.shaper.width(Style::Regular, size, &frozen.return_line) > 80.0 * MM && size > 5.5 {
            size -= 0.25;
        }
        pen.text(regular(LEFT, 60.6, size), &frozen.return_line);
        pen.line((LEFT, 61.6), (LEFT + 80.0, 61.6), 0.25);
        // information block: left 125, top 50
        let mut y = 53.0;
        for (i, line) in frozen.contact.iter().enumerate() {
            let mut spot = if i == 0 {
                bold(125.0, y, 9.0)
            } else {
                regular(125.0, y, 9.0)
            };
            while pen.shaper.width(spot.style, spot.size, line) > 70.0 * MM && spot.size > 6.0 {
                spot.size -= 0.25;
            }
            pen.text(spot, line);
            y += 4.3;
        }
        pen.text(regular(125.0, 84.0, 9.0), "Brief-Nr.:");
        pen.text(regular(125.0, 88.3, 9.0), "Datum:");
        pen.text(regular(145.0, 88.3, 9.0), &frozen.date);

        // subject, then the salutation (per letter), then the text
        let mut y = 103.0;
        for line in pen.wrap(Style::Bold, 11.0, RIGHT - LEFT, &texts(&frozen.texts.subject)) {
            pen.text(bold(LEFT, y, 11.0), &line);
            y += 5.2;
        }
        let salutation_y = y + 3.6;
        y = pen.block(
            regular(LEFT, salutation_y + 1.9 * LEADING, BODY),
            RIGHT - LEFT,
            LEADING,
            &texts(&frozen.texts.body),
        );
        // the code: never in the fold
        let mut qr_y = y + 2.0;
        if qr_y < FOLD.0 + FOLD.1 && qr_y + QR_EDGE + 4.0 > FOLD.0 - FOLD.1 {
            qr_y = FOLD.0 + FOLD.1 + 2.0;
        }
        let column = LEFT + QR_EDGE + 9.0;
        pen.text(bold(column, qr_y + 3.0, 9.0), "Benutzer-ID / User ID");
        let after_steps = pen.block(
            regular(column, qr_y + 17.0, 9.0),
            RIGHT - column,
            4.2,
            &texts(&frozen.texts.steps),
        );
        let mut y = after_steps.max(qr_y + QR_EDGE + 4.0) + 3.0;
        // English, set apart by a line
        if !frozen.texts.english.trim().is_empty() {
            pen.line((LEFT, y - 3.2), (RIGHT, y - 3.2), 0.3);
            pen.text(bold(LEFT, y + 1.0, 9.0), "English");
            y = pen.block(
                regular(LEFT + 17.0, y + 1.0, 9.0),
                RIGHT - LEFT - 17.0,
                4.2,
                &texts(&frozen.texts.english),
            ) + 3.5;
        }
        pen.text(regular(LEFT, y + 1.0, BODY), &texts(&frozen.texts.closing));
        y += 4.0;
        if let Some(signature) = signature {
            let (width, height) = signature.fit(50.0, 14.0);
            signature.draw(&mut pen.out, "Signature", LEFT, y, width, height);
            y += height;
        }
        y = pen.block(
            regular(LEFT, y + 4.5, BODY),
            RIGHT - LEFT,
            LEADING,
            &texts(&frozen.texts.signatory),
        );
        if y - LEADING > BOTTOM {
            return Err(DoesNotFit);
        }
        // footer
        pen.line((LEFT, 281.0), (RIGHT, 281.0), 0.25);
        let footer = format!("{} · {}", frozen.return_line, web);
        pen.text(regular(LEFT, 285.0, 7.5), &footer);
        Ok(Self {
            fixed: pen.out,
            salutation_y,
            qr_y,
            base_url: frozen.base_url.clone(),
        })
    }

    /// The link that the QR code carries.
    pub fn link(&self, payload: &str) -> String {
        domain::urls::letter_link(&self.base_url, payload)
    }

    /// The content of one letter's page.
    pub fn letter(
        &self,
        shaper: &mut Shaper,
        to: &Recipient,
        user_id: &str,
        letter_number: &str,
        code: &Modules,
    ) -> Result<Vec<u8>, DoesNotFit> {
        let mut pen = Pen {
            out: Vec::with_capacity(12_000),
            shaper,
        };
        pen.out.extend_from_slice(b"/X0 Do\n");
        // the last line stands at the bottom of the zone only if there are six; DIN 5008 fills from the top
        let lines = 1 + to.address.len();
        if lines > 6 {
            return Err(DoesNotFit);
        }
        let mut y = ADDRESS_ZONE.0 + 4.2;
        for line in std::iter::once(&to.name).chain(&to.address) {
            let mut size = 10.5;
            // long names get smaller down to what sorting machines read, never cut
            while pen.shaper.width(Style::Regular, size, line) > 80.0 * MM {
                size -= 0.25;
                if size < 8.0 {
                    return Err(DoesNotFit);
                }
            }
            pen.text(
                Spot {
                    x: LEFT,
                    y,
                    size,
                    style: Style::Regular,
                },
                line,
            );
            y += 4.5;
        }
        pen.code(
            Spot {
                x: 145.0,
                y: 84.0,
                size: 9.0,
                style: Style::Bold,
            },
            letter_number,
        );
        let salutation = format!("Guten Tag {},", to.name);
        let mut size = BODY;
        while pen.shaper.width(Style::Regular, size, &salutation) > (RIGHT - LEFT) * MM && size > 6.0 {
            size -= 0.25;
        }
        pen.text(
            Spot {
                x: LEFT,
                y: self.salutation_y,
                size,
                style: Style::Regular,
            },
            &salutation,
        );
        let column = LEFT + QR_EDGE + 9.0;
        pen.code(
            Spot {
                x: column,
                y: self.qr_y + 10.5,
                size: 17.0,
                style: Style::Mono,
            },
            user_id,
        );
        draw_code(&mut pen.out, code, LEFT, self.qr_y);
        Ok(pen.out)
    }
}

/// Dark modules as rectangles, runs of a row in one piece. Coordinates are modules, from the upper left corner.
fn draw_code(out: &mut Vec<u8>, code: &Modules, x: f32, y: f32) {
    #[expect(clippy::cast_precision_loss, reason = "at most 61")]
    let module = QR_EDGE * MM / code.size as f32;
    out.extend_from_slice(format!("q {module:.5} 0 0 -{module:.5} ").as_bytes());
    op(out, &[x * MM, up(y)], "cm");
    for (row, bits) in code.rows.iter().enumerate() {
        let mut start = None;
        for column in 0..=code.size {
            let dark = column < code.size && bits >> column & 1 == 1;
            match (dark, start) {
                (true, None) => start = Some(column),
                (false, Some(from)) => {
                    for n in [from, row, column - from] {
                        whole_number(out, n as u64);
                        out.push(b' ');
                    }
                    out.extend_from_slice(b"1 re\n");
                    start = None;
                }
                _ => {}
            }
        }
    }
    out.extend_from_slice(b"f\nQ\n");
}

/// What the letterhead says beside the logo.
trait Letterhead {
    /// The sender's name.
    fn municipality_line(&self) -> String;
}

impl Letterhead for Frozen {
    fn municipality_line(&self) -> String {
        self.contact
            .first()
            .cloned()
            .unwrap_or_else(|| self.municipality.clone())
    }
}
