//! k-means: the fitted model.

use super::{KIND, lloyd::Run};
use crate::{
    centers,
    counted::Counted,
    inputs::{check_rows, check_weights, check_width},
    labels::{self, to_options},
    rank::Ranked,
    scale::times,
};
use adflux_core::{Column, Features, Predict, Result, Segments};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Centres, and what is known of their segments. Segments are numbered by weight: 0 is the heaviest. Saved are the centres, and 4 bytes
/// for each training row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "SavedKMeans")]
pub struct KMeansModel {
    /// Of the training data; none in a model that was saved without them, where only their number is known.
    columns: Vec<Column>,
    #[serde(with = "adflux_core::arrays")]
    centers: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    /// Of all training rows; none where they were not kept.
    #[serde(with = "adflux_core::arrays")]
    labels: Vec<u32>,
    inertia: f64,
    n_iter: usize,
    converged: bool,
}

/// What a file says: the same, not yet checked.
#[derive(Deserialize)]
struct SavedKMeans {
    #[serde(default)]
    columns: Vec<Column>,
    #[serde(with = "adflux_core::arrays")]
    centers: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    counts: Vec<u64>,
    #[serde(with = "adflux_core::arrays")]
    weights: Vec<f64>,
    #[serde(default, with = "adflux_core::arrays")]
    labels: Vec<u32>,
    inertia: f64,
    n_iter: usize,
    converged: bool,
}

impl TryFrom<SavedKMeans> for KMeansModel {
    type Error = String;

    fn try_from(saved: SavedKMeans) -> std::result::Result<Self, String> {
        let SavedKMeans { columns, centers, counts, weights, labels, inertia, n_iter, converged } = saved;
        let k = centers.nrows();
        if k == 0 || centers.ncols() == 0 || counts.len() != k || weights.len() != k {
            return Err("the numbers of centres, counts and weights do not fit together".into());
        }
        if !columns.is_empty() && columns.len() != centers.ncols() {
            return Err("the numbers of columns and of coordinates differ".into());
        }
        if centers.iter().any(|v| !v.is_finite()) {
            return Err("a centre is not finite".into());
        }
        labels::check(&labels, k)?;
        Ok(KMeansModel { columns, centers, counts, weights, labels, inertia, n_iter, converged })
    }
}

impl KMeansModel {
    /// The model of a run on the rows that count, and the number by weight that each of its segments has got.
    pub(super) fn from_run(run: Run, counted: &Counted) -> (Self, Vec<u32>) {
        let Run { centers, mut segments, inertia, n_iter, converged } = run;
        let ranked = Ranked::by_weight(&segments, centers.nrows(), |row| counted.weight(row));
        ranked.renumber(&mut segments);
        let model = KMeansModel {
            columns: Vec::new(),
            centers: centers.select(Axis(0), &ranked.order),
            counts: ranked.counts,
            weights: ranked.weights.into_iter().map(|weight| times(weight, counted.exponent())).collect(),
            labels: counted.to_all(segments),
            inertia,
            n_iter,
            converged,
        };
        (model, ranked.rank)
    }

    /// Centres that no row was put to yet.
    pub(super) fn unseen(centers: Array2<f64>) -> Self {
        let k = centers.nrows();
        let (counts, weights) = (vec![0; k], vec![0.0; k]);
        let (columns, labels) = (Vec::new(), Vec::new());
        KMeansModel { columns, centers, counts, weights, labels, inertia: 0.0, n_iter: 0, converged: false }
    }

    /// Moves the centres, and counts the rows that moved them.
    pub(super) fn learn(&mut self, centers: Array2<f64>, segments: &[u32], counted: &Counted, inertia: f64) {
        for (row, &segment) in segments.iter().enumerate() {
            self.counts[segment as usize] = self.counts[segment as usize].saturating_add(1);
            self.weights[segment as usize] += times(counted.weight(row), counted.exponent());
        }
        self.centers = centers;
        self.inertia = inertia;
        // They would not be those of all rows any more.
        self.labels.clear();
    }

    /// The segment of each training row, [`NONE`](labels::NONE) for those of weight 0.
    pub(crate) fn segments(&self) -> &[u32] {
        &self.labels
    }

    /// The same, knowing the columns it was fitted on.
    pub(crate) fn with_columns_of(mut self, x: &Features) -> Self {
        self.columns = x.columns().cloned().collect();
        self
    }

    /// The centres: segments × columns, the heaviest segment first.
    pub fn centers(&self) -> &Array2<f64> {
        &self.centers
    }

    /// The number of training rows of weight above 0 in each segment.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The weight of the training rows in each segment; their number, without weights.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The segment of each training row, `None` for rows of weight 0. There are none where the model has learned
    /// from chunks, whose rows it does not keep.
    #[doc(alias = "labels_")]
    pub fn labels(&self) -> Vec<Option<u32>> {
        to_options(&self.labels)
    }

    /// The weighted sum of the squared distances of the training rows to their centres.
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// The iterations of the start that was kept.
    pub fn n_iter(&self) -> usize {
        self.n_iter
    }

    /// Whether that start converged before `max_iter`.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// The segment of each row (rows × columns): that of the nearest centre, the lower number of equals.
    ///
    /// O(rows × segments × columns) on all threads.
    ///
    /// # Errors
    /// When the number of columns is not that of the training data, or a number is not finite (the column and row are named).
    pub fn assign(&self, x: &ArrayView2<f64>) -> Result<Vec<u32>> {
        self.check(x)?;
        Ok(centers::nearest(&self.centers, x))
    }

    /// The distance of each row to each centre: rows × segments, in the unit of the columns.
    ///
    /// # Errors
    /// As [`assign`](Self::assign).
    pub fn transform(&self, x: &ArrayView2<f64>) -> Result<Array2<f64>> {
        self.check(x)?;
        Ok(centers::distances(&self.centers, x))
    }

    /// How well the centres fit rows (rows × columns): minus the weighted sum of the squared distances to the nearest centre, which is
    /// minus the inertia on the training data. As in scikit-learn, greater is better.
    ///
    /// # Errors
    /// As [`assign`](Self::assign), and when the weights are not one finite number of 0 or more for each row.
    pub fn score(&self, x: &ArrayView2<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
        check_weights(KIND, x.nrows(), weights)?;
        let segments = self.assign(x)?;
        Ok(-centers::inertia(&self.centers, x, weights, &segments))
    }

    pub(super) fn check_columns(&self, x: &Features) -> Result<()> {
        if self.columns.is_empty() { Ok(()) } else { x.require_columns(KIND, &self.columns) }
    }

    fn check(&self, x: &ArrayView2<f64>) -> Result<()> {
        check_rows(KIND, &self.columns, self.centers.ncols(), x)
    }
}

impl Predict<Features> for KMeansModel {
    type Output = Segments;

    /// The segment of each row. Its strength is the simplified silhouette, (b − a) / max(a, b) with a the distance to the own
    /// centre and b to the next: 1 on the centre, 0 half-way between two (and when all is at one point). 1 when there is
    /// only one segment.
    ///
    /// # Errors
    /// When the features are not one dense block of finite numbers with the columns of the training data, in
    /// their order.
    fn predict(&self, x: &Features) -> Result<Segments> {
        self.check_columns(x)?;
        x.require_finite(KIND)?;
        let x = x.dense(KIND)?.view();
        check_width(KIND, self.centers.ncols(), x.ncols())?;
        let segments = centers::nearest(&self.centers, &x);
        Ok(centers::with_strength(&centers::distances(&self.centers, &x), segments))
    }
}

adflux_core::component!(KMeansModel, "k-means", version = 1);
