//! Losses as boosting sees them: where to start, derivatives, and what a leaf says.

use super::histogram::Derivatives;
use crate::tree::monotone::Bounds;
use rayon::prelude::*;

/// Rows that one task works on.
const ROWS: usize = 4096;

/// A loss with the targets of some rows. Scores are what trees add up to, score `k` of row `i` standing at
/// `k · rows + i`.
pub(super) trait Objective: Send + Sync {
    /// The scores of a row.
    fn outputs(&self) -> usize;
    /// The best scores without any tree.
    fn base(&self) -> Vec<f64>;
    /// Looks at the scores of all rows before their derivatives are asked for.
    fn begin(&mut self, scores: &[f64]);
    /// The derivatives by every score.
    fn derivatives(&self, scores: &[f64], to: &mut [Derivatives]);
    /// What a leaf of these rows adds, before the learning rate, when that is not −G/(H + λ).
    fn leaf(&self, rows: &[u32], scores: &[f64]) -> Option<f64>;
    /// By how much a leaf may add at most, either way.
    fn most_step(&self) -> f64;
    /// The weighted mean of the loss.
    fn loss(&self, scores: &[f64]) -> f64;
}

/// Writes the derivatives of each row, given its place and its score.
pub(super) fn each_row(scores: &[f64], to: &mut [Derivatives], of: impl Fn(usize, f64) -> (f64, f64) + Sync) {
    to.par_chunks_mut(ROWS).zip(scores.par_chunks(ROWS)).enumerate().for_each(|(chunk, (to, scores))| {
        for (i, (to, score)) in to.iter_mut().zip(scores).enumerate() {
            let (first, second) = of(chunk * ROWS + i, *score);
            *to = [first as f32, second as f32];
        }
    });
}

/// Derivatives that are compared side by side.
const LANES: usize = 4;

/// The largest magnitudes of derivatives.
pub(super) fn largest(derivatives: &[Derivatives]) -> Derivatives {
    fn more(most: &mut Derivatives, than: &Derivatives) {
        // Not `f32::max`: it asks for NaN each time, and what is no number is never more.
        most.iter_mut().zip(than).for_each(|(most, than)| *most = if than.abs() > *most { than.abs() } else { *most });
    }
    let of_chunk = |chunk: &[Derivatives]| {
        let (together, alone) = chunk.as_chunks::<LANES>();
        let mut lanes = [[0.0; 2]; LANES];
        for derivatives in together {
            lanes.iter_mut().zip(derivatives).for_each(|(most, than)| more(most, than));
        }
        let mut most = [0.0; 2];
        lanes.iter().chain(alone).for_each(|than| more(&mut most, than));
        most
    };
    derivatives.par_chunks(ROWS).map(of_chunk).reduce(|| [0.0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])])
}

/// The sum of the second derivatives, in a fixed order.
pub(super) fn total_second(derivatives: &[Derivatives]) -> f64 {
    let of_chunk = |chunk: &[Derivatives]| {
        // Of a row of weight 0 it may be no number.
        chunk.iter().map(|[_, second]| f64::from(*second)).filter(|second| *second > 0.0).sum::<f64>()
    };
    derivatives.par_chunks(ROWS).map(of_chunk).collect::<Vec<f64>>().iter().sum()
}

/// The weighted mean of the losses of rows, added up in their order.
pub(super) fn mean_loss(weights: &[f64], of: impl Fn(usize) -> f64) -> f64 {
    let (sum, total) = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0.0)
        .fold((0.0, 0.0), |(sum, total), (row, weight)| (sum + weight * of(row), total + weight));
    sum / total
}

/// The weighted mean of numbers, which may be as large as they like; those of weight 0 may be anything.
pub(super) fn mean(y: &[f64], weights: &[f64]) -> f64 {
    let counted = || y.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    let largest = counted().map(|(y, _)| y.abs()).fold(0.0, f64::max);
    let heaviest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return 0.0;
    }
    let (sum, total) =
        counted().fold((0.0, 0.0), |(sum, total), (y, w)| (sum + y / largest * (w / heaviest), total + w / heaviest));
    sum / total * largest
}

/// The least of `values` whose weight, together with that of all below, reaches the share `level` of the whole; midway
/// to the next when it is met exactly.
pub(super) fn weighted_quantile(values: &mut [(f64, f64)], level: f64) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for (i, (value, weight)) in values.iter().enumerate() {
        below += weight;
        if below >= level * total {
            let next = values.get(i + 1).filter(|_| below == level * total);
            return next.map_or(*value, |(next, _)| value.midpoint(*next));
        }
    }
    values.last().map_or(0.0, |(value, _)| *value)
}

/// What a leaf adds: the objective's own value, or else the Newton step −G/(H + λ), held within the bounds.
pub(super) fn leaf_value(
    objective: &dyn Objective,
    rows: &[u32],
    scores: &[f64],
    derivatives: &[Derivatives],
    reg_lambda: f64,
    bounds: Bounds,
) -> f64 {
    let value = objective.leaf(rows, scores).unwrap_or_else(|| {
        let (first, second) = rows.iter().fold((0.0, 0.0), |(first, second), row| {
            let [g, h] = derivatives[*row as usize];
            (first + f64::from(g), second + f64::from(h))
        });
        if second + reg_lambda > 0.0 { -first / (second + reg_lambda) } else { 0.0 }
    });
    let most = objective.most_step();
    bounds.clip(value.clamp(-most, most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_count_weights_as_repetitions() {
        let of = |pairs: &[(f64, f64)], level| weighted_quantile(&mut pairs.to_vec(), level);
        assert_eq!(of(&[(1.0, 1.0), (2.0, 1.0), (9.0, 1.0)], 0.5), 2.0);
        assert_eq!(of(&[(1.0, 1.0), (2.0, 1.0), (4.0, 1.0), (9.0, 1.0)], 0.5), 3.0);
        assert_eq!(of(&[(4.0, 1.0), (1.0, 2.0), (9.0, 1.0)], 0.5), 2.5);
        assert_eq!(of(&[(1.0, 5.0)], 0.9), 1.0);
    }

    #[test]
    fn means_do_not_overflow() {
        assert_eq!(mean(&[1e308, 1e308], &[1e300, 1e300]), 1e308);
        assert_eq!(mean(&[0.0, 3.0], &[1.0, 2.0]), 2.0);
        assert_eq!(mean(&[0.0], &[1.0]), 0.0);
    }
}
