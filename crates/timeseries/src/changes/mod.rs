//! Change points: where a series turns into another.

mod cost;
mod pelt;

use adflux_core::{Context, Error, Result, parameter};
use cost::Costs;
use serde::{Deserialize, Serialize};

/// What changes from one segment to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeCost {
    /// The mean, about which all values scatter alike: Σ (y − ȳ)² / σ², with σ the median absolute step from one value to the next,
    /// over 0.6745 √2, so that changes do not widen it.
    #[default]
    Mean,
    /// The mean and the variance: n log of the segment's variance, which counts as at least 0.0001 of the whole series' variance.
    MeanVariance,
}

/// What a change must be worth to be one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangePenalty {
    /// The Bayesian criterion: log n for each parameter that a change adds, its place being one.
    Bic,
    /// The modified criterion of Zhang and Siegmund (2007), which also knows that changes close to each other are less likely: log n
    /// more a change, and the logarithm of each segment's length. The default.
    #[default]
    Mbic,
    /// A number, 0 or more, in units of the cost.
    Manual(f64),
}

/// Change points by PELT: the segments whose summed cost, with a penalty for each change, is the least of all; exactly, not by
/// splitting in two again and again.
///
/// Killick, Fearnhead and Eckley, "Optimal detection of changepoints with a linear computational cost" (2012). Costs are those of
/// ruptures' `l2` (over σ²) and `normal`, whose segments are golden fixtures; penalties those of R's `changepoint`. Means within segments are taken to
/// stay and errors to be independent: take trend and season off before ([`Mstl`](crate::Mstl)), or they are cut into steps. O(n) where changes
/// are many, O(n²) at worst.
///
/// ```
/// use adflux_timeseries::Pelt;
/// let ctr: Vec<f64> = (0..60).map(|day| if day < 25 { 2.0 } else { 3.0 } + 0.1 * f64::from(day * 7 % 5)).collect();
/// let found = Pelt::default().detect(&ctr)?;
/// assert_eq!(found.changes(), [25]);
/// assert!((found.segments[1].mean - 3.2).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pelt {
    /// What changes. Default: the mean.
    pub cost: ChangeCost,
    /// What a change must be worth. Default: MBIC.
    pub penalty: ChangePenalty,
    /// The fewest steps of a segment, 1 or more, and 2 or more where the variance changes. Default 2.
    pub min_size: usize,
}

impl Default for Pelt {
    fn default() -> Self {
        Pelt { cost: ChangeCost::default(), penalty: ChangePenalty::default(), min_size: 2 }
    }
}

/// Steps between two changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Its first step, from 0.
    pub start: usize,
    /// The step after its last.
    pub end: usize,
    /// The mean of its values.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

/// What [`Pelt`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangePoints {
    /// The segments, one after the other: at least one.
    pub segments: Vec<Segment>,
    /// Their summed cost, without penalties.
    pub cost: f64,
}

impl ChangePoints {
    /// The steps with which something new begins.
    pub fn changes(&self) -> Vec<usize> {
        self.segments.iter().skip(1).map(|segment| segment.start).collect()
    }
}

impl Pelt {
    /// What changes.
    pub fn cost(mut self, cost: ChangeCost) -> Self {
        self.cost = cost;
        self
    }

    /// What a change must be worth.
    pub fn penalty(mut self, penalty: ChangePenalty) -> Self {
        self.penalty = penalty;
        self
    }

    /// The fewest steps of a segment.
    pub fn min_size(mut self, min_size: usize) -> Self {
        self.min_size = min_size;
        self
    }

    /// The change points of a series.
    ///
    /// # Errors
    /// When a parameter is out of its range, there are no values, or one is not finite or beyond 1e150.
    pub fn detect(&self, values: &[f64]) -> Result<ChangePoints> {
        self.detect_with(values, &Context::default())
    }

    /// As [`detect`](Self::detect); it can be cancelled.
    ///
    /// # Errors
    /// As [`detect`](Self::detect), and when it is cancelled.
    pub fn detect_with(&self, values: &[f64], context: &Context) -> Result<ChangePoints> {
        let least = if self.cost == ChangeCost::MeanVariance { 2 } else { 1 };
        parameter::ensure(self.min_size >= least, "min_size", self.min_size, &format!("must be at least {least}"))?;
        if let ChangePenalty::Manual(penalty) = self.penalty {
            parameter::non_negative("penalty", penalty)?;
        }
        if values.is_empty() {
            return Err(Error::data("no values: nothing can change"));
        }
        crate::decomposition::check_values(values)?;
        let costs = Costs::new(self, values);
        let starts = pelt::search(&costs, self.min_size, || context.check())?;
        let ends = starts.iter().skip(1).copied().chain([values.len()]);
        let segment = |(start, end): (usize, usize)| {
            let part = &values[start..end];
            let mean = part.iter().sum::<f64>() / part.len() as f64;
            let squares: f64 = part.iter().map(|v| (v - mean).powi(2)).sum();
            Segment { start, end, mean, deviation: (squares / part.len() as f64).sqrt() }
        };
        let segments: Vec<Segment> = starts.iter().copied().zip(ends).map(segment).collect();
        let cost = segments.iter().map(|segment| costs.of(segment.start, segment.end)).sum();
        Ok(ChangePoints { segments, cost })
    }
}
