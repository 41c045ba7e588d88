//! DBSCAN: the recipe.

mod connect;
mod eps;
mod model;

pub use eps::{k_distances, k_distances_with, suggest_eps, suggest_eps_with};
pub use model::DbscanModel;

use crate::{agglomerative::check_scale, labels::Labels, neighbors::KdTree};
use adflux_core::{Context, Error, Features, Fit, Result, Training, parameter};
use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

const KIND: &str = "dbscan";

/// How much of `min_samples` the rounding of sums of weights may take.
const ROUNDING: f64 = 1e-9;

/// Segments where rows lie dense, of any shape and number; rows that lie apart are in none. Kind `dbscan`.
///
/// A row is a *core* row when rows of a weight of at least `min_samples`, itself among them, lie within `eps`. Core rows within `eps`
/// of each other are in one segment, with everything within `eps` of them; a row at the border of several is in that whose first
/// core row comes first. What is left is an outlier: [`Segments::ids`](adflux_core::Segments::ids) has `None` for it.
///
/// Takes one dense block of finite numbers. Names, defaults and labels are scikit-learn's; segments are numbered by weight, distances
/// are Euclidean. `eps` is in the unit of the columns: put a standard-scaler before it, and read a fitting value off the curve of
/// [`k_distances`](crate::k_distances). Row weights are scikit-learn's `sample_weight`: a row of weight 3 is three equal rows; one of
/// weight 0 makes no row a core row, but may itself be in a segment. Weights that add up to `min_samples` but for rounding (a
/// billionth) make a core row, so that ten weights of 0.1 are 1 in whatever order they are added; scikit-learn has no such margin.
///
/// Time O(rows · log rows) for few columns, O(rows² · columns) at worst, on all threads; memory O(rows · columns) whatever `eps`. The
/// result does not depend on the number of threads.
///
/// M. Ester, H.-P. Kriegel, J. Sander and X. Xu, *A density-based algorithm for discovering clusters in large spatial databases with
/// noise*, 1996; E. Schubert and others, *DBSCAN revisited, revisited*, 2017.
///
/// ```
/// use adflux_clustering::Dbscan;
/// use adflux_core::{Features, Fit, Predict, Training};
/// use ndarray::array;
///
/// let years = array![[1.0], [1.2], [1.4], [8.0], [8.1], [8.3], [40.0]];
/// let model = Dbscan::default().eps(0.5).min_samples(3).fit(Training::new(Features::from_dense(years, ["years"])?))?;
/// assert_eq!(model.labels(), [Some(0), Some(0), Some(0), Some(1), Some(1), Some(1), None]);
/// let new = model.predict(&Features::from_dense(array![[1.5], [20.0]], ["years"])?)?;
/// assert_eq!(new.ids, [Some(0), None]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[doc(alias = "DBSCAN")]
pub struct Dbscan {
    /// How near a neighbour is, in the unit of the columns; above 0, 0.5 by default.
    pub eps: f64,
    /// The rows (by weight) within `eps` that make a row a core row, itself included; at least 1, 5 by default.
    pub min_samples: usize,
}

impl Default for Dbscan {
    fn default() -> Self {
        Dbscan { eps: 0.5, min_samples: 5 }
    }
}

impl Dbscan {
    /// Neighbours within `eps`.
    pub fn new(eps: f64) -> Self {
        Dbscan { eps, ..Dbscan::default() }
    }

    /// Sets how near a neighbour is.
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// Sets how many rows make a core row.
    pub fn min_samples(mut self, min_samples: usize) -> Self {
        self.min_samples = min_samples;
        self
    }

    fn fit_rows(&self, x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>, context: &Context) -> Result<DbscanModel> {
        check_rows(KIND, x)?;
        let tree = KdTree::new(x);
        // Beyond the largest number nothing is left to tell apart.
        let squared_eps = (self.eps * self.eps).min(f64::MAX);
        let by_row = weights.map(|w| w.to_vec());
        let wanted = self.min_samples as f64 * (1.0 - ROUNDING);
        let found = connect::parts(&tree, x.nrows(), by_row.as_deref(), squared_eps, wanted, context)?;
        let (of_rows, core, parts) = found;
        let (labels, _) = Labels::by_weight(of_rows, parts, weights);
        let core: Vec<usize> = (0..x.nrows()).filter(|row| core[*row]).collect();
        let components = x.select(Axis(0), &core);
        Ok(DbscanModel::new(self.eps, labels, core.into_iter().map(|row| row as u32).collect(), components))
    }
}

/// What every search for neighbours asks of its rows.
pub(crate) fn check_rows(kind: &str, x: ArrayView2<f64>) -> Result<()> {
    if x.ncols() == 0 {
        return Err(Error::data(format!("`{kind}` was given no columns: choose at least one")));
    }
    if x.nrows() > u32::MAX as usize / 2 {
        return Err(Error::data(format!("`{kind}` takes at most {} rows: cluster a sample", u32::MAX / 2)));
    }
    check_scale(kind, x, None)
}

impl Fit<Training<Features>> for Dbscan {
    type Fitted = DbscanModel;

    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<DbscanModel> {
        parameter::positive("eps", self.eps)?;
        parameter::at_least_one("min_samples", self.min_samples)?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let model = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(Dbscan, "dbscan");
