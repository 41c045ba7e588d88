//! The silhouette (Rousseeuw 1987).

use super::clustering::check;
use crate::distance::Panels;
use adflux_core::{Result, parameter, random::stream};
use ndarray::{Array1, ArrayView2, Axis};
use rand::seq::index;
use rayon::prelude::*;

/// Rows that one piece of work takes.
const BLOCK: usize = 64;

/// The mean silhouette of all rows: −1 to 1. Near 1, segments are compact and far apart; near 0 they touch; below 0 rows are
/// nearer to another segment than to their own.
///
/// Exact, with Euclidean distances: O(rows² × columns) time on all threads, O(rows × columns) memory beside
/// 64 × segments a thread. For many rows see
/// [`silhouette_sampled`]. The result does not depend on the number of threads.
///
/// Segments are any numbers. Rows that belong to none (outliers) are to be left out by the caller.
///
/// ```
/// use adflux_evaluation::metrics::silhouette;
/// use ndarray::array;
/// let x = array![[0.0], [1.0], [10.0], [11.0]];
/// assert!(silhouette(x.view(), &[0, 0, 1, 1])? > 0.89);
/// assert!(silhouette(x.view(), &[0, 1, 0, 1])? < 0.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When lengths differ, a number is not finite, or there are not from 2 to rows − 1 segments.
#[doc(alias = "silhouette_score")]
pub fn silhouette(x: ArrayView2<f64>, segments: &[u32]) -> Result<f64> {
    Ok(silhouette_samples(x, segments)?.sum() / x.nrows() as f64)
}

/// The silhouette of each row: (b − a) / max(a, b), with a the mean distance to the other rows of its segment, and b to
/// the rows of the nearest other segment. 0 for the only row of a segment.
///
/// # Errors
/// As [`silhouette`].
pub fn silhouette_samples(x: ArrayView2<f64>, segments: &[u32]) -> Result<Array1<f64>> {
    let (segment_of_row, k) = check(x, segments)?;
    let mut rows_of = vec![Vec::new(); k];
    segment_of_row.iter().enumerate().for_each(|(row, &segment)| rows_of[segment].push(row));
    let panels: Vec<Panels> = rows_of.iter().map(|rows| Panels::new(x.select(Axis(0), rows).view())).collect();
    let x = x.as_standard_layout();
    let numbers = x.as_slice().unwrap_or_default();
    let of_row = |own: usize, sums: &mut dyn Iterator<Item = f64>| {
        let (mut a, mut b) = (0.0, f64::INFINITY);
        for (segment, (sum, rows)) in sums.zip(&rows_of).enumerate() {
            if segment == own {
                a = sum / (rows.len() - 1) as f64;
            } else {
                b = f64::min(b, sum / rows.len() as f64);
            }
        }
        if rows_of[own].len() == 1 || a.max(b) == 0.0 { 0.0 } else { (b - a) / a.max(b) }
    };
    let mut values = vec![0.0; x.nrows()];
    values.par_chunks_mut(BLOCK).enumerate().for_each(|(block, values)| {
        let (first, count) = (block * BLOCK, values.len());
        let rows = &numbers[first * x.ncols()..(first + count) * x.ncols()];
        // Segments × rows of the block: the panels of one segment stay in the cache for all of them.
        let mut sums = vec![0.0; k * count];
        panels.iter().zip(sums.chunks_exact_mut(count)).for_each(|(panels, sums)| panels.add_distances(rows, sums));
        for (i, value) in values.iter_mut().enumerate() {
            *value = of_row(segment_of_row[first + i], &mut sums.iter().skip(i).step_by(count).copied());
        }
    });
    Ok(values.into())
}

/// [`silhouette`] of `size` rows drawn without replacement under `seed`, compared among themselves, as scikit-learn's
/// `sample_size`; of all rows when there are no more.
///
/// # Errors
/// As [`silhouette`], for the rows that were drawn, and when `size` is 0.
pub fn silhouette_sampled(x: ArrayView2<f64>, segments: &[u32], size: usize, seed: u64) -> Result<f64> {
    parameter::at_least_one("size", size)?;
    if size >= x.nrows() || segments.len() != x.nrows() {
        return silhouette(x, segments);
    }
    let mut rows = index::sample(&mut stream(seed, &[]), x.nrows(), size).into_vec();
    rows.sort_unstable();
    let drawn: Vec<u32> = rows.iter().map(|&row| segments[row]).collect();
    silhouette(x.select(Axis(0), &rows).view(), &drawn)
}
