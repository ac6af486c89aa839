//! QR codes: encoding by the crate `qrcode`, choice of the mask by our own scorer (the crate's takes nine tenths of
//! the time; docs/adr/0006). The only file that knows qrcode.

use qrcode::{
    EcLevel, Version,
    bits::Bits,
    canvas::{Canvas, MaskPattern},
    ec,
};
use std::sync::OnceLock;

/// A square of modules, row by row; bit `x` of a row is set where it is dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modules {
    /// Modules of an edge, without the quiet zone.
    pub size: usize,
    /// One number per row. 64 modules are enough: version 11 has 61.
    pub rows: Vec<u64>,
}

impl Modules {
    /// Dark modules of a row in one piece: column, row, width.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.rows.iter().enumerate().flat_map(move |(row, bits)| {
            let mut rest = *bits;
            std::iter::from_fn(move || {
                let from = rest.trailing_zeros();
                let width = (rest.checked_shr(from)?).trailing_ones();
                let run = 1u64.checked_shl(width).map_or(u64::MAX, |n| n - 1) << from;
                rest &= !run;
                Some((
                    usize::try_from(from).unwrap_or(0),
                    row,
                    usize::try_from(width).unwrap_or(0),
                ))
            })
        })
    }

    /// Is the module dark?
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

/// Rows and columns of a square; 64 are enough for version 11.
#[derive(Clone, Copy)]
struct Square {
    rows: [u64; SIDE],
    columns: [u64; SIDE],
}

const SIDE: usize = 64;
const LARGEST: i16 = 11;
const LEVEL: EcLevel = EcLevel::Q;

/// What each mask changes in a symbol of one version. Masking is linear: a masked symbol is the plain one, exclusive-or
/// what the mask makes of a symbol without data. So each mask costs an exclusive-or per row instead of a canvas.
struct Masks {
    size: usize,
    changes: [Square; 8],
}

impl Masks {
    fn new(version: Version, data: usize, correction: usize) -> Self {
        let empty = canvas(version, &vec![0; data], &vec![0; correction]);
        let (plain, size) = square(&empty);
        let changes = MASKS.map(|mask| {
            let mut masked = empty.clone();
            masked.apply_mask(mask);
            square(&masked).0.changed(&plain)
        });
        Self { size, changes }
    }
}

impl Square {
    fn changed(&self, by: &Square) -> Square {
        let mut out = *self;
        for (side, other) in [(&mut out.rows, &by.rows), (&mut out.columns, &by.columns)] {
            for (line, change) in side.iter_mut().zip(other) {
                *line ^= change;
            }
        }
        out
    }
}

static KNOWN: [OnceLock<Masks>; LARGEST as usize] = [const { OnceLock::new() }; LARGEST as usize];

/// The same text with the chosen mask, with mask 0, and with the worst one: for the study of reading rates.
#[cfg(feature = "testing")]
pub fn encode_three(text: &str) -> Option<[Modules; 3]> {
    (1..=LARGEST).zip(&KNOWN).find_map(|(version, known)| {
        let (plain, masks) = encoded(text, version, known)?;
        let all: Vec<Square> = masks.changes.iter().map(|c| plain.changed(c)).collect();
        let score = |m: &&Square| penalty(m, masks.size);
        let modules = |m: &Square| Modules {
            size: masks.size,
            rows: m.rows[..masks.size].to_vec(),
        };
        Some([
            modules(all.iter().min_by_key(score)?),
            modules(all.first()?),
            modules(all.iter().max_by_key(score)?),
        ])
    })
}

fn encoded<'a>(text: &str, version: i16, known: &'a OnceLock<Masks>) -> Option<(Square, &'a Masks)> {
    let version = Version::Normal(version);
    let mut bits = Bits::new(version);
    bits.push_optimal_data(text.as_bytes()).ok()?;
    bits.push_terminator(LEVEL).ok()?;
    let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, LEVEL).ok()?;
    let masks = known.get_or_init(|| Masks::new(version, data.len(), correction.len()));
    Some((square(&canvas(version, &data, &correction)).0, masks))
}

/// Encodes `text` at error correction level Q in the smallest version up to 11. `None` if it does not fit.
pub fn encode(text: &str) -> Option<Modules> {
    (1..=LARGEST).zip(&KNOWN).find_map(|(version, known)| {
        let (plain, masks) = encoded(text, version, known)?;
        let best = masks
            .changes
            .iter()
            .map(|change| plain.changed(change))
            .min_by_key(|masked| penalty(masked, masks.size))?;
        Some(Modules {
            size: masks.size,
            rows: best.rows[..masks.size].to_vec(),
        })
    })
}

fn canvas(version: Version, data: &[u8], correction: &[u8]) -> Canvas {
    let mut canvas = Canvas::new(version, LEVEL);
    canvas.draw_all_functional_patterns();
    canvas.draw_data(data, correction);
    canvas
}

fn square(canvas: &Canvas) -> (Square, usize) {
    square_of(&canvas.clone().into_colors())
}

fn square_of(colours: &[qrcode::Color]) -> (Square, usize) {
    let size = colours.len().isqrt();
    let mut rows = [0; SIDE];
    let mut columns = [0; SIDE];
    for (y, line) in colours.chunks(size).enumerate() {
        for (x, colour) in line.iter().enumerate() {
            let dark = u64::from(*colour == qrcode::Color::Dark);
            rows[y] |= dark << x;
            columns[x] |= dark << y;
        }
    }
    (Square { rows, columns }, size)
}

/// The penalty of ISO/IEC 18004:2015, 7.8.3, counted with whole rows as bit sets.
fn penalty(square: &Square, size: usize) -> u32 {
    let all = (1u64 << size) - 1;
    let rows = &square.rows[..size];
    let mut score = 0;
    for row in rows.iter().chain(&square.columns[..size]) {
        for colour in [*row, !row & all] {
            // runs of five or more: L - 2 each
            let five = colour & colour >> 1 & colour >> 2 & colour >> 3 & colour >> 4;
            let runs = five & !(five << 1);
            score += five.count_ones() + 2 * runs.count_ones();
        }
        score += 40 * finder_like(*row, size);
    }
    for pair in rows.windows(2) {
        let same = !(pair[0] ^ pair[1]) & all;
        let beside = !(pair[0] ^ pair[0] >> 1) & (all >> 1);
        let beside_below = !(pair[1] ^ pair[1] >> 1) & (all >> 1);
        score += 3 * (same & same >> 1 & beside & beside_below).count_ones();
    }
    let dark: u32 = rows.iter().map(|r| r.count_ones()).sum();
    let total = u32::try_from(size * size).unwrap_or(1);
    score + 10 * ((dark * 20).abs_diff(total * 10) / total)
}

/// 1:1:3:1:1 with four light modules before or after it, at all places of a row at once.
fn finder_like(row: u64, size: usize) -> u32 {
    let light = !row;
    let finder = row & light >> 1 & row >> 2 & row >> 3 & row >> 4 & light >> 5 & row >> 6;
    let four_light = light & light >> 1 & light >> 2 & light >> 3;
    // places at which all eleven modules lie within the row; the smallest symbol has 21
    let places = (1u64 << (size - 10)) - 1;
    (finder & four_light >> 7 & places).count_ones() + (four_light & finder >> 4 & places).count_ones()
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
    fn a_change_is_what_the_mask_does() {
        let version = Version::Normal(5);
        let mut bits = qrcode::bits::Bits::new(version);
        bits.push_optimal_data(b"https://portal.lindenau.example/r#0123456789")
            .unwrap();
        bits.push_terminator(LEVEL).unwrap();
        let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, LEVEL).unwrap();
        let masks = Masks::new(version, data.len(), correction.len());
        let plain = canvas(version, &data, &correction);
        for (mask, change) in MASKS.into_iter().zip(&masks.changes) {
            let mut theirs = plain.clone();
            theirs.apply_mask(mask);
            let ours = square(&plain).0.changed(change);
            assert_eq!(ours.rows, square(&theirs).0.rows);
            assert_eq!(ours.columns, square(&theirs).0.columns);
        }
    }

    #[test]
    fn finder_patterns_are_counted() {
        // read from the least significant bit; the pattern reads alike in both directions
        let pattern = 0b101_1101;
        assert_eq!(finder_like(pattern << 4, 21), 2);
        assert_eq!(finder_like(pattern, 21), 1);
        assert_eq!(finder_like(pattern << 14, 21), 1);
        assert_eq!(finder_like(pattern << 4 | 0b1, 21), 1);
        assert_eq!(finder_like(0, 21), 0);
    }

    #[test]
    fn the_chosen_mask_is_as_good_as_the_crates() {
        for i in 0..20 {
            let text = format!("https://portal.lindenau.example/r#{:032}", i * 7_919);
            let ours = encode(&text).unwrap();
            let theirs = qrcode::QrCode::with_error_correction_level(&text, EcLevel::Q).unwrap();
            assert_eq!(ours.size, theirs.width());
            let colours: Vec<_> = (0..ours.size * ours.size)
                .map(|i| match ours.dark(i % ours.size, i / ours.size) {
                    true => qrcode::Color::Dark,
                    false => qrcode::Color::Light,
                })
                .collect();
            let [ours, theirs] = [colours, theirs.to_colors()].map(|c| {
                let (square, size) = square_of(&c);
                penalty(&square, size)
            });
            assert!(ours <= theirs);
        }
    }
}
