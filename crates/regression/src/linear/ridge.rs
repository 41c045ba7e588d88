//! [`Ridge`]: least squares with a penalty on the squares of the coefficients.

use super::{
    coefficients::{Coefficients, Targets, named},
    fitted_line,
    least_squares::{self, Problem},
};
use crate::explain::linear::linear_contributions;
use adflux_core::{Context, Features, Fit, Predict, Prediction, Result, Scale, Training, parameter::non_negative};
use serde::{Deserialize, Serialize};

/// Ridge regression (Hoerl & Kennard, 1970): minimises `Σ w (y − a − x·b)² + alpha·|b|²`. The intercept is not penalised.
///
/// Coefficients of columns that are alike are shared out among them rather than played against each other. The penalty depends
/// on the units of the columns: put a standard-scaler before it. Inputs, solvers and cost are those of
/// [`LinearRegression`](crate::LinearRegression); parameters and defaults are scikit-learn's. The sum is over rows, not their
/// mean, so a row of weight 2 is the row twice.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::Ridge;
/// use ndarray::array;
/// // Two columns that say the same share the slope of 2.
/// let x = Features::from_dense(array![[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]], ["clicks", "visits"])?;
/// let data = Training::new(x).with_target(Target::Values(array![2.0, 4.0, 6.0]));
/// let line = Ridge::new(1e-9).fit(data)?;
/// assert!((line.coefficients()[[0, 0]] - 1.0).abs() < 1e-6);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ridge {
    /// The factor of the squared coefficients, 0 or more. Default 1.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
}

impl Default for Ridge {
    fn default() -> Self {
        Ridge { alpha: 1.0, fit_intercept: true }
    }
}

impl Ridge {
    /// A ridge regression of penalty `alpha`.
    pub fn new(alpha: f64) -> Self {
        Ridge { alpha, ..Ridge::default() }
    }

    /// Sets whether there is an intercept.
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }
}

const KIND: &str = "ridge";
adflux_core::recipe!(Ridge, "ridge");

/// A fitted [`Ridge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedRidge {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
}
adflux_core::component!(FittedRidge, "ridge", version = 1);
fitted_line!(FittedRidge, "ridge");

#[derive(Serialize, Deserialize)]
struct Saved {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
}

impl From<FittedRidge> for Saved {
    fn from(f: FittedRidge) -> Self {
        Saved { coefficients: f.coefficients, targets: f.targets }
    }
}

impl TryFrom<Saved> for FittedRidge {
    type Error = String;

    fn try_from(Saved { coefficients, targets }: Saved) -> Result<Self, String> {
        if targets.as_ref().map_or(1, Vec::len) != coefficients.weights.nrows() {
            return Err("the targets do not fit the coefficients".into());
        }
        Ok(FittedRidge { coefficients, targets })
    }
}

impl Fit<Training<Features>> for Ridge {
    type Fitted = FittedRidge;

    /// # Errors
    /// When `alpha` is out of range, the target is not numeric, a block is neither dense nor sparse, a number is missing or
    /// infinite, products overflow, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        non_negative("alpha", self.alpha)?;
        data.validate()?;
        context.check()?;
        let targets = Targets::of(&data, KIND)?;
        let problem = Problem {
            step: KIND,
            data: &data,
            targets: &targets,
            fit_intercept: self.fit_intercept,
            alpha: self.alpha,
            inverse: false,
        };
        let solution = context.run(|| least_squares::solve(&problem, context))?;
        Ok(FittedRidge { coefficients: solution.coefficients, targets: targets.names })
    }
}

impl Predict<Features> for FittedRidge {
    /// [`Prediction::Values`], or [`Prediction::Multi`] in the order of the targets.
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        Ok(named(self.coefficients.scores(x, KIND)?, self.targets.as_deref()))
    }

    linear_contributions!(KIND, |model| (Scale::Outcome, model.targets.clone().unwrap_or_default()));
}
