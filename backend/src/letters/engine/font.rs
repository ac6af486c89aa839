//! Fonts and shaping: kerning and combining marks (DIN 91379 has letters that no single character holds).

use rustybuzz::{Direction, Face, Feature, ShapePlan, UnicodeBuffer, script, ttf_parser::Tag};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

/// Which of the three fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Noto Sans Regular.
    Regular,
    /// Noto Sans Bold.
    Bold,
    /// Noto Sans Mono Bold: for the user ID.
    Mono,
}

impl Style {
    /// All styles, in the order of their PDF names `/F0`, `/F1`, `/F2`.
    pub const ALL: [Style; 3] = [Style::Regular, Style::Bold, Style::Mono];

    /// Place in [`Style::ALL`].
    pub fn index(self) -> usize {
        match self {
            Style::Regular => 0,
            Style::Bold => 1,
            Style::Mono => 2,
        }
    }
}

/// Noto Sans Regular, the file.
pub const REGULAR: &[u8] = include_bytes!("../../../../assets/fonts/NotoSans-Regular.ttf");
/// Noto Sans Bold, the file.
pub const BOLD: &[u8] = include_bytes!("../../../../assets/fonts/NotoSans-Bold.ttf");

/// Noto Sans Mono Bold, the file.
pub const MONO: &[u8] = include_bytes!("../../../../assets/fonts/NotoSansMono-Bold.ttf");

/// One font file.
pub struct Font {
    /// The file, embedded in the binary.
    pub data: &'static [u8],
    /// Name in the PDF.
    pub name: &'static str,
    face: Face<'static>,
    /// What shaping must look up in the font; the same for every text.
    plan: ShapePlan,
}

/// Ligatures would make one glyph of several letters; names should be copied letter by letter.
fn features() -> [Feature; 3] {
    ["liga", "clig", "dlig"].map(|name| Feature::new(Tag::from_bytes_lossy(name.as_bytes()), 0, ..))
}

/// Units per em of all three fonts (asserted by a test).
pub const UNITS: f32 = 1_000.0;

static FONTS: LazyLock<Option<[Font; 3]>> = LazyLock::new(|| {
    let load = |data: &'static [u8], name| {
        let face = Face::from_slice(data, 0)?;
        let plan = ShapePlan::new(
            &face,
            Direction::LeftToRight,
            Some(script::LATIN),
            None,
            &features(),
        );
        Some(Font {
            data,
            name,
            face,
            plan,
        })
    };
    Some([
        load(REGULAR, "NotoSans-Regular")?,
        load(BOLD, "NotoSans-Bold")?,
        load(MONO, "NotoSansMono-Bold")?,
    ])
});

/// The font of a style. `None` only if an embedded file is damaged, which a test rules out.
pub fn font(style: Style) -> Option<&'static Font> {
    FONTS.as_ref().map(|fonts| &fonts[style.index()])
}

impl Font {
    /// Natural advance of a glyph, in thousandths of an em.
    pub fn advance(&self, glyph: u16) -> u16 {
        self.face
            .glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph))
            .unwrap_or(0)
    }

    /// The outline of a glyph as an SVG path, in thousandths of an em, upwards.
    pub fn outline(&self, glyph: u16) -> String {
        struct Path(String);
        impl rustybuzz::ttf_parser::OutlineBuilder for Path {
            fn move_to(&mut self, x: f32, y: f32) {
                let _ = write!(self.0, "M{x} {y}");
            }
            fn line_to(&mut self, x: f32, y: f32) {
                let _ = write!(self.0, "L{x} {y}");
            }
            fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
                let _ = write!(self.0, "Q{x1} {y1} {x} {y}");
            }
            fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
                let _ = write!(self.0, "C{x1} {y1} {x2} {y2} {x} {y}");
            }
            fn close(&mut self) {
                self.0.push('Z');
            }
        }
        let mut path = Path(String::new());
        self.face
            .outline_glyph(rustybuzz::ttf_parser::GlyphId(glyph), &mut path);
        path.0
    }

    /// Ascender, descender, cap height in thousandths of an em.
    pub fn metrics(&self) -> (i16, i16, i16) {
        (
            self.face.ascender(),
            self.face.descender(),
            self.face.capital_height().unwrap_or(714),
        )
    }

    /// Bounding box of all glyphs.
    pub fn bounds(&self) -> [i16; 4] {
        let b = self.face.global_bounding_box();
        [b.x_min, b.y_min, b.x_max, b.y_max]
    }
}

/// A glyph where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Glyph {
    /// In the font file.
    pub id: u16,
    /// Advance after kerning.
    pub advance: i16,
    /// Shift of a mark.
    pub shift: (i16, i16),
    /// Bytes of the text that it stands for; none if a former glyph of the cluster stands for them.
    text: (u16, u16),
}

impl Glyph {
    /// Is it set over, under or beside the glyph before it?
    pub fn is_mark(&self) -> bool {
        self.advance == 0 || self.shift != (0, 0)
    }

    /// The characters it stands for, of the text that was shaped.
    fn text(self, all: &str) -> &str {
        all.get(usize::from(self.text.0)..usize::from(self.text.1))
            .unwrap_or("")
    }
}

/// A shaped line.
#[derive(Clone, Debug, Default)]
pub struct Shaped {
    /// In order.
    pub glyphs: Vec<Glyph>,
    /// Sum of advances, in thousandths of an em.
    pub width: f32,
}

/// Shapes lines and remembers them; collects which glyphs were used.
#[derive(Default)]
pub struct Shaper {
    lines: [HashMap<Box<str>, Arc<Shaped>>; 3],
    /// Per style: glyph → characters, for the subset and for copying text out of the PDF.
    pub used: [BTreeMap<u16, String>; 3],
}

/// Lines of a style that are remembered; then the memory starts anew. Bounds memory for a city of a million.
const CACHE: usize = 4_000;

impl Shaper {
    /// Shapes a text without line breaks, and remembers it: streets and towns come again and again.
    pub fn shape(&mut self, style: Style, text: &str) -> Arc<Shaped> {
        if let Some(found) = self.lines[style.index()].get(text) {
            return found.clone();
        }
        let shaped = Arc::new(self.shape_once(style, text));
        let lines = &mut self.lines[style.index()];
        if lines.len() >= CACHE {
            lines.clear();
        }
        lines.insert(text.into(), shaped.clone());
        shaped
    }

    /// Shapes a text that does not come again, such as a code.
    pub fn shape_once(&mut self, style: Style, text: &str) -> Shaped {
        let shaped = shape(style, text);
        let used = &mut self.used[style.index()];
        for glyph in &shaped.glyphs {
            let stands_for = glyph.text(text);
            match used.get_mut(&glyph.id) {
                Some(known) if known.is_empty() => stands_for.clone_into(known),
                Some(_) => {}
                None => {
                    used.insert(glyph.id, stands_for.to_owned());
                }
            }
        }
        shaped
    }

    /// Width in points of a text that does not come again.
    pub fn width_once(&mut self, style: Style, size: f32, text: &str) -> f32 {
        self.shape_once(style, text).width * size / UNITS
    }

    /// Width of a text in points.
    pub fn width(&mut self, style: Style, size: f32, text: &str) -> f32 {
        self.shape(style, text).width * size / UNITS
    }
}

fn shape(style: Style, text: &str) -> Shaped {
    let Some(font) = font(style) else {
        return Shaped::default();
    };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(script::LATIN);
    let output = rustybuzz::shape_with_plan(&font.face, &font.plan, buffer);
    let infos = output.glyph_infos();
    let mut glyphs = Vec::with_capacity(infos.len());
    let mut width = 0;
    // glyphs of one cluster stand together; clusters come in the order of the text
    let mut from = 0;
    while let Some(first) = infos.get(from) {
        let count = infos[from..]
            .iter()
            .take_while(|i| i.cluster == first.cluster)
            .count();
        let start = usize::try_from(first.cluster).unwrap_or(0);
        let end = infos
            .get(from + count)
            .and_then(|next| usize::try_from(next.cluster).ok())
            .unwrap_or(text.len());
        let cluster = text.get(start..end).unwrap_or("");
        // a base and its marks have one character each; else the first glyph stands for all
        let one_each = count > 1 && cluster.chars().count() == count;
        let mut starts = cluster.char_indices().map(|(i, c)| (i, i + c.len_utf8()));
        for (i, (info, position)) in infos[from..from + count]
            .iter()
            .zip(&output.glyph_positions()[from..from + count])
            .enumerate()
        {
            let (a, b) = match (one_each, i) {
                (true, _) => starts.next().unwrap_or((0, 0)),
                (false, 0) => (0, cluster.len()),
                (false, _) => (0, 0),
            };
            let place = |at: usize| u16::try_from(start + at).unwrap_or(0);
            let small = |n: i32| i16::try_from(n).unwrap_or(0);
            width += position.x_advance;
            glyphs.push(Glyph {
                id: u16::try_from(info.glyph_id).unwrap_or(0),
                advance: small(position.x_advance),
                shift: (small(position.x_offset), small(position.y_offset)),
                text: (place(a), place(b)),
            });
        }
        from += count;
    }
    #[expect(clippy::cast_precision_loss, reason = "a line is far shorter than 2^24 units")]
    Shaped {
        glyphs,
        width: width as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_glyph_and_comes_back() {
        for style in [Style::Regular, Style::Bold] {
            for letter in domain::din_91379::all() {
                let shaped = shape(style, letter);
                assert!(shaped.glyphs.iter().all(|g| g.id != 0), "{letter} {style:?}");
                let back: String = shaped.glyphs.iter().map(|g| g.text(letter)).collect();
                assert_eq!(back, letter);
            }
        }
    }

    #[test]
    fn marks_stand_over_their_letter() {
        let shaped = shape(Style::Regular, "M̂");
        assert_eq!(shaped.glyphs.len(), 2);
        assert_ne!(shaped.glyphs[1].shift, (0, 0));
    }

    #[test]
    fn fonts_have_the_units_that_are_reckoned_with() {
        for style in Style::ALL {
            assert_eq!(font(style).unwrap().face.units_per_em(), 1_000);
        }
    }
}
