//! Losses of classes: logistic for two, softmax for more.

use super::{
    histogram::Derivatives,
    objective::{Objective, each_row, mean_loss},
};
use crate::probability::sigmoid;
use rayon::prelude::*;

/// Two classes: the score is the log odds of the second.
pub(super) struct Logistic<'a> {
    pub(super) codes: &'a [u32],
    pub(super) weights: &'a [f64],
}

/// The most that a leaf adds to log odds, before the learning rate: rows that are all of one class would ask for more and
/// more.
const MOST_STEP: f64 = 10.0;
/// A share of a class that has no rows.
const LEAST_SHARE: f64 = 1e-12;

/// The weighted shares of the classes, none exactly 0.
fn shares(codes: &[u32], weights: &[f64], classes: usize) -> Vec<f64> {
    let mut sums = vec![0.0; classes];
    codes.iter().zip(weights).for_each(|(code, weight)| sums[*code as usize] += weight);
    let total: f64 = sums.iter().sum();
    sums.into_iter().map(|sum| (sum / total).max(LEAST_SHARE)).collect()
}

impl Objective for Logistic<'_> {
    fn outputs(&self) -> usize {
        1
    }

    fn base(&self) -> Vec<f64> {
        let shares = shares(self.codes, self.weights, 2);
        vec![(shares[1] / shares[0]).ln()]
    }

    fn begin(&mut self, _: &[f64]) {}

    fn derivatives(&self, scores: &[f64], to: &mut [Derivatives]) {
        each_row(scores, to, |i, score| {
            let (p, weight) = (sigmoid(score), self.weights[i]);
            (weight * (p - f64::from(self.codes[i])), weight * p * (1.0 - p))
        });
    }

    fn leaf(&self, _: &[u32], _: &[f64]) -> Option<f64> {
        None
    }

    fn most_step(&self) -> f64 {
        MOST_STEP
    }

    fn loss(&self, scores: &[f64]) -> f64 {
        mean_loss(self.weights, |row| {
            let towards = if self.codes[row] == 1 { scores[row] } else { -scores[row] };
            // log(1 + exp(−towards)), without overflow.
            (-towards).max(0.0) + (-towards.abs()).exp().ln_1p()
        })
    }
}

/// Several classes: a score each, whose softmax is the probability.
pub(super) struct Softmax<'a> {
    pub(super) codes: &'a [u32],
    pub(super) weights: &'a [f64],
    pub(super) classes: usize,
}

/// log Σ exp of the scores of a row.
fn log_sum(scores: &[f64], rows: usize, row: usize) -> f64 {
    let of_row = || scores.iter().skip(row).step_by(rows);
    let most = of_row().copied().fold(f64::NEG_INFINITY, f64::max);
    most + of_row().map(|score| (score - most).exp()).sum::<f64>().ln()
}

impl Objective for Softmax<'_> {
    fn outputs(&self) -> usize {
        self.classes
    }

    fn base(&self) -> Vec<f64> {
        shares(self.codes, self.weights, self.classes).into_iter().map(f64::ln).collect()
    }

    fn begin(&mut self, _: &[f64]) {}

    fn derivatives(&self, scores: &[f64], to: &mut [Derivatives]) {
        let rows = self.codes.len();
        let log_sums: Vec<f64> = (0..rows).into_par_iter().map(|row| log_sum(scores, rows, row)).collect();
        for (class, (scores, to)) in scores.chunks_exact(rows).zip(to.chunks_exact_mut(rows)).enumerate() {
            each_row(scores, to, |i, score| {
                let (p, weight) = ((score - log_sums[i]).exp(), self.weights[i]);
                let is = if self.codes[i] as usize == class { 1.0 } else { 0.0 };
                (weight * (p - is), weight * p * (1.0 - p))
            });
        }
    }

    fn leaf(&self, _: &[u32], _: &[f64]) -> Option<f64> {
        None
    }

    fn most_step(&self) -> f64 {
        MOST_STEP
    }

    fn loss(&self, scores: &[f64]) -> f64 {
        let rows = self.codes.len();
        mean_loss(self.weights, |row| log_sum(scores, rows, row) - scores[self.codes[row] as usize * rows + row])
    }
}
