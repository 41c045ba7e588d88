#![doc = include_str!("../README.md")]

pub use adflux_core as core;
#[cfg(feature = "linfa")]
pub use adflux_core::linfa;

#[cfg(feature = "clustering")]
pub use adflux_clustering as clustering;
#[cfg(feature = "data")]
pub use adflux_data as data;
#[cfg(feature = "evaluation")]
pub use adflux_evaluation as evaluation;
#[cfg(feature = "neural")]
pub use adflux_neural as neural;
#[cfg(feature = "pipeline")]
pub use adflux_pipeline as pipeline;
#[cfg(feature = "postprocessing")]
pub use adflux_postprocessing as postprocessing;
#[cfg(feature = "preprocessing")]
pub use adflux_preprocessing as preprocessing;
#[cfg(feature = "regression")]
pub use adflux_regression as regression;
#[cfg(feature = "simulation")]
pub use adflux_simulation as simulation;
#[cfg(feature = "text")]
pub use adflux_text as text;
#[cfg(feature = "timeseries")]
pub use adflux_timeseries as timeseries;

/// What most programs need: traits, data, components and the pipeline.
pub mod prelude {
    pub use crate::core::{
        Context, Error, Features, Fit, Predict, Prediction, Result, Rows, Target, Then, Training, Transform,
    };

    #[cfg(feature = "clustering")]
    pub use crate::clustering::{
        Agglomerative, AutoAgglomerative, AutoGaussianMixture, AutoKMeans, AutoKPrototypes, ChooseK, Dbscan,
        GaussianMixture, Hdbscan, KMeans, KPrototypes, LinkageMethod, MiniBatchKMeans, suggest_eps,
    };
    #[cfg(feature = "data")]
    pub use crate::data::{Frame, Role};
    #[cfg(feature = "linfa")]
    pub use crate::linfa::{FromLinfa, IntoLinfa};
    #[cfg(feature = "pipeline")]
    pub use crate::pipeline::{AnyFittedPipeline, FittedPipeline, Pipeline, Shapley};
    #[cfg(feature = "postprocessing")]
    pub use crate::postprocessing::{
        Calibration, CampaignEstimate, Clip, ConformalInterval, ConformalSet, Language, Sequence, describe_segments,
    };
    #[cfg(feature = "preprocessing")]
    pub use crate::preprocessing::{
        Branch, ColumnTransformer, OneHotEncoder, SimpleImputer, StandardScaler, TfidfVectorizer,
    };
    #[cfg(feature = "regression")]
    pub use crate::regression::{
        FunnelRegressor, GradientBoostingClassifier, GradientBoostingRegressor, MaxFeatures, RandomForestClassifier,
        RandomForestRegressor,
    };
}

/// Every component of the crates that are switched on, by name: what [`PipelineSpec::build`](pipeline::PipelineSpec::build)
/// and [`AnyFittedPipeline::load`](pipeline::FittedPipeline::load) look in.
///
/// # Errors
/// Never for adflux's own components; the `Result` is that of registering.
#[cfg(feature = "pipeline")]
pub fn registry() -> core::Result<core::Registry> {
    let mut registry = core::Registry::new();
    preprocessing::register(&mut registry)?;
    postprocessing::register(&mut registry)?;
    #[cfg(feature = "clustering")]
    clustering::register(&mut registry)?;
    #[cfg(feature = "regression")]
    regression::register(&mut registry)?;
    #[cfg(feature = "neural")]
    neural::register(&mut registry)?;
    #[cfg(feature = "timeseries")]
    timeseries::register(&mut registry)?;
    Ok(registry)
}

/// The examples of the chapter on forecasts are tests.
#[cfg(all(doctest, feature = "timeseries"))]
mod forecasting {
    #[doc = include_str!("../docs/forecasting.md")]
    struct Forecasting;
}

/// The examples of the chapter on neural networks are tests.
#[cfg(all(doctest, feature = "neural", feature = "pipeline"))]
mod neural_networks {
    #[doc = include_str!("../docs/neural.md")]
    struct Neural;
}

/// The examples of the chapters in `docs` are tests.
#[cfg(all(doctest, feature = "clustering", feature = "pipeline", feature = "regression", feature = "simulation"))]
mod chapters {
    #[doc = include_str!("../docs/architecture.md")]
    struct Architecture;
    #[doc = include_str!("../docs/components.md")]
    struct Components;
    #[doc = include_str!("../docs/data.md")]
    struct Data;
    #[doc = include_str!("../docs/evaluation.md")]
    struct Evaluation;
    #[doc = include_str!("../docs/explaining.md")]
    struct Explaining;
    #[doc = include_str!("../docs/fairness.md")]
    struct Fairness;
    #[cfg(feature = "linfa")]
    #[doc = include_str!("../docs/linfa.md")]
    struct Linfa;
    #[doc = include_str!("../docs/performance-prediction.md")]
    struct PerformancePrediction;
    #[doc = include_str!("../docs/preprocessing.md")]
    struct Preprocessing;
    #[doc = include_str!("../docs/segmentation.md")]
    struct Segmentation;
    #[doc = include_str!("../docs/serving.md")]
    struct Serving;
    #[doc = include_str!("../docs/specification.md")]
    struct Specification;
    #[doc = include_str!("../docs/trees.md")]
    struct Trees;
}
