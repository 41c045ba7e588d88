//! What a segment costs, from sums up to each step.

use super::{ChangeCost, ChangePenalty, Pelt};

/// The costs of the segments of one series.
pub(super) struct Costs {
    /// Sums of the values, without their mean, and of their squares up to each step, divided by σ and σ².
    sums: Vec<(f64, f64)>,
    cost: ChangeCost,
    /// The least variance of a segment.
    floor: f64,
    /// Whether the length of a segment costs.
    by_length: bool,
    /// What each segment costs beside.
    pub(super) penalty: f64,
}

impl Costs {
    pub(super) fn new(recipe: &Pelt, values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        // In units of the scatter nothing depends on the unit of the series; what is constant is without cost.
        let scale = match recipe.cost {
            ChangeCost::Mean => scatter(values),
            ChangeCost::MeanVariance => variance.sqrt(),
        };
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let mut sums = Vec::with_capacity(values.len() + 1);
        let mut sum = (0.0, 0.0);
        sums.push(sum);
        for value in values {
            let value = (value - mean) / scale;
            sum = (sum.0 + value, sum.1 + value * value);
            sums.push(sum);
        }
        let parameters = match recipe.cost {
            ChangeCost::Mean => 1.0,
            ChangeCost::MeanVariance => 2.0,
        };
        let penalty = match recipe.penalty {
            ChangePenalty::Bic => (parameters + 1.0) * count.ln(),
            ChangePenalty::Mbic => (parameters + 2.0) * count.ln(),
            ChangePenalty::Manual(penalty) => penalty,
        };
        let by_length = recipe.penalty == ChangePenalty::Mbic;
        Costs { sums, cost: recipe.cost, floor: 1e-4, by_length, penalty }
    }

    pub(super) fn steps(&self) -> usize {
        self.sums.len() - 1
    }

    /// The cost of the steps from `start` to before `end`.
    pub(super) fn of(&self, start: usize, end: usize) -> f64 {
        let ((before, squares_before), (sum, squares)) = (self.sums[start], self.sums[end]);
        let count = (end - start) as f64;
        let (sum, squares) = (sum - before, squares - squares_before);
        let off = (squares - sum * sum / count).max(0.0);
        let cost = match self.cost {
            ChangeCost::Mean => off,
            ChangeCost::MeanVariance => count * (off / count).max(self.floor).ln(),
        };
        if self.by_length { cost + count.ln() } else { cost }
    }

    /// By how much at least the cost of a segment is above that of its two parts.
    pub(super) fn gain(&self) -> f64 {
        // Of the lengths a and b, log a + log b − log (a + b) is at most log (n / 4).
        if self.by_length { -(self.steps() as f64).ln().max(0.0) } else { 0.0 }
    }
}

/// σ of values about means that seldom change: the median absolute step, or where more than half of all steps are 0, the root of their mean
/// square.
fn scatter(values: &[f64]) -> f64 {
    /// Of a standard normal number, what its absolute value is below with probability ½.
    const HALF: f64 = 0.674_489_750_196_081_7;
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    if steps.is_empty() {
        return 0.0;
    }
    let square = steps.iter().map(|step| step * step).sum::<f64>() / steps.len() as f64;
    let median = adflux_evaluation::quantiles::quantiles(&mut steps, &[0.5]);
    match median.first() {
        Some(median) if *median > 0.0 => median / (HALF * 2.0_f64.sqrt()),
        _ => (square / 2.0).sqrt(),
    }
}
