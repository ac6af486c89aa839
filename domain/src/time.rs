//! The time of German municipalities.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};

fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    Some(last - Duration::days(i64::from(last.weekday().days_since(Weekday::Sun))))
}

/// Central European (summer) time: summer time runs from the last Sunday of March to the last Sunday of October,
/// 01:00 UTC each (directive 2000/84/EC).
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let naive = at.naive_utc();
    let edge = |month| last_sunday(naive.year(), month).and_then(|d| d.and_hms_opt(1, 0, 0));
    let summer = edge(3)
        .zip(edge(10))
        .is_some_and(|(from, to)| from <= naive && naive < to);
    naive + Duration::hours(if summer { 2 } else { 1 })
}

/// The last moment of a day in local time; `None` at the end of the calendar.
pub fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    [2, 1]
        .into_iter()
        .map(|hours| (midnight - Duration::hours(hours)).and_utc())
        .find(|at| local(*at) == midnight)
        .map(|at| at - Duration::microseconds(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_at_midnight() {
        for (day, utc) in [
            ("2026-07-01", "2026-07-01T21:59:59.999999Z"),
            ("2026-12-01", "2026-12-01T22:59:59.999999Z"),
            ("2026-03-28", "2026-03-28T22:59:59.999999Z"),
            ("2026-03-29", "2026-03-29T21:59:59.999999Z"),
        ] {
            let day: NaiveDate = day.parse().unwrap();
            assert_eq!(end_of_day(day), Some(utc.parse().unwrap()), "{day}");
        }
    }

    #[test]
    fn summer_and_winter() {
        for (utc, local_hour) in [
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 3),
            ("2026-10-25T00:59:59Z", 2),
            ("2026-10-25T01:00:00Z", 2),
            ("2026-12-01T12:00:00Z", 13),
            ("2026-07-01T12:00:00Z", 14),
        ] {
            let at: DateTime<Utc> = utc.parse().unwrap();
            assert_eq!(chrono::Timelike::hour(&local(at)), local_hour, "{utc}");
        }
    }
}
