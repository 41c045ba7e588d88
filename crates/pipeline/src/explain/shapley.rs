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

use adflux_core::{
    Context, Error, Result, Rows as _,
    parameter::at_least_one,
    random::{Rng, stream},
};
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
        // For every order and its reverse, the background row that it starts from.
        let mut random_walks = Vec::with_capacity(self.permutations);
        for p in 0..self.permutations {
            let mut random = stream(self.seed, &[p as u64]);
            let order = shuffled(columns.len(), &mut random);
            random_walks.push((order, random.random_range(0..background.rows())));
        }
        let credits = credits(row, background, columns, &random_walks, predict)?;
        let mut contributions = Vec::with_capacity(columns.len());
        for (column, effect) in columns.iter().zip(credits.effects) {
            contributions.push(Contribution { column: column.clone(), value: shown(row, column, 0)?, effect });
        }
        contributions.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        Ok(Explanation { base: credits.base, prediction: credits.prediction, contributions })
    }
}

/// A cell as text; empty when missing.
pub(super) fn shown(frame: &Frame, column: &str, row: usize) -> Result<String> {
    let one = frame.select(&[column])?.take(&[row]);
    let value = match one.kind_of(column)? {
        ColumnKind::Number => one.numbers(column)?.first().filter(|v| !v.is_nan()).map(f64::to_string),
        _ => one.texts(column)?.first().cloned(),
    };
    Ok(value.unwrap_or_default())
}

fn in_floats(frame: &Frame) -> Result<Frame> {
    let mut out = frame.clone();
    for name in frame.names() {
        if frame.kind_of(name)? == ColumnKind::Number {
            out = out.with_columns_of(&Frame::builder().numbers(name, frame.numbers(name)?).build()?)?;
        }
    }
    Ok(out)
}

/// The numbers below `columns` in a random order.
pub(super) fn shuffled(columns: usize, random: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..columns).collect();
    order.shuffle(random);
    order
}

/// What walks from background rows to a row credit each column with, on the average.
pub(super) struct Credits {
    pub(super) base: f64,
    pub(super) prediction: f64,
    pub(super) effects: Vec<f64>,
}

/// Walks from background rows to the only row of `row`, each order there and, reversed, once more.
pub(super) fn credits(
    row: &Frame,
    background: &Frame,
    columns: &[String],
    orders: &[(Vec<usize>, usize)],
    predict: impl Fn(&Frame) -> Result<Vec<f64>>,
) -> Result<Credits> {
    let (own, others) = (row.select(columns)?, background.select(columns)?);
    // A column may be whole numbers in one table and not in the other.
    let both = own.stack(&others).or_else(|_| in_floats(&own)?.stack(&in_floats(&others)?))?;
    let width = columns.len();
    // For every walk, `width + 1` mixed rows: row `s` has the first `s` columns of the order from the row at hand.
    let walks: Vec<(Vec<usize>, usize)> = (orders.iter())
        .flat_map(|(order, from)| [(order.clone(), 1 + from), (order.iter().rev().copied().collect(), 1 + from)])
        .collect();
    let mut sources = vec![Vec::with_capacity(walks.len() * (width + 1)); width];
    for (order, from) in &walks {
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
    if predicted.len() != walks.len() * (width + 1) {
        return Err(Error::data("`predict` must give one number a row"));
    }

    let mut effects = vec![0.0; width];
    let (mut base, mut prediction) = (0.0, 0.0);
    for ((order, _), walk) in walks.iter().zip(predicted.chunks_exact(width + 1)) {
        for (step, &column) in walk.windows(2).zip(order) {
            effects[column] += step[1] - step[0];
        }
        base += walk[0];
        prediction += walk[width];
    }
    let walks = walks.len() as f64;
    effects.iter_mut().for_each(|effect| *effect /= walks);
    Ok(Credits { base: base / walks, prediction: prediction / walks, effects })
}
