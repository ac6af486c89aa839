//! Repairs that are safe: mojibake, titles in names, house numbers in streets; and what cannot be repaired.

use crate::text::fold;
use chrono::NaiveDate;

/// A formula that is stored as text, or the text of a spreadsheet error.
pub(super) fn is_formula_text(text: &str) -> bool {
    let text = text.trim_start();
    let mut chars = text.chars();
    match chars.next() {
        Some('=' | '@') => true,
        Some('+') => chars.next().is_some_and(char::is_alphabetic),
        Some('#') => [
            "#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#BEZUG!", "#NV", "#WERT!",
        ]
        .contains(&text),
        _ => false,
    }
}

/// Days since 1899-12-30, as spreadsheets count.
pub(super) fn serial_day(serial: f64) -> Option<NaiveDate> {
    let days = serial.trunc();
    if !(0.0..3_000_000.0).contains(&days) {
        return None;
    }
    // the range check above makes the conversion exact
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "range checked above"
    )]
    let days = days as u64;
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(days))
}

/// `?` between letters, or the replacement character: something was lost that nobody can restore.
pub(super) fn has_lost_character(text: &str) -> bool {
    text.contains('\u{FFFD}') || text.contains('?')
}

/// `MÃ¼ller` → `Müller`, if the whole text makes sense that way.
pub(super) fn repair_mojibake(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Ä', 'Å', 'á', 'Â', 'Æ']) || text.is_ascii() {
        return None;
    }
    let bytes: Vec<u8> = text.chars().map(windows_1252_byte).collect::<Option<_>>()?;
    let fixed = String::from_utf8(bytes).ok()?;
    (fixed.chars().count() < text.chars().count()).then_some(fixed)
}

fn windows_1252_byte(c: char) -> Option<u8> {
    const HIGH: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8A),
        ('‹', 0x8B),
        ('Œ', 0x8C),
        ('Ž', 0x8E),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9A),
        ('›', 0x9B),
        ('œ', 0x9C),
        ('ž', 0x9E),
        ('Ÿ', 0x9F),
    ];
    HIGH.iter()
        .find(|(h, _)| *h == c)
        .map(|(_, b)| *b)
        .or_else(|| u8::try_from(u32::from(c)).ok())
}

/// "Dr. Scholz" → ("Dr.", "Scholz").
pub(super) fn split_doctorate(name: &str) -> Option<(String, String)> {
    let mut title: Vec<&str> = Vec::new();
    let mut rest = name;
    while let Some((first, after)) = rest.split_once(' ') {
        let known = matches!(
            fold(first).as_str(),
            "dr" | "prof" | "med" | "dent" | "jur" | "phil" | "ing" | "rer" | "nat" | "h" | "c" | "hc"
        );
        let looks = first.ends_with('.') || matches!(first, "Dr" | "Prof");
        if !(known && looks) {
            break;
        }
        title.push(first);
        rest = after.trim_start();
    }
    (!title.is_empty() && !rest.is_empty()).then(|| (title.join(" "), rest.to_owned()))
}

/// "Ringstraße 12 a" → ("Ringstraße", "12 a").
pub(super) fn split_house_number(street: &str) -> Option<(String, String)> {
    let start = street
        .char_indices()
        .filter(|(i, c)| c.is_ascii_digit() && *i > 0 && street[..*i].ends_with([' ', '.']))
        .map(|(i, _)| i)
        .next_back_group(street)?;
    let (name, number) = street.split_at(start);
    let name = name.trim().trim_end_matches(',').to_owned();
    let number = number.trim().to_owned();
    let fine = number.chars().count() <= 12
        && number
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '/' | '+' | '–' | ','))
        && name.chars().any(char::is_alphabetic);
    fine.then_some((name, number))
}

/// Where the last run of number-like words of a street begins.
trait LastNumber: Iterator<Item = usize> + Sized {
    /// The earliest start from which everything to the end looks like a house number.
    fn next_back_group(self, street: &str) -> Option<usize> {
        self.filter(|i| {
            street[*i..].split(' ').all(|word| {
                let letters = word.chars().filter(|c| c.is_alphabetic()).count();
                letters <= 1
            })
        })
        .min()
    }
}

impl<I: Iterator<Item = usize>> LastNumber for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_with_numbers_in_their_name_stay_whole() {
        assert_eq!(split_house_number("Straße des 17. Juni"), None);
        assert_eq!(
            split_house_number("Platz der 3 Linden 5"),
            Some(("Platz der 3 Linden".into(), "5".into()))
        );
        assert_eq!(
            split_house_number("Ringstr.12"),
            Some(("Ringstr.".into(), "12".into()))
        );
        assert_eq!(
            split_house_number("Hauptstraße 3 - 5"),
            Some(("Hauptstraße".into(), "3 - 5".into()))
        );
    }
}
