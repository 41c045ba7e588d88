//! What flows through adflux and the traits its components share.
//!
//! Everything follows one line of data: a data source gives a frame, a **preprocessor** turns it into [`Features`], a
//! **model** turns those into a [`Prediction`], and a **postprocessor** turns that into business terms. This crate holds
//! the words of that line and nothing that depends on a data frame library or an algorithm:
//!
//! | module | what it holds |
//! |---|---|
//! | [`features`] | [`Features`]: named blocks (dense, sparse, categories, text) whose columns know where they came from |
//! | [`training`] | [`Training`]: what a step learns from: x, target, weights, exposure, groups, time |
//! | [`prediction`] | [`Prediction`]: values, classes, segments, intervals, sets of classes, or several of them by name |
//! | [`panel`] | [`Panel`]: many series over time, with their [`Frequency`] |
//! | [`forecast`] | [`Forecaster`], the sibling of [`Predict`] for steps that are yet to come, and [`Forecast`] |
//! | [`contributions`] | [`Contributions`]: what each feature column adds to each prediction |
//! | [`traits`] | [`Fit`], [`Transform`], [`FitTransform`], [`Predict`], [`Postprocess`] and [`Chain`] |
//! | [`mod@component`] | what a component must offer to be put in a box, described in a file and saved |
//! | [`boxes`] | components in boxes, so that they can be chosen by name |
//! | [`registry`] | [`Registry`] and [`Spec`]: components by name |
//! | [`arrays`] | arrays as raw little-endian bytes inside a saved state |
//! | `linfa` | the bridge to the crate linfa, both ways; behind the feature `linfa` |
//! | [`calendar`] | days since 1970 and the dates of the Gregorian calendar |
//! | [`context`] | [`Context`]: progress, cancellation, threads |
//! | [`replace`] | files that are replaced whole or not at all |
//! | [`random`] | seeded random streams that do not depend on the number of threads |
//! | [`error`] | [`Error`]: where, what, and what to do |
//! | [`widest`] | kernels compiled for the vector instructions of the machine that runs |
//!
//! A recipe (what you configure) and a fitted model (what you get from `fit`) are different types, so that "not fitted"
//! cannot happen:
//!
//! ```
//! use adflux_core::{Context, Fit, Predict, Result, Training, Target};
//! use ndarray::{Array1, array};
//!
//! /// Predicts the mean of what it saw.
//! struct Mean;
//! struct MeanModel(f64);
//!
//! impl Fit<Training<Array1<f64>>> for Mean {
//!     type Fitted = MeanModel;
//!     fn fit_with(&self, data: Training<Array1<f64>>, _: &Context) -> Result<MeanModel> {
//!         Ok(MeanModel(data.values("mean")?.mean().unwrap_or(f64::NAN)))
//!     }
//! }
//! impl Predict<Array1<f64>> for MeanModel {
//!     type Output = Array1<f64>;
//!     fn predict(&self, x: &Array1<f64>) -> Result<Array1<f64>> {
//!         Ok(Array1::from_elem(x.len(), self.0))
//!     }
//! }
//!
//! let data = Training::new(array![1.0, 2.0]).with_target(Target::Values(array![3.0, 5.0]));
//! assert_eq!(Mean.fit(data)?.predict(&array![7.0])?, array![4.0]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

pub mod arrays;
pub mod boxes;
pub mod calendar;
pub mod component;
pub mod context;
pub mod contributions;
pub mod error;
mod exposure;
pub mod features;
pub mod forecast;
#[cfg(feature = "linfa")]
pub mod linfa;
mod mean;
pub mod panel;
pub mod parameter;
pub mod prediction;
pub mod random;
pub mod registry;
pub mod replace;
pub mod training;
pub mod traits;
pub mod widest;

pub use boxes::{
    AnyForecaster, AnyForecasterRecipe, AnyModel, AnyModelRecipe, AnyPostprocessRecipe, AnyTransform,
    AnyTransformRecipe,
};
pub use component::{Component, Describe, DynComponent, Recipe, Saved};
pub use context::{CancelToken, Context, Progress};
pub use contributions::{Contributions, Scale};
pub use error::{Error, Result};
pub use exposure::rates;
pub use features::{Block, Categories, Column, Features, Values};
pub use forecast::{Forecast, Forecaster, Paths, SeriesForecast, SeriesPaths, Skipped};
pub use mean::PredictionMean;
pub use panel::{Frequency, Panel, PanelReport, Series};
pub use prediction::{ClassSets, Classes, Intervals, Prediction, Segments};
pub use registry::{Registry, Spec};
pub use training::{ClassTarget, MultiTarget, Rows, Target, Training};
pub use traits::{Chain, Fit, FitTransform, Needs, Postprocess, Predict, Stitch, Then, Transform};
