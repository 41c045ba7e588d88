//! Lloyd's iterations.

use crate::centers::squared;
use adflux_core::{Context, Result};
use adflux_evaluation::distance::Panels;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rayon::prelude::*;

/// Rows about their mean, with weights.
pub(super) struct Data {
    pub(super) x: Array2<f64>,
    weights: Option<Array1<f64>>,
    /// Rows that one piece of work takes. It depends on the number of rows alone, so that sums are added in the same order
    /// whatever the number of threads; at most 256 pieces, so that a sum for each piece fits in memory.
    pub(super) piece: usize,
}

impl Data {
    pub(super) fn new(x: ArrayView2<f64>, mean: &Array1<f64>, weights: Option<ArrayView1<f64>>) -> Self {
        let mut centred = Array2::zeros(x.raw_dim());
        ndarray::Zip::from(&mut centred).and(x).and_broadcast(mean).for_each(|to, &from, &mean| *to = from - mean);
        let piece = x.nrows().div_ceil(256).max(1024);
        Data { x: centred, weights: weights.map(|w| w.to_owned()), piece }
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[row])
    }

    /// The mean over the columns of their variances, not weighted: the scale of the tolerance, as in scikit-learn.
    pub(super) fn mean_variance(&self) -> f64 {
        self.x.iter().map(|v| v * v).sum::<f64>() / self.x.len() as f64
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        self.rows(row, row + 1)
    }

    /// The numbers of the rows `from..to`.
    pub(super) fn rows(&self, from: usize, to: usize) -> &[f64] {
        let columns = self.x.ncols();
        &self.x.as_slice().unwrap_or_default()[from * columns..to * columns]
    }
}

/// What one start came to; centres are about the mean of the data.
pub(super) struct Run {
    pub(super) centers: Array2<f64>,
    pub(super) segments: Vec<u32>,
    pub(super) inertia: f64,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// Iterates from `centers` until no row changes its segment, the centres move by no more than `tolerance` (the sum of their
/// squared shifts), or `max_iter`.
pub(super) fn run(
    data: &Data,
    mut centers: Array2<f64>,
    max_iter: usize,
    tolerance: f64,
    context: &Context,
) -> Result<Run> {
    let mut segments = vec![u32::MAX; data.x.nrows()];
    let (mut n_iter, mut settled, mut converged) = (0, false, false);
    while n_iter < max_iter && !converged {
        context.check()?;
        n_iter += 1;
        let (sums, changed) = assign(data, &centers, &mut segments);
        let next = sums.means(data, &centers, &segments);
        let shift: f64 = next.iter().zip(&centers).map(|(a, b)| (a - b).powi(2)).sum();
        centers = next;
        settled = !changed;
        converged = settled || shift <= tolerance;
        context.report("k-means", n_iter as u64, Some(max_iter as u64));
    }
    if !settled {
        // The centres moved once more after the last assignment.
        assign(data, &centers, &mut segments);
    }
    let inertia = inertia(data, &centers, &segments);
    Ok(Run { centers, segments, inertia, n_iter, converged })
}

/// The weighted sums of the rows of each segment.
struct Sums {
    sums: Array2<f64>,
    weights: Vec<f64>,
}

/// Puts every row into the segment of its nearest centre; the sums of the new segments, and whether any row changed.
fn assign(data: &Data, centers: &Array2<f64>, segments: &mut [u32]) -> (Sums, bool) {
    let panels = Panels::new(centers.view());
    let shape = centers.raw_dim();
    let pieces: Vec<(Sums, bool)> = segments
        .par_chunks_mut(data.piece)
        .enumerate()
        .map(|(piece, segments)| {
            let first = piece * data.piece;
            let rows = data.rows(first, first + segments.len());
            let mut new = vec![0; segments.len()];
            panels.nearest(rows, &mut new);
            let changed = new != *segments;
            segments.copy_from_slice(&new);
            let mut sums = Sums { sums: Array2::zeros(shape), weights: vec![0.0; shape[0]] };
            let flat = sums.sums.as_slice_mut().unwrap_or_default();
            for (i, (row, &segment)) in rows.chunks_exact(shape[1]).zip(&*segments).enumerate() {
                let (weight, segment) = (data.weight(first + i), segment as usize);
                sums.weights[segment] += weight;
                let sum = &mut flat[segment * shape[1]..(segment + 1) * shape[1]];
                sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            (sums, changed)
        })
        .collect();
    let mut total = Sums { sums: Array2::zeros(shape), weights: vec![0.0; shape[0]] };
    let mut changed = false;
    for (piece, piece_changed) in pieces {
        total.sums += &piece.sums;
        total.weights.iter_mut().zip(piece.weights).for_each(|(total, weight)| *total += weight);
        changed |= piece_changed;
    }
    (total, changed)
}

impl Sums {
    /// The new centres.
    fn means(mut self, data: &Data, centers: &Array2<f64>, segments: &[u32]) -> Array2<f64> {
        if self.weights.contains(&0.0) {
            self.refill(data, centers, segments);
        }
        for (segment, mut sum) in self.sums.rows_mut().into_iter().enumerate() {
            if self.weights[segment] > 0.0 {
                sum /= self.weights[segment];
            } else {
                sum.assign(&centers.row(segment));
            }
        }
        self.sums
    }

    /// Empty segments get the rows that lie farthest from their centres, the farthest first, as in scikit-learn. Rows without
    /// weight and the last row of a segment are not taken.
    fn refill(&mut self, data: &Data, centers: &Array2<f64>, segments: &[u32]) {
        let empty: Vec<usize> = (0..self.weights.len()).filter(|&s| self.weights[s] == 0.0).collect();
        let mut members = vec![0usize; self.weights.len()];
        let mut far: Vec<(f64, usize)> = Vec::new();
        for (row, &segment) in segments.iter().enumerate().filter(|(row, _)| data.weight(*row) > 0.0) {
            members[segment as usize] += 1;
            far.push((squared(data.row(row), centers.row(segment as usize)), row));
        }
        far.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut far = far.into_iter().filter(|(distance, _)| *distance > 0.0);
        for to in empty {
            let taken = far.by_ref().find(|(_, row)| members[segments[*row] as usize] > 1);
            let Some((_, row)) = taken else { return };
            let (from, weight) = (segments[row] as usize, data.weight(row));
            members[from] -= 1;
            self.weights[from] -= weight;
            self.weights[to] = weight;
            for (column, value) in data.row(row).iter().enumerate() {
                self.sums[[from, column]] -= weight * value;
                self.sums[[to, column]] = weight * value;
            }
        }
    }
}

/// The weighted sum of the squared distances to the centres.
fn inertia(data: &Data, centers: &Array2<f64>, segments: &[u32]) -> f64 {
    let pieces: Vec<f64> = segments
        .par_chunks(data.piece)
        .enumerate()
        .map(|(piece, segments)| {
            let first = piece * data.piece;
            let of_row =
                |(i, &s): (usize, &u32)| data.weight(first + i) * squared(data.row(first + i), centers.row(s as usize));
            segments.iter().enumerate().map(of_row).sum()
        })
        .collect();
    pieces.into_iter().sum()
}
