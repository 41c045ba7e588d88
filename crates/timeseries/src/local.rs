//! One model a series: what all such forecasters share.

use adflux_core::{
    Component, Context, Error, Forecast, Forecaster, Frequency, Panel, Paths, Recipe, Registry, Result, Series,
    SeriesForecast, SeriesPaths, Skipped,
    component::{decode, encode},
    random::{Rng, stream},
};
use adflux_evaluation::distributions::normal_quantile;
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use rand_distr::{Distribution as _, StandardNormal};
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

    /// The model of a series of finite values, at least one, in units in which the largest is between 1 and 2. `covariates`: steps ×
    /// covariates of the panel, all finite; without columns where the model uses none.
    ///
    /// # Errors
    /// The reason why this series cannot be fitted.
    fn fit_series(&self, values: &[f64], covariates: ArrayView2<'_, f64>) -> Result<Self::Model, String>;
}

/// The fitted model of one series.
pub trait LocalModel: Clone + std::fmt::Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The kind of its recipe.
    const KIND: &'static str;

    /// Whether it uses the covariates of the panel.
    const COVARIATES: bool = false;

    /// The mean and the standard deviation of each of the steps ahead, in the units that it was fitted in. `future`: steps × covariates.
    fn moments(&self, horizon: usize, future: ArrayView2<'_, f64>) -> (Vec<f64>, Vec<f64>);

    /// The lower and the upper ends of the intervals, steps × levels, for models whose errors are not normal. `None`, the default: the mean
    /// and as many standard deviations as a normal distribution wants.
    fn intervals(&self, horizon: usize, levels: &[f64]) -> Option<[Array2<f64>; 2]> {
        let _ = (horizon, levels);
        None
    }

    /// One possible future, a value a step: errors are drawn and go on as those of the past did.
    fn path(&self, horizon: usize, future: ArrayView2<'_, f64>, rng: &mut Rng) -> Vec<f64>;

    /// Takes in the values after the last, all finite, with the parameters as they are.
    fn update(&mut self, values: &[f64], covariates: ArrayView2<'_, f64>);

    /// Goes over steps of which nothing is known; by default as if they had been as expected.
    fn miss(&mut self, steps: usize, covariates: ArrayView2<'_, f64>) {
        let expected = self.moments(steps, covariates).0;
        self.update(&expected, covariates);
    }

    /// Whether a state that was read can be one: no index out of range, no number that is not finite.
    ///
    /// # Errors
    /// What is wrong.
    fn validate(&self) -> Result<(), String>;
}

/// The most steps in a row, at the end of a series or before what came later, that may be missing: they are forecast too.
const MOST_UNSEEN: usize = 10_000;

/// One series and its model.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fitted<M> {
    id: String,
    /// The time of the first step.
    start: i64,
    /// How many steps there were: the next is so many after the first, on whatever day of its month.
    steps: i64,
    /// Steps at the end whose values are missing: the model's first steps ahead.
    unseen: usize,
    /// Of each of these, the covariates.
    #[serde(with = "adflux_core::arrays")]
    unseen_covariates: Array2<f64>,
    /// Values are this times what the model was fitted on: a power of two, so that nothing is rounded.
    unit: f64,
    model: M,
}

/// A fitted forecaster of one model a series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedLocal<M> {
    frequency: Frequency,
    /// The covariates that were learned from, in the order of the columns.
    covariates: Vec<String>,
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
            _ => {
                let covariates = if M::COVARIATES { panel.covariates().to_vec() } else { Vec::new() };
                Ok(FittedLocal { frequency: panel.frequency(), covariates, series, skipped })
            }
        }
    }
}

fn fit_series<R: LocalRecipe>(recipe: &R, series: &Series, frequency: Frequency) -> Result<Fitted<R::Model>, String> {
    let values = series.values();
    let (first, mut known) = known_values(values).ok_or("no values")?;
    let unseen = values.len() - first - known.len();
    if unseen > MOST_UNSEEN {
        return Err(too_many_unseen(unseen));
    }
    let columns = if R::Model::COVARIATES { series.covariates().ncols() } else { 0 };
    let covariates = series.covariates().slice(s![first.., ..columns]);
    if let Some((step, _)) = covariates.indexed_iter().find(|(_, v)| !v.is_finite()).map(|((step, _), v)| (step, v)) {
        let time = frequency.text(frequency.after(series.start(), (first + step) as i64));
        return Err(format!("a covariate has no value at {time}"));
    }
    let (seen, ahead) = covariates.split_at(Axis(0), known.len());
    let unit = unit_of(&known)?;
    known.iter_mut().for_each(|v| *v /= unit);
    let model = recipe.fit_series(&known, seen)?;
    let (id, start, steps) = (series.id().into(), series.start(), values.len() as i64);
    Ok(Fitted { id, start, steps, unseen, unseen_covariates: ahead.to_owned(), unit, model })
}

fn too_many_unseen(unseen: usize) -> String {
    format!(
        "{unseen} steps in a row without a value, where {MOST_UNSEEN} are the most: is a time wrong, or the frequency too fine?"
    )
}

/// The step of the first value that is known, and the values from there to the last that is, gaps filled; `None` where none is.
pub(crate) fn known_values(values: &[f64]) -> Option<(usize, Vec<f64>)> {
    let first = values.iter().position(|v| !v.is_nan())?;
    let last = values.iter().rposition(|v| !v.is_nan())?;
    let mut known = values[first..=last].to_vec();
    interpolate(&mut known);
    Some((first, known))
}

/// Fills missing values with the line between their neighbours; the first and the last are there.
pub(crate) fn interpolate(values: &mut [f64]) {
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
pub(crate) fn unit_of(values: &[f64]) -> Result<f64, String> {
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
            if series.unseen > MOST_UNSEEN || !(0..i64::MAX / 4).contains(&series.steps) {
                let (unseen, steps) = (series.unseen, series.steps);
                return Err(wrong(format!("series `{}`: {steps} steps, the last {unseen} without values", series.id)));
            }
            if series.unseen_covariates.dim() != (series.unseen, read.covariates.len()) {
                return Err(wrong(format!("series `{}`: covariates of other steps", series.id)));
            }
        }
        Ok(read)
    }
}

impl<M: LocalModel> FittedLocal<M> {
    /// The covariates of the steps ahead of one series, those without values first.
    fn covariates_of(&self, fitted: &Fitted<M>, horizon: usize, future: Option<&Panel>) -> Result<Array2<f64>> {
        if self.covariates.is_empty() {
            return Ok(Array2::zeros((fitted.unseen + horizon, 0)));
        }
        let panel = future.ok_or_else(|| {
            let names = self.covariates.join("`, `");
            Error::data(format!("the forecast needs `{names}` of the steps ahead: give them as a panel of the future"))
        })?;
        if panel.frequency() != self.frequency {
            return Err(Error::data("the panel of the future is of another frequency"));
        }
        let known = panel.known_ahead(&fitted.id, &self.covariates, self.time(fitted, 0), horizon)?;
        let both = concatenate(Axis(0), &[fitted.unseen_covariates.view(), known.view()]);
        both.map_err(|e| Error::data(format!("series `{}`: {e}", fitted.id)))
    }

    fn times(&self, fitted: &Fitted<M>, horizon: usize) -> Vec<i64> {
        (0..horizon as i64).map(|step| self.time(fitted, step)).collect()
    }

    /// The time of the step so many after the next.
    fn time(&self, fitted: &Fitted<M>, step: i64) -> i64 {
        self.frequency.after(fitted.start, fitted.steps.saturating_add(step))
    }
}

impl<M: LocalModel> Forecaster for FittedLocal<M> {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        Forecast::check(horizon, levels)?;
        let quantiles: Vec<f64> = levels.iter().map(|level| normal_quantile(0.5 + level / 2.0)).collect();
        let one = |fitted: &Fitted<M>| {
            let covariates = self.covariates_of(fitted, horizon, future)?;
            let (mean, deviation) = fitted.model.moments(fitted.unseen + horizon, covariates.view());
            let (mean, deviation) = (&mean[fitted.unseen..], &deviation[fitted.unseen..]);
            let own = fitted.model.intervals(fitted.unseen + horizon, levels);
            let end = |sign: f64, place: usize| {
                let end = |(step, level)| match &own {
                    Some(ends) => ends[place][[fitted.unseen + step, level]] * fitted.unit,
                    None => (mean[step] + sign * quantiles[level] * deviation[step]) * fitted.unit,
                };
                Array2::from_shape_fn((horizon, levels.len()), end)
            };
            Ok(SeriesForecast {
                id: fitted.id.clone(),
                times: self.times(fitted, horizon),
                mean: mean.iter().map(|v| v * fitted.unit).collect::<Array1<f64>>(),
                lower: end(-1.0, 0),
                upper: end(1.0, 1),
            })
        };
        let series = self.series.par_iter().map(one).collect::<Result<_>>()?;
        Ok(Forecast { frequency: self.frequency, levels: levels.to_vec(), series, skipped: self.skipped.clone() })
    }

    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        Paths::check(horizon, count, self.series.len())?;
        let one = |fitted: &Fitted<M>| {
            let covariates = self.covariates_of(fitted, horizon, future)?;
            let steps = fitted.unseen + horizon;
            let mut values = Array2::zeros((count, horizon));
            for (path, mut row) in values.rows_mut().into_iter().enumerate() {
                // By the name of the series, so that it does not matter which stand beside.
                let mut rng = stream(seed, &[hash(&fitted.id), path as u64]);
                let drawn = fitted.model.path(steps, covariates.view(), &mut rng);
                row.iter_mut().zip(&drawn[fitted.unseen..]).for_each(|(to, v)| *to = v * fitted.unit);
            }
            Ok(SeriesPaths { id: fitted.id.clone(), times: self.times(fitted, horizon), values })
        };
        let series = self.series.par_iter().map(one).collect::<Result<_>>()?;
        Ok(Paths { frequency: self.frequency, series, skipped: self.skipped.clone() })
    }

    fn updated(&self, later: &Panel) -> Result<Self> {
        if later.frequency() != self.frequency {
            return Err(Error::data("what came later is of another frequency"));
        }
        let one = |fitted: &Fitted<M>| match later.get(&fitted.id) {
            Ok(series) => self.update_series(fitted, series, later),
            Err(_) => Ok(fitted.clone()),
        };
        let all: Vec<Result<Fitted<M>, String>> = self.series.par_iter().map(one).collect();
        let (mut series, mut skipped) = (Vec::with_capacity(all.len()), self.skipped.clone());
        for (updated, of) in all.into_iter().zip(&self.series) {
            match updated {
                Ok(updated) => series.push(updated),
                Err(reason) => skipped.push(Skipped { id: of.id.clone(), reason }),
            }
        }
        match (series.is_empty(), skipped.last()) {
            (true, Some(last)) => Err(Error::data(format!("no series can be updated; `{}`: {}", last.id, last.reason))),
            _ => Ok(FittedLocal { series, skipped, ..self.clone() }),
        }
    }
}

impl<M: LocalModel> FittedLocal<M> {
    fn update_series(&self, fitted: &Fitted<M>, series: &Series, later: &Panel) -> Result<Fitted<M>, String> {
        let next = self.time(fitted, 0);
        let values = values_since(series, next, fitted.unseen, self.frequency)?;
        if values.is_empty() {
            return Ok(fitted.clone());
        }
        let new = values.len();
        let covariates = match self.covariates.is_empty() {
            true => Array2::zeros((new, 0)),
            false => later.known_ahead(&fitted.id, &self.covariates, next, new).map_err(|e| e.to_string())?,
        };
        let mut updated = fitted.clone();
        let mut pending = fitted.unseen_covariates.clone();
        for (step, value) in values.iter().enumerate() {
            let row = covariates.slice(s![step..=step, ..]);
            let value = value / fitted.unit;
            if value.is_nan() {
                pending.append(Axis(0), row).map_err(|e| e.to_string())?;
                updated.unseen += 1;
                if updated.unseen > MOST_UNSEEN {
                    return Err(too_many_unseen(updated.unseen));
                }
                continue;
            }
            if updated.unseen > 0 {
                updated.model.miss(updated.unseen, pending.view());
                updated.unseen = 0;
                pending = Array2::zeros((0, self.covariates.len()));
            }
            updated.model.update(&[value], row);
        }
        updated.unseen_covariates = pending;
        updated.steps += new as i64;
        Ok(updated)
    }
}

/// The values of a series from the step at `next` on; where it begins later still, those of the steps between are missing. Empty where
/// nothing is new. The `unseen` steps before have no values either.
pub(crate) fn values_since(
    series: &Series,
    next: i64,
    unseen: usize,
    frequency: Frequency,
) -> Result<Vec<f64>, String> {
    // The 30th of March is no step after the 28th of February, but that is one before it.
    let before = || frequency.steps_between(next, series.start()).map(i64::saturating_neg);
    let known = frequency.steps_between(series.start(), next).or_else(before).ok_or_else(|| {
        let time = frequency.text(next);
        format!("what came later has no step at {time}, the first that is not known yet")
    })?;
    let new = usize::try_from((series.values().len() as i64).saturating_sub(known)).unwrap_or(0);
    // Before anything is made of the steps between, whether they are too many.
    let before = usize::try_from(known.saturating_neg()).unwrap_or(0).saturating_add(unseen);
    if new > 0 && before > MOST_UNSEEN {
        return Err(too_many_unseen(before));
    }
    let value = |step: usize| {
        let row = usize::try_from(known.saturating_add(step as i64)).ok();
        row.and_then(|row| series.values().get(row)).copied().unwrap_or(f64::NAN)
    };
    Ok((0..new).map(value).collect())
}

/// What `one` says of each series, in parallel, in the order of the panel; those of which it fails are skipped, with the reason.
pub(crate) fn each_series<T: Send>(
    label: &str,
    panel: &Panel,
    context: &Context,
    one: impl Fn(&Series) -> Result<T> + Sync,
) -> Result<(Vec<T>, Vec<Skipped>)> {
    let (done, total) = (AtomicU64::new(0), panel.len() as u64);
    let one = |series: &Series| {
        let said = one(series);
        context.report(label, done.fetch_add(1, Ordering::Relaxed) + 1, Some(total));
        match said {
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Ok(said) => Ok(Ok(said)),
            Err(error) => Ok(Err(Skipped { id: series.id().into(), reason: error.to_string() })),
        }
    };
    let all: Vec<Result<T, Skipped>> = context.run(|| panel.series().par_iter().map(one).collect::<Result<_>>())?;
    let (mut series, mut skipped) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(one) => series.push(one),
            Err(one) => skipped.push(one),
        }
    }
    Ok((series, skipped))
}

/// FNV-1a of a name: the same on every machine.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A standard normal number.
pub(crate) fn normal(rng: &mut Rng) -> f64 {
    StandardNormal.sample(rng)
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
