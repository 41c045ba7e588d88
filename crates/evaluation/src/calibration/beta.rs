//! [`Beta`]: a logistic curve in the logarithms of p and 1 − p.

use super::{
    checked, inside,
    logistic::{Row, logistic},
    sigmoid,
};
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// Beta calibration: the odds of `true` at the probability p become exp(`c`) · pᵃ / (1 − p)ᵇ, with a and b not negative.
///
/// This is the right curve where the probabilities of each class follow a beta distribution. The identity is among its shapes
/// (a = b = 1, c = 0), so a model that is calibrated already stays so; so are those of Platt's sigmoid on the log odds
/// (a = b). The order of the probabilities is kept. Fitted as a logistic regression on ln p and −ln(1 − p), of which one is
/// left out where its coefficient would be negative. 0 and 1 count as 2.2e-16 away from the end.
///
/// Kull, Silva Filho & Flach (2017), *Beta calibration: a well-founded and easily implemented improvement on logistic
/// calibration for binary classifiers*. As in the authors' package a ridge that is next to nothing keeps the numbers finite where the
/// probabilities separate the classes. O(n) a round of Newton's method, about ten rounds.
///
/// ```
/// use adflux_evaluation::calibration::Beta;
/// use ndarray::Array1;
/// // Right as they are: of ten rows at 0.1 one is true, …
/// let p: Array1<f64> = (0..90).map(|row| f64::from(1 + row / 10) / 10.0).collect();
/// let truth: Vec<bool> = (0..90).map(|row| row % 10 <= row / 10).collect();
/// let beta = Beta::fit(p.view(), &truth, None)?;
/// assert!((beta.a - 1.0).abs() < 1e-6 && (beta.predict(0.3) - 0.3).abs() < 1e-6);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beta {
    /// The power of p.
    pub a: f64,
    /// The power of 1 / (1 − p).
    pub b: f64,
    /// The shift of the log odds.
    pub c: f64,
}

impl Beta {
    /// Learns from probabilities beside the truth.
    ///
    /// # Errors
    /// When lengths differ, a number is not a probability, the weights cannot be, or all rows that count are of one kind.
    pub fn fit(probabilities: ArrayView1<f64>, truth: &[bool], weights: Option<ArrayView1<f64>>) -> Result<Self> {
        let weights = checked(probabilities, truth, weights)?;
        if let Some(row) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let reason = format!("{} does not lie between 0 and 1", probabilities[row]);
            return Err(Error::cell("probability", row, reason));
        }
        let row = |(row, &p): (usize, &f64)| Row {
            x: logarithms(p),
            target: f64::from(u8::from(truth[row])),
            weight: weights.get(row),
        };
        let rows: Vec<Row<2>> = probabilities.iter().enumerate().map(row).filter(|r| r.weight > 0.0).collect();
        let only = |place: usize| -> Vec<Row<1>> {
            rows.iter().map(|r| Row { x: [r.x[place]], target: r.target, weight: r.weight }).collect()
        };
        let ([a, b], c, _) = logistic(&rows)?;
        if a >= 0.0 && b >= 0.0 {
            return Ok(Beta { a, b, c });
        }
        // The loss is convex, so that the best allowed shape has a = 0 or b = 0.
        let ([a], of_a, loss_a) = logistic(&only(0))?;
        let ([b], of_b, loss_b) = logistic(&only(1))?;
        let shapes = [(a >= 0.0, loss_a, Beta { a, b: 0.0, c: of_a }), (b >= 0.0, loss_b, Beta { a: 0.0, b, c: of_b })];
        let best = shapes.into_iter().filter(|s| s.0).min_by(|s, t| s.1.total_cmp(&t.1)).map(|s| s.2);
        // Of probabilities that are the wrong way round nothing is left but the share of `true`.
        let total: f64 = rows.iter().map(|r| r.weight).sum();
        let share = rows.iter().map(|r| r.weight / total * r.target).sum::<f64>();
        Ok(best.unwrap_or(Beta { a: 0.0, b: 0.0, c: (share / (1.0 - share)).ln() }))
    }

    /// The calibrated probability.
    pub fn predict(&self, probability: f64) -> f64 {
        let [p, not] = logarithms(probability);
        sigmoid(self.a * p + self.b * not + self.c)
    }

    /// The calibrated probabilities.
    pub fn predict_all(&self, probabilities: ArrayView1<f64>) -> Array1<f64> {
        probabilities.mapv(|p| self.predict(p))
    }
}

fn logarithms(probability: f64) -> [f64; 2] {
    let p = inside(probability);
    [p.ln(), -(-p).ln_1p()]
}
