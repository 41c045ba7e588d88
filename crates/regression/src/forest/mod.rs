//! Random forests: what regressors, classifiers and funnels share.

mod classifier;
mod max_features;
mod regressor;
mod saved;
mod settings;

pub use classifier::{FittedRandomForestClassifier, RandomForestClassifier};
pub use max_features::MaxFeatures;
pub use regressor::{FittedRandomForestRegressor, RandomForestRegressor};
pub(crate) use settings::Settings;

use crate::{
    table::Table,
    tree::{
        binning::Binned,
        grow::{KEEP_FROM, Limits, grow},
        nodes::{Tree, add_leaves},
        outcome::Outcome,
    },
};
use adflux_core::{Column, Context, Error, Features, Result, random::stream};
use ndarray::{Array1, Array2};
use rand::RngExt as _;
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
    outputs: usize,
    trees: Vec<Tree>,
    importances: Array1<f64>,
}

/// Inputs as codes, ready for one forest or for several.
pub(crate) struct Prepared {
    columns: Arc<[Column]>,
    binned: Binned,
}

impl Prepared {
    /// Bins the features once for all trees.
    ///
    /// # Errors
    /// When a block or a number cannot be used, or the work is cancelled.
    pub(crate) fn new(x: &Features, settings: &Settings, context: &Context) -> Result<Self> {
        let table = Table::new(x, settings.step)?;
        let binned = context.run(|| Binned::new(&table, settings.max_bins, context))?;
        Ok(Prepared { columns: x.columns().cloned().collect(), binned })
    }
}

/// Row weights, all 1 when there are none.
pub(crate) fn weights_or_ones(weights: Option<Array1<f64>>, rows: usize) -> Vec<f64> {
    weights.map_or_else(|| vec![1.0; rows], |w| w.to_vec())
}

/// Rows predicted by one task, less where they are wide.
const BLOCK: usize = 256;
/// Numbers gathered by one task where rows do not lie in memory one behind the other.
const GATHERED: usize = 1 << 16;
/// Rows × trees from which on the work is spread over threads: below, handing it out takes longer than doing it.
const WORTH_THREADS: usize = 1 << 14;

impl Forest {
    /// Grows a forest, a tree a task. Rows of weight 0 are as if they were not there.
    ///
    /// # Errors
    /// When cancelled.
    pub(crate) fn grow<O: Outcome>(
        data: &Prepared,
        outcome: &O,
        weights: &[f64],
        settings: &Settings,
        context: &Context,
    ) -> Result<Self> {
        let rows: Vec<u32> = (0..weights.len() as u32).filter(|&row| weights[row as usize] > 0.0).collect();
        let limits = Limits {
            max_depth: settings.max_depth.unwrap_or(usize::MAX),
            min_samples_split: settings.min_samples_split,
            min_samples_leaf: settings.min_samples_leaf,
            max_features: settings.max_features.of(data.binned.width()),
            keep_from: KEEP_FROM,
        };
        let (done, all) = (AtomicU64::new(0), settings.n_estimators as u64);
        let grow_one = |tree: usize| {
            context.check()?;
            let mut rng = stream(settings.seed, &[tree as u64]);
            let sample = |row: u32, times: u32| outcome.sample(row, weights[row as usize] * f64::from(times));
            let samples = if settings.bootstrap {
                let drawn = settings.draws(rows.len());
                let mut times = vec![0; rows.len()];
                (0..drawn).for_each(|_| times[rng.random_range(0..rows.len())] += 1);
                rows.iter().zip(times).filter(|(_, n)| *n > 0).map(|(row, n)| sample(*row, n)).collect()
            } else {
                rows.iter().map(|row| sample(*row, 1)).collect()
            };
            let grown = grow(&data.binned, outcome, samples, limits, &mut rng, context)?;
            context.report(settings.step, done.fetch_add(1, Ordering::Relaxed) + 1, Some(all));
            Ok(grown)
        };
        let grown: Result<Vec<_>> = context.run(|| (0..settings.n_estimators).into_par_iter().map(grow_one).collect());
        let (trees, by_tree): (Vec<Tree>, Vec<Vec<f64>>) = grown?.into_iter().unzip();
        Ok(Forest {
            columns: data.columns.clone(),
            outputs: outcome.outputs(),
            trees,
            importances: mean_importances(&by_tree, data.binned.width()),
        })
    }

    /// The mean of the trees' leaves: rows × outputs.
    ///
    /// # Errors
    /// When the width differs from that of the fit, and those of [`Table::new`].
    pub(crate) fn predict(&self, x: &Features, step: &str) -> Result<Array2<f64>> {
        let table = Table::new(x, step)?;
        x.require_columns(step, &self.columns)?;
        let width = self.columns.len();
        let mut sums = vec![0.0; table.rows() * self.outputs];
        let rows = match table.contiguous() {
            Some(_) => BLOCK,
            None => (GATHERED / width).clamp(1, BLOCK),
        };
        let block = |(i, to): (usize, &mut [f64])| self.predict_block(&table, i * rows, to);
        if table.rows() > rows && table.rows() * self.trees.len() >= WORTH_THREADS {
            sums.par_chunks_mut(rows * self.outputs).enumerate().for_each(block);
        } else {
            sums.chunks_mut(rows * self.outputs).enumerate().for_each(block);
        }
        Array2::from_shape_vec((table.rows(), self.outputs), sums).map_err(Error::backend)
    }

    /// The means of the rows from `start` that fill `to`.
    fn predict_block(&self, table: &Table<'_>, start: usize, to: &mut [f64]) {
        let width = table.width();
        let rows = to.len() / self.outputs;
        let gathered;
        let values = match table.contiguous() {
            Some(all) => &all[start * width..(start + rows) * width],
            None => {
                let mut buffer = vec![0.0; rows * width];
                for (i, row) in buffer.chunks_exact_mut(width).enumerate() {
                    table.read_row(start + i, row);
                }
                gathered = buffer;
                &gathered[..]
            }
        };
        add_leaves(&self.trees, values, width, to);
        let trees = self.trees.len() as f64;
        to.iter_mut().for_each(|sum| *sum /= trees);
    }

    pub(crate) fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    pub(crate) fn importances(&self) -> &Array1<f64> {
        &self.importances
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
