//! HDBSCAN: the fitted model.

use super::{KIND, select::Choice};
use crate::{
    labels::{Labels, NONE},
    neighbors::{KdTree, Nearest, Neighbor},
};
use adflux_core::{Column, Features, Predict, Result, Segments};
use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The training rows, their tree of clusters, and the segments chosen from it. Segments are numbered by size: 0 is the largest.
///
/// **Strength** is λ / λmax, from 0 to 1: how dense a row lies in its segment, beside the densest of the segment; 0 for outliers. Where
/// rows are repeated `min_samples` times the densest has no distance at all, and all other rows of that segment have strength 0, as in
/// scikit-learn and `hdbscan`.
///
/// **New rows** are put where their nearest row by mutual reachability is, or into the cluster above it that is as sparse as they are:
/// `approximate_predict` of the package `hdbscan`, number for number. So the tree is not fitted again, and a row of the training need
/// not come back with its own strength. Where everything is one segment (`allow_single_cluster`), a new row is in it when it is as
/// dense as the training rows that are.
///
/// Saved are the rows of weight above 0 and 20 bytes for each, and 20 bytes for each training row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedHdbscan")]
pub struct HdbscanModel {
    columns: Vec<Column>,
    labels: Labels,
    #[serde(with = "adflux_core::arrays")]
    strengths: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    outlier_scores: Vec<f64>,
    min_samples: u64,
    #[serde(with = "adflux_core::arrays")]
    x: Array2<f64>,
    /// Of each row of `x`: its core distance as far as new rows ask for it, its cluster, and λ where it falls out of it.
    #[serde(with = "adflux_core::arrays")]
    reach: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    cluster_of: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    lambda_of: Vec<f64>,
    clusters: Clusters,
    #[serde(skip)]
    tree: Option<KdTree>,
}

/// The tree of clusters, as far as new rows ask for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Clusters {
    /// The cluster that each split off from: one before it. The root's is itself.
    #[serde(with = "adflux_core::arrays")]
    parents: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    births: Vec<f64>,
    /// The segment that each is or lies in; none for others.
    #[serde(with = "adflux_core::arrays")]
    segments: Vec<u32>,
    /// Of each segment: the largest λ, and the least that a row must have to be in it.
    #[serde(with = "adflux_core::arrays")]
    densest: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    least: Vec<f64>,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedHdbscan {
    columns: Vec<Column>,
    labels: Labels,
    #[serde(with = "adflux_core::arrays")]
    strengths: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    outlier_scores: Vec<f64>,
    min_samples: u64,
    #[serde(with = "adflux_core::arrays")]
    x: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    reach: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    cluster_of: Vec<u32>,
    #[serde(with = "adflux_core::arrays")]
    lambda_of: Vec<f64>,
    clusters: Clusters,
}

impl TryFrom<SavedHdbscan> for HdbscanModel {
    type Error = String;

    fn try_from(saved: SavedHdbscan) -> std::result::Result<Self, String> {
        let SavedHdbscan {
            columns,
            labels,
            strengths,
            outlier_scores,
            min_samples,
            x,
            reach,
            cluster_of,
            lambda_of,
            clusters,
        } = saved;
        labels.check()?;
        let unit = |values: &[f64]| values.len() == labels.rows() && values.iter().all(|v| (0.0..=1.0).contains(v));
        if !unit(&strengths) || !unit(&outlier_scores) {
            return Err("a strength or a score is not between 0 and 1".into());
        }
        let rows = x.nrows();
        if rows == 0 || columns.is_empty() || x.ncols() != columns.len() || x.iter().any(|v| !v.is_finite()) {
            return Err("a row is not a finite number a column".into());
        }
        if min_samples == 0 || min_samples > rows as u64 {
            return Err("there are fewer rows than `min_samples`".into());
        }
        if [reach.len(), cluster_of.len(), lambda_of.len()] != [rows; 3] || reach.iter().any(|v| v.is_nan() || *v < 0.0)
        {
            return Err("the rows and their distances do not fit together".into());
        }
        if lambda_of.iter().any(|v| v.is_nan() || *v < 0.0) {
            return Err("a density is not a number from 0".into());
        }
        clusters.check(labels.counts().len())?;
        if cluster_of.iter().any(|cluster| *cluster as usize >= clusters.parents.len()) {
            return Err("a row is in a cluster that there is not".into());
        }
        let tree = Some(KdTree::new(x.view()));
        Ok(HdbscanModel {
            columns,
            labels,
            strengths,
            outlier_scores,
            min_samples,
            x,
            reach,
            cluster_of,
            lambda_of,
            clusters,
            tree,
        })
    }
}

impl Clusters {
    fn check(&self, segments: usize) -> Result<(), String> {
        let count = self.parents.len();
        let above = |(number, parent): (usize, &u32)| (*parent as usize) < number.max(1);
        if count == 0 || !self.parents.iter().enumerate().all(above) {
            return Err("a cluster splits off from one that is not before it".into());
        }
        if self.births.len() != count || self.births.iter().any(|v| v.is_nan() || *v < 0.0) {
            return Err("a cluster does not begin at a density".into());
        }
        let known = |segment: &u32| *segment == NONE || (*segment as usize) < segments;
        if self.segments.len() != count || !self.segments.iter().all(known) {
            return Err("a cluster lies in a segment that there is not".into());
        }
        let densities = |values: &[f64]| values.len() == segments && values.iter().all(|v| *v >= 0.0);
        if !densities(&self.densest) || !densities(&self.least) {
            return Err("a segment has no density".into());
        }
        Ok(())
    }
}

/// The rows of a fit.
pub(super) struct Rows {
    /// Those that count.
    pub(super) x: Array2<f64>,
    /// Their places in the training data.
    pub(super) counted: Vec<usize>,
    /// The number of all training rows.
    pub(super) all: usize,
    /// The distance to the row before the `min_samples`-th nearest, itself counted.
    pub(super) reach: Vec<f64>,
    pub(super) tree: KdTree,
}

impl HdbscanModel {
    pub(super) fn new(min_samples: usize, rows: Rows, choice: &Choice) -> Self {
        let Rows { x, counted, all, reach, tree } = rows;
        let condensed = choice.tree;
        let selected = choice.selected();
        let in_segment = choice.segment_of(&selected);
        let chosen: Vec<usize> = (0..selected.len()).filter(|cluster| selected[*cluster]).collect();
        let part = |cluster: usize| chosen.binary_search(&cluster).map_or(NONE, |part| part as u32);
        let least = |cluster: usize| if cluster == 0 { choice.least_lambda_in_root() } else { 0.0 };
        let (mut parts, mut strengths, mut outlier_scores) = (vec![NONE; all], vec![0.0; all], vec![0.0; all]);
        let scores = condensed.outlier_scores();
        for (row, &of_all) in counted.iter().enumerate() {
            outlier_scores[of_all] = scores[row];
            let lambda = condensed.lambda_of[row];
            let segment = in_segment[condensed.cluster_of[row] as usize].filter(|cluster| lambda >= least(*cluster));
            if let Some(cluster) = segment {
                parts[of_all] = part(cluster);
                strengths[of_all] = strength(lambda, condensed.clusters[cluster].death);
            }
        }
        let (labels, rank) = Labels::by_weight(parts, chosen.len(), None);
        let segment = |cluster: Option<usize>| cluster.map_or(NONE, |cluster| rank[part(cluster) as usize]);
        let (mut densest, mut at_least) = (vec![0.0; chosen.len()], vec![0.0; chosen.len()]);
        for &cluster in &chosen {
            let number = segment(Some(cluster)) as usize;
            (densest[number], at_least[number]) = (condensed.clusters[cluster].death, least(cluster));
        }
        let clusters = Clusters {
            parents: condensed.clusters.iter().map(|cluster| cluster.parent).collect(),
            births: condensed.clusters.iter().map(|cluster| cluster.birth).collect(),
            segments: in_segment.into_iter().map(segment).collect(),
            densest,
            least: at_least,
        };
        HdbscanModel {
            columns: Vec::new(),
            labels,
            strengths,
            outlier_scores,
            min_samples: min_samples as u64,
            x,
            reach,
            cluster_of: condensed.cluster_of.clone(),
            lambda_of: condensed.lambda_of.clone(),
            clusters,
            tree: Some(tree),
        }
    }

    /// The same, knowing the columns it was fitted on.
    pub(super) fn with_columns_of(mut self, x: &Features) -> Self {
        self.columns = x.columns().cloned().collect();
        self
    }

    /// The number of segments; 0 when no cluster splits off.
    pub fn n_clusters(&self) -> usize {
        self.labels.counts().len()
    }

    /// The segment of each training row, `None` for outliers and rows of weight 0.
    #[doc(alias = "labels_")]
    pub fn labels(&self) -> Vec<Option<u32>> {
        self.labels.to_vec()
    }

    /// How firmly each training row belongs to its segment: λ / λmax, from 0 to 1; 0 for outliers.
    #[doc(alias = "probabilities_")]
    pub fn strengths(&self) -> &[f64] {
        &self.strengths
    }

    /// How far each training row lies out of what is densest near it: GLOSH, from 0 (in the midst) to 1; 0 for rows of weight 0. Rows
    /// in segments have one too.
    #[doc(alias = "outlier_scores_")]
    pub fn outlier_scores(&self) -> &[f64] {
        &self.outlier_scores
    }

    /// The number of training rows in no segment.
    pub fn n_outliers(&self) -> usize {
        self.labels.outliers()
    }

    /// The number of training rows in each segment.
    pub fn counts(&self) -> &[u64] {
        self.labels.counts()
    }

    /// The segment of each row of `x` (rows × columns) and its strength, as [`predict`](Predict::predict).
    ///
    /// # Errors
    /// When the number of columns is not that of the training data, or a number is not finite (the column and row are named).
    #[doc(alias = "approximate_predict")]
    pub fn assign(&self, x: &ArrayView2<f64>) -> Result<Segments> {
        let columns = self.x.ncols();
        crate::inputs::check_rows(KIND, &self.columns, columns, x)?;
        let x = x.as_standard_layout();
        let rows = x.as_slice().unwrap_or_default().par_chunks(columns.max(1));
        let found: Vec<Option<(u32, f64)>> = rows.map(|row| self.of_row(row)).collect();
        let strength: Array1<f64> = found.iter().map(|found| found.map_or(0.0, |(_, strength)| strength)).collect();
        Ok(Segments { ids: found.into_iter().map(|found| Some(found?.0)).collect(), strength })
    }

    fn of_row(&self, point: &[f64]) -> Option<(u32, f64)> {
        let tree = self.tree.as_ref()?;
        let min_samples = self.min_samples as usize;
        // As many neighbours as the package hdbscan looks at.
        let mut nearest = Nearest::new(tree, (2 * (min_samples - 1)).max(min_samples));
        tree.search(point, &mut nearest);
        let nearest = nearest.ascending();
        let core = nearest.get(min_samples - 1)?.squared.sqrt();
        let reachable = |neighbor: &Neighbor| {
            let row = neighbor.row as usize;
            (neighbor.squared.sqrt().max(core).max(self.reach[row]), row)
        };
        let neighbors = nearest.iter().map(reachable);
        let (distance, row) = neighbors.reduce(|best, next| if next.0 < best.0 { next } else { best })?;
        let lambda = 1.0 / distance;
        let mut cluster = self.cluster_of[row] as usize;
        if self.lambda_of[row] > lambda {
            while cluster > 0 && self.clusters.births[cluster] >= lambda {
                cluster = self.clusters.parents[cluster] as usize;
            }
        }
        let segment = self.clusters.segments[cluster];
        let (densest, least) =
            (*self.clusters.densest.get(segment as usize)?, *self.clusters.least.get(segment as usize)?);
        (lambda >= least).then(|| (segment, strength(lambda, densest)))
    }
}

/// λ beside the densest of the segment, from 0 to 1.
fn strength(lambda: f64, densest: f64) -> f64 {
    if lambda.is_infinite() || densest == 0.0 { 1.0 } else { lambda.min(densest) / densest }
}

impl Predict<Features> for HdbscanModel {
    type Output = Segments;

    /// The segment of each row, `None` for outliers, with λ / λmax as strength. O(rows · log training rows) for few columns, on all
    /// threads.
    ///
    /// # Errors
    /// When the features are not one dense block of finite numbers with the columns of the training data, in their order.
    fn predict(&self, x: &Features) -> Result<Segments> {
        x.require_columns(KIND, &self.columns)?;
        x.require_finite(KIND)?;
        self.assign(&x.dense(KIND)?.view())
    }
}

adflux_core::component!(HdbscanModel, "hdbscan", version = 1);
