//! [`TransformerEncoder`].

use super::MultiHeadAttention;
use crate::{
    Activation, Initializer,
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, first, setters, steps_of, width_of},
    pass::Pass,
};
use adflux_core::{
    Result,
    parameter::{at_least_one, ensure, positive},
};
use burn::tensor::{
    Tensor,
    module::{layer_norm, linear},
};
use serde::{Deserialize, Serialize};

/// One block of a transformer: attention of a sequence to itself, then two dense layers for each step, each with a way around it and a
/// normalization. Input and output `[steps, n]`. As keras_hub's layer: heads of width n / num_heads, normalization behind each part
/// (before it with `normalize_first`), defaults too.
///
/// 4 n (n + 1) + 2 n · intermediate_dim + intermediate_dim + 5 n weights. Padded steps are not looked at.
///
/// Reference: Vaswani et al. (2017).
///
/// ```
/// use adflux_neural::{Dense, Embedding, GlobalAveragePooling1D, PositionEmbedding, Sequential, TransformerEncoder};
/// let model = Sequential::new([20])
///     .add(Embedding::new(1000, 8).mask_zero(true))
///     .add(PositionEmbedding::new(20))
///     .add(TransformerEncoder::new(32, 2).dropout(0.1))
///     .add(GlobalAveragePooling1D)
///     .add(Dense::new(1));
/// assert_eq!(model.summary()?.parameters(), 8000 + 160 + (4 * 8 * 9 + 2 * 8 * 32 + 32 + 5 * 8) + 9);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransformerEncoder {
    /// The width of the first dense layer, at least 1.
    pub intermediate_dim: usize,
    /// The heads of the attention, at least 1; they have to divide the width.
    pub num_heads: usize,
    /// The share that is dropped while learning: of the weights of means, and of what each part adds. From 0 to below 1, default 0.
    pub dropout: f64,
    /// What bends the first dense layer. Default relu.
    pub activation: Activation,
    /// Added to the variance in normalizations, above 0. Default 1e-5.
    pub layer_norm_epsilon: f64,
    /// Whether what goes into a part is normalized, in place of what comes out. Default false.
    pub normalize_first: bool,
    /// Where the kernels start. Default Glorot uniform.
    pub kernel_initializer: Initializer,
    /// Where the biases start. Default zeros.
    pub bias_initializer: Initializer,
}

impl Default for TransformerEncoder {
    fn default() -> Self {
        TransformerEncoder {
            intermediate_dim: 1,
            num_heads: 1,
            dropout: 0.0,
            activation: Activation::Relu,
            layer_norm_epsilon: 1e-5,
            normalize_first: false,
            kernel_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
        }
    }
}

impl TransformerEncoder {
    /// A block of this inner width and so many heads.
    pub fn new(intermediate_dim: usize, num_heads: usize) -> Self {
        TransformerEncoder { intermediate_dim, num_heads, ..Self::default() }
    }

    fn attention(&self, width: usize) -> MultiHeadAttention {
        MultiHeadAttention {
            num_heads: self.num_heads,
            key_dim: width.checked_div(self.num_heads).unwrap_or(0),
            dropout: self.dropout,
            kernel_initializer: self.kernel_initializer,
            bias_initializer: self.bias_initializer,
            ..MultiHeadAttention::default()
        }
    }

    fn normalized(&self, x: Tensor<2>, weights: &[Value]) -> Option<Tensor<2>> {
        let [gamma, beta] = weights else { return None };
        Some(layer_norm(x, gamma.clone().vector(), Some(beta.clone().vector()), self.layer_norm_epsilon))
    }

    /// `part` of `x` with its way around and its normalization.
    fn around(
        &self,
        x: Tensor<2>,
        norm: &[Value],
        pass: &mut Pass<'_>,
        part: impl FnOnce(Tensor<2>, &mut Pass<'_>) -> Option<Tensor<2>>,
    ) -> Option<Tensor<2>> {
        let fed = if self.normalize_first { self.normalized(x.clone(), norm)? } else { x.clone() };
        let mut added = part(fed, pass)?;
        if let Some(keep) = pass.dropout(&added.dims(), self.dropout) {
            added = added * keep.matrix();
        }
        let sum = x + added;
        if self.normalize_first { Some(sum) } else { self.normalized(sum, norm) }
    }

    fn block(&self, flow: &Flow, weights: &[Value], pass: &mut Pass<'_>) -> Option<Value> {
        let shape = flow.value.shape();
        let attention = self.attention(shape.last().copied()?);
        let (of_attention, rest) = weights.split_at_checked(8)?;
        let [norm @ .., inner, inner_bias, outer, outer_bias, gamma, beta] = rest else { return None };
        let x = flow.value.clone().rows_of_last();
        let x = self.around(x, norm, pass, |x, pass| {
            let fed = flow.with(Value::Two(x).reshaped(&shape));
            Some(Value::Three(attention.attend(&fed, &fed, of_attention, pass)?).rows_of_last())
        })?;
        let norm = [gamma.clone(), beta.clone()];
        let dense = |x: Tensor<2>, kernel: &Value, bias: &Value| {
            linear(x, kernel.clone().matrix(), Some(bias.clone().vector()))
        };
        let x = self.around(x, &norm, pass, |x, _| {
            let inner = self.activation.apply(dense(x, inner, inner_bias));
            Some(dense(inner, outer, outer_bias))
        })?;
        Some(Value::Two(x).reshaped(&shape))
    }
}

setters! { TransformerEncoder {
    /// Sets the share that is dropped while learning.
    dropout: f64,
    /// Sets what bends the first dense layer.
    activation: Activation,
    /// Sets what is added to the variance in normalizations.
    layer_norm_epsilon: f64,
    /// Sets whether what goes into a part is normalized, in place of what comes out.
    normalize_first: bool,
    /// Sets where the kernels start.
    kernel_initializer: Initializer,
    /// Sets where the biases start.
    bias_initializer: Initializer,
} }

impl Apply for TransformerEncoder {
    fn kind(&self) -> &'static str {
        "transformer_encoder"
    }

    fn check(&self) -> Result<()> {
        at_least_one("intermediate_dim", self.intermediate_dim)?;
        at_least_one("num_heads", self.num_heads)?;
        ensure((0.0..1.0).contains(&self.dropout), "dropout", self.dropout, "must be from 0 to below 1")?;
        positive("layer_norm_epsilon", self.layer_norm_epsilon)?;
        self.kernel_initializer.check()?;
        self.bias_initializer.check()
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let [steps, width] = steps_of(inputs)?;
        if !width.is_multiple_of(self.num_heads) {
            return Err(format!("has {} heads, which do not divide the width {width}", self.num_heads));
        }
        Ok(vec![steps, width])
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let (width, inner) = (width_of(inputs), self.intermediate_dim);
        let kernel = |name, from, to| WeightSpec::new(name, [from, to], self.kernel_initializer);
        let bias = |name, to| WeightSpec::new(name, [to], self.bias_initializer);
        let gamma = |name| WeightSpec::new(name, [width], Initializer::Ones);
        let beta = |name| WeightSpec::new(name, [width], Initializer::Zeros);
        let mut weights = self.attention(width).weights(inputs);
        weights.extend([
            gamma("attention_norm_gamma"),
            beta("attention_norm_beta"),
            kernel("intermediate_kernel", width, inner),
            bias("intermediate_bias", inner),
            kernel("output_kernel", inner, width),
            bias("output_bias", width),
            gamma("output_norm_gamma"),
            beta("output_norm_beta"),
        ]);
        weights
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        match self.block(&flow, weights, pass) {
            Some(value) => flow.with(value),
            None => flow,
        }
    }
}
