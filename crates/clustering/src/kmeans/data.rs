//! The rows that k-means works on.

use crate::{
    counted::Counted,
    scale::{factor_exponent, power, times},
    waves::in_waves,
};
use adflux_core::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

/// The rows that count, about their mean and divided by the power of two that brings the largest number to between 1/2 and 1: sums
/// and squares of the tiniest and the largest numbers are as exact as those of others. Weights are brought to about 1 in the same way.
pub(super) struct Data {
    pub(super) x: Array2<f64>,
    weights: Option<Array1<f64>>,
    /// Rows that one piece of work takes. It depends on the number of rows alone, so that sums are added in the same order
    /// whatever the number of threads; at most 256 pieces.
    pub(super) piece: usize,
    origin: Array1<f64>,
    exponent: i32,
    weight_exponent: i32,
}

impl Data {
    /// Of the rows that `counted` left.
    pub(super) fn new(x: ArrayView2<f64>, counted: &Counted) -> Self {
        let piece = x.nrows().div_ceil(256).max(1024);
        let origin = mean(x, counted, piece);
        let off = |rows: ArrayView2<f64>| {
            let of_row =
                |row: ArrayView1<f64>| row.iter().zip(&origin).fold(0.0, |most, (v, o)| f64::max(most, (v - o).abs()));
            rows.rows().into_iter().map(of_row).fold(0.0, f64::max)
        };
        let most = x.axis_chunks_iter(Axis(0), piece).into_par_iter().map(off).reduce(|| 0.0, f64::max);
        let exponent = factor_exponent(most);
        let scale = power(-exponent);
        let mut centred = Array2::zeros(x.raw_dim());
        let pieces = centred.axis_chunks_iter_mut(Axis(0), piece).into_par_iter();
        pieces.zip(x.axis_chunks_iter(Axis(0), piece)).for_each(|(mut to, from)| {
            for (mut to, from) in to.rows_mut().into_iter().zip(from.rows()) {
                to.iter_mut().zip(from).zip(&origin).for_each(|((to, from), origin)| *to = (from - origin) * scale);
            }
        });
        let weights = counted.weights().map(|w| w.to_owned());
        Data { x: centred, weights, piece, origin, exponent, weight_exponent: counted.exponent() }
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

    /// The mean over the columns of their variances: the scale of the tolerance. Weights count rows here too; scikit-learn's do not.
    ///
    /// # Errors
    /// When the inertia about the mean is no number in the unit of the columns.
    pub(super) fn mean_variance(&self, kind: &str) -> Result<f64> {
        let rows = self.x.nrows();
        let of_piece = |piece: usize| {
            let (from, to) = (piece * self.piece, ((piece + 1) * self.piece).min(rows));
            (from..to).fold((0.0, 0.0), |(squares, total), row| {
                let weight = self.weight(row);
                (squares + weight * square(self.row(row)), total + weight)
            })
        };
        let (mut squares, mut total) = (0.0, 0.0);
        in_waves(rows.div_ceil(self.piece), 16, of_piece, |(more, weight)| {
            squares += more;
            total += weight;
        });
        if self.original_inertia(squares).is_finite() {
            return Ok(squares / (total * self.columns() as f64));
        }
        Err(Error::data(format!("`{kind}`: numbers too large to be squared: put a standard-scaler before it")))
    }

    /// Centres given in the unit of the columns.
    ///
    /// # Errors
    /// When one lies so far off that its squared distance is no number.
    pub(super) fn placed(&self, centers: &Array2<f64>) -> Result<Array2<f64>> {
        let placed = (centers - &self.origin) * power(-self.exponent);
        check_distance(&placed)?;
        Ok(placed)
    }

    /// Centres in the unit of the columns.
    pub(super) fn original(&self, centers: &Array2<f64>) -> Array2<f64> {
        centers * power(self.exponent) + &self.origin
    }

    /// An inertia in the square of the unit of the columns, times that of the weights.
    pub(super) fn original_inertia(&self, inertia: f64) -> f64 {
        times(inertia, 2 * self.exponent + self.weight_exponent)
    }

    /// The exponent of what the numbers were divided by.
    pub(super) fn exponent(&self) -> i32 {
        self.exponent
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

/// Refuses centres, about rows of numbers about 1, whose squared distance to these is no number.
pub(super) fn check_distance(centers: &Array2<f64>) -> Result<()> {
    // With room for the rows and for what is added up.
    let near = |center: ArrayView1<f64>| center.iter().map(|v| v * v).sum::<f64>() < 1e300;
    match centers.rows().into_iter().position(|center| !near(center)) {
        None => Ok(()),
        Some(i) => {
            let reason =
                format!("center {} lies too far from the rows: its squared distance is no number beside theirs", i + 1);
            Err(Error::parameter("init", format_args!("{} centers", centers.nrows()), reason))
        }
    }
}

/// The sum of squares.
pub(super) fn square(row: &[f64]) -> f64 {
    row.iter().map(|v| v * v).sum()
}

/// The weighted mean of rows, added in a fixed order.
fn mean(x: ArrayView2<f64>, counted: &Counted, piece: usize) -> Array1<f64> {
    let (rows, columns) = x.dim();
    let of_piece = |number: usize| {
        let (from, to) = (number * piece, ((number + 1) * piece).min(rows));
        let (mut sum, mut total) = (Array1::<f64>::zeros(columns), 0.0);
        for (row, numbers) in (from..).zip(x.slice(s![from..to, ..]).rows()) {
            let weight = counted.weight(row);
            sum.iter_mut().zip(numbers).for_each(|(sum, v)| *sum += weight * v);
            total += weight;
        }
        (sum, total)
    };
    let (mut sum, mut total) = (Array1::zeros(columns), 0.0);
    in_waves(rows.div_ceil(piece), 8 * columns, of_piece, |(more, weight)| {
        sum += &more;
        total += weight;
    });
    sum / total
}

/// The rows once more in f32: halved numbers are compared twice as fast.
pub(super) struct Narrow {
    rows: Vec<f32>,
    /// The length of each row, rounded up.
    lengths: Vec<f32>,
    columns: usize,
}

impl Narrow {
    pub(super) fn new(data: &Data) -> Self {
        let columns = data.columns();
        let parts = data.pieces(|rows| {
            let narrow: Vec<f32> = rows.iter().map(|v| *v as f32).collect();
            let lengths = rows.chunks_exact(columns).map(|row| (square(row).sqrt() * (1.0 + 1e-6)) as f32);
            (narrow, lengths.collect::<Vec<f32>>())
        });
        let (mut rows, mut lengths) = (Vec::with_capacity(data.x.len()), Vec::with_capacity(data.x.nrows()));
        for (narrow, of_rows) in parts {
            rows.extend(narrow);
            lengths.extend(of_rows);
        }
        Narrow { rows, lengths, columns }
    }

    /// The numbers and the lengths of the rows `from..to`.
    pub(super) fn rows(&self, from: usize, to: usize) -> (&[f32], &[f32]) {
        (&self.rows[from * self.columns..to * self.columns], &self.lengths[from..to])
    }
}
