//! [`Optimizer`]: how gradients move weights.
//!
//! Gradients come to the host once a step, where moments and weights are plain slices: one pass over memory moves a weight, in
//! place of ten tensor operations. On the CPU nothing is copied for it.

use crate::Schedule;
use adflux_core::{
    Result,
    parameter::{ensure, non_negative, positive},
};
use serde::{Deserialize, Serialize};

/// Stochastic gradient descent, with momentum perhaps (Nesterov's, perhaps). Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// How far a step goes, above 0. Default 0.01.
    pub learning_rate: Schedule,
    /// The share of the last step that goes on, 0 to 1. Default 0.
    pub momentum: f64,
    /// Whether momentum looks ahead. Default false.
    pub nesterov: bool,
}

/// Adam (Kingma & Ba 2015) with Keras's defaults; `epsilon` stands beside the uncorrected root, as there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// How far a step goes, above 0. Default 0.001.
    pub learning_rate: Schedule,
    /// The share of the mean of gradients that stays, 0 to below 1. Default 0.9.
    pub beta_1: f64,
    /// The share of the mean of their squares that stays, 0 to below 1. Default 0.999.
    pub beta_2: f64,
    /// Keeps the division finite, above 0. Default 1e-7.
    pub epsilon: f64,
}

/// Adam with weights that shrink on their own (Loshchilov & Hutter 2019). Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// How far a step goes, above 0. Default 0.001.
    pub learning_rate: Schedule,
    /// The share by which weights shrink, times the learning rate, 0 or more. Default 0.004.
    pub weight_decay: f64,
    /// The share of the mean of gradients that stays, 0 to below 1. Default 0.9.
    pub beta_1: f64,
    /// The share of the mean of their squares that stays, 0 to below 1. Default 0.999.
    pub beta_2: f64,
    /// Keeps the division finite, above 0. Default 1e-7.
    pub epsilon: f64,
}

/// Steps by the root of a moving mean of squares (Tieleman & Hinton 2012). Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// How far a step goes, above 0. Default 0.001.
    pub learning_rate: Schedule,
    /// The share of the mean of squares that stays, 0 to below 1. Default 0.9.
    pub rho: f64,
    /// The share of the last step that goes on, 0 to 1. Default 0.
    pub momentum: f64,
    /// Keeps the division finite, above 0. Default 1e-7.
    pub epsilon: f64,
    /// Whether the mean is taken out of the squares. Default false.
    pub centered: bool,
}

/// Steps by the root of the sum of squares so far (Duchi et al. 2011). Keras's defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// How far a step goes, above 0. Default 0.001.
    pub learning_rate: Schedule,
    /// Where the sums start, 0 or more. Default 0.1.
    pub initial_accumulator_value: f64,
    /// Keeps the division finite, above 0. Default 1e-7.
    pub epsilon: f64,
}

impl Default for Sgd {
    fn default() -> Self {
        Sgd { learning_rate: Schedule::Constant(0.01), momentum: 0.0, nesterov: false }
    }
}
impl Default for Adam {
    fn default() -> Self {
        Adam { learning_rate: Schedule::Constant(1e-3), beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }
}
impl Default for AdamW {
    fn default() -> Self {
        let Adam { learning_rate, beta_1, beta_2, epsilon } = Adam::default();
        AdamW { learning_rate, weight_decay: 0.004, beta_1, beta_2, epsilon }
    }
}
impl Default for RmsProp {
    fn default() -> Self {
        RmsProp { learning_rate: Schedule::Constant(1e-3), rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false }
    }
}
impl Default for Adagrad {
    fn default() -> Self {
        Adagrad { learning_rate: Schedule::Constant(1e-3), initial_accumulator_value: 0.1, epsilon: 1e-7 }
    }
}

macro_rules! of_rate {
    ($($name:ident),*) => {$(
        impl $name {
            /// With this learning rate: a number, or a [`Schedule`].
            pub fn new(learning_rate: impl Into<Schedule>) -> Self {
                $name { learning_rate: learning_rate.into(), ..Self::default() }
            }
        }
    )*};
}
of_rate!(Sgd, Adam, AdamW, RmsProp, Adagrad);

impl Sgd {
    /// Sets the share of the last step that goes on.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }
    /// Sets whether momentum looks ahead.
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }
}

impl AdamW {
    /// Sets the share by which weights shrink.
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        self.weight_decay = weight_decay;
        self
    }
}

/// How gradients move weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "optimizer", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Optimizer {
    /// [`Sgd`].
    Sgd(Sgd),
    /// [`Adam`].
    Adam(Adam),
    /// [`AdamW`].
    AdamW(AdamW),
    /// [`RmsProp`].
    RmsProp(RmsProp),
    /// [`Adagrad`].
    Adagrad(Adagrad),
}

macro_rules! from {
    ($($name:ident),*) => {$(
        impl From<$name> for Optimizer {
            fn from(optimizer: $name) -> Self {
                Optimizer::$name(optimizer)
            }
        }
    )*};
}
from!(Sgd, Adam, AdamW, RmsProp, Adagrad);

/// A weight while it learns: its moments, as many as the optimizer keeps.
pub(crate) type Slots = Vec<Vec<f32>>;

impl Optimizer {
    /// The learning rate, as it was set.
    pub fn learning_rate(&self) -> &Schedule {
        match self {
            Optimizer::Sgd(o) => &o.learning_rate,
            Optimizer::Adam(o) => &o.learning_rate,
            Optimizer::AdamW(o) => &o.learning_rate,
            Optimizer::RmsProp(o) => &o.learning_rate,
            Optimizer::Adagrad(o) => &o.learning_rate,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let share = |name, v: f64| ensure((0.0..1.0).contains(&v), name, v, "must be from 0 to below 1");
        self.learning_rate().check()?;
        match self {
            Optimizer::Sgd(o) => {
                ensure((0.0..=1.0).contains(&o.momentum), "momentum", o.momentum, "must lie between 0 and 1")
            }
            Optimizer::Adam(o) => {
                share("beta_1", o.beta_1)?;
                share("beta_2", o.beta_2)?;
                positive("epsilon", o.epsilon)
            }
            Optimizer::AdamW(o) => {
                share("beta_1", o.beta_1)?;
                share("beta_2", o.beta_2)?;
                non_negative("weight_decay", o.weight_decay)?;
                positive("epsilon", o.epsilon)
            }
            Optimizer::RmsProp(o) => {
                share("rho", o.rho)?;
                ensure((0.0..=1.0).contains(&o.momentum), "momentum", o.momentum, "must lie between 0 and 1")?;
                positive("epsilon", o.epsilon)
            }
            Optimizer::Adagrad(o) => {
                non_negative("initial_accumulator_value", o.initial_accumulator_value)?;
                positive("epsilon", o.epsilon)
            }
        }
    }

    /// The names of the moments, in their order.
    pub(crate) fn slots(&self) -> &'static [&'static str] {
        match self {
            Optimizer::Sgd(o) if o.momentum > 0.0 => &["momentum"],
            Optimizer::Sgd(_) => &[],
            Optimizer::Adam(_) | Optimizer::AdamW(_) => &["momentum", "velocity"],
            Optimizer::RmsProp(o) => match (o.momentum > 0.0, o.centered) {
                (false, false) => &["velocity"],
                (true, false) => &["velocity", "momentum"],
                (false, true) => &["velocity", "average_gradient"],
                (true, true) => &["velocity", "momentum", "average_gradient"],
            },
            Optimizer::Adagrad(_) => &["accumulator"],
        }
    }

    /// The moments that a weight of so many numbers starts with.
    pub(crate) fn fresh(&self, size: usize) -> Slots {
        let start = if let Optimizer::Adagrad(o) = self { o.initial_accumulator_value as f32 } else { 0.0 };
        self.slots().iter().map(|_| vec![start; size]).collect()
    }

    /// Moves `weight` by `gradient`. `step` counts from 1, `rate` is the learning rate of this step.
    pub(crate) fn step(&self, weight: &mut [f32], gradient: &[f32], slots: &mut Slots, step: u64, rate: f64) {
        let lr = rate as f32;
        match (self, &mut slots[..]) {
            (Optimizer::Sgd(_), []) => {
                weight.iter_mut().zip(gradient).for_each(|(w, g)| *w -= lr * g);
            }
            (Optimizer::Sgd(o), [velocity]) => {
                let momentum = o.momentum as f32;
                for ((w, g), v) in weight.iter_mut().zip(gradient).zip(velocity) {
                    *v = momentum * *v - lr * g;
                    *w += if o.nesterov { momentum * *v - lr * g } else { *v };
                }
            }
            (Optimizer::Adam(o), [m, v]) => adam(weight, gradient, (m, v), (o.beta_1, o.beta_2, o.epsilon), step, rate),
            (Optimizer::AdamW(o), [m, v]) => {
                let keep = 1.0 - (o.weight_decay * rate) as f32;
                weight.iter_mut().for_each(|w| *w *= keep);
                adam(weight, gradient, (m, v), (o.beta_1, o.beta_2, o.epsilon), step, rate);
            }
            (Optimizer::RmsProp(o), [velocity, rest @ ..]) => {
                let (rho, epsilon, momentum) = (o.rho as f32, o.epsilon as f32, o.momentum as f32);
                for (i, (w, g)) in weight.iter_mut().zip(gradient).enumerate() {
                    velocity[i] = rho * velocity[i] + (1.0 - rho) * g * g;
                    let mut spread = velocity[i];
                    if o.centered
                        && let Some(average) = rest.last_mut()
                    {
                        average[i] = rho * average[i] + (1.0 - rho) * g;
                        // Rounding may leave less than nothing.
                        spread = (spread - average[i] * average[i]).max(0.0);
                    }
                    let step = lr * g / (spread + epsilon).sqrt();
                    *w -= match rest.first_mut().filter(|_| momentum > 0.0) {
                        Some(last) => {
                            last[i] = momentum * last[i] + step;
                            last[i]
                        }
                        None => step,
                    };
                }
            }
            (Optimizer::Adagrad(o), [sums]) => {
                let epsilon = o.epsilon as f32;
                for ((w, g), sum) in weight.iter_mut().zip(gradient).zip(sums) {
                    *sum += g * g;
                    *w -= lr * g / (*sum + epsilon).sqrt();
                }
            }
            // Moments are made by `fresh`, or checked when a file is read: there are no others.
            _ => {}
        }
    }
}

fn adam(
    weight: &mut [f32],
    gradient: &[f32],
    (m, v): (&mut [f32], &mut [f32]),
    (beta_1, beta_2, epsilon): (f64, f64, f64),
    step: u64,
    rate: f64,
) {
    let power = |beta: f64| beta.powf(step as f64);
    let alpha = (rate * (1.0 - power(beta_2)).sqrt() / (1.0 - power(beta_1))) as f32;
    let (one, two, epsilon) = ((1.0 - beta_1) as f32, (1.0 - beta_2) as f32, epsilon as f32);
    for (((w, g), m), v) in weight.iter_mut().zip(gradient).zip(m).zip(v) {
        *m += (g - *m) * one;
        *v += (g * g - *v) * two;
        *w -= *m * alpha / (v.sqrt() + epsilon);
    }
}
