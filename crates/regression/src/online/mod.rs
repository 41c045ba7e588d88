//! Learning from a stream: models that take one chunk of rows after another, in memory that does not grow.

mod columns;
mod coordinates;
mod ftrl;
mod model;
mod validation;

pub use ftrl::FtrlClassifier;
pub use model::FittedFtrlClassifier;
pub use validation::ProgressiveValidation;
