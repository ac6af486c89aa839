//! Systems of linear equations.

/// Solves `N` equations; the last of the `M` = `N` + 1 columns is the right side. `None` if they do not determine the answer.
pub(crate) fn solve<const N: usize, const M: usize>(mut rows: [[f64; M]; N]) -> Option<[f64; N]> {
    for i in 0..N {
        let pivot = (i..N).max_by(|a, b| rows[*a][i].abs().total_cmp(&rows[*b][i].abs()))?;
        rows.swap(i, pivot);
        let lead = rows[i];
        if lead[i].abs() < 1e-9 {
            return None;
        }
        for (j, row) in rows.iter_mut().enumerate() {
            let factor = row[i] / lead[i];
            if j != i && factor != 0.0 {
                for (value, lead) in row.iter_mut().zip(lead).skip(i) {
                    *value -= factor * lead;
                }
            }
        }
    }
    Some(std::array::from_fn(|i| rows[i][N] / rows[i][i]))
}
