//! Reads codes that another library made, as a camera may see them; and is not fooled or brought down by other pictures.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels and modules"
)]

use qrcode::{Color, EcLevel, QrCode, Version};

/// A grey picture.
#[derive(Clone)]
struct Frame {
    w: usize,
    h: usize,
    grey: Vec<u8>,
}

impl Frame {
    fn read(&self) -> Option<String> {
        let rgba: Vec<u8> = self.grey.iter().flat_map(|p| [*p, *p, *p, 255]).collect();
        scanner::decode(&rgba, self.w as u32, self.h as u32)
    }

    /// Light everywhere but where `dark` says, given the place as a part of the picture (0 to 1).
    fn drawn(w: usize, h: usize, dark: impl Fn(f64, f64) -> bool) -> Self {
        let mut grey = Vec::with_capacity(w * h);
        for y in 0..h {
            for x in 0..w {
                // nine points a pixel, as a sensor has area
                let inked = (0..9)
                    .filter(|i| {
                        let (dx, dy) = (f64::from(i % 3), f64::from(i / 3));
                        dark(x as f64 + dx / 3.0 + 1.0 / 6.0, y as f64 + dy / 3.0 + 1.0 / 6.0)
                    })
                    .count();
                grey.push(220 - (inked * 20) as u8);
            }
        }
        Self { w, h, grey }
    }

    fn blurred(mut self, times: usize) -> Self {
        for _ in 0..times {
            let before = self.grey.clone();
            for y in 1..self.h - 1 {
                for x in 1..self.w - 1 {
                    let sum: u32 = (0..9)
                        .map(|i| u32::from(before[(y + i / 3 - 1) * self.w + x + i % 3 - 1]))
                        .sum();
                    self.grey[y * self.w + x] = (sum / 9) as u8;
                }
            }
        }
        self
    }
}

fn code(text: &str, level: EcLevel) -> QrCode {
    QrCode::with_error_correction_level(text, level).unwrap()
}

fn dark(code: &QrCode, x: f64, y: f64) -> bool {
    let edge = code.width() as f64;
    x >= 0.0 && y >= 0.0 && x < edge && y < edge && code[(x as usize, y as usize)] == Color::Dark
}

/// Seen from above, `scale` pixels a module, with a quiet zone.
fn flat(code: &QrCode, scale: f64) -> Frame {
    let edge = ((code.width() as f64 + 8.0) * scale).ceil() as usize;
    Frame::drawn(edge, edge, |x, y| dark(code, x / scale - 4.0, y / scale - 4.0))
}

const LETTER: &str = "https://portal.lindenau.example/registrieren#0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

#[test]
fn every_version_and_level_is_read() {
    let levels = [EcLevel::L, EcLevel::M, EcLevel::Q, EcLevel::H];
    let mut random = Random(1);
    for version in 1..=40i16 {
        let level = levels[version as usize % 4];
        // as much as fits, of each kind of characters in turn
        let text = |length: usize, random: &mut Random| -> String {
            let letters: &[u8] = match version % 3 {
                0 => b"0123456789",
                1 => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 $%*+-./:",
                _ => b"abcdefghij#/:?&=%ABC",
            };
            (0..length)
                .map(|_| char::from(letters[random.next() as usize % letters.len()]))
                .collect()
        };
        let (mut length, mut made) = (1, None);
        while let Ok(more) = QrCode::with_version(text(length, &mut random), Version::Normal(version), level)
        {
            made = Some(more);
            length += length / 3 + 1;
        }
        assert!(made.is_some(), "{version}");
        let text = text(length * 3 / 5, &mut random);
        let Ok(code) = QrCode::with_version(&text, Version::Normal(version), level) else {
            continue;
        };
        assert_eq!(
            flat(&code, 3.5).read().as_deref(),
            Some(text.as_str()),
            "version {version}"
        );
    }
    for level in levels {
        assert_eq!(flat(&code(LETTER, level), 4.0).read().as_deref(), Some(LETTER));
    }
    let umlauts = "Straße nach Šťastný – 12 €";
    assert_eq!(
        flat(&code(umlauts, EcLevel::M), 4.0).read().as_deref(),
        Some(umlauts)
    );
}

#[test]
fn turned_tilted_small_and_inverted_codes_are_read() {
    let code = code(LETTER, EcLevel::Q);
    for degrees in (0..360).step_by(15) {
        let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
        let frame = Frame::drawn(320, 320, |x, y| {
            let (x, y) = ((x - 160.0) / 4.2, (y - 160.0) / 4.2);
            let middle = code.width() as f64 / 2.0;
            dark(&code, x * cos + y * sin + middle, y * cos - x * sin + middle)
        });
        assert_eq!(frame.read().as_deref(), Some(LETTER), "{degrees} degrees");
    }
    for tilt in [0.2, 0.5, 0.8, 1.0] {
        let (sin, cos) = f64::sin_cos(tilt);
        let frame = Frame::drawn(400, 400, |x, y| {
            // a plane that is tilted around the horizontal axis, seen from 100 modules away
            let (x, y) = ((x - 200.0) / 600.0, (y - 200.0) / 600.0);
            let far = 100.0 / (cos - y * sin);
            let middle = code.width() as f64 / 2.0;
            dark(&code, x * far * cos + middle, y * far + middle)
        });
        assert_eq!(frame.read().as_deref(), Some(LETTER), "tilted by {tilt}");
    }
    assert_eq!(flat(&code, 1.8).read().as_deref(), Some(LETTER));
    let mut inverted = flat(&code, 4.0);
    inverted.grey.iter_mut().for_each(|p| *p = 255 - *p);
    assert_eq!(inverted.read().as_deref(), Some(LETTER));
}

#[test]
fn blurred_covered_and_bent_codes_are_read() {
    let code = code(LETTER, EcLevel::Q);
    let scale = 6.0;
    assert_eq!(flat(&code, scale).blurred(6).read().as_deref(), Some(LETTER));
    let edge = code.width();
    let cover = |left: usize, top: usize, wide: usize, high: usize, grey: u8| {
        let mut frame = flat(&code, scale);
        let pixel = |module: usize| ((module + 4) as f64 * scale) as usize;
        for y in pixel(top)..pixel(top + high) {
            for x in pixel(left)..pixel(left + wide) {
                frame.grey[y * frame.w + x] = grey;
            }
        }
        frame.read()
    };
    // a finger over an edge, a reflection in the middle
    assert_eq!(cover(edge - 9, 12, 9, 12, 120).as_deref(), Some(LETTER));
    assert_eq!(cover(14, 14, 10, 10, 255).as_deref(), Some(LETTER));
    // each of the three corners in turn
    for (left, top) in [(0, 0), (edge - 7, 0), (0, edge - 7)] {
        assert_eq!(
            cover(left, top, 7, 7, 130).as_deref(),
            Some(LETTER),
            "{left} {top}"
        );
    }
    // paper that is not flat
    let bent = Frame::drawn(360, 360, |x, y| {
        let wave = 4.0 * (x / 55.0).sin() + 3.0 * (y / 70.0).cos();
        dark(&code, (x + wave) / 6.5 - 5.0, (y + wave) / 6.5 - 5.0)
    });
    assert_eq!(bent.read().as_deref(), Some(LETTER));
}

#[test]
fn what_is_no_code_is_not_read() {
    let mut random = Random(7);
    for round in 0..120u64 {
        let (w, h) = (
            32 + random.next() as usize % 200,
            32 + random.next() as usize % 200,
        );
        let coarse = 1 + round as usize % 6;
        let mut grey = vec![0u8; w * h];
        for y in 0..h {
            for x in 0..w {
                grey[y * w + x] = match (x % coarse, y % coarse) {
                    (0, 0) => (random.next() % 256) as u8,
                    (0, _) => grey[(y - 1) * w + x],
                    _ => grey[y * w + x - 1],
                };
                if round % 2 == 1 {
                    grey[y * w + x] = if grey[y * w + x] > 127 { 255 } else { 0 };
                }
            }
        }
        assert_eq!(Frame { w, h, grey }.read(), None, "round {round}");
    }
    // nothing but finder patterns
    let code = code(LETTER, EcLevel::Q);
    let edge = code.width();
    let mut random = Random(3);
    let noise: Vec<bool> = (0..edge * edge)
        .map(|_| random.next().is_multiple_of(2))
        .collect();
    let frame = Frame::drawn(260, 260, |x, y| {
        let (x, y) = (x / 5.0 - 4.0, y / 5.0 - 4.0);
        let inside = x >= 0.0 && y >= 0.0 && x < edge as f64 && y < edge as f64;
        let corner = (x < 8.0 && (y < 8.0 || y >= edge as f64 - 8.0)) || (x >= edge as f64 - 8.0 && y < 8.0);
        let timing = (6.0..7.0).contains(&x) || (6.0..7.0).contains(&y);
        inside
            && if corner || timing {
                dark(&code, x, y)
            } else {
                noise[y as usize * edge + x as usize]
            }
    });
    assert_eq!(frame.read(), None);
}

#[test]
fn says_what_would_help() {
    let code = code(LETTER, EcLevel::Q);
    // finder patterns only: the rest is smeared
    let smeared = |scale: f64| {
        let edge = code.width() as f64;
        let pixels = ((edge + 8.0) * scale) as usize;
        Frame::drawn(pixels, pixels, |x, y| {
            let (u, v) = (x / scale - 4.0, y / scale - 4.0);
            let corner = (u < 7.5 && !(7.5..edge - 7.5).contains(&v)) || (v < 7.5 && u > edge - 7.5);
            corner && dark(&code, u, v)
        })
    };
    for (scale, advice) in [(1.8, "nearer"), (5.5, "steady")] {
        assert_eq!(
            (smeared(scale).read(), scanner::advice().as_deref()),
            (None, Some(advice))
        );
    }
    let mut night = flat(&code, 4.0);
    night.grey.iter_mut().for_each(|p| *p = 20);
    assert_eq!(
        (night.read(), scanner::advice().as_deref()),
        (None, Some("light"))
    );
    assert!(flat(&code, 4.0).read().is_some());
    assert_eq!(scanner::advice(), None);
}

#[test]
fn pictures_of_the_wrong_size_are_refused() {
    assert_eq!(scanner::decode(&[], 0, 0), None);
    assert_eq!(scanner::decode(&[0; 100], 5, 5), None);
    assert_eq!(scanner::decode(&[0; 100], 640, 480), None);
    assert_eq!(scanner::decode(&[0; 4], u32::MAX, u32::MAX), None);
    for grey in [0, 128, 255] {
        for (w, h) in [(32, 32), (33, 47), (640, 33)] {
            let frame = Frame {
                w,
                h,
                grey: vec![grey; w * h],
            };
            assert_eq!(frame.read(), None);
        }
    }
}
