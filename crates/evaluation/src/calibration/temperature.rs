//! [`Temperature`]: one number for all classes.

use super::inside;
use crate::checks::{Weights, same_length};
use adflux_core::{Error, Result};
use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// Temperature scaling: probabilities become proportional to p^(1 / T). Above 1 the temperature takes certainty away, below 1 it
/// adds some.
///
/// T minimises the weighted log loss, between e⁻¹⁰ and e¹⁰ (the ends are reached where the model is always right, or worse than a
/// guess). The order of the classes of a row stays, and with it every predicted class and the accuracy; with one number there
/// is nothing to overfit. It cannot correct a class that is overrated everywhere. On probabilities it is the same as on the logits
/// of a network, which differ from their logarithms by a constant of the row. 0 counts as 2.2e-16.
///
/// Guo, Pleiss, Sun & Weinberger (2017), *On calibration of modern neural networks*. O(rows · classes) a round, about ten rounds.
///
/// ```
/// use adflux_evaluation::calibration::Temperature;
/// use ndarray::{Array1, array};
/// // At 99 %, and right in three rows of four.
/// let said = ndarray::Array2::from_shape_fn((4, 2), |(_, class)| [0.01, 0.99][class]);
/// let fitted = Temperature::fit(said.view(), array![1, 1, 1, 0].view(), None)?;
/// assert!(fitted.temperature > 4.0);
/// assert!((fitted.predict(said.row(0))[1] - 0.75).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// T.
    pub temperature: f64,
}

/// The inverse temperature is looked for between exp(−END) and exp(END).
const END: f64 = 10.0;

impl Temperature {
    /// Learns from probabilities (rows × classes) beside the class that came.
    ///
    /// # Errors
    /// When there are no rows, lengths differ, a class has no column, a number is not a probability, or the weights cannot be.
    pub fn fit(
        probabilities: ArrayView2<f64>,
        truth: ArrayView1<u32>,
        weights: Option<ArrayView1<f64>>,
    ) -> Result<Self> {
        check_classes(probabilities, truth)?;
        let weights = Weights::new(truth.len(), weights)?;
        let logs = probabilities.mapv(|p| inside(p).ln());
        let rows: Vec<(f64, usize)> = truth.iter().enumerate().map(|(r, &y)| (weights.get(r), y as usize)).collect();

        // First and second derivative of the loss by the inverse temperature: the loss is convex in it.
        let slope = |inverse: f64| {
            let (mut first, mut second) = (0.0, 0.0);
            for (&(weight, class), logs) in rows.iter().zip(logs.rows()).filter(|((weight, _), _)| *weight > 0.0) {
                let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let (mut sum, mut mean, mut square) = (0.0, 0.0, 0.0);
                for &log in logs {
                    let (share, log) = (((log - most) * inverse).exp(), log - most);
                    sum += share;
                    mean += share * log;
                    square += share * log * log;
                }
                let mean = mean / sum;
                first += weight * (mean - (logs[class] - most));
                second += weight * (square / sum - mean * mean);
            }
            (first, second)
        };
        let (mut low, mut high, mut at) = ((-END).exp(), END.exp(), 1.0);
        for _ in 0..200 {
            let (first, second) = slope(at);
            if first > 0.0 {
                high = at;
            } else {
                low = at;
            }
            // Newton's step, or half way (of the logarithms) where that leaves the bracket.
            let newton = at - first / second;
            let next = if newton > low && newton < high { newton } else { (low * high).sqrt() };
            if first == 0.0 || (next - at).abs() <= 1e-14 * at {
                break;
            }
            at = next;
        }
        Ok(Temperature { temperature: 1.0 / at })
    }

    /// The probabilities of a row at this temperature.
    pub fn predict(&self, probabilities: ArrayView1<f64>) -> Array1<f64> {
        let logs = probabilities.mapv(|p| inside(p).ln() / self.temperature);
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares = logs.mapv_into(|log| (log - most).exp());
        let sum = shares.sum();
        // Through `sum`, NaN of one class is NaN of the row.
        shares / sum
    }
}

/// Probabilities of rows × classes beside the class that came.
///
/// # Errors
/// When there are no rows, lengths differ, a class has no column, or a number is not a probability.
pub(crate) fn check_classes(probabilities: ArrayView2<f64>, truth: ArrayView1<u32>) -> Result<()> {
    same_length(truth.len(), "probabilities", probabilities.nrows())?;
    check_probabilities(probabilities)?;
    match truth.iter().position(|y| *y as usize >= probabilities.ncols()) {
        Some(row) => {
            Err(Error::cell("truth", row, format!("class {} of {} columns", truth[row], probabilities.ncols())))
        }
        None => Ok(()),
    }
}

/// # Errors
/// Naming the first row with a number that is not a probability.
pub(crate) fn check_probabilities(probabilities: ArrayView2<f64>) -> Result<()> {
    for (row, of_row) in probabilities.rows().into_iter().enumerate() {
        if let Some(p) = of_row.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(Error::cell("probability", row, format!("{p} does not lie between 0 and 1")));
        }
    }
    Ok(())
}
