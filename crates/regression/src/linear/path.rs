//! [`ElasticNetPath`]: the coefficients of a lasso or elastic net for many penalties.

use super::{
    coordinate::Penalties,
    moments::Moments,
    quadratic::{Centre, MOST_ALPHAS, Quadratic, Settings},
};
use adflux_core::{
    Column, Context, Error, Features, Result, Training,
    parameter::{between_one_and, ensure, open_unit},
};
use ndarray::{Array1, Array2};
use std::sync::Arc;

/// The path of an [`ElasticNet`](crate::ElasticNet): its coefficients for one penalty after the other, from the strongest to the
/// weakest (Friedman, Hastie & Tibshirani, 2010); scikit-learn's `enet_path`, and `lasso_path` with an `l1_ratio` of 1. It shows which
/// columns come in first, and what becomes of them when others do.
///
/// The rows are read once, n·d² operations; each penalty starts from the coefficients of the one before. Inputs, weights and `tol` are those of
/// `ElasticNet`. Unlike scikit-learn's it takes out the means itself, and so has intercepts.
///
/// ```
/// use adflux_core::{Features, Target, Training};
/// use adflux_regression::ElasticNetPath;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((100, 2), |(i, j)| ((i * (j + 3) * 7) % 17) as f64);
/// let y: Array1<f64> = x.rows().into_iter().map(|r| 2.0 * r[0] - 0.5 * r[1]).collect();
/// let x = Features::from_dense(x, ["budget", "days"])?;
/// let path = ElasticNetPath::default().l1_ratio(1.0).trace(&Training::new(x).with_target(Target::Values(y)))?;
/// // All are 0 at the strongest penalty; the budget comes in first.
/// assert_eq!(path.coefficients.row(0).to_vec(), [0.0, 0.0]);
/// assert!(path.coefficients[[1, 0]] > 0.0 && path.coefficients[[1, 1]] == 0.0);
/// assert!((path.coefficients[[99, 0]] - 2.0).abs() < 0.01);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[doc(alias = "enet_path")]
#[doc(alias = "lasso_path")]
#[derive(Clone, Debug, PartialEq)]
pub struct ElasticNetPath {
    /// The share of L1, above 0 and at most 1. Default 0.5.
    pub l1_ratio: f64,
    /// The least penalty as a share of the largest, 0 to 1. Default 1e-3.
    pub eps: f64,
    /// Penalties, 1 to 10,000, falling geometrically from the least that leaves all coefficients at 0. Default 100.
    pub n_alphas: usize,
    /// Penalties in place of these, each 0 or more; they are taken from the strongest to the weakest. Default none.
    pub alphas: Option<Vec<f64>>,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most for a penalty. Default 1000.
    pub max_iter: usize,
    /// As in [`ElasticNet`](crate::ElasticNet). Default 1e-4.
    pub tol: f64,
}

impl Default for ElasticNetPath {
    fn default() -> Self {
        ElasticNetPath {
            l1_ratio: 0.5,
            eps: 1e-3,
            n_alphas: 100,
            alphas: None,
            fit_intercept: true,
            max_iter: 1000,
            tol: 1e-4,
        }
    }
}

/// What [`ElasticNetPath`] finds; the first of each is that of the strongest penalty.
#[derive(Clone, Debug)]
pub struct CoefficientPath {
    /// The feature columns, in the order of the coefficients.
    pub columns: Arc<[Column]>,
    /// The penalties, falling.
    pub alphas: Array1<f64>,
    /// Penalties × columns.
    pub coefficients: Array2<f64>,
    /// The prediction where all columns are 0; 0 without an intercept.
    pub intercepts: Array1<f64>,
    /// Whether the coefficients came to rest before `max_iter` rounds were over.
    pub converged: Vec<bool>,
}

const STEP: &str = "elastic-net-path";

impl ElasticNetPath {
    /// Sets the share of L1.
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
        self
    }
    /// Sets the least penalty as a share of the largest.
    pub fn eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }
    /// Sets how many penalties there are.
    pub fn n_alphas(mut self, n_alphas: usize) -> Self {
        self.n_alphas = n_alphas;
        self
    }
    /// Sets the penalties themselves.
    pub fn alphas(mut self, alphas: impl Into<Vec<f64>>) -> Self {
        self.alphas = Some(alphas.into());
        self
    }
    /// Sets whether there is an intercept.
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }
    /// Sets the rounds at most.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.max_iter = max_iter;
        self
    }
    /// Sets when it stops.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// The path of some data.
    ///
    /// # Errors
    /// As [`trace_with`](Self::trace_with).
    pub fn trace(&self, data: &Training<Features>) -> Result<CoefficientPath> {
        self.trace_with(data, &Context::default())
    }

    /// The path of some data, with progress, threads and cancellation of a context.
    ///
    /// # Errors
    /// When a parameter is out of range, the target is not one of numbers, a block is neither dense nor sparse, a number is missing or
    /// infinite, columns are too many, products overflow, or the work is cancelled.
    pub fn trace_with(&self, data: &Training<Features>, context: &Context) -> Result<CoefficientPath> {
        let settings =
            Settings { step: STEP, fit_intercept: self.fit_intercept, max_iter: self.max_iter, tol: self.tol };
        self.check()?;
        settings.check()?;
        data.validate()?;
        context.check()?;
        context.run(|| {
            let rows = 0..data.x.rows();
            let (centre, moments) = Centre::new(data, STEP, self.fit_intercept, std::slice::from_ref(&rows))?;
            let quadratic = Quadratic::new(&centre, &Moments::sum(&moments), self.fit_intercept)?;
            let scale = &centre.design.scale;
            let alphas = match &self.alphas {
                Some(given) => {
                    let mut given = given.clone();
                    given.sort_by(|a, b| b.total_cmp(a));
                    given
                }
                None => quadratic.alphas(scale, self.l1_ratio, self.eps, self.n_alphas),
            };
            let mut b = vec![0.0; centre.design.width()];
            let mut coefficients = Vec::with_capacity(alphas.len() * b.len());
            let mut intercepts = Vec::with_capacity(alphas.len());
            let mut converged = Vec::with_capacity(alphas.len());
            for (done, alpha) in alphas.iter().enumerate() {
                context.check()?;
                context.report("penalties", done as u64, Some(alphas.len() as u64));
                let penalties = Penalties::new(*alpha, self.l1_ratio, scale, 0);
                converged.push(quadratic.solve(&mut b, &penalties, self.tol, self.max_iter));
                let line = centre.in_units(&b, quadratic.constant(&b), self.fit_intercept, &data.x)?;
                coefficients.extend(line.weights.iter());
                intercepts.push(line.intercepts[0]);
            }
            let coefficients = Array2::from_shape_vec((alphas.len(), b.len()), coefficients).map_err(Error::backend)?;
            let columns = data.x.columns().cloned().collect();
            Ok(CoefficientPath {
                columns,
                alphas: alphas.into(),
                coefficients,
                intercepts: intercepts.into(),
                converged,
            })
        })
    }

    fn check(&self) -> Result<()> {
        let share = self.l1_ratio > 0.0 && self.l1_ratio <= 1.0;
        ensure(share, "l1_ratio", self.l1_ratio, "must be above 0 and at most 1: a penalty without L1 has no path")?;
        open_unit("eps", self.eps)?;
        between_one_and(MOST_ALPHAS, "n_alphas", self.n_alphas)?;
        let given = self.alphas.as_deref().unwrap_or(&[0.0]);
        let sound = !given.is_empty() && given.len() <= MOST_ALPHAS && given.iter().all(|a| *a >= 0.0 && a.is_finite());
        ensure(sound, "alphas", &self.alphas, "must be 1 to 10,000 finite numbers, 0 or more")
    }
}
