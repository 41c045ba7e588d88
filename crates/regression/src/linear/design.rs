//! The table as the solvers see it: every column moved and scaled as it is read, never copied as a whole.

use super::passes::{block_sums, dot, row_dot};
use crate::table::{Numbers, Table};
use adflux_core::{Error, Features, Result};
use ndarray::ArrayView1;
use rayon::prelude::*;

/// Columns up to which the products of all pairs are made: 32 MiB of them.
pub(crate) const MOST_PRODUCTS: usize = 2048;

/// Rows that a guess is made from, and a sixteenth of those from which on it is made.
const SAMPLE: usize = 1024;

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
        let add = |to: &mut [f64], from: &[f64]| {
            for (j, (to, from)) in to.iter_mut().zip(from).enumerate() {
                *to = match j / width {
                    0 => *to + from,
                    1 => to.min(*from),
                    _ => to.max(*from),
                };
            }
        };
        let found = block_sums(table.rows(), 3 * width, |rows, to| look(&table, weights, rows, to), add);
        if found[..width].iter().any(|s| !s.is_finite()) {
            x.require_finite(step)?;
            return Err(overflow());
        }
        let total = weights.map_or(table.rows() as f64, |w| w.iter().sum());
        Ok(Design::about(table, &found, total, center))
    }

    /// As [`new`](Self::new), from some of the rows: for sums that come out right wherever the columns are moved to, if with fewer
    /// digits, and in which it shows. None for few rows, and for sparse blocks, which are not moved.
    ///
    /// # Errors
    /// When a block is neither dense nor sparse, and when there are no columns.
    pub(super) fn guessed(x: &'a Features, step: &str, weights: Option<&[f64]>, center: bool) -> Result<Option<Self>> {
        let table = Table::unchecked(x, step)?;
        if table.has_sparse() || table.rows() < 16 * SAMPLE {
            return Ok(None);
        }
        let sample = || (0..table.rows()).step_by(table.rows() / SAMPLE);
        let mut found = vec![0.0; 3 * table.width()];
        look(&table, weights, sample(), &mut found);
        let total: f64 = sample().map(|row| weights.map_or(1.0, |w| w[row])).sum();
        let sound = total > 0.0 && found.iter().all(|v| v.is_finite());
        Ok(sound.then(|| Design::about(table, &found, total, center)))
    }

    /// Moved to the means of dense columns if `center` says so, and scaled by the numbers farthest from 0.
    fn about(table: Table<'a>, found: &[f64], total: f64, center: bool) -> Self {
        let width = table.width();
        let (sums, ends) = found.split_at(width);
        let (least, most) = ends.split_at(width);
        let mut means = vec![0.0; width];
        for &(offset, numbers) in table.blocks().iter().filter(|_| center) {
            if let Numbers::Dense(x) = numbers {
                for j in offset..offset + x.ncols() {
                    // A column that does not move is moved to 0 exactly, and so left out by the solvers.
                    means[j] = if least[j] == most[j] { least[j] } else { sums[j] / total };
                }
            }
        }
        let peak = |(least, most): (&f64, &f64)| if least <= most { least.abs().max(most.abs()) } else { 0.0 };
        let scale = least.iter().zip(most).map(|ends| power_of_two_near(peak(ends)).recip()).collect();
        Design { table, center: means, scale }
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
    #[inline(always)]
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

/// Of each column the weighted sum, then the least number that stands there, then the largest.
fn look(table: &Table<'_>, weights: Option<&[f64]>, rows: impl Iterator<Item = usize>, to: &mut [f64]) {
    let width = table.width();
    let (sums, ends) = to.split_at_mut(width);
    let (least, most) = ends.split_at_mut(width);
    least.fill(f64::INFINITY);
    most.fill(f64::NEG_INFINITY);
    for row in rows {
        let weight = weights.map_or(1.0, |w| w[row]);
        each(table, row, |column, value| {
            sums[column] += weight * value;
            least[column] = least[column].min(value);
            most[column] = most[column].max(value);
        });
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
