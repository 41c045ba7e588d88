//! Components by name: [`Spec`] describes one, [`Registry`] builds and loads it.

use crate::{
    AnyForecaster, AnyForecasterRecipe, AnyModel, AnyModelRecipe, AnyPostprocessRecipe, AnyTransform,
    AnyTransformRecipe, Component, Error, Features, Fit, FitTransform, Forecaster, Panel, Postprocess, Predict,
    Prediction, Recipe, Result, Saved, Training, Transform, error::nearest_name,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{any::Any, any::TypeId, collections::BTreeMap, fmt, sync::Arc};

/// A component as a file describes it: what TOML parses to and a saved pipeline records.
///
/// ```
/// let spec: adflux_core::Spec = toml::from_str("kind = 'standard-scaler'\nparams = { with_mean = true }")?;
/// assert_eq!(spec.kind, "standard-scaler");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The component's name.
    pub kind: String,
    /// Its parameters; those left out have their defaults.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub params: toml::Table,
    /// Its children, for components made of components.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Spec>,
}

impl Spec {
    /// The description of a component without children. Parameters that are `None` are left out.
    ///
    /// # Errors
    /// When a parameter has no form in TOML.
    pub fn of<T: Serialize>(kind: &str, params: &T) -> Result<Self> {
        let params =
            toml::Table::try_from(params).map_err(|e| Error::Spec { kind: kind.into(), reason: e.to_string() })?;
        Ok(Spec { kind: kind.into(), params, steps: Vec::new() })
    }

    /// The parameters as a typed recipe.
    ///
    /// # Errors
    /// When one is unknown, of the wrong type, or missing.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T> {
        let read = toml::Value::Table(self.params.clone()).try_into();
        read.map_err(|e: toml::de::Error| Error::Spec {
            kind: self.kind.clone(),
            reason: e.message().trim().to_string(),
        })
    }

    /// # Errors
    /// When there are children, for components that take none.
    pub fn childless(&self) -> Result<&Self> {
        if self.steps.is_empty() {
            return Ok(self);
        }
        Err(Error::Spec { kind: self.kind.clone(), reason: "it takes no `steps`".into() })
    }

    /// The one component that this one is put around: `spec.only_step::<AnyModelRecipe>(registry)`.
    ///
    /// # Errors
    /// When there are none or several, or it cannot be built.
    pub fn only_step<B: Slot>(&self, registry: &Registry) -> Result<B> {
        match &self.steps[..] {
            [step] => registry.build(step).map_err(|e| e.in_step(1, &step.kind)),
            steps => {
                let reason = format!("it takes one {} in `steps`, and {} are given", B::slot(), steps.len());
                Err(Error::Spec { kind: self.kind.clone(), reason })
            }
        }
    }

    /// # Errors
    /// Naming the first parameter, for components that take none.
    pub fn paramless(&self) -> Result<&Self> {
        match self.params.keys().next() {
            None => Ok(self),
            Some(name) => {
                let reason = format!("unknown parameter `{name}`: it takes none, only `steps`");
                Err(Error::Spec { kind: self.kind.clone(), reason })
            }
        }
    }
}

/// A box that components of one sort fit into: the key under which the registry keeps them apart.
pub trait Slot: Sized + 'static {
    /// What the slot is called in messages.
    fn slot() -> &'static str;
    /// The boxed recipe and the boxed fitted component of one slot have the same key.
    type Key: 'static;
}

/// Key of steps from `I` to `O`.
#[derive(Debug)]
pub struct TransformSlot<I, O>(std::marker::PhantomData<fn(I) -> O>);
/// Key of models.
#[derive(Debug)]
pub struct ModelSlot;
/// Key of forecasters.
#[derive(Debug)]
pub struct ForecasterSlot;

fn transform_slot<I: 'static, O: 'static>() -> &'static str {
    if TypeId::of::<(I, O)>() == TypeId::of::<(Features, Features)>() {
        "step"
    } else if TypeId::of::<O>() == TypeId::of::<Features>() {
        "preprocessor"
    } else {
        "postprocessor"
    }
}

impl<I: 'static, O: 'static> Slot for AnyTransform<I, O> {
    fn slot() -> &'static str {
        transform_slot::<I, O>()
    }
    type Key = TransformSlot<I, O>;
}
impl<I: 'static, O: 'static> Slot for AnyTransformRecipe<I, O> {
    fn slot() -> &'static str {
        transform_slot::<I, O>()
    }
    type Key = TransformSlot<I, O>;
}
impl<F: 'static> Slot for AnyPostprocessRecipe<F> {
    fn slot() -> &'static str {
        "postprocessor"
    }
    type Key = TransformSlot<(F, Prediction), Prediction>;
}
impl Slot for AnyModel {
    fn slot() -> &'static str {
        "model"
    }
    type Key = ModelSlot;
}
impl Slot for AnyModelRecipe {
    fn slot() -> &'static str {
        "model"
    }
    type Key = ModelSlot;
}

impl Slot for AnyForecaster {
    fn slot() -> &'static str {
        "forecaster"
    }
    type Key = ForecasterSlot;
}
impl Slot for AnyForecasterRecipe {
    fn slot() -> &'static str {
        "forecaster"
    }
    type Key = ForecasterSlot;
}

type Build<R> = Arc<dyn Fn(&Spec, &Registry) -> Result<R> + Send + Sync>;
type Load<T> = Arc<dyn Fn(&Saved, &Registry) -> Result<T> + Send + Sync>;

#[derive(Clone)]
struct Entry {
    build: Arc<dyn Any + Send + Sync>,
    load: Arc<dyn Any + Send + Sync>,
}

/// The components that can be built from a [`Spec`] or loaded from a file. The set is open: each crate of adflux has a
/// `register` function, and so can yours.
///
/// Components of components stand at most [`MOST_LEVELS`] deep, so that neither a description nor a file can fill the stack
/// or, by states within states, the memory.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Arc<BTreeMap<(TypeId, &'static str), Entry>>,
    /// How many components are around those that are built or loaded with this registry.
    level: usize,
}

/// How deep components may stand within components. A column transformer with its branches is two levels.
pub const MOST_LEVELS: usize = 16;

impl Registry {
    /// A registry that knows nothing.
    pub fn new() -> Self {
        Registry::default()
    }

    /// Registers a model recipe and its fitted form.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when the kind is taken.
    pub fn model<R>(&mut self) -> Result<&mut Self>
    where
        R: Recipe + Fit<Training<Features>>,
        R::Fitted: Component + Predict<Features>,
        <R::Fitted as Predict<Features>>::Output: Into<Prediction>,
    {
        self.insert::<AnyModelRecipe, AnyModel, R>(
            Arc::new(|spec, registry| Ok(AnyModelRecipe::new(R::from_spec(spec, registry)?))),
            Arc::new(|saved, registry| Ok(AnyModel::new(saved.load::<R::Fitted>(registry)?))),
        )
    }

    /// Registers a forecaster's recipe and its fitted form.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when the kind is taken.
    pub fn forecaster<R>(&mut self) -> Result<&mut Self>
    where
        R: Recipe + Fit<Panel>,
        R::Fitted: Component + Forecaster,
    {
        self.insert::<AnyForecasterRecipe, AnyForecaster, R>(
            Arc::new(|spec, registry| Ok(AnyForecasterRecipe::new(R::from_spec(spec, registry)?))),
            Arc::new(|saved, registry| Ok(AnyForecaster::new(saved.load::<R::Fitted>(registry)?))),
        )
    }

    /// Registers a step from `I` to `O` and its fitted form: a preprocessor, or a step inside one.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when the kind is taken.
    pub fn transform<I, O, R>(&mut self) -> Result<&mut Self>
    where
        I: Clone + 'static,
        O: 'static,
        R: Recipe + FitTransform<I>,
        R::Fitted: Component + Transform<I, Output = O>,
    {
        self.insert::<AnyTransformRecipe<I, O>, AnyTransform<I, O>, R>(
            Arc::new(|spec, registry| Ok(AnyTransformRecipe::new(R::from_spec(spec, registry)?))),
            Arc::new(|saved, registry| Ok(AnyTransform::new(saved.load::<R::Fitted>(registry)?))),
        )
    }

    /// Registers a postprocessor of frames `F` and its fitted form.
    ///
    /// # Errors
    /// [`Error::DuplicateKind`] when the kind is taken.
    pub fn postprocessor<F, R>(&mut self) -> Result<&mut Self>
    where
        F: 'static,
        R: Recipe + Postprocess<F, Prediction>,
        R::Fitted: Component + Transform<(F, Prediction), Output = Prediction>,
    {
        self.insert::<AnyPostprocessRecipe<F>, AnyTransform<(F, Prediction), Prediction>, R>(
            Arc::new(|spec, registry| Ok(AnyPostprocessRecipe::new(R::from_spec(spec, registry)?))),
            Arc::new(|saved, registry| Ok(AnyTransform::new(saved.load::<R::Fitted>(registry)?))),
        )
    }

    fn insert<B: Slot, L: Slot<Key = B::Key>, R: Recipe>(
        &mut self,
        build: Build<B>,
        load: Load<L>,
    ) -> Result<&mut Self> {
        let key = (TypeId::of::<B::Key>(), R::KIND);
        if self.entries.contains_key(&key) {
            return Err(Error::DuplicateKind { slot: B::slot(), kind: R::KIND.into() });
        }
        Arc::make_mut(&mut self.entries).insert(key, Entry { build: Arc::new(build), load: Arc::new(load) });
        Ok(self)
    }

    /// The boxed recipe of a description: `registry.build::<AnyModelRecipe>(&spec)`.
    ///
    /// # Errors
    /// When the kind is unknown (the nearest name is suggested), a parameter is wrong, or it stands too deep within others.
    pub fn build<B: Slot>(&self, spec: &Spec) -> Result<B> {
        match self.entry::<B>(&spec.kind)?.build.downcast_ref::<Build<B>>() {
            Some(build) => {
                let too_deep = |reason| Error::Spec { kind: spec.kind.clone(), reason };
                build(spec, &self.within().map_err(too_deep)?)
            }
            None => Err(self.unknown::<B>(&spec.kind)),
        }
    }

    /// The boxed fitted component of a saved state: `registry.load::<AnyModel>(&saved)`.
    ///
    /// # Errors
    /// When the kind is unknown, the state cannot be read, or it stands too deep within others.
    pub fn load<L: Slot>(&self, saved: &Saved) -> Result<L> {
        match self.entry::<L>(&saved.kind)?.load.downcast_ref::<Load<L>>() {
            Some(load) => {
                let too_deep = |reason| Error::State { kind: saved.kind.clone(), reason };
                load(saved, &self.within().map_err(too_deep)?)
            }
            None => Err(self.unknown::<L>(&saved.kind)),
        }
    }

    /// The registry for what stands within a component.
    fn within(&self) -> Result<Registry, String> {
        if self.level == MOST_LEVELS {
            return Err(format!("it stands within {MOST_LEVELS} others: put fewer components into one another"));
        }
        Ok(Registry { entries: self.entries.clone(), level: self.level + 1 })
    }

    /// The registered kinds of one slot, sorted.
    pub fn kinds<S: Slot>(&self) -> Vec<&'static str> {
        let key = TypeId::of::<S::Key>();
        self.entries.keys().filter(|(slot, _)| *slot == key).map(|(_, kind)| *kind).collect()
    }

    fn entry<S: Slot>(&self, kind: &str) -> Result<&Entry> {
        let key = TypeId::of::<S::Key>();
        let found = self.entries.iter().find(|((slot, name), _)| *slot == key && *name == kind);
        found.map(|(_, entry)| entry).ok_or_else(|| self.unknown::<S>(kind))
    }

    fn unknown<S: Slot>(&self, kind: &str) -> Error {
        let nearest = nearest_name(kind, self.kinds::<S>()).map(str::to_string);
        Error::UnknownKind { slot: S::slot(), kind: kind.into(), nearest }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys().map(|(_, kind)| kind)).finish()
    }
}
