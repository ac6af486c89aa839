//! The engine: from what a batch freezes to a checked PDF. Knows no store, no people beyond what they are given, and no
//! screen; the command line runs it without a server.

pub mod artwork;
pub mod check;
mod file;
mod font;
mod layout;
mod operators;
pub mod pdf;
pub mod qr;
pub mod sheet;
mod svg;
mod tags;

pub use artwork::{Art, Artwork};
pub use font::{BOLD, MONO, REGULAR, Shaper, Style};
pub use layout::{DoesNotFit, Layout, window};
pub use svg::{View, part as draw_part, side as draw_side};
