//! The Axum side of Stadtbrief: commands, configuration, router, headers, uploads and downloads.

pub mod assets;
pub mod backup_commands;
pub mod branding;
pub mod commands;
pub mod config;
pub mod export;
pub mod figures;
pub mod files;
pub mod film;
pub mod hosting_commands;
pub mod key_commands;
pub mod log;
pub mod outside;
pub mod own_files;
pub mod pictures;
pub mod probes;
pub mod router;
pub mod security;
pub mod serve;
mod tls;
pub mod towns;
pub mod well_known;
