//! What a component must offer to be put in a box, described in a file and saved: [`Recipe`] for what is configured,
//! [`Component`] for what is fitted, and the boxes [`AnyTransform`], [`AnyModel`] and [`AnyPostprocessRecipe`].
//!
//! Most components are plain serde structs and get both in one line each:
//!
//! ```
//! # use serde::{Serialize, Deserialize};
//! #[derive(Clone, Debug, Default, Serialize, Deserialize)]
//! #[serde(default, deny_unknown_fields)]
//! struct Shrink { by: f64 }
//! #[derive(Debug, Serialize, Deserialize)]
//! struct Shrunk { mean: f64 }
//! adflux_core::recipe!(Shrink, "shrink");
//! adflux_core::component!(Shrunk, "shrink", version = 1);
//! ```

use crate::{
    Context, Error, Features, Fit, FitTransform, Needs, Postprocess, Predict, Prediction, Registry, Result, Spec,
    Training, Transform,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{any::Any, fmt::Debug, sync::Arc};

/// A fitted component that can be saved and loaded.
pub trait Component: Debug + Send + Sync + Sized + 'static {
    /// The name it is saved under, the same as its recipe's.
    const KIND: &'static str;
    /// The version of its state. Raise it when the state changes, and read the older ones in
    /// [`from_state`](Component::from_state).
    const VERSION: u32 = 1;
    /// The state as bytes.
    ///
    /// # Errors
    /// When the state cannot be written.
    fn state(&self) -> Result<Vec<u8>>;
    /// The component from a state of `version`, 1 to [`VERSION`](Component::VERSION). Children are loaded through `registry`.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn from_state(version: u32, state: &[u8], registry: &Registry) -> Result<Self>;
    /// The columns it reads from the frame, for components that are given one. A pipeline asks its input for these.
    fn inputs(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A configurable recipe that can be described as a [`Spec`].
pub trait Recipe: Clone + Debug + Send + Sync + Sized + 'static {
    /// The name it goes by in files.
    const KIND: &'static str;
    /// The description of this recipe.
    ///
    /// # Errors
    /// When a parameter cannot be written down.
    fn spec(&self) -> Result<Spec>;
    /// The recipe of a description. Children are built through `registry`.
    ///
    /// # Errors
    /// When a parameter is unknown or of the wrong type.
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self>;
}

/// The describing half of every recipe and of every box: what a pipeline writes down of its parts.
pub trait Describe {
    /// The recipe's name.
    fn kind(&self) -> &'static str;
    /// The recipe's description.
    ///
    /// # Errors
    /// When a parameter cannot be written down.
    fn describe(&self) -> Result<Spec>;
}

impl<R: Recipe> Describe for R {
    fn kind(&self) -> &'static str {
        R::KIND
    }
    fn describe(&self) -> Result<Spec> {
        self.spec()
    }
}

/// Implements [`Component`] for a serde type: `component!(Type, "kind", version = 1)`.
#[macro_export]
macro_rules! component {
    ($type:ty, $kind:literal, version = $version:literal) => {
        impl $crate::Component for $type {
            const KIND: &'static str = $kind;
            const VERSION: u32 = $version;
            fn state(&self) -> $crate::Result<Vec<u8>> {
                $crate::component::encode($kind, self)
            }
            fn from_state(_: u32, state: &[u8], _: &$crate::Registry) -> $crate::Result<Self> {
                $crate::component::decode($kind, state)
            }
        }
    };
}

/// Implements [`Recipe`] for a serde type without children: `recipe!(Type, "kind")`.
#[macro_export]
macro_rules! recipe {
    ($type:ty, $kind:literal) => {
        impl $crate::Recipe for $type {
            const KIND: &'static str = $kind;
            fn spec(&self) -> $crate::Result<$crate::Spec> {
                $crate::Spec::of($kind, self)
            }
            fn from_spec(spec: &$crate::Spec, _: &$crate::Registry) -> $crate::Result<Self> {
                spec.childless()?.params()
            }
        }
    };
}

/// A state as msgpack with field names.
///
/// # Errors
/// [`Error::State`] naming `kind`.
pub fn encode<T: Serialize>(kind: &str, value: &T) -> Result<Vec<u8>> {
    rmp_serde::to_vec_named(value).map_err(|e| Error::State { kind: kind.into(), reason: e.to_string() })
}

/// The inverse of [`encode`].
///
/// # Errors
/// [`Error::State`] naming `kind`.
pub fn decode<T: DeserializeOwned>(kind: &str, state: &[u8]) -> Result<T> {
    rmp_serde::from_slice(state).map_err(|e| Error::State { kind: kind.into(), reason: e.to_string() })
}

/// A component as it stands in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Its name.
    pub kind: String,
    /// The version of its state.
    pub version: u32,
    /// Its state.
    #[serde(with = "serde_bytes")]
    pub state: Vec<u8>,
}

impl Saved {
    /// The saved form of a component.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn of<C: Component>(component: &C) -> Result<Self> {
        Ok(Saved { kind: C::KIND.into(), version: C::VERSION, state: component.state()? })
    }

    /// The component again.
    ///
    /// # Errors
    /// When it is of another kind, of a newer version, or its state cannot be read.
    pub fn load<C: Component>(&self, registry: &Registry) -> Result<C> {
        if self.kind != C::KIND {
            let reason = format!("this is a `{}`", self.kind);
            return Err(Error::State { kind: C::KIND.into(), reason });
        }
        if self.version == 0 || self.version > C::VERSION {
            let reason =
                format!("version {} was saved, this adflux reads up to {}: update it", self.version, C::VERSION);
            return Err(Error::State { kind: C::KIND.into(), reason });
        }
        C::from_state(self.version, &self.state, registry)
    }
}

/// The saving half of every component and of every box: what a pipeline asks of its parts.
pub trait DynComponent: Debug + Send + Sync {
    /// The component's name.
    fn kind(&self) -> &'static str;
    /// Its saved form.
    ///
    /// # Errors
    /// When the state cannot be written.
    fn save(&self) -> Result<Saved>;
    /// The columns it reads from the frame.
    fn inputs(&self) -> Vec<String>;
    /// The component itself, to be asked for its type.
    fn as_any(&self) -> &dyn Any;
}

impl<T: Component> DynComponent for T {
    fn kind(&self) -> &'static str {
        T::KIND
    }
    fn save(&self) -> Result<Saved> {
        Saved::of(self)
    }
    fn inputs(&self) -> Vec<String> {
        Component::inputs(self)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

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
}
impl<T> DynModel for T
where
    T: Component + Predict<Features>,
    T::Output: Into<Prediction>,
{
    fn predict_dyn(&self, x: &Features) -> Result<Prediction> {
        Ok(self.predict(x)?.into())
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
