//! The threshold of least expected cost.

use super::{curves::cumulative, ranked::Ranked};
use adflux_core::{Result, parameter::ensure};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// What a decision costs, in any unit; a gain is a negative cost. Default: every wrong one 1, every right one 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Of a row that was predicted `true` and is not: an advertisement shown to nobody's use.
    pub false_positive: f64,
    /// Of a row that was not predicted `true` and is: an application lost.
    pub false_negative: f64,
    /// Of a row that was rightly predicted `true`.
    pub true_positive: f64,
    /// Of a row that was rightly not predicted `true`.
    pub true_negative: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Costs { false_positive: 1.0, false_negative: 1.0, true_positive: 0.0, true_negative: 0.0 }
    }
}

impl Costs {
    /// Costs of wrong decisions, where right ones cost nothing.
    pub fn new(false_positive: f64, false_negative: f64) -> Self {
        Costs { false_positive, false_negative, ..Costs::default() }
    }

    /// The threshold of least expected cost for probabilities that are calibrated (Elkan 2001):
    /// (c₁₀ − c₀₀) / (c₁₀ − c₀₀ + c₀₁ − c₁₁), whatever the data.
    ///
    /// # Errors
    /// When a cost is not finite, or a wrong decision does not cost more than the right one.
    pub fn threshold(&self) -> Result<f64> {
        self.check()?;
        let (alarm, miss) = (self.false_positive - self.true_negative, self.false_negative - self.true_positive);
        Ok(alarm / (alarm + miss))
    }

    fn check(&self) -> Result<()> {
        let all = [self.false_positive, self.false_negative, self.true_positive, self.true_negative];
        ensure(all.iter().all(|cost| cost.is_finite()), "costs", self, "must be finite numbers")?;
        let reason = "must be more than the cost of the right decision about the same row";
        ensure(self.false_positive > self.true_negative, "false_positive", self.false_positive, reason)?;
        ensure(self.false_negative > self.true_positive, "false_negative", self.false_negative, reason)
    }
}

/// What each threshold would have cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostCurve {
    /// Rows that score at least the threshold are predicted `true`. Falling: the first is infinite (no row is), then every
    /// distinct score.
    pub thresholds: Vec<f64>,
    /// The mean cost of a row.
    pub costs: Vec<f64>,
}

impl CostCurve {
    /// The threshold of least cost, and the mean cost of a row by it; of equals the highest threshold.
    pub fn best(&self) -> (f64, f64) {
        let pairs = self.thresholds.iter().copied().zip(self.costs.iter().copied());
        pairs.fold((f64::INFINITY, f64::INFINITY), |best, point| if point.1 < best.1 { point } else { best })
    }
}

/// The mean cost of a row for every threshold that makes a difference: [`CostCurve::best`] is the one to choose. Choose it on
/// rows that are not those to judge by.
///
/// ```
/// use adflux_evaluation::metrics::{Costs, cost_curve};
/// use ndarray::array;
/// // A lost application costs as much as five advertisements.
/// let curve = cost_curve(&[false, true, false, true], array![0.1, 0.2, 0.3, 0.9].view(), &Costs::new(1.0, 5.0), None)?;
/// assert_eq!(curve.best(), (0.2, 0.25));
/// assert_eq!(curve.costs, [2.5, 1.25, 1.5, 0.25, 0.5]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// O(n · log n).
///
/// # Errors
/// When lengths differ, a score is not finite, the weights cannot be, a cost is not finite, or a wrong decision does not cost
/// more than the right one.
pub fn cost_curve(
    truth: &[bool],
    score: ArrayView1<f64>,
    costs: &Costs,
    weights: Option<ArrayView1<f64>>,
) -> Result<CostCurve> {
    costs.check()?;
    let ranked = Ranked::new(truth, score, weights)?;
    let cost = |positive: f64, negative: f64| {
        let right = positive * costs.true_positive + (ranked.negative - negative) * costs.true_negative;
        let wrong = negative * costs.false_positive + (ranked.positive - positive) * costs.false_negative;
        (right + wrong) / ranked.total()
    };
    let mut curve = CostCurve { thresholds: vec![f64::INFINITY], costs: vec![cost(0.0, 0.0)] };
    for point in cumulative(&ranked) {
        curve.thresholds.push(point.score);
        curve.costs.push(cost(point.positive, point.negative));
    }
    Ok(curve)
}
