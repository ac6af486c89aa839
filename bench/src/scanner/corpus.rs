//! Frames as a phone may film a letter, made from the product's own letters with a seed: the page in space (tilt, turn,
//! distance), the lens (blur), the hand (motion), the light (gradient, shadow, glare, darkness), the paper (crease,
//! something in front of it), the sensor (noise, contrast, stripes of a screen) and the file (JPEG).

use super::pages::Page;
use std::f64::consts::{PI, TAU};

/// Conditions, each from mild (1) to beyond reading (5).
pub(super) const CONDITIONS: [&str; 17] = [
    "clean", "tilt", "turn", "defocus", "motion", "noise", "jpeg", "uneven", "dark", "glare", "small",
    "covered", "contrast", "crease", "stripes", "inverted", "mixed",
];

/// Reproducible chance.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        // neighbouring seeds begin alike
        for _ in 0..8 {
            random.bits();
        }
        random
    }

    pub(super) fn bits(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// From `a` to `b`.
    pub(super) fn between(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 1 { 1.0 } else { -1.0 }
    }

    /// Mean 0, standard deviation 1.
    fn normal(&mut self) -> f64 {
        let u = self.between(1e-12, 1.0);
        (-2.0 * u.ln()).sqrt() * (TAU * self.between(0.0, 1.0)).cos()
    }
}

/// A grey picture.
#[derive(Clone)]
pub(super) struct Grey {
    pub(super) w: usize,
    pub(super) h: usize,
    pub(super) pixels: Vec<f32>,
}

impl Grey {
    fn at(&self, x: f64, y: f64) -> f64 {
        let (x, y) = (
            x.clamp(0.0, self.w as f64 - 1.001),
            y.clamp(0.0, self.h as f64 - 1.001),
        );
        let (i, j) = (x as usize, y as usize);
        let (u, v) = (x - i as f64, y - j as f64);
        let p = |i, j| f64::from(self.pixels[j * self.w + i]);
        let top = p(i, j) * (1.0 - u) + p(i + 1, j) * u;
        let bottom = p(i, j + 1) * (1.0 - u) + p(i + 1, j + 1) * u;
        top * (1.0 - v) + bottom * v
    }

    fn change(&mut self, mut f: impl FnMut(f64, f64, f64) -> f64) {
        for y in 0..self.h {
            for x in 0..self.w {
                let p = &mut self.pixels[y * self.w + x];
                *p = f(x as f64, y as f64, f64::from(*p)) as f32;
            }
        }
    }

    fn gauss(&mut self, sigma: f64) {
        let reach = (3.0 * sigma).ceil() as i64;
        let kernel: Vec<f64> = (-reach..=reach)
            .map(|i| (-((i * i) as f64) / (2.0 * sigma * sigma)).exp())
            .collect();
        let steps: Vec<(f64, f64)> = (-reach..=reach).map(|i| (i as f64, 0.0)).collect();
        self.gather(&steps, &kernel);
        let steps: Vec<(f64, f64)> = steps.iter().map(|(i, _)| (0.0, *i)).collect();
        self.gather(&steps, &kernel);
    }

    /// A lens that is out of focus: every point becomes a disc.
    fn disc(&mut self, radius: f64) {
        let reach = radius.ceil() as i64;
        let mut steps = Vec::new();
        let mut weights = Vec::new();
        for j in -reach..=reach {
            for i in -reach..=reach {
                let far = ((i * i + j * j) as f64).sqrt();
                if far < radius + 0.5 {
                    steps.push((i as f64, j as f64));
                    weights.push((radius + 0.5 - far).min(1.0));
                }
            }
        }
        self.gather(&steps, &weights);
    }

    fn gather(&mut self, steps: &[(f64, f64)], weights: &[f64]) {
        let all: f64 = weights.iter().sum();
        let before = self.clone();
        let whole: Option<Vec<(i64, i64)>> = steps
            .iter()
            .map(|(x, y)| (x.fract() == 0.0 && y.fract() == 0.0).then_some((*x as i64, *y as i64)))
            .collect();
        let (w, h) = (self.w as i64, self.h as i64);
        for y in 0..h {
            for x in 0..w {
                let sum: f64 = match &whole {
                    Some(whole) => whole
                        .iter()
                        .zip(weights)
                        .map(|((i, j), k)| {
                            let (i, j) = ((x + i).clamp(0, w - 1), (y + j).clamp(0, h - 1));
                            k * f64::from(before.pixels[(j * w + i) as usize])
                        })
                        .sum(),
                    None => steps
                        .iter()
                        .zip(weights)
                        .map(|((i, j), k)| k * before.at(x as f64 + i, y as f64 + j))
                        .sum(),
                };
                self.pixels[(y * w + x) as usize] = (sum / all) as f32;
            }
        }
    }
}

/// Where the page lies: from the frame to millimetres on the page.
#[derive(Clone, Copy)]
pub(super) struct View([[f64; 3]; 3]);

impl View {
    /// The middle of the code (`about`, in mm) lies at `at`; turned by `roll`, tilted by `tilt` towards `side`; an edge of
    /// `edge` mm is about `pixels` long.
    pub(super) fn new(
        about: (f64, f64),
        at: (f64, f64),
        (roll, tilt, side): (f64, f64, f64),
        edge: f64,
        pixels: f64,
        (w, h): (f64, f64),
    ) -> Self {
        // turn to the tilted axis, tilt, turn back and roll
        let turn = |a: f64| [[a.cos(), -a.sin(), 0.0], [a.sin(), a.cos(), 0.0], [0.0, 0.0, 1.0]];
        let lean = [
            [1.0, 0.0, 0.0],
            [0.0, tilt.cos(), -tilt.sin()],
            [0.0, tilt.sin(), tilt.cos()],
        ];
        let r = times(turn(side), times(lean, turn(roll - side)));
        let focal = 1.05 * w.max(h);
        let distance = focal * edge / pixels;
        // columns: x and y of the page, and where its origin is
        let (cx, cy) = (at.0, at.1);
        let mut forward = [
            [r[0][0], r[0][1], 0.0],
            [r[1][0], r[1][1], 0.0],
            [r[2][0], r[2][1], distance],
        ];
        let camera = [[focal, 0.0, cx], [0.0, focal, cy], [0.0, 0.0, 1.0]];
        let shift = [[1.0, 0.0, -about.0], [0.0, 1.0, -about.1], [0.0, 0.0, 1.0]];
        forward = times(camera, times(forward, shift));
        View(inverse(forward))
    }

    pub(super) fn page(&self, x: f64, y: f64) -> (f64, f64) {
        let m = &self.0;
        let z = m[2][0] * x + m[2][1] * y + m[2][2];
        (
            (m[0][0] * x + m[0][1] * y + m[0][2]) / z,
            (m[1][0] * x + m[1][1] * y + m[1][2]) / z,
        )
    }
}

fn times(a: [[f64; 3]; 3], b: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

fn inverse(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let c = |i: usize, j: usize| {
        let (a, b) = ((i + 1) % 3, (i + 2) % 3);
        let (d, e) = ((j + 1) % 3, (j + 2) % 3);
        m[a][d] * m[b][e] - m[a][e] * m[b][d]
    };
    let det: f64 = (0..3).map(|j| m[0][j] * c(0, j)).sum();
    std::array::from_fn(|i| std::array::from_fn(|j| c(j, i) / det))
}

/// A fold of the paper: a line, how far the paper is pushed beside it, and how dark its valley is.
struct Crease {
    at: (f64, f64),
    normal: (f64, f64),
    push: f64,
    shade: f64,
    wide: f64,
}

/// What stands between the page and the file.
struct Wear {
    creases: Vec<Crease>,
    inverted: bool,
}

/// One frame.
pub(super) struct Frame {
    pub(super) w: usize,
    pub(super) h: usize,
    pub(super) pixels: Vec<u8>,
}

/// How a frame is filmed, before the sensor sees it.
pub(super) struct Shot {
    view: View,
    wear: Wear,
    table: f64,
}

fn table(x: f64, y: f64, level: f64) -> f64 {
    level + 12.0 * (x * 0.045 + (y * 0.011).sin() * 3.0).sin() + 5.0 * (y * 0.31 + x * 0.02).sin()
}

fn film(page: &Page, shot: &Shot, w: usize, h: usize) -> Grey {
    let mut out = Grey {
        w,
        h,
        pixels: vec![0.0; w * h],
    };
    let source = &page.picture;
    let steps = [-1.0 / 3.0, 0.0, 1.0 / 3.0];
    out.change(|x, y, _| {
        let mut sum = 0.0;
        for dy in steps {
            for dx in steps {
                let (mut u, mut v) = shot.view.page(x + dx, y + dy);
                let mut light = 1.0;
                for c in &shot.wear.creases {
                    let far = (u - c.at.0) * c.normal.0 + (v - c.at.1) * c.normal.1;
                    let bend = (-(far * far) / (2.0 * c.wide * c.wide)).exp();
                    light *= 1.0 - c.shade * bend * if far > 0.0 { 1.0 } else { -0.4 };
                    // the paper rises or sinks there, and is seen from the side
                    let push = c.push * bend;
                    u += push * c.normal.0;
                    v += push * c.normal.1;
                }
                let on_page = u >= 0.0 && v >= 0.0 && u < 210.0 && v < 297.0;
                sum += if on_page {
                    let paper = source.at(u * page.per_mm, v * page.per_mm);
                    let ink = 28.0 + paper / 255.0 * 200.0;
                    light * if shot.wear.inverted { 256.0 - ink } else { ink }
                } else {
                    table(x, y, shot.table)
                };
            }
        }
        sum / 9.0
    });
    out
}

/// A frame of a letter under a condition of this severity (1 to 5), with its code in view.
pub(super) fn frame(
    page: &Page,
    condition: &str,
    severity: usize,
    (w, h): (usize, usize),
    r: &mut Random,
) -> Frame {
    let t = (severity as f64 - 1.0) / 4.0;
    let edge = f64::from(page.edge);
    let short = w.min(h) as f64;
    let mut pixels = short * r.between(0.40, 0.62);
    let (mut roll, mut tilt, side) = (r.between(-0.2, 0.2), r.between(0.0, 0.22), r.between(0.0, TAU));
    let mut wear = Wear {
        creases: Vec::new(),
        inverted: false,
    };
    match condition {
        "tilt" => tilt = 0.35 + 0.85 * t,
        "turn" => {
            roll = r.between(0.0, TAU);
            tilt = 0.1 + 0.5 * t;
        }
        "small" => pixels = page.modules as f64 * (3.4 - 2.1 * t) * r.between(0.94, 1.06),
        "inverted" => wear.inverted = true,
        "mixed" => {
            roll = r.between(-0.6, 0.6);
            tilt = r.between(0.1, 0.3 + 0.5 * t);
            pixels = short * r.between(0.34, 0.5);
        }
        "crease" => {
            for _ in 0..1 + severity / 2 {
                let angle = r.between(0.0, PI);
                wear.creases.push(Crease {
                    at: (
                        f64::from(page.middle.0) + r.between(-0.4, 0.4) * edge,
                        f64::from(page.middle.1) + r.between(-0.4, 0.4) * edge,
                    ),
                    normal: (angle.cos(), angle.sin()),
                    push: (0.4 + 2.2 * t) * r.between(0.7, 1.3) * r.sign(),
                    shade: 0.15 + 0.35 * t,
                    wide: r.between(2.0, 7.0),
                });
            }
        }
        _ => {}
    }
    let off = |r: &mut Random, room: f64| r.between(-0.5, 0.5) * (room - pixels * 1.15).max(0.0);
    let at = (
        w as f64 / 2.0 + off(r, w as f64) * 0.7,
        h as f64 / 2.0 + off(r, h as f64) * 0.7,
    );
    let middle = (f64::from(page.middle.0), f64::from(page.middle.1));
    let view = View::new(middle, at, (roll, tilt, side), edge, pixels, (w as f64, h as f64));
    let shot = Shot {
        view,
        wear,
        table: r.between(70.0, 150.0),
    };
    let mut grey = film(page, &shot, w, h);
    spoil(
        &mut grey,
        condition,
        t,
        (at, pixels, pixels / page.modules as f64),
        r,
    )
}

/// A frame without a code: the rest of the page, or the table.
pub(super) fn without(page: &Page, number: usize, (w, h): (usize, usize), r: &mut Random) -> Frame {
    let edge = f64::from(page.edge);
    let about = match number % 4 {
        0 => (r.between(30.0, 90.0), r.between(30.0, 90.0)),
        1 => (r.between(60.0, 150.0), r.between(215.0, 250.0)),
        2 => (-60.0, -60.0),
        _ => (r.between(30.0, 60.0), r.between(120.0, 200.0)),
    };
    let at = (w as f64 / 2.0, h as f64 / 2.0);
    let pixels = w.min(h) as f64 * r.between(0.5, 0.8);
    let turned = (r.between(-0.4, 0.4), r.between(0.0, 0.5), r.between(0.0, TAU));
    let shot = Shot {
        view: View::new(about, at, turned, edge, pixels, (w as f64, h as f64)),
        wear: Wear {
            creases: Vec::new(),
            inverted: false,
        },
        table: r.between(70.0, 150.0),
    };
    // the code is cut out of the page: what is left is text, the crest and lines
    let mut blank = page.clone();
    blank.without_code();
    let mut grey = film(&blank, &shot, w, h);
    let condition = ["noise", "uneven", "clean", "contrast", "defocus", "jpeg"][number / 4 % 6];
    spoil(
        &mut grey,
        condition,
        r.between(0.0, 0.8),
        (at, pixels, pixels / 41.0),
        r,
    )
}

/// Frames of one hand-held look at a letter: the phone comes nearer, shakes, finds its focus.
pub(super) fn sequence(page: &Page, count: usize, (w, h): (usize, usize), r: &mut Random) -> Vec<Frame> {
    let edge = f64::from(page.edge);
    let short = w.min(h) as f64;
    let middle = (f64::from(page.middle.0), f64::from(page.middle.1));
    let (roll, tilt, side) = (r.between(-0.5, 0.5), r.between(0.15, 0.6), r.between(0.0, TAU));
    let (start, end) = (r.between(0.14, 0.22), r.between(0.35, 0.5));
    let (defocus, shake, noise, dim) = (
        r.between(1.0, 3.0),
        r.between(1.0, 4.0),
        r.between(4.0, 22.0),
        r.between(0.3, 1.0),
    );
    let from = (r.between(-0.2, 0.2) * w as f64, r.between(-0.2, 0.2) * h as f64);
    (0..count)
        .map(|i| {
            let t = i as f64 / (count - 1) as f64;
            let near = 1.0 - (1.0 - t).powi(2);
            let pixels = short * (start + (end - start) * near);
            let at = (
                w as f64 / 2.0 + from.0 * (1.0 - near) + r.normal() * 3.0,
                h as f64 / 2.0 + from.1 * (1.0 - near) + r.normal() * 3.0,
            );
            let turned = (roll + r.normal() * 0.02, tilt * (1.0 - 0.5 * near), side);
            let shot = Shot {
                view: View::new(middle, at, turned, edge, pixels, (w as f64, h as f64)),
                wear: Wear {
                    creases: Vec::new(),
                    inverted: false,
                },
                table: 110.0,
            };
            let mut grey = film(page, &shot, w, h);
            // the lens hunts: sharp at the end
            let out = defocus * (1.0 - t).powf(0.7) * (0.6 + 0.4 * (i as f64 * 0.9).cos());
            if out > 0.4 {
                grey.disc(out);
            }
            move_by(
                &mut grey,
                shake * (1.0 - 0.6 * t) * r.between(0.3, 1.0),
                r.between(0.0, PI),
            );
            grey.change(|_, _, p| p * dim);
            finish(&mut grey, 0.5, noise, None, r)
        })
        .collect()
}

fn move_by(grey: &mut Grey, length: f64, angle: f64) {
    let count = (length.ceil() as usize).max(1) * 2 + 1;
    let steps: Vec<(f64, f64)> = (0..count)
        .map(|i| {
            let along = length * (i as f64 / (count - 1) as f64 - 0.5);
            (along * angle.cos(), along * angle.sin())
        })
        .collect();
    grey.gather(&steps, &vec![1.0; count]);
}

/// Lens, light, sensor and file. `place`: middle of the code in the frame, its edge and its modules in pixels.
fn spoil(
    grey: &mut Grey,
    condition: &str,
    t: f64,
    ((x0, y0), edge, module): ((f64, f64), f64, f64),
    r: &mut Random,
) -> Frame {
    let (mut lens, mut noise, mut jpeg) = (r.between(0.45, 0.75), r.between(1.0, 3.0), None);
    let (w, h) = (grey.w as f64, grey.h as f64);
    match condition {
        "defocus" => grey.disc(module * (0.35 + 0.95 * t) * r.between(0.9, 1.1)),
        "motion" => move_by(
            grey,
            module * (0.7 + 2.1 * t) * r.between(0.9, 1.1),
            r.between(0.0, PI),
        ),
        "noise" => noise = 12.0 + 58.0 * t,
        "jpeg" => jpeg = Some((38.0 - 34.0 * t) as u8),
        "uneven" => {
            let (angle, hard) = (r.between(0.0, TAU), r.bits() & 1 == 1);
            let deep = 0.45 + 0.45 * t;
            let shift = r.between(-0.3, 0.3) * edge;
            grey.change(|x, y, p| {
                let far = ((x - x0) * angle.cos() + (y - y0) * angle.sin() + shift) / edge;
                let shade = if hard {
                    1.0 / (1.0 + (-far * 24.0).exp())
                } else {
                    (far + 0.5).clamp(0.0, 1.0)
                };
                p * (1.0 - deep * shade)
            });
        }
        "dark" => {
            let gain = 0.34 - 0.26 * t;
            grey.change(|_, _, p| p * gain);
            noise = 3.0 + 7.0 * t;
        }
        "glare" => {
            let (gx, gy) = (x0 + r.between(-0.4, 0.4) * edge, y0 + r.between(-0.4, 0.4) * edge);
            let (a, b) = (edge * (0.10 + 0.30 * t), edge * (0.07 + 0.17 * t));
            let angle = r.between(0.0, PI);
            grey.change(|x, y, p| {
                let (dx, dy) = (x - gx, y - gy);
                let u = (dx * angle.cos() + dy * angle.sin()) / a;
                let v = (-dx * angle.sin() + dy * angle.cos()) / b;
                p + 330.0 * (-(u * u + v * v).powf(1.5)).exp()
            });
        }
        "covered" => {
            // a finger, a pen or a paper clip
            let angle = r.between(0.0, TAU);
            let deep = (0.08 + 0.26 * t) * edge;
            let wide = edge * r.between(0.10, 0.2);
            let start = (x0 + angle.cos() * edge * 0.62, y0 + angle.sin() * edge * 0.62);
            let level = r.between(40.0, 190.0);
            grey.change(|x, y, p| {
                let (dx, dy) = (x - start.0, y - start.1);
                let along = -(dx * angle.cos() + dy * angle.sin());
                let across = -dx * angle.sin() + dy * angle.cos();
                let tip = along - deep;
                let inside = if tip > 0.0 {
                    (tip * tip + across * across).sqrt() < wide
                } else {
                    across.abs() < wide
                };
                if inside { level + 14.0 * (across / wide) } else { p }
            });
        }
        "contrast" => {
            let keep = 0.42 - 0.37 * t;
            let level = r.between(90.0, 170.0);
            grey.change(|_, _, p| level + (p - 128.0) * keep);
            noise = r.between(0.8, 1.8);
        }
        "stripes" => {
            let (angle, long) = (r.between(0.0, PI), r.between(2.2, 7.0));
            let deep = 12.0 + 50.0 * t;
            grey.change(|x, y, p| p + deep * ((x * angle.cos() + y * angle.sin()) * TAU / long).sin());
        }
        "mixed" => {
            grey.disc(module * (0.2 + 0.45 * t));
            let angle = r.between(0.0, TAU);
            grey.change(|x, y, p| {
                let far = ((x - w / 2.0) * angle.cos() + (y - h / 2.0) * angle.sin()) / w;
                p * (0.85 - 0.3 * t) * (1.0 - (0.2 + 0.3 * t) * (far + 0.5).clamp(0.0, 1.0))
            });
            noise = 5.0 + 17.0 * t;
            jpeg = Some((60.0 - 40.0 * t) as u8);
        }
        // a sharper or softer lens is all there is
        _ => lens *= r.between(0.8, 1.2),
    }
    finish(grey, lens, noise, jpeg, r)
}

fn finish(grey: &mut Grey, lens: f64, noise: f64, jpeg: Option<u8>, r: &mut Random) -> Frame {
    grey.gauss(lens);
    grey.change(|_, _, p| {
        // light comes in grains: bright pixels vary more
        p + noise * (0.6 + 0.4 * (p / 200.0).max(0.0)) * r.normal()
    });
    let mut pixels: Vec<u8> = grey
        .pixels
        .iter()
        .map(|p| p.round().clamp(0.0, 255.0) as u8)
        .collect();
    if let Some(quality) = jpeg {
        let (w, h) = (grey.w as u32, grey.h as u32);
        let mut file = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, quality.max(1))
            .encode(&pixels, w, h, image::ExtendedColorType::L8)
            .unwrap();
        pixels = image::load_from_memory(&file).unwrap().into_luma8().into_raw();
    }
    Frame {
        w: grey.w,
        h: grey.h,
        pixels,
    }
}
