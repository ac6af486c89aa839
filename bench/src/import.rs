//! Import: reading, checking and applying 20,000 rows beside merely reading them with calamine and with Python's
//! openpyxl; and a million rows in bounded memory.

use crate::usage::{cpu, peak_mb};
use backend::{db::testing, residents};
use domain::{access::Actor, residents::check::Rules};
use std::{
    io::Cursor,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

const ROWS: u32 = 20_000;
const MILLION: u32 = 1_000_000;

const HEADERS: [&str; 16] = [
    "Lfd. Nr.",
    "Familienname",
    "Vornamen",
    "Rufname",
    "Dr.-Grad",
    "Geschl.",
    "Geb.-Datum",
    "Straße",
    "HNr",
    "HNr-Zusatz",
    "PLZ",
    "Ort",
    "Ortsteil",
    "Wohnungsart",
    "Sperrvermerk",
    "Staatsang.",
];

/// Letters for a number; no two are one letter apart.
fn word(mut n: u32) -> String {
    let mut text = String::new();
    for _ in 0..5 {
        let letter = char::from(b'a' + (n % 20) as u8);
        text.extend([letter, letter]);
        n /= 20;
    }
    text
}

/// The text of a cell of an invented person; the date of birth is written by the caller.
fn text(row: u32, column: usize) -> String {
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
    match column {
        1 => format!("{}-{}", NAMES[row as usize % 8], word(row)),
        2 => format!("Kim {}", word(row % 311)),
        3 => "Kim".into(),
        5 => "d".into(),
        7 => format!("{}straße", word(row % 997)),
        8 => (row / 997 % 300 + 1).to_string(),
        10 => "01945".into(),
        11 => "Lindenau".into(),
        12 => if row.is_multiple_of(2) {
            "Tettau"
        } else {
            "Lindenau"
        }
        .into(),
        13 => "HW".into(),
        15 => "DEU".into(),
        _ => String::new(),
    }
}

/// A workbook of invented people, as Excel writes it.
fn workbook(rows: u32) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory();
    for (i, header) in HEADERS.iter().enumerate() {
        sheet.write(0, i as u16, *header).unwrap();
    }
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for row in 1..=rows {
        for column in 0..HEADERS.len() {
            let place = column as u16;
            match column {
                0 => sheet.write(row, 0, row).map(drop).unwrap(),
                // a day as spreadsheets store it: days since 1899-12-30
                6 => sheet
                    .write_with_format(row, place, 14_000.0 + f64::from(row % 25_000), &format)
                    .map(drop)
                    .unwrap(),
                _ => {
                    let text = text(row, column);
                    if !text.is_empty() {
                        sheet.write(row, place, text).unwrap();
                    }
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn rules() -> Rules {
    Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        minimum_age: 16,
        crowd: 20,
        plain_text: false,
    }
}

/// Checks a file in a process of its own: prints rows, findings, wall seconds, CPU seconds, peak MB.
pub(crate) fn child(path: &str) {
    let (start, before) = (Instant::now(), cpu());
    let bytes = std::fs::read(path).unwrap();
    let report = residents::check_file(&bytes, rules(), |_| {}).unwrap();
    println!(
        "{} {} {} {} {}",
        report.counts.rows,
        report.findings.len(),
        start.elapsed().as_secs_f64(),
        cpu() - before,
        peak_mb()
    );
}

fn measure(path: &Path) -> Vec<f64> {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg("check")
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    assert_eq!(figures.len(), 5, "{}", String::from_utf8_lossy(&output.stderr));
    figures
}

/// Seconds in which openpyxl reads every cell of the file and does nothing with it; `None` if Python lacks it.
fn openpyxl(path: &Path) -> Option<f64> {
    let script = "import sys,time\nfrom openpyxl import load_workbook\nt=time.perf_counter()\nn=0\nfor r in load_workbook(sys.argv[1],read_only=True).active.iter_rows(values_only=True):\n    n+=len(r)\nprint(time.perf_counter()-t)";
    #[expect(
        clippy::disallowed_methods,
        reason = "told by xtask which Python has openpyxl"
    )]
    let python = std::env::var("BENCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let output = Command::new(python)
        .args(["-c", script])
        .arg(path)
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn keep(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("stadtbrief-bench-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(crate) async fn run() {
    let bytes = workbook(ROWS);
    let path = keep("twenty.xlsx", &bytes);
    let start = Instant::now();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&bytes)).unwrap();
    let name = calamine::Reader::sheet_names(&book)[0].clone();
    let cells = calamine::Reader::worksheet_range(&mut book, &name)
        .unwrap()
        .used_cells()
        .count();
    let read = start.elapsed().as_secs_f64();
    let checked = measure(&path);
    let python = openpyxl(&path);
    let ctx = testing::sqlite().await;
    let start = Instant::now();
    let id = residents::upload(&ctx, Actor::System, "liste.xlsx", bytes.clone())
        .await
        .unwrap();
    residents::lists::read_job(&ctx, id).await.unwrap();
    let applied = residents::lists::take_over(&ctx, Actor::System, id)
        .await
        .unwrap();
    let apply = start.elapsed().as_secs_f64();
    println!(
        "import, {ROWS} rows in one .xlsx ({} kB, {cells} cells), wall seconds",
        bytes.len() / 1_000
    );
    println!("  merely read with calamine         {read:7.3} s");
    println!(
        "  read and check, all rules         {:7.3} s   {:.1} × merely reading, {:.2} s CPU, {} findings, peak {:.0} MB",
        checked[2],
        checked[2] / read,
        checked[3],
        checked[1],
        checked[4]
    );
    match python {
        Some(python) => println!(
            "  merely read with openpyxl         {python:7.3} s   {:.1} × our reading and checking",
            python / checked[2]
        ),
        None => println!("  openpyxl: not there (pip install openpyxl)"),
    }
    println!(
        "  upload, check, apply (SQLite)     {apply:7.3} s   {:.0} rows/s (wall), {} new",
        f64::from(ROWS) / apply,
        applied.new
    );
    let _ = std::fs::remove_file(path);
}

/// A list as text.
pub(crate) fn csv(rows: u32) -> String {
    let mut csv = HEADERS.join(";") + "\n";
    for row in 1..=rows {
        for column in 0..HEADERS.len() {
            if column > 0 {
                csv.push(';');
            }
            match column {
                0 => csv += &row.to_string(),
                6 => {
                    csv += &format!(
                        "{:02}.{:02}.{}",
                        row % 28 + 1,
                        row / 28 % 12 + 1,
                        1935 + row / 336 % 70
                    )
                }
                _ => csv += &text(row, column),
            }
        }
        csv.push('\n');
    }
    csv
}

/// A million rows with 16 columns: bounded memory.
pub(crate) fn million() {
    let csv = csv(MILLION);
    println!("a million rows × 16 columns              size MB   wall s    CPU s   peak MB");
    for (name, bytes) in [
        ("million.csv", csv.into_bytes()),
        ("million.xlsx", workbook(MILLION)),
    ] {
        let size = bytes.len() / 1_000_000;
        let path = keep(name, &bytes);
        drop(bytes);
        let f = measure(&path);
        println!(
            "  {name:14} {:8} rows, {:6} findings {size:7} {:8.1} {:8.1} {:9.0}",
            f[0], f[1], f[2], f[3], f[4]
        );
        let _ = std::fs::remove_file(path);
    }
}
