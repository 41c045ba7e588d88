//! [`IntoLinfa`]: adflux's models where linfa's traits are asked for.

use crate::{ClassTarget, Context, Error, Features, Fit, Predict, Prediction, Result, Target, Training};
use ::linfa::{
    DatasetBase,
    dataset::{AsSingleTargets, Pr},
    traits as linfa_traits,
};
use ndarray::{Array1, ArrayBase, ArrayView1, Data, Ix2};
use std::sync::Arc;

/// An adflux recipe of a model as a linfa estimator: linfa's `Fit` on records of `f64` and one target a row.
///
/// | targets ([`LinfaTarget`]) | what the recipe sees |
/// |---|---|
/// | `f64` | numbers |
/// | `usize`, `bool`, `String` | classes, in ascending order |
/// | `()`, those of `DatasetBase::from(records)` | no target: a clustering |
///
/// Weights and feature names of the dataset carry over; without names the columns are `x0`, `x1`, …. The error is adflux's.
/// The records are copied once.
///
/// ```
/// use adflux_core::linfa::IntoLinfa;
/// use linfa::{Dataset, prelude::SingleTargetRegression, traits::{Fit, Predict}};
/// use ndarray::{Array1, array};
/// # use adflux_core::{Context, Features, Result, Training};
/// # #[derive(Clone, Debug)] struct Mean;
/// # struct MeanModel(f64);
/// # impl adflux_core::Fit<Training<Features>> for Mean {
/// #     type Fitted = MeanModel;
/// #     fn fit_with(&self, d: Training<Features>, _: &Context) -> Result<MeanModel> {
/// #         Ok(MeanModel(d.values("mean")?.mean().unwrap_or_default()))
/// #     }
/// # }
/// # impl adflux_core::Predict<Features> for MeanModel {
/// #     type Output = Array1<f64>;
/// #     fn predict(&self, x: &Features) -> Result<Array1<f64>> { Ok(Array1::from_elem(x.rows(), self.0)) }
/// # }
///
/// let dataset = Dataset::new(array![[0.0], [1.0]], array![1.0, 3.0]);
/// let model = IntoLinfa::new(Mean).fit(&dataset)?;
/// let predicted: Array1<f64> = model.predict(&dataset);
/// assert_eq!(predicted.mean_absolute_error(&dataset)?, 1.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct IntoLinfa<R> {
    recipe: R,
    context: Context,
}

impl<R> IntoLinfa<R> {
    /// Wraps a recipe.
    pub fn new(recipe: R) -> Self {
        IntoLinfa { recipe, context: Context::default() }
    }

    /// The progress, cancellation and threads of every fit. By default those of [`Context::default`].
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }
}

impl<R, D, T> linfa_traits::Fit<ArrayBase<D, Ix2>, T, Error> for IntoLinfa<R>
where
    R: Fit<Training<Features>>,
    D: Data<Elem = f64>,
    T: AsSingleTargets,
    T::Elem: LinfaTarget,
{
    type Object = IntoLinfaModel<R::Fitted>;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object> {
        let names: Arc<[String]> = match dataset.feature_names() {
            [] => (0..dataset.records.ncols()).map(|i| format!("x{i}")).collect(),
            names => names.into(),
        };
        let data = Training {
            target: T::Elem::target(dataset.as_single_targets()),
            weights: (!dataset.weights.is_empty()).then(|| dataset.weights.mapv(f64::from)),
            ..Training::new(features(&dataset.records, &names)?)
        };
        Ok(IntoLinfaModel { model: self.recipe.fit_with(data, &self.context)?, names })
    }
}

/// An adflux model as a fitted linfa estimator: linfa's `PredictInplace`, and with it `Predict`, on records of `f64`.
///
/// What it predicts into decides what is read of its prediction ([`LinfaOutput`]), so say which:
///
/// | into | of values and intervals | of classes | of segments |
/// |---|---|---|---|
/// | `Array1<f64>` | the number, the mean | – | – |
/// | `Array1<usize>` | – | the class: the number its label says, else its position among the labels | the segment, [`NO_PREDICTION`] for an outlier |
/// | `Array1<Option<usize>>` | – | the same | the segment, `None` for an outlier |
/// | `Array1<String>` | – | the label | – |
/// | `Array1<Pr>` | – | of two classes, the probability of the second | – |
///
/// linfa's `predict` cannot fail. Where adflux would give an error (another number of columns than in training, a missing value
/// that the model does not take, a prediction of another sort) **every row becomes NaN**, [`NO_PREDICTION`], `None`, or an empty
/// text, so that no metric looks good on it. [`try_predict`](IntoLinfaModel::try_predict) gives the error itself.
#[derive(Clone, Debug)]
pub struct IntoLinfaModel<M> {
    model: M,
    names: Arc<[String]>,
}

impl<M> IntoLinfaModel<M> {
    /// Wraps a fitted model; `names` are the columns it was fitted on, in order.
    pub fn new<S: Into<String>>(model: M, names: impl IntoIterator<Item = S>) -> Self {
        IntoLinfaModel { model, names: names.into_iter().map(Into::into).collect() }
    }

    /// adflux's model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// adflux's model, owned.
    pub fn into_model(self) -> M {
        self.model
    }

    /// What linfa's `predict` gives, or the error.
    ///
    /// # Errors
    /// As the model's; and when its prediction cannot be read as `L`.
    pub fn try_predict<L: LinfaOutput>(&self, records: &ArrayBase<impl Data<Elem = f64>, Ix2>) -> Result<Array1<L>>
    where
        M: Predict<Features>,
        M::Output: Into<Prediction>,
    {
        L::read(self.model.predict(&features(records, &self.names)?)?.into())
    }
}

impl<M, D, L> linfa_traits::PredictInplace<ArrayBase<D, Ix2>, Array1<L>> for IntoLinfaModel<M>
where
    M: Predict<Features>,
    M::Output: Into<Prediction>,
    D: Data<Elem = f64>,
    L: LinfaOutput,
{
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, into: &mut Array1<L>) {
        *into = self.try_predict(records).unwrap_or_else(|_| self.default_target(records));
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<L> {
        Array1::from_elem(records.nrows(), L::none())
    }
}

/// Records as features of these names, in row-major order.
fn features(records: &ArrayBase<impl Data<Elem = f64>, Ix2>, names: &[String]) -> Result<Features> {
    if records.ncols() != names.len() {
        let (fitted, given) = (names.len(), records.ncols());
        return Err(Error::data(format!("the model was fitted on {fitted} columns and is given {given}")));
    }
    Features::from_dense(records.as_standard_layout().into_owned(), names)
}

/// What linfa holds for a row whose class or segment cannot be said: outliers, and all rows of a failed prediction.
pub const NO_PREDICTION: usize = usize::MAX;

/// A linfa target that adflux's recipes learn from.
pub trait LinfaTarget: Sized {
    /// The target; `None` when these say nothing.
    fn target(targets: ArrayView1<'_, Self>) -> Option<Target>;
}

impl LinfaTarget for f64 {
    fn target(targets: ArrayView1<'_, f64>) -> Option<Target> {
        Some(Target::Values(targets.to_owned()))
    }
}

impl LinfaTarget for () {
    fn target(_: ArrayView1<'_, ()>) -> Option<Target> {
        None
    }
}

impl LinfaTarget for usize {
    fn target(targets: ArrayView1<'_, usize>) -> Option<Target> {
        Some(classes(targets))
    }
}

impl LinfaTarget for bool {
    fn target(targets: ArrayView1<'_, bool>) -> Option<Target> {
        Some(classes(targets))
    }
}

impl LinfaTarget for String {
    fn target(targets: ArrayView1<'_, String>) -> Option<Target> {
        Some(classes(targets))
    }
}

/// Classes in ascending order of their values: of numbers, 2 stands before 10.
fn classes<L: Ord + ToString>(targets: ArrayView1<'_, L>) -> Target {
    let mut levels: Vec<&L> = targets.iter().collect();
    levels.sort_unstable();
    levels.dedup();
    let code = |target: &L| levels.binary_search(&target).map_or(0, |code| code as u32);
    let codes = targets.iter().map(code).collect();
    Target::Classes(ClassTarget { codes, labels: levels.iter().map(|l| l.to_string()).collect() })
}

/// What linfa can be given of a prediction of adflux: see [`IntoLinfaModel`].
pub trait LinfaOutput: Clone {
    /// A value for each row.
    ///
    /// # Errors
    /// When the prediction is of another sort.
    fn read(prediction: Prediction) -> Result<Array1<Self>>;
    /// What stands for a row of a failed prediction.
    fn none() -> Self;
}

impl LinfaOutput for f64 {
    fn read(prediction: Prediction) -> Result<Array1<f64>> {
        prediction.point().cloned()
    }
    fn none() -> Self {
        f64::NAN
    }
}

impl LinfaOutput for Option<usize> {
    fn read(prediction: Prediction) -> Result<Array1<Option<usize>>> {
        if let Prediction::Segments(segments) = &prediction {
            return Ok(segments.ids.iter().map(|id| id.map(|id| id as usize)).collect());
        }
        let classes = prediction.classes()?;
        let numbers: Option<Vec<usize>> = classes.labels.iter().map(|label| label.parse().ok()).collect();
        let class = |code: usize| numbers.as_ref().map_or(code, |numbers| numbers[code]);
        Ok(classes.most_probable().into_iter().map(|code| Some(class(code))).collect())
    }
    fn none() -> Self {
        None
    }
}

impl LinfaOutput for usize {
    fn read(prediction: Prediction) -> Result<Array1<usize>> {
        Ok(Option::<usize>::read(prediction)?.mapv(|id| id.unwrap_or(NO_PREDICTION)))
    }
    fn none() -> Self {
        NO_PREDICTION
    }
}

impl LinfaOutput for String {
    fn read(prediction: Prediction) -> Result<Array1<String>> {
        let classes = prediction.classes()?;
        Ok(classes.most_probable().into_iter().map(|code| classes.labels[code].clone()).collect())
    }
    fn none() -> Self {
        String::new()
    }
}

impl LinfaOutput for Pr {
    fn read(prediction: Prediction) -> Result<Array1<Pr>> {
        let classes = prediction.classes()?;
        if classes.labels.len() != 2 {
            let labels = classes.labels.len();
            return Err(Error::data(format!(
                "{labels} classes, where linfa's probability is that of the second of two"
            )));
        }
        Ok(classes.probabilities.column(1).mapv(|p| Pr::new_unchecked(p as f32)))
    }
    fn none() -> Self {
        Pr::new_unchecked(f32::NAN)
    }
}
