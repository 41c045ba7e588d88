//! [`MultiHeadAttention`].

mod position;
mod transformer;

pub use position::PositionEmbedding;
pub use transformer::TransformerEncoder;

use super::{Apply, WeightSpec, setters, steps_of, three};
use crate::{
    Initializer,
    flow::{Flow, Value},
    pass::Pass,
};
use adflux_core::{
    Result,
    parameter::{at_least_one, ensure},
};
use burn::tensor::{Bool, Tensor, TensorData, activation::softmax, module::linear};
use serde::{Deserialize, Serialize};

/// Each step of a query looks at all steps of a value and takes their mean, weighted by how well query and key agree, in several heads
/// at once: `softmax(Q Kᵀ / √key_dim) V`. One input `[steps, n]` looks at itself; of two inputs the first is the query `[steps, n]`, the
/// second key and value `[other steps, m]`. Output `[steps, n]`.
///
/// Padded steps (see [`Embedding`](crate::Embedding)) are not looked at.
///
/// Weights as in Keras, for h heads: query `[n, h, key_dim]`, key `[m, h, key_dim]`, value `[m, h, value_dim]`, output
/// `[h, value_dim, n]`, each with a bias. Time and memory grow with steps · other steps.
///
/// Reference: Vaswani et al. (2017).
///
/// ```
/// use adflux_neural::{Dense, Embedding, GlobalAveragePooling1D, MultiHeadAttention, Sequential};
/// let model = Sequential::new([20])
///     .add(Embedding::new(1000, 8).mask_zero(true))
///     .add(MultiHeadAttention::new(2, 4))
///     .add(GlobalAveragePooling1D)
///     .add(Dense::new(1));
/// assert_eq!(model.summary()?.parameters(), 1000 * 8 + 4 * (8 * 8 + 8) + 8 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiHeadAttention {
    /// How many means are taken, at least 1.
    pub num_heads: usize,
    /// The width in which query and key are compared, a head, at least 1.
    pub key_dim: usize,
    /// The width of what is taken the mean of, a head, at least 1. Default `key_dim`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_dim: Option<usize>,
    /// The share of weights of means that is dropped while learning, from 0 to below 1. Default 0.
    pub dropout: f64,
    /// Whether biases are added. Default true.
    pub use_bias: bool,
    /// Whether a step looks at itself and what was before it alone. Default false.
    pub causal: bool,
    /// Where the kernels start. Default Glorot uniform.
    pub kernel_initializer: Initializer,
    /// Where the biases start. Default zeros.
    pub bias_initializer: Initializer,
}

impl Default for MultiHeadAttention {
    fn default() -> Self {
        MultiHeadAttention {
            num_heads: 1,
            key_dim: 1,
            value_dim: None,
            dropout: 0.0,
            use_bias: true,
            causal: false,
            kernel_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
        }
    }
}

impl MultiHeadAttention {
    /// So many heads of this width.
    pub fn new(num_heads: usize, key_dim: usize) -> Self {
        MultiHeadAttention { num_heads, key_dim, ..Self::default() }
    }

    fn width_of_value(&self) -> usize {
        self.value_dim.unwrap_or(self.key_dim)
    }
}

setters! { MultiHeadAttention {
    /// Sets the width of what is taken the mean of.
    value_dim: usize,
    /// Sets the share of weights of means that is dropped while learning.
    dropout: f64,
    /// Sets whether biases are added.
    use_bias: bool,
    /// Sets whether a step looks at itself and what was before it alone.
    causal: bool,
    /// Sets where the kernels start.
    kernel_initializer: Initializer,
    /// Sets where the biases start.
    bias_initializer: Initializer,
} }

/// What a step that is not looked at scores: as good as −∞, and a mean still exists where no step is looked at. Keras's constant.
const UNSEEN: f64 = -1e9;

impl MultiHeadAttention {
    /// Rows, heads, steps, width of what `weights` (a kernel and perhaps a bias) make of rows, steps, width.
    fn heads(&self, x: &Tensor<3>, weights: &[Value], width: usize) -> Option<Tensor<4>> {
        let [rows, steps, n] = x.dims();
        let kernel = weights.first()?.clone().vector().reshape([n, self.num_heads * width]);
        let flat = linear(x.clone().reshape([rows * steps, n]), kernel, weights.get(1).cloned().map(Value::vector));
        Some(flat.reshape([rows, steps, self.num_heads, width]).swap_dims(1, 2))
    }

    /// Which steps of the value a step of the query does not look at, if any.
    fn unseen(&self, query: &Flow, value: &Flow, shape: [usize; 4]) -> Option<Tensor<4, Bool>> {
        let [rows, _, steps, others] = shape;
        let padded =
            |mask: &Tensor<2, Bool>, as_shape: [usize; 4]| mask.clone().bool_not().reshape(as_shape).expand(shape);
        let of_query = query.mask.as_ref().map(|mask| padded(mask, [rows, 1, steps, 1]));
        let of_value = value.mask.as_ref().map(|mask| padded(mask, [rows, 1, 1, others]));
        let later = self.causal.then(|| {
            let later: Vec<bool> = (0..steps * others).map(|place| place % others > place / others).collect();
            let device = query.value.clone().vector().device();
            Tensor::<4, Bool>::from_data(TensorData::new(later, [1, 1, steps, others]), &device).expand(shape)
        });
        [of_query, of_value, later].into_iter().flatten().reduce(Tensor::bool_or)
    }

    /// What `query` finds in `value`; none where weights are missing.
    fn attend(&self, query: &Flow, value: &Flow, weights: &[Value], pass: &mut Pass<'_>) -> Option<Tensor<3>> {
        let each = if self.use_bias { 2 } else { 1 };
        let mut parts = weights.chunks(each);
        let (from, of) = (three(query.value.clone()), three(value.value.clone()));
        let [rows, steps, _] = from.dims();
        let q = self.heads(&from, parts.next()?, self.key_dim)? * (self.key_dim as f64).sqrt().recip();
        let k = self.heads(&of, parts.next()?, self.key_dim)?;
        let v = self.heads(&of, parts.next()?, self.width_of_value())?;
        let mut scores = q.matmul(k.swap_dims(2, 3));
        if let Some(unseen) = self.unseen(query, value, scores.dims()) {
            scores = scores.mask_fill(unseen, UNSEEN);
        }
        let mut shares = softmax(scores, 3);
        if let Some(keep) = pass.dropout(&shares.dims(), self.dropout) {
            let shape = shares.dims();
            shares = shares * keep.vector().reshape(shape);
        }
        let inner = self.num_heads * self.width_of_value();
        let found = shares.matmul(v).swap_dims(1, 2).reshape([rows * steps, inner]);
        let [kernel, bias @ ..] = parts.next()? else { return None };
        let width = kernel.shape().last().copied()?;
        let kernel = kernel.clone().vector().reshape([inner, width]);
        let out = linear(found, kernel, bias.first().cloned().map(Value::vector));
        Some(out.reshape([rows, steps, width]))
    }
}

impl Apply for MultiHeadAttention {
    fn kind(&self) -> &'static str {
        "multi_head_attention"
    }

    fn check(&self) -> Result<()> {
        at_least_one("num_heads", self.num_heads)?;
        at_least_one("key_dim", self.key_dim)?;
        at_least_one("value_dim", self.width_of_value())?;
        ensure((0.0..1.0).contains(&self.dropout), "dropout", self.dropout, "must be from 0 to below 1")?;
        self.kernel_initializer.check()?;
        self.bias_initializer.check()
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        if inputs.is_empty() || inputs.len() > 2 {
            return Err(format!("takes a query and perhaps a value, not {} inputs", inputs.len()));
        }
        inputs.iter().try_for_each(|input| steps_of(&[*input]).map(|_| ()))?;
        Ok(inputs[0].to_vec())
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let width = |input: Option<&&[usize]>| input.and_then(|shape| shape.last()).copied().unwrap_or(0);
        let (n, m) = (width(inputs.first()), width(inputs.last()));
        let (heads, key, value) = (self.num_heads, self.key_dim, self.width_of_value());
        let of = |name, shape: &[usize], bias, bias_shape: &[usize]| {
            let kernel = WeightSpec::new(name, shape, self.kernel_initializer);
            let bias = self.use_bias.then(|| WeightSpec::new(bias, bias_shape, self.bias_initializer));
            std::iter::once(kernel).chain(bias).collect::<Vec<_>>()
        };
        [
            of("query_kernel", &[n, heads, key], "query_bias", &[heads, key]),
            of("key_kernel", &[m, heads, key], "key_bias", &[heads, key]),
            of("value_kernel", &[m, heads, value], "value_bias", &[heads, value]),
            of("attention_output_kernel", &[heads, value, n], "attention_output_bias", &[n]),
        ]
        .concat()
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let mut inputs = inputs.into_iter();
        let Some(query) = inputs.next() else { return Flow::new(Value::new(Vec::new(), &[0, 0], pass.device())) };
        let value = inputs.next().unwrap_or_else(|| query.clone());
        match self.attend(&query, &value, weights, pass) {
            Some(found) => query.with(Value::Three(found)),
            None => query,
        }
    }
}
