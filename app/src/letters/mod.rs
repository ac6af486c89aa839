//! Letters: batches, templates, returned mail, requests, control letters, figures.

#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod api;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod live_preview;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod progress;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod station;

#[cfg(feature = "ssr")]
pub mod batch;
#[cfg(feature = "ssr")]
pub mod control;
#[cfg(feature = "ssr")]
pub mod council;
#[cfg(feature = "ssr")]
pub mod outside;
#[cfg(feature = "ssr")]
pub mod public;
#[cfg(feature = "ssr")]
pub mod requests;
#[cfg(feature = "ssr")]
pub mod returns;
#[cfg(feature = "ssr")]
pub mod staff;
#[cfg(feature = "ssr")]
pub mod templates;
#[cfg(feature = "ssr")]
pub(crate) mod view;
