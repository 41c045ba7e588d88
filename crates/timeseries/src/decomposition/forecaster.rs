//! [`MstlForecaster`]: the seasons as they were last, and any forecaster on the series without them.

use super::Mstl;
use crate::local::known_values;
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Component, Context, Describe as _, DynComponent as _, Error, Fit, Forecast,
    Forecaster, Frequency, Panel, Paths, Recipe, Registry, Result, Saved, Series, Skipped, Spec,
    component::{decode, encode},
};
use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

const KIND: &str = "mstl";

/// A forecaster for series with one season or several (day and week, week and year): [`Mstl`] takes the seasons off, another forecaster
/// forecasts what is left, and each season goes on as its last cycle was. Kind `mstl`; the other forecaster is its only step, by default
/// [`AutoEts`](crate::AutoEts) without season.
///
/// As statsforecast's `MSTL`. Intervals, paths and what they hold are those of the forecaster within, moved by the seasons, which are taken
/// to be known. Updates leave the seasons as they are and go on with the forecaster within, where it takes updates.
///
/// Periods of half a series or more are left out for that series; one without any is given to the forecaster within as it is. Seasons are
/// added, so forecasts of values that cannot be below 0 may fall below.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::{AutoTheta, MstlForecaster};
/// let of = |hour: usize| 50.0 + [0.0, 9.0, 5.0, -14.0][hour % 4] + if hour % 28 < 8 { -10.0 } else { 4.0 };
/// let past = Panel::from_values([("clicks", (0..280).map(of).collect())])?;
/// let forecast = MstlForecaster::new([4, 28]).forecaster(AutoTheta::new(1)).fit(past)?.forecast(28, &[0.8], None)?;
/// for (step, mean) in forecast.get("clicks")?.mean.iter().enumerate() {
///     assert!((mean - of(280 + step)).abs() < 0.5, "{mean} for {}", of(280 + step));
/// }
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MstlForecaster {
    /// How the seasons are found. Its periods are to be given: [`Frequency::season`] knows the usual ones.
    pub decomposition: Mstl,
    /// What forecasts the series without its seasons.
    pub forecaster: AnyForecasterRecipe,
}

impl Default for MstlForecaster {
    /// Without a season yet.
    fn default() -> Self {
        MstlForecaster::new([])
    }
}

impl MstlForecaster {
    /// With seasons of so many steps each.
    pub fn new(periods: impl Into<Vec<usize>>) -> Self {
        MstlForecaster {
            decomposition: Mstl::new(periods),
            forecaster: AnyForecasterRecipe::new(crate::AutoEts::new(1).model("ZZN")),
        }
    }

    /// How the seasons are found.
    pub fn decomposition(mut self, decomposition: Mstl) -> Self {
        self.decomposition = decomposition;
        self
    }

    /// What forecasts the series without its seasons.
    pub fn forecaster<R>(mut self, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        self.forecaster = AnyForecasterRecipe::new(recipe);
        self
    }
}

impl Recipe for MstlForecaster {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        Ok(Spec { steps: vec![self.forecaster.describe()?], ..Spec::of(KIND, &self.decomposition)? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let mut recipe = MstlForecaster { decomposition: spec.params()?, ..MstlForecaster::default() };
        match spec.steps.as_slice() {
            [] => {}
            [child] => recipe.forecaster = registry.build(child).map_err(|e| e.in_step(1, &child.kind))?,
            more => {
                let reason = format!("it takes one forecaster in `steps`, not {}", more.len());
                return Err(Error::Spec { kind: KIND.into(), reason });
            }
        }
        Ok(recipe)
    }
}

/// What the seasons of a series add to its steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Cycles {
    id: String,
    /// The time of the first step.
    start: i64,
    /// How many steps there were: each cycle begins so many after the first, on whatever day of its month.
    steps: i64,
    cycles: Vec<Cycle>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct Cycle(#[serde(with = "adflux_core::arrays")] Vec<f64>);

impl Cycles {
    /// The sum of the seasons, so many steps after the last and one, or before.
    fn at(&self, step: i64) -> f64 {
        self.cycles.iter().map(|Cycle(values)| values[step.rem_euclid(values.len() as i64) as usize]).sum()
    }

    /// How many steps the time is after the first that was not there, or before.
    ///
    /// # Errors
    /// When it is between two steps, as text.
    fn steps_to(&self, frequency: Frequency, time: i64) -> Result<i64, String> {
        let steps = frequency.steps_between(self.start, time);
        let steps = steps.ok_or_else(|| format!("{} is between two of its steps", frequency.text(time)))?;
        Ok(steps.saturating_sub(self.steps))
    }
}

/// The cycles of a series, and its values without seasons; where it is too short for any, as they are.
fn take_apart(recipe: &Mstl, series: &Series, context: &Context) -> Result<(Cycles, Vec<f64>)> {
    let mut values = series.values().to_vec();
    let (id, start, steps) = (series.id().into(), series.start(), values.len() as i64);
    let mut cycles = Cycles { id, start, steps, cycles: Vec::new() };
    let Some((first, known)) = known_values(&values) else { return Ok((cycles, values)) };
    let parts = match recipe.decompose_with(&known, context) {
        Ok(parts) => parts,
        Err(Error::Cancelled) => return Err(Error::Cancelled),
        Err(_) => return Ok((cycles, values)),
    };
    let unseen = values.len() - first - known.len();
    for season in parts.seasons {
        values[first..].iter_mut().zip(&season.values).for_each(|(value, season)| *value -= season);
        let mut cycle = season.values[known.len() - season.period..].to_vec();
        cycle.rotate_left(unseen % season.period);
        cycles.cycles.push(Cycle(cycle));
    }
    Ok((cycles, values))
}

impl Fit<Panel> for MstlForecaster {
    type Fitted = FittedMstl;

    /// # Errors
    /// When a parameter is out of its range, the forecaster within fails, or the work is cancelled.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedMstl> {
        self.decomposition.check()?;
        let one = |series: &Series| {
            context.check()?;
            take_apart(&self.decomposition, series, context)
        };
        let all: Vec<(Cycles, Vec<f64>)> = context.run(|| panel.series().par_iter().map(one).collect::<Result<_>>())?;
        let (cycles, rest): (Vec<Cycles>, HashMap<String, Vec<f64>>) =
            all.into_iter().map(|(cycles, rest)| (cycles.clone(), (cycles.id, rest))).unzip();
        let rest = panel.map(|series| Some(series.with_values(rest.get(series.id())?.clone())))?;
        let forecaster = self.forecaster.fit_with(rest, context).map_err(|e| e.in_step(1, self.forecaster.kind()))?;
        Ok(FittedMstl { frequency: panel.frequency(), cycles: Arc::new(cycles), forecaster, skipped: Vec::new() })
    }
}

/// [`MstlForecaster`], fitted.
#[derive(Clone, Debug)]
pub struct FittedMstl {
    frequency: Frequency,
    /// In the order of the panel.
    cycles: Arc<Vec<Cycles>>,
    forecaster: AnyForecaster,
    /// Series of which what came later could not be freed of the seasons.
    skipped: Vec<Skipped>,
}

#[derive(Serialize, Deserialize)]
struct SavedMstl {
    frequency: Frequency,
    cycles: Vec<Cycles>,
    forecaster: Saved,
    skipped: Vec<Skipped>,
}

impl FittedMstl {
    /// What forecasts the series without their seasons.
    pub fn forecaster(&self) -> &AnyForecaster {
        &self.forecaster
    }

    /// What the seasons of the series called `id` add to the coming steps; empty where it has none.
    pub fn seasons(&self, id: &str, horizon: usize) -> Vec<f64> {
        let cycles = self.cycles.iter().find(|cycles| cycles.id == id && !cycles.cycles.is_empty());
        cycles.map_or(Vec::new(), |cycles| (0..horizon as i64).map(|step| cycles.at(step)).collect())
    }

    /// The cycles by the names of the series.
    fn by_id(&self) -> HashMap<&str, &Cycles> {
        self.cycles.iter().map(|cycles| (cycles.id.as_str(), cycles)).collect()
    }

    /// What the seasons add to steps of one series, the first of them at `time`.
    ///
    /// # Errors
    /// When that is between two steps, as text.
    fn added(&self, cycles: Option<&&Cycles>, time: Option<&i64>, steps: usize) -> Result<Vec<f64>, String> {
        let (Some(cycles), Some(time)) = (cycles, time) else { return Ok(vec![0.0; steps]) };
        let first = cycles.steps_to(self.frequency, *time)?;
        Ok((0..steps as i64).map(|step| cycles.at(first.saturating_add(step))).collect())
    }

    fn is_skipped(&self, id: &str) -> bool {
        self.skipped.iter().any(|skipped| skipped.id == id)
    }

    /// Those that the forecaster within skipped, and those of here that it did not.
    fn with_skipped(&self, within: &mut Vec<Skipped>) {
        let own = self.skipped.iter().filter(|own| !within.iter().any(|other| other.id == own.id));
        let own: Vec<Skipped> = own.cloned().collect();
        within.extend(own);
    }
}

fn of_series(id: &str) -> impl Fn(String) -> Error {
    move |reason| Error::data(format!("series `{id}`: {reason}"))
}

impl Forecaster for FittedMstl {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        let mut forecast = self.forecaster.forecast(horizon, levels, future)?;
        forecast.series.retain(|series| !self.is_skipped(&series.id));
        self.with_skipped(&mut forecast.skipped);
        let cycles = self.by_id();
        for series in &mut forecast.series {
            let added = self.added(cycles.get(series.id.as_str()), series.times.first(), series.mean.len());
            let added = added.map_err(of_series(&series.id))?;
            for (step, season) in added.into_iter().enumerate() {
                series.mean[step] += season;
                series.lower.row_mut(step).map_inplace(|end| *end += season);
                series.upper.row_mut(step).map_inplace(|end| *end += season);
            }
        }
        Ok(forecast)
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        let mut paths = self.forecaster.paths(horizon, count, seed, future)?;
        paths.series.retain(|series| !self.is_skipped(&series.id));
        self.with_skipped(&mut paths.skipped);
        let cycles = self.by_id();
        for series in &mut paths.series {
            let added = self.added(cycles.get(series.id.as_str()), series.times.first(), series.times.len());
            let added = added.map_err(of_series(&series.id))?;
            series.values.rows_mut().into_iter().for_each(|mut path| path += &Array1::from(added.clone()));
        }
        Ok(paths)
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        if later.frequency() != self.frequency {
            return Err(Error::data("what came later is of another frequency"));
        }
        let cycles = self.by_id();
        let (mut rest, mut skipped): (HashMap<&str, Vec<f64>>, _) = (HashMap::new(), self.skipped.clone());
        for series in later.series() {
            let (id, steps) = (series.id(), series.values().len());
            let added = self.added(cycles.get(id), Some(&series.start()), steps).unwrap_or_else(|reason| {
                if !self.is_skipped(id) {
                    skipped.push(Skipped { id: id.into(), reason: format!("what came later: {reason}") });
                }
                // The forecaster within sees that the steps are others, but no value that has the seasons in it.
                vec![f64::NAN; steps]
            });
            rest.insert(id, series.values().iter().zip(added).map(|(value, season)| value - season).collect());
        }
        let rest = later.map(|series| Some(series.with_values(rest.get(series.id())?.clone())))?;
        let forecaster = self.forecaster.updated(&rest)?;
        match skipped.last() {
            Some(last) if skipped.len() >= self.cycles.len() => {
                Err(Error::data(format!("no series can be updated; `{}`: {}", last.id, last.reason)))
            }
            _ => Ok(FittedMstl { forecaster, skipped, ..self.clone() }),
        }
    }
}

impl Component for FittedMstl {
    const KIND: &'static str = KIND;
    fn state(&self) -> Result<Vec<u8>> {
        let (cycles, forecaster) = (self.cycles.to_vec(), self.forecaster.save()?);
        encode(KIND, &SavedMstl { frequency: self.frequency, cycles, forecaster, skipped: self.skipped.clone() })
    }
    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let SavedMstl { frequency, cycles, forecaster, skipped } = decode(KIND, state)?;
        for Cycles { id, cycles, .. } in &cycles {
            if cycles.iter().any(|Cycle(values)| values.is_empty() || values.iter().any(|v| !v.is_finite())) {
                let reason = format!("series `{id}`: a season that no fit gives");
                return Err(Error::State { kind: KIND.into(), reason });
            }
        }
        Ok(FittedMstl { frequency, cycles: Arc::new(cycles), forecaster: registry.load(&forecaster)?, skipped })
    }
}
