//! [`LinearRegression`]: ordinary least squares.

use super::{
    coefficients::{Coefficients, Targets, named},
    fitted_line,
    inference::{CoefficientSummary, Inference},
    least_squares::{self, Problem},
};
use crate::explain::linear::linear_contributions;
use adflux_core::{Context, Error, Features, Fit, Intervals, Predict, Prediction, Result, Rows as _, Scale, Training};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// Ordinary least squares: `y = a + x·b` with the least sum of weighted squared residuals.
///
/// Takes dense and sparse features without missing values, one numeric target or several, and row weights. Where columns are
/// collinear, or there are more columns than rows, many coefficients fit equally well: the answer is the one of least norm,
/// which is scikit-learn's.
///
/// The products of all pairs of columns are summed in one pass and solved by Cholesky; where the columns are so alike that this
/// would cost digits, or are more than 2,048, a QR factorization and singular values take its place, and conjugate gradients
/// for very many (sparse) columns, to a relative gradient of 1e-10. O(n·d²) for n rows of d columns, O(d²) memory beside the
/// data.
///
/// With `inference` the fit also keeps what is needed for standard errors, t tests, and confidence and prediction intervals. They
/// hold when the residuals are independent, normal, and of variance σ² / weight: a weight is a precision, and a row of weight 2
/// is not two rows.
///
/// Differences from scikit-learn: whether a direction of the columns is there at all is judged on columns of length 1, so a click rate
/// of 1e-6 beside a budget of 1e6 is not lost; there is no `positive`.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::LinearRegression;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [5.0]], ["budget"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![2.1, 3.9, 6.2, 7.8, 10.1]));
/// let line = LinearRegression::default().inference(true).fit(data)?;
/// let budget = &line.summary(0.95)?[1];
/// assert!((budget.coefficient - 1.99).abs() < 1e-12 && budget.p_value < 1e-4);
/// let next = line.predict_intervals(&x, 0.95)?;
/// assert!(next.lower[0] < 2.1 && 2.1 < next.upper[0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinearRegression {
    /// Whether there is an intercept (the default), or predictions are 0 where all columns are.
    pub fit_intercept: bool,
    /// Whether standard errors and intervals can be asked for. Needs one target, more rows than coefficients and columns that are
    /// not collinear, and keeps d² numbers. Default false.
    pub inference: bool,
}

impl Default for LinearRegression {
    fn default() -> Self {
        LinearRegression { fit_intercept: true, inference: false }
    }
}

impl LinearRegression {
    /// Sets whether there is an intercept.
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    /// Sets whether standard errors and intervals can be asked for.
    pub fn inference(mut self, inference: bool) -> Self {
        self.inference = inference;
        self
    }
}

const KIND: &str = "linear-regression";
adflux_core::recipe!(LinearRegression, "linear-regression");

/// A fitted [`LinearRegression`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedLinearRegression {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
    inference: Option<Inference>,
}
adflux_core::component!(FittedLinearRegression, "linear-regression", version = 1);
fitted_line!(FittedLinearRegression, "linear-regression");

#[derive(Serialize, Deserialize)]
struct Saved {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
    inference: Option<Inference>,
}

impl From<FittedLinearRegression> for Saved {
    fn from(f: FittedLinearRegression) -> Self {
        Saved { coefficients: f.coefficients, targets: f.targets, inference: f.inference }
    }
}

impl TryFrom<Saved> for FittedLinearRegression {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let Saved { coefficients, targets, inference } = saved;
        let lines = targets.as_ref().map_or(1, Vec::len);
        let fits = inference.as_ref().is_none_or(|i| lines == 1 && i.fits(coefficients.columns.len()));
        if lines != coefficients.weights.nrows() || !fits {
            return Err("the parts of the fit do not belong together".into());
        }
        Ok(FittedLinearRegression { coefficients, targets, inference })
    }
}

impl Fit<Training<Features>> for LinearRegression {
    type Fitted = FittedLinearRegression;

    /// # Errors
    /// When the target is not numeric, a block is neither dense nor sparse, a number is missing or infinite, products overflow,
    /// `inference` is asked for where there is none, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        data.validate()?;
        context.check()?;
        let targets = Targets::of(&data, KIND)?;
        if self.inference && targets.values.len() > 1 {
            return Err(Error::parameter("inference", true, "is for one target: fit each target alone"));
        }
        let problem = Problem {
            step: KIND,
            data: &data,
            targets: &targets,
            fit_intercept: self.fit_intercept,
            alpha: 0.0,
            inverse: self.inference,
        };
        context.run(|| {
            let solution = least_squares::solve(&problem, context)?;
            let inference = self.inference.then(|| {
                let fitted = solution.coefficients.scores(&data.x, KIND)?;
                let weight = |row: usize| data.weights.as_ref().map_or(1.0, |w| w[row]);
                let residuals = targets.values[0].iter().zip(&fitted).map(|(y, f)| (y - f) * (y - f));
                let squares = residuals.enumerate().map(|(row, square)| weight(row) * square).sum();
                let rows = (0..data.len()).filter(|row| weight(*row) > 0.0).count();
                Inference::new(&solution, squares, rows, self.fit_intercept, KIND)
            });
            let inference = inference.transpose()?;
            Ok(FittedLinearRegression {
                coefficients: solution.coefficients,
                targets: targets.names.clone(),
                inference,
            })
        })
    }
}

impl FittedLinearRegression {
    fn inference(&self) -> Result<&Inference> {
        self.inference.as_ref().ok_or_else(|| {
            Error::parameter("inference", false, "this model was fitted without: set inference = true and fit again")
        })
    }

    /// The intercept, when there is one, and each coefficient with its standard error, t test against 0, and confidence interval
    /// of `level`, 0 to 1. A column that does not vary takes no part: all is 0 there, and the probability 1.
    ///
    /// # Errors
    /// When the fit was made without `inference`, or `level` is out of range.
    pub fn summary(&self, level: f64) -> Result<Vec<CoefficientSummary>> {
        self.inference()?.summary(&self.coefficients, level)
    }

    /// The variance of the noise of a row of weight 1: residual squares over [`degrees_of_freedom`](Self::degrees_of_freedom).
    ///
    /// # Errors
    /// When the fit was made without `inference`.
    pub fn residual_variance(&self) -> Result<f64> {
        Ok(self.inference()?.variance())
    }

    /// Rows of positive weight less coefficients: the intercept and the columns that vary.
    ///
    /// # Errors
    /// When the fit was made without `inference`.
    pub fn degrees_of_freedom(&self) -> Result<f64> {
        Ok(self.inference()?.degrees())
    }

    /// Where an outcome of weight 1 is expected with the probability `level`: noise and what is not known of the coefficients. O(d²)
    /// a row.
    ///
    /// # Errors
    /// When the fit was made without `inference`, `level` is out of range, and as [`predict`](Predict::predict).
    pub fn predict_intervals(&self, x: &Features, level: f64) -> Result<Intervals> {
        let mean = self.mean(x)?;
        self.inference()?.intervals(x, mean, 1.0, level, KIND)
    }

    /// Where the expected value is with the confidence `level`: what is not known of the coefficients alone.
    ///
    /// # Errors
    /// As [`predict_intervals`](Self::predict_intervals).
    pub fn confidence_intervals(&self, x: &Features, level: f64) -> Result<Intervals> {
        let mean = self.mean(x)?;
        self.inference()?.intervals(x, mean, 0.0, level, KIND)
    }

    fn mean(&self, x: &Features) -> Result<Array1<f64>> {
        Ok(self.coefficients.scores(x, KIND)?.column(0).to_owned())
    }
}

impl Predict<Features> for FittedLinearRegression {
    /// [`Prediction::Values`], or [`Prediction::Multi`] in the order of the targets.
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        Ok(named(self.coefficients.scores(x, KIND)?, self.targets.as_deref()))
    }

    linear_contributions!(KIND, |model| (Scale::Outcome, model.targets.clone().unwrap_or_default()));
}
