//! Measures of predicted numbers by their size: what an error is in relation to what came.

use super::regression::{check, mean_loss};
use adflux_core::{Error, Result};
use ndarray::ArrayView1;

/// The mean absolute percentage error, as a share (0.1 is 10 %): the mean of |truth − prediction| / max(|truth|, ε) with
/// ε = 2.2e-16 (scikit-learn's, `f64::EPSILON`).
///
/// A truth of 0 makes it huge: for counts with zeros use [`wape`]. It punishes predictions that are too high more than those
/// that are too low, since the latter cannot err by more than 1.
///
/// ```
/// use adflux_evaluation::metrics::mape;
/// use ndarray::array;
/// assert_eq!(mape(array![100.0, 50.0].view(), array![110.0, 40.0].view(), None)?, 0.15000000000000002);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`](super::mae).
#[doc(alias = "mean_absolute_percentage_error")]
pub fn mape(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    mean_loss(truth, predicted, weights, |y, p| (y - p).abs() / y.abs().max(f64::EPSILON))
}

/// The symmetric mean absolute percentage error: the mean of 2 · |truth − prediction| / (|truth| + |prediction|), from 0 to 2
/// (Makridakis 1993). The competitions M3 and M4 show it in percent: 100 times this.
///
/// 0 for a row where both are 0. A truth of 0 gives 2 for every other prediction.
///
/// ```
/// use adflux_evaluation::metrics::smape;
/// use ndarray::array;
/// assert_eq!(smape(array![1.0, 0.0, 0.0].view(), array![3.0, 0.0, 5.0].view(), None)?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`](super::mae).
pub fn smape(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    mean_loss(truth, predicted, weights, |y, p| if y == p { 0.0 } else { 2.0 * (y - p).abs() / (y.abs() + p.abs()) })
}

/// The weighted absolute percentage error: the sum of the absolute errors over the sum of the absolute truths, as a share.
/// MAPE in which every row counts by its size, so that zeros do no harm: the measure for clicks and costs of many campaigns.
/// Also called MAD/mean ratio (Kolassa and Schütz 2007).
///
/// ```
/// use adflux_evaluation::metrics::wape;
/// use ndarray::array;
/// assert_eq!(wape(array![90.0, 10.0, 0.0].view(), array![80.0, 10.0, 2.0].view(), None)?, 0.12);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`](super::mae), and when all truths (of weight above 0) are 0.
pub fn wape(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    let ([error, size], _) = weights.sums(truth.len(), |row| [(truth[row] - predicted[row]).abs(), truth[row].abs()]);
    if size == 0.0 {
        return Err(Error::column("truth", "all are 0: there is nothing that an error could be a share of; use mae"));
    }
    Ok(error / size)
}
