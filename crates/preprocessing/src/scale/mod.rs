//! Numbers brought to a common scale.

mod standard;

pub use standard::{FittedStandardScaler, StandardScaler};
