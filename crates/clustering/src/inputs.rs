//! What every model asks of rows that come as an array.

use adflux_core::{Column, Error, Result, features::finite_numbers};
use ndarray::{ArrayView1, ArrayView2};

/// Rows must have as many columns as those of the training, all of them finite numbers. `columns` may be unknown: none.
pub(crate) fn check_rows(kind: &str, columns: &[Column], width: usize, x: &ArrayView2<f64>) -> Result<()> {
    check_width(kind, width, x.ncols())?;
    finite_numbers(kind, columns, x)
}

pub(crate) fn check_width(kind: &str, width: usize, given: usize) -> Result<()> {
    if given == width {
        return Ok(());
    }
    Err(Error::data(format!("`{kind}` was fitted on {width} columns and is given {given}")))
}

/// Weights must be one for each row, finite, 0 or more.
pub(crate) fn check_weights(kind: &str, rows: usize, weights: Option<ArrayView1<f64>>) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(Error::data(format!("`{kind}` is given {} weights for {rows} rows", weights.len())));
    }
    match weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
        None => Ok(()),
        Some(row) => Err(Error::cell("weights", row, format!("{}: must be a finite number, 0 or more", weights[row]))),
    }
}
