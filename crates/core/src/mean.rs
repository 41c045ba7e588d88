//! [`PredictionMean`]: the mean of several predictions of the same rows.

use crate::{Classes, Error, Prediction, Result};
use ndarray::{Array1, Array2, Zip};

/// The weighted mean of predictions of the same rows, taken one by one: of numbers, of the probabilities of the same classes, and of
/// several of these by name.
///
/// ```
/// use adflux_core::{Prediction, PredictionMean};
/// use ndarray::array;
/// let mut mean = PredictionMean::default();
/// mean.add(&Prediction::Values(array![1.0, 2.0]), 3.0)?;
/// mean.add(&Prediction::Values(array![5.0, 2.0]), 1.0)?;
/// assert_eq!(mean.mean()?.point()?, array![2.0, 2.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PredictionMean {
    sum: Option<Prediction>,
    weight: f64,
}

impl PredictionMean {
    /// Adds a prediction that counts `weight`, a number above 0.
    ///
    /// # Errors
    /// When it has no mean (segments, intervals, sets), or is of other rows, classes or names than those before it.
    pub fn add(&mut self, prediction: &Prediction, weight: f64) -> Result<()> {
        let mut sum = match self.sum.take() {
            Some(sum) => sum,
            None => zero(prediction)?,
        };
        let added = add(&mut sum, prediction, weight);
        (self.sum, self.weight) = (Some(sum), self.weight + weight);
        added
    }

    /// The mean so far.
    ///
    /// # Errors
    /// When nothing was added.
    pub fn mean(&self) -> Result<Prediction> {
        let mut mean = self.sum.clone().ok_or_else(|| Error::data("there are no predictions to take the mean of"))?;
        scale(&mut mean, 1.0 / self.weight);
        Ok(mean)
    }
}

/// A prediction of the same shape, of zeros.
fn zero(like: &Prediction) -> Result<Prediction> {
    Ok(match like {
        Prediction::Values(v) => Prediction::Values(Array1::zeros(v.len())),
        Prediction::Classes(c) => Prediction::Classes(Classes {
            labels: c.labels.clone(),
            probabilities: Array2::zeros(c.probabilities.dim()),
        }),
        Prediction::Multi(all) => {
            Prediction::Multi(all.iter().map(|(n, one)| Ok((n.clone(), zero(one)?))).collect::<Result<_>>()?)
        }
        _ => return Err(Error::data("only numbers and class probabilities have a mean")),
    })
}

fn add(sum: &mut Prediction, part: &Prediction, weight: f64) -> Result<()> {
    match (sum, part) {
        (Prediction::Values(sum), Prediction::Values(part)) if sum.len() == part.len() => {
            sum.scaled_add(weight, part);
            Ok(())
        }
        (Prediction::Classes(sum), Prediction::Classes(part))
            if sum.labels == part.labels && sum.probabilities.dim() == part.probabilities.dim() =>
        {
            Zip::from(&mut sum.probabilities).and(&part.probabilities).for_each(|sum, part| *sum += weight * part);
            Ok(())
        }
        (Prediction::Multi(sum), Prediction::Multi(part)) if sum.iter().map(|s| &s.0).eq(part.iter().map(|p| &p.0)) => {
            sum.iter_mut().zip(part).try_for_each(|((_, sum), (_, part))| add(sum, part, weight))
        }
        _ => Err(Error::data(
            "it predicts something else than those before it: numbers, the same classes, or the same targets are averaged",
        )),
    }
}

fn scale(sum: &mut Prediction, factor: f64) {
    match sum {
        Prediction::Values(v) => *v *= factor,
        Prediction::Classes(c) => c.probabilities *= factor,
        Prediction::Multi(all) => all.iter_mut().for_each(|(_, one)| scale(one, factor)),
        _ => {}
    }
}
