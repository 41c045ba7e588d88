//! [`Contributions`]: what each feature column adds to each prediction.

use crate::Column;
use ndarray::{Array1, Array3};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The scale on which contributions add up to a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Scale {
    /// The unit of the prediction: money, counts, shares; of classes their probabilities.
    Outcome,
    /// The natural logarithm of the prediction: contributions multiply it by their exponentials.
    Log,
    /// The logarithm of the odds p / (1 − p).
    LogOdds,
    /// A score for each class, whose softmax are the probabilities.
    Scores,
    /// The quantile of the standard normal distribution at the probability.
    Probit,
    /// ln (−ln (1 − p)).
    Cloglog,
    /// One over the prediction.
    Inverse,
}

/// What each feature column adds to each prediction: on [`scale`](Contributions::scale), `base` and the values of a row add up to
/// what the model says of it. These are Shapley values; which game they are of, `method` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// How they came about: `tree-path-dependent`, `tree-interventional`, `linear`.
    pub method: &'static str,
    /// What they add up on.
    pub scale: Scale,
    /// The classes or targets that they are of, in the order of the last axis; empty when there is one number a row. For
    /// [`Scale::LogOdds`] the class whose odds they are.
    pub outputs: Vec<String>,
    /// The feature columns, with their lineage, in the order of the middle axis.
    pub columns: Arc<[Column]>,
    /// What is said without knowing a row, one for each output.
    pub base: Array1<f64>,
    /// Rows × columns × outputs.
    pub values: Array3<f64>,
}
