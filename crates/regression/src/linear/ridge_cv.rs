//! [`RidgeCV`]: the penalty of a ridge chosen by the error of each row when it is left out.

use super::{
    coefficients::{Coefficients, Targets, named},
    design::Design,
    fitted_line,
    least_squares::{self, Problem, weighted_means},
    orthogonal::{Singular, triangle},
    passes::{axpy, block_sums, dot, plus},
    quadratic::MOST_ALPHAS,
};
use crate::explain::linear::linear_contributions;
use adflux_core::{Context, Error, Features, Fit, Predict, Prediction, Result, Scale, Training, parameter::ensure};
use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A [`Ridge`](crate::Ridge) whose penalty is the one of `alphas` with the least squared error of rows that were left out, one by one.
///
/// No row is left out in fact: where h is the leverage of a row (its share in its own prediction, the intercept's included) and e its
/// residual, the residual without it is `e / (1 − h)` (Allen's PRESS, 1974; Golub, Heath & Wahba, 1979). One singular value
/// decomposition gives h and e for every penalty: O(n·d²) once and O(n·d) a penalty, in memory that does not grow with the rows
/// but for their decomposition in blocks. Up to 2,048 columns, dense and sparse, one or several targets, which share a penalty.
///
/// It is scikit-learn's `RidgeCV` with `cv=None`, its defaults included. Of rows with weights it leaves out the whole row; the error is
/// the weighted mean, which chooses as scikit-learn's does. Groups and times are not looked at: rows that belong together are not left out
/// together, so search over `alpha` of a `ridge` for these.
///
/// ```
/// use adflux_core::{Features, Fit, Target, Training};
/// use adflux_regression::RidgeCV;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((60, 3), |(i, j)| ((i * (j + 3) * 7) % 17) as f64);
/// let y: Array1<f64> = x.rows().into_iter().map(|r| 2.0 * r[0] - r[1]).collect();
/// let x = Features::from_dense(x, ["budget", "days", "ads"])?;
/// let model = RidgeCV::default().fit(Training::new(x).with_target(Target::Values(y)))?;
/// assert_eq!(model.alpha(), 0.1);
/// assert!((model.coefficients()[[0, 0]] - 2.0).abs() < 0.01);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RidgeCV {
    /// The penalties that are tried, each above 0; 10,000 at most. Default 0.1, 1 and 10.
    pub alphas: Vec<f64>,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
}

impl Default for RidgeCV {
    fn default() -> Self {
        RidgeCV { alphas: vec![0.1, 1.0, 10.0], fit_intercept: true }
    }
}

impl RidgeCV {
    /// The best of these penalties.
    pub fn new(alphas: impl Into<Vec<f64>>) -> Self {
        RidgeCV { alphas: alphas.into(), ..RidgeCV::default() }
    }

    /// Sets whether there is an intercept.
    pub fn fit_intercept(mut self, fit_intercept: bool) -> Self {
        self.fit_intercept = fit_intercept;
        self
    }

    fn check(&self) -> Result<()> {
        let sound = !self.alphas.is_empty() && self.alphas.iter().all(|a| *a > 0.0 && a.is_finite());
        let reason = format!("at least one and at most {MOST_ALPHAS} numbers, each above 0");
        ensure(sound && self.alphas.len() <= MOST_ALPHAS, "alphas", &self.alphas, &reason)
    }
}

const KIND: &str = "ridge-cv";
adflux_core::recipe!(RidgeCV, "ridge-cv");

/// A fitted [`RidgeCV`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedRidgeCV {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
    alphas: Vec<f64>,
    errors: Vec<f64>,
    best: usize,
}
adflux_core::component!(FittedRidgeCV, "ridge-cv", version = 1);
fitted_line!(FittedRidgeCV, "ridge-cv");

impl FittedRidgeCV {
    /// The chosen penalty.
    pub fn alpha(&self) -> f64 {
        self.alphas[self.best]
    }

    /// The penalties that were tried.
    pub fn alphas(&self) -> &[f64] {
        &self.alphas
    }

    /// Their mean squared errors on rows left out, by the weights of the rows; of several targets the mean.
    pub fn errors(&self) -> &[f64] {
        &self.errors
    }
}

#[derive(Serialize, Deserialize)]
struct Saved {
    coefficients: Coefficients,
    targets: Option<Vec<String>>,
    alphas: Vec<f64>,
    errors: Vec<f64>,
    best: usize,
}

impl From<FittedRidgeCV> for Saved {
    fn from(f: FittedRidgeCV) -> Self {
        let FittedRidgeCV { coefficients, targets, alphas, errors, best } = f;
        Saved { coefficients, targets, alphas, errors, best }
    }
}

impl TryFrom<Saved> for FittedRidgeCV {
    type Error = String;

    fn try_from(Saved { coefficients, targets, alphas, errors, best }: Saved) -> Result<Self, String> {
        if targets.as_ref().map_or(1, Vec::len) != coefficients.weights.nrows() {
            return Err("the targets do not fit the coefficients".into());
        }
        if alphas.len() != errors.len() || best >= alphas.len() {
            return Err("the errors do not fit the penalties".into());
        }
        Ok(FittedRidgeCV { coefficients, targets, alphas, errors, best })
    }
}

impl Fit<Training<Features>> for RidgeCV {
    type Fitted = FittedRidgeCV;

    /// # Errors
    /// When `alphas` are out of range, the target is not numeric, a block is neither dense nor sparse, a number is missing or infinite,
    /// columns are too many, products overflow, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        self.check()?;
        data.validate()?;
        context.check()?;
        let targets = Targets::of(&data, KIND)?;
        context.run(|| {
            let errors = self.errors(&data, &targets, context)?;
            let least = errors
                .iter()
                .enumerate()
                .fold((0, f64::INFINITY), |best, (i, e)| if *e < best.1 { (i, *e) } else { best });
            let problem = Problem {
                step: KIND,
                data: &data,
                targets: &targets,
                fit_intercept: self.fit_intercept,
                alpha: self.alphas[least.0],
                inverse: false,
            };
            let coefficients = least_squares::solve(&problem, context)?.coefficients;
            let (alphas, best) = (self.alphas.clone(), least.0);
            Ok(FittedRidgeCV { coefficients, targets: targets.names.clone(), alphas, errors, best })
        })
    }
}

impl RidgeCV {
    /// The mean squared error of rows left out, for each penalty.
    fn errors(&self, data: &Training<Features>, targets: &Targets, context: &Context) -> Result<Vec<f64>> {
        let weights = data.weights.as_ref().map(Array1::to_vec);
        let weights = weights.as_deref();
        let mut design = Design::new(&data.x, KIND, weights, self.fit_intercept)?;
        design.require_products(KIND)?;
        let (total, means) = weighted_means(&design, weights);
        design.center = if self.fit_intercept { means } else { vec![0.0; design.width()] };
        let mean = |y: &Vec<f64>| match (self.fit_intercept, weights) {
            (false, _) => 0.0,
            (true, None) => y.iter().sum::<f64>() / total,
            (true, Some(w)) => y.iter().zip(w).map(|(y, w)| y * w).sum::<f64>() / total,
        };
        let moved: Vec<Vec<f64>> = targets.values.iter().map(|y| (y, mean(y))).map(about).collect();
        let beside: Vec<&[f64]> = moved.iter().map(Vec::as_slice).collect();
        let triangle = triangle(&design, &beside, weights, context)?;
        context.check()?;
        let width = design.width();
        let singular = Singular::of(&triangle, width, |_| 1.0)?;
        let s = &singular.s;
        let on = Array2::from_shape_fn((beside.len(), s.len()), |(t, k)| singular.on(&triangle, k, width + t));
        let line =
            |on: ArrayView1<'_, f64>, alpha: f64| on.iter().zip(s).map(|(on, s)| on * s / (s * s + alpha)).collect();
        let penalty = |alpha: &f64| Penalty {
            shrunk: s.iter().map(|s| (s * s + alpha).recip()).collect(),
            lines: on.rows().into_iter().map(|on| line(on, *alpha)).collect(),
        };
        // The scale that the table is read with is taken off here, once for all rows.
        let mut directions = singular.directions();
        for (shares, scale) in directions.chunks_exact_mut(s.len().max(1)).zip(&design.scale) {
            shares.iter_mut().for_each(|share| *share /= scale);
        }
        let rows = LeftOut {
            design: &design,
            weights,
            share: if self.fit_intercept { total.recip() } else { 0.0 },
            directions,
            count: s.len(),
            penalties: self.alphas.iter().map(penalty).collect(),
            targets: &beside,
        };
        let sums = block_sums(design.rows(), self.alphas.len(), |block, to| rows.add(block, to), plus);
        let errors: Vec<f64> = sums.iter().map(|sum| sum / total / beside.len() as f64).collect();
        match errors.iter().all(|e| e.is_finite()) {
            true => Ok(errors),
            false => Err(Error::data("the errors overflow: scale columns and target first")),
        }
    }
}

fn about((y, mean): (&Vec<f64>, f64)) -> Vec<f64> {
    y.iter().map(|y| y - mean).collect()
}

/// What depends on a penalty.
struct Penalty {
    /// What a square along each direction adds to the leverage.
    shrunk: Vec<f64>,
    /// Of each target the coefficients of the directions.
    lines: Vec<Vec<f64>>,
}

/// What the errors of rows that are left out are made of.
struct LeftOut<'a> {
    design: &'a Design<'a>,
    weights: Option<&'a [f64]>,
    /// What the intercept adds to the leverage of a row of weight 1.
    share: f64,
    /// Columns × directions: what a column adds along each.
    directions: Vec<f64>,
    count: usize,
    penalties: Vec<Penalty>,
    targets: &'a [&'a [f64]],
}

impl LeftOut<'_> {
    /// Adds the weighted squared errors of some rows, for each penalty.
    fn add(&self, rows: Range<usize>, to: &mut [f64]) {
        let mut values = vec![0.0; self.design.width()];
        let (mut along, mut squares) = (vec![0.0; self.count], vec![0.0; self.count]);
        for row in rows {
            let weight = self.weights.map_or(1.0, |w| w[row]);
            if weight == 0.0 {
                continue;
            }
            self.design.read(row, 1.0, &mut values);
            along.fill(0.0);
            for (value, shares) in values.iter().zip(self.directions.chunks_exact(self.count.max(1))) {
                axpy(*value, shares, &mut along);
            }
            squares.iter_mut().zip(&along).for_each(|(square, z)| *square = z * z);
            for (sum, penalty) in to.iter_mut().zip(&self.penalties) {
                let leverage = dot(&squares, &penalty.shrunk) + self.share;
                // A row that alone decides on its prediction says nothing of others.
                let rest = (1.0 - weight * leverage).max(f64::EPSILON);
                for (line, y) in penalty.lines.iter().zip(self.targets) {
                    let error = (y[row] - dot(&along, line)) / rest;
                    *sum += weight * error * error;
                }
            }
        }
    }
}

impl Predict<Features> for FittedRidgeCV {
    /// [`Prediction::Values`], or [`Prediction::Multi`] in the order of the targets.
    type Output = Prediction;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        Ok(named(self.coefficients.scores(x, KIND)?, self.targets.as_deref()))
    }

    linear_contributions!(KIND, |model| (Scale::Outcome, model.targets.clone().unwrap_or_default()));
}
