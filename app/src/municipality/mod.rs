//! The municipality: start page, legal pages, help, settings.

pub mod pages;
pub mod settings;
