//! Plain pages of text as PDF: headings and lines, broken where the page ends. What printpdf is made for (docs/adr/0006).

use crate::letters::engine::{BOLD, REGULAR};
use printpdf::{
    Mm, Op, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, TextItem,
};

/// Characters of a line of 10 points between the margins of A4 (170 mm; Noto Sans is 5.6 points wide on average).
const LINE: usize = 86;
/// Millimetres from one line to the next.
const STEP: f32 = 5.2;

/// Breaks a line at words; what is indented stays indented.
fn broken(line: &str) -> Vec<String> {
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut lines = vec![indent.clone()];
    for word in line.split_whitespace() {
        // a word that is longer than a line (a hash) is cut
        let chars: Vec<char> = word.chars().collect();
        for piece in chars.chunks(LINE - 12) {
            let piece: String = piece.iter().collect();
            let last = lines.last().map_or(0, |l| l.chars().count());
            if last > indent.len() && last + piece.chars().count() >= LINE {
                lines.push(indent.clone());
            }
            if let Some(last) = lines.last_mut() {
                if last.len() > indent.len() {
                    last.push(' ');
                }
                last.push_str(&piece);
            }
        }
    }
    lines
}

/// The lines as pages with a title and page numbers. "# " begins a heading.
pub(crate) fn pages(title: &str, lines: &[String]) -> Vec<u8> {
    let mut document = PdfDocument::new(title);
    let mut font = |bytes: &[u8]| {
        ParsedFont::from_bytes(bytes, 0, &mut Vec::new())
            .map(|f| PdfFontHandle::External(document.add_font(&f)))
    };
    let (Some(regular), Some(bold)) = (font(REGULAR), font(BOLD)) else {
        return Vec::new();
    };
    let text = |ops: &mut Vec<Op>, font: &PdfFontHandle, size: f32, x: f32, y: f32, text: &str| {
        ops.extend([
            Op::StartTextSection,
            Op::SetFont {
                font: font.clone(),
                size: Pt(size),
            },
            Op::SetTextCursor {
                pos: Point::new(Mm(x), Mm(297.0 - y)),
            },
            Op::ShowText {
                items: vec![TextItem::Text(text.to_owned())],
            },
            Op::EndTextSection,
        ]);
    };
    let mut pages: Vec<Vec<Op>> = vec![Vec::new()];
    let mut y = 32.0;
    if let Some(first) = pages.first_mut() {
        text(first, &bold, 16.0, 20.0, 22.0, title);
    }
    for line in lines {
        let (font, line, before) = match line.strip_prefix("# ") {
            Some(heading) => (&bold, heading, 4.0),
            None => (&regular, line.as_str(), 0.0),
        };
        y += before;
        for part in broken(line) {
            if y > 275.0 {
                pages.push(Vec::new());
                y = 22.0;
            }
            if let Some(page) = pages.last_mut() {
                text(page, font, 10.0, 20.0, y, &part);
            }
            y += STEP;
        }
    }
    let count = pages.len();
    let pages = (1..)
        .zip(pages)
        .map(|(number, mut ops)| {
            text(
                &mut ops,
                &regular,
                8.0,
                180.0,
                287.0,
                &format!("{number}/{count}"),
            );
            PdfPage::new(Mm(210.0), Mm(297.0), ops)
        })
        .collect();
    document
        .with_pages(pages)
        .save(&PdfSaveOptions::default(), &mut Vec::new())
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn lines_are_broken_at_words() {
        let lines = broken(&format!("   {}", "ein Wort ".repeat(40)));
        assert!(
            lines.len() > 3
                && lines
                    .iter()
                    .all(|l| l.chars().count() <= 86 && l.starts_with("   ein"))
        );
        let hash = broken(&format!("SHA-256 {}", "a".repeat(200)));
        assert!(hash.iter().all(|l| l.chars().count() <= 86));
        assert_eq!(broken(""), [""]);
    }
}
