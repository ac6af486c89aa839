//! From grey values to modules: a local threshold on the grid itself, and, for blurred pictures, the reversal of the blur.

use crate::{
    decode::{Grid, Plan, layout},
    fit::{Fit, Scene},
    linear::solve,
};

/// Light modules around a code that are sampled, too.
const MARGIN: usize = 2;

/// Mean grey values of the modules of a code and of its margin.
pub(crate) struct Samples {
    version: usize,
    /// Modules of an edge, with the margin.
    edge: usize,
    /// Darker is larger.
    ink: Vec<f32>,
}

/// Reads the grey value of every module.
pub(crate) fn sample(scene: &Scene<'_>, plan: &Plan, fit: &Fit) -> Samples {
    let d = layout::edge(plan.version);
    let edge = d + 2 * MARGIN;
    let sign = if scene.inverted { 1.0 } else { -1.0 };
    let (a, b) = (fit.at(0.0, 0.0), fit.at(d as f32, d as f32));
    let module = (a.0 - b.0).hypot(a.1 - b.1) / (d as f32 * std::f32::consts::SQRT_2);
    // small modules are one pixel in the middle, large ones several, against noise
    let around: &[(f32, f32)] = if module < 2.6 {
        &[(0.0, 0.0)]
    } else {
        &[
            (0.0, 0.0),
            (0.22, 0.22),
            (-0.22, 0.22),
            (0.22, -0.22),
            (-0.22, -0.22),
        ]
    };
    let mut ink = Vec::with_capacity(edge * edge);
    for y in 0..edge {
        for x in 0..edge {
            let (u, v) = (x as f32 + 0.5 - MARGIN as f32, y as f32 + 0.5 - MARGIN as f32);
            let sum: f32 = around
                .iter()
                .map(|(du, dv)| {
                    let (px, py) = fit.at(u + du, v + dv);
                    scene.picture.at(px, py)
                })
                .sum();
            ink.push(sign * sum / around.len() as f32);
        }
    }
    Samples {
        version: plan.version,
        edge,
        ink,
    }
}

/// Means of the neighbours, `reach` in each direction; at the border of what there is.
fn means(values: &[f32], edge: usize, reach: usize) -> Vec<f32> {
    let wide = edge + 1;
    let mut sums = vec![0f64; wide * wide];
    for y in 0..edge {
        let mut row = 0.0;
        for x in 0..edge {
            row += f64::from(values[y * edge + x]);
            sums[(y + 1) * wide + x + 1] = sums[y * wide + x + 1] + row;
        }
    }
    let span = |i: usize| (i.saturating_sub(reach), (i + reach + 1).min(edge));
    let mut out = Vec::with_capacity(values.len());
    for y in 0..edge {
        let (top, bottom) = span(y);
        for x in 0..edge {
            let (left, right) = span(x);
            let sum = sums[bottom * wide + right] + sums[top * wide + left]
                - sums[top * wide + right]
                - sums[bottom * wide + left];
            out.push((sum / ((right - left) * (bottom - top)) as f64) as f32);
        }
    }
    out
}

impl Samples {
    /// Above 0 dark, about 1 when sure; the threshold is the mean of the neighbourhood.
    fn levelled(&self, reach: usize) -> Vec<f32> {
        let local = means(&self.ink, self.edge, reach);
        let mut soft: Vec<f32> = self.ink.iter().zip(&local).map(|(v, m)| v - m).collect();
        let sizes: Vec<f32> = soft.iter().map(|s| s.abs()).collect();
        let all = sizes.iter().sum::<f32>() / sizes.len() as f32;
        let near = means(&sizes, self.edge, reach + 2);
        for (s, near) in soft.iter_mut().zip(&near) {
            *s /= near.max(0.3 * all).max(0.5);
        }
        soft
    }

    fn cropped(&self, soft: &[f32]) -> Grid {
        let d = self.edge - 2 * MARGIN;
        let rows = soft.chunks_exact(self.edge).skip(MARGIN).take(d);
        Grid {
            version: self.version,
            soft: rows
                .flat_map(|row| row[MARGIN..MARGIN + d].iter().copied())
                .collect(),
        }
    }

    /// The modules as they are.
    pub(crate) fn grid(&self, reach: usize) -> Grid {
        self.cropped(&self.levelled(reach))
    }

    /// The modules with the blur taken back. What blurred them is learnt from the modules that are known: each sample is a
    /// weighted sum of the modules around it; the weights are found by least squares, the modules by descent.
    pub(crate) fn sharpened(&self, plan: &Plan) -> Grid {
        let seen = self.levelled(6);
        let edge = self.edge;
        let mut known = vec![0f32; edge * edge];
        for y in 0..edge {
            for x in 0..edge {
                let inside = |i: usize| (MARGIN..edge - MARGIN).contains(&i);
                if !inside(x) || !inside(y) {
                    known[y * edge + x] = -1.0;
                }
            }
        }
        for f in &plan.fixed {
            known[(f.y + MARGIN) * edge + f.x + MARGIN] = if f.dark { 1.0 } else { -1.0 };
        }
        let mut bits: Vec<f32> = seen
            .iter()
            .zip(&known)
            .map(|(s, k)| if *k == 0.0 { s.clamp(-1.0, 1.0) } else { *k })
            .collect();
        let mut soft = seen.clone();
        for round in 0..4 {
            let Some(kernel) = learn(&seen, &bits, &known, edge, round == 0) else {
                break;
            };
            let power: f32 = kernel.weights.iter().map(|w| w * w).sum();
            if power < 0.05 {
                break;
            }
            for _ in 0..8 {
                let rest = kernel.rest(&seen, &bits, edge);
                let back = kernel.back(&rest, edge);
                for i in 0..bits.len() {
                    let next = bits[i] + back[i] / power;
                    soft[i] = next;
                    bits[i] = if known[i] == 0.0 {
                        next.clamp(-1.0, 1.0)
                    } else {
                        known[i]
                    };
                }
            }
        }
        self.cropped(&soft)
    }
}

/// Modules around one that shine into it: two in each direction.
const REACH: usize = 2;
const SPAN: usize = 2 * REACH + 1;
const WEIGHTS: usize = SPAN * SPAN;

/// How modules shine into each other.
struct Kernel {
    weights: [f32; WEIGHTS],
    offset: f32,
}

impl Kernel {
    /// What the modules do not explain.
    fn rest(&self, seen: &[f32], bits: &[f32], edge: usize) -> Vec<f32> {
        let mut out = vec![0f32; seen.len()];
        for y in REACH..edge - REACH {
            for x in REACH..edge - REACH {
                let mut sum = self.offset;
                for j in 0..SPAN {
                    let row = &bits[(y + j - REACH) * edge + x - REACH..][..SPAN];
                    let weights = &self.weights[j * SPAN..][..SPAN];
                    sum += row.iter().zip(weights).map(|(b, w)| b * w).sum::<f32>();
                }
                out[y * edge + x] = seen[y * edge + x] - sum;
            }
        }
        out
    }

    /// The rest, given back to the modules that would explain it.
    fn back(&self, rest: &[f32], edge: usize) -> Vec<f32> {
        let mut out = vec![0f32; rest.len()];
        for y in REACH..edge - REACH {
            for x in REACH..edge - REACH {
                let r = rest[y * edge + x];
                for j in 0..SPAN {
                    let row = &mut out[(y + j - REACH) * edge + x - REACH..][..SPAN];
                    for (o, w) in row.iter_mut().zip(&self.weights[j * SPAN..][..SPAN]) {
                        *o += w * r;
                    }
                }
            }
        }
        out
    }
}

/// Weights by least squares; at first only from places whose whole neighbourhood is known.
fn learn(seen: &[f32], bits: &[f32], known: &[f32], edge: usize, certain: bool) -> Option<Kernel> {
    const N: usize = WEIGHTS + 1;
    let mut normal = [[0f64; N + 1]; N];
    let mut count = 0;
    let mut row = [0f32; N];
    for y in REACH..edge - REACH {
        for x in REACH..edge - REACH {
            let mut sure = true;
            for j in 0..SPAN {
                let from = (y + j - REACH) * edge + x - REACH;
                row[j * SPAN..(j + 1) * SPAN].copy_from_slice(&bits[from..from + SPAN]);
                sure &= !certain || known[from..from + SPAN].iter().all(|k| *k != 0.0);
            }
            if !sure {
                continue;
            }
            count += 1;
            row[WEIGHTS] = 1.0;
            let target = seen[y * edge + x];
            for i in 0..N {
                let r = row[i];
                for j in i..N {
                    normal[i][j] += f64::from(r * row[j]);
                }
                normal[i][N] += f64::from(r * target);
            }
        }
    }
    if count < 30 {
        return None;
    }
    // prefers small weights at the rim; what lies below the diagonal is what lies above it
    let ridge = f64::from(count) * 0.02;
    let whole = std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let (x, y) = ((i % SPAN).abs_diff(REACH), (i / SPAN).abs_diff(REACH));
            let more = match (i == j, i == WEIGHTS) {
                (true, true) => 1e-6,
                (true, false) => ridge * (0.2 + 0.5 * (x * x + y * y) as f64),
                (false, _) => 0.0,
            };
            more + if j < i { normal[j][i] } else { normal[i][j] }
        })
    });
    let solved: [f64; N] = solve::<N, { N + 1 }>(whole)?;
    Some(Kernel {
        weights: std::array::from_fn(|i| solved[i] as f32),
        offset: solved[WEIGHTS] as f32,
    })
}
