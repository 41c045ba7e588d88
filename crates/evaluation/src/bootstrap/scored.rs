//! All measures of a prediction with their intervals.

use super::{BootstrapOptions, Units, intervals};
use crate::{
    measures::Measures,
    scores::{Scores, range},
};
use adflux_core::{Context, Prediction, Result, Rows as _, Target, parameter::at_least_one};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

/// A measure of a prediction and its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreInterval {
    /// The measure, as in [`Scores`].
    pub measure: String,
    /// Of all rows.
    pub value: f64,
    /// The lower end of the interval; NaN where the measure is not defined.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Every measure of [`score`](crate::score()) with its interval.
///
/// `sample` bounds the time on files of many rows: of more rows than that, so many (or as many groups as hold about so many) are
/// taken at random, drawn among themselves, and the distance of the ends from the value is made smaller by the root of their
/// share: an interval shrinks as 1 / √rows (Politis, Romano and Wolf 1999, *Subsampling*). It is cut where the measure ends
/// (an accuracy at 1). The value is always that of all rows. `None` draws all rows.
///
/// The same bits whatever the number of threads. Each draw costs as much as scoring the sample, without the sorting.
///
/// # Errors
/// As [`score`](crate::score()); when `resamples` or `sample` is 0, `level` is not between 0 and 1, or the groups are not one a row; when the
/// work is cancelled.
pub fn score_intervals(
    truth: &Target,
    predicted: &Prediction,
    weights: Option<ArrayView1<f64>>,
    sample: Option<usize>,
    options: &BootstrapOptions,
    context: &Context,
) -> Result<Vec<ScoreInterval>> {
    score_intervals_of(&Measures::default(), truth, predicted, weights, sample, options, context)
}

/// [`score_intervals`] of the measures that are named.
///
/// # Errors
/// As [`score_intervals`] and [`Measures::score`].
pub fn score_intervals_of(
    wanted: &Measures,
    truth: &Target,
    predicted: &Prediction,
    weights: Option<ArrayView1<f64>>,
    sample: Option<usize>,
    options: &BootstrapOptions,
    context: &Context,
) -> Result<Vec<ScoreInterval>> {
    options.check()?;
    at_least_one("sample", sample.unwrap_or(truth.len().max(1)))?;
    let values = wanted.score(truth, predicted, weights)?;
    let all = Units::new(truth.len(), options.groups)?;
    let (rows, share) = all.sample(sample.unwrap_or(truth.len()), options.seed);
    let of_sample = |values: &[u32]| -> Vec<u32> { rows.iter().map(|row| values[*row]).collect() };
    let groups = options.groups.map(of_sample);
    let units = Units::new(rows.len(), groups.as_deref())?;
    let sorted = if share < 1.0 {
        let weights: Option<Array1<f64>> = weights.map(|w| rows.iter().map(|row| w[*row]).collect());
        Sorted::new(&truth.take(&rows), &predicted.take(&rows), weights.as_ref().map(Array1::view))
    } else {
        Sorted::new(truth, predicted, weights)
    };
    let sorted = Sorted { wanted: wanted.clone(), ..sorted };
    let in_order = |scores: Scores| values.iter().map(|(name, _)| scores.get(name).unwrap_or(f64::NAN)).collect();
    let measures = |counts: &[f64]| Ok(in_order(sorted.score(counts)?));
    let of_all: Vec<f64> = in_order(values.clone());
    let centres = if share < 1.0 { measures(&vec![1.0; rows.len()])? } else { of_all };
    let ends = intervals(&units, &centres, options, context, measures)?;
    let interval = |((measure, value), (centre, ends)): ((&str, f64), (&f64, [f64; 2]))| {
        let [lower, upper] = match share < 1.0 {
            true => {
                // Of the sample an end is inside, and moved to the value of all rows it may not be.
                let (least, most) = range(measure);
                ends.map(|end| (value + share.sqrt() * (end - centre)).clamp(least, most))
            }
            false => ends,
        };
        ScoreInterval { measure: measure.into(), value, lower, upper }
    };
    Ok(values.iter().zip(centres.iter().zip(ends)).map(interval).collect())
}

/// A prediction with its rows in the order of their score, so that the sort inside every draw's ROC curve finds its work done.
pub(crate) struct Sorted {
    order: Vec<usize>,
    truth: Target,
    predicted: Prediction,
    weights: Option<Array1<f64>>,
    wanted: Measures,
}

impl Sorted {
    pub fn new(truth: &Target, predicted: &Prediction, weights: Option<ArrayView1<f64>>) -> Self {
        let mut order: Vec<usize> = (0..truth.len()).collect();
        if let Prediction::Classes(classes) = predicted
            && let Some(last) = classes.probabilities.columns().into_iter().next_back()
        {
            order.sort_by(|&x, &y| last[y].total_cmp(&last[x]));
        }
        Sorted {
            truth: truth.take(&order),
            predicted: predicted.take(&order),
            weights: weights.map(|w| order.iter().map(|&row| w[row]).collect()),
            order,
            wanted: Measures::default(),
        }
    }

    /// The measures when each row counts so many times.
    pub fn score(&self, counts: &[f64]) -> Result<Scores> {
        let mut weights: Array1<f64> = self.order.iter().map(|&row| counts[row]).collect();
        if let Some(given) = &self.weights {
            weights *= given;
        }
        // Only rows of weight 0 were drawn: nothing is defined.
        if weights.iter().all(|w| *w == 0.0) {
            return Ok(Scores::default());
        }
        self.wanted.score_where_defined(&self.truth, &self.predicted, Some(weights.view()))
    }
}
