//! [`Conformal`]: intervals as wide as a forecaster's errors of the past.

use crate::{AutoEts, Backtest};
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Component, Context, Describe as _, DynComponent as _, Error, Fit, Forecast,
    Forecaster, Panel, Recipe, Registry, Result, Saved, Series, SeriesForecast, Skipped, Spec,
    component::{decode, encode},
    parameter,
};
use adflux_evaluation::conformal::{conformal_quantile, rows_needed};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const KIND: &str = "conformal";

/// The means of another forecaster, with intervals that hold what its errors of the past say. Kind `conformal`, the forecaster is its
/// one step; without one, [`AutoEts`].
///
/// A rolling origin over the past gives errors of each step ahead; the interval of a level reaches as far as that share of them, with the
/// correction for few of them: nothing is taken to be normal, and what the forecaster does not know of itself (that its
/// parameters are estimates, that the series changes) is in the errors. It promises coverage so far as the future is
/// like the past windows.
///
/// Errors are divided by the mean step of their series and **pooled** over the panel, so that many short series help each other; with
/// `pooled(false)` each series has its own, and needs as many windows as its level: 4 for 0.8, 19 for 0.95. Beyond `horizon` the last
/// interval grows with the root of the steps, as a walk's, without that promise.
///
/// Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World* (2005); Stankevičiūtė, Alaa and van der Schaar, *Conformal
/// time-series forecasting* (2021). statsforecast's `ConformalIntervals` takes each series' own quantiles without the correction. Cost: a fit
/// for each window, and one more.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::{Conformal, Naive};
/// let values = (0..40).map(|t| 10.0 + f64::from(t * 7 % 5)).collect();
/// let fitted = Conformal::new(3, Naive::default()).fit(Panel::from_values([("clicks", values)])?)?;
/// let forecast = fitted.forecast(3, &[0.8], None)?;
/// assert!(forecast.get("clicks")?.upper[[0, 0]] > forecast.get("clicks")?.mean[0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "ConformalIntervals")]
pub struct Conformal {
    /// Steps ahead whose errors are measured.
    pub horizon: usize,
    /// Origins in the past, one step apart. Default 10.
    pub windows: usize,
    /// Whether the errors of all series are taken together, in units of their mean steps. Default true.
    pub pooled: bool,
    /// Whether the forecaster is fitted anew at each origin. Default true; otherwise it is [updated](Forecaster::updated).
    pub refit: bool,
    /// The forecaster.
    pub forecaster: AnyForecasterRecipe,
}

/// The parameters beside the forecaster.
#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    horizon: usize,
    windows: usize,
    pooled: bool,
    refit: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters { horizon: 1, windows: 10, pooled: true, refit: true }
    }
}

impl Conformal {
    /// Intervals of so many steps ahead.
    pub fn new<R>(horizon: usize, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        let Parameters { windows, pooled, refit, .. } = Parameters::default();
        Conformal { horizon, windows, pooled, refit, forecaster: AnyForecasterRecipe::new(recipe) }
    }

    /// So many origins in the past.
    pub fn windows(mut self, windows: usize) -> Self {
        self.windows = windows;
        self
    }

    /// Whether the errors of all series are taken together.
    pub fn pooled(mut self, pooled: bool) -> Self {
        self.pooled = pooled;
        self
    }

    /// Whether the forecaster is fitted anew at each origin.
    pub fn refit(mut self, refit: bool) -> Self {
        self.refit = refit;
        self
    }
}

impl Recipe for Conformal {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        let Conformal { horizon, windows, pooled, refit, .. } = *self;
        let steps = vec![self.forecaster.describe()?];
        Ok(Spec { steps, ..Spec::of(KIND, &Parameters { horizon, windows, pooled, refit })? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let Parameters { horizon, windows, pooled, refit } = spec.params()?;
        let forecaster = match spec.steps.is_empty() {
            true => AnyForecasterRecipe::new(AutoEts::default()),
            false => spec.only_step(registry)?,
        };
        Ok(Conformal { horizon, windows, pooled, refit, forecaster })
    }
}

/// Errors in the past, without sign: of each step ahead.
type Scores = Vec<Vec<f64>>;

/// A fitted [`Conformal`].
#[derive(Clone, Debug)]
pub struct FittedConformal {
    forecaster: AnyForecaster,
    /// The unit of the errors of each series.
    scales: BTreeMap<String, f64>,
    /// By series; of all under one empty name where they are pooled.
    scores: BTreeMap<String, Scores>,
    pooled: bool,
    horizon: usize,
}

impl Fit<Panel> for Conformal {
    type Fitted = FittedConformal;

    /// # Errors
    /// When a parameter is out of its range, no series is long enough for one window, or the forecaster cannot be fitted.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedConformal> {
        parameter::at_least_one("horizon", self.horizon)?;
        parameter::at_least_one("windows", self.windows)?;
        let backtest = Backtest::new(self.horizon).windows(self.windows).step(1).levels([]).refit(self.refit);
        let past = backtest.run(&self.forecaster, &panel, &context.labelled("errors of the past"))?;
        let scales: BTreeMap<String, f64> = panel.series().iter().map(|s| (s.id().to_string(), mean_step(s))).collect();
        let mut scores: BTreeMap<String, Scores> = BTreeMap::new();
        for window in &past.windows {
            let of = &window.forecast;
            let scale = scales.get(&of.id).copied().unwrap_or(1.0);
            let name = if self.pooled { String::new() } else { of.id.clone() };
            let scores = scores.entry(name).or_insert_with(|| vec![Vec::new(); self.horizon]);
            for ((scores, truth), mean) in scores.iter_mut().zip(&window.truth).zip(&of.mean) {
                let score = (truth - mean).abs() / scale;
                if score.is_finite() {
                    scores.push(score);
                }
            }
        }
        let forecaster = self.forecaster.fit_with(panel, context).map_err(|e| e.in_step(1, self.forecaster.kind()))?;
        Ok(FittedConformal { forecaster, scales, scores, pooled: self.pooled, horizon: self.horizon })
    }
}

/// How far a series goes in a step, on the average; of one that stands still, its size, or 1.
fn mean_step(series: &Series) -> f64 {
    let mean = |numbers: Vec<f64>| {
        let known: Vec<f64> = numbers.into_iter().filter(|v| v.is_finite()).map(f64::abs).collect();
        let largest = known.iter().copied().fold(0.0, f64::max);
        // In units of the largest, so that the sum is no larger than their number.
        if largest > 0.0 { known.iter().map(|v| v / largest).sum::<f64>() / known.len() as f64 * largest } else { 0.0 }
    };
    let values = series.values();
    let sizes = [mean(values.windows(2).map(|pair| pair[1] - pair[0]).collect()), mean(values.to_vec())];
    sizes.into_iter().find(|size| *size > 0.0).unwrap_or(1.0)
}

impl FittedConformal {
    /// How far the interval of `level` reaches at each step, in the unit of the errors.
    fn quantiles(&self, name: &str, level: f64) -> Result<Vec<f64>, String> {
        let scores = self.scores.get(name).ok_or("too short for the windows of its intervals")?;
        let needed = rows_needed(level).map_err(|e| e.to_string())?;
        let quantile = |scores: &Vec<f64>| {
            if scores.len() < needed {
                let found = scores.len();
                return Err(format!(
                    "an interval of {level} needs {needed} errors of the past, where there are {found}: more `windows`, or `pooled`"
                ));
            }
            conformal_quantile(scores, level).map_err(|e| e.to_string())
        };
        scores.iter().map(quantile).collect()
    }

    /// The forecast with ends where `quantiles` of each level say.
    fn with_intervals(&self, of: SeriesForecast, quantiles: &[Vec<f64>]) -> SeriesForecast {
        let scale = self.scales.get(&of.id).copied().unwrap_or(1.0);
        let reach = |step: usize, level: usize| match quantiles[level].get(step) {
            Some(quantile) => quantile * scale,
            None => quantiles[level][self.horizon - 1] * scale * ((step + 1) as f64 / self.horizon as f64).sqrt(),
        };
        let ends = |sign: f64| {
            let end = |(step, level)| of.mean[step] + sign * reach(step, level);
            Array2::from_shape_fn((of.mean.len(), quantiles.len()), end)
        };
        SeriesForecast { lower: ends(-1.0), upper: ends(1.0), ..of }
    }
}

impl Forecaster for FittedConformal {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let of = self.forecaster.forecast(horizon, &[], future)?;
        let of_name =
            |name: &str| levels.iter().map(|level| self.quantiles(name, *level)).collect::<Result<Vec<_>, _>>();
        if self.pooled {
            let quantiles = of_name("").map_err(Error::data)?;
            let series = of.series.into_iter().map(|one| self.with_intervals(one, &quantiles)).collect();
            return Ok(Forecast { levels: levels.to_vec(), series, ..of });
        }
        let (mut series, mut skipped) = (Vec::with_capacity(of.series.len()), of.skipped);
        for one in of.series {
            match of_name(&one.id) {
                Ok(quantiles) => series.push(self.with_intervals(one, &quantiles)),
                Err(reason) => skipped.push(Skipped { id: one.id, reason }),
            }
        }
        if let (true, Some(first)) = (series.is_empty(), skipped.first()) {
            return Err(Error::data(format!("no series has intervals; `{}`: {}", first.id, first.reason)));
        }
        Ok(Forecast { levels: levels.to_vec(), series, skipped, ..of })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        Ok(FittedConformal { forecaster: self.forecaster.updated(later)?, ..self.clone() })
    }
}

/// What is saved.
#[derive(Serialize, Deserialize)]
struct State {
    forecaster: Saved,
    scales: BTreeMap<String, f64>,
    scores: BTreeMap<String, Scores>,
    pooled: bool,
    horizon: usize,
}

impl Component for FittedConformal {
    const KIND: &'static str = KIND;

    fn state(&self) -> Result<Vec<u8>> {
        let FittedConformal { forecaster, scales, scores, pooled, horizon } = self;
        let (scales, scores) = (scales.clone(), scores.clone());
        let state = State { forecaster: forecaster.save()?, scales, scores, pooled: *pooled, horizon: *horizon };
        encode(KIND, &state)
    }

    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let State { forecaster, scales, scores, pooled, horizon } = decode(KIND, state)?;
        let wrong = |reason: &str| Error::State { kind: KIND.into(), reason: reason.into() };
        if horizon == 0 || pooled && !scores.contains_key("") || scores.values().any(|scores| scores.len() != horizon) {
            return Err(wrong("errors of other steps than the horizon's"));
        }
        let mut numbers = scales.values().chain(scores.values().flatten().flatten());
        if numbers.any(|v| !v.is_finite() || *v < 0.0) {
            return Err(wrong("errors that no fit gives"));
        }
        Ok(FittedConformal { forecaster: registry.load(&forecaster)?, scales, scores, pooled, horizon })
    }
}
