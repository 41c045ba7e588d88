//! Sums of derivatives by code, in fixed point.
//!
//! A row's two derivatives are rounded once to integers, 8 bytes together. Sums of integers are exact, so neither their
//! order nor the number of threads can change a bit, and what subtraction leaves of a parent is what counting would give.

use super::rows::rows_a_task;
use crate::tree::binning::{Binned, Codes, PANEL};
use rayon::prelude::*;
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
    pub(super) fn plus(mut self, other: Sums) -> Sums {
        self.add(other);
        self
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
    /// Units for up to `rows` rows whose derivatives are at most `largest` in magnitude, the second ones summing to `total`,
    /// which is asked for where that matters.
    ///
    /// Rows and second derivatives share 64 bits. The unit of the second is 2⁻³⁰ of the largest up to 131,071 rows. Beyond, it is
    /// what leaves room for the sum, about 2⁻²⁴ of the mean at a million rows, where that is not finer still.
    pub(super) fn new(rows: usize, largest: Derivatives, total: impl FnOnce() -> f64) -> Self {
        let row_bits = usize::BITS - rows.leading_zeros();
        let sum_bits = 64_u32.saturating_sub(row_bits).max(2);
        let of_each = sum_bits.saturating_sub(row_bits).max(1);
        let [largest_first, largest_second] = largest.map(f64::from);
        let first = unit(largest_first, BITS);
        let mut second = unit(largest_second, BITS);
        if of_each < BITS {
            // Half of the room is left for what rounding adds.
            let of_sum = unit(total(), sum_bits - 1);
            second = second.max(of_sum).min(unit(largest_second, of_each));
        }
        Units { first, second, per_first: first.recip(), per_second: second.recip(), row_bits }
    }

    #[inline]
    pub(super) fn pair(&self, [first, second]: Derivatives) -> Pair {
        // Of a number beside 2⁵² + 2⁵¹ the last bits are the nearest integer.
        let rounded = |number: f64| (number + 1.5 * (1_u64 << 52) as f64).to_bits() as u32;
        let (first, second) = (f64::from(first) * self.per_first, f64::from(second) * self.per_second);
        // What is there is not rounded to nothing: beside a row of a huge weight, splits of all others would be refused.
        let least = u32::from(second > 0.0);
        Pair { first: rounded(first) as i32, second: rounded(second).max(least) }
    }

    /// What a 1 stands for, of the first and of the second derivatives.
    pub(super) fn sizes(&self) -> (f64, f64) {
        (self.first, self.second)
    }

    /// Sums in units.
    #[inline]
    pub(super) fn counted(&self, sums: Sums) -> (f64, f64) {
        // As a signed number, which processors turn into a float in one step.
        (sums.first as f64, (sums.second_and_rows >> self.row_bits) as i64 as f64)
    }

    /// The same of numbers of rows whose sums stay below 2⁵¹, in steps that are taken for several at a time.
    #[inline]
    pub(super) fn counted_few(&self, sums: Sums) -> (f64, f64) {
        // Beside 2⁵² + 2⁵¹ the last bits of a float are an integer.
        const BESIDE: f64 = 1.5 * (1_u64 << 52) as f64;
        let float = |integer: u64| f64::from_bits(integer.wrapping_add(BESIDE.to_bits())) - BESIDE;
        (float(sums.first as u64), float(sums.second_and_rows >> self.row_bits))
    }

    #[inline]
    pub(super) fn totals(&self, sums: Sums) -> Totals {
        let (first, second) = self.counted(sums);
        Totals { first: first * self.first, second: second * self.second, rows: self.rows(sums) }
    }

    #[inline]
    pub(super) fn rows(&self, sums: Sums) -> u64 {
        sums.second_and_rows & ((1 << self.row_bits) - 1)
    }

    pub(super) fn sum(&self, rows: &[u32], pairs: &[Pair]) -> Sums {
        let of_task = |rows: &[u32]| {
            let mut sums = Sums::default();
            rows.iter().for_each(|row| sums.add(Sums::of(pairs[*row as usize], self.row_bits)));
            sums
        };
        rows.par_chunks(rows_a_task(rows.len())).map(of_task).reduce(Sums::default, Sums::plus)
    }
}

/// The power of two of which `largest` is at most 2^`bits`.
fn unit(largest: f64, bits: u32) -> f64 {
    if largest > 0.0 { largest.log2().ceil().exp2() / (1_u64 << bits) as f64 } else { 1.0 }
}

/// The most columns counted together: their cells fit into the first cache.
const TOGETHER: usize = 8;
/// Rows whose derivatives and codes stay in cache while all columns of a panel are counted: each is fetched from memory once.
const BLOCK: usize = 512;

/// Columns whose codes lie side by side in memory.
#[derive(Debug)]
pub(super) struct Panel {
    pub(super) columns: Range<usize>,
    /// Columns counted together, from the first of the panel on.
    groups: Vec<Range<usize>>,
}

impl Panel {
    fn new(columns: Range<usize>) -> Self {
        let (width, count) = (columns.len(), columns.len().div_ceil(TOGETHER));
        Panel { columns, groups: (0..count).map(|i| width * i / count..width * (i + 1) / count).collect() }
    }
}

/// Bytes of a panel up to which it is cut into pieces, one for each thread: from the second cache, threads do not fetch the
/// lines of a row twice.
const IN_CACHE: usize = 1 << 20;

/// Where the cells of each column lie in the histograms of a node.
#[derive(Debug)]
pub(super) struct Layout {
    starts: Vec<usize>,
    pub(super) panels: Vec<Panel>,
}

impl Layout {
    pub(super) fn new(data: &Binned) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        for column in 0..data.width() {
            end += data.bins(column).codes();
            starts.push(end);
        }
        let pieces = |first: usize| {
            let width = PANEL.min(data.width() - first);
            let count = match data.codes(first).bytes() {
                0..IN_CACHE => rayon::current_num_threads().min(width / TOGETHER).max(1),
                _ => 1,
            };
            (0..count).map(move |i| Panel::new(first + width * i / count..first + width * (i + 1) / count))
        };
        Layout { starts, panels: (0..data.width()).step_by(PANEL).flat_map(pieces).collect() }
    }

    pub(super) fn cells(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// The cells of a panel among those of a node.
    pub(super) fn of_panel(&self, panel: &Panel) -> Range<usize> {
        self.starts[panel.columns.start]..self.starts[panel.columns.end]
    }

    /// The cells of a column among those of its panel.
    pub(super) fn of_column(&self, panel: &Panel, column: usize) -> Range<usize> {
        let first = self.starts[panel.columns.start];
        self.starts[column] - first..self.starts[column + 1] - first
    }

    /// Counts the rows of a node in the columns of a panel. Many rows are shared out between threads: sums of integers are the
    /// same in any order.
    pub(super) fn count(
        &self,
        data: &Binned,
        panel: &Panel,
        rows: &[u32],
        pairs: &[Pair],
        units: &Units,
        to: &mut [Sums],
    ) {
        let codes = data.codes(panel.columns.start);
        let task = rows_a_task(rows.len());
        let cells = if task >= rows.len() {
            counted(codes, panel, rows, pairs, units)
        } else {
            let of_tasks = rows.par_chunks(task).map(|rows| counted(codes, panel, rows, pairs, units));
            of_tasks.reduce_with(together).unwrap_or_default()
        };
        for (column, cells) in panel.columns.clone().zip(&cells) {
            let to = &mut to[self.of_column(panel, column)];
            let codes = to.len();
            to.copy_from_slice(&cells[..codes]);
        }
    }
}

/// The cells of a column, one for every possible code: no code needs to be checked against an end.
type Cells = [Sums; 256];

fn together(mut a: Vec<Cells>, b: Vec<Cells>) -> Vec<Cells> {
    a.as_flattened_mut().iter_mut().zip(b.as_flattened()).for_each(|(a, b)| a.add(*b));
    a
}

/// The histograms of the columns of a panel.
fn counted(codes: Codes<'_>, panel: &Panel, rows: &[u32], pairs: &[Pair], units: &Units) -> Vec<Cells> {
    let mut cells = vec![[Sums::default(); 256]; panel.columns.len()];
    let mut sums = [Sums::default(); BLOCK];
    for rows in rows.chunks(BLOCK) {
        let (last, mut touched) = (codes.behind(panel.columns.len() - 1), 0);
        for (to, row) in sums.iter_mut().zip(rows) {
            *to = Sums::of(pairs[*row as usize], units.row_bits);
            touched ^= codes.at(*row) ^ last.at(*row);
        }
        // The codes are on their way from memory, many rows at a time: counting would wait for a few.
        std::hint::black_box(touched);
        for group in &panel.groups {
            let (codes, cells) = (codes.behind(group.start), &mut cells[group.clone()]);
            match group.len() {
                1 => add::<1>(codes, rows, &sums, cells),
                2 => add::<2>(codes, rows, &sums, cells),
                3 => add::<3>(codes, rows, &sums, cells),
                4 => add::<4>(codes, rows, &sums, cells),
                5 => add::<5>(codes, rows, &sums, cells),
                6 => add::<6>(codes, rows, &sums, cells),
                7 => add::<7>(codes, rows, &sums, cells),
                _ => add::<8>(codes, rows, &sums, cells),
            }
        }
    }
    cells
}

/// Adds rows to the histograms of `W` columns.
fn add<const W: usize>(codes: Codes<'_>, rows: &[u32], sums: &[Sums], cells: &mut [Cells]) {
    let Some(cells) = cells.first_chunk_mut::<W>() else { return };
    for (&row, sums) in rows.iter().zip(sums) {
        let Some(codes) = codes.of_row::<W>(row) else { continue };
        for (cells, code) in cells.iter_mut().zip(codes) {
            cells[*code as usize].add(*sums);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_numbers_and_subtraction_is_exact() {
        let derivatives: Vec<Derivatives> =
            (0..1000).map(|i| [(i as f32 * 0.7).sin() * 3.0, 0.25 / (1 + i) as f32]).collect();
        let units = Units::new(1000, [3.0, 0.25], || f64::NAN);
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
    fn sums_of_few_rows_are_counted_to_the_bit() {
        let units = Units::new(1 << 21, [1.0, 1.0], || (1 << 21) as f64);
        for first in [0, 1, -1, 1 << 50, -(1 << 51) + 1, (1 << 51) - 1] {
            let sums = Sums { first, second_and_rows: (first.unsigned_abs() >> 30) << units.row_bits | 5 };
            assert_eq!(units.counted_few(sums), units.counted(sums));
        }
    }

    #[test]
    fn a_row_that_outweighs_others_leaves_them_their_digits() {
        let (rows, heavy) = (5_000_000, 1_048_577.0);
        let units = Units::new(rows, [1.0, heavy], || rows as f64 - 1.0 + f64::from(heavy));
        let mut sums = Sums::default();
        (1..rows).for_each(|_| sums.add(Sums::of(units.pair([0.0, 0.7]), units.row_bits)));
        let light = units.totals(sums);
        adflux_testing::assert_close(light.second / (0.7 * (rows - 1) as f64), 1.0, 2e-3);
        sums.add(Sums::of(units.pair([0.0, heavy]), units.row_bits));
        assert_eq!(units.totals(sums).rows, rows as u64);
        adflux_testing::assert_close((units.totals(sums).second - light.second) / f64::from(heavy), 1.0, 1e-6);
        let units = Units::new(rows, [1.0, 1e30], || 1e30);
        assert!(units.pair([0.0, 1e-30]).second == 1 && units.pair([0.0, 0.0]).second == 0);
    }

    #[test]
    fn a_million_rows_of_the_largest_derivatives_fit() {
        let units = Units::new(1_000_000, [1e9, 7.0], || 7e6);
        let mut sums = Sums::default();
        (0..1_000_000).for_each(|_| sums.add(Sums::of(units.pair([-1e9, 7.0]), units.row_bits)));
        let totals = units.totals(sums);
        assert_eq!(totals.rows, 1_000_000);
        adflux_testing::assert_close(totals.first / -1e15, 1.0, 1e-6);
        adflux_testing::assert_close(totals.second / 7e6, 1.0, 1e-6);
    }
}
