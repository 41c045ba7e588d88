//! Sums of leaves over the rows of a table: what forests and boosted trees predict with.

use super::{
    nodes::{Tree, add_leaves},
    packed::Packed,
};
use crate::table::Table;
use rayon::prelude::*;

/// Rows predicted by one task, less where they are wide.
const BLOCK: usize = 256;
/// Numbers gathered by one task where rows do not lie in memory one behind the other.
const GATHERED: usize = 1 << 16;
/// Rows × trees from which on the work is spread over threads: below, handing it out takes longer than doing it.
const WORTH_THREADS: usize = 1 << 14;
/// Rows from which on trees are packed.
const WORTH_PACKING: usize = 64;

/// The sums over trees of the leaves that each row falls into: rows × outputs.
pub(crate) fn sums_of_leaves(trees: &[Tree], table: &Table<'_>, outputs: usize) -> Vec<f64> {
    let mut sums = vec![0.0; table.rows() * outputs];
    let rows = if table.contiguous().is_some() { BLOCK } else { rows_together(table) };
    let packed: Vec<Option<Packed<'_>>> = match table.rows() {
        0..WORTH_PACKING => Vec::new(),
        rows => trees.iter().map(|tree| Packed::of(tree, rows)).collect(),
    };
    let block = |(i, to): (usize, &mut [f64])| {
        let width = table.width();
        let (start, rows) = (i * rows, to.len() / outputs);
        match table.contiguous() {
            Some(all) => add_block(trees, &packed, &all[start * width..(start + rows) * width], width, to),
            None => add_block(trees, &packed, &table.read_rows(start, rows), width, to),
        }
    };
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

/// Adds up over trees, in their order, as [`add_leaves`]; those that are packed by their steps.
fn add_block(trees: &[Tree], packed: &[Option<Packed<'_>>], rows: &[f64], width: usize, to: &mut [f64]) {
    if packed.iter().all(Option::is_none) {
        return add_leaves(trees, rows, width, to);
    }
    let some_missing = rows.iter().any(|value| value.is_nan());
    for (tree, packed) in trees.iter().zip(packed) {
        match packed {
            Some(packed) => packed.add_leaves(rows, width, some_missing, to),
            None => tree.add_leaves(rows, width, to),
        }
    }
}
