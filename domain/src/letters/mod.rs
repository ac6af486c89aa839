//! Letters: codes, their state, and what is printed.

pub mod code;
pub mod content;
pub mod figures;
pub mod state;
pub mod template;
