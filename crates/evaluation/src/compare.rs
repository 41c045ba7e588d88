//! Whether one of two predictions of the same rows is better by more than chance.
//!
//! ```
//! use adflux_core::{Context, Prediction, Target};
//! use adflux_evaluation::compare::{CompareOptions, compare};
//! use ndarray::Array1;
//!
//! let truth = Array1::from_shape_fn(50, |row| (row % 7) as f64);
//! let (near, far) = (&truth + 0.1, truth.mapv(|y| y + if y > 3.0 { 2.0 } else { -1.0 }));
//! let (far, near, options) = (Prediction::Values(far), Prediction::Values(near), CompareOptions::default());
//! let all = compare(&Target::Values(truth), &far, &near, None, &options, &Context::default())?;
//! let mae = all.iter().find(|c| c.measure == "mae").unwrap();
//! assert!(mae.difference < 0.0 && mae.upper < 0.0, "the second errs less, and not by chance");
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::{
    bootstrap::{Sorted, Units, known, percentile},
    scores::score,
};
use adflux_core::{
    Context, Error, Prediction, Result, Rows as _, Target,
    parameter::{at_least_one, open_unit},
};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// How two predictions are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareOptions<'a> {
    /// How often the rows are drawn again. Default 1000.
    pub resamples: usize,
    /// The level of the intervals, between 0 and 1. Default 0.95.
    pub level: f64,
    /// The seed of the draws. Default 42.
    pub seed: u64,
    /// A group for each row: groups are then drawn as wholes (cluster bootstrap), for rows that are not independent, such as
    /// the days of a campaign. Default: every row by itself.
    pub groups: Option<&'a [u32]>,
}

impl Default for CompareOptions<'_> {
    fn default() -> Self {
        CompareOptions { resamples: 1000, level: 0.95, seed: 42, groups: None }
    }
}

/// One measure of two predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The measure, as in [`Scores`](crate::Scores).
    pub measure: String,
    /// Of the first prediction.
    pub a: f64,
    /// Of the second.
    pub b: f64,
    /// `b` − `a`.
    pub difference: f64,
    /// The lower end of the interval of the difference.
    pub lower: f64,
    /// The upper end. Where 0 lies outside, the difference is more than the chance of which rows were at hand.
    pub upper: f64,
}

/// Every measure that both predictions have, its difference, and the interval of the difference by a paired bootstrap.
///
/// Rows (or groups) are drawn with replacement, as many as there are, the same for both predictions; the interval goes from the
/// (1 − level) / 2 to the (1 + level) / 2 quantile of the differences (percentile interval; Efron and Tibshirani 1993, *An
/// Introduction to the Bootstrap*, chapter 13). Draws in which a measure is not defined are left out of its interval; where it
/// never is, or not for these rows, the ends are NaN. The interval speaks of the choice of these rows to judge by, not of what
/// another training sample would have given.
///
/// The same bits whatever the number of threads. Each draw costs as much as scoring both, without the sorting:
/// O(resamples · rows · labels) after O(rows · log rows).
///
/// # Errors
/// As [`score`]; when the predictions have no measure in common, `resamples` is 0, `level` is not between 0 and 1, or the
/// groups are not one a row; when the work is cancelled.
pub fn compare(
    truth: &Target,
    a: &Prediction,
    b: &Prediction,
    weights: Option<ArrayView1<f64>>,
    options: &CompareOptions,
    context: &Context,
) -> Result<Vec<Comparison>> {
    at_least_one("resamples", options.resamples)?;
    open_unit("level", options.level)?;
    let rows = truth.len();
    let (of_a, of_b) = (score(truth, a, weights)?, score(truth, b, weights)?);
    let measures: Vec<&str> = of_a.iter().map(|(name, _)| name).filter(|name| of_b.get(name).is_some()).collect();
    if measures.is_empty() {
        return Err(Error::data("the two predictions have no measure in common: compare predictions of one kind"));
    }

    let units = Units::new(rows, options.groups)?;
    let (a, b) = (Sorted::new(truth, a, weights), Sorted::new(truth, b, weights));
    let differences = |counts: &[f64]| {
        let (a, b) = (a.score(counts)?, b.score(counts)?);
        Ok(measures.iter().map(|m| b.get(m).unwrap_or(f64::NAN) - a.get(m).unwrap_or(f64::NAN)).collect())
    };
    let draws = units.resample(options.resamples, options.seed, context, differences)?;

    let of_measure = |(place, name): (usize, &&str)| {
        let (a, b) = (of_a.get(name).unwrap_or(f64::NAN), of_b.get(name).unwrap_or(f64::NAN));
        let defined = (b - a).is_finite();
        let [lower, upper] = if defined { percentile(&known(&draws, place), options.level) } else { [f64::NAN; 2] };
        Comparison { measure: name.to_string(), a, b, difference: b - a, lower, upper }
    };
    Ok(measures.iter().enumerate().map(of_measure).collect())
}
