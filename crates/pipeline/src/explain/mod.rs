//! Why a pipeline predicts what it does, in terms of the input columns of the frame.
//!
//! | item | question |
//! |---|---|
//! | [`Attribution`] | which columns moved these predictions: exact where the model can tell, sampled for any pipeline |
//! | [`Shapley`] | the same of one row, for any function of a frame |
//! | [`permutation_importance`] | which columns the pipeline cannot do without |
//! | [`PartialDependence`] | how predictions go with one column, the others staying as they are |
//!
//! A text, a date or a category is one column, whatever the pipeline makes of it.

mod attribution;
mod dependence;
mod importance;
mod lineage;
mod output;
mod shapley;

pub use attribution::{Attribution, Attributions, Background, Method};
pub use dependence::{Dependence, Grid, PartialDependence};
pub use importance::{Importance, ImportanceOptions, permutation_importance};
pub use shapley::{Contribution, Explanation, Shapley};
