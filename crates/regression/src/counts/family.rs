//! [`CountFamily`]: what is counted, and how beliefs about a rate pass between a thing and what it belongs to.

use adflux_core::{
    Result,
    parameter::{ensure, non_negative},
};
use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountFamily {
    /// Events out of trials, at most one each: clicks of impressions, applications of clicks. The rate is a probability, and what is
    /// believed of it a beta distribution.
    #[default]
    BetaBinomial,
    /// Events in an exposure of any unit: applications a day, or for each euro. What is believed of the rate is a gamma
    /// distribution.
    GammaPoisson,
}

/// So many events in so much exposure: counts, or a belief that is worth as much. As a belief, the beta of shapes `events` and
/// `exposure − events`, or the gamma of shape `events` and rate `exposure`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub(super) events: f64,
    pub(super) exposure: f64,
}

impl Counts {
    pub(super) fn plus(self, other: Counts) -> Counts {
        Counts { events: self.events + other.events, exposure: self.exposure + other.exposure }
    }

    pub(super) fn times(self, factor: f64) -> Counts {
        Counts { events: self.events * factor, exposure: self.exposure * factor }
    }

    /// Without a part of it; what rounding leaves below 0 is 0.
    pub(super) fn without(self, part: Counts) -> Counts {
        Counts { events: (self.events - part.events).max(0.0), exposure: (self.exposure - part.exposure).max(0.0) }
    }
}

impl CountFamily {
    /// What is believed of a rate before anything is known: Jeffreys' prior, half an event.
    pub(super) fn ignorance(self) -> Counts {
        match self {
            CountFamily::BetaBinomial => Counts { events: 0.5, exposure: 1.0 },
            CountFamily::GammaPoisson => Counts { events: 0.5, exposure: 0.0 },
        }
    }

    /// What `parent`, a belief about a rate, says of the rate of a child, where the children's rates scatter about their parent's
    /// with `strength`: the belief of the same mean whose variance is the parent's and the scatter's together.
    pub(super) fn passed_down(self, parent: Counts, strength: f64) -> Counts {
        let more = match self {
            CountFamily::BetaBinomial => 1.0,
            CountFamily::GammaPoisson => 0.0,
        };
        parent.times(strength / (parent.exposure + strength + more))
    }

    /// What counts of a child say of its parent's rate: the same share of events in the exposure that a share of this variance has
    /// without scatter.
    pub(super) fn passed_up(self, child: Counts, strength: f64) -> Counts {
        let factor = match self {
            CountFamily::BetaBinomial => ((strength + 1.0) / (strength + child.exposure)).min(1.0),
            CountFamily::GammaPoisson => strength / (strength + child.exposure),
        };
        child.times(factor)
    }

    /// # Errors
    /// When counts are negative, not finite, or more than their trials.
    pub(super) fn check(self, events: f64, exposure: f64) -> Result<()> {
        non_negative("events", events)?;
        non_negative("exposure", exposure)?;
        match self {
            // A share times its trials may be a rounding error above them.
            CountFamily::BetaBinomial => {
                let fits = events <= exposure * (1.0 + 1e-12);
                ensure(fits, "events", events, &format!("more than the {exposure} trials"))
            }
            CountFamily::GammaPoisson => {
                ensure(exposure > 0.0 || events == 0.0, "events", events, "from an exposure of 0")
            }
        }
    }
}
