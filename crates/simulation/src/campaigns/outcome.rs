//! What comes of a campaign: the expectation, its noise, and the counting.

use super::{CampaignDesign, Expected};
use crate::noise::MeanOne;
use adflux_core::random::Rng;
use rand::RngExt as _;
use rand_distr::{Beta, Binomial};

/// Standard deviations of the log-normal campaign noise: what nobody knows before the launch (the picture, the
/// competition of the week). At these sizes the best possible model
/// explains about 0.7 of the variance of log CTR.
const SIGMA_DELIVERY: f64 = 0.20;
const SIGMA_CTR: f64 = 0.30;
const SIGMA_CONVERSION: f64 = 0.30;

/// φ of the beta distribution of the share of the budget that is spent: the larger, the closer to its mean.
const SPEND_PRECISION: f64 = 60.0;

/// The campaign noise of one market.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    delivery: MeanOne,
    ctr: MeanOne,
    conversion: MeanOne,
}

impl Noise {
    pub(crate) fn new(scale: f64) -> Self {
        Noise {
            delivery: MeanOne::new(scale * SIGMA_DELIVERY),
            ctr: MeanOne::new(scale * SIGMA_CTR),
            conversion: MeanOne::new(scale * SIGMA_CONVERSION),
        }
    }
}

/// What came of a campaign: `applications ≤ clicks ≤ impressions`, and a spend within the budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub impressions: u64,
    pub clicks: u64,
    pub applications: u64,
    /// Hundredths of a dollar.
    pub cents: u64,
}

impl Outcome {
    pub(crate) fn draw(design: &CampaignDesign, expected: &Expected, noise: &Noise, rng: &mut Rng) -> Self {
        let share = spend_share(expected.spend_share, rng);
        // Budgets are whole dollars, so rounding cannot pass them.
        let cents = (100.0 * design.budget * share).round();
        let impressions = (cents / 100.0 * 1000.0 / expected.cpm * noise.delivery.sample(rng)).round() as u64;
        let clicks = binomial(impressions, expected.ctr * noise.ctr.sample(rng), rng);
        let applications = binomial(clicks, expected.conversion_rate * noise.conversion.sample(rng), rng);
        Outcome { impressions, clicks, applications, cents: cents as u64 }
    }

    /// Dollars.
    pub(crate) fn spend(&self) -> f64 {
        self.cents as f64 / 100.0
    }
}

/// A share with this mean.
fn spend_share(mean: f64, rng: &mut Rng) -> f64 {
    match Beta::new(SPEND_PRECISION * mean, SPEND_PRECISION * (1.0 - mean)) {
        Ok(beta) => rng.sample(beta),
        // A mean of exactly 0 or 1 leaves nothing to draw.
        Err(_) => mean,
    }
}

/// Successes among `trials`. A probability outside 0..1 counts as its nearest bound.
pub(crate) fn binomial(trials: u64, probability: f64, rng: &mut Rng) -> u64 {
    match Binomial::new(trials, probability.clamp(0.0, 1.0)) {
        Ok(binomial) => rng.sample(binomial),
        Err(_) => 0,
    }
}
