//! Components of every slot, seen alike: in the boxes that a pipeline puts them in.

use super::{
    grid::{Answer, HORIZON, LEVELS},
    sample::Sample,
};
use adflux_core::{
    AnyForecaster, AnyForecasterRecipe, AnyModel, AnyModelRecipe, AnyTransform, AnyTransformRecipe, Context, Describe,
    DynComponent, Features, Fit, FitTransform as _, Forecast, Forecaster as _, Panel, Predict as _, Prediction, Result,
    Training, Transform as _, registry::Slot,
};
use std::fmt::Debug;

/// The box of a recipe: what the kit fits, describes, saves and loads, exactly as a pipeline does.
pub trait Subject: Slot + Describe + Clone + Send + Sync + 'static {
    /// What it is fitted on and asked about.
    type Input: Clone + Debug + Send + Sync + 'static;
    /// What it answers.
    type Output: Answer;
    /// The box of its fitted form.
    type Boxed: Slot + DynComponent + 'static;

    /// Fits the recipe.
    ///
    /// # Errors
    /// The component's.
    fn learn(&self, data: Training<Self::Input>, context: &Context) -> Result<Self::Boxed>;

    /// What the fitted component makes of an input.
    ///
    /// # Errors
    /// The component's.
    fn answer(fitted: &Self::Boxed, input: &Self::Input) -> Result<Self::Output>;

    /// For steps: what the rest of a pipeline is trained on.
    ///
    /// # Errors
    /// The component's.
    fn training_output(&self, _: Training<Self::Input>) -> Result<Option<Self::Output>> {
        Ok(None)
    }

    /// For models: whether the fitted component uses an exposure.
    fn uses_exposure(_: &Self::Boxed) -> Option<bool> {
        None
    }
}

impl Subject for AnyModelRecipe {
    type Input = Features;
    type Output = Prediction;
    type Boxed = AnyModel;

    fn learn(&self, data: Training<Features>, context: &Context) -> Result<AnyModel> {
        self.fit_with(data, context)
    }

    fn answer(fitted: &AnyModel, input: &Features) -> Result<Prediction> {
        fitted.predict(input)
    }

    fn uses_exposure(fitted: &AnyModel) -> Option<bool> {
        Some(fitted.uses_exposure())
    }
}

impl Subject for AnyForecasterRecipe {
    type Input = Panel;
    type Output = Forecast;
    type Boxed = AnyForecaster;

    fn learn(&self, data: Training<Panel>, context: &Context) -> Result<AnyForecaster> {
        self.fit_with(data.x, context)
    }

    /// About the steps after what it learned from, whatever the panel.
    fn answer(fitted: &AnyForecaster, _: &Panel) -> Result<Forecast> {
        fitted.forecast(HORIZON, &LEVELS, None)
    }
}

impl<I: Sample, O: Answer> Subject for AnyTransformRecipe<I, O> {
    type Input = I;
    type Output = O;
    type Boxed = AnyTransform<I, O>;

    fn learn(&self, data: Training<I>, context: &Context) -> Result<AnyTransform<I, O>> {
        self.fit_with(data, context)
    }

    fn answer(fitted: &AnyTransform<I, O>, input: &I) -> Result<O> {
        fitted.transform(input.clone())
    }

    fn training_output(&self, data: Training<I>) -> Result<Option<O>> {
        Ok(Some(self.fit_transform(data, &Context::default())?.1))
    }
}
