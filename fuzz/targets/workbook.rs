//! Any bytes as an uploaded list: rows or a refusal, never a panic, never without end.
#![no_main]

use domain::residents::check::Rules;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let rules = Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default(),
        minimum_age: 16,
        crowd: 20,
        plain_text: false,
    };
    let mut rows = 0;
    if let Ok(report) = backend::residents::check_file(bytes, rules, |_| rows += 1) {
        assert_eq!(report.counts.rows, rows);
        let sum = report.counts.taken + report.counts.dropped + report.counts.asked + report.counts.blocked;
        assert_eq!(sum, rows, "every row has one fate");
    }
});
