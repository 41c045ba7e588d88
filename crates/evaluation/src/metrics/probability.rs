//! Measures of predicted probabilities by their size, not only their order.

use crate::{
    calibration::{Bins, borders},
    checks::{MOST_BINS, Weights, not_a_probability, probabilities, same_length},
};
use adflux_core::{Error, Result, parameter::between_one_and};
use ndarray::{ArrayView1, ArrayView2};

/// The Brier score: the mean squared error of the probabilities of `true`. 0 is perfect, and it rewards calibration.
///
/// # Errors
/// When there are no rows, lengths differ, a probability is not between 0 and 1, or the weights cannot be.
#[doc(alias = "brier_score_loss")]
pub fn brier(truth: &[bool], probability: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    same_length(truth.len(), "probabilities", probability.len())?;
    probabilities(probability)?;
    let loss = |row: usize| (f64::from(u8::from(truth[row])) - probability[row]).powi(2);
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), loss))
}

/// The mean of −ln of the probability that was given to the class that came, in nats; smaller is better.
///
/// `truth` is the column of `probabilities` (rows × classes) that came. A probability of 0 counts as 2.2e-16 (and 1 as that
/// much less), as in scikit-learn, so that one wrong certainty does not make the mean infinite.
///
/// # Errors
/// When there are no rows, lengths differ, a class has no column, a number is not a probability, a row does not sum to 1
/// (to 1e-6), or the weights cannot be.
pub fn log_loss(
    truth: ArrayView1<u32>,
    probabilities: ArrayView2<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Result<f64> {
    of_classes(truth, probabilities)?;
    let loss = |row: usize| -probabilities[[row, truth[row] as usize]].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), loss))
}

/// The expected calibration error (Naeini, Cooper and Hauskrecht 2015): rows are put in bins by their probability, and the
/// distance between the mean probability and the share of `true` in each bin is averaged by the weight of the bins. 0: of the
/// rows that are given 30 % about 30 % come.
///
/// [`Bins::EqualWidth`] is the usual choice, [`Bins::EqualCount`] (adaptive) the better one where probabilities crowd together;
/// the borders are those of [`reliability`](crate::calibration::reliability), which gives the table behind this number. For more than two classes take the
/// probability of the predicted class and whether it came (Guo and others 2017). O(rows · log bins), and with equal counts a sort.
///
/// ```
/// use adflux_evaluation::{calibration::Bins, metrics::ece};
/// use ndarray::array;
/// let error = ece(&[false, true, true, true], array![0.25, 0.25, 0.75, 0.75].view(), Bins::EqualWidth(2), None)?;
/// assert_eq!(error, 0.25);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`brier`], and when the number of bins is not between 1 and 1,000,000.
#[doc(alias = "expected_calibration_error")]
pub fn ece(truth: &[bool], probability: ArrayView1<f64>, bins: Bins, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    same_length(truth.len(), "probabilities", probability.len())?;
    probabilities(probability)?;
    let weights = Weights::new(truth.len(), weights)?;
    let (Bins::EqualWidth(n) | Bins::EqualCount(n)) = bins;
    between_one_and(MOST_BINS, "bins", n)?;
    let borders = borders(probability, bins);
    let inner = &borders[1..borders.len() - 1];
    // What was said less what came: of a bin only this sum counts.
    let mut gaps = vec![0.0; n];
    let mut total = 0.0;
    for (row, &p) in probability.iter().enumerate() {
        let weight = weights.get(row);
        gaps[inner.partition_point(|border| *border < p)] += weight * (p - f64::from(u8::from(truth[row])));
        total += weight;
    }
    Ok(gaps.into_iter().map(f64::abs).sum::<f64>() / total)
}

/// What every measure of class probabilities relies on: a probability for each class of each row, which sum to 1, and a column
/// for every class that came.
pub(super) fn of_classes(truth: ArrayView1<u32>, probabilities: ArrayView2<f64>) -> Result<()> {
    same_length(truth.len(), "probabilities", probabilities.nrows())?;
    for (row, of_row) in probabilities.rows().into_iter().enumerate() {
        if let Some(&p) = of_row.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(not_a_probability(row, p));
        }
        if (of_row.sum() - 1.0).abs() > 1e-6 {
            return Err(Error::cell("probability", row, format!("the row sums to {}, not to 1", of_row.sum())));
        }
        if truth[row] as usize >= of_row.len() {
            return Err(Error::cell("truth", row, format!("class {} of {} columns", truth[row], of_row.len())));
        }
    }
    Ok(())
}
