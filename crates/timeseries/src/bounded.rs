//! [`Bounded`]: forecasts that stay where values can be.

use crate::{AutoEts, local::unit_of};
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, Component, Context, Describe as _, DynComponent as _, Error, Fit, Forecast,
    Forecaster, Panel, Paths, Recipe, Registry, Result, Saved, Series, SeriesForecast, Skipped, Spec,
    component::{decode, encode},
};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const KIND: &str = "bounded";

/// Forecasts of another forecaster, on a scale without ends: clicks that are never below 0, rates between 0 and 1. Kind `bounded`, the
/// forecaster is its one step; without one, [`AutoEts`].
///
/// The other forecaster sees the series through a link: ln (y − min) with one bound, ln ((y − min) / (max − y)) with two. What it says
/// comes back by the inverse, so that intervals and paths end before the bound, and are longer on the side away from it, where clipping would
/// leave half of an interval on it. On this scale what is added is a factor, so that trends are growth rates.
///
/// A series that has values **on** a bound (days without clicks) is seen through ln (c + y − min), with two bounds ln ((c + p) / (c + 1 − p)) of its
/// place p between them, where c is the median distance of its other values from the bound: near the bound this goes as the values themselves, and
/// only what would come back beyond the bound is put on it. For counts that are mostly 0, [`Croston`](crate::Croston) and [`Tsb`](crate::Tsb) are made.
///
/// The mean is that of what comes back from a normal distribution of the other's mean and 68 % interval, not the inverse of its mean.
///
/// Hyndman and Athanasopoulos, *Forecasting: Principles and Practice* (3rd edition, 2021), 13.3. O(steps) beside the other's cost.
///
/// ```
/// use adflux_core::{Fit, Forecaster, Panel};
/// use adflux_timeseries::{Bounded, Naive};
/// let applications = Panel::from_values([("meta", vec![3.0, 0.0, 1.0, 2.0, 0.0, 1.0])])?;
/// let forecast = Bounded::above(0.0, Naive::default()).fit(applications)?.forecast(7, &[0.95], None)?;
/// assert!(forecast.get("meta")?.lower.iter().all(|lower| *lower >= 0.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "TransformedTargetForecaster")]
pub struct Bounded {
    /// What no value is below. Default: none.
    pub min: Option<f64>,
    /// What no value is above. Default: none.
    pub max: Option<f64>,
    /// What forecasts on the scale without ends.
    pub forecaster: AnyForecasterRecipe,
}

/// The parameters beside the forecaster.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
}

impl Bounded {
    /// With bounds that are there or not.
    pub fn new<R>(min: Option<f64>, max: Option<f64>, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        Bounded { min, max, forecaster: AnyForecasterRecipe::new(recipe) }
    }

    /// Never below `min`.
    pub fn above<R>(min: f64, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        Bounded::new(Some(min), None, recipe)
    }

    /// Always between `min` and `max`.
    pub fn between<R>(min: f64, max: f64, recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        Bounded::new(Some(min), Some(max), recipe)
    }
}

impl Recipe for Bounded {
    const KIND: &'static str = KIND;
    fn spec(&self) -> Result<Spec> {
        let steps = vec![self.forecaster.describe()?];
        Ok(Spec { steps, ..Spec::of(KIND, &Parameters { min: self.min, max: self.max })? })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        let Parameters { min, max } = spec.params()?;
        let forecaster = match spec.steps.is_empty() {
            true => AnyForecasterRecipe::new(AutoEts::default()),
            false => spec.only_step(registry)?,
        };
        Ok(Bounded { min, max, forecaster })
    }
}

/// How the values of one series go to a scale without ends, and back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    min: Option<f64>,
    max: Option<f64>,
    /// Distances from a bound are this times what the logarithm is of.
    unit: f64,
    /// What is added to distances, in units: 0 where no value was on a bound.
    offset: f64,
    /// Without an offset: how far a value on a bound is taken to be from it, in units.
    inset: f64,
}

/// Beyond this exponentials leave the range of numbers.
const FARTHEST: f64 = 600.0;

impl Link {
    /// Of the series, whose values must be within the bounds.
    fn of(min: Option<f64>, max: Option<f64>, values: &[f64]) -> Result<Self, String> {
        let known = || values.iter().copied().filter(|v| !v.is_nan());
        let mut link = Link { min, max, unit: 1.0, offset: 0.0, inset: 0.5 };
        known().try_for_each(|value| link.within(value))?;
        link.unit = match (min, max) {
            (Some(min), Some(max)) => max - min,
            (Some(bound), None) | (None, Some(bound)) => unit_of(&known().map(|v| v - bound).collect::<Vec<_>>())?,
            (None, None) => 1.0,
        };
        // From the nearer of two bounds.
        let sized = link;
        let distance = |value: f64| sized.distances(value).into_iter().flatten().fold(f64::INFINITY, f64::min);
        let mut apart: Vec<f64> = known().map(distance).filter(|d| *d > 0.0 && d.is_finite()).collect();
        apart.sort_unstable_by(f64::total_cmp);
        if let Some(nearest) = apart.first() {
            link.inset = nearest / 2.0;
        }
        if known().any(|value| distance(value) == 0.0) {
            link.offset = apart.get(apart.len() / 2).copied().unwrap_or(1.0);
        }
        Ok(link)
    }

    /// Whether a value is where values can be.
    fn within(self, value: f64) -> Result<(), String> {
        let Link { min, max, .. } = self;
        if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
            let bounds = [min.map(|min| format!("at least {min}")), max.map(|max| format!("at most {max}"))];
            let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            return Err(format!("the value {value} where {bounds} is the bound"));
        }
        Ok(())
    }

    /// How far a value is from either bound, in units.
    fn distances(self, value: f64) -> [Option<f64>; 2] {
        [self.min.map(|min| (value - min) / self.unit), self.max.map(|max| (max - value) / self.unit)]
    }

    fn forth(self, value: f64) -> f64 {
        // What is missing stays so.
        let moved = |distance: f64| match self.offset {
            0.0 if distance <= 0.0 => self.inset,
            offset => distance + offset,
        };
        match self.distances(value) {
            [None, None] => value,
            [Some(low), None] => moved(low).ln(),
            [None, Some(high)] => -moved(high).ln(),
            [Some(low), Some(high)] => (moved(low) / moved(high)).ln(),
        }
    }

    fn back(self, z: f64) -> f64 {
        let within = z.clamp(-FARTHEST, FARTHEST);
        let distance = |z: f64| (z.exp() - self.offset).max(0.0) * self.unit;
        match (self.min, self.max) {
            (None, None) => z,
            (Some(min), None) => min + distance(within),
            (None, Some(max)) => max - distance(-within),
            (Some(min), Some(max)) => {
                let place = (1.0 + 2.0 * self.offset) / (1.0 + (-within).exp()) - self.offset;
                (min + (max - min) * place).clamp(min, max)
            }
        }
    }

    /// The mean of what comes back from a normal distribution, by the trapezoid rule, which is exact for it to many digits.
    fn mean_back(self, mean: f64, deviation: f64) -> f64 {
        // So many deviations to either side, in steps of an eighth.
        const REACH: i32 = 8 * 9;
        if !(deviation > 0.0 && deviation.is_finite()) {
            return self.back(mean);
        }
        let at = |step: i32| f64::from(step) / 8.0;
        let density = |z: f64| (-0.5 * z * z).exp();
        let (mut sum, mut total) = (0.0, 0.0);
        for step in -REACH..=REACH {
            sum += density(at(step)) * self.back(mean + deviation * at(step));
            total += density(at(step));
        }
        sum / total
    }
}

/// A fitted [`Bounded`].
#[derive(Clone, Debug)]
pub struct FittedBounded {
    forecaster: AnyForecaster,
    links: BTreeMap<String, Link>,
    skipped: Vec<Skipped>,
}

/// The share of a normal distribution within one deviation from its mean.
const ONE_DEVIATION: f64 = 0.682_689_492_137_085_9;

impl Fit<Panel> for Bounded {
    type Fitted = FittedBounded;

    /// # Errors
    /// When the bounds are no range, all series have values outside, or the forecaster cannot be fitted.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedBounded> {
        let (min, max) = (self.min, self.max);
        for (name, bound) in [("min", min), ("max", max)] {
            if bound.is_some_and(|bound| !bound.is_finite()) {
                return Err(Error::parameter(name, bound.unwrap_or(f64::NAN), "must be a finite number, or left out"));
            }
        }
        if let (Some(min), Some(max)) = (min, max)
            && !(max - min > 0.0 && (max - min).is_finite())
        {
            return Err(Error::parameter("max", max, format!("must be above `min`, {min}")));
        }
        let (mut links, mut skipped) = (BTreeMap::new(), Vec::new());
        for series in panel.series() {
            match Link::of(min, max, series.values()) {
                Ok(link) => drop(links.insert(series.id().to_string(), link)),
                Err(reason) => skipped.push(Skipped { id: series.id().into(), reason }),
            }
        }
        if let (true, Some(first)) = (links.is_empty(), skipped.first()) {
            return Err(Error::data(format!("no series can be fitted; `{}`: {}", first.id, first.reason)));
        }
        let linked = panel.map(|series| Some(linked(series, *links.get(series.id())?)))?;
        let forecaster = self.forecaster.fit_with(linked, context).map_err(|e| e.in_step(1, self.forecaster.kind()))?;
        Ok(FittedBounded { forecaster, links, skipped })
    }
}

fn linked(series: &Series, link: Link) -> Series {
    series.with_values(series.values().iter().map(|v| link.forth(*v)).collect())
}

impl FittedBounded {
    /// The link of a series that the forecaster answered about.
    fn link(&self, id: &str) -> Result<Link> {
        self.links.get(id).copied().ok_or_else(|| Error::data(format!("no series `{id}` was fitted within bounds")))
    }

    fn back(&self, of: SeriesForecast, wanted: usize) -> Result<SeriesForecast> {
        let link = self.link(&of.id)?;
        if of.lower.dim() != (of.mean.len(), wanted + 1) || of.upper.dim() != of.lower.dim() {
            return Err(Error::data(format!(
                "series `{}`: the forecaster gives other intervals than it was asked for",
                of.id
            )));
        }
        let ends = |ends: &Array2<f64>| ends.slice(ndarray::s![.., ..wanted]).mapv(|z| link.back(z));
        let mean =
            |step: usize| link.mean_back(of.mean[step], (of.upper[[step, wanted]] - of.lower[[step, wanted]]) / 2.0);
        Ok(SeriesForecast {
            mean: (0..of.mean.len()).map(mean).collect(),
            lower: ends(&of.lower),
            upper: ends(&of.upper),
            ..of
        })
    }

    fn all_skipped(&self, others: Vec<Skipped>) -> Vec<Skipped> {
        self.skipped.iter().cloned().chain(others).collect()
    }
}

impl Forecaster for FittedBounded {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let all: Vec<f64> = levels.iter().copied().chain([ONE_DEVIATION]).collect();
        let of = self.forecaster.forecast(horizon, &all, future)?;
        let linked = of.series.into_iter().filter(|series| self.links.contains_key(&series.id));
        let series = linked.map(|series| self.back(series, levels.len())).collect::<Result<_>>()?;
        Ok(Forecast { levels: levels.to_vec(), series, skipped: self.all_skipped(of.skipped), ..of })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        let mut paths = self.forecaster.paths(horizon, count, seed, future)?;
        paths.series.retain(|series| self.links.contains_key(&series.id));
        for series in &mut paths.series {
            let link = self.link(&series.id)?;
            series.values.mapv_inplace(|z| link.back(z));
        }
        Ok(Paths { skipped: self.all_skipped(paths.skipped), ..paths })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        let (mut links, mut skipped) = (self.links.clone(), self.skipped.clone());
        for series in later.series() {
            let Some(link) = links.get(series.id()) else { continue };
            if let Err(reason) = series.values().iter().try_for_each(|value| link.within(*value)) {
                links.remove(series.id());
                skipped.push(Skipped { id: series.id().into(), reason });
            }
        }
        if let (true, Some(last)) = (links.is_empty(), skipped.last()) {
            return Err(Error::data(format!("no series can be updated; `{}`: {}", last.id, last.reason)));
        }
        let later = later.map(|series| Some(linked(series, *links.get(series.id())?)))?;
        Ok(FittedBounded { forecaster: self.forecaster.updated(&later)?, links, skipped })
    }
}

/// What is saved.
#[derive(Serialize, Deserialize)]
struct State {
    forecaster: Saved,
    links: BTreeMap<String, Link>,
    skipped: Vec<Skipped>,
}

impl Component for FittedBounded {
    const KIND: &'static str = KIND;

    fn state(&self) -> Result<Vec<u8>> {
        let (forecaster, links, skipped) = (self.forecaster.save()?, self.links.clone(), self.skipped.clone());
        encode(KIND, &State { forecaster, links, skipped })
    }

    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let State { forecaster, links, skipped } = decode(KIND, state)?;
        for (id, Link { min, max, unit, offset, inset }) in &links {
            let bounds = min.iter().chain(max).all(|bound| bound.is_finite());
            let offsets = *offset >= 0.0 && offset.is_finite() && *inset > 0.0 && inset.is_finite();
            if !(bounds && offsets && *unit > 0.0 && unit.is_finite()) {
                let reason = format!("series `{id}`: a link that no fit gives");
                return Err(Error::State { kind: KIND.into(), reason });
            }
        }
        Ok(FittedBounded { forecaster: registry.load(&forecaster)?, links, skipped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_forth_and_back() {
        for (min, max) in [(Some(0.0), None), (None, Some(9.0)), (Some(-1.0), Some(9.0)), (None, None)] {
            let values = [0.5, 3.0, 8.0];
            let link = Link::of(min, max, &values).unwrap();
            for value in values {
                assert!((link.back(link.forth(value)) - value).abs() < 1e-12, "{min:?} {max:?} {value}");
            }
            assert!(link.forth(3.0) > link.forth(0.5), "order stays");
            for z in [-1e300, -800.0, 800.0, 1e300] {
                let back = link.back(z);
                assert!(back.is_finite() && min.is_none_or(|min| back >= min) && max.is_none_or(|max| back <= max));
            }
        }
    }

    #[test]
    fn values_on_a_bound_come_back_to_it_and_near_it_go_as_they_are() {
        for (min, max) in [(Some(0.0), None), (None, Some(9.0)), (Some(-1.0), Some(9.0)), (None, None)] {
            assert!(Link::of(min, max, &[1.0]).unwrap().forth(f64::NAN).is_nan());
        }
        for (min, max, values) in [
            (Some(0.0), None, [0.0, 2.0, 5.0]),
            (None, Some(9.0), [9.0, 2.0, 5.0]),
            (Some(0.0), Some(9.0), [0.0, 9.0, 5.0]),
            (Some(2.0), None, [2.0, 2.0, 2.0]),
        ] {
            let link = Link::of(min, max, &values).unwrap();
            for value in values {
                assert!((link.back(link.forth(value)) - value).abs() < 1e-12, "{min:?} {max:?} {value}");
            }
        }
        let link = Link::of(Some(0.0), None, &[0.0, 1.0, 0.0, 1.0]).unwrap();
        assert!((link.back(link.forth(0.0) - 0.1)).abs() < 1e-12, "not beyond the bound");
        let never = Link::of(Some(0.0), None, &[2.0, 4.0]).unwrap();
        assert!((never.back(never.forth(0.0)) - 1.0).abs() < 1e-12, "half of the nearest, where none was on it");
        let error = Link::of(Some(0.0), Some(1.0), &[0.5, 1.5]).unwrap_err();
        assert_eq!(error, "the value 1.5 where at least 0 and at most 1 is the bound");
    }

    #[test]
    fn the_mean_is_that_of_the_log_normal_distribution() {
        let link = Link::of(Some(0.0), None, &[1.0, 1.5]).unwrap();
        for deviation in [0.0, 0.1, 1.0, 3.0] {
            let expected = (0.3 + deviation * deviation / 2.0_f64).exp();
            assert!((link.mean_back(0.3, deviation) / expected - 1.0).abs() < 1e-6, "{deviation}");
        }
    }
}
