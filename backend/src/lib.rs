//! What happens in Stadtbrief: use cases, SQL, letters as PDF, mail, jobs.
//!
//! Invariants: nothing here knows Leptos or HTTP; only `db` names a database; only `*/store.rs` contains SQL; a use
//! case that writes takes an `Actor`, checks a permission first and commits with an audit event.
#![warn(missing_docs)]

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod cases;
pub mod ctx;
pub mod db;
pub mod demo;
pub mod depot;
pub mod doctor;
mod export;
pub mod failure;
pub mod files;
pub mod hosting;
pub mod jobs;
pub mod keys;
pub mod letters;
pub mod mail;
pub mod municipality;
pub mod organisations;
pub mod outgoing;
mod paper;
pub mod picture;
pub mod push;
pub mod registration;
pub mod residents;
pub mod root_key;
pub mod scrub;
#[cfg(feature = "testing")]
pub mod strangers;
pub mod surveys;
pub mod talk;
pub mod throttle;
pub mod virus;
pub mod watch;
pub mod wording;

pub use ctx::Ctx;
pub use failure::{Failure, Never};
