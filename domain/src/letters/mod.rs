//! Letters: codes, their state, and what is printed.

pub mod code;
pub mod content;
pub mod state;
