//! [`BatchNormalization`] and [`LayerNormalization`].

use super::{Apply, WeightSpec, first, only, width_of};
use crate::{
    Initializer,
    flow::{Flow, Value},
    pass::Pass,
};
use adflux_core::{
    Result,
    parameter::{ensure, positive},
};
use burn::tensor::{Tensor, module::layer_norm};
use serde::{Deserialize, Serialize};

/// Each number of the last axis less its mean, by its standard deviation, times a learned scale, plus a learned shift. While learning,
/// mean and deviation are those of the batch; predictions use their moving averages. Input and output have the same shape.
///
/// Defaults are Keras's: `momentum` 0.99 (the share of the old average that stays), `epsilon` 1e-3. Four weights a channel, two of them
/// moved by the data and not by the optimizer.
///
/// Reference: Ioffe & Szegedy (2015).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchNormalization {
    /// The share of the moving averages that stays at each step, 0 to below 1. Default 0.99.
    pub momentum: f64,
    /// Added to the variance, above 0. Default 0.001.
    pub epsilon: f64,
    /// Whether a shift is learned. Default true.
    pub center: bool,
    /// Whether a scale is learned. Default true.
    pub scale: bool,
}

impl Default for BatchNormalization {
    fn default() -> Self {
        BatchNormalization { momentum: 0.99, epsilon: 1e-3, center: true, scale: true }
    }
}

impl BatchNormalization {
    /// Sets the share of the moving averages that stays at each step.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }
    /// Sets what is added to the variance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
    /// Sets whether a shift is learned.
    pub fn center(mut self, center: bool) -> Self {
        self.center = center;
        self
    }
    /// Sets whether a scale is learned.
    pub fn scale(mut self, scale: bool) -> Self {
        self.scale = scale;
        self
    }
}

/// Scale and shift, those that are learned, of `width` channels.
fn scale_and_shift(scale: bool, center: bool, width: usize) -> Vec<WeightSpec> {
    let gamma = scale.then(|| WeightSpec::new("gamma", [width], Initializer::Ones));
    let beta = center.then(|| WeightSpec::new("beta", [width], Initializer::Zeros));
    gamma.into_iter().chain(beta).collect()
}

fn row(value: &Value) -> Tensor<2> {
    let t = value.clone().vector();
    let width = t.dims()[0];
    t.reshape([1, width])
}

impl Apply for BatchNormalization {
    fn kind(&self) -> &'static str {
        "batch_normalization"
    }

    fn check(&self) -> Result<()> {
        ensure((0.0..1.0).contains(&self.momentum), "momentum", self.momentum, "must be from 0 to below 1")?;
        positive("epsilon", self.epsilon)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        only(inputs).map(<[usize]>::to_vec)
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let width = width_of(inputs);
        let mut weights = scale_and_shift(self.scale, self.center, width);
        weights.push(WeightSpec::new("moving_mean", [width], Initializer::Zeros).fixed());
        weights.push(WeightSpec::new("moving_variance", [width], Initializer::Ones).fixed());
        weights
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let shape = flow.value.shape();
        let x = flow.value.clone().rows_of_last();
        let moving = weights.len().saturating_sub(2);
        let [mean, variance] = &weights[moving..] else { return flow };
        let (mean, variance) = if pass.learns() {
            let (of_batch, centred) = (x.clone().mean_dim(0), x.clone() - x.clone().mean_dim(0));
            let spread = (centred.clone() * centred).mean_dim(0);
            pass.moving_average(moving, of_batch.clone(), self.momentum);
            pass.moving_average(moving + 1, spread.clone(), self.momentum);
            (of_batch, spread)
        } else {
            (row(mean), row(variance))
        };
        let mut out = (x - mean) / (variance + self.epsilon).sqrt();
        let mut learned = weights[..moving].iter();
        if self.scale
            && let Some(gamma) = learned.next()
        {
            out = out * row(gamma);
        }
        if self.center
            && let Some(beta) = learned.next()
        {
            out = out + row(beta);
        }
        flow.with(Value::Two(out).reshaped(&shape))
    }
}

/// The numbers of the last axis less their mean, by their standard deviation, times a learned scale, plus a learned shift, for each
/// sample and step alone. Input and output have the same shape; the same in learning and prediction.
///
/// Defaults are Keras's: `epsilon` 1e-3. Two weights a channel.
///
/// Reference: Ba, Kiros & Hinton (2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayerNormalization {
    /// Added to the variance, above 0. Default 0.001.
    pub epsilon: f64,
    /// Whether a shift is learned. Default true.
    pub center: bool,
    /// Whether a scale is learned. Default true.
    pub scale: bool,
}

impl Default for LayerNormalization {
    fn default() -> Self {
        LayerNormalization { epsilon: 1e-3, center: true, scale: true }
    }
}

impl LayerNormalization {
    /// Sets what is added to the variance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
    /// Sets whether a shift is learned.
    pub fn center(mut self, center: bool) -> Self {
        self.center = center;
        self
    }
    /// Sets whether a scale is learned.
    pub fn scale(mut self, scale: bool) -> Self {
        self.scale = scale;
        self
    }
}

impl Apply for LayerNormalization {
    fn kind(&self) -> &'static str {
        "layer_normalization"
    }

    fn check(&self) -> Result<()> {
        positive("epsilon", self.epsilon)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        only(inputs).map(<[usize]>::to_vec)
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        scale_and_shift(self.scale, self.center, width_of(inputs))
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let shape = flow.value.shape();
        let x = flow.value.clone().rows_of_last();
        let width = x.dims()[1];
        let mut learned = weights.iter();
        let gamma = learned.next().filter(|_| self.scale).cloned();
        let beta = if self.scale { learned.next() } else { weights.first() }.filter(|_| self.center).cloned();
        let gamma = gamma.unwrap_or_else(|| Value::new(vec![1.0; width], &[width], pass.device()));
        let out = layer_norm(x, gamma.vector(), beta.map(Value::vector), self.epsilon);
        flow.with(Value::Two(out).reshaped(&shape))
    }
}
