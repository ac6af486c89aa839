//! Signing in, the own account, staff accounts.

pub mod citizen;
pub mod staff;
