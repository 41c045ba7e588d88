//! [`FromLinfa`]: linfa's estimators as adflux's models.

use super::{Classification, Clustering, Regression, Task, guarded, in_linfa};
use crate::{
    Column, Component, Context, Error, Features, Fit, Predict, Recipe, Registry, Result, Spec, Training,
    component::{decode, encode},
};
use ::linfa::{DatasetBase, traits as linfa_traits};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    error::Error as StdError,
    fmt::{self, Debug},
    marker::PhantomData,
};

/// The dataset that linfa fits an estimator of the task `T` on: records, targets, weights, names of the columns.
pub type DatasetOf<T> = DatasetBase<Array2<f64>, <T as Task>::Targets>;

/// Any error of a fit: linfa's crates have one each.
pub type FitError = Box<dyn StdError + Send + Sync>;

/// A linfa estimator with a name and with parameters of its own: what [`FromLinfa`] wraps.
///
/// linfa's parameter types have no common form in a file. A small serde struct gives them one: its fields are what stands
/// under `params`, and [`fit`](LinfaEstimator::fit) makes linfa's parameters of them. Whether linfa has `Fit` on these or on
/// their checked form makes no difference: linfa checks on the way.
///
/// With `Serialize`, `Deserialize`, `Clone` and `Debug` on the struct, `FromLinfa` of it is a [`Recipe`] that goes into a
/// pipeline; when linfa's fitted type has serde too (the feature `serde` of linfa's crates), the fitted form is a
/// [`Component`]: it is saved with its pipeline, and loaded through a registry that knows it.
///
/// ```
/// use adflux_core::{AnyModelRecipe, Registry, linfa::{DatasetOf, FitError, FromLinfa, LinfaEstimator, Regression}};
/// use linfa::traits::Fit;
/// use linfa_linear::{FittedLinearRegression, LinearRegression};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, Serialize, Deserialize)]
/// #[serde(default, deny_unknown_fields)]
/// struct LeastSquares { fit_intercept: bool }
///
/// impl Default for LeastSquares {
///     fn default() -> Self { LeastSquares { fit_intercept: true } }
/// }
///
/// impl LinfaEstimator for LeastSquares {
///     const KIND: &'static str = "linfa-least-squares";
///     type Task = Regression;
///     type Model = FittedLinearRegression<f64>;
///     fn fit(&self, dataset: &DatasetOf<Regression>) -> Result<Self::Model, FitError> {
///         Ok(LinearRegression::default().with_intercept(self.fit_intercept).fit(dataset)?)
///     }
/// }
///
/// let mut registry = Registry::new();
/// registry.model::<FromLinfa<LeastSquares>>()?;
/// let spec = toml::from_str("kind = 'linfa-least-squares'\nparams = { fit_intercept = false }").unwrap();
/// assert!(registry.build::<AnyModelRecipe>(&spec).is_ok());
/// # Ok::<(), adflux_core::Error>(())
/// ```
pub trait LinfaEstimator: Sync {
    /// The name it goes by in files and messages, also of its fitted form. Begin it with your own name or `linfa-`, so that it
    /// meets no other.
    const KIND: &'static str;
    /// What it learns and predicts.
    type Task: Task;
    /// What linfa fits.
    type Model: linfa_traits::PredictInplace<Array2<f64>, <Self::Task as Task>::Predicted> + Send;

    /// linfa's model of the dataset, whose numbers are finite and which has rows and columns.
    ///
    /// # Errors
    /// linfa's; or adflux's ([`Error::Parameter`]), which is passed on as it is.
    fn fit(&self, dataset: &DatasetOf<Self::Task>) -> Result<Self::Model, FitError>;
}

/// A linfa estimator as a recipe of adflux: fitted on one dense block of finite numbers, it gives a [`LinfaModel`].
///
/// Row weights are handed to linfa as `f32`; which estimators look at them is said in the [module](super). The names of the
/// columns are handed on. linfa's work cannot be cancelled once it has begun. The features are not copied; the time is linfa's.
///
/// linfa's own parameters, without a name, can be fitted and asked to predict:
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training, linfa::FromLinfa};
/// use linfa_linear::LinearRegression;
/// use ndarray::array;
///
/// let x = Features::from_dense(array![[0.0], [1.0], [2.0]], ["budget"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![1.0, 3.0, 5.0]));
/// let line = FromLinfa::regressor(LinearRegression::default()).fit(data)?;
/// assert!((line.predict(&x)?[2] - 5.0).abs() < 1e-9);
/// assert!((line.model().intercept() - 1.0).abs() < 1e-9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
///
/// Pipelines and registries want to write it down: give it a name with [`LinfaEstimator`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FromLinfa<L>(
    /// The estimator.
    pub L,
);

/// linfa's parameters without a name: made by [`FromLinfa::regressor`] and its siblings.
pub struct Unnamed<P, T, E> {
    params: P,
    sort: PhantomData<fn() -> (T, E)>,
}

impl<P: Clone, T, E> Clone for Unnamed<P, T, E> {
    fn clone(&self) -> Self {
        Unnamed { params: self.params.clone(), sort: PhantomData }
    }
}

impl<P: Debug, T, E> Debug for Unnamed<P, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.params.fmt(f)
    }
}

impl<P, T, E> LinfaEstimator for Unnamed<P, T, E>
where
    T: Task,
    E: StdError + From<::linfa::Error> + Send + Sync + 'static,
    P: linfa_traits::Fit<Array2<f64>, T::Targets, E> + Sync,
    P::Object: linfa_traits::PredictInplace<Array2<f64>, T::Predicted> + Send,
{
    const KIND: &'static str = "linfa";
    type Task = T;
    type Model = P::Object;
    fn fit(&self, dataset: &DatasetOf<T>) -> Result<P::Object, FitError> {
        Ok(self.params.fit(dataset)?)
    }
}

impl<P, E> FromLinfa<Unnamed<P, Regression, E>>
where
    E: StdError + From<::linfa::Error>,
    P: linfa_traits::Fit<Array2<f64>, Array1<f64>, E>,
{
    /// linfa's parameters of an estimator of numbers.
    pub fn regressor(params: P) -> Self {
        FromLinfa(Unnamed { params, sort: PhantomData })
    }
}

impl<P, E> FromLinfa<Unnamed<P, Classification, E>>
where
    E: StdError + From<::linfa::Error>,
    P: linfa_traits::Fit<Array2<f64>, Array1<usize>, E>,
{
    /// linfa's parameters of an estimator of classes.
    pub fn classifier(params: P) -> Self {
        FromLinfa(Unnamed { params, sort: PhantomData })
    }
}

impl<P, E> FromLinfa<Unnamed<P, Clustering, E>>
where
    E: StdError + From<::linfa::Error>,
    P: linfa_traits::Fit<Array2<f64>, Array1<()>, E>,
{
    /// linfa's parameters of a clustering.
    pub fn clusterer(params: P) -> Self {
        FromLinfa(Unnamed { params, sort: PhantomData })
    }
}

impl<L> Recipe for FromLinfa<L>
where
    L: LinfaEstimator + Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    const KIND: &'static str = L::KIND;
    fn spec(&self) -> Result<Spec> {
        Spec::of(L::KIND, &self.0)
    }
    fn from_spec(spec: &Spec, _: &Registry) -> Result<Self> {
        spec.childless()?.params().map(FromLinfa)
    }
}

impl<L: LinfaEstimator> Fit<Training<Features>> for FromLinfa<L> {
    type Fitted = LinfaModel<L>;

    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<LinfaModel<L>> {
        data.validate()?;
        let (targets, memory) = L::Task::targets(&data, L::KIND)?;
        check(&data.x, L::KIND)?;
        let columns: Vec<Column> = data.x.columns().cloned().collect();
        let names = columns.iter().map(|c| c.name.as_str()).collect();
        let weights = data.weights.as_ref().map(weights).transpose()?.unwrap_or_default();
        let dataset = DatasetBase::new(data.x.into_dense(L::KIND)?, targets);
        let dataset = dataset.with_weights(weights).with_feature_names(names);

        context.check()?;
        context.report(L::KIND, 0, Some(1));
        let fitted = guarded(L::KIND, || context.run(|| self.0.fit(&dataset)))?;
        let model = fitted.map_err(|error| match error.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(linfas) => in_linfa(L::KIND, linfas),
        })?;
        context.check()?;
        context.report(L::KIND, 1, Some(1));
        Ok(LinfaModel(State { model, memory, columns }))
    }
}

/// linfa's estimators take finite numbers in at least one column.
fn check(x: &Features, kind: &'static str) -> Result<()> {
    if x.dense(kind)?.ncols() == 0 {
        return Err(Error::data(format!("`{kind}` was given no columns: choose at least one")));
    }
    x.require_finite(kind)
}

/// Weights as linfa keeps them.
fn weights(weights: &Array1<f64>) -> Result<Array1<f32>> {
    let narrow = weights.mapv(|w| w as f32);
    let lost = |(&wide, &narrow): (&f64, &f32)| !narrow.is_finite() || (narrow == 0.0) != (wide == 0.0);
    match weights.iter().zip(&narrow).position(lost) {
        None => Ok(narrow),
        Some(row) => {
            let reason = format!("{}: beyond the 32 bits that linfa keeps of a weight; scale them", weights[row]);
            Err(Error::cell("weights", row, reason))
        }
    }
}

/// A model that linfa fitted: made by fitting a [`FromLinfa`].
///
/// It predicts from one dense block of finite numbers with the columns of training; what it predicts is said by its [`Task`]. It can be saved when linfa's type has serde. The saved state is linfa's own: a later linfa that changes its types
/// may refuse it.
pub struct LinfaModel<L: LinfaEstimator>(State<L::Model, <L::Task as Task>::Memory>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct State<M, K> {
    model: M,
    memory: K,
    columns: Vec<Column>,
}

impl<L: LinfaEstimator> LinfaModel<L> {
    /// linfa's fitted model, with all it can tell: coefficients, nodes, centres.
    pub fn model(&self) -> &L::Model {
        &self.0.model
    }
}

impl<L: LinfaEstimator<Model: Clone>> Clone for LinfaModel<L> {
    fn clone(&self) -> Self {
        LinfaModel(self.0.clone())
    }
}

impl<L: LinfaEstimator<Model: Debug>> Debug for LinfaModel<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinfaModel").field(&self.0.model).finish()
    }
}

impl<L> Component for LinfaModel<L>
where
    L: LinfaEstimator + 'static,
    L::Model: Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    const KIND: &'static str = L::KIND;
    fn state(&self) -> Result<Vec<u8>> {
        encode(L::KIND, &self.0)
    }
    fn from_state(_: u32, state: &[u8], _: &Registry) -> Result<Self> {
        decode(L::KIND, state).map(LinfaModel)
    }
}

impl<L: LinfaEstimator> Predict<Features> for LinfaModel<L> {
    type Output = <L::Task as Task>::Output;

    fn predict(&self, x: &Features) -> Result<Self::Output> {
        use linfa_traits::PredictInplace as _;
        let State { model, memory, columns } = &self.0;
        x.require_columns(L::KIND, columns)?;
        check(x, L::KIND)?;
        let x = x.dense(L::KIND)?;
        let predicted = guarded(L::KIND, || {
            let mut predicted = model.default_target(x);
            model.predict_inplace(x, &mut predicted);
            predicted
        })?;
        L::Task::output(predicted, memory, L::KIND)
    }
}
