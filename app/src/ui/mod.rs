//! Building blocks: KERN's HTML as functions. No server functions in here.

#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod view;
