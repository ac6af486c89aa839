//! From the modules of a grid to text. Each module says how sure it is; bytes of unsure modules are given to the check
//! bytes as erasures, which mends twice as much as not knowing where the errors are.

pub(crate) mod layout;
mod reed_solomon;
mod text;

use layout::{blocks, edge, format_bits, format_places, masked};

/// A grid of modules: above 0 dark, below 0 light, about 1 when sure.
pub(crate) struct Grid {
    pub(crate) version: usize,
    pub(crate) soft: Vec<f32>,
}

/// What is alike in all codes of a version; made once for a frame.
pub(crate) struct Plan {
    pub(crate) version: usize,
    pub(crate) fixed: Vec<layout::Fixed>,
    order: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(version: usize) -> Self {
        Self {
            version,
            fixed: layout::fixed(version),
            order: layout::order(version),
        }
    }
}

/// Formats (level, mask) that fit best to what is printed twice, best first.
fn formats(grid: &Grid) -> Vec<(usize, u8)> {
    let d = edge(grid.version);
    let copies = format_places(d);
    let mut fits: Vec<(f32, u16)> = (0..32)
        .map(|five| {
            let bits = format_bits(five);
            let fit = copies
                .iter()
                .flat_map(|copy| copy.iter().enumerate())
                .map(|(i, (x, y))| {
                    let soft = grid.soft[y * d + x].clamp(-1.0, 1.0);
                    if bits >> i & 1 == 1 { soft } else { -soft }
                })
                .sum();
            (fit, five)
        })
        .collect();
    fits.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = fits[0].0;
    fits.iter()
        .take(3)
        .filter(|f| f.0 > 0.0 && f.0 > best - 6.0)
        .map(|(_, five)| {
            // the bits stand for M, L, H, Q
            let level = [1, 0, 3, 2][usize::from(five >> 3)];
            (level, (five & 7) as u8)
        })
        .collect()
}

/// Reads a grid; `thorough` also tries what is not sure.
pub(crate) fn read(grid: &Grid, plan: &Plan, thorough: bool) -> Option<String> {
    formats(grid)
        .into_iter()
        .take(if thorough { 3 } else { 1 })
        .find_map(|(level, mask)| with_format(grid, plan, level, mask, thorough))
}

fn with_format(grid: &Grid, plan: &Plan, level: usize, mask: u8, thorough: bool) -> Option<String> {
    let d = edge(grid.version);
    let count = plan.order.len() / 8;
    let mut bytes = vec![0u8; count];
    let mut doubts = vec![0f32; count];
    for (i, eight) in plan.order.chunks_exact(8).enumerate() {
        for place in eight {
            let soft = grid.soft[*place];
            let dark = (soft > 0.0) ^ masked(mask, place % d, place / d);
            bytes[i] = bytes[i] << 1 | u8::from(dark);
            let unsure = (1.0 - soft.abs()).max(0.0);
            doubts[i] += unsure * unsure * unsure;
        }
    }
    let plan = blocks(grid.version, level, count);
    let longest = *plan.data.last()?;
    let several = plan.data.len();
    let mut data = Vec::with_capacity(count);
    let mut erasures = 0;
    for (b, size) in plan.data.iter().enumerate() {
        // bytes of the blocks stand in turns; longer blocks end with one byte more
        let shorter = plan.data.iter().filter(|s| **s < longest).count();
        let at = |i: usize| {
            if i < *size {
                if i < longest - 1 || shorter == 0 {
                    i * several + b
                } else {
                    i * several + b - shorter
                }
            } else {
                plan.data.iter().sum::<usize>() + (i - size) * several + b
            }
        };
        let places: Vec<usize> = (0..size + plan.check).map(at).collect();
        let block: Vec<u8> = places.iter().map(|p| bytes[*p]).collect();
        let mut doubtful: Vec<usize> = (0..block.len()).collect();
        doubtful.sort_by(|a, b| doubts[places[*b]].total_cmp(&doubts[places[*a]]));
        let (mended, used) = mend(&block, plan.check, &doubtful, thorough)?;
        erasures += used;
        data.extend_from_slice(&mended[..*size]);
    }
    let (text, padded) = text::read(&data, grid.version)?;
    // guessed with many erasures: then the padding must be right, too
    (padded || erasures == 0).then_some(text)
}

/// Mends a block; if that fails, with more and more of its doubtful bytes as erasures. Check bytes that are left over are the
/// proof that it is not chance.
fn mend(block: &[u8], check: usize, doubtful: &[usize], thorough: bool) -> Option<(Vec<u8>, usize)> {
    let mut tried = block.to_vec();
    // version 1 keeps some of its check bytes against misreading (table 9 of the standard)
    let spare = if check < 10 { 2 } else { 0 };
    if reed_solomon::mend(&mut tried, check, &[], spare).is_some() {
        return Some((tried, 0));
    }
    if !thorough || check < 10 {
        return None;
    }
    (2..=check - 4).step_by(2).find_map(|count| {
        let mut tried = block.to_vec();
        reed_solomon::mend(&mut tried, check, &doubtful[..count], 4)?;
        Some((tried, count))
    })
}
