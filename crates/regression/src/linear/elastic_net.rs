//! [`Lasso`] and [`ElasticNet`].

use super::{coefficients::Coefficients, fitted_line, quadratic::Settings};
use crate::{convergence::told, explain::linear::linear_contributions};
use adflux_core::{Context, Features, Fit, Predict, Prediction, Result, Scale, Training};
use serde::{Deserialize, Serialize};

/// The elastic net (Zou & Hastie, 2005): minimises
/// `Σ w (y − a − x·b)² / (2 Σ w) + alpha·l1_ratio·|b|₁ + alpha·(1 − l1_ratio)·|b|² / 2`.
///
/// The L1 part makes coefficients of columns that help little exactly 0; the L2 part keeps columns that go together together. Takes
/// dense and sparse features without missing values, up to 2,048 columns, one numeric target and row weights. Put a standard-scaler
/// before it: the penalty depends on the units.
///
/// One pass over the rows sums the products of all pairs of columns, n·d² operations; coordinate descent then needs no rows. Parameters
/// and defaults are scikit-learn's, except that `tol` is a share of the target's standard deviation rather than of a dual gap.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::ElasticNet;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0, 0.3], [2.0, -0.2], [3.0, 0.1], [4.0, 0.0]], ["budget", "noise"])?;
/// let model = ElasticNet::new(0.1, 0.9).fit(Training::new(x).with_target(Target::Values(array![1.0, 2.0, 3.0, 4.0])))?;
/// assert!(model.coefficients()[[0, 0]] > 0.8 && model.coefficients()[[0, 1]] == 0.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ElasticNet {
    /// The strength of the penalty, 0 or more. Default 1.
    pub alpha: f64,
    /// The share of L1, 0 to 1. Default 0.5.
    pub l1_ratio: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most, 1 to 1,000,000. Default 1000.
    pub max_iter: usize,
    /// It stops when no coefficient moves predictions by more than this share of the target's standard deviation. Default 1e-4.
    pub tol: f64,
}

/// The lasso (Tibshirani, 1996): an [`ElasticNet`] of L1 alone, `Σ w (y − a − x·b)² / (2 Σ w) + alpha·|b|₁`.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::Lasso;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0, 0.3], [2.0, -0.2], [3.0, 0.1], [4.0, 0.0]], ["budget", "noise"])?;
/// let model = Lasso::new(0.1).fit(Training::new(x).with_target(Target::Values(array![1.0, 2.0, 3.0, 4.0])))?;
/// assert_eq!(model.coefficients()[[0, 1]], 0.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lasso {
    /// The strength of the penalty, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Rounds of coordinate descent at most, 1 to 1,000,000. Default 1000.
    pub max_iter: usize,
    /// It stops when no coefficient moves predictions by more than this share of the target's standard deviation. Default 1e-4.
    pub tol: f64,
}

impl Default for ElasticNet {
    fn default() -> Self {
        ElasticNet { alpha: 1.0, l1_ratio: 0.5, fit_intercept: true, max_iter: 1000, tol: 1e-4 }
    }
}

impl Default for Lasso {
    fn default() -> Self {
        Lasso { alpha: 1.0, fit_intercept: true, max_iter: 1000, tol: 1e-4 }
    }
}

impl ElasticNet {
    /// An elastic net of penalty `alpha`, of which `l1_ratio` is L1.
    pub fn new(alpha: f64, l1_ratio: f64) -> Self {
        ElasticNet { alpha, l1_ratio, ..Self::default() }
    }
}

impl Lasso {
    /// A lasso of penalty `alpha`.
    pub fn new(alpha: f64) -> Self {
        Lasso { alpha, ..Self::default() }
    }
}

/// The fitted type of a kind, and what both can do.
macro_rules! kind {
    ($recipe:ident, $fitted:ident, $kind:literal, $l1_ratio:expr) => {
        adflux_core::recipe!($recipe, $kind);

        impl $recipe {
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
        }

        #[doc = concat!("A fitted [`", stringify!($recipe), "`].")]
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub struct $fitted {
            coefficients: Coefficients,
            converged: bool,
        }
        adflux_core::component!($fitted, $kind, version = 1);
        fitted_line!($fitted, $kind);

        impl $fitted {
            /// Whether it came to rest before `max_iter` rounds were over.
            pub fn converged(&self) -> bool {
                self.converged
            }
        }

        impl Fit<Training<Features>> for $recipe {
            type Fitted = $fitted;

            /// # Errors
            /// When a parameter is out of range, the target is not one of numbers, a block is neither dense nor sparse, a number
            /// is missing or infinite, columns are too many, products overflow, or the work is cancelled.
            fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
                let l1_ratio: fn(&Self) -> f64 = $l1_ratio;
                let settings =
                    Settings { step: $kind, fit_intercept: self.fit_intercept, max_iter: self.max_iter, tol: self.tol };
                let (coefficients, converged) = settings.fit(&data, self.alpha, l1_ratio(self), context)?;
                told(converged, $kind, Some(self.max_iter), context);
                Ok($fitted { coefficients, converged })
            }
        }

        impl Predict<Features> for $fitted {
            /// [`Prediction::Values`].
            type Output = Prediction;

            /// # Errors
            /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or
            /// infinite.
            fn predict(&self, x: &Features) -> Result<Prediction> {
                Ok(Prediction::Values(self.coefficients.scores(x, $kind)?.column(0).to_owned()))
            }

            linear_contributions!($kind, |_model| (Scale::Outcome, Vec::new()));
        }
    };
}
kind!(ElasticNet, FittedElasticNet, "elastic-net", |recipe| recipe.l1_ratio);
kind!(Lasso, FittedLasso, "lasso", |_| 1.0);
