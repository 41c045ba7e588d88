//! [`Gru`].

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

/// Gated recurrent unit: reads a sequence step by step as [`Lstm`](crate::Lstm) does, with three quarters of its weights. Input
/// `[steps, n]`, output the last state `[units]`, or the state of each step `[steps, units]` with `return_sequences`.
///
/// With z, r, g the three parts of `x · kernel + bias` and z', r', g' those of `h · recurrent_kernel + recurrent bias`, in Keras's order:
/// `z ← σ(z + z')`, `r ← σ(r + r')`, `h ← z h + (1 − z) tanh(g + r g')` (Keras's `reset_after`, its default). A padded step keeps the
/// state. The two biases stand in one weight of shape `[2, 3 · units]`.
///
/// 3 · units · (n + units + 2) weights. The product with the kernel is made for all steps at once. Dropout: see [`Lstm`](crate::Lstm).
///
/// Reference: Cho et al. (2014).
///
/// ```
/// use adflux_neural::{Dense, Gru, Sequential};
/// let model = Sequential::new([28, 5]).add(Gru::new(16).return_sequences(true)).add(Gru::new(8)).add(Dense::new(1));
/// assert_eq!(model.summary()?.parameters(), 3 * 16 * (5 + 16 + 2) + 3 * 8 * (16 + 8 + 2) + 8 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gru {
    /// The size of the state, at least 1.
    pub units: usize,
    /// What bends what comes in new. Default tanh.
    pub activation: Activation,
    /// What bends the gates. Default sigmoid.
    pub recurrent_activation: Activation,
    /// Whether biases are added. Default true.
    pub use_bias: bool,
    /// Whether the state of each step comes out, and not the last alone. Default false.
    pub return_sequences: bool,
    /// Whether the sequence is read from its end; states come out in the order they were made. Default false.
    pub go_backwards: bool,
    /// Where the kernel starts. Default Glorot uniform.
    pub kernel_initializer: Initializer,
    /// Where the recurrent kernel starts. Default orthogonal.
    pub recurrent_initializer: Initializer,
    /// Where the biases start. Default zeros.
    pub bias_initializer: Initializer,
    /// What large weights of the kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_regularizer: Option<Regularizer>,
    /// What large weights of the recurrent kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recurrent_regularizer: Option<Regularizer>,
}

impl Default for Gru {
    fn default() -> Self {
        Gru {
            units: 1,
            activation: Activation::Tanh,
            recurrent_activation: Activation::Sigmoid,
            use_bias: true,
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

impl Gru {
    /// A layer with a state of so many numbers.
    pub fn new(units: usize) -> Self {
        Gru { units, ..Self::default() }
    }
}

setters! { Gru {
    /// Sets what bends what comes in new.
    activation: Activation,
    /// Sets what bends the gates.
    recurrent_activation: Activation,
    /// Sets whether biases are added.
    use_bias: bool,
    /// Sets whether the state of each step comes out.
    return_sequences: bool,
    /// Sets whether the sequence is read from its end.
    go_backwards: bool,
    /// Sets where the kernel starts.
    kernel_initializer: Initializer,
    /// Sets where the recurrent kernel starts.
    recurrent_initializer: Initializer,
    /// Sets where the biases start.
    bias_initializer: Initializer,
    /// Sets what large weights of the kernel are charged.
    kernel_regularizer: Regularizer,
    /// Sets what large weights of the recurrent kernel are charged.
    recurrent_regularizer: Regularizer,
} }

impl Apply for Gru {
    fn kind(&self) -> &'static str {
        "gru"
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
        let three = self.units.saturating_mul(3);
        let kernel = WeightSpec::new("kernel", [width_of(inputs), three], self.kernel_initializer);
        let recurrent = WeightSpec::new("recurrent_kernel", [self.units, three], self.recurrent_initializer);
        let bias = self.use_bias.then(|| WeightSpec::new("bias", [2, three], self.bias_initializer));
        let kernels = [kernel.regularized(self.kernel_regularizer), recurrent.regularized(self.recurrent_regularizer)];
        kernels.into_iter().chain(bias).collect()
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        forward(self, inputs, weights, pass)
    }
}

impl Recur for Gru {
    fn way(&self) -> Way {
        Way { units: self.units, return_sequences: self.return_sequences, go_backwards: self.go_backwards }
    }

    fn states(&self, sequence: &Sequence, way: &Way, weights: &[Value]) -> Vec<Tensor<2>> {
        let [kernel, recurrent, bias @ ..] = weights else { return Vec::new() };
        let (kernel, recurrent) = (kernel.clone().matrix(), recurrent.clone().matrix());
        let biases = bias.first().cloned().map(Value::matrix);
        let (units, three) = (self.units, 3 * self.units);
        let bias = |place: usize| biases.clone().map(|both| both.narrow(0, place, 1).reshape([three]));
        let fed = linear(sequence.flat(), kernel, bias(0));
        let gates = sequence.split(fed.clone().narrow(1, 0, 2 * units));
        let new = sequence.split(fed.narrow(1, 2 * units, units));
        let recurrent_bias = bias(1);
        sequence.run(way, |step, [h]| {
            let own = linear(h.clone(), recurrent.clone(), recurrent_bias.clone());
            let gates = gates[step].clone() + own.clone().narrow(1, 0, 2 * units);
            let gates = self.recurrent_activation.apply(gates);
            let (keep, reset) = (gates.clone().narrow(1, 0, units), gates.narrow(1, units, units));
            let new = self.activation.apply(new[step].clone() + reset * own.narrow(1, 2 * units, units));
            // z h + (1 − z) new, with one product.
            [new.clone() + keep * (h.clone() - new)]
        })
    }
}
