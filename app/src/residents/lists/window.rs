//! Which rows of a long table are on the screen: arithmetic without a browser.

/// Numbers of rows in order, as runs of neighbours: a list of 100,000 rows is one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// First number, count, and how many stand before.
    runs: Vec<(u32, u32, usize)>,
    total: usize,
}

impl Numbers {
    /// From runs: first number and count, in order.
    pub fn new(runs: &[(u32, u32)]) -> Self {
        let mut total = 0;
        let runs = runs
            .iter()
            .map(|(first, count)| {
                let before = total;
                total += *count as usize;
                (*first, *count, before)
            })
            .collect();
        Self { runs, total }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.total
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The number at a place.
    pub fn at(&self, place: usize) -> Option<u32> {
        let run = self
            .runs
            .partition_point(|(_, _, before)| *before <= place)
            .checked_sub(1)?;
        let (first, count, before) = *self.runs.get(run)?;
        let inside = u32::try_from(place - before).ok()?;
        (inside < count).then_some(first + inside)
    }
}

impl Numbers {
    /// The place of a number.
    pub fn place(&self, number: u32) -> Option<usize> {
        let run = self
            .runs
            .partition_point(|(first, ..)| *first <= number)
            .checked_sub(1)?;
        let (first, count, before) = *self.runs.get(run)?;
        let inside = number - first;
        (inside < count).then(|| before + inside as usize)
    }
}

/// Numbers in order as runs.
#[cfg(any(feature = "ssr", test))]
pub fn runs(numbers: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

/// Browsers cannot scroll through more pixels than this (Firefox ends at 17.9 million); beyond, one pixel of the scroll
/// bar stands for more than one of the table.
const MOST_PIXELS: f64 = 8_000_000.0;

/// Rows that are drawn above and below what is seen.
const MORE: usize = 8;

/// A view on rows of equal height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Height of a row.
    pub row: f64,
    /// Height of what is seen.
    pub view: f64,
    /// How many rows there are.
    pub rows: usize,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pixels: fractions are fine, numbers are small and not negative"
)]
impl Window {
    fn real(&self) -> f64 {
        self.rows as f64 * self.row
    }

    /// Height of the whole table for the scroll bar.
    pub fn height(&self) -> f64 {
        self.real().min(MOST_PIXELS)
    }

    /// Pixels of the table per pixel of the scroll bar.
    fn scale(&self) -> f64 {
        let (bar, real) = (self.height() - self.view, self.real() - self.view);
        if bar > 0.0 && real > bar { real / bar } else { 1.0 }
    }

    /// The rows to draw at this position of the scroll bar, and where the first of them stands.
    pub fn drawn(&self, top: f64) -> (std::ops::Range<usize>, f64) {
        let real_top = top.max(0.0) * self.scale();
        let first = ((real_top / self.row) as usize)
            .saturating_sub(MORE)
            .min(self.rows);
        let seen = (self.view / self.row).ceil() as usize + 1;
        let last = (first + seen + 2 * MORE).min(self.rows);
        (first..last, top - (real_top - first as f64 * self.row))
    }

    /// The position of the scroll bar at which a row is wholly seen, as near as possible to where it stands.
    pub fn showing(&self, place: usize, top: f64) -> f64 {
        let real_top = top * self.scale();
        let (from, to) = (place as f64 * self.row, (place + 1) as f64 * self.row);
        let wanted = if from < real_top {
            from
        } else if to > real_top + self.view {
            to - self.view
        } else {
            return top;
        };
        wanted / self.scale()
    }

    /// Rows of one page.
    pub fn page(&self) -> usize {
        ((self.view / self.row) as usize).max(2) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_keep_every_number_in_its_place() {
        let numbers = [2u32, 3, 4, 7, 9, 10];
        let short = runs(numbers);
        assert_eq!(short, [(2, 3), (7, 1), (9, 2)]);
        let all = Numbers::new(&short);
        assert_eq!(all.len(), 6);
        for (place, number) in numbers.into_iter().enumerate() {
            assert_eq!((all.at(place), all.place(number)), (Some(number), Some(place)));
        }
        assert_eq!(
            (all.at(6), all.place(1), all.place(5), all.place(11)),
            (None, None, None, None)
        );
        assert_eq!(Numbers::default().at(0), None);
    }

    #[test]
    fn a_window_draws_what_is_seen_and_a_little_more() {
        let window = Window {
            row: 40.0,
            view: 400.0,
            rows: 1_000,
        };
        assert_eq!(window.height(), 40_000.0);
        assert_eq!(window.drawn(0.0), (0..27, 0.0));
        let (rows, offset) = window.drawn(4_000.0);
        assert_eq!((rows.clone(), offset), (92..119, 92.0 * 40.0));
        assert!(window.drawn(40_000.0 - 400.0).0.contains(&999));
        // a row below what is seen comes up to the lower edge, one above to the upper edge
        assert_eq!(window.showing(20, 0.0), 440.0);
        assert_eq!(window.showing(3, 400.0), 120.0);
        assert_eq!(window.showing(5, 0.0), 0.0);
    }

    #[test]
    fn a_million_rows_fit_into_what_browsers_can_scroll() {
        let window = Window {
            row: 40.0,
            view: 400.0,
            rows: 1_000_000,
        };
        assert_eq!(window.height(), MOST_PIXELS);
        let end = MOST_PIXELS - 400.0;
        let (rows, offset) = window.drawn(end);
        assert!(rows.contains(&999_999) && rows.len() < 40, "{rows:?}");
        // the last row ends where the table ends
        let last = offset + (rows.end - rows.start) as f64 * 40.0;
        assert!((last - MOST_PIXELS).abs() < 1.0, "{last}");
        let middle = window.showing(500_000, 0.0);
        assert!(window.drawn(middle).0.contains(&500_000));
    }
}
