//! Systems of equations with a symmetric positive definite matrix, and how far they are from being solvable.

use super::passes::{axpy, dot};
use ndarray::Array2;

/// The Cholesky factor of a matrix whose diagonal is scaled to 1 first, so that units do not matter.
#[derive(Clone, Debug)]
pub struct Cholesky {
    size: usize,
    /// Roots of the diagonal; 0 for a column that is left out: its solution is 0.
    norms: Vec<f64>,
    /// Row by row; above the diagonal are zeros.
    lower: Vec<f64>,
    /// The least share of a column that the columns before it do not hold, squared: 0 when one is a sum of others.
    pub(crate) smallest_pivot: f64,
}

impl Cholesky {
    /// Of a matrix of size² numbers. Columns with `left_out`, or without anything on the diagonal, are taken for zeros. O(size³ / 3).
    pub fn new(a: &[f64], size: usize, left_out: impl Fn(usize) -> bool) -> Self {
        let norm = |i: usize| if left_out(i) { 0.0 } else { a[i * size + i].max(0.0).sqrt() };
        let norms: Vec<f64> = (0..size).map(norm).collect();
        let mut lower = vec![0.0; size * size];
        let mut smallest_pivot = 1.0_f64;
        for i in 0..size {
            let (done, rest) = lower.split_at_mut(i * size);
            let row = &mut rest[..size];
            if norms[i] == 0.0 {
                row[i] = 1.0;
                continue;
            }
            for j in 0..i {
                if norms[j] > 0.0 {
                    let of_j = &done[j * size..j * size + size];
                    row[j] = (a[i * size + j] / norms[i] / norms[j] - dot(&row[..j], &of_j[..j])) / of_j[j];
                }
            }
            let pivot = 1.0 - dot(&row[..i], &row[..i]);
            smallest_pivot = smallest_pivot.min(if pivot.is_finite() { pivot } else { 0.0 });
            row[i] = pivot.max(f64::MIN_POSITIVE).sqrt();
        }
        Cholesky { size, norms, lower, smallest_pivot }
    }

    /// [`new`](Self::new) for steps towards a minimum: where columns repeat each other, a little more of each diagonal keeps the step
    /// finite. Where the steps end, the gradient is 0 all the same.
    pub(crate) fn of_curvature(mut h: Vec<f64>, size: usize, left_out: impl Fn(usize) -> bool) -> Self {
        let factor = Cholesky::new(&h, size, &left_out);
        if factor.smallest_pivot >= 1e-10 {
            return factor;
        }
        (0..size).for_each(|j| h[j * size + j] *= 1.0 + 1e-8);
        Cholesky::new(&h, size, left_out)
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.lower[i * self.size..(i + 1) * self.size]
    }

    /// Turns `b` into the solution. O(size²).
    pub fn solve(&self, b: &mut [f64]) {
        self.forward(b);
        self.backward(b);
    }

    /// `L⁻¹·D⁻¹·b`, whose square is `bᵀA⁻¹b`.
    pub(crate) fn forward(&self, b: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            b[i] = if self.norms[i] > 0.0 { (b[i] / self.norms[i] - dot(&row[..i], &b[..i])) / row[i] } else { 0.0 };
        }
    }

    /// `D⁻¹·L⁻ᵀ·b`.
    pub(crate) fn backward(&self, b: &mut [f64]) {
        for i in (0..self.size).rev() {
            let row = self.row(i);
            b[i] /= row[i];
            axpy(-b[i], &row[..i], &mut b[..i]);
        }
        b.iter_mut().zip(&self.norms).for_each(|(b, norm)| *b = if *norm > 0.0 { *b / norm } else { 0.0 });
    }

    /// The inverse of the matrix; rows and columns left out are zeros.
    pub(crate) fn inverse(&self) -> Array2<f64> {
        let mut inverse = Array2::zeros((self.size, self.size));
        for i in 0..self.size {
            let mut unit = vec![0.0; self.size];
            unit[i] = 1.0;
            self.solve(&mut unit);
            inverse.row_mut(i).iter_mut().zip(unit).for_each(|(to, from)| *to = from);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_of_any_units_are_solved_and_collinear_ones_seen() {
        // x = (1, 1e-3, 0): the last column is zero and left out.
        let a = [4.0, 2e3, 0.0, 2e3, 5e6, 0.0, 0.0, 0.0, 0.0];
        let factor = Cholesky::new(&a, 3, |_| false);
        let mut b = [6.0, 7e3, 0.0];
        factor.solve(&mut b);
        assert!((b[0] - 1.0).abs() < 1e-12 && (b[1] - 1e-3).abs() < 1e-15 && b[2] == 0.0, "{b:?}");
        assert!((factor.smallest_pivot - 0.8).abs() < 1e-12);
        assert!((factor.inverse()[[0, 0]] - 0.3125).abs() < 1e-12);
        assert!(Cholesky::new(&[1.0, 2.0, 2.0, 4.0], 2, |_| false).smallest_pivot < 1e-12);
    }
}
