//! Findings of a list as a workbook, for the people who keep the register. Every cell is written as text: a name that
//! begins with "=" stays a name (ASVS 5.0, 1.2.10).

use app::portal::{Answer, Fault, Portal, answered, refused};
use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use backend::{
    Failure, Never,
    residents::lists::{self, RowFilter},
};
use domain::{access::Permission, residents::finding::Finding};
use locales::Lang;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Rows that are fetched at a time.
const PIECE: i64 = 1_000;
/// Findings of one workbook: what a spreadsheet can hold.
const MOST: u32 = 1_000_000;

/// `GET /verwaltung/listen/{id}/befunde.xlsx`.
pub async fn findings(State(portal): State<Portal>, request: Request) -> Response {
    answered(portal, request, |rq| async move {
        let actor = rq.staff(Permission::ImportResidents)?;
        let id = rq.id()?;
        let mut sheet = Findings::new(rq.lang).map_err(broken)?;
        let mut after = 0;
        loop {
            let page = refused(lists::rows(&rq.ctx, actor, id, RowFilter::All, after, PIECE).await)?
                .map_err(|_| Fault::NotFound)?;
            for row in &page.rows {
                let state = rq.lang.t(&format!("fate-{}", row.fate.key()));
                for finding in &row.findings {
                    sheet.add(finding, &state).map_err(broken)?;
                }
                after = row.row;
            }
            if !page.more {
                break;
            }
        }
        let bytes = sheet.finish().map_err(broken)?;
        let headers = [
            (
                header::CONTENT_TYPE,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ),
            (
                header::CONTENT_DISPOSITION,
                "attachment; filename=\"befunde.xlsx\"",
            ),
            (header::CACHE_CONTROL, "private, no-store"),
        ];
        Ok(Answer::Raw((headers, bytes).into_response()))
    })
    .await
}

/// A workbook that cannot be written is a fault of ours: it gets a number and stands in the log.
fn broken(error: XlsxError) -> Fault {
    Failure::<Never>::broken(error).into()
}

struct Findings {
    book: Workbook,
    lang: Lang,
    row: u32,
}

impl Findings {
    fn new(lang: Lang) -> Result<Self, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let bold = Format::new().set_bold();
        let titles = [
            "finding-row",
            "finding-field",
            "finding-rule",
            "severity",
            "finding-was",
            "finding-becomes",
            "state",
        ];
        for (title, column) in titles.into_iter().zip(0u16..) {
            sheet.write_string_with_format(0, column, lang.t(title), &bold)?;
        }
        for (column, width) in [
            (0u16, 8.0),
            (1, 18.0),
            (2, 46.0),
            (3, 18.0),
            (4, 32.0),
            (5, 32.0),
            (6, 18.0),
        ] {
            sheet.set_column_width(column, width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(Self { book, lang, row: 0 })
    }

    fn add(&mut self, f: &Finding, state: &str) -> Result<(), XlsxError> {
        if self.row >= MOST {
            return Ok(());
        }
        self.row += 1;
        let lang = self.lang;
        let field = f.column.map_or_else(
            || lang.t("finding-whole-row"),
            |c| lang.t(&format!("column-{}", c.key())),
        );
        let texts = [
            field,
            lang.t(&format!("rule-{}", f.rule.key())),
            lang.t(&format!("severity-{}", f.rule.severity().key())),
            f.was.clone(),
            f.becomes.clone().unwrap_or_default(),
            state.to_owned(),
        ];
        let sheet = self.book.worksheet_from_index(0)?;
        sheet.write_number(self.row, 0, f.row)?;
        for (text, column) in texts.into_iter().zip(1u16..) {
            sheet.write_string(self.row, column, text)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.book.save_to_buffer()
    }
}
