//! Rows by falling score: what curves, areas under them, lift and costs are made of.

use crate::checks::{Weights, finite, same_length};
use adflux_core::Result;
use ndarray::ArrayView1;
use rayon::prelude::*;

/// Rows of weight above 0 by falling score.
pub(crate) struct Ranked {
    rows: Rows,
    /// The weight of the `true` rows.
    pub positive: f64,
    /// The weight of the `false` rows.
    pub negative: f64,
}

/// Scores stand as numbers whose order is the falling one, which are sorted faster than floats.
enum Rows {
    /// Every row counts 1, and a score says all of it. Each is sorted.
    Counted { positive: Vec<u64>, negative: Vec<u64> },
    /// With the weight, negative for a `false` row.
    Weighted(Vec<(u64, f64)>),
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
        Ok(if weights.given().is_none() { Self::counted(truth, score) } else { Self::weighted(truth, score, weights) })
    }

    fn counted(truth: &[bool], score: ArrayView1<f64>) -> Self {
        let count = truth.iter().filter(|truth| **truth).count();
        // A row is written to the end of both and stays in one: no branch that nobody can foresee. Hence one place more.
        let (mut positive, mut negative) = (vec![0; count + 1], vec![0; truth.len() - count + 1]);
        let (mut positives, mut negatives) = (0, 0);
        for (&truth, &score) in truth.iter().zip(score) {
            let key = key(score);
            (positive[positives], negative[negatives]) = (key, key);
            positives += usize::from(truth);
            negatives += usize::from(!truth);
        }
        positive.truncate(count);
        negative.truncate(truth.len() - count);
        // Equal numbers cannot be told apart, so an unstable sort has one result, whatever the number of threads.
        positive.par_sort_unstable();
        negative.par_sort_unstable();
        let (positives, negatives) = (positive.len() as f64, negative.len() as f64);
        Ranked { rows: Rows::Counted { positive, negative }, positive: positives, negative: negatives }
    }

    fn weighted(truth: &[bool], score: ArrayView1<f64>, weights: Weights) -> Self {
        let of_row = |(row, (&truth, &score)): (usize, (&bool, &f64))| {
            let weight = weights.get(row);
            (weight > 0.0).then_some((key(score), if truth { weight } else { -weight }))
        };
        let mut rows: Vec<(u64, f64)> = truth.iter().zip(score).enumerate().filter_map(of_row).collect();
        // A stable sort has one result, whatever the number of threads. Resampled rows come sorted.
        if !rows.is_sorted_by_key(|row| row.0) {
            rows.par_sort_by_key(|row| row.0);
        }
        let mut ranked = Ranked { rows: Rows::Weighted(rows), positive: 0.0, negative: 0.0 };
        let (mut positive, mut negative) = (0.0, 0.0);
        ranked.steps().for_each(|step| {
            positive += step.positive;
            negative += step.negative;
        });
        (ranked.positive, ranked.negative) = (positive, negative);
        ranked
    }

    /// A step for each distinct score, the highest first.
    pub fn steps(&self) -> Steps<'_> {
        match &self.rows {
            Rows::Counted { positive, negative } => Steps::Counted { positive, negative },
            Rows::Weighted(rows) => Steps::Weighted(rows),
        }
    }

    /// The weight of all rows.
    pub fn total(&self) -> f64 {
        self.positive + self.negative
    }
}

/// The rows that are not stepped over yet.
pub(crate) enum Steps<'a> {
    Counted { positive: &'a [u64], negative: &'a [u64] },
    Weighted(&'a [(u64, f64)]),
}

impl Iterator for Steps<'_> {
    type Item = Step;
    fn next(&mut self) -> Option<Step> {
        match self {
            Steps::Counted { positive, negative } => {
                // No key is u64::MAX: that would be the score NaN.
                let first = |keys: &[u64]| keys.first().copied().unwrap_or(u64::MAX);
                let key = first(positive).min(first(negative));
                let take = |keys: &mut &[u64]| {
                    let (mut count, all) = (0, *keys);
                    while all.get(count) == Some(&key) {
                        count += 1;
                    }
                    *keys = &all[count..];
                    count as f64
                };
                let step = Step { score: score(key), positive: take(positive), negative: take(negative) };
                (key != u64::MAX).then_some(step)
            }
            Steps::Weighted(rows) => {
                let key = rows.first()?.0;
                let mut step = Step { score: score(key), positive: 0.0, negative: 0.0 };
                while let Some(((of_row, weight), rest)) = rows.split_first()
                    && *of_row == key
                {
                    if *weight > 0.0 {
                        step.positive += weight
                    } else {
                        step.negative -= weight
                    }
                    *rows = rest;
                }
                Some(step)
            }
        }
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
