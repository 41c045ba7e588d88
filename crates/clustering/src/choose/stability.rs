//! Whether segments come back when the rows are drawn again (Hennig, *Cluster-wise assessment of cluster stability*, 2007).

use adflux_core::random::stream;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// How alike segments are to those of rows that are drawn again with replacement: Jaccard similarities, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// The mean over the segments.
    pub mean: f64,
    /// That of the segment which comes back least.
    pub least: f64,
}

/// As many places as there are rows, drawn with replacement.
pub(super) fn drawn(rows: usize, seed: u64, draw: u64) -> Vec<usize> {
    let mut rng = stream(seed, &[super::STABILITY, draw]);
    (0..rows).map(|_| rng.random_range(0..rows)).collect()
}

/// Of each of `k` segments of the data, the greatest Jaccard similarity with a segment of the rows that were drawn, over these
/// rows, each counted once; `None` for a segment of which no row was drawn. `again` has a segment for each place of `drawn`.
pub(super) fn similarities(segments: &[u32], k: usize, drawn: &[usize], again: &[u32]) -> Vec<Option<f64>> {
    let mut seen = vec![false; segments.len()];
    let mut both = vec![vec![0_usize; k]; k];
    let (mut before, mut after) = (vec![0_usize; k], vec![0_usize; k]);
    for (&row, &now) in drawn.iter().zip(again) {
        if !std::mem::replace(&mut seen[row], true) {
            let (was, now) = (segments[row] as usize, now as usize);
            both[was][now] += 1;
            before[was] += 1;
            after[now] += 1;
        }
    }
    let jaccard = |was: usize, now: usize| {
        let common = both[was][now];
        common as f64 / (before[was] + after[now] - common) as f64
    };
    (0..k).map(|was| (before[was] > 0).then(|| (0..k).map(|now| jaccard(was, now)).fold(0.0, f64::max))).collect()
}

/// The stability of `k` segments over all draws; `None` when there was no draw, or a segment was in none.
pub(super) fn stability(draws: &[Vec<Option<f64>>], k: usize) -> Option<Stability> {
    let mean_of = |segment: usize| {
        let known: Vec<f64> = draws.iter().filter_map(|draw| draw[segment]).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    };
    let means: Vec<f64> = (0..k).map(mean_of).collect::<Option<_>>()?;
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    Some(Stability { mean: means.iter().sum::<f64>() / k as f64, least })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_compared_with_the_one_most_like_it_over_the_rows_drawn() {
        // Segment 0 is rows 0..3, segment 1 rows 3..6; row 5 is not drawn, row 0 twice.
        let similar = similarities(&[0, 0, 0, 1, 1, 1], 2, &[0, 1, 2, 3, 4, 0], &[1, 1, 0, 0, 0, 1]);
        assert_eq!(similar, [Some(2.0 / 3.0), Some(2.0 / 3.0)]);
        let none = similarities(&[0, 1], 2, &[0, 0], &[0, 0]);
        assert_eq!(none, [Some(1.0), None]);
        assert_eq!(stability(&[none], 2), None);
    }

    #[test]
    fn stability_is_a_mean_of_means_and_the_least() {
        let draws = [vec![Some(1.0), Some(0.5)], vec![Some(0.8), None]];
        assert_eq!(stability(&draws, 2), Some(Stability { mean: 0.7, least: 0.5 }));
    }
}
