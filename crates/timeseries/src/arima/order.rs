//! Which ARIMA model.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The order of a seasonal ARIMA model, written `ARIMA(p,d,q)(P,D,Q)[m]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArimaOrder {
    /// Autoregressive terms.
    pub p: usize,
    /// Differences.
    pub d: usize,
    /// Moving average terms.
    pub q: usize,
    /// P, autoregressive terms of whole seasons.
    pub seasonal_p: usize,
    /// D, differences of a season.
    pub seasonal_d: usize,
    /// Q, moving average terms of whole seasons.
    pub seasonal_q: usize,
    /// m, the steps of a season; 1 for none.
    pub season_length: usize,
}

impl ArimaOrder {
    /// The coefficients that are searched for.
    pub(super) fn searched(&self) -> usize {
        self.p + self.q + self.seasonal_p + self.seasonal_q
    }

    /// Steps that differencing takes.
    pub(super) fn taken(&self) -> usize {
        self.d + self.seasonal_d * self.season_length
    }

    /// The steps back that a value depends on, and the errors back.
    pub(super) fn memory(&self) -> (usize, usize) {
        let m = self.season_length;
        (self.p + self.seasonal_p * m + self.taken(), self.q + self.seasonal_q * m)
    }
}

impl fmt::Display for ArimaOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ARIMA({},{},{})", self.p, self.d, self.q)?;
        if self.season_length > 1 {
            write!(f, "({},{},{})[{}]", self.seasonal_p, self.seasonal_d, self.seasonal_q, self.season_length)?;
        }
        Ok(())
    }
}
