//! HDBSCAN: the recipe.

mod condensed;
mod model;
mod mst;
mod select;

pub use model::HdbscanModel;

use crate::{agglomerative::Linkage, dbscan::check_rows, neighbors::KdTree};
use adflux_core::{Context, Error, Features, Fit, Result, Training, parameter};
use condensed::Condensed;
use model::Rows;
use ndarray::{ArrayView1, ArrayView2, Axis};
use select::Choice;
use serde::{Deserialize, Serialize};

const KIND: &str = "hdbscan";

/// How segments are chosen from the tree of clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ClusterSelectionMethod {
    /// The clusters that last longest over the densities, by their rows (excess of mass).
    #[default]
    Eom,
    /// The leaves of the tree: more and smaller segments, of like density.
    Leaf,
}

/// Segments where rows lie dense, each at a density of its own, and how firmly rows belong to them; rows that lie apart are in none.
/// Kind `hdbscan`.
///
/// Two rows are as far apart as their mutual reachability, max(core(a), core(b), ‖a − b‖), with core the distance to the
/// `min_samples`-th nearest row. The tree of merges by that distance holds what [`Dbscan`](crate::Dbscan) finds at every `eps`; of it
/// are left the clusters of at least `min_cluster_size` rows, and of those the most lasting are the segments. There is no radius to
/// choose.
///
/// Takes one dense block of finite numbers. Names, defaults and labels are scikit-learn's; segments are numbered by size, distances are
/// Euclidean. `min_samples` counts the row itself, as in scikit-learn: the same number less 1 is that of the package `hdbscan`. Row
/// weights must be equal, but for 0: such rows are left out. Put a standard-scaler before it.
///
/// Time O(rows · log² rows) for few columns, O(rows² · columns) at worst, on all threads; memory O(rows · columns). Edges of equal
/// length are ordered by their rows, so the result does not depend on the number of threads; the order may differ from
/// scikit-learn's, and with it the segment of single rows between two segments.
///
/// R. J. G. B. Campello, D. Moulavi and J. Sander, *Density-based clustering based on hierarchical density estimates*, 2013; L. McInnes
/// and J. Healy, *Accelerated hierarchical density based clustering*, 2017; C. Malzer and M. Baum, *A hybrid approach to hierarchical
/// density-based cluster selection*, 2020 (`cluster_selection_epsilon`).
///
/// ```
/// use adflux_clustering::Hdbscan;
/// use adflux_core::{Features, Fit, Predict, Training};
/// use ndarray::array;
///
/// let years = array![[1.0], [1.1], [1.3], [7.0], [8.0], [9.5], [40.0]];
/// let model = Hdbscan::new(3).min_samples(2).fit(Training::new(Features::from_dense(years, ["years"])?))?;
/// assert_eq!(model.labels(), [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
/// assert!(model.outlier_scores()[6] > 0.9);
/// let new = model.predict(&Features::from_dense(array![[1.2], [20.0]], ["years"])?)?;
/// assert_eq!(new.ids, [Some(0), None]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[doc(alias = "HDBSCAN")]
pub struct Hdbscan {
    /// The fewest rows of a segment; at least 2, 5 by default.
    pub min_cluster_size: usize,
    /// The row, counted from itself as the first, whose distance is the core distance. More makes more rows outliers. `None`, the
    /// default, is `min_cluster_size`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_samples: Option<usize>,
    /// How segments are chosen from the tree of clusters; excess of mass by default.
    pub cluster_selection_method: ClusterSelectionMethod,
    /// Clusters that split off at less than this distance stay together; 0, the default, leaves all apart. In the unit of the
    /// columns. What splits off at exactly this distance is put where `hdbscan` and scikit-learn put it.
    pub cluster_selection_epsilon: f64,
    /// Whether everything may be one segment; no by default. Leaves are never everything, as in both packages: with
    /// [`Leaf`](ClusterSelectionMethod::Leaf) it changes something only where `cluster_selection_epsilon` joins all of them.
    pub allow_single_cluster: bool,
}

impl Default for Hdbscan {
    fn default() -> Self {
        Hdbscan {
            min_cluster_size: 5,
            min_samples: None,
            cluster_selection_method: ClusterSelectionMethod::Eom,
            cluster_selection_epsilon: 0.0,
            allow_single_cluster: false,
        }
    }
}

impl Hdbscan {
    /// Segments of at least `min_cluster_size` rows.
    pub fn new(min_cluster_size: usize) -> Self {
        Hdbscan { min_cluster_size, ..Hdbscan::default() }
    }

    /// Sets the fewest rows of a segment.
    pub fn min_cluster_size(mut self, min_cluster_size: usize) -> Self {
        self.min_cluster_size = min_cluster_size;
        self
    }

    /// Sets the row whose distance is the core distance.
    pub fn min_samples(mut self, min_samples: usize) -> Self {
        self.min_samples = Some(min_samples);
        self
    }

    /// Sets how segments are chosen.
    pub fn cluster_selection_method(mut self, method: ClusterSelectionMethod) -> Self {
        self.cluster_selection_method = method;
        self
    }

    /// Sets the distance below which clusters stay together.
    pub fn cluster_selection_epsilon(mut self, epsilon: f64) -> Self {
        self.cluster_selection_epsilon = epsilon;
        self
    }

    /// Sets whether everything may be one segment.
    pub fn allow_single_cluster(mut self, allow: bool) -> Self {
        self.allow_single_cluster = allow;
        self
    }

    fn check(&self) -> Result<()> {
        let size = self.min_cluster_size;
        parameter::ensure(size >= 2, "min_cluster_size", size, "must be at least 2")?;
        if let Some(min_samples) = self.min_samples {
            parameter::at_least_one("min_samples", min_samples)?;
        }
        parameter::non_negative("cluster_selection_epsilon", self.cluster_selection_epsilon)
    }

    fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<HdbscanModel> {
        check_rows(KIND, x)?;
        let counted = counted(x.nrows(), weights)?;
        let min_samples = self.min_samples.unwrap_or(self.min_cluster_size);
        if min_samples > counted.len() {
            let name = if self.min_samples.is_some() { "min_samples" } else { "min_cluster_size" };
            let reason = format!("there are only {} rows: ask for at most as many", counted.len());
            return Err(Error::parameter(name, min_samples, reason));
        }
        let rows = x.select(Axis(0), &counted);
        let tree = KdTree::new(rows.view());
        let core = mst::core_distances(&tree, min_samples, context)?;
        let squared: Vec<f64> = core.iter().map(|core| core[0]).collect();
        let pairs = mst::spanning_tree(&tree, &squared, context)?;
        let condensed = Condensed::of(&Linkage::from_pairs(pairs), self.min_cluster_size);
        let choice = Choice {
            tree: &condensed,
            method: self.cluster_selection_method,
            epsilon: self.cluster_selection_epsilon,
            allow_single_cluster: self.allow_single_cluster && counted.len() >= self.min_cluster_size,
        };
        let mut reach = vec![0.0; counted.len()];
        for (core, row) in core.iter().zip(tree.rows()) {
            // Places without a row are beyond the last.
            reach.get_mut(*row as usize).into_iter().for_each(|reach| *reach = core[1].sqrt());
        }
        Ok(HdbscanModel::new(min_samples, Rows { x: rows, counted, all: x.nrows(), reach, tree }, &choice))
    }
}

/// The rows that count, when the others do not count at all.
fn counted(rows: usize, weights: Option<ArrayView1<f64>>) -> Result<Vec<usize>> {
    let Some(weights) = weights else { return Ok((0..rows).collect()) };
    let counted: Vec<usize> = (0..rows).filter(|row| weights[*row] > 0.0).collect();
    if counted.iter().any(|row| weights[*row] != weights[counted[0]]) {
        let reason = "takes no weights but equal ones and 0: leave them out, use dbscan, or repeat rows";
        return Err(Error::data(format!("`{KIND}` {reason}")));
    }
    Ok(counted)
}

impl Fit<Training<Features>> for Hdbscan {
    type Fitted = HdbscanModel;

    /// # Errors
    /// When a parameter is out of range or there are fewer rows than it asks for; when the features are not one dense block of finite
    /// numbers (the column and row are named); when weights above 0 differ; when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<HdbscanModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let model = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(Hdbscan, "hdbscan");
