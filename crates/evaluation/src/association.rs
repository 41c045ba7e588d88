//! How much one column gives another away.
//!
//! Leaving a sensitive column out is not enough when another column stands in for it: a first name gives away gender and
//! ethnicity. [`predictability`] answers that question in the plainest way: how many rows would be guessed. The others are
//! the usual coefficients between 0 (tells nothing) and 1 (gives it away).
//!
//! | measure | between | symmetric |
//! |---|---|---|
//! | [`cramers_v`] | two categorical columns | yes |
//! | [`uncertainty_coefficient`] | two categorical columns | no |
//! | [`correlation_ratio`] | a categorical and a numeric column | no |
//! | [`predictability`] | two categorical columns | no |
//!
//! Categories are codes. Any number is a level of its own, and so is the code of a missing value.
//!
//! ```
//! use adflux_evaluation::association::predictability;
//! let (name, gender) = ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1]);
//! let p = predictability(&name, &gender)?;
//! assert_eq!((p.share, p.gain()), (1.0, 1.0));
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::checks::{dense_codes, finite, same_length};
use adflux_core::Result;
use ndarray::ArrayView1;

/// Cramér's V of two categorical columns with Bergsma's correction (2013), without which columns of many levels look
/// associated when they are not. 0 when either column has a single level.
///
/// # Errors
/// When there are no rows, or lengths differ.
pub fn cramers_v(a: &[u32], b: &[u32]) -> Result<f64> {
    let table = Table::new(a, b)?;
    let rows = table.rows;
    let (r, c) = (table.of_a.len() as f64, table.of_b.len() as f64);
    if r < 2.0 || c < 2.0 {
        return Ok(0.0);
    }
    let share = |cell: &Cell| cell.count / table.of_a[cell.a] * (cell.count / table.of_b[cell.b]);
    let phi2 = table.cells.iter().map(share).sum::<f64>() - 1.0;
    let corrected = (phi2 - (r - 1.0) * (c - 1.0) / (rows - 1.0)).max(0.0);
    let levels = |levels: f64| levels - (levels - 1.0).powi(2) / (rows - 1.0);
    let most = levels(r).min(levels(c)) - 1.0;
    // A column with a level for each row leaves nothing to measure by.
    Ok(if most > 0.0 { (corrected / most).sqrt().min(1.0) } else { 0.0 })
}

/// Theil's uncertainty coefficient U(b | a): the share of the entropy of `b` that knowing `a` removes. 0 when `b` is constant.
///
/// Biased upwards for `a` of many levels: a level for each row gives 1. [`predictability`] is not.
///
/// # Errors
/// As [`cramers_v`].
pub fn uncertainty_coefficient(a: &[u32], b: &[u32]) -> Result<f64> {
    let table = Table::new(a, b)?;
    let entropy: f64 = -table.of_b.iter().map(|n| n / table.rows * (n / table.rows).ln()).sum::<f64>();
    if table.of_b.len() < 2 {
        return Ok(0.0);
    }
    let left = |cell: &Cell| cell.count / table.rows * (cell.count / table.of_a[cell.a]).ln();
    let conditional: f64 = -table.cells.iter().map(left).sum::<f64>();
    Ok(((entropy - conditional) / entropy).clamp(0.0, 1.0))
}

/// The correlation ratio η: the root of the share of the variance of `values` that lies between the levels of `codes`.
/// 0 when the values are constant.
///
/// # Errors
/// When there are no rows, lengths differ, or a value is not finite.
pub fn correlation_ratio(codes: &[u32], values: ArrayView1<f64>) -> Result<f64> {
    same_length(codes.len(), "values", values.len())?;
    finite("values", values)?;
    // Of a constant column rounding alone would be compared with rounding.
    if values.iter().all(|value| *value == values[0]) {
        return Ok(0.0);
    }
    let (codes, levels) = dense_codes(codes);
    let mean = values.sum() / values.len() as f64;
    let mut of_level = vec![(0.0, 0.0); levels];
    for (&code, value) in codes.iter().zip(values) {
        of_level[code].0 += value - mean;
        of_level[code].1 += 1.0;
    }
    let between: f64 = of_level.iter().map(|(sum, count)| sum * sum / count).sum();
    let total: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Ok(if total == 0.0 { 0.0 } else { (between / total).min(1.0).sqrt() })
}

/// What [`predictability`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictability {
    /// The share of rows whose `b` is guessed from their `a`.
    pub share: f64,
    /// The share of rows that are guessed without `a`: that of the most frequent `b`.
    pub baseline: f64,
}

impl Predictability {
    /// The share of what the baseline gets wrong that knowing `a` gets right: 1 when `a` gives `b` away, 0 or below when it
    /// does not help. Goodman and Kruskal's λ, without its bias. 0 when `b` is constant.
    pub fn gain(&self) -> f64 {
        if self.baseline < 1.0 { (self.share - self.baseline) / (1.0 - self.baseline) } else { 0.0 }
    }
}

/// How many rows' `b` is guessed by the most frequent `b` among the **other** rows of the same `a`.
///
/// A row does not vote on itself: a column with a level for each row, such as an id, would guess everything otherwise. A row
/// alone in its level is guessed by the most frequent `b` of all rows. Of m equally frequent candidates each is guessed with
/// probability 1/m.
///
/// # Errors
/// As [`cramers_v`].
pub fn predictability(a: &[u32], b: &[u32]) -> Result<Predictability> {
    let table = Table::new(a, b)?;
    let overall = Top::of(table.of_b.iter().copied());
    let mut guessed = 0.0;
    for level in table.cells.chunk_by(|x, y| x.a == y.a) {
        guessed += match level {
            // Alone: guessed when its `b` is (among) the most frequent of all.
            [Cell { b, count: 1.0, .. }] if table.of_b[*b] == overall.most => 1.0 / overall.ties,
            [Cell { count: 1.0, .. }] => 0.0,
            _ => Top::of(level.iter().map(|cell| cell.count)).guessed(),
        };
    }
    Ok(Predictability { share: guessed / table.rows, baseline: overall.most / table.rows })
}

/// The largest of some counts, how many are that large, and the same of those below it.
struct Top {
    most: f64,
    ties: f64,
    next: f64,
    next_ties: f64,
}

impl Top {
    fn of(counts: impl Iterator<Item = f64>) -> Self {
        let mut top = Top { most: 0.0, ties: 0.0, next: 0.0, next_ties: 0.0 };
        for count in counts {
            if count > top.most {
                top = Top { most: count, ties: 1.0, next: top.most, next_ties: top.ties };
            } else if count == top.most {
                top.ties += 1.0;
            } else if count > top.next {
                (top.next, top.next_ties) = (count, 1.0);
            } else if count == top.next {
                top.next_ties += 1.0;
            }
        }
        top
    }

    /// How many rows the others guess. Taking a row away lowers its own count by one, so only rows of the one largest count
    /// can be guessed, and they share the vote when the next is as large then.
    fn guessed(&self) -> f64 {
        if self.ties > 1.0 {
            0.0
        } else if self.most - 1.0 > self.next {
            self.most
        } else {
            self.most / (self.next_ties + 1.0)
        }
    }
}

struct Cell {
    a: usize,
    b: usize,
    count: f64,
}

/// The counts of two columns together; pairs that do not occur are not kept.
struct Table {
    rows: f64,
    /// Sorted by `a`, then `b`.
    cells: Vec<Cell>,
    of_a: Vec<f64>,
    of_b: Vec<f64>,
}

impl Table {
    fn new(a: &[u32], b: &[u32]) -> Result<Self> {
        same_length(a.len(), "the second column", b.len())?;
        let ((a, a_levels), (b, b_levels)) = (dense_codes(a), dense_codes(b));
        let mut pairs: Vec<(usize, usize)> = a.into_iter().zip(b).collect();
        pairs.sort_unstable();
        let mut table =
            Table { rows: pairs.len() as f64, cells: Vec::new(), of_a: vec![0.0; a_levels], of_b: vec![0.0; b_levels] };
        for run in pairs.chunk_by(|x, y| x == y) {
            let cell = Cell { a: run[0].0, b: run[0].1, count: run.len() as f64 };
            table.of_a[cell.a] += cell.count;
            table.of_b[cell.b] += cell.count;
            table.cells.push(cell);
        }
        Ok(table)
    }
}
