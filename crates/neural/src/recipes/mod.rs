//! Networks for the model slot of a pipeline.

mod classifier;
mod regressor;
mod settings;
mod table;

pub use classifier::{FittedMlpClassifier, MlpClassifier};
pub use regressor::{FittedMlpRegressor, MlpLoss, MlpRegressor};
