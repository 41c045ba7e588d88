//! What is ordinary in a series: the columns of its trend and seasons.

use super::Anomalies;
use std::f64::consts::{PI, TAU};

/// Waves of a season at most: sharper shapes than twelve in a period are noise.
const HARMONICS: usize = 12;
/// Cycles of a season that a series must hold for it to be told from noise.
const CYCLES: usize = 3;
/// Half waves of a trend where the series is short: a bow and a turn, however few its steps.
const BENDS: usize = 4;

/// Numbers in all columns of a series at most: 400 MB.
const MOST_NUMBERS: usize = 50_000_000;
/// Products of two columns at most, a number each: some ten seconds a look at the series.
const MOST_PRODUCTS: usize = 20_000_000_000;

/// Whether so many steps, some of them missing, can be judged in sensible time and memory.
///
/// # Errors
/// When they cannot, as text.
pub(super) fn check(recipe: &Anomalies, steps: usize, missing: usize) -> Result<(), String> {
    let (slow, seasonal) = (2 + bends(recipe, steps), waves(recipe, steps).map(|(period, k)| sines(period, k)).sum());
    let columns = [slow, seasonal, missing].into_iter().fold(0, usize::saturating_add);
    let numbers = steps.saturating_mul(columns);
    if numbers <= MOST_NUMBERS && numbers.saturating_mul(columns) <= MOST_PRODUCTS {
        return Ok(());
    }
    Err(format!(
        "{steps} steps and {columns} columns ({slow} of trend, {seasonal} of seasons, {missing} of missing values) are too many: raise \
         `wave`, or sum over longer steps"
    ))
}

fn bends(recipe: &Anomalies, steps: usize) -> usize {
    (steps.saturating_mul(2) / recipe.wave).max(BENDS).min(steps / 20)
}

/// The periods that the series holds often enough, and of each the waves.
fn waves(recipe: &Anomalies, steps: usize) -> impl Iterator<Item = (usize, usize)> {
    let held = recipe.periods.iter().copied().filter(move |period| CYCLES.saturating_mul(*period) <= steps);
    held.flat_map(|period| (1..=HARMONICS.min(period / 2)).map(move |k| (period, k)))
}

/// A cosine and, but for the fastest wave of an even period, a sine.
fn sines(period: usize, k: usize) -> usize {
    if 2 * k < period { 2 } else { 1 }
}

/// A level, a line, and the half waves of a trend: at most one for each 20 steps.
pub(super) fn trend(recipe: &Anomalies, steps: usize) -> Vec<Vec<f64>> {
    let bends = bends(recipe, steps);
    let count = steps as f64;
    let column = |of: &dyn Fn(f64) -> f64| (0..steps).map(|t| of(t as f64)).collect::<Vec<f64>>();
    let mut columns = vec![column(&|_| 1.0), column(&|t| (t - count / 2.0) / count)];
    // Cosines beside a line follow any slow curve; by themselves they would be level at both ends.
    columns.extend((1..=bends).map(|k| column(&|t| (PI * k as f64 * (t + 0.5) / count).cos())));
    columns
}

/// Sines and cosines of each season that the series holds often enough.
pub(super) fn seasons(recipe: &Anomalies, steps: usize) -> Vec<Vec<f64>> {
    let mut columns = Vec::new();
    for (period, k) in waves(recipe, steps) {
        let angle = |t: usize| TAU * (k * t % period) as f64 / period as f64;
        columns.push((0..steps).map(|t| angle(t).cos()).collect());
        if sines(period, k) == 2 {
            columns.push((0..steps).map(|t| angle(t).sin()).collect());
        }
    }
    columns
}
