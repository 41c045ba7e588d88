//! Measures of forecasts on plain arrays: errors beside those of a naive forecast, intervals, and whole distributions.
//!
//! `history` is what was known before the forecast, in order of time; `season` is the number of steps after which it repeats
//! (7 for days in weeks, 1 for none).

use super::{
    intervals::{interval_score, pinball_loss},
    regression::{mae, mse},
};
use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result, parameter::at_least_one};
use ndarray::{ArrayView1, ArrayView2};

/// The mean absolute scaled error (Hyndman and Koehler 2006): the mean absolute error over that of the seasonal naive forecast
/// within the history. Below 1 is better than saying what was `season` steps before; without a unit, so that series can be averaged.
///
/// ```
/// use adflux_evaluation::metrics::mase;
/// use ndarray::array;
/// let history = array![10.0, 12.0, 11.0, 13.0];
/// let value = mase(array![14.0, 15.0].view(), array![14.0, 13.0].view(), history.view(), 1, None)?;
/// assert_eq!(value, 1.0 / (5.0 / 3.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`mae`]; when the season is 0, the history is not longer than a season, or it repeats exactly, so that there is no
/// error to scale by.
pub fn mase(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    history: ArrayView1<f64>,
    season: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    Ok(mae(truth, predicted, weights)? / naive_error(history, season, f64::abs)?)
}

/// The root mean squared scaled error (M5 competition; Makridakis, Spiliotis and Assimakopoulos 2022): the root of the mean squared
/// error over that of the seasonal naive forecast within the history. As [`mase`], but large errors count more.
///
/// # Errors
/// As [`mase`].
pub fn rmsse(
    truth: ArrayView1<f64>,
    predicted: ArrayView1<f64>,
    history: ArrayView1<f64>,
    season: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    Ok((mse(truth, predicted, weights)? / naive_error(history, season, |e| e * e)?).sqrt())
}

/// The mean scaled interval score (M4 competition; Gneiting and Raftery 2007): the [`interval_score`] over the mean absolute error
/// of the seasonal naive forecast within the history.
///
/// # Errors
/// As [`interval_score`] and [`mase`].
pub fn msis(
    truth: ArrayView1<f64>,
    lower: ArrayView1<f64>,
    upper: ArrayView1<f64>,
    level: f64,
    history: ArrayView1<f64>,
    season: usize,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    Ok(interval_score(truth, lower, upper, level, weights)? / naive_error(history, season, f64::abs)?)
}

/// sMAPE and MASE of one method over many series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastErrors {
    /// The mean of [`smape`](super::smape) over the series.
    pub smape: f64,
    /// The mean of [`mase`] over the series.
    pub mase: f64,
}

/// The overall weighted average of the M4 competition (Makridakis, Spiliotis and Assimakopoulos 2020): the mean of the ratios of
/// sMAPE and of MASE to those of a reference, the Naive 2 forecast in M4. Below 1 is better than the reference.
///
/// Average both over the series first: this is a ratio of means, not a mean of ratios.
///
/// ```
/// use adflux_evaluation::metrics::{ForecastErrors, owa};
/// let (theta, naive) = (ForecastErrors { smape: 0.09, mase: 1.8 }, ForecastErrors { smape: 0.1, mase: 2.0 });
/// assert!((owa(theta, naive)? - 0.9).abs() < 1e-12);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When an error of the method is not a finite number, 0 or more, or one of the reference is not above 0.
pub fn owa(method: ForecastErrors, reference: ForecastErrors) -> Result<f64> {
    for (name, value) in [("smape", method.smape), ("mase", method.mase)] {
        adflux_core::parameter::non_negative(name, value)?;
    }
    for (name, value) in [("smape", reference.smape), ("mase", reference.mase)] {
        adflux_core::parameter::positive(name, value)?;
    }
    Ok((method.smape / reference.smape + method.mase / reference.mase) / 2.0)
}

/// The continuous ranked probability score of forecasts given as quantiles, approximated as twice the mean pinball loss over the
/// levels: in the unit of the truth, the absolute error for a single number (Gneiting and Raftery 2007; Laio and Tamea 2007).
///
/// `quantiles` is rows × levels. The levels should be spread evenly, such as 0.1, 0.2, … 0.9: the more there are, the nearer to
/// the integral.
///
/// ```
/// use adflux_evaluation::metrics::crps_from_quantiles;
/// use ndarray::array;
/// let score = crps_from_quantiles(array![3.0].view(), array![[1.0, 2.0, 4.0]].view(), &[0.25, 0.5, 0.75], None)?;
/// assert_eq!(score, 2.0 * (0.25 * 2.0 + 0.5 * 1.0 + 0.25 * 1.0) / 3.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows or levels, lengths differ, a number is not finite, a level is not between 0 and 1, or the levels do
/// not rise.
pub fn crps_from_quantiles(
    truth: ArrayView1<f64>,
    quantiles: ArrayView2<f64>,
    levels: &[f64],
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    rows_of(truth, "quantiles", quantiles)?;
    same_length(quantiles.ncols(), "levels", levels.len())?;
    for level in levels {
        adflux_core::parameter::open_unit("levels", *level)?;
    }
    adflux_core::parameter::ensure(levels.is_sorted_by(|a, b| a < b), "levels", levels, "must rise")?;
    let loss = |row: usize| {
        let of_levels = levels.iter().zip(quantiles.row(row)).map(|(level, q)| pinball_loss(*level, truth[row], *q));
        2.0 * of_levels.sum::<f64>() / levels.len() as f64
    };
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), loss))
}

/// The continuous ranked probability score of forecasts given as samples: E|X − y| − E|X − X′| / 2 over the distribution of the
/// samples (Gneiting and Raftery 2007, equation 21), in the unit of the truth.
///
/// `samples` is rows × samples; their order does not matter. Exact for the samples as a distribution, O(rows · samples ·
/// log samples).
///
/// ```
/// use adflux_evaluation::metrics::crps_from_samples;
/// use ndarray::array;
/// assert_eq!(crps_from_samples(array![1.0].view(), array![[0.0, 2.0]].view(), None)?, 0.5);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows or samples, lengths differ, a number is not finite, or the weights cannot be.
pub fn crps_from_samples(
    truth: ArrayView1<f64>,
    samples: ArrayView2<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    rows_of(truth, "samples", samples)?;
    let count = samples.ncols() as f64;
    let score = |row: usize| {
        let mut sorted = samples.row(row).to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let distance: f64 = sorted.iter().map(|x| (x - truth[row]).abs()).sum();
        // Σᵢⱼ |xᵢ − xⱼ| of sorted numbers: each counts as often as there are numbers below it, less those above.
        let spread: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - count) * x).sum();
        distance / count - spread / (count * count)
    };
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), score))
}

/// The mean of a loss of the seasonal naive forecast within the history.
fn naive_error(history: ArrayView1<f64>, season: usize, loss: impl Fn(f64) -> f64) -> Result<f64> {
    at_least_one("season", season)?;
    finite("history", history)?;
    let errors = history.len().saturating_sub(season);
    if errors == 0 {
        let reason = format!("{} steps, where more than a season of {season} are needed", history.len());
        return Err(Error::column("history", reason));
    }
    let mean =
        history.iter().skip(season).zip(history).map(|(now, then)| loss(now - then)).sum::<f64>() / errors as f64;
    if mean == 0.0 {
        return Err(Error::column("history", "repeats itself exactly: there is no naive error to scale by; use mae"));
    }
    Ok(mean)
}

fn rows_of(truth: ArrayView1<f64>, name: &str, values: ArrayView2<f64>) -> Result<()> {
    same_length(truth.len(), name, values.nrows())?;
    finite("truth", truth)?;
    if values.ncols() == 0 {
        return Err(Error::data(format!("{name} without columns")));
    }
    match values.indexed_iter().find(|(_, v)| !v.is_finite()) {
        Some(((row, _), _)) => Err(Error::cell(name, row, "missing or infinite")),
        None => Ok(()),
    }
}
