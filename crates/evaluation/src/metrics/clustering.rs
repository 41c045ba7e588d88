//! Measures of segments by their centres: cheap, O(rows × columns).

use crate::checks::dense_codes;
use adflux_core::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};

/// The Caliński–Harabasz index (1974): the variance between segments over the variance inside them, each by its degrees of
/// freedom. Larger is better; there is no upper limit.
///
/// 1 when every row lies on its centre, as in scikit-learn.
///
/// # Errors
/// When lengths differ, a number is not finite, or there are not from 2 to rows − 1 segments.
#[doc(alias = "calinski_harabasz_score")]
pub fn calinski_harabasz(x: ArrayView2<f64>, segments: &[u32]) -> Result<f64> {
    let Centres { segment_of_row, centres, sizes } = centres(x, segments)?;
    let mean = x.sum_axis(ndarray::Axis(0)) / x.nrows() as f64;
    let between: f64 = centres.rows().into_iter().zip(&sizes).map(|(c, n)| n * squared(c, mean.view())).sum();
    let within: f64 =
        x.rows().into_iter().zip(&segment_of_row).map(|(row, &segment)| squared(row, centres.row(segment))).sum();
    if within == 0.0 {
        return Ok(1.0);
    }
    let (rows, k) = (x.nrows() as f64, sizes.len() as f64);
    Ok(between * (rows - k) / (within * (k - 1.0)))
}

/// The Davies–Bouldin index (1979): how much each segment overlaps the one it is most like (their mean distances to the
/// centre over the distance of the centres), on average. Smaller is better, 0 is the least.
///
/// # Errors
/// As [`calinski_harabasz`].
#[doc(alias = "davies_bouldin_score")]
pub fn davies_bouldin(x: ArrayView2<f64>, segments: &[u32]) -> Result<f64> {
    let Centres { segment_of_row, centres, sizes } = centres(x, segments)?;
    let mut spread = Array1::<f64>::zeros(sizes.len());
    for (row, &segment) in x.rows().into_iter().zip(&segment_of_row) {
        spread[segment] += squared(row, centres.row(segment)).sqrt();
    }
    spread /= &sizes;
    let overlap = |a: usize, b: usize| {
        let apart = squared(centres.row(a), centres.row(b)).sqrt();
        // Two segments without spread do not overlap, and those with one centre are not compared: scikit-learn's choice.
        if apart == 0.0 { 0.0 } else { (spread[a] + spread[b]) / apart }
    };
    let worst = |a: usize| (0..sizes.len()).filter(|&b| b != a).map(|b| overlap(a, b)).fold(0.0, f64::max);
    Ok((0..sizes.len()).map(worst).sum::<f64>() / sizes.len() as f64)
}

struct Centres {
    segment_of_row: Vec<usize>,
    centres: Array2<f64>,
    sizes: Array1<f64>,
}

fn centres(x: ArrayView2<f64>, segments: &[u32]) -> Result<Centres> {
    let (segment_of_row, k) = check(x, segments)?;
    let (mut centres, mut sizes) = (Array2::zeros((k, x.ncols())), Array1::zeros(k));
    for (row, &segment) in x.rows().into_iter().zip(&segment_of_row) {
        let mut centre = centres.row_mut(segment);
        centre += &row;
        sizes[segment] += 1.0;
    }
    for (mut centre, size) in centres.rows_mut().into_iter().zip(&sizes) {
        centre /= *size;
    }
    Ok(Centres { segment_of_row, centres, sizes })
}

/// Segments as 0, 1, …, k − 1, once everything that measures of segments rely on holds.
pub(super) fn check(x: ArrayView2<f64>, segments: &[u32]) -> Result<(Vec<usize>, usize)> {
    if segments.len() != x.nrows() {
        return Err(Error::data(format!("segments of {} rows beside {} rows", segments.len(), x.nrows())));
    }
    if let Some(((row, column), _)) = x.indexed_iter().find(|(_, v)| !v.is_finite()) {
        return Err(Error::cell(
            format!("number {}", column + 1),
            row,
            "missing or infinite: distances need all numbers",
        ));
    }
    let (segment_of_row, k) = dense_codes(segments);
    if k < 2 || k >= x.nrows() {
        return Err(Error::data(format!(
            "{k} segments of {} rows: this measure needs from 2 segments to one less than there are rows",
            x.nrows()
        )));
    }
    Ok((segment_of_row, k))
}

fn squared(a: ndarray::ArrayView1<f64>, b: ndarray::ArrayView1<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}
