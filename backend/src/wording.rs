//! Dates and small documents as people of this language expect them.

use chrono::{DateTime, Utc};
use locales::Lang;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// "23.11.2026, 14:05", "23 Nov 2026, 14:05": German time.
pub fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    domain::time::local(at).format(lang.moment_format()).to_string()
}

/// A table as a workbook. All cells are text: nothing that somebody typed becomes a formula.
pub fn workbook(title: &str, heads: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(
        title
            .chars()
            .filter(|c| !"[]:*?/\\".contains(*c))
            .take(31)
            .collect::<String>(),
    )?;
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(0, column, head, &bold)?;
        sheet.set_column_width(column, 18)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
