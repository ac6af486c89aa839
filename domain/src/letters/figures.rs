//! Figures that may be published: small numbers are hidden, so that no household can be recognised.

use serde::{Deserialize, Serialize};

/// Numbers below it (but not zero) are not shown.
pub const SMALLEST: i64 = 10;

/// A number as it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The number.
    Number(i64),
    /// Hidden: small itself, or one could reckon a small one from it.
    Hidden,
}

/// Hides small numbers of a table whose column totals are shown. A single hidden number of a column could be reckoned from
/// the total; so the smallest other one of the column is hidden too.
pub fn hide_small<const N: usize>(rows: &[[i64; N]]) -> Vec<[Shown; N]> {
    let mut shown: Vec<[Shown; N]> = rows
        .iter()
        .map(|row| {
            // the first column is the whole: what is missing to it can be small, too
            let whole = row[0];
            std::array::from_fn(|i| match (row[i], whole - row[i]) {
                (1..SMALLEST, _) => Shown::Hidden,
                (n, 1..SMALLEST) if i > 0 && n > 0 => Shown::Hidden,
                (n, _) => Shown::Number(n),
            })
        })
        .collect();
    for column in 0..N {
        let hidden = shown.iter().filter(|r| r[column] == Shown::Hidden).count();
        if hidden != 1 {
            continue;
        }
        let smallest = rows
            .iter()
            .enumerate()
            .filter(|(i, row)| shown[*i][column] != Shown::Hidden && row[column] > 0)
            .min_by_key(|(_, row)| row[column])
            .map(|(i, _)| i);
        if let Some(i) = smallest {
            shown[i][column] = Shown::Hidden;
        }
    }
    shown
}

/// A total over rows: hidden if it is small itself, or if the only hidden row could be reckoned from it.
pub fn total<const N: usize>(rows: &[[i64; N]], shown: &[[Shown; N]]) -> [Shown; N] {
    std::array::from_fn(|column| {
        let sum: i64 = rows.iter().map(|r| r[column]).sum();
        // what the hidden ones add up to could be reckoned: two of one each are no secret
        let hidden: Vec<i64> = rows
            .iter()
            .zip(shown)
            .filter(|(_, s)| s[column] == Shown::Hidden)
            .map(|(r, _)| r[column])
            .collect();
        let together: i64 = hidden.iter().sum();
        match (hidden.len(), sum) {
            (1, _) | (_, 1..SMALLEST) => Shown::Hidden,
            (2.., _) if together < 2 * SMALLEST => Shown::Hidden,
            _ => Shown::Number(sum),
        }
    })
}

/// Hides small numbers of a table whose column totals are published in any case: whatever is hidden adds up to so much that
/// nothing can be reckoned from it, or the whole column is hidden.
pub fn hide_beside_totals<const N: usize>(rows: &[[i64; N]]) -> Vec<[Shown; N]> {
    let mut shown = hide_small(rows);
    for column in 0..N {
        loop {
            let hidden = rows
                .iter()
                .zip(&shown)
                .filter(|(_, s)| s[column] == Shown::Hidden);
            let together: i64 = hidden.map(|(r, _)| r[column]).sum();
            if together == 0 || together >= 2 * SMALLEST {
                break;
            }
            let next = (0..rows.len())
                .filter(|i| shown[*i][column] != Shown::Hidden && rows[*i][column] > 0)
                .min_by_key(|i| rows[*i][column]);
            match next {
                Some(i) => shown[i][column] = Shown::Hidden,
                None => break,
            }
        }
    }
    shown
}

/// How likely it is that somebody who guesses hits a letter: the power of ten of one in so many. `None` if nothing is open or
/// nobody guesses.
///
/// A guess must name a look-up number (30 bits) that belongs to an open letter, and its typed secret (40 bits).
pub fn one_in_ten_to_the(open_letters: i64, guesses: i64) -> Option<i64> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "an order of magnitude"
    )]
    (open_letters > 0 && guesses > 0).then(|| {
        (70.0 * 2f64.log10() - (open_letters as f64).log10() - (guesses as f64).log10()).floor() as i64
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_are_hidden_and_cannot_be_reckoned() {
        let rows = [[100, 4], [50, 20], [30, 40]];
        let shown = hide_small(&rows);
        assert_eq!(shown[0], [Shown::Number(100), Shown::Hidden]);
        // without this, 4 = total - 20 - 40
        assert_eq!(shown[1], [Shown::Number(50), Shown::Hidden]);
        assert_eq!(shown[2], [Shown::Number(30), Shown::Number(40)]);
        assert_eq!(total(&rows, &shown), [Shown::Number(180), Shown::Number(64)]);
    }

    #[test]
    fn hidden_numbers_cannot_be_added_up() {
        let rows = [[1], [1], [40]];
        let shown = hide_small(&rows);
        assert_eq!(total(&rows, &shown), [Shown::Hidden]);
        // ninety-nine of a hundred tell of the one who is missing
        assert_eq!(
            hide_small(&[[100, 99], [100, 50], [100, 60]])[0][1],
            Shown::Hidden
        );
    }

    #[test]
    fn a_town_with_one_district_shows_no_total_of_it() {
        let rows = [[5]];
        let shown = hide_small(&rows);
        assert_eq!(total(&rows, &shown), [Shown::Hidden]);
    }

    #[test]
    fn odds() {
        // 2^70 is 1.18 * 10^21
        assert_eq!(one_in_ten_to_the(1, 1), Some(21));
        assert_eq!(one_in_ten_to_the(100_000, 1_000), Some(13));
        assert_eq!(one_in_ten_to_the(0, 1_000), None);
    }

    proptest! {
        #[test]
        fn hidden_numbers_beside_a_published_total(rows in proptest::collection::vec([0i64..40, 0i64..40], 0..8)) {
            let shown = hide_beside_totals(&rows);
            for column in 0..2 {
                let of = |what: bool| -> Vec<i64> {
                    let both = rows.iter().zip(&shown);
                    both.filter(|(_, s)| (s[column] == Shown::Hidden) == what).map(|(r, _)| r[column]).collect()
                };
                let hidden: i64 = of(true).iter().sum();
                let all_hidden = of(false).iter().all(|n| *n == 0);
                prop_assert!(hidden == 0 || hidden >= 2 * SMALLEST || all_hidden, "{rows:?} {shown:?}");
            }
        }

        #[test]
        fn nobody_can_reckon_a_small_number(rows in proptest::collection::vec([0i64..40, 0i64..40], 0..8)) {
            let shown = hide_small(&rows);
            let totals = total(&rows, &shown);
            for column in 0..2 {
                let hidden: Vec<usize> = (0..rows.len()).filter(|i| shown[*i][column] == Shown::Hidden).collect();
                for (i, row) in rows.iter().enumerate() {
                    if (1..SMALLEST).contains(&row[column]) {
                        prop_assert!(hidden.contains(&i));
                    }
                }
                // with the total shown, no hidden number stands alone
                if let Shown::Number(_) = totals[column] {
                    prop_assert!(hidden.len() != 1);
                }
            }
        }
    }
}
