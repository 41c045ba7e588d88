//! What the model sees of a series at a step.

use super::GlobalBoosting;
use adflux_core::{Block, Categories, Column, Features, Result, Values};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The columns: what stood some steps before, means and deviations of the last steps, covariates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Layout {
    pub(super) lags: Vec<usize>,
    pub(super) windows: Vec<usize>,
    /// Those of the panel, then those of the calendar.
    pub(super) covariates: Vec<String>,
    /// Whether which series it is stands behind.
    pub(super) series_id: bool,
}

impl Layout {
    pub(super) fn new(recipe: &GlobalBoosting, covariates: &[String]) -> Self {
        let season = recipe.season_length;
        let given = |given: &[usize], default: Vec<usize>| {
            let mut chosen = if given.is_empty() { default } else { given.to_vec() };
            chosen.sort_unstable();
            chosen.dedup();
            chosen
        };
        let around = [season / 2, season.saturating_sub(1), season, season + 1, 2 * season];
        let lags = (1..=13).chain(around.into_iter().filter(|lag| season > 1 && *lag > 0)).collect();
        let windows = [4, 13].into_iter().chain((season > 1).then_some(season)).collect();
        Layout {
            lags: given(&recipe.lags, lags),
            windows: given(&recipe.windows, windows),
            covariates: covariates.to_vec(),
            series_id: recipe.series_id,
        }
    }

    /// Columns of numbers.
    pub(super) fn width(&self) -> usize {
        self.lags.len() + 2 * self.windows.len() + self.covariates.len()
    }

    /// How many steps back they look.
    pub(super) fn reach(&self) -> usize {
        self.lags.iter().chain(&self.windows).copied().max().unwrap_or(0)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let lags = self.lags.iter().map(|lag| format!("lag {lag}"));
        let windows = self.windows.iter().flat_map(|w| [format!("mean of {w}"), format!("deviation of {w}")]);
        lags.chain(windows).chain(self.covariates.iter().map(|name| format!("covariate {name}"))).collect()
    }

    /// Writes the row of the step after `scaled`. A window of which less than half is known has no mean.
    pub(super) fn write(&self, scaled: &[f64], covariates: impl Iterator<Item = f64>, row: &mut [f64]) {
        let mut to = row.iter_mut();
        let mut put = |value: f64| {
            if let Some(to) = to.next() {
                *to = value;
            }
        };
        for lag in &self.lags {
            put(scaled.len().checked_sub(*lag).map_or(f64::NAN, |step| scaled[step]));
        }
        for window in &self.windows {
            let (mean, deviation) = moments(&scaled[scaled.len().saturating_sub(*window)..], window.div_ceil(2));
            put(mean);
            put(deviation);
        }
        covariates.for_each(put);
    }

    /// Rows as features: numbers, and where asked for the series, one of `ids` a row.
    ///
    /// # Errors
    /// When there are not so many rows.
    pub(super) fn features(&self, rows: Vec<f64>, series: Vec<u32>, ids: &Arc<[String]>) -> Result<Features> {
        let count = series.len();
        let numbers = Array2::from_shape_vec((count, self.width()), rows).map_err(adflux_core::Error::backend)?;
        let columns: Vec<Column> = self.names().into_iter().map(Column::input).collect();
        let mut blocks = vec![Block::new(columns, Values::Dense(numbers))?];
        if self.series_id {
            let categories = Categories { codes: series, levels: ids.clone() };
            blocks.push(Block::new(vec![Column::input("series")], Values::Category(categories))?);
        }
        Features::new(count, blocks)
    }
}

/// Mean and standard deviation of those that are known (over one less than their number); NaN where they are fewer than `least`.
fn moments(values: &[f64], least: usize) -> (f64, f64) {
    let known = || values.iter().filter(|v| !v.is_nan());
    let count = known().count();
    if count < least.max(1) {
        return (f64::NAN, f64::NAN);
    }
    let mean = known().sum::<f64>() / count as f64;
    let squares = known().map(|v| (v - mean).powi(2)).sum::<f64>();
    (mean, (squares / (count - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::{
        super::history::{Differences, History},
        *,
    };
    use std::collections::BTreeMap;

    #[test]
    fn a_row_is_of_what_stood_before() {
        let recipe = GlobalBoosting::new(1).lags([1, 3]).windows([2, 4]);
        let layout = Layout::new(&recipe, &["budget".into()]);
        assert_eq!(
            layout.names(),
            ["lag 1", "lag 3", "mean of 2", "deviation of 2", "mean of 4", "deviation of 4", "covariate budget"]
        );
        let mut row = vec![0.0; layout.width()];
        layout.write(&[f64::NAN, 2.0, 4.0, 8.0], [5.0].into_iter(), &mut row);
        assert_eq!(row[..4], [8.0, 2.0, 6.0, 8.0_f64.sqrt()]);
        assert!((row[4] - 14.0 / 3.0).abs() < 1e-12 && row[6] == 5.0);
        layout.write(&[7.0], [5.0].into_iter(), &mut row);
        assert!(row[1].is_nan() && row[4].is_nan() && row[2] == 7.0 && row[3].is_nan());
    }

    #[test]
    fn lags_come_from_the_season() {
        let lags = |season| Layout::new(&GlobalBoosting::new(season), &[]).lags;
        assert_eq!(lags(1), (1..=13).collect::<Vec<_>>());
        assert_eq!(lags(52)[13..], [26, 51, 52, 53, 104]);
        assert_eq!(lags(7), (1..=14).collect::<Vec<_>>());
    }

    #[derive(serde::Deserialize)]
    struct Said {
        series: BTreeMap<String, Vec<f64>>,
        lags: Vec<usize>,
        windows: Vec<usize>,
        seen: Vec<Seen>,
    }

    #[derive(serde::Deserialize)]
    struct Seen {
        differences: Vec<usize>,
        /// The step, its scaled difference, then the columns.
        rows: BTreeMap<String, Vec<Vec<f64>>>,
    }

    #[test]
    fn rows_are_those_of_mlforecast() {
        let said: Said = adflux_testing::fixture("timeseries/global.json");
        for seen in &said.seen {
            let recipe = GlobalBoosting::new(1).lags(said.lags.clone()).windows(said.windows.clone());
            let (layout, differences) = (Layout::new(&recipe, &[]), Differences::new(&seen.differences));
            for (id, rows) in &seen.rows {
                let history = History::new(said.series[id].clone(), |_| true, &differences).unwrap();
                assert_eq!(rows.len(), history.values.len() - differences.reach() - 6);
                let mut row = vec![0.0; layout.width()];
                for theirs in rows {
                    let step = theirs[0] as usize;
                    layout.write(&history.scaled[..step], std::iter::empty(), &mut row);
                    let ours = [&history.scaled[step]].into_iter().chain(&row);
                    adflux_testing::assert_all_close(ours, &theirs[1..], 1e-9);
                }
            }
        }
    }
}
