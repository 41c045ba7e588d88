//! Rows of all series, and the model of them.

use super::{
    GlobalBoosting,
    calibration::Calibration,
    columns::Layout,
    fitted::{FittedGlobalBoosting, Track},
    history::{Differences, Filled, History},
};
use adflux_core::{Context, Error, Fit, Panel, Result, Series, Skipped, Target, Training};
use adflux_regression::FittedGradientBoostingRegressor;
use ndarray::{Array1, Array2, s};
use rayon::prelude::*;
use std::sync::Arc;

/// One series as the fit sees it.
pub(super) struct Learned {
    pub(super) id: String,
    pub(super) filled: Filled,
    pub(super) history: History,
    /// Steps of the filled values, and those after them without values, × covariates.
    pub(super) covariates: Array2<f64>,
    /// The time of the first step of the series.
    start: i64,
    /// How many steps it has, those without values too.
    count: i64,
}

impl Learned {
    fn new(series: &Series, differences: &Differences) -> Result<Self, String> {
        let filled = Filled::new(series.values())?;
        let history = History::new(filled.values.clone(), |step| filled.known[step], differences)
            .ok_or_else(|| format!("{} steps, where {} are needed", filled.values.len(), differences.reach() + 2))?;
        let covariates = series.covariates().slice(s![filled.first.., ..]).to_owned();
        let unseen = covariates.nrows() - filled.values.len();
        super::fitted::check_unseen(unseen)?;
        let (id, start, count) = (series.id().into(), series.start(), series.values().len() as i64);
        Ok(Learned { id, filled, history, covariates, start, count })
    }

    /// As it was known before its last `steps` steps; `None` where too little is left.
    pub(super) fn before_last(&self, steps: usize, differences: &Differences) -> Option<Learned> {
        let left = self.filled.values.len().checked_sub(steps)?;
        let (values, known) = (self.filled.values[..left].to_vec(), self.filled.known[..left].to_vec());
        let history = History::new(values.clone(), |step| known[step], differences)?;
        let filled = Filled { values, known, ..self.filled };
        let (id, covariates) = (self.id.clone(), self.covariates.clone());
        Some(Learned { id, filled, history, covariates, start: self.start, count: self.count })
    }

    /// The steps that can be learned from: their differences are known, and that before them.
    fn steps<'a>(&'a self, differences: &'a Differences) -> impl Iterator<Item = usize> + 'a {
        let known = |step: usize| self.filled.known[step];
        (differences.reach() + 1..self.filled.values.len()).filter(move |step| differences.all(*step, known))
    }
}

/// The most steps of a series such that all have no more than `most` together.
fn fair_share(counts: &[usize], most: usize) -> usize {
    let rows = |share: usize| counts.iter().map(|count| (*count).min(share)).sum::<usize>();
    let (mut enough, mut too_many) = (1, counts.iter().copied().max().unwrap_or(0) + 1);
    while too_many - enough > 1 {
        let middle = enough + (too_many - enough) / 2;
        if rows(middle) <= most { enough = middle } else { too_many = middle }
    }
    enough
}

/// The model of all that is known.
///
/// # Errors
/// When there is no step to learn from, a parameter of boosting is out of its range, or the fit is cancelled.
pub(super) fn model(
    recipe: &GlobalBoosting,
    learned: &[Learned],
    layout: &Layout,
    context: &Context,
) -> Result<FittedGradientBoostingRegressor> {
    let ids: Arc<[String]> = learned.iter().map(|one| one.id.clone()).collect();
    let differences = Differences::new(&recipe.differences);
    let counts: Vec<usize> = learned.par_iter().map(|one| one.steps(&differences).count()).collect();
    let share = fair_share(&counts, recipe.max_rows);
    let of = |(place, (one, count)): (usize, (&Learned, &usize))| {
        let steps: Vec<usize> = one.steps(&differences).skip(count.saturating_sub(share)).collect();
        let mut rows = vec![0.0; steps.len() * layout.width()];
        for (step, row) in steps.iter().zip(rows.chunks_exact_mut(layout.width())) {
            layout.write(&one.history.scaled[..*step], one.covariates.row(*step).iter().copied(), row);
        }
        let targets: Vec<f64> = steps.iter().map(|step| one.history.scaled[*step]).collect();
        (rows, targets, vec![place as u32; steps.len()])
    };
    let parts: Vec<_> = learned.par_iter().zip(&counts).enumerate().map(of).collect();
    context.check()?;
    let total: usize = parts.iter().map(|(_, targets, _)| targets.len()).sum();
    let (mut rows, mut targets, mut series) =
        (Vec::with_capacity(total * layout.width()), Vec::with_capacity(total), Vec::with_capacity(total));
    for (own, own_targets, own_series) in parts {
        rows.extend(own);
        targets.extend(own_targets);
        series.extend(own_series);
    }
    if targets.is_empty() {
        return Err(Error::data("no series has a step to learn from: three known steps and more are needed"));
    }
    let features = layout.features(rows, series, &ids)?;
    let data = Training::new(features).with_target(Target::Values(Array1::from(targets)));
    recipe.boosting().fit_with(data, context)
}

impl Fit<Panel> for GlobalBoosting {
    type Fitted = FittedGlobalBoosting;

    /// # Errors
    /// When a parameter is out of its range, the calendar cannot be put on the panel, no series can be fitted, or the fit is cancelled.
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<FittedGlobalBoosting> {
        self.check()?;
        if panel.is_empty() {
            return Err(Error::data("a panel without series: nothing can be fitted"));
        }
        context.check()?;
        let own = panel.covariates().to_vec();
        let panel = if self.calendar.is_empty() { panel } else { self.calendar.on(&panel)? };
        let differences = Differences::new(&self.differences);
        let layout = Layout::new(self, panel.covariates());
        context.run(|| {
            let all: Vec<_> = panel.series().par_iter().map(|series| Learned::new(series, &differences)).collect();
            let (mut learned, mut skipped) = (Vec::with_capacity(all.len()), Vec::new());
            for (one, series) in all.into_iter().zip(panel.series()) {
                match one {
                    Ok(one) => learned.push(one),
                    Err(reason) => skipped.push(Skipped { id: series.id().into(), reason }),
                }
            }
            if let (true, Some(first)) = (learned.is_empty(), skipped.first()) {
                return Err(Error::data(format!("no series can be fitted; `{}`: {}", first.id, first.reason)));
            }
            let ids: Arc<[String]> = learned.iter().map(|one| one.id.clone()).collect();
            let calibration = Calibration::of(self, &learned, &layout, &ids, context)?;
            context.check()?;
            let model = model(self, &learned, &layout, context)?;
            let keep = layout.reach() + differences.reach();
            let tracks = learned.into_iter().map(|one| {
                let unseen = one.covariates.slice(s![one.filled.values.len().., ..]).to_owned();
                Track {
                    values: one.history.tail(keep).values,
                    of: one.history.of,
                    id: one.id,
                    start: one.start,
                    steps: one.count,
                    unseen,
                    unit: one.filled.unit,
                }
            });
            let tracks = tracks.collect();
            Ok(FittedGlobalBoosting {
                frequency: panel.frequency(),
                covariates: own,
                calendar: self.calendar.clone(),
                differences: self.differences.clone(),
                layout,
                model,
                calibration,
                tracks,
                skipped,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_series_give_way_to_short_ones() {
        assert_eq!(fair_share(&[10, 100, 3], 1_000), 100);
        assert_eq!(fair_share(&[10, 100, 3], 33), 20);
        assert_eq!(fair_share(&[10, 100, 3], 1), 1);
    }
}
