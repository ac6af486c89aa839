//! Dates as lists write them.

use chrono::{Datelike, NaiveDate};

/// What a text or a cell says about a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayRead {
    /// A day that exists.
    Day(NaiveDate),
    /// Day, or day and month, unknown: 00.00.1950.
    Year(i32),
    /// Looks like a date, but there is no such day.
    NoSuchDay,
    /// Not a date at all.
    NotADate,
}

/// Reads `05.02.2004`, `5.2.2004`, `2004-02-05`, `05/02/2004`, `20040205`, `00.00.1950`, `1950`; two-digit years are
/// the last such year that is not after `today`.
pub fn read(text: &str, today: NaiveDate) -> DayRead {
    let text = text.trim();
    let parts: Vec<&str> = text
        .split(['.', '-', '/', ' '])
        .filter(|p| !p.is_empty())
        .collect();
    let number = |p: &str| {
        p.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| p.parse::<i32>().ok())
            .flatten()
    };
    let (day, month, year) = match parts.as_slice() {
        [one] if one.len() == 8 && one.is_ascii() => {
            match (number(&one[..4]), number(&one[4..6]), number(&one[6..])) {
                (Some(y), Some(m), Some(d)) => (d, m, y),
                _ => return DayRead::NotADate,
            }
        }
        [one] if one.len() == 4 => match number(one) {
            Some(y) if (1880..=2100).contains(&y) => (0, 0, y),
            _ => return DayRead::NotADate,
        },
        [a, b, c] => match (number(a), number(b), number(c)) {
            (Some(y), Some(m), Some(d)) if a.len() == 4 => (d, m, y),
            (Some(d), Some(m), Some(y)) if c.len() == 4 => (d, m, y),
            (Some(d), Some(m), Some(y)) if c.len() == 2 => {
                let century = today.year() / 100 * 100;
                let year = century + y;
                (d, m, if year > today.year() { year - 100 } else { year })
            }
            _ => return DayRead::NotADate,
        },
        _ => return DayRead::NotADate,
    };
    if day == 0 && (0..=12).contains(&month) {
        return DayRead::Year(year);
    }
    let exists = u32::try_from(month)
        .ok()
        .zip(u32::try_from(day).ok())
        .and_then(|(m, d)| NaiveDate::from_ymd_opt(year, m, d));
    exists.map_or(DayRead::NoSuchDay, DayRead::Day)
}

/// `05.02.2004` or `2004-02-05`: nothing to guess.
pub fn is_plain(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    matches!(shape.as_str(), "00.00.0000" | "0000-00-00")
}

/// Age in full years on a day.
pub fn age(born: NaiveDate, on: NaiveDate) -> i32 {
    let before_birthday = (on.month(), on.day()) < (born.month(), born.day());
    on.year() - born.year() - i32::from(before_birthday)
}

/// Day, month and year of a form as the date of a list: a year alone is one of which no more is known (`00.00.1970`). What
/// is missing otherwise is not made up.
pub fn joined(fields: [&str; 3]) -> String {
    let [day, month, year] = fields.map(str::trim);
    match (day, month, year) {
        ("", "", "") => String::new(),
        ("", "", year) => format!("00.00.{year}"),
        _ => format!("{day}.{month}.{year}"),
    }
}

/// The reverse of [`joined`].
pub fn parts(date: &str) -> [&str; 3] {
    let mut parts = date.split('.');
    [(); 3].map(|()| parts.next().filter(|p| *p != "00").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_fields_are_one_date() {
        for text in ["02.01.1970", "00.00.1970", ""] {
            assert_eq!(joined(parts(text)), text);
        }
        assert_eq!(parts("00.00.1970"), ["", "", "1970"]);
        assert_eq!(joined([" 7 ", "", "1970"]), "7..1970");
    }

    #[test]
    fn reads() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let today = day(2026, 11, 22);
        for (text, expected) in [
            ("05.02.2004", DayRead::Day(day(2004, 2, 5))),
            ("5.2.2004", DayRead::Day(day(2004, 2, 5))),
            ("2004-02-05", DayRead::Day(day(2004, 2, 5))),
            ("20040205", DayRead::Day(day(2004, 2, 5))),
            ("05.02.04", DayRead::Day(day(2004, 2, 5))),
            ("05.02.44", DayRead::Day(day(1944, 2, 5))),
            ("00.00.1950", DayRead::Year(1950)),
            ("00.05.1950", DayRead::Year(1950)),
            ("1950", DayRead::Year(1950)),
            ("31.02.1971", DayRead::NoSuchDay),
            ("12.13.1971", DayRead::NoSuchDay),
            ("gestern", DayRead::NotADate),
            ("", DayRead::NotADate),
        ] {
            assert_eq!(read(text, today), expected, "{text}");
        }
        assert_eq!(age(day(2010, 11, 23), today), 15);
        assert_eq!(age(day(2010, 11, 22), today), 16);
    }

    #[test]
    fn nothing_panics() {
        for text in [
            "....",
            "ä.ä.ää",
            "99999999",
            "0.0.0",
            "١٢.٣.٢٠٠٠",
            "1234567é",
            "ä1ä1ä",
        ] {
            let _ = read(text, NaiveDate::MIN);
        }
    }
}
