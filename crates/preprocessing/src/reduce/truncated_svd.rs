//! [`TruncatedSvd`]: the first singular vectors of sparse features, without making them dense.

use super::{
    blocked::project,
    components::{named, no_more_than_there_are},
    factor::{fix_signs, symmetric_eigen},
    pca::refuse_overflow,
    randomized::{
        Joined, Normalizer, Operator as _, Randomized, add_sparse_product, check_iterations, randomized_recipe,
        randomized_svd,
    },
};
use crate::{
    moments::{Moments, require_numbers},
    step::{Learn, column_sums, step},
};
use adflux_core::{Block, Column, Context, Error, Features, Result, Training, Transform, Values, features, parameter};
use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How [`TruncatedSvd`] finds the components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SvdAlgorithm {
    /// From random projections: for many columns.
    #[default]
    Randomized,
    /// From the eigenvalues of `XᵀX`: for at most 4096 columns. Singular values below 10⁻⁸ of the largest are lost in rounding.
    Exact,
}

/// The first k singular vectors of sparse or dense columns: many columns become few, and nothing is made dense on the way.
///
/// `X ≈ U·diag(s)·Vᵀ` with the k largest singular values; a row becomes `x·V`. Unlike [`Pca`](crate::Pca) it does not take
/// the means off, which would make every zero a number. After a TF-IDF it is latent semantic analysis (LSA): texts that share
/// no word but whose words stand beside the same others come to lie close together.
///
/// Takes dense and sparse blocks, which are seen as one, and gives one dense block of columns `truncatedsvd0`,
/// `truncatedsvd1`, …, whose lineage is every column that went in. Row weights do not count, as in scikit-learn's
/// `TruncatedSVD`, whose defaults and results these are. Missing and infinite values are refused. The number of the largest
/// magnitude of each component is positive. `prefix` is this crate's: two of them in one column transformer need different
/// names. In place of scikit-learn's `arpack`, `Exact` gives the exact components; more components than rows are refused, where
/// scikit-learn gives fewer.
///
/// Fitting takes O((numbers stored + (n + d)·(k + n_oversamples)) · (k + n_oversamples) · n_iter), `Exact` O(numbers stored ·
/// d + d³); transforming O(numbers stored · k). The number of threads changes no bit.
///
/// References: Halko, Martinsson & Tropp (2011), *Finding structure with randomness: probabilistic algorithms for
/// constructing approximate matrix decompositions*; Deerwester et al. (1990), *Indexing by latent semantic analysis*.
///
/// ```
/// use adflux_core::{Block, Column, Features, Fit, Then, Training, Transform, Values};
/// use adflux_preprocessing::{TfidfVectorizer, TruncatedSvd};
///
/// let titles = ["java developer", "python developer", "developer", "night nurse", "nurse"].map(String::from);
/// let x = Features::new(5, vec![Block::new(vec![Column::input("title")], Values::Text(titles.into()))?])?;
/// let topics = TfidfVectorizer::default().then(TruncatedSvd::new(2)).fit(Training::new(x.clone()))?.transform(x)?;
/// let topics = topics.dense("example")?;
/// // What one topic is to developers, the other is to nurses.
/// assert!((topics[[0, 0]] * topics[[3, 0]]).abs() < 1e-9 && (topics[[0, 1]] * topics[[3, 1]]).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TruncatedSvd {
    /// How many components. 100 is recommended for LSA. Default: 2.
    pub n_components: usize,
    /// How they are found. Default: [`SvdAlgorithm::Randomized`].
    pub algorithm: SvdAlgorithm,
    /// Power iterations of the randomized algorithm, at most 1000. Default: 5.
    pub n_iter: usize,
    /// Random vectors of the randomized algorithm beyond the number of components. Default: 10.
    pub n_oversamples: usize,
    /// How the randomized algorithm normalizes its power iterations. Default: [`Normalizer::Auto`].
    pub power_iteration_normalizer: Normalizer,
    /// What the new columns are called, before their number. Default: `truncatedsvd`.
    pub prefix: String,
    /// Of the random vectors. Default: 0.
    pub seed: u64,
}

impl Default for TruncatedSvd {
    fn default() -> Self {
        TruncatedSvd {
            n_components: 2,
            algorithm: SvdAlgorithm::Randomized,
            n_iter: 5,
            n_oversamples: 10,
            power_iteration_normalizer: Normalizer::Auto,
            prefix: "truncatedsvd".into(),
            seed: 0,
        }
    }
}

impl TruncatedSvd {
    /// A decomposition into this many components.
    pub fn new(n_components: usize) -> Self {
        TruncatedSvd { n_components, ..TruncatedSvd::default() }
    }

    /// How many components.
    pub fn n_components(mut self, n_components: usize) -> Self {
        self.n_components = n_components;
        self
    }

    /// How they are found.
    pub fn algorithm(mut self, algorithm: SvdAlgorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Power iterations of the randomized algorithm.
    pub fn n_iter(mut self, n_iter: usize) -> Self {
        self.n_iter = n_iter;
        self
    }
}

randomized_recipe!(TruncatedSvd);

/// A fitted [`TruncatedSvd`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedTruncatedSvd {
    columns: Arc<[Column]>,
    output: Arc<[Column]>,
    /// Columns × components.
    #[serde(with = "adflux_core::arrays")]
    vectors: Array2<f64>,
    #[serde(with = "adflux_core::arrays")]
    singular_values: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    explained_variance: Vec<f64>,
    #[serde(with = "adflux_core::arrays")]
    explained_variance_ratio: Vec<f64>,
}

step!(TruncatedSvd => FittedTruncatedSvd, "truncated-svd", version = 1);
const KIND: &str = "truncated-svd";

/// Columns of which the exact algorithm decomposes all products: a matrix of 128 MiB.
const MOST_COLUMNS: usize = 4096;
/// Columns that are multiplied at a time for the products of all.
const AT_A_TIME: usize = 64;

impl Learn for TruncatedSvd {
    type Fitted = FittedTruncatedSvd;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedTruncatedSvd> {
        parameter::at_least_one("n_components", self.n_components)?;
        parameter::at_least_one("n_oversamples", self.n_oversamples)?;
        check_iterations("n_iter", self.n_iter)?;
        let (x, rows) = (&data.x, data.x.rows());
        let matrix = joined(x)?;
        x.require_finite(KIND)?;
        let columns: Arc<[Column]> = x.columns().cloned().collect();
        no_more_than_there_are(KIND, self.n_components, rows, columns.len())?;
        let (singular_values, mut vectors) = match self.algorithm {
            SvdAlgorithm::Randomized => {
                let how = Randomized {
                    n_oversamples: self.n_oversamples,
                    n_iter: self.n_iter,
                    normalizer: self.power_iteration_normalizer,
                    seed: self.seed,
                };
                randomized_svd(&matrix, self.n_components, &how, context)?
            }
            SvdAlgorithm::Exact => exact(&matrix, self.n_components, context)?,
        };
        fix_signs(&mut vectors);
        let mut fitted = FittedTruncatedSvd {
            output: named(&self.prefix, self.n_components, &columns),
            columns,
            vectors,
            singular_values,
            explained_variance: Vec::new(),
            explained_variance_ratio: Vec::new(),
        };
        let components = fitted.project(x)?;
        let per_row = |sums: Vec<f64>| -> Vec<f64> { sums.iter().map(|s| s / rows as f64).collect() };
        let mean = per_row(column_sums(&components, None, |_, v, _| v));
        fitted.explained_variance = per_row(column_sums(&components, None, |c, v, _| (v - mean[c]).powi(2)));
        let total: f64 = x.blocks().iter().flat_map(|b| variances(b, rows)).sum();
        // Columns that are all constant have no variance to explain.
        let share = |v: &f64| if total > 0.0 { v / total } else { 0.0 };
        fitted.explained_variance_ratio = fitted.explained_variance.iter().map(share).collect();
        if fitted.explained_variance.iter().chain(&fitted.explained_variance_ratio).all(|v| v.is_finite()) {
            return Ok(fitted);
        }
        Err(Error::data(format!("numbers too large for `{KIND}`, whose squares overflow: scale the columns first")))
    }
}

fn variances(block: &Block, rows: usize) -> Vec<f64> {
    Moments::of(block.values(), rows, block.columns().len()).variance().collect()
}

/// The blocks of `x` side by side.
fn joined(x: &Features) -> Result<Joined<'_>> {
    let mut matrix = Joined::new(x.rows());
    for block in x.blocks() {
        match block.values() {
            Values::Dense(x) => matrix.dense(x),
            Values::Sparse(x) => matrix.sparse(x),
            _ => return Err(block.refused_by(KIND)),
        }
    }
    Ok(matrix)
}

/// The `count` largest singular values and right singular vectors, from the eigenvalues of `XᵀX`.
fn exact(matrix: &Joined<'_>, count: usize, context: &Context) -> Result<(Vec<f64>, Array2<f64>)> {
    let columns = matrix.dim().1;
    let reason = format!("for at most {MOST_COLUMNS} columns, and here are {columns}: take `randomized`");
    parameter::ensure(columns <= MOST_COLUMNS, "algorithm", SvdAlgorithm::Exact, &reason)?;
    let mut products = Array2::zeros((columns, columns));
    for first in (0..columns).step_by(AT_A_TIME) {
        context.check()?;
        let here = AT_A_TIME.min(columns - first);
        let unit = Array2::from_shape_fn((columns, here), |(row, c)| f64::from(u8::from(row == first + c)));
        let of_columns = matrix.transposed_times(&matrix.times(&unit));
        products.slice_mut(s![.., first..first + here]).assign(&of_columns);
    }
    let (values, vectors) = symmetric_eigen(&products)?;
    let values = values[..count].iter().map(|v| v.max(0.0).sqrt()).collect();
    Ok((values, vectors.slice(s![.., ..count]).to_owned()))
}

impl FittedTruncatedSvd {
    /// The components, components × columns: directions of length 1, at right angles to each other.
    pub fn components(&self) -> ArrayView2<'_, f64> {
        self.vectors.t()
    }

    /// The largest singular values.
    pub fn singular_values(&self) -> &[f64] {
        &self.singular_values
    }

    /// The variance of each component over the training rows, with the divisor n.
    pub fn explained_variance(&self) -> &[f64] {
        &self.explained_variance
    }

    /// The share of each component in the variance of all columns.
    pub fn explained_variance_ratio(&self) -> &[f64] {
        &self.explained_variance_ratio
    }

    /// The columns nearest to components, as one dense block: `x ≈ z·Vᵀ`.
    ///
    /// # Errors
    /// When `z` does not have the components as columns.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        self.check_state()?;
        features::same_columns(KIND, &self.output, z.columns())?;
        z.require_finite(KIND)?;
        let vectors = self.vectors.t().as_standard_layout().into_owned();
        let x = project(&z.dense(KIND)?.view(), &vec![0.0; self.output.len()], &vectors);
        Features::trusted(x.nrows(), vec![Block::new(self.columns.clone(), Values::Dense(x))?])
    }

    fn project(&self, x: &Features) -> Result<Array2<f64>> {
        let mut out = Array2::zeros((x.rows(), self.output.len()));
        let mut first = 0;
        for block in x.blocks() {
            let width = block.columns().len();
            let of_block = self.vectors.slice(s![first..first + width, ..]);
            match block.values() {
                Values::Dense(x) => out += &project(&x.view(), &vec![0.0; width], &of_block.to_owned()),
                Values::Sparse(x) => add_sparse_product(&mut out, x, &of_block),
                _ => return Err(block.refused_by(KIND)),
            }
            first += width;
        }
        refuse_overflow(KIND, &out, &self.columns)?;
        Ok(out)
    }

    fn check_state(&self) -> Result<()> {
        if self.vectors.dim() == (self.columns.len(), self.output.len()) {
            return Ok(());
        }
        let reason = format!("{:?} numbers for {} columns", self.vectors.dim(), self.columns.len());
        Err(Error::State { kind: KIND.into(), reason })
    }
}

impl Transform<Features> for FittedTruncatedSvd {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        self.check_state()?;
        x.blocks().iter().try_for_each(|block| require_numbers(KIND, block))?;
        features::same_columns(KIND, &self.columns, x.columns())?;
        x.require_finite(KIND)?;
        let components = self.project(&x)?;
        Features::trusted(x.rows(), vec![Block::new(self.output.clone(), Values::Dense(components))?])
    }
}
