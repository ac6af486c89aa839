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

/// Follows the modules over paper that is not flat: patch by patch, from the finder patterns on, each patch a little off its
/// neighbours, where its modules are clearest and the fixed ones agree.
pub(crate) fn track(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Fit {
    let d = layout::edge(plan.version);
    let edge = d.div_ceil(PATCH);
    let mut fixed = vec![0f32; d * d];
    for f in &plan.fixed {
        fixed[f.y * d + f.x] = if f.dark { 1.0 } else { -1.0 };
    }
    let mut off: Vec<Option<(f32, f32)>> = vec![None; edge * edge];
    // the finder patterns are where the fit has them
    for (i, j) in [(0, 0), (edge - 1, 0), (0, edge - 1)] {
        let near = |k: usize, at: usize| if at == 0 { k < 2 } else { k + 2 >= edge };
        for y in (0..edge).filter(|y| near(*y, j)) {
            for x in (0..edge).filter(|x| near(*x, i)) {
                off[y * edge + x] = Some((0.0, 0.0));
            }
        }
    }
    let clear = |x: usize, y: usize, (du, dv): (f32, f32)| {
        let mut sum = 0.0;
        // a patch and its rim
        for v in (y * PATCH).saturating_sub(1)..(y * PATCH + PATCH + 1).min(d) {
            for u in (x * PATCH).saturating_sub(1)..(x * PATCH + PATCH + 1).min(d) {
                let soft = scene.dark(fit.warp.at(u as f32 + 0.5 + du, v as f32 + 0.5 + dv));
                let known = fixed[v * d + u];
                sum += if known == 0.0 {
                    soft.abs()
                } else {
                    2.0 * known * soft
                };
            }
        }
        sum
    };
    loop {
        // the patch with the most neighbours that are done comes next
        let mut next = (0, 0, 0, (0.0, 0.0));
        for y in 0..edge {
            for x in 0..edge {
                if off[y * edge + x].is_some() {
                    continue;
                }
                let (mut count, mut sum) = (0, (0.0, 0.0));
                for j in y.saturating_sub(1)..(y + 2).min(edge) {
                    for i in x.saturating_sub(1)..(x + 2).min(edge) {
                        if let Some(o) = off[j * edge + i] {
                            count += 1;
                            sum = (sum.0 + o.0, sum.1 + o.1);
                        }
                    }
                }
                if count > next.0 {
                    next = (count, x, y, (sum.0 / count as f32, sum.1 / count as f32));
                }
            }
        }
        let (count, x, y, start) = next;
        if count == 0 {
            break;
        }
        let mut best = (f32::MIN, start);
        for j in -2i8..=2 {
            for i in -2i8..=2 {
                let (i, j) = (f32::from(i) * 0.22, f32::from(j) * 0.22);
                let tried = (start.0 + i, start.1 + j);
                let score = clear(x, y, tried) - 4.0 * (i * i + j * j);
                if score > best.0 {
                    best = (score, tried);
                }
            }
        }
        off[y * edge + x] = Some(best.1);
    }
    let mut bent = fit.clone();
    let off = off.into_iter().map(Option::unwrap_or_default).collect();
    bent.bends = Some(Bends { edge, off });
    bent
}
