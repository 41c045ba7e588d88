//! Sums of derivatives by code, in fixed point.
//!
//! A row's two derivatives are rounded once to integers, 8 bytes together. Sums of integers are exact, so neither their
//! order nor the number of threads can change a bit, and what subtraction leaves of a parent is what counting would give.

use crate::tree::binning::{Binned, Codes, PANEL};
use std::ops::Range;

/// The first and second derivative of the loss of a row.
pub(super) type Derivatives = [f32; 2];

/// Derivatives in units of [`Units`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    first: i32,
    second: u32,
}

/// Sums over rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    first: i64,
    /// Σ of the second derivatives, and in the lowest bits the number of rows.
    second_and_rows: u64,
}

impl Sums {
    #[inline]
    fn of(pair: Pair, row_bits: u32) -> Self {
        Sums { first: i64::from(pair.first), second_and_rows: u64::from(pair.second) << row_bits | 1 }
    }

    #[inline]
    pub(super) fn add(&mut self, other: Sums) {
        self.first = self.first.wrapping_add(other.first);
        self.second_and_rows = self.second_and_rows.wrapping_add(other.second_and_rows);
    }

    #[inline]
    pub(super) fn less(self, other: Sums) -> Sums {
        Sums {
            first: self.first.wrapping_sub(other.first),
            second_and_rows: self.second_and_rows.wrapping_sub(other.second_and_rows),
        }
    }

    /// Whether no row was added.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.second_and_rows == 0
    }
}

/// What the integers stand for: powers of two, so that numbers that are few bits long stay exact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Units {
    first: f64,
    second: f64,
    /// One over the units.
    per_first: f64,
    per_second: f64,
    row_bits: u32,
}

/// Sums as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Totals {
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) rows: u64,
}

/// Bits of a rounded derivative, its sign aside.
const BITS: u32 = 30;

impl Units {
    /// Units for up to `rows` rows whose derivatives are at most `largest` in magnitude.
    ///
    /// Rows and second derivatives share 64 bits: 2 · log₂(rows) are for the rows and their sum, the rest for the precision
    /// of one derivative, which is 2⁻³⁰ of the largest up to 100,000 rows and 2⁻²² at a million.
    pub(super) fn new(rows: usize, largest: Derivatives) -> Self {
        let row_bits = usize::BITS - rows.leading_zeros();
        let second_bits = BITS.min(64_u32.saturating_sub(2 * row_bits)).max(1);
        let (first, second) = (unit(largest[0], BITS), unit(largest[1], second_bits));
        Units { first, second, per_first: first.recip(), per_second: second.recip(), row_bits }
    }

    #[inline]
    pub(super) fn pair(&self, [first, second]: Derivatives) -> Pair {
        let (first, second) = (f64::from(first) * self.per_first, f64::from(second) * self.per_second);
        // Rounded by adding a half: `round` is a call on processors without SSE 4.1.
        Pair { first: (first + 0.5_f64.copysign(first)) as i32, second: (second + 0.5) as u32 }
    }

    #[inline]
    pub(super) fn totals(&self, sums: Sums) -> Totals {
        Totals {
            first: sums.first as f64 * self.first,
            second: (sums.second_and_rows >> self.row_bits) as f64 * self.second,
            rows: self.rows(sums),
        }
    }

    #[inline]
    pub(super) fn rows(&self, sums: Sums) -> u64 {
        sums.second_and_rows & ((1 << self.row_bits) - 1)
    }

    pub(super) fn sum(&self, rows: &[u32], pairs: &[Pair]) -> Sums {
        let mut sums = Sums::default();
        rows.iter().for_each(|row| sums.add(Sums::of(pairs[*row as usize], self.row_bits)));
        sums
    }
}

/// The power of two of which `largest` is at most 2^`bits`.
fn unit(largest: f32, bits: u32) -> f64 {
    if largest > 0.0 { f64::from(largest).log2().ceil().exp2() / (1_u64 << bits) as f64 } else { 1.0 }
}

/// The most columns counted together: their cells fit into the first cache.
const TOGETHER: usize = 8;

/// Where the cells of each column lie in the histograms of a node, and which columns are counted together.
#[derive(Debug)]
pub(super) struct Layout {
    starts: Vec<usize>,
    pub(super) groups: Vec<Range<usize>>,
}

impl Layout {
    pub(super) fn new(data: &Binned) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for column in 0..data.width() {
            end += data.bins(column).codes();
            starts.push(end);
        }
        let mut groups = Vec::new();
        for first in (0..data.width()).step_by(PANEL) {
            let width = PANEL.min(data.width() - first);
            // An even number of groups of like size, for two threads or four.
            let count = width.div_ceil(TOGETHER).next_multiple_of(2).min(width);
            groups.extend((0..count).map(|i| first + width * i / count..first + width * (i + 1) / count));
        }
        Layout { starts, groups }
    }

    pub(super) fn cells(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The cells of a group among those of a node.
    pub(super) fn of_group(&self, group: &Range<usize>) -> Range<usize> {
        self.starts[group.start]..self.starts[group.end]
    }

    /// The cells of a column among those of its group.
    pub(super) fn of_column(&self, group: &Range<usize>, column: usize) -> Range<usize> {
        let first = self.starts[group.start];
        self.starts[column] - first..self.starts[column + 1] - first
    }

    /// Counts the rows of a node in the columns of a group.
    pub(super) fn count(
        &self,
        data: &Binned,
        group: &Range<usize>,
        rows: &[u32],
        pairs: &[Pair],
        units: &Units,
        to: &mut [Sums],
    ) {
        let codes = data.codes(group.start);
        let cells = match group.len() {
            1 => counted::<1>(codes, rows, pairs, units),
            2 => counted::<2>(codes, rows, pairs, units),
            3 => counted::<3>(codes, rows, pairs, units),
            4 => counted::<4>(codes, rows, pairs, units),
            5 => counted::<5>(codes, rows, pairs, units),
            6 => counted::<6>(codes, rows, pairs, units),
            7 => counted::<7>(codes, rows, pairs, units),
            _ => counted::<8>(codes, rows, pairs, units),
        };
        for (column, cells) in group.clone().zip(cells) {
            let to = &mut to[self.of_column(group, column)];
            let codes = to.len();
            to.copy_from_slice(&cells[..codes]);
        }
    }
}

/// The histograms of `W` columns. A cell for every possible code: no code needs to be checked against an end.
fn counted<const W: usize>(codes: Codes<'_>, rows: &[u32], pairs: &[Pair], units: &Units) -> Vec<[Sums; 256]> {
    let mut cells = vec![[Sums::default(); 256]; W];
    if let Some(cells) = cells.as_mut_slice().as_chunks_mut::<W>().0.first_mut() {
        for &row in rows {
            let sums = Sums::of(pairs[row as usize], units.row_bits);
            let Some(codes) = codes.of_row::<W>(row) else { continue };
            for (cells, code) in cells.iter_mut().zip(codes) {
                cells[*code as usize].add(sums);
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_numbers_and_subtraction_is_exact() {
        let derivatives: Vec<Derivatives> =
            (0..1000).map(|i| [(i as f32 * 0.7).sin() * 3.0, 0.25 / (1 + i) as f32]).collect();
        let units = Units::new(1000, [3.0, 0.25]);
        let pairs: Vec<Pair> = derivatives.iter().map(|d| units.pair(*d)).collect();
        let rows: Vec<u32> = (0..1000).collect();
        let (all, some, rest) =
            (units.sum(&rows, &pairs), units.sum(&rows[..300], &pairs), units.sum(&rows[300..], &pairs));
        assert_eq!(all.less(some), rest);
        let totals = units.totals(all);
        let exact = |i: usize| derivatives.iter().map(|d| f64::from(d[i])).sum::<f64>();
        adflux_testing::assert_close(totals.first, exact(0), 1e-5);
        adflux_testing::assert_close(totals.second, exact(1), 1e-6);
        assert_eq!(totals.rows, 1000);
    }

    #[test]
    fn a_million_rows_of_the_largest_derivatives_fit() {
        let units = Units::new(1_000_000, [1e9, 7.0]);
        let mut sums = Sums::default();
        (0..1_000_000).for_each(|_| sums.add(Sums::of(units.pair([-1e9, 7.0]), units.row_bits)));
        let totals = units.totals(sums);
        assert_eq!(totals.rows, 1_000_000);
        adflux_testing::assert_close(totals.first / -1e15, 1.0, 1e-6);
        adflux_testing::assert_close(totals.second / 7e6, 1.0, 1e-6);
    }
}
