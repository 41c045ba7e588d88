//! Passes over the rows of a table: scores, and sums over rows in fixed blocks that are added in order, so that the number of
//! threads changes no bit.

use super::design::each_of;
use crate::table::{Numbers, Table};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use std::ops::Range;

/// Rows that are added up together at least.
const BLOCK: usize = 4096;
/// Numbers that the sums of all blocks together may take: 256 MiB.
const HELD: usize = 1 << 25;

/// The rows of a block when each block has sums of `size` numbers. Neither the threads nor the machine count.
pub(crate) fn block_rows(rows: usize, size: usize) -> usize {
    let most = (HELD / size.max(1)).clamp(4, 64);
    rows.div_ceil(most).max(BLOCK)
}

/// `size` sums over the rows: what `of` adds up of each block, put together by `add` in order.
pub(crate) fn block_sums(
    rows: usize,
    size: usize,
    of: impl Fn(Range<usize>, &mut [f64]) + Sync,
    add: impl Fn(&mut [f64], &[f64]),
) -> Vec<f64> {
    let parts: Vec<Vec<f64>> = blocks(0..rows, size)
        .into_par_iter()
        .map(|block| {
            let mut sums = vec![0.0; size];
            of(block, &mut sums);
            sums
        })
        .collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_else(|| vec![0.0; size]);
    parts.for_each(|part| add(&mut total, &part));
    total
}

/// The blocks of `rows` for sums of `size` numbers.
pub(crate) fn blocks(rows: Range<usize>, size: usize) -> Vec<Range<usize>> {
    let step = block_rows(rows.len(), size);
    rows.clone().step_by(step).map(|start| start..(start + step).min(rows.end)).collect()
}

/// Adds every number of `from` to its place in `to`.
pub(crate) fn plus(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}

/// Adds `factor · from` to `to`.
pub(crate) fn axpy(factor: f64, from: &[f64], to: &mut [f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}

/// The sum of products, in eight running sums so that they go side by side.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
}

/// `x·b` of one row of the table. The same bits whatever rows are beside it.
pub(crate) fn row_dot(table: &Table<'_>, row: usize, b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for &(offset, numbers) in table.blocks() {
        sum += match numbers {
            Numbers::Dense(x) => {
                let (values, b) = (x.row(row), &b[offset..offset + x.ncols()]);
                match values.as_slice() {
                    Some(values) => dot(values, b),
                    None => dot(&values.to_vec(), b),
                }
            }
            Numbers::Sparse(x) => {
                x.outer_view(row).map_or(0.0, |stored| stored.iter().map(|(c, v)| v * b[offset + c]).sum())
            }
            Numbers::Codes(codes) => codes[row] * b[offset],
        };
    }
    sum
}

/// Adds `factor · x` of one row to `to`.
pub(crate) fn row_axpy(table: &Table<'_>, row: usize, factor: f64, to: &mut [f64]) {
    for &(offset, numbers) in table.blocks() {
        match numbers {
            Numbers::Dense(x) if let Some(values) = x.row(row).as_slice() => {
                axpy(factor, values, &mut to[offset..offset + values.len()]);
            }
            _ => each_of(numbers, row, |column, value| to[offset + column] += factor * value),
        }
    }
}

/// `x·bᵀ + intercepts`, rows × targets; a line of `b` for each target.
pub(crate) fn scores(table: &Table<'_>, b: ArrayView2<'_, f64>, intercepts: &[f64]) -> Array2<f64> {
    let targets = b.nrows();
    let b = b.as_standard_layout();
    let mut out = Array2::zeros((table.rows(), targets));
    let answer = |(block, to): (usize, &mut [f64])| {
        for (at, to) in to.chunks_exact_mut(targets).enumerate() {
            for ((to, b), intercept) in to.iter_mut().zip(b.rows()).zip(intercepts) {
                *to = row_dot(table, block * BLOCK + at, b.as_slice().unwrap_or_default()) + intercept;
            }
        }
    };
    if let Some(to) = out.as_slice_mut() {
        if table.rows() <= BLOCK {
            answer((0, to));
        } else {
            to.par_chunks_mut((BLOCK * targets).max(1)).enumerate().for_each(answer);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::{Block, Column, Features, Values};
    use ndarray::array;

    #[test]
    fn each_number_of_a_row_is_added_once_whatever_the_blocks() {
        let dense = |name: &str, x: Array2<f64>| Block::new(vec![Column::input(name)], Values::Dense(x)).unwrap();
        let sparse = sprs::CsMat::csr_from_dense(array![[0.0, 5.0], [7.0, 0.0]].view(), 0.0);
        let columns = vec![Column::input("b"), Column::input("c")];
        let blocks = vec![
            dense("a", array![[1.0], [2.0]]),
            Block::new(columns, Values::Sparse(sparse)).unwrap(),
            dense("d", array![[3.0], [4.0]]),
        ];
        let x = Features::new(2, blocks).unwrap();
        let table = Table::unchecked(&x, "test").unwrap();
        let mut sums = vec![1.0; 4];
        row_axpy(&table, 0, 2.0, &mut sums);
        assert_eq!(sums, [3.0, 1.0, 11.0, 7.0]);
        assert_eq!(row_dot(&table, 1, &[1.0, 10.0, 100.0, 1000.0]), 4072.0);
    }
}
