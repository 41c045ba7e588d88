//! Measures of predicted classes. Those of two classes take `true` for the class that is looked for.

use crate::checks::{Weights, same_length, share};
use adflux_core::{Result, parameter::positive};
use ndarray::ArrayView1;

/// The share of rows whose class was predicted.
///
/// # Errors
/// When there are no rows, lengths differ, or the weights cannot be.
#[doc(alias = "accuracy_score")]
pub fn accuracy(truth: ArrayView1<u32>, predicted: ArrayView1<u32>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    same_length(truth.len(), "predictions", predicted.len())?;
    let right = |row: usize| f64::from(u8::from(truth[row] == predicted[row]));
    Ok(Weights::new(truth.len(), weights)?.mean_of(truth.len(), right))
}

/// Of the rows predicted `true`, the share that is; 0 when none was predicted, as in scikit-learn.
///
/// # Errors
/// As [`accuracy`].
#[doc(alias = "precision_score")]
pub fn precision(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let Counts { hit, false_alarm, .. } = counts(truth, predicted, weights)?;
    Ok(share(hit, hit + false_alarm))
}

/// Of the rows that are `true`, the share that was predicted; 0 when there are none, as in scikit-learn.
///
/// # Errors
/// As [`accuracy`].
#[doc(alias = "recall_score")]
pub fn recall(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let Counts { hit, missed, .. } = counts(truth, predicted, weights)?;
    Ok(share(hit, hit + missed))
}

/// The harmonic mean of [`precision`] and [`recall`]; 0 when nothing is `true`, neither in truth nor predicted.
/// [`f_beta`] of 1.
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
    f_beta(truth, predicted, 1.0, weights)
}

/// The weighted harmonic mean of [`precision`] and [`recall`] in which recall counts `beta` times as much (van Rijsbergen
/// 1979): 2 where a missed candidate is worse than a wrong one, 0.5 where a wrong one is. 0 when nothing is `true`, neither in
/// truth nor predicted.
///
/// # Errors
/// As [`accuracy`], and when `beta` is not above 0.
#[doc(alias = "fbeta_score")]
pub fn f_beta(truth: &[bool], predicted: &[bool], beta: f64, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    positive("beta", beta)?;
    let Counts { hit, false_alarm, missed } = counts(truth, predicted, weights)?;
    let square = beta * beta;
    Ok(share((1.0 + square) * hit, (1.0 + square) * hit + square * missed + false_alarm))
}

struct Counts {
    hit: f64,
    false_alarm: f64,
    missed: f64,
}

fn counts(truth: &[bool], predicted: &[bool], weights: Option<ArrayView1<f64>>) -> Result<Counts> {
    same_length(truth.len(), "predictions", predicted.len())?;
    let of_row = |row: usize| match (truth[row], predicted[row]) {
        (true, true) => [1.0, 0.0, 0.0],
        (false, true) => [0.0, 1.0, 0.0],
        (true, false) => [0.0, 0.0, 1.0],
        (false, false) => [0.0; 3],
    };
    let ([hit, false_alarm, missed], _) = Weights::new(truth.len(), weights)?.sums(truth.len(), of_row);
    Ok(Counts { hit, false_alarm, missed })
}
