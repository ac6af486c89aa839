//! Resident lists: upload, draft, rows, consequences.

#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod api;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod grid;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod window;

#[cfg(feature = "ssr")]
mod consequences;
#[cfg(feature = "ssr")]
mod draft;
#[cfg(feature = "ssr")]
mod index;
#[cfg(feature = "ssr")]
mod rows;

#[cfg(feature = "ssr")]
pub use {
    consequences::page as consequences,
    draft::page as draft,
    index::{index, tile, upload_page},
    rows::{one as row, table as rows},
};
