//! Import: reading, checking and applying 20,000 rows, beside merely reading them.

use backend::{db::testing, residents};
use domain::{access::Actor, residents::check::Rules};
use std::{io::Cursor, time::Instant};

const ROWS: u32 = 20_000;

/// A workbook of invented people, 12 columns.
fn workbook() -> Vec<u8> {
    const NAMES: [&str; 8] = [
        "Müller",
        "Łukasiewicz",
        "Nguyễn",
        "Schmidt",
        "O'Brien",
        "von Jähn",
        "Şahin",
        "Groß",
    ];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let headers = [
        "Lfd. Nr.",
        "Familienname",
        "Vornamen",
        "Rufname",
        "Geb.-Datum",
        "Straße",
        "HNr",
        "PLZ",
        "Ort",
        "Ortsteil",
        "Wohnungsart",
        "Sperrvermerk",
    ];
    for (i, header) in headers.iter().enumerate() {
        sheet.write(0, i as u16, *header).unwrap();
    }
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for row in 1..=ROWS {
        let n = row as usize;
        sheet.write(row, 0, row).unwrap();
        sheet
            .write(row, 1, format!("{}{}", NAMES[n % 8], n / 97))
            .unwrap();
        sheet.write(row, 2, format!("Kim Vorname{}", n % 311)).unwrap();
        sheet.write(row, 3, "Kim").unwrap();
        // a day as spreadsheets store it: days since 1899-12-30
        sheet
            .write_with_format(row, 4, 14_000.0 + f64::from(row % 25_000), &format)
            .unwrap();
        sheet.write(row, 5, format!("Straße {}", n % 199)).unwrap();
        sheet.write(row, 6, row % 120 + 1).unwrap();
        sheet.write(row, 7, "01945").unwrap();
        sheet.write(row, 8, "Lindenau").unwrap();
        sheet
            .write(row, 9, if n.is_multiple_of(2) { "Tettau" } else { "Lindenau" })
            .unwrap();
        sheet.write(row, 10, "HW").unwrap();
    }
    book.save_to_buffer().unwrap()
}

pub(crate) async fn run() {
    let bytes = workbook();
    let start = Instant::now();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    let name = calamine::Reader::sheet_names(&book)[0].clone();
    let cells = calamine::Reader::worksheet_range(&mut book, &name)
        .unwrap()
        .used_cells()
        .count();
    let read = start.elapsed().as_secs_f64();

    let rules = Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        minimum_age: 16,
        crowd: 20,
    };
    let start = Instant::now();
    let checked = residents::check_file(&bytes, rules, |_| {}).unwrap();
    let check = start.elapsed().as_secs_f64();

    let ctx = testing::sqlite().await;
    let start = Instant::now();
    let id = residents::upload(&ctx, Actor::System, "liste.xlsx", bytes.clone())
        .await
        .unwrap();
    let applied = residents::lists::take_over(&ctx, Actor::System, id)
        .await
        .unwrap();
    let apply = start.elapsed().as_secs_f64();
    println!(
        "import, {ROWS} rows in one .xlsx ({} kB, {cells} cells)",
        bytes.len() / 1_000
    );
    println!("  merely read with calamine         {read:7.3} s");
    println!(
        "  read and check, all rules         {check:7.3} s   {:.1} × merely reading, {} findings",
        check / read,
        checked.findings.len()
    );
    println!(
        "  upload, check, apply (SQLite)     {apply:7.3} s   {:.0} rows/s, {} new",
        f64::from(ROWS) / apply,
        applied.new
    );
}
