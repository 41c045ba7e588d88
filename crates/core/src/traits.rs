//! The traits every component speaks, and how components compose.

use crate::{
    Component, Context, Contributions, Error, Recipe, Registry, Result, Rows, Saved, Spec, Training,
    component::{decode, encode},
};

/// A recipe: learns from `D` and gives a fitted type of its own.
pub trait Fit<D> {
    /// What is learned. It cannot be had without data.
    type Fitted;

    /// Learns from `data`, reporting to and obeying `context`.
    ///
    /// # Errors
    /// When a parameter is out of range, the data cannot be used, or the work is cancelled.
    fn fit_with(&self, data: D, context: &Context) -> Result<Self::Fitted>;

    /// [`fit_with`](Fit::fit_with) with the default context.
    ///
    /// # Errors
    /// As `fit_with`.
    fn fit(&self, data: D) -> Result<Self::Fitted> {
        self.fit_with(data, &Context::default())
    }
}

/// A fitted step that turns one thing into another, row by row.
pub trait Transform<I> {
    /// What comes out.
    type Output;
    /// Applies the step.
    ///
    /// # Errors
    /// When the input is not what the step was fitted on.
    fn transform(&self, input: I) -> Result<Self::Output>;
}

/// A preprocessor in training. Asked for the transformed training data together with the fitted step, so that an encoder
/// which looks at the target can cross-fit; for all others the default is right.
pub trait FitTransform<X: Clone>: Fit<Training<X>>
where
    Self::Fitted: Transform<X>,
{
    /// The fitted step, and the training inputs as a model should see them.
    ///
    /// # Errors
    /// As `fit_with` and `transform`.
    #[allow(clippy::type_complexity)]
    fn fit_transform(
        &self,
        data: Training<X>,
        context: &Context,
    ) -> Result<(Self::Fitted, <Self::Fitted as Transform<X>>::Output)> {
        let x = data.x.clone();
        let fitted = self.fit_with(data, context)?;
        let output = fitted.transform(x)?;
        Ok((fitted, output))
    }
}

/// A fitted model.
pub trait Predict<X: ?Sized> {
    /// What is predicted.
    type Output;
    /// Predicts for every row of `x`.
    ///
    /// # Errors
    /// When `x` is not what the model was fitted on.
    fn predict(&self, x: &X) -> Result<Self::Output>;

    /// What each column of `x` adds to each prediction, computed exactly; `None`, the default, from a model that cannot tell.
    ///
    /// `background` are the rows that a row is compared with. Without them it is compared with the rows that the model learned from,
    /// by a model that remembers enough of them (trees do; the others give `None`).
    ///
    /// # Errors
    /// When `x` or `background` is not what the model was fitted on, there is no background row, or the work is cancelled.
    fn contributions(&self, _x: &X, _background: Option<&X>, _context: &Context) -> Result<Option<Contributions>> {
        Ok(None)
    }

    /// Whether it learns from [`Training::exposure`]. Of a single total it then predicts what one unit of exposure brings, and is held
    /// against [rates](Training::into_rates). A pipeline gives an exposure to no other model.
    fn uses_exposure(&self) -> bool {
        false
    }
}

/// Which predictions a postprocessor must see to be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// None: it learns nothing from predictions, and is fitted on none ([`Prediction::Multi`](crate::Prediction::Multi) of
    /// nothing).
    Nothing,
    /// The model's predictions on the rows it learned from.
    InSample,
    /// Predictions of models that did not see the row, from this many folds.
    OutOfFold(usize),
}

/// A postprocessor: fitted on the frame and the predictions `P` beside the truth. Calibration and conformal intervals are
/// such postprocessors.
pub trait Postprocess<F, P>: Fit<Training<(F, P)>> {
    /// Which predictions it must be fitted on.
    fn needs(&self) -> Needs {
        Needs::Nothing
    }
}

/// Puts the out-of-fold parts together again.
pub trait Stitch: Sized {
    /// `parts` are the rows of each fold with their predictions; every row below `rows` is in exactly one.
    ///
    /// # Errors
    /// When a row is in none, or the parts do not fit together.
    fn stitch(parts: Vec<(Vec<usize>, Self)>, rows: usize) -> Result<Self>;
}

/// Two steps, one after the other: made by [`Then::then`].
#[derive(Clone, Debug, PartialEq)]
pub struct Chain<A, B>(pub A, pub B);

impl<A: Component, B: Component> Component for Chain<A, B> {
    const KIND: &'static str = "chain";
    fn state(&self) -> Result<Vec<u8>> {
        encode(Self::KIND, &(Saved::of(&self.0)?, Saved::of(&self.1)?))
    }
    fn from_state(_: u32, state: &[u8], registry: &Registry) -> Result<Self> {
        let (first, second): (Saved, Saved) = decode(Self::KIND, state)?;
        Ok(Chain(first.load(registry)?, second.load(registry)?))
    }
    fn inputs(&self) -> Vec<String> {
        let mut names = Component::inputs(&self.0);
        names.extend(Component::inputs(&self.1));
        names
    }
}

impl<A: Recipe, B: Recipe> Recipe for Chain<A, B> {
    const KIND: &'static str = "chain";
    fn spec(&self) -> Result<Spec> {
        Ok(Spec { kind: Self::KIND.into(), params: Default::default(), steps: vec![self.0.spec()?, self.1.spec()?] })
    }
    fn from_spec(spec: &Spec, registry: &Registry) -> Result<Self> {
        match &spec.paramless()?.steps[..] {
            [first, second] => Ok(Chain(A::from_spec(first, registry)?, B::from_spec(second, registry)?)),
            steps => {
                let reason = format!("{} steps, where two are wanted", steps.len());
                Err(Error::Spec { kind: Self::KIND.into(), reason })
            }
        }
    }
}

/// `a.then(b)`: the types decide whether the steps fit together.
pub trait Then: Sized {
    /// This step, then `next`.
    fn then<B>(self, next: B) -> Chain<Self, B> {
        Chain(self, next)
    }
}
impl<T> Then for T {}

impl<I, A: Transform<I>, B: Transform<A::Output>> Transform<I> for Chain<A, B> {
    type Output = B::Output;
    fn transform(&self, input: I) -> Result<B::Output> {
        let between = self.0.transform(input).map_err(|e| e.in_step(1, short_name::<A>()))?;
        self.1.transform(between).map_err(|e| e.in_step(2, short_name::<B>()))
    }
}

impl<X: Clone, M: Clone, A, B> Fit<Training<X>> for Chain<A, B>
where
    A: FitTransform<X>,
    A::Fitted: Transform<X, Output = M>,
    B: Fit<Training<M>>,
{
    type Fitted = Chain<A::Fitted, B::Fitted>;
    fn fit_with(&self, data: Training<X>, context: &Context) -> Result<Self::Fitted> {
        let (x, rest) = data.split();
        let (first, between) =
            self.0.fit_transform(rest.clone().replace(x), context).map_err(|e| e.in_step(1, short_name::<A>()))?;
        let second = self.1.fit_with(rest.replace(between), context).map_err(|e| e.in_step(2, short_name::<B>()))?;
        Ok(Chain(first, second))
    }
}

impl<X: Clone, M: Clone, A, B> FitTransform<X> for Chain<A, B>
where
    A: FitTransform<X>,
    A::Fitted: Transform<X, Output = M>,
    B: FitTransform<M>,
    B::Fitted: Transform<M>,
{
    fn fit_transform(
        &self,
        data: Training<X>,
        context: &Context,
    ) -> Result<(Self::Fitted, <B::Fitted as Transform<M>>::Output)> {
        let (x, rest) = data.split();
        let (first, between) =
            self.0.fit_transform(rest.clone().replace(x), context).map_err(|e| e.in_step(1, short_name::<A>()))?;
        let (second, output) =
            self.1.fit_transform(rest.replace(between), context).map_err(|e| e.in_step(2, short_name::<B>()))?;
        Ok((Chain(first, second), output))
    }
}

impl<X: Rows, A: Transform<X>, B: Predict<A::Output>> Predict<X> for Chain<A, B>
where
    X: Clone,
{
    type Output = B::Output;
    fn predict(&self, x: &X) -> Result<B::Output> {
        let between = self.0.transform(x.clone()).map_err(|e| e.in_step(1, short_name::<A>()))?;
        self.1.predict(&between).map_err(|e| e.in_step(2, short_name::<B>()))
    }
    fn uses_exposure(&self) -> bool {
        self.1.uses_exposure()
    }
}

/// The type's name without its path, for messages.
fn short_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}
