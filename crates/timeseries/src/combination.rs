//! [`Combination`]: several forecasters as one.

use crate::backtest::is_of_data;
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Component, Context, Describe as _, DynComponent as _, Error, Fit, Forecast,
    Forecaster, Frequency, Panel, Paths, Recipe, Registry, Result, Saved, SeriesForecast, SeriesPaths, Skipped, Spec,
    component::{decode, encode},
};
use ndarray::{Array, Array2, Dimension};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

const KIND: &str = "combination";

/// How [`Combination`] makes one forecast of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CombinationMethod {
    /// Their mean, as of M4's benchmark Comb.
    Mean,
    /// Their median, which one forecaster that goes astray does not move: the default.
    #[default]
    Median,
}

/// The mean or the median of what several forecasters say, step by step. Kind `combination`, the forecasters are its `steps`.
///
/// Forecasters that err in different ways are together more often right than each alone: in every competition of Makridakis the plain
/// combination is hard to beat. The median is that of Petropoulos and Svetunkov, "A simple combination of univariate models" (2020).
///
/// The ends of **intervals** are combined as the means are: the mean of the forecasters' quantiles (Lichtendahl, Grushka-Cockayne and Winkler
/// 2013), or their median. **Paths** are drawn from the forecasters in turn, each moved at every step by the distance from that forecaster's mean
/// to the combined one.
///
/// A series that some forecasters cannot fit is combined from the others, and skipped only where none can. The time is the sum of the
/// forecasters'.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::{Combination, CombinationMethod, Drift, Naive};
/// let clicks = Panel::from_values([("meta", vec![1.0, 2.0, 3.0, 5.0])])?;
/// let both = Combination::new(CombinationMethod::Mean).forecaster(Naive::default()).forecaster(Drift::default());
/// let forecast = both.fit(clicks)?.forecast(1, &[0.8], None)?;
/// // 5 by the last value, 5 + 4/3 by the line.
/// assert!((forecast.get("meta")?.mean[0] - (5.0 + 2.0 / 3.0)).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Combination {
    /// The forecasters; at least one.
    pub forecasters: Vec<AnyForecasterRecipe>,
    /// How they are combined. Default: the median.
    pub method: CombinationMethod,
}

/// The parameters beside the forecasters.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    method: CombinationMethod,
}

impl Combination {
    /// Of no forecasters yet.
    pub fn new(method: CombinationMethod) -> Self {
        Combination { forecasters: Vec::new(), method }
    }

    /// Adds a forecaster.
    pub fn forecaster<R>(mut self, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        self.forecasters.push(AnyForecasterRecipe::new(recipe));
        self
    }
}

impl Recipe for Combination {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        let steps = self.forecasters.iter().map(|recipe| recipe.describe()).collect::<Result<_>>()?;
        Ok(Spec { steps, ..Spec::of(KIND, &Parameters { method: self.method })? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let Parameters { method } = spec.params()?;
        let children = spec.steps.iter().enumerate();
        let children = children.map(|(i, s)| registry.build(s).map_err(|e| e.in_step(i + 1, &s.kind)));
        Ok(Combination { forecasters: children.collect::<Result<_>>()?, method })
    }
}

impl Fit<Panel> for Combination {
    type Fitted = FittedCombination;

    /// # Errors
    /// When there are no forecasters, one is wrongly set up, none can fit any series, or the work is cancelled.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedCombination> {
        let count = self.forecasters.len();
        if count == 0 {
            return Err(Error::parameter("steps", 0, "there are no forecasters: give at least one"));
        }
        let (mut forecasters, mut first_error) = (Vec::with_capacity(count), None);
        for (i, recipe) in self.forecasters.iter().enumerate() {
            context.check()?;
            let name = format!("forecaster {} of {count}", i + 1);
            match recipe.fit_with(panel.clone(), &context.labelled(&name)) {
                Ok(fitted) => forecasters.push(fitted),
                // As for a series that it cannot fit among others: those that can are combined.
                Err(error) if is_of_data(&error) => {
                    first_error.get_or_insert(error.in_step(i + 1, recipe.kind()));
                }
                Err(error) => return Err(error.in_step(i + 1, recipe.kind())),
            }
        }
        match first_error {
            Some(error) if forecasters.is_empty() => Err(error),
            _ => {
                let ids = panel.series().iter().map(|series| series.id().to_string()).collect();
                Ok(FittedCombination {
                    frequency: panel.frequency(),
                    ids: Arc::new(ids),
                    forecasters,
                    method: self.method,
                })
            }
        }
    }
}

/// A fitted [`Combination`].
#[derive(Clone, Debug)]
pub struct FittedCombination {
    frequency: Frequency,
    /// The series, in the order of the panel.
    ids: Arc<Vec<String>>,
    forecasters: Vec<AnyForecaster>,
    method: CombinationMethod,
}

#[derive(Serialize, Deserialize)]
struct SavedCombination {
    frequency: Frequency,
    ids: Vec<String>,
    forecasters: Vec<Saved>,
    method: CombinationMethod,
}

/// The forecasts of one series, each with the place of its forecaster.
type OfSeries<'a> = Vec<(usize, &'a SeriesForecast)>;

impl FittedCombination {
    /// The fitted forecasters, without those that could fit no series.
    pub fn forecasters(&self) -> &[AnyForecaster] {
        &self.forecasters
    }

    fn forecasts(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Vec<Forecast>> {
        let one = |(i, forecaster): (usize, &AnyForecaster)| {
            let forecast = forecaster.forecast(horizon, levels, future);
            forecast.map_err(|e| e.in_step(i + 1, forecaster.kind()))
        };
        self.forecasters.iter().enumerate().map(one).collect()
    }

    /// The number that stands for several.
    fn middle(&self, values: &mut [f64]) -> f64 {
        let count = values.len();
        match self.method {
            CombinationMethod::Mean => values.iter().map(|v| v / count as f64).sum(),
            CombinationMethod::Median => {
                values.sort_by(f64::total_cmp);
                f64::midpoint(values[(count - 1) / 2], values[count / 2])
            }
        }
    }

    fn combine<D: Dimension>(&self, parts: &[&Array<f64, D>]) -> Array<f64, D> {
        let mut combined = parts[0].clone();
        let mut others: Vec<_> = parts.iter().map(|part| part.iter()).collect();
        let mut values = Vec::with_capacity(parts.len());
        for to in &mut combined {
            values.clear();
            values.extend(others.iter_mut().filter_map(Iterator::next));
            *to = self.middle(&mut values);
        }
        combined
    }

    /// Combines the forecasts of each series; those of which there are none, with the first reason.
    fn combined(&self, forecasts: &[Forecast], mut take: impl FnMut(SeriesForecast, &OfSeries<'_>)) -> Vec<Skipped> {
        let mut by_id: HashMap<&str, OfSeries<'_>> = HashMap::new();
        for (place, forecast) in forecasts.iter().enumerate() {
            for series in &forecast.series {
                by_id.entry(&series.id).or_default().push((place, series));
            }
        }
        let mut skipped = Vec::new();
        for id in self.ids.iter() {
            let Some(parts) = by_id.get(id.as_str()) else {
                let mut reasons = forecasts.iter().flat_map(|forecast| &forecast.skipped).filter(|s| s.id == *id);
                let reason = reasons.next().map_or("no forecaster could fit it".into(), |s| s.reason.clone());
                skipped.push(Skipped { id: id.clone(), reason });
                continue;
            };
            let all = |of: fn(&SeriesForecast) -> &Array2<f64>| {
                self.combine(&parts.iter().map(|(_, part)| of(part)).collect::<Vec<_>>())
            };
            let series = SeriesForecast {
                id: id.clone(),
                times: parts[0].1.times.clone(),
                mean: self.combine(&parts.iter().map(|(_, part)| &part.mean).collect::<Vec<_>>()),
                lower: all(|part| &part.lower),
                upper: all(|part| &part.upper),
            };
            take(series, parts);
        }
        skipped
    }
}

impl Forecaster for FittedCombination {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let mut series = Vec::with_capacity(self.ids.len());
        let skipped = self.combined(&self.forecasts(horizon, levels, future)?, |combined, _| series.push(combined));
        Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series, skipped })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        Paths::check(horizon, count, self.ids.len())?;
        let draw = |(i, forecaster): (usize, &AnyForecaster)| {
            let paths = forecaster.paths(horizon, count, seed, future);
            paths.map_err(|e| e.in_step(i + 1, forecaster.kind()))
        };
        let drawn: Vec<Paths> = self.forecasters.iter().enumerate().map(draw).collect::<Result<_>>()?;
        let by_id: Vec<HashMap<&str, &SeriesPaths>> = drawn
            .iter()
            .map(|paths| paths.series.iter().map(|series| (series.id.as_str(), series)).collect())
            .collect();
        let mut series = Vec::with_capacity(self.ids.len());
        let skipped = self.combined(&self.forecasts(horizon, &[], future)?, |combined, parts| {
            let mut values = Array2::zeros((count, horizon));
            for (path, mut row) in values.rows_mut().into_iter().enumerate() {
                let (place, part) = parts[path % parts.len()];
                if let Some(of) = by_id[place].get(combined.id.as_str()) {
                    row.assign(&(&of.values.row(path) - &part.mean + &combined.mean));
                }
            }
            series.push(SeriesPaths { id: combined.id, times: combined.times, values });
        });
        Ok(Paths { frequency: self.frequency, series, skipped })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        let one = |(i, forecaster): (usize, &AnyForecaster)| {
            forecaster.updated(later).map_err(|e| e.in_step(i + 1, forecaster.kind()))
        };
        Ok(FittedCombination {
            forecasters: self.forecasters.iter().enumerate().map(one).collect::<Result<_>>()?,
            ..self.clone()
        })
    }
}

impl Component for FittedCombination {
    const KIND: &'static str = KIND;
    fn state(&self) -> Result<Vec<u8>> {
        let forecasters = self.forecasters.iter().map(|forecaster| forecaster.save()).collect::<Result<_>>()?;
        let (frequency, ids, method) = (self.frequency, self.ids.to_vec(), self.method);
        encode(KIND, &SavedCombination { frequency, ids, forecasters, method })
    }
    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let SavedCombination { frequency, ids, forecasters, method } = decode(KIND, state)?;
        if forecasters.is_empty() {
            return Err(Error::State { kind: KIND.into(), reason: "it has no forecasters".into() });
        }
        let forecasters = forecasters.iter().map(|saved| registry.load(saved)).collect::<Result<_>>()?;
        Ok(FittedCombination { frequency, ids: Arc::new(ids), forecasters, method })
    }
}
