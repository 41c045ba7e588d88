//! [`reliability`]: what was said beside what happened.

use crate::{
    Estimate,
    checks::{MOST_BINS, Weights, probabilities, same_length},
    shares::{Share, reach, wilson},
};
use adflux_core::{Result, parameter::between_one_and};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// How the probabilities are cut into bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// So many bins of the same width between 0 and 1: scikit-learn's `strategy="uniform"`.
    EqualWidth(usize),
    /// So many bins of about the same number of rows: scikit-learn's `strategy="quantile"`.
    EqualCount(usize),
}

/// One row of a reliability table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// The bin begins above this probability (the first at it) …
    pub from: f64,
    /// … and ends at this one.
    pub to: f64,
    /// The mean of the probabilities in the bin.
    pub mean_predicted: f64,
    /// The share of its rows that are `true`.
    pub observed: f64,
    /// The lower end of the 95 % interval of that share (Wilson's).
    pub lower: f64,
    /// Its upper end. A calibrated model has `mean_predicted` between the two in most bins.
    pub upper: f64,
    /// How many rows there are.
    pub rows: usize,
}

/// The reliability table: rows put into bins by what was said of them, and for each bin what was said on the average beside the
/// share of rows that are `true`. Bins without rows are left out. Means and shares are weighted; the interval counts
/// (Σw)² / Σw² rows (Kish's effective number), which without weights is their number.
///
/// Without weights the numbers are those of scikit-learn's `calibration_curve`. Bins of equal width show the probabilities that are rare,
/// with few rows; bins of equal count show all as firmly. A row on the border belongs to the lower bin. O(n log n).
///
/// DeGroot & Fienberg (1983), *The comparison and evaluation of forecasters*. Wilson (1927).
///
/// ```
/// use adflux_evaluation::calibration::{Bins, reliability};
/// use ndarray::array;
/// let table = reliability(&[false, true, true, true], array![0.1, 0.4, 0.8, 1.0].view(), Bins::EqualWidth(2), None)?;
/// let said: Vec<(f64, f64)> = table.iter().map(|bin| (bin.mean_predicted, bin.observed)).collect();
/// assert_eq!(said, [(0.25, 0.5), (0.9, 1.0)]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows, lengths differ, a number is not a probability, the weights cannot be, or the number of bins is not between 1
/// and 1,000,000.
#[doc(alias = "calibration_curve")]
pub fn reliability(
    truth: &[bool],
    probability: ArrayView1<f64>,
    bins: Bins,
    weights: Option<ArrayView1<f64>>,
) -> Result<Vec<ReliabilityBin>> {
    same_length(truth.len(), "probabilities", probability.len())?;
    probabilities(probability)?;
    let weights = Weights::new(truth.len(), weights)?;
    let (Bins::EqualWidth(n) | Bins::EqualCount(n)) = bins;
    between_one_and(MOST_BINS, "bins", n)?;
    let borders = borders(probability, bins);
    let z = reach(0.95);
    // Of n bins only those that hold a row are counted up: most of many are empty.
    let mut order: Vec<(usize, usize)> = probability
        .iter()
        .enumerate()
        .map(|(row, p)| (borders[1..borders.len() - 1].partition_point(|border| border < p), row))
        .collect();
    order.sort_unstable();
    let of = |rows: &[(usize, usize)]| {
        let (mut weight, mut squares, mut said, mut came, mut count) = (0.0, 0.0, 0.0, 0.0, 0);
        for &(_, row) in rows {
            let w = weights.get(row);
            weight += w;
            squares += w * w;
            said += w * probability[row];
            came += w * f64::from(u8::from(truth[row]));
            count += usize::from(w > 0.0);
        }
        let (bin, observed) = (rows[0].0, came / weight);
        let Estimate { lower, upper, .. } = wilson(Share { share: observed, rows: weight * weight / squares }, z);
        let (from, to) = (borders[bin], borders[bin + 1]);
        ReliabilityBin { from, to, mean_predicted: said / weight, observed, lower, upper, rows: count }
    };
    Ok(order.chunk_by(|a, b| a.0 == b.0).map(of).filter(|bin| bin.rows > 0).collect())
}

/// Where bins begin and end, with both ends of the whole.
pub(crate) fn borders(probability: ArrayView1<f64>, bins: Bins) -> Vec<f64> {
    match bins {
        Bins::EqualWidth(n) => (0..=n).map(|i| i as f64 / n as f64).collect(),
        Bins::EqualCount(n) => {
            let mut sorted = probability.to_vec();
            sorted.sort_by(f64::total_cmp);
            // Quantiles by linear interpolation, as NumPy's percentile.
            let quantile = |i: usize| {
                // In whole numbers: a border that is a row's own probability must not be missed by a rounding.
                let place = i as u128 * (sorted.len() - 1) as u128;
                let (below, share) = ((place / n as u128) as usize, (place % n as u128) as f64 / n as f64);
                let above = (below + 1).min(sorted.len() - 1);
                sorted[below] + share * (sorted[above] - sorted[below])
            };
            (0..=n).map(quantile).collect()
        }
    }
}
