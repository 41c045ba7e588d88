//! The most likely coefficients: squared errors, normal priors, and Laplace priors that let few change points count.

use adflux_regression::Cholesky;
use ndarray::{Array2, ArrayView1, aview1};

/// Errors smaller than this share of the largest value are those of rounding.
const LEAST_SIGMA: f64 = 1e-5;
/// Rounds of a fit; some ten are usual.
const MOST_ROUNDS: usize = 200;

/// What is fitted: y ≈ trend · (1 + s) where columns multiply the trend, y ≈ trend + s where they are added.
pub(super) struct Problem<'a> {
    /// Steps × columns: those of the trend, then the others.
    pub(super) columns: &'a Array2<f64>,
    pub(super) y: &'a [f64],
    /// How many columns are of the trend.
    pub(super) trend: usize,
    pub(super) multiplicative: bool,
    /// 1 / variance of the normal prior of each coefficient; 0 without one.
    pub(super) precision: Vec<f64>,
    /// 1 / scale of the Laplace prior of each coefficient; 0 without one.
    pub(super) rate: Vec<f64>,
}

/// Coefficients and the deviation of errors that are together most likely.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Solution {
    pub(super) coefficients: Vec<f64>,
    pub(super) sigma: f64,
}

impl Problem<'_> {
    fn size(&self) -> usize {
        self.columns.ncols()
    }

    /// The trend and what multiplies it, or is added, of a step.
    fn parts(&self, row: ArrayView1<'_, f64>, coefficients: &[f64]) -> (f64, f64) {
        let (trend, others) = row.split_at(ndarray::Axis(0), self.trend);
        (trend.dot(&aview1(&coefficients[..self.trend])), others.dot(&aview1(&coefficients[self.trend..])))
    }

    fn value(&self, row: ArrayView1<'_, f64>, coefficients: &[f64]) -> f64 {
        let (trend, others) = self.parts(row, coefficients);
        if self.multiplicative { trend * (1.0 + others) } else { trend + others }
    }

    fn squares(&self, coefficients: &[f64]) -> f64 {
        let rows = self.columns.rows().into_iter().zip(self.y);
        rows.map(|(row, y)| (y - self.value(row, coefficients)).powi(2)).sum()
    }

    /// What priors add to minus the logarithm of the likelihood.
    fn priors(&self, coefficients: &[f64]) -> f64 {
        let of = coefficients.iter().zip(&self.precision).zip(&self.rate);
        of.map(|((v, precision), rate)| 0.5 * precision * v * v + rate * v.abs()).sum()
    }

    /// Minus the logarithm of the likelihood of all, up to a constant; errors have the prior N(0, 0.5²) of their deviation.
    pub(super) fn loss(&self, solution: &Solution) -> f64 {
        let sigma = solution.sigma;
        let squares = self.squares(&solution.coefficients);
        self.y.len() as f64 * sigma.ln()
            + 0.5 * squares / sigma.powi(2)
            + 2.0 * sigma * sigma
            + self.priors(&solution.coefficients)
    }

    /// The deviation that is most likely with errors of this sum of squares.
    fn sigma(&self, squares: f64) -> f64 {
        let count = self.y.len() as f64;
        (2.0 * squares / (count + (count * count + 16.0 * squares).sqrt())).sqrt().max(LEAST_SIGMA)
    }

    /// JᵀJ and Jᵀ(y − f + Jθ), J the derivatives of the values f by the coefficients θ.
    fn normal_equations(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let size = self.size();
        let (mut gram, mut right) = (vec![0.0; size * size], vec![0.0; size]);
        let mut derivatives = vec![0.0; size];
        for (row, y) in self.columns.rows().into_iter().zip(self.y) {
            let (trend, others) = self.parts(row, coefficients);
            let (of_trend, of_others) = if self.multiplicative { (1.0 + others, trend) } else { (1.0, 1.0) };
            for (place, (to, value)) in derivatives.iter_mut().zip(row).enumerate() {
                *to = value * if place < self.trend { of_trend } else { of_others };
            }
            // f and Jθ are the same where all is added.
            let target = if self.multiplicative { y + trend * others } else { *y };
            for (i, a) in derivatives.iter().enumerate() {
                right[i] += a * target;
                gram[i * size..=i * size + i].iter_mut().zip(&derivatives).for_each(|(to, b)| *to += a * b);
            }
        }
        for i in 0..size {
            (0..i).for_each(|j| gram[j * size + i] = gram[i * size + j]);
        }
        (gram, right)
    }

    /// Coefficients and deviation in turn until neither changes: each step solves its part exactly, and where columns multiply, the
    /// part made linear (Gauss and Newton), shortened until it is better.
    pub(super) fn solve(&self, start: Vec<f64>) -> Solution {
        let sigma = self.sigma(self.squares(&start));
        let mut best = Solution { coefficients: start, sigma };
        let mut loss = self.loss(&best);
        let mut equations = self.normal_equations(&best.coefficients);
        for round in 0..MOST_ROUNDS {
            if self.multiplicative && round > 0 {
                equations = self.normal_equations(&best.coefficients);
            }
            let weight = best.sigma.powi(-2);
            let size = self.size();
            let mut curvature: Vec<f64> = equations.0.iter().map(|v| v * weight).collect();
            self.precision.iter().enumerate().for_each(|(j, precision)| curvature[j * size + j] += precision);
            let right: Vec<f64> = equations.1.iter().map(|v| v * weight).collect();
            let aim = feature_sign(&curvature, &right, &self.rate, best.coefficients.clone());
            let before = loss;
            let mut share = 1.0;
            while share > 1e-4 {
                let on_the_way = best.coefficients.iter().zip(&aim).map(|(from, to)| from + share * (to - from));
                let coefficients: Vec<f64> = if share == 1.0 { aim.clone() } else { on_the_way.collect() };
                let sigma = self.sigma(self.squares(&coefficients));
                let next = Solution { coefficients, sigma };
                let of_next = self.loss(&next);
                if of_next < loss {
                    (best, loss) = (next, of_next);
                    break;
                }
                share *= 0.5;
            }
            if before - loss <= 1e-12 * loss.abs().max(1.0) {
                break;
            }
        }
        best
    }
}

/// The θ at which ½ θᵀ `a` θ − `b`ᵀ θ + Σ `rate` |θ| is least, exactly: by the signs of those coefficients that are not 0 (Lee, Battle, Raina and
/// Ng, "Efficient sparse coding algorithms", 2007). `theta` is where it starts; near the end a step or two are enough.
fn feature_sign(a: &[f64], b: &[f64], rate: &[f64], mut theta: Vec<f64>) -> Vec<f64> {
    let size = b.len();
    let sign = |v: f64| if v == 0.0 { 0.0 } else { v.signum() };
    let mut signs: Vec<f64> = theta.iter().map(|v| sign(*v)).collect();
    let product =
        |theta: &[f64]| -> Vec<f64> { a.chunks_exact(size).map(|row| aview1(row).dot(&aview1(theta))).collect() };
    let loss = |theta: &[f64]| -> f64 {
        let of_a = product(theta);
        theta
            .iter()
            .zip(&of_a)
            .zip(b)
            .zip(rate)
            .map(|(((v, of_a), b), rate)| v * (0.5 * of_a - b) + rate * v.abs())
            .sum()
    };
    for _ in 0..20 * size {
        // The best with these signs; where one turns, the best on the way there.
        for _ in 0..20 * size {
            let factor = Cholesky::new(a, size, |j| rate[j] > 0.0 && signs[j] == 0.0);
            let mut aim: Vec<f64> = b.iter().zip(rate).zip(&signs).map(|((b, rate), sign)| b - rate * sign).collect();
            factor.solve(&mut aim);
            let turns = |j: &usize| rate[*j] > 0.0 && signs[*j] != 0.0 && sign(aim[*j]) != signs[*j];
            let turning: Vec<usize> = (0..size).filter(turns).collect();
            if turning.is_empty() {
                theta = aim;
                break;
            }
            let at = |share: f64| -> Vec<f64> {
                theta.iter().zip(&aim).map(|(from, to)| from + share * (to - from)).collect()
            };
            let mut best = (at(1.0), usize::MAX);
            let mut least = loss(&best.0);
            for j in turning {
                let mut here = at((theta[j] / (theta[j] - aim[j])).clamp(0.0, 1.0));
                here[j] = 0.0;
                let of_here = loss(&here);
                if of_here < least {
                    (best, least) = ((here, j), of_here);
                }
            }
            theta = best.0;
            signs.iter_mut().zip(&theta).for_each(|(to, v)| *to = sign(*v));
        }
        let slopes = product(&theta);
        let excess = |j: usize| (slopes[j] - b[j]).abs() - rate[j] * (1.0 + 1e-9);
        let resting = (0..size).filter(|j| rate[*j] > 0.0 && signs[*j] == 0.0 && excess(*j) > 0.0);
        match resting.max_by(|i, j| excess(*i).total_cmp(&excess(*j))) {
            Some(j) => signs[j] = -sign(slopes[j] - b[j]),
            None => break,
        }
    }
    theta
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;
    use rand::RngExt as _;

    /// What holds at the least point and nowhere else.
    #[test]
    fn slopes_are_what_priors_allow() {
        for case in 0..20 {
            let mut rng = stream(8, &[case]);
            let (rows, size) = (40, 12);
            let x = Array2::from_shape_fn((rows, size), |(i, j)| {
                (i as f64 / 40.0 - j as f64 / 14.0).max(0.0) + 0.01 * rng.random::<f64>()
            });
            let y: Vec<f64> = (0..rows).map(|_| rng.random_range(-1.0..1.0)).collect();
            let gram = x.t().dot(&x);
            let a: Vec<f64> = gram.iter().copied().collect();
            let b = x.t().dot(&aview1(&y)).to_vec();
            let rate: Vec<f64> = (0..size).map(|j| if j < 2 { 0.0 } else { 0.1 }).collect();
            let theta = feature_sign(&a, &b, &rate, vec![0.0; size]);
            let slopes = gram.dot(&aview1(&theta));
            for j in 0..size {
                let slope = slopes[j] - b[j];
                match theta[j] == 0.0 {
                    true => assert!(slope.abs() <= rate[j] * (1.0 + 1e-6), "case {case}, {j}: {slope}"),
                    false => assert!((slope + rate[j] * theta[j].signum()).abs() < 1e-6, "case {case}, {j}: {slope}"),
                }
            }
            assert!(theta[2..].contains(&0.0), "case {case}: nothing is left out");
        }
    }
}
