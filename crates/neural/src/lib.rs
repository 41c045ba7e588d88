#![doc = include_str!("../README.md")]
//! ## What there is
//!
//! | what | types |
//! |---|---|
//! | architecture | [`Sequential`]; [`Model`] and [`Symbol`] for several inputs, several outputs and shared layers; [`Summary`] |
//! | layers | [`Dense`], [`Dropout`], [`Embedding`], [`Flatten`], [`Reshape`], [`Concatenate`], [`Add`], [`Multiply`], [`BatchNormalization`], [`LayerNormalization`], [`Activate`] |
//! | layers of sequences | [`Lstm`], [`Gru`], [`Bidirectional`], [`MultiHeadAttention`], [`PositionEmbedding`], [`TransformerEncoder`], [`Conv1D`], [`MaxPooling1D`], [`AveragePooling1D`], [`GlobalAveragePooling1D`], [`GlobalMaxPooling1D`] |
//! | layers of images | [`Conv2D`], [`DepthwiseConv2D`], [`MaxPooling2D`], [`AveragePooling2D`], [`GlobalAveragePooling2D`], [`GlobalMaxPooling2D`] |
//! | their parts | [`Activation`], [`Initializer`], [`Regularizer`] |
//! | learning | [`Compile`], [`Loss`], [`Metric`], the optimizers [`Sgd`], [`Adam`], [`AdamW`], [`RmsProp`], [`Adagrad`], and [`Schedule`] |
//! | fitting | [`Network::fit`] with [`FitOptions`] and [`Samples`], [`Callback`]s, [`History`] |
//! | in a pipeline | [`MlpClassifier`] (`mlp-classifier`), [`MlpRegressor`] (`mlp-regressor`) |
//!
//! A network computes in f32 on the CPU, on burn's `flex` backend; nothing of burn shows. One seed decides first weights, shuffles and
//! dropout: the same data, seed and number of threads give the same bits.

mod activation;
mod callbacks;
mod compile;
mod event_file;
mod fit;
mod flow;
#[cfg(test)]
mod gradients;
mod history;
mod initializers;
mod layers;
mod losses;
mod metrics;
mod model;
mod network;
mod optimizers;
mod pass;
mod plan;
mod recipes;
mod regularizers;
mod samples;
mod save;
mod schedule;
mod summary;

pub use activation::Activation;
pub use callbacks::{
    Callback, CsvLogger, EarlyStopping, LearningRateScheduler, Mode, ModelCheckpoint, Monitor, ProgressLines,
    ReduceLrOnPlateau, TensorBoard, TrainingRun,
};
pub use compile::{Compile, Objective};
pub use fit::{FitOptions, ValidationSplit};
pub use history::{Ended, History};
pub use initializers::Initializer;
pub use layers::{
    Activate, Add, AveragePooling1D, AveragePooling2D, BatchNormalization, Bidirectional, Concatenate, Conv1D, Conv2D,
    Dense, DepthwiseConv2D, Dropout, Embedding, Flatten, GlobalAveragePooling1D, GlobalAveragePooling2D,
    GlobalMaxPooling1D, GlobalMaxPooling2D, Gru, Layer, LayerNormalization, Lstm, MaxPooling1D, MaxPooling2D,
    MergeMode, MultiHeadAttention, Multiply, Named, NamedLayer, Padding, PositionEmbedding, Recurrent, Reshape,
    TransformerEncoder,
};
pub use losses::{Crossentropy, Loss};
pub use metrics::Metric;
pub use model::{Input, Model, Node, Sequential, SharedLayer, Symbol};
pub use network::{Logs, Network};
pub use optimizers::{Adagrad, Adam, AdamW, Optimizer, RmsProp, Sgd};
pub use recipes::{FittedMlpClassifier, FittedMlpRegressor, MlpClassifier, MlpLoss, MlpRegressor};
pub use regularizers::Regularizer;
pub use samples::{Number, Samples};
pub use schedule::Schedule;
pub use summary::{LayerSummary, Summary};

/// Registers the models of this crate.
///
/// # Errors
/// When one of their kinds is registered already.
pub fn register(registry: &mut adflux_core::Registry) -> adflux_core::Result<()> {
    registry.model::<MlpClassifier>()?;
    registry.model::<MlpRegressor>()?;
    Ok(())
}
