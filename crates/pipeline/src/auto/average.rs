//! Whose mean predicts best: greedy selection with replacement.

use adflux_core::{Prediction, PredictionMean, Result};
use rayon::prelude::*;

/// Models that a mean is made of, counting each as often as it was taken.
const MOST: usize = 10;

/// How often a model may be added that helps nothing, before the search ends.
const PATIENCE: usize = 2;

/// How good a prediction is for a fold: larger is better, NaN where it is not defined.
pub(super) trait Judge: Sync {
    fn value(&self, fold: usize, prediction: &Prediction) -> Result<f64>;
}

/// How often each model is taken: begin with the best, and add again and again the one, of all, whose addition makes the mean best over
/// `folds`; the fewest whose mean was best are kept. `predictions` has those of each model, fold by fold.
///
/// Caruana et al. (2004), *Ensemble selection from libraries of models*.
pub(super) fn select(predictions: &[Vec<&Prediction>], folds: &[usize], judge: &impl Judge) -> Result<Vec<usize>> {
    let mut taken = vec![0; predictions.len()];
    let mut means = vec![PredictionMean::default(); folds.len()];
    let mut best = (f64::NEG_INFINITY, taken.clone());
    let mut without_gain = 0;
    for _ in 0..MOST {
        let values = predictions.par_iter().map(|of_folds| {
            let values = folds.iter().zip(&means).map(|(&fold, mean)| {
                let mut mean = mean.clone();
                mean.add(of_folds[fold], 1.0)?;
                judge.value(fold, &mean.mean()?)
            });
            values.collect::<Result<Vec<f64>>>().map(|values| mean_of(&values))
        });
        let values: Vec<f64> = values.collect::<Result<_>>()?;
        let Some(next) = first_best(&values) else { break };
        taken[next] += 1;
        for (&fold, mean) in folds.iter().zip(&mut means) {
            mean.add(predictions[next][fold], 1.0)?;
        }
        if values[next] > best.0 {
            (best, without_gain) = ((values[next], taken.clone()), 0);
        } else {
            without_gain += 1;
            if without_gain == PATIENCE {
                break;
            }
        }
    }
    Ok(best.1)
}

/// The mean of what is defined; NaN when nothing is.
pub(super) fn mean_of(values: &[f64]) -> f64 {
    let (sum, count) = values.iter().filter(|v| !v.is_nan()).fold((0.0, 0), |(sum, n), v| (sum + v, n + 1));
    sum / f64::from(count)
}

/// The place of the greatest value, the first of equals.
pub(super) fn first_best(values: &[f64]) -> Option<usize> {
    (0..values.len()).filter(|&i| !values[i].is_nan()).reduce(|best, i| if values[i] > values[best] { i } else { best })
}

/// The mean of the predictions for a fold, each model counting as often as it was taken.
pub(super) fn mean(predictions: &[Vec<&Prediction>], fold: usize, taken: &[usize]) -> Result<Prediction> {
    let mut mean = PredictionMean::default();
    for (of_folds, &count) in predictions.iter().zip(taken).filter(|(_, count)| **count > 0) {
        mean.add(of_folds[fold], count as f64)?;
    }
    mean.mean()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// The square of the error, against 0.
    struct Near;
    impl Judge for Near {
        fn value(&self, _: usize, prediction: &Prediction) -> Result<f64> {
            Ok(-prediction.point()?.mapv(|v| v * v).sum())
        }
    }

    #[test]
    fn errors_that_cancel_are_averaged_and_others_left_out() {
        let all = [array![3.0, 1.0], array![-1.0, -1.0], array![9.0, 9.0]].map(Prediction::Values);
        let by_model: Vec<Vec<&Prediction>> = all.iter().map(|p| vec![p, p]).collect();
        let taken = select(&by_model, &[0, 1], &Near).unwrap();
        assert_eq!(taken[2], 0);
        // (3 a − b, a − b) / (a + b) is least at b = 2 a.
        assert_eq!((taken[0], taken[1]), (1, 2));
        assert_eq!(mean(&by_model, 0, &taken).unwrap(), Prediction::Values(array![1.0, -1.0] / 3.0));
    }

    #[test]
    fn one_that_none_can_help_stays_alone() {
        let all = [array![1.0], array![0.0], array![2.0]].map(Prediction::Values);
        let by_model: Vec<Vec<&Prediction>> = all.iter().map(|p| vec![p]).collect();
        assert_eq!(select(&by_model, &[0], &Near).unwrap(), [0, 1, 0]);
    }

    #[test]
    fn what_is_not_defined_is_passed_over() {
        assert_eq!(mean_of(&[1.0, f64::NAN, 3.0]), 2.0);
        assert!(mean_of(&[f64::NAN]).is_nan());
        assert_eq!(first_best(&[f64::NAN, 1.0, 2.0, 2.0]), Some(2));
        assert_eq!(first_best(&[f64::NAN]), None);
    }
}
