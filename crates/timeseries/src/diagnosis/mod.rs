//! What a series is like: how its values depend on those before, whether it is stationary, and how often it has to be differenced.
//!
//! | function | what it says |
//! |---|---|
//! | [`acf`], [`pacf`] | how values depend on those some steps before, with the bounds of chance |
//! | [`ljung_box`] | whether there is dependence at all, up to a lag |
//! | [`kpss`], [`adf`] | whether the series stays about a level or a trend |
//! | [`seasonal_strength`] | how much of what is not trend is season |
//! | [`ndiffs`], [`nsdiffs`] | how many differences make the series stationary |
//!
//! All take the values of one series without gaps, refuse those that are not finite by their place, and do not depend on the unit.
//!
//! ```
//! use adflux_timeseries::diagnosis::{acf, kpss, ndiffs, Around};
//! let clicks: Vec<f64> = (0..84).map(|day| 50.0 + f64::from(day) + f64::from(day * day % 11)).collect();
//! assert!(acf(&clicks, 7, 0.95)?.significant().contains(&1), "each day is like the one before");
//! assert!(kpss(&clicks, Around::Level, None)?.p_value < 0.05, "it does not stay at a level");
//! assert_eq!(ndiffs(&clicks, 2)?, 1);
//! # Ok::<(), adflux_core::Error>(())
//! ```

mod correlation;
mod differences;
mod stationarity;

pub use correlation::{Correlogram, PortmanteauTest, acf, ljung_box, pacf};
pub(crate) use differences::{constant, difference, ndiffs_of, nsdiffs_of};
pub use differences::{ndiffs, nsdiffs, seasonal_strength};
pub use stationarity::{Around, StationarityTest, adf, kpss};

use crate::local::unit_of;
use adflux_core::{Error, Result};

/// The values in a unit in which the largest is between 1 and 2, so that squares neither vanish nor overflow. Refuses values that are not
/// finite, series shorter than `least`, and, unless they `may_be_constant`, constant ones.
fn checked(values: &[f64], least: usize, may_be_constant: bool) -> Result<Vec<f64>> {
    if let Some(step) = values.iter().position(|v| !v.is_finite()) {
        return Err(Error::data(format!(
            "value {} is {}: fill gaps before, or leave out what comes before the last",
            step + 1,
            values[step]
        )));
    }
    if values.len() < least {
        return Err(Error::data(format!("{} values, where {least} are needed", values.len())));
    }
    if !may_be_constant && constant(values, 0.0) {
        return Err(Error::data("all values are the same: there is no variance to divide by"));
    }
    let unit = unit_of(values).map_err(Error::data)?;
    Ok(values.iter().map(|v| v / unit).collect())
}
