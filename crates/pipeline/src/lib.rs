//! Preprocessor, model and postprocessor as one fitted pipeline and one file.
//!
//! ```text
//! Frame ──► preprocessor ──► Features ──► model ──► Prediction ──► postprocessor ──► Prediction
//!           └───────────────────── one FittedPipeline = one .adflux file ─────────────────────┘
//! ```
//!
//! [`Pipeline`] is generic over its three parts; [`AnyPipeline`], built from names through a
//! [`Registry`](adflux_core::Registry), is the same type filled with boxes. [`mod@file`] saves and loads the `.adflux` file,
//! [`shapley`] says which input columns moved a prediction.

pub mod file;
mod fit;
mod pipeline;
pub mod proxies;
pub mod shapley;

pub use file::{FORMAT_VERSION, Manifest};
pub use pipeline::{AnyFittedPipeline, AnyPipeline, FittedPipeline, Pipeline, PipelineSpec, TrainingRecord};
pub use proxies::{Proxy, find_proxies};
pub use shapley::{Contribution, Explanation, Shapley};
