//! The tree-structured Parzen estimator.

use super::{
    Dimension, Search, Space, Trial,
    fresh::{Tried, fresh},
    study::Goal,
};
use crate::distributions::normal_cdf;
use adflux_core::{
    Error, Result,
    parameter::at_least_one,
    random::{Rng, stream},
};
use rand::RngExt as _;
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// The tree-structured Parzen estimator: after some draws at random, trials are divided into the good ones and the others, the
/// density of each is estimated, l(x) and g(x), and of several draws from l the one with the largest l(x) / g(x) is tried next,
/// which is the one with the largest expected improvement.
///
/// Densities are products over the parameters: of a number (its logarithm, where so marked; a whole number as the mass of its
/// cell) a mixture of normal densities cut off at the ends of the range, one at each trial, as wide as the distance to the
/// farther of its neighbours, and a wide one in the middle as prior; of a choice the counts plus one in all. A failed trial is
/// one of the others. O(trials · parameters) a candidate.
///
/// Bergstra, Bardenet, Bengio and Kégl 2011, *Algorithms for Hyper-Parameter Optimization*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tpe {
    /// Trials at random before the first estimate. Default 10.
    pub startup_trials: usize,
    /// Draws from the density of the good, of which the best is tried. Default 24.
    pub candidates: usize,
    /// The share of trials that are good, rounded up, but at most 25 of them. Default 0.15, as in the paper.
    pub gamma: f64,
}

impl Default for Tpe {
    fn default() -> Self {
        Tpe { startup_trials: 10, candidates: 24, gamma: 0.15 }
    }
}

const MOST_GOOD: usize = 25;

impl Tpe {
    pub(super) fn check(&self) -> Result<()> {
        at_least_one("startup_trials", self.startup_trials)?;
        at_least_one("candidates", self.candidates)?;
        if self.gamma > 0.0 && self.gamma < 1.0 {
            return Ok(());
        }
        Err(Error::parameter("gamma", self.gamma, "must lie between 0 and 1, both excluded"))
    }
}

/// The next point; `None` when all points were tried.
pub(super) fn propose(search: &Search, space: &Space, goal: Goal, done: &[Trial], tried: &Tried) -> Option<Table> {
    let mut random = stream(search.seed, &[done.len() as u64]);
    if done.len() < search.tpe.startup_trials {
        return fresh(space, tried, &mut random, |random| space.draw(random));
    }
    let mut ranked: Vec<&Trial> = done.iter().collect();
    ranked.sort_by(|a, b| goal.order(a, b));
    let good = ((search.tpe.gamma * done.len() as f64).ceil() as usize).clamp(1, MOST_GOOD);
    let (good, others) = ranked.split_at(good.min(ranked.len()));
    let densities: Vec<(&str, &Dimension, Density, Density)> = space
        .iter()
        .map(|(path, dimension)| {
            (path, dimension, Density::of(path, dimension, good), Density::of(path, dimension, others))
        })
        .collect();
    fresh(space, tried, &mut random, |random| {
        let chosen = densities.iter().map(|(path, dimension, good, others)| {
            let mut best = (f64::NEG_INFINITY, dimension.draw(random));
            for _ in 0..search.tpe.candidates {
                let value = good.draw(dimension, random);
                let Some(cell) = dimension.cell(&value) else { continue };
                let gain = good.at(cell).ln() - others.at(cell).ln();
                if gain > best.0 {
                    best = (gain, value);
                }
            }
            (path.to_string(), best.1)
        });
        chosen.collect()
    })
}

/// How often values of one parameter occur among some trials.
enum Density {
    /// Of numbers: a mixture of normal densities between two ends.
    Mixture { low: f64, high: f64, parts: Vec<Part> },
    /// Of choices: the probability of each.
    Shares(Vec<f64>),
}

struct Part {
    mean: f64,
    deviation: f64,
    /// The mass between the ends, by which the density is divided.
    mass: f64,
}

impl Density {
    fn of(path: &str, dimension: &Dimension, trials: &[&Trial]) -> Self {
        let seen = trials.iter().filter_map(|trial| dimension.cell(trial.point.get(path)?));
        if let Dimension::Choice(values) = dimension {
            let mut shares = vec![1.0 / values.len() as f64; values.len()];
            seen.for_each(|(place, _)| shares[place as usize] += 1.0);
            let total: f64 = shares.iter().sum();
            shares.iter_mut().for_each(|share| *share /= total);
            return Density::Shares(shares);
        }
        let (low, high) = dimension.range();
        let width = high - low;
        let prior = 0.5 * (low + high);
        let mut means: Vec<f64> = seen.map(|(from, to)| 0.5 * (from + to)).chain([prior]).collect();
        means.sort_by(f64::total_cmp);
        let narrowest = width / 100f64.min(1.0 + means.len() as f64);
        let mut is_prior = false;
        let part = |(i, &mean): (usize, &f64)| {
            let left = i.checked_sub(1).map_or(0.0, |i| mean - means[i]);
            let right = means.get(i + 1).map_or(0.0, |next| next - mean);
            let mut deviation = left.max(right).clamp(narrowest, width);
            // One of equals is the prior; which does not matter.
            if mean == prior && !std::mem::replace(&mut is_prior, true) {
                deviation = width;
            }
            // A range of one value has no width.
            let deviation = deviation.max(f64::MIN_POSITIVE);
            let mass = normal_cdf((high - mean) / deviation) - normal_cdf((low - mean) / deviation);
            Part { mean, deviation, mass: mass.max(f64::MIN_POSITIVE) }
        };
        let parts = means.iter().enumerate().map(part).collect();
        Density::Mixture { low, high, parts }
    }

    fn draw(&self, dimension: &Dimension, random: &mut Rng) -> Value {
        match self {
            Density::Shares(shares) => {
                let mut left: f64 = random.random();
                let place = shares.iter().position(|share| {
                    left -= share;
                    left < 0.0
                });
                dimension.value(place.unwrap_or(shares.len() - 1) as f64)
            }
            Density::Mixture { low, high, parts } => {
                let part = &parts[random.random_range(0..parts.len())];
                // The mean lies between the ends and the deviation is at most their distance: a third of the draws or more hit.
                for _ in 0..100 {
                    let place = part.mean + part.deviation * random.sample::<f64, _>(StandardNormal);
                    if (*low..=*high).contains(&place) {
                        return dimension.value(place);
                    }
                }
                dimension.value(part.mean)
            }
        }
    }

    /// The density at a point, or the mass of a cell.
    fn at(&self, (from, to): (f64, f64)) -> f64 {
        match self {
            Density::Shares(shares) => shares.get(from as usize).copied().unwrap_or(0.0),
            Density::Mixture { parts, .. } => {
                let of_part = |part: &Part| {
                    let place = |x: f64| (x - part.mean) / part.deviation;
                    let density = if from == to {
                        (-0.5 * place(from).powi(2)).exp() / part.deviation
                    } else {
                        normal_cdf(place(to)) - normal_cdf(place(from))
                    };
                    density / part.mass
                };
                // Far from everything both densities vanish; then the draw is as good as any.
                (parts.iter().map(of_part).sum::<f64>() / parts.len() as f64).max(f64::MIN_POSITIVE)
            }
        }
    }
}
