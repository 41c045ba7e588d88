//! Fewer columns: those that vary, that say something of their own, that go with the target.

mod correlation;
mod k_best;
mod scores;
mod selection;
mod variance;

pub use correlation::{CorrelationThreshold, Dropped, FittedCorrelationThreshold};
pub use k_best::{FittedSelectKBest, SelectKBest};
pub use scores::ScoreFunction;
pub use variance::{FittedVarianceThreshold, VarianceThreshold};
