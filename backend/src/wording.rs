//! Dates and small documents as people of this language expect them.

use chrono::{DateTime, Utc};
use locales::Lang;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// "23.11.2026, 14:05", "23 Nov 2026, 14:05": German time.
pub fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    domain::time::local(at).format(lang.moment_format()).to_string()
}

/// A day: "23.11.2026", "23 Nov 2026".
pub fn day(lang: Lang, day: chrono::NaiveDate) -> String {
    day.format(if lang.code() == "de" {
        "%d.%m.%Y"
    } else {
        "%-d %b %Y"
    })
    .to_string()
}

/// The German day of a moment.
pub fn day_of(lang: Lang, at: DateTime<Utc>) -> String {
    day(lang, domain::time::local(at).date())
}

/// What a sheet may be called.
pub(crate) fn sheet_name(title: &str) -> String {
    title
        .chars()
        .filter(|c| !"[]:*?/\\".contains(*c))
        .take(31)
        .collect()
}

/// A table as a workbook. All cells are text: nothing that somebody typed becomes a formula.
pub fn workbook(title: &str, heads: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let bold = Format::new().set_bold();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(title))?;
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
