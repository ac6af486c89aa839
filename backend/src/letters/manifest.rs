//! The manifest of a batch: which files there are, with counts, pages, first and last letter and SHA-256, for whoever
//! prints. It names no person. As a table, as a workbook and as a PDF.

use super::{BatchLine, PartLine, batch, parts};
use crate::{Ctx, Failure, municipality};
use domain::access::{Actor, Permission};
use locales::Lang;
use uuid::Uuid;

/// A finished document.
pub struct Manifest {
    /// Name for the browser.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Kinds of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestKind {
    /// A workbook.
    Xlsx,
    /// A page or more to print.
    Pdf,
}

/// Makes the manifest of a batch whose check has passed.
pub async fn manifest(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    kind: ManifestKind,
    lang: Lang,
) -> Result<Manifest, Failure> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let line = batch(ctx, actor, id).await?;
    let parts = parts(ctx, actor, id).await?;
    if parts.is_empty() {
        return Err(Failure::Denied);
    }
    let name = match lang.code() {
        "de" => format!("begleitschein-druckauftrag-{}", line.number),
        _ => format!("manifest-print-job-{}", line.number),
    };
    let settings = municipality::current(ctx).await?.settings;
    let from = format!("{}, {}", settings.sender, settings.telephone);
    let sheet = Sheet::new(lang, &line, &parts, from);
    let (bytes, end) = match kind {
        ManifestKind::Xlsx => (workbook(&sheet).map_err(Failure::broken)?, "xlsx"),
        ManifestKind::Pdf => (print(&sheet), "pdf"),
    };
    Ok(Manifest {
        name: format!("{name}.{end}"),
        bytes,
    })
}

/// What both documents say.
struct Sheet {
    lang: Lang,
    title: String,
    facts: Vec<(String, String)>,
    heads: Vec<String>,
    rows: Vec<Vec<Cell>>,
    note: String,
    signed: String,
}

enum Cell {
    Text(String),
    Number(i64),
}

impl Sheet {
    fn new(lang: Lang, batch: &BatchLine, parts: &[PartLine], from: String) -> Self {
        let moment = |at| crate::wording::moment(lang, at);
        let letters: i64 = parts.iter().map(|p| p.letters).sum();
        let pages: i64 = parts.iter().map(|p| p.pages).sum();
        let sheets: i64 = parts.iter().map(|p| p.sheets).sum();
        let template = format!(
            "{}, {}",
            lang.t(&format!("template-{}", batch.occasion)),
            lang.with(
                "template-version-short",
                &[("n", &batch.template_version.to_string())]
            )
        );
        let double = sheets < pages;
        let mut facts = vec![
            (lang.t("manifest-from"), from),
            (lang.t("batch-letters"), lang.number(letters)),
            (lang.t("manifest-pages"), lang.number(pages)),
            (lang.t("manifest-sheets"), lang.number(sheets)),
            (
                lang.t("manifest-how"),
                lang.t(if double {
                    "manifest-double"
                } else {
                    "manifest-single"
                }),
            ),
            (lang.t("manifest-template"), template),
            (lang.t("letter-made"), moment(batch.created_at)),
        ];
        if let Some(at) = batch.ready_at {
            facts.push((lang.t("batch-checked"), moment(at)));
        }
        Self {
            lang,
            title: format!("{} {}", lang.t("manifest-title"), batch.number),
            facts,
            heads: [
                "manifest-file",
                "batch-letters",
                "manifest-pages",
                "manifest-sheets",
                "manifest-first",
                "manifest-last",
                "manifest-bytes",
            ]
            .map(|k| lang.t(k))
            .into_iter()
            .chain(["SHA-256".to_owned()])
            .collect(),
            rows: parts
                .iter()
                .map(|p| {
                    let place = |number: &str, position: i64| {
                        Cell::Text(format!("{number} ({}-{position})", batch.number))
                    };
                    vec![
                        Cell::Number(p.part),
                        Cell::Number(p.letters),
                        Cell::Number(p.pages),
                        Cell::Number(p.sheets),
                        place(&p.first_number, p.first_position),
                        place(&p.last_number, p.last_position),
                        Cell::Number(p.bytes),
                        Cell::Text(p.sha256.clone()),
                    ]
                })
                .collect(),
            note: lang.t("manifest-note"),
            signed: lang.t("manifest-signed"),
        }
    }
}

fn workbook(sheet: &Sheet) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    use rust_xlsxwriter::{Format, Workbook};
    let bold = Format::new().set_bold();
    let number = Format::new().set_num_format("#,##0");
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.write_with_format(0, 0, &sheet.title, &bold)?;
    let mut row = 1;
    for (name, value) in &sheet.facts {
        page.write(row, 0, name)?;
        page.write(row, 1, value)?;
        row += 1;
    }
    row += 1;
    for (column, head) in (0..).zip(&sheet.heads) {
        page.write_with_format(row, column, head, &bold)?;
    }
    for cells in &sheet.rows {
        row += 1;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) => page.write(row, column, text)?,
                #[expect(clippy::cast_precision_loss, reason = "Excel counts in floating point")]
                Cell::Number(n) => page.write_with_format(row, column, *n as f64, &number)?,
            };
        }
    }
    page.write(row + 2, 0, &sheet.note)?;
    for (column, width) in [
        (0, 16.0),
        (1, 18.0),
        (2, 9.0),
        (3, 9.0),
        (4, 22.0),
        (5, 22.0),
        (6, 14.0),
        (7, 68.0),
    ] {
        page.set_column_width(column, width)?;
    }
    book.save_to_buffer()
}

/// Lines of a page; a batch with more files gets more pages.
const ROWS: usize = 18;

/// A few pages: what printpdf is made for (docs/adr/0006).
fn print(sheet: &Sheet) -> Vec<u8> {
    use printpdf::{
        Mm, Op, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, TextItem,
    };
    let mut document = PdfDocument::new(&sheet.title);
    let mut font = |bytes: &[u8]| {
        ParsedFont::from_bytes(bytes, 0, &mut Vec::new())
            .map(|f| PdfFontHandle::External(document.add_font(&f)))
    };
    let regular = font(super::engine::REGULAR);
    let bold = font(super::engine::BOLD);
    let (Some(regular), Some(bold)) = (regular, bold) else {
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
                pos: Point::new(Mm(x), Mm(210.0 - y)),
            },
            Op::ShowText {
                items: vec![TextItem::Text(text.to_owned())],
            },
            Op::EndTextSection,
        ]);
    };
    const COLUMNS: [f32; 8] = [20.0, 36.0, 54.0, 72.0, 90.0, 134.0, 178.0, 204.0];
    let mut pages = Vec::new();
    for rows in sheet.rows.chunks(ROWS) {
        let mut ops = Vec::new();
        text(&mut ops, &bold, 16.0, 20.0, 22.0, &sheet.title);
        let mut y = 32.0;
        for (name, value) in &sheet.facts {
            text(&mut ops, &regular, 10.0, 20.0, y, name);
            text(&mut ops, &regular, 10.0, 70.0, y, value);
            y += 5.5;
        }
        y += 5.0;
        for (x, head) in COLUMNS.iter().zip(&sheet.heads) {
            text(&mut ops, &bold, 8.0, *x, y, head);
        }
        for cells in rows {
            y += 6.0;
            for (x, cell) in COLUMNS.iter().zip(cells) {
                match cell {
                    Cell::Number(n) => text(&mut ops, &regular, 8.0, *x, y, &sheet.lang.number(*n)),
                    // 64 characters in two rows
                    Cell::Text(t) if t.len() == 64 => {
                        text(&mut ops, &regular, 6.0, *x, y - 1.3, &t[..32]);
                        text(&mut ops, &regular, 6.0, *x, y + 1.3, &t[32..]);
                    }
                    Cell::Text(t) => text(&mut ops, &regular, 8.0, *x, y, t),
                }
            }
        }
        text(&mut ops, &regular, 9.0, 20.0, y + 12.0, &sheet.note);
        text(&mut ops, &regular, 9.0, 20.0, y + 26.0, &sheet.signed);
        pages.push(PdfPage::new(Mm(297.0), Mm(210.0), ops));
    }
    document
        .with_pages(pages)
        .save(&PdfSaveOptions::default(), &mut Vec::new())
}
