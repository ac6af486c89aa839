//! Paper that is not flat: letters come out of envelopes.

use crate::{
    decode::{Plan, layout},
    fit::{Fit, Scene},
};

/// Modules of an edge of a patch of paper that moves as one.
const PATCH: usize = 3;

/// How far the patches of bent paper are from where a plane would have them, in modules.
#[derive(Clone)]
pub(crate) struct Bends {
    edge: usize,
    off: Vec<(f32, f32)>,
}

impl Bends {
    /// Between the middles of the patches.
    pub(crate) fn at(&self, u: f32, v: f32) -> (f32, f32) {
        let place = |m: f32| (m / PATCH as f32 - 0.5).clamp(0.0, self.edge as f32 - 1.001);
        let (x, y) = (place(u), place(v));
        let (i, j) = (x as usize, y as usize);
        let (s, t) = (x - i as f32, y - j as f32);
        let first = j * self.edge + i;
        let mix = |p: (f32, f32), q: (f32, f32), t: f32| (p.0 + t * (q.0 - p.0), p.1 + t * (q.1 - p.1));
        let above = mix(self.off[first], self.off[first + 1], s);
        let below = mix(self.off[first + self.edge], self.off[first + self.edge + 1], s);
        mix(above, below, t)
    }
}

/// Follows the modules over paper that is not flat, patch by patch from the finder patterns on. Each patch lies a little off its
/// neighbours, where its modules are clearest and the fixed ones agree; the clearest patch comes next, so that a crease is
/// crossed where it is weakest.
pub(crate) fn track(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Fit {
    let d = layout::edge(plan.version);
    let edge = d.div_ceil(PATCH);
    let mut fixed = vec![0f32; d * d];
    for f in &plan.fixed {
        fixed[f.y * d + f.x] = if f.dark { 1.0 } else { -1.0 };
    }
    // how clear a patch and its rim are
    let clear = |x: usize, y: usize, (du, dv): (f32, f32)| {
        let (mut sum, mut count) = (0.0, 0.0);
        for v in (y * PATCH).saturating_sub(1)..(y * PATCH + PATCH + 1).min(d) {
            for u in (x * PATCH).saturating_sub(1)..(x * PATCH + PATCH + 1).min(d) {
                let soft = scene.dark(fit.warp.at(u as f32 + 0.5 + du, v as f32 + 0.5 + dv));
                let known = fixed[v * d + u];
                sum += if known == 0.0 {
                    soft.abs()
                } else {
                    2.0 * known * soft
                };
                count += 1.0;
            }
        }
        sum / count
    };
    let mut patches = vec![Patch::Unseen; edge * edge];
    let beside = |x: usize, y: usize| {
        let around = [
            (x.wrapping_sub(1), y),
            (x + 1, y),
            (x, y.wrapping_sub(1)),
            (x, y + 1),
        ];
        around.into_iter().filter(move |(i, j)| *i < edge && *j < edge)
    };
    // the finder patterns are where the fit has them
    let mut next = Vec::new();
    for (i, j) in [(0, 0), (edge - 1, 0), (0, edge - 1)] {
        let near = |k: usize, at: usize| if at == 0 { k < 2 } else { k + 2 >= edge };
        for y in (0..edge).filter(|y| near(*y, j)) {
            for x in (0..edge).filter(|x| near(*x, i)) {
                patches[y * edge + x] = Patch::Done((0.0, 0.0));
                next.push((x, y));
            }
        }
    }
    // alignment patterns are found by themselves, if they are clear
    for (cx, cy) in layout::alignment_middles(plan.version) {
        if let Some(off) = aligned(scene, fit, (cx as f32 + 0.5, cy as f32 + 0.5)) {
            let (x, y) = (cx / PATCH, cy / PATCH);
            patches[y * edge + x] = Patch::Done(off);
            next.push((x, y));
        }
    }
    while !next.is_empty() {
        for (x, y) in std::mem::take(&mut next)
            .into_iter()
            .flat_map(|(x, y)| beside(x, y))
        {
            if matches!(patches[y * edge + x], Patch::Done(_)) {
                continue;
            }
            let (mut count, mut start) = (0.0, (0.0, 0.0));
            for (i, j) in beside(x, y) {
                if let Patch::Done(off) = patches[j * edge + i] {
                    count += 1.0;
                    start = (start.0 + off.0, start.1 + off.1);
                }
            }
            let start = (start.0 / count, start.1 / count);
            let mut best = (f32::MIN, start);
            for step in [0.36, 0.14] {
                let middle = best.1;
                for (i, j) in STEPS {
                    let tried = (middle.0 + i * step, middle.1 + j * step);
                    let far = (tried.0 - start.0).powi(2) + (tried.1 - start.1).powi(2);
                    let score = clear(x, y, tried) - 0.16 * far;
                    if score > best.0 {
                        best = (score, tried);
                    }
                }
            }
            patches[y * edge + x] = Patch::Seen(best.0, best.1);
        }
        let clearest = patches
            .iter()
            .enumerate()
            .filter_map(|(at, patch)| match patch {
                Patch::Seen(score, off) => Some((at, *score, *off)),
                _ => None,
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, _, off)) = clearest {
            patches[at] = Patch::Done(off);
            next.push((at % edge, at / edge));
        }
    }
    let off = patches
        .into_iter()
        .map(|patch| match patch {
            Patch::Done(off) => off,
            _ => (0.0, 0.0),
        })
        .collect();
    let mut bent = fit.clone();
    bent.bends = Some(Bends { edge, off });
    bent
}

/// How far an alignment pattern is off, in modules, if it is clear where it is.
fn aligned(scene: &Scene<'_>, fit: &Fit, (u, v): (f32, f32)) -> Option<(f32, f32)> {
    let mut best = (f32::MIN, (0.0, 0.0));
    let look = |best: &mut (f32, (f32, f32)), du: f32, dv: f32| {
        let middle = fit.warp.at(u + du, v + dv);
        let (right, down) = (
            fit.warp.at(u + du + 1.0, v + dv),
            fit.warp.at(u + du, v + dv + 1.0),
        );
        let step = |p: (f32, f32)| (p.0 - middle.0, p.1 - middle.1);
        let score = scene.pattern(middle, step(right), step(down)) - 0.03 * du.hypot(dv);
        if score > best.0 {
            *best = (score, (du, dv));
        }
    };
    for j in -6i8..=6 {
        for i in -6i8..=6 {
            look(&mut best, f32::from(i) * 0.4, f32::from(j) * 0.4);
        }
    }
    let (du, dv) = best.1;
    for (i, j) in STEPS {
        look(&mut best, du + i * 0.18, dv + j * 0.18);
    }
    (best.0 > 0.72).then_some(best.1)
}

/// A place and its eight neighbours.
const STEPS: [(f32, f32); 9] = [
    (0.0, 0.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, 1.0),
    (0.0, -1.0),
    (1.0, 1.0),
    (1.0, -1.0),
    (-1.0, 1.0),
    (-1.0, -1.0),
];

/// What is known of a patch.
#[derive(Clone, Copy)]
enum Patch {
    Unseen,
    /// How clear it is, and how far off.
    Seen(f32, (f32, f32)),
    /// How far off.
    Done((f32, f32)),
}
