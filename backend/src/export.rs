//! Tables of the staff area as workbooks: the whole filtered list with the columns that somebody chose. Rows are read in
//! pages and written one after the other, so that memory does not grow with the list (docs/adr/0029).

use crate::{Ctx, Failure, audit::Event, wording::sheet_name};
use domain::{
    access::Actor,
    tables::{Column, Columns},
};
use locales::Lang;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Rows that are read at a time.
pub(crate) const PIECE: i64 = 1_000;

/// Rows of one workbook: what a spreadsheet can hold.
const MOST: u32 = 1_000_000;

/// Characters of one cell: what a spreadsheet can hold, and a little less.
const LONGEST: usize = 32_000;

/// A cell.
pub(crate) enum Cell {
    /// Written as text, whatever it begins with: nothing that somebody typed becomes a formula.
    Text(String),
    /// A number to reckon with.
    Number(i64),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Cell::Number(number)
    }
}

impl<C: Into<Cell>> From<Option<C>> for Cell {
    fn from(value: Option<C>) -> Self {
        value.map_or_else(|| Cell::Text(String::new()), Into::into)
    }
}

/// A workbook that is being written.
pub(crate) struct Export<'a> {
    book: Workbook,
    columns: &'a Columns,
    rows: u32,
    left_out: bool,
    lang: Lang,
}

impl<'a> Export<'a> {
    pub(crate) fn new(lang: Lang, columns: &'a Columns) -> Result<Self, Failure> {
        let mut book = Workbook::new();
        let begun = (|| {
            let bold = Format::new().set_bold();
            let sheet = book.add_worksheet_with_constant_memory();
            sheet.set_name(sheet_name(&lang.t(columns.table().title())))?;
            sheet.set_freeze_panes(1, 0)?;
            for (place, column) in (0..).zip(columns.iter()) {
                sheet.set_column_width(place, if column.numeric { 12 } else { 24 })?;
            }
            for (place, column) in (0..).zip(columns.iter()) {
                sheet.write_string_with_format(0, place, lang.t(column.label), &bold)?;
            }
            Ok::<(), XlsxError>(())
        })();
        begun.map_err(Failure::broken)?;
        Ok(Self {
            book,
            columns,
            rows: 0,
            left_out: false,
            lang,
        })
    }

    /// Writes a row; `cell` gives what stands in a column.
    pub(crate) fn add(&mut self, cell: impl Fn(&Column) -> Cell) -> Result<(), Failure> {
        if self.rows >= MOST {
            self.left_out = true;
            return Ok(());
        }
        self.rows += 1;
        let (row, columns) = (self.rows, self.columns);
        let written = (|| {
            let sheet = self.book.worksheet_from_index(0)?;
            for (place, column) in (0..).zip(columns.iter()) {
                match cell(column) {
                    Cell::Text(text) if text.is_empty() => {}
                    Cell::Text(text) => {
                        let text: String = text.chars().take(LONGEST).collect();
                        sheet.write_string(row, place, text)?;
                    }
                    #[expect(clippy::cast_precision_loss, reason = "a spreadsheet knows nothing else")]
                    Cell::Number(number) => {
                        sheet.write_number(row, place, number as f64)?;
                    }
                }
            }
            Ok::<(), XlsxError>(())
        })();
        written.map_err(Failure::broken)
    }

    /// The bytes, when the log knows that they leave the portal: who, which table, how many rows, no names.
    pub(crate) async fn hand_out(
        mut self,
        ctx: &Ctx,
        actor: Actor,
        action: &'static str,
    ) -> Result<Vec<u8>, Failure> {
        if self.left_out {
            let note = self.lang.n("export-left-out", MOST);
            let sheet = self.book.worksheet_from_index(0).map_err(Failure::broken)?;
            sheet
                .write_string(self.rows + 1, 0, note)
                .map_err(Failure::broken)?;
        }
        let mut book = self.book;
        let made = tokio::task::spawn_blocking(move || book.save_to_buffer()).await?;
        let bytes = made.map_err(Failure::broken)?;
        let event = Event::new(actor, action)
            .with("rows", self.rows)
            .with("columns", self.columns.stored());
        let tx = ctx.db.begin().await?;
        tx.commit(ctx, event).await?;
        Ok(bytes)
    }
}
