//! The state of intermittent demand: past sizes, and how often demand comes.

use super::DemandSummary;
use adflux_core::random::Rng;
use adflux_evaluation::minimise::minimum;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};

/// How often demand comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Rate {
    /// By the smoothed interval between demands; 0 before the first. The probability is `factor / interval`.
    Interval { interval: f64, since: u64, alpha: f64, factor: f64 },
    /// By the smoothed share of steps with demand.
    Probability { probability: f64, alpha: f64 },
}

/// Sizes of demand and how often it comes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Demand {
    /// The sizes of all demands, the oldest first: the next is one of them, the newer the likelier.
    #[serde(with = "adflux_core::arrays")]
    sizes: Vec<f64>,
    /// The smoothed size: the mean of the next.
    size: f64,
    alpha: f64,
    rate: Rate,
}

/// The values above 0, and the steps from each to the one before, the first counted from before the start.
pub(super) fn sizes_and_intervals(values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let places = || (1_usize..).zip(values).filter(|(_, value)| **value > 0.0);
    let before = [0].into_iter().chain(places().map(|(place, _)| place));
    let intervals = places().zip(before).map(|((place, _), before)| (place - before) as f64).collect();
    (places().map(|(_, value)| *value).collect(), intervals)
}

/// The α between 0.1 and 0.3 of the least squared errors one step ahead.
pub(super) fn best_alpha(values: &[f64]) -> f64 {
    let errors = |alpha: f64| {
        let mut level = values.first().copied().unwrap_or_default();
        let error = |value: &f64| {
            let error = value - level;
            level += alpha * error;
            error * error
        };
        values.iter().map(error).sum::<f64>()
    };
    minimum(errors, 0.1, 0.3)
}

impl Demand {
    /// After `values`, from a rate that knows at most whether the first step had demand.
    pub(super) fn of(values: &[f64], alpha: f64, rate: Rate) -> Self {
        let mut demand = Demand { sizes: Vec::new(), size: 0.0, alpha, rate };
        values.iter().for_each(|value| demand.update(*value));
        demand
    }

    pub(super) fn update(&mut self, value: f64) {
        let came = value > 0.0;
        match &mut self.rate {
            Rate::Probability { probability, alpha } => {
                *probability += *alpha * (f64::from(u8::from(came)) - *probability);
            }
            Rate::Interval { interval, since, alpha, .. } => {
                *since += 1;
                if came {
                    let steps = *since as f64;
                    *interval += if *interval == 0.0 { steps } else { *alpha * (steps - *interval) };
                    *since = 0;
                }
            }
        }
        if came {
            self.size += if self.sizes.is_empty() { value } else { self.alpha * (value - self.size) };
            self.sizes.push(value);
        }
    }

    fn probability(&self) -> f64 {
        match &self.rate {
            Rate::Probability { probability, .. } => *probability,
            Rate::Interval { interval, .. } if *interval == 0.0 => 0.0,
            Rate::Interval { interval, factor, .. } => factor / interval,
        }
    }

    pub(super) fn summary(&self, unit: f64) -> DemandSummary {
        DemandSummary { probability: self.probability(), size: self.size * unit, demands: self.sizes.len() }
    }

    /// The sizes, the newest first, and the probability of each to be the next.
    fn shares(&self) -> impl Iterator<Item = (f64, f64)> {
        let oldest = self.sizes.len().saturating_sub(1);
        let mut left = 1.0;
        self.sizes.iter().rev().enumerate().map(move |(age, size)| {
            let share = if age == oldest { left } else { self.alpha * left };
            left -= share;
            (*size, share)
        })
    }

    /// The mean and the standard deviation of every step ahead.
    pub(super) fn moments(&self) -> (f64, f64) {
        let mean = self.probability() * self.size;
        let square: f64 = self.shares().map(|(size, share)| share * size * size).sum();
        (mean, (self.probability() * square - mean * mean).max(0.0).sqrt())
    }

    /// The ends of an interval of every step ahead: quantiles, but the mean is always within.
    pub(super) fn interval(&self, level: f64) -> [f64; 2] {
        let mean = self.probability() * self.size;
        let mut sizes: Vec<(f64, f64)> = self.shares().collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let quantile = |share: f64| {
            let mut reached = 1.0 - self.probability();
            if share <= reached {
                return 0.0;
            }
            for (size, of) in &sizes {
                reached += self.probability() * of;
                // The last may fall short of 1 by rounding.
                if share <= reached {
                    return *size;
                }
            }
            sizes.last().map_or(0.0, |(size, _)| *size)
        };
        [quantile(0.5 - level / 2.0).min(mean), quantile(0.5 + level / 2.0).max(mean)]
    }

    /// One possible future. Each step, drawn, is smoothed in: the rate moves by its α for each step (for intervals, α for each demand as
    /// it is expected), so that its mean stays, and the sizes are those of the past and of the path.
    pub(super) fn path(&self, horizon: usize, rng: &mut Rng) -> Vec<f64> {
        let mut probability = self.probability();
        let gain = match &self.rate {
            Rate::Probability { alpha, .. } => *alpha,
            Rate::Interval { alpha, .. } => alpha * probability,
        };
        let mut sizes = self.sizes.clone();
        let kept = (1.0 - self.alpha).ln();
        let step = |_| {
            let came = rng.random::<f64>() < probability;
            probability += gain * (f64::from(u8::from(came)) - probability);
            if !came {
                return 0.0;
            }
            // An age of k with probability α (1 − α)ᵏ; whatever is older is the oldest of the past.
            let age = ((1.0 - rng.random::<f64>()).ln() / kept).floor();
            let newest = sizes.len() - 1;
            let place = if age <= newest as f64 { newest - age as usize } else { 0 };
            sizes.push(sizes[place]);
            sizes[place]
        };
        (0..horizon).map(step).collect()
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        let share = |alpha: f64| alpha > 0.0 && alpha <= 1.0;
        let rate = match &self.rate {
            Rate::Probability { probability, alpha } => (0.0..=1.0).contains(probability) && share(*alpha),
            Rate::Interval { interval, since, alpha, factor } => {
                // Demand comes once a step at most.
                (*interval == 0.0 || *interval >= 1.0 - 1e-9)
                    && interval.is_finite()
                    && *since < u64::MAX / 2
                    && share(*alpha)
                    && share(*factor)
            }
        };
        let positive = |v: &f64| *v > 0.0 && v.is_finite();
        let sizes = self.sizes.iter().all(positive) && (self.sizes.is_empty() || positive(&self.size));
        let none = self.sizes.is_empty() && (self.size != 0.0 || self.probability() > 0.0);
        if rate && sizes && !none && share(self.alpha) { Ok(()) } else { Err("numbers that no fit gives".into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_the_steps_between() {
        let (sizes, intervals) = sizes_and_intervals(&[0.0, 2.0, 0.0, 0.0, 5.0, 1.0, 0.0]);
        assert_eq!((sizes, intervals), (vec![2.0, 5.0, 1.0], vec![2.0, 3.0, 1.0]));
    }

    #[test]
    fn the_shares_of_sizes_have_the_smoothed_size_as_their_mean() {
        let rate = Rate::Probability { probability: 0.0, alpha: 0.1 };
        let demand = Demand::of(&[3.0, 0.0, 8.0, 1.0, 1.5], 0.3, rate);
        let (total, mean) = demand.shares().fold((0.0, 0.0), |(t, m), (size, share)| (t + share, m + share * size));
        assert!((total - 1.0).abs() < 1e-12 && (mean - demand.size).abs() < 1e-12, "{mean} {}", demand.size);
    }
}
