//! Forecasts that hardly need a model: what others have to beat.

use crate::local::{FittedLocal, LocalModel, LocalRecipe, fits_locally, normal};
use adflux_core::{Result, parameter, random::Rng};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

/// The last value, at every step ahead: a random walk.
///
/// The deviation h steps ahead is σ √h, σ² the mean of the squared steps (Hyndman and Athanasopoulos, Forecasting: Principles and
/// Practice, 3rd edition, 5.5). Needs one value; with one, the interval has no width. O(steps).
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::Naive;
/// let fitted = Naive::default().fit(Panel::from_values([("ctr", vec![2.0, 4.0, 3.0])])?)?;
/// assert_eq!(fitted.forecast(2, &[], None)?.get("ctr")?.mean.to_vec(), [3.0, 3.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Naive {}

/// The value one season before, or two where the horizon is longer, and so on.
///
/// The deviation h steps ahead is σ √(k + 1), k the whole seasons in h − 1 and σ² the mean of the squared distances from a season
/// before. Needs a season and one value more. O(steps).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeasonalNaive {
    /// Steps after which the series repeats: 7 for days in weeks. Default 1: [`Naive`].
    /// [`Frequency::season`](adflux_core::Frequency::season) knows the usual ones.
    pub season_length: usize,
}

/// The line through the first value and the last: a random walk that drifts.
///
/// The deviation h steps ahead of n values is σ √(h (1 + h / (n − 1))), σ² the sum of the squared distances of the steps from their
/// mean over n − 1. Needs two values. O(steps).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {}

/// The mean of the last values, at every step ahead.
///
/// The deviation is the same at every step: the root mean square of what the means before were off by, as if the values
/// scattered about a level that stays. (statsforecast gives no intervals here without conformal ones.) Needs a window and one
/// value more. O(steps).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowAverage {
    /// How many values are averaged, 1 or more. Default 7: a week of days.
    pub window_size: usize,
}

impl Default for SeasonalNaive {
    fn default() -> Self {
        SeasonalNaive { season_length: 1 }
    }
}

impl SeasonalNaive {
    /// With a season of so many steps.
    pub fn new(season_length: usize) -> Self {
        SeasonalNaive { season_length }
    }
}

impl Default for WindowAverage {
    fn default() -> Self {
        WindowAverage { window_size: 7 }
    }
}

impl WindowAverage {
    /// Of so many values.
    pub fn new(window_size: usize) -> Self {
        WindowAverage { window_size }
    }
}

/// How the deviation grows with the steps ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Spread {
    /// Not at all.
    Level,
    /// With the root of the seasons.
    Walk,
    /// As a walk, and with the uncertainty of a slope estimated from so many steps.
    Drift { steps: usize },
}

macro_rules! models {
    ($($fitted:ident = $model:ident, $kind:literal, $recipe:ident;)*) => {$(
        #[doc = concat!("The [`", stringify!($recipe), "`] of one series.")]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $model(Repeat);

        impl LocalModel for $model {
            const KIND: &'static str = $kind;
            fn moments(&self, horizon: usize, _: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>) {
                self.0.moments(horizon)
            }
            fn path(&self, horizon: usize, _: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64> {
                self.0.path(horizon, rng)
            }
            fn update(&mut self, values: &[f64], _: ArrayView2<'_, f64>) {
                values.iter().for_each(|value| self.0.update(*value));
            }
            fn validate(&self) -> Result<(), String> {
                self.0.validate()
            }
        }

        #[doc = concat!("[`", stringify!($recipe), "`], fitted.")]
        pub type $fitted = FittedLocal<$model>;
        fits_locally!($recipe, $kind);
    )*};
}
models! {
    FittedNaive = NaiveModel, "naive", Naive;
    FittedSeasonalNaive = SeasonalNaiveModel, "seasonal-naive", SeasonalNaive;
    FittedDrift = DriftModel, "drift", Drift;
    FittedWindowAverage = WindowAverageModel, "window-average", WindowAverage;
}

/// What they all are: some values again and again, on a slope.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Repeat {
    #[serde(with = "adflux_core::arrays")]
    cycle: Vec<f64>,
    /// The values that the mean is of, where it is of several.
    #[serde(with = "adflux_core::arrays")]
    window: Vec<f64>,
    slope: f64,
    sigma: f64,
    spread: Spread,
}

impl Repeat {
    /// The root of the sum of squared residuals over `degrees`; 0 where there are none.
    fn sigma(residuals: impl Iterator<Item = f64>, degrees: usize) -> f64 {
        let sum: f64 = residuals.map(|e| e * e).sum();
        if degrees == 0 { 0.0 } else { (sum / degrees as f64).sqrt() }
    }

    /// The last season, as a walk.
    fn season(values: &[f64], length: usize) -> Self {
        let steps = values.len() - length;
        let sigma = Self::sigma(values[length..].iter().zip(values).map(|(now, then)| now - then), steps);
        Repeat { cycle: values[steps..].to_vec(), window: vec![], slope: 0.0, sigma, spread: Spread::Walk }
    }

    fn moments(&self, horizon: usize) -> (Vec<f64>, Vec<f64>) {
        let period = self.cycle.len();
        let of = |step: usize| {
            let ahead = (step + 1) as f64;
            let growth = match self.spread {
                Spread::Level => 1.0,
                Spread::Walk => (step / period + 1) as f64,
                Spread::Drift { steps } => ahead * (1.0 + ahead / steps as f64),
            };
            (self.cycle[step % period] + self.slope * ahead, self.sigma * growth.sqrt())
        };
        (0..horizon).map(of).unzip()
    }

    fn path(&self, horizon: usize, rng: &mut Rng) -> Vec<f64> {
        let mut cycle = self.cycle.clone();
        let period = cycle.len();
        // The slope is as uncertain as the steps that it was estimated from make it.
        let slope = match self.spread {
            Spread::Drift { steps } => self.slope + self.sigma / (steps as f64).sqrt() * normal(rng),
            Spread::Level | Spread::Walk => self.slope,
        };
        let one = |step: usize| {
            let value = cycle[step % period] + slope + self.sigma * normal(rng);
            if self.spread != Spread::Level {
                cycle[step % period] = value;
            }
            value
        };
        (0..horizon).map(one).collect()
    }

    fn update(&mut self, value: f64) {
        let average = self.spread == Spread::Level;
        let values = if average { &mut self.window } else { &mut self.cycle };
        values.rotate_left(1);
        if let Some(last) = values.last_mut() {
            *last = value;
        }
        if average {
            self.cycle = vec![self.window.iter().sum::<f64>() / self.window.len() as f64];
        }
    }

    fn validate(&self) -> Result<(), String> {
        let numbers = self.cycle.iter().chain(&self.window).chain([&self.slope, &self.sigma]);
        let slope_of_none = matches!(self.spread, Spread::Drift { steps: 0 });
        let windowless = (self.spread == Spread::Level) == self.window.is_empty();
        if self.cycle.is_empty()
            || windowless
            || slope_of_none
            || numbers.into_iter().any(|v| !v.is_finite())
            || self.sigma < 0.0
        {
            return Err("values that no fit gives".into());
        }
        Ok(())
    }
}

/// The mean of the squared steps: σ² of a walk; 0 of a single value.
pub(crate) fn mean_square_step(values: &[f64]) -> f64 {
    Repeat::sigma(values.windows(2).map(|pair| pair[1] - pair[0]), values.len().saturating_sub(1)).powi(2)
}

/// The reason why a series is too short.
fn needs(most: usize, values: &[f64]) -> Result<(), String> {
    if values.len() >= most {
        return Ok(());
    }
    Err(format!("{} values from the first that is known to the last, where {most} are needed", values.len()))
}

impl LocalRecipe for Naive {
    type Model = NaiveModel;
    fn check(&self) -> Result<()> {
        Ok(())
    }
    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<NaiveModel, String> {
        needs(1, values)?;
        Ok(NaiveModel(Repeat::season(values, 1)))
    }
}

impl LocalRecipe for SeasonalNaive {
    type Model = SeasonalNaiveModel;
    fn check(&self) -> Result<()> {
        parameter::at_least_one("season_length", self.season_length)
    }
    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<SeasonalNaiveModel, String> {
        needs(self.season_length.saturating_add(1), values)?;
        Ok(SeasonalNaiveModel(Repeat::season(values, self.season_length)))
    }
}

impl LocalRecipe for Drift {
    type Model = DriftModel;
    fn check(&self) -> Result<()> {
        Ok(())
    }
    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<DriftModel, String> {
        needs(2, values)?;
        let (steps, last) = (values.len() - 1, values[values.len() - 1]);
        let slope = (last - values[0]) / steps as f64;
        let sigma = Repeat::sigma(values.windows(2).map(|pair| pair[1] - pair[0] - slope), steps);
        Ok(DriftModel(Repeat { cycle: vec![last], window: vec![], slope, sigma, spread: Spread::Drift { steps } }))
    }
}

impl LocalRecipe for WindowAverage {
    type Model = WindowAverageModel;
    fn check(&self) -> Result<()> {
        parameter::at_least_one("window_size", self.window_size)
    }
    fn fit_series(&self, values: &[f64], _: ArrayView2<'_, f64>) -> Result<WindowAverageModel, String> {
        let size = self.window_size;
        needs(size.saturating_add(1), values)?;
        let mean = |window: &[f64]| window.iter().sum::<f64>() / size as f64;
        let off = values.windows(size).zip(&values[size..]).map(|(window, next)| next - mean(window));
        let sigma = Repeat::sigma(off, values.len() - size);
        let window = values[values.len() - size..].to_vec();
        Ok(WindowAverageModel(Repeat { cycle: vec![mean(&window)], window, slope: 0.0, sigma, spread: Spread::Level }))
    }
}
