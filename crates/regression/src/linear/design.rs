//! The table as the solvers see it: every column moved and scaled as it is read, never copied as a whole.

use super::passes::{block_sums, dot, row_dot};
use crate::table::{Numbers, Table};
use adflux_core::{Error, Features, Result};
use ndarray::ArrayView1;
use rayon::prelude::*;
use std::ops::Range;

/// Columns up to which the products of all pairs are made: 32 MiB of them.
pub(crate) const MOST_PRODUCTS: usize = 2048;

/// A table with what is taken off each column and what it is then multiplied with.
pub(crate) struct Design<'a> {
    pub(crate) table: Table<'a>,
    /// The weighted mean of the column, or 0: without an intercept, and where a block is sparse, so that zeros stay zeros.
    pub(crate) center: Vec<f64>,
    /// A power of two that brings the largest number of the column near 1, so that products neither overflow nor vanish and
    /// no bit is lost.
    pub(crate) scale: Vec<f64>,
}

impl<'a> Design<'a> {
    /// One pass over the data.
    ///
    /// # Errors
    /// When a block is neither dense nor sparse, there are no columns, a number is missing or infinite (named by column and
    /// row), or sums overflow.
    pub(crate) fn new(x: &'a Features, step: &str, weights: Option<&[f64]>, center: bool) -> Result<Self> {
        let table = Table::unchecked(x, step)?;
        let width = table.width();
        let spread = |rows: Range<usize>, to: &mut [f64]| {
            let (sums, peaks) = to.split_at_mut(width);
            for row in rows {
                let weight = weights.map_or(1.0, |w| w[row]);
                each(&table, row, |column, value| {
                    sums[column] += weight * value;
                    peaks[column] = peaks[column].max(value.abs());
                });
            }
        };
        let add = |to: &mut [f64], from: &[f64]| {
            let ((sums, peaks), (more, higher)) = (to.split_at_mut(width), from.split_at(width));
            sums.iter_mut().zip(more).for_each(|(s, m)| *s += m);
            peaks.iter_mut().zip(higher).for_each(|(p, h)| *p = p.max(*h));
        };
        let both = block_sums(table.rows(), 2 * width, spread, add);
        let (sums, peaks) = both.split_at(width);
        if sums.iter().any(|s| !s.is_finite()) {
            x.require_finite(step)?;
            return Err(overflow());
        }
        let total = weights.map_or(table.rows() as f64, |w| w.iter().sum());
        let mut means = vec![0.0; width];
        for &(offset, numbers) in table.blocks().iter().filter(|_| center) {
            if let Numbers::Dense(x) = numbers {
                (offset..offset + x.ncols()).for_each(|column| means[column] = sums[column] / total);
            }
        }
        let scale = peaks.iter().map(|peak| power_of_two_near(*peak).recip()).collect();
        Ok(Design { table, center: means, scale })
    }

    pub(crate) fn rows(&self) -> usize {
        self.table.rows()
    }

    pub(crate) fn width(&self) -> usize {
        self.table.width()
    }

    /// For solvers that know no other way than the products of all pairs of columns.
    ///
    /// # Errors
    /// When there are more than [`MOST_PRODUCTS`] columns.
    pub(crate) fn require_products(&self, step: &str) -> Result<()> {
        match self.width() {
            width if width > MOST_PRODUCTS => Err(Error::data(format!(
                "`{step}` takes {MOST_PRODUCTS} columns at most, not {width}: put a truncated-svd or a select-k-best before it"
            ))),
            _ => Ok(()),
        }
    }

    /// Writes a row into `to`, times `factor`.
    pub(crate) fn read(&self, row: usize, factor: f64, to: &mut [f64]) {
        let shifted = |from: f64, center: f64, scale: f64| (from - center) * scale * factor;
        match self.table.contiguous() {
            Some(all) => {
                let from = &all[row * self.width()..][..self.width()];
                for (((to, from), center), scale) in to.iter_mut().zip(from).zip(&self.center).zip(&self.scale) {
                    *to = shifted(*from, *center, *scale);
                }
            }
            None => {
                self.table.read_row(row, to);
                for ((to, center), scale) in to.iter_mut().zip(&self.center).zip(&self.scale) {
                    *to = shifted(*to, *center, *scale);
                }
            }
        }
    }

    /// The numbers that stand in a row, by column: those that are stored of sparse blocks, all of dense ones.
    pub(crate) fn stored(&self, row: usize, to: &mut Vec<(usize, f64)>) {
        to.clear();
        each(&self.table, row, |column, value| to.push((column, (value - self.center[column]) * self.scale[column])));
    }

    /// Coefficients of the moved and scaled columns in the units of the table, and what they add to the intercept.
    pub(crate) fn in_units(&self, scaled: &[f64]) -> (Vec<f64>, f64) {
        let coefficients: Vec<f64> = scaled.iter().zip(&self.scale).map(|(b, s)| b * s).collect();
        let shift = -dot(&coefficients, &self.center);
        (coefficients, shift)
    }

    /// What a line of the moved and scaled columns, the intercept behind its coefficients, gives each row.
    pub(crate) fn scores(&self, line: &[f64]) -> Vec<f64> {
        let width = self.width();
        let (b, shift) = self.in_units(&line[..width]);
        let constant = line[width] + shift;
        (0..self.rows()).into_par_iter().map(|row| row_dot(&self.table, row, &b) + constant).collect()
    }
}

/// Calls `with` on every number that stands in a row.
pub(crate) fn each(table: &Table<'_>, row: usize, mut with: impl FnMut(usize, f64)) {
    for &(offset, numbers) in table.blocks() {
        each_of(numbers, row, |column, value| with(offset + column, value));
    }
}

/// Calls `with` on every number that stands in a row of one block, with its column there.
pub(crate) fn each_of(numbers: Numbers<'_>, row: usize, mut with: impl FnMut(usize, f64)) {
    match numbers {
        Numbers::Dense(x) => {
            let values: ArrayView1<'_, f64> = x.row(row);
            match values.as_slice() {
                Some(values) => values.iter().enumerate().for_each(|(column, v)| with(column, *v)),
                None => values.iter().enumerate().for_each(|(column, v)| with(column, *v)),
            }
        }
        Numbers::Sparse(x) => {
            if let Some(stored) = x.outer_view(row) {
                stored.iter().for_each(|(column, value)| with(column, *value));
            }
        }
        Numbers::Codes(codes) => with(0, codes[row]),
    }
}

/// The largest power of two that is not above `value`; 1 for 0.
fn power_of_two_near(value: f64) -> f64 {
    if value == 0.0 { 1.0 } else { value.log2().floor().clamp(-1000.0, 1000.0).exp2() }
}

pub(crate) fn overflow() -> Error {
    Error::data("the products of the columns overflow: scale the columns first, with a standard-scaler")
}
