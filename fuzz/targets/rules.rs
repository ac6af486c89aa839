//! Any cells as rows of a list: what is taken can be printed.
#![no_main]

use domain::residents::{
    check::{Checker, Rules, read_cells},
    column::{Column, Mapping},
    finding::Severity,
    sheet::{Cell, Header, RawRow},
};
use libfuzzer_sys::fuzz_target;

/// One row after the other; a cell begins with a byte that says of which kind it is and ends with a line feed.
fn rows(bytes: &[u8]) -> Vec<RawRow> {
    let day = |n: u64| {
        chrono::NaiveDate::from_ymd_opt(1850, 1, 1)
            .unwrap_or_default()
            .checked_add_days(chrono::Days::new(n % 73_000))
            .unwrap_or_default()
    };
    let cells: Vec<Cell> = bytes
        .split(|b| *b == b'\n')
        .map(|cell| {
            let (kind, rest) = cell.split_first().unwrap_or((&0, &[]));
            let number = rest.iter().take(8).fold(0u64, |n, b| n << 8 | u64::from(*b));
            let text = String::from_utf8_lossy(rest).into_owned();
            match kind % 8 {
                0 => Cell::Empty,
                1 => Cell::Number(f64::from_bits(number)),
                2 => Cell::Number((number % 100_000) as f64),
                3 => Cell::Date(day(number)),
                4 if rest.is_empty() => Cell::Formula,
                5 if rest.is_empty() => Cell::Error("#REF!".into()),
                _ => Cell::Text(text),
            }
        })
        .collect();
    cells
        .chunks(Column::ALL.len() + 1)
        .take(40)
        .zip(2u32..)
        .map(|(cells, number)| RawRow::new(number, cells.to_vec()))
        .collect()
}

fuzz_target!(|bytes: &[u8]| {
    let rules = Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default(),
        minimum_age: 16,
        crowd: 3,
        plain_text: bytes.len() % 2 == 0,
    };
    // one column without a meaning at the end
    let mapping = Mapping(Column::ALL.iter().copied().map(Some).chain([None]).collect());
    let header = Header {
        row: 1,
        titles: Column::ALL.iter().map(|c| c.key().to_owned()).collect(),
        guess: mapping.clone(),
        ..Header::default()
    };
    let mut checker = Checker::new(&header, &mapping, rules);
    for row in rows(bytes) {
        let Some(judged) = checker.row(&row) else { continue };
        let blocked = judged.row.worst == Some(Severity::Block);
        assert!(judged.findings.iter().all(|f| f.row == row.number));
        if !blocked && !judged.row.dropped {
            let d = &judged.row.data;
            for (what, text) in [
                ("family name", &d.family_name),
                ("given names", &d.given_names),
                ("street", &d.street),
                ("place", &d.city),
            ] {
                assert!(!text.trim().is_empty(), "{what} of {row:?}");
                assert!(!text.contains(['\n', '\r', '\0', '\u{FFFD}']), "{what} of {row:?}");
            }
            assert!(
                d.postcode.len() == 5 && d.postcode.bytes().all(|b| b.is_ascii_digit()),
                "{row:?}"
            );
            assert!(!d.display_name().is_empty() && d.address_lines().len() <= 5);
        }
        // the same row by meaning, as it is kept and judged again in the browser: the same data
        let cells: Vec<(Column, Cell)> = Column::ALL
            .iter()
            .zip(&row.cells)
            .filter(|(_, cell)| **cell != Cell::Empty)
            .map(|(c, cell)| (*c, cell.clone()))
            .collect();
        if !judged.row.dropped {
            let (data, _) = read_cells(row.number, &cells, row.hidden, row.merged, rules);
            assert_eq!(data, judged.row.data);
        }
    }
    let _ = checker.finish();
});
