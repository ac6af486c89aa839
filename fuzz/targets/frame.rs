//! Frames that no camera would give: the decoder answers or does not, but it does not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((size, pixels)) = data.split_first_chunk::<2>() else {
        return;
    };
    // blocks of one grey value, so that patterns come about
    let (w, h) = (32 + usize::from(size[0]) % 120, 32 + usize::from(size[1]) % 120);
    let across = w.div_ceil(4);
    let rgba: Vec<u8> = (0..w * h)
        .flat_map(|i| {
            let block = i / w / 4 * across + i % w / 4;
            let grey = pixels.get(block / 8).map_or(0, |byte| (byte >> (block % 8) & 1) * 255);
            [grey, grey, grey, 255]
        })
        .collect();
    let _ = scanner::decode(&rgba, w as u32, h as u32);
});
