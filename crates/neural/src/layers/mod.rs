//! The layers of a network: plain structs that say what is wanted, and grow their weights when a model is built.

mod activation;
mod attention;
mod dense;
mod dropout;
mod embedding;
mod merge;
mod normalization;
mod recurrent;
mod shape;
mod windows;

pub use activation::Activate;
pub use attention::{MultiHeadAttention, PositionEmbedding, TransformerEncoder};
pub use dense::Dense;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use merge::{Add, Concatenate, Multiply};
pub use normalization::{BatchNormalization, LayerNormalization};
pub use recurrent::{Bidirectional, Gru, Lstm, MergeMode, Recurrent};
pub use shape::{Flatten, Reshape};
pub use windows::{
    AveragePooling1D, AveragePooling2D, Conv1D, Conv2D, DepthwiseConv2D, GlobalAveragePooling1D,
    GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D, MaxPooling1D, MaxPooling2D, Padding,
};

use crate::{Initializer, Regularizer, flow::Flow, flow::Value, pass::Pass};
use adflux_core::{Result, random::Rng};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A weight that a layer asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WeightSpec {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) initializer: Initializer,
    pub(crate) regularizer: Option<Regularizer>,
    /// Whether an optimizer moves it. The moving averages of a normalization are moved by the data instead.
    pub(crate) trainable: bool,
    /// Numbers that start at 1 whatever the initializer says: the forget gate of an LSTM.
    pub(crate) ones: Range<usize>,
}

impl WeightSpec {
    pub(crate) fn new(name: &'static str, shape: impl Into<Vec<usize>>, initializer: Initializer) -> Self {
        WeightSpec { name, shape: shape.into(), initializer, regularizer: None, trainable: true, ones: 0..0 }
    }
    pub(crate) fn regularized(mut self, regularizer: Option<Regularizer>) -> Self {
        self.regularizer = regularizer;
        self
    }
    pub(crate) fn fixed(mut self) -> Self {
        self.trainable = false;
        self
    }
    pub(crate) fn ones_at(mut self, ones: Range<usize>) -> Self {
        self.ones = ones;
        self
    }

    /// The numbers it starts from.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Vec<f32> {
        let mut numbers = self.initializer.draw(&self.shape, rng);
        numbers.iter_mut().take(self.ones.end).skip(self.ones.start).for_each(|v| *v = 1.0);
        numbers
    }
}

/// What a layer does. Shapes are those of one sample: the rows of the batch are not counted.
pub(crate) trait Apply {
    /// The kind under which the layer stands in files, and its name when it is given none.
    fn kind(&self) -> &'static str;
    /// Checks the parameters that do not depend on inputs.
    fn check(&self) -> Result<()> {
        Ok(())
    }
    /// The shape that comes out, or why these inputs cannot be taken.
    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String>;
    /// The weights for inputs that [`output`](Apply::output) took.
    fn weights(&self, _inputs: &[&[usize]]) -> Vec<WeightSpec> {
        Vec::new()
    }
    /// The output for a batch. `weights` are in the order of [`weights`](Apply::weights).
    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow;
}

/// Builder methods named after their fields.
macro_rules! setters {
    ($layer:ident { $($(#[$doc:meta])* $field:ident: $type:ty,)* }) => {
        impl $layer {
            $($(#[$doc])*
            pub fn $field(mut self, $field: $type) -> Self {
                self.$field = $field.into();
                self
            })*
        }
    };
}
pub(crate) use setters;

macro_rules! layers {
    ($($(#[$doc:meta])* $kind:literal => $layer:ident,)*) => {
        /// A layer of any kind, as it stands in a model and in a file (`layer = "dense"` and its parameters).
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "layer")]
        #[non_exhaustive]
        pub enum Layer {
            $($(#[$doc])* #[serde(rename = $kind)] $layer($layer),)*
        }

        $(impl From<$layer> for Layer {
            fn from(layer: $layer) -> Self {
                Layer::$layer(layer)
            }
        })*

        /// Every kind of layer.
        #[cfg(test)]
        pub(crate) const KINDS: &[&str] = &[$($kind),*];

        impl Layer {
            fn inner(&self) -> &dyn Apply {
                match self {
                    $(Layer::$layer(layer) => layer,)*
                }
            }
        }
    };
}

layers! {
    /// [`Dense`].
    "dense" => Dense,
    /// [`Dropout`].
    "dropout" => Dropout,
    /// [`Embedding`].
    "embedding" => Embedding,
    /// [`Activate`].
    "activation" => Activate,
    /// [`Flatten`].
    "flatten" => Flatten,
    /// [`Reshape`].
    "reshape" => Reshape,
    /// [`Concatenate`].
    "concatenate" => Concatenate,
    /// [`Add`].
    "add" => Add,
    /// [`Multiply`].
    "multiply" => Multiply,
    /// [`BatchNormalization`].
    "batch_normalization" => BatchNormalization,
    /// [`LayerNormalization`].
    "layer_normalization" => LayerNormalization,
    /// [`Lstm`].
    "lstm" => Lstm,
    /// [`Gru`].
    "gru" => Gru,
    /// [`Bidirectional`].
    "bidirectional" => Bidirectional,
    /// [`MultiHeadAttention`].
    "multi_head_attention" => MultiHeadAttention,
    /// [`PositionEmbedding`].
    "position_embedding" => PositionEmbedding,
    /// [`TransformerEncoder`].
    "transformer_encoder" => TransformerEncoder,
    /// [`Conv1D`].
    "conv1d" => Conv1D,
    /// [`Conv2D`].
    "conv2d" => Conv2D,
    /// [`DepthwiseConv2D`].
    "depthwise_conv2d" => DepthwiseConv2D,
    /// [`MaxPooling1D`].
    "max_pooling1d" => MaxPooling1D,
    /// [`MaxPooling2D`].
    "max_pooling2d" => MaxPooling2D,
    /// [`AveragePooling1D`].
    "average_pooling1d" => AveragePooling1D,
    /// [`AveragePooling2D`].
    "average_pooling2d" => AveragePooling2D,
    /// [`GlobalAveragePooling1D`].
    "global_average_pooling1d" => GlobalAveragePooling1D,
    /// [`GlobalMaxPooling1D`].
    "global_max_pooling1d" => GlobalMaxPooling1D,
    /// [`GlobalAveragePooling2D`].
    "global_average_pooling2d" => GlobalAveragePooling2D,
    /// [`GlobalMaxPooling2D`].
    "global_max_pooling2d" => GlobalMaxPooling2D,
}

impl Apply for Layer {
    fn kind(&self) -> &'static str {
        self.inner().kind()
    }
    fn check(&self) -> Result<()> {
        self.inner().check()
    }
    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        self.inner().output(inputs)
    }
    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        self.inner().weights(inputs)
    }
    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        self.inner().forward(inputs, weights, pass)
    }
}

/// The one input of a layer that takes one.
pub(crate) fn only<'a>(inputs: &[&'a [usize]]) -> Result<&'a [usize], String> {
    match inputs {
        [one] => Ok(one),
        _ => Err(format!("takes one input, not {}", inputs.len())),
    }
}

/// The first of the flows: of as many as [`only`] allowed.
pub(crate) fn first(inputs: Vec<Flow>, pass: &Pass<'_>) -> Flow {
    inputs.into_iter().next().unwrap_or_else(|| Flow::new(Value::new(Vec::new(), &[0, 0], pass.device())))
}

/// The steps and width of the one input of a layer that reads sequences.
fn steps_of(inputs: &[&[usize]]) -> Result<[usize; 2], String> {
    match *only(inputs)? {
        [steps, width] => Ok([steps, width]),
        ref other => Err(format!(
            "takes samples of shape [steps, width], not {other:?}: put an Embedding or a Reshape before it"
        )),
    }
}

/// The last axis of the first input.
fn width_of(inputs: &[&[usize]]) -> usize {
    inputs.first().and_then(|shape| shape.last()).copied().unwrap_or(0)
}

/// Rows, steps, width: what [`steps_of`] allowed.
fn three(value: Value) -> Tensor<3> {
    match value {
        Value::Three(t) => t,
        other => {
            let matrix = other.matrix();
            let [rows, width] = matrix.dims();
            matrix.reshape([rows, 1, width])
        }
    }
}

/// A layer under a name of its own; without one it is named after its kind: `dense`, `dense_1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedLayer {
    /// Its name, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The layer.
    #[serde(flatten)]
    pub layer: Layer,
}

impl<L: Into<Layer>> From<L> for NamedLayer {
    fn from(layer: L) -> Self {
        NamedLayer { name: None, layer: layer.into() }
    }
}

/// Gives a layer a name: what its weights, callbacks and errors call it.
///
/// ```
/// use adflux_neural::{Dense, Named as _};
/// assert_eq!(Dense::new(8).named("hidden").name.as_deref(), Some("hidden"));
/// ```
pub trait Named {
    /// The layer under `name`.
    fn named(self, name: &str) -> NamedLayer;
}

impl<L: Into<Layer>> Named for L {
    fn named(self, name: &str) -> NamedLayer {
        NamedLayer { name: Some(name.into()), layer: self.into() }
    }
}
