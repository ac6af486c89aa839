//! Letters: batches, progress, posting.

#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod api;
#[cfg(any(feature = "ssr", feature = "staff"))]
pub mod progress;
#[cfg(feature = "ssr")]
pub mod staff;
