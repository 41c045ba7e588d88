//! Logistic regression with two features at most, by Newton's method: what Platt's and beta calibration solve.

use super::sigmoid;
use adflux_core::{Error, Result};

/// One row: its features, what it should be (0 to 1), and how much it counts.
#[derive(Clone, Copy)]
pub(super) struct Row<const D: usize> {
    pub x: [f64; D],
    pub target: f64,
    pub weight: f64,
}

/// Half of this times the squared coefficients (of standardised features) is added to the loss: so little that it decides only
/// where nothing else does (classes that a feature separates, a feature that is constant).
const RIDGE: f64 = 1e-11;
const ROUNDS: usize = 100;

/// Coefficients and intercept that minimise the weighted log loss, and the loss. O(rows) a round, about ten rounds.
pub(super) fn logistic<const D: usize>(rows: &[Row<D>]) -> Result<([f64; D], f64, f64)> {
    let total: f64 = rows.iter().map(|r| r.weight).sum();
    let mean = |value: &dyn Fn(&Row<D>) -> f64| rows.iter().map(|r| r.weight / total * value(r)).sum::<f64>();
    // Standardised, so that neither the unit nor the place of a score matters to the steps.
    let centre: [f64; D] = std::array::from_fn(|j| mean(&|r| r.x[j]));
    let most = |j: usize| rows.iter().map(|r| (r.x[j] - centre[j]).abs()).fold(0.0, f64::max);
    let scale: [f64; D] = std::array::from_fn(|j| if most(j) > 0.0 { most(j) } else { 1.0 });
    if centre.iter().chain(&scale).any(|v| !v.is_finite()) {
        return Err(Error::data("the scores are too large to calibrate: scale them to the order of 1"));
    }
    let standardised: Vec<Row<D>> = rows
        .iter()
        .map(|r| Row { x: std::array::from_fn(|j| (r.x[j] - centre[j]) / scale[j]), weight: r.weight / total, ..*r })
        .collect();

    let base = mean(&|r| r.target).clamp(1e-12, 1.0 - 1e-12);
    let mut at = Place { slopes: [0.0; D], intercept: (base / (1.0 - base)).ln() };
    let mut loss = at.loss(&standardised);
    for _ in 0..ROUNDS {
        let (step, decrement) = at.newton(&standardised);
        // What is left to gain is below what the sum of the losses can show.
        if decrement <= 1e-20 {
            break;
        }
        let shorter = (0..40).map(|halvings| at.moved(&step, 0.5_f64.powi(halvings)));
        let Some((next, less)) = shorter.map(|p| (p, p.loss(&standardised))).find(|(_, l)| *l < loss) else { break };
        (at, loss) = (next, less);
    }
    let slopes: [f64; D] = std::array::from_fn(|j| at.slopes[j] / scale[j]);
    let shift: f64 = slopes.iter().zip(&centre).map(|(s, c)| s * c).sum();
    Ok((slopes, at.intercept - shift, loss * total))
}

#[derive(Clone, Copy)]
struct Place<const D: usize> {
    slopes: [f64; D],
    intercept: f64,
}

impl<const D: usize> Place<D> {
    fn score(&self, x: &[f64; D]) -> f64 {
        self.slopes.iter().zip(x).fold(self.intercept, |sum, (s, x)| sum + s * x)
    }

    fn moved(&self, step: &[f64; 3], by: f64) -> Self {
        Place {
            slopes: std::array::from_fn(|j| self.slopes[j] + by * step[j]),
            intercept: self.intercept + by * step[D],
        }
    }

    fn loss(&self, rows: &[Row<D>]) -> f64 {
        let of = |r: &Row<D>| {
            let score = self.score(&r.x);
            // ln(1 + e^score) − target · score, without overflow.
            r.weight * (score.max(0.0) + (-score.abs()).exp().ln_1p() - r.target * score)
        };
        rows.iter().map(of).sum::<f64>() + 0.5 * RIDGE * self.slopes.iter().map(|s| s * s).sum::<f64>()
    }

    /// The Newton step (slopes, then intercept), and twice what it promises to gain.
    fn newton(&self, rows: &[Row<D>]) -> ([f64; 3], f64) {
        // The features, then 1 for the intercept; places that are not used stay 0 with 1 on the diagonal.
        let (mut gradient, mut hessian) = ([0.0; 3], [[0.0; 3]; 3]);
        for r in rows {
            let probability = sigmoid(self.score(&r.x));
            let (error, curve) = (r.weight * (probability - r.target), r.weight * probability * (1.0 - probability));
            let x: [f64; 3] = std::array::from_fn(|j| if j < D { r.x[j] } else { f64::from(u8::from(j == D)) });
            for i in 0..=D {
                gradient[i] += error * x[i];
                for j in 0..=D {
                    hessian[i][j] += curve * x[i] * x[j];
                }
            }
        }
        for j in 0..3 {
            if j < D {
                gradient[j] += RIDGE * self.slopes[j];
            }
            hessian[j][j] += if j > D { 1.0 } else { RIDGE };
        }
        let step = solve(hessian, gradient.map(|g| -g));
        let decrement = -step.iter().zip(&gradient).map(|(s, g)| s * g).sum::<f64>();
        (step, decrement)
    }
}

/// The solution of a system of three equations whose matrix is symmetric and positive definite (Cholesky).
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> [f64; 3] {
    let mut l = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let rest: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            l[i][j] = if i == j { (a[i][i] - rest).max(RIDGE * RIDGE).sqrt() } else { (a[i][j] - rest) / l[j][j] };
        }
    }
    let mut y = [0.0; 3];
    for i in 0..3 {
        y[i] = (b[i] - (0..i).map(|k| l[i][k] * y[k]).sum::<f64>()) / l[i][i];
    }
    let mut x = [0.0; 3];
    for i in (0..3).rev() {
        x[i] = (y[i] - (i + 1..3).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let x = solve([[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]], [7.0, 10.0, 10.0]);
        assert!(x.iter().all(|v| (v - 1.0).abs() < 1e-12), "{x:?}");
    }

    #[test]
    fn a_constant_feature_and_separated_classes_have_an_answer() {
        let row = |x: f64, target: f64| Row { x: [x], target, weight: 1.0 };
        let ([slope], intercept, _) = logistic(&[row(3.0, 1.0), row(3.0, 0.0), row(3.0, 0.0)]).unwrap();
        assert!((slope * 3.0 + intercept - (0.5_f64).ln()).abs() < 1e-9, "{slope} {intercept}");
        let ([slope], intercept, loss) = logistic(&[row(0.0, 0.0), row(1e9, 1.0)]).unwrap();
        assert!(slope.is_finite() && intercept.is_finite() && slope > 0.0 && loss < 1e-6, "{slope} {intercept} {loss}");
    }
}
