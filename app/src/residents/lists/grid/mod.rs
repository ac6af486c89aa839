//! The rows of a draft as a table in which people type: drawn in the browser, only as much as is seen, judged while
//! somebody types by the same rules as on the server. Without WebAssembly the plain table stays.

#[cfg(feature = "staff")]
mod draw;
#[cfg(feature = "staff")]
mod table;

use leptos::prelude::*;
use std::collections::BTreeMap;

/// Sentences that the table needs, by key; `{…}` in them stays for the browser to fill.
pub type Texts = BTreeMap<String, String>;

/// Id of what the table takes the place of.
pub const PLAIN: &str = "rows-plain";

/// The table. When it works, the plain table is hidden: the element with the id [`PLAIN`].
#[island]
pub fn Grid(list: String, filter: String, texts: Texts) -> impl IntoView {
    let ready = RwSignal::new(false);
    #[cfg(feature = "staff")]
    let live = {
        let table = table::Table::new(list, filter, texts, ready);
        table.start();
        move || ready.get().then(|| draw::table(table))
    };
    #[cfg(not(feature = "staff"))]
    let live = {
        let _ = (list, filter, texts);
        move || ready.get().then(|| ().into_any())
    };
    view! { <div>{live}</div> }
}

/// The sentences in a language.
#[cfg(feature = "ssr")]
pub fn texts(lang: locales::Lang) -> Texts {
    use backend::residents::Fate;
    use domain::residents::{
        column::Column,
        finding::{Rule, Severity},
    };
    let plain = [
        "grid-label",
        "grid-help",
        "grid-loading",
        "grid-saving",
        "grid-saved",
        "grid-offline",
        "grid-stale",
        "grid-gone",
        "grid-nothing",
        "grid-form",
        "grid-alone",
        "row-take",
        "row-leave",
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
    let filled: [(&str, &[&str]); 6] = [
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
        let args: Vec<(&str, &str)> = names.iter().copied().zip(marks.iter().map(String::as_str)).collect();
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
