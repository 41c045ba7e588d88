//! [`Family`]: how outcomes scatter about their mean.

use super::Link;
use adflux_core::{Error, Result};
use serde::{Deserialize, Serialize};

/// The distribution of the outcome, by how its variance grows with the mean μ.
///
/// In files: `"gaussian"`, `"binomial"`, `"poisson"`, `"gamma"`, or `{ tweedie = 1.5 }`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Any number, variance 1.
    Gaussian,
    /// A share of 0 to 1, variance μ (1 − μ); with an exposure, a count out of so many.
    Binomial,
    /// A count, variance μ.
    Poisson,
    /// An amount above 0, variance μ².
    Gamma,
    /// Variance μ^power. From 1 to 2: amounts of which some are 0, such as the spend on many days (Jørgensen, 1987). 0, 1 and 2 are
    /// the families above; between 0 and 1 there is none.
    Tweedie(f64),
}

impl Family {
    /// # Errors
    /// When there is no distribution of this power.
    pub(super) fn check(self) -> Result<()> {
        let power = self.power();
        adflux_core::parameter::ensure(
            power.is_finite() && !(power > 0.0 && power < 1.0),
            "power",
            power,
            "there is a distribution of power 0 or less, or 1 or more",
        )
    }

    /// The power of the mean in the variance; a binomial's is that of small shares.
    pub(super) fn power(self) -> f64 {
        match self {
            Family::Gaussian => 0.0,
            Family::Binomial | Family::Poisson => 1.0,
            Family::Gamma => 2.0,
            Family::Tweedie(power) => power,
        }
    }

    /// The link that is usual for it: the canonical one, but the logarithm for amounts.
    pub(super) fn usual_link(self) -> Link {
        match self {
            Family::Binomial => Link::Logit,
            _ if self.power() <= 0.0 => Link::Identity,
            _ => Link::Log,
        }
    }

    /// # Errors
    /// Naming the first row of positive weight whose outcome cannot come from this family.
    pub(super) fn check_target(self, y: &[f64], weights: &[f64]) -> Result<()> {
        let power = self.power();
        let (fits, range): (fn(f64) -> bool, _) = match self {
            Family::Binomial => {
                (|v| (0.0..=1.0).contains(&v), "a share lies between 0 and 1 (a count, between 0 and its exposure)")
            }
            _ if power >= 2.0 => {
                (|v| v > 0.0, "must be above 0 for this family: of amounts that may be 0, a tweedie of power 1.5")
            }
            _ if power >= 1.0 => (|v| v >= 0.0, "must be 0 or more for this family"),
            _ => return Ok(()),
        };
        match y.iter().zip(weights).position(|(v, weight)| *weight > 0.0 && !fits(*v)) {
            Some(row) => Err(Error::cell("target", row, format!("{}: {range}", y[row]))),
            None => Ok(()),
        }
    }

    /// The variance at mean `mu`, as a multiple of the dispersion.
    pub(super) fn variance(self, mu: f64) -> f64 {
        match self {
            Family::Gaussian => 1.0,
            Family::Binomial => mu * (1.0 - mu),
            Family::Poisson => mu,
            Family::Gamma => mu * mu,
            Family::Tweedie(power) => mu.powf(power),
        }
    }

    /// Half the deviance of `y` at mean `mu`, but for what does not depend on `mu`.
    pub(super) fn loss(self, y: f64, mu: f64) -> f64 {
        // y ln μ, which is 0 where y is.
        let y_ln = |y: f64, mu: f64| if y == 0.0 { 0.0 } else { y * mu.ln() };
        let power = self.power();
        match self {
            Family::Binomial => -y_ln(y, mu) - y_ln(1.0 - y, 1.0 - mu),
            _ if power == 0.0 => 0.5 * (y - mu) * (y - mu),
            _ if power == 1.0 => mu - y_ln(y, mu),
            _ if power == 2.0 => y / mu + mu.ln(),
            _ => {
                mu.powf(2.0 - power) / (2.0 - power)
                    - if y == 0.0 { 0.0 } else { y * mu.powf(1.0 - power) / (1.0 - power) }
            }
        }
    }

    /// Whether `mu` can be the mean.
    pub(super) fn allows(self, mu: f64) -> bool {
        match self {
            Family::Binomial => (0.0..=1.0).contains(&mu),
            _ if self.power() == 0.0 => mu.is_finite(),
            _ => mu > 0.0 && mu.is_finite(),
        }
    }
}
