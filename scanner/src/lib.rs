//! Decodes QR codes from camera frames. Runs in a web worker of its own, and is loaded only where the browser has no
//! `BarcodeDetector`. Why it is our own and what it was measured against: docs/adr/0024.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels and modules: small numbers, clamped where they index"
)]

mod decode;
mod finder;
mod fit;
mod grid;
mod linear;
mod picture;
mod search;
mod track;
mod warp;

use picture::Picture;
use search::Advice;
use std::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static ADVICE: Cell<Option<Advice>> = const { Cell::new(None) };
}

/// The text of a QR code in a picture (red, green, blue, opacity, row by row, as a canvas gives them); `None` if there is none
/// that can be read. Pictures have 32 pixels in each direction at least.
#[wasm_bindgen]
pub fn decode(rgba: &[u8], width: u32, height: u32) -> Option<String> {
    ADVICE.set(None);
    let (w, h) = (width as usize, height as usize);
    let bytes = w.checked_mul(h)?.checked_mul(4)?;
    if w < 32 || h < 32 || rgba.len() != bytes {
        return None;
    }
    let looked = search::look(&Picture::from_rgba(rgba, w, h));
    ADVICE.set(looked.advice);
    looked.text
}

/// What would help after a picture that could not be read: `light`, `nearer`, `steady`; `None` if nothing like a code was seen.
#[wasm_bindgen]
pub fn advice() -> Option<String> {
    let word = match ADVICE.get()? {
        Advice::Light => "light",
        Advice::Nearer => "nearer",
        Advice::Steady => "steady",
    };
    Some(word.to_owned())
}
