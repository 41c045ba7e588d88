//! One model a series: what all such forecasters share.

use adflux_core::{
    Component, Context, Error, Forecast, Forecaster, Frequency, Panel, Recipe, Registry, Result, Series,
    SeriesForecast, Skipped,
    component::{decode, encode},
};
use adflux_evaluation::distributions::normal_quantile;
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::atomic::{AtomicU64, Ordering};

/// A recipe that fits one model to each series: what a kind of forecaster has to offer beyond what all share.
pub trait LocalRecipe: Recipe {
    /// The model of one series.
    type Model: LocalModel;

    /// # Errors
    /// When a parameter is out of its range.
    fn check(&self) -> Result<()>;

    /// The model of a series of finite values, at least one, in units in which the largest is between 1 and 2.
    ///
    /// # Errors
    /// The reason why this series cannot be fitted.
    fn fit_series(&self, values: &[f64]) -> Result<Self::Model, String>;
}

/// The fitted model of one series.
pub trait LocalModel: Clone + std::fmt::Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The kind of its recipe.
    const KIND: &'static str;

    /// The mean and the standard deviation of each of the steps ahead, in the units that it was fitted in.
    fn moments(&self, horizon: usize) -> (Vec<f64>, Vec<f64>);

    /// Whether a state that was read can be one: no index out of range, no number that is not finite.
    ///
    /// # Errors
    /// What is wrong.
    fn validate(&self) -> Result<(), String>;
}

/// The most steps at the end of a series that may be missing: they are forecast too.
const MOST_UNSEEN: usize = 1_000_000;

/// One series and its model.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fitted<M> {
    id: String,
    /// The time of the step after the last.
    next: i64,
    /// Steps at the end whose values are missing: the model's first steps ahead.
    unseen: usize,
    /// Values are this times what the model was fitted on: a power of two, so that nothing is rounded.
    unit: f64,
    model: M,
}

/// A fitted forecaster of one model a series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedLocal<M> {
    frequency: Frequency,
    series: Vec<Fitted<M>>,
    skipped: Vec<Skipped>,
}

impl<M: LocalModel> FittedLocal<M> {
    /// The model of the series called `id`, and the number by which what it says is multiplied: a power of two.
    pub fn model(&self, id: &str) -> Option<(&M, f64)> {
        self.series.iter().find(|s| s.id == id).map(|s| (&s.model, s.unit))
    }

    /// The series that could not be fitted, and why.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Fits `recipe` to each series of `panel`.
    ///
    /// # Errors
    /// When a parameter is out of its range, no series can be fitted, or the fit is cancelled.
    pub fn fit<R: LocalRecipe<Model = M>>(recipe: &R, panel: &Panel, context: &Context) -> Result<Self> {
        recipe.check()?;
        if panel.is_empty() {
            return Err(Error::data("a panel without series: nothing can be fitted"));
        }
        let (done, total) = (AtomicU64::new(0), panel.len() as u64);
        let one = |series: &Series| {
            context.check()?;
            let fitted = fit_series(recipe, series, panel.frequency());
            context.report(R::KIND, done.fetch_add(1, Ordering::Relaxed) + 1, Some(total));
            // The others may all have begun: what the report led to must not wait for the next series.
            context.check()?;
            Ok(fitted)
        };
        let all: Vec<Result<Fitted<M>, String>> =
            context.run(|| panel.series().par_iter().map(one).collect::<Result<_>>())?;
        let (mut series, mut skipped) = (Vec::with_capacity(all.len()), Vec::new());
        for (fitted, of) in all.into_iter().zip(panel.series()) {
            match fitted {
                Ok(fitted) => series.push(fitted),
                Err(reason) => skipped.push(Skipped { id: of.id().into(), reason }),
            }
        }
        match (series.is_empty(), skipped.first()) {
            (true, Some(first)) => {
                Err(Error::data(format!("no series can be fitted; `{}`: {}", first.id, first.reason)))
            }
            _ => Ok(FittedLocal { frequency: panel.frequency(), series, skipped }),
        }
    }
}

fn fit_series<R: LocalRecipe>(recipe: &R, series: &Series, frequency: Frequency) -> Result<Fitted<R::Model>, String> {
    let values = series.values();
    let (Some(first), Some(last)) = (values.iter().position(|v| !v.is_nan()), values.iter().rposition(|v| !v.is_nan()))
    else {
        return Err("no values".into());
    };
    let unseen = values.len() - 1 - last;
    if unseen > MOST_UNSEEN {
        return Err(format!("{unseen} steps without a value at the end, where {MOST_UNSEEN} are the most"));
    }
    let mut known = values[first..=last].to_vec();
    interpolate(&mut known);
    let unit = unit_of(&known)?;
    known.iter_mut().for_each(|v| *v /= unit);
    let model = recipe.fit_series(&known)?;
    let next = frequency.after(series.start(), values.len() as i64);
    Ok(Fitted { id: series.id().into(), next, unseen, unit, model })
}

/// Fills missing values with the line between their neighbours; the first and the last are there.
fn interpolate(values: &mut [f64]) {
    let mut before = 0;
    for step in 1..values.len() {
        if values[step].is_nan() {
            continue;
        }
        let (from, to, steps) = (values[before], values[step], (step - before) as f64);
        for (i, value) in values[before + 1..step].iter_mut().enumerate() {
            let share = (i + 1) as f64 / steps;
            *value = from * (1.0 - share) + to * share;
        }
        before = step;
    }
}

/// The power of two by which the largest value comes to lie between 1 and 2: squares neither overflow nor vanish, and a scaled
/// series is fitted as the series itself.
fn unit_of(values: &[f64]) -> Result<f64, String> {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    if largest == 0.0 {
        return Ok(1.0);
    }
    // Intervals reach farther than the values.
    if !(1e-290..1e290).contains(&largest) {
        return Err(format!(
            "the largest value is {largest:e}: change the unit, so that it is between 1e-290 and 1e290"
        ));
    }
    Ok(largest.log2().floor().exp2())
}

impl<M: LocalModel> Component for FittedLocal<M> {
    const KIND: &'static str = M::KIND;

    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, self)
    }

    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        let read: Self = decode(Self::KIND, state)?;
        let wrong = |reason: String| Error::State { kind: Self::KIND.into(), reason };
        for series in &read.series {
            series.model.validate().map_err(|e| wrong(format!("series `{}`: {e}", series.id)))?;
            if !(series.unit > 0.0 && series.unit.is_finite()) {
                return Err(wrong(format!("series `{}`: unit {}", series.id, series.unit)));
            }
            if series.unseen > MOST_UNSEEN {
                return Err(wrong(format!("series `{}`: {} steps without values", series.id, series.unseen)));
            }
        }
        Ok(read)
    }
}

impl<M: LocalModel> Forecaster for FittedLocal<M> {
    fn forecast(&self, horizon: usize, levels: &[f64], _: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let quantiles: Vec<f64> = levels.iter().map(|level| normal_quantile(0.5 + level / 2.0)).collect();
        let one = |fitted: &Fitted<M>| {
            let (mean, deviation) = fitted.model.moments(fitted.unseen + horizon);
            let (mean, deviation) = (&mean[fitted.unseen..], &deviation[fitted.unseen..]);
            let end = |sign: f64| {
                let end = |(step, level)| (mean[step] + sign * quantiles[level] * deviation[step]) * fitted.unit;
                Array2::from_shape_fn((horizon, levels.len()), end)
            };
            SeriesForecast {
                id: fitted.id.clone(),
                times: (0..horizon as i64).map(|step| self.frequency.after(fitted.next, step)).collect(),
                mean: mean.iter().map(|v| v * fitted.unit).collect::<Array1<f64>>(),
                lower: end(-1.0),
                upper: end(1.0),
            }
        };
        let series = self.series.par_iter().map(one).collect();
        Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series, skipped: self.skipped.clone() })
    }
}

/// Implements [`Fit`](adflux_core::Fit) for a [`LocalRecipe`]; the trait is of another crate, so one implementation for all
/// recipes cannot be written.
macro_rules! fits_locally {
    ($recipe:ty, $kind:literal) => {
        adflux_core::recipe!($recipe, $kind);
        impl adflux_core::Fit<adflux_core::Panel> for $recipe {
            type Fitted = $crate::local::FittedLocal<<$recipe as $crate::local::LocalRecipe>::Model>;
            fn fit_with(
                &self,
                panel: adflux_core::Panel,
                context: &adflux_core::Context,
            ) -> adflux_core::Result<Self::Fitted> {
                $crate::local::FittedLocal::fit(self, &panel, context)
            }
        }
    };
}
pub(crate) use fits_locally;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_along_the_line_between_their_neighbours() {
        let mut values = [1.0, f64::NAN, f64::NAN, 4.0, 2.0, f64::NAN, 0.0];
        interpolate(&mut values);
        let expected = [1.0, 2.0, 3.0, 4.0, 2.0, 1.0, 0.0];
        assert!(values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{values:?}");
    }

    #[test]
    fn the_unit_is_the_power_of_two_below_the_largest() {
        assert_eq!(unit_of(&[3.0, -5.0]), Ok(4.0));
        assert_eq!(unit_of(&[0.3]), Ok(0.25));
        assert_eq!(unit_of(&[0.0]), Ok(1.0));
        assert!(unit_of(&[1e300]).is_err());
    }
}
