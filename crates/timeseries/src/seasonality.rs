//! Whether a series repeats, and what its season is: classical decomposition.

use serde::{Deserialize, Serialize};

/// How a season comes into a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decomposition {
    /// By numbers that are added; they sum to 0.
    Additive,
    /// By factors, for values above 0; their mean is 1.
    Multiplicative,
}

/// Whether `y` repeats after `length` steps: its autocorrelation at that lag is beyond what chance gives in one of ten series, Bartlett's
/// limit taking in the lags before. The test of the M4 competition's benchmarks; at least two seasons of four steps are needed.
pub(crate) fn repeats(y: &[f64], length: usize) -> bool {
    /// Of a standard normal number, what is exceeded with probability 0.05.
    const LIMIT: f64 = 1.644_853_626_951_472_2;
    if length < 4 || y.len() < 2 * length {
        return false;
    }
    let count = y.len() as f64;
    let mean = y.iter().sum::<f64>() / count;
    let product = |lag: usize| y.iter().zip(&y[lag..]).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    let variance = product(0);
    if variance <= 0.0 {
        return false;
    }
    let before: f64 = (1..length).map(|lag| (product(lag) / variance).powi(2)).sum();
    (product(length) / variance).abs() > LIMIT * ((1.0 + 2.0 * before) / count).sqrt()
}

/// The season of `y`, by the step modulo its length: the means of what is left when the trend, a centred moving average over one season,
/// is taken off. Needs two seasons.
pub(crate) fn season(y: &[f64], length: usize, kind: Decomposition) -> Vec<f64> {
    let half = length / 2;
    let trend = |t: usize| centred(y, t, length);
    let (mut sums, mut counts) = (vec![0.0; length], vec![0_usize; length]);
    for t in half..y.len().saturating_sub(half) {
        let off = match kind {
            Decomposition::Additive => y[t] - trend(t),
            Decomposition::Multiplicative => y[t] / trend(t),
        };
        sums[t % length] += off;
        counts[t % length] += 1;
    }
    let mut season: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count)| sum / (*count).max(1) as f64).collect();
    let mean = season.iter().sum::<f64>() / length as f64;
    for value in &mut season {
        match kind {
            Decomposition::Additive => *value -= mean,
            Decomposition::Multiplicative => *value /= mean,
        }
    }
    season
}

/// The moving average over one season about step `t`, which is half a season from either end.
pub(crate) fn centred(y: &[f64], t: usize, length: usize) -> f64 {
    let half = length / 2;
    let window = &y[t - half..=t + half];
    // Of an even length the ends count half.
    let ends = if length.is_multiple_of(2) { 0.5 * (window[0] + window[length]) } else { 0.0 };
    let inner = if length.is_multiple_of(2) { &window[1..length] } else { window };
    (ends + inner.iter().sum::<f64>()) / length as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_on_a_line_is_found_and_its_kind_matters() {
        let added = [3.0, -1.0, -4.0, 2.0];
        let y: Vec<f64> = (0..24).map(|t| 50.0 + 0.1 * t as f64 + added[t % 4]).collect();
        assert!(repeats(&y, 4));
        let found = season(&y, 4, Decomposition::Additive);
        assert!(found.iter().zip(added).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");

        let factors = [1.2, 0.9, 0.7, 1.1, 1.1];
        let y: Vec<f64> = (0..25).map(|t| 50.0 * factors[t % 5]).collect();
        let found = season(&y, 5, Decomposition::Multiplicative);
        assert!(found.iter().zip(factors).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
    }

    #[test]
    fn what_only_wanders_does_not_repeat() {
        let wander: Vec<f64> = (0..60_u64).map(|t| ((t * 7919 + 13) % 101) as f64).collect();
        assert!(!repeats(&wander, 7));
        assert!(!repeats(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 2), "too short a season");
        assert!(!repeats(&[5.0; 20], 4), "constant");
    }
}
