//! [`Platt`]: a logistic curve.

use super::{
    checked,
    logistic::{Row, logistic},
    sigmoid,
};
use adflux_core::Result;
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// Platt's sigmoid: the probability of `true` at the score s is 1 / (1 + exp(`slope` · s + `intercept`)).
///
/// The two numbers minimise the weighted log loss against Platt's smoothed targets, (n₊ + 1) / (n₊ + 2) for `true` and
/// 1 / (n₋ + 2) for `false` (n₊ and n₋ are sums of weights), so that few rows do not make it certain. Scores may be anything
/// finite: probabilities, margins, points. It keeps the order of the scores while `slope` is negative, which it is for a model
/// that knows anything. The numbers are those of scikit-learn's `CalibratedClassifierCV(method="sigmoid")`.
///
/// It fits where the scores of each class are about normal with the same spread, as the margins of a support vector machine
/// are. On probabilities it cannot be the identity: on a model that is calibrated already it does harm, and
/// [`Beta`](super::Beta) does none.
///
/// Platt (1999), *Probabilistic outputs for support vector machines*. O(n) a round of Newton's method, about ten rounds.
///
/// ```
/// use adflux_evaluation::calibration::Platt;
/// use ndarray::array;
/// let scores = array![-2.0, -1.0, -0.5, 0.5, 1.0, 3.0];
/// let platt = Platt::fit(scores.view(), &[false, false, true, false, true, true], None)?;
/// assert!(platt.predict(2.0) > 0.7 && platt.predict(-2.0) < 0.3);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[doc(alias = "CalibratedClassifierCV")]
#[doc(alias = "sigmoid")]
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Platt {
    /// Platt's A.
    pub slope: f64,
    /// Platt's B.
    pub intercept: f64,
}

impl Platt {
    /// Learns from scores beside the truth.
    ///
    /// # Errors
    /// When lengths differ, a score is not finite, the weights cannot be, or all rows that count are of one kind.
    pub fn fit(scores: ArrayView1<f64>, truth: &[bool], weights: Option<ArrayView1<f64>>) -> Result<Self> {
        let weights = checked(scores, truth, weights)?;
        let sum = |of: bool| (0..truth.len()).filter(|&row| truth[row] == of).map(|row| weights.get(row)).sum::<f64>();
        let (positive, negative) = ((sum(true) + 1.0) / (sum(true) + 2.0), 1.0 / (sum(false) + 2.0));
        let row = |(row, &score): (usize, &f64)| Row {
            x: [score],
            target: if truth[row] { positive } else { negative },
            weight: weights.get(row),
        };
        let rows: Vec<Row<1>> = scores.iter().enumerate().map(row).filter(|r| r.weight > 0.0).collect();
        let ([slope], intercept, _) = logistic(&rows)?;
        Ok(Platt { slope: -slope, intercept: -intercept })
    }

    /// The probability at a score.
    pub fn predict(&self, score: f64) -> f64 {
        sigmoid(-(self.slope * score + self.intercept))
    }

    /// The probability at each score.
    pub fn predict_all(&self, scores: ArrayView1<f64>) -> Array1<f64> {
        scores.mapv(|score| self.predict(score))
    }
}
