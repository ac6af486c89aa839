//! QR codes: encoding by the crate `qrcode`, choice of the mask by our own scorer (the crate's takes nine tenths of
//! the time; docs/adr/0006). The only file that knows qrcode.

use qrcode::{
    EcLevel, Version,
    bits::Bits,
    canvas::{Canvas, MaskPattern},
    ec,
};

/// A square of modules, row by row; bit `x` of a row is set where it is dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules {
    /// Modules of an edge, without the quiet zone.
    pub size: usize,
    /// One number per row. 64 modules are enough: version 11 has 61.
    pub rows: Vec<u64>,
}

impl Modules {
    /// Is the module dark?
    #[cfg(test)]
    pub fn dark(&self, x: usize, y: usize) -> bool {
        self.rows.get(y).is_some_and(|row| row >> x & 1 == 1)
    }
}

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// Encodes `text` at error correction level Q in the smallest version up to 11. `None` if it does not fit.
pub fn encode(text: &str) -> Option<Modules> {
    let level = EcLevel::Q;
    (1..=11).find_map(|version| {
        let version = Version::Normal(version);
        let mut bits = Bits::new(version);
        bits.push_optimal_data(text.as_bytes()).ok()?;
        bits.push_terminator(level).ok()?;
        let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, level).ok()?;
        let mut plain = Canvas::new(version, level);
        plain.draw_all_functional_patterns();
        plain.draw_data(&data, &correction);
        MASKS
            .into_iter()
            .map(|mask| {
                let mut canvas = plain.clone();
                canvas.apply_mask(mask);
                pack(&canvas)
            })
            .min_by_key(penalty)
    })
}

fn pack(canvas: &Canvas) -> Modules {
    let colours = canvas.clone().into_colors();
    let size = colours.len().isqrt();
    let dark = |c: &qrcode::Color| u64::from(*c == qrcode::Color::Dark);
    let rows = colours
        .chunks(size)
        .map(|row| row.iter().rev().fold(0, |bits, c| bits << 1 | dark(c)))
        .collect();
    Modules { size, rows }
}

fn transposed(m: &Modules) -> Modules {
    let rows = (0..m.size)
        .map(|x| {
            (0..m.size)
                .rev()
                .fold(0, |bits, y| bits << 1 | (m.rows[y] >> x & 1))
        })
        .collect();
    Modules { size: m.size, rows }
}

/// The penalty of ISO/IEC 18004:2015, 7.8.3, counted with whole rows as bit sets.
fn penalty(m: &Modules) -> u32 {
    let all = (1u64 << m.size) - 1;
    let columns = transposed(m);
    let mut score = 0;
    for lines in [m, &columns] {
        for row in &lines.rows {
            for colour in [*row, !row & all] {
                // runs of five or more: L - 2 each
                let five = colour & colour >> 1 & colour >> 2 & colour >> 3 & colour >> 4;
                let runs = five & !(five << 1);
                score += five.count_ones() + 2 * runs.count_ones();
            }
            score += 40 * finder_like(*row, m.size);
        }
    }
    for pair in m.rows.windows(2) {
        let same = !(pair[0] ^ pair[1]) & all;
        let beside = !(pair[0] ^ pair[0] >> 1) & (all >> 1);
        let beside_below = !(pair[1] ^ pair[1] >> 1) & (all >> 1);
        score += 3 * (same & same >> 1 & beside & beside_below).count_ones();
    }
    let dark: u32 = m.rows.iter().map(|r| r.count_ones()).sum();
    let total = u32::try_from(m.size * m.size).unwrap_or(1);
    score + 10 * ((dark * 20).abs_diff(total * 10) / total)
}

/// 1:1:3:1:1 with four light modules before or after it.
fn finder_like(row: u64, size: usize) -> u32 {
    const PATTERN: u64 = 0b101_1101;
    (0..=size.saturating_sub(11))
        .map(|i| {
            let window = row >> i & 0x7FF;
            u32::from(window == PATTERN << 4) + u32::from(window == PATTERN)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bits<'a>(&'a Modules);

    impl rqrr::BitGrid for Bits<'_> {
        fn size(&self) -> usize {
            self.0.size
        }
        fn bit(&self, y: usize, x: usize) -> bool {
            self.0.dark(x, y)
        }
    }

    #[test]
    fn is_read_back() {
        for length in [0, 20, 32, 60, 100, 140] {
            let text = format!("https://x.example/r#{}", "7".repeat(length));
            let modules = encode(&text).unwrap();
            assert_eq!(rqrr::Grid::new(Bits(&modules)).decode().unwrap().1, text);
        }
        assert_eq!(encode(&"x".repeat(400)), None);
    }

    #[test]
    fn the_chosen_mask_is_as_good_as_the_crates() {
        for i in 0..20 {
            let text = format!("https://portal.lindenau.example/r#{:032}", i * 7_919);
            let ours = encode(&text).unwrap();
            let theirs = qrcode::QrCode::with_error_correction_level(&text, EcLevel::Q).unwrap();
            let rows = theirs
                .to_colors()
                .chunks(theirs.width())
                .map(|r| {
                    r.iter()
                        .rev()
                        .fold(0, |b, d| b << 1 | u64::from(*d == qrcode::Color::Dark))
                })
                .collect();
            let theirs = Modules {
                size: theirs.width(),
                rows,
            };
            assert_eq!(ours.size, theirs.size);
            assert!(penalty(&ours) <= penalty(&theirs));
        }
    }
}
