//! The others, drawing what our layout has placed.

pub(crate) mod with_krilla;
pub(crate) mod with_printpdf;
pub(crate) mod with_python;
