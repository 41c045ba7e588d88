//! Which input columns moved a prediction: Shapley values by sampled permutations.
//!
//! A row's prediction differs from the average prediction over a background. Turn a background row into the row at hand
//! one column at a time, in a random order, and credit each column with the change it makes; the average over orders and
//! background rows is the column's Shapley value. The credits add up exactly to the row's prediction less the average over
//! the background rows that were used. It works on the columns of the frame, whatever the pipeline makes of them.
//!
//! Each order is also walked backwards (antithetic sampling), which takes out most of the variance. Cost: `2 · permutations
//! · (columns + 1)` rows, predicted in one batch.
//!
//! Štrumbelj & Kononenko (2014), *Explaining prediction models and individual predictions with feature contributions*;
//! Mitchell et al. (2022), *Sampling permutations for Shapley value estimation*.

use adflux_core::{Context, Error, Result, Rows as _, parameter::at_least_one, random::stream};
use adflux_data::{ColumnKind, Frame};
use rand::{RngExt as _, seq::SliceRandom as _};

/// How a prediction is explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapley {
    /// How many orders are sampled, each with a background row of its own. Default 64.
    pub permutations: usize,
    /// The seed. Default 42.
    pub seed: u64,
}

impl Default for Shapley {
    fn default() -> Self {
        Shapley { permutations: 64, seed: 42 }
    }
}

/// What one column adds to a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution {
    /// The input column.
    pub column: String,
    /// Its value in the row, as text; empty when missing.
    pub value: String,
    /// What it adds, in the unit of the prediction.
    pub effect: f64,
}

/// One explained prediction: `base` + all effects = `prediction`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The average prediction over the background rows that were used.
    pub base: f64,
    /// The prediction for the row.
    pub prediction: f64,
    /// All columns, the strongest first.
    pub contributions: Vec<Contribution>,
}

impl Shapley {
    /// Explains the only row of `row` against the rows of `background`. `predict` gives the one number to be explained for
    /// each row of a frame with `columns`.
    ///
    /// # Errors
    /// When `row` is not one row, `background` is empty, a column is missing, or `predict` fails.
    pub fn explain(
        &self,
        row: &Frame,
        background: &Frame,
        columns: &[String],
        predict: impl Fn(&Frame) -> Result<Vec<f64>>,
        context: &Context,
    ) -> Result<Explanation> {
        at_least_one("permutations", self.permutations)?;
        if row.rows() != 1 || background.rows() == 0 || columns.is_empty() {
            return Err(Error::data("an explanation needs one row, a background of at least one, and a column"));
        }
        context.check()?;
        let both = row.select(columns)?.stack(&background.select(columns)?)?;
        let width = columns.len();

        // For every walk, `width + 1` mixed rows: row `s` has the first `s` columns of the order from the row at hand.
        let mut orders = Vec::with_capacity(2 * self.permutations);
        for p in 0..self.permutations {
            let mut random = stream(self.seed, &[p as u64]);
            let mut order: Vec<usize> = (0..width).collect();
            order.shuffle(&mut random);
            let from = 1 + random.random_range(0..background.rows());
            let backwards = order.iter().rev().copied().collect();
            orders.push((order, from));
            orders.push((backwards, from));
        }
        let mut sources = vec![Vec::with_capacity(orders.len() * (width + 1)); width];
        for (order, from) in &orders {
            let mut place = vec![0; width];
            order.iter().enumerate().for_each(|(s, &column)| place[column] = s);
            for taken in 0..=width {
                for (column, source) in sources.iter_mut().enumerate() {
                    source.push(if place[column] < taken { 0 } else { *from });
                }
            }
        }
        let mut mixed: Option<Frame> = None;
        for (column, source) in columns.iter().zip(&sources) {
            let part = both.select(&[column])?.take(source);
            mixed = Some(match mixed {
                None => part,
                Some(frame) => frame.with_columns_of(&part)?,
            });
        }
        let predicted = predict(&mixed.unwrap_or_else(|| both.clone()))?;
        if predicted.len() != orders.len() * (width + 1) {
            return Err(Error::data("`predict` must give one number a row"));
        }

        let mut effects = vec![0.0; width];
        let (mut base, mut prediction) = (0.0, 0.0);
        for ((order, _), walk) in orders.iter().zip(predicted.chunks_exact(width + 1)) {
            for (step, &column) in walk.windows(2).zip(order) {
                effects[column] += step[1] - step[0];
            }
            base += walk[0];
            prediction += walk[width];
        }
        let walks = orders.len() as f64;
        let mut contributions = Vec::with_capacity(width);
        for (column, effect) in columns.iter().zip(effects) {
            let value = match row.kind_of(column)? {
                ColumnKind::Number => row.numbers(column)?.first().filter(|v| !v.is_nan()).map(f64::to_string),
                _ => row.texts(column)?.first().cloned(),
            };
            let value = value.unwrap_or_default();
            contributions.push(Contribution { column: column.clone(), value, effect: effect / walks });
        }
        contributions.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        Ok(Explanation { base: base / walks, prediction: prediction / walks, contributions })
    }
}
