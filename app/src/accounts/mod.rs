//! Signing in, the own account, staff accounts.

pub mod citizen;
pub mod links;
pub mod my_data;
pub mod roles;
pub mod security;
pub mod service;
pub mod staff;
