//! Lloyd's iterations.

use super::{
    data::Data,
    search::Search,
    sums::{Running, Sums},
};
use crate::centers::inertia;
use adflux_core::{Context, Result};
use ndarray::Array2;

/// What one start came to; centres are about the mean of the data.
pub(super) struct Run {
    pub(super) centers: Array2<f64>,
    pub(super) segments: Vec<u32>,
    pub(super) inertia: f64,
    pub(super) n_iter: usize,
    pub(super) converged: bool,
}

/// When to stop.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub(super) max_iter: usize,
    /// The sum of the squared shifts of the centres that is none.
    pub(super) tolerance: f64,
}

/// Iterates from `centers` until no row changes its segment, the centres move by no more than the tolerance, or `max_iter`.
pub(super) fn run(
    data: &Data,
    mut centers: Array2<f64>,
    stop: Stop,
    search: &mut dyn Search,
    context: &Context,
) -> Result<Run> {
    let k = centers.nrows();
    let mut segments = vec![u32::MAX; data.x.nrows()];
    let mut running = Running::new();
    let (mut n_iter, mut settled, mut converged) = (0, false, false);
    while n_iter < stop.max_iter && !converged {
        context.check()?;
        n_iter += 1;
        let changes = search.nearest(data, &centers, &mut segments);
        let mut next = running.follow(data, k, &segments, &changes).clone().means(data, &centers, &segments);
        let shift: f64 = next.iter().zip(&centers).map(|(a, b)| (a - b).powi(2)).sum();
        settled = changes.iter().all(Vec::is_empty);
        converged = settled || shift <= stop.tolerance;
        if (converged || n_iter == stop.max_iter) && !running.is_exact() {
            // The centres that are kept owe nothing to the way.
            next = Sums::of(data, k, &segments).means(data, &centers, &segments);
        }
        centers = next;
        context.report("k-means", n_iter as u64, Some(stop.max_iter as u64));
    }
    if !settled {
        // The centres moved once more after the last assignment.
        search.nearest(data, &centers, &mut segments);
    }
    let inertia = inertia(&centers, &data.x.view(), data.weights(), &segments);
    Ok(Run { centers, segments, inertia, n_iter, converged })
}
