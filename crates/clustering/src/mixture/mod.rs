//! Gaussian mixtures: the recipe.

mod auto;
mod covariance;
mod em;
mod model;

pub use auto::{AutoGaussianMixture, AutoGaussianMixtureModel, MixtureChoice, MixtureCriterion, MixtureQuality};
pub use covariance::CovarianceType;
pub use model::GaussianMixtureModel;

use crate::{
    agglomerative::check_scale,
    centers,
    counted::Counted,
    kmeans::{KMeans, MOST_ITERATIONS, MOST_STARTS, distinct_rows},
    scale::{factor_exponent, largest, power},
};
use adflux_core::{Context, Error, Features, Fit, Result, Training, parameter, random::stream};
use em::{Gaussians, hard, maximize};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

const KIND: &str = "gaussian-mixture";

/// Segments as overlapping Gaussians: every row belongs to each with a probability. Kind `gaussian-mixture`.
///
/// The likelihood Σᵢ wᵢ ln Σₖ πₖ N(xᵢ; μₖ, Σₖ) is raised by expectation and maximisation from the segments of a k-means, and the best
/// of `n_init` starts is kept. [`bic`](GaussianMixtureModel::bic) and [`aic`](GaussianMixtureModel::aic) compare numbers of segments and
/// shapes of covariances: the lower, the better.
///
/// Takes one dense block of finite numbers. Names and defaults are scikit-learn's; its `init_params` (always k-means here),
/// `weights_init`, `precisions_init` and `warm_start` are not here. Segments are numbered by weight. Row weights count rows (a row of
/// weight 2 is two equal rows, one of weight 0 is in no segment), which scikit-learn's does not take. The result does not depend on the
/// number of threads.
///
/// An iteration takes O(rows · segments · columns²) with `full` and `tied` covariances, O(rows · segments · columns) with others; memory
/// O(rows · (columns + segments)), and for each thread the sums of a few blocks of rows: segments · columns² / 2 numbers each with
/// `full` and `tied`.
///
/// A. P. Dempster, N. M. Laird and D. B. Rubin, *Maximum likelihood from incomplete data via the EM algorithm*, 1977; G. Schwarz,
/// *Estimating the dimension of a model*, 1978 (BIC).
///
/// ```
/// use adflux_clustering::{CovarianceType, GaussianMixture};
/// use adflux_core::{Features, Fit, Predict, Training};
/// use ndarray::array;
///
/// let years = array![[1.0], [1.2], [1.4], [0.9], [8.0], [8.1], [8.3]];
/// let x = Features::from_dense(years.clone(), ["years"])?;
/// let model = GaussianMixture::new(2).covariance_type(CovarianceType::Diag).fit(Training::new(x.clone()))?;
/// assert_eq!(model.predict(&x)?.ids, [0, 0, 0, 0, 1, 1, 1].map(Some));
/// assert!(model.predict_proba(&years.view())?[[0, 0]] > 0.99);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianMixture {
    /// The number of segments; 1 by default.
    pub n_components: usize,
    /// What shape they have; any ellipsoid, each its own, by default.
    pub covariance_type: CovarianceType,
    /// An iteration that raises the mean log-likelihood of a row by less is the last; 1e-3 by default.
    pub tol: f64,
    /// What is added to the variances, so that no segment shrinks to a point; 1e-6 by default. In the square of the unit of the columns.
    pub reg_covar: f64,
    /// The most iterations of one start, up to 1,000,000; 100 by default.
    pub max_iter: usize,
    /// Starts, of which the best is kept, up to 10,000; 1 by default.
    pub n_init: usize,
    /// Where the segments start: rows begin in the segment of the nearest of these, one a segment, in place of k-means. scikit-learn's
    /// takes the means from here and everything else from k-means. `None` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub means_init: Option<Vec<Vec<f64>>>,
    /// The seed of the starts; 0 by default.
    pub seed: u64,
}

impl Default for GaussianMixture {
    fn default() -> Self {
        GaussianMixture {
            n_components: 1,
            covariance_type: CovarianceType::Full,
            tol: 1e-3,
            reg_covar: 1e-6,
            max_iter: 100,
            n_init: 1,
            means_init: None,
            seed: 0,
        }
    }
}

impl GaussianMixture {
    /// So many segments.
    pub fn new(n_components: usize) -> Self {
        GaussianMixture { n_components, ..GaussianMixture::default() }
    }

    /// Sets the shape of the segments.
    pub fn covariance_type(mut self, covariance_type: CovarianceType) -> Self {
        self.covariance_type = covariance_type;
        self
    }

    /// Sets the tolerance of convergence.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Sets what is added to the variances.
    pub fn reg_covar(mut self, reg_covar: f64) -> Self {
        self.reg_covar = reg_covar;
        self
    }

    /// Sets the most iterations of one start.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }

    /// Sets how many starts are tried.
    pub fn n_init(mut self, n_init: usize) -> Self {
        self.n_init = n_init;
        self
    }

    /// Starts from the given means (segments × columns), as many segments as there are.
    pub fn means_init(mut self, means: ArrayView2<f64>) -> Self {
        self.n_components = means.nrows();
        self.means_init = Some(means.rows().into_iter().map(|row| row.to_vec()).collect());
        self
    }

    /// Sets the seed of the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    fn check(&self) -> Result<()> {
        parameter::at_least_one("n_components", self.n_components)?;
        parameter::non_negative("tol", self.tol)?;
        parameter::non_negative("reg_covar", self.reg_covar)?;
        parameter::between_one_and(MOST_ITERATIONS, "max_iter", self.max_iter)?;
        parameter::between_one_and(MOST_STARTS, "n_init", self.n_init)
    }

    /// The segments that rows start in when means are given.
    fn given(&self, origin: &Array1<f64>, x: &Array2<f64>) -> Result<Option<Vec<u32>>> {
        let Some(means) = &self.means_init else { return Ok(None) };
        let wrong = |reason: String| Error::parameter("means_init", format_args!("{} means", means.len()), reason);
        if means.len() != self.n_components {
            return Err(wrong(format!("n_components is {}: give as many means", self.n_components)));
        }
        if let Some(i) = means.iter().position(|m| m.len() != x.ncols() || m.iter().any(|v| !v.is_finite())) {
            return Err(wrong(format!("mean {} is not {} finite numbers, one a column", i + 1, x.ncols())));
        }
        let all: Vec<f64> = means.iter().flatten().copied().collect();
        let means = Array2::from_shape_vec((self.n_components, x.ncols()), all).map_err(Error::backend)? - origin;
        let scale = power(-factor_exponent(largest(x)));
        let far = |mean: ArrayView1<f64>| !mean.iter().map(|v| (v * scale).powi(2)).sum::<f64>().is_finite();
        if let Some(i) = means.rows().into_iter().position(far) {
            let reason = "lies too far from the rows: its squared distance is no number beside theirs";
            return Err(wrong(format!("mean {} {reason}", i + 1)));
        }
        Ok(Some(centers::nearest(&means, &x.view())))
    }

    fn fit_rows(
        &self,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
        context: &Context,
    ) -> Result<GaussianMixtureModel> {
        if x.ncols() == 0 {
            return Err(Error::data(format!("`{KIND}` was given no columns: choose at least one")));
        }
        let counted = Counted::new(x.nrows(), weights)?;
        let (x, weights) = (counted.of(x), counted.weights());
        let x = x.view();
        check_scale(KIND, x, weights)?;
        let distinct = distinct_rows(x, None, self.n_components);
        if distinct < self.n_components {
            let reason = format!("there are only {distinct} distinct rows: ask for at most as many segments");
            return Err(Error::parameter("n_components", self.n_components, reason));
        }
        // About the mean, so that digits are not lost to a far origin.
        let origin = x.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(x.ncols()));
        let centred = &x - &origin;
        let given = self.given(&origin, &centred)?;
        let by_row = weights.map(|w| w.to_vec());
        let starts = if given.is_some() { 1 } else { self.n_init };
        let mut best: Option<Run> = None;
        for start in 0..starts {
            let segments = match &given {
                Some(segments) => segments.clone(),
                None => {
                    let seed = stream(self.seed, &[start as u64]).random();
                    let model = KMeans::new(self.n_components).seed(seed).fit_rows(centred.view(), weights, context)?;
                    model.segments().to_vec()
                }
            };
            let run = self.run(&centred, by_row.as_deref(), &segments, context).map_err(|e| self.named(e))?;
            if best.as_ref().is_none_or(|best| run.bound() > best.bound()) {
                best = Some(run);
            }
        }
        let best = best.ok_or_else(|| Error::parameter("n_init", 0, "must be at least 1"))?;
        GaussianMixtureModel::new(best, &origin, &centred, &counted)
    }

    /// Expectation and maximisation from the segments of all rows.
    fn run(&self, x: &Array2<f64>, weights: Option<&[f64]>, segments: &[u32], context: &Context) -> Result<Run> {
        let (kind, reg_covar) = (self.covariance_type, self.reg_covar);
        let total = weights.map_or(x.nrows() as f64, |w| w.iter().sum());
        let start = hard(segments, self.n_components);
        let mut gaussians = maximize(x, weights, &start, kind, reg_covar)?;
        let mut lower_bounds: Vec<f64> = Vec::new();
        let mut converged = false;
        for iteration in 0..self.max_iter {
            context.check()?;
            context.report(KIND, iteration as u64, Some(self.max_iter as u64));
            let (memberships, densities) = gaussians.expect(x.view());
            let of_row = |(row, density): (usize, &f64)| weights.map_or(1.0, |w| w[row]) * density;
            let bound = densities.iter().enumerate().map(of_row).sum::<f64>() / total;
            gaussians = maximize(x, weights, &memberships, kind, reg_covar)?;
            converged = lower_bounds.last().is_some_and(|last| (bound - last).abs() < self.tol);
            lower_bounds.push(bound);
            if converged {
                break;
            }
        }
        Ok(Run { gaussians, lower_bounds, converged })
    }

    /// An error of a covariance with the value of the parameter that would help.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::Parameter { name: "reg_covar", reason, .. } => Error::parameter("reg_covar", self.reg_covar, reason),
            other => other,
        }
    }
}

/// What one start came to.
struct Run {
    gaussians: Gaussians,
    lower_bounds: Vec<f64>,
    converged: bool,
}

impl Run {
    fn bound(&self) -> f64 {
        self.lower_bounds.last().copied().unwrap_or(f64::NEG_INFINITY)
    }
}

impl Fit<Training<Features>> for GaussianMixture {
    type Fitted = GaussianMixtureModel;

    /// # Errors
    /// When a parameter is out of range; when the features are not one dense block of finite numbers (the column and row are
    /// named); when there are fewer distinct rows than segments; when a covariance becomes singular; when the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<GaussianMixtureModel> {
        self.check()?;
        data.validate()?;
        data.x.require_finite(KIND)?;
        let x = data.x.dense(KIND)?.view();
        let weights = data.weights.as_ref().map(|w| w.view());
        let model = context.run(|| self.fit_rows(x, weights, context))?;
        Ok(model.with_columns_of(&data.x))
    }
}

adflux_core::recipe!(GaussianMixture, "gaussian-mixture");
