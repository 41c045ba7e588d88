//! [`Lstm`].

use super::{Recur, Sequence, Way, forward, output};
use crate::{
    Activation, Initializer, Regularizer,
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, setters, width_of},
    pass::Pass,
};
use adflux_core::{Result, parameter::at_least_one};
use burn::tensor::{Tensor, module::linear};
use serde::{Deserialize, Serialize};

/// Long short-term memory: reads a sequence step by step and keeps what it needs of it in a state. Input `[steps, n]`, output the last
/// state `[units]`, or the state of each step `[steps, units]` with `return_sequences`.
///
/// With i, f, g, o the four parts of `x · kernel + h · recurrent_kernel + bias`, in Keras's order:
/// `c ← σ(f) c + σ(i) tanh(g)`, `h ← σ(o) tanh(c)`. A padded step (see [`Embedding`](crate::Embedding)) keeps the state.
///
/// 4 · units · (n + units + 1) weights. The product with the kernel is made for all steps at once.
///
/// Keras's dropout of inputs is a [`Dropout`](crate::Dropout) before the layer (which draws anew for each step); its dropout of the state
/// is not offered.
///
/// Reference: Hochreiter & Schmidhuber (1997), Gers et al. (2000).
///
/// ```
/// use adflux_neural::{Dense, Embedding, Lstm, Sequential};
/// let model = Sequential::new([20]).add(Embedding::new(1000, 8).mask_zero(true)).add(Lstm::new(16)).add(Dense::new(1));
/// assert_eq!(model.summary()?.parameters(), 1000 * 8 + 4 * 16 * (8 + 16 + 1) + 16 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lstm {
    /// The size of the state, at least 1.
    pub units: usize,
    /// What bends what is kept and what comes out. Default tanh.
    pub activation: Activation,
    /// What bends the gates. Default sigmoid.
    pub recurrent_activation: Activation,
    /// Whether a bias is added. Default true.
    pub use_bias: bool,
    /// Whether the bias of the forget gate starts at 1: nothing is forgotten at first (Jozefowicz et al. 2015). Default true.
    pub unit_forget_bias: bool,
    /// Whether the state of each step comes out, and not the last alone. Default false.
    pub return_sequences: bool,
    /// Whether the sequence is read from its end; states come out in the order they were made. Default false.
    pub go_backwards: bool,
    /// Where the kernel starts. Default Glorot uniform.
    pub kernel_initializer: Initializer,
    /// Where the recurrent kernel starts. Default orthogonal.
    pub recurrent_initializer: Initializer,
    /// Where the bias starts. Default zeros.
    pub bias_initializer: Initializer,
    /// What large weights of the kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_regularizer: Option<Regularizer>,
    /// What large weights of the recurrent kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurrent_regularizer: Option<Regularizer>,
}

impl Default for Lstm {
    fn default() -> Self {
        Lstm {
            units: 1,
            activation: Activation::Tanh,
            recurrent_activation: Activation::Sigmoid,
            use_bias: true,
            unit_forget_bias: true,
            return_sequences: false,
            go_backwards: false,
            kernel_initializer: Initializer::GlorotUniform,
            recurrent_initializer: Initializer::Orthogonal,
            bias_initializer: Initializer::Zeros,
            kernel_regularizer: None,
            recurrent_regularizer: None,
        }
    }
}

impl Lstm {
    /// A layer with a state of so many numbers.
    pub fn new(units: usize) -> Self {
        Lstm { units, ..Self::default() }
    }
}

setters! { Lstm {
    /// Sets what bends what is kept and what comes out.
    activation: Activation,
    /// Sets what bends the gates.
    recurrent_activation: Activation,
    /// Sets whether a bias is added.
    use_bias: bool,
    /// Sets whether the bias of the forget gate starts at 1.
    unit_forget_bias: bool,
    /// Sets whether the state of each step comes out.
    return_sequences: bool,
    /// Sets whether the sequence is read from its end.
    go_backwards: bool,
    /// Sets where the kernel starts.
    kernel_initializer: Initializer,
    /// Sets where the recurrent kernel starts.
    recurrent_initializer: Initializer,
    /// Sets where the bias starts.
    bias_initializer: Initializer,
    /// Sets what large weights of the kernel are charged.
    kernel_regularizer: Regularizer,
    /// Sets what large weights of the recurrent kernel are charged.
    recurrent_regularizer: Regularizer,
} }

impl Apply for Lstm {
    fn kind(&self) -> &'static str {
        "lstm"
    }

    fn check(&self) -> Result<()> {
        at_least_one("units", self.units)?;
        self.kernel_initializer.check()?;
        self.recurrent_initializer.check()?;
        self.bias_initializer.check()?;
        self.kernel_regularizer.map_or(Ok(()), Regularizer::check)?;
        self.recurrent_regularizer.map_or(Ok(()), Regularizer::check)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        output(&self.way(), inputs)
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let (units, four) = (self.units, self.units.saturating_mul(4));
        let kernel = WeightSpec::new("kernel", [width_of(inputs), four], self.kernel_initializer);
        let recurrent = WeightSpec::new("recurrent_kernel", [units, four], self.recurrent_initializer);
        let mut weights =
            vec![kernel.regularized(self.kernel_regularizer), recurrent.regularized(self.recurrent_regularizer)];
        if self.use_bias {
            let bias = WeightSpec::new("bias", [four], self.bias_initializer);
            let forget = units..units.saturating_mul(2);
            weights.push(if self.unit_forget_bias { bias.ones_at(forget) } else { bias });
        }
        weights
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        forward(self, inputs, weights, pass)
    }
}

impl Recur for Lstm {
    fn way(&self) -> Way {
        Way { units: self.units, return_sequences: self.return_sequences, go_backwards: self.go_backwards }
    }

    fn states(&self, sequence: &Sequence, way: &Way, weights: &[Value]) -> Vec<Tensor<2>> {
        let [kernel, recurrent, bias @ ..] = weights else { return Vec::new() };
        let (kernel, recurrent) = (kernel.clone().matrix(), recurrent.clone().matrix());
        let bias = bias.first().cloned().map(Value::vector);
        let fed = sequence.split(linear(sequence.flat(), kernel, bias));
        sequence.run(way, |step, [h, c]| {
            let z = fed[step].clone() + h.clone().matmul(recurrent.clone());
            let part = |place: usize| z.clone().narrow(1, place * self.units, self.units);
            let gate = |place: usize| self.recurrent_activation.apply(part(place));
            let kept = gate(1) * c.clone() + gate(0) * self.activation.apply(part(2));
            [gate(3) * self.activation.apply(kept.clone()), kept]
        })
    }
}
