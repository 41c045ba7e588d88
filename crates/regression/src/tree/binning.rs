//! Columns as byte codes.
//!
//! A column of no more than `max_bins` distinct values gets a bin for each, and a tree over the codes is the same as a
//! tree over the values. Other columns get bins of about as many rows each. A split lies midway between the values on its
//! two sides, whatever their scale: rates of 1e-6 split as exactly as amounts of 1e6.

use super::exact::between;
use crate::table::{Numbers, Table};
use adflux_core::{Context, Result};
use rayon::prelude::*;

/// The most bins of a column; one more code is left for missing values.
pub(crate) const MOST_BINS: usize = 255;

/// Columns that share a cache line: codes lie row by row inside a panel of this many columns, so that a node of few rows
/// touches each row's line once for all of them.
pub(crate) const PANEL: usize = 64;

/// Rows that one task encodes.
const ROWS: usize = 4096;

/// The bins of one column, in ascending order.
#[derive(Debug, Default)]
pub(crate) struct ColumnBins {
    /// The least value of each bin.
    low: Vec<f64>,
    /// The greatest value of each bin.
    high: Vec<f64>,
    missing: bool,
    /// The code of more than half of the rows, such as the zeros of a sparse column.
    common: Option<u8>,
    /// Whether values are the numbers of levels, which have no order.
    categorical: bool,
}

/// A value, and what the rows that have it count.
struct Value {
    value: f64,
    weight: f64,
    rows: usize,
}

impl ColumnBins {
    /// Bins of `values` and `zeros` further zeros, which all count alike. NaN is a missing value.
    fn new(mut values: Vec<f64>, zeros: usize, max_bins: usize) -> Self {
        let stored = values.len();
        // Adding zero makes -0.0 the same number as 0.0.
        values.retain_mut(|v| {
            *v += 0.0;
            !v.is_nan()
        });
        let missing = stored - values.len();
        values.sort_unstable_by(f64::total_cmp);
        let zeros = Value { value: 0.0, weight: zeros as f64, rows: zeros };
        ColumnBins::of_sorted(values.into_iter().map(|v| (v, 1.0)), zeros, missing, max_bins)
    }

    /// The same of values with weights above 0.
    fn weighted(mut values: Vec<(f64, f64)>, zeros: Value, max_bins: usize) -> Self {
        let stored = values.len();
        values.retain_mut(|(v, _)| {
            *v += 0.0;
            !v.is_nan()
        });
        let missing = stored - values.len();
        // By weight too, so that sums do not depend on the order of rows.
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        ColumnBins::of_sorted(values.into_iter(), zeros, missing, max_bins)
    }

    fn of_sorted(values: impl Iterator<Item = (f64, f64)>, zeros: Value, missing: usize, max_bins: usize) -> Self {
        let mut rows = missing + zeros.rows;
        let mut distinct: Vec<Value> = Vec::new();
        let mut zeros = (zeros.rows > 0).then_some(zeros);
        for (value, weight) in values {
            rows += 1;
            if value >= 0.0 {
                distinct.extend(zeros.take());
            }
            match distinct.last_mut() {
                Some(last) if last.value == value => {
                    last.weight += weight;
                    last.rows += 1;
                }
                _ => distinct.push(Value { value, weight, rows: 1 }),
            }
        }
        distinct.extend(zeros);
        let mut bins = ColumnBins { missing: missing > 0, ..ColumnBins::default() };
        bins.cut_evenly(&distinct, max_bins, rows);
        bins
    }

    /// One bin a value when they are few, else bins of equal weight as far as repeated values allow.
    fn cut_evenly(&mut self, distinct: &[Value], max_bins: usize, rows: usize) {
        let mut left: f64 = distinct.iter().map(|v| v.weight).sum();
        let (mut held, mut held_rows) = (0.0, 0);
        for (i, of) in distinct.iter().enumerate() {
            if held_rows == 0 {
                self.low.push(of.value);
            }
            held += of.weight;
            held_rows += of.rows;
            let left_bins = max_bins - self.high.len();
            let left_values = distinct.len() - i - 1;
            // The last bin holds all that is left, whatever rounding made of their weight.
            if left_values < left_bins || (left_bins > 1 && held * left_bins as f64 >= left) {
                if held_rows > rows / 2 {
                    self.common = Some(self.high.len() as u8);
                }
                self.high.push(of.value);
                left -= held;
                (held, held_rows) = (0.0, 0);
            }
        }
    }

    /// The number of codes, that of missing values included.
    pub(crate) fn codes(&self) -> usize {
        self.high.len() + usize::from(self.missing)
    }

    /// The code of missing values, when the column has any.
    pub(crate) fn missing_code(&self) -> Option<u8> {
        self.missing.then_some(self.high.len() as u8)
    }

    /// The code of more than half of the rows, when there is one.
    pub(crate) fn common(&self) -> Option<u8> {
        self.common
    }

    /// Whether codes are levels, which have no order.
    pub(crate) fn is_categorical(&self) -> bool {
        self.categorical
    }

    /// The least value of a bin.
    pub(crate) fn low(&self, code: u8) -> f64 {
        self.low[code as usize]
    }

    /// Whether every value has a bin of its own.
    pub(crate) fn is_exact(&self) -> bool {
        self.low == self.high
    }

    /// The greatest value of a bin.
    pub(crate) fn high(&self, code: u8) -> f64 {
        self.high[code as usize]
    }

    /// The last bin of which no value is greater than `value`; `None` when all are.
    pub(crate) fn last_up_to(&self, value: f64) -> Option<u8> {
        self.high.partition_point(|high| *high <= value).checked_sub(1).map(|code| code as u8)
    }

    /// The code of a value that was seen. Of others, such as of rows of weight 0, it says nothing, and is not to be read.
    fn code(&self, value: f64) -> u8 {
        if value.is_nan() { self.high.len() as u8 } else { self.high.partition_point(|high| *high < value) as u8 }
    }

    /// The threshold between two codes: values up to it go left. Infinite when missing values alone go right.
    pub(crate) fn threshold(&self, left: u8, right: u8) -> f64 {
        let below = self.high[left as usize];
        let Some(&above) = self.low.get(right as usize) else { return f64::INFINITY };
        between(below, above)
    }
}

/// The codes of one column.
#[derive(Clone, Copy)]
pub(crate) struct Codes<'a> {
    codes: &'a [u8],
    stride: usize,
}

impl<'a> Codes<'a> {
    /// One code after the other.
    pub(crate) fn of(codes: &'a [u8]) -> Self {
        Codes { codes, stride: 1 }
    }

    /// A copy that holds one code after the other.
    pub(crate) fn copied(&self) -> Vec<u8> {
        self.codes.iter().step_by(self.stride).copied().collect()
    }

    /// The bytes among which the codes lie.
    pub(crate) fn bytes(&self) -> usize {
        self.codes.len()
    }

    #[inline]
    pub(crate) fn at(&self, row: u32) -> u8 {
        self.codes[row as usize * self.stride]
    }

    /// The codes of the column that stands `columns` behind this one, in the same panel.
    pub(crate) fn behind(&self, columns: usize) -> Self {
        Codes { codes: &self.codes[columns.min(self.codes.len())..], stride: self.stride }
    }

    /// The codes of this column and the `W` − 1 behind it, which must lie in the same panel.
    #[inline]
    pub(crate) fn of_row<const W: usize>(&self, row: u32) -> Option<&'a [u8; W]> {
        self.codes.get(row as usize * self.stride..)?.first_chunk()
    }
}

/// A table as codes.
pub(crate) struct Binned {
    columns: Vec<ColumnBins>,
    panels: Vec<(usize, Vec<u8>)>,
}

impl Binned {
    /// Cuts bins of about equal weight. Rows of weight 0 have no say, and codes that may be none.
    ///
    /// # Errors
    /// When cancelled.
    pub(crate) fn new(table: &Table<'_>, weights: &[f64], max_bins: usize, context: &Context) -> Result<Self> {
        let first = weights.first().copied().unwrap_or(1.0);
        let columns = match first > 0.0 && weights.iter().all(|weight| *weight == first) {
            true => bins(table, max_bins, context)?,
            false => weighted_bins(table, &Weighed::new(weights), max_bins, context)?,
        };
        let mut panels = Vec::new();
        for first in (0..table.width()).step_by(PANEL) {
            context.check()?;
            let width = PANEL.min(table.width() - first);
            let mut codes = vec![0; width * table.rows()];
            codes.par_chunks_mut(width * ROWS).enumerate().for_each(|(chunk, codes)| {
                encode(table, &columns, first, chunk * ROWS, codes, width);
            });
            panels.push((width, codes));
        }
        Ok(Binned { columns, panels })
    }

    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(crate) fn bins(&self, column: usize) -> &ColumnBins {
        &self.columns[column]
    }

    pub(crate) fn codes(&self, column: usize) -> Codes<'_> {
        let (stride, codes) = &self.panels[column / PANEL];
        Codes { codes: &codes[column % PANEL..], stride: *stride }
    }
}

fn bins(table: &Table<'_>, max_bins: usize, context: &Context) -> Result<Vec<ColumnBins>> {
    let mut columns = Vec::with_capacity(table.width());
    for &(_, numbers) in table.blocks() {
        context.check()?;
        match numbers {
            Numbers::Dense(x) => columns
                .par_extend((0..x.ncols()).into_par_iter().map(|c| ColumnBins::new(x.column(c).to_vec(), 0, max_bins))),
            Numbers::Codes(codes) => {
                columns.push(ColumnBins { categorical: true, ..ColumnBins::new(codes.to_vec(), 0, max_bins) });
            }
            Numbers::Sparse(x) => {
                let by_column = x.to_csc();
                columns.par_extend((0..x.cols()).into_par_iter().map(|c| {
                    let stored = by_column.outer_view(c).map_or_else(Vec::new, |v| v.data().to_vec());
                    let zeros = x.rows() - stored.len();
                    ColumnBins::new(stored, zeros, max_bins)
                }));
            }
        }
    }
    Ok(columns)
}

/// The power of two below the greatest weight: divided by it, weights can be added up, and lose nothing.
pub(crate) fn unit(weights: &[f64]) -> f64 {
    let most = weights.iter().copied().fold(0.0, f64::max);
    if most > 0.0 { most.log2().floor().exp2() } else { 1.0 }
}

/// Weights of rows, scaled.
struct Weighed {
    weights: Vec<f64>,
    /// Of all rows together.
    weight: f64,
    /// Of positive weight.
    rows: usize,
}

impl Weighed {
    fn new(weights: &[f64]) -> Self {
        let unit = unit(weights);
        // However little a row weighs, what it holds has a code.
        let scaled = |weight: f64| if weight > 0.0 { (weight / unit).max(f64::MIN_POSITIVE) } else { 0.0 };
        let weights: Vec<f64> = weights.iter().map(|weight| scaled(*weight)).collect();
        let rows = weights.iter().filter(|weight| **weight > 0.0).count();
        Weighed { weight: weights.iter().sum(), rows, weights }
    }

    /// The bins of a column of which these rows are stored, and the others 0.
    fn bins(&self, stored: impl Iterator<Item = (usize, f64)>, max_bins: usize) -> ColumnBins {
        let counted = stored.filter_map(|(row, v)| Some((v, self.weights[row])).filter(|(_, weight)| *weight > 0.0));
        let values: Vec<(f64, f64)> = counted.collect();
        let rows = self.rows - values.len();
        let weight = (self.weight - values.iter().map(|(_, weight)| weight).sum::<f64>()).max(0.0);
        ColumnBins::weighted(values, Value { value: 0.0, weight, rows }, max_bins)
    }
}

/// [`bins`], where rows count by their weights.
fn weighted_bins(table: &Table<'_>, weighed: &Weighed, max_bins: usize, context: &Context) -> Result<Vec<ColumnBins>> {
    let mut columns = Vec::with_capacity(table.width());
    for &(_, numbers) in table.blocks() {
        context.check()?;
        match numbers {
            Numbers::Dense(x) => columns.par_extend(
                (0..x.ncols()).into_par_iter().map(|c| weighed.bins(x.column(c).iter().copied().enumerate(), max_bins)),
            ),
            Numbers::Codes(codes) => {
                let bins = weighed.bins(codes.iter().copied().enumerate(), max_bins);
                columns.push(ColumnBins { categorical: true, ..bins });
            }
            Numbers::Sparse(x) => {
                let by_column = x.to_csc();
                columns.par_extend((0..x.cols()).into_par_iter().map(|c| match by_column.outer_view(c) {
                    Some(column) => weighed.bins(column.iter().map(|(row, v)| (row, *v)), max_bins),
                    None => weighed.bins(std::iter::empty(), max_bins),
                }));
            }
        }
    }
    Ok(columns)
}

/// Fills `codes`, the rows from `start` of the panel of `width` columns from `first`.
fn encode(table: &Table<'_>, columns: &[ColumnBins], first: usize, start: usize, codes: &mut [u8], width: usize) {
    let panel = first..first + width;
    for &(offset, numbers) in table.blocks() {
        match numbers {
            Numbers::Dense(x) => {
                for column in panel.start.max(offset)..panel.end.min(offset + x.ncols()) {
                    let values = x.column(column - offset);
                    for (i, row) in codes.chunks_exact_mut(width).enumerate() {
                        row[column - first] = columns[column].code(values[start + i]);
                    }
                }
            }
            Numbers::Codes(values) if panel.contains(&offset) => {
                for (i, row) in codes.chunks_exact_mut(width).enumerate() {
                    row[offset - first] = columns[offset].code(values[start + i]);
                }
            }
            Numbers::Codes(_) => {}
            Numbers::Sparse(x) => {
                let shared = panel.start.max(offset)..panel.end.min(offset + x.cols());
                if shared.is_empty() {
                    continue;
                }
                let zeros: Vec<u8> = shared.clone().map(|column| columns[column].code(0.0)).collect();
                for (i, row) in codes.chunks_exact_mut(width).enumerate() {
                    row[shared.start - first..shared.end - first].copy_from_slice(&zeros);
                    let Some(stored) = x.outer_view(start + i) else { continue };
                    let from = stored.indices().partition_point(|c| c + offset < shared.start);
                    for (c, value) in stored.indices()[from..].iter().zip(&stored.data()[from..]) {
                        if c + offset >= shared.end {
                            break;
                        }
                        row[c + offset - first] = columns[c + offset].code(*value);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adflux_core::random::stream;
    use rand::RngExt as _;

    #[test]
    fn a_weight_of_so_many_is_the_value_so_often_dense_and_sparse() {
        let mut rng = stream(8, &[]);
        for max_bins in [2, 5, 255] {
            let values: Vec<f64> = (0..1000).map(|_| rng.random_range(-400..400_i32).max(-100).into()).collect();
            let weights: Vec<f64> = (0..1000).map(|_| f64::from(rng.random_range(0..4_u8))).collect();
            let times = || values.iter().zip(&weights).flat_map(|(v, n)| std::iter::repeat_n(*v, *n as usize));
            let repeated = ColumnBins::new(times().collect(), 0, max_bins);
            for scale in [1.0, 2.0_f64.powi(900), 2.0_f64.powi(-900)] {
                let weights: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
                let weighed = Weighed::new(&weights);
                let stored = || values.iter().copied().enumerate();
                let bins = weighed.bins(stored(), max_bins);
                assert_eq!((&bins.low, &bins.high), (&repeated.low, &repeated.high));
                let sparse = weighed.bins(stored().filter(|(_, v)| *v != 0.0), max_bins);
                assert_eq!((&sparse.low, &sparse.high), (&repeated.low, &repeated.high));
            }
        }
    }

    #[test]
    fn weights_of_any_size_never_make_more_bins_than_asked_for() {
        let mut rng = stream(9, &[]);
        for n in 1..200_usize {
            let weights: Vec<f64> = (0..n).map(|_| 10.0_f64.powi(rng.random_range(-300..300))).collect();
            let bins = Weighed::new(&weights).bins((0..n).map(|i| (i, i as f64)), 7);
            assert!(bins.high.len() <= 7 && bins.high.len() == bins.low.len());
            assert!(n == 1 || bins.high.last() == Some(&((n - 1) as f64)), "{n}: the last value has a bin");
        }
    }

    #[test]
    fn few_values_have_a_bin_each_and_thresholds_midway() {
        let bins = ColumnBins::new(vec![3e-6, 1e-6, f64::NAN, 1e-6, -0.0], 2, 255);
        assert_eq!(bins.low, [0.0, 1e-6, 3e-6]);
        assert_eq!((bins.codes(), bins.missing_code()), (4, Some(3)));
        assert_eq!([0.0, 1e-6, 3e-6, f64::NAN].map(|v| bins.code(v)), [0, 1, 2, 3]);
        assert_eq!((bins.threshold(0, 2), bins.threshold(2, 3)), (1.5e-6, f64::INFINITY));
    }

    #[test]
    fn many_values_share_bins_evenly_and_a_frequent_one_stands_alone() {
        let bins = ColumnBins::new((0..1000).map(f64::from).collect(), 0, 10);
        assert_eq!(bins.high, [99.0, 199.0, 299.0, 399.0, 499.0, 599.0, 699.0, 799.0, 899.0, 999.0]);
        assert_eq!(bins.threshold(0, 1), 99.5);
        let bins = ColumnBins::new((0..100).map(f64::from).collect(), 900, 4);
        assert_eq!((bins.low[0], bins.high[0], bins.codes()), (0.0, 0.0, 4), "zeros of a sparse column");
        assert_eq!(bins.common(), Some(0));
    }

    #[test]
    fn the_threshold_between_neighbouring_floats_is_the_lower() {
        let (a, b) = (1.0, 1.0 + f64::EPSILON);
        let bins = ColumnBins::new(vec![a, b], 0, 255);
        assert_eq!(bins.threshold(0, 1), a);
    }

    #[test]
    fn there_are_never_more_bins_than_asked_for() {
        for n in 1..60_usize {
            for max_bins in 2..12 {
                let values = (0..n).map(|i| (i * i % 31) as f64).collect();
                let bins = ColumnBins::new(values, n / 3, max_bins);
                assert!(bins.high.len() <= max_bins && bins.low.len() == bins.high.len());
                assert!(bins.low.iter().zip(&bins.high).all(|(low, high)| low <= high));
            }
        }
    }
}
