//! Finder patterns: dark, light, dark, light, dark in the proportion 1:1:3:1:1 in every direction.

use crate::picture::{Binary, part};

/// A finder pattern, in pixels of the picture in which it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Size of a module.
    pub(crate) module: f32,
    /// How clear it is: 1 at best.
    pub(crate) clear: f32,
    /// Difference of the grey values of light and dark.
    pub(crate) contrast: f32,
    /// In how many rows it was seen.
    pub(crate) hits: u32,
    /// Light on dark.
    pub(crate) inverted: bool,
}

/// Do five runs have the proportion? Compared from edge to like edge, so that thick ink or a wrong threshold does not matter.
/// Gives the size of a module.
fn proportion(r: [f32; 5], loose: f32) -> Option<f32> {
    let module = r.iter().sum::<f32>() / 7.0;
    let off = module * loose;
    let fits = (r[0] + r[1] - 2.0 * module).abs() < off
        && (r[1] + r[2] - 4.0 * module).abs() < 1.4 * off
        && (r[2] + r[3] - 4.0 * module).abs() < 1.4 * off
        && (r[3] + r[4] - 2.0 * module).abs() < off
        && r[2] > 1.25 * module
        && r[2] > r[1].max(r[3])
        && r[0] > 0.3 * module
        && r[4] > 0.3 * module
        && r[1] > 0.2 * module
        && r[3] > 0.2 * module;
    fits.then_some(module)
}

/// Walks from a place through the five runs on both sides. Gives the size of a module along the step, and how far the middle
/// is from the place.
fn across(
    b: &Binary<'_>,
    x: f32,
    y: f32,
    (dx, dy): (f32, f32),
    inverted: bool,
    longest: f32,
) -> Option<(f32, f32)> {
    let (w, h) = (b.picture.w as f32, b.picture.h as f32);
    let value = |t: f32| {
        let (px, py) = (x + dx * t, y + dy * t);
        (px >= 0.0 && py >= 0.0 && px < w && py < h).then(|| {
            let (i, j) = (px as usize, py as usize);
            (b.picture.grey[j * b.picture.w + i], b.threshold.level(i, j))
        })
    };
    let dark = |(grey, level): (u8, u8)| (grey < level) != inverted;
    let start = value(0.0)?;
    if !dark(start) {
        return None;
    }
    let walk = |sign: f32| {
        let mut edges = [0f32; 3];
        let mut t = 0.0;
        let mut before = start.0;
        for (i, edge) in edges.iter_mut().enumerate() {
            loop {
                t += 1.0;
                if t > longest {
                    return None;
                }
                let Some(now) = value(sign * t) else {
                    // only the outermost run may end at the border
                    if i < 2 {
                        return None;
                    }
                    *edge = t - 0.5;
                    break;
                };
                let changed = dark(now) == (i == 1);
                if changed {
                    *edge = t - part(now.0, before, now.1);
                    before = now.0;
                    break;
                }
                before = now.0;
            }
        }
        Some(edges)
    };
    let (back, on) = (walk(-1.0)?, walk(1.0)?);
    let runs = [
        back[2] - back[1],
        back[1] - back[0],
        back[0] + on[0],
        on[1] - on[0],
        on[2] - on[1],
    ];
    let module = proportion(runs, 1.1)?;
    // the middle from the edges of the inner square and of the ring
    let middle = (0..3).map(|i| on[i] - back[i]).sum::<f32>() / 6.0;
    Some((module, middle))
}

/// Size of a module along a direction, measured from the middle of a pattern.
pub(crate) fn measure(
    b: &Binary<'_>,
    (x, y): (f32, f32),
    step: (f32, f32),
    inverted: bool,
    longest: f32,
) -> Option<f32> {
    across(b, x, y, step, inverted, longest).map(|(module, _)| module)
}

impl Finder {
    /// As clear as can be: nothing but a code looks like that.
    pub(crate) fn is_certain(&self) -> bool {
        self.clear > 0.95 && self.hits > 1
    }

    /// The same in a picture of twice the size.
    pub(crate) fn doubled(&self) -> Self {
        Self {
            x: self.x * 2.0,
            y: self.y * 2.0,
            module: self.module * 2.0,
            ..*self
        }
    }
}

/// Looks at every `step`-th row.
pub(crate) fn finders(b: &Binary<'_>, step: usize) -> Vec<Finder> {
    let mut found: Vec<Finder> = Vec::new();
    let mut edges = Vec::new();
    for y in (step / 2..b.picture.h).step_by(step) {
        b.edges(y, &mut edges);
        for (i, six) in edges.windows(6).enumerate() {
            let runs = std::array::from_fn(|i| six[i + 1] - six[i]);
            let Some(module) = proportion(runs, 0.9) else {
                continue;
            };
            if module < 0.85 {
                continue;
            }
            // the first edge begins a light run
            let inverted = i % 2 == 0;
            note(
                b,
                &mut found,
                ((six[2] + six[3]) / 2.0, y as f32 + 0.5),
                module,
                inverted,
            );
        }
    }
    found
}

/// Checks a hit in the other directions and adds it to what was found.
fn note(b: &Binary<'_>, found: &mut Vec<Finder>, (x, y): (f32, f32), module: f32, inverted: bool) {
    // a further row of a pattern that is known
    for f in found.iter_mut() {
        if f.inverted == inverted && (f.x - x).abs() < f.module * 1.2 && (f.y - y).abs() < f.module * 2.2 {
            f.hits += 1;
            return;
        }
    }
    let longest = module * 9.0;
    let (mut x, mut y) = (x, y);
    let mut sizes = (0.0, 0.0);
    // where it is seen from the side, the middle of a row is not the middle yet
    for round in 0..4 {
        let Some((down, dy)) = across(b, x, y, (0.0, 1.0), inverted, longest) else {
            return;
        };
        y += dy;
        let Some((along, dx)) = across(b, x, y, (1.0, 0.0), inverted, longest) else {
            return;
        };
        x += dx;
        sizes = (along, down);
        if round > 0 && dx.abs() + dy.abs() < 0.3 {
            break;
        }
    }
    let (along, down) = sizes;
    if down > 5.0 * along || along > 5.0 * down {
        return;
    }
    // text and other things that look like it in two directions only
    let rising = across(b, x, y, (SLANT, -SLANT), inverted, longest * 1.5).map(|m| m.0);
    let falling = across(b, x, y, (SLANT, SLANT), inverted, longest * 1.5).map(|m| m.0);
    if rising.is_none() && falling.is_none() {
        return;
    }
    for f in found.iter_mut() {
        if f.inverted == inverted && (f.x - x).abs() < f.module * 2.0 && (f.y - y).abs() < f.module * 2.0 {
            f.hits += 1;
            return;
        }
    }
    let (clear, contrast) = clear(b, (x, y), [Some(along), falling, Some(down), rising], inverted);
    found.push(Finder {
        x,
        y,
        module: (down * along).sqrt(),
        clear,
        contrast,
        hits: 1,
        inverted,
    });
}

/// Half of the square root of two: a step of one pixel at 45 degrees.
const SLANT: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// How clear a pattern is: the grey values in eight directions from its middle, where it should be dark and light by the size of
/// a module in that direction. 1 is as clear as the place allows, 0 is chance; and the difference of the grey values.
fn clear(b: &Binary<'_>, (x, y): (f32, f32), sizes: [Option<f32>; 4], inverted: bool) -> (f32, f32) {
    const STEPS: [(f32, f32); 4] = [(1.0, 0.0), (SLANT, SLANT), (0.0, 1.0), (SLANT, -SLANT)];
    let (mut dark, mut light, mut squares, mut points) = (0.0, 0.0, 0.0, 0.0);
    for (size, step) in sizes.iter().zip(STEPS) {
        let Some(size) = size else { continue };
        for way in [*size, -size] {
            let at = |far: f32| b.picture.at(x + far * way * step.0, y + far * way * step.1);
            let (core, edge, ring, frame) = (at(0.4), at(1.1), at(2.0), at(3.0));
            dark += core + edge + frame;
            light += ring;
            squares += core * core + edge * edge + ring * ring + frame * frame;
            points += 1.0;
        }
    }
    let mean = (dark + light) / (4.0 * points);
    let spread = (squares / (4.0 * points) - mean * mean).max(1.0).sqrt();
    let contrast = light / points - dark / (3.0 * points);
    let contrast = if inverted { -contrast } else { contrast };
    (contrast / spread / 2.0, contrast)
}

/// Three finder patterns as the corners of a code: upper left, upper right, lower left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triple {
    pub(crate) corners: [Finder; 3],
    /// How far it is from a square; 0 is perfect.
    pub(crate) off: f32,
}

impl Triple {
    /// The same three patterns?
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.corners.iter().zip(&other.corners).all(|(a, b)| {
            a.inverted == b.inverted && (a.x - b.x).abs().max((a.y - b.y).abs()) < a.module * 0.5
        })
    }
}

/// Which three belong together, the likeliest first.
pub(crate) fn triples(finders: &[Finder]) -> Vec<Triple> {
    let mut best: Vec<&Finder> = finders.iter().collect();
    best.retain(|f| f.clear > 0.6);
    let rank = |f: &Finder| f.clear + 0.05 * f.hits.min(6) as f32;
    best.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    best.truncate(12);
    let mut all = Vec::new();
    for (i, a) in best.iter().enumerate() {
        for (j, b) in best.iter().enumerate().skip(i + 1) {
            if a.inverted != b.inverted || !like(a.module, b.module) {
                continue;
            }
            for c in best.iter().skip(j + 1) {
                if a.inverted == c.inverted && like(a.module, c.module) && like(b.module, c.module) {
                    for corner in 0..3 {
                        all.extend(triple([**a, **b, **c], corner));
                    }
                }
            }
        }
    }
    all.sort_by(|a, b| a.off.total_cmp(&b.off));
    all.truncate(12);
    all
}

fn like(a: f32, b: f32) -> bool {
    a < 2.4 * b && b < 2.4 * a
}

/// The three with one of them as the corner. Mostly the longest side is opposite to it, but not where the page is seen from the
/// side.
fn triple(three: [Finder; 3], corner: usize) -> Option<Triple> {
    let square = |a: &Finder, b: &Finder| (a.x - b.x).powi(2) + (a.y - b.y).powi(2);
    let (a, b, c) = (three[corner], three[(corner + 1) % 3], three[(corner + 2) % 3]);
    let (ab, ac, bc) = (
        square(&a, &b).sqrt(),
        square(&a, &c).sqrt(),
        square(&b, &c).sqrt(),
    );
    let module = (a.module + b.module + c.module) / 3.0;
    // version 1 is 14 modules from middle to middle, version 40 is 170
    let long = (ab + ac) / 2.0 / module;
    if !(7.0..220.0).contains(&long) {
        return None;
    }
    let cross = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    let sine = cross / (ab * ac);
    if sine.abs() < 0.35 {
        return None;
    }
    let ratio = ab.max(ac) / ab.min(ac);
    let sizes = [a.module, b.module, c.module];
    let spread = sizes.iter().copied().fold(0.0, f32::max) / sizes.iter().copied().fold(f32::MAX, f32::min);
    // the side opposite to the corner is clearly not the longest
    if bc < 0.75 * ab.max(ac) {
        return None;
    }
    let off = (ratio - 1.0) * 0.7
        + (1.0 - sine.abs())
        + (spread - 1.0) * 0.8
        + (bc * bc / (ab * ab + ac * ac) - 1.0).abs()
        - 0.02 * (a.hits.min(6) + b.hits.min(6) + c.hits.min(6)) as f32
        - (a.clear + b.clear + c.clear) * 0.4;
    if ratio > 3.0 || spread > 2.4 {
        return None;
    }
    // y points down: seen from the corner, right comes before down
    let corners = if cross > 0.0 { [a, b, c] } else { [a, c, b] };
    Some(Triple { corners, off })
}

/// Two finder patterns and a place for the third that lies under a finger or in a reflection: the page is taken to be seen from
/// straight above. Patterns that are as clear as can be, only.
pub(crate) fn pairs(finders: &[Finder]) -> Vec<(Triple, usize)> {
    let mut best: Vec<&Finder> = finders.iter().filter(|f| f.is_certain()).collect();
    best.sort_by_key(|f| std::cmp::Reverse(f.hits));
    best.truncate(4);
    let mut all = Vec::new();
    for a in &best {
        for b in &best {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let modules = dx.hypot(dy) / ((a.module + b.module) / 2.0);
            let alike = a.module < 1.4 * b.module && b.module < 1.4 * a.module && a.inverted == b.inverted;
            if !alike || !(12.0..150.0).contains(&modules) {
                continue;
            }
            let third = |x: f32, y: f32| Finder { x, y, hits: 0, ..**a };
            // from a to b the code lies on the right: b is right of a, or a is below b; or the pair is the diagonal
            all.push((
                Triple {
                    corners: [**a, **b, third(a.x - dy, a.y + dx)],
                    off: 0.0,
                },
                2,
            ));
            all.push((
                Triple {
                    corners: [**b, third(b.x - dy, b.y + dx), **a],
                    off: 0.0,
                },
                1,
            ));
            let middle = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
            all.push((
                Triple {
                    corners: [third(middle.0 - dy / 2.0, middle.1 + dx / 2.0), **a, **b],
                    off: 0.0,
                },
                0,
            ));
        }
    }
    all
}
