//! The shapes that covariances may have, and what densities need of them.

use adflux_core::{Error, Result};
use ndarray::{Array2, ArrayView2, s};
use serde::{Deserialize, Serialize};

/// What shape the segments of a mixture have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CovarianceType {
    /// Any ellipsoid, each its own: columns · (columns + 1) / 2 numbers a segment.
    #[default]
    Full,
    /// One ellipsoid for all.
    Tied,
    /// An ellipsoid along the columns, each its own.
    Diag,
    /// A ball, each of its own size.
    Spherical,
}

impl CovarianceType {
    /// The shape of the array of covariances: full (segments · columns) × columns, one matrix below the other; tied columns ×
    /// columns; diag segments × columns; spherical segments × 1.
    pub(super) fn shape(self, segments: usize, columns: usize) -> (usize, usize) {
        match self {
            CovarianceType::Full => (segments * columns, columns),
            CovarianceType::Tied => (columns, columns),
            CovarianceType::Diag => (segments, columns),
            CovarianceType::Spherical => (segments, 1),
        }
    }

    /// How many numbers are free.
    pub(super) fn parameters(self, segments: usize, columns: usize) -> usize {
        match self {
            CovarianceType::Full => segments * columns * (columns + 1) / 2,
            CovarianceType::Tied => columns * (columns + 1) / 2,
            CovarianceType::Diag => segments * columns,
            CovarianceType::Spherical => segments,
        }
    }

    /// Whether products of different columns are asked for.
    pub(super) fn has_products(self) -> bool {
        matches!(self, CovarianceType::Full | CovarianceType::Tied)
    }

    /// The covariances of sums of squares and products about the means, of segments of `masses`. `sums` holds a lower triangle a
    /// segment, row after row, or the squares alone.
    pub(super) fn of_sums(self, sums: &Array2<f64>, masses: &[f64], columns: usize, reg_covar: f64) -> Array2<f64> {
        let segments = masses.len();
        let mut covariances = Array2::zeros(self.shape(segments, columns));
        match self {
            CovarianceType::Full => {
                for (segment, mass) in masses.iter().enumerate() {
                    let into = covariances.slice_mut(s![segment * columns..(segment + 1) * columns, ..]);
                    fill(into, sums.row(segment).iter().map(|sum| sum / mass), reg_covar);
                }
            }
            CovarianceType::Tied => {
                let mass: f64 = masses.iter().sum();
                let all = sums.sum_axis(ndarray::Axis(0));
                fill(covariances.view_mut(), all.iter().map(|sum| sum / mass), reg_covar);
            }
            CovarianceType::Diag => {
                ndarray::Zip::indexed(&mut covariances)
                    .for_each(|(segment, column), v| *v = sums[[segment, column]] / masses[segment] + reg_covar);
            }
            CovarianceType::Spherical => {
                for (segment, mass) in masses.iter().enumerate() {
                    covariances[[segment, 0]] = sums.row(segment).sum() / (mass * columns as f64) + reg_covar;
                }
            }
        }
        covariances
    }
}

/// Fills a symmetric matrix from its lower triangle.
fn fill(mut matrix: ndarray::ArrayViewMut2<f64>, triangle: impl Iterator<Item = f64>, reg_covar: f64) {
    let places = (0..matrix.nrows()).flat_map(|i| (0..=i).map(move |j| (i, j)));
    for ((i, j), v) in places.zip(triangle) {
        let v = if i == j { v + reg_covar } else { v };
        (matrix[[i, j]], matrix[[j, i]]) = (v, v);
    }
}

/// The inverse of the Cholesky factor of a covariance: it turns differences from the mean into independent ones of variance 1.
#[derive(Clone, Debug)]
pub(super) enum Whitener {
    /// A lower triangle, row after row.
    Triangle(Vec<f64>),
    /// One factor a column.
    Scales(Vec<f64>),
}

impl Whitener {
    /// Those of all segments.
    ///
    /// # Errors
    /// When a covariance is not positive definite.
    pub(super) fn of(
        kind: CovarianceType,
        covariances: ArrayView2<f64>,
        segments: usize,
        columns: usize,
    ) -> Result<Vec<Self>> {
        let of_segment = |segment: usize| match kind {
            CovarianceType::Full => triangle(covariances.slice(s![segment * columns..(segment + 1) * columns, ..])),
            CovarianceType::Tied => triangle(covariances),
            CovarianceType::Diag => scales(covariances.row(segment).to_vec()),
            CovarianceType::Spherical => scales(vec![covariances[[segment, 0]]; columns]),
        };
        let singular = |segment: usize| {
            let reason = format!(
                "the covariance of segment {segment} is singular: raise it, scale the columns, or ask for fewer segments"
            );
            Error::parameter("reg_covar", "this", reason)
        };
        (0..segments).map(|segment| of_segment(segment).ok_or_else(|| singular(segment))).collect()
    }

    /// The logarithm of its determinant: minus half that of the covariance.
    pub(super) fn log_determinant(&self) -> f64 {
        match self {
            Whitener::Scales(scales) => scales.iter().map(|v| v.ln()).sum(),
            Whitener::Triangle(rows) => {
                let mut end = 0;
                let mut sum = 0.0;
                for length in 1.. {
                    end += length;
                    let Some(diagonal) = rows.get(end - 1) else { break };
                    sum += diagonal.ln();
                }
                sum
            }
        }
    }

    /// The squared Mahalanobis distance of a difference from the mean.
    pub(super) fn squared(&self, difference: &[f64]) -> f64 {
        match self {
            Whitener::Scales(scales) => scales.iter().zip(difference).map(|(s, v)| (s * v) * (s * v)).sum(),
            Whitener::Triangle(rows) => {
                let (mut from, mut squared) = (0, 0.0);
                for length in 1..=difference.len() {
                    let white: f64 = rows[from..from + length].iter().zip(difference).map(|(a, v)| a * v).sum();
                    squared += white * white;
                    from += length;
                }
                squared
            }
        }
    }
}

fn scales(variances: Vec<f64>) -> Option<Whitener> {
    let positive = variances.iter().all(|v| *v > 0.0 && v.is_finite() && (1.0 / v.sqrt()).is_finite());
    positive.then(|| Whitener::Scales(variances.iter().map(|v| 1.0 / v.sqrt()).collect()))
}

/// The inverse of the lower Cholesky factor; `None` when the matrix is not positive definite.
fn triangle(matrix: ArrayView2<f64>) -> Option<Whitener> {
    let n = matrix.nrows();
    let at = |i: usize, j: usize| i * (i + 1) / 2 + j;
    let mut lower = vec![0.0; n * (n + 1) / 2];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|m| lower[at(i, m)] * lower[at(j, m)]).sum();
            let rest = matrix[[i, j]] - known;
            if i == j {
                // Below this nothing is left but rounding.
                if rest.is_nan() || rest <= matrix[[i, i]] * f64::EPSILON * n as f64 || !rest.is_finite() {
                    return None;
                }
                lower[at(i, i)] = rest.sqrt();
            } else {
                lower[at(i, j)] = rest / lower[at(j, j)];
            }
        }
    }
    let mut inverse = vec![0.0; lower.len()];
    for i in 0..n {
        inverse[at(i, i)] = 1.0 / lower[at(i, i)];
        for j in 0..i {
            let sum: f64 = (j..i).map(|m| lower[at(i, m)] * inverse[at(m, j)]).sum();
            inverse[at(i, j)] = -sum / lower[at(i, i)];
        }
    }
    inverse.iter().all(|v| v.is_finite()).then_some(Whitener::Triangle(inverse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_whitener_gives_determinants_and_distances() {
        let covariance = array![[4.0, 2.0, 0.0], [2.0, 5.0, 1.0], [0.0, 1.0, 3.0]];
        let whitener = triangle(covariance.view()).unwrap();
        // The determinant is 4 · (15 − 1) − 2 · 6 = 44.
        assert!((whitener.log_determinant() + 0.5 * 44.0_f64.ln()).abs() < 1e-12);
        // (1, 0, 0) by the first entry of the inverse, 14 / 44.
        assert!((whitener.squared(&[1.0, 0.0, 0.0]) - 14.0 / 44.0).abs() < 1e-12);
        assert!(triangle(array![[1.0, 1.0], [1.0, 1.0]].view()).is_none());
        assert!(scales(vec![1.0, 0.0]).is_none());
    }
}
