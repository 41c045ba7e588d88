//! Products of tall matrices, a fixed panel of rows at a time.
//!
//! Matrices stand in memory row by row, as ndarray has them; faer multiplies views of the same memory. Every product is of a
//! fixed panel on one thread, panels run in parallel, and what they give is added in order: the number of threads changes no
//! bit.

use faer::{
    Accum, MatMut, MatRef, Par,
    linalg::matmul::{
        matmul,
        triangular::{self, BlockStructure},
    },
};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Rows of a panel of sums: one of 100 columns stays in the cache between being centred and being multiplied.
const PANEL: usize = 512;
/// Rows of a panel of results. A product always has a whole panel, the last filled up with zeros, so that a row is answered
/// to the same bit alone as among others.
const ANSWERED: usize = 32;
/// Rows that are added up together at least.
const BLOCK: usize = 16 * PANEL;

/// A view for faer of `rows` × `columns` numbers that stand row by row.
pub(super) fn view(x: &[f64], rows: usize, columns: usize) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(x, rows, columns)
}

/// [`view`], to write to.
pub(super) fn view_mut(x: &mut [f64], rows: usize, columns: usize) -> MatMut<'_, f64> {
    MatMut::from_row_major_slice_mut(x, rows, columns)
}

/// faer's matrix, row by row.
pub(super) fn to_array(x: MatRef<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), x.ncols()), |(row, column)| x[(row, column)])
}

/// Takes `center` off every row of `from`.
pub(super) fn centred(from: &[f64], center: &[f64], to: &mut [f64]) {
    for (from, to) in from.chunks_exact(center.len()).zip(to.chunks_exact_mut(center.len())) {
        for ((to, from), center) in to.iter_mut().zip(from).zip(center) {
            *to = from - center;
        }
    }
}

/// Rows of a block of sums of `width` × `height` numbers: so many that all sums together take a quarter of the memory of the
/// rows at most. The number of rows does not count, nor that of threads.
pub(super) fn rows_of_block(height: usize) -> usize {
    BLOCK.max((4 * height).next_multiple_of(PANEL))
}

/// What `work` makes of each block of rows, given its first row and its numbers, added up in order.
pub(super) fn summed<T: Send>(
    x: &[f64],
    width: usize,
    rows: usize,
    work: impl Fn(usize, &[f64]) -> T + Sync,
    add: impl Fn(&mut T, T),
) -> Option<T> {
    let parts: Vec<T> = x.par_chunks((rows * width).max(1)).enumerate().map(|(i, part)| work(i * rows, part)).collect();
    let mut parts = parts.into_iter();
    let mut total = parts.next()?;
    parts.for_each(|part| add(&mut total, part));
    Some(total)
}

/// Means of the columns of `x`, and the sums of products of each two columns about their means: `scatter / (n − 1)` is the
/// covariance. Both triangles are filled.
///
/// One pass. A panel of rows is centred on its own mean and multiplied while it is in the cache; what its mean is away from
/// the mean of all is added at the end, from the means of all panels. Nothing is lost to a mean that is large beside the
/// variance, as in `XᵀX − n·m·mᵀ`. n·d² operations, half of those of the full product, are what it takes: 2·10⁹ for 200,000
/// rows of 100 columns, 0.05 s of one core at 40·10⁹ a second.
pub(crate) fn scatter(x: &ArrayView2<'_, f64>) -> (Vec<f64>, Array2<f64>) {
    let (rows, width) = x.dim();
    let x = x.as_standard_layout();
    let x = x.as_slice().unwrap_or_default();
    let within = |_, block: &[f64]| {
        let (mut products, mut means) = (vec![0.0; width * width], Vec::new());
        let mut panel = vec![0.0; PANEL * width];
        for from in block.chunks(PANEL * width) {
            let rows = from.len() / width;
            let mean = mean_of_rows(from, width);
            let panel = &mut panel[..from.len()];
            centred(from, &mean, panel);
            add_lower_products(&mut products, panel, rows, width);
            means.extend(mean);
        }
        (products, means)
    };
    let add = |total: &mut (Vec<f64>, Vec<f64>), part: (Vec<f64>, Vec<f64>)| {
        total.0.iter_mut().zip(part.0).for_each(|(t, p)| *t += p);
        total.1.extend(part.1);
    };
    let none = || (vec![0.0; width * width], Vec::new());
    let (mut products, mut means) = summed(x, width, rows_of_block(width), within, add).unwrap_or_else(none);
    let rows_of = |panel: usize| PANEL.min(rows - panel * PANEL) as f64;
    let mut mean = vec![0.0; width];
    for (panel, of_panel) in means.chunks_exact(width.max(1)).enumerate() {
        mean.iter_mut().zip(of_panel).for_each(|(m, p)| *m += p * rows_of(panel) / rows as f64);
    }
    let panels = means.len() / width.max(1);
    for (panel, of_panel) in means.chunks_exact_mut(width.max(1)).enumerate() {
        of_panel.iter_mut().zip(&mean).for_each(|(p, m)| *p = (*p - m) * rows_of(panel).sqrt());
    }
    add_lower_products(&mut products, &means, panels, width);
    let scatter = Array2::from_shape_fn((width, width), |(i, j)| products[i.max(j) * width + i.min(j)]);
    (mean, scatter)
}

/// Means of the columns of a panel.
fn mean_of_rows(x: &[f64], width: usize) -> Vec<f64> {
    let rows = (x.len() / width.max(1)) as f64;
    let mut mean = vec![0.0; width];
    for row in x.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
    }
    mean.iter_mut().for_each(|m| *m /= rows);
    mean
}

/// Means of all columns of `x`, row by row in memory; about the mean of each panel first, as in [`scatter`].
pub(super) fn means(x: &[f64], width: usize) -> Vec<f64> {
    let rows = (x.len() / width.max(1)) as f64;
    let of = |_, block: &[f64]| -> Vec<f64> {
        let weighted = |panel: &[f64]| -> Vec<f64> {
            let share = (panel.len() / width) as f64 / rows;
            mean_of_rows(panel, width).iter().map(|m| m * share).collect()
        };
        block.chunks(PANEL * width).map(weighted).fold(vec![0.0; width], |mut total, part| {
            total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
            total
        })
    };
    let add = |total: &mut Vec<f64>, part: Vec<f64>| total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
    summed(x, width, BLOCK, of, add).unwrap_or_else(|| vec![0.0; width])
}

/// The sum of the squares of the distances of all numbers from the means of their columns.
pub(super) fn squares(x: &[f64], mean: &[f64]) -> f64 {
    let of_row = |row: &[f64]| row.iter().zip(mean).map(|(v, m)| (v - m) * (v - m)).sum::<f64>();
    let of = |_, block: &[f64]| block.chunks_exact(mean.len()).map(of_row).sum::<f64>();
    summed(x, mean.len(), BLOCK, of, |total, part| *total += part).unwrap_or_default()
}

/// Adds `xᵀx` to the lower triangle of `products`.
fn add_lower_products(products: &mut [f64], x: &[f64], rows: usize, width: usize) {
    let x = view(x, rows, width);
    triangular::matmul(
        view_mut(products, width, width),
        BlockStructure::TriangularLower,
        Accum::Add,
        x.transpose(),
        BlockStructure::Rectangular,
        x,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
}

/// `(x − center)·weights`, rows × columns of `weights`. Every row is answered to the same bit whatever rows are beside it.
pub(super) fn project(x: &ArrayView2<'_, f64>, center: &[f64], weights: &Array2<f64>) -> Array2<f64> {
    let (rows, width) = x.dim();
    let count = weights.ncols();
    let x = x.as_standard_layout();
    let (x, weights) = (x.as_slice().unwrap_or_default(), weights.as_standard_layout());
    let weights = view(weights.as_slice().unwrap_or_default(), width, count);
    let mut out = Array2::zeros((rows, count));
    let answer = |(from, to): (&[f64], &mut [f64])| {
        let (mut panel, mut answers) = (vec![0.0; ANSWERED * width], vec![0.0; ANSWERED * count]);
        for (from, to) in from.chunks(ANSWERED * width).zip(to.chunks_mut(ANSWERED * count)) {
            centred(from, center, &mut panel[..from.len()]);
            panel[from.len()..].fill(0.0);
            let whole = view(&panel, ANSWERED, width);
            matmul(view_mut(&mut answers, ANSWERED, count), Accum::Replace, whole, weights, 1.0, Par::Seq);
            to.copy_from_slice(&answers[..to.len()]);
        }
    };
    if let Some(to) = out.as_slice_mut()
        && width > 0
        && count > 0
    {
        if rows <= BLOCK {
            answer((x, to));
        } else {
            x.par_chunks(BLOCK * width).zip(to.par_chunks_mut(BLOCK * count)).for_each(answer);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Axis};

    fn far_off(rows: usize, columns: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(r, c)| 1e8 + ((r * 31 + c * 17) % 101) as f64 * 0.25 + r as f64 * 1e-3)
    }

    #[test]
    fn scatter_is_that_of_centred_columns_also_far_from_zero() {
        let x = far_off(20_000, 3);
        let (mean, scatter) = scatter(&x.view());
        let exact = x.mean_axis(Axis(0)).unwrap();
        assert!(mean.iter().zip(&exact).all(|(a, b)| (a - b).abs() < 1e-6));
        // The shift of 1e8 leaves no trace: numbers of this size are held to 1.5e-8.
        let near = x.mapv(|v| v - 1e8);
        let centred = &near - &near.mean_axis(Axis(0)).unwrap();
        let wanted = centred.t().dot(&centred);
        assert!(scatter.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-9 * wanted[[0, 0]]), "{scatter} {wanted}");
        assert_eq!(scatter, scatter.t());
    }

    #[test]
    fn a_row_is_projected_alone_as_among_others() {
        let x = far_off(100, 7);
        let center: Vec<f64> = Array1::from_elem(7, 1e8).to_vec();
        let weights = Array2::from_shape_fn((7, 5), |(r, c)| (r as f64 - 3.0 * c as f64).sin());
        let all = project(&x.view(), &center, &weights);
        for row in 0..100 {
            let alone = project(&x.select(Axis(0), &[row]).view(), &center, &weights);
            assert_eq!(alone.row(0), all.row(row));
        }
        let wanted = (&x - 1e8).dot(&weights);
        assert!(all.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
