//! Random forests: what regressors, classifiers and funnels share.

mod bootstrap;
mod classifier;
mod decision_tree;
mod extra_trees;
mod fitted;
mod max_features;
mod out_of_bag;
mod regressor;
mod saved;
mod settings;

pub use classifier::{FittedRandomForestClassifier, RandomForestClassifier};
pub use decision_tree::{
    DecisionTreeClassifier, DecisionTreeRegressor, FittedDecisionTreeClassifier, FittedDecisionTreeRegressor,
};
pub use extra_trees::{
    ExtraTreesClassifier, ExtraTreesRegressor, FittedExtraTreesClassifier, FittedExtraTreesRegressor,
};
pub(crate) use fitted::{fitted_classifier, fitted_regressor};
use fitted::{out_of_bag_classifier, out_of_bag_regressor};
pub use max_features::MaxFeatures;
pub use regressor::{FittedRandomForestRegressor, RandomForestRegressor};
pub(crate) use saved::{SavedClassifier, SavedRegressor};
pub(crate) use settings::Settings;

use crate::{
    explain::ensemble::Ensemble,
    levels::{Coded, Levels},
    table::Table,
    tree::{
        binning::Binned,
        grow::{KEEP_FROM, Limits, grow},
        nodes::Tree,
        outcome::Outcome,
        predict::sums_of_leaves,
    },
};
use adflux_core::{Column, Context, Contributions, Error, Features, Result, Scale};
use bootstrap::{stream_of_tree, times_drawn};
use ndarray::{Array1, Array2, ArrayView2};
use out_of_bag::OutOfBag;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Trees whose leaves are averaged.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "saved::SavedForest", into = "saved::SavedForest")]
pub(crate) struct Forest {
    columns: Arc<[Column]>,
    levels: Levels,
    outputs: usize,
    trees: Vec<Tree>,
    importances: Array1<f64>,
    out_of_bag: Option<OutOfBag>,
}

/// Inputs as codes, ready for one forest or for several.
pub(crate) struct Prepared<'a> {
    columns: Arc<[Column]>,
    levels: &'a Levels,
    table: Table<'a>,
    binned: Binned,
    /// The directions of the columns; empty when there are none.
    monotone: Vec<i8>,
}

impl<'a> Prepared<'a> {
    /// Bins the features, whose levels are `coded`, once for all trees of any weights that are above 0 only where these are.
    ///
    /// # Errors
    /// When a block or a number cannot be used, a constraint names no column of numbers, or the work is cancelled.
    pub(crate) fn new(
        x: &'a Features,
        (levels, coded): &'a (Levels, Coded),
        weights: &[f64],
        settings: &Settings,
        context: &Context,
    ) -> Result<Self> {
        let table = Table::with_codes(x, coded, settings.step)?;
        let columns: Arc<[Column]> = x.columns().cloned().collect();
        let monotone = match settings.monotone.is_empty() {
            true => Vec::new(),
            false => settings.monotone.directions(&columns, |place| levels.has(place))?,
        };
        let binned = context.run(|| Binned::new(&table, weights, settings.max_bins, context))?;
        Ok(Prepared { columns, levels, table, binned, monotone })
    }
}

/// Row weights, all 1 when there are none.
pub(crate) fn weights_or_ones(weights: Option<Array1<f64>>, rows: usize) -> Vec<f64> {
    weights.map_or_else(|| vec![1.0; rows], |w| w.to_vec())
}

impl Forest {
    /// Grows a forest, a tree a task. Rows of weight 0 are as if they were not there.
    ///
    /// # Errors
    /// When a column is constrained but the outcome is not one number, or the work is cancelled.
    pub(crate) fn grow<O: Outcome>(
        data: &Prepared<'_>,
        outcome: &O,
        weights: &[f64],
        settings: &Settings,
        context: &Context,
    ) -> Result<Self> {
        if !outcome.one_number() {
            settings
                .monotone
                .refuse("of several targets or more than two classes none rises alone: take the constraint out")?;
        }
        let rows: Vec<u32> = (0..weights.len() as u32).filter(|&row| weights[row as usize] > 0.0).collect();
        let limits = Limits {
            max_depth: settings.max_depth.unwrap_or(usize::MAX),
            min_samples_split: settings.min_samples_split,
            min_samples_leaf: settings.min_samples_leaf,
            max_features: settings.max_features.of(data.binned.width()),
            random_thresholds: settings.random_thresholds,
            exact_to: settings.exact_to(rows.len()),
            keep_from: KEEP_FROM,
            monotone: &data.monotone,
        };
        let values = settings.exact.then_some(&data.table);
        let (done, all) = (AtomicU64::new(0), settings.n_estimators as u64);
        let grow_one = |tree: usize| {
            context.check()?;
            let mut rng = stream_of_tree(settings, tree);
            let sample = |row: u32, times: u32| outcome.sample(row, weights[row as usize] * f64::from(times));
            let samples = if settings.bootstrap {
                let times = times_drawn(settings, rows.len(), &mut rng);
                rows.iter().zip(times).filter(|(_, n)| *n > 0).map(|(row, n)| sample(*row, n)).collect()
            } else {
                rows.iter().map(|row| sample(*row, 1)).collect()
            };
            let grown = grow(&data.binned, values, outcome, samples, limits, &mut rng, context)?;
            context.report(settings.step, done.fetch_add(1, Ordering::Relaxed) + 1, Some(all));
            Ok(grown)
        };
        let grown: Result<Vec<_>> = context.run(|| (0..settings.n_estimators).into_par_iter().map(grow_one).collect());
        let (trees, by_tree): (Vec<Tree>, Vec<Vec<f64>>) = grown?.into_iter().unzip();
        let outputs = outcome.outputs();
        let out_of_bag = || OutOfBag::new(&trees, data, &rows, outputs, settings, context);
        let out_of_bag = settings.oob_score.then(|| context.run(out_of_bag)).transpose()?;
        Ok(Forest {
            columns: data.columns.clone(),
            levels: data.levels.clone(),
            outputs,
            trees,
            out_of_bag,
            importances: mean_importances(&by_tree, data.binned.width()),
        })
    }

    /// The mean of the trees' leaves: rows × outputs.
    ///
    /// # Errors
    /// When the columns are not those of the fit, and those of [`Table::with_codes`].
    pub(crate) fn predict(&self, x: &Features, step: &str) -> Result<Array2<f64>> {
        x.require_columns(step, &self.columns)?;
        let coded = self.levels.code(x, step)?;
        let table = Table::with_codes(x, &coded, step)?;
        let mut sums = sums_of_leaves(&self.trees, &table, self.outputs);
        let trees = self.trees.len() as f64;
        sums.iter_mut().for_each(|sum| *sum /= trees);
        Array2::from_shape_vec((table.rows(), self.outputs), sums).map_err(Error::backend)
    }

    /// What each column adds to the mean of the leaves.
    ///
    /// # Errors
    /// As `predict`, for `x` and for `background`; and when that has no row, or the work is cancelled.
    pub(crate) fn contributions(
        &self,
        x: &Features,
        background: Option<&Features>,
        names: Vec<String>,
        step: &'static str,
        context: &Context,
    ) -> Result<Contributions> {
        let code = |x: &Features| {
            x.require_columns(step, &self.columns)?;
            self.levels.code(x, step)
        };
        let coded = code(x)?;
        let rows = Table::with_codes(x, &coded, step)?;
        let other = background.map(|x| code(x).map(|coded| (x, coded))).transpose()?;
        let background = other.as_ref().map(|(x, coded)| Table::with_codes(x, coded, step)).transpose()?;
        let ensemble = Ensemble {
            columns: &self.columns,
            trees: vec![(0, &self.trees)],
            factor: (self.trees.len() as f64).recip(),
            base: vec![0.0; self.outputs],
            scale: Scale::Outcome,
            names,
            step,
        };
        ensemble.contributions(&rows, background.as_ref(), context)
    }

    pub(crate) fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    pub(crate) fn importances(&self) -> &Array1<f64> {
        &self.importances
    }

    /// Where the fit was asked for them.
    pub(crate) fn out_of_bag(&self) -> Option<&OutOfBag> {
        self.out_of_bag.as_ref()
    }

    /// Scores out-of-bag predictions of numbers, where there are any.
    pub(crate) fn score_values(&mut self, truth: ArrayView2<'_, f64>, weights: &[f64]) -> Result<()> {
        self.out_of_bag.as_mut().map_or(Ok(()), |known| known.score_values(truth, weights))
    }

    /// Scores out-of-bag probabilities of classes, where there are any.
    pub(crate) fn score_classes(&mut self, codes: &[u32], labels: &Arc<[String]>, weights: &[f64]) -> Result<()> {
        self.out_of_bag.as_mut().map_or(Ok(()), |known| known.score_classes(codes, labels, weights))
    }
}

/// Each tree's importances sum to 1, and so does their mean; trees without a split say nothing.
fn mean_importances(by_tree: &[Vec<f64>], width: usize) -> Array1<f64> {
    let mut mean = Array1::zeros(width);
    for tree in by_tree {
        let total: f64 = tree.iter().sum();
        if total > 0.0 {
            mean.iter_mut().zip(tree).for_each(|(to, from): (&mut f64, _)| *to += from / total);
        }
    }
    let total = mean.sum();
    if total > 0.0 { mean / total } else { mean }
}
