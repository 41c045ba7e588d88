//! [`Link`]: from the mean to the scale on which effects add up.

use crate::probability::sigmoid;
use adflux_core::Scale;
use adflux_evaluation::distributions::{normal_cdf, normal_quantile};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The scale on which columns add up: `link(μ) = a + x·b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// μ itself.
    Identity,
    /// ln μ: effects multiply.
    Log,
    /// ln (μ / (1 − μ)): effects multiply the odds.
    Logit,
    /// The quantile of the standard normal distribution.
    Probit,
    /// ln (−ln (1 − μ)): whether a Poisson count is above 0.
    Cloglog,
    /// 1 / μ.
    Inverse,
}

impl Link {
    /// From the mean to the scale.
    pub(super) fn of(self, mu: f64) -> f64 {
        match self {
            Link::Identity => mu,
            Link::Log => mu.ln(),
            Link::Logit => (mu / (1.0 - mu)).ln(),
            Link::Probit => normal_quantile(mu),
            Link::Cloglog => (-(-mu).ln_1p()).ln(),
            Link::Inverse => mu.recip(),
        }
    }

    /// From the scale back to the mean.
    pub(super) fn mean(self, eta: f64) -> f64 {
        match self {
            Link::Identity => eta,
            Link::Log => eta.exp(),
            Link::Logit => sigmoid(eta),
            Link::Probit => normal_cdf(eta),
            Link::Cloglog => -(-eta.exp()).exp_m1(),
            Link::Inverse => eta.recip(),
        }
    }

    /// What it is called where contributions add up on it.
    pub(super) fn scale(self) -> Scale {
        match self {
            Link::Identity => Scale::Outcome,
            Link::Log => Scale::Log,
            Link::Logit => Scale::LogOdds,
            Link::Probit => Scale::Probit,
            Link::Cloglog => Scale::Cloglog,
            Link::Inverse => Scale::Inverse,
        }
    }

    /// How fast the mean moves with the scale.
    pub(super) fn slope(self, eta: f64) -> f64 {
        match self {
            Link::Identity => 1.0,
            Link::Log => eta.exp(),
            Link::Logit => {
                let p = sigmoid(eta);
                p * (1.0 - p)
            }
            Link::Probit => (-0.5 * eta * eta).exp() / (2.0 * PI).sqrt(),
            Link::Cloglog => (eta - eta.exp()).exp(),
            Link::Inverse => -(eta * eta).recip(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_comes_back_and_its_slope_is_that_of_its_mean() {
        for link in [Link::Identity, Link::Log, Link::Logit, Link::Probit, Link::Cloglog, Link::Inverse] {
            for mu in [0.02, 0.4, 0.93] {
                let eta = link.of(mu);
                assert!((link.mean(eta) - mu).abs() < 1e-12, "{link:?} {mu}");
                let slope = (link.mean(eta + 1e-6) - link.mean(eta - 1e-6)) / 2e-6;
                assert!((link.slope(eta) / slope - 1.0).abs() < 1e-6, "{link:?} {mu}");
            }
        }
    }
}
