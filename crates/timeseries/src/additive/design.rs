//! The columns of the model: a line, its bends, waves, and covariates.

use super::Seasonality;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// How a covariate is brought to unit size: less `mean`, by `deviation`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Standard {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Standard {
    /// Of columns of zeros and ones, and of those that are all the same, nothing is changed.
    pub(super) fn of(column: ndarray::ArrayView1<'_, f64>) -> Self {
        let as_it_is = Standard { mean: 0.0, deviation: 1.0 };
        let count = column.len() as f64;
        if column.iter().all(|v| *v == 0.0 || *v == 1.0) || column.iter().all(|v| *v == column[0]) {
            return as_it_is;
        }
        let mean = column.sum() / count;
        let deviation = (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
        if deviation > 0.0 && deviation.is_finite() { Standard { mean, deviation } } else { as_it_is }
    }
}

/// What the columns are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Design {
    /// Steps of the fit; its time runs from 0 to 1.
    pub(super) steps: usize,
    /// The times of the change points.
    #[serde(with = "adflux_core::arrays")]
    pub(super) changes: Vec<f64>,
    pub(super) seasons: Vec<Seasonality>,
    pub(super) standards: Vec<Standard>,
}

impl Design {
    /// Columns of the trend: slope, level, and a bend for each change point.
    pub(super) fn trend(&self) -> usize {
        2 + self.changes.len()
    }

    /// Columns of waves.
    pub(super) fn waves(&self) -> usize {
        self.seasons.iter().map(|season| 2 * season.order).sum()
    }

    pub(super) fn width(&self) -> usize {
        self.trend() + self.waves() + self.standards.len()
    }

    /// The time of a step.
    pub(super) fn time(&self, step: usize) -> f64 {
        step as f64 / (self.steps.max(2) - 1) as f64
    }

    /// Steps × columns, from step `first` on, as many as there are rows of covariates.
    pub(super) fn columns(&self, first: usize, covariates: ArrayView2<'_, f64>) -> Array2<f64> {
        let mut columns = Array2::zeros((covariates.nrows(), self.width()));
        for ((row, own), mut to) in covariates.rows().into_iter().enumerate().zip(columns.rows_mut()) {
            let (step, time) = (first + row, self.time(first + row));
            let bends = self.changes.iter().map(|change| (time - change).max(0.0));
            let waves = self.seasons.iter().flat_map(|season| {
                // The whole turns are taken off first: what is left of a large angle is rounded.
                let turn = (step as f64 / season.period).fract();
                (1..=season.order).flat_map(move |k| {
                    let (sin, cos) = (TAU * turn * k as f64).sin_cos();
                    [sin, cos]
                })
            });
            let own = own.iter().zip(&self.standards).map(|(v, of)| (v - of.mean) / of.deviation);
            let all = [time, 1.0].into_iter().chain(bends).chain(waves).chain(own);
            to.iter_mut().zip(all).for_each(|(to, value)| *to = value);
        }
        columns
    }
}

/// The steps of at most `most` change points, evenly over the first `range` of so many steps.
pub(super) fn change_points(steps: usize, most: usize, range: f64) -> Vec<usize> {
    let within = (steps as f64 * range).floor() as usize;
    let count = most.min(within.saturating_sub(1));
    // The first place is that of the line itself; ties are rounded to even as numpy does, so that places are the same.
    let place = |k: usize| (k as f64 * (within - 1) as f64 / count as f64).round_ties_even() as usize;
    (1..=count).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_points_are_where_prophet_has_them() {
        assert_eq!(change_points(100, 5, 0.8), [16, 32, 47, 63, 79]);
        assert_eq!(change_points(5, 25, 0.8), [1, 2, 3]);
        assert!(change_points(1, 25, 0.8).is_empty());
    }
}
