//! Features as one table of numbers: dense and sparse blocks side by side, read without making anything dense, and
//! categories as the codes of their levels.

use crate::levels::Coded;
use adflux_core::{Error, Features, Result, Values};
use ndarray::{Array2, ArrayView2};
use sprs::CsMat;

/// The numbers of a block.
#[derive(Clone, Copy)]
pub(crate) enum Numbers<'a> {
    Dense(&'a Array2<f64>),
    Sparse(&'a CsMat<f64>),
    /// One column.
    Codes(&'a [f64]),
}

/// The blocks of [`Features`] in order; the columns of a block start at its offset.
pub(crate) struct Table<'a> {
    rows: usize,
    width: usize,
    blocks: Vec<(usize, Numbers<'a>)>,
}

impl<'a> Table<'a> {
    /// A table without categorical blocks.
    #[cfg(test)]
    pub(crate) fn new(x: &'a Features, step: &str) -> Result<Self> {
        Table::unchecked(x, step)?.finite(x, step)
    }

    /// Takes dense blocks, where NaN is a missing value, sparse blocks, where what is not stored is zero, and categorical ones, whose
    /// levels are `coded`.
    ///
    /// # Errors
    /// When a block is none of them, when there is no column, and when a number is infinite (named by column and row).
    pub(crate) fn with_codes(x: &'a Features, coded: &'a Coded, step: &str) -> Result<Self> {
        Table::build(x, Some(coded), step)?.finite(x, step)
    }

    /// Dense and sparse blocks without a look at the numbers, for what finds in its sums that one is missing or infinite.
    ///
    /// # Errors
    /// When a block is neither dense nor sparse, and when there is no column.
    pub(crate) fn unchecked(x: &'a Features, step: &str) -> Result<Self> {
        Table::build(x, None, step)
    }

    fn finite(self, x: &Features, step: &str) -> Result<Self> {
        for (block, (_, numbers)) in x.blocks().iter().zip(&self.blocks) {
            let infinite = match numbers {
                Numbers::Dense(v) => first_infinite(v),
                Numbers::Sparse(v) => {
                    let found = v.data().iter().any(|v| v.is_infinite());
                    let cell = found.then(|| v.iter().find(|(v, _)| v.is_infinite())).flatten();
                    cell.map(|(_, cell)| cell)
                }
                Numbers::Codes(_) => None,
            };
            if let Some((row, column)) = infinite {
                let reason = format!("an infinite value, which `{step}` does not take: replace it, or make it missing");
                return Err(Error::cell(&block.columns()[column].name, row, reason));
            }
        }
        Ok(self)
    }

    fn build(x: &'a Features, coded: Option<&'a Coded>, step: &str) -> Result<Self> {
        let mut blocks = Vec::with_capacity(x.blocks().len());
        let mut width = 0;
        for block in x.blocks() {
            let numbers = match block.values() {
                Values::Dense(v) => Numbers::Dense(v),
                Values::Sparse(v) => Numbers::Sparse(v),
                _ => match coded.and_then(|coded| coded.column(width)) {
                    Some(codes) => Numbers::Codes(codes),
                    None => return Err(block.refused_by(step)),
                },
            };
            blocks.push((width, numbers));
            width += block.columns().len();
        }
        if width == 0 {
            return Err(Error::data(format!("`{step}` was given no features: choose at least one column")));
        }
        Ok(Table { rows: x.rows(), width, blocks })
    }

    /// One dense block.
    pub(crate) fn of(x: &'a Array2<f64>) -> Self {
        Table { rows: x.nrows(), width: x.ncols(), blocks: vec![(0, Numbers::Dense(x))] }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    pub(crate) fn blocks(&self) -> &[(usize, Numbers<'a>)] {
        &self.blocks
    }

    pub(crate) fn has_sparse(&self) -> bool {
        self.blocks.iter().any(|(_, numbers)| matches!(numbers, Numbers::Sparse(_)))
    }

    /// How many numbers stand in a row, on the average.
    pub(crate) fn stored_per_row(&self) -> f64 {
        let of = |numbers: &Numbers<'_>| match numbers {
            Numbers::Dense(x) => x.ncols() as f64,
            Numbers::Sparse(x) => x.nnz() as f64 / self.rows.max(1) as f64,
            Numbers::Codes(_) => 1.0,
        };
        self.blocks.iter().map(|(_, numbers)| of(numbers)).sum()
    }

    /// All numbers in row-major order, when they lie in memory like that already.
    pub(crate) fn contiguous(&self) -> Option<&'a [f64]> {
        match self.blocks[..] {
            [(0, Numbers::Dense(x))] => x.as_slice(),
            _ => None,
        }
    }

    /// The rows from `start`, one behind the other.
    pub(crate) fn read_rows(&self, start: usize, rows: usize) -> Vec<f64> {
        let mut buffer = vec![0.0; rows * self.width];
        for (i, row) in buffer.chunks_exact_mut(self.width).enumerate() {
            self.read_row(start + i, row);
        }
        buffer
    }

    /// One number.
    pub(crate) fn value(&self, row: usize, column: usize) -> f64 {
        let at = self.blocks.partition_point(|(offset, _)| *offset <= column);
        match at.checked_sub(1).map(|at| self.blocks[at]) {
            Some((offset, Numbers::Dense(x))) => x[[row, column - offset]],
            Some((offset, Numbers::Sparse(x))) => x.get(row, column - offset).copied().unwrap_or(0.0),
            Some((_, Numbers::Codes(codes))) => codes[row],
            None => f64::NAN,
        }
    }

    /// Writes `row` into `to`, which is as wide as the table.
    pub(crate) fn read_row(&self, row: usize, to: &mut [f64]) {
        for &(offset, numbers) in &self.blocks {
            match numbers {
                Numbers::Dense(x) => {
                    to[offset..offset + x.ncols()].iter_mut().zip(x.row(row)).for_each(|(to, from)| *to = *from);
                }
                Numbers::Sparse(x) => {
                    let to = &mut to[offset..offset + x.cols()];
                    to.fill(0.0);
                    if let Some(stored) = x.outer_view(row) {
                        stored.iter().for_each(|(column, value)| to[column] = *value);
                    }
                }
                Numbers::Codes(codes) => to[offset] = codes[row],
            }
        }
    }
}

fn first_infinite(x: &Array2<f64>) -> Option<(usize, usize)> {
    let any = match x.as_slice_memory_order() {
        Some(all) => all.iter().any(|v| v.is_infinite()),
        None => true,
    };
    let view: ArrayView2<f64> = x.view();
    any.then(|| view.indexed_iter().find(|(_, v)| v.is_infinite()).map(|(cell, _)| cell)).flatten()
}
