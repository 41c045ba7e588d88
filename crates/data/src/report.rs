//! What is in a table: a report of its columns.

use crate::{ColumnKind, Frame};
use adflux_core::{Categories, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// How many of the most frequent values a report lists.
const LEVELS: usize = 5;

/// The cell of a missing number among cells: no number that is met (NaN has these bits, and an identifier hardly).
const MISSING: u64 = 0x7FF8_5D1C_93A7_E6B4;

/// What [`Frame::report`] finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataReport {
    /// The number of rows.
    pub rows: usize,
    /// How many rows are copies of an earlier one, in every column.
    pub duplicates: usize,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
}

/// What is in a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// How many values are missing.
    pub missing: usize,
    /// The share of rows whose value is missing, 0 to 1.
    pub missing_share: f64,
    /// How many different values there are, the missing not counted.
    pub distinct: usize,
    /// Whether every row has the same value, or all are missing.
    pub constant: bool,
    /// Of numbers with a value at least: where they lie.
    pub numbers: Option<NumberSummary>,
    /// Of times with a value at least: the first and the last.
    pub times: Option<[String; 2]>,
    /// The most frequent values, at most five, with the more frequent first and equals by their text; none of numbers with a fraction and of
    /// times.
    pub levels: Vec<LevelCount>,
}

/// A value and how often it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCount {
    /// The value as text.
    pub value: String,
    /// In how many rows.
    pub rows: usize,
}

/// Where the numbers of a column lie; infinite ones are counted, and take no part in the rest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NumberSummary {
    /// The smallest.
    pub min: f64,
    /// The first quartile, by linear interpolation, as NumPy has it.
    pub q1: f64,
    /// The middle.
    pub median: f64,
    /// The third quartile.
    pub q3: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of a sample (n − 1); none of a single number.
    pub sd: Option<f64>,
    /// How many numbers lie more than 1.5 times the distance between the quartiles outside them (Tukey, 1977).
    pub outliers: usize,
    /// How many are infinite.
    pub infinite: usize,
}

impl Frame {
    /// Looks at every column, in parallel: O(rows · log rows) a column.
    ///
    /// ```
    /// use adflux_data::Frame;
    /// let frame = Frame::builder()
    ///     .texts("platform", ["META", "META", "GOOGLE", "META"])
    ///     .optional_numbers("ctr", [Some(0.5), Some(0.5), None, Some(1.5)].to_vec())
    ///     .build()?;
    /// let report = frame.report()?;
    /// assert_eq!((report.rows, report.duplicates), (4, 1));
    /// assert_eq!((report.columns[0].levels[0].value.as_str(), report.columns[0].levels[0].rows), ("META", 3));
    /// assert_eq!((report.columns[1].missing, report.columns[1].numbers.map(|n| n.median)), (1, Some(0.5)));
    /// # Ok::<(), adflux_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a column cannot be read as what it is.
    pub fn report(&self) -> Result<DataReport> {
        let names: Vec<&str> = self.names().collect();
        let columns: Vec<(ColumnReport, Vec<u64>)> =
            names.par_iter().map(|name| column(self, name)).collect::<Result<_>>()?;
        // Rows are told apart by a sum of what their cells are: wrongly in less than one of 10^7 tables of a million rows.
        let mut rows: Vec<u64> = (0..self.rows())
            .into_par_iter()
            .map(|row| columns.iter().fold(0, |sum, (_, cells)| mixed(sum ^ cells[row])))
            .collect();
        rows.par_sort_unstable();
        rows.dedup();
        Ok(DataReport {
            rows: self.rows(),
            duplicates: self.rows() - rows.len(),
            columns: columns.into_iter().map(|(column, _)| column).collect(),
        })
    }
}

/// The report of a column, and a number for each of its cells that is the same for equal cells.
fn column(frame: &Frame, name: &str) -> Result<(ColumnReport, Vec<u64>)> {
    let kind = frame.kind_of(name)?;
    let mut report = ColumnReport {
        name: name.into(),
        kind,
        missing: frame.missing_in(name)?,
        missing_share: 0.0,
        distinct: 0,
        constant: false,
        numbers: None,
        times: None,
        levels: Vec::new(),
    };
    report.missing_share = if frame.rows() == 0 { 0.0 } else { report.missing as f64 / frame.rows() as f64 };
    let cells = match kind {
        ColumnKind::Text | ColumnKind::Boolean => {
            let values = frame.categories(name)?;
            let mut rows_of = vec![0; values.levels.len()];
            values.codes.iter().filter(|c| **c != Categories::MISSING).for_each(|c| rows_of[*c as usize] += 1);
            report.distinct = rows_of.len();
            report.levels = most_frequent(values.levels.iter().cloned().zip(rows_of).collect());
            values.codes.into_iter().map(u64::from).collect()
        }
        ColumnKind::Number | ColumnKind::Time => {
            let values = frame.numbers(name)?;
            let mut present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            present.sort_unstable_by(f64::total_cmp);
            // −0 and 0 are one number.
            let runs = || present.chunk_by(|a, b| a == b);
            let whole = frame.whole_numbers(name)?;
            report.distinct = match &whole {
                Some(whole) => whole.iter().flatten().collect::<HashSet<_>>().len(),
                None => runs().count(),
            };
            if kind == ColumnKind::Time {
                report.times = first_and_last(frame, name, &values)?;
            } else {
                report.numbers = summary(&present);
                if let (Some(numbers), ..=2) = (&mut report.numbers, report.distinct) {
                    // Of yes and no the rarer one is no outlier.
                    numbers.outliers = 0;
                }
                if present.iter().all(|v| v.fract() == 0.0 && v.abs() < 1e15) {
                    report.levels = most_frequent(runs().map(|run| (format!("{}", run[0] + 0.0), run.len())).collect());
                }
            }
            match whole {
                // Beyond 2⁵³ two whole numbers may be one number.
                Some(whole) => whole.into_iter().map(|v| v.map_or(MISSING, i64::cast_unsigned)).collect(),
                None => values.into_iter().map(|v| if v.is_nan() { MISSING } else { (v + 0.0).to_bits() }).collect(),
            }
        }
    };
    report.constant = report.distinct + usize::from(report.missing > 0) <= 1;
    Ok((report, cells))
}

/// The most frequent of some values with the number of their rows.
fn most_frequent(mut counts: Vec<(String, usize)>) -> Vec<LevelCount> {
    let order = |a: &(String, usize), b: &(String, usize)| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0));
    if counts.len() > LEVELS {
        counts.select_nth_unstable_by(LEVELS - 1, order);
        counts.truncate(LEVELS);
    }
    counts.sort_unstable_by(order);
    counts.into_iter().map(|(value, rows)| LevelCount { value, rows }).collect()
}

/// Of sorted numbers.
fn summary(sorted: &[f64]) -> Option<NumberSummary> {
    let from = sorted.partition_point(|v| *v == f64::NEG_INFINITY);
    let to = sorted.partition_point(|v| *v < f64::INFINITY);
    let finite = &sorted[from..to];
    let (min, max) = (*finite.first()?, *finite.last()?);
    let quantile = |share: f64| {
        let place = share * (finite.len() - 1) as f64;
        let below = place.floor() as usize;
        let above = (below + 1).min(finite.len() - 1);
        finite[below] + (place - below as f64) * (finite[above] - finite[below])
    };
    let (q1, median, q3) = (quantile(0.25), quantile(0.5), quantile(0.75));
    let fence = 1.5 * (q3 - q1);
    let outliers =
        finite.partition_point(|v| *v < q1 - fence) + finite.len() - finite.partition_point(|v| *v <= q3 + fence);
    let n = finite.len() as f64;
    let mean = finite.iter().map(|v| v / n).sum::<f64>();
    let sd = (finite.len() > 1).then(|| (finite.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt());
    Some(NumberSummary { min, q1, median, q3, max, mean, sd, outliers, infinite: sorted.len() - finite.len() })
}

/// The first and the last time as text; `days` are the same times as numbers.
fn first_and_last(frame: &Frame, name: &str, days: &[f64]) -> Result<Option<[String; 2]>> {
    let present = || days.iter().enumerate().filter(|(_, v)| !v.is_nan());
    let first = present().min_by(|a, b| a.1.total_cmp(b.1));
    let last = present().max_by(|a, b| a.1.total_cmp(b.1));
    let (Some((first, _)), Some((last, _))) = (first, last) else { return Ok(None) };
    let ends = adflux_core::Rows::take(&frame.select(&[name])?, &[first, last]);
    let texts = ends.texts(name)?;
    Ok(Some([texts[0].clone(), texts[1].clone()]))
}

/// A number as different as can be for each number (the finisher of SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
