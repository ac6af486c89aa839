//! The product over HTTP, in process: permissions, headers, plain posts, attacks.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod attacks;
mod comfort;
mod crash;
mod crash_letters;
mod enumeration;
mod kit;
mod pages;
mod permissions;
mod towns;
