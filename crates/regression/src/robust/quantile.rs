//! [`QuantileRegressor`]: a line that a given share of the rows lies below.

use super::{interior::solve, program::Program, rows::Rows, vertex};
use crate::{
    convergence::told,
    explain::linear::linear_contributions,
    linear::{coefficients::Coefficients, fitted_line},
};
use adflux_core::{
    Context, Features, Fit, Predict, Prediction, Result, Rows as _, Scale, Training,
    parameter::{non_negative, open_unit},
};
use serde::{Deserialize, Serialize};

/// Linear quantile regression (Koenker & Bassett, 1978) with an L1 penalty: minimises
///
/// ```text
/// Σ w ρ(y − a − x·b) / Σ w + alpha·|b|₁        ρ(r) = quantile·r for r ≥ 0, else (quantile − 1)·r
/// ```
///
/// 0.5 is the median, which outliers of the target do not move; 0.9 answers with what nine rows of ten stay under. The quantiles of skewed
/// amounts (spend, days to hire) say more than a mean. The intercept is not penalised; the penalty depends on the units of the
/// columns: put a standard-scaler before it.
///
/// Takes dense and sparse features without missing values, up to 2,048 columns, one numeric target and row weights. It is a linear
/// program, solved by an interior-point method on its dual (Portnoy & Koenker, 1997), 10 to 30 steps of O(n·d²), and then moved onto
/// the vertex nearby: as many rows as there are coefficients lie on the line, and those columns that the penalty leaves out are
/// exactly 0. Where several lines are lowest, it is one of them. Parameters and defaults are scikit-learn's, without its
/// choice of solvers; the default `alpha` of 1 leaves little but the intercept where columns are small beside the target.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::QuantileRegressor;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [5.0]], ["budget"])?;
/// let data = Training::new(x).with_target(Target::Values(array![2.0, 4.0, 600.0, 8.0, 10.0]));
/// let median = QuantileRegressor::new(0.5).alpha(0.0).fit(data)?;
/// assert!((median.coefficients()[[0, 0]] - 2.0).abs() < 1e-12);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuantileRegressor {
    /// The share of rows below the line, above 0 and below 1. Default 0.5, the median.
    pub quantile: f64,
    /// The penalty on the magnitudes of coefficients, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
}

impl Default for QuantileRegressor {
    fn default() -> Self {
        QuantileRegressor { quantile: 0.5, alpha: 1.0, fit_intercept: true }
    }
}

impl QuantileRegressor {
    /// A regression on `quantile`.
    pub fn new(quantile: f64) -> Self {
        QuantileRegressor { quantile, ..Self::default() }
    }
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
}

const KIND: &str = "quantile-regressor";
adflux_core::recipe!(QuantileRegressor, "quantile-regressor");

/// A fitted [`QuantileRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedQuantileRegressor {
    coefficients: Coefficients,
    converged: bool,
}
adflux_core::component!(FittedQuantileRegressor, "quantile-regressor", version = 1);
fitted_line!(FittedQuantileRegressor, "quantile-regressor");

impl FittedQuantileRegressor {
    /// Whether what is minimised is known to be within 1e-9 of its least; otherwise rounding kept it from getting there.
    pub fn converged(&self) -> bool {
        self.converged
    }
}

impl Fit<Training<Features>> for QuantileRegressor {
    type Fitted = FittedQuantileRegressor;

    /// # Errors
    /// When a parameter is out of range, the target is not one of numbers, a block is neither dense nor sparse, a number is missing or
    /// infinite, columns are too many, products overflow, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        open_unit("quantile", self.quantile)?;
        non_negative("alpha", self.alpha)?;
        data.validate()?;
        context.check()?;
        let counted = |weights: &ndarray::Array1<f64>| (0..weights.len()).filter(|row| weights[*row] > 0.0).collect();
        let counted: Option<Vec<usize>> = data.weights.as_ref().filter(|w| w.iter().any(|w| *w == 0.0)).map(counted);
        let data = counted.map_or(data.clone(), |rows| data.take(&rows));
        context.run(|| {
            let rows = Rows::new(&data, KIND, self.fit_intercept)?;
            let program = Program::new(&rows, self.quantile, self.alpha);
            let inside = solve(&program, context)?;
            told(inside.converged, KIND, None, context);
            let line = vertex::near(&program, &inside);
            Ok(FittedQuantileRegressor { coefficients: rows.in_units(&line, &data.x)?, converged: inside.converged })
        })
    }
}

impl Predict<Features> for FittedQuantileRegressor {
    /// [`Prediction::Values`].
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        Ok(Prediction::Values(self.coefficients.scores(x, KIND)?.column(0).to_owned()))
    }

    linear_contributions!(KIND, |_model| (Scale::Outcome, Vec::new()));
}
