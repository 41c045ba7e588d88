//! What every measure checks of its input.

use adflux_core::{Error, Result};
use ndarray::ArrayView1;

/// Some rows, and as many of `name` as of the truth.
pub(crate) fn same_length(rows: usize, name: &str, len: usize) -> Result<()> {
    if rows == 0 {
        return Err(Error::data("there are no rows to measure"));
    }
    if len != rows {
        return Err(Error::data(format!("{name} of {len} rows beside {rows} rows")));
    }
    Ok(())
}

pub(crate) fn finite(name: &str, values: ArrayView1<f64>) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(row) => Err(Error::cell(name, row, "missing or infinite: drop the row, or fill the value")),
        None => Ok(()),
    }
}

/// Row weights that have been checked: finite, not negative, not all zero. Without weights every row counts 1.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a>(Option<ArrayView1<'a, f64>>);

impl<'a> Weights<'a> {
    pub(crate) fn new(rows: usize, weights: Option<ArrayView1<'a, f64>>) -> Result<Self> {
        if let Some(weights) = weights {
            same_length(rows, "weights", weights.len())?;
            if let Some(row) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
                return Err(Error::cell(
                    "weights",
                    row,
                    format!("{}: must be a finite number, 0 or more", weights[row]),
                ));
            }
            if weights.iter().all(|w| *w == 0.0) {
                return Err(Error::column("weights", "all are zero: nothing is left to measure"));
            }
        }
        Ok(Weights(weights))
    }

    pub(crate) fn get(&self, row: usize) -> f64 {
        self.0.map_or(1.0, |w| w[row])
    }

    /// The weighted mean of a number for each row.
    pub(crate) fn mean(&self, values: impl Iterator<Item = f64>) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (row, value) in values.enumerate() {
            let weight = self.get(row);
            // A row of weight 0 takes no part, not even when its loss is infinite.
            if weight > 0.0 {
                sum += weight * value;
                total += weight;
            }
        }
        sum / total
    }
}

/// Codes as 0, 1, … in the order of the codes, and how many there are.
pub(crate) fn dense_codes(codes: &[u32]) -> (Vec<usize>, usize) {
    let mut levels = codes.to_vec();
    levels.sort_unstable();
    levels.dedup();
    let dense = codes.iter().map(|code| levels.binary_search(code).unwrap_or_default()).collect();
    (dense, levels.len())
}
