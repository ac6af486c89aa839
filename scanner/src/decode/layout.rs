//! Where what stands in a QR code (ISO/IEC 18004): sizes of blocks, places of patterns, order of the modules.

/// Check bytes of a block by level (L, M, Q, H) and version, table 9 of the standard.
const CHECK: [[u8; 40]; 4] = [
    [
        7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    ],
    [
        13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30,
        28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
    [
        17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30,
        30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
    ],
];

/// Blocks by level and version, the same table.
const BLOCKS: [[u8; 40]; 4] = [
    [
        1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16,
        17, 18, 19, 19, 20, 21, 22, 24, 25,
    ],
    [
        1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28,
        29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
    ],
    [
        1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35,
        38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
    ],
    [
        1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42,
        45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
    ],
];

/// Modules of an edge.
pub(crate) fn edge(version: usize) -> usize {
    17 + 4 * version
}

/// Rows and columns of alignment patterns (annex E).
pub(crate) fn alignments(version: usize) -> Vec<usize> {
    if version < 2 {
        return Vec::new();
    }
    let count = version / 7 + 2;
    let step = match version {
        32 => 26,
        _ => (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2,
    };
    let mut places: Vec<usize> = (0..count - 1).map(|i| edge(version) - 7 - i * step).collect();
    places.push(6);
    places.reverse();
    places
}

/// A module that is the same in every code of this version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) dark: bool,
}

/// Middles of the alignment patterns.
pub(crate) fn alignment_middles(version: usize) -> Vec<(usize, usize)> {
    let places = alignments(version);
    let last = edge(version).saturating_sub(7);
    let mut all = Vec::new();
    for y in &places {
        for x in &places {
            let finder = (*x == 6 && (*y == 6 || *y == last)) || (*y == 6 && *x == last);
            if !finder {
                all.push((*x, *y));
            }
        }
    }
    all
}

/// Finder patterns with their margins, timing patterns, alignment patterns.
pub(crate) fn fixed(version: usize) -> Vec<Fixed> {
    let d = edge(version);
    let mut all = Vec::new();
    for (left, top) in [(0, 0), (d - 7, 0), (0, d - 7)] {
        for y in top.saturating_sub(1)..(top + 8).min(d) {
            for x in left.saturating_sub(1)..(left + 8).min(d) {
                let ring = |at: usize, from: usize| at.abs_diff(from + 3);
                let far = ring(x, left).max(ring(y, top));
                let dark = far != 2 && far != 4;
                all.push(Fixed { x, y, dark });
            }
        }
    }
    for i in 8..d - 8 {
        let dark = i % 2 == 0;
        all.push(Fixed { x: i, y: 6, dark });
        all.push(Fixed { x: 6, y: i, dark });
    }
    for (cx, cy) in alignment_middles(version) {
        for y in cy - 2..=cy + 2 {
            for x in cx - 2..=cx + 2 {
                if x == 6 || y == 6 {
                    continue;
                }
                let dark = x.abs_diff(cx).max(y.abs_diff(cy)) != 1;
                all.push(Fixed { x, y, dark });
            }
        }
    }
    all
}

/// Which modules carry no data, row by row.
fn reserved(version: usize) -> Vec<bool> {
    let d = edge(version);
    let mut taken = vec![false; d * d];
    for f in fixed(version) {
        taken[f.y * d + f.x] = true;
    }
    for i in 0..9 {
        taken[8 * d + i] = true;
        taken[i * d + 8] = true;
    }
    for i in d - 8..d {
        taken[8 * d + i] = true;
        taken[i * d + 8] = true;
    }
    for i in 0..d {
        taken[6 * d + i] = true;
        taken[i * d + 6] = true;
    }
    if version >= 7 {
        for a in 0..6 {
            for b in d - 11..d - 8 {
                taken[a * d + b] = true;
                taken[b * d + a] = true;
            }
        }
    }
    taken
}

/// Data modules in the order of their bits: places in a grid of this version.
pub(crate) fn order(version: usize) -> Vec<usize> {
    let d = edge(version);
    let taken = reserved(version);
    let mut places = Vec::new();
    let (mut right, mut up) = (d - 1, true);
    loop {
        for i in 0..d {
            let y = if up { d - 1 - i } else { i };
            for x in [right, right - 1] {
                if !taken[y * d + x] {
                    places.push(y * d + x);
                }
            }
        }
        up = !up;
        right = match right {
            8 => 5,
            1 => return places,
            r => r - 2,
        };
    }
}

/// Is the module turned by this mask (table 10)?
pub(crate) fn masked(mask: u8, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (x / 3 + y / 2).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

/// How the bytes are spread over blocks: data bytes of each, check bytes of each.
pub(crate) struct Blocks {
    pub(crate) data: Vec<usize>,
    pub(crate) check: usize,
}

/// `level`: 0 L, 1 M, 2 Q, 3 H; `bytes`: all bytes of the version.
pub(crate) fn blocks(version: usize, level: usize, bytes: usize) -> Blocks {
    let count = usize::from(BLOCKS[level][version - 1]);
    let check = usize::from(CHECK[level][version - 1]);
    let (short, longer) = (bytes / count, bytes % count);
    let data = (0..count)
        .map(|i| short - check + usize::from(i >= count - longer))
        .collect();
    Blocks { data, check }
}

/// The 15 bits of the format by level bits and mask, masked as printed (annex C).
pub(crate) fn format_bits(five: u16) -> u16 {
    let mut rest = five << 10;
    for i in (10..15).rev() {
        if rest >> i & 1 == 1 {
            rest ^= 0x537 << (i - 10);
        }
    }
    ((five << 10) | rest) ^ 0x5412
}

/// Where the bits of the format stand, from the lowest: two copies.
pub(crate) fn format_places(d: usize) -> [[(usize, usize); 15]; 2] {
    let near = std::array::from_fn(|i| match i {
        0..=5 => (8, i),
        6 => (8, 7),
        7 => (8, 8),
        8 => (7, 8),
        _ => (14 - i, 8),
    });
    let far = std::array::from_fn(|i| match i {
        0..=7 => (d - 1 - i, 8),
        _ => (8, d - 15 + i),
    });
    [near, far]
}
