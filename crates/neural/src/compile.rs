//! [`Compile`]: by what a network is moved and judged.

use crate::{Loss, Metric, Model, Optimizer, plan::Plan};
use adflux_core::{Error, Result, parameter::non_negative};
use serde::{Deserialize, Serialize};

/// What one output of a network is judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// What is made small.
    pub loss: Loss,
    /// How much it counts beside the losses of other outputs, 0 or more. Default 1.
    #[serde(default = "one")]
    pub weight: f64,
    /// Measures by name, of all rows alike.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Measures by name in which rows count by their weights.
    #[serde(default)]
    pub weighted_metrics: Vec<String>,
}

fn one() -> f64 {
    1.0
}

impl Objective {
    /// An output judged by `loss`.
    pub fn new(loss: Loss) -> Self {
        Objective { loss, weight: 1.0, metrics: Vec::new(), weighted_metrics: Vec::new() }
    }
    /// Sets how much the loss counts beside others.
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }
    /// Sets the measures of all rows alike.
    pub fn metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.metrics = names.into_iter().map(Into::into).collect();
        self
    }
    /// Sets the measures in which rows count by their weights.
    pub fn weighted_metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.weighted_metrics = names.into_iter().map(Into::into).collect();
        self
    }
}

/// By what a network is moved and judged: an optimizer, and a loss and measures for each output.
///
/// ```
/// use adflux_neural::{Adam, Compile, Dense, Loss, Sequential};
/// let compile = Compile::new(Adam::new(0.01), Loss::MeanSquaredError).metrics(["mae", "r2"]);
/// let network = Sequential::new([3]).add(Dense::new(1)).compile(compile)?;
/// assert_eq!(network.summary().parameters(), 4);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compile {
    /// How gradients move weights.
    pub optimizer: Optimizer,
    /// One for each output.
    pub objectives: Vec<Objective>,
}

impl Compile {
    /// For a network of one output.
    pub fn new(optimizer: impl Into<Optimizer>, loss: Loss) -> Self {
        Compile::several(optimizer, [Objective::new(loss)])
    }

    /// For a network of several outputs, in their order.
    pub fn several(optimizer: impl Into<Optimizer>, objectives: impl IntoIterator<Item = Objective>) -> Self {
        Compile { optimizer: optimizer.into(), objectives: objectives.into_iter().collect() }
    }

    /// Sets the measures of every output, of all rows alike.
    pub fn metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.objectives.iter_mut().for_each(|objective| objective.metrics = names.clone());
        self
    }

    /// Sets the measures of every output in which rows count by their weights.
    pub fn weighted_metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        self.objectives.iter_mut().for_each(|objective| objective.weighted_metrics = names.clone());
        self
    }

    /// The judges of the outputs of `model`.
    pub(crate) fn judges(&self, model: &Model, plan: &Plan) -> Result<Vec<Judge>> {
        self.optimizer.check()?;
        if self.objectives.len() != model.outputs.len() {
            let reason = format!("{} losses for {} outputs", self.objectives.len(), model.outputs.len());
            return Err(Error::data(format!("{reason}: give one objective for each output")));
        }
        let several = self.objectives.len() > 1;
        let names: Vec<String> = (0..model.outputs.len()).map(|place| output_name(model, plan, place)).collect();
        for (place, name) in names.iter().enumerate().filter(|_| several) {
            if names[..place].contains(name) {
                return Err(Error::data(format!(
                    "two outputs are called `{name}`: give each its own layer with `named`"
                )));
            }
            if name == "val" || name == "learning" || name.starts_with("val_") {
                return Err(Error::data(format!(
                    "an output cannot be called `{name}`: its losses would have a taken name"
                )));
            }
        }
        let judge = |(place, objective): (usize, &Objective)| -> Result<Judge> {
            objective.loss.check()?;
            non_negative("weight", objective.weight)?;
            let prefix = if several { format!("{}_", output_name(model, plan, place)) } else { String::new() };
            let shape = &plan.shapes[model.outputs[place]];
            let width = shape.iter().product();
            let of_classes =
                matches!(objective.loss, Loss::CategoricalCrossentropy(_) | Loss::SparseCategoricalCrossentropy(_));
            if of_classes && shape.len() > 1 {
                return Err(Error::data(format!(
                    "{} judges samples of one axis, not of shape {shape:?}: end the network with a layer that leaves one",
                    objective.loss.name()
                )));
            }
            let truth_width = objective.loss.truth_width(width).map_err(Error::data)?;
            let mut metrics = Vec::new();
            let named = objective.metrics.iter().map(|name| (name, false));
            for (name, weighted) in named.chain(objective.weighted_metrics.iter().map(|name| (name, true))) {
                let metric: Metric = name.parse()?;
                if let Some(reason) = metric.refuses(&objective.loss, width) {
                    return Err(Error::parameter("metrics", name, reason));
                }
                let name = format!("{prefix}{}{}", if weighted { "weighted_" } else { "" }, metric.name());
                if metrics.iter().any(|(known, _, _)| *known == name) {
                    return Err(Error::parameter("metrics", name, "is there twice"));
                }
                metrics.push((name, metric, weighted));
            }
            let (loss, weight) = (objective.loss.clone(), objective.weight);
            Ok(Judge { loss, weight, loss_name: format!("{prefix}loss"), width, truth_width, metrics })
        };
        self.objectives.iter().enumerate().map(judge).collect()
    }
}

/// An [`Objective`] that fits its output.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    pub(crate) loss: Loss,
    pub(crate) weight: f64,
    pub(crate) loss_name: String,
    pub(crate) width: usize,
    pub(crate) truth_width: usize,
    /// Name in the history, measure, whether rows count by their weights.
    pub(crate) metrics: Vec<(String, Metric, bool)>,
}

/// What an output is called: the layer it comes from.
pub(crate) fn output_name(model: &Model, plan: &Plan, place: usize) -> String {
    let number = model.outputs[place];
    match number.checked_sub(model.inputs.len()).and_then(|node| model.nodes.get(node)) {
        Some(node) => plan.names[node.layer].clone(),
        None => model.inputs.get(number).map(|input| input.name.clone()).unwrap_or_default(),
    }
}
