//! Text as people write it and as the portal searches it.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// White space folded to single blanks, ends trimmed, composed to NFC. Letters that exist only with a combining
/// mark (DIN 91379:2022-08 has such letters) keep it.
pub fn tidy(text: &str) -> String {
    let visible: String = text
        .nfc()
        .filter(|c| !matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{202A}'..='\u{202E}'))
        .map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c })
        .collect();
    visible
        .split(' ')
        .filter(|w| !w.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The form in which names are compared, searched and sorted: "Müller" and "Mueller" give `mueller`.
/// Only `a-z`, `0-9`, letters of other scripts and single blanks remain.
pub fn fold(text: &str) -> String {
    fold_with(text, true)
}

/// Like [`fold`], but umlauts lose their dots: "Müller" gives `muller`, as people type who have no German keyboard.
pub fn fold_plain(text: &str) -> String {
    fold_with(text, false)
}

fn fold_with(text: &str, german: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        match c {
            'ä' if german => out.push_str("ae"),
            'ö' if german => out.push_str("oe"),
            'ü' if german => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push_str(if german { "oe" } else { "o" }),
            'þ' => out.push_str("th"),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'ħ' => out.push('h'),
            'ŧ' => out.push('t'),
            'ı' => out.push('i'),
            'ŋ' => out.push('n'),
            c if c.is_alphanumeric() => {
                out.extend(std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c)));
            }
            c if is_combining_mark(c) => {}
            // an apostrophe does not split a word: O'Brien is searched as obrien
            '\'' | '’' | 'ʼ' | '`' | '´' => {}
            _ => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
        }
    }
    out.trim().to_owned()
}

/// The words under which a text is found, in both foldings, without repeats.
pub fn search_words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for folded in [fold(text), fold_plain(text)] {
        for word in folded.split(' ').filter(|w| !w.is_empty()) {
            if !words.iter().any(|w| w == word) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

/// The smallest text that is greater than every text beginning with `prefix`; for index ranges.
pub fn prefix_end(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// How many letters must be changed, added or removed to turn `a` into `b`; `None` beyond `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let change = before + usize::from(ca != cb);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    Some(row[b.len()]).filter(|d| *d <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_as_people_search() {
        for (text, german, plain) in [
            ("Müller", "mueller", "muller"),
            ("Mueller", "mueller", "mueller"),
            ("Łukasiewicz", "lukasiewicz", "lukasiewicz"),
            ("Nguyễn", "nguyen", "nguyen"),
            ("O'Brien", "obrien", "obrien"),
            ("Groß-Gerau  12 a", "gross gerau 12 a", "gross gerau 12 a"),
            ("İnönü", "inoenue", "inonu"),
        ] {
            assert_eq!(fold(text), german, "{text}");
            assert_eq!(fold_plain(text), plain, "{text}");
        }
    }

    #[test]
    fn tidies_without_stripping_marks() {
        assert_eq!(tidy("  Margraf\u{a0}"), "Margraf");
        assert_eq!(tidy("Mu\u{308}ller"), "Müller");
        // DIN 91379 has this letter only with a combining mark
        assert_eq!(tidy("M\u{302}ba"), "M\u{302}ba");
    }

    #[test]
    fn measures_distance() {
        assert_eq!(distance("meier", "maier", 1), Some(1));
        assert_eq!(distance("meier", "schmidt", 2), None);
        assert_eq!(distance("abc", "abc", 0), Some(0));
    }
}
