//! [`Activation`]: the bend behind a layer.

use crate::flow::{Value, map};
use burn::tensor::{Tensor, activation as of};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The function behind a layer, number by number (softmax: over the last axis). Keras's list, with Keras's constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Activation {
    /// x itself.
    #[default]
    Linear,
    /// max(x, 0).
    Relu,
    /// min(max(x, 0), 6).
    Relu6,
    /// x above 0, 0.2 x below.
    LeakyRelu,
    /// x above 0, eˣ − 1 below.
    Elu,
    /// elu scaled so that mean 0 and variance 1 stay (Klambauer et al. 2017).
    Selu,
    /// As elu, with a smooth first derivative for any scale.
    Celu,
    /// x Φ(x), Φ the normal distribution.
    Gelu,
    /// x σ(x), also called swish.
    Silu,
    /// x tanh(ln(1 + eˣ)).
    Mish,
    /// ln(1 + eˣ).
    Softplus,
    /// x / (1 + |x|).
    Softsign,
    /// eˣ.
    Exponential,
    /// 1 / (1 + e⁻ˣ).
    Sigmoid,
    /// relu6(x + 3) / 6.
    HardSigmoid,
    /// x hard_sigmoid(x).
    HardSilu,
    /// ln σ(x).
    LogSigmoid,
    /// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
    Tanh,
    /// x between −1 and 1.
    HardTanh,
    /// x − tanh(x).
    TanhShrink,
    /// Shares that sum to 1 over the last axis.
    Softmax,
    /// The logarithm of softmax.
    LogSoftmax,
}

/// Every activation, for error messages and tests.
pub(crate) const ALL: [Activation; 22] = {
    use Activation::*;
    [
        Linear,
        Relu,
        Relu6,
        LeakyRelu,
        Elu,
        Selu,
        Celu,
        Gelu,
        Silu,
        Mish,
        Softplus,
        Softsign,
        Exponential,
        Sigmoid,
        HardSigmoid,
        HardSilu,
        LogSigmoid,
        Tanh,
        HardTanh,
        TanhShrink,
        Softmax,
        LogSoftmax,
    ]
};

impl Activation {
    /// Keras's name.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Relu => "relu",
            Activation::Relu6 => "relu6",
            Activation::LeakyRelu => "leaky_relu",
            Activation::Elu => "elu",
            Activation::Selu => "selu",
            Activation::Celu => "celu",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
            Activation::Softsign => "softsign",
            Activation::Exponential => "exponential",
            Activation::Sigmoid => "sigmoid",
            Activation::HardSigmoid => "hard_sigmoid",
            Activation::HardSilu => "hard_silu",
            Activation::LogSigmoid => "log_sigmoid",
            Activation::Tanh => "tanh",
            Activation::HardTanh => "hard_tanh",
            Activation::TanhShrink => "tanh_shrink",
            Activation::Softmax => "softmax",
            Activation::LogSoftmax => "log_softmax",
        }
    }

    pub(crate) fn of(self, value: Value) -> Value {
        map!(value, t => self.apply(t))
    }

    pub(crate) fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Activation::Linear => x,
            Activation::Relu => of::relu(x),
            Activation::Relu6 => x.clamp(0.0, 6.0),
            Activation::LeakyRelu => of::leaky_relu(x, 0.2),
            Activation::Elu => of::elu(x, 1.0),
            Activation::Selu => of::selu(x),
            Activation::Celu => of::celu(x, 1.0),
            Activation::Gelu => of::gelu(x),
            Activation::Silu => of::silu(x),
            Activation::Mish => x.clone() * softplus(x).tanh(),
            Activation::Softplus => softplus(x),
            Activation::Softsign => of::softsign(x),
            Activation::Exponential => x.exp(),
            Activation::Sigmoid => of::sigmoid(x),
            Activation::HardSigmoid => hard_sigmoid(x),
            Activation::HardSilu => x.clone() * hard_sigmoid(x),
            Activation::LogSigmoid => of::log_sigmoid(x),
            Activation::Tanh => x.tanh(),
            Activation::HardTanh => x.clamp(-1.0, 1.0),
            Activation::TanhShrink => x.clone() - x.tanh(),
            Activation::Softmax => of::softmax(x, D - 1),
            Activation::LogSoftmax => of::log_softmax(x, D - 1),
        }
    }
}

/// ln(1 + eˣ). By log_sigmoid, whose derivative is right at 0 too, where those of max and |x| are not.
pub(crate) fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    -of::log_sigmoid(-x)
}

fn hard_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    (x / 6.0 + 0.5).clamp(0.0, 1.0)
}

impl FromStr for Activation {
    type Err = adflux_core::Error;

    /// By Keras's name; `swish`, `hard_swish` and an empty name are taken too.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let wanted = match name {
            "swish" => "silu",
            "hard_swish" => "hard_silu",
            "" => "linear",
            other => other,
        };
        ALL.into_iter().find(|a| a.name() == wanted).ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|a| a.name()).collect();
            adflux_core::Error::parameter("activation", name, format!("no such activation: {}", known.join(", ")))
        })
    }
}
