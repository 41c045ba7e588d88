//! [`HuberRegressor`]: a line that outliers do not bend.

use super::rows::Rows;
use crate::{
    convergence::told,
    explain::linear::linear_contributions,
    linear::{cholesky::Cholesky, coefficients::Coefficients, design::overflow, fitted_line, passes::dot},
};
use adflux_core::{
    Context, Features, Fit, Predict, Prediction, Result, Scale, Training,
    parameter::{between_one_and, ensure, non_negative, positive},
};
use serde::{Deserialize, Serialize};

/// Steps at most that `max_iter` may ask for.
const MOST_STEPS: usize = 1_000_000;
/// A scale, as a share of the target's standard deviation, that is 0 but for rounding.
const ON_THE_LINE: f64 = 1e-12;

/// Huber's regression with the scale estimated alongside (Huber & Ronchetti, 2009, chapter 7; Owen, 2007): minimises
///
/// ```text
/// Σ w (σ + σ·H((y − a − x·b) / σ)) + alpha·|b|²        H(z) = z² for |z| ≤ epsilon, else 2·epsilon·|z| − epsilon²
/// ```
///
/// over the line and σ: squares for rows near the line, magnitudes for those far from it, in units of σ, so that the answer does not
/// depend on the unit of the target. A campaign that spent ten times the rest counts, but does not decide.
///
/// Takes dense and sparse features without missing values, up to 2,048 columns, one numeric target and row weights. Newton's method on the
/// rows that are near, each step halved until it lowers the sum: O(n·d²) a step, ten to twenty steps. Parameters and defaults are
/// scikit-learn's, and so is the sum; L-BFGS there may end a little before the lowest place.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::HuberRegressor;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0]], ["budget"])?;
/// let clicks = array![1.1, 1.9, 3.0, 4.1, 60.0, 5.9, 7.0];
/// let line = HuberRegressor::default().fit(Training::new(x).with_target(Target::Values(clicks)))?;
/// assert!((line.coefficients()[[0, 0]] - 1.0).abs() < 0.1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HuberRegressor {
    /// From how many σ on a residual counts by its magnitude, at least 1. Default 1.35: 95 % as efficient as least squares where residuals
    /// are normal.
    pub epsilon: f64,
    /// The penalty on squared coefficients, 0 or more. Default 1e-4.
    pub alpha: f64,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Steps at most, 1 to 1,000,000. Default 100.
    pub max_iter: usize,
    /// It stops after a step from where the gradient, in units in which the sum curves by 1, was below this share of the root of the
    /// sum. Default 1e-5.
    pub tol: f64,
}

impl Default for HuberRegressor {
    fn default() -> Self {
        HuberRegressor { epsilon: 1.35, alpha: 1e-4, fit_intercept: true, max_iter: 100, tol: 1e-5 }
    }
}

impl HuberRegressor {
    /// A Huber regression that takes residuals of more than `epsilon` σ for far.
    pub fn new(epsilon: f64) -> Self {
        HuberRegressor { epsilon, ..Self::default() }
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
    /// Sets the steps at most.
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

const KIND: &str = "huber-regressor";
adflux_core::recipe!(HuberRegressor, "huber-regressor");

/// A fitted [`HuberRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedHuberRegressor {
    coefficients: Coefficients,
    scale: f64,
    converged: bool,
}
adflux_core::component!(FittedHuberRegressor, "huber-regressor", version = 1);
fitted_line!(FittedHuberRegressor, "huber-regressor");

#[derive(Serialize, Deserialize)]
struct Saved {
    coefficients: Coefficients,
    scale: f64,
    converged: bool,
}

impl From<FittedHuberRegressor> for Saved {
    fn from(f: FittedHuberRegressor) -> Self {
        Saved { coefficients: f.coefficients, scale: f.scale, converged: f.converged }
    }
}

impl TryFrom<Saved> for FittedHuberRegressor {
    type Error = String;

    fn try_from(Saved { coefficients, scale, converged }: Saved) -> Result<Self, String> {
        if coefficients.weights.nrows() != 1 || !scale.is_finite() || scale < 0.0 {
            return Err("there must be one line, and its scale a finite number, 0 or more".into());
        }
        Ok(FittedHuberRegressor { coefficients, scale, converged })
    }
}

impl FittedHuberRegressor {
    /// σ: the unit in which a residual is near or far; 0 where all rows lie on the line.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Whether it came to an end before `max_iter` steps.
    pub fn converged(&self) -> bool {
        self.converged
    }
}

impl Fit<Training<Features>> for HuberRegressor {
    type Fitted = FittedHuberRegressor;

    /// # Errors
    /// When a parameter is out of range, the target is not one of numbers, a block is neither dense nor sparse, a number is missing or
    /// infinite, columns are too many, products overflow, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        self.check()?;
        data.validate()?;
        context.check()?;
        context.run(|| {
            let rows = Rows::new(&data, KIND, self.fit_intercept)?;
            let (at, converged) = self.descend(&rows, context)?;
            told(converged, KIND, Some(self.max_iter), context);
            let coefficients = rows.in_units(&at.line, &data.x)?;
            Ok(FittedHuberRegressor { coefficients, scale: at.sigma * rows.spread, converged })
        })
    }
}

/// A line in the moved and scaled columns with the intercept behind, and σ in units of the target's spread.
struct Place {
    line: Vec<f64>,
    sigma: f64,
    residuals: Vec<f64>,
    /// The sum there, with the penalty.
    value: f64,
}

/// The sum as a function of a line and σ.
struct Sum<'a> {
    rows: &'a Rows<'a>,
    epsilon: f64,
    /// Of each squared coefficient.
    penalty: Vec<f64>,
}

impl Sum<'_> {
    fn place(&self, line: Vec<f64>, sigma: f64, residuals: Vec<f64>) -> Place {
        let epsilon = self.epsilon;
        let of = |(r, w): (&f64, &f64)| {
            let far = r.abs() > epsilon * sigma;
            w * (sigma + if far { 2.0 * epsilon * r.abs() - sigma * epsilon * epsilon } else { r * r / sigma })
        };
        let losses: f64 = residuals.iter().zip(&self.rows.weights).map(of).sum();
        let charge = |(b, p): (&f64, &f64)| if *b == 0.0 { 0.0 } else { p * b * b };
        let value = losses + line.iter().zip(&self.penalty).map(charge).sum::<f64>();
        Place { line, sigma, residuals, value }
    }

    /// The first and second derivatives, σ behind the line. Rows that are far do not curve the sum.
    fn derivatives(&self, at: &Place) -> (Vec<f64>, Vec<f64>) {
        let (epsilon, sigma) = (self.epsilon, at.sigma);
        let of = |(r, w): (&f64, &f64)| {
            let z = r / sigma;
            match z.abs() > epsilon {
                true => (0.0, -2.0 * w * epsilon.copysign(z), w * (1.0 - epsilon * epsilon)),
                false => (2.0 * w / sigma, -2.0 * w * z, w * (1.0 - z * z)),
            }
        };
        let mut curves = Vec::with_capacity(at.residuals.len());
        let mut pulls = Vec::with_capacity(at.residuals.len());
        let mut along_sigma = 0.0;
        for (curve, pull, along) in at.residuals.iter().zip(&self.rows.weights).map(of) {
            curves.push(curve);
            pulls.push(pull);
            along_sigma += along;
        }
        let mut gradient = self.rows.pulled(&pulls);
        gradient.push(along_sigma);
        let units: Vec<f64> = at.residuals.iter().map(|r| r / sigma).collect();
        let mut hessian = self.rows.products(&[&units], &curves);
        let size = gradient.len();
        for (j, penalty) in self.penalty.iter().enumerate() {
            gradient[j] += 2.0 * penalty * at.line[j];
            hessian[j * size + j] += 2.0 * penalty;
        }
        (gradient, hessian)
    }

    /// A lower place along `step`, which promises the gain `promised`; none where rounding hides any gain.
    fn lower(&self, from: &Place, step: &[f64], promised: f64) -> Option<Place> {
        let stride = self.rows.stride();
        let ahead = self.rows.design.scores(&step[..stride]);
        let turn = step[stride];
        let mut length = 1.0;
        // Sigma stays above 0: a tenth of it at least.
        while from.sigma + length * turn < 0.1 * from.sigma {
            length *= 0.5;
        }
        while length > 1e-12 {
            let line = from.line.iter().zip(step).map(|(b, s)| b + length * s).collect();
            let residuals = from.residuals.iter().zip(&ahead).map(|(r, a)| r - length * a).collect();
            let tried = self.place(line, from.sigma + length * turn, residuals);
            if tried.value <= from.value - 1e-4 * length * promised {
                return Some(tried);
            }
            length *= 0.5;
        }
        None
    }
}

impl HuberRegressor {
    fn check(&self) -> Result<()> {
        let epsilon = self.epsilon >= 1.0 && self.epsilon.is_finite();
        ensure(epsilon, "epsilon", self.epsilon, "must be a finite number, at least 1")?;
        non_negative("alpha", self.alpha)?;
        between_one_and(MOST_STEPS, "max_iter", self.max_iter)?;
        positive("tol", self.tol)
    }

    /// The lowest place, and whether it is known to be.
    fn descend(&self, rows: &Rows<'_>, context: &Context) -> Result<(Place, bool)> {
        let penalty = rows.design.scale.iter().map(|s| self.alpha * rows.spread * s * s).collect();
        let sum = Sum { rows, epsilon: self.epsilon, penalty };
        let size = rows.stride() + 1;
        let mut at = sum.place(vec![0.0; rows.stride()], 1.0, rows.y.clone());
        for iteration in 0..self.max_iter {
            context.check()?;
            context.report("Newton steps", iteration as u64, Some(self.max_iter as u64));
            let (gradient, hessian) = sum.derivatives(&at);
            if gradient.iter().chain(&hessian).any(|v| !v.is_finite()) {
                return Err(overflow());
            }
            let factor = Cholesky::of_curvature(hessian, size, |j| rows.left_out(j));
            let mut step: Vec<f64> = gradient.iter().map(|g| -g).collect();
            factor.solve(&mut step);
            let promised = -dot(&step, &gradient);
            let rests = promised <= self.tol * self.tol * at.value;
            match sum.lower(&at, &step, promised) {
                Some(lower) => at = lower,
                None => {
                    let rests = rests || promised <= 1e-9 * at.value;
                    return Ok((at, rests));
                }
            }
            if rests {
                return Ok((at, true));
            }
            if at.sigma < ON_THE_LINE {
                at.sigma = 0.0;
                return Ok((at, true));
            }
        }
        Ok((at, false))
    }
}

impl Predict<Features> for FittedHuberRegressor {
    /// [`Prediction::Values`].
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        Ok(Prediction::Values(self.coefficients.scores(x, KIND)?.column(0).to_owned()))
    }

    linear_contributions!(KIND, |_model| (Scale::Outcome, Vec::new()));
}
