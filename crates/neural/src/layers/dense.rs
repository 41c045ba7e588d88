//! [`Dense`].

use super::{Apply, WeightSpec, first, only, width_of};
use crate::{
    Activation, Initializer, Regularizer,
    flow::{Flow, Value},
    pass::Pass,
};
use adflux_core::{Result, parameter::at_least_one};
use burn::tensor::module::linear;
use serde::{Deserialize, Serialize};

/// `activation(x · kernel + bias)` over the last axis: input `[…, n]`, output `[…, units]`.
///
/// n · units weights, and units more with a bias.
///
/// ```
/// use adflux_neural::{Activation, Dense, Sequential};
/// let model = Sequential::new([8]).add(Dense::new(16).activation(Activation::Relu)).add(Dense::new(1));
/// assert_eq!(model.summary()?.parameters(), 8 * 16 + 16 + 16 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dense {
    /// The width that comes out, at least 1.
    pub units: usize,
    /// What bends the output. Default none.
    pub activation: Activation,
    /// Whether a bias is added. Default true.
    pub use_bias: bool,
    /// Where the kernel starts. Default Glorot uniform.
    pub kernel_initializer: Initializer,
    /// Where the bias starts. Default zeros.
    pub bias_initializer: Initializer,
    /// What large weights of the kernel are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel_regularizer: Option<Regularizer>,
    /// What a large bias is charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bias_regularizer: Option<Regularizer>,
}

impl Default for Dense {
    fn default() -> Self {
        Dense {
            units: 1,
            activation: Activation::Linear,
            use_bias: true,
            kernel_initializer: Initializer::GlorotUniform,
            bias_initializer: Initializer::Zeros,
            kernel_regularizer: None,
            bias_regularizer: None,
        }
    }
}

impl Dense {
    /// A layer of so many units.
    pub fn new(units: usize) -> Self {
        Dense { units, ..Self::default() }
    }
    /// Sets what bends the output.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }
    /// Sets whether a bias is added.
    pub fn use_bias(mut self, use_bias: bool) -> Self {
        self.use_bias = use_bias;
        self
    }
    /// Sets where the kernel starts.
    pub fn kernel_initializer(mut self, initializer: Initializer) -> Self {
        self.kernel_initializer = initializer;
        self
    }
    /// Sets where the bias starts.
    pub fn bias_initializer(mut self, initializer: Initializer) -> Self {
        self.bias_initializer = initializer;
        self
    }
    /// Sets what large weights of the kernel are charged.
    pub fn kernel_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.kernel_regularizer = Some(regularizer);
        self
    }
    /// Sets what a large bias is charged.
    pub fn bias_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.bias_regularizer = Some(regularizer);
        self
    }
}

impl Apply for Dense {
    fn kind(&self) -> &'static str {
        "dense"
    }

    fn check(&self) -> Result<()> {
        at_least_one("units", self.units)?;
        self.kernel_initializer.check()?;
        self.bias_initializer.check()?;
        self.kernel_regularizer.map_or(Ok(()), Regularizer::check)?;
        self.bias_regularizer.map_or(Ok(()), Regularizer::check)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let mut shape = only(inputs)?.to_vec();
        match shape.last_mut() {
            Some(last) => *last = self.units,
            None => return Err("takes at least one number a row".into()),
        }
        Ok(shape)
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let kernel = WeightSpec::new("kernel", [width_of(inputs), self.units], self.kernel_initializer);
        let mut weights = vec![kernel.regularized(self.kernel_regularizer)];
        if self.use_bias {
            let bias = WeightSpec::new("bias", [self.units], self.bias_initializer);
            weights.push(bias.regularized(self.bias_regularizer));
        }
        weights
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let mut shape = flow.value.shape();
        let bias = weights.get(1).cloned().map(Value::vector);
        let Some(kernel) = weights.first().cloned() else { return flow };
        let out = linear(flow.value.clone().rows_of_last(), kernel.matrix(), bias);
        let bent = |value| self.activation.of(value);
        if let Some(last) = shape.last_mut() {
            *last = self.units;
        }
        flow.with(bent(Value::Two(out).reshaped(&shape)))
    }
}
