//! Measures of predicted intervals and quantiles.

use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result, parameter::open_unit};
use ndarray::ArrayView1;

/// The share of the truth that lies in its interval, ends included: to be compared with the level that was promised.
///
/// ```
/// use adflux_evaluation::metrics::coverage;
/// use ndarray::array;
/// let (lower, upper) = (array![0.0, 0.0], array![1.0, 1.0]);
/// assert_eq!(coverage(array![0.5, 3.0].view(), lower.view(), upper.view(), None)?, 0.5);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, lengths differ, a truth is not finite, an end is NaN, a lower end is above its upper end, or the
/// weights cannot be.
pub fn coverage(
    truth: ArrayView1<f64>,
    lower: ArrayView1<f64>,
    upper: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    check(truth, lower, upper)?;
    let inside = |row: usize| f64::from(u8::from(lower[row] <= truth[row] && truth[row] <= upper[row]));
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), inside))
}

/// The mean width of the intervals, in the unit of the truth; infinite when an interval is.
///
/// # Errors
/// As [`coverage`].
pub fn mean_width(lower: ArrayView1<f64>, upper: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    ends(lower.len(), lower, upper)?;
    Ok(Weights::new(lower.len(), weights)?.mean_of(lower.len(), |row| upper[row] - lower[row]))
}

/// The interval score (Winkler 1972; Gneiting and Raftery 2007, section 6.2), in the unit of the truth; smaller is better.
///
/// The width, and for a truth outside also 2 / (1 − `level`) times the distance by which it was missed: narrow intervals are
/// rewarded, and missing is punished as much as `level` promises. Best in expectation for the true central interval.
///
/// # Errors
/// As [`coverage`], and when `level` is not between 0 and 1.
#[doc(alias = "winkler_score")]
pub fn interval_score(
    truth: ArrayView1<f64>,
    lower: ArrayView1<f64>,
    upper: ArrayView1<f64>,
    level: f64,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    open_unit("level", level)?;
    check(truth, lower, upper)?;
    let score = |row: usize| {
        let missed = (lower[row] - truth[row]).max(truth[row] - upper[row]).max(0.0);
        upper[row] - lower[row] + 2.0 / (1.0 - level) * missed
    };
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), score))
}

/// The mean pinball loss of a predicted quantile (0 to 1, both excluded), in the unit of the truth; smaller is better. Half of
/// the mean absolute error for the median.
///
/// # Errors
/// When there are no rows, lengths differ, a number is not finite, `quantile` is out of range, or the weights cannot be.
#[doc(alias = "mean_pinball_loss")]
pub fn pinball(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    quantile: f64,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    open_unit("quantile", quantile)?;
    same_length(truth.len(), "predictions", predicted.len())?;
    finite("truth", truth)?;
    finite("prediction", predicted)?;
    let loss = |row: usize| pinball_loss(quantile, truth[row], predicted[row]);
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), loss))
}

/// The loss of one predicted quantile.
pub(super) fn pinball_loss(quantile: f64, truth: f64, predicted: f64) -> f64 {
    if truth >= predicted { quantile * (truth - predicted) } else { (1.0 - quantile) * (predicted - truth) }
}

fn check(truth: ArrayView1<f64>, lower: ArrayView1<f64>, upper: ArrayView1<f64>) -> Result<()> {
    ends(truth.len(), lower, upper)?;
    finite("truth", truth)
}

/// Conformal intervals may be infinitely wide; they are never NaN and never inside out.
fn ends(rows: usize, lower: ArrayView1<f64>, upper: ArrayView1<f64>) -> Result<()> {
    same_length(rows, "lower ends", lower.len())?;
    same_length(rows, "upper ends", upper.len())?;
    let possible = |l: f64, u: f64| l <= u && l < f64::INFINITY && u > f64::NEG_INFINITY;
    match lower.iter().zip(upper).position(|(&l, &u)| !possible(l, u)) {
        Some(row) => Err(Error::cell("interval", row, format!("from {} to {}", lower[row], upper[row]))),
        None => Ok(()),
    }
}
