//! Scores of numbers, and the intervals that belong to them.

use crate::checks::{finite, same_length};
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1};

/// The scores of split conformal prediction: |truth − predicted|, divided by `scale` where there is one.
///
/// The scale is how large an error is to be expected in the row (a second model of the errors, the spread of an ensemble, the
/// root of the impressions): intervals are then wider where more is to be expected (normalised conformal prediction). It may be
/// anything above 0 that does not look at the truth of the row; the promise holds with a bad one too, the widths are just not helped.
///
/// Lei et al. (2018); Papadopoulos, Gammerman & Vovk (2008), *Normalized nonconformity measures*.
///
/// # Errors
/// When there are no rows, lengths differ, a number is not finite, or a scale is not above 0.
pub fn residual_scores(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    scale: Option<ArrayView1<f64>>,
) -> Result<Vec<f64>> {
    same_length(truth.len(), "predictions", predicted.len())?;
    finite("truth", truth)?;
    finite("prediction", predicted)?;
    check_scale(truth.len(), scale)?;
    let of = |row: usize| (truth[row] - predicted[row]).abs() / scale.map_or(1.0, |s| s[row]);
    Ok((0..truth.len()).map(of).collect())
}

/// The interval of each row: `predicted` ± `quantile`, times `scale` where the scores were divided by one. Lower and upper ends.
///
/// # Errors
/// When lengths differ, a prediction is not finite, or a scale is not above 0.
pub fn residual_interval(
    predicted: ArrayView1<f64>,
    quantile: f64,
    scale: Option<ArrayView1<f64>>,
) -> Result<(Array1<f64>, Array1<f64>)> {
    finite("prediction", predicted)?;
    check_scale(predicted.len(), scale)?;
    let half = scale.map_or_else(|| Array1::from_elem(predicted.len(), quantile), |s| s.mapv(|s| s * quantile));
    Ok((&predicted - &half, &predicted + &half))
}

/// The scores of conformalised quantile regression: how far the truth lies outside of the predicted interval, in the unit of the
/// truth; negative inside, by the distance to the nearer end.
///
/// The ends are predicted quantiles, such as the 5 % and the 95 %; they need not be right. Ends that cross are taken as they are.
///
/// Romano, Patterson & Candès (2019), *Conformalized quantile regression*.
///
/// # Errors
/// When there are no rows, lengths differ, or a number is not finite.
pub fn quantile_scores(truth: ArrayView1<f64>, lower: ArrayView1<f64>, upper: ArrayView1<f64>) -> Result<Vec<f64>> {
    same_length(truth.len(), "lower ends", lower.len())?;
    same_length(truth.len(), "upper ends", upper.len())?;
    finite("truth", truth)?;
    finite("lower", lower)?;
    finite("upper", upper)?;
    Ok((0..truth.len()).map(|row| (lower[row] - truth[row]).max(truth[row] - upper[row])).collect())
}

/// The predicted interval of each row moved outwards by `quantile`, or inwards where it is negative: the model's intervals were
/// wider than the promise needs. Ends that would pass each other meet half way, and the interval is a point. Lower and upper ends.
///
/// ```
/// use adflux_evaluation::conformal::quantile_interval;
/// use ndarray::array;
/// let (lower, upper) = quantile_interval(array![0.0, 0.0].view(), array![10.0, 2.0].view(), -2.0)?;
/// assert_eq!((lower, upper), (array![2.0, 1.0], array![8.0, 1.0]));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When lengths differ, or a number is not finite.
pub fn quantile_interval(
    lower: ArrayView1<f64>,
    upper: ArrayView1<f64>,
    quantile: f64,
) -> Result<(Array1<f64>, Array1<f64>)> {
    if lower.len() != upper.len() {
        return Err(Error::data(format!("{} upper ends beside {} lower ones", upper.len(), lower.len())));
    }
    finite("lower", lower)?;
    finite("upper", upper)?;
    let (lower, upper): (Vec<f64>, Vec<f64>) = lower.iter().zip(upper).map(|(l, u)| widened(*l, *u, quantile)).unzip();
    Ok((lower.into(), upper.into()))
}

/// [`quantile_interval`] of one row.
pub fn widened(lower: f64, upper: f64, quantile: f64) -> (f64, f64) {
    let (lower, upper) = (lower - quantile, upper + quantile);
    // A row whose interval would be empty is covered by no interval: a point covers it no less.
    let middle = lower / 2.0 + upper / 2.0;
    if lower > upper { (middle, middle) } else { (lower, upper) }
}

fn check_scale(rows: usize, scale: Option<ArrayView1<f64>>) -> Result<()> {
    let Some(scale) = scale else { return Ok(()) };
    if scale.len() != rows {
        return Err(Error::data(format!("{} scales beside {rows} rows", scale.len())));
    }
    match scale.iter().position(|s| !(*s > 0.0 && s.is_finite())) {
        Some(row) => Err(Error::cell("scale", row, format!("{}: must be a finite number above 0", scale[row]))),
        None => Ok(()),
    }
}
