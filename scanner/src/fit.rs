//! Lays the grid of a code over the picture: from three finder patterns to the place of every module.

use crate::{
    decode::{Plan, layout},
    finder::{Finder, Triple, measure},
    picture::{Binary, Picture, Threshold},
    track::Bends,
    warp::Warp,
};

/// A picture in which codes are looked for, light on dark or dark on light.
pub(crate) struct Scene<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) threshold: &'a Threshold,
    /// Light on dark.
    pub(crate) inverted: bool,
    /// Difference of grey values at which a module counts as certainly dark or light.
    pub(crate) sure: f32,
}

impl<'a> Scene<'a> {
    /// Where three finder patterns show how light and dark differ.
    pub(crate) fn new(picture: &'a Picture, threshold: &'a Threshold, triple: &Triple) -> Self {
        let contrast = triple.corners.iter().map(|f| f.contrast).sum::<f32>() / 3.0;
        Self {
            picture,
            threshold,
            inverted: triple.corners[0].inverted,
            sure: (contrast * 0.25).clamp(2.0, 24.0),
        }
    }
    /// Above 0 where it is dark, 1 at most.
    pub(crate) fn dark(&self, (x, y): (f32, f32)) -> f32 {
        let (w, h) = (self.picture.w as f32, self.picture.h as f32);
        if x < 0.0 || y < 0.0 || x >= w || y >= h {
            return 0.0;
        }
        let level = f32::from(self.threshold.level(x as usize, y as usize));
        let soft = ((level - self.picture.at(x, y)) / self.sure).clamp(-1.0, 1.0);
        if self.inverted { -soft } else { soft }
    }

    /// How well an alignment pattern fits at a place, with the steps of a module to the right and down.
    pub(crate) fn pattern(&self, (x, y): (f32, f32), right: (f32, f32), down: (f32, f32)) -> f32 {
        let mut sum = 0.0;
        for j in -2i8..=2 {
            for i in -2i8..=2 {
                let (u, v) = (f32::from(i), f32::from(j));
                let soft = self.dark((x + u * right.0 + v * down.0, y + u * right.1 + v * down.1));
                let light = i.abs().max(j.abs()) == 1;
                // the middle is one module, the ring eight, the frame sixteen: each counts alike
                let weight = match i.abs().max(j.abs()) {
                    0 => 5.0,
                    1 => 1.0,
                    _ => 0.5,
                };
                sum += weight * if light { -soft } else { soft };
            }
        }
        sum / 21.0
    }
}

/// A grid that lies over a picture.
#[derive(Clone)]
pub(crate) struct Fit {
    pub(crate) warp: Warp,
    /// Middles of the three finder patterns and of the fourth corner, in pixels.
    corners: [(f32, f32); 4],
    /// How well the fixed modules agree: 1 is perfect, 0 is chance.
    pub(crate) score: f32,
    /// Where the paper is not flat.
    pub(crate) bends: Option<Bends>,
}

impl Fit {
    fn new(scene: &Scene<'_>, plan: &Plan, corners: [(f32, f32); 4]) -> Option<Self> {
        let warp = Warp::new(anchors(plan.version), corners)?;
        let score = agreement(scene, plan, &warp);
        Some(Self {
            warp,
            corners,
            score,
            bends: None,
        })
    }

    /// Where a place in modules is in the picture.
    pub(crate) fn at(&self, u: f32, v: f32) -> (f32, f32) {
        match &self.bends {
            None => self.warp.at(u, v),
            Some(bends) => {
                let (du, dv) = bends.at(u, v);
                self.warp.at(u + du, v + dv)
            }
        }
    }
}

/// Middles of the finder patterns and of the last alignment pattern, in modules.
fn anchors(version: usize) -> [(f32, f32); 4] {
    let d = layout::edge(version) as f32;
    let last = if version >= 2 { d - 6.5 } else { d - 3.5 };
    [(3.5, 3.5), (d - 3.5, 3.5), (3.5, d - 3.5), (last, last)]
}

/// How well the fixed modules are where they should be.
fn agreement(scene: &Scene<'_>, plan: &Plan, warp: &Warp) -> f32 {
    let sum: f32 = plan
        .fixed
        .iter()
        .map(|f| {
            let soft = scene.dark(warp.at(f.x as f32 + 0.5, f.y as f32 + 0.5));
            if f.dark { soft } else { -soft }
        })
        .sum();
    sum / plan.fixed.len() as f32
}

/// What the finder patterns tell of the code: its size, and how much farther away the other corners are than the first.
pub(crate) struct Sides {
    /// Modules of an edge.
    edge: f32,
    depths: (f32, f32),
}

impl Sides {
    /// Measures along the sides. Seen in perspective, the number of modules between two places is their distance over the
    /// geometric mean of the sizes there, and the sizes are as the inverse squares of the depths.
    pub(crate) fn new(scene: &Scene<'_>, [a, b, c]: &[Finder; 3]) -> Self {
        let binary = Binary {
            picture: scene.picture,
            threshold: scene.threshold,
        };
        let side = |p: &Finder, q: &Finder| {
            let (dx, dy) = (q.x - p.x, q.y - p.y);
            let long = dx.hypot(dy);
            let step = (dx / long, dy / long);
            let size = |f: &Finder| measure(&binary, (f.x, f.y), step, scene.inverted, f.module * 14.0);
            match (size(p), size(q)) {
                (Some(m), Some(n)) => (long / (m * n).sqrt(), (m / n).sqrt().clamp(0.5, 2.0)),
                (Some(m), None) | (None, Some(m)) => (long / m, 1.0),
                (None, None) => (long / (p.module * q.module).sqrt(), 1.0),
            }
        };
        let (right, down) = (side(a, b), side(a, c));
        Self {
            edge: (right.0 + down.0) / 2.0 + 7.0,
            depths: (right.1, down.1),
        }
    }

    /// Versions of about this size, the likeliest first.
    pub(crate) fn versions(&self) -> Vec<usize> {
        let exact = (self.edge - 17.0) / 4.0;
        let off = |v: usize| (v as f32 - exact).abs();
        let mut all: Vec<usize> = (1..=40).filter(|v| off(*v) < 1.1 + exact * 0.06).collect();
        all.sort_by(|p, q| off(*p).total_cmp(&off(*q)));
        all.truncate(4);
        all
    }
}

/// The first guess over patterns that are not a code's agrees less, nearly always; over a code's, more (measured: 0.40 at
/// least of 575, 0.55 at most of 1,391 others, 0.34 for nineteen of twenty).
const CHANCE: f32 = 0.25;
/// A guess that agrees so well is read as it is.
const GOOD: f32 = 0.9;

/// The best grid of a version over three finder patterns.
pub(crate) fn fit(scene: &Scene<'_>, plan: &Plan, triple: &Triple, sides: &Sides) -> Option<Fit> {
    let [a, b, c] = triple.corners;
    let d = layout::edge(plan.version) as f32;
    let part = if plan.version >= 2 {
        (d - 10.0) / (d - 7.0)
    } else {
        1.0
    };
    // the fourth corner if the page is seen from far, and as the depths say
    let fourth = |zb: f32, zc: f32| {
        let z = 1.0 + part * (zb - 1.0) + part * (zc - 1.0);
        let along = |pa: f32, pb: f32, pc: f32| (pa + part * (pb * zb - pa) + part * (pc * zc - pa)) / z;
        (z > 0.25).then(|| (along(a.x, b.x, c.x), along(a.y, b.y, c.y)))
    };
    let (zb, zc) = sides.depths;
    let guesses = [fourth(1.0, 1.0), fourth(zb, zc)].into_iter().flatten();
    let three = [(a.x, a.y), (b.x, b.y), (c.x, c.y)];
    let with = |p: (f32, f32)| Fit::new(scene, plan, [three[0], three[1], three[2], p]);
    let mut fits: Vec<Fit> = guesses.filter_map(with).collect();
    let hope = fits.iter().map(|f| f.score).fold(f32::MIN, f32::max);
    if hope < CHANCE {
        return None;
    }
    if plan.version >= 2 && hope < GOOD {
        let found: Vec<Fit> = fits
            .iter()
            .flat_map(|start| peaks(scene, plan, start))
            .filter_map(with)
            .collect();
        fits.extend(found);
    }
    fits.into_iter().max_by(|p, q| p.score.total_cmp(&q.score))
}

/// The best grid over two finder patterns and a guess of the third (`missing`).
pub(crate) fn fit_pair(scene: &Scene<'_>, plan: &Plan, triple: &Triple, missing: usize) -> Option<Fit> {
    let places = triple.corners.map(|f| (f.x, f.y));
    let module = triple.corners[0].module;
    let mut best: Option<Fit> = None;
    for j in -2i8..=2 {
        for i in -2i8..=2 {
            let mut p = places;
            // turned a little, nearer or farther
            p[missing].0 += f32::from(i) * module * 1.2;
            p[missing].1 += f32::from(j) * module * 1.2;
            let d = layout::edge(plan.version) as f32;
            let part = if plan.version >= 2 {
                (d - 10.0) / (d - 7.0)
            } else {
                1.0
            };
            let fourth = (
                p[0].0 + part * (p[1].0 + p[2].0 - 2.0 * p[0].0),
                p[0].1 + part * (p[1].1 + p[2].1 - 2.0 * p[0].1),
            );
            if let Some(fit) = Fit::new(scene, plan, [p[0], p[1], p[2], fourth])
                && best.as_ref().is_none_or(|b| fit.score > b.score)
            {
                best = Some(fit);
            }
        }
    }
    best.filter(|fit| fit.score > 0.3)
}

/// Places near the expected one that look like the last alignment pattern, the best three.
fn peaks(scene: &Scene<'_>, plan: &Plan, start: &Fit) -> Vec<(f32, f32)> {
    let (u, v) = anchors(plan.version)[3];
    let (x, y) = start.warp.at(u, v);
    let step = |du: f32, dv: f32| {
        let (p, q) = start.warp.at(u + du, v + dv);
        (p - x, q - y)
    };
    let (right, down) = (step(1.0, 0.0), step(0.0, 1.0));
    let reach = 6i8;
    let place = |i: f32, j: f32| (x + i * right.0 + j * down.0, y + i * right.1 + j * down.1);
    let mut best: Vec<(f32, f32, f32)> = Vec::new();
    for j in -reach..=reach {
        for i in -reach..=reach {
            let (i, j) = (f32::from(i) * 0.8, f32::from(j) * 0.8);
            let score = scene.pattern(place(i, j), right, down);
            if score > 0.35 {
                best.push((score, i, j));
            }
        }
    }
    best.sort_by(|p, q| q.0.total_cmp(&p.0));
    let mut kept: Vec<(f32, f32, f32)> = Vec::new();
    for b in best {
        if kept
            .iter()
            .all(|k| (k.1 - b.1).abs().max((k.2 - b.2).abs()) > 1.5)
        {
            kept.push(b);
        }
        if kept.len() == 4 {
            break;
        }
    }
    kept.into_iter()
        .map(|(mut score, mut i, mut j)| {
            for step in [0.4, 0.2, 0.1] {
                for (di, dj) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let next = scene.pattern(place(i + di, j + dj), right, down);
                    if next > score {
                        (score, i, j) = (next, i + di, j + dj);
                    }
                }
            }
            place(i, j)
        })
        .collect()
}

/// Looks for the last alignment pattern again and moves the corners until the fixed modules agree best.
pub(crate) fn refine(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Fit {
    let mut best = fit.clone();
    // a first guess that was good enough to be read at once has not looked for it
    if plan.version >= 2 {
        let [a, b, c, _] = fit.corners;
        for fourth in peaks(scene, plan, fit) {
            if let Some(next) = Fit::new(scene, plan, [a, b, c, fourth])
                && next.score > best.score
            {
                best = next;
            }
        }
    }
    let d = layout::edge(plan.version) as f32;
    let [a, b, c, _] = fit.corners;
    let module = ((b.0 - a.0).hypot(b.1 - a.1) + (c.0 - a.0).hypot(c.1 - a.1)) / 2.0 / (d - 7.0);
    for step in [0.6, 0.3, 0.15] {
        let step = step * module;
        for _ in 0..2 {
            let before = best.score;
            for corner in [3, 0, 1, 2] {
                // the fourth corner is known least
                let step = if corner == 3 { 1.6 * step } else { step };
                for (dx, dy) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let mut corners = best.corners;
                    corners[corner].0 += dx;
                    corners[corner].1 += dy;
                    if let Some(next) = Fit::new(scene, plan, corners)
                        && next.score > best.score + 1e-4
                    {
                        best = next;
                    }
                }
            }
            if best.score <= before {
                break;
            }
        }
    }
    best
}
