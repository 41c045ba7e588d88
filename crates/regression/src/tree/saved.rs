//! The saved form of trees: the nodes of all of them in a few long arrays. Indices of children are not kept, they follow
//! from the order of the nodes; thresholds are real values, so that no bins are needed to predict.

use super::{code_set::CodeSet, nodes::Tree};
use serde::{Deserialize, Serialize};

/// What is kept of trees in a file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Flat {
    /// Nodes of each tree.
    #[serde(with = "adflux_core::arrays")]
    pub(super) sizes: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    pub(super) node_columns: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    pub(super) thresholds: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    pub(super) covers: Vec<f32>,
    /// Of leaves of several outputs; one output is kept in the node itself.
    #[serde(with = "adflux_core::arrays")]
    pub(super) values: Vec<f64>,
    /// Four numbers a set.
    #[serde(with = "adflux_core::arrays")]
    pub(super) sets: Vec<u64>,
}

impl Flat {
    pub(crate) fn of(trees: &[Tree]) -> Self {
        let mut flat = Flat::default();
        trees.iter().for_each(|tree| tree.flatten(&mut flat));
        flat
    }

    /// The number of trees.
    pub(crate) fn len(&self) -> usize {
        self.sizes.len()
    }

    /// The trees again; `None` when these are not the nodes of whole trees over `width` columns, with finite leaves.
    pub(crate) fn trees(&self, outputs: usize, width: usize) -> Option<Vec<Tree>> {
        // A tree of several outputs has at least one leaf, so that many values.
        let plausible = outputs == 1 || (outputs > 1 && outputs <= self.values.len());
        if !plausible {
            return None;
        }
        let mut rest = Reader {
            sizes: &self.sizes,
            columns: &self.node_columns,
            thresholds: &self.thresholds,
            covers: &self.covers,
            values: &self.values,
            sets: &self.sets,
        };
        let trees = (0..self.sizes.len()).map(|_| Tree::restore(&mut rest, outputs, width)).collect::<Option<_>>()?;
        rest.is_empty().then_some(trees)
    }
}

/// Whether these can be how much each of `width` columns brought.
pub(crate) fn are_importances(importances: &ndarray::Array1<f64>, width: usize) -> bool {
    importances.len() == width && importances.iter().all(|share| (0.0..=2.0).contains(share))
}

/// What is not read yet.
pub(super) struct Reader<'a> {
    sizes: &'a [u32],
    columns: &'a [u32],
    thresholds: &'a [f64],
    covers: &'a [f32],
    values: &'a [f64],
    sets: &'a [u64],
}

fn take<'a, T>(from: &mut &'a [T], n: usize) -> Option<&'a [T]> {
    let (taken, rest) = from.split_at_checked(n)?;
    *from = rest;
    Some(taken)
}

impl<'a> Reader<'a> {
    /// Columns, thresholds and covers of the next tree's nodes.
    pub(super) fn nodes(&mut self) -> Option<(&'a [u32], &'a [f64], &'a [f32])> {
        let n = *take(&mut self.sizes, 1)?.first()? as usize;
        Some((take(&mut self.columns, n)?, take(&mut self.thresholds, n)?, take(&mut self.covers, n)?))
    }

    pub(super) fn values(&mut self, n: usize) -> Option<&'a [f64]> {
        take(&mut self.values, n)
    }

    pub(super) fn sets(&mut self, n: usize) -> Option<Vec<CodeSet>> {
        let words = take(&mut self.sets, n.checked_mul(4)?)?;
        Some(words.as_chunks::<4>().0.to_vec())
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.thresholds.is_empty()
            && self.covers.is_empty()
            && self.values.is_empty()
            && self.sets.is_empty()
    }
}
