//! Measures of predicted classes and probabilities. Binary measures take `true` for the class that is looked for.

use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result};
use ndarray::{ArrayView1, ArrayView2};

/// The share of rows whose class was predicted.
///
/// # Errors
/// When there are no rows, lengths differ, or the weights cannot be.
#[doc(alias = "accuracy_score")]
pub fn accuracy(truth: ArrayView1<u32>, predicted: ArrayView1<u32>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    same_length(truth.len(), "predictions", predicted.len())?;
    let right = truth.iter().zip(predicted).map(|(y, p)| f64::from(u8::from(y == p)));
    Ok(Weights::new(truth.len(), weights)?.mean(right))
}

/// Of the rows predicted `true`, the share that is; 0 when none was predicted, as in scikit-learn.
///
/// # Errors
/// As [`accuracy`].
#[doc(alias = "precision_score")]
pub fn precision(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let Confusion { hit, false_alarm, .. } = confusion(truth, predicted, weights)?;
    Ok(share(hit, hit + false_alarm))
}

/// Of the rows that are `true`, the share that was predicted; 0 when there are none, as in scikit-learn.
///
/// # Errors
/// As [`accuracy`].
#[doc(alias = "recall_score")]
pub fn recall(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let Confusion { hit, missed, .. } = confusion(truth, predicted, weights)?;
    Ok(share(hit, hit + missed))
}

/// The harmonic mean of [`precision`] and [`recall`]; 0 when nothing is `true`, neither in truth nor predicted.
///
/// ```
/// use adflux_evaluation::metrics::f1;
/// assert_eq!(f1(&[true, true, false, false], &[true, false, true, false], None)?, 0.5);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`accuracy`].
#[doc(alias = "f1_score")]
pub fn f1(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let Confusion { hit, false_alarm, missed } = confusion(truth, predicted, weights)?;
    Ok(share(2.0 * hit, 2.0 * hit + false_alarm + missed))
}

/// The area under the ROC curve: how often a `true` row is scored above a `false` one, ties counting half. 0.5 is chance.
///
/// Scores need not be probabilities; only their order counts. O(n · log n).
///
/// ```
/// use adflux_evaluation::metrics::roc_auc;
/// use ndarray::array;
/// assert_eq!(roc_auc(&[false, true, true], array![0.1, 0.1, 0.8].view(), None)?, 0.75);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When lengths differ, a score is not finite, the weights cannot be, or all rows (of weight above 0) are of one class.
#[doc(alias = "roc_auc_score")]
pub fn roc_auc(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let (mut positive, mut negative, mut area) = (0.0, 0.0, 0.0);
    for step in steps(truth, score, weights)? {
        area += step.negative * (positive + 0.5 * step.positive);
        positive += step.positive;
        negative += step.negative;
    }
    if positive == 0.0 || negative == 0.0 {
        return Err(Error::data("roc_auc needs rows of both classes, and all are of one"));
    }
    Ok(area / (positive * negative))
}

/// The area under the precision–recall curve as scikit-learn's average precision: the mean of the precisions at each
/// score, weighted by the recall it adds. The share of `true` rows is chance. The measure of choice when they are few.
///
/// # Errors
/// As [`roc_auc`]; rows that are all `true` are allowed.
#[doc(alias = "average_precision_score")]
pub fn pr_auc(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let (mut positive, mut negative, mut area) = (0.0, 0.0, 0.0);
    for step in steps(truth, score, weights)? {
        positive += step.positive;
        negative += step.negative;
        if step.positive > 0.0 {
            area += step.positive * positive / (positive + negative);
        }
    }
    if positive == 0.0 {
        return Err(Error::data("pr_auc needs rows of the class that is looked for, and there are none"));
    }
    Ok(area / positive)
}

/// The Brier score: the mean squared error of the probabilities of `true`. 0 is perfect, and it rewards calibration.
///
/// # Errors
/// When there are no rows, lengths differ, a probability is not between 0 and 1, or the weights cannot be.
#[doc(alias = "brier_score_loss")]
pub fn brier(truth: &[bool], probability: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    same_length(truth.len(), "probabilities", probability.len())?;
    if let Some(row) = probability.iter().position(|p| !(0.0..=1.0).contains(p)) {
        return Err(not_a_probability(row, probability[row]));
    }
    let loss = truth.iter().zip(probability).map(|(&y, p)| (f64::from(u8::from(y)) - p).powi(2));
    Ok(Weights::new(truth.len(), weights)?.mean(loss))
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
    let loss = (0..truth.len())
        .map(|row| -probabilities[[row, truth[row] as usize]].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln());
    Ok(Weights::new(truth.len(), weights)?.mean(loss))
}

fn not_a_probability(row: usize, value: f64) -> Error {
    Error::cell("probability", row, format!("{value} does not lie between 0 and 1"))
}

struct Confusion {
    hit: f64,
    false_alarm: f64,
    missed: f64,
}

fn confusion(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<Confusion> {
    same_length(truth.len(), "predictions", predicted.len())?;
    let weights = Weights::new(truth.len(), weights)?;
    let mut counts = Confusion { hit: 0.0, false_alarm: 0.0, missed: 0.0 };
    for (row, pair) in truth.iter().zip(predicted).enumerate() {
        match pair {
            (true, true) => counts.hit += weights.get(row),
            (false, true) => counts.false_alarm += weights.get(row),
            (true, false) => counts.missed += weights.get(row),
            (false, false) => {}
        }
    }
    Ok(counts)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// The weight of the `true` and of the `false` rows of one score.
struct Step {
    positive: f64,
    negative: f64,
}

/// A step for each distinct score, the highest first.
fn steps(truth: &[bool], score: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<Vec<Step>> {
    same_length(truth.len(), "scores", score.len())?;
    finite("score", score)?;
    let weights = Weights::new(truth.len(), weights)?;
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
    let mut steps: Vec<Step> = Vec::new();
    let mut last = f64::NAN;
    for row in order {
        // −0 and 0 are one score, though the sort tells them apart: they are neighbours in it.
        if score[row] != last {
            steps.push(Step { positive: 0.0, negative: 0.0 });
            last = score[row];
        }
        if let Some(step) = steps.last_mut() {
            *(if truth[row] { &mut step.positive } else { &mut step.negative }) += weights.get(row);
        }
    }
    Ok(steps)
}
