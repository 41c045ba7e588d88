//! [`Forecaster`]: fitted models that answer about steps that are yet to come, and [`Forecast`]: what they answer.

use crate::{Error, Frequency, Panel, Result, parameter};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// The farthest horizon, in steps: at 1,000,000 series would fill the memory, and no model says anything that far ahead.
pub const MOST_STEPS_AHEAD: usize = 100_000;

/// A fitted forecaster: made by [`Fit`](crate::Fit) from a [`Panel`], it answers about the steps after it. The sibling of
/// [`Predict`](crate::Predict) for rows that do not exist yet.
pub trait Forecaster {
    /// The `horizon` steps after the last of each series, with an interval for each of `levels`: the share of outcomes that it is
    /// to contain, such as 0.8. `future` holds what is known ahead of those steps, for forecasters that use covariates; others
    /// do not look at it.
    ///
    /// A series that could not be fitted is in [`Forecast::skipped`], with the reason.
    ///
    /// # Errors
    /// When the horizon is 0 or above [`MOST_STEPS_AHEAD`], a level is not between 0 and 1, or a covariate of the future is
    /// missing.
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast>;
}

/// A series that a forecaster cannot work with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The series.
    pub id: String,
    /// Why, and what to do.
    pub reason: String,
}

/// The forecast of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesForecast {
    /// The series.
    pub id: String,
    /// The time of each step ahead, as in the panel.
    pub times: Vec<i64>,
    /// The expected value of each step.
    pub mean: Array1<f64>,
    /// Steps × levels: the lower ends of the intervals.
    pub lower: Array2<f64>,
    /// Steps × levels: the upper ends.
    pub upper: Array2<f64>,
}

/// The forecasts of the series of a panel, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// How far apart the steps are.
    pub frequency: Frequency,
    /// The levels of the intervals, as they were asked for.
    pub levels: Vec<f64>,
    /// A forecast for each series that was fitted.
    pub series: Vec<SeriesForecast>,
    /// The series that were not, and why.
    pub skipped: Vec<Skipped>,
}

impl Forecast {
    /// What every forecaster refuses.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming `horizon` or `levels`.
    pub fn check(horizon: usize, levels: &[f64]) -> Result<()> {
        parameter::between_one_and(MOST_STEPS_AHEAD, "horizon", horizon)?;
        levels.iter().try_for_each(|level| parameter::open_unit("levels", *level))
    }

    /// The forecast of the series called `id`.
    ///
    /// # Errors
    /// When there is none, with the reason where it was skipped.
    pub fn get(&self, id: &str) -> Result<&SeriesForecast> {
        self.series.iter().find(|s| s.id == id).ok_or_else(|| {
            match self.skipped.iter().find(|skipped| skipped.id == id) {
                Some(skipped) => Error::data(format!("series `{id}` was skipped: {}", skipped.reason)),
                None => Error::data(format!("no series is called `{id}`")),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn horizons_and_levels_have_their_ranges() {
        assert!(Forecast::check(1, &[]).is_ok() && Forecast::check(MOST_STEPS_AHEAD, &[0.5, 0.95]).is_ok());
        for (horizon, levels, named) in
            [(0, vec![], "horizon"), (1_000_000, vec![], "horizon"), (1, vec![80.0], "levels")]
        {
            let error = Forecast::check(horizon, &levels).unwrap_err().to_string();
            assert!(error.starts_with(&format!("parameter `{named}`")), "{error}");
        }
    }

    #[test]
    fn a_series_that_is_not_there_says_why() {
        let skipped = vec![Skipped { id: "b".into(), reason: "no values".into() }];
        let forecast = Forecast { frequency: Frequency::Steps, levels: vec![], series: vec![], skipped };
        assert_eq!(forecast.get("b").unwrap_err().to_string(), "series `b` was skipped: no values");
        assert_eq!(forecast.get("c").unwrap_err().to_string(), "no series is called `c`");
    }
}
