//! [`PowerTransformer`]: columns made as normal as a power can make them.

use crate::{
    dense::{Dense, all, refuse_overflow, refuse_where},
    step::{Learn, ROWS, step},
};
use adflux_core::{Context, Features, Result, Training, Transform};
use adflux_evaluation::minimise::{bracket, minimum};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which family of powers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerMethod {
    /// For all numbers: of x ≥ 0 `((1 + x)^λ − 1) / λ`, of x < 0 `−((1 − x)^(2 − λ) − 1) / (2 − λ)`, with logarithms
    /// where the divisor is 0.
    #[default]
    YeoJohnson,
    /// For numbers above 0: `(x^λ − 1) / λ`, of λ = 0 the logarithm.
    BoxCox,
}

/// Raises every numeric column to the power that makes it most like a normal distribution, and scales it to mean 0
/// and variance 1.
///
/// The power λ maximises the likelihood of the transformed training values under a normal distribution; it is found by
/// Brent's method, as in SciPy. Takes dense blocks. Missing values are passed over and stay missing; a column that is
/// constant or missing everywhere keeps λ = 1. Row weights do not count. Infinite numbers are refused, and numbers
/// that are not above 0 with [`PowerMethod::BoxCox`].
///
/// The defaults are scikit-learn's `PowerTransformer`, and its results up to the tolerance of the search (1e-7 of λ).
/// One difference: a constant column is an error in its Box-Cox; here it is left alone, as in its Yeo-Johnson, so that
/// a column that is constant in one fold stops nothing. O(rows × columns) for each of about 25 values of λ; the
/// transformation is in place.
///
/// References: Box and Cox (1964), *An analysis of transformations*; Yeo and Johnson (2000), *A new family of power
/// transformations to improve normality or symmetry*.
///
/// ```
/// use adflux_core::{Features, Fit, Training, Transform};
/// use adflux_preprocessing::{PowerMethod, PowerTransformer};
/// use ndarray::Array2;
///
/// let skewed = Array2::from_shape_fn((99, 1), |(row, _)| ((row as f64 - 49.0) / 20.0).exp());
/// let x = Features::from_dense(skewed, ["spend"])?;
/// let power = PowerTransformer::new(PowerMethod::BoxCox).fit(Training::new(x.clone()))?;
/// assert!(power.lambdas().next().is_some_and(|lambda| lambda.abs() < 1e-6), "the logarithm");
/// let z = power.transform(x)?.into_dense("example")?;
/// assert!((z[[0, 0]] + z[[98, 0]]).abs() < 1e-6, "as far below 0 as above");
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PowerTransformer {
    /// Which family of powers. Default: [`PowerMethod::YeoJohnson`].
    pub method: PowerMethod,
    /// Whether the result is scaled to mean 0 and variance 1. Default: `true`.
    pub standardize: bool,
}

impl Default for PowerTransformer {
    fn default() -> Self {
        PowerTransformer { method: PowerMethod::YeoJohnson, standardize: true }
    }
}

impl PowerTransformer {
    /// A transformer with this family of powers.
    pub fn new(method: PowerMethod) -> Self {
        PowerTransformer { method, ..PowerTransformer::default() }
    }

    /// Which family of powers.
    pub fn method(mut self, method: PowerMethod) -> Self {
        self.method = method;
        self
    }

    /// Whether the result is scaled to mean 0 and variance 1.
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.standardize = standardize;
        self
    }
}

/// A fitted [`PowerTransformer`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FittedPowerTransformer {
    method: PowerMethod,
    blocks: Vec<Dense<Power>>,
}

/// Of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Power {
    lambda: f64,
    /// What is taken off; 0 without `standardize`.
    mean: f64,
    /// What is divided by; 1 without `standardize`.
    scale: f64,
}

step!(PowerTransformer => FittedPowerTransformer, "power-transformer", version = 1);
const KIND: &str = "power-transformer";

impl Learn for PowerTransformer {
    type Fitted = FittedPowerTransformer;

    fn learn(&self, data: &Training<Features>, context: &Context) -> Result<FittedPowerTransformer> {
        let method = self.method;
        method.require_domain(&data.x)?;
        let blocks = Dense::learn(KIND, &data.x, context, None, |column, values| {
            let lambda = if is_constant(&values) { 1.0 } else { method.likeliest(&values) };
            let moments = Moments::of(&values, |x| method.apply(x, lambda));
            let (mean, scale) = if self.standardize { moments.center_and_scale() } else { (0.0, 1.0) };
            refuse_overflow(KIND, column, &[lambda, mean, scale])?;
            Ok(Power { lambda, mean, scale })
        })?;
        Ok(FittedPowerTransformer { method, blocks })
    }
}

impl PowerMethod {
    fn require_domain(self, x: &Features) -> Result<()> {
        let outside = |v: f64| self == PowerMethod::BoxCox && v <= 0.0;
        refuse_where(x, outside, |v| format!("{v}, and `box_cox` takes finite numbers above 0 only: use `yeo_johnson`"))
    }

    fn apply(self, x: f64, lambda: f64) -> f64 {
        match self {
            PowerMethod::BoxCox => power(x.ln(), lambda),
            PowerMethod::YeoJohnson if x >= 0.0 => power(x.ln_1p(), lambda),
            PowerMethod::YeoJohnson => -power((-x).ln_1p(), 2.0 - lambda),
        }
    }

    fn invert(self, z: f64, lambda: f64) -> f64 {
        match self {
            PowerMethod::BoxCox => root(z, lambda).exp(),
            PowerMethod::YeoJohnson if z >= 0.0 => root(z, lambda).exp_m1(),
            PowerMethod::YeoJohnson => -root(-z, 2.0 - lambda).exp_m1(),
        }
    }

    /// The λ under which `values` are most like a normal sample.
    fn likeliest(self, values: &[f64]) -> f64 {
        // Every λ needs the logarithms and nothing else: those of negative numbers with a sign.
        let logs: Vec<f64> = match self {
            PowerMethod::BoxCox => values.par_iter().map(|x| x.ln()).collect(),
            PowerMethod::YeoJohnson => values.par_iter().map(|x| x.abs().ln_1p().copysign(*x)).collect(),
        };
        let rows = logs.len() as f64;
        let sum = Moments::of(&logs, |log| log).mean * rows;
        let surprise = |lambda: f64| {
            let moments = match self {
                PowerMethod::BoxCox => Moments::of(&logs, |log| quick_power(log, lambda)),
                PowerMethod::YeoJohnson => Moments::of(&logs, |log| match log >= 0.0 {
                    true => quick_power(log, lambda),
                    false => -quick_power(-log, 2.0 - lambda),
                }),
            };
            let variance = moments.variance();
            // A variance of 0 is one that was lost in rounding.
            if variance < f64::MIN_POSITIVE { f64::INFINITY } else { 0.5 * rows * variance.ln() - (lambda - 1.0) * sum }
        };
        let (low, high) = match self {
            PowerMethod::BoxCox => bracket(surprise, -2.0, 2.0),
            PowerMethod::YeoJohnson => safe_powers(values),
        };
        minimum(surprise, low, high)
    }
}

/// The powers under which values twenty times as large as the largest can still be transformed and squared: SciPy's
/// bounds of the Yeo-Johnson search.
fn safe_powers(values: &[f64]) -> (f64, f64) {
    let largest = values.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
    let log = if largest < 1e300 { (20.0 * largest).ln_1p() } else { 20.0_f64.ln() + largest.ln() };
    let (digits, tiny, huge) = (f64::EPSILON.ln(), f64::MIN_POSITIVE.ln(), f64::MAX.ln());
    let (low, high) = ((tiny - digits) / 2.0 / log, (huge + digits) / 2.0 / log);
    let negative = values.iter().filter(|v| **v < 0.0).count();
    match negative {
        0 => (low, high),
        n if n == values.len() => (2.0 - high, 2.0 - low),
        _ => (low.max(2.0 - high), high.min(2.0 - low)),
    }
}

/// `(e^(λ · log) − 1) / λ`, and its limit at λ = 0.
fn power(log: f64, lambda: f64) -> f64 {
    if lambda.abs() < f64::EPSILON { log } else { (lambda * log).exp_m1() / lambda }
}

/// [`power`] in half the time, where only its variance counts: what is lost is small beside 1, not beside the result.
fn quick_power(log: f64, lambda: f64) -> f64 {
    if lambda.abs() < 0.01 { power(log, lambda) } else { ((lambda * log).exp() - 1.0) / lambda }
}

/// The logarithm whose [`power`] is `z`; NaN when there is none.
fn root(z: f64, lambda: f64) -> f64 {
    if lambda.abs() < f64::EPSILON { z } else { (lambda * z).ln_1p() / lambda }
}

/// Whether the variance is within the rounding error of the mean: the rule of scikit-learn's `StandardScaler`.
fn is_constant(values: &[f64]) -> bool {
    let moments = Moments::of(values, |x| x);
    moments.variance() <= moments.rounding()
}

/// Number, mean and sum of squared distances to the mean.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Of what `f` makes of the values: two passes over each of the fixed blocks, which are joined in order by the
    /// formula of Chan, Golub and LeVeque (1983).
    fn of(values: &[f64], f: impl Fn(f64) -> f64 + Sync) -> Moments {
        let block = |values: &[f64]| {
            let mut made = [0.0; ROWS];
            made.iter_mut().zip(values).for_each(|(to, x)| *to = f(*x));
            let (made, count) = (&made[..values.len()], values.len() as f64);
            let mean = sum_of(made, |y| y) / count;
            Moments { count, mean, squares: sum_of(made, |y| (y - mean) * (y - mean)) }
        };
        let blocks: Vec<Moments> = values.par_chunks(ROWS).map(block).collect();
        blocks.into_iter().fold(Moments::default(), Moments::joined)
    }

    fn joined(self, other: Moments) -> Moments {
        let count = self.count + other.count;
        let apart = other.mean - self.mean;
        Moments {
            count,
            mean: self.mean + apart * other.count / count,
            squares: self.squares + other.squares + apart * apart * self.count * other.count / count,
        }
    }

    fn variance(&self) -> f64 {
        if self.count > 0.0 { self.squares / self.count } else { 0.0 }
    }

    fn rounding(&self) -> f64 {
        self.count * f64::EPSILON * self.variance() + (self.count * self.mean * f64::EPSILON).powi(2)
    }

    fn center_and_scale(&self) -> (f64, f64) {
        let variance = self.variance();
        (self.mean, if variance <= self.rounding() { 1.0 } else { variance.sqrt() })
    }
}

/// The sum of what `f` makes of the values, in lanes that do not wait for each other.
fn sum_of(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (whole, rest) = values.as_chunks::<LANES>();
    for values in whole {
        sums.iter_mut().zip(values).for_each(|(sum, y)| *sum += f(*y));
    }
    sums.into_iter().sum::<f64>() + rest.iter().map(|y| f(*y)).sum::<f64>()
}

impl FittedPowerTransformer {
    /// The power of each column, in the order of the columns.
    pub fn lambdas(&self) -> impl Iterator<Item = f64> {
        all(&self.blocks).map(|power| power.lambda)
    }

    /// The original values of transformed ones. A number that no value is transformed to becomes missing, as in
    /// scikit-learn.
    ///
    /// # Errors
    /// When `z` does not have the columns of the fit, holds infinite numbers, or the original overflows.
    pub fn inverse_transform(&self, z: Features) -> Result<Features> {
        Dense::map(KIND, &self.blocks, z, |p, z| self.method.invert(z * p.scale + p.mean, p.lambda))
    }
}

impl Transform<Features> for FittedPowerTransformer {
    type Output = Features;

    fn transform(&self, x: Features) -> Result<Features> {
        self.method.require_domain(&x)?;
        Dense::map(KIND, &self.blocks, x, |p, x| (self.method.apply(x, p.lambda) - p.mean) / p.scale)
    }
}
