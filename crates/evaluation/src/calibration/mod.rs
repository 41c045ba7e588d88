//! Calibration: probabilities that can be taken at their word. Of the rows that are given 30 %, about 30 % should be.
//!
//! A calibrator learns, from predictions of rows that the model did not learn from, how far what it says is from what
//! happened, and corrects it:
//!
//! | method | map | learns | take it when |
//! |---|---|---|---|
//! | [`Platt`] | 1 / (1 + exp(a·s + b)) | 2 numbers | rows are few (hundreds), or the scores are no probabilities |
//! | [`Beta`] | logistic in ln p and −ln(1 − p) | 3 numbers | rows are few, and the scores are probabilities |
//! | [`Isotonic`] | any that does not fall: a broken line | up to a number a row | rows are many (thousands) |
//! | [`Temperature`] | probabilities to the power 1/T, normalised | 1 number | classes are many; the order of the classes must stay |
//!
//! The first three are of one class. [`Calibrator`] takes one of the four for any number of classes, and is what
//! `adflux_postprocessing::Calibration` puts behind a model. [`reliability`] is the table that shows whether it was needed.
//!
//! ```
//! use adflux_evaluation::calibration::{Bins, CalibrationMethod, Calibrator, reliability};
//! use ndarray::{Array1, Array2};
//!
//! // A model that is too sure of itself: of 100 rows at 90 % only 70 are, of 100 at 10 % still 30.
//! let truth: Array1<u32> = (0..200).map(|row| u32::from(row % 10 < if row < 100 { 7 } else { 3 })).collect();
//! let said = Array2::from_shape_fn((200, 2), |(row, class)| if (row < 100) == (class == 1) { 0.9 } else { 0.1 });
//! let calibrator = Calibrator::fit(CalibrationMethod::Isotonic, said.view(), truth.view(), None)?;
//! let honest = calibrator.predict(said.view())?;
//! assert!((honest[[0, 1]] - 0.7).abs() < 1e-12 && (honest[[100, 1]] - 0.3).abs() < 1e-12);
//!
//! let is_one: Vec<bool> = truth.iter().map(|code| *code == 1).collect();
//! let table = reliability(&is_one, said.column(1), Bins::EqualWidth(5), None)?;
//! assert!((table[1].mean_predicted - 0.9).abs() < 1e-12 && (table[1].observed - 0.7).abs() < 1e-12);
//! assert_eq!(table[1].rows, 100);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod beta;
mod classes;
mod isotonic;
mod logistic;
mod platt;
mod reliability;
mod temperature;

pub use beta::Beta;
pub use classes::{CalibrationMethod, Calibrator};
pub use isotonic::Isotonic;
pub use platt::Platt;
pub(crate) use reliability::borders;
pub use reliability::{Bins, ReliabilityBin, reliability};
pub use temperature::Temperature;
pub(crate) use temperature::{check_classes, check_probabilities};

use crate::checks::{Weights, finite, same_length};
use adflux_core::{Error, Result};
use ndarray::ArrayView1;

/// Scores of one class beside the truth, checked: finite, as many, and rows of both kinds that weigh something.
fn checked<'a>(scores: ArrayView1<f64>, truth: &[bool], weights: Option<ArrayView1<'a, f64>>) -> Result<Weights<'a>> {
    same_length(truth.len(), "scores", scores.len())?;
    finite("score", scores)?;
    let weights = Weights::new(truth.len(), weights)?;
    let has = |wanted: bool| truth.iter().enumerate().any(|(row, y)| *y == wanted && weights.get(row) > 0.0);
    match (has(true), has(false)) {
        (true, true) => Ok(weights),
        (positive, _) => {
            let only = if positive { "true" } else { "false" };
            Err(Error::data(format!("calibration needs rows of both kinds, and all that count are `{only}`")))
        }
    }
}

/// 1 / (1 + exp(−x)), without overflow.
fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// A probability away from 0 and 1, so that it has a logarithm: as `log_loss` counts them.
fn inside(probability: f64) -> f64 {
    probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}
