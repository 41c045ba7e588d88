//! Intervals around any measure: what it would have been for other rows of the same kind.
//!
//! Rows (or groups) are drawn with replacement, as many as there are, and measured again, many times over (Efron 1979; Efron and
//! Tibshirani 1993, *An Introduction to the Bootstrap*). The interval speaks of the choice of these rows to judge by, not of what
//! another training sample would have given. A draw is a row's weight times how often it was drawn, so that every measure that
//! takes weights can be resampled, and no row is copied.
//!
//! ```
//! use adflux_core::Context;
//! use adflux_evaluation::{bootstrap::{BootstrapOptions, bootstrap}, metrics::roc_auc};
//! use ndarray::Array1;
//!
//! let truth: Vec<bool> = (0..200).map(|row| row % 3 == 0).collect();
//! let score = Array1::from_shape_fn(200, |row| (row * 7 % 10) as f64 + if truth[row] { 2.0 } else { 0.0 });
//! let area = |weights: ndarray::ArrayView1<f64>| roc_auc(&truth, score.view(), Some(weights));
//! let found = bootstrap(200, None, area, &BootstrapOptions::default(), &Context::default())?;
//! assert!(0.5 < found.lower && found.lower < found.value && found.value < found.upper && found.upper < 0.9);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod ends;
mod scored;
mod units;

pub(crate) use ends::percentile;
pub use scored::{ScoreInterval, score_intervals, score_intervals_of};
pub(crate) use {scored::Sorted, units::Units};

use crate::Estimate;
use adflux_core::{
    Context, Error, Result,
    parameter::{at_least_one, open_unit},
};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// Parts that are left out one after the other for the acceleration of [`BootstrapMethod::Bca`]: enough for a third moment, and
/// a bound of the time.
const JACKKNIFE_PARTS: usize = 200;

/// How draws become an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootstrapMethod {
    /// From the (1 − level) / 2 to the (1 + level) / 2 quantile of the draws (Efron and Tibshirani 1993, chapter 13).
    #[default]
    Percentile,
    /// Bias-corrected and accelerated (Efron 1987): the quantiles are moved where the draws lie to one side of the value or are
    /// skewed. Nearer to the promised level for few rows; 200 measurements more at most.
    Bca,
}

/// How rows are drawn and intervals made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BootstrapOptions<'a> {
    /// How often the rows are drawn again. Default 1000.
    pub resamples: usize,
    /// The level of the interval, between 0 and 1. Default 0.95.
    pub level: f64,
    /// The seed of the draws. Default 42.
    pub seed: u64,
    /// A group for each row: groups are then drawn as wholes (cluster bootstrap), for rows that are not independent, such as
    /// the days of a campaign or the items of a query. Default: every row by itself.
    pub groups: Option<&'a [u32]>,
    /// Default percentile.
    pub method: BootstrapMethod,
}

impl Default for BootstrapOptions<'_> {
    fn default() -> Self {
        BootstrapOptions { resamples: 1000, level: 0.95, seed: 42, groups: None, method: BootstrapMethod::Percentile }
    }
}

impl BootstrapOptions<'_> {
    fn check(&self) -> Result<()> {
        at_least_one("resamples", self.resamples)?;
        open_unit("level", self.level)
    }
}

/// Any measure with its interval: `measure` is given a weight for each of `rows` rows, which is that of `weights` (1 without)
/// times how often the row was drawn.
///
/// Draws for which the measure gives an error (no row of a class was drawn) or no finite number are left out; where it never
/// gives one, the ends are NaN. The same bits whatever the number of threads. Costs `resamples` measurements.
///
/// # Errors
/// Those of the measure for the rows as they are; when `resamples` is 0, `level` is not between 0 and 1, the weights or the
/// groups are not one a row, or the work is cancelled.
pub fn bootstrap(
    rows: usize,
    weights: Option<ArrayView1<f64>>,
    measure: impl Fn(ArrayView1<f64>) -> Result<f64> + Sync,
    options: &BootstrapOptions,
    context: &Context,
) -> Result<Estimate> {
    options.check()?;
    let units = Units::new(rows, options.groups)?;
    let weights = match weights {
        None => Array1::ones(rows),
        Some(weights) => {
            crate::checks::Weights::new(rows, Some(weights))?;
            weights.to_owned()
        }
    };
    let value = context.run(|| measure(weights.view()))?;
    let of_draw = |counts: &[f64]| {
        let drawn = &weights * &ArrayView1::from(counts);
        match measure(drawn.view()) {
            Ok(value) => Ok(vec![value]),
            Err(Error::Cancelled) => Err(Error::Cancelled),
            // Not defined for what was drawn.
            Err(_) => Ok(vec![f64::NAN]),
        }
    };
    let ends = intervals(&units, &[value], options, context, of_draw)?;
    let [lower, upper] = ends.first().copied().unwrap_or([f64::NAN; 2]);
    Ok(Estimate { value, lower, upper })
}

/// The interval of each of some measures, whose `values` are those of the rows as they are.
fn intervals(
    units: &Units,
    values: &[f64],
    options: &BootstrapOptions,
    context: &Context,
    measures: impl Fn(&[f64]) -> Result<Vec<f64>> + Sync,
) -> Result<Vec<[f64; 2]>> {
    let draws = units.resample(options.resamples, options.seed, context, &measures)?;
    let left_out = match options.method {
        BootstrapMethod::Percentile => Vec::new(),
        BootstrapMethod::Bca => units.leave_out(JACKKNIFE_PARTS, options.seed, context, &measures)?,
    };
    let of_measure = |(place, value): (usize, &f64)| {
        let draws = known(&draws, place);
        if draws.is_empty() || !value.is_finite() {
            return [f64::NAN; 2];
        }
        match options.method {
            BootstrapMethod::Percentile => percentile(&draws, options.level),
            BootstrapMethod::Bca => ends::bias_corrected(&draws, *value, &known(&left_out, place), options.level),
        }
    };
    Ok(values.iter().enumerate().map(of_measure).collect())
}

/// One measure of all draws where it is a number.
pub(crate) fn known(draws: &[Vec<f64>], place: usize) -> Vec<f64> {
    draws.iter().filter_map(|draw| draw.get(place)).copied().filter(|value| value.is_finite()).collect()
}
