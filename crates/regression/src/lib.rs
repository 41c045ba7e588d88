//! Predictions from tables of features.
//!
//! | component | kind | what it predicts |
//! |---|---|---|
//! | [`LinearRegression`] | `linear-regression` | one number a row, or several by name, with standard errors and intervals |
//! | [`Ridge`] | `ridge` | the same with a penalty on the squares of the coefficients |
//! | [`RidgeCV`] | `ridge-cv` | a ridge whose penalty is chosen by the errors of rows left out |
//! | [`Lasso`], [`ElasticNet`] | `lasso`, `elastic-net` | one number, from the columns that help most |
//! | [`LassoCV`], [`ElasticNetCV`] | `lasso-cv`, `elastic-net-cv` | the same with the penalty chosen by cross-validation |
//! | [`HuberRegressor`] | `huber-regressor` | one number, from a line that outliers do not bend |
//! | [`QuantileRegressor`] | `quantile-regressor` | the number that a given share of rows stays below |
//! | [`GeneralizedLinearRegressor`] | `generalized-linear-regressor` | the mean of a gaussian, binomial, Poisson, gamma or Tweedie outcome, for one unit of exposure |
//! | [`PoissonRegressor`], [`GammaRegressor`], [`TweedieRegressor`] | `poisson-regressor`, `gamma-regressor`, `tweedie-regressor` | the same for counts, amounts, and amounts of which many are 0, with a penalty |
//! | [`LogisticRegression`] | `logistic-regression` | a probability for each class |
//! | [`FtrlClassifier`] | `ftrl-classifier` | a probability for each of two classes, learned from a stream |
//! | [`RandomForestRegressor`] | `random-forest-regressor` | one number a row, or several by name |
//! | [`RandomForestClassifier`] | `random-forest-classifier` | a probability for each class |
//! | [`DecisionTreeRegressor`], [`DecisionTreeClassifier`] | `decision-tree-regressor`, `decision-tree-classifier` | as the forests, by one tree |
//! | [`ExtraTreesRegressor`], [`ExtraTreesClassifier`] | `extra-trees-regressor`, `extra-trees-classifier` | as the forests, with random thresholds |
//! | [`GradientBoostingRegressor`] | `gradient-boosting-regressor` | one number a row: a mean, a median, a quantile, a rate |
//! | [`GradientBoostingClassifier`] | `gradient-boosting-classifier` | a probability for each class |
//! | [`EmpiricalBayesRates`] | `empirical-bayes-rates` | rates of campaigns and ads of few events, with intervals, in a hierarchy |
//! | [`Voting`] | `voting` | the mean of several models |
//! | [`FunnelRegressor`] | `funnel-regressor` | the rates of an advertising funnel: spend share, CPM, CTR, conversion rate |
//!
//! [`ElasticNetPath`] gives the coefficients of a lasso or elastic net for many penalties at once.
//!
//! All but [`EmpiricalBayesRates`], which takes categories, take [`Features`](adflux_core::Features) of dense and sparse blocks. All obey
//! row weights, and give the same bits for the same seed whatever the number of threads. Trees and funnels take missing values (NaN) in
//! dense blocks, boosting categorical blocks too; linear models refuse both.
//!
//! Trees are grown on byte codes: every column is binned once, and trees look for splits in histograms of the codes.
//! Thresholds are kept as real values, so a fitted tree knows nothing of bins.

mod boosting;
mod candidates;
mod convergence;
mod counts;
mod explain;
mod forest;
mod funnel;
mod glm;
mod levels;
mod linear;
mod logistic;
mod online;
mod probability;
mod robust;
mod table;
mod tree;
mod voting;

pub use boosting::{
    FittedGradientBoostingClassifier, FittedGradientBoostingRegressor, GradientBoostingClassifier,
    GradientBoostingRegressor, Loss,
};
pub use candidates::candidates;
pub use counts::{
    CountFamily, EmpiricalBayesRates, FittedEmpiricalBayesRates, RateBelief, TotalEstimate, prior_strength,
};
pub use forest::{
    DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreesClassifier, ExtraTreesRegressor,
    FittedDecisionTreeClassifier, FittedDecisionTreeRegressor, FittedExtraTreesClassifier, FittedExtraTreesRegressor,
    FittedRandomForestClassifier, FittedRandomForestRegressor, MaxFeatures, RandomForestClassifier,
    RandomForestRegressor,
};
pub use funnel::{FittedFunnelRegressor, FunnelRegressor};
pub use glm::{
    Family, FittedGammaRegressor, FittedGeneralizedLinearRegressor, FittedPoissonRegressor, FittedTweedieRegressor,
    GammaRegressor, GeneralizedLinearRegressor, Link, PoissonRegressor, TweedieRegressor,
};
pub use linear::{
    Cholesky, CoefficientPath, CoefficientSummary, ElasticNet, ElasticNetCV, ElasticNetPath, FittedElasticNet,
    FittedElasticNetCV, FittedLasso, FittedLassoCV, FittedLinearRegression, FittedRidge, FittedRidgeCV, Lasso, LassoCV,
    LinearRegression, Ridge, RidgeCV,
};
pub use logistic::{ClassWeight, FittedLogisticRegression, LogisticRegression, Penalty};
pub use online::{FittedFtrlClassifier, FtrlClassifier, ProgressiveValidation};
pub use robust::{FittedHuberRegressor, FittedQuantileRegressor, HuberRegressor, QuantileRegressor};
pub use voting::{FittedVoting, Voting};

/// Registers the models of this crate.
///
/// # Errors
/// When one of their kinds is taken.
pub fn register(registry: &mut adflux_core::Registry) -> adflux_core::Result<()> {
    registry.model::<LinearRegression>()?.model::<Ridge>()?.model::<RidgeCV>()?;
    registry.model::<GeneralizedLinearRegressor>()?.model::<PoissonRegressor>()?;
    registry.model::<LogisticRegression>()?.model::<Lasso>()?.model::<ElasticNet>()?;
    registry.model::<EmpiricalBayesRates>()?.model::<FtrlClassifier>()?;
    registry.model::<LassoCV>()?.model::<ElasticNetCV>()?.model::<HuberRegressor>()?.model::<QuantileRegressor>()?;
    registry.model::<GammaRegressor>()?.model::<TweedieRegressor>()?;
    registry.model::<RandomForestRegressor>()?.model::<RandomForestClassifier>()?.model::<FunnelRegressor>()?;
    registry.model::<GradientBoostingRegressor>()?.model::<GradientBoostingClassifier>()?;
    registry.model::<DecisionTreeRegressor>()?.model::<DecisionTreeClassifier>()?;
    registry.model::<ExtraTreesRegressor>()?.model::<ExtraTreesClassifier>()?;
    registry.model::<Voting>()?;
    Ok(())
}
