//! Agglomerative clustering: the recipe.

mod auto;
mod linkage;
mod model;
mod neighbours;
mod places;
mod single;
mod stored;
mod ward;

pub use auto::{AutoAgglomerative, AutoAgglomerativeModel};
pub use linkage::{Linkage, Merge};
pub use model::{AgglomerativeModel, Level};

use crate::{
    distances::{MAX_MEMORY, PairDistances},
    kmeans::distinct_rows,
};
use adflux_core::{Context, Error, Features, Fit, Result, Training, parameter};
use ndarray::{ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};
use stored::{Stored, of_distances, stored};

const KIND: &str = "agglomerative";

/// How far two clusters are apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LinkageMethod {
    /// By how much a merge raises the inertia: √(2ab / (a + b)) ‖x̄ − ȳ‖ for clusters of a and b rows. Compact segments of like
    /// size, the closest to those of k-means.
    #[default]
    Ward,
    /// The distance of the two nearest rows. Finds chains and far-off rows; segments are often one large and many tiny.
    Single,
    /// The distance of the two farthest rows. Segments of like diameter; one far-off row decides.
    Complete,
    /// The mean distance of all pairs (UPGMA). Between single and complete.
    Average,
    /// The mean of the distances of the two parts, whatever their sizes (WPGMA).
    Weighted,
    /// The distance of the means (UPGMC). Heights may fall.
    Centroid,
    /// The distance of the midpoints (WPGMC). Heights may fall.
    Median,
}

impl LinkageMethod {
    /// Its name, as in files.
    pub fn name(self) -> &'static str {
        match self {
            LinkageMethod::Ward => "ward",
            LinkageMethod::Single => "single",
            LinkageMethod::Complete => "complete",
            LinkageMethod::Average => "average",
            LinkageMethod::Weighted => "weighted",
            LinkageMethod::Centroid => "centroid",
            LinkageMethod::Median => "median",
        }
    }
}

/// Segments by merging: every row begins as a cluster of its own, and the two nearest are merged until one is left; the tree is
/// then cut into segments, at one level or at several. Kind `agglomerative`.
///
/// Takes one dense block of finite numbers. Names and defaults are scikit-learn's; distances are Euclidean, and the result does not
/// depend on the number of threads. Complete, average and weighted linkage order ties as SciPy does; single linkage has its heights
/// whatever their order. Ward's heights come from centres here and from a recurrence there, so that rounding decides which of equal
/// merges comes first, and on data that are all ties (whole numbers, columns of 0 and 1) the trees may differ.
///
/// | linkage | time | memory | row weights |
/// |---|---|---|---|
/// | ward | O(rows² · columns), all threads | O(rows · columns) | masses: a row of weight 2 is two equal rows merged already |
/// | single | O(rows² · columns), all threads | O(rows · columns) | change nothing |
/// | complete | O(rows²), after O(rows² · columns) for the distances | 4 · rows² bytes | change nothing |
/// | average, weighted | the same | the same | must be equal |
/// | centroid, median | O(rows³) at worst | the same | must be equal |
///
/// Rows of weight 0 are left out whatever the linkage. Ward's tree is made by chains of nearest neighbours over centres (Murtagh
/// 1983; Müllner, *Modern hierarchical, agglomerative clustering algorithms*, 2011), single linkage's by a minimum spanning tree
/// (Gower and Ross 1969), the others by the crate kodama from the distances of all pairs; where these would take more than
/// `max_memory`, the fit is refused before it begins.
///
/// ```
/// use adflux_clustering::Agglomerative;
/// use adflux_core::{Features, Fit, Training};
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[0.0], [1.0], [5.0], [7.0], [40.0], [42.0]], ["years"])?;
/// let model = Agglomerative::default().levels([2, 3]).fit(Training::new(x))?;
/// assert_eq!(model.labels(0)?, [0, 0, 0, 0, 1, 1].map(Some));
/// assert_eq!(model.labels(1)?, [0, 0, 1, 1, 2, 2].map(Some));
/// assert_eq!(model.levels()[1].parents(), [0, 0, 1]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[doc(alias = "AgglomerativeClustering")]
pub struct Agglomerative {
    /// How far two clusters are apart; Ward's by default.
    pub linkage: LinkageMethod,
    /// The number of segments. `None`, the default, is 2 when neither `distance_threshold` nor `levels` is given; at most one of
    /// the three may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_clusters: Option<usize>,
    /// Clusters this far apart or farther are not merged; above 0, in the unit of the columns. `None` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_threshold: Option<f64>,
    /// Several numbers of segments, ascending: cuts of one tree, so that each segment of a finer level lies in one of the coarser.
    /// None by default.
    pub levels: Vec<usize>,
    /// The most bytes that the distances of all pairs may take, for linkages that keep them (4 · rows²); 2 GiB by default, enough
    /// for 23,170 rows.
    pub max_memory: u64,
    /// Whether the model keeps the whole tree ([`AgglomerativeModel::linkage`]), 32 bytes a row; no by default.
    pub keep_linkage: bool,
}

impl Default for Agglomerative {
    fn default() -> Self {
        Agglomerative {
            linkage: LinkageMethod::Ward,
            n_clusters: None,
            distance_threshold: None,
            levels: Vec::new(),
            max_memory: MAX_MEMORY,
            keep_linkage: false,
        }
    }
}

impl Agglomerative {
    /// Ward's linkage, cut into `n_clusters`.
    pub fn new(n_clusters: usize) -> Self {
        Agglomerative { n_clusters: Some(n_clusters), ..Agglomerative::default() }
    }

    /// Sets the linkage.
    pub fn linkage(mut self, linkage: LinkageMethod) -> Self {
        self.linkage = linkage;
        self
    }

    /// Sets the number of segments.
    pub fn n_clusters(mut self, n_clusters: usize) -> Self {
        self.n_clusters = Some(n_clusters);
        self
    }

    /// Sets how far apart clusters are left.
    pub fn distance_threshold(mut self, distance_threshold: f64) -> Self {
        self.distance_threshold = Some(distance_threshold);
        self
    }

    /// Sets several numbers of segments, ascending.
    pub fn levels(mut self, levels: impl IntoIterator<Item = usize>) -> Self {
        self.levels = levels.into_iter().collect();
        self
    }

    /// Sets the most bytes that the distances of all pairs may take.
    pub fn max_memory(mut self, max_memory: u64) -> Self {
        self.max_memory = max_memory;
        self
    }

    /// Sets whether the model keeps the whole tree.
    pub fn keep_linkage(mut self, keep_linkage: bool) -> Self {
        self.keep_linkage = keep_linkage;
        self
    }

    fn check(&self) -> Result<()> {
        if let Some(n_clusters) = self.n_clusters {
            parameter::at_least_one("n_clusters", n_clusters)?;
        }
        if let Some(threshold) = self.distance_threshold {
            parameter::positive("distance_threshold", threshold)?;
            let reason = "give either it or `n_clusters`";
            parameter::ensure(self.n_clusters.is_none(), "distance_threshold", threshold, reason)?;
        }
        if let Some(first) = self.levels.first() {
            let alone = self.n_clusters.is_none() && self.distance_threshold.is_none();
            parameter::ensure(alone, "levels", &self.levels, "give either them, `n_clusters` or `distance_threshold`")?;
            let ascending = *first >= 1 && self.levels.is_sorted_by(|a, b| a < b);
            parameter::ensure(
                ascending,
                "levels",
                &self.levels,
                "must be numbers from 1, each greater than the one before",
            )?;
        }
        Ok(())
    }

    /// The numbers of segments that are asked for by count.
    fn counts(&self) -> Vec<usize> {
        match &self.levels[..] {
            [] => vec![self.n_clusters.unwrap_or(2)],
            levels => levels.to_vec(),
        }
    }

    /// The name and value of the parameter that asks for the most segments.
    fn refused(&self, reason: String) -> Error {
        match self.levels.is_empty() {
            true => Error::parameter("n_clusters", self.n_clusters.unwrap_or(2), reason),
            false => Error::parameter("levels", &self.levels, reason),
        }
    }

    /// The model of finite numbers and checked weights.
    fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<AgglomerativeModel> {
        if self.distance_threshold.is_none() {
            let most = self.counts().last().copied().unwrap_or(1);
            let distinct = distinct_rows(x, weights, most);
            if distinct < most {
                let reason = format!("there are only {distinct} distinct rows: ask for at most as many segments");
                return Err(self.refused(reason));
            }
        }
        let tree = Tree::of(x, weights, self.linkage, self.max_memory, context)?;
        let cuts = match self.distance_threshold {
            // Merges at the threshold are not made: just below it.
            Some(threshold) => vec![tree.linkage.merges_up_to(threshold.next_down())],
            None => self.counts().into_iter().map(|count| tree.linkage.first_merges(count)).collect(),
        };
        Ok(AgglomerativeModel::new(x, weights, tree, &cuts, self))
    }
}

/// The tree of the rows that count.
pub(crate) struct Tree {
    pub(crate) linkage: Linkage,
    /// The rows of weight above 0, ascending: the leaves of the tree.
    pub(crate) counted: Vec<usize>,
}

impl Tree {
    /// The tree of finite numbers and checked weights.
    pub(crate) fn of(
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        method: LinkageMethod,
        max_memory: u64,
        context: &Context,
    ) -> Result<Self> {
        if x.ncols() == 0 {
            return Err(Error::data(format!("`{KIND}` was given no columns: choose at least one")));
        }
        let counted: Vec<usize> = (0..x.nrows()).filter(|&row| weights.is_none_or(|w| w[row] > 0.0)).collect();
        if counted.len() > u32::MAX as usize / 2 {
            return Err(too_many_rows());
        }
        check_scale(KIND, x, weights)?;
        let linkage = if counted.len() == x.nrows() {
            linkage_of(x, weights, method, max_memory, context)?
        } else {
            let weights = weights.map(|w| w.select(Axis(0), &counted));
            let weights = weights.as_ref().map(|w| w.view());
            linkage_of(x.select(Axis(0), &counted).view(), weights, method, max_memory, context)?
        };
        Ok(Tree { linkage, counted })
    }
}

/// The tree of rows of weights above 0.
fn linkage_of(
    x: ArrayView2<f64>,
    weights: Option<ArrayView1<f64>>,
    method: LinkageMethod,
    max_memory: u64,
    context: &Context,
) -> Result<Linkage> {
    let linkage = match method {
        LinkageMethod::Ward => {
            check_masses(weights)?;
            return ward::ward(x, weights, context);
        }
        LinkageMethod::Single => return single::single(x, context),
        // The farthest of equal rows are as far whatever their weights.
        LinkageMethod::Complete => return stored(x, Stored::Complete, max_memory, context),
        LinkageMethod::Average => Stored::Average,
        LinkageMethod::Weighted => Stored::Weighted,
        LinkageMethod::Centroid => Stored::Centroid,
        LinkageMethod::Median => Stored::Median,
    };
    if weights.is_some_and(|w| w.iter().any(|v| *v != w[0])) {
        let name = method.name();
        let reason = format!("{name} linkage takes no weights but equal ones and 0: use ward, or leave them out");
        return Err(Error::data(format!("`{KIND}`: {reason}")));
    }
    stored(x, linkage, max_memory, context)
}

impl Linkage {
    /// The tree of the rows of `x`. For weights, cuts and models, see [`Agglomerative`]; the memory that linkages other than
    /// Ward's and single may take is limited by its default.
    ///
    /// # Errors
    /// When there are no rows or columns, a number is not finite, or too much memory is needed.
    pub fn of(x: ArrayView2<f64>, method: LinkageMethod) -> Result<Self> {
        Linkage::of_with(x, method, &Context::default())
    }

    /// [`Linkage::of`] with progress, cancellation and threads.
    ///
    /// # Errors
    /// As [`Linkage::of`], and when the work is cancelled.
    pub fn of_with(x: ArrayView2<f64>, method: LinkageMethod, context: &Context) -> Result<Self> {
        if x.nrows() == 0 || x.iter().any(|v| !v.is_finite()) {
            return Err(Error::data(format!("`{KIND}` takes at least one row, of finite numbers")));
        }
        context.run(|| Ok(Tree::of(x, None, method, MAX_MEMORY, context)?.linkage))
    }

    /// The tree of rows of which only the distances are known, such as those of numbers and categories side by side
    /// ([`gower_distances`](crate::gower_distances)): SciPy's `linkage(condensed, method)`, by single, complete, average or weighted
    /// linkage. The distances are overwritten while the tree is made, so no memory but theirs is needed. O(rows²).
    ///
    /// There are no rows to make centres of, so there is no model that new rows could be given to: the tree is
    /// [cut](Linkage::cut). [`KPrototypes`](crate::KPrototypes) has an answer for new rows.
    ///
    /// ```
    /// use adflux_clustering::{Linkage, LinkageMethod, PairDistances};
    /// // Four towns: 0 and 2 near each other, 1 and 3 too.
    /// let roads = PairDistances::new(vec![90.0, 20.0, 80.0, 70.0, 30.0, 60.0])?;
    /// let tree = Linkage::of_distances(roads, LinkageMethod::Average)?;
    /// assert_eq!(tree.cut(2)?, [0, 1, 0, 1]);
    /// assert_eq!(tree.merges()[2].height, 75.0); // (90 + 80 + 70 + 60) / 4
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the linkage is Ward's, centroid or median: those are of Euclidean distances, which only rows tell.
    pub fn of_distances(distances: PairDistances, method: LinkageMethod) -> Result<Self> {
        Linkage::of_distances_with(distances, method, &Context::default())
    }

    /// [`Linkage::of_distances`] that can be cancelled before and after the tree is made.
    ///
    /// # Errors
    /// As [`Linkage::of_distances`], and when the work is cancelled.
    pub fn of_distances_with(distances: PairDistances, method: LinkageMethod, context: &Context) -> Result<Self> {
        let linkage = match method {
            LinkageMethod::Single => Stored::Single,
            LinkageMethod::Complete => Stored::Complete,
            LinkageMethod::Average => Stored::Average,
            LinkageMethod::Weighted => Stored::Weighted,
            LinkageMethod::Ward | LinkageMethod::Centroid | LinkageMethod::Median => {
                let reason = "is made of rows, not of distances: use single, complete, average or weighted";
                return Err(Error::parameter("linkage", method.name(), reason));
            }
        };
        if distances.rows() > u32::MAX as usize / 2 {
            return Err(too_many_rows());
        }
        of_distances(distances, linkage, context)
    }
}

fn too_many_rows() -> Error {
    Error::data(format!("`{KIND}` takes at most {} rows: cluster a sample", u32::MAX / 2))
}

/// Sums and squared distances must be finite.
pub(crate) fn check_scale(kind: &str, x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>) -> Result<()> {
    let total = weights.map_or(x.nrows() as f64, |w| w.sum()).max(1.0);
    let largest = x.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
    let range = |column: ArrayView1<f64>| {
        let (least, most) = column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        most - least
    };
    let squared: f64 = x.columns().into_iter().map(|column| range(column).powi(2)).sum();
    // With room for the factor of large clusters.
    if (squared * total * 4.0).is_finite() && (largest * total).is_finite() {
        return Ok(());
    }
    Err(Error::data(format!("`{kind}`: numbers too large to be squared: put a standard-scaler before it")))
}

/// Products of masses must be numbers as exact as others.
fn check_masses(masses: Option<ArrayView1<f64>>) -> Result<()> {
    let Some(masses) = masses else { return Ok(()) };
    let least = masses.iter().copied().fold(f64::INFINITY, f64::min);
    if least > 1e-100 && masses.sum() < 1e100 {
        return Ok(());
    }
    Err(Error::data(format!("`{KIND}` takes weights between 1e-100 and 1e100, and 0: divide them by their mean")))
}

impl Fit<Training<Features>> for Agglomerative {
    type Fitted = AgglomerativeModel;

    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when there are fewer distinct rows than segments; when the linkage would need more than `max_memory`; when the
    /// work is cancelled, which linkages that keep all distances notice only between their steps.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AgglomerativeModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        context.check()?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let model = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(Agglomerative, "agglomerative");
