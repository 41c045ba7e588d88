//! Which rows the prototypes start as.

use super::lloyd::Data;
use adflux_core::{Context, Error, Result, random::Rng};
use rand::RngExt as _;
use rand::distr::{Distribution as _, weighted::WeightedIndex};
use rayon::prelude::*;

/// Greedy k-means++ with the dissimilarity in place of the squared distance: 2 + ⌊ln k⌋ candidates for each prototype, drawn in
/// proportion to the dissimilarity to the nearest so far, of which the one is kept that leaves the least.
pub(super) fn plus_plus(data: &Data, k: usize, rng: &mut Rng, context: &Context) -> Result<Vec<usize>> {
    let trials = 2 + (k as f64).ln() as usize;
    let first = WeightedIndex::new(&data.weights).map_err(Error::backend)?.sample(rng);
    let mut chosen = vec![first];
    let mut closest = closer(data, first, &vec![f64::INFINITY; data.rows.rows]).0;
    while chosen.len() < k {
        context.check()?;
        let shares = closest.iter().zip(&data.weights).map(|(closest, weight)| closest * weight);
        let candidates: Vec<usize> = match WeightedIndex::new(shares) {
            Ok(by_share) => (0..trials).map(|_| by_share.sample(rng)).collect(),
            // Every row is a prototype already, but for rounding.
            Err(_) => vec![rng.random_range(0..data.rows.rows)],
        };
        let mut best: Option<(Vec<f64>, f64, usize)> = None;
        for row in candidates {
            let (left, sum) = closer(data, row, &closest);
            if best.as_ref().is_none_or(|best| sum < best.1) {
                best = Some((left, sum, row));
            }
        }
        if let Some((left, _, row)) = best {
            closest = left;
            chosen.push(row);
        }
    }
    Ok(chosen)
}

/// The dissimilarity of each row to the nearer of `to` and what it was, and the weighted sum.
fn closer(data: &Data, to: usize, closest: &[f64]) -> (Vec<f64>, f64) {
    let prototype = data.prototypes(&[to]);
    let mut left = closest.to_vec();
    let of_piece = |(piece, left): (usize, &mut [f64])| {
        let mut sum = 0.0;
        for (row, left) in (piece * data.piece..).zip(left) {
            *left = left.min(data.between(row, &prototype, 0));
            sum += *left * data.weights[row];
        }
        sum
    };
    let sums: Vec<f64> = left.par_chunks_mut(data.piece).enumerate().map(of_piece).collect();
    (left, sums.into_iter().sum())
}
