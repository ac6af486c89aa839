//! Letters: batches, progress, posting.

pub mod api;
pub mod progress;
#[cfg(feature = "ssr")]
pub mod staff;
