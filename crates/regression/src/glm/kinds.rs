//! The generalised linear models by name.

use super::{Family, Link, newton::Problem};
use crate::{
    convergence::told,
    explain::linear::linear_contributions,
    linear::{coefficients::Coefficients, fitted_line},
};
use adflux_core::{Context, Error, Features, Fit, Predict, Prediction, Result, Training};
use serde::{Deserialize, Serialize};

/// Any generalised linear model: a [`Family`] and a [`Link`], `link(μ) = a + x·b`.
///
/// Minimises `Σ w·d(y, μ) / (2 Σ w) + alpha·|b|² / 2` with the deviance d of the family, by Newton's method (Fisher scoring where
/// the loss may be curved downwards), each step halved until it lowers the sum. Columns are centred and scaled while they are
/// read, so units do not matter to it. Columns that repeat each other share a coefficient. O(n·d²) a step, of which there are
/// five to ten; up to 2,048 columns, dense and sparse.
///
/// **Exposure.** With an exposure in the training data the target is a total over it, and the mean of the total is exposure · μ:
/// clicks of so many impressions, spend for so many clicks. It needs the link log, and is statsmodels' `exposure`; of a binomial
/// it is the number of trials. **Predictions are for one unit of exposure**: multiply by the exposure for totals.
///
/// **Offset.** [`offset`](Self::offset) names a feature whose coefficient is 1: prior log odds with the link logit, the logarithm of what
/// another model predicts with the link log, the prediction itself with identity. It is statsmodels' `offset` and R's
/// `offset(column)`, but stands in the table, so predictions, which need it as well, cross-validation and saved files have it. Do not scale it
/// on the way: give the column a branch of its own.
///
/// The default penalty is none, as statsmodels has it, with which it agrees to 1e-6. Rows of weight 2 are rows that came twice
/// (statsmodels' `freq_weights`).
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::{Family, GeneralizedLinearRegressor};
/// use ndarray::array;
/// // Clicks of impressions: a click rate of 1 in 10 on the first platform and 2 in 10 on the second.
/// let x = Features::from_dense(array![[0.0], [0.0], [1.0], [1.0]], ["second_platform"])?;
/// let data = Training::new(x.clone())
///     .with_target(Target::Values(array![9.0, 21.0, 45.0, 35.0]))
///     .with_exposure(array![100.0, 200.0, 200.0, 200.0]);
/// let model = GeneralizedLinearRegressor::new(Family::Binomial).fit(data)?;
/// let rates = model.predict(&x)?;
/// assert!((rates.point()?[0] - 0.1).abs() < 1e-9 && (rates.point()?[2] - 0.2).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneralizedLinearRegressor {
    /// The distribution of the outcome. Default gaussian.
    pub family: Family,
    /// The scale on which effects add up; `None`, the default: identity for gaussian, logit for binomial, otherwise log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// The penalty on squared coefficients, 0 or more. Default 0.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Newton steps at most, 1 to 1,000,000. Default 100.
    pub max_iter: usize,
    /// It stops after a step from where the gradient, in units in which the loss curves by 1 and the outcome is about 1, was smaller than
    /// this: the unit of the outcome does not matter. Default 1e-7: Newton's last digits are cheap.
    pub tol: f64,
    /// The feature that is an offset: its coefficient is 1, unpenalised. `None`, the default: there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
}

impl Default for GeneralizedLinearRegressor {
    fn default() -> Self {
        GeneralizedLinearRegressor {
            family: Family::Gaussian,
            link: None,
            alpha: 0.0,
            fit_intercept: true,
            max_iter: 100,
            tol: 1e-7,
            offset: None,
        }
    }
}

impl GeneralizedLinearRegressor {
    /// A model of `family` with the link that is usual for it.
    pub fn new(family: Family) -> Self {
        GeneralizedLinearRegressor { family, ..Self::default() }
    }

    /// Sets the link.
    pub fn link(mut self, link: Link) -> Self {
        self.link = Some(link);
        self
    }

    /// Sets the feature that is an offset.
    pub fn offset(mut self, column: impl Into<String>) -> Self {
        self.offset = Some(column.into());
        self
    }

    fn problem(&self) -> Problem<'_> {
        Problem {
            step: "generalized-linear-regressor",
            family: self.family,
            link: self.link.unwrap_or(self.family.usual_link()),
            alpha: self.alpha,
            fit_intercept: self.fit_intercept,
            max_iter: self.max_iter,
            tol: self.tol,
            offset: self.offset.as_deref(),
        }
    }
}

/// A Poisson regression of counts with the link log: clicks, applications; with an exposure, clicks of so many impressions.
///
/// [`GeneralizedLinearRegressor`] tells what is minimised, the exposure and the cost. Parameters and the default penalty are
/// scikit-learn's; `tol` is measured in units in which the loss curves by 1 and the outcome is about 1.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::PoissonRegressor;
/// use ndarray::array;
/// let x = Features::from_dense(array![[0.0], [1.0], [2.0]], ["days"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![1.0, 2.0, 4.0]));
/// let model = PoissonRegressor::new(0.0).fit(data)?;
/// assert!((model.coefficients()[[0, 0]] - 2f64.ln()).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoissonRegressor {
    /// The penalty on squared coefficients, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Newton steps at most. Default 100.
    pub max_iter: usize,
    /// It stops after a step from where the gradient, in units in which the loss curves by 1 and the outcome is about 1, was smaller
    /// than this. Default 1e-7.
    pub tol: f64,
}

/// A gamma regression of amounts above 0 with the link log: the cost of a click, the length of a visit.
///
/// [`GeneralizedLinearRegressor`] tells what is minimised, the exposure and the cost. Parameters and the default penalty are
/// scikit-learn's; `tol` is measured in units in which the loss curves by 1 and the outcome is about 1.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::GammaRegressor;
/// use ndarray::array;
/// let x = Features::from_dense(array![[0.0], [0.0], [1.0], [1.0]], ["evening"])?;
/// let cost = array![0.8, 1.2, 1.9, 2.1];
/// let model = GammaRegressor::new(0.0).fit(Training::new(x.clone()).with_target(Target::Values(cost)))?;
/// assert!((model.predict(&x)?.point()?[3] - 2.0).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GammaRegressor {
    /// The penalty on squared coefficients, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Newton steps at most. Default 100.
    pub max_iter: usize,
    /// It stops after a step from where the gradient, in units in which the loss curves by 1 and the outcome is about 1, was smaller
    /// than this. Default 1e-7.
    pub tol: f64,
}

/// A Tweedie regression with the link log, of amounts of which many are 0: the spend of a day, the revenue of a click.
///
/// [`GeneralizedLinearRegressor`] tells what is minimised, the exposure and the cost. Parameters and the default penalty are
/// scikit-learn's, but the default power is 1.5 and the link is always log (a power of 0 with the link identity is a
/// [`Ridge`](crate::Ridge)); `tol` is measured in units in which the loss curves by 1 and the outcome is about 1.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::TweedieRegressor;
/// use ndarray::array;
/// let x = Features::from_dense(array![[0.0], [0.0], [1.0], [1.0]], ["weekend"])?;
/// let spend = array![0.0, 2.0, 0.0, 6.0];
/// let model = TweedieRegressor::new(0.0).fit(Training::new(x.clone()).with_target(Target::Values(spend)))?;
/// assert!((model.predict(&x)?.point()?[3] - 3.0).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TweedieRegressor {
    /// The variance grows with the mean to this power: 0 or less, or 1 or more. Default 1.5.
    pub power: f64,
    /// The penalty on squared coefficients, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Newton steps at most. Default 100.
    pub max_iter: usize,
    /// It stops after a step from where the gradient, in units in which the loss curves by 1 and the outcome is about 1, was smaller
    /// than this. Default 1e-7.
    pub tol: f64,
}

impl TweedieRegressor {
    /// Sets the power.
    pub fn power(mut self, power: f64) -> Self {
        self.power = power;
        self
    }
}

/// The methods, defaults and problem of a kind with a family of its own.
macro_rules! with_log_link {
    ($recipe:ident, $kind:literal, $family:expr $(, $more:ident: $default:expr)*) => {
        impl Default for $recipe {
            fn default() -> Self {
                $recipe { alpha: 1.0, fit_intercept: true, max_iter: 100, tol: 1e-7 $(, $more: $default)* }
            }
        }

        impl $recipe {
            /// A model of penalty `alpha`.
            pub fn new(alpha: f64) -> Self {
                $recipe { alpha, ..Self::default() }
            }

            fn problem(&self) -> Problem<'_> {
                let family: fn(&Self) -> Family = $family;
                Problem {
                    step: $kind,
                    family: family(self),
                    link: Link::Log,
                    alpha: self.alpha,
                    fit_intercept: self.fit_intercept,
                    max_iter: self.max_iter,
                    tol: self.tol,
                    offset: None,
                }
            }
        }
    };
}
with_log_link!(PoissonRegressor, "poisson-regressor", |_| Family::Poisson);
with_log_link!(GammaRegressor, "gamma-regressor", |_| Family::Gamma);
with_log_link!(TweedieRegressor, "tweedie-regressor", |r| Family::Tweedie(r.power), power: 1.5);

/// The fitted type of a kind, and what both can do.
macro_rules! kind {
    ($recipe:ident, $fitted:ident, $kind:literal) => {
        adflux_core::recipe!($recipe, $kind);

        impl $recipe {
            /// Sets the penalty.
            pub fn alpha(mut self, alpha: f64) -> Self {
                self.alpha = alpha;
                self
            }
            /// Sets whether there is an intercept.
            pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
                self.fit_intercept = fit_intercept;
                self
            }
            /// Sets the Newton steps at most.
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
            link: Link,
            iterations: usize,
            converged: bool,
        }
        adflux_core::component!($fitted, $kind, version = 1);
        fitted_line!($fitted, $kind);

        impl $fitted {
            /// The Newton steps that were made.
            pub fn iterations(&self) -> usize {
                self.iterations
            }

            /// Whether they came to an end before `max_iter` did.
            pub fn converged(&self) -> bool {
                self.converged
            }
        }

        impl Fit<Training<Features>> for $recipe {
            type Fitted = $fitted;

            /// # Errors
            /// When a parameter is out of range, the target is not numeric or not of the family, an exposure cannot be used, the column
            /// of an offset is missing, a block is neither dense nor sparse, a number is missing or infinite, or the work is cancelled.
            fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
                let problem = self.problem();
                let answer = problem.fit(&data, context)?;
                told(answer.converged, $kind, Some(self.max_iter), context);
                Ok($fitted {
                    coefficients: answer.coefficients,
                    link: problem.link,
                    iterations: answer.iterations,
                    converged: answer.converged,
                })
            }
        }

        impl Predict<Features> for $fitted {
            /// [`Prediction::Values`]: the mean for one unit of exposure.
            type Output = Prediction;

            /// # Errors
            /// When `x` has other columns than the fit, a block that is neither dense nor sparse, a number that is missing or
            /// infinite, or one so far from those of the fit that the mean overflows.
            fn predict(&self, x: &Features) -> Result<Prediction> {
                let mut mean = self.coefficients.scores(x, $kind)?.column(0).to_owned();
                mean.mapv_inplace(|eta| self.link.mean(eta));
                match mean.iter().position(|mu| !mu.is_finite()) {
                    Some(row) => Err(Error::data(format!(
                        "row {}: the prediction of `{}` overflows: its numbers are far from those it learned from",
                        row + 1,
                        $kind
                    ))),
                    None => Ok(Prediction::Values(mean)),
                }
            }

            linear_contributions!($kind, |model| (model.link.scale(), Vec::new()));

            fn uses_exposure(&self) -> bool {
                true
            }
        }
    };
}
kind!(GeneralizedLinearRegressor, FittedGeneralizedLinearRegressor, "generalized-linear-regressor");
kind!(PoissonRegressor, FittedPoissonRegressor, "poisson-regressor");
kind!(GammaRegressor, FittedGammaRegressor, "gamma-regressor");
kind!(TweedieRegressor, FittedTweedieRegressor, "tweedie-regressor");
