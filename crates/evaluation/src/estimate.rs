//! [`Estimate`]: a number that comes from a choice of rows.

use serde::{Deserialize, Serialize};

/// A number with the interval it lies in, as far as the rows at hand can tell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of the rows as they are.
    pub value: f64,
    /// The lower end of the interval.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}
