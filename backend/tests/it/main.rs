//! Use cases on both databases: each test runs on a fresh SQLite file and on a fresh PostgreSQL database.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod accounts;
mod batches;
mod blocks;
mod cancel;
mod cases;
mod exports;
mod hostile;
mod inbox;
mod jobs;
mod kit;
mod letters;
mod life;
mod lists;
mod mail;
mod members;
mod offline;
mod organisations;
mod own_data;
mod registration;
mod residents;
mod roles;
mod schema;
mod security;
