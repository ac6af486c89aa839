//! Registration with a letter: scan, photograph or type; see whose letter it is; make the account.

pub mod scanner;
pub mod user_id;

#[cfg(feature = "ssr")]
pub mod citizen;
#[cfg(feature = "ssr")]
mod refusal;
