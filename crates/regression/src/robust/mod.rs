//! Lines that outliers do not bend: magnitudes of residuals in place of squares.

mod huber;
mod rows;

pub use huber::{FittedHuberRegressor, HuberRegressor};
