//! Numbers brought to a common scale or shape.

mod log1p;
mod min_max;
mod power;
mod quantile;
mod robust;
mod standard;

pub use log1p::{FittedLog1pTransformer, Log1pTransformer};
pub use min_max::{FittedMinMaxScaler, MinMaxScaler};
pub use power::{FittedPowerTransformer, PowerMethod, PowerTransformer};
pub use quantile::{FittedQuantileTransformer, OutputDistribution, QuantileTransformer};
pub use robust::{FittedRobustScaler, RobustScaler};
pub use standard::{FittedStandardScaler, StandardScaler};

/// A column whose width is below this is constant, and is divided by 1: scikit-learn's rule.
const CONSTANT: f64 = 10.0 * f64::EPSILON;
