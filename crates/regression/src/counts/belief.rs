//! [`RateBelief`]: what is believed of a rate, before and after counts.

use super::family::{CountFamily, Counts};
use adflux_core::{
    Error, Result,
    parameter::{ensure, non_negative, open_unit, positive},
};
use adflux_evaluation::distributions::{beta_quantile, gamma_quantile, normal_quantile};
use serde::{Deserialize, Serialize};

/// A belief about a rate: its mean, and its strength, which is the exposure that would say as much.
///
/// It is a beta distribution of shapes `mean · strength` and `(1 − mean) · strength`, or a gamma of shape `mean · strength` and rate
/// `strength`. Counts are taken in by [`update`](RateBelief::update):
///
/// ```text
/// mean' = (mean · strength + events) / (strength + exposure)        strength' = strength + exposure
/// ```
///
/// So a prediction made before launch, whatever the model, is the prior, and with the counts so far it is the prediction during the
/// campaign. How much a model's predictions are worth, [`prior_strength`](crate::prior_strength) learns from past campaigns.
///
/// ```
/// use adflux_regression::{CountFamily, RateBelief};
/// // Before launch: a CTR of 2 %, as sure as 500 impressions would make one.
/// let before = RateBelief::new(CountFamily::BetaBinomial, 0.02, 500.0)?;
/// // No click of 40 impressions: not 0, but a little less.
/// let during = before.update(0.0, 40.0)?;
/// assert!((during.mean() - 10.0 / 540.0).abs() < 1e-12);
/// let (lower, upper) = during.interval(0.9)?;
/// assert!(lower > 0.005 && upper < 0.04);
/// // The clicks of the 10,000 impressions to come.
/// let clicks = during.events(10_000.0, 0.9)?;
/// assert!(clicks.lower < 185.0 && 185.0 < clicks.upper);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct RateBelief {
    family: CountFamily,
    counts: Counts,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    family: CountFamily,
    mean: f64,
    strength: f64,
    /// What the mean is a quotient of: their product may be a rounding error off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    events: Option<f64>,
}

impl From<RateBelief> for Saved {
    fn from(belief: RateBelief) -> Self {
        let Counts { events, exposure } = belief.counts;
        Saved { family: belief.family, mean: belief.mean(), strength: exposure, events: Some(events) }
    }
}

impl TryFrom<Saved> for RateBelief {
    type Error = Error;

    fn try_from(saved: Saved) -> Result<Self> {
        let belief = RateBelief::new(saved.family, saved.mean, saved.strength)?;
        let Some(events) = saved.events else { return Ok(belief) };
        let rounded = (events / saved.strength - saved.mean).abs() <= 1e-12 * saved.mean;
        ensure(rounded, "events", events, "must be mean · strength")?;
        Ok(RateBelief::of(saved.family, Counts { events, exposure: saved.strength }))
    }
}

/// A total that is still to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalEstimate {
    /// The expected number of events.
    pub mean: f64,
    /// The lower end of the interval: fewer events have at most half of the probability that the level leaves.
    pub lower: f64,
    /// The upper end: more events have at most half of the probability that the level leaves.
    pub upper: f64,
}

/// Numbers of events that are looked at one by one at most; where more are likely, the share of events is taken for continuous.
const MOST_LOOKED_AT: f64 = 1e5;

impl RateBelief {
    /// A belief of `mean`, worth `strength` trials or units of exposure.
    ///
    /// # Errors
    /// When `mean` is not above 0 (of trials, between 0 and 1), `strength` is not above 0, or their product is too large or too
    /// small for a number.
    pub fn new(family: CountFamily, mean: f64, strength: f64) -> Result<Self> {
        positive("strength", strength)?;
        match family {
            CountFamily::BetaBinomial => open_unit("mean", mean)?,
            CountFamily::GammaPoisson => positive("mean", mean)?,
        }
        let events = mean * strength;
        ensure(events > 0.0 && events.is_finite(), "strength", strength, "so many events are no number")?;
        Ok(RateBelief::of(family, Counts { events, exposure: strength }))
    }

    /// The belief whose standard deviation is that of a normal distribution with an interval of `level` from `lower` to `upper`, such as
    /// the interval of a prediction made before launch.
    ///
    /// # Errors
    /// When the interval does not contain `mean`, or is so wide that no belief with this mean has it.
    pub fn from_interval(family: CountFamily, mean: f64, lower: f64, upper: f64, level: f64) -> Result<Self> {
        open_unit("level", level)?;
        ensure(lower <= mean && mean <= upper && lower < upper, "mean", mean, "must lie in the interval")?;
        let deviation = (upper - lower) / (2.0 * normal_quantile(0.5 + 0.5 * level));
        let strength = match family {
            CountFamily::BetaBinomial => mean * (1.0 - mean) / (deviation * deviation) - 1.0,
            CountFamily::GammaPoisson => mean / (deviation * deviation),
        };
        ensure(strength > 0.0, "upper", upper, "the interval is wider than that of any rate with this mean")?;
        RateBelief::new(family, mean, strength)
    }

    /// A share of events in trials stays below 1, whatever rounding made of the counts.
    pub(super) fn of(family: CountFamily, mut counts: Counts) -> Self {
        if family == CountFamily::BetaBinomial && counts.events >= counts.exposure {
            counts.events = counts.exposure.next_down().max(0.0);
        }
        RateBelief { family, counts }
    }

    /// What is counted.
    pub fn family(&self) -> CountFamily {
        self.family
    }

    /// The expected rate.
    pub fn mean(&self) -> f64 {
        self.counts.events / self.counts.exposure
    }

    /// The exposure that would say as much.
    pub fn strength(&self) -> f64 {
        self.counts.exposure
    }

    /// What is believed after `events` in `exposure` more.
    ///
    /// # Errors
    /// When either is negative or not finite, there are more events than trials, or events without exposure.
    pub fn update(&self, events: f64, exposure: f64) -> Result<Self> {
        self.family.check(events, exposure)?;
        Ok(RateBelief::of(self.family, self.counts.plus(Counts { events, exposure })))
    }

    /// The two rates between which the rate lies with the probability `level`, with as much left out below as above.
    ///
    /// # Errors
    /// When `level` is not between 0 and 1.
    pub fn interval(&self, level: f64) -> Result<(f64, f64)> {
        open_unit("level", level)?;
        let tail = 0.5 * (1.0 - level);
        Ok((self.quantile(tail), self.quantile(1.0 - tail)))
    }

    pub(super) fn quantile(&self, probability: f64) -> f64 {
        let Counts { events, exposure } = self.counts;
        match self.family {
            CountFamily::BetaBinomial => beta_quantile(probability, events, exposure - events),
            CountFamily::GammaPoisson => gamma_quantile(probability, events, exposure),
        }
    }

    /// The events of `exposure` more: what chance and what is not known of the rate make of them together, a beta-binomial or a
    /// negative binomial distribution. O(likely events), up to about 100,000; where more are likely, the share of events is taken for
    /// a beta or gamma variable of the same mean and variance.
    ///
    /// # Errors
    /// When `exposure` is negative or not finite, or not a whole number of trials, or `level` is not between 0 and 1.
    pub fn events(&self, exposure: f64, level: f64) -> Result<TotalEstimate> {
        open_unit("level", level)?;
        non_negative("exposure", exposure)?;
        let trials = self.family == CountFamily::BetaBinomial;
        ensure(!trials || exposure.fract() == 0.0, "exposure", exposure, "trials are counted in whole numbers")?;
        if exposure == 0.0 {
            return Ok(TotalEstimate { mean: 0.0, lower: 0.0, upper: 0.0 });
        }
        let mean = self.mean() * exposure;
        let tails = (0.5 * (1.0 - level), 0.5 * (1.0 + level));
        // The share of events scatters about the rate as the share of a child about its parent's rate.
        let share = RateBelief::of(self.family, self.family.passed_down(self.counts, exposure));
        let spread = share.quantile(1.0 - 1e-9) * exposure + 40.0;
        let (lower, upper) = if spread <= MOST_LOOKED_AT {
            let most = if trials { exposure } else { f64::INFINITY };
            self.ends(exposure, (2.0 * spread).min(most), tails)
        } else {
            ((share.quantile(tails.0) * exposure).floor(), (share.quantile(tails.1) * exposure).ceil())
        };
        Ok(TotalEstimate { mean, lower, upper })
    }

    /// The quantiles of the events of `exposure` more, of which more than `most` are as good as impossible.
    fn ends(&self, exposure: f64, most: f64, tails: (f64, f64)) -> (f64, f64) {
        let Counts { events: a, exposure: t } = self.counts;
        // How many times more probable k + 1 events are than k.
        let ratio = |k: f64| match self.family {
            CountFamily::BetaBinomial => (exposure - k) * (a + k) / ((k + 1.0) * (t - a + exposure - k - 1.0)),
            CountFamily::GammaPoisson => (a + k) / (k + 1.0) * exposure / (t + exposure),
        };
        let mut logs = vec![0.0];
        let (mut log, mut largest) = (0.0_f64, 0.0_f64);
        for k in 0..most.floor() as usize {
            log += ratio(k as f64).ln();
            largest = largest.max(log);
            logs.push(log);
        }
        let total: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
        let (mut sum, mut lower) = (0.0, None);
        for (k, log) in logs.iter().enumerate() {
            sum += (log - largest).exp() / total;
            if lower.is_none() && sum >= tails.0 {
                lower = Some(k as f64);
            }
            if sum >= tails.1 {
                return (lower.unwrap_or(0.0), k as f64);
            }
        }
        (lower.unwrap_or(0.0), most)
    }
}
