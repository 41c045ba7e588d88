//! QR, singular values and eigenvalues, the same to the bit whatever the number of threads: each factorization runs on one
//! thread, and a tall matrix is factored block by block.

use super::blocked::{centred, to_array, view};
use adflux_core::{Error, Result};
use faer::{
    Accum, Conj, Mat, Par,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch},
        householder::{
            apply_block_householder_sequence_on_the_left_in_place_scratch,
            apply_block_householder_sequence_on_the_left_in_place_with_conj,
        },
        matmul::matmul,
        qr::no_pivoting::factor::{qr_in_place, qr_in_place_scratch, recommended_block_size},
        svd::{ComputeSvdVectors, svd, svd_scratch},
    },
};
use ndarray::Array2;
use rayon::prelude::*;

/// Rows of a block of a tall matrix: at least so many, and so many for each column, so that the triangles of all blocks
/// together are a small part of the matrix.
const ROWS_AT_LEAST: usize = 2048;
const ROWS_PER_COLUMN: usize = 16;

/// `a = q·r` of a tall matrix `a`: `q` of orthonormal columns and as many rows as `a` (only when asked for), `r` triangular.
pub(super) struct Qr {
    pub(super) q: Option<Array2<f64>>,
    pub(super) r: Array2<f64>,
}

/// The QR factorization of the rows `x` of `width` numbers less `center`, at least as many as `width`. Blocks of rows are
/// factored in parallel, then their triangles one on the other (Demmel et al., 2012, *Communication-optimal parallel and
/// sequential QR and LU factorizations*). As accurate as of the whole; 2·n·d² operations, twice that with `q`.
pub(super) fn tall_qr(x: &[f64], width: usize, center: &[f64], with_q: bool) -> Qr {
    let size = ROWS_AT_LEAST.max(ROWS_PER_COLUMN * width) * width;
    let factor = |part: &[f64]| {
        let mut rows = vec![0.0; part.len()];
        centred(part, center, &mut rows);
        qr(view(&rows, part.len() / width, width).to_owned(), with_q)
    };
    let mut parts: Vec<(Option<Mat<f64>>, Mat<f64>)> = x.par_chunks(size.max(1)).map(factor).collect();
    if parts.len() == 1
        && let Some((q, r)) = parts.pop()
    {
        return Qr { q: q.map(|q| to_array(q.as_ref())), r: to_array(r.as_ref()) };
    }
    let mut stacked = Mat::zeros(parts.iter().map(|(_, r)| r.nrows()).sum(), width);
    let mut starts = Vec::with_capacity(parts.len());
    let mut next = 0;
    for (_, r) in &parts {
        starts.push(next);
        stacked.as_mut().subrows_mut(next, r.nrows()).copy_from(r);
        next += r.nrows();
    }
    let (top, r) = qr(stacked, with_q);
    let q = top.map(|top| {
        let mut q = Array2::zeros((x.len() / width.max(1), r.nrows()));
        if let Some(to) = q.as_slice_mut() {
            to.par_chunks_mut((size / width.max(1) * r.nrows()).max(1)).zip(&parts).zip(&starts).for_each(
                |((to, (q, r_of_part)), start)| {
                    let Some(q) = q else { return };
                    let of_part = top.as_ref().subrows(*start, r_of_part.nrows());
                    let to = super::blocked::view_mut(to, q.nrows(), top.ncols());
                    matmul(to, Accum::Replace, q.as_ref(), of_part, 1.0, Par::Seq);
                },
            );
        }
        q
    });
    Qr { q, r: to_array(r.as_ref()) }
}

/// Householder QR on one thread: the first columns of the orthogonal factor when asked for, and the triangle.
fn qr(mut a: Mat<f64>, with_q: bool) -> (Option<Mat<f64>>, Mat<f64>) {
    let (rows, columns) = a.shape();
    let size = rows.min(columns);
    let block = recommended_block_size::<f64>(rows, columns);
    let mut coefficients = Mat::zeros(block, size);
    let scratch = qr_in_place_scratch::<f64>(rows, columns, block, Par::Seq, Default::default());
    let mut memory = MemBuffer::new(scratch);
    qr_in_place(a.as_mut(), coefficients.as_mut(), Par::Seq, MemStack::new(&mut memory), Default::default());
    let triangle = Mat::from_fn(size, columns, |i, j| if i <= j { a[(i, j)] } else { 0.0 });
    let q = with_q.then(|| {
        let mut q = Mat::identity(rows, size);
        let scratch = apply_block_householder_sequence_on_the_left_in_place_scratch::<f64>(rows, block, size);
        apply_block_householder_sequence_on_the_left_in_place_with_conj(
            a.as_ref().subcols(0, size),
            coefficients.as_ref(),
            Conj::No,
            q.as_mut(),
            Par::Seq,
            MemStack::new(&mut MemBuffer::new(scratch)),
        );
        q
    });
    (q, triangle)
}

/// `a = u·diag(s)·vᵀ`, singular values falling.
pub(super) struct Svd {
    pub(super) u: Array2<f64>,
    pub(super) s: Vec<f64>,
    pub(super) v: Array2<f64>,
}

/// The thin singular value decomposition of a small matrix.
///
/// # Errors
/// When its numbers are not finite, or it does not converge.
pub(super) fn small_svd(a: &Array2<f64>) -> Result<Svd> {
    require_finite(a)?;
    let (rows, columns) = a.dim();
    let size = rows.min(columns);
    let (mut u, mut v, mut s) = (Mat::zeros(rows, size), Mat::zeros(columns, size), Mat::zeros(size, 1));
    let thin = ComputeSvdVectors::Thin;
    let scratch = svd_scratch::<f64>(rows, columns, thin, thin, Par::Seq, Default::default());
    svd(
        by_columns(a).as_ref(),
        s.as_mut().col_mut(0).as_diagonal_mut(),
        Some(u.as_mut()),
        Some(v.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| no_convergence())?;
    let s = (0..size).map(|i| s[(i, 0)]).collect();
    Ok(Svd { u: to_array(u.as_ref()), s, v: to_array(v.as_ref()) })
}

/// Eigenvalues of a symmetric matrix, falling, and the eigenvectors as columns in the same order.
///
/// # Errors
/// When its numbers are not finite, or it does not converge.
pub(super) fn symmetric_eigen(a: &Array2<f64>) -> Result<(Vec<f64>, Array2<f64>)> {
    require_finite(a)?;
    let size = a.nrows();
    let (mut vectors, mut values) = (Mat::zeros(size, size), Mat::zeros(size, 1));
    let scratch = self_adjoint_evd_scratch::<f64>(size, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    self_adjoint_evd(
        by_columns(a).as_ref(),
        values.as_mut().col_mut(0).as_diagonal_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    )
    .map_err(|_| no_convergence())?;
    let falling = |i: usize| size - 1 - i;
    let vectors = Array2::from_shape_fn((size, size), |(row, i)| vectors[(row, falling(i))]);
    Ok(((0..size).map(|i| values[(falling(i), 0)]).collect(), vectors))
}

/// `a·b` of matrices of which one is small, on one thread.
pub(super) fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    matmul(out.as_mut(), Accum::Replace, by_columns(a).as_ref(), by_columns(b).as_ref(), 1.0, Par::Seq);
    to_array(out.as_ref())
}

/// A copy that stands column by column, as faer's factorizations want it.
fn by_columns(a: &Array2<f64>) -> Mat<f64> {
    Mat::from_fn(a.nrows(), a.ncols(), |row, column| a[[row, column]])
}

fn require_finite(a: &Array2<f64>) -> Result<()> {
    if a.iter().all(|v| v.is_finite()) {
        return Ok(());
    }
    Err(Error::data("the products of the columns overflow: scale the columns first, with a standard-scaler"))
}

fn no_convergence() -> Error {
    Error::data("the eigenvalues were not found: scale the columns first, with a standard-scaler")
}

/// Turns each column of `vectors` so that its number of the largest magnitude is positive, and of several that are the
/// largest to within rounding the first: scikit-learn's `svd_flip`, on the right singular vectors.
pub(super) fn fix_signs(vectors: &mut Array2<f64>) {
    for mut vector in vectors.columns_mut() {
        let largest = vector.iter().fold(0.0, |largest: f64, v| largest.max(v.abs()));
        let first = vector.iter().find(|v| v.abs() >= largest * (1.0 - 1e-12));
        if first.is_some_and(|v| *v < 0.0) {
            vector.mapv_inplace(|v| -v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn wavy(rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(r, c)| ((r * columns + c) as f64 * 0.37).sin() + (r % (c + 2)) as f64)
    }

    #[test]
    fn blocks_of_rows_make_the_factors_of_the_whole() {
        for rows in [5, 2048, 2049, 7000] {
            let x = wavy(rows, 5);
            let center = [0.0, 1.0, 0.0, -2.0, 0.5];
            let Qr { q, r } = tall_qr(x.as_slice().unwrap(), 5, &center, true);
            let q = q.unwrap();
            let wanted = &x - &ndarray::Array1::from(center.to_vec());
            assert!((q.dot(&r) - &wanted).iter().all(|d| d.abs() < 1e-11));
            assert!((q.t().dot(&q) - Array2::<f64>::eye(5)).iter().all(|d| d.abs() < 1e-13));
            assert!(r.indexed_iter().all(|((i, j), v)| i <= j || *v == 0.0));
        }
    }

    #[test]
    fn a_matrix_without_rank_has_orthonormal_columns_all_the_same() {
        let q = tall_qr(&[0.0; 30], 3, &[0.0; 3], true).q.unwrap();
        assert!((q.t().dot(&q) - Array2::<f64>::eye(3)).iter().all(|d| d.abs() < 1e-14));
    }

    #[test]
    fn singular_values_and_eigenvalues_fall_and_rebuild_the_matrix() {
        let a = wavy(6, 4);
        let Svd { u, s, v } = small_svd(&a).unwrap();
        assert!(s.is_sorted_by(|a, b| a >= b));
        let back = product(&(&u * &ndarray::Array1::from(s.clone())), &v.t().to_owned());
        assert!((&back - &a).iter().all(|d| d.abs() < 1e-12));
        let (values, vectors) = symmetric_eigen(&a.t().dot(&a)).unwrap();
        for (value, s) in values.iter().zip(&s) {
            assert!((value - s * s).abs() < 1e-10);
        }
        assert!((vectors.t().dot(&vectors) - Array2::<f64>::eye(4)).iter().all(|d| d.abs() < 1e-13));
        assert!(small_svd(&array![[f64::NAN]]).is_err() && symmetric_eigen(&array![[f64::INFINITY]]).is_err());
    }

    #[test]
    fn the_largest_number_of_a_vector_is_positive_and_of_equals_the_first() {
        let half = 0.5_f64.sqrt();
        let mut vectors = array![[0.1, -half, 0.0], [-0.9, half * (1.0 + 1e-15), 1.0]];
        fix_signs(&mut vectors);
        assert_eq!(vectors.row(0), array![-0.1, half, 0.0]);
        assert_eq!(vectors[[1, 0]], 0.9);
    }
}
