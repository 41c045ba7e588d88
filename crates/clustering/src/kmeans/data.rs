//! The rows that k-means works on.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
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
        let piece = x.nrows().div_ceil(256).max(1024);
        let mut centred = Array2::zeros(x.raw_dim());
        let pieces = centred.axis_chunks_iter_mut(Axis(0), piece).into_par_iter();
        pieces.zip(x.axis_chunks_iter(Axis(0), piece)).for_each(|(mut to, from)| {
            for (mut to, from) in to.rows_mut().into_iter().zip(from.rows()) {
                to.iter_mut().zip(from).zip(mean).for_each(|((to, from), mean)| *to = from - mean);
            }
        });
        Data { x: centred, weights: weights.map(|w| w.to_owned()), piece }
    }

    pub(super) fn columns(&self) -> usize {
        self.x.ncols()
    }

    pub(super) fn weights(&self) -> Option<ArrayView1<'_, f64>> {
        self.weights.as_ref().map(|w| w.view())
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[row])
    }

    /// The mean over the columns of their variances, not weighted: the scale of the tolerance, as in scikit-learn.
    pub(super) fn mean_variance(&self) -> f64 {
        self.pieces(|rows| rows.iter().map(|v| v * v).sum::<f64>()).into_iter().sum::<f64>() / self.x.len() as f64
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        self.rows(row, row + 1)
    }

    /// The numbers of the rows `from..to`.
    pub(super) fn rows(&self, from: usize, to: usize) -> &[f64] {
        let columns = self.x.ncols();
        &self.x.as_slice().unwrap_or_default()[from * columns..to * columns]
    }

    /// `work` on the numbers of each piece, in their order.
    pub(super) fn pieces<T: Send>(&self, work: impl Fn(&[f64]) -> T + Sync + Send) -> Vec<T> {
        let numbers = self.x.as_slice().unwrap_or_default();
        numbers.par_chunks(self.piece * self.columns().max(1)).map(work).collect()
    }
}

/// The rows once more in f32, scaled by a power of two so that the longest has a length between 1/2 and 1: halved numbers are
/// compared twice as fast, and neither overflow nor vanish.
pub(super) struct Narrow {
    pub(super) scale: f64,
    rows: Vec<f32>,
    /// The length of each row, rounded up.
    lengths: Vec<f32>,
    columns: usize,
}

impl Narrow {
    pub(super) fn new(data: &Data) -> Self {
        let columns = data.columns();
        let length = |row: &[f64]| row.iter().map(|v| v * v).sum::<f64>().sqrt();
        let longest = data.pieces(|rows| rows.chunks_exact(columns).map(length).fold(0.0, f64::max));
        let longest = longest.into_iter().fold(0.0, f64::max);
        // Beyond 2^1000 either way nothing would be left of the other numbers.
        let scale = if longest > 0.0 { (-longest.log2().ceil().clamp(-1000.0, 1000.0)).exp2() } else { 1.0 };
        let parts = data.pieces(|rows| {
            let narrow: Vec<f32> = rows.iter().map(|v| (v * scale) as f32).collect();
            let lengths = rows.chunks_exact(columns).map(|row| (length(row) * scale * (1.0 + 1e-6)) as f32);
            (narrow, lengths.collect::<Vec<f32>>())
        });
        let (mut rows, mut lengths) = (Vec::with_capacity(data.x.len()), Vec::with_capacity(data.x.nrows()));
        for (narrow, of_rows) in parts {
            rows.extend(narrow);
            lengths.extend(of_rows);
        }
        Narrow { scale, rows, lengths, columns }
    }

    /// The numbers and the lengths of the rows `from..to`.
    pub(super) fn rows(&self, from: usize, to: usize) -> (&[f32], &[f32]) {
        (&self.rows[from * self.columns..to * self.columns], &self.lengths[from..to])
    }
}
