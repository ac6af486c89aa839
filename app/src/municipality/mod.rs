//! The municipality: start page, legal pages, help, settings.

pub mod barrier;
pub mod jobs;
pub mod pages;
pub mod settings;
pub mod staff_texts;
pub mod texts;
