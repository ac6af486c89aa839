//! The Axum side of Stadtbrief: commands, configuration, router, headers, uploads and downloads.

pub mod assets;
pub mod commands;
pub mod config;
pub mod export;
pub mod files;
pub mod outside;
pub mod own_files;
pub mod pictures;
pub mod router;
pub mod security;
pub mod serve;
