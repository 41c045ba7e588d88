//! Components in boxes, so that they can be chosen by name: [`AnyTransform`], [`AnyModel`], [`AnyForecaster`], and
//! their recipes.

use crate::{
    Component, Context, Contributions, Describe, DynComponent, Features, Fit, FitTransform, Forecast, Forecaster,
    Needs, Panel, Paths, Postprocess, Predict, Prediction, Recipe, Result, Saved, Spec, Training, Transform,
};
use std::{any::Any, fmt::Debug, sync::Arc};

impl<I: 'static, O: 'static> DynComponent for AnyTransform<I, O> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn save(&self) -> Result<Saved> {
        self.0.save()
    }
    fn inputs(&self) -> Vec<String> {
        self.0.inputs()
    }
    fn as_any(&self) -> &dyn Any {
        self.0.as_any()
    }
}

impl DynComponent for AnyModel {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn save(&self) -> Result<Saved> {
        self.0.save()
    }
    fn inputs(&self) -> Vec<String> {
        self.0.inputs()
    }
    fn as_any(&self) -> &dyn Any {
        self.0.as_any()
    }
}

impl DynComponent for AnyForecaster {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn save(&self) -> Result<Saved> {
        self.0.save()
    }
    fn inputs(&self) -> Vec<String> {
        self.0.inputs()
    }
    fn as_any(&self) -> &dyn Any {
        self.0.as_any()
    }
}

// ------------------------------------------------------------------------------------------------ transforms

trait DynTransform<I, O>: DynComponent {
    fn transform_dyn(&self, input: I) -> Result<O>;
}
impl<I, O, T: Component + Transform<I, Output = O>> DynTransform<I, O> for T {
    fn transform_dyn(&self, input: I) -> Result<O> {
        self.transform(input)
    }
}

/// A fitted step from `I` to `O` in a box: a preprocessor (frame to features), a step inside one (features to features),
/// or a postprocessor (frame and prediction to prediction).
pub struct AnyTransform<I, O>(Arc<dyn DynTransform<I, O>>);

impl<I, O> Debug for AnyTransform<I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<I, O> Clone for AnyTransform<I, O> {
    fn clone(&self) -> Self {
        AnyTransform(self.0.clone())
    }
}

impl<I: 'static, O: 'static> AnyTransform<I, O> {
    /// Boxes a fitted step.
    pub fn new<T: Component + Transform<I, Output = O>>(step: T) -> Self {
        AnyTransform(Arc::new(step))
    }
    /// The step itself, when it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl<I, O> Transform<I> for AnyTransform<I, O> {
    type Output = O;
    fn transform(&self, input: I) -> Result<O> {
        self.0.transform_dyn(input)
    }
}

trait DynTransformRecipe<I, O>: Describe + Debug + Send + Sync {
    fn fit_transform_dyn(&self, data: Training<I>, context: &Context) -> Result<(AnyTransform<I, O>, O)>;
    fn fit_dyn(&self, data: Training<I>, context: &Context) -> Result<AnyTransform<I, O>>;
}

impl<I, O, R> DynTransformRecipe<I, O> for R
where
    I: Clone + 'static,
    O: 'static,
    R: Recipe + FitTransform<I>,
    R::Fitted: Component + Transform<I, Output = O>,
{
    fn fit_transform_dyn(&self, data: Training<I>, context: &Context) -> Result<(AnyTransform<I, O>, O)> {
        let (fitted, output) = self.fit_transform(data, context)?;
        Ok((AnyTransform::new(fitted), output))
    }
    fn fit_dyn(&self, data: Training<I>, context: &Context) -> Result<AnyTransform<I, O>> {
        Ok(AnyTransform::new(self.fit_with(data, context)?))
    }
}

/// The recipe of an [`AnyTransform`] in a box.
pub struct AnyTransformRecipe<I, O>(Arc<dyn DynTransformRecipe<I, O>>);

impl<I, O> Debug for AnyTransformRecipe<I, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<I, O> Clone for AnyTransformRecipe<I, O> {
    fn clone(&self) -> Self {
        AnyTransformRecipe(self.0.clone())
    }
}

impl<I: Clone + 'static, O: 'static> AnyTransformRecipe<I, O> {
    /// Boxes a recipe.
    pub fn new<R>(recipe: R) -> Self
    where
        R: Recipe + FitTransform<I>,
        R::Fitted: Component + Transform<I, Output = O>,
    {
        AnyTransformRecipe(Arc::new(recipe))
    }
}

impl<I: 'static, O: 'static> Describe for AnyTransformRecipe<I, O> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn describe(&self) -> Result<Spec> {
        self.0.describe()
    }
}

impl<I, O> Fit<Training<I>> for AnyTransformRecipe<I, O> {
    type Fitted = AnyTransform<I, O>;
    fn fit_with(&self, data: Training<I>, context: &Context) -> Result<Self::Fitted> {
        self.0.fit_dyn(data, context)
    }
}

impl<I: Clone, O> FitTransform<I> for AnyTransformRecipe<I, O> {
    fn fit_transform(&self, data: Training<I>, context: &Context) -> Result<(AnyTransform<I, O>, O)> {
        self.0.fit_transform_dyn(data, context)
    }
}

// ------------------------------------------------------------------------------------------------ models

trait DynModel: DynComponent {
    fn predict_dyn(&self, x: &Features) -> Result<Prediction>;
    fn contributions_dyn(
        &self,
        x: &Features,
        background: Option<&Features>,
        context: &Context,
    ) -> Result<Option<Contributions>>;
    fn uses_exposure_dyn(&self) -> bool;
}
impl<T> DynModel for T
where
    T: Component + Predict<Features>,
    T::Output: Into<Prediction>,
{
    fn predict_dyn(&self, x: &Features) -> Result<Prediction> {
        Ok(self.predict(x)?.into())
    }
    fn contributions_dyn(
        &self,
        x: &Features,
        background: Option<&Features>,
        context: &Context,
    ) -> Result<Option<Contributions>> {
        self.contributions(x, background, context)
    }
    fn uses_exposure_dyn(&self) -> bool {
        self.uses_exposure()
    }
}

/// A fitted model in a box.
#[derive(Clone, Debug)]
pub struct AnyModel(Arc<dyn DynModel>);

impl AnyModel {
    /// Boxes a fitted model.
    pub fn new<T>(model: T) -> Self
    where
        T: Component + Predict<Features>,
        T::Output: Into<Prediction>,
    {
        AnyModel(Arc::new(model))
    }
    /// The model itself, when it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl Predict<Features> for AnyModel {
    type Output = Prediction;
    fn predict(&self, x: &Features) -> Result<Prediction> {
        self.0.predict_dyn(x)
    }
    fn contributions(
        &self,
        x: &Features,
        background: Option<&Features>,
        context: &Context,
    ) -> Result<Option<Contributions>> {
        self.0.contributions_dyn(x, background, context)
    }
    fn uses_exposure(&self) -> bool {
        self.0.uses_exposure_dyn()
    }
}

trait DynModelRecipe: Describe + Debug + Send + Sync {
    fn fit_dyn(&self, data: Training<Features>, context: &Context) -> Result<AnyModel>;
}

impl<R> DynModelRecipe for R
where
    R: Recipe + Fit<Training<Features>>,
    R::Fitted: Component + Predict<Features>,
    <R::Fitted as Predict<Features>>::Output: Into<Prediction>,
{
    fn fit_dyn(&self, data: Training<Features>, context: &Context) -> Result<AnyModel> {
        Ok(AnyModel::new(self.fit_with(data, context)?))
    }
}

/// The recipe of an [`AnyModel`] in a box.
#[derive(Clone, Debug)]
pub struct AnyModelRecipe(Arc<dyn DynModelRecipe>);

impl AnyModelRecipe {
    /// Boxes a recipe.
    pub fn new<R>(recipe: R) -> Self
    where
        R: Recipe + Fit<Training<Features>>,
        R::Fitted: Component + Predict<Features>,
        <R::Fitted as Predict<Features>>::Output: Into<Prediction>,
    {
        AnyModelRecipe(Arc::new(recipe))
    }
}

impl Describe for AnyModelRecipe {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn describe(&self) -> Result<Spec> {
        self.0.describe()
    }
}

impl Fit<Training<Features>> for AnyModelRecipe {
    type Fitted = AnyModel;
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<AnyModel> {
        self.0.fit_dyn(data, context)
    }
}

// ------------------------------------------------------------------------------------------------ forecasters

trait DynForecaster: DynComponent + Forecaster {
    fn updated_dyn(&self, later: &Panel) -> Result<AnyForecaster>;
}
impl<T: Component + Forecaster> DynForecaster for T {
    fn updated_dyn(&self, later: &Panel) -> Result<AnyForecaster> {
        Ok(AnyForecaster::new(self.updated(later)?))
    }
}

/// A fitted forecaster in a box.
#[derive(Clone, Debug)]
pub struct AnyForecaster(Arc<dyn DynForecaster>);

impl AnyForecaster {
    /// Boxes a fitted forecaster.
    pub fn new<T: Component + Forecaster>(forecaster: T) -> Self {
        AnyForecaster(Arc::new(forecaster))
    }
    /// The forecaster itself, when it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl Forecaster for AnyForecaster {
    fn forecast(&self, horizon: usize, levels: &[f64], future: Option<&Panel>) -> Result<Forecast> {
        self.0.forecast(horizon, levels, future)
    }
    fn paths(&self, horizon: usize, count: usize, seed: u64, future: Option<&Panel>) -> Result<Paths> {
        self.0.paths(horizon, count, seed, future)
    }
    fn updated(&self, later: &Panel) -> Result<Self> {
        self.0.updated_dyn(later)
    }
}

trait DynForecasterRecipe: Describe + Debug + Send + Sync {
    fn fit_dyn(&self, panel: Panel, context: &Context) -> Result<AnyForecaster>;
}

impl<R> DynForecasterRecipe for R
where
    R: Recipe + Fit<Panel>,
    R::Fitted: Component + Forecaster,
{
    fn fit_dyn(&self, panel: Panel, context: &Context) -> Result<AnyForecaster> {
        Ok(AnyForecaster::new(self.fit_with(panel, context)?))
    }
}

/// The recipe of an [`AnyForecaster`] in a box.
#[derive(Clone, Debug)]
pub struct AnyForecasterRecipe(Arc<dyn DynForecasterRecipe>);

impl AnyForecasterRecipe {
    /// Boxes a recipe.
    pub fn new<R>(recipe: R) -> Self
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        AnyForecasterRecipe(Arc::new(recipe))
    }
}

impl Describe for AnyForecasterRecipe {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn describe(&self) -> Result<Spec> {
        self.0.describe()
    }
}

impl Fit<Panel> for AnyForecasterRecipe {
    type Fitted = AnyForecaster;
    fn fit_with(&self, panel: Panel, context: &Context) -> Result<AnyForecaster> {
        self.0.fit_dyn(panel, context)
    }
}

// ------------------------------------------------------------------------------------------------ postprocessors

trait DynPostprocessRecipe<F>: Describe + Debug + Send + Sync {
    fn fit_dyn(
        &self,
        data: Training<(F, Prediction)>,
        context: &Context,
    ) -> Result<AnyTransform<(F, Prediction), Prediction>>;
    fn needs(&self) -> Needs;
}

impl<F, R> DynPostprocessRecipe<F> for R
where
    F: 'static,
    R: Recipe + Postprocess<F, Prediction>,
    R::Fitted: Component + Transform<(F, Prediction), Output = Prediction>,
{
    fn fit_dyn(
        &self,
        data: Training<(F, Prediction)>,
        context: &Context,
    ) -> Result<AnyTransform<(F, Prediction), Prediction>> {
        Ok(AnyTransform::new(self.fit_with(data, context)?))
    }
    fn needs(&self) -> Needs {
        Postprocess::needs(self)
    }
}

/// The recipe of a postprocessor in a box; `F` is the frame. Its fitted form is an [`AnyTransform`].
pub struct AnyPostprocessRecipe<F>(Arc<dyn DynPostprocessRecipe<F>>);

impl<F> Debug for AnyPostprocessRecipe<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<F> Clone for AnyPostprocessRecipe<F> {
    fn clone(&self) -> Self {
        AnyPostprocessRecipe(self.0.clone())
    }
}

impl<F: 'static> AnyPostprocessRecipe<F> {
    /// Boxes a recipe.
    pub fn new<R>(recipe: R) -> Self
    where
        R: Recipe + Postprocess<F, Prediction>,
        R::Fitted: Component + Transform<(F, Prediction), Output = Prediction>,
    {
        AnyPostprocessRecipe(Arc::new(recipe))
    }
}

impl<F: 'static> Describe for AnyPostprocessRecipe<F> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }
    fn describe(&self) -> Result<Spec> {
        self.0.describe()
    }
}

impl<F> Fit<Training<(F, Prediction)>> for AnyPostprocessRecipe<F> {
    type Fitted = AnyTransform<(F, Prediction), Prediction>;
    fn fit_with(&self, data: Training<(F, Prediction)>, context: &Context) -> Result<Self::Fitted> {
        self.0.fit_dyn(data, context)
    }
}

impl<F> Postprocess<F, Prediction> for AnyPostprocessRecipe<F> {
    fn needs(&self) -> Needs {
        self.0.needs()
    }
}
