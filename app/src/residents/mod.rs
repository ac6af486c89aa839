//! Residents and resident lists, for staff.

pub mod lists;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod single;
