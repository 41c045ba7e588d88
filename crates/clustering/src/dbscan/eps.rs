//! What `eps` fits the data: the curve of the distances to the k-th neighbour, and its elbow.

use super::check_rows;
use crate::{
    kneedle::elbow,
    neighbors::{KdTree, NO_ROW, Nearest},
};
use adflux_core::{Context, Error, Result, parameter};
use ndarray::ArrayView2;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Rows between two reports.
const REPORT: u64 = 4096;

/// The distance of each row to its `k`-th nearest row, itself counted as the first: ascending. With `k` = `min_samples`, the rows
/// whose distance is at most `eps` are DBSCAN's core rows: to the row, for a distance whose root would be rounded down is rounded up.
///
/// O(rows · log rows) for few columns, O(rows² · columns) at worst, on all threads.
///
/// ```
/// use adflux_clustering::k_distances;
/// use ndarray::array;
/// assert_eq!(k_distances(array![[0.0], [1.0], [3.0], [9.0]].view(), 2)?, [1.0, 1.0, 2.0, 6.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// When there are no rows or columns, a number is not finite, or `k` is 0 or more than there are rows.
pub fn k_distances(x: ArrayView2<f64>, k: usize) -> Result<Vec<f64>> {
    k_distances_with(x, k, &Context::default())
}

/// [`k_distances`] with progress, cancellation and threads.
///
/// # Errors
/// As [`k_distances`], and when the work is cancelled.
pub fn k_distances_with(x: ArrayView2<f64>, k: usize, context: &Context) -> Result<Vec<f64>> {
    if x.nrows() == 0 || x.iter().any(|v| !v.is_finite()) {
        return Err(Error::data("distances to neighbours need at least one row, of finite numbers"));
    }
    check_rows("k-distances", x)?;
    parameter::between_one_and(x.nrows(), "k", k)?;
    context.run(|| {
        let tree = KdTree::new(x);
        let done = AtomicU64::new(0);
        let mut distances = vec![0.0; tree.rows().len()];
        tree.each_row(&mut distances, context, |_, point, distance| {
            let mut nearest = Nearest::new(&tree, k);
            tree.search(point, &mut nearest);
            *distance = nearest.farthest().map_or(0.0, |farthest| radius(farthest.squared));
            let done = done.fetch_add(1, Relaxed) + 1;
            if done.is_multiple_of(REPORT) {
                context.report("k-distances", done, Some(x.nrows() as u64));
            }
        })?;
        let there = distances.into_iter().zip(tree.rows()).filter(|(_, row)| **row != NO_ROW);
        let mut distances: Vec<f64> = there.map(|(distance, _)| distance).collect();
        distances.par_sort_by(f64::total_cmp);
        Ok(distances)
    })
}

/// The least number whose square, as DBSCAN rounds it, is not below `squared`.
fn radius(squared: f64) -> f64 {
    let root = squared.sqrt();
    if root * root < squared { root.next_up() } else { root }
}

/// The `eps` at the elbow of the curve of [`k_distances`]: most rows have `min_samples` rows that near, and beyond it the distances
/// grow fast. A start for one's own judgement, as Ester and others (1996, section 4.2) propose, who read it off by eye; the elbow is
/// that of Kneedle (Satopää and others 2011), and never 0. `None` when there is none: too few rows, or all of them equal.
///
/// ```
/// use adflux_clustering::suggest_eps;
/// use ndarray::array;
/// let x = array![[0.0], [0.1], [0.2], [0.4], [5.0], [5.1], [5.3], [9.0]];
/// let eps = suggest_eps(x.view(), 2)?;
/// assert!(eps.is_some_and(|eps| eps < 1.0));
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// # Errors
/// As [`k_distances`], but more `min_samples` than rows are no error.
pub fn suggest_eps(x: ArrayView2<f64>, min_samples: usize) -> Result<Option<f64>> {
    suggest_eps_with(x, min_samples, &Context::default())
}

/// [`suggest_eps`] with progress, cancellation and threads.
///
/// # Errors
/// As [`suggest_eps`], and when the work is cancelled.
pub fn suggest_eps_with(x: ArrayView2<f64>, min_samples: usize, context: &Context) -> Result<Option<f64>> {
    if min_samples > x.nrows() {
        return Ok(None);
    }
    let ascending = k_distances_with(x, min_samples, context)?;
    let falling: Vec<(usize, f64)> = ascending.iter().rev().copied().enumerate().collect();
    let at = elbow(&falling).map(|place| falling[place].1);
    let least = ascending.iter().copied().find(|distance| *distance > 0.0);
    Ok(at.filter(|eps| *eps > 0.0).or(least))
}
