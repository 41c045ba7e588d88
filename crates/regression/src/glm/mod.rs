//! Generalised linear models (Nelder & Wedderburn, 1972): what they share. The kinds are in [`kinds`].

mod family;
mod kinds;
mod link;
mod newton;

pub use family::Family;
pub use kinds::{
    FittedGammaRegressor, FittedGeneralizedLinearRegressor, FittedPoissonRegressor, FittedTweedieRegressor,
    GammaRegressor, GeneralizedLinearRegressor, PoissonRegressor, TweedieRegressor,
};
pub use link::Link;
