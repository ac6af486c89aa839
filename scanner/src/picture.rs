//! Grey pictures and what is dark in them.

/// One byte a pixel, row by row.
pub(crate) struct Picture {
    pub(crate) w: usize,
    pub(crate) h: usize,
    pub(crate) grey: Vec<u8>,
}

impl Picture {
    /// From the pixels of a canvas (red, green, blue, opacity).
    pub(crate) fn from_rgba(rgba: &[u8], w: usize, h: usize) -> Self {
        let grey = rgba
            .chunks_exact(4)
            .map(|p| {
                // a quarter red, half green, a quarter blue; red and blue in one go
                let p = u32::from_le_bytes([p[0], p[1], p[2], p[3]]);
                let sides = p & 0x00FF_00FF;
                (((((sides >> 16) + sides) & 0x1FF) + ((p >> 7) & 0x1FE)) >> 2) as u8
            })
            .collect();
        Self { w, h, grey }
    }

    /// Mean grey value, roughly.
    pub(crate) fn brightness(&self) -> usize {
        let some = self.grey.iter().step_by(61);
        let count = some.len().max(1);
        some.map(|p| usize::from(*p)).sum::<usize>() / count
    }

    /// Mean of two by two pixels.
    pub(crate) fn halved(&self) -> Self {
        let (w, h) = (self.w / 2, self.h / 2);
        let mut grey = Vec::with_capacity(w * h);
        for y in 0..h {
            let above = &self.grey[2 * y * self.w..][..2 * w];
            let below = &self.grey[(2 * y + 1) * self.w..][..2 * w];
            grey.extend(above.chunks_exact(2).zip(below.chunks_exact(2)).map(|(a, b)| {
                let sum = u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]);
                (sum / 4) as u8
            }));
        }
        Self { w, h, grey }
    }

    /// Mean of three by three pixels, against noise; the border stays.
    pub(crate) fn smoothed(&self) -> Self {
        let (w, h) = (self.w, self.h);
        let mut grey = self.grey.clone();
        let mut sums = vec![0u16; w];
        for y in 1..h.saturating_sub(1) {
            let row = |y: usize| &self.grey[y * w..(y + 1) * w];
            let (above, here, below) = (row(y - 1), row(y), row(y + 1));
            for (((s, a), b), c) in sums.iter_mut().zip(above).zip(here).zip(below) {
                *s = u16::from(*a) + u16::from(*b) + u16::from(*c);
            }
            for (out, three) in grey[y * w + 1..(y + 1) * w - 1].iter_mut().zip(sums.windows(3)) {
                // a ninth, without division
                *out = ((u32::from(three[0] + three[1] + three[2]) * 7_282) >> 16) as u8;
            }
        }
        Self { w, h, grey }
    }

    /// Grey value between pixels; the middle of the first pixel is at 0.5, 0.5.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (
            (x - 0.5).clamp(0.0, self.w as f32 - 1.001),
            (y - 0.5).clamp(0.0, self.h as f32 - 1.001),
        );
        let (i, j) = (x as usize, y as usize);
        let (u, v) = (x - i as f32, y - j as f32);
        let first = j * self.w + i;
        let p = |at: usize| f32::from(self.grey[at]);
        let top = p(first) + u * (p(first + 1) - p(first));
        let bottom = p(first + self.w) + u * (p(first + self.w + 1) - p(first + self.w));
        top + v * (bottom - top)
    }
}

/// Edge of the blocks that have a threshold of their own, in pixels.
const BLOCK: usize = 8;

/// What counts as dark, place by place.
pub(crate) struct Threshold {
    across: usize,
    down: usize,
    levels: Vec<u8>,
}

impl Threshold {
    /// The mean of the neighbourhood: `reach` blocks in each direction. Where nothing stands out of the noise, the surroundings
    /// count as light.
    pub(crate) fn new(picture: &Picture, reach: usize) -> Self {
        let (across, down) = (picture.w / BLOCK, picture.h / BLOCK);
        let mut blocks = Vec::with_capacity(across * down);
        for by in 0..down {
            let mut sums = vec![0u16; across];
            let mut low = vec![255u8; across];
            let mut high = vec![0u8; across];
            for y in by * BLOCK..(by + 1) * BLOCK {
                let row = &picture.grey[y * picture.w..][..across * BLOCK];
                for (((eight, sum), low), high) in row
                    .chunks_exact(BLOCK)
                    .zip(&mut sums)
                    .zip(&mut low)
                    .zip(&mut high)
                {
                    let mut s = 0;
                    let (mut l, mut h) = (255, 0);
                    for p in eight {
                        s += u16::from(*p);
                        l = l.min(*p);
                        h = h.max(*p);
                    }
                    *sum += s;
                    *low = (*low).min(l);
                    *high = (*high).max(h);
                }
            }
            for ((sum, low), high) in sums.iter().zip(&low).zip(&high) {
                blocks.push(((sum / (BLOCK * BLOCK) as u16) as u8, *low, *high));
            }
        }
        // the calmest blocks tell how much is noise
        let mut ranges = [0u32; 256];
        for (_, low, high) in &blocks {
            ranges[usize::from(high - low)] += 1;
        }
        let (mut calm, mut seen) = (0, 0);
        for (range, count) in ranges.iter().enumerate() {
            seen += count;
            if seen as usize * 10 > blocks.len() {
                calm = range;
                break;
            }
        }
        let flat = (calm as f32 * 1.4 + 4.0).min(40.0) as u8;
        let mut means = vec![0u8; blocks.len()];
        let mut weights = vec![1u8; blocks.len()];
        for y in 0..down {
            for x in 0..across {
                let at = y * across + x;
                let (mean, low, high) = blocks[at];
                means[at] = if high - low > flat {
                    weights[at] = WEIGHT;
                    ((u16::from(low) + u16::from(high)) / 2) as u8
                } else {
                    // light, unless what lies before it is lighter still (inside of something dark)
                    let mut level = u16::from(mean).saturating_sub(u16::from(flat) / 2);
                    if x > 0 && y > 0 {
                        let before = (u16::from(means[at - across])
                            + 2 * u16::from(means[at - 1])
                            + u16::from(means[at - across - 1]))
                            / 4;
                        if u16::from(low) < before {
                            level = before;
                        }
                    }
                    level as u8
                };
            }
        }
        let levels = blurred(&means, &weights, across, down, reach);
        Self { across, down, levels }
    }

    /// The level at a pixel.
    pub(crate) fn level(&self, x: usize, y: usize) -> u8 {
        let (bx, by) = ((x / BLOCK).min(self.across - 1), (y / BLOCK).min(self.down - 1));
        self.levels[by * self.across + bx]
    }

    /// The levels of a row of blocks, and the width of a block.
    fn row(&self, y: usize) -> &[u8] {
        let by = (y / BLOCK).min(self.down - 1);
        &self.levels[by * self.across..(by + 1) * self.across]
    }
}

/// How much more a block with something in it counts than an empty one: empty paper says little about where dark begins.
const WEIGHT: u8 = 16;

/// Weighted mean of the neighbours, `reach` in each direction.
fn blurred(values: &[u8], weights: &[u8], w: usize, h: usize, reach: usize) -> Vec<u8> {
    let wide = w + 1;
    let mut sums = vec![(0u32, 0u32); wide * (h + 1)];
    for y in 0..h {
        let (mut row, mut all) = (0, 0);
        for x in 0..w {
            let weight = u32::from(weights[y * w + x]);
            row += weight * u32::from(values[y * w + x]);
            all += weight;
            let above = sums[y * wide + x + 1];
            sums[(y + 1) * wide + x + 1] = (above.0 + row, above.1 + all);
        }
    }
    let mut out = Vec::with_capacity(w * h);
    // at the border the window moves inwards, as far as there is room
    let span = |i: usize, n: usize| {
        let wide = (2 * reach + 1).min(n);
        let from = i.saturating_sub(reach).min(n - wide);
        (from, from + wide)
    };
    for y in 0..h {
        let (top, bottom) = span(y, h);
        for x in 0..w {
            let (left, right) = span(x, w);
            let corner = |x: usize, y: usize| sums[y * wide + x];
            let (a, b, c, d) = (
                corner(right, bottom),
                corner(left, top),
                corner(right, top),
                corner(left, bottom),
            );
            out.push(((a.0 + b.0 - c.0 - d.0) / (a.1 + b.1 - c.1 - d.1)) as u8);
        }
    }
    out
}

/// A picture with its threshold.
pub(crate) struct Binary<'a> {
    pub(crate) picture: &'a Picture,
    pub(crate) threshold: &'a Threshold,
}

impl Binary<'_> {
    /// Where a row changes between dark and light, to a part of a pixel; it begins dark (maybe for no length at all).
    pub(crate) fn edges(&self, y: usize, out: &mut Vec<f32>) {
        out.clear();
        let row = &self.picture.grey[y * self.picture.w..(y + 1) * self.picture.w];
        let levels = self.threshold.row(y);
        let mut dark = true;
        let last = levels.len() - 1;
        let mut before = row[0];
        for (block, level) in levels.iter().enumerate() {
            let from = block * BLOCK;
            let to = if block == last { row.len() } else { from + BLOCK };
            for (i, p) in row[from..to].iter().enumerate() {
                if (p < level) != dark {
                    out.push((from + i) as f32 + 0.5 - part(*p, before, *level));
                    dark = !dark;
                }
                before = *p;
            }
        }
        out.push(row.len() as f32);
    }
}

/// How far before the middle of a pixel the level was crossed, in pixels.
pub(crate) fn part(here: u8, before: u8, level: u8) -> f32 {
    let (here, before, level) = (f32::from(here), f32::from(before), f32::from(level));
    if (here - before).abs() < 1.0 {
        return 0.5;
    }
    ((here - level + 0.5) / (here - before)).clamp(0.0, 1.0)
}
