//! The measures by which numbers of segments are compared.

use crate::Quality;
use adflux_core::{Result, parameter, random::stream};
use adflux_evaluation::metrics;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rand::seq::index;
use std::collections::HashSet;

/// Checks the parameters that every choice of the number has.
pub(crate) fn check(min: usize, max: usize, sample_size: usize) -> Result<()> {
    parameter::ensure(min >= 2, "min", min, "must be at least 2: one segment is no choice")?;
    parameter::ensure(max >= min, "max", max, "must be at least `min`")?;
    let reason = "must lie between 3 and 100000: the time grows with its square";
    parameter::ensure((3..=100_000).contains(&sample_size), "sample_size", sample_size, reason)
}

/// The rows that count, and those of them that silhouettes are computed on.
pub(crate) struct Judge {
    /// The rows of weight above 0, ascending.
    pub(crate) counted: Vec<usize>,
    x: Array2<f64>,
    /// Places among `counted`.
    sample: Vec<usize>,
}

impl Judge {
    pub(crate) fn new(x: ArrayView2<f64>, weights: Option<ArrayView1<f64>>, sample_size: usize, seed: u64) -> Self {
        let counted: Vec<usize> = (0..x.nrows()).filter(|&row| weights.is_none_or(|w| w[row] > 0.0)).collect();
        let sample: Vec<usize> = if counted.len() <= sample_size {
            (0..counted.len()).collect()
        } else {
            let mut rng = stream(seed, &[u64::MAX]);
            let mut places = index::sample(&mut rng, counted.len(), sample_size).into_vec();
            places.sort_unstable();
            places
        };
        Judge { x: x.select(Axis(0), &counted), counted, sample }
    }

    /// The measures of segments: one of each row that counts, 2 to rows − 1 different ones.
    pub(crate) fn quality(&self, n_clusters: usize, inertia: f64, segments: &[u32]) -> Result<Quality> {
        // A segment that the sample missed takes part with one row, so that there are never fewer than two.
        let mut sample = self.sample.clone();
        let mut drawn: HashSet<u32> = sample.iter().map(|&row| segments[row]).collect();
        sample.extend((0..segments.len()).filter(|&row| drawn.insert(segments[row])));
        let segments_of_sample: Vec<u32> = sample.iter().map(|&row| segments[row]).collect();
        Ok(Quality {
            n_clusters,
            inertia,
            silhouette: metrics::silhouette(self.x.select(Axis(0), &sample).view(), &segments_of_sample)?,
            calinski_harabasz: metrics::calinski_harabasz(self.x.view(), segments)?,
            davies_bouldin: metrics::davies_bouldin(self.x.view(), segments)?,
        })
    }
}
