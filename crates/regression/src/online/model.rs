//! [`FittedFtrlClassifier`]: the fitted model, which goes on learning.

use super::{
    columns::KnownColumns,
    coordinates::{Coordinates, Rates},
    validation::ProgressiveValidation,
};
use crate::{probability::sigmoid, table::Table};
use adflux_core::{Classes, Column, Context, Error, Features, Predict, Result, Training, Values};
use ndarray::{Array1, Array2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) const KIND: &str = "ftrl-classifier";

/// Numbers, and numbers times weights, must not be larger, so that sums of their squares are finite.
const LARGEST: f64 = 1e70;
/// Rows between two looks at whether to go on.
const ROWS_BETWEEN_CHECKS: usize = 1 << 16;
/// Rows that are predicted together.
const BLOCK: usize = 4096;

/// A fitted [`FtrlClassifier`](crate::FtrlClassifier), which goes on learning from chunk after chunk. Saved and loaded it goes on to the
/// same bits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct FittedFtrlClassifier {
    columns: KnownColumns,
    labels: Arc<[String]>,
    coordinates: Coordinates,
    progressive: ProgressiveValidation,
}
adflux_core::component!(FittedFtrlClassifier, "ftrl-classifier", version = 1);

#[derive(Serialize, Deserialize)]
struct Saved {
    columns: KnownColumns,
    labels: Vec<String>,
    rates: Rates,
    /// Columns × (z, √n); the intercept behind the columns.
    #[serde(with = "adflux_core::arrays")]
    states: Array2<f64>,
    fit_intercept: bool,
    progressive: ProgressiveValidation,
}

impl From<FittedFtrlClassifier> for Saved {
    fn from(model: FittedFtrlClassifier) -> Self {
        let Coordinates { rates, mut states, intercept } = model.coordinates;
        states.extend(intercept);
        Saved {
            columns: model.columns,
            labels: model.labels.to_vec(),
            rates,
            states: states.into(),
            fit_intercept: intercept.is_some(),
            progressive: model.progressive,
        }
    }
}

impl TryFrom<Saved> for FittedFtrlClassifier {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let Rates { alpha, beta, l1, l2 } = saved.rates;
        let rates = [alpha, beta].iter().all(|v| v.is_finite() && *v > 0.0)
            && [l1, l2].iter().all(|v| v.is_finite() && *v >= 0.0);
        let fits = saved.labels.len() == 2
            && saved.states.dim() == (saved.columns.len() + usize::from(saved.fit_intercept), 2)
            && saved.states.rows().into_iter().all(|s| s[0].is_finite() && s[1].is_finite() && s[1] >= 0.0);
        if !rates || !fits {
            return Err("what it has learned does not fit the columns".into());
        }
        let mut states: Vec<[f64; 2]> = saved.states.rows().into_iter().map(|s| [s[0], s[1]]).collect();
        let intercept = if saved.fit_intercept { states.pop() } else { None };
        Ok(FittedFtrlClassifier {
            columns: saved.columns,
            labels: saved.labels.into(),
            coordinates: Coordinates { rates: saved.rates, states, intercept },
            progressive: saved.progressive,
        })
    }
}

impl FittedFtrlClassifier {
    /// A model of the columns and labels of `data` that has seen no row.
    pub(super) fn unseen(rates: Rates, fit_intercept: bool, data: &Training<Features>) -> Result<Self> {
        data.validate()?;
        let labels = data.classes(KIND)?.labels.clone();
        if labels.len() != 2 {
            let reason = match labels.len() {
                0 | 1 => "give both labels with the target, also where the rows have one only",
                _ => "use a logistic-regression for more",
            };
            return Err(Error::column("target", format!("{} classes, and `{KIND}` takes two: {reason}", labels.len())));
        }
        let columns = KnownColumns::of(&data.x);
        let coordinates = Coordinates::new(rates, columns.len(), fit_intercept);
        Ok(FittedFtrlClassifier { columns, labels, coordinates, progressive: ProgressiveValidation::default() })
    }

    /// Learns from one more chunk, row by row, and says how well its rows were predicted before they were learned from.
    ///
    /// # Errors
    /// When the chunk has other columns than the first, a label that is none of the two, no row of weight above 0, or is otherwise not
    /// as `fit` takes it, or the work is cancelled; the model is then as it was, so a cancellation is looked at before the chunk and not
    /// within it.
    pub fn update(&mut self, chunk: Training<Features>, context: &Context) -> Result<ProgressiveValidation> {
        context.check()?;
        self.learn(&chunk, &Context::default())
    }

    /// Learns from rows; where it is cancelled it has learned from some.
    pub(super) fn learn(&mut self, chunk: &Training<Features>, context: &Context) -> Result<ProgressiveValidation> {
        chunk.validate()?;
        self.columns.check(&chunk.x, KIND)?;
        let positive = self.positive(chunk)?;
        let weights = chunk.weights.as_ref();
        let largest = weights.map_or(1.0, |w| w.iter().copied().fold(1.0, f64::max));
        let table = moderate(&chunk.x, LARGEST / largest)?;
        let mut of_chunk = ProgressiveValidation::default();
        let mut held = Vec::new();
        for (row, positive) in positive.enumerate() {
            if row % ROWS_BETWEEN_CHECKS == 0 {
                context.check()?;
                context.report("rows learned from", row as u64, Some(chunk.x.rows() as u64));
            }
            let weight = weights.map_or(1.0, |w| w[row]);
            if weight > 0.0 {
                let score = self.coordinates.learn(&table, row, positive, weight, &mut held);
                of_chunk.note(score, positive, weight);
            }
        }
        self.progressive.add(&of_chunk);
        Ok(of_chunk)
    }

    /// Whether each row is of the second class, whatever the order of the labels there.
    fn positive<'a>(&self, chunk: &'a Training<Features>) -> Result<impl Iterator<Item = bool> + use<'a>> {
        let target = chunk.classes(KIND)?;
        let place = |label: &String| self.labels.iter().position(|known| known == label);
        let places: Vec<Option<usize>> = target.labels.iter().map(place).collect();
        if let Some(row) = target.codes.iter().position(|code| places[*code as usize].is_none()) {
            let label = &target.labels[target.codes[row] as usize];
            let [first, second] = [&self.labels[0], &self.labels[1]];
            return Err(Error::cell("target", row, format!("`{label}` is neither `{first}` nor `{second}`")));
        }
        Ok(target.codes.iter().map(move |code| places[*code as usize] == Some(1)))
    }

    pub(super) fn validate_as(&mut self, progressive: ProgressiveValidation) {
        self.progressive = progressive;
    }

    /// How good the predictions of all rows so far were, each made before the row was learned from; of a fit of several epochs, in the
    /// first.
    pub fn progressive(&self) -> &ProgressiveValidation {
        &self.progressive
    }

    /// Both labels; probabilities and coefficients are of the second.
    pub fn classes(&self) -> &Arc<[String]> {
        &self.labels
    }

    /// The columns, in the order of the coefficients.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter()
    }

    /// By how much each column raises the logarithm of the odds, in the order of the columns. O(columns).
    pub fn coefficients(&self) -> Array1<f64> {
        self.coordinates.coefficients().collect()
    }

    /// The logarithm of the odds of a row of zeros.
    pub fn intercept(&self) -> f64 {
        self.coordinates.intercept()
    }

    /// The logarithm of the odds of the second class for each row.
    ///
    /// # Errors
    /// As [`predict`](Predict::predict).
    pub fn decision_function(&self, x: &Features) -> Result<Array1<f64>> {
        self.columns.check(x, KIND)?;
        let table = Table::unchecked(x, KIND)?;
        let scores: Vec<f64> =
            (0..x.rows()).into_par_iter().with_min_len(BLOCK).map(|row| self.coordinates.score(&table, row)).collect();
        match scores.iter().position(|score| !score.is_finite()) {
            None => Ok(scores.into()),
            Some(row) => {
                x.require_finite(KIND)?;
                let reason =
                    format!("row {}: the prediction of `{KIND}` overflows: the numbers are too large", row + 1);
                Err(Error::data(reason))
            }
        }
    }
}

/// The table of numbers that are finite and at most `largest`.
///
/// # Errors
/// Naming column and row.
fn moderate(x: &Features, largest: f64) -> Result<Table<'_>> {
    let table = Table::unchecked(x, KIND)?;
    let fits = |v: &f64| v.abs() <= largest;
    for block in x.blocks() {
        let (all, found) = match block.values() {
            Values::Sparse(x) => (x.data().iter().all(fits), None),
            Values::Dense(x) => match x.as_slice_memory_order() {
                Some(numbers) => (numbers.iter().all(fits), Some(x)),
                None => (x.iter().all(fits), Some(x)),
            },
            _ => (true, None),
        };
        if !all {
            x.require_finite(KIND)?;
            let cell = found.and_then(|x| x.indexed_iter().find(|(_, v)| !fits(v)).map(|(cell, _)| cell));
            let place = cell.map_or_else(String::new, |(row, column)| {
                format!("column `{}`, row {}: ", block.columns()[column].name, row + 1)
            });
            let reason = "a number is too large to be squared: put a standard-scaler before it";
            return Err(Error::data(format!("{place}`{KIND}`: {reason}")));
        }
    }
    Ok(table)
}

impl Predict<Features> for FittedFtrlClassifier {
    type Output = Classes;

    /// # Errors
    /// When `x` has other columns than the fit, a block that is neither dense nor sparse, or a number that is missing or infinite, or
    /// numbers so large that the score overflows.
    fn predict(&self, x: &Features) -> Result<Classes> {
        let scores = self.decision_function(x)?;
        let mut probabilities = Array2::zeros((scores.len(), 2));
        for (score, mut to) in scores.iter().zip(probabilities.rows_mut()) {
            (to[0], to[1]) = (sigmoid(-score), sigmoid(*score));
        }
        Ok(Classes { labels: self.labels.clone(), probabilities })
    }
}
