//! Rows beside centres: what every model of centres answers with.

use crate::scale::{factor_exponent, largest, power};
use adflux_core::Segments;
use adflux_evaluation::distance::Panels;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Rows that are assigned at a time.
const BLOCK: usize = 1024;

/// Where rows are seen that lie farther than this many times the size of the centres: products with them must be numbers.
const FAR: f64 = 1e150;

/// The nearest centre of each row, the first of equals. `x` has the columns of `centers`; all numbers are finite.
pub(crate) fn nearest(centers: &Array2<f64>, x: &ArrayView2<f64>) -> Vec<u32> {
    // About the mean of the centres, because the kernel loses digits far from the origin; and divided by a power of two, so that
    // squares of the tiniest and the largest centres are numbers.
    let origin = centers.mean_axis(Axis(0)).filter(|mean| mean.iter().all(|v| v.is_finite()));
    let origin = origin.unwrap_or_else(|| Array1::zeros(x.ncols()));
    let about = centers - &origin;
    let scale = power(-factor_exponent(largest(&about)));
    let panels = Panels::new((about * scale).view());
    let mut segments = vec![0; x.nrows()];
    segments.par_chunks_mut(BLOCK).enumerate().for_each(|(block, segments)| {
        let rows = x.slice(ndarray::s![block * BLOCK..block * BLOCK + segments.len(), ..]);
        let mut centred = Vec::with_capacity(rows.len());
        let placed = |(v, origin): (&f64, &f64)| ((v - origin) * scale).clamp(-FAR, FAR);
        rows.rows().into_iter().for_each(|row| centred.extend(row.iter().zip(&origin).map(placed)));
        panels.nearest(&centred, segments);
    });
    segments
}

/// The distance of each row to each centre: rows × centres.
pub(crate) fn distances(centers: &Array2<f64>, x: &ArrayView2<f64>) -> Array2<f64> {
    let (k, x) = (centers.nrows(), x.as_standard_layout());
    let mut distances = Array2::zeros((x.nrows(), k));
    let of_row = |(row, distances): (usize, &mut [f64])| {
        let row = x.row(row);
        for (to, center) in distances.iter_mut().zip(centers.rows()) {
            *to = distance(row.as_slice().unwrap_or_default(), center);
        }
    };
    distances.as_slice_mut().unwrap_or_default().par_chunks_mut(k).enumerate().for_each(of_row);
    distances
}

/// The distance of two points, whatever their size.
fn distance(row: &[f64], center: ArrayView1<f64>) -> f64 {
    let squared = squared(row, center);
    if (1e-280..f64::INFINITY).contains(&squared) {
        return squared.sqrt();
    }
    // The square is no number, or next to nothing.
    let most = row.iter().zip(center).fold(0.0, |most, (a, b)| f64::max(most, (a - b).abs()));
    if most == 0.0 || most == f64::INFINITY {
        return most;
    }
    most * row.iter().zip(center).map(|(a, b)| ((a - b) / most).powi(2)).sum::<f64>().sqrt()
}

/// The weighted sum of the squared distances of rows to their centres, added in a fixed order.
pub(crate) fn inertia(
    centers: &Array2<f64>,
    x: &ArrayView2<f64>,
    weights: Option<ArrayView1<f64>>,
    segments: &[u32],
) -> f64 {
    let of_block = |(block, segments): (usize, &[u32])| -> f64 {
        let rows = (block * BLOCK..).zip(segments);
        let of_row = |(row, &segment): (usize, &u32)| {
            let pairs = x.row(row).into_iter().zip(centers.row(segment as usize));
            weights.map_or(1.0, |w| w[row]) * pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>()
        };
        rows.map(of_row).sum()
    };
    segments.par_chunks(BLOCK).enumerate().map(of_block).collect::<Vec<f64>>().into_iter().sum()
}

/// Segments with their strengths, the simplified silhouette: (b − a) / max(a, b) with a the distance to the own centre and b to
/// the nearest other; 1 when there is no other, 0 when all is at one point, another centre is nearer, or both are too far for numbers.
pub(crate) fn with_strength(distances: &Array2<f64>, segments: Vec<u32>) -> Segments {
    let alone = distances.ncols() == 1;
    let strength = |(distances, &own): (ArrayView1<f64>, &u32)| {
        let a = distances[own as usize];
        let others = distances.iter().enumerate().filter(|(segment, _)| *segment != own as usize);
        let b = others.map(|(_, distance)| *distance).fold(f64::INFINITY, f64::min);
        match b {
            _ if alone => 1.0,
            f64::INFINITY => {
                if a < b {
                    1.0
                } else {
                    0.0
                }
            }
            0.0 => 0.0,
            // Rounding may call a centre nearest that is a hair farther.
            b => ((b - a) / b).max(0.0),
        }
    };
    let strength = distances.rows().into_iter().zip(&segments).map(strength).collect();
    Segments { ids: segments.into_iter().map(Some).collect(), strength }
}

/// The squared distance of two points.
pub(crate) fn squared(row: &[f64], center: ArrayView1<f64>) -> f64 {
    row.iter().zip(center).map(|(a, b)| (a - b).powi(2)).sum()
}
