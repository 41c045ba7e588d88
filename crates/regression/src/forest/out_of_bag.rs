//! Out-of-bag predictions: every row of a fit, predicted by the trees whose bootstrap did not draw it.
//!
//! The bootstraps are not remembered but drawn again, for a bundle of trees at a time: a bit a row and tree.

use super::{
    Prepared, Settings,
    bootstrap::{stream_of_tree, times_drawn},
};
use crate::tree::{nodes::Tree, predict::rows_together};
use adflux_core::{Classes, Context, Error, Result};
use adflux_evaluation::metrics::{accuracy, r2};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What the trees of a forest say of rows that they did not see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OutOfBag {
    score: Option<f64>,
    /// Rows × outputs; NaN where every tree saw the row.
    #[serde(with = "adflux_core::arrays")]
    predictions: Array2<f64>,
}

/// Trees whose bootstraps are known at a time.
const BUNDLE: usize = 64;

impl OutOfBag {
    /// Predicts every row of the fit, of which `rows` took part in the bootstraps.
    ///
    /// # Errors
    /// When cancelled.
    pub(super) fn new(
        trees: &[Tree],
        data: &Prepared<'_>,
        rows: &[u32],
        outputs: usize,
        settings: &Settings,
        context: &Context,
    ) -> Result<Self> {
        let all = data.table.rows();
        let mut sums = vec![0.0; all * outputs];
        let mut counts = vec![0_u32; all];
        let block = rows_together(&data.table);
        for (bundle, trees) in trees.chunks(BUNDLE).enumerate() {
            context.check()?;
            let first = bundle * BUNDLE;
            let seen: Vec<RowSet> = (first..first + trees.len())
                .into_par_iter()
                .map(|tree| {
                    let times = times_drawn(settings, rows.len(), &mut stream_of_tree(settings, tree));
                    let drawn = rows.iter().zip(times).filter(|(_, times)| *times > 0);
                    RowSet::of(all, drawn.map(|(row, _)| *row as usize))
                })
                .collect();
            sums.par_chunks_mut(block * outputs).zip(counts.par_chunks_mut(block)).enumerate().for_each(
                |(i, (sums, counts))| {
                    let values = data.table.read_rows(i * block, counts.len());
                    for (tree, seen) in trees.iter().zip(&seen) {
                        add_unseen(tree, |row| seen.holds(i * block + row), &values, sums, counts);
                    }
                },
            );
        }
        for (sums, count) in sums.chunks_exact_mut(outputs).zip(&counts) {
            sums.iter_mut().for_each(|sum| *sum = if *count > 0 { *sum / f64::from(*count) } else { f64::NAN });
        }
        let predictions = Array2::from_shape_vec((all, outputs), sums).map_err(Error::backend)?;
        Ok(OutOfBag { score: None, predictions })
    }

    pub(crate) fn score(&self) -> Option<f64> {
        self.score
    }

    pub(crate) fn predictions(&self) -> &Array2<f64> {
        &self.predictions
    }

    /// The rows that every tree saw.
    pub(crate) fn never_left_out(&self) -> Vec<usize> {
        let rows = self.predictions.rows().into_iter().enumerate();
        rows.filter(|(_, row)| row.iter().any(|v| v.is_nan())).map(|(row, _)| row).collect()
    }

    /// Scores by R², its mean over targets when there are several.
    pub(super) fn score_values(&mut self, truth: ArrayView2<'_, f64>, weights: &[f64]) -> Result<()> {
        let (rows, weights) = self.judged(weights);
        // A variance needs two rows.
        if rows.len() < 2 {
            return Ok(());
        }
        let (truth, predicted) = (truth.select(Axis(0), &rows), self.predictions.select(Axis(0), &rows));
        let mut sum = 0.0;
        for (truth, predicted) in truth.columns().into_iter().zip(predicted.columns()) {
            sum += r2(truth, predicted, Some(weights.view()))?;
        }
        self.score = Some(sum / truth.ncols() as f64);
        Ok(())
    }

    /// Scores by the share of rows whose most probable class is theirs.
    pub(super) fn score_classes(&mut self, codes: &[u32], labels: &Arc<[String]>, weights: &[f64]) -> Result<()> {
        let (rows, weights) = self.judged(weights);
        if rows.is_empty() {
            return Ok(());
        }
        let probabilities = self.predictions.select(Axis(0), &rows);
        let predicted = Classes { labels: labels.clone(), probabilities }.most_probable();
        let predicted: Array1<u32> = predicted.into_iter().map(|class| class as u32).collect();
        let truth: Array1<u32> = rows.iter().map(|row| codes[*row]).collect();
        self.score = Some(accuracy(truth.view(), predicted.view(), Some(weights.view()))?);
        Ok(())
    }

    /// The rows that are scored, and what each counts: those with a prediction and a weight.
    fn judged(&self, weights: &[f64]) -> (Vec<usize>, Array1<f64>) {
        let predicted = self.predictions.rows().into_iter().map(|row| !row.iter().any(|v| v.is_nan()));
        let rows = predicted.enumerate().filter(|(row, predicted)| *predicted && weights[*row] > 0.0);
        let (rows, weights): (_, Vec<f64>) = rows.map(|(row, _)| (row, weights[row])).unzip();
        (rows, weights.into())
    }
}

/// Adds what a tree says of the rows of a block that it did not see.
fn add_unseen(tree: &Tree, seen: impl Fn(usize) -> bool, values: &[f64], sums: &mut [f64], counts: &mut [u32]) {
    let (width, outputs) = (values.len() / counts.len(), sums.len() / counts.len());
    let unseen: Vec<usize> = (0..counts.len()).filter(|row| !seen(*row)).collect();
    let unseen_values: Vec<f64> = unseen.iter().flat_map(|row| &values[row * width..][..width]).copied().collect();
    let mut leaves = vec![0.0; unseen.len() * outputs];
    tree.add_leaves(&unseen_values, width, &mut leaves);
    for (row, leaf) in unseen.into_iter().zip(leaves.chunks_exact(outputs)) {
        counts[row] += 1;
        sums[row * outputs..][..outputs].iter_mut().zip(leaf).for_each(|(sum, value)| *sum += value);
    }
}

/// A set of rows, a bit each.
struct RowSet(Vec<u64>);

impl RowSet {
    fn of(all: usize, rows: impl Iterator<Item = usize>) -> Self {
        let mut bits = vec![0; all.div_ceil(64)];
        rows.for_each(|row| bits[row / 64] |= 1 << (row % 64));
        RowSet(bits)
    }

    fn holds(&self, row: usize) -> bool {
        self.0[row / 64] >> (row % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RandomForestRegressor,
        forest::{Forest, weights_or_ones},
        table::Table,
        tree::{outcome::Single, predict::sums_of_leaves},
    };
    use adflux_core::{Features, random::stream};
    use rand::RngExt as _;

    #[test]
    fn a_row_is_predicted_by_the_trees_that_did_not_draw_it() {
        let mut rng = stream(5, &[]);
        // More rows than a block, more trees than a bundle.
        let (rows, trees) = (300, 70);
        let x = Array2::from_shape_simple_fn((rows, 3), || rng.random::<f64>());
        let y: Vec<f64> = x.rows().into_iter().map(|r| r[0] + r[1] * r[2]).collect();
        let features = Features::from_dense(x, ["a", "b", "c"]).unwrap();
        let mut weights = weights_or_ones(None, rows);
        weights[7] = 0.0;
        let settings = RandomForestRegressor::new(trees).oob_score(true).max_samples(0.9).settings();
        let context = Context::default();
        let levels = settings.levels(&features, &weights).unwrap();
        let data = Prepared::new(&features, &levels, &weights, &settings, &context).unwrap();
        let forest = Forest::grow(&data, &Single::new(&y, &weights), &weights, &settings, &context).unwrap();
        let table = Table::new(&features, "test").unwrap();
        let by_tree: Vec<Vec<f64>> =
            forest.trees.iter().map(|tree| sums_of_leaves(std::slice::from_ref(tree), &table, 1)).collect();
        let drawn: Vec<u32> = (0..rows as u32).filter(|row| *row != 7).collect();
        let mut expected = vec![(0.0, 0); rows];
        for (tree, says) in by_tree.iter().enumerate() {
            let times = times_drawn(&settings, rows - 1, &mut stream_of_tree(&settings, tree));
            let mut unseen = vec![true; rows];
            drawn.iter().zip(times).for_each(|(row, times)| unseen[*row as usize] = times == 0);
            for row in (0..rows).filter(|row| unseen[*row]) {
                expected[row].0 += says[row];
                expected[row].1 += 1;
            }
        }
        assert_eq!(expected[7].1, trees, "a row without weight is drawn by none");
        let found = &forest.out_of_bag.unwrap().predictions;
        for (row, (sum, count)) in expected.into_iter().enumerate() {
            assert_eq!(found[[row, 0]], sum / count as f64);
        }
    }
}
