//! The rows of a draft as a table in which people type: drawn in the browser, only as much as is seen, judged while
//! somebody types by the same rules as on the server. Without WebAssembly the plain table stays.

#[cfg(feature = "staff")]
mod draw;
#[cfg(feature = "staff")]
mod table;
#[cfg(feature = "ssr")]
mod texts;

#[cfg(feature = "ssr")]
pub use texts::texts;

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
