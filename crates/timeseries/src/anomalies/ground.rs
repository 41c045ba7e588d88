//! What is ordinary in a series: the columns of its trend and seasons.

use super::Anomalies;
use std::f64::consts::{PI, TAU};

/// Waves of a season at most: sharper shapes than twelve in a period are noise.
const HARMONICS: usize = 12;
/// Cycles of a season that a series must hold for it to be told from noise.
const CYCLES: usize = 3;
/// Half waves of a trend where the series is short: a bow and a turn, however few its steps.
const BENDS: usize = 4;

/// A level, a line, and the half waves of a trend: at most one for each 20 steps.
pub(super) fn trend(recipe: &Anomalies, steps: usize) -> Vec<Vec<f64>> {
    let bends = (2 * steps / recipe.wave).max(BENDS).min(steps / 20);
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
    for period in recipe.periods.iter().filter(|period| CYCLES.saturating_mul(**period) <= steps) {
        for k in 1..=HARMONICS.min(period / 2) {
            let angle = |t: usize| TAU * (k * t % period) as f64 / *period as f64;
            columns.push((0..steps).map(|t| angle(t).cos()).collect());
            if 2 * k < *period {
                columns.push((0..steps).map(|t| angle(t).sin()).collect());
            }
        }
    }
    columns
}
