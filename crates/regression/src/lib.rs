//! Predictions from tables of features.
//!
//! | component | kind | what it predicts |
//! |---|---|---|
//! | [`RandomForestRegressor`] | `random-forest-regressor` | one number a row, or several by name |
//! | [`RandomForestClassifier`] | `random-forest-classifier` | a probability for each class |
//! | [`FunnelRegressor`] | `funnel-regressor` | the rates of an advertising funnel: spend share, CPM, CTR, conversion rate |
//!
//! All take [`Features`](adflux_core::Features) of dense and sparse blocks, with missing values (NaN) in dense ones, obey
//! row weights, and give the same bits for the same seed whatever the number of threads.
//!
//! Forests are grown on byte codes: every column is binned once, and trees look for splits in histograms of the codes.
//! Thresholds are kept as real values, so a fitted forest knows nothing of bins.

mod forest;
mod funnel;
mod table;
mod tree;

pub use forest::{
    FittedRandomForestClassifier, FittedRandomForestRegressor, MaxFeatures, RandomForestClassifier,
    RandomForestRegressor,
};
pub use funnel::{FittedFunnelRegressor, FunnelRegressor};

/// Registers the models of this crate.
///
/// # Errors
/// When one of their kinds is taken.
pub fn register(registry: &mut adflux_core::Registry) -> adflux_core::Result<()> {
    registry.model::<RandomForestRegressor>()?.model::<RandomForestClassifier>()?.model::<FunnelRegressor>()?;
    Ok(())
}
