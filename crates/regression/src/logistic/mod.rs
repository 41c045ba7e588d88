//! [`LogisticRegression`]: probabilities of classes from linear scores.

mod lbfgs;
mod metric;
mod objective;
mod proximal;

use crate::{
    convergence::told,
    explain::linear::linear_contributions,
    linear::{
        coefficients::Coefficients,
        coordinate::Penalties,
        design::{Design, MOST_PRODUCTS},
        fitted_line,
    },
    probability::{sigmoid, softmax},
};
use adflux_core::{
    Classes, Context, Error, Features, Fit, Predict, Result, Scale, Training,
    parameter::{between_one_and, ensure, positive},
};
use ndarray::{Array1, Array2};
use objective::LogLoss;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Steps at most that `max_iter` may ask for.
const MOST_STEPS: usize = 1_000_000;

/// What large coefficients are charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Penalty {
    /// Half their squares.
    L2,
    /// Their magnitudes: many become 0.
    L1,
    /// Both, shared out by `l1_ratio`.
    ElasticNet,
    /// Nothing.
    None,
}

/// How much the classes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWeight {
    /// As much as their rows.
    None,
    /// All the same: a row counts n / (classes · rows of its class).
    Balanced,
}

/// Logistic regression: of two classes `p = 1 / (1 + e^−(a + x·b))`, of more the softmax of a score for each.
///
/// Minimises `c · Σ w · log loss + penalty(b)`; the intercept is not penalised. Takes dense and sparse features without missing
/// values and row weights. Without an L1 part it is solved by L-BFGS in the metric of a Hessian measured on part of the rows (O(n·d) a
/// step, ten to twenty steps; above 512 columns the diagonal of it), with one by proximal Newton steps and coordinate descent
/// (O(n·d²) a step and class, up to 2,048 columns). Classes that a column separates get large, finite coefficients also without a
/// penalty; the gradient is small long before they would grow without end.
///
/// Parameters and defaults are scikit-learn's, with these differences: `c` is written small; `tol` is measured in units in which the loss
/// curves by 1, so it means the same whatever the units of the columns; `balanced` counts rows by their weights.
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Predict, Target, Training};
/// use adflux_regression::LogisticRegression;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]], ["visits"])?;
/// let applied = ["no", "no", "yes", "no", "yes", "yes"];
/// let data = Training::new(x.clone()).with_target(Target::Classes(ClassTarget::from_labels(&applied)));
/// let model = LogisticRegression::default().fit(data)?;
/// let classes = model.predict(&x)?;
/// assert!(classes.probabilities[[0, 1]] < 0.2 && classes.probabilities[[5, 1]] > 0.8);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogisticRegression {
    /// What large coefficients are charged. Default L2.
    pub penalty: Penalty,
    /// The inverse of the strength of the penalty, above 0. Default 1.
    pub c: f64,
    /// The share of L1 in an elastic net, 0 to 1. Default 0.5.
    pub l1_ratio: f64,
    /// How much the classes count. Default as much as their rows.
    pub class_weight: ClassWeight,
    /// Whether there is an intercept. Default true.
    pub fit_intercept: bool,
    /// Steps at most, 1 to 1,000,000. Default 100.
    pub max_iter: usize,
    /// It stops when the gradient of the mean loss is smaller than this, above 0. Default 1e-4.
    pub tol: f64,
}

impl Default for LogisticRegression {
    fn default() -> Self {
        LogisticRegression {
            penalty: Penalty::L2,
            c: 1.0,
            l1_ratio: 0.5,
            class_weight: ClassWeight::None,
            fit_intercept: true,
            max_iter: 100,
            tol: 1e-4,
        }
    }
}

impl LogisticRegression {
    /// A logistic regression of `penalty`.
    pub fn new(penalty: Penalty) -> Self {
        LogisticRegression { penalty, ..Self::default() }
    }
    /// Sets the inverse of the strength of the penalty.
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }
    /// Sets the share of L1 in an elastic net.
    pub fn l1_ratio(mut self, l1_ratio: f64) -> Self {
        self.l1_ratio = l1_ratio;
        self
    }
    /// Sets how much the classes count.
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = class_weight;
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

    fn check(&self) -> Result<()> {
        positive("c", self.c)?;
        ensure((0.0..=1.0).contains(&self.l1_ratio), "l1_ratio", self.l1_ratio, "must lie between 0 and 1")?;
        between_one_and(MOST_STEPS, "max_iter", self.max_iter)?;
        positive("tol", self.tol)
    }

    /// The share of L1 in the penalty, and how many times the penalty counts beside the mean loss.
    fn strength(&self, total: f64) -> (f64, f64) {
        let alpha = (self.c * total).recip();
        match self.penalty {
            Penalty::L2 => (0.0, alpha),
            Penalty::L1 => (1.0, alpha),
            Penalty::ElasticNet => (self.l1_ratio, alpha),
            Penalty::None => (0.0, 0.0),
        }
    }
}

const KIND: &str = "logistic-regression";
adflux_core::recipe!(LogisticRegression, "logistic-regression");

/// A fitted [`LogisticRegression`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedLogisticRegression {
    coefficients: Coefficients,
    labels: Arc<[String]>,
    iterations: usize,
    converged: bool,
}
adflux_core::component!(FittedLogisticRegression, "logistic-regression", version = 1);
fitted_line!(FittedLogisticRegression, "logistic-regression");

#[derive(Serialize, Deserialize)]
struct Saved {
    coefficients: Coefficients,
    labels: Vec<String>,
    iterations: usize,
    converged: bool,
}

impl From<FittedLogisticRegression> for Saved {
    fn from(f: FittedLogisticRegression) -> Self {
        Saved {
            coefficients: f.coefficients,
            labels: f.labels.to_vec(),
            iterations: f.iterations,
            converged: f.converged,
        }
    }
}

impl TryFrom<Saved> for FittedLogisticRegression {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let lines = lines_of(saved.labels.len());
        if saved.labels.len() < 2 || saved.coefficients.weights.nrows() != lines {
            return Err("the labels do not fit the coefficients".into());
        }
        Ok(FittedLogisticRegression {
            coefficients: saved.coefficients,
            labels: saved.labels.into(),
            iterations: saved.iterations,
            converged: saved.converged,
        })
    }
}

/// Lines of coefficients for so many classes.
fn lines_of(classes: usize) -> usize {
    if classes == 2 { 1 } else { classes }
}

impl Fit<Training<Features>> for LogisticRegression {
    type Fitted = FittedLogisticRegression;

    /// # Errors
    /// When a parameter is out of range, the target is not of classes or one class has all the weight, a block is neither dense nor sparse,
    /// a number is missing or infinite, columns are too many for L1, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        self.check()?;
        data.validate()?;
        context.check()?;
        let target = data.classes(KIND)?;
        let (codes, classes) = (target.codes.to_vec(), target.labels.len());
        let mut weights = data.weights.as_ref().map_or_else(|| vec![1.0; codes.len()], Array1::to_vec);
        let mut of_class = vec![0.0; classes];
        codes.iter().zip(&weights).for_each(|(code, weight)| of_class[*code as usize] += weight);
        let seen = of_class.iter().filter(|w| **w > 0.0).count();
        if seen < 2 {
            return Err(Error::column("target", "only one class has rows with weight: there is nothing to tell apart"));
        }
        let all: f64 = of_class.iter().sum();
        if self.class_weight == ClassWeight::Balanced {
            for (weight, code) in weights.iter_mut().zip(&codes) {
                *weight *= all / (seen as f64 * of_class[*code as usize]);
            }
        }
        let total: f64 = weights.iter().sum();
        let shares: Vec<f64> = weights.iter().map(|w| if *w > 0.0 { w / total } else { 0.0 }).collect();
        context.run(|| {
            let design = Design::new(&data.x, KIND, Some(&shares), self.fit_intercept)?;
            let loss = LogLoss { design: &design, codes: &codes, shares: &shares, lines: lines_of(classes) };
            let start = self.start(&loss, classes);
            let (l1_ratio, alpha) = self.strength(total);
            let penalties = Penalties::new(alpha, l1_ratio, &design.scale, 1);
            let answer = if l1_ratio > 0.0 {
                if design.width() > MOST_PRODUCTS {
                    let reason = format!(
                        "takes {MOST_PRODUCTS} columns at most, not {}: set penalty = \"l2\", or put a select-k-best before it",
                        design.width()
                    );
                    return Err(Error::parameter("penalty", self.penalty, reason));
                }
                proximal::minimise(&loss, start, &penalties, self.fit_intercept, self.tol, self.max_iter, context)?
            } else {
                lbfgs::minimise(&loss, start, &penalties.l2, self.fit_intercept, self.tol, self.max_iter, context)?
            };
            let coefficients = self.in_units(&loss, answer.lines, &data.x)?;
            let (iterations, converged) = (answer.iterations, answer.converged);
            told(converged, KIND, Some(self.max_iter), context);
            Ok(FittedLogisticRegression { coefficients, labels: target.labels.clone(), iterations, converged })
        })
    }
}

impl LogisticRegression {
    /// Intercepts that give each class its share, and no coefficients.
    fn start(&self, loss: &LogLoss<'_>, classes: usize) -> Vec<f64> {
        let mut shares = vec![0.0; classes];
        loss.codes.iter().zip(loss.shares).for_each(|(code, share)| shares[*code as usize] += share);
        let log = |share: f64| share.max(1e-9).ln();
        let mut lines = vec![0.0; loss.lines * loss.stride()];
        if self.fit_intercept {
            for (line, to) in lines.chunks_exact_mut(loss.stride()).enumerate() {
                to[loss.stride() - 1] =
                    if loss.lines == 1 { log(shares[1]) - log(shares[0]) } else { log(shares[line]) };
            }
        }
        lines
    }

    /// Lines in the units of the table. Of several, adding the same to all changes no probability: they are given about their mean
    /// where no penalty has decided.
    fn in_units(&self, loss: &LogLoss<'_>, lines: Vec<f64>, x: &Features) -> Result<Coefficients> {
        let width = loss.design.width();
        let (mut flat, mut intercepts) = (Vec::with_capacity(lines.len()), Vec::with_capacity(loss.lines));
        for line in lines.chunks_exact(loss.stride()) {
            let (b, shift) = loss.design.in_units(&line[..width]);
            flat.extend(b);
            intercepts.push(if self.fit_intercept { line[width] + shift } else { 0.0 });
        }
        let mut weights = Array2::from_shape_vec((loss.lines, width), flat).map_err(Error::backend)?;
        let mut intercepts = Array1::from(intercepts);
        if loss.lines > 1 {
            let mean = intercepts.sum() / loss.lines as f64;
            intercepts.mapv_inplace(|a| a - mean);
            if self.penalty == Penalty::None {
                for mut column in weights.columns_mut() {
                    let mean = column.sum() / loss.lines as f64;
                    column.mapv_inplace(|b| b - mean);
                }
            }
        }
        Coefficients::finite(x.columns().cloned().collect(), weights, intercepts)
    }
}

impl FittedLogisticRegression {
    /// The labels of the target, in its order. Two have one line of coefficients, for the second.
    pub fn classes(&self) -> &Arc<[String]> {
        &self.labels
    }

    /// The steps that were made.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Whether they came to an end before `max_iter` did.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// Scores as plain numbers, rows × lines of coefficients: of two classes the logarithm of the odds of the second.
    ///
    /// # Errors
    /// As [`predict`](Predict::predict).
    pub fn decision_function(&self, x: &Features) -> Result<Array2<f64>> {
        self.coefficients.scores(x, KIND)
    }
}

impl Predict<Features> for FittedLogisticRegression {
    type Output = Classes;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite.
    fn predict(&self, x: &Features) -> Result<Classes> {
        let scores = self.decision_function(x)?;
        let mut probabilities = Array2::zeros((scores.nrows(), self.labels.len()));
        for (scores, mut to) in scores.rows().into_iter().zip(probabilities.rows_mut()) {
            if self.labels.len() == 2 {
                to[1] = sigmoid(scores[0]);
                to[0] = sigmoid(-scores[0]);
                continue;
            }
            to.iter_mut().zip(scores).for_each(|(to, score)| *to = *score);
            if let Some(to) = to.as_slice_mut() {
                softmax(to);
            }
        }
        Ok(Classes { labels: self.labels.clone(), probabilities })
    }

    linear_contributions!(KIND, |model| match &model.labels[..] {
        [_, second] => (Scale::LogOdds, vec![second.clone()]),
        labels => (Scale::Scores, labels.to_vec()),
    });
}
