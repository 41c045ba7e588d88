//! Preprocessor, model and postprocessor as one fitted pipeline and one file.
//!
//! ```text
//! Frame ──► preprocessor ──► Features ──► model ──► Prediction ──► postprocessor ──► Prediction
//!           └───────────────────── one FittedPipeline = one .adflux file ─────────────────────┘
//! ```
//!
//! [`Pipeline`] is generic over its three parts; [`AnyPipeline`], built from names through a
//! [`Registry`](adflux_core::Registry), is the same type filled with boxes. [`mod@file`] saves and loads the `.adflux` file,
//! [`explain`] says which input columns moved a prediction, and which the pipeline cannot do without.
//! [`cross_validation`] says how good a recipe is, and whether one is better than another; [`search`] looks for the best.
//! [`forecasting`] is the same line for series over time: a long table, a panel, a forecaster, one file.
//! [`drift`] says which columns of a later table have moved, and
//! [`screening`] says before the fit which columns may be learned from, and a [`FittedPipeline`] judges itself on later data
//! ([`FittedPipeline::score`]).

mod auto;
mod chunks;
pub mod cross_validation;
pub mod drift;
pub mod explain;
pub mod file;
mod fit;
pub mod forecasting;
mod groups;
mod in_json;
mod judging;
mod paths;
mod pipeline;
pub mod proxies;
mod recipes;
mod rows;
pub mod screening;
pub mod search;

pub use auto::{AutoFound, AutoSearch, Averaged, Outcome, Tried};
pub use cross_validation::{CrossValidated, CrossValidation, FoldScores};
pub use drift::{ColumnDrift, Drift, Shift, find_drift};
pub use explain::{
    Attribution, Attributions, Background, Contribution, Dependence, Explanation, Grid, Importance, ImportanceOptions,
    Method, PartialDependence, Shapley, permutation_importance,
};
pub use file::{FORMAT_VERSION, Manifest};
pub use forecasting::{FittedForecasting, ForecastRecord, Forecasting, PanelColumns};
pub use groups::groups_of;
pub use judging::LevelScores;
pub use pipeline::{AnyFittedPipeline, AnyPipeline, FittedPipeline, Pipeline, PipelineSpec, TrainingRecord};
pub use proxies::{Proxy, find_proxies};
pub use recipes::{ModelRecipe, PreprocessorRecipe};
pub use screening::{Excluded, Leak, Reason, Screen, Screening};
pub use search::{PipelineSearch, Searched};
