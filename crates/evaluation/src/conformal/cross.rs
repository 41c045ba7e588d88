//! CV+ and the jackknife+.

use super::quantile::rank;
use crate::checks::{finite, same_length};
use adflux_core::{Error, Result, parameter::open_unit};
use ndarray::{Array1, ArrayView1, ArrayView2};

/// The intervals of CV+: with R the absolute out-of-fold errors of the n rows that were learned from, k(i) the fold of row i and
/// μ₋ₖ the model that did not see fold k,
///
/// ```text
/// lower = the ⌊(n + 1)(1 − level)⌋-th smallest of  μ₋ₖ₍ᵢ₎(x) − Rᵢ
/// upper = the    ⌈(n + 1) level⌉-th smallest of    μ₋ₖ₍ᵢ₎(x) + Rᵢ
/// ```
///
/// Unlike the interval around one model, it is wide where the models of the folds disagree, and it has a promise for finite n
/// that needs no rows held back: coverage ≥ 1 − 2 (1 − level) − a little that vanishes with n / folds (theorem 4 of the paper); about
/// `level` in practice. With a fold for each row it is the jackknife+. Its price is that the models of all folds are kept
/// and asked.
///
/// `residuals` and `fold_of` (0, 1, …) have one entry for each learned row; `predictions` is new rows × folds. Infinite ends when
/// n is smaller than the level [needs](super::rows_needed). O(rows · n).
///
/// Barber, Candès, Ramdas & Tibshirani (2021), *Predictive inference with the jackknife+*.
///
/// ```
/// use adflux_evaluation::conformal::cv_plus;
/// use ndarray::array;
/// // Nine rows in three folds; a new row, for which the three models say 10, 11 and 15.
/// let residuals = array![1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0];
/// let fold_of = [0, 0, 0, 1, 1, 1, 2, 2, 2];
/// let (lower, upper) = cv_plus(residuals.view(), &fold_of, array![[10.0, 11.0, 15.0]].view(), 0.8)?;
/// assert_eq!((lower[0], upper[0]), (8.0, 17.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, lengths differ, a number is not finite, an error is negative, a fold has no column in
/// `predictions`, or `level` is not between 0 and 1.
#[doc(alias = "jackknife+")]
#[doc(alias = "CrossConformalRegressor")]
pub fn cv_plus(
    residuals: ArrayView1<f64>,
    fold_of: &[usize],
    predictions: ArrayView2<f64>,
    level: f64,
) -> Result<(Array1<f64>, Array1<f64>)> {
    open_unit("level", level)?;
    same_length(residuals.len(), "folds", fold_of.len())?;
    finite("residual", residuals)?;
    if let Some(row) = residuals.iter().position(|r| *r < 0.0) {
        return Err(Error::cell("residual", row, format!("{}: absolute errors are wanted", residuals[row])));
    }
    if let Some(row) = fold_of.iter().position(|fold| *fold >= predictions.ncols()) {
        let reason = format!("fold {} of predictions by {} models", fold_of[row], predictions.ncols());
        return Err(Error::cell("fold", row, reason));
    }
    for column in predictions.columns() {
        finite("prediction", column)?;
    }
    let (rows, rank) = (residuals.len(), rank(residuals.len(), level));
    if rank > rows {
        let ends = |value: f64| Array1::from_elem(predictions.nrows(), value);
        return Ok((ends(f64::NEG_INFINITY), ends(f64::INFINITY)));
    }
    // Both ends through the same rank: the lower one is the upper one of everything turned around.
    let mut values = vec![0.0; rows];
    let mut end = |of_models: ArrayView1<f64>, sign: f64| {
        for ((value, residual), &fold) in values.iter_mut().zip(residuals).zip(fold_of) {
            *value = sign * of_models[fold] + residual;
        }
        sign * *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
    };
    let ends = predictions.rows().into_iter().map(|row| (end(row, -1.0), end(row, 1.0)));
    let (lower, upper): (Vec<f64>, Vec<f64>) = ends.unzip();
    Ok((lower.into(), upper.into()))
}
