//! Measures of predicted numbers, in the unit of the truth, and the share of its variance.

use crate::{
    checks::{Weights, finite, same_length},
    quantiles,
};
use adflux_core::{Error, Result};
use ndarray::ArrayView1;

/// The mean absolute error, in the unit of the truth.
///
/// ```
/// use adflux_evaluation::metrics::mae;
/// use ndarray::array;
/// let weights = array![3.0, 1.0];
/// assert_eq!(mae(array![1.0, 2.0].view(), array![2.0, 7.0].view(), Some(weights.view()))?, 2.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, lengths differ, a number is not finite, or the weights cannot be.
#[doc(alias = "mean_absolute_error")]
pub fn mae(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    mean_loss(truth, predicted, weights, |y, p| (y - p).abs())
}

/// The mean squared error, in the unit of the truth squared.
///
/// # Errors
/// As [`mae`].
#[doc(alias = "mean_squared_error")]
pub fn mse(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    mean_loss(truth, predicted, weights, |y, p| (y - p).powi(2))
}

/// The root of the mean squared error, in the unit of the truth.
///
/// # Errors
/// As [`mae`].
#[doc(alias = "root_mean_squared_error")]
pub fn rmse(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    Ok(mse(truth, predicted, weights)?.sqrt())
}

/// The median absolute error, in the unit of the truth: what half of the rows do not exceed, whatever the others do.
///
/// Without weights the mean of the two middle errors where the number of rows is even; with weights the smallest error at which
/// half of the weight is reached. Both are scikit-learn's, so that weights of 1 may give another number than none.
/// O(rows), with weights O(rows · log rows).
///
/// ```
/// use adflux_evaluation::metrics::median_absolute_error;
/// use ndarray::array;
/// let (truth, predicted) = (array![3.0, -0.5, 2.0, 7.0], array![2.5, 0.0, 2.0, 8.0]);
/// assert_eq!(median_absolute_error(truth.view(), predicted.view(), None)?, 0.5);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`].
pub fn median_absolute_error(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    let errors = truth.iter().zip(predicted).map(|(y, p)| (y - p).abs()).collect();
    Ok(quantiles::of_rows(errors, weights, 0.5))
}

/// The largest absolute error, in the unit of the truth, among the rows of weight above 0.
///
/// # Errors
/// As [`mae`].
pub fn max_error(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    let errors = truth.iter().zip(predicted).enumerate().filter(|(row, _)| weights.get(*row) > 0.0);
    Ok(errors.map(|(_, (y, p))| (y - p).abs()).fold(0.0, f64::max))
}

/// The coefficient of determination: the share of the truth's variance that is predicted. 1 is perfect, 0 is no better than
/// the mean, and there is no lower limit.
///
/// Where the truth is constant it is 1 for perfect predictions and 0 for all others, as in scikit-learn.
///
/// # Errors
/// As [`mae`], and for fewer than two rows (of weight above 0), which have no variance.
#[doc(alias = "r2_score")]
pub fn r2(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    two_rows("r2", truth.len(), weights)?;
    let of_row = |row: usize| [(truth[row] - predicted[row]).powi(2), truth[row]];
    let ([residual, sum], total) = weights.sums(truth.len(), of_row);
    // 0 to the bit of a constant, whose mean may have been rounded.
    let whole = match weights.constant(truth.len(), |row| truth[row]) {
        true => 0.0,
        false => {
            let mean = sum / total;
            weights.mean_of(truth.len(), |row| (truth[row] - mean).powi(2))
        }
    };
    Ok(explained(residual / total, whole))
}

/// The share of the truth's variance that is predicted when a constant error is forgiven: 1 − the variance of the errors over
/// that of the truth. Equal to [`r2`] when the errors have mean 0, and larger otherwise.
///
/// ```
/// use adflux_evaluation::metrics::explained_variance;
/// use ndarray::array;
/// let (truth, one_too_many) = (array![1.0, 2.0, 4.0], array![2.0, 3.0, 5.0]);
/// assert_eq!(explained_variance(truth.view(), one_too_many.view(), None)?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`r2`].
#[doc(alias = "explained_variance_score")]
pub fn explained_variance(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    two_rows("explained_variance", truth.len(), weights)?;
    let residual = variance(weights, truth.len(), |row| truth[row] - predicted[row]);
    Ok(explained(residual, variance(weights, truth.len(), |row| truth[row])))
}

/// 1 − `residual` / `whole`; of nothing to explain, all when nothing is left and none otherwise (scikit-learn's
/// `force_finite`).
pub(super) fn explained(residual: f64, whole: f64) -> f64 {
    match (residual == 0.0, whole == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - residual / whole,
    }
}

pub(super) fn two_rows(measure: &str, rows: usize, weights: Weights) -> Result<()> {
    match weights.counted(rows) {
        0 | 1 => Err(Error::data(format!("{measure} needs at least two rows"))),
        _ => Ok(()),
    }
}

/// 0 to the bit of a constant, whose mean may have been rounded.
fn variance(weights: Weights, rows: usize, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    if weights.constant(rows, &value) {
        return 0.0;
    }
    let mean = weights.mean_of(rows, &value);
    weights.mean_of(rows, |row| (value(row) - mean).powi(2))
}

/// As many finite predictions as truths, and weights that can be.
pub(super) fn check<'a>(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<'a, f64>>,
) -> Result<Weights<'a>> {
    same_length(truth.len(), "predictions", predicted.len())?;
    finite("truth", truth)?;
    finite("prediction", predicted)?;
    Weights::new(truth.len(), weights)
}

pub(super) fn mean_loss(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
    loss: impl Fn(f64, f64) -> f64 + Sync,
) -> Result<f64> {
    let weights = check(truth, predicted, weights)?;
    Ok(weights.mean_of(truth.len(), |row| loss(truth[row], predicted[row])))
}
