//! The municipality: start page, legal pages, help, settings.

pub mod jobs;
pub mod pages;
pub mod settings;
