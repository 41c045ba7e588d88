//! The gap statistic (Tibshirani, Walther and Hastie, *Estimating the number of clusters in a data set via the gap statistic*, 2001).

use adflux_core::random::stream;
use ndarray::{Array2, ArrayView2};
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// How much lower the inertia is than that of rows without segments.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// The mean logarithm of the inertia of rows drawn evenly, less that of the data. Infinite where every row of the data lies on
    /// its centre.
    pub gap: f64,
    /// Its standard error: the standard deviation of the logarithms times √(1 + 1 / draws).
    pub error: f64,
}

/// The gaps of one segment, two, three and so on, from the logarithms of the inertia of the data and of each draw without segments
/// (draws × numbers of segments).
pub fn gaps(data: &[f64], draws: &[Vec<f64>]) -> Vec<Gap> {
    let count = draws.len() as f64;
    let of = |(place, log): (usize, &f64)| {
        let drawn = || draws.iter().filter_map(|draw| draw.get(place));
        let mean = drawn().sum::<f64>() / count;
        let variance = drawn().map(|log| (log - mean).powi(2)).sum::<f64>() / count;
        Gap { gap: mean - log, error: (variance * (1.0 + 1.0 / count)).sqrt() }
    };
    data.iter().enumerate().map(of).collect()
}

/// The fewest segments whose gap is at least that of one segment more, less its error. `None` when every one is exceeded by the next.
pub fn fewest_by_gap(gaps: &[Gap]) -> Option<usize> {
    gaps.windows(2).position(|pair| pair[0].gap >= pair[1].gap - pair[1].error).map(|place| place + 1)
}

/// Rows drawn evenly between the least and the greatest number of each column of `x`.
pub(super) fn without_segments(x: ArrayView2<f64>, seed: u64, draw: u64) -> Array2<f64> {
    let range = |column: ndarray::ArrayView1<f64>| {
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), v| (v.min(least), v.max(most)))
    };
    let ranges: Vec<(f64, f64)> = x.columns().into_iter().map(range).collect();
    let mut rng = stream(seed, &[super::GAP, draw]);
    Array2::from_shape_fn(x.raw_dim(), |(_, column)| {
        let (least, most) = ranges[column];
        least + (most - least) * rng.random::<f64>()
    })
}
