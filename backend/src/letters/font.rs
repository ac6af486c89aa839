//! Fonts and shaping: kerning and combining marks (DIN 91379 has letters that no single character holds).

use rustybuzz::{Face, UnicodeBuffer, ttf_parser::Tag};
use std::{
    collections::{BTreeMap, HashMap},
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

/// One font file.
pub struct Font {
    /// The file, embedded in the binary.
    pub data: &'static [u8],
    /// Name in the PDF.
    pub name: &'static str,
    face: Face<'static>,
}

/// Units per em of all three fonts (asserted by a test).
pub const UNITS: f32 = 1_000.0;

static FONTS: LazyLock<Option<[Font; 3]>> = LazyLock::new(|| {
    let load = |data: &'static [u8], name| Face::from_slice(data, 0).map(|face| Font { data, name, face });
    Some([
        load(
            include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf"),
            "NotoSans-Regular",
        )?,
        load(
            include_bytes!("../../../assets/fonts/NotoSans-Bold.ttf"),
            "NotoSans-Bold",
        )?,
        load(
            include_bytes!("../../../assets/fonts/NotoSansMono-Bold.ttf"),
            "NotoSansMono-Bold",
        )?,
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
#[derive(Clone, Debug)]
pub struct Glyph {
    /// In the font file.
    pub id: u16,
    /// Advance after kerning.
    pub advance: i32,
    /// Shift of a mark.
    pub shift: (i32, i32),
    /// The characters it stands for; empty if a former glyph of the cluster stands for them.
    pub text: String,
}

/// A shaped word.
#[derive(Clone, Debug, Default)]
pub struct Shaped {
    /// In order.
    pub glyphs: Vec<Glyph>,
    /// Sum of advances, in thousandths of an em.
    pub width: f32,
}

/// Shapes words and remembers them; collects which glyphs were used.
#[derive(Default)]
pub struct Shaper {
    words: HashMap<(Style, Box<str>), Arc<Shaped>>,
    /// Per style: glyph → characters, for the subset and for copying text out of the PDF.
    pub used: [BTreeMap<u16, String>; 3],
}

/// Words that are remembered; then the memory starts anew. Bounds memory for a city of a million.
const CACHE: usize = 20_000;

impl Shaper {
    /// Shapes a text without line breaks.
    pub fn shape(&mut self, style: Style, text: &str) -> Arc<Shaped> {
        if let Some(found) = self.words.get(&(style, text.into())) {
            return found.clone();
        }
        let shaped = Arc::new(shape(style, text));
        for glyph in &shaped.glyphs {
            let known = self.used[style.index()].entry(glyph.id).or_default();
            if known.is_empty() {
                known.clone_from(&glyph.text);
            }
        }
        if self.words.len() >= CACHE {
            self.words.clear();
        }
        self.words.insert((style, text.into()), shaped.clone());
        shaped
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
    buffer.guess_segment_properties();
    // ligatures would make one glyph of several letters; names should be copied letter by letter
    let features = ["liga", "clig", "dlig"]
        .map(|name| rustybuzz::Feature::new(Tag::from_bytes_lossy(name.as_bytes()), 0, ..));
    let output = rustybuzz::shape(&font.face, &features, buffer);
    let infos = output.glyph_infos();
    let starts: Vec<usize> = infos
        .iter()
        .map(|i| usize::try_from(i.cluster).unwrap_or(0))
        .collect();
    let mut glyphs = Vec::with_capacity(infos.len());
    let mut width = 0;
    for (i, (info, position)) in infos.iter().zip(output.glyph_positions()).enumerate() {
        let start = starts[i];
        let end = starts
            .iter()
            .copied()
            .filter(|s| *s > start)
            .min()
            .unwrap_or(text.len());
        let first = starts.iter().position(|s| *s == start).unwrap_or(i);
        let count = starts.iter().filter(|s| **s == start).count();
        let cluster: Vec<char> = text.get(start..end).unwrap_or("").chars().collect();
        let characters: String = if cluster.len() == count {
            // a base and its marks: one character each
            cluster.get(i - first).into_iter().collect()
        } else if i == first {
            cluster.iter().collect()
        } else {
            String::new()
        };
        width += position.x_advance;
        glyphs.push(Glyph {
            id: u16::try_from(info.glyph_id).unwrap_or(0),
            advance: position.x_advance,
            shift: (position.x_offset, position.y_offset),
            text: characters,
        });
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

    /// Letters of DIN 91379:2022-08 that exist only as sequences, and a sample of the others.
    const SEQUENCES: &str = "A̋ C̀ C̄ C̆ C̈ C̕ C̣ C̦ C̨̆ D̂ F̀ F̄ G̀ H̄ H̦ H̱ J́ J̌ K̀ K̂ K̄ K̇ K̕ K̛ K̦ L̂ L̥ L̥̄ L̦ M̀ M̂ M̆ M̐ N̂ N̄ N̆ N̦ P̀ P̄ P̕ P̣ R̆ R̥ R̥̄ S̀ S̄ S̛̄ S̱ T̀ T̄ T̈ T̕ T̛ U̇ Z̀ Z̄ Z̆ Z̈ Z̧ a̋ c̀ c̄ c̆ c̈ c̕ c̣ c̦ c̨̆ d̂ f̀ f̄ g̀ h̄ h̦ j́ k̀ k̂ k̄ k̇ k̕ k̛ k̦ l̂ l̥ l̥̄ l̦ m̀ m̂ m̆ m̐ n̂ n̄ n̆ n̦ p̀ p̄ p̕ p̣ r̆ r̥ r̥̄ s̀ s̄ s̛̄ s̱ t̀ t̄ t̕ t̛ u̇ z̀ z̄ z̆ z̈ z̧ Ç̆ ç̆ Û̄ û̄ ẞ ß Ł ł ễ ş Ş ţ Ț ə Ə Ŋ ŋ Đ Þ ð Œ œ Æ ŉ Ǆ ǆ Ǩ ʼ ʹ ʺ ʿ ʾ ƒ ˈ";

    #[test]
    fn every_letter_has_a_glyph_and_comes_back() {
        for style in [Style::Regular, Style::Bold] {
            for letter in SEQUENCES.split(' ') {
                let shaped = shape(style, letter);
                assert!(shaped.glyphs.iter().all(|g| g.id != 0), "{letter} {style:?}");
                let back: String = shaped.glyphs.iter().map(|g| g.text.as_str()).collect();
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
    fn all_blocks_of_the_norm_are_covered() {
        // the blocks of DIN 91379 "bll" that are single characters
        let face = &font(Style::Regular).unwrap().face;
        let single = (0x20..=0x7E)
            .chain(0xA1..=0x17F)
            .chain([0x18F, 0x192, 0x1A0, 0x1A1, 0x1AF, 0x1B0])
            .chain(0x1CD..=0x1DC)
            .chain(0x1E02..=0x1E03)
            .chain(0x1EA0..=0x1EF9)
            .chain(0x218..=0x21B);
        for code in single.filter(|c| *c != 0xAD) {
            let c = char::from_u32(code).unwrap();
            assert!(face.glyph_index(c).is_some(), "U+{code:04X} {c}");
        }
        for style in Style::ALL {
            assert_eq!(font(style).unwrap().face.units_per_em(), 1_000);
        }
    }
}
