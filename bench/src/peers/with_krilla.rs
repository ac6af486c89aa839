//! What the layout placed, drawn with krilla: a peer in benchmarks, and the oracle of the pixel comparison. Slow and plain:
//! every line is shaped by krilla itself, every dark module is a rectangle.

use backend::letters::engine::{
    BOLD, MONO, REGULAR, Style,
    sheet::{Block, Item, MM, PAGE},
};
use krilla::{
    Document,
    geom::{PathBuilder, Point, Rect, Size},
    page::PageSettings,
    paint::{Fill, Stroke},
    text::{Font, TextDirection},
};

/// The fonts of the letters.
pub fn fonts() -> [Font; 3] {
    [REGULAR, BOLD, MONO].map(|data| Font::new(data.to_vec().into(), 0).expect("an embedded font"))
}

/// Draws a side of a letter as a page of its own.
pub fn page<'b>(document: &mut Document, fonts: &[Font; 3], blocks: impl IntoIterator<Item = &'b Block>) {
    let size = Size::from_wh(PAGE.0 * MM, PAGE.1 * MM).expect("a page has a size");
    let mut page = document.start_page_with(PageSettings::new(size));
    let mut surface = page.surface();
    for item in blocks.into_iter().flat_map(|b| &b.items) {
        match item {
            Item::Text(spot, text) | Item::Once(spot, text) => {
                let font = match spot.style {
                    Style::Regular => &fonts[0],
                    Style::Bold => &fonts[1],
                    Style::Mono => &fonts[2],
                };
                surface.set_fill(Some(Fill::default()));
                surface.set_stroke(None);
                let at = Point::from_xy(spot.x * MM, spot.y * MM);
                surface.draw_text(
                    at,
                    font.clone(),
                    spot.size,
                    text,
                    false,
                    TextDirection::LeftToRight,
                );
            }
            Item::Line(from, to, width) => {
                let mut path = PathBuilder::new();
                path.move_to(from.0 * MM, from.1 * MM);
                path.line_to(to.0 * MM, to.1 * MM);
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    width: *width,
                    ..Stroke::default()
                }));
                if let Some(path) = path.finish() {
                    surface.draw_path(&path);
                }
            }
            Item::Code(modules, at, edge) => {
                let module = edge * MM / modules.size as f32;
                let mut path = PathBuilder::new();
                for y in 0..modules.size {
                    for x in (0..modules.size).filter(|x| modules.dark(*x, y)) {
                        let (left, top) = (at.0 * MM + x as f32 * module, at.1 * MM + y as f32 * module);
                        if let Some(rect) = Rect::from_xywh(left, top, module, module) {
                            path.push_rect(rect);
                        }
                    }
                }
                surface.set_fill(Some(Fill::default()));
                surface.set_stroke(None);
                if let Some(path) = path.finish() {
                    surface.draw_path(&path);
                }
            }
            Item::Picture(..) => {}
        }
    }
    surface.finish();
    page.finish();
}
