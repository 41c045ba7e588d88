//! Losses of one number.

use super::{
    histogram::Derivatives,
    loss::Loss,
    objective::{Objective, each_row, mean, mean_loss, weighted_quantile},
};

/// How scores and targets belong together: `y = centre + unit · score`, or with a log link `y = unit · exp(score)`.
///
/// Inside, targets have about unit spread, so that amounts of 1e6 and rates of 1e-6 are learned alike. The unit is a power
/// of two without a log link: multiplying with it is exact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) centre: f64,
    pub(super) unit: f64,
}

impl Scale {
    pub(super) fn of(loss: Loss, y: &[f64], weights: &[f64]) -> Self {
        let mean = mean(y, weights);
        if loss.is_log() {
            return Scale { centre: 0.0, unit: if mean > 0.0 { mean } else { 1.0 } };
        }
        let counted = || y.iter().zip(weights).filter(|(_, w)| **w > 0.0);
        let range = counted().map(|(y, _)| (y / 2.0 - mean / 2.0).abs()).fold(0.0, f64::max);
        if range == 0.0 {
            return Scale { centre: mean, unit: 1.0 };
        }
        // Of a row of weight 0 it may be infinite, and does not count.
        let squares: Vec<f64> = y.iter().map(|y| ((y / 2.0 - mean / 2.0) / range).powi(2)).collect();
        let spread = 2.0 * range * self::mean(&squares, weights).sqrt();
        // Of powers of two beyond these, the reciprocal or what is scaled by it could be no number.
        Scale { centre: mean, unit: spread.log2().floor().clamp(-1000.0, 1000.0).exp2() }
    }
}

/// A numeric target under a loss.
pub(super) struct Numeric<'a> {
    loss: Loss,
    alpha: f64,
    power: f64,
    /// Scaled.
    y: Vec<f64>,
    weights: &'a [f64],
    /// Of the Huber loss: where it turns linear.
    delta: f64,
}

impl<'a> Numeric<'a> {
    pub(super) fn new(loss: Loss, alpha: f64, power: f64, scale: Scale, y: &[f64], weights: &'a [f64]) -> Self {
        let y = y.iter().map(|y| (y - scale.centre) / scale.unit).collect();
        Numeric { loss, alpha, power, y, weights, delta: 1.0 }
    }

    fn quantile(&self, level: f64, of: impl Fn(usize) -> f64) -> f64 {
        let rows = (0..self.y.len()).filter(|row| self.weights[*row] > 0.0);
        weighted_quantile(&mut rows.map(|row| (of(row), self.weights[row])).collect::<Vec<_>>(), level)
    }

    /// The level of the quantile that a leaf says, of losses that have one.
    fn level(&self) -> Option<f64> {
        match self.loss {
            Loss::AbsoluteError | Loss::Huber => Some(0.5),
            Loss::Quantile => Some(self.alpha),
            _ => None,
        }
    }

    fn of_row(&self, y: f64, score: f64) -> f64 {
        let error = y - score;
        let p = self.power;
        match self.loss {
            Loss::SquaredError => error * error,
            Loss::AbsoluteError => error.abs(),
            Loss::Huber if error.abs() <= self.delta => 0.5 * error * error,
            Loss::Huber => self.delta * (error.abs() - 0.5 * self.delta),
            Loss::Quantile => error * (self.alpha - if error < 0.0 { 1.0 } else { 0.0 }),
            Loss::Poisson => score.exp() - y * score,
            Loss::Gamma => y * (-score).exp() + score,
            Loss::Tweedie => ((2.0 - p) * score).exp() / (2.0 - p) - y * ((1.0 - p) * score).exp() / (1.0 - p),
        }
    }
}

impl Objective for Numeric<'_> {
    fn outputs(&self) -> usize {
        1
    }

    fn base(&self) -> Vec<f64> {
        vec![match (self.loss.is_log(), self.level()) {
            // The unit is the mean: all zero when that is 0.
            (true, _) if self.y.iter().zip(self.weights).any(|(y, w)| *y > 0.0 && *w > 0.0) => 0.0,
            (true, _) => -MOST_LOG_STEP,
            (false, Some(level)) => self.quantile(level, |row| self.y[row]),
            // The centre is the mean.
            (false, None) => 0.0,
        }]
    }

    fn begin(&mut self, scores: &[f64]) {
        if self.loss == Loss::Huber {
            self.delta = self.quantile(self.alpha, |row| (self.y[row] - scores[row]).abs());
        }
    }

    fn derivatives(&self, scores: &[f64], to: &mut [Derivatives]) {
        let (y, w, p) = (&self.y, self.weights, self.power);
        match self.loss {
            Loss::SquaredError => each_row(scores, to, |i, f| (w[i] * (f - y[i]), w[i])),
            Loss::AbsoluteError => each_row(scores, to, |i, f| (if f > y[i] { w[i] } else { -w[i] }, w[i])),
            Loss::Huber => {
                each_row(scores, to, |i, f| (w[i] * (f - y[i]).clamp(-self.delta, self.delta), w[i]));
            }
            Loss::Quantile => each_row(scores, to, |i, f| {
                (if f > y[i] { w[i] * (1.0 - self.alpha) } else { -w[i] * self.alpha }, w[i])
            }),
            Loss::Poisson => each_row(scores, to, |i, f| {
                let mean = f.exp();
                (w[i] * (mean - y[i]), w[i] * mean)
            }),
            Loss::Gamma => each_row(scores, to, |i, f| {
                let ratio = y[i] * (-f).exp();
                (w[i] * (1.0 - ratio), w[i] * ratio)
            }),
            Loss::Tweedie => each_row(scores, to, |i, f| {
                let (a, b) = (y[i] * ((1.0 - p) * f).exp(), ((2.0 - p) * f).exp());
                (w[i] * (b - a), w[i] * ((2.0 - p) * b - (1.0 - p) * a))
            }),
        }
    }

    fn leaf(&self, rows: &[u32], scores: &[f64]) -> Option<f64> {
        let error = |row: &u32| (self.y[*row as usize] - scores[*row as usize], self.weights[*row as usize]);
        let mut errors: Vec<(f64, f64)> = match self.level() {
            Some(_) => rows.iter().map(error).collect(),
            None => return None,
        };
        let quantile = weighted_quantile(&mut errors, self.level()?);
        if self.loss != Loss::Huber {
            return Some(quantile);
        }
        // One step from the median towards the centre of the loss (Friedman 2001, algorithm 4).
        let (sum, total) = errors.iter().fold((0.0, 0.0), |(sum, total), (error, weight)| {
            (sum + weight * (error - quantile).clamp(-self.delta, self.delta), total + weight)
        });
        Some(quantile + sum / total)
    }

    fn most_step(&self) -> f64 {
        if self.loss.is_log() { MOST_LOG_STEP } else { f64::INFINITY }
    }

    fn loss(&self, scores: &[f64]) -> f64 {
        mean_loss(self.weights, |row| self.of_row(self.y[row], scores[row]))
    }
}

/// The most that a leaf adds to a logarithm, before the learning rate. Where a model expects far too little, a Newton step
/// overshoots exponentially: a leaf of mean 1000 where 1 was expected would ask for exp(999).
const MOST_LOG_STEP: f64 = 10.0;
