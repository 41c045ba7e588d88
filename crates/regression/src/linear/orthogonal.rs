//! Least squares by orthogonal factors, for columns that say nearly or quite the same, and for more columns than rows.
//!
//! The rows are reduced to the triangle of a QR factorization, block by block (Demmel et al., 2012, *Communication-optimal
//! parallel and sequential QR and LU factorizations*), and the triangle is taken apart into singular values. The products of
//! the columns are never formed, so half of the digits are not lost.

use super::{
    design::{Design, overflow},
    passes::dot,
};
use adflux_core::{Context, Error, Result};
use faer::{
    Mat, Par,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size},
        svd::{ComputeSvdVectors, svd, svd_scratch},
    },
};
use ndarray::Array2;
use rayon::prelude::*;

/// The triangle `R` of the rows (columns of the table less their centers in the units of the table, then `beside`), each times
/// the root of its weight: `RᵀR` are their products.
pub(super) fn triangle(
    design: &Design<'_>,
    beside: &[&[f64]],
    weights: Option<&[f64]>,
    context: &Context,
) -> Result<Mat<f64>> {
    let (rows, width) = (design.rows(), design.width());
    let columns = width + beside.len();
    let step = (16 * columns).max(2048);
    let starts: Vec<usize> = (0..rows).step_by(step).collect();
    let parts: Result<Vec<Mat<f64>>> = starts
        .into_par_iter()
        .map(|start| {
            context.check()?;
            let count = step.min(rows - start);
            let mut part = Mat::zeros(count, columns);
            let mut line = vec![0.0; width];
            for at in 0..count {
                let root = weights.map_or(1.0, |w| w[start + at].sqrt());
                design.read(start + at, root, &mut line);
                for (j, (value, scale)) in line.iter().zip(&design.scale).enumerate() {
                    part[(at, j)] = value / scale;
                }
                for (j, column) in beside.iter().enumerate() {
                    part[(at, width + j)] = column[start + at] * root;
                }
            }
            Ok(reduced(part))
        })
        .collect();
    let parts = parts?;
    let mut stacked = Mat::zeros(parts.iter().map(Mat::nrows).sum(), columns);
    let mut next = 0;
    for part in &parts {
        stacked.as_mut().subrows_mut(next, part.nrows()).copy_from(part);
        next += part.nrows();
    }
    Ok(if parts.len() == 1 { stacked } else { reduced(stacked) })
}

/// The triangle of a Householder QR, on one thread.
fn reduced(mut a: Mat<f64>) -> Mat<f64> {
    let (rows, columns) = a.shape();
    let size = rows.min(columns);
    let block = recommended_block_size::<f64>(rows, columns);
    let mut coefficients = Mat::zeros(block, size);
    let scratch = qr_in_place_scratch::<f64>(rows, columns, block, Par::Seq, Default::default());
    let mut memory = MemBuffer::new(scratch);
    qr_in_place(a.as_mut(), coefficients.as_mut(), Par::Seq, MemStack::new(&mut memory), Default::default());
    Mat::from_fn(size, columns, |i, j| if i <= j { a[(i, j)] } else { 0.0 })
}

/// The thin singular value decomposition of the columns of a triangle.
pub(super) struct Singular {
    u: Mat<f64>,
    /// The singular values, falling.
    pub(super) s: Vec<f64>,
    v: Mat<f64>,
}

impl Singular {
    /// Of the first `width` columns, each times its factor.
    ///
    /// # Errors
    /// When numbers overflow.
    pub(super) fn of(triangle: &Mat<f64>, width: usize, factor: impl Fn(usize) -> f64) -> Result<Self> {
        let height = triangle.nrows();
        if (0..triangle.ncols()).any(|j| (0..height).any(|i| !triangle[(i, j)].is_finite())) {
            return Err(overflow());
        }
        let a = Mat::from_fn(height, width, |i, j| triangle[(i, j)] * factor(j));
        let size = height.min(width);
        let thin = ComputeSvdVectors::Thin;
        let (mut u, mut v, mut s) = (Mat::zeros(height, size), Mat::zeros(width, size), Mat::zeros(size, 1));
        let scratch = svd_scratch::<f64>(height, width, thin, thin, Par::Seq, Default::default());
        svd(
            a.as_ref(),
            s.as_mut().col_mut(0).as_diagonal_mut(),
            Some(u.as_mut()),
            Some(v.as_mut()),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
            Default::default(),
        )
        .map_err(|_| {
            Error::data("the singular values were not found: scale the columns first, with a standard-scaler")
        })?;
        Ok(Singular { u, s: (0..size).map(|k| s[(k, 0)]).collect(), v })
    }

    /// What of `column` of the triangle lies along direction `k` of the rows.
    pub(super) fn on(&self, triangle: &Mat<f64>, k: usize, column: usize) -> f64 {
        (0..triangle.nrows()).map(|i| self.u[(i, k)] * triangle[(i, column)]).sum()
    }

    /// Of each column the shares of the directions in it: columns × directions, row by row.
    pub(super) fn directions(&self) -> Vec<f64> {
        (0..self.v.nrows()).flat_map(|j| (0..self.s.len()).map(move |k| self.v[(j, k)])).collect()
    }
}

/// What the triangle says of the columns.
pub(super) struct Solved {
    /// A line for each target.
    pub(super) coefficients: Array2<f64>,
    /// The inverse of the products, when the rank is full.
    pub(super) inverse: Option<Array2<f64>>,
}

/// Coefficients that minimise `|Xb − y|² + alpha·|b|²`, and among several that do, those of the least norm. `width` columns of
/// the triangle are X, those behind them targets; `rows` is the number of rows it came from.
///
/// # Errors
/// When numbers overflow.
pub(super) fn solve(triangle: &Mat<f64>, width: usize, rows: usize, alpha: f64, left_out: &[bool]) -> Result<Solved> {
    let (height, targets) = (triangle.nrows(), triangle.ncols() - width);
    let square = |j: usize| (0..height).map(|i| triangle[(i, j)] * triangle[(i, j)]).sum::<f64>();
    // With enough rows, what counts as the same direction is judged on columns of length 1, in whatever units they come. The
    // least norm is that of the coefficients in their units all the same.
    let judged = rows > width && alpha == 0.0;
    let length = |j: usize| if judged { square(j).sqrt() } else { 1.0 };
    let lengths: Vec<f64> = (0..width).map(|j| if left_out[j] { 0.0 } else { length(j) }).collect();
    let scaled = |j: usize| if lengths[j] > 0.0 { lengths[j].recip() } else { 0.0 };
    let singular = Singular::of(triangle, width, scaled)?;
    let Singular { s, v, .. } = &singular;
    let size = s.len();

    let largest = s.first().copied().unwrap_or_default();
    let least = rows.max(width) as f64 * f64::EPSILON * largest;
    let rank = s.iter().filter(|s| **s > least).count();
    let mut coefficients = Array2::zeros((targets, width));
    for (target, mut line) in coefficients.rows_mut().into_iter().enumerate() {
        for k in 0..rank {
            let factor = singular.on(triangle, k, width + target) * s[k] / (s[k] * s[k] + alpha);
            (0..width).for_each(|j| line[j] += factor * v[(j, k)] * scaled(j));
        }
    }
    let live = lengths.iter().filter(|l| **l > 0.0).count();
    if judged {
        // Directions that change no prediction, in the units of the coefficients: what lies along them is taken off.
        let flat = (rank..size).map(|k| (0..width).map(|j| v[(j, k)] * scaled(j)).collect::<Vec<f64>>());
        let flat = orthonormal(flat.collect());
        for mut line in coefficients.rows_mut() {
            for direction in &flat {
                let along: f64 = line.iter().zip(direction).map(|(b, d)| b * d).sum();
                line.iter_mut().zip(direction).for_each(|(b, d)| *b -= along * d);
            }
        }
    }
    let inverse = (rank == live && judged).then(|| {
        Array2::from_shape_fn((width, width), |(i, j)| {
            (0..rank).map(|k| v[(i, k)] * v[(j, k)] / (s[k] * s[k])).sum::<f64>() * scaled(i) * scaled(j)
        })
    });
    Ok(Solved { coefficients, inverse })
}

/// The same directions at right angles and of length 1 (Gram and Schmidt, twice); those that are nothing are left out.
fn orthonormal(directions: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let mut done: Vec<Vec<f64>> = Vec::with_capacity(directions.len());
    for mut direction in directions {
        for _ in 0..2 {
            for other in &done {
                let along = dot(&direction, other);
                super::passes::axpy(-along, other, &mut direction);
            }
            let length = dot(&direction, &direction).sqrt();
            if length == 0.0 || !length.is_finite() {
                direction.clear();
                break;
            }
            direction.iter_mut().for_each(|d| *d /= length);
        }
        if !direction.is_empty() {
            done.push(direction);
        }
    }
    done
}
