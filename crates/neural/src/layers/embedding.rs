//! [`Embedding`].

use super::{Apply, WeightSpec, first, only};
use crate::{
    Initializer, Regularizer,
    flow::{Flow, Value},
    pass::Pass,
};
use adflux_core::{
    Result,
    parameter::{at_least_one, between_one_and},
};
use burn::tensor::module::embedding;
use serde::{Deserialize, Serialize};

/// A vector that is learned for each of `input_dim` codes: input `[steps]` of whole numbers from 0 to `input_dim − 1`, output
/// `[steps, output_dim]`.
///
/// It has to be fed from an input (reshaped, perhaps), so that codes out of range are refused by name and row before anything is learned.
/// With `mask_zero` the code 0 is padding: layers behind that know steps (recurrent ones, attention, global pooling) leave those steps out.
///
/// ```
/// use adflux_neural::{Dense, Embedding, Flatten, Sequential};
/// let model = Sequential::new([3]).add(Embedding::new(100, 4)).add(Flatten).add(Dense::new(1)).summary()?;
/// assert_eq!(model.parameters(), 100 * 4 + 3 * 4 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Embedding {
    /// How many codes there are, 1 to 16,777,216.
    pub input_dim: usize,
    /// The length of a vector, at least 1.
    pub output_dim: usize,
    /// Whether code 0 is padding. Default false.
    pub mask_zero: bool,
    /// Where the vectors start. Default uniform within ±0.05.
    pub embeddings_initializer: Initializer,
    /// What large vectors are charged. Default nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embeddings_regularizer: Option<Regularizer>,
}

impl Default for Embedding {
    fn default() -> Self {
        Embedding {
            input_dim: 1,
            output_dim: 1,
            mask_zero: false,
            embeddings_initializer: Initializer::RandomUniform { limit: 0.05 },
            embeddings_regularizer: None,
        }
    }
}

impl Embedding {
    /// Vectors of length `output_dim` for `input_dim` codes.
    pub fn new(input_dim: usize, output_dim: usize) -> Self {
        Embedding { input_dim, output_dim, ..Self::default() }
    }
    /// Sets whether code 0 is padding.
    pub fn mask_zero(mut self, mask_zero: bool) -> Self {
        self.mask_zero = mask_zero;
        self
    }
    /// Sets where the vectors start.
    pub fn embeddings_initializer(mut self, initializer: Initializer) -> Self {
        self.embeddings_initializer = initializer;
        self
    }
    /// Sets what large vectors are charged.
    pub fn embeddings_regularizer(mut self, regularizer: Regularizer) -> Self {
        self.embeddings_regularizer = Some(regularizer);
        self
    }
}

impl Apply for Embedding {
    fn kind(&self) -> &'static str {
        "embedding"
    }

    fn check(&self) -> Result<()> {
        // Codes travel as f32, which tells whole numbers apart up to here.
        between_one_and(1 << 24, "input_dim", self.input_dim)?;
        at_least_one("output_dim", self.output_dim)?;
        self.embeddings_initializer.check()?;
        self.embeddings_regularizer.map_or(Ok(()), Regularizer::check)
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        match only(inputs)? {
            [steps] => Ok(vec![*steps, self.output_dim]),
            other => {
                Err(format!("takes codes of one axis, not of shape {other:?}: put a Reshape or Flatten before it"))
            }
        }
    }

    fn weights(&self, _: &[&[usize]]) -> Vec<WeightSpec> {
        let shape = [self.input_dim, self.output_dim];
        let vectors = WeightSpec::new("embeddings", shape, self.embeddings_initializer);
        vec![vectors.regularized(self.embeddings_regularizer)]
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        let Some(vectors) = weights.first().cloned() else { return flow };
        let codes = flow.value.matrix();
        let mask = self.mask_zero.then(|| codes.clone().not_equal_elem(0.0));
        Flow { value: Value::Three(embedding(vectors.matrix(), codes.int())), mask: mask.or(flow.mask) }
    }
}
