//! How far off the model was where it had not seen: what intervals and paths are made of.

use super::{
    GlobalBoosting,
    columns::Layout,
    fit::{Learned, model},
    fitted::ahead,
    history::Differences,
};
use adflux_core::{Context, Error, Result, random::Rng};
use adflux_evaluation::{conformal::conformal_quantile, distributions::normal_quantile};
use ndarray::{Array2, ArrayView1, Axis, s};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most windows that are kept, drawn evenly from all.
const MOST_WINDOWS: usize = 4_096;

/// Errors of windows in which the truth was known, each in the scale of its series.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Calibration {
    /// Windows × steps ahead.
    #[serde(with = "adflux_core::arrays")]
    errors: Array2<f64>,
}

impl Calibration {
    /// Forecasts the end of each series by a model that did not see it.
    ///
    /// # Errors
    /// When no series is long enough for that, or the fit is cancelled.
    pub(super) fn of(
        recipe: &GlobalBoosting,
        learned: &[Learned],
        layout: &Layout,
        ids: &Arc<[String]>,
        context: &Context,
    ) -> Result<Self> {
        let differences = Differences::new(&recipe.differences);
        let longest = learned.iter().map(|one| one.filled.values.len()).max().unwrap_or(0);
        // Half of the steps that can be spared by the longest series: the other half is learned from.
        let spare = longest.saturating_sub(differences.reach() + 3);
        let horizon = recipe.horizon.min(spare.div_ceil(2));
        if horizon == 0 {
            let reason = format!(
                "the longest series has {longest} steps, where {} are needed for a model and its intervals",
                differences.reach() + 4
            );
            return Err(Error::data(reason));
        }
        let most = recipe.calibration_windows.min((spare / 2 / horizon).max(1));
        let windows = |one: &Learned| {
            let spare = one.filled.values.len().saturating_sub(differences.reach() + 3);
            most.min(spare / horizon)
        };
        // Series without a window of their own are learned from as they are: none of their steps is judged.
        let cut = |one: &Learned| one.before_last(horizon * windows(one), &differences);
        let past: Vec<Option<Learned>> = learned.iter().map(cut).collect();
        let known: Vec<Learned> = past.into_iter().flatten().collect();
        let held_back = model(recipe, &known, layout, context)?;
        let mut errors: Vec<f64> = Vec::new();
        for window in 0..most {
            context.check()?;
            let judged: Vec<(&Learned, u32, &Learned)> =
                with_whole(&known, learned).filter(|(_, _, whole)| windows(whole) > window).collect();
            let from = |past: &Learned| past.filled.values.len() + window * horizon;
            let history = |(past, _, whole): &(&Learned, u32, &Learned)| {
                let mut history = past.history.clone();
                let since = &whole.filled.values[past.filled.values.len()..from(past)];
                since.iter().for_each(|value| history.push(*value, &differences));
                history.tail(layout.reach() + differences.reach())
            };
            let histories = judged.iter().map(history).collect();
            let rows: Vec<Array2<f64>> = judged
                .iter()
                .map(|(past, _, whole)| whole.covariates.slice(s![from(past)..from(past) + horizon, ..]).to_owned())
                .collect();
            let places: Vec<u32> = judged.iter().map(|(_, place, _)| *place).collect();
            let said = ahead(&held_back, layout, &differences, histories, &places, &rows, ids)?;
            for ((past, _, whole), said) in judged.iter().zip(said) {
                let steps = from(past)..from(past) + horizon;
                if whole.filled.known[steps.clone()].iter().all(|known| *known) {
                    let truth = whole.filled.values[steps].iter().zip(&said);
                    errors.extend(truth.map(|(truth, said)| (truth - said) / past.history.of.scale));
                }
            }
        }
        Calibration::new(errors, horizon)
    }

    fn new(errors: Vec<f64>, horizon: usize) -> Result<Self> {
        let count = errors.len() / horizon;
        if count == 0 {
            return Err(Error::data("no series has so many known steps at its end that intervals can be calibrated"));
        }
        let all = Array2::from_shape_vec((count, horizon), errors).map_err(Error::backend)?;
        let kept: Vec<usize> = (0..count.min(MOST_WINDOWS)).map(|k| k * count / count.min(MOST_WINDOWS)).collect();
        Ok(Calibration { errors: all.select(Axis(0), &kept) })
    }

    /// Half the width of an interval of each step ahead, in the scale of its series.
    ///
    /// # Errors
    /// When the level is not between 0 and 1.
    pub(super) fn widths(&self, level: f64, horizon: usize) -> Result<Vec<f64>> {
        let known = self.errors.ncols();
        let one = |column: ArrayView1<'_, f64>| {
            let sizes: Vec<f64> = column.iter().map(|error| error.abs()).collect();
            let width = conformal_quantile(&sizes, level)?;
            if width.is_finite() {
                return Ok(width);
            }
            // Too few windows for such a level: as if errors were normal, and no narrower than what was seen.
            let square = sizes.iter().map(|v| v * v).sum::<f64>() / sizes.len() as f64;
            let most = sizes.iter().copied().fold(0.0, f64::max);
            Ok(most.max(square.sqrt() * normal_quantile(0.5 + level / 2.0)))
        };
        let widths: Vec<f64> = self.errors.columns().into_iter().map(one).collect::<Result<_>>()?;
        let last = widths.last().copied().unwrap_or(0.0);
        let beyond = |step: usize| last * ((step + 1) as f64 / known as f64).sqrt();
        Ok((0..horizon).map(|step| widths.get(step).copied().unwrap_or_else(|| beyond(step))).collect())
    }

    /// Errors of so many steps ahead, as they went together: those of a window, and from its end on those of another added.
    pub(super) fn draw(&self, horizon: usize, rng: &mut Rng) -> Vec<f64> {
        let windows = self.errors.nrows();
        let (mut all, mut from) = (Vec::with_capacity(horizon), 0.0);
        while all.len() < horizon {
            let window = rng.random_range(0..windows);
            let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            all.extend(self.errors.row(window).iter().take(horizon - all.len()).map(|error| from + sign * error));
            from = all.last().copied().unwrap_or(0.0);
        }
        all
    }

    /// Whether a state that was read can be one.
    pub(super) fn valid(&self) -> bool {
        let (windows, steps) = self.errors.dim();
        windows > 0 && steps > 0 && self.errors.iter().all(|v| v.is_finite())
    }
}

/// Those of `past`, each with the whole series and its place; both are in the same order.
fn with_whole<'a>(past: &'a [Learned], whole: &'a [Learned]) -> impl Iterator<Item = (&'a Learned, u32, &'a Learned)> {
    let mut whole = (0..).zip(whole);
    past.iter().filter_map(move |past| whole.find(|(_, one)| one.id == past.id).map(|(place, one)| (past, place, one)))
}
