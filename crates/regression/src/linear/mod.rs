//! Linear models: what they share is in [`design`] (the table as solvers see it), [`moments`] (sums of products) and
//! [`coefficients`] (what is fitted).

pub(crate) mod cholesky;
pub(crate) mod coefficients;
pub(crate) mod coordinate;
pub(crate) mod design;
mod elastic_net;
mod elastic_net_cv;
mod inference;
mod iterative;
pub(crate) mod least_squares;
pub(crate) mod moments;
mod ols;
mod orthogonal;
pub(crate) mod passes;
mod path;
mod products;
mod quadratic;
mod ridge;
mod ridge_cv;

pub use cholesky::Cholesky;
pub use elastic_net::{ElasticNet, FittedElasticNet, FittedLasso, Lasso};
pub use elastic_net_cv::{ElasticNetCV, FittedElasticNetCV, FittedLassoCV, LassoCV};
pub use inference::CoefficientSummary;
pub use ols::{FittedLinearRegression, LinearRegression};
pub use path::{CoefficientPath, ElasticNetPath};
pub use ridge::{FittedRidge, Ridge};
pub use ridge_cv::{FittedRidgeCV, RidgeCV};

/// The methods that every fitted linear model of numbers offers.
macro_rules! fitted_line {
    ($fitted:ty, $kind:literal) => {
        impl $fitted {
            /// The coefficients, targets × columns: by how much the prediction changes with one unit of the column.
            pub fn coefficients(&self) -> &ndarray::Array2<f64> {
                &self.coefficients.weights
            }

            /// The prediction where all columns are 0, one for each target; 0 without an intercept.
            pub fn intercepts(&self) -> &ndarray::Array1<f64> {
                &self.coefficients.intercepts
            }

            /// The feature columns of the fit, with their lineage, in the order of the coefficients.
            pub fn columns(&self) -> &std::sync::Arc<[adflux_core::Column]> {
                &self.coefficients.columns
            }
        }
    };
}
pub(crate) use fitted_line;
