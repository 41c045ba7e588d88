//! Which input columns a fitted pipeline cannot do without: permutation importance.
//!
//! Shuffle one column of rows that the pipeline did not learn from, predict again, and see how much worse the predictions
//! have become: that is what the pipeline gets out of this column. The columns are those of the frame, whatever the pipeline
//! makes of them (a text column is one column, not a thousand words).
//!
//! Columns that say the same share the credit: shuffling one leaves the other to rely on, and both look unimportant. The
//! importance is of *this* pipeline; a column it makes nothing of may still be a good one. On training rows it would measure
//! what was learned by heart: give rows that were held back.
//!
//! Breiman (2001), *Random forests*, section 10; Fisher, Rudin & Dominici (2019), *All models are wrong, but many are
//! useful*.

use crate::{FittedPipeline, judging::truth_of};
use adflux_core::{
    Context, Error, Predict, Prediction, Result, Rows as _, Target, Training, Transform, parameter::at_least_one,
    random::stream,
};
use adflux_data::Frame;
use adflux_evaluation::scores::{Scores, higher_is_better, score};
use ndarray::Array1;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};

/// How importance is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportanceOptions {
    /// How often each column is shuffled. Default 5.
    pub repeats: usize,
    /// The seed of the shuffles. Default 42.
    pub seed: u64,
}

impl Default for ImportanceOptions {
    fn default() -> Self {
        ImportanceOptions { repeats: 5, seed: 42 }
    }
}

/// What one input column is worth to a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// The input column.
    pub column: String,
    /// The measure that gets worse: `r2` (of several targets its mean), `roc_auc`, or `log_loss` for more than two labels.
    pub measure: String,
    /// By how much it gets worse when the column is shuffled, in the unit of the measure: the mean of the repeats. About 0 for
    /// a column that is not used; below 0 by chance.
    pub value: f64,
    /// The standard deviation of the repeats (divided by their number, as in scikit-learn).
    pub deviation: f64,
}

/// The importance of every column that `fitted` reads, the greatest first.
///
/// `data` are rows that the pipeline did not learn from, with their target and, where rows count differently, weights;
/// with an exposure the truth is a [rate](Training::into_rates). Columns that the pipeline does not read are not looked at. scikit-learn's `permutation_importance` with the same measure gives
/// the same up to the random shuffles. Cost: 1 + columns · repeats predictions of all rows. The same bits whatever the number of threads.
///
/// # Errors
/// When `repeats` is 0; when there is no target, it cannot be compared with the predictions, or the model does not use the exposure; when the main measure is not
/// defined on these rows (one row, one class); when the prediction fails or the work is cancelled.
#[doc(alias = "feature_importance")]
pub fn permutation_importance<P, M, O, X>(
    fitted: &FittedPipeline<P, M, O>,
    data: &Training<Frame>,
    options: &ImportanceOptions,
    context: &Context,
) -> Result<Vec<Importance>>
where
    P: Transform<Frame, Output = X> + Sync,
    M: Predict<X> + Sync,
    M::Output: Into<Prediction>,
    O: Transform<(Frame, Prediction), Output = Prediction> + Sync,
{
    at_least_one("repeats", options.repeats)?;
    data.validate()?;
    context.check()?;
    if data.target.is_none() {
        return Err(Error::data("importance needs a target: without one nothing can become worse"));
    }
    if !fitted.training.per_exposure && !fitted.model.uses_exposure() {
        data.without_exposure(&fitted.training.spec.model.kind)?;
    }
    let (target, weights) = truth_of(data)?;
    let frame = data.x.conform(&fitted.schema)?;
    let (measure, base) = main(&target, &fitted.run(&frame)?, weights.as_ref())?;
    let falls = higher_is_better(&measure) != Some(false);

    let (names, rows) = (frame.names().collect::<Vec<_>>(), frame.rows());
    let (total, done) = ((names.len() * options.repeats) as u64, AtomicU64::new(0));
    let of_column = |(place, name): (usize, &&str)| {
        let mut losses = Vec::with_capacity(options.repeats);
        for repeat in 0..options.repeats {
            context.check()?;
            let mut order: Vec<usize> = (0..rows).collect();
            order.shuffle(&mut stream(options.seed, &[place as u64, repeat as u64]));
            let shuffled = frame.with_columns_of(&frame.select(&[name])?.take(&order))?;
            let (_, value) = main(&target, &fitted.run(&shuffled)?, weights.as_ref())?;
            losses.push(if falls { base - value } else { value - base });
            context.report("columns shuffled", done.fetch_add(1, Ordering::Relaxed) + 1, Some(total));
        }
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        let variance = losses.iter().map(|loss| (loss - mean).powi(2)).sum::<f64>() / losses.len() as f64;
        Ok(Importance { column: name.to_string(), measure: measure.clone(), value: mean, deviation: variance.sqrt() })
    };
    // One column after the other: a prediction is parallel in itself, and a thread that waits for its part of one would take up
    // another column on top of it, which is a stack without end on wide tables.
    let mut all: Vec<Importance> = context.run(|| names.iter().enumerate().map(of_column).collect::<Result<_>>())?;
    all.sort_by(|a, b| b.value.total_cmp(&a.value));
    Ok(all)
}

/// The name and value of the measure by which these predictions are judged.
fn main(target: &Target, predicted: &Prediction, weights: Option<&Array1<f64>>) -> Result<(String, f64)> {
    let scores = score(target, predicted, weights.map(Array1::view))?;
    let (name, value) = match target {
        Target::Multi(_) => ("r2", mean_r2(&scores)),
        _ => scores.main().unwrap_or(("", f64::NAN)),
    };
    if value.is_nan() {
        return Err(Error::data(format!("`{name}` is not defined on these rows: give more rows, and of every class")));
    }
    Ok((name.into(), value))
}

fn mean_r2(scores: &Scores) -> f64 {
    let all: Vec<f64> = scores.iter().filter(|(name, _)| name.ends_with(".r2")).map(|(_, value)| value).collect();
    all.iter().sum::<f64>() / all.len() as f64
}
