//! printpdf (the customer's choice): text and rectangles as its operations, one page after the other.

use backend::letters::engine::{
    BOLD, MONO, REGULAR, Style,
    sheet::{Block, Item, MM, PAGE},
};
use printpdf::{
    Line, LinePoint, Mm, Op, PaintMode, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions,
    Point, Pt, Rect, TextItem, WindingOrder,
};

/// Draws pages; bytes of the file.
pub(crate) fn draw(pages: Vec<Vec<Block>>) -> u64 {
    let mut document = PdfDocument::new("Registrierungsbriefe");
    let fonts = [REGULAR, BOLD, MONO].map(|bytes| {
        let font = ParsedFont::from_bytes(bytes, 0, &mut Vec::new()).unwrap();
        PdfFontHandle::External(document.add_font(&font))
    });
    let up = |y: f32| PAGE.1 - y;
    let pages = pages
        .into_iter()
        .map(|blocks| {
            let mut ops = Vec::new();
            for item in blocks.into_iter().flat_map(|b| b.items) {
                match item {
                    Item::Text(spot, text) | Item::Once(spot, text) => ops.extend([
                        Op::StartTextSection,
                        Op::SetFont {
                            font: match spot.style {
                                Style::Regular => fonts[0].clone(),
                                Style::Bold => fonts[1].clone(),
                                Style::Mono => fonts[2].clone(),
                            },
                            size: Pt(spot.size),
                        },
                        Op::SetTextCursor {
                            pos: Point::new(Mm(spot.x), Mm(up(spot.y))),
                        },
                        Op::ShowText {
                            items: vec![TextItem::Text(text)],
                        },
                        Op::EndTextSection,
                    ]),
                    Item::Line(from, to, _) => ops.push(Op::DrawLine {
                        line: Line {
                            points: [from, to]
                                .map(|(x, y)| LinePoint {
                                    p: Point::new(Mm(x), Mm(up(y))),
                                    bezier: false,
                                })
                                .to_vec(),
                            is_closed: false,
                        },
                    }),
                    Item::Code(modules, at, edge) => {
                        let module = edge * MM / modules.size as f32;
                        for (column, row, width) in modules.runs() {
                            let rectangle = Rect {
                                x: Pt(at.0 * MM + column as f32 * module),
                                y: Pt(up(at.1) * MM - (row + 1) as f32 * module),
                                width: Pt(width as f32 * module),
                                height: Pt(module),
                                mode: Some(PaintMode::Fill),
                                winding_order: Some(WindingOrder::NonZero),
                            };
                            ops.push(Op::DrawRectangle { rectangle });
                        }
                    }
                    Item::Picture(..) => {}
                }
            }
            PdfPage::new(Mm(PAGE.0), Mm(PAGE.1), ops)
        })
        .collect();
    document
        .with_pages(pages)
        .save(&PdfSaveOptions::default(), &mut Vec::new())
        .len() as u64
}
