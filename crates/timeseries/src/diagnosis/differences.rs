//! How often a series has to be differenced.

use super::{
    checked,
    stationarity::{Around, kpss_statistic},
};
use crate::seasonality::{Decomposition, centred, season};
use adflux_core::{Result, parameter};

/// A stronger season is taken off by a difference: what minimises the error of M3 and M4 series in R's `nsdiffs`.
const STRONG: f64 = 0.64;
/// η that a series about a level exceeds with probability 0.05.
const KPSS_LIMIT: f64 = 0.463;

/// The number of differences, 0 to `most` (2 as a rule), after which [`kpss`](super::kpss) does not refute at 5 % that the series stays
/// about a level. As R's and statsforecast's `ndiffs`. O(values × lags).
///
/// # Errors
/// Values that are not finite, none at all.
pub fn ndiffs(values: &[f64], most: usize) -> Result<usize> {
    let values = &checked(values, 1, true)?[..];
    Ok(ndiffs_of(values, most))
}

pub(crate) fn ndiffs_of(values: &[f64], most: usize) -> usize {
    let mut left = values.to_vec();
    let noise = rounding(values);
    for differences in 0..most {
        let lags = (3.0 * (left.len() as f64).sqrt() / 13.0).floor() as usize;
        // Fewer say nothing, and have no lags to look at.
        if left.len() < 4 || constant(&left, noise) || kpss_statistic(&left, Around::Level, lags) <= KPSS_LIMIT {
            return differences;
        }
        left = difference(&left, 1);
    }
    most
}

/// The number of seasonal differences, 0 to `most` (1 as a rule): one while [`seasonal_strength`] is above 0.64. As R's and statsforecast's
/// `nsdiffs` with the test `seas`. 0 for series of two seasons and fewer.
///
/// # Errors
/// Values that are not finite, none at all, a season below 2.
pub fn nsdiffs(values: &[f64], season_length: usize, most: usize) -> Result<usize> {
    let values = &checked(values, 1, true)?[..];
    parameter::ensure(season_length >= 2, "season_length", season_length, "must be at least 2")?;
    Ok(nsdiffs_of(values, season_length, most))
}

pub(crate) fn nsdiffs_of(values: &[f64], length: usize, most: usize) -> usize {
    let mut left = values.to_vec();
    let noise = rounding(values);
    for differences in 0..most {
        if left.len() / 2 < length
            || left.len() == 2 * length
            || constant(&left, noise)
            || strength(&left, length) <= STRONG
        {
            return differences;
        }
        left = difference(&left, length);
    }
    most
}

/// How much of what is not trend is season: 1 − Var(remainder) / Var(season + remainder), at least 0 (Wang, Smith and Hyndman 2006), by
/// classical decomposition. Near 0 without season, near 1 with nothing else. O(values × season).
///
/// # Errors
/// Values that are not finite, two seasons of values or fewer, a season below 2.
pub fn seasonal_strength(values: &[f64], season_length: usize) -> Result<f64> {
    parameter::ensure(season_length >= 2, "season_length", season_length, "must be at least 2")?;
    let values = &checked(values, season_length.saturating_mul(2).saturating_add(1), true)?[..];
    Ok(if constant(values, rounding(values)) { 0.0 } else { strength(values, season_length) })
}

fn strength(values: &[f64], length: usize) -> f64 {
    let repeated = season(values, length, Decomposition::Additive);
    let half = length / 2;
    let both: Vec<f64> = (half..values.len() - half).map(|t| values[t] - centred(values, t, length)).collect();
    let remainder: Vec<f64> = both.iter().enumerate().map(|(i, v)| v - repeated[(i + half) % length]).collect();
    let all = variance(&both);
    if all > 0.0 { (1.0 - variance(&remainder) / all).max(0.0) } else { 0.0 }
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|v| (v - mean).powi(2)).sum()
}

/// Values less those `lag` steps before: `lag` fewer.
pub(crate) fn difference(values: &[f64], lag: usize) -> Vec<f64> {
    values.iter().zip(values.get(lag..).unwrap_or_default()).map(|(before, now)| now - before).collect()
}

/// What differences of such values may differ by where they should not.
fn rounding(values: &[f64]) -> f64 {
    1e-12 * values.iter().fold(0.0, |most: f64, v| most.max(v.abs()))
}

/// Whether all values are the same to within `tolerance`.
pub(crate) fn constant(values: &[f64], tolerance: f64) -> bool {
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    values.is_empty() || high - low <= tolerance
}
