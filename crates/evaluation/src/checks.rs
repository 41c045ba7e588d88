//! What every measure checks of its input, and how it sums.

use adflux_core::{Error, Result};
use ndarray::{ArrayView1, s};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that are summed by one piece of work: fixed, so that a sum has the same bits whatever the number of threads.
const BLOCK: usize = 8192;

/// More bins than this say nothing more of any file.
pub(crate) const MOST_BINS: usize = 1_000_000;

/// What there is to say of each block of rows, in their order, on all threads.
fn blocks<T: Send>(rows: usize, of_block: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let range = |block: usize| block * BLOCK..rows.min((block + 1) * BLOCK);
    match rows.div_ceil(BLOCK) {
        // Not worth a thread, nor a pool.
        0 | 1 => vec![of_block(0..rows)],
        count => (0..count).into_par_iter().map(|block| of_block(range(block))).collect(),
    }
}

/// The first row whose number is not `allowed`.
pub(crate) fn first_not(values: ArrayView1<f64>, allowed: impl Fn(f64) -> bool + Sync) -> Option<usize> {
    // All of a block and only then which: the first loop needs no branch.
    let of_block = |range: Range<usize>| {
        let block = values.slice(s![range.clone()]);
        let all = block.iter().fold(true, |all, value| all & allowed(*value));
        if all { None } else { block.iter().position(|value| !allowed(*value)).map(|row| range.start + row) }
    };
    blocks(values.len(), of_block).into_iter().flatten().next()
}

/// Some rows, and as many of `name` as of the truth.
pub(crate) fn same_length(rows: usize, name: &str, len: usize) -> Result<()> {
    if rows == 0 {
        return Err(Error::data("there are no rows to measure"));
    }
    if len != rows {
        return Err(Error::data(format!("{name} of {len} rows beside {rows} rows")));
    }
    Ok(())
}

pub(crate) fn finite(name: &str, values: ArrayView1<f64>) -> Result<()> {
    match first_not(values, f64::is_finite) {
        Some(row) => Err(Error::cell(name, row, "missing or infinite: drop the row, or fill the value")),
        None => Ok(()),
    }
}

/// Probabilities: numbers from 0 to 1.
pub(crate) fn probabilities(values: ArrayView1<f64>) -> Result<()> {
    match first_not(values, |p| (0.0..=1.0).contains(&p)) {
        Some(row) => Err(not_a_probability(row, values[row])),
        None => Ok(()),
    }
}

pub(crate) fn not_a_probability(row: usize, value: f64) -> Error {
    Error::cell("probability", row, format!("{value} does not lie between 0 and 1"))
}

/// The sums over all rows of some numbers of each, in fixed blocks on all threads.
pub(crate) fn sums<const N: usize>(rows: usize, of_row: impl Fn(usize) -> [f64; N] + Sync) -> [f64; N] {
    blocks(rows, |range| range.map(&of_row).fold([0.0; N], plus)).into_iter().fold([0.0; N], plus)
}

fn plus<const N: usize>(mut sums: [f64; N], values: [f64; N]) -> [f64; N] {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    sums
}

/// Row weights that have been checked: finite, not negative, not all zero. Without weights every row counts 1.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a>(Option<ArrayView1<'a, f64>>);

impl<'a> Weights<'a> {
    pub(crate) fn new(rows: usize, weights: Option<ArrayView1<'a, f64>>) -> Result<Self> {
        if let Some(weights) = weights {
            same_length(rows, "weights", weights.len())?;
            if let Some(row) = first_not(weights, |w| w.is_finite() && w >= 0.0) {
                return Err(Error::cell(
                    "weights",
                    row,
                    format!("{}: must be a finite number, 0 or more", weights[row]),
                ));
            }
            if weights.iter().all(|w| *w == 0.0) {
                return Err(Error::column("weights", "all are zero: nothing is left to measure"));
            }
        }
        Ok(Weights(weights))
    }

    pub(crate) fn get(&self, row: usize) -> f64 {
        self.0.map_or(1.0, |w| w[row])
    }

    /// The weights, when there are some.
    pub(crate) fn given(&self) -> Option<ArrayView1<'a, f64>> {
        self.0
    }

    /// How many of `rows` rows have a weight above 0.
    pub(crate) fn counted(&self, rows: usize) -> usize {
        let Some(weights) = self.0 else { return rows };
        blocks(rows, |range| weights.slice(s![range]).iter().filter(|w| **w > 0.0).count()).into_iter().sum()
    }

    /// Whether the values of all rows of a weight above 0 are the same. Compared as they are: of a constant that has no exact form
    /// in binary, a variance is not 0 but what rounding leaves.
    pub(crate) fn constant(&self, rows: usize, of_row: impl Fn(usize) -> f64) -> bool {
        let mut values = (0..rows).filter(|row| self.get(*row) > 0.0).map(of_row);
        let first = values.next();
        values.all(|value| Some(value) == first)
    }

    /// The weighted sums of some numbers of each row, and the sum of the weights. A row of weight 0 takes no part, not even
    /// when its loss is infinite.
    pub(crate) fn sums<const N: usize>(
        &self,
        rows: usize,
        of_row: impl Fn(usize) -> [f64; N] + Sync,
    ) -> ([f64; N], f64) {
        match self.0 {
            None => (sums(rows, of_row), rows as f64),
            Some(weights) => {
                let add = |(sums, total): ([f64; N], f64), (values, weight): ([f64; N], f64)| {
                    (plus(sums, values), total + weight)
                };
                let weighted = |row: usize| match weights[row] {
                    weight if weight > 0.0 => (of_row(row).map(|value| weight * value), weight),
                    _ => ([0.0; N], 0.0),
                };
                let start = ([0.0; N], 0.0);
                blocks(rows, |range| range.map(weighted).fold(start, add)).into_iter().fold(start, add)
            }
        }
    }

    /// The weighted mean of a number for each of `rows` rows.
    pub(crate) fn mean_of(&self, rows: usize, of_row: impl Fn(usize) -> f64 + Sync) -> f64 {
        let ([sum], total) = self.sums(rows, |row| [of_row(row)]);
        sum / total
    }

    /// The weighted mean of a number for each row.
    pub(crate) fn mean(&self, values: impl Iterator<Item = f64>) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (row, value) in values.enumerate() {
            let weight = self.get(row);
            // A row of weight 0 takes no part, not even when its loss is infinite.
            if weight > 0.0 {
                sum += weight * value;
                total += weight;
            }
        }
        sum / total
    }
}

/// `part` of `whole`, or 0 of nothing: scikit-learn's `zero_division=0`.
pub(crate) fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}

/// Codes as 0, 1, … in the order of the codes, and how many there are.
pub(crate) fn dense_codes(codes: &[u32]) -> (Vec<usize>, usize) {
    let mut levels = codes.to_vec();
    levels.sort_unstable();
    levels.dedup();
    let dense = codes.iter().map(|code| levels.binary_search(code).unwrap_or_default()).collect();
    (dense, levels.len())
}
