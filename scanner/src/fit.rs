//! Lays the grid of a code over the picture: from three finder patterns to the place of every module.

use crate::{
    decode::{Plan, layout},
    finder::{Finder, Triple, measure},
    picture::{Binary, Picture, Threshold},
    warp::Warp,
};

/// A picture in which codes are looked for, light on dark or dark on light.
pub(crate) struct Scene<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) threshold: &'a Threshold,
    /// Light on dark.
    pub(crate) inverted: bool,
}

/// Difference of grey values at which a module counts as certainly dark or light.
const SURE: f32 = 24.0;

impl Scene<'_> {
    /// Above 0 where it is dark, 1 at most.
    fn dark(&self, (x, y): (f32, f32)) -> f32 {
        let (w, h) = (self.picture.w as f32, self.picture.h as f32);
        if x < 0.0 || y < 0.0 || x >= w || y >= h {
            return 0.0;
        }
        let level = f32::from(self.threshold.level(x as usize, y as usize));
        let soft = ((level - self.picture.at(x, y)) / SURE).clamp(-1.0, 1.0);
        if self.inverted { -soft } else { soft }
    }

    /// How well an alignment pattern fits at a place, with the steps of a module to the right and down.
    fn pattern(&self, (x, y): (f32, f32), right: (f32, f32), down: (f32, f32)) -> f32 {
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
    /// Where the paper is bent: places in modules, and how far they are off in pixels.
    bends: Vec<((f32, f32), (f32, f32))>,
}

impl Fit {
    fn new(scene: &Scene<'_>, plan: &Plan, corners: [(f32, f32); 4]) -> Option<Self> {
        let warp = Warp::new(anchors(plan.version), corners)?;
        let score = agreement(scene, plan, &warp);
        Some(Self {
            warp,
            corners,
            score,
            bends: Vec::new(),
        })
    }

    /// Where a place in modules is in the picture.
    pub(crate) fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let (x, y) = self.warp.at(u, v);
        if self.bends.is_empty() {
            return (x, y);
        }
        let (mut dx, mut dy, mut sum) = (0.0, 0.0, 0.0);
        for ((bu, bv), (bx, by)) in &self.bends {
            let far = (u - bu).powi(2) + (v - bv).powi(2) + 1.0;
            let weight = 1.0 / (far * far);
            dx += weight * bx;
            dy += weight * by;
            sum += weight;
        }
        (x + dx / sum, y + dy / sum)
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

/// Versions that the distances allow, the likeliest first.
pub(crate) fn versions(scene: &Scene<'_>, [a, b, c]: &[Finder; 3]) -> Vec<usize> {
    let binary = Binary {
        picture: scene.picture,
        threshold: scene.threshold,
    };
    let side = |p: &Finder, q: &Finder| {
        let (dx, dy) = (q.x - p.x, q.y - p.y);
        let long = dx.hypot(dy);
        let step = (dx / long, dy / long);
        let size = |f: &Finder| measure(&binary, (f.x, f.y), step, scene.inverted, f.module * 9.0);
        let module = match (size(p), size(q)) {
            (Some(m), Some(n)) => (m + n) / 2.0,
            (Some(m), None) | (None, Some(m)) => m,
            // at 45 degrees the runs along rows are longer
            (None, None) => (p.module + q.module) / 2.0 * dx.abs().max(dy.abs()) / long,
        };
        long / module + 7.0
    };
    let edge = (side(a, b) + side(a, c)) / 2.0;
    let exact = (edge - 17.0) / 4.0;
    let mut all: Vec<usize> = (1..=40)
        .filter(|v| (*v as f32 - exact).abs() < 1.6 + exact * 0.06)
        .collect();
    all.sort_by(|p, q| (*p as f32 - exact).abs().total_cmp(&(*q as f32 - exact).abs()));
    all.truncate(4);
    all
}

/// The best grid of a version over three finder patterns.
pub(crate) fn fit(scene: &Scene<'_>, plan: &Plan, triple: &Triple) -> Option<Fit> {
    let [a, b, c] = triple.corners;
    let d = layout::edge(plan.version) as f32;
    let part = if plan.version >= 2 { (d - 10.0) / (d - 7.0) } else { 1.0 };
    // the fourth corner if the page is seen from far, and if the nearer patterns are larger because they are nearer
    let depth = |f: &Finder| f.module.powf(-2.0 / 3.0);
    let (za, zb, zc) = (depth(&a), depth(&b), depth(&c));
    let fourth = |za: f32, zb: f32, zc: f32| {
        // the same part of the way along both sides
        let (pb, pc) = (part, part);
        let z = za + pb * (zb - za) + pc * (zc - za);
        let along = |pa: f32, pb_: f32, pc_: f32| {
            (pa * za + pb * (pb_ * zb - pa * za) + pc * (pc_ * zc - pa * za)) / z
        };
        (along(a.x, b.x, c.x), along(a.y, b.y, c.y))
    };
    let mut guesses = vec![fourth(1.0, 1.0, 1.0)];
    if za + part * (zb - za) + part * (zc - za) > 0.2 * za {
        guesses.push(fourth(za, zb, zc));
    }
    let three = [(a.x, a.y), (b.x, b.y), (c.x, c.y)];
    let with = |p: (f32, f32)| Fit::new(scene, plan, [three[0], three[1], three[2], p]);
    let mut fits: Vec<Fit> = guesses.iter().filter_map(|g| with(*g)).collect();
    if plan.version >= 2 {
        let found: Vec<Fit> = fits
            .iter()
            .flat_map(|start| peaks(scene, plan, start))
            .filter_map(with)
            .collect();
        fits.extend(found);
    }
    fits.into_iter().max_by(|p, q| p.score.total_cmp(&q.score))
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
    let reach = 9i8;
    let place = |i: f32, j: f32| {
        (x + i * right.0 + j * down.0, y + i * right.1 + j * down.1)
    };
    let mut best: Vec<(f32, f32, f32)> = Vec::new();
    for j in -reach..=reach {
        for i in -reach..=reach {
            let (i, j) = (f32::from(i) * 0.6, f32::from(j) * 0.6);
            let score = scene.pattern(place(i, j), right, down);
            if score > 0.35 {
                best.push((score, i, j));
            }
        }
    }
    best.sort_by(|p, q| q.0.total_cmp(&p.0));
    let mut kept: Vec<(f32, f32, f32)> = Vec::new();
    for b in best {
        if kept.iter().all(|k| (k.1 - b.1).abs().max((k.2 - b.2).abs()) > 1.5) {
            kept.push(b);
        }
        if kept.len() == 4 {
            break;
        }
    }
    kept.into_iter()
        .map(|(mut score, mut i, mut j)| {
            for step in [0.3, 0.15] {
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

/// Moves the corners until the fixed modules agree best.
pub(crate) fn refine(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Fit {
    let mut best = fit.clone();
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

/// Looks where each alignment pattern really is: paper is seldom flat.
pub(crate) fn bend(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Fit {
    let mut bent = fit.clone();
    let d = layout::edge(plan.version) as f32;
    let mut bends = vec![
        ((3.5, 3.5), (0.0, 0.0)),
        ((d - 3.5, 3.5), (0.0, 0.0)),
        ((3.5, d - 3.5), (0.0, 0.0)),
    ];
    for (cx, cy) in layout::alignment_middles(plan.version) {
        let (u, v) = (cx as f32 + 0.5, cy as f32 + 0.5);
        let (x, y) = fit.warp.at(u, v);
        let step = |du: f32, dv: f32| {
            let (p, q) = fit.warp.at(u + du, v + dv);
            (p - x, q - y)
        };
        let (right, down) = (step(1.0, 0.0), step(0.0, 1.0));
        let mut best = (0.45, None);
        for j in -6i8..=6 {
            for i in -6i8..=6 {
                let (i, j) = (f32::from(i) * 0.35, f32::from(j) * 0.35);
                let off = (i * right.0 + j * down.0, i * right.1 + j * down.1);
                // near ones first: far away something else may look alike
                let score = scene.pattern((x + off.0, y + off.1), right, down) - 0.03 * i.hypot(j);
                if score > best.0 {
                    best = (score, Some(off));
                }
            }
        }
        if let Some(off) = best.1 {
            bends.push(((u, v), off));
        }
    }
    bent.bends = bends;
    bent
}
