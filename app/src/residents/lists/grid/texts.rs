//! The sentences of the table: they come with the page, so that none are in the WebAssembly.

use super::Texts;
use backend::residents::Fate;
use domain::residents::{
    column::Column,
    finding::{Rule, Severity},
};
use locales::Lang;

/// The sentences in a language.
pub fn texts(lang: Lang) -> Texts {
    let plain = [
        "grid-label",
        "grid-help",
        "grid-loading",
        "grid-saving",
        "grid-saved",
        "grid-offline",
        "grid-signed-out",
        "grid-stale-row",
        "grid-doubtful",
        "grid-over",
        "grid-gone",
        "grid-nothing",
        "grid-form",
        "grid-alone",
        "row-take",
        "row-leave",
        "row-perhaps",
        "grid-rows-one",
        "row-same",
        "row-new",
        "row-undecide",
        "row-undo",
        "row-letter",
        "finding-row",
        "finding-empty",
        "preview-findings",
        "state",
    ];
    let filled: [(&str, &[&str]); 9] = [
        ("grid-stale", &["text"]),
        ("grid-typed", &["zeile", "spalte", "text"]),
        ("grid-waiting", &["n"]),
        ("grid-rows", &["n"]),
        ("grid-other", &["name"]),
        ("grid-other-row", &["name", "zeile"]),
        ("grid-editing", &["spalte", "zeile"]),
        ("finding-like-row", &["zeile"]),
        ("row-title", &["zeile"]),
    ];
    let mut texts: Texts = plain.iter().map(|key| ((*key).to_owned(), lang.t(key))).collect();
    for (key, names) in filled {
        let marks: Vec<String> = names.iter().map(|n| format!("{{{n}}}")).collect();
        let args: Vec<(&str, &str)> = names
            .iter()
            .copied()
            .zip(marks.iter().map(String::as_str))
            .collect();
        texts.insert(key.to_owned(), lang.with(key, &args));
    }
    let named = |prefix: &str, key: &str| {
        let key = format!("{prefix}-{key}");
        let text = lang.t(&key);
        (key, text)
    };
    texts.extend(Rule::ALL.iter().map(|r| named("rule", r.key())));
    texts.extend(Column::ALL.iter().map(|c| named("column", c.key())));
    texts.extend(Fate::ALL.iter().map(|f| named("fate", f.key())));
    texts.extend([Severity::Repair, Severity::Ask, Severity::Block].map(|s| named("severity", s.key())));
    texts
}
