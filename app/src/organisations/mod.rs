//! Pages of organisations: asking for admission, the directory, what members do, what staff do.

pub mod apply;
pub mod change;
pub mod directory;
pub mod logo;
pub mod market;
pub mod members;
pub mod staff;

use domain::organisations::{CATEGORIES, OrganisationKind};
use locales::Lang;

/// The words of a kind, by its stored name.
pub(crate) fn kind_name(lang: Lang, key: &str) -> String {
    lang.t(&format!("organisation-kind-{key}"))
}

fn category_name(lang: Lang, key: &str) -> String {
    lang.t(&format!("category-{key}"))
}

fn kinds(lang: Lang, all: &str) -> Vec<(String, String)> {
    std::iter::once((String::new(), lang.t(all)))
        .chain(OrganisationKind::KEYS.map(|k| (k.to_owned(), kind_name(lang, k))))
        .collect()
}

fn categories(lang: Lang, all: &str) -> Vec<(String, String)> {
    let mut named: Vec<_> = CATEGORIES
        .iter()
        .map(|k| ((*k).to_owned(), category_name(lang, k)))
        .collect();
    named.sort_by(|a, b| a.1.cmp(&b.1));
    std::iter::once((String::new(), lang.t(all)))
        .chain(named)
        .collect()
}
