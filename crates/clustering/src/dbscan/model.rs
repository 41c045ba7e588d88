//! DBSCAN: the fitted model.

use super::KIND;
use crate::{
    labels::Labels,
    neighbors::{KdTree, Nearest, Neighbor},
};
use adflux_core::{Column, Features, Predict, Result, Segments};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Core rows and the segments they are in. Segments are numbered by weight: 0 is the heaviest.
///
/// **New rows** are in the segment of the nearest core row within `eps`, and are outliers without one. scikit-learn has no such
/// answer. A row of the training comes back as it was ([`labels`](Self::labels)), except at the border of several segments, where the
/// nearest decides here and the order of the rows did there.
///
/// Saved are the core rows, and 4 bytes for each training row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedDbscan")]
pub struct DbscanModel {
    columns: Vec<Column>,
    eps: f64,
    labels: Labels,
    #[serde(with = "adflux_core::arrays")]
    core_rows: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    components: Array2<f64>,
    /// Of the core rows; none without any.
    #[serde(skip)]
    tree: Option<KdTree>,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedDbscan {
    columns: Vec<Column>,
    eps: f64,
    labels: Labels,
    #[serde(with = "adflux_core::arrays")]
    core_rows: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    components: Array2<f64>,
}

impl TryFrom<SavedDbscan> for DbscanModel {
    type Error = String;

    fn try_from(saved: SavedDbscan) -> std::result::Result<Self, String> {
        let SavedDbscan { columns, eps, labels, core_rows, components } = saved;
        labels.check()?;
        if eps.is_nan() || eps <= 0.0 {
            return Err("`eps` is not above 0".into());
        }
        if components.ncols() != columns.len() || columns.is_empty() || components.iter().any(|v| !v.is_finite()) {
            return Err("a core row is not a finite number a column".into());
        }
        if core_rows.len() != components.nrows() || core_rows.iter().any(|row| labels.of_row(*row as usize).is_none()) {
            return Err("a core row is in no segment".into());
        }
        Ok(DbscanModel { columns, ..DbscanModel::new(eps, labels, core_rows, components) })
    }
}

impl DbscanModel {
    pub(super) fn new(eps: f64, labels: Labels, core_rows: Vec<u32>, components: Array2<f64>) -> Self {
        let tree = (components.nrows() > 0).then(|| KdTree::new(components.view()));
        DbscanModel { columns: Vec::new(), eps, labels, core_rows, components, tree }
    }

    /// The same, knowing the columns it was fitted on.
    pub(super) fn with_columns_of(mut self, x: &Features) -> Self {
        self.columns = x.columns().cloned().collect();
        self
    }

    /// How near a neighbour is.
    pub fn eps(&self) -> f64 {
        self.eps
    }

    /// The number of segments; 0 when nothing lies dense.
    pub fn n_clusters(&self) -> usize {
        self.labels.counts().len()
    }

    /// The segment of each training row, `None` for outliers.
    #[doc(alias = "labels_")]
    pub fn labels(&self) -> Vec<Option<u32>> {
        self.labels.to_vec()
    }

    /// The number of training rows in no segment.
    pub fn n_outliers(&self) -> usize {
        self.labels.outliers()
    }

    /// The number of training rows in each segment.
    pub fn counts(&self) -> &[u64] {
        self.labels.counts()
    }

    /// The weight of the training rows in each segment; their number, without weights.
    pub fn weights(&self) -> &[f64] {
        self.labels.weights()
    }

    /// The core rows, by their places in the training data, ascending.
    #[doc(alias = "core_sample_indices_")]
    pub fn core_rows(&self) -> &[u32] {
        &self.core_rows
    }

    /// The numbers of the core rows: core rows × columns.
    pub fn components(&self) -> &Array2<f64> {
        &self.components
    }

    /// The segment of each row of `x` (rows × columns) and its strength, as [`predict`](Predict::predict).
    ///
    /// # Errors
    /// When the number of columns is not that of the training data, or a number is not finite (the column and row are named).
    pub fn assign(&self, x: &ArrayView2<f64>) -> Result<Segments> {
        let columns = self.components.ncols();
        crate::inputs::check_rows(KIND, &self.columns, columns, x)?;
        let x = x.as_standard_layout();
        let limit = (self.eps * self.eps).min(f64::MAX);
        let of_row = |row: &[f64]| {
            let tree = self.tree.as_ref()?;
            let mut nearest = Nearest::new(tree, 1).within(limit);
            tree.search(row, &mut nearest);
            let Neighbor { squared, row: core } = nearest.farthest()?;
            let segment = self.labels.of_row(self.core_rows[core as usize] as usize)?;
            Some((segment, (1.0 - squared.sqrt() / self.eps).clamp(0.0, 1.0)))
        };
        let rows = x.as_slice().unwrap_or_default().par_chunks(columns.max(1));
        let found: Vec<Option<(u32, f64)>> = rows.map(of_row).collect();
        let strength = found.iter().map(|found| found.map_or(0.0, |(_, strength)| strength)).collect();
        Ok(Segments { ids: found.into_iter().map(|found| Some(found?.0)).collect(), strength })
    }
}

impl Predict<Features> for DbscanModel {
    type Output = Segments;

    /// The segment of the nearest core row within `eps`, `None` without one. Its strength is 1 − d / `eps` with d the distance to
    /// that row: 1 on a core row, 0 for outliers. O(rows · log core rows) for few columns, on all threads.
    ///
    /// # Errors
    /// When the features are not one dense block of finite numbers with the columns of the training data, in their order.
    fn predict(&self, x: &Features) -> Result<Segments> {
        x.require_columns(KIND, &self.columns)?;
        x.require_finite(KIND)?;
        self.assign(&x.dense(KIND)?.view())
    }
}

adflux_core::component!(DbscanModel, "dbscan", version = 1);
