//! How good a fitted pipeline is: on later data, and on parts of it.

use crate::{FittedPipeline, fit::fingerprint, groups_of};
use adflux_core::{
    Categories, ClassTarget, Error, MultiTarget, Predict, Prediction, Result, Target, Training, Transform,
};
use adflux_data::{Frame, Role};
use adflux_evaluation::scores::{Scores, score, score_by};
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
    /// ([`Training::with_target_name`](adflux_core::Training::with_target_name)).
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

    /// What predictions for `frame` are held against: its [target](Self::target_of), and how much each row counts, of `weights`.
    ///
    /// Where predictions are for one unit of an exposure these are [rates](Training::into_rates) of weight · exposure. The exposure is the
    /// column of [`Role::Exposure`], or else the one that it was in training.
    ///
    /// # Errors
    /// As `target_of`; when the exposure is missing, or a row has a total without exposure.
    pub fn truth_of(&self, frame: &Frame, weights: Option<Array1<f64>>) -> Result<(Target, Option<Array1<f64>>)> {
        let target = self.target_of(frame)?;
        if !self.training.per_exposure {
            return Ok((target, weights));
        }
        let exposure = match (frame.names_with(Role::Exposure)[..].first(), &self.training.exposure_column) {
            (Some(given), _) => frame.numbers(given)?,
            (None, Some(column)) => frame.numbers(column)?,
            (None, None) => {
                return Err(Error::data(
                    "this pipeline predicts for one unit of an exposure, and does not know its column: give the column its role",
                ));
            }
        };
        let mut data = Training::new(()).with_target(target).with_exposure(exposure.into());
        data.weights = weights;
        truth_of(&data)
    }

    /// SHA-256 of the columns that it reads and the target, as [`TrainingRecord`](crate::TrainingRecord) keeps it of the rows that it
    /// learned from: whether it has seen a table.
    ///
    /// # Errors
    /// Listing all missing columns; naming a cell that is not of its kind.
    pub fn fingerprint_of(&self, frame: &Frame, truth: &Target) -> Result<String> {
        fingerprint(&frame.conform(&self.schema)?, &self.schema, Some(truth))
    }

    /// Predicts for `frame` and measures the predictions against its [truth](Self::truth_of). A column of [`Role::Weight`]
    /// says how much each row counts.
    ///
    /// # Errors
    /// As [`truth_of`](Self::truth_of), [`run`](Self::run) and [`score`].
    pub fn score<X>(&self, frame: &Frame) -> Result<Scores>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = Prediction>,
    {
        let (truth, weights) = self.truth_of(frame, weights_of(frame)?)?;
        score(&truth, &self.run(frame)?, weights.as_ref().map(Array1::view))
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
        let groups = groups_of(frame, &[column])?;
        let (truth, weights) = self.truth_of(frame, weights_of(frame)?)?;
        let predicted = self.run(frame)?;
        let all = score_by(&truth, &predicted, &groups, weights.as_ref().map(Array1::view))?;
        Ok(all.into_iter().map(|of| LevelScores { level: of.group, rows: of.rows, scores: of.scores }).collect())
    }
}

/// What predictions are held against, and how much each row counts: the target, or the rates of an exposure.
///
/// # Errors
/// When there is no target; as [`Training::into_rates`].
pub(crate) fn truth_of<X: Clone>(data: &Training<X>) -> Result<(Target, Option<Array1<f64>>)> {
    let Training { target, weights, .. } = data.clone().into_rates()?;
    let target = target.ok_or_else(|| Error::data("without a target there is nothing to be right about: give one"))?;
    Ok((target, weights))
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
