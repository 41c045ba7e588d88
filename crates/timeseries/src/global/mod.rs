//! One gradient boosting model for all series of a panel.

mod calibration;
mod columns;
mod fit;
mod fitted;
mod history;

pub use fitted::FittedGlobalBoosting;

use crate::Calendar;
use adflux_core::{
    Result,
    parameter::{at_least_one, between_one_and, ensure},
};
use adflux_regression::GradientBoostingRegressor;
use serde::{Deserialize, Serialize};

/// The farthest that lags, windows and differences look back.
const FARTHEST: usize = 100_000;
/// Differences of differences of differences: more only add noise.
const MOST_DIFFERENCES: usize = 3;

/// One gradient boosting model over all series: what is next from what stood some steps before, means and deviations of the last steps,
/// the calendar, covariates known ahead. New or short series are forecast from what others taught.
///
/// A value is forecast as the one before it and a difference. Differences are put into a scale of their series (less their mean, by their
/// standard deviation), so that series of any size share a model; the forecast of a scaled series is the scaled forecast.
/// Several steps are forecast one after the other, each from those forecast before it (recursively); on M4's weekly series models
/// of their own for each step ahead err more and take 20 times as long. Montero-Manso and Hyndman, "Principles and algorithms for
/// forecasting groups of time series" (2021); the mechanics are those of the Python package `mlforecast` with LightGBM.
///
/// **Intervals** are conformal: a model that did not see the last `calibration_windows` times `horizon` steps of each series forecasts
/// them; of the absolute errors of each step ahead, in the scale of their series, a quantile is the half-width of its interval.
/// Levels hold over all series together, not for each. Beyond `horizon` widths grow with the root of the step. Paths
/// are forecasts with such errors of whole windows added, their signs drawn.
///
/// Gaps are interpolated, and what was filled in is not learned from. A series needs two differences and is skipped if it
/// has not; one that is too short for a lag has it missing, which trees take. [`updated`](adflux_core::Forecaster::updated) goes on
/// without a fit; the scales of series stay. Covariates may be missing in the past, not in the future.
///
/// Two fits of a [`GradientBoostingRegressor`] on all steps; memory 8 bytes for each step and column, at most `max_rows` steps.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::GlobalBoosting;
/// let clicks = |size: f64| (0..90).map(move |day| size * (20.0 + [0.0, 1.0, 3.0, 2.0, 1.0, -6.0, -8.0][day % 7])).collect();
/// let panel = Panel::from_values([("meta", clicks(1.0)), ("google", clicks(35.0))])?;
/// let forecast = GlobalBoosting::new(7).horizon(7).fit(panel)?.forecast(7, &[0.8], None)?;
/// assert!((forecast.get("google")?.mean[0] - 35.0 * 12.0).abs() < 35.0, "day 90 ends a week");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GlobalBoosting {
    /// Steps after which series usually repeat: what `lags` and `windows` come from. Default 1: no season.
    pub season_length: usize,
    /// The steps before whose differences are seen. Default (empty): 1 to 13 and, with a season, its half, the step before it, itself, the
    /// step after it and its double.
    pub lags: Vec<usize>,
    /// Over how many of the last steps means and deviations are taken. Default (empty): 4, 13 and the season.
    pub windows: Vec<usize>,
    /// The steps between values whose differences are forecast, one after the other; empty: the values themselves. Default 1.
    pub differences: Vec<usize>,
    /// Parts of the date, holidays and events as columns; panels need dates then. Default none.
    pub calendar: Calendar,
    /// Whether the model is told which series it is. Default false.
    pub series_id: bool,
    /// Steps ahead that intervals are calibrated for; fewer where series are short. Default 13.
    pub horizon: usize,
    /// How many horizons at the end of each series are held back once to calibrate. Default 2.
    pub calibration_windows: usize,
    /// The most steps that are learned from; of each series the last count. Default 2,000,000.
    pub max_rows: usize,
    /// Rounds of boosting, as those below those of [`GradientBoostingRegressor`]. Default 100.
    pub n_estimators: usize,
    /// How much of each tree is added. Default 0.1.
    pub learning_rate: f64,
    /// Leaves that a tree may have. Default 31.
    pub num_leaves: usize,
    /// Rows that a leaf must have. Default 20.
    pub min_child_samples: usize,
    /// The L2 penalty of leaves. Default 0.
    pub reg_lambda: f64,
    /// The share of rows drawn for each round. Default 1.
    pub subsample: f64,
    /// The share of columns drawn for each tree. Default 1.
    pub colsample_bytree: f64,
    /// The seed of what is drawn. Default 42.
    pub seed: u64,
}

impl Default for GlobalBoosting {
    fn default() -> Self {
        let boosting = GradientBoostingRegressor::default();
        GlobalBoosting {
            season_length: 1,
            lags: Vec::new(),
            windows: Vec::new(),
            differences: vec![1],
            calendar: Calendar::default(),
            series_id: false,
            horizon: 13,
            calibration_windows: 2,
            max_rows: 2_000_000,
            n_estimators: boosting.n_estimators,
            learning_rate: boosting.learning_rate,
            num_leaves: boosting.num_leaves,
            min_child_samples: boosting.min_child_samples,
            reg_lambda: boosting.reg_lambda,
            subsample: boosting.subsample,
            colsample_bytree: boosting.colsample_bytree,
            seed: boosting.seed,
        }
    }
}
adflux_core::recipe!(GlobalBoosting, "global-boosting");

/// Builder methods named after their fields.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),* $(,)?) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = $name;
            self
        }
    )*};
}

impl GlobalBoosting {
    /// With a season of so many steps; 1 for none.
    pub fn new(season_length: usize) -> Self {
        GlobalBoosting { season_length, ..GlobalBoosting::default() }
    }

    /// The steps before that are seen.
    pub fn lags(mut self, lags: impl Into<Vec<usize>>) -> Self {
        self.lags = lags.into();
        self
    }

    /// Over how many steps means and deviations are taken.
    pub fn windows(mut self, windows: impl Into<Vec<usize>>) -> Self {
        self.windows = windows.into();
        self
    }

    /// The differences that are forecast; none for the values themselves.
    pub fn differences(mut self, differences: impl Into<Vec<usize>>) -> Self {
        self.differences = differences.into();
        self
    }

    setters! {
        /// Parts of the date, holidays and events as columns.
        calendar: Calendar,
        /// Whether the model is told which series it is.
        series_id: bool,
        /// Steps ahead that intervals are calibrated for.
        horizon: usize,
        /// How many horizons are held back to calibrate.
        calibration_windows: usize,
        /// The most steps that are learned from.
        max_rows: usize,
        /// Rounds of boosting.
        n_estimators: usize,
        /// How much of each tree is added.
        learning_rate: f64,
        /// Leaves that a tree may have.
        num_leaves: usize,
        /// Rows that a leaf must have.
        min_child_samples: usize,
        /// The L2 penalty of leaves.
        reg_lambda: f64,
        /// The share of rows drawn for each round.
        subsample: f64,
        /// The share of columns drawn for each tree.
        colsample_bytree: f64,
        /// The seed of what is drawn.
        seed: u64,
    }

    fn check(&self) -> Result<()> {
        between_one_and(FARTHEST / 2, "season_length", self.season_length)?;
        let near = |lag: &usize| (1..=FARTHEST).contains(lag);
        let reason = format!("each must lie between 1 and {FARTHEST}");
        ensure(self.lags.iter().all(near), "lags", &self.lags, &reason)?;
        ensure(self.windows.iter().all(near), "windows", &self.windows, &reason)?;
        ensure(self.differences.iter().all(near), "differences", &self.differences, &reason)?;
        let many = format!("must be at most {MOST_DIFFERENCES}");
        ensure(self.differences.len() <= MOST_DIFFERENCES, "differences", &self.differences, &many)?;
        between_one_and(adflux_core::forecast::MOST_STEPS_AHEAD, "horizon", self.horizon)?;
        between_one_and(1_000, "calibration_windows", self.calibration_windows)?;
        at_least_one("max_rows", self.max_rows)
    }

    /// The model of differences.
    fn boosting(&self) -> GradientBoostingRegressor {
        GradientBoostingRegressor {
            n_estimators: self.n_estimators,
            learning_rate: self.learning_rate,
            num_leaves: self.num_leaves,
            min_child_samples: self.min_child_samples,
            reg_lambda: self.reg_lambda,
            subsample: self.subsample,
            colsample_bytree: self.colsample_bytree,
            seed: self.seed,
            ..GradientBoostingRegressor::default()
        }
    }
}
