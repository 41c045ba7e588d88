//! Sums of leaves over the rows of a table: what forests and boosted trees predict with.

use super::nodes::{Tree, add_leaves};
use crate::table::Table;
use rayon::prelude::*;

/// Rows predicted by one task, less where they are wide.
const BLOCK: usize = 256;
/// Numbers gathered by one task where rows do not lie in memory one behind the other.
const GATHERED: usize = 1 << 16;
/// Rows × trees from which on the work is spread over threads: below, handing it out takes longer than doing it.
const WORTH_THREADS: usize = 1 << 14;

/// The sums over trees of the leaves that each row falls into: rows × outputs.
pub(crate) fn sums_of_leaves(trees: &[Tree], table: &Table<'_>, outputs: usize) -> Vec<f64> {
    let mut sums = vec![0.0; table.rows() * outputs];
    let rows = if table.contiguous().is_some() { BLOCK } else { rows_together(table) };
    let block = |(i, to): (usize, &mut [f64])| add_block(trees, table, i * rows, outputs, to);
    if table.rows() > rows && table.rows() * trees.len() >= WORTH_THREADS {
        sums.par_chunks_mut(rows * outputs).enumerate().for_each(block);
    } else {
        sums.chunks_mut(rows * outputs).enumerate().for_each(block);
    }
    sums
}

/// How many rows one task gathers.
pub(crate) fn rows_together(table: &Table<'_>) -> usize {
    (GATHERED / table.width()).clamp(1, BLOCK)
}

/// Adds to the rows from `start` that fill `to`.
fn add_block(trees: &[Tree], table: &Table<'_>, start: usize, outputs: usize, to: &mut [f64]) {
    let width = table.width();
    let rows = to.len() / outputs;
    match table.contiguous() {
        Some(all) => add_leaves(trees, &all[start * width..(start + rows) * width], width, to),
        None => add_leaves(trees, &table.read_rows(start, rows), width, to),
    }
}
