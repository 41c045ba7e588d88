//! [`Isotonic`]: the best line that does not fall.

use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// Isotonic regression: of all functions that do not fall, the one with the least weighted squared error. Between the scores it
/// has seen it is a straight line, beyond them it stays at its ends.
///
/// It assumes nothing but that a higher score does not mean less, and keeps the order of the scores, except that neighbours may
/// become equal. It needs rows: of a few hundred it learns their noise. It may say exactly 0 and 1, which the log loss punishes
/// without mercy where it is wrong once. The numbers are those of scikit-learn's `IsotonicRegression(out_of_bounds="clip")`:
/// scores closer than 1e-15 count as equal, rows of weight 0 take no part.
///
/// Pool-adjacent-violators: Barlow, Bartholomew, Bremner & Brunk (1972), *Statistical inference under order restrictions*;
/// for calibration Zadrozny & Elkan (2002). O(n log n); a prediction O(log n).
///
/// ```
/// use adflux_evaluation::calibration::Isotonic;
/// use ndarray::array;
/// let isotonic = Isotonic::fit(array![0.1, 0.4, 0.6, 0.9].view(), array![0.0, 1.0, 0.0, 1.0].view(), None)?;
/// // The second and the third are the wrong way round, and share their mean.
/// assert_eq!([0.0, 0.4, 0.5, 0.6, 0.75].map(|s| isotonic.predict(s)), [0.0, 0.5, 0.5, 0.5, 0.75]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[doc(alias = "IsotonicRegression")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Isotonic {
    /// Scores where the line has a corner, ascending.
    #[serde(with = "adflux_core::arrays")]
    thresholds: Vec<f64>,
    /// Its height there.
    #[serde(with = "adflux_core::arrays")]
    values: Vec<f64>,
}

/// Scores nearer than this are the same, as in scikit-learn: the last digits of a mean of trees say nothing.
const SAME: f64 = 1e-15;

/// A run of scores that share one height.
struct Pool {
    first: f64,
    last: f64,
    mean: f64,
    weight: f64,
}

impl Isotonic {
    /// Learns from scores beside what they should have been: 1 and 0 for a class, or any numbers.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, a number is not finite, or the weights cannot be.
    pub fn fit(scores: ArrayView1<f64>, truth: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<Self> {
        same_length(truth.len(), "scores", scores.len())?;
        finite("score", scores)?;
        finite("truth", truth)?;
        let weights = Weights::new(truth.len(), weights)?;
        let mut order: Vec<usize> = (0..scores.len()).filter(|&row| weights.get(row) > 0.0).collect();
        order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(a.cmp(&b)));

        let mut pools: Vec<Pool> = Vec::new();
        let mut rows = order.into_iter().peekable();
        while let Some(row) = rows.next() {
            let first = scores[row];
            let (mut sum, mut weight) = (weights.get(row) * truth[row], weights.get(row));
            while let Some(same) = rows.next_if(|&next| scores[next] - first < SAME) {
                sum += weights.get(same) * truth[same];
                weight += weights.get(same);
            }
            let mut pool = Pool { first, last: first, mean: sum / weight, weight };
            while let Some(before) = pools.pop_if(|before| before.mean >= pool.mean) {
                let weight = before.weight + pool.weight;
                let mean = before.mean + (pool.mean - before.mean) * (pool.weight / weight);
                pool = Pool { first: before.first, last: pool.last, mean, weight };
            }
            pools.push(pool);
        }

        let (mut thresholds, mut values) = (Vec::new(), Vec::new());
        for pool in &pools {
            thresholds.push(pool.first);
            values.push(pool.mean);
            if pool.last > pool.first {
                thresholds.push(pool.last);
                values.push(pool.mean);
            }
        }
        Ok(Isotonic { thresholds, values })
    }

    /// The height of the line at a score; NaN at NaN.
    pub fn predict(&self, score: f64) -> f64 {
        if score.is_nan() {
            return f64::NAN;
        }
        let next = self.thresholds.partition_point(|t| *t < score);
        let before = next.saturating_sub(1);
        let at = |place: usize| Some((*self.thresholds.get(place)?, *self.values.get(place)?));
        match (at(before), at(next)) {
            (Some((from, low)), Some((to, high))) if next > 0 => {
                // Weights that sum to 1, so that a flat piece is flat to the bit and no rounding leaves the two ends.
                let share = (score - from) / (to - from);
                if low == high { low } else { (low + share * (high - low)).clamp(low.min(high), low.max(high)) }
            }
            (_, Some((_, first))) => first,
            (last, None) => last.map_or(f64::NAN, |(_, value)| value),
        }
    }

    /// The height of the line at each score.
    pub fn predict_all(&self, scores: ArrayView1<f64>) -> Array1<f64> {
        scores.mapv(|score| self.predict(score))
    }

    /// The corners of the line: scores, ascending, and heights.
    pub fn corners(&self) -> impl ExactSizeIterator<Item = (f64, f64)> {
        self.thresholds.iter().copied().zip(self.values.iter().copied())
    }

    /// Checks what came from a file: some corners, as many heights as scores, and the heights of a calibration, which are
    /// probabilities.
    ///
    /// # Errors
    /// When it is not so.
    pub(super) fn validate(&self) -> Result<()> {
        let ascending = self.thresholds.windows(2).all(|w| w[0] < w[1]) && self.values.windows(2).all(|w| w[0] <= w[1]);
        let known =
            self.thresholds.iter().all(|v| v.is_finite()) && self.values.iter().all(|p| (0.0..=1.0).contains(p));
        if self.thresholds.is_empty() || self.thresholds.len() != self.values.len() || !ascending || !known {
            return Err(Error::data("the corners of an isotonic line do not fit together"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_a_file_are_ascending_and_their_heights_probabilities() {
        let of = |thresholds: &[f64], values: &[f64]| {
            Isotonic { thresholds: thresholds.to_vec(), values: values.to_vec() }.validate().is_ok()
        };
        assert!(of(&[-3.0, 2.0], &[0.0, 1.0]));
        let damaged: [(&[f64], &[f64]); 7] = [
            (&[], &[]),
            (&[1.0], &[0.1, 0.2]),
            (&[2.0, 1.0], &[0.1, 0.2]),
            (&[1.0, 2.0], &[0.2, 0.1]),
            (&[1.0, f64::INFINITY], &[0.1, 0.2]),
            (&[1.0, 2.0], &[-0.1, 0.2]),
            (&[1.0, 2.0], &[0.1, 1.5]),
        ];
        for (thresholds, values) in damaged {
            assert!(!of(thresholds, values), "{thresholds:?} {values:?}");
        }
    }
}
