//! [`Task`]: what a linfa estimator learns and predicts, in adflux's words.

use crate::{Classes, Error, Features, Prediction, Result, Segments, Training};
use ndarray::{Array1, Array2};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt::Debug, sync::Arc};

/// The sort of a linfa estimator: [`Regression`], [`Classification`] or [`Clustering`], by the targets it is fitted on and
/// what it predicts. For other targets, such as the `bool` of a support vector machine, write one of your own.
pub trait Task: Debug + Send + Sync + 'static {
    /// linfa's targets in training.
    type Targets: Send + Sync;
    /// What linfa predicts into.
    type Predicted;
    /// What must be kept from training to read a prediction: the names of the classes.
    type Memory: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The prediction in adflux's words.
    type Output: Into<Prediction>;

    /// linfa's targets of valid training data, and what to keep of them.
    ///
    /// # Errors
    /// When the target is of another sort; `step` is named.
    fn targets(data: &Training<Features>, step: &'static str) -> Result<(Self::Targets, Self::Memory)>;

    /// linfa's prediction in adflux's words.
    ///
    /// # Errors
    /// When it cannot be said: a number that is not finite, a class that was not in training. `step` is named.
    fn output(predicted: Self::Predicted, memory: &Self::Memory, step: &'static str) -> Result<Self::Output>;
}

/// A number for each row: targets and predictions are `Array1<f64>`.
#[derive(Clone, Copy, Debug)]
pub enum Regression {}

impl Task for Regression {
    type Targets = Array1<f64>;
    type Predicted = Array1<f64>;
    type Memory = ();
    type Output = Array1<f64>;

    fn targets(data: &Training<Features>, step: &'static str) -> Result<(Array1<f64>, ())> {
        Ok((data.values(step)?.clone(), ()))
    }

    fn output(predicted: Array1<f64>, (): &(), step: &'static str) -> Result<Array1<f64>> {
        match predicted.iter().position(|v| !v.is_finite()) {
            None => Ok(predicted),
            Some(row) => Err(Error::data(format!(
                "`{step}` predicts {} for row {}: its fit did not converge, or the row lies far outside the training data",
                predicted[row],
                row + 1
            ))),
        }
    }
}

/// A class for each row: targets and predictions are `Array1<usize>`, the codes of the classes.
///
/// linfa's classifiers predict a class and not how probable it is, so the predicted class has probability 1 and the others 0:
/// rank nothing by these, and calibrate nothing on them.
#[derive(Clone, Copy, Debug)]
pub enum Classification {}

impl Task for Classification {
    type Targets = Array1<usize>;
    type Predicted = Array1<usize>;
    type Memory = Arc<[String]>;
    type Output = Classes;

    fn targets(data: &Training<Features>, step: &'static str) -> Result<(Array1<usize>, Arc<[String]>)> {
        let classes = data.classes(step)?;
        Ok((classes.codes.mapv(|code| code as usize), classes.labels.clone()))
    }

    fn output(predicted: Array1<usize>, labels: &Arc<[String]>, step: &'static str) -> Result<Classes> {
        let mut probabilities = Array2::zeros((predicted.len(), labels.len()));
        for (row, &class) in predicted.iter().enumerate() {
            let Some(cell) = probabilities.get_mut((row, class)) else {
                return Err(Error::data(format!("`{step}` predicts class {class} of {} labels", labels.len())));
            };
            *cell = 1.0;
        }
        Ok(Classes { labels: labels.clone(), probabilities })
    }
}

/// A segment for each row, without a target: targets are `Array1<()>`, predictions `Array1<usize>`.
///
/// linfa does not say how firmly a row belongs to its segment: the strength is 1 for all.
#[derive(Clone, Copy, Debug)]
pub enum Clustering {}

impl Task for Clustering {
    type Targets = Array1<()>;
    type Predicted = Array1<usize>;
    type Memory = ();
    type Output = Segments;

    fn targets(data: &Training<Features>, _: &'static str) -> Result<(Array1<()>, ())> {
        Ok((Array1::default(data.x.rows()), ()))
    }

    fn output(predicted: Array1<usize>, (): &(), step: &'static str) -> Result<Segments> {
        let id = |&segment: &usize| {
            let id = u32::try_from(segment);
            id.map(Some)
                .map_err(|_| Error::data(format!("`{step}` predicts segment {segment}, beyond any number of them")))
        };
        let ids = predicted.iter().map(id).collect::<Result<Vec<_>>>()?;
        Ok(Segments { strength: Array1::ones(ids.len()), ids })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn predictions_that_cannot_be_said_are_errors() {
        let labels: Arc<[String]> = ["no".to_string(), "yes".to_string()].into();
        let classes = Classification::output(array![1, 0], &labels, "m").unwrap();
        assert_eq!(classes.probabilities, array![[0.0, 1.0], [1.0, 0.0]]);
        let foreign = Classification::output(array![0, 2], &labels, "m").unwrap_err();
        assert_eq!(foreign.to_string(), "`m` predicts class 2 of 2 labels");

        let wild = Regression::output(array![1.0, f64::NAN], &(), "m").unwrap_err().to_string();
        assert!(wild.starts_with("`m` predicts NaN for row 2"), "{wild}");
        assert_eq!(Clustering::output(array![3, 0], &(), "m").unwrap().ids, [Some(3), Some(0)]);
        assert!(Clustering::output(array![usize::MAX], &(), "m").is_err());
    }
}
