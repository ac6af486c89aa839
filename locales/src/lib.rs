//! Every sentence that people read, by key and language (Fluent). A language is a folder with `.ftl` files: dropping
//! one in adds it, here when the program is built, or at its start from the operator's own folder ([`added`]).

pub mod added;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use include_dir::{Dir, include_dir};
use std::sync::LazyLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/texts");

struct Language {
    code: &'static str,
    bundle: FluentBundle<FluentResource>,
    formats: Formats,
}

/// How a language writes numbers and days: the keys `format-…` of its own files.
struct Formats {
    group: String,
    decimal: String,
    day: String,
    moment: String,
    rtl: bool,
}

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| languages(added::sources()));

/// The languages of the program, and what the operator has added to them: sentences of one's own, or whole languages.
fn languages(added: &[added::Folder]) -> Vec<Language> {
    let mut all: Vec<(String, Vec<String>)> = FILES
        .dirs()
        .filter_map(|d| Some((d.path().to_str()?.to_owned(), d)))
        .map(|(code, d)| {
            (
                code,
                d.files()
                    .filter_map(|f| f.contents_utf8())
                    .map(str::to_owned)
                    .collect(),
            )
        })
        .collect();
    for folder in added {
        match all.iter_mut().find(|(code, _)| *code == folder.code) {
            // what comes later wins
            Some((_, texts)) => texts.extend(folder.texts.iter().cloned()),
            None => all.push((folder.code.clone(), folder.texts.clone())),
        }
    }
    // German first: it is the default and the fallback
    all.sort_by_key(|(code, _)| (code != "de", code.clone()));
    all.into_iter()
        .filter_map(|(code, texts)| load(code, texts))
        .collect()
}

fn load(code: String, texts: Vec<String>) -> Option<Language> {
    // for as long as the program runs; there are few
    let code: &'static str = Box::leak(code.into_boxed_str());
    let mut bundle = FluentBundle::new_concurrent(vec![code.parse().ok()?]);
    for text in texts {
        let resource = match FluentResource::try_new(text) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
    }
    let own = |key: &str, otherwise: &str| {
        let pattern = bundle.get_message(key).and_then(|m| m.value());
        pattern.map_or_else(
            || otherwise.to_owned(),
            |p| bundle.format_pattern(p, None, &mut Vec::new()).into_owned(),
        )
    };
    let formats = Formats {
        group: own("format-group", "."),
        decimal: own("format-decimal", ","),
        day: own("format-day", "%d.%m.%Y"),
        moment: own("format-moment", "%d.%m.%Y, %H:%M"),
        rtl: own("format-direction", "ltr") == "rtl",
    };
    // invisible characters around values would end up in copied names and numbers; from right to left they are needed, or a
    // telephone number is turned round
    bundle.set_use_isolating(formats.rtl);
    // the bundle takes a plain function, so the separator has to be one of these
    bundle.set_formatter(Some(match formats.group.as_str() {
        "," => |value, _| counted(value, ","),
        "’" => |value, _| counted(value, "’"),
        "\u{202f}" => |value, _| counted(value, "\u{202f}"),
        _ => |value, _| counted(value, "."),
    }));
    Some(Language {
        code,
        bundle,
        formats,
    })
}

/// Counts with their thousands apart; other numbers (rows, postcodes, years) as they are.
fn counted(value: &FluentValue<'_>, separator: &str) -> Option<String> {
    match value {
        FluentValue::Number(n) if n.options.use_grouping => Some(grouped(&n.as_string(), separator)),
        _ => None,
    }
}

fn grouped(digits: &str, separator: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(c);
    }
    out
}

/// A language of the portal. Cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lang(usize);

impl Lang {
    /// The language with this code; German otherwise.
    pub fn parse(code: &str) -> Lang {
        Lang(LANGUAGES.iter().position(|l| l.code == code).unwrap_or(0))
    }

    /// The best language for an `Accept-Language` header.
    pub fn accepted(header: &str) -> Lang {
        let mut wanted: Vec<(f32, &str)> = header
            .split(',')
            .filter_map(|part| {
                let (tag, quality) = part.split_once(";q=").unwrap_or((part, "1"));
                Some((quality.trim().parse().ok()?, tag.trim().split('-').next()?))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted
            .into_iter()
            .find_map(|(_, tag)| LANGUAGES.iter().position(|l| l.code.eq_ignore_ascii_case(tag)))
            .map_or(Lang(0), Lang)
    }

    /// All languages.
    pub fn all() -> impl Iterator<Item = Lang> {
        (0..LANGUAGES.len()).map(Lang)
    }

    /// `de`, `en`, …
    pub fn code(self) -> &'static str {
        LANGUAGES.get(self.0).map_or("de", |l| l.code)
    }

    /// A sentence without placeholders.
    pub fn t(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A sentence with placeholders. Whole numbers choose the plural. A missing key shows itself.
    pub fn with(self, key: &str, args: &[(&str, &str)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            let number = value.len() < 10
                && !value.is_empty()
                && value.bytes().all(|b| b.is_ascii_digit())
                && (*value == "0" || !value.starts_with('0'));
            let value = if number {
                let mut parsed = FluentValue::try_number(value);
                if let FluentValue::Number(n) = &mut parsed {
                    n.options.use_grouping = *name == "n";
                }
                parsed
            } else if *name == "telefon" {
                // a number on two lines is read wrongly
                FluentValue::from(value.replace(' ', "\u{a0}"))
            } else {
                FluentValue::from((*value).to_owned())
            };
            values.set((*name).to_owned(), value);
        }
        for language in [LANGUAGES.get(self.0), LANGUAGES.first()].into_iter().flatten() {
            if let Some(pattern) = language.bundle.get_message(key).and_then(|m| m.value()) {
                return language
                    .bundle
                    .format_pattern(pattern, Some(&values), &mut Vec::new())
                    .into_owned();
            }
        }
        key.to_owned()
    }

    /// A sentence with one count.
    pub fn n(self, key: &str, count: impl std::fmt::Display) -> String {
        self.with(key, &[("n", &count.to_string())])
    }

    /// Does this language itself have the key?
    pub fn has(self, key: &str) -> bool {
        LANGUAGES.get(self.0).is_some_and(|l| l.bundle.has_message(key))
    }

    fn formats(self) -> Option<&'static Formats> {
        LANGUAGES.get(self.0).map(|l| &l.formats)
    }

    /// `ltr` or `rtl`, for the attribute `dir`.
    pub fn direction(self) -> &'static str {
        if self.formats().is_some_and(|f| f.rtl) {
            "rtl"
        } else {
            "ltr"
        }
    }

    /// How a day is written, for `chrono`: "23.11.2026" or "23 Nov 2026".
    pub fn day_format(self) -> &'static str {
        self.formats().map_or("%d.%m.%Y", |f| &f.day)
    }

    /// How a day with time is written, for `chrono`: "23.11.2026, 14:05" or "23 Nov 2026, 14:05".
    pub fn moment_format(self) -> &'static str {
        self.formats().map_or("%d.%m.%Y, %H:%M", |f| &f.moment)
    }

    /// 1234 → "1.234" or "1,234".
    pub fn number(self, value: i64) -> String {
        let separator = self.formats().map_or(".", |f| &f.group);
        let out = grouped(&value.unsigned_abs().to_string(), separator);
        if value < 0 { format!("−{out}") } else { out }
    }

    /// 2.25 → "2,3" or "2.3": one decimal place.
    pub fn decimal(self, value: f64) -> String {
        let separator = self.formats().map_or(",", |f| &f.decimal);
        format!("{value:.1}").replace('.', separator).replace('-', "−")
    }
}

/// All keys of a language, for the test that compares languages.
pub fn keys(code: &str) -> Vec<String> {
    let files = FILES.get_dir(code).into_iter().flat_map(Dir::files);
    let mut keys: Vec<String> = files
        .filter_map(include_dir::File::contents_utf8)
        .flat_map(keys_of)
        .map(str::to_owned)
        .collect();
    keys.sort();
    keys
}

/// The keys that a file defines.
fn keys_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.split_once('=').map(|(key, _)| key))
        .filter(|key| !key.starts_with([' ', '#', '-', '\t']) && !key.trim().is_empty())
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let (german, english) = (Lang::parse("de"), Lang::parse("en"));
        assert_eq!(german.n("residents-total", 20_000), "20.000 Personen im Register");
        assert!(english.n("residents-total", 1_234_567).contains("1,234,567"));
        assert_eq!(german.n("residents-total", 999), "999 Personen im Register");
        // the row of a sheet is no count
        assert_eq!(german.with("row-title", &[("zeile", "20001")]), "Zeile 20001");
    }

    #[test]
    fn all_languages_have_the_same_keys_once() {
        let german = keys("de");
        let mut once = german.clone();
        once.dedup();
        assert_eq!(german, once, "a key stands twice");
        for lang in Lang::all() {
            assert_eq!(keys(lang.code()), german, "{}", lang.code());
        }
    }

    #[test]
    fn every_text_is_well_formed() {
        for lang in Lang::all() {
            for file in FILES.get_dir(lang.code()).unwrap().files() {
                let text = file.contents_utf8().unwrap().to_owned();
                assert!(FluentResource::try_new(text).is_ok(), "{}", file.path().display());
            }
        }
    }

    #[test]
    fn languages_can_be_added_and_sentences_replaced() {
        let folder = |code: &str, text: &str| added::Folder {
            code: code.to_owned(),
            texts: vec![text.to_owned()],
        };
        let all = languages(&[
            folder(
                "ar",
                "language-name = العربية\nformat-direction = rtl\nformat-group = ,\nformat-day = %Y/%m/%d\n",
            ),
            folder("de", "sign-in = Hereinspaziert\n"),
        ]);
        let codes: Vec<_> = all.iter().map(|l| l.code).collect();
        assert_eq!(codes, ["de", "ar", "en"]);
        assert!(all[1].formats.rtl && !all[0].formats.rtl);
        assert_eq!(all[1].formats.day, "%Y/%m/%d");
        let text = |l: &Language, key: &str| {
            let pattern = l.bundle.get_message(key).and_then(|m| m.value());
            pattern.map(|p| l.bundle.format_pattern(p, None, &mut Vec::new()).into_owned())
        };
        assert_eq!(text(&all[0], "sign-in").as_deref(), Some("Hereinspaziert"));
        assert_eq!(text(&all[0], "sign-out").as_deref(), Some("Abmelden"));
        // the rest falls back to German
        assert_eq!(text(&all[1], "sign-in"), None);
    }

    #[test]
    fn chooses_a_language() {
        assert_eq!(Lang::accepted("fr,en;q=0.8,de;q=0.5").code(), "en");
        assert_eq!(Lang::accepted("de-AT,en;q=0.9").code(), "de");
        assert_eq!(Lang::accepted("").code(), "de");
        assert_eq!(Lang::parse("xx").code(), "de");
    }

    #[test]
    fn numbers() {
        assert_eq!(Lang::parse("de").number(1_234_567), "1.234.567");
        assert_eq!(Lang::parse("en").number(-1_234), "−1,234");
        assert_eq!(Lang::parse("de").decimal(-2.25), "−2,2");
        assert_eq!(Lang::parse("en").decimal(87.54), "87.5");
        assert_eq!(Lang::parse("de").direction(), "ltr");
    }
}
