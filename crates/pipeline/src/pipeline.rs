//! The three parts together: recipe and fitted.

use adflux_core::{
    AnyModel, AnyModelRecipe, AnyPostprocessRecipe, AnyTransform, AnyTransformRecipe, Describe, DynComponent, Features,
    Predict, Prediction, Recipe, Registry, Result, Spec, Transform,
};
use adflux_data::{Frame, Schema};
use adflux_postprocessing::Identity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A recipe of preprocessor, model and postprocessor. The types decide whether the parts fit together.
///
/// ```
/// use adflux_core::{Target, Training};
/// use adflux_data::Frame;
/// use adflux_pipeline::Pipeline;
/// use adflux_preprocessing::ColumnTransformer;
/// # use adflux_core::{Context, Features, Fit, Predict, Result};
/// # use ndarray::Array1;
/// # #[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)] struct Mean {}
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct MeanModel(f64);
/// # adflux_core::recipe!(Mean, "mean");
/// # adflux_core::component!(MeanModel, "mean", version = 1);
/// # impl Fit<Training<Features>> for Mean {
/// #     type Fitted = MeanModel;
/// #     fn fit_with(&self, d: Training<Features>, _: &Context) -> Result<MeanModel> {
/// #         Ok(MeanModel(d.values("mean")?.mean().unwrap_or_default()))
/// #     }
/// # }
/// # impl Predict<Features> for MeanModel {
/// #     type Output = Array1<f64>;
/// #     fn predict(&self, x: &Features) -> Result<Array1<f64>> { Ok(Array1::from_elem(x.rows(), self.0)) }
/// # }
/// let frame = Frame::builder().numbers("budget", vec![10.0, 20.0]).build()?;
/// let data = Training::new(frame.clone()).with_target(Target::Values(vec![1.0, 3.0].into()));
/// let fitted = Pipeline::new(ColumnTransformer::auto(&frame, &["budget"])?, Mean {}).fit(data)?;
/// assert_eq!(fitted.run(&frame)?.point()?[0], 2.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pipeline<P, M, O = Identity> {
    /// Frame to features.
    pub preprocessor: P,
    /// Features to prediction.
    pub model: M,
    /// Frame and prediction to prediction.
    pub postprocessor: O,
    /// Shuffles the rows into the folds of out-of-fold predictions. Default 42.
    pub seed: u64,
}

/// A pipeline whose parts were chosen by name.
pub type AnyPipeline = Pipeline<AnyTransformRecipe<Frame, Features>, AnyModelRecipe, AnyPostprocessRecipe<Frame>>;

/// A fitted pipeline whose parts were chosen by name, or loaded from a file.
pub type AnyFittedPipeline =
    FittedPipeline<AnyTransform<Frame, Features>, AnyModel, AnyTransform<(Frame, Prediction), Prediction>>;

/// The description of a pipeline: what a TOML file holds and a saved pipeline records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    /// Frame to features.
    pub preprocessor: Spec,
    /// Features to prediction.
    pub model: Spec,
    /// Frame and prediction to prediction.
    #[serde(default = "identity")]
    pub postprocessor: Spec,
}

fn identity() -> Spec {
    Spec { kind: <Identity as Recipe>::KIND.into(), params: Default::default(), steps: Vec::new() }
}

impl PipelineSpec {
    /// The pipeline it describes.
    ///
    /// # Errors
    /// When a kind is unknown or a parameter is wrong, naming the part.
    pub fn build(&self, registry: &Registry) -> Result<AnyPipeline> {
        Ok(Pipeline {
            preprocessor: registry.build(&self.preprocessor).map_err(|e| e.in_step(1, "preprocessor"))?,
            model: registry.build(&self.model).map_err(|e| e.in_step(2, "model"))?,
            postprocessor: registry.build(&self.postprocessor).map_err(|e| e.in_step(3, "postprocessor"))?,
            seed: DEFAULT_SEED,
        })
    }
}

const DEFAULT_SEED: u64 = 42;

impl<P, M> Pipeline<P, M> {
    /// A pipeline without a postprocessor.
    pub fn new(preprocessor: P, model: M) -> Self {
        Pipeline { preprocessor, model, postprocessor: Identity::default(), seed: DEFAULT_SEED }
    }
}

impl<P, M, O> Pipeline<P, M, O> {
    /// The same pipeline with another postprocessor.
    pub fn with_postprocessor<Q>(self, postprocessor: Q) -> Pipeline<P, M, Q> {
        Pipeline { preprocessor: self.preprocessor, model: self.model, postprocessor, seed: self.seed }
    }

    /// The same pipeline with another seed for its folds.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The description of this pipeline.
    ///
    /// # Errors
    /// When a parameter cannot be written down.
    pub fn spec(&self) -> Result<PipelineSpec>
    where
        P: Describe,
        M: Describe,
        O: Describe,
    {
        Ok(PipelineSpec {
            preprocessor: self.preprocessor.describe()?,
            model: self.model.describe()?,
            postprocessor: self.postprocessor.describe()?,
        })
    }
}

/// How a pipeline came to be: kept in its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// The recipe.
    #[serde(with = "crate::in_json::spec")]
    pub spec: PipelineSpec,
    /// The labels of a target of classes, or the names of a target of several; empty for a single number or no target.
    pub target: Vec<String>,
    /// The column that a single target came from, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_column: Option<String>,
    /// Whether a single target was a total over an exposure: predictions are for one unit of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_exposure: bool,
    /// The column that this exposure came from, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_column: Option<String>,
    /// The columns that name a row, as whoever trained it wrote them down: they stand beside its predictions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// How many rows it learned from.
    pub rows: usize,
    /// SHA-256 of the training data: names and values of the input columns and the target.
    pub fingerprint: String,
    /// The same of the whole table from which rows were held back, as whoever trained it wrote it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The seed of the folds.
    pub seed: u64,
    /// How long the fit took, all in all.
    pub seconds: f64,
    /// How long the first fit of the preprocessor took of that, with its transformation of the training rows.
    #[serde(default)]
    pub preprocess_seconds: f64,
    /// Measures of quality, by name, as whoever trained it wrote them down. One that is not finite is NaN when it is loaded.
    #[serde(deserialize_with = "crate::in_json::measures")]
    pub metrics: BTreeMap<String, f64>,
}

impl TrainingRecord {
    /// What its predictions are of, when the column is known: `churn`, or `clicks per impressions` for predictions for one unit of an
    /// exposure.
    pub fn target_title(&self) -> Option<String> {
        let column = self.target_column.as_ref()?;
        Some(match (self.per_exposure, &self.exposure_column) {
            (false, _) => column.clone(),
            (true, exposure) => format!("{column} per {}", exposure.as_deref().unwrap_or("unit of exposure")),
        })
    }
}

/// A fitted pipeline: predicts from a frame, and is saved as one file.
#[derive(Clone, Debug)]
pub struct FittedPipeline<P, M, O> {
    /// Frame to features.
    pub preprocessor: P,
    /// Features to prediction.
    pub model: M,
    /// Frame and prediction to prediction.
    pub postprocessor: O,
    /// The columns it reads, with their kinds: input is found by name and parsed to these.
    pub schema: Schema,
    /// How it came to be.
    pub training: TrainingRecord,
}

impl<P, M, O> FittedPipeline<P, M, O> {
    /// Predicts for every row of `frame`. Columns are found by name and parsed to the kinds of training; others are ignored.
    ///
    /// # Errors
    /// Listing all missing columns at once; naming a cell that is not of its kind; naming the part that failed.
    pub fn run<X, R>(&self, frame: &Frame) -> Result<R>
    where
        P: Transform<Frame, Output = X>,
        M: Predict<X>,
        M::Output: Into<Prediction>,
        O: Transform<(Frame, Prediction), Output = R>,
    {
        let frame = frame.conform(&self.schema)?;
        let x = self.preprocessor.transform(frame.clone()).map_err(|e| e.in_step(1, "preprocessor"))?;
        let prediction = self.model.predict(&x).map_err(|e| e.in_step(2, "model"))?.into();
        self.postprocessor.transform((frame, prediction)).map_err(|e| e.in_step(3, "postprocessor"))
    }

    /// The kinds of its three parts.
    pub fn kinds(&self) -> [&'static str; 3]
    where
        P: DynComponent,
        M: DynComponent,
        O: DynComponent,
    {
        [self.preprocessor.kind(), self.model.kind(), self.postprocessor.kind()]
    }
}

impl<P, M, O, X, R> Predict<Frame> for FittedPipeline<P, M, O>
where
    P: Transform<Frame, Output = X>,
    M: Predict<X>,
    M::Output: Into<Prediction>,
    O: Transform<(Frame, Prediction), Output = R>,
{
    type Output = R;
    fn predict(&self, frame: &Frame) -> Result<R> {
        self.run(frame)
    }
    fn uses_exposure(&self) -> bool {
        self.model.uses_exposure()
    }
}
