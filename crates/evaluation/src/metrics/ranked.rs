//! Rows by falling score: what curves, areas under them, lift and costs are made of.

use crate::checks::{Weights, finite, same_length};
use adflux_core::Result;
use ndarray::ArrayView1;
use rayon::prelude::*;

/// Rows of weight above 0 by falling score.
pub(crate) struct Ranked {
    /// The score as a number whose order is the falling one, and the weight, negative for a `false` row.
    rows: Vec<(u64, f64)>,
    /// The weight of the `true` rows.
    pub positive: f64,
    /// The weight of the `false` rows.
    pub negative: f64,
}

/// All rows of one score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub score: f64,
    /// The weight of its `true` rows.
    pub positive: f64,
    /// The weight of its `false` rows.
    pub negative: f64,
}

impl Ranked {
    pub fn new(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<Self> {
        same_length(truth.len(), "scores", score.len())?;
        finite("score", score)?;
        let weights = Weights::new(truth.len(), weights)?;
        let of_row = |(row, (&truth, &score)): (usize, (&bool, &f64))| {
            let weight = weights.get(row);
            (weight > 0.0).then_some((key(score), if truth { weight } else { -weight }))
        };
        let mut rows: Vec<(u64, f64)> = truth.iter().zip(score).enumerate().filter_map(of_row).collect();
        // A stable sort has one result, whatever the number of threads. Resampled rows come sorted.
        if !rows.is_sorted_by_key(|row| row.0) {
            rows.par_sort_by_key(|row| row.0);
        }
        let mut ranked = Ranked { rows, positive: 0.0, negative: 0.0 };
        let (mut positive, mut negative) = (0.0, 0.0);
        ranked.steps().for_each(|step| {
            positive += step.positive;
            negative += step.negative;
        });
        (ranked.positive, ranked.negative) = (positive, negative);
        Ok(ranked)
    }

    /// A step for each distinct score, the highest first.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.rows.chunk_by(|a, b| a.0 == b.0).map(|rows| {
            let mut step = Step { score: score(rows[0].0), positive: 0.0, negative: 0.0 };
            for (_, weight) in rows {
                if *weight > 0.0 { step.positive += weight } else { step.negative -= weight }
            }
            step
        })
    }

    /// The weight of all rows.
    pub fn total(&self) -> f64 {
        self.positive + self.negative
    }
}

const SIGN: u64 = 1 << 63;

/// Bits that are in order where numbers fall. −0 and 0 are one score: the sum makes them one.
pub(super) fn key(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    if bits & SIGN == 0 { !(bits | SIGN) } else { bits }
}

fn score(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key & !SIGN } else { key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_fall_as_scores_rise_and_give_them_back() {
        let scores = [f64::MAX, 3.5, 1e-300, 0.0, -1e-300, -2.0, f64::MIN];
        assert!(scores.map(key).is_sorted());
        assert_eq!(scores.map(|s| score(key(s))), scores);
        assert_eq!(key(-0.0), key(0.0));
    }
}
