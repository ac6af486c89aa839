//! Files that want to do harm: damaged in every place, endless, or built to grow when they are opened. The reader answers
//! with rows or with a clear refusal, never with a panic and never without end.

use backend::residents::{self, ListRefusal};
use domain::residents::check::Rules;
use std::io::{Cursor, Write};

fn rules() -> Rules {
    Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        minimum_age: 16,
        crowd: 20,
        plain_text: false,
    }
}

fn shipped(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn check(bytes: &[u8]) -> Result<usize, ListRefusal> {
    residents::check_file(bytes, rules(), |_| {}).map(|r| r.counts.rows)
}

/// A small generator of numbers: the same damage in every run.
fn dice(seed: &mut u64) -> usize {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap()
}

#[test]
fn damaged_files_give_rows_or_a_refusal() {
    let mut seed = 7;
    let (mut read, mut refused) = (0, 0);
    for name in [
        "../assets/demo/einwohner-clean-500.xlsx",
        "../assets/demo/einwohner-dirty-600-windows1252.csv",
        "tests/files/liste.xls",
        "tests/files/liste.ods",
    ] {
        let whole = shipped(name);
        for round in 0..150 {
            let mut bytes = whole.clone();
            match round % 3 {
                // some bytes are others
                0 => {
                    for _ in 0..=dice(&mut seed) % 12 {
                        let at = dice(&mut seed) % bytes.len();
                        bytes[at] = u8::try_from(dice(&mut seed) % 256).unwrap();
                    }
                }
                // the end is missing
                1 => bytes.truncate(dice(&mut seed) % bytes.len()),
                // a piece stands twice
                _ => {
                    let at = dice(&mut seed) % bytes.len();
                    let piece = bytes[at..(at + 500).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
            match check(&bytes) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 10 && refused > 10, "{read} read, {refused} refused");
}

/// A workbook with this sheet.
fn workbook(sheet: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut put = |name: &str, text: &str| {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    put(
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    );
    put(
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    );
    put(
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    );
    put(
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    );
    put("xl/worksheets/sheet1.xml", sheet);
    zip.finish().unwrap().into_inner()
}

fn row(number: u32, cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|c| format!("<c t=\"inlineStr\"><is><t>{c}</t></is></c>"))
        .collect();
    format!("<row r=\"{number}\">{cells}</row>")
}

const HEAD: [&str; 6] = ["Nachname", "Vorname", "Straße", "HNr", "PLZ", "Ort"];

fn sheet(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{}{rows}</sheetData></worksheet>",
        row(1, &HEAD)
    )
}

#[test]
fn entities_are_not_multiplied() {
    let person = row(2, &["&h;", "Kim", "Weg", "1", "01945", "Ort"]);
    let laughs: String = (1..12)
        .map(|i| {
            format!(
                "<!ENTITY {} \"{}\">",
                char::from(b'a' + i),
                format!("&{};", char::from(b'a' + i - 1)).repeat(10)
            )
        })
        .collect();
    let xml = sheet(&person).replacen(
        "?>",
        &format!("?><!DOCTYPE x [<!ENTITY a \"hahahaha\">{laughs}]>"),
        1,
    );
    // whatever becomes of the name, it does not become thousands of millions of letters
    let _ = check(&workbook(&xml));
}

#[test]
fn a_million_columns_are_cut() {
    let header = HEAD.join(";");
    let wide = format!(
        "{header}{}\nMüller;Kim;Weg;1;01945;Ort{}\n",
        ";x".repeat(1_000_000),
        ";y".repeat(1_000_000)
    );
    assert_eq!(check(wide.as_bytes()), Ok(1));
}

#[test]
fn an_endless_cell_is_cut_or_refused() {
    let long = "x".repeat(30_000_000);
    let text = format!("{}\nMüller;{long};Weg;1;01945;Ort\n", HEAD.join(";"));
    assert_eq!(check(text.as_bytes()), Ok(1));
    let person = row(2, &["Müller", &long, "Weg", "1", "01945", "Ort"]);
    assert_eq!(check(&workbook(&sheet(&person))), Err(ListRefusal::Bomb));
}

#[test]
fn a_workbook_of_this_kind_is_read_if_it_means_well() {
    let person = row(2, &["Müller", "Kim", "Weg", "1", "01945", "Ort"]);
    assert_eq!(check(&workbook(&sheet(&person))), Ok(1));
}

#[test]
fn repeated_cells_of_an_open_document_do_not_fill_the_memory() {
    let cell = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"16000\"><text:p>x</text:p></table:table-cell>";
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet><table:table table:name=\"A\"><table:table-row table:number-rows-repeated=\"1000000\">{cell}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("mimetype", options).unwrap();
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet")
        .unwrap();
    zip.start_file("content.xml", options).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    assert_eq!(check(&bytes), Err(ListRefusal::Bomb));
}
