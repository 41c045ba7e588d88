//! [`PositionEmbedding`].

use crate::{
    Initializer,
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, first, setters, steps_of, three, width_of},
    pass::Pass,
};
use adflux_core::{Result, parameter::at_least_one};
use serde::{Deserialize, Serialize};

/// Adds to each step a vector that is learned for its place in the sequence: input and output `[steps, n]`. Attention, which sees steps
/// in no order, needs it. (keras_hub's layer of this name gives the vectors alone, to be added by hand.)
///
/// sequence_length · n weights. A longer sequence is refused when the model is built.
///
/// Reference: Devlin et al. (2019).
///
/// ```
/// use adflux_neural::{Embedding, PositionEmbedding, Sequential};
/// let model = Sequential::new([20]).add(Embedding::new(1000, 8)).add(PositionEmbedding::new(64)).summary()?;
/// assert_eq!(model.parameters(), 1000 * 8 + 64 * 8);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PositionEmbedding {
    /// The longest sequence, at least 1.
    pub sequence_length: usize,
    /// Where the vectors start. Default Glorot uniform.
    pub initializer: Initializer,
}

impl Default for PositionEmbedding {
    fn default() -> Self {
        PositionEmbedding { sequence_length: 1, initializer: Initializer::GlorotUniform }
    }
}

impl PositionEmbedding {
    /// For sequences of this length at most.
    pub fn new(sequence_length: usize) -> Self {
        PositionEmbedding { sequence_length, ..Self::default() }
    }
}

setters! { PositionEmbedding {
    /// Sets where the vectors start.
    initializer: Initializer,
} }

impl Apply for PositionEmbedding {
    fn kind(&self) -> &'static str {
        "position_embedding"
    }

    fn check(&self) -> Result<()> {
        at_least_one("sequence_length", self.sequence_length)?;
        self.initializer.check()
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let [steps, width] = steps_of(inputs)?;
        if steps > self.sequence_length {
            let most = self.sequence_length;
            return Err(format!("has vectors for {most} places, and the sequence has {steps}: raise sequence_length"));
        }
        Ok(vec![steps, width])
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        vec![WeightSpec::new("embeddings", [self.sequence_length, width_of(inputs)], self.initializer)]
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let Some(vectors) = weights.first().cloned() else { return flow };
        let x = three(flow.value.clone());
        let [_, steps, width] = x.dims();
        let vectors = vectors.matrix().narrow(0, 0, steps).reshape([1, steps, width]);
        flow.with(Value::Three(x + vectors))
    }
}
