//! The rows of a node, and how a split parts them.

use crate::tree::{binning::Codes, code_set::CodeSet};
use rayon::prelude::*;
use std::borrow::Cow;

/// The rows of a node, ascending: those that a tree learns from, and others that only go along to its leaves.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) own: Cow<'a, [u32]>,
    pub(super) others: Cow<'a, [u32]>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(own: &'a [u32], others: &'a [u32]) -> Self {
        Rows { own: Cow::Borrowed(own), others: Cow::Borrowed(others) }
    }

    /// The rows whose code is in the set, and the rest.
    pub(super) fn part(&self, codes: Codes<'_>, set: &CodeSet) -> (Rows<'a>, Rows<'a>) {
        let (left, right) = part(&self.own, codes, set);
        let (others_left, others_right) = part(&self.others, codes, set);
        (
            Rows { own: Cow::Owned(left), others: Cow::Owned(others_left) },
            Rows { own: Cow::Owned(right), others: Cow::Owned(others_right) },
        )
    }
}

/// The fewest rows that are worth a task of their own.
const ROWS: usize = 1 << 14;

/// Rows whose codes are looked up together.
const BLOCK: usize = 512;

/// How many of so many rows one task takes: all, when they are few.
pub(super) fn rows_a_task(rows: usize) -> usize {
    rows.div_ceil(2 * rayon::current_num_threads()).max(ROWS)
}

fn part(rows: &[u32], codes: Codes<'_>, set: &CodeSet) -> (Vec<u32>, Vec<u32>) {
    let task = rows_a_task(rows.len());
    let parts: Vec<(Vec<u32>, usize)> = if task >= rows.len() {
        vec![both_sides(rows, codes, set)]
    } else {
        rows.par_chunks(task).map(|rows| both_sides(rows, codes, set)).collect()
    };
    let on_left = parts.iter().map(|(_, left)| left).sum();
    let mut sides = (Vec::with_capacity(on_left), Vec::with_capacity(rows.len() - on_left));
    for (both, left) in &parts {
        sides.0.extend_from_slice(&both[..*left]);
        sides.1.extend(both[*left..].iter().rev());
    }
    sides
}

/// The rows of the left side, behind them those of the right side in descending order, and the number of the former.
fn both_sides(rows: &[u32], codes: Codes<'_>, set: &CodeSet) -> (Vec<u32>, usize) {
    let mut both = vec![0; rows.len()];
    let (mut left, mut right) = (0, rows.len());
    let mut found = [0; BLOCK];
    for rows in rows.chunks(BLOCK) {
        // On their own, so that the codes of many rows are on their way from memory at a time.
        found.iter_mut().zip(rows).for_each(|(found, row)| *found = codes.at(*row));
        for (&row, code) in rows.iter().zip(found) {
            let goes = (set[usize::from(code >> 6)] >> (code & 63) & 1) as usize;
            // Both are written and one is kept: which side a row goes to cannot be foreseen.
            both[left] = row;
            both[right - 1] = row;
            left += goes;
            right -= 1 - goes;
        }
    }
    (both, left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{table::Table, tree::binning::Binned};
    use adflux_core::{Context, Features};
    use ndarray::Array2;

    #[test]
    fn rows_keep_their_order_on_both_sides() {
        // Enough for several tasks, and no multiple of a block.
        let rows = 4 * ROWS + 77;
        let x = Array2::from_shape_fn((rows, 2), |(row, column)| (row * (column + 7919) % 250) as f64);
        let features = Features::from_dense(x, ["a", "b"]).unwrap();
        let context = Context::default().with_threads(2).unwrap();
        let data = Binned::new(&Table::new(&features, "test").unwrap(), &[], 255, &context).unwrap();
        let own: Vec<u32> = (0..rows as u32).filter(|row| row % 3 > 0).collect();
        let others: Vec<u32> = (0..rows as u32).filter(|row| row % 3 == 0).collect();
        let (codes, set) = (data.codes(1), [0x0123_4567_89ab_cdef, u64::MAX, 0, 3]);
        let (left, right) = context.run(|| Rows::new(&own, &others).part(codes, &set));
        let goes_left = |row: &u32| set[usize::from(codes.at(*row) >> 6)] >> (codes.at(*row) & 63) & 1 == 1;
        for (all, left, right) in [(&own, left.own, right.own), (&others, left.others, right.others)] {
            let (on_left, on_right): (Vec<u32>, Vec<u32>) = all.iter().partition(|row| goes_left(row));
            assert!(!on_left.is_empty() && !on_right.is_empty());
            assert_eq!((on_left, on_right), (left.into_owned(), right.into_owned()));
        }
    }
}
