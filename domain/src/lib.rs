//! What is true in Stadtbrief: pure rules, the same in the browser and on the server.
//!
//! Invariants: nothing here does I/O, reads a clock or draws a random number; nothing here knows Leptos, HTTP or
//! a database. Reading a bad list is not an error: it gives rows *and* findings.
#![warn(missing_docs)]

pub mod access;
pub mod accounts;
pub mod cases;
pub mod din_91379;
pub mod letters;
pub mod municipality;
pub mod organisations;
pub mod problem;
pub mod registration;
pub mod residents;
pub mod surveys;
pub mod tables;
pub mod talk;
pub mod text;
pub mod time;
pub mod urls;
