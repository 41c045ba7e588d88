//! The line of a theta model, and where a model goes from its last step.

use super::Theta;
use serde::{Deserialize, Serialize};

/// The line through a series by least squares: of the whole series, or of what is known before each step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Trend {
    /// The mean of the values that the line is through.
    pub(super) mean: f64,
    /// Its slope.
    pub(super) slope: f64,
    /// How many values there were; of a line of the whole series, all.
    pub(super) count: usize,
    /// Whether it learns.
    pub(super) dynamic: bool,
}

impl Trend {
    /// The line through all of `y`.
    pub(super) fn of(y: &[f64]) -> Self {
        let mut line = Trend::dynamic();
        for (step, y) in y.iter().enumerate() {
            line.learn(step + 1, *y);
        }
        Trend { dynamic: false, ..line }
    }

    /// The line before the first value.
    pub(super) fn dynamic() -> Self {
        Trend { mean: 0.0, slope: 0.0, count: 0, dynamic: true }
    }

    /// What the line, carried on by exponential smoothing, adds at step t (counted from 1): (1 − α)ᵗ⁻¹ A + (1 − (1 − α)ᵗ) / α B, where
    /// `decay` is (1 − α)ᵗ⁻¹, A the line at step 0 and B its slope (Fiorucci et al. 2016, equation 12).
    pub(super) fn line(&self, decay: f64, alpha: f64) -> f64 {
        let intercept = self.mean - 0.5 * (self.count + 1) as f64 * self.slope;
        decay * intercept + (1.0 - decay * (1.0 - alpha)) / alpha * self.slope
    }

    /// Takes in the value of step `t`, counted from 1, if it learns.
    pub(super) fn learn(&mut self, t: usize, y: f64) {
        if !self.dynamic {
            return;
        }
        let count = t as f64;
        if t > 1 {
            self.slope = ((count - 2.0) * self.slope + 6.0 * (y - self.mean) / count) / (count + 1.0);
        }
        self.mean += (y - self.mean) / count;
        self.count = t;
    }
}

impl Theta {
    /// One step on: what `observe` makes of the forecast is learned from.
    pub(super) fn step(&mut self, observe: impl FnOnce(f64) -> f64) -> f64 {
        let decay = (1.0 - self.alpha).powi(i32::try_from(self.steps).unwrap_or(i32::MAX));
        let value = observe(self.level + self.weight * self.trend.line(decay, self.alpha));
        self.steps += 1;
        self.level += self.alpha * (value - self.level);
        self.trend.learn(self.steps, value);
        value
    }
}

/// The mean and the standard deviation of the steps after the last.
///
/// The forecast is linear in level, mean and slope, and so is what an observation makes of them: the variance is that of these
/// three, carried from step to step, and of the error. A line that does not learn leaves σ² (1 + (h − 1) α²).
pub(super) fn moments(model: &Theta, horizon: usize) -> (Vec<f64>, Vec<f64>) {
    let (alpha, weight, sigma2) = (model.alpha, model.weight, model.sigma2);
    let (mut level, mut trend) = (model.level, model.trend);
    let mut decay = (1.0 - alpha).powi(i32::try_from(model.steps).unwrap_or(i32::MAX));
    let mut covariance = [[0.0; 3]; 3];
    let (mut mean, mut deviation) = (Vec::with_capacity(horizon), Vec::with_capacity(horizon));
    for t in model.steps + 1..=model.steps + horizon {
        // The weights of level, mean and slope in the forecast.
        let of_slope = (1.0 - decay * (1.0 - alpha)) / alpha - decay * 0.5 * (trend.count + 1) as f64;
        let by = if trend.dynamic { [1.0, weight * decay, weight * of_slope] } else { [1.0, 0.0, 0.0] };
        let forecast = level + weight * trend.line(decay, alpha);
        let variance = sigma2 + quadratic(&covariance, &by, &by);
        mean.push(forecast);
        deviation.push(variance.max(0.0).sqrt());

        // What an observation of one more does to them, and what remains of each by itself.
        let count = t as f64;
        let learns = f64::from(u8::from(trend.dynamic));
        let gain = [alpha, learns / count, learns * 6.0 / (count * (count + 1.0))];
        let kept = [1.0 - alpha, 1.0 - learns / count, 1.0 - learns * (1.0 - (count - 2.0) / (count + 1.0))];
        let mut step = [[0.0; 3]; 3];
        for (i, row) in step.iter_mut().enumerate() {
            row[i] = kept[i];
            for (to, by) in row.iter_mut().zip(by) {
                *to += gain[i] * by;
            }
        }
        // The slope is moved by the distance from the mean.
        step[2][1] -= gain[2];
        let mut next = [[0.0; 3]; 3];
        for (i, row) in next.iter_mut().enumerate() {
            for (j, to) in row.iter_mut().enumerate() {
                *to = quadratic(&covariance, &step[i], &step[j]) + sigma2 * gain[i] * gain[j];
            }
        }
        covariance = next;
        level += alpha * (forecast - level);
        trend.learn(t, forecast);
        decay *= 1.0 - alpha;
    }
    (mean, deviation)
}

fn quadratic(matrix: &[[f64; 3]; 3], a: &[f64; 3], b: &[f64; 3]) -> f64 {
    (0..3).map(|i| a[i] * (0..3).map(|j| matrix[i][j] * b[j]).sum::<f64>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        local::normal,
        theta::{ThetaVariant, fit::fit},
    };
    use adflux_core::random::stream;

    #[test]
    fn the_line_that_learns_comes_to_be_that_of_least_squares() {
        let y: Vec<f64> = (0..30).map(|t| 3.0 + 0.5 * t as f64 + (t * 7 % 5) as f64).collect();
        let line = Trend::of(&y);
        let (n, mean) = (30.0, y.iter().sum::<f64>() / 30.0);
        let slope = y.iter().enumerate().map(|(t, v)| (t as f64 + 1.0 - 15.5) * (v - mean)).sum::<f64>();
        let slope = slope / (n * (n * n - 1.0) / 12.0);
        assert!((line.slope - slope).abs() < 1e-12 && (line.mean - mean).abs() < 1e-12, "{line:?} {slope} {mean}");
    }

    #[test]
    fn deviations_are_those_of_simulated_paths() {
        let y: Vec<f64> = (0..25).map(|t| 3.0 + 0.05 * t as f64 + (t * 7 % 5) as f64 * 0.1).collect();
        for variant in ThetaVariant::ALL {
            let model = fit(variant, &y);
            let (horizon, model_sigma) = (12, model.sigma2.sqrt());
            let (mean, deviation) = moments(&model, horizon);
            let paths = 20_000;
            let mut squares = vec![0.0; horizon];
            for path in 0..paths {
                let mut rng = stream(3, &[path]);
                let mut model = model.clone();
                for (step, mean) in mean.iter().enumerate() {
                    let y = model.step(|forecast| forecast + model_sigma * normal(&mut rng));
                    squares[step] += (y - mean).powi(2);
                }
            }
            for (step, (squares, deviation)) in squares.iter().zip(&deviation).enumerate() {
                let ratio = (squares / paths as f64).sqrt() / deviation;
                assert!((0.98..1.02).contains(&ratio), "{variant:?}, step {step}: {ratio}");
            }
        }
    }
}
