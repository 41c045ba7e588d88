//! The steps of mini-batch k-means.

use crate::{
    centers::{nearest, squared},
    scale::{exponent_of, largest, times},
};
use adflux_core::random::stream;
use ndarray::{Array2, ArrayView1, ArrayView2};
use rand::seq::index;
use serde::{Deserialize, Serialize};

/// The stream of the rows that centres are put on.
const OF_REASSIGNMENTS: u64 = (1 << 32) + 2;

/// What steps remember from one to the next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Steps {
    /// The weight that each centre has seen.
    #[serde(with = "adflux_core::arrays")]
    seen: Vec<f64>,
    taken: u64,
    /// Rows since centres that saw little were looked for.
    since: u64,
    batch_size: u64,
    reassignment_ratio: f64,
    seed: u64,
}

impl Steps {
    pub(super) fn new(k: usize, batch_size: usize, reassignment_ratio: f64, seed: u64) -> Self {
        Steps { seen: vec![0.0; k], taken: 0, since: 0, batch_size: batch_size as u64, reassignment_ratio, seed }
    }

    /// Whether it can have come from steps with so many centres.
    pub(super) fn fits(&self, k: usize) -> bool {
        let counted = self.seen.iter().all(|weight| *weight >= 0.0 && weight.is_finite());
        let looked = self.batch_size > 0 && self.since < (10 * k as u64).max(1);
        counted && looked && self.seen.len() == k && (0.0..=1.0).contains(&self.reassignment_ratio)
    }

    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Numbers the centres anew: the new number of each.
    pub(super) fn reorder(&mut self, rank: &[u32]) {
        let seen = self.seen.clone();
        rank.iter().zip(seen).for_each(|(new, seen)| self.seen[*new as usize] = seen);
    }

    /// The exponent of the largest weight that a centre has seen.
    pub(super) fn exponent(&self) -> i32 {
        exponent_of(largest(&self.seen))
    }

    /// Multiplies what was seen by 2^`exponent`.
    pub(super) fn weigh(&mut self, exponent: i32) {
        self.seen.iter_mut().for_each(|seen| *seen = times(*seen, exponent));
    }

    /// Moves every centre to the weighted mean of all rows that it has seen, those of the batch among them; the inertia of the batch
    /// before. Weights are above 0.
    pub(super) fn step(
        &mut self,
        centers: &mut Array2<f64>,
        x: ArrayView2<f64>,
        weights: Option<ArrayView1<f64>>,
    ) -> f64 {
        let look = self.is_time_to_look();
        let segments = nearest(centers, &x);
        let x = x.as_standard_layout();
        let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
        let mut inertia = 0.0;
        let mut sums = Array2::<f64>::zeros(centers.raw_dim());
        let mut added = vec![0.0; self.seen.len()];
        let columns = x.ncols();
        let flat = sums.as_slice_mut().unwrap_or_default();
        let rows = x.as_slice().unwrap_or_default().chunks_exact(columns);
        for (row, (numbers, &segment)) in rows.zip(&segments).enumerate() {
            let (segment, weight) = (segment as usize, weight(row));
            inertia += weight * squared(numbers, centers.row(segment));
            added[segment] += weight;
            let sum = &mut flat[segment * columns..(segment + 1) * columns];
            sum.iter_mut().zip(numbers).for_each(|(sum, value)| *sum += weight * value);
        }
        for (segment, mut center) in centers.rows_mut().into_iter().enumerate() {
            if added[segment] > 0.0 {
                let (before, after) = (self.seen[segment], self.seen[segment] + added[segment]);
                center.zip_mut_with(&sums.row(segment), |center, sum| *center = (*center * before + sum) / after);
                self.seen[segment] = after;
            }
        }
        if look {
            self.reassign(centers, x.view());
        }
        self.taken = self.taken.saturating_add(1);
        inertia
    }

    /// Centres that saw little are looked for whenever one saw nothing, and after every 10 rows for each centre.
    fn is_time_to_look(&mut self) -> bool {
        self.since = self.since.saturating_add(self.batch_size);
        let time = self.seen.contains(&0.0) || self.since >= 10 * self.seen.len() as u64;
        if time {
            self.since = 0;
        }
        time
    }

    /// Puts the centres that saw little on rows of the batch, at most half as many as it has.
    fn reassign(&mut self, centers: &mut Array2<f64>, x: ArrayView2<f64>) {
        let limit = self.reassignment_ratio * self.seen.iter().copied().fold(0.0, f64::max);
        let mut poor: Vec<usize> = (0..self.seen.len()).filter(|&s| self.seen[s] < limit).collect();
        poor.sort_by(|&a, &b| self.seen[a].total_cmp(&self.seen[b]));
        poor.truncate(x.nrows() / 2);
        if poor.is_empty() {
            return;
        }
        let rows = index::sample(&mut stream(self.seed, &[OF_REASSIGNMENTS, self.taken]), x.nrows(), poor.len());
        for (&segment, row) in poor.iter().zip(rows) {
            centers.row_mut(segment).assign(&x.row(row));
        }
        // Not so little that they would be put elsewhere at once.
        let others = (0..self.seen.len()).filter(|segment| !poor.contains(segment));
        let least = others.map(|segment| self.seen[segment]).fold(f64::INFINITY, f64::min);
        poor.iter().for_each(|&segment| self.seen[segment] = least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_center_that_sees_nothing_is_put_on_a_row() {
        let x = array![[0.0], [1.0], [2.0], [3.0]];
        let mut centers = array![[1.5], [99.0]];
        let mut steps = Steps::new(2, 4, 0.01, 1);
        assert_eq!(steps.step(&mut centers, x.view(), None), 2.0 * (1.5 * 1.5 + 0.5 * 0.5));
        assert_eq!(centers[[0, 0]], 1.5);
        assert!(x.iter().any(|v| *v == centers[[1, 0]]), "{centers}");
        assert_eq!(steps.seen, [4.0, 4.0]);
        // Without the ratio it stays where it is.
        let mut centers = array![[1.5], [99.0]];
        Steps::new(2, 4, 0.0, 1).step(&mut centers, x.view(), None);
        assert_eq!(centers, array![[1.5], [99.0]]);
    }
}
