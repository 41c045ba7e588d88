//! What the first two parts of a pipeline must be able to do, said once. Every type that can is one.

use adflux_core::{Describe, DynComponent, Fit, FitTransform, Predict, Prediction, Training, Transform};
use adflux_data::Frame;

/// The recipe of a preprocessor: it learns to make `X` of a frame.
pub trait PreprocessorRecipe<X>:
    Describe + FitTransform<Frame> + Fit<Training<Frame>, Fitted: Transform<Frame, Output = X> + DynComponent>
{
}

impl<X, P> PreprocessorRecipe<X> for P where
    P: Describe + FitTransform<Frame> + Fit<Training<Frame>, Fitted: Transform<Frame, Output = X> + DynComponent>
{
}

/// The recipe of a model: it learns to make a prediction of `X`.
pub trait ModelRecipe<X>:
    Describe + Fit<Training<X>, Fitted: Predict<X, Output: Into<Prediction>> + DynComponent>
{
}

impl<X, M> ModelRecipe<X> for M where
    M: Describe + Fit<Training<X>, Fitted: Predict<X, Output: Into<Prediction>> + DynComponent>
{
}
