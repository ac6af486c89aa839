//! Does the choice of the mask matter to phones? The same texts with the mask that the standard's penalties choose, with
//! mask 0, and with the worst mask, on degraded frames: small, blurred, noisy, unevenly lit.

use backend::letters::engine::qr::{self, Modules};

/// Codes per frame condition.
const CODES: usize = 150;

/// A frame condition: pixels per module, radius of the blur, noise, shade across the code.
#[derive(Clone, Copy)]
struct Frame {
    scale: f64,
    blur: usize,
    noise: f64,
    shade: f64,
}

/// Reproducible noise.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64 - 0.5
    }
}

/// The code as a camera may see it: a little turned, sampled between modules.
fn picture(code: &Modules, frame: Frame, random: &mut Random) -> (usize, Vec<u8>) {
    let modules = code.size as f64 + 8.0;
    let edge = (modules * frame.scale).ceil() as usize;
    let (sin, cos) = 0.07f64.sin_cos();
    let middle = edge as f64 / 2.0;
    let mut sharp = vec![0.0; edge * edge];
    for y in 0..edge {
        for x in 0..edge {
            let (dx, dy) = (x as f64 - middle, y as f64 - middle);
            let u = (dx * cos - dy * sin) / frame.scale / 1.06 + code.size as f64 / 2.0;
            let v = (dx * sin + dy * cos) / frame.scale / 1.06 + code.size as f64 / 2.0;
            let inside = u >= 0.0 && v >= 0.0 && u < code.size as f64 && v < code.size as f64;
            let dark = inside && code.dark(u as usize, v as usize);
            sharp[y * edge + x] = if dark { 40.0 } else { 215.0 };
        }
    }
    for _ in 0..frame.blur {
        let before = sharp.clone();
        for y in 1..edge - 1 {
            for x in 1..edge - 1 {
                let sum: f64 = (0..9)
                    .map(|i| before[(y + i / 3 - 1) * edge + x + i % 3 - 1])
                    .sum();
                sharp[y * edge + x] = sum / 9.0;
            }
        }
    }
    let grey = sharp
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let across = (i % edge) as f64 / edge as f64;
            (v * (1.0 - frame.shade * across) + frame.noise * random.next()).clamp(0.0, 255.0) as u8
        })
        .collect();
    (edge, grey)
}

fn reads(code: &Modules, text: &str, frame: Frame, random: &mut Random) -> bool {
    let (edge, grey) = picture(code, frame, random);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(edge, edge, |x, y| grey[y * edge + x]);
    image
        .detect_grids()
        .into_iter()
        .any(|g| g.decode().is_ok_and(|(_, read)| read == text))
}

pub(crate) fn run() {
    println!("masks: codes read of {CODES} per condition (rqrr, one frame each)");
    println!("                                      chosen   mask 0    worst");
    let mut sums = [0; 3];
    for (name, frame) in [
        (
            "5 pixels a module",
            Frame {
                scale: 5.0,
                blur: 0,
                noise: 0.0,
                shade: 0.0,
            },
        ),
        (
            "3 pixels a module",
            Frame {
                scale: 3.0,
                blur: 0,
                noise: 0.0,
                shade: 0.0,
            },
        ),
        (
            "2.5 pixels a module",
            Frame {
                scale: 2.5,
                blur: 0,
                noise: 10.0,
                shade: 0.0,
            },
        ),
        (
            "5 pixels, blurred",
            Frame {
                scale: 5.0,
                blur: 1,
                noise: 10.0,
                shade: 0.0,
            },
        ),
        (
            "5 pixels, more blurred",
            Frame {
                scale: 5.0,
                blur: 2,
                noise: 10.0,
                shade: 0.0,
            },
        ),
        (
            "4 pixels, some noise",
            Frame {
                scale: 4.0,
                blur: 0,
                noise: 50.0,
                shade: 0.0,
            },
        ),
        (
            "4 pixels, more noise",
            Frame {
                scale: 4.0,
                blur: 0,
                noise: 90.0,
                shade: 0.0,
            },
        ),
        (
            "5 pixels, in shade",
            Frame {
                scale: 5.0,
                blur: 0,
                noise: 10.0,
                shade: 0.3,
            },
        ),
        (
            "5 pixels, in deep shade",
            Frame {
                scale: 5.0,
                blur: 0,
                noise: 10.0,
                shade: 0.5,
            },
        ),
    ] {
        let mut read = [0; 3];
        for i in 0..CODES {
            let text = format!(
                "https://portal.lindenau.example/r#{:032X}",
                (i as u128 + 7).pow(17)
            );
            let [chosen, first, worst] = qr::encode_three(&text).unwrap();
            for (count, code) in read.iter_mut().zip([chosen, first, worst]) {
                // the same noise for all three
                *count += usize::from(reads(&code, &text, frame, &mut Random(i as u64 + 1)));
            }
        }
        println!("  {name:34} {:8} {:8} {:8}", read[0], read[1], read[2]);
        sums.iter_mut().zip(read).for_each(|(s, n)| *s += n);
    }
    println!(
        "  ratio: mask 0 is read {:.2} ×, the worst mask {:.2} × as often as the chosen one",
        sums[1] as f64 / sums[0] as f64,
        sums[2] as f64 / sums[0] as f64
    );
}
