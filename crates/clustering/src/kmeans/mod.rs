//! k-means: the recipe.

mod bounds;
mod data;
mod filter;
mod groups;
mod init;
mod lloyd;
mod mini_batch;
mod mini_batch_model;
mod model;
mod rows;
mod search;
mod steps;
mod sums;

pub(crate) use init::random;
pub use mini_batch::MiniBatchKMeans;
pub use mini_batch_model::MiniBatchKMeansModel;
pub use model::KMeansModel;

use crate::counted::Counted;
use adflux_core::{
    Context, Error, Features, Fit, Result, Training, parameter,
    random::{Rng, stream},
};
use data::{Data, Narrow};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use search::Chosen;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const KIND: &str = "k-means";

/// Far more than any data needs; what lies beyond would never come to an end.
pub(crate) const MOST_STARTS: usize = 10_000;
pub(crate) const MOST_ITERATIONS: usize = 1_000_000;

/// Where the centres start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Init {
    /// Rows that lie far apart: greedy k-means++ (Arthur and Vassilvitskii 2007), which draws 2 + ⌊ln k⌋ candidates for each
    /// centre, with probabilities in proportion to the squared distance to the nearest centre so far, and keeps the best.
    #[default]
    #[serde(rename = "k-means++")]
    KMeansPlusPlus,
    /// Rows drawn at random, in proportion to their weights.
    #[serde(rename = "random")]
    Random,
    /// These centres, one list of coordinates each.
    #[serde(rename = "centers")]
    Centers(Vec<Vec<f64>>),
}

impl Init {
    pub(crate) fn from_centers(centers: ArrayView2<f64>) -> Self {
        Init::Centers(centers.rows().into_iter().map(|row| row.to_vec()).collect())
    }

    /// The rows that a start is drawn as.
    fn drawn(&self, data: &Data, k: usize, rng: &mut Rng, context: &Context) -> Result<Vec<usize>> {
        match self {
            Init::Random => Ok(random(data.x.nrows(), |row| data.weight(row), k, rng)),
            _ => init::k_means_plus_plus(data, k, rng, context),
        }
    }

    /// The given centres as an array, once their shape fits.
    fn given(&self, n_clusters: usize, columns: usize) -> Result<Option<Array2<f64>>> {
        let Init::Centers(centers) = self else { return Ok(None) };
        let wrong = |reason: String| Error::parameter("init", format_args!("{} centers", centers.len()), reason);
        if centers.len() != n_clusters {
            return Err(wrong(format!("n_clusters is {n_clusters}: give as many centers")));
        }
        if let Some(i) = centers.iter().position(|c| c.len() != columns || c.iter().any(|v| !v.is_finite())) {
            return Err(wrong(format!("center {} is not {columns} finite numbers, one a column", i + 1)));
        }
        let all: Vec<f64> = centers.iter().flatten().copied().collect();
        Array2::from_shape_vec((n_clusters, columns), all).map(Some).map_err(Error::backend)
    }
}

/// How the nearest centres are found. Labels, iterations and inertia are the same; only the time differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum KMeansAlgorithm {
    /// As [`Lloyd`](KMeansAlgorithm::Lloyd) at first, as [`Yinyang`](KMeansAlgorithm::Yinyang) once few rows change their segment.
    #[default]
    Auto,
    /// Every row is compared with every centre: in f32 where that is enough to be sure, else in f64.
    Lloyd,
    /// Bounds tell for most rows that no other centre can be nearer (Ding et al. 2015): 4 bytes a row for every 8 centres more
    /// memory, and where there is not so much, as [`Lloyd`](KMeansAlgorithm::Lloyd). Elkan's algorithm is the same with a bound for
    /// each centre, Hamerly's with one for all.
    #[doc(alias = "elkan")]
    #[doc(alias = "hamerly")]
    Yinyang,
}

/// Segments around centres: each row belongs to the nearest of `n_clusters` centres, and each centre is the mean of its rows
/// (Lloyd 1982). Kind `k-means`.
///
/// Takes one dense block of finite numbers, and row weights (a row of weight 2 counts as two rows; one of weight 0 is in no segment).
/// Parameters, their names and defaults are scikit-learn's; its `copy_x` is not here, because data is never changed. Weights count rows
/// in the tolerance too, where scikit-learn's do not. O(`n_init` · iterations · rows · `n_clusters` · columns) time on all threads; the
/// result does not depend on their number.
///
/// **Memory** beside the data: 12 bytes a number (copies in f64 and f32), 64 bytes a row for the k-means++ start (128 from 1,097
/// segments on), and 12 bytes a row and 4 more for every 8 segments once bounds are kept. [`KMeansAlgorithm::Auto`] keeps none that
/// would take more than 256 MiB and more than twice the data.
///
/// Numbers and weights of any size are as good as others, as long as the inertia is a number: both are brought to about 1 by powers of
/// two. The largest weight may be 1e180 times the least above 0.
///
/// Segments are numbered by size: 0 is the heaviest. scikit-learn leaves them in the order of the start.
///
/// ```
/// use adflux_clustering::KMeans;
/// let recipe = KMeans::new(5).n_init(10).seed(42);
/// assert_eq!((recipe.n_clusters, recipe.max_iter), (5, 300));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KMeans {
    /// The number of segments; 8 by default. To have it chosen, see [`AutoKMeans`](crate::AutoKMeans).
    pub n_clusters: usize,
    /// Where the centres start; k-means++ by default.
    pub init: Init,
    /// How many starts are tried, of which the one of least inertia is kept. `None`, the default, is scikit-learn's `auto`: 10 for
    /// [`Init::Random`], otherwise 1; at most 10,000. Given centres are tried once, whatever it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_init: Option<usize>,
    /// The most iterations of one start, up to 1,000,000; 300 by default.
    pub max_iter: usize,
    /// A start has converged when no row changes its segment, or when the centres move by less: the sum of their squared
    /// shifts is at most `tol` times the mean variance of the columns. 1e-4 by default.
    pub tol: f64,
    /// How the nearest centres are found; chosen by itself by default.
    pub algorithm: KMeansAlgorithm,
    /// The seed of the starts; 0 by default.
    pub seed: u64,
}

impl Default for KMeans {
    fn default() -> Self {
        KMeans {
            n_clusters: 8,
            init: Init::default(),
            n_init: None,
            max_iter: 300,
            tol: 1e-4,
            algorithm: KMeansAlgorithm::Auto,
            seed: 0,
        }
    }
}

impl KMeans {
    /// `n_clusters` segments; everything else as the default.
    pub fn new(n_clusters: usize) -> Self {
        KMeans { n_clusters, ..KMeans::default() }
    }

    /// Sets where the centres start.
    pub fn init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// Starts from the given centres (segments × columns), as many segments as there are.
    pub fn centers(mut self, centers: ArrayView2<f64>) -> Self {
        self.n_clusters = centers.nrows();
        self.init = Init::from_centers(centers);
        self
    }

    /// Sets how many starts are tried.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = Some(n_init);
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets the tolerance of convergence.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Sets how the nearest centres are found.
    pub fn algorithm(mut self, algorithm: KMeansAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Sets the seed of the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn starts(&self) -> usize {
        match self.init {
            Init::Centers(_) => 1,
            Init::Random => self.n_init.unwrap_or(10),
            Init::KMeansPlusPlus => self.n_init.unwrap_or(1),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        parameter::at_least_one("n_clusters", self.n_clusters)?;
        parameter::between_one_and(MOST_ITERATIONS, "max_iter", self.max_iter)?;
        parameter::non_negative("tol", self.tol)?;
        if let Some(n_init) = self.n_init {
            parameter::between_one_and(MOST_STARTS, "n_init", n_init)?;
        }
        Ok(())
    }

    /// The model of finite numbers and checked weights.
    pub(crate) fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<KMeansModel> {
        self.check()?;
        let given = self.init.given(self.n_clusters, x.ncols())?;
        let counted = Counted::new(x.nrows(), weights)?;
        let x = counted.of(x);
        check_rows(KIND, self.n_clusters, x.view())?;
        let data = Data::new(x.view(), &counted);
        drop(x);
        let stop = lloyd::Stop { max_iter: self.max_iter, tolerance: self.tol * data.mean_variance(KIND)? };
        let given = given.map(|centers| data.placed(&centers)).transpose()?;
        let narrow = Narrow::new(&data);
        let mut best: Option<lloyd::Run> = None;
        for start in 0..self.starts() {
            context.check()?;
            let mut rng = stream(self.seed, &[start as u64]);
            let centers = match &given {
                Some(centers) => centers.clone(),
                None => data.x.select(Axis(0), &self.init.drawn(&data, self.n_clusters, &mut rng, context)?),
            };
            let run = lloyd::run(&data, centers, stop, &mut Chosen::new(self.algorithm, &narrow), context)?;
            if best.as_ref().is_none_or(|best| run.inertia < best.inertia) {
                best = Some(run);
            }
        }
        let best = best.ok_or_else(|| Error::parameter("n_init", 0, "must be at least 1"))?;
        let run =
            lloyd::Run { centers: data.original(&best.centers), inertia: data.original_inertia(best.inertia), ..best };
        Ok(KMeansModel::from_run(run, &counted).0)
    }
}

/// There must be columns, and as many distinct rows as segments, or there is nothing to put into some of them.
fn check_rows(kind: &str, n_clusters: usize, x: ArrayView2<f64>) -> Result<()> {
    if x.ncols() == 0 {
        return Err(Error::data(format!("`{kind}` was given no columns: choose at least one")));
    }
    check_count(kind, x.nrows())?;
    match distinct_rows(x, None, n_clusters) {
        enough if enough == n_clusters => Ok(()),
        few => {
            let reason = format!("there are only {few} distinct rows: ask for at most as many segments");
            Err(Error::parameter("n_clusters", n_clusters, reason))
        }
    }
}

/// Rows are numbered by 32 bits.
fn check_count(kind: &str, rows: usize) -> Result<()> {
    if rows < u32::MAX as usize {
        return Ok(());
    }
    Err(Error::data(format!("`{kind}` takes fewer than {} rows, and is given {rows}: fit a sample", u32::MAX)))
}

/// The number of distinct rows of weight above 0, counted up to `limit`: rarely more than the first few rows are looked at.
pub(crate) fn distinct_rows(x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>, limit: usize) -> usize {
    let mut distinct = HashSet::new();
    for row in (0..x.nrows()).filter(|&row| weights.is_none_or(|w| w[row] > 0.0)) {
        if distinct.len() == limit {
            break;
        }
        // Adding 0 makes −0 the same as 0.
        distinct.insert(x.row(row).iter().map(|v| (v + 0.0).to_bits()).collect::<Vec<u64>>());
    }
    distinct.len()
}

impl Fit<Training<Features>> for KMeans {
    type Fitted = KMeansModel;

    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when there are fewer distinct rows than segments; when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<KMeansModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let model = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(KMeans, "k-means");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_than_32_bits_number_are_refused() {
        assert!(check_count(KIND, 4_294_967_294).is_ok());
        let said = check_count(KIND, 4_294_967_295).unwrap_err().to_string();
        assert!(said.starts_with("`k-means` takes fewer than 4294967295 rows, and is given 4294967295"), "{said}");
    }
}
