//! Finder patterns: dark, light, dark, light, dark in the proportion 1:1:3:1:1 in every direction.

use crate::picture::Binary;

/// A finder pattern, in pixels of the picture in which it was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finder {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Size of a module.
    pub(crate) module: f32,
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
fn across(b: &Binary<'_>, x: f32, y: f32, (dx, dy): (f32, f32), inverted: bool, longest: f32) -> Option<(f32, f32)> {
    let (w, h) = (b.picture.w as f32, b.picture.h as f32);
    let dark = |t: f32| {
        let (px, py) = (x + dx * t, y + dy * t);
        (px >= 0.0 && py >= 0.0 && px < w && py < h).then(|| b.dark(px as usize, py as usize) != inverted)
    };
    if !dark(0.0)? {
        return None;
    }
    let walk = |sign: f32| {
        let mut runs = [0f32; 3];
        let mut t = 1.0;
        for (i, run) in runs.iter_mut().enumerate() {
            while let Some(now) = dark(sign * t) {
                if now != (i != 1) {
                    break;
                }
                *run += 1.0;
                t += 1.0;
                if *run > longest {
                    return None;
                }
            }
            // only the outermost run may end at the border
            if i < 2 && dark(sign * t).is_none() {
                return None;
            }
        }
        Some(runs)
    };
    let (back, on) = (walk(-1.0)?, walk(1.0)?);
    let runs = [back[2], back[1], back[0] + 1.0 + on[0], on[1], on[2]];
    let module = proportion(runs, 1.1)?;
    // the middle from the edges of the inner square and of the ring
    let inner = (on[0] - back[0]) / 2.0;
    let ring = (on[0] + on[1] - back[0] - back[1]) / 2.0;
    let outer = (on.iter().sum::<f32>() - back.iter().sum::<f32>()) / 2.0;
    Some((module, (inner + ring + outer) / 3.0))
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
    let mut runs = Vec::new();
    for y in (step / 2..b.picture.h).step_by(step) {
        b.runs(y, &mut runs);
        let mut end = 0;
        let mut window = [0f32; 5];
        for (i, run) in runs.iter().enumerate() {
            window.rotate_left(1);
            window[4] = *run as f32;
            end += *run as usize;
            // even runs are dark
            if i < 4 {
                continue;
            }
            let Some(module) = proportion(window, 0.9) else { continue };
            if module < 0.85 {
                continue;
            }
            let inverted = i % 2 == 1;
            let middle = end as f32 - window[4] - window[3] - window[2] / 2.0;
            note(b, &mut found, (middle, y as f32 + 0.5), module, inverted);
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
    let Some((down, dy)) = across(b, x, y, (0.0, 1.0), inverted, longest) else { return };
    let y = y + dy;
    let Some((along, dx)) = across(b, x, y, (1.0, 0.0), inverted, longest) else { return };
    let x = x + dx;
    if down > 3.2 * along || along > 3.2 * down {
        return;
    }
    // text and other things that look like it in two directions only
    let diagonal = across(b, x, y, (0.7, 0.7), inverted, longest * 1.5)
        .or_else(|| across(b, x, y, (0.7, -0.7), inverted, longest * 1.5));
    if diagonal.is_none() {
        return;
    }
    for f in found.iter_mut() {
        if f.inverted == inverted && (f.x - x).abs() < f.module * 2.0 && (f.y - y).abs() < f.module * 2.0 {
            f.hits += 1;
            return;
        }
    }
    found.push(Finder {
        x,
        y,
        module: (down * along).sqrt(),
        hits: 1,
        inverted,
    });
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
    best.sort_by_key(|f| std::cmp::Reverse(f.hits));
    best.truncate(18);
    let mut all = Vec::new();
    for (i, a) in best.iter().enumerate() {
        for (j, b) in best.iter().enumerate().skip(i + 1) {
            if a.inverted != b.inverted || !like(a.module, b.module) {
                continue;
            }
            for c in best.iter().skip(j + 1) {
                if a.inverted == c.inverted && like(a.module, c.module) && like(b.module, c.module) {
                    all.extend(triple([**a, **b, **c]));
                }
            }
        }
    }
    all.sort_by(|a, b| a.off.total_cmp(&b.off));
    all.truncate(8);
    all
}

fn like(a: f32, b: f32) -> bool {
    a < 2.4 * b && b < 2.4 * a
}

fn triple(three: [Finder; 3]) -> Option<Triple> {
    let square = |a: &Finder, b: &Finder| (a.x - b.x).powi(2) + (a.y - b.y).powi(2);
    let [p, q, r] = three;
    // the longest side is the diagonal; the corner is opposite
    let sides = [square(&q, &r), square(&p, &r), square(&p, &q)];
    let corner = (0..3).max_by(|a, b| sides[*a].total_cmp(&sides[*b]))?;
    let (a, b, c) = (three[corner], three[(corner + 1) % 3], three[(corner + 2) % 3]);
    let (ab, ac, bc) = (square(&a, &b).sqrt(), square(&a, &c).sqrt(), square(&b, &c).sqrt());
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
    let off = (ratio - 1.0) * 0.7 + (1.0 - sine.abs()) + (spread - 1.0) * 0.8
        + (bc * bc / (ab * ab + ac * ac) - 1.0).abs()
        - 0.02 * (a.hits.min(6) + b.hits.min(6) + c.hits.min(6)) as f32;
    if ratio > 3.0 || spread > 2.4 {
        return None;
    }
    // y points down: seen from the corner, right comes before down
    let corners = if cross > 0.0 { [a, b, c] } else { [a, c, b] };
    Some(Triple { corners, off })
}
