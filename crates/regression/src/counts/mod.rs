//! Small counts: rates of which few events are known yet, with what is known elsewhere as a prior.

mod belief;
mod family;
mod hierarchy;
mod marginal;
mod messages;
mod model;

pub use belief::{RateBelief, TotalEstimate};
pub use family::CountFamily;
pub use marginal::prior_strength;
pub use model::{EmpiricalBayesRates, FittedEmpiricalBayesRates};
