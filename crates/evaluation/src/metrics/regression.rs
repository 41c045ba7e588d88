//! Measures of predicted numbers.

use crate::checks::{Weights, finite, same_length};
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

/// The coefficient of determination: the share of the truth's variance that is predicted. 1 is perfect, 0 is no better than
/// the mean, and there is no lower limit.
///
/// Where the truth is constant it is 1 for perfect predictions and 0 for all others, as in scikit-learn.
///
/// # Errors
/// As [`mae`], and for fewer than two rows (of weight above 0), which have no variance.
#[doc(alias = "r2_score")]
pub fn r2(truth: ArrayView1<f64>, predicted: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let residual = mse(truth, predicted, weights)?;
    let weights = Weights::new(truth.len(), weights)?;
    if (0..truth.len()).filter(|&row| weights.get(row) > 0.0).count() < 2 {
        return Err(Error::data("r2 needs at least two rows"));
    }
    let mean = weights.mean(truth.iter().copied());
    let variance = weights.mean(truth.iter().map(|y| (y - mean).powi(2)));
    Ok(match (residual == 0.0, variance == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - residual / variance,
    })
}

fn mean_loss(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
    loss: impl Fn(f64, f64) -> f64,
) -> Result<f64> {
    same_length(truth.len(), "predictions", predicted.len())?;
    finite("truth", truth)?;
    finite("prediction", predicted)?;
    let weights = Weights::new(truth.len(), weights)?;
    Ok(weights.mean(truth.iter().zip(predicted).map(|(&y, &p)| loss(y, p))))
}
