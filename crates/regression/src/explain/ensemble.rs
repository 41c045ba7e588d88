//! [`Ensemble`]: forests and boosted trees as sums of trees, explained.

use super::{
    interventional::{self, TOGETHER},
    path::{self, LANES},
};
use crate::{
    table::Table,
    tree::{nodes::Tree, predict::sums_of_leaves},
};
use adflux_core::{Column, Context, Contributions, Error, Result, Scale, widest::run};
use ndarray::{Array1, Array3};
use rayon::prelude::*;
use std::sync::Arc;

/// Rows of one task.
const BLOCK: usize = 64;
/// Rows × nodes from which on a tree's rows are spread over threads.
const WORTH_THREADS: usize = 1 << 12;

/// Trees whose leaves are added up: `base + factor · Σ leaves`.
pub(crate) struct Ensemble<'a> {
    pub(crate) columns: &'a Arc<[Column]>,
    /// The trees that have the outputs from each number on.
    pub(crate) trees: Vec<(usize, &'a [Tree])>,
    pub(crate) factor: f64,
    pub(crate) base: Vec<f64>,
    pub(crate) scale: Scale,
    /// Of the contributions: none for a single number.
    pub(crate) names: Vec<String>,
    /// What is reported to.
    pub(crate) step: &'static str,
}

impl Ensemble<'_> {
    /// What each column adds to each row's sum, compared with `background`, or else with the rows that the trees remember.
    ///
    /// # Errors
    /// When there is no background row, or the work is cancelled.
    pub(crate) fn contributions(
        self,
        rows: &Table<'_>,
        background: Option<&Table<'_>>,
        context: &Context,
    ) -> Result<Contributions> {
        let (width, outputs) = (rows.width(), self.base.len());
        if self.names.len().max(1) != outputs {
            let reason = "the trees do not have an output for each name".into();
            return Err(Error::State { kind: self.step.into(), reason });
        }
        let read = |table: &Table<'_>| table.read_rows(0, table.rows());
        let x = read(rows);
        let mut values = vec![0.0; rows.rows() * width * outputs];
        let base = context.run(|| match background {
            None => self.along_paths(&x, width, &mut values, context),
            Some(table) if table.rows() == 0 => Err(Error::data("the background has no row to compare with")),
            Some(table) => self.against(&x, &read(table), table, &mut values, context),
        })?;
        let shape = (rows.rows(), width, outputs);
        Ok(Contributions {
            method: if background.is_some() { "tree-interventional" } else { "tree-path-dependent" },
            scale: self.scale,
            outputs: self.names,
            columns: self.columns.clone(),
            base,
            values: Array3::from_shape_vec(shape, values).map_err(Error::backend)?,
        })
    }

    /// Calls `add` with each tree and the number of its first output, and reports.
    fn each_tree(&self, context: &Context, mut add: impl FnMut(usize, &Tree) -> Result<()>) -> Result<()> {
        let total: usize = self.trees.iter().map(|(_, trees)| trees.len()).sum();
        let mut done = 0;
        for (first, trees) in &self.trees {
            for tree in *trees {
                context.check()?;
                add(*first, tree)?;
                done += 1;
                context.report(self.step, done, Some(total as u64));
            }
        }
        Ok(())
    }

    fn along_paths(&self, x: &[f64], width: usize, values: &mut [f64], context: &Context) -> Result<Array1<f64>> {
        let outputs = self.base.len();
        let mut base = self.base.clone();
        self.each_tree(context, |first, tree| {
            let prepared = path::Prepared::new(tree, width);
            base[first..].iter_mut().zip(&prepared.expected).for_each(|(to, mean)| *to += self.factor * mean);
            let own = tree.outputs();
            let block = |(x, to): (&[f64], &mut [f64])| {
                let mut scratch = path::Scratch::default();
                let mut sums = vec![[0.0; LANES]; prepared.columns.len() * own];
                for (x, to) in x.chunks(LANES * width).zip(to.chunks_mut(LANES * width * outputs)) {
                    sums.fill([0.0; LANES]);
                    let here = x.len() / width;
                    // Where there are fewer rows, the last goes several times.
                    let rows = std::array::from_fn(|lane| &x[lane.min(here - 1) * width..][..width]);
                    run(path::Walk { tree: &prepared, rows, scratch: &mut scratch, sums: &mut sums });
                    for (sums, column) in sums.chunks_exact(own).zip(&prepared.columns) {
                        for (lane, to) in to.chunks_exact_mut(width * outputs).enumerate() {
                            let to = &mut to[column * outputs + first..];
                            to.iter_mut().zip(sums).for_each(|(to, sum)| *to += self.factor * sum[lane]);
                        }
                    }
                }
            };
            in_blocks(x, width, values, width * outputs, tree.len(), block);
            Ok(())
        })?;
        Ok(base.into())
    }

    fn against(
        &self,
        x: &[f64],
        background: &[f64],
        table: &Table<'_>,
        values: &mut [f64],
        context: &Context,
    ) -> Result<Array1<f64>> {
        let (width, outputs, rows) = (table.width(), self.base.len(), table.rows());
        let mut base = Array1::from(self.base.clone());
        for (first, trees) in &self.trees {
            let own = trees.first().map_or(1, Tree::outputs);
            for leaves in sums_of_leaves(trees, table, own).chunks_exact(own) {
                let to = base.iter_mut().skip(*first);
                to.zip(leaves).for_each(|(to, leaf)| *to += self.factor * leaf / rows as f64);
            }
        }
        let factor = self.factor / rows as f64;
        self.each_tree(context, |first, tree| {
            let prepared: Vec<_> = (background.chunks(TOGETHER * width))
                .map(|rows| interventional::Prepared::new(tree, rows, width))
                .collect();
            let block = |(x, to): (&[f64], &mut [f64])| {
                let mut scratch = interventional::Scratch::default();
                for (row, to) in x.chunks_exact(width).zip(to.chunks_exact_mut(width * outputs)) {
                    for prepared in &prepared {
                        prepared.add(row, factor, outputs, &mut scratch, &mut to[first..]);
                    }
                }
            };
            in_blocks(x, width, values, width * outputs, tree.len() * rows.min(TOGETHER), block);
            Ok(())
        })?;
        Ok(base)
    }
}

/// Calls `block` with blocks of rows and of what belongs to them, on several threads when it is worth it.
fn in_blocks(
    x: &[f64],
    width: usize,
    values: &mut [f64],
    stride: usize,
    work: usize,
    block: impl Fn((&[f64], &mut [f64])) + Sync + Send,
) {
    if x.len() / width > BLOCK && x.len() / width * work >= WORTH_THREADS {
        x.par_chunks(BLOCK * width).zip(values.par_chunks_mut(BLOCK * stride)).for_each(block);
    } else {
        x.chunks(BLOCK * width).zip(values.chunks_mut(BLOCK * stride)).for_each(block);
    }
}
