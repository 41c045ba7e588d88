//! Local regression over evenly spaced rows, many columns at once.
//!
//! The weights of neighbours depend on where a row stands and not on the values, so they are found once for all columns, and once for
//! all rows that are far enough from both ends. With a robustness of its own for each value the regression is five sums instead of one.

use std::ops::Range;

/// Local regression: a line (degree 1) or a mean (degree 0) through the `window` nearest rows, weighted by the cube of their nearness.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loess {
    /// Rows that count, an odd number.
    pub(super) window: usize,
    pub(super) degree: usize,
}

/// Numbers in rows, each row `stride` numbers after the one before; of each row the first `columns` are meant.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) values: &'a [f64],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: usize,
}

/// How far each value is to be trusted, from 0 to 1, and the values times that: tables of the same shape.
#[derive(Clone, Copy)]
pub(super) struct Robustness<'a> {
    pub(super) weights: &'a [f64],
    pub(super) weighted: &'a [f64],
}

/// The neighbours of a row: the first of them, and of each its weight and its distance, the sign with it.
#[derive(Default)]
struct Neighbours {
    first: usize,
    weights: Vec<f64>,
    distances: Vec<f64>,
}

impl Loess {
    /// The rows of a table of so many that have all their neighbours, half of them on either side.
    pub(super) fn inner(self, rows: usize) -> Range<usize> {
        let half = self.window / 2;
        if self.window < rows { half..rows - half } else { 0..0 }
    }

    /// Smooths `of` at the given rows, which may be one before the first and one after the last, into `into`: the row `start` of the
    /// range at its beginning, and the others a stride apart.
    pub(super) fn smooth(
        self,
        of: Table<'_>,
        robustness: Option<Robustness<'_>>,
        rows: Range<isize>,
        into: &mut [f64],
    ) {
        let mut near = Neighbours::default();
        let mut sums = Vec::new();
        let inner = self.inner(of.rows);
        let mut row = rows.start;
        while row < rows.end {
            self.neighbours(row, of.rows, &mut near);
            // Rows with all neighbours share their weights; of a table without other columns they are one run of numbers.
            let shared = of.columns == of.stride && inner.start as isize <= row && row < inner.end as isize;
            let last = if shared { rows.end.min(inner.end as isize) } else { row + 1 };
            let (from, to) = (near.first * of.stride, (row - rows.start) as usize * of.stride);
            let width = (last - row - 1) as usize * of.stride + of.columns;
            let Some(into) = into.get_mut(to..to + width) else { return };
            match robustness {
                None => {
                    line(self.degree, of.rows, &mut near);
                    accumulate(&of.values[from..], of.stride, &near.weights, into);
                }
                Some(trust) => self.robust(of, from, trust, &mut near, &mut sums, into),
            }
            row = last;
        }
    }

    /// The neighbours of `row` among `rows`, their weights not yet scaled.
    fn neighbours(self, row: isize, rows: usize, near: &mut Neighbours) {
        let count = self.window.min(rows);
        let half = (self.window / 2) as isize;
        let first = (row - half).clamp(0, (rows - count) as isize);
        let farthest = (row - first).max(first + count as isize - 1 - row) as f64;
        // A window wider than the table reaches beyond it.
        let reach = farthest + (self.window.saturating_sub(rows) / 2) as f64;
        near.first = first as usize;
        near.distances.clear();
        near.distances.extend((0..count as isize).map(|i| (first + i - row) as f64));
        near.weights.clear();
        near.weights.extend(near.distances.iter().map(|distance| {
            let (distance, share) = (distance.abs(), distance.abs() / reach);
            let cube = 1.0 - share * share * share;
            if distance <= 0.001 * reach {
                1.0
            } else if distance > 0.999 * reach {
                0.0
            } else {
                cube * cube * cube
            }
        }));
    }

    /// The regression where each value has a trust of its own: all columns by five sums over the neighbours.
    fn robust(
        self,
        of: Table<'_>,
        from: usize,
        trust: Robustness<'_>,
        near: &mut Neighbours,
        sums: &mut Vec<f64>,
        into: &mut [f64],
    ) {
        let width = into.len();
        sums.clear();
        sums.resize(5 * width, 0.0);
        let mut parts = sums.chunks_exact_mut(width);
        // Σ w, Σ w d, Σ w d² of the trust, then Σ w, Σ w d of the trusted values.
        let mut moments = |table: &[f64], count: usize, near: &mut Neighbours| {
            let plain = near.weights.clone();
            for _ in 0..count {
                if let Some(part) = parts.next() {
                    accumulate(&table[from..], of.stride, &near.weights, part);
                }
                near.weights.iter_mut().zip(&near.distances).for_each(|(weight, distance)| *weight *= distance);
            }
            near.weights = plain;
        };
        moments(trust.weights, 3, near);
        moments(trust.weighted, 2, near);
        for (place, into) in into.iter_mut().enumerate() {
            let sum = |part: usize| sums[part * width + place];
            let total = sum(0);
            if total <= 0.0 {
                *into = f64::NAN;
                continue;
            }
            let (mean, value) = (sum(1) / total, sum(3) / total);
            let spread = sum(2) / total - mean * mean;
            *into = value;
            if self.degree > 0 && far_apart(spread, of.rows) {
                *into -= mean / spread * (sum(4) / total - mean * value);
            }
        }
    }
}

/// Whether neighbours of this mean squared distance from their middle tell a slope: not when nearly all weight is on one.
fn far_apart(spread: f64, rows: usize) -> bool {
    spread > 0.0 && spread.sqrt() > 0.001 * (rows - 1) as f64
}

/// Turns the weights of neighbours into those whose sum over the values is the regression.
fn line(degree: usize, rows: usize, near: &mut Neighbours) {
    let total: f64 = near.weights.iter().sum();
    near.weights.iter_mut().for_each(|weight| *weight /= total);
    if degree == 0 {
        return;
    }
    let pairs = || near.weights.iter().zip(&near.distances);
    let mean: f64 = pairs().map(|(weight, distance)| weight * distance).sum();
    let spread: f64 = pairs().map(|(weight, distance)| weight * (distance - mean).powi(2)).sum();
    if far_apart(spread, rows) {
        let turn = -mean / spread;
        for (weight, distance) in near.weights.iter_mut().zip(&near.distances) {
            *weight *= turn * (distance - mean) + 1.0;
        }
    }
}

/// `into[c] = Σⱼ weights[j] values[j stride + c]`: in blocks that stay in registers, always in the same order.
fn accumulate(values: &[f64], stride: usize, weights: &[f64], into: &mut [f64]) {
    const BLOCK: usize = 16;
    for (block, into) in into.chunks_mut(BLOCK).enumerate() {
        let start = block * BLOCK;
        let mut sums = [0.0; BLOCK];
        if into.len() == BLOCK {
            for (j, weight) in weights.iter().enumerate() {
                let from = &values[start + j * stride..][..BLOCK];
                sums.iter_mut().zip(from).for_each(|(sum, value)| *sum += weight * value);
            }
        } else {
            for (j, weight) in weights.iter().enumerate() {
                let from = &values[start + j * stride..][..into.len()];
                sums.iter_mut().zip(from).for_each(|(sum, value)| *sum += weight * value);
            }
        }
        into.copy_from_slice(&sums[..into.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[f64], columns: usize) -> Table<'_> {
        Table { values, rows: values.len() / columns, columns, stride: columns }
    }

    #[test]
    fn a_line_stays_a_line_up_to_beyond_its_ends() {
        let values: Vec<f64> = (0..40).map(|i| [3.0, -1.0][i % 2] * (i / 2) as f64 + 5.0).collect();
        let trust: Vec<f64> = (0..40).map(|i| 0.2 + (i % 7) as f64 * 0.1).collect();
        let weighted: Vec<f64> = trust.iter().zip(&values).map(|(a, b)| a * b).collect();
        for window in [3, 7, 51] {
            for robustness in [None, Some(Robustness { weights: &trust, weighted: &weighted })] {
                let mut smooth = vec![0.0; 44];
                Loess { window, degree: 1 }.smooth(table(&values, 2), robustness, -1..21, &mut smooth);
                for (i, value) in smooth.iter().enumerate() {
                    let line = [3.0, -1.0][i % 2] * ((i / 2) as f64 - 1.0) + 5.0;
                    assert!((value - line).abs() < 1e-9, "{window}, {i}: {value} for {line}");
                }
            }
        }
    }

    #[test]
    fn columns_together_are_as_each_alone() {
        let values: Vec<f64> = (0..90).map(|i| f64::from(i * i % 17)).collect();
        let mut together = vec![0.0; 90];
        let loess = Loess { window: 9, degree: 1 };
        loess.smooth(table(&values, 3), None, 0..30, &mut together);
        for column in 0..3 {
            let own: Vec<f64> = values[column..].iter().step_by(3).copied().collect();
            let mut alone = vec![0.0; 30];
            loess.smooth(table(&own, 1), None, 0..30, &mut alone);
            assert!(alone.iter().zip(together[column..].iter().step_by(3)).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    #[test]
    fn where_nothing_is_trusted_there_is_nothing_to_say() {
        let (values, trust) = ([1.0, 2.0, 3.0, 4.0, 5.0], [0.0; 5]);
        let mut smooth = vec![0.0; 5];
        let robustness = Some(Robustness { weights: &trust, weighted: &trust });
        Loess { window: 3, degree: 1 }.smooth(table(&values, 1), robustness, 0..5, &mut smooth);
        assert!(smooth.iter().all(|v| v.is_nan()));
    }
}
