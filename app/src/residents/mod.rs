//! Residents and resident lists, for staff.

pub mod lists;
pub mod register;
pub mod single;
