//! [`Forecaster`]: fitted models that answer about steps that are yet to come, and what they answer: a [`Forecast`], or [`Paths`].

use crate::{Error, Frequency, Panel, Result, parameter};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// The farthest horizon, in steps: at 1,000,000 series would fill the memory, and no model says anything that far ahead.
pub const MOST_STEPS_AHEAD: usize = 100_000;

/// The most numbers that the paths of a panel may hold, 2 GB of them.
pub const MOST_PATH_VALUES: usize = 1 << 28;

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

    /// `count` possible futures of each series, each as likely as the others. Where [`forecast`](Self::forecast) says how far each step
    /// may be off, paths say how steps go together: what a sum over the flight will be, or when a budget runs out.
    ///
    /// The same seed gives the same paths, whatever other series stand beside. Series are drawn independently of each other.
    ///
    /// # Errors
    /// As of `forecast`; when there would be no path, or more numbers than [`MOST_PATH_VALUES`]; and by forecasters that draw none.
    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        let _ = (horizon, count, seed, future);
        Err(Error::data("this forecaster draws no paths: ask for `forecast`, or for paths of another"))
    }

    /// The forecaster after it took in what came since its last step: the parameters stay, the state goes on. `later` may begin
    /// earlier than that, with what is known already; values that are missing are taken as they were expected.
    ///
    /// Series that `later` does not have stay as they are; those that were not fitted are not added.
    ///
    /// # Errors
    /// When `later` is of another frequency, its times fall between the steps, or covariates that were learned from are missing, by
    /// series; and by forecasters that have to be fitted anew.
    fn updated(&self, later: &Panel) -> Result<Self>
    where
        Self: Sized,
    {
        let _ = later;
        Err(Error::data("this forecaster cannot be updated: fit it anew"))
    }
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

/// Possible futures of one series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPaths {
    /// The series.
    pub id: String,
    /// The time of each step ahead, as in the panel.
    pub times: Vec<i64>,
    /// Paths × steps.
    pub values: Array2<f64>,
}

impl SeriesPaths {
    /// The first `steps` of them, or all where there are no more: to the end of a flight.
    pub fn head(&self, steps: usize) -> Self {
        let steps = steps.min(self.times.len());
        let values = self.values.slice(ndarray::s![.., ..steps]).to_owned();
        SeriesPaths { id: self.id.clone(), times: self.times[..steps].to_vec(), values }
    }

    /// The sum over all steps, of each path: what a whole flight brings.
    pub fn sums(&self) -> Array1<f64> {
        self.values.sum_axis(Axis(1))
    }
}

/// Possible futures of the series of a panel, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// How far apart the steps are.
    pub frequency: Frequency,
    /// The paths of each series that was fitted.
    pub series: Vec<SeriesPaths>,
    /// The series that were not, and why.
    pub skipped: Vec<Skipped>,
}

impl Paths {
    /// What every forecaster refuses, of so many series.
    ///
    /// # Errors
    /// [`Error::Parameter`] naming `horizon` or `count`.
    pub fn check(horizon: usize, count: usize, series: usize) -> Result<()> {
        Forecast::check(horizon, &[])?;
        let most = MOST_PATH_VALUES / horizon / series.max(1);
        if most == 0 {
            let reason =
                format!("{series} series of so many steps are more than {MOST_PATH_VALUES} numbers in one path");
            return Err(Error::Parameter { name: "horizon", value: horizon.to_string(), reason });
        }
        parameter::between_one_and(most, "count", count)
    }

    /// The paths of the series called `id`.
    ///
    /// # Errors
    /// When there are none, with the reason where it was skipped.
    pub fn get(&self, id: &str) -> Result<&SeriesPaths> {
        self.series.iter().find(|s| s.id == id).ok_or_else(|| not_there(id, &self.skipped))
    }
}

/// Why there is nothing of the series called `id`: it was skipped, or never given.
pub fn not_there(id: &str, skipped: &[Skipped]) -> Error {
    match skipped.iter().find(|skipped| skipped.id == id) {
        Some(skipped) => Error::data(format!("series `{id}` was skipped: {}", skipped.reason)),
        None => Error::data(format!("no series is called `{id}`")),
    }
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
        self.series.iter().find(|s| s.id == id).ok_or_else(|| not_there(id, &self.skipped))
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
    fn paths_are_at_least_one_and_fit_into_the_memory() {
        assert!(Paths::check(30, 1_000, 100).is_ok());
        for (horizon, count, series, named) in
            [(0, 1, 1, "horizon"), (1, 0, 1, "count"), (100_000, 1_000, 10, "count"), (100_000, 1, 10_000, "horizon")]
        {
            let error = Paths::check(horizon, count, series).unwrap_err().to_string();
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
