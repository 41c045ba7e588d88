//! Lines that outliers do not bend: magnitudes of residuals in place of squares.

mod huber;
mod interior;
mod program;
mod quantile;
mod rows;
mod vertex;

pub use huber::{FittedHuberRegressor, HuberRegressor};
pub use quantile::{FittedQuantileRegressor, QuantileRegressor};
