//! Text as people write it and as the portal searches it.

use std::sync::LazyLock;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// White space folded to single blanks, ends trimmed, composed to NFC. Letters that exist only with a combining
/// mark (DIN 91379:2022-08 has such letters) keep it.
pub fn tidy(text: &str) -> String {
    if is_tidy(text) {
        return text.to_owned();
    }
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

/// Most cells of most lists are as they should be: told without building them anew.
fn is_tidy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = !text.starts_with(' ') && !text.ends_with(' ');
    let inside = bytes.windows(2).all(|pair| pair != b"  ") && bytes.iter().all(|b| *b >= b' ' && *b != 0x7F);
    let composed = || {
        // beyond Latin letters there are blanks and marks of many kinds
        text.chars()
            .all(|c| c < '\u{250}' && !matches!(c, '\u{80}'..='\u{A0}' | '\u{AD}'))
    };
    ends && inside && (text.is_ascii() || composed())
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

/// Characters below this have their folded form in a table.
const TABLE: u32 = 0x1F00;

/// What a character becomes. A blank stands for everything that separates words.
type Folded = Box<str>;

fn table(german: bool) -> &'static [Folded] {
    static TABLES: [LazyLock<Vec<Folded>>; 2] = [
        LazyLock::new(|| (0..TABLE).map(|c| fold_char(c, false)).collect()),
        LazyLock::new(|| (0..TABLE).map(|c| fold_char(c, true)).collect()),
    ];
    &TABLES[usize::from(german)]
}

fn fold_char(code: u32, german: bool) -> Folded {
    let mut out = String::new();
    for c in char::from_u32(code).into_iter().flat_map(char::to_lowercase) {
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
            _ => out.push(' '),
        }
    }
    out.into()
}

fn fold_with(text: &str, german: bool) -> String {
    let table = table(german);
    let mut out = String::with_capacity(text.len());
    let mut push = |c: char| {
        let beyond;
        let folded: &str = match table.get(c as usize) {
            Some(folded) => folded,
            None => {
                beyond = fold_char(u32::from(c), german);
                &beyond
            }
        };
        if folded != " " || !out.ends_with(' ') {
            out.push_str(folded);
        }
    };
    // a base and its mark are one letter, where there is one
    if text.chars().any(is_combining_mark) {
        text.nfc().for_each(&mut push);
    } else {
        text.chars().for_each(&mut push);
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
    const SHORT: usize = 64;
    if a.is_ascii() && b.is_ascii() && a.len() < SHORT && b.len() < SHORT {
        let mut row = [0; SHORT];
        return levenshtein(a.as_bytes(), b.as_bytes(), limit, &mut row[..=b.len()]);
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row = vec![0; b.len() + 1];
    levenshtein(&a, &b, limit, &mut row)
}

fn levenshtein<T: PartialEq>(a: &[T], b: &[T], limit: usize, row: &mut [usize]) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    for (i, place) in row.iter_mut().enumerate() {
        *place = i;
    }
    for (i, ca) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, cb) in b.iter().enumerate() {
            let change = before + usize::from(ca != cb);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
            least = least.min(row[j + 1]);
        }
        if least > limit {
            return None;
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
    fn short_ways_give_the_same() {
        for text in [
            "Anna",
            " Anna",
            "An  na",
            "O'Brien-Smith 12 a",
            "Müller",
            "Mu\u{308}ller",
            "A\u{a0}b",
            "A\tb",
            "İnönü",
            "",
        ] {
            let slow: String = text
                .nfc()
                .map(|c| if c.is_whitespace() { ' ' } else { c })
                .collect();
            let slow = slow
                .split(' ')
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            assert_eq!(tidy(text), slow, "{text:?}");
        }
    }

    #[test]
    fn measures_distance() {
        assert_eq!(distance("meier", "maier", 1), Some(1));
        assert_eq!(distance("meier", "schmidt", 2), None);
        assert_eq!(distance("abc", "abc", 0), Some(0));
    }
}
