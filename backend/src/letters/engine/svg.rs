//! A side of a letter as SVG: the same layout, the same outlines of the same fonts as the printed page. For the preview
//! beside the editor and the pictures of the help pages.

use super::{
    artwork::{Art, Artwork},
    font::{Shaper, UNITS, font},
    qr::Modules,
    sheet::{Block, Item, MM, PAGE, Picture},
};
use base64::Engine as _;
use std::{collections::BTreeMap, fmt::Write as _};

/// What of a side is shown, and what is pointed at.
pub struct View<'a> {
    /// Tells pictures of one page apart.
    pub name: &'a str,
    /// What the picture shows, for people who do not see it.
    pub label: &'a str,
    /// Left, top, width, height in millimetres.
    pub part: (f32, f32, f32, f32),
    /// Numbers in circles at these places, from 1.
    pub marks: &'a [(f32, f32)],
}

/// Draws a whole side.
pub fn side<'b>(
    name: &str,
    blocks: impl IntoIterator<Item = &'b Block>,
    art: &Art,
    shaper: &mut Shaper,
    label: &str,
) -> String {
    let view = View {
        name,
        label,
        part: (0.0, 0.0, PAGE.0, PAGE.1),
        marks: &[],
    };
    part(&view, blocks, art, shaper)
}

/// Draws a part of a side.
pub fn part<'b>(
    view: &View<'_>,
    blocks: impl IntoIterator<Item = &'b Block>,
    art: &Art,
    shaper: &mut Shaper,
) -> String {
    let name = view.name;
    let mut drawing = Drawing {
        name: name.to_owned(),
        glyphs: BTreeMap::new(),
        body: String::new(),
    };
    for item in blocks.into_iter().flat_map(|b| &b.items) {
        drawing.item(item, art, shaper);
    }
    for (i, (x, y)) in view.marks.iter().enumerate() {
        let radius = view.part.2 / 48.0;
        let _ = write!(
            drawing.body,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"#1b3a8a\"/><text x=\"{x}\" y=\"{}\" font-size=\"{}\" \
font-family=\"sans-serif\" font-weight=\"bold\" fill=\"#fff\" text-anchor=\"middle\">{}</text>",
            y + radius * 0.5,
            radius * 1.4,
            i + 1
        );
    }
    let mut defs = String::new();
    for ((style, glyph), outline) in &drawing.glyphs {
        let _ = write!(defs, "<path id=\"{name}{style}-{glyph}\" d=\"{outline}\"/>");
    }
    let label = escape(view.label);
    let (x, y, width, height) = view.part;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{x} {y} {width} {height}\" role=\"img\" aria-label=\"{label}\"><title>{label}</title>\
<defs>{defs}</defs><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>{}</svg>",
        drawing.body
    )
}

struct Drawing {
    name: String,
    glyphs: BTreeMap<(usize, u16), String>,
    body: String,
}

impl Drawing {
    fn item(&mut self, item: &Item, art: &Art, shaper: &mut Shaper) {
        match item {
            Item::Text(spot, text) | Item::Once(spot, text) => {
                let Some(font) = font(spot.style) else { return };
                let shaped = shaper.shape_once(spot.style, text);
                let scale = spot.size / UNITS / MM;
                let _ = write!(
                    self.body,
                    "<g transform=\"translate({:.3} {:.3}) scale({scale:.6} -{scale:.6})\">",
                    spot.x, spot.y
                );
                let mut x = 0;
                for glyph in &shaped.glyphs {
                    let key = (spot.style.index(), glyph.id);
                    self.glyphs.entry(key).or_insert_with(|| font.outline(glyph.id));
                    let at = (x + i32::from(glyph.shift.0), glyph.shift.1);
                    let name = &self.name;
                    let _ = write!(
                        self.body,
                        "<use href=\"#{name}{}-{}\" x=\"{}\"",
                        key.0, key.1, at.0
                    );
                    if at.1 != 0 {
                        let _ = write!(self.body, " y=\"{}\"", at.1);
                    }
                    self.body.push_str("/>");
                    x += i32::from(glyph.advance);
                }
                self.body.push_str("</g>");
            }
            Item::Line(from, to, width) => {
                let _ = write!(
                    self.body,
                    "<path d=\"M{} {}L{} {}\" stroke=\"#000\" stroke-width=\"{:.3}\"/>",
                    from.0,
                    from.1,
                    to.0,
                    to.1,
                    width / MM
                );
            }
            Item::Code(modules, at, edge) => self.code(modules, *at, *edge),
            Item::Picture(picture, at, size) => self.picture(*picture, art, *at, *size),
        }
    }

    fn code(&mut self, modules: &Modules, at: (f32, f32), edge: f32) {
        #[expect(clippy::cast_precision_loss, reason = "at most 61")]
        let module = edge / modules.size as f32;
        let _ = write!(
            self.body,
            "<path shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({module:.5})\" d=\"",
            at.0, at.1
        );
        for (x, y, width) in modules.runs() {
            let _ = write!(self.body, "M{x} {y}h{width}v1h-{width}z");
        }
        self.body.push_str("\"/>");
    }

    fn picture(&mut self, picture: Picture, art: &Art, at: (f32, f32), size: (f32, f32)) {
        match art.get(picture) {
            Some(Artwork::Shapes { paths, size: own, .. }) => {
                let _ = write!(
                    self.body,
                    "<g transform=\"translate({} {}) scale({:.5} {:.5})\">{paths}</g>",
                    at.0,
                    at.1,
                    size.0 / own.0,
                    size.1 / own.1
                );
            }
            Some(Artwork::Pixels { file, .. }) => {
                let _ = write!(
                    self.body,
                    "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" href=\"data:image/png;base64,{}\"/>",
                    at.0,
                    at.1,
                    size.0,
                    size.1,
                    base64::engine::general_purpose::STANDARD.encode(file)
                );
            }
            None => {}
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
