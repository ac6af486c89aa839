//! Decodes QR codes from grey camera frames. Runs in a web worker of its own, and is loaded only where the browser has
//! no `BarcodeDetector`.

use rxing::{
    BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader, common::HybridBinarizer,
    qrcode::cpp_port::QrReader,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// The text of a QR code in a grey picture (one byte a pixel, row by row); `None` if there is none that can be read.
/// Tries half the size first (most codes fill much of a frame), then the full size, then the full size smoothed
/// against noise.
#[wasm_bindgen]
pub fn decode(grey: &[u8], width: u32, height: u32) -> Option<String> {
    let (w, h) = (width as usize, height as usize);
    if w == 0 || h == 0 || grey.len() != w * h {
        return None;
    }
    let (half, half_width, half_height) = halved(grey, w, h);
    read(half, half_width, half_height)
        .or_else(|| read(grey.to_vec(), width, height))
        .or_else(|| read(smoothed(grey, w, h), width, height))
}

fn read(grey: Vec<u8>, width: u32, height: u32) -> Option<String> {
    let source = Luma8LuminanceSource::new(grey, width, height).ok()?;
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let hints = DecodeHints {
        TryHarder: Some(true),
        ..DecodeHints::default()
    };
    let result = QrReader.decode_with_hints(&mut bitmap, &hints).ok()?;
    Some(result.getText().to_owned())
}

/// Mean of two by two pixels.
fn halved(grey: &[u8], w: usize, h: usize) -> (Vec<u8>, u32, u32) {
    let (hw, hh) = (w / 2, h / 2);
    let mut out = Vec::with_capacity(hw * hh);
    for y in 0..hh {
        let (above, below) = (&grey[2 * y * w..], &grey[(2 * y + 1) * w..]);
        for x in 0..hw {
            let sum = u16::from(above[2 * x])
                + u16::from(above[2 * x + 1])
                + u16::from(below[2 * x])
                + u16::from(below[2 * x + 1]);
            out.push(u8::try_from(sum / 4).unwrap_or(u8::MAX));
        }
    }
    (
        out,
        u32::try_from(hw).unwrap_or(0),
        u32::try_from(hh).unwrap_or(0),
    )
}

/// Mean of three by three pixels; the border stays.
fn smoothed(grey: &[u8], w: usize, h: usize) -> Vec<u8> {
    let mut out = grey.to_vec();
    for y in 1..h.saturating_sub(1) {
        for x in 1..w.saturating_sub(1) {
            let sum: u16 = [y - 1, y, y + 1]
                .into_iter()
                .flat_map(|r| &grey[r * w + x - 1..r * w + x + 2])
                .map(|p| u16::from(*p))
                .sum();
            out[y * w + x] = u8::try_from(sum / 9).unwrap_or(u8::MAX);
        }
    }
    out
}
