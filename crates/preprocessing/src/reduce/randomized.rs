//! The first singular vectors of a matrix that is only ever multiplied, by random projection.

use super::{
    blocked::{centred, project, rows_of_block, summed, view, view_mut},
    factor::{Qr, Svd, product, small_svd, tall_qr},
};
use crate::step::ROWS;
use adflux_core::{Context, Error, Result, parameter, random::stream};
use faer::{Accum, Par, linalg::matmul::matmul};
use ndarray::{Array2, ArrayView2, CowArray, Ix2, s};
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sprs::CsMat;

/// How the power iterations of a randomized decomposition are kept from collapsing onto the first vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalizer {
    /// Not at all up to two iterations; for more by a QR factorization once an iteration, of the shorter of the two products.
    /// Exact but for components whose singular value is below 10⁻⁸ of the largest. In the place of scikit-learn's LU
    /// factorization of both products, which is there for speed.
    #[default]
    Auto,
    /// By a QR factorization of both products of each iteration: the slowest and most exact.
    Qr,
    /// Not at all: fastest, and inexact for more than a few iterations.
    None,
}

/// The most power iterations that are asked for in earnest: a decomposition is done after ten.
const MOST_ITERATIONS: usize = 1000;

/// How a randomized decomposition is made.
pub(super) struct Randomized {
    pub(super) n_oversamples: usize,
    pub(super) n_iter: usize,
    pub(super) normalizer: Normalizer,
    pub(super) seed: u64,
}

/// Checks the number of power iterations.
pub(super) fn check_iterations(name: &'static str, value: usize) -> Result<()> {
    parameter::ensure(value <= MOST_ITERATIONS, name, value, "must be at most 1000")
}

/// A matrix of rows × columns that can be multiplied from both sides.
pub(super) trait Operator: Sync {
    /// Rows and columns.
    fn dim(&self) -> (usize, usize);
    /// `A·y`.
    fn times(&self, y: &Array2<f64>) -> Array2<f64>;
    /// `Aᵀ·y`.
    fn transposed_times(&self, y: &Array2<f64>) -> Array2<f64>;
}

/// Dense rows less their means, which are taken off panel by panel: the rows are not copied.
pub(super) struct Centred<'a> {
    pub(super) x: ArrayView2<'a, f64>,
    pub(super) center: &'a [f64],
}

impl Operator for Centred<'_> {
    fn dim(&self) -> (usize, usize) {
        self.x.dim()
    }

    fn times(&self, y: &Array2<f64>) -> Array2<f64> {
        project(&self.x, self.center, y)
    }

    fn transposed_times(&self, y: &Array2<f64>) -> Array2<f64> {
        let (width, count) = (self.x.ncols(), y.ncols());
        let (x, y) = (self.x.as_standard_layout(), y.as_standard_layout());
        let (x, y) = (x.as_slice().unwrap_or_default(), y.as_slice().unwrap_or_default());
        let products = |first: usize, block: &[f64]| {
            let rows = block.len() / width;
            let (mut panel, mut out) = (vec![0.0; block.len()], vec![0.0; width * count]);
            centred(block, self.center, &mut panel);
            let beside = view(&y[first / width * count..][..rows * count], rows, count);
            let rows = view(&panel, rows, width);
            matmul(view_mut(&mut out, width, count), Accum::Replace, rows.transpose(), beside, 1.0, Par::Seq);
            out
        };
        let add = |total: &mut Vec<f64>, part: Vec<f64>| total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
        let out = summed(x, width, rows_of_block(count), products, add);
        out.and_then(|out| Array2::from_shape_vec((width, count), out).ok())
            .unwrap_or_else(|| Array2::zeros((width, count)))
    }
}

/// Blocks side by side, dense and sparse, as they are.
pub(super) struct Joined<'a> {
    rows: usize,
    parts: Vec<Part<'a>>,
}

enum Part<'a> {
    Dense(CowArray<'a, f64, Ix2>),
    /// The matrix and its transpose, both compressed by row.
    Sparse(&'a CsMat<f64>, CsMat<f64>),
}

impl<'a> Joined<'a> {
    pub(super) fn new(rows: usize) -> Self {
        Joined { rows, parts: Vec::new() }
    }

    pub(super) fn dense(&mut self, x: &'a Array2<f64>) {
        self.parts.push(Part::Dense(x.as_standard_layout()));
    }

    pub(super) fn sparse(&mut self, x: &'a CsMat<f64>) {
        self.parts.push(Part::Sparse(x, x.to_csc().transpose_into()));
    }
}

impl Part<'_> {
    fn width(&self) -> usize {
        match self {
            Part::Dense(x) => x.ncols(),
            Part::Sparse(x, _) => x.cols(),
        }
    }
}

impl Operator for Joined<'_> {
    fn dim(&self) -> (usize, usize) {
        (self.rows, self.parts.iter().map(Part::width).sum())
    }

    fn times(&self, y: &Array2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((self.rows, y.ncols()));
        let mut first = 0;
        for part in &self.parts {
            let of_part = y.slice(s![first..first + part.width(), ..]);
            match part {
                Part::Dense(x) => out += &project(&x.view(), &vec![0.0; x.ncols()], &of_part.to_owned()),
                Part::Sparse(x, _) => add_sparse_product(&mut out, x, &of_part),
            }
            first += part.width();
        }
        out
    }

    fn transposed_times(&self, y: &Array2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((self.dim().1, y.ncols()));
        let mut first = 0;
        for part in &self.parts {
            let mut to = out.slice_mut(s![first..first + part.width(), ..]);
            match part {
                Part::Dense(x) => {
                    let center = vec![0.0; x.ncols()];
                    to.assign(&Centred { x: x.view(), center: &center }.transposed_times(y));
                }
                Part::Sparse(_, transposed) => {
                    let mut product = Array2::zeros(to.dim());
                    add_sparse_product(&mut product, transposed, &y.view());
                    to.assign(&product);
                }
            }
            first += part.width();
        }
        out
    }
}

/// Adds `x·y` of a matrix compressed by row; each row on its own.
pub(super) fn add_sparse_product(out: &mut Array2<f64>, x: &CsMat<f64>, y: &ArrayView2<'_, f64>) {
    let width = y.ncols();
    let y = y.as_standard_layout();
    let (Some(y), Some(to)) = (y.as_slice(), out.as_slice_mut()) else { return };
    if width == 0 {
        return;
    }
    let rows = |(block, to): (usize, &mut [f64])| {
        for (row, to) in to.chunks_exact_mut(width).enumerate() {
            let Some(entries) = x.outer_view(block * ROWS + row) else { continue };
            for (column, value) in entries.iter() {
                let from = &y[column * width..][..width];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += value * from);
            }
        }
    };
    if x.rows() <= ROWS {
        rows((0, to));
    } else {
        to.par_chunks_mut(ROWS * width).enumerate().for_each(rows);
    }
}

/// A matrix, or its transpose.
struct Turned<'a, A> {
    matrix: &'a A,
    turned: bool,
}

impl<A: Operator> Turned<'_, A> {
    fn times(&self, y: &Array2<f64>) -> Array2<f64> {
        if self.turned { self.matrix.transposed_times(y) } else { self.matrix.times(y) }
    }

    fn transposed_times(&self, y: &Array2<f64>) -> Array2<f64> {
        if self.turned { self.matrix.times(y) } else { self.matrix.transposed_times(y) }
    }
}

/// The `count` largest singular values of `matrix`, falling, and its right singular vectors as columns.
///
/// Halko, Martinsson & Tropp (2011), algorithms 4.4 and 5.1: the range of the matrix is found from its products with
/// `count + n_oversamples` random vectors, sharpened by power iterations, and the matrix projected on it decomposed. As in
/// scikit-learn, a matrix wider than tall is turned first. O(products of the matrix × (count + n_oversamples) × n_iter).
///
/// # Errors
/// When the numbers overflow, or the work is cancelled.
pub(super) fn randomized_svd<A: Operator>(
    matrix: &A,
    count: usize,
    how: &Randomized,
    context: &Context,
) -> Result<(Vec<f64>, Array2<f64>)> {
    let (rows, columns) = matrix.dim();
    let turned = rows < columns;
    let narrow = rows.min(columns);
    let size = count.saturating_add(how.n_oversamples).min(narrow);
    let matrix = Turned { matrix, turned };
    // The long product of an iteration, and the short one.
    let (long, short) = match how.normalizer {
        Normalizer::Auto => (false, how.n_iter > 2),
        Normalizer::Qr => (true, true),
        Normalizer::None => (false, false),
    };
    let normalized = |y: Array2<f64>, qr: bool| if qr { orthonormal(y) } else { Ok(y) };
    let mut y = random_normals(narrow, size, how.seed);
    for round in 0..how.n_iter {
        context.check()?;
        context.report("power iterations", round as u64, Some(how.n_iter as u64));
        y = normalized(matrix.times(&y), long)?;
        y = normalized(matrix.transposed_times(&y), short)?;
    }
    context.check()?;
    let range = orthonormal(matrix.times(&y))?;
    // The projected matrix, turned: narrow × size.
    let projected = matrix.transposed_times(&range);
    let Qr { q, r } = tall_qr(projected.as_slice().unwrap_or_default(), size, &vec![0.0; size], !turned);
    let Svd { u, s, v } = small_svd(&r)?;
    let vectors = match q {
        Some(q) => product(&q, &u),
        None => product(&range, &v),
    };
    Ok((s[..count.min(s.len())].to_vec(), vectors.slice(s![.., ..count.min(size)]).to_owned()))
}

/// An orthonormal basis of the columns.
fn orthonormal(y: Array2<f64>) -> Result<Array2<f64>> {
    let width = y.ncols();
    let overflow =
        || Error::data("the products of the columns overflow: scale the columns first, with a standard-scaler");
    if !y.iter().all(|v| v.is_finite()) {
        return Err(overflow());
    }
    tall_qr(y.as_slice().unwrap_or_default(), width, &vec![0.0; width], true).q.ok_or_else(overflow)
}

/// Standard normal numbers, each row of a stream of its own.
fn random_normals(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
    let mut out = Array2::zeros((rows, columns));
    for (row, mut to) in out.rows_mut().into_iter().enumerate() {
        let mut rng = stream(seed, &[row as u64]);
        to.iter_mut().for_each(|v| *v = StandardNormal.sample(&mut rng));
    }
    out
}

/// The builder methods of the recipes that may take random projections.
macro_rules! randomized_recipe {
    ($recipe:ident) => {
        impl $recipe {
            /// Random vectors of the randomized solver beyond the number of components.
            pub fn n_oversamples(mut self, n_oversamples: usize) -> Self {
                self.n_oversamples = n_oversamples;
                self
            }

            /// How the randomized solver normalizes its power iterations.
            pub fn power_iteration_normalizer(mut self, normalizer: Normalizer) -> Self {
                self.power_iteration_normalizer = normalizer;
                self
            }

            /// What the new columns are called, before their number.
            pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
                self.prefix = prefix.into();
                self
            }

            /// Of the random vectors.
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }
        }
    };
}
pub(super) use randomized_recipe;

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Axis, concatenate};

    const HOW: Randomized = Randomized { n_oversamples: 10, n_iter: 5, normalizer: Normalizer::Auto, seed: 3 };

    /// A matrix of singular values 1, 1/2, 1/4, … in random directions.
    fn falling(rows: usize, columns: usize, rank: usize) -> Array2<f64> {
        let basis = |n: usize, seed: u64| orthonormal(random_normals(n, rank, seed)).unwrap();
        let values = ndarray::Array1::from_shape_fn(rank, |i| 0.5_f64.powi(i as i32));
        (basis(rows, 1) * values).dot(&basis(columns, 2).t())
    }

    #[test]
    fn singular_values_are_found_of_tall_and_of_wide_matrices() {
        for (rows, columns) in [(60, 40), (40, 60), (20, 20)] {
            let x = falling(rows, columns, 18);
            let mut joined = Joined::new(rows);
            joined.dense(&x);
            let (values, vectors) = randomized_svd(&joined, 5, &HOW, &Context::default()).unwrap();
            for (i, value) in values.iter().enumerate() {
                assert!((value - 0.5_f64.powi(i as i32)).abs() < 1e-9, "{values:?}");
            }
            assert!((vectors.t().dot(&vectors) - Array2::<f64>::eye(5)).iter().all(|d| d.abs() < 1e-12));
            // X·v is as long as the singular value.
            for (v, value) in x.dot(&vectors).columns().into_iter().zip(values) {
                assert!((v.dot(&v).sqrt() - value).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn parts_side_by_side_are_multiplied_as_one_matrix() {
        let x = Array2::from_shape_fn((9, 4), |(r, c)| if (r + c) % 3 == 0 { r as f64 - c as f64 } else { 0.0 });
        let z = Array2::from_shape_fn((9, 3), |(r, c)| (r * 3 + c) as f64 * 0.1);
        let sparse = CsMat::csr_from_dense(x.view(), 0.0);
        let mut joined = Joined::new(9);
        joined.sparse(&sparse);
        joined.dense(&z);
        let whole = concatenate(Axis(1), &[x.view(), z.view()]).unwrap();
        let (right, left) = (random_normals(7, 2, 1), random_normals(9, 2, 2));
        assert!((joined.times(&right) - whole.dot(&right)).iter().all(|d| d.abs() < 1e-12));
        assert!((joined.transposed_times(&left) - whole.t().dot(&left)).iter().all(|d| d.abs() < 1e-12));
    }
}
