//! The ends of an interval from what was found in the draws.

use crate::{
    distributions::{normal_cdf, normal_quantile},
    quantiles,
};

/// The middle `level` of the draws.
pub(crate) fn percentile(draws: &[f64], level: f64) -> [f64; 2] {
    at(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
}

/// Efron's BCa interval: the percentiles are moved by how many draws lie below the value (bias), and by how its standard
/// error changes with it (acceleration, from `left_out`: the values with a part of the units left out).
pub(super) fn bias_corrected(draws: &[f64], value: f64, left_out: &[f64], level: f64) -> [f64; 2] {
    let below = draws.iter().map(|draw| f64::from(u8::from(*draw < value)) + 0.5 * f64::from(u8::from(*draw == value)));
    // All draws on one side would move the interval to infinity: half a draw is left on the other.
    let half_a_draw = 0.5 / draws.len() as f64;
    let share = (below.sum::<f64>() / draws.len() as f64).clamp(half_a_draw, 1.0 - half_a_draw);
    let (bias, acceleration) = (normal_quantile(share), acceleration(left_out));
    let moved = |share: f64| {
        let z = bias + normal_quantile(share);
        let shrink = 1.0 - acceleration * z;
        if shrink > 0.0 { normal_cdf(bias + z / shrink) } else { f64::from(u8::from(z > 0.0)) }
    };
    at(draws, [moved((1.0 - level) / 2.0), moved((1.0 + level) / 2.0)])
}

fn acceleration(left_out: &[f64]) -> f64 {
    let known: Vec<f64> = left_out.iter().copied().filter(|v| v.is_finite()).collect();
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let moment = |power: i32| known.iter().map(|value| (mean - value).powi(power)).sum::<f64>();
    let spread = moment(2).powf(1.5);
    // Nothing known, or no spread: no acceleration.
    if spread > 0.0 { moment(3) / (6.0 * spread) } else { 0.0 }
}

fn at(draws: &[f64], shares: [f64; 2]) -> [f64; 2] {
    let mut sorted: Vec<f64> = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    shares.map(|share| quantiles::of_sorted(&sorted, share))
}
