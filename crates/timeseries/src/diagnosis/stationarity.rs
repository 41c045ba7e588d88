//! Whether a series is stationary: two tests that ask from opposite sides.

use super::checked;
use crate::basis::{Basis, dot};
use adflux_core::{Error, Result, parameter};
use adflux_evaluation::distributions::normal_cdf;

/// What a stationary series stays about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// A level.
    Level,
    /// A line.
    Trend,
}

/// What a test of stationarity said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationarityTest {
    /// KPSS's η, or the t value of Dickey and Fuller.
    pub statistic: f64,
    /// The probability of a statistic as extreme where the test's null hypothesis holds.
    pub p_value: f64,
    /// The lags that were taken in.
    pub lags: usize,
}

/// The test of Kwiatkowski, Phillips, Schmidt and Shin (1992): the null hypothesis is that the series **is** stationary.
///
/// η = Σ Sₜ² / (n² s²), with the partial sums S of what is left of the level or line, and its long-run variance s² by Bartlett's weights up to
/// `lags`; by default ⌊3 √n / 13⌋, what R's and statsforecast's `ndiffs` take. The p value is interpolated in the paper's table, so it lies from
/// 0.01 to 0.1: the ends say "or less", "or more". As statsmodels' `kpss`. O(values × lags).
///
/// # Errors
/// Values that are not finite or all the same, fewer than 4, as many lags as values.
pub fn kpss(values: &[f64], around: Around, lags: Option<usize>) -> Result<StationarityTest> {
    let values = &checked(values, 4, false)?[..];
    let count = values.len();
    let lags = lags.unwrap_or((3.0 * (count as f64).sqrt() / 13.0).floor() as usize);
    parameter::ensure(lags < count, "lags", lags, "must be fewer than the values")?;
    let statistic = kpss_statistic(values, around, lags);
    let critical = match around {
        Around::Level => [0.347, 0.463, 0.574, 0.739],
        Around::Trend => [0.119, 0.146, 0.176, 0.216],
    };
    Ok(StationarityTest { statistic, p_value: interpolate(statistic, critical, [0.1, 0.05, 0.025, 0.01]), lags })
}

pub(super) fn kpss_statistic(values: &[f64], around: Around, lags: usize) -> f64 {
    let count = values.len();
    let mut left = values.to_vec();
    deterministic(around, count).remove(&mut left);
    let (mut sum, mut squares) = (0.0, 0.0);
    for v in &left {
        sum += v;
        squares += sum * sum;
    }
    let of = |lag: usize| 2.0 * (1.0 - lag as f64 / (lags + 1) as f64) * dot(&left[lag..], &left[..count - lag]);
    let variance = (dot(&left, &left) + (1..=lags).map(of).sum::<f64>()) / count as f64;
    squares / (count as f64).powi(2) / variance
}

/// The value of `to` at `x` on the lines between the points; beyond the ends that of the end.
fn interpolate(x: f64, from: [f64; 4], to: [f64; 4]) -> f64 {
    if x.is_nan() || x <= from[0] {
        return if x.is_nan() { f64::NAN } else { to[0] };
    }
    let between = |i: usize| {
        let share = (x - from[i]) / (from[i + 1] - from[i]);
        (share <= 1.0).then_some(to[i] + share * (to[i + 1] - to[i]))
    };
    (0..3).find_map(between).unwrap_or(to[3])
}

/// The test of Dickey and Fuller (1979), augmented: the null hypothesis is that the series is **not** stationary, but has a unit root.
///
/// The t value of ρ in Δyₜ = ρ yₜ₋₁ + Σ γᵢ Δyₜ₋ᵢ + level (+ line) + eₜ. The number of `lags` is by default that of the smallest AIC up to
/// ⌈12 (n / 100)^¼⌉, compared on the same steps. The p value is MacKinnon's (1994). As statsmodels' `adfuller`. O(values × lags²).
///
/// # Errors
/// Values that are not finite or all the same, fewer than the lags need, or such as leave nothing to be tested: the value before being a sum of
/// level, line and lags, or the differences being explained without error.
pub fn adf(values: &[f64], around: Around, lags: Option<usize>) -> Result<StationarityTest> {
    let terms = if around == Around::Trend { 2 } else { 1 };
    let values = &checked(values, 2 * terms + 6, false)?[..];
    let count = values.len();
    let most = (12.0 * (count as f64 / 100.0).powf(0.25)).ceil() as usize;
    let most = most.min((count / 2).saturating_sub(terms + 1));
    if let Some(lags) = lags {
        let needed = "leaves fewer steps than the regression has coefficients and two";
        parameter::ensure(count > lags.saturating_mul(2).saturating_add(terms + 4), "lags", lags, needed)?;
    }
    let lags = lags.unwrap_or_else(|| of_least_aic(values, around, most));
    let statistic = t_value(values, around, lags)?;
    Ok(StationarityTest { statistic, p_value: mackinnon(statistic, around), lags })
}

/// The regressors of a level or a line, orthonormal.
fn deterministic(around: Around, count: usize) -> Basis {
    let mut basis = Basis::default();
    basis.push(vec![1.0; count]);
    if around == Around::Trend {
        basis.push((0..count).map(|t| t as f64).collect());
    }
    basis
}

/// The differences from `start` on, so many steps before.
fn lagged(differences: &[f64], start: usize, lag: usize) -> Vec<f64> {
    differences[start - lag..differences.len() - lag].to_vec()
}

fn of_least_aic(values: &[f64], around: Around, most: usize) -> usize {
    let differences = super::difference(values, 1);
    let mut left = lagged(&differences, most, 0);
    let mut basis = deterministic(around, left.len());
    basis.push(values[most..values.len() - 1].to_vec());
    let mut best = (0, f64::INFINITY);
    for lags in 0..=most {
        if lags > 0 {
            basis.push(lagged(&differences, most, lags));
        }
        basis.remove(&mut left);
        let aic = left.len() as f64 * dot(&left, &left).ln() + 2.0 * lags as f64;
        if aic < best.1 {
            best = (lags, aic);
        }
    }
    best.0
}

fn t_value(values: &[f64], around: Around, lags: usize) -> Result<f64> {
    let differences = super::difference(values, 1);
    let mut left = lagged(&differences, lags, 0);
    let mut basis = deterministic(around, left.len());
    for lag in 1..=lags {
        basis.push(lagged(&differences, lags, lag));
    }
    // The last column: what it holds that the others do not is one orthonormal column, whose share over σ is t.
    let nothing = |what: &str| Error::data(format!("{what}: there is nothing to test"));
    if !basis.push(values[lags..values.len() - 1].to_vec()) {
        return Err(nothing("the value before is a sum of the level, the line and the lags"));
    }
    let degrees = left.len() as f64 - basis.len() as f64;
    let all = dot(&left, &left);
    let shares = basis.remove(&mut left);
    let unexplained = dot(&left, &left);
    // What is left of an exact fit is rounding.
    if unexplained <= 1e-24 * all || degrees <= 0.0 {
        return Err(nothing("the differences are explained without error"));
    }
    Ok(shares.last().map_or(f64::NAN, |share| share / (unexplained / degrees).sqrt()))
}

/// The probability below a t value, by the response surfaces of MacKinnon, "Approximate asymptotic distribution functions for unit-root
/// and cointegration tests" (1994).
fn mackinnon(t: f64, around: Around) -> f64 {
    let (most, turn, least, low, high) = match around {
        Around::Level => (2.74, -1.61, -18.83, [2.1659, 1.4412, 0.038_269], [1.7339, 0.932_02, -0.127_45, -0.010_368]),
        Around::Trend => (0.7, -2.89, -16.18, [3.2512, 1.6047, 0.049_588], [2.5261, 0.616_54, -0.379_56, -0.060_285]),
    };
    if t > most || t < least {
        return if t > most { 1.0 } else { 0.0 };
    }
    let of = |by: &[f64]| normal_cdf(by.iter().rev().fold(0.0, |sum, b| sum * t + b));
    if t <= turn { of(&low) } else { of(&high) }
}
