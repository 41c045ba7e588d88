//! How good a pipeline is: on later data, on parts of it, and by cross-validation of its recipe.

use crate::{FittedPipeline, Pipeline, fit::folds_of};
use adflux_core::{
    Categories, ClassTarget, Context, Describe, DynComponent, Error, Fit, FitTransform, MultiTarget, Postprocess,
    Predict, Prediction, Result, Rows as _, Target, Training, Transform,
};
use adflux_data::{ColumnKind, Frame, Role};
use adflux_evaluation::scores::{Scores, score};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

/// How good a pipeline is on the rows of one level of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelScores {
    /// The level; a range such as `18 to 27` for a number of many values; empty for missing values.
    pub level: String,
    /// How many rows have it.
    pub rows: usize,
    /// The measures on these rows.
    pub scores: Scores,
}

impl<P, M, O> FittedPipeline<P, M, O> {
    /// The truth for later data, in the form of the training target: the column that a single target came from, or the columns
    /// of several. Classes have the labels of training, whether they were written as text, truth values or whole numbers.
    ///
    /// # Errors
    /// [`Error::MissingColumns`] when a target column is not there; naming the row where the target is missing or is a class that
    /// training did not have; when the pipeline learned without a target, or does not know the column of its target
    /// ([`Training::with_target_name`]).
    pub fn target_of(&self, frame: &Frame) -> Result<Target> {
        let names = &self.training.target;
        let Some(column) = &self.training.target_column else {
            if names.is_empty() {
                return Err(Error::data(
                    "this pipeline does not know the column of its target: train it on a frame whose target has its role, or \
                     name it with `with_target_name`",
                ));
            }
            frame.require(names)?;
            let mut values = Array2::zeros((frame.rows(), names.len()));
            for (mut column, name) in values.columns_mut().into_iter().zip(names) {
                column.assign(&numbers(frame, name)?);
            }
            return Ok(Target::Multi(MultiTarget { names: names.clone().into(), values }));
        };
        frame.require(&[column])?;
        if names.is_empty() {
            return numbers(frame, column).map(Target::Values);
        }
        let classes = frame.classes(column)?;
        let place: Vec<Option<usize>> =
            classes.levels.iter().map(|level| names.iter().position(|label| label == level)).collect();
        let code = |(row, code): (usize, &u32)| {
            if *code == Categories::MISSING {
                return Err(missing(column, row));
            }
            place.get(*code as usize).copied().flatten().map(|place| place as u32).ok_or_else(|| {
                let level = classes.get(row).unwrap_or_default();
                let known = names.join(", ");
                Error::cell(
                    column,
                    row,
                    format!("`{level}` is none of the classes of training ({known}): drop the row"),
                )
            })
        };
        let codes = classes.codes.iter().enumerate().map(code).collect::<Result<Array1<u32>>>()?;
        Ok(Target::Classes(ClassTarget { codes, labels: names.clone().into() }))
    }

    /// Predicts for `frame` and measures the predictions against its [target](Self::target_of). A column of [`Role::Weight`]
    /// says how much each row counts.
    ///
    /// # Errors
    /// As [`target_of`](Self::target_of), [`run`](Self::run) and [`score`].
    pub fn score<X>(&self, frame: &Frame) -> Result<Scores>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction>,
    {
        let truth = self.target_of(frame)?;
        score(&truth, &self.run(frame)?, weights_of(frame)?.as_ref().map(Array1::view))
    }

    /// [`score`](Self::score) for each level of `column` apart: does the pipeline serve all platforms, all age groups? The
    /// column need not be one that the pipeline reads.
    ///
    /// Text and truth values, and numbers of up to ten values, are taken as they are: text with the most frequent first (of
    /// equals in order of the alphabet), numbers by size. Numbers of more values, and times, are cut into quarters of about as
    /// many rows. Missing values are a level of their own, the last. Measures that need more than a level has (two classes, two
    /// rows) are NaN there; so are all in a level whose rows weigh nothing.
    ///
    /// # Errors
    /// As `score`, and when `column` is missing.
    pub fn score_by<X>(&self, frame: &Frame, column: &str) -> Result<Vec<LevelScores>>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction>,
    {
        let levels = levels_of(frame, column)?;
        let (truth, predicted, weights) = (self.target_of(frame)?, self.run(frame)?, weights_of(frame)?);
        let overall = score(&truth, &predicted, weights.as_ref().map(Array1::view))?;
        let of_level = |(level, rows): (String, Vec<usize>)| {
            let weights = weights.as_ref().map(|w| w.take(&rows));
            let scores = match &weights {
                Some(weights) if weights.iter().all(|w| *w == 0.0) => {
                    overall.iter().map(|(m, _)| (m, f64::NAN)).collect()
                }
                _ => score(&truth.take(&rows), &predicted.take(&rows), weights.as_ref().map(Array1::view))?,
            };
            Ok(LevelScores { level, rows: rows.len(), scores })
        };
        levels.into_iter().map(of_level).collect()
    }
}

impl<P, M, O> Pipeline<P, M, O> {
    /// How good pipelines of this recipe are: for each fold the whole pipeline, postprocessor included, is fitted on the other
    /// folds and measured on this one, with the row weights. [`Scores::mean`] sums the folds up.
    ///
    /// The folds are those of out-of-fold postprocessors: shuffled by [`seed`](Self::seed), groups kept together, contiguous in
    /// time where the rows have times (each block is then judged by a model of all others, later ones too), classes in the same
    /// shares. Progress is reported as "fold 2 of 5". Cost: `folds` fits, each on `folds − 1` parts of the rows; a postprocessor that
    /// needs out-of-fold predictions multiplies each.
    ///
    /// # Errors
    /// When there is no target, there are not that many rows, groups or times, a fit fails, or the work is cancelled.
    #[doc(alias = "cross_val_score")]
    pub fn cross_validate<X>(&self, data: &Training<Frame>, folds: usize, context: &Context) -> Result<Vec<Scores>>
    where
        X: Clone,
        P: FitTransform<Frame> + Describe,
        P::Fitted: Transform<Frame, Output = X> + DynComponent,
        M: Fit<Training<X>> + Describe,
        M::Fitted: Predict<X> + DynComponent,
        <M::Fitted as Predict<X>>::Output: Into<Prediction>,
        O: Postprocess<Frame, Prediction> + Describe,
        O::Fitted: DynComponent + Transform<(Frame, Prediction), Output = Prediction>,
    {
        data.validate()?;
        let Some(target) = &data.target else {
            return Err(Error::data("cross-validation needs a target: without one there is nothing to be right about"));
        };
        let of_fold = |(i, fold): (usize, adflux_evaluation::splits::Fold)| {
            context.check()?;
            let context = context.labelled(&format!("fold {} of {folds}", i + 1));
            let fitted = self.fit_with(data.take(&fold.train), &context)?;
            let predicted = fitted.run(&data.x.take(&fold.test))?;
            let weights = data.weights.as_ref().map(|w| w.take(&fold.test));
            score(&target.take(&fold.test), &predicted, weights.as_ref().map(Array1::view))
        };
        folds_of(data, folds, self.seed)?.into_iter().enumerate().map(of_fold).collect()
    }
}

fn missing(column: &str, row: usize) -> Error {
    Error::cell(column, row, "the target is missing: drop the row, or fill the value")
}

/// A target column of numbers.
fn numbers(frame: &Frame, column: &str) -> Result<Array1<f64>> {
    let values = frame.numbers(column)?;
    match values.iter().position(|v| v.is_nan()) {
        Some(row) => Err(missing(column, row)),
        None => Ok(values.into()),
    }
}

fn weights_of(frame: &Frame) -> Result<Option<Array1<f64>>> {
    match frame.names_with(Role::Weight)[..] {
        [] => Ok(None),
        [name] => Ok(Some(frame.numbers(name)?.into())),
        [_, second, ..] => Err(Error::column(second, "a second column of the role Weight: choose one")),
    }
}

/// The levels of a column with their rows.
fn levels_of(frame: &Frame, column: &str) -> Result<Vec<(String, Vec<usize>)>> {
    let by_name = matches!(frame.kind_of(column)?, ColumnKind::Text | ColumnKind::Boolean);
    let Categories { codes, levels } = if by_name { frame.categories(column)? } else { ranges_of(frame, column)? };
    let mut rows_of = vec![Vec::new(); levels.len() + 1];
    codes.iter().enumerate().for_each(|(row, code)| rows_of[(*code as usize).min(levels.len())].push(row));
    let missing = rows_of.pop().unwrap_or_default();
    let mut all: Vec<(String, Vec<usize>)> = levels.iter().cloned().zip(rows_of).collect();
    if by_name {
        all.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    }
    if !missing.is_empty() {
        all.push((String::new(), missing));
    }
    Ok(all)
}

/// Numbers and times as levels by size: each value one, or quarters when there are many.
fn ranges_of(frame: &Frame, column: &str) -> Result<Categories> {
    const MOST_VALUES: usize = 10;
    const PARTS: usize = 4;
    let values = frame.numbers(column)?;
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    // The first value of every level.
    let mut starts = sorted.clone();
    starts.dedup();
    if starts.len() > MOST_VALUES {
        starts = (0..PARTS).map(|part| sorted[part * sorted.len() / PARTS]).collect();
        starts.dedup();
    }
    let code = |v: &f64| match v.is_nan() {
        true => Categories::MISSING,
        false => starts.partition_point(|start| start <= v) as u32 - 1,
    };
    let dates = if frame.kind_of(column)? == ColumnKind::Time { Some(frame.texts(column)?) } else { None };
    let text = |value: f64| match &dates {
        Some(dates) => values.iter().position(|v| *v == value).map_or_else(String::new, |row| dates[row].clone()),
        None => value.to_string(),
    };
    let name = |(level, start): (usize, &f64)| {
        let end = starts.get(level + 1).map_or(sorted.len(), |next| sorted.partition_point(|v| v < next));
        let last = sorted[end - 1];
        if last == *start { text(last) } else { format!("{} to {}", text(*start), text(last)) }
    };
    Ok(Categories { codes: values.iter().map(code).collect(), levels: starts.iter().enumerate().map(name).collect() })
}
