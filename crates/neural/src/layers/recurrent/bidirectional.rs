//! [`Bidirectional`].

use super::{Gru, Lstm, Recur, Sequence, Way, joined, mask_behind};
use crate::{
    flow::{Flow, Value},
    layers::{Apply, WeightSpec, first, setters},
    pass::Pass,
};
use adflux_core::{Error, Result};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// A recurrent layer inside [`Bidirectional`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "layer")]
#[non_exhaustive]
pub enum Recurrent {
    /// [`Lstm`].
    #[serde(rename = "lstm")]
    Lstm(Lstm),
    /// [`Gru`].
    #[serde(rename = "gru")]
    Gru(Gru),
}

impl From<Lstm> for Recurrent {
    fn from(layer: Lstm) -> Self {
        Recurrent::Lstm(layer)
    }
}
impl From<Gru> for Recurrent {
    fn from(layer: Gru) -> Self {
        Recurrent::Gru(layer)
    }
}

impl Recurrent {
    fn inner(&self) -> &dyn Recur {
        match self {
            Recurrent::Lstm(layer) => layer,
            Recurrent::Gru(layer) => layer,
        }
    }
}

/// How what the two ways of a [`Bidirectional`] found becomes one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MergeMode {
    /// Side by side: twice as wide.
    #[default]
    Concat,
    /// Their sum.
    Sum,
    /// Their product, number by number.
    Mul,
    /// Their mean.
    Ave,
}

/// A recurrent layer that reads a sequence forwards, and another of the same kind that reads it backwards. Input `[steps, n]`, output
/// `[2 · units]`, or `[steps, 2 · units]` where the layer returns sequences (`[…, units]` unless merged by `concat`).
///
/// A padded step keeps both states; where states of all steps come out, those of padded steps are 0, as in Keras.
///
/// Twice the weights of the layer, under the names `forward_kernel`, `backward_kernel` and so on.
///
/// Reference: Schuster & Paliwal (1997).
///
/// ```
/// use adflux_neural::{Bidirectional, Dense, Lstm, Sequential};
/// let model = Sequential::new([20, 8]).add(Bidirectional::new(Lstm::new(16))).add(Dense::new(1)).summary()?;
/// assert_eq!(model.parameters(), 2 * 4 * 16 * (8 + 16 + 1) + 2 * 16 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bidirectional {
    /// The layer, as it reads forwards (in a file `recurrent = { layer = "lstm", units = 16 }`).
    pub recurrent: Recurrent,
    /// How both ways become one. Default side by side.
    #[serde(default)]
    pub merge_mode: MergeMode,
}

impl Bidirectional {
    /// Both ways with layers like this one, side by side.
    pub fn new(recurrent: impl Into<Recurrent>) -> Self {
        Bidirectional { recurrent: recurrent.into(), merge_mode: MergeMode::Concat }
    }
}

setters! { Bidirectional {
    /// Sets how both ways become one.
    merge_mode: MergeMode,
} }

const FORWARD: [&str; 3] = ["forward_kernel", "forward_recurrent_kernel", "forward_bias"];
const BACKWARD: [&str; 3] = ["backward_kernel", "backward_recurrent_kernel", "backward_bias"];

impl Apply for Bidirectional {
    fn kind(&self) -> &'static str {
        "bidirectional"
    }

    fn check(&self) -> Result<()> {
        if self.recurrent.inner().way().go_backwards {
            return Err(Error::parameter("go_backwards", true, "both ways are read: leave it false"));
        }
        self.recurrent.inner().check()
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let mut shape = self.recurrent.inner().output(inputs)?;
        if let (MergeMode::Concat, Some(last)) = (self.merge_mode, shape.last_mut()) {
            *last = last.saturating_mul(2);
        }
        Ok(shape)
    }

    fn weights(&self, inputs: &[&[usize]]) -> Vec<WeightSpec> {
        let one = self.recurrent.inner().weights(inputs);
        let renamed = |names: [&'static str; 3]| {
            let named = one.clone().into_iter().zip(names);
            named.map(|(spec, name)| WeightSpec { name, ..spec }).collect::<Vec<_>>()
        };
        [renamed(FORWARD), renamed(BACKWARD)].concat()
    }

    fn forward(&self, inputs: Vec<Flow>, weights: &[Value], pass: &mut Pass<'_>) -> Flow {
        let (flow, layer) = (first(inputs, pass), self.recurrent.inner());
        let (there, sequence) = (layer.way(), Sequence::of(&flow));
        let back = Way { go_backwards: true, ..layer.way() };
        let (first, second) = weights.split_at(weights.len() / 2);
        let mut backwards = layer.states(&sequence, &back, second);
        // Step beside step.
        backwards.reverse();
        let forwards = joined(layer.states(&sequence, &there, first), &there);
        let (Some(forwards), Some(backwards)) = (forwards, joined(backwards, &back)) else { return flow };
        let mut shape = forwards.shape();
        let (a, b) = (forwards.rows_of_last(), backwards.rows_of_last());
        let mut both = match self.merge_mode {
            MergeMode::Concat => Tensor::cat(vec![a, b], 1),
            MergeMode::Sum => a + b,
            MergeMode::Mul => a * b,
            MergeMode::Ave => (a + b) * 0.5,
        };
        if let Some(last) = shape.last_mut() {
            *last = both.dims()[1];
        }
        if let (true, Some(mask)) = (there.return_sequences, &flow.mask) {
            let padded = mask.clone().bool_not().reshape([both.dims()[0], 1]).expand(both.dims());
            both = both.mask_fill(padded, 0.0);
        }
        Flow { value: Value::Two(both).reshaped(&shape), mask: mask_behind(flow, &there) }
    }
}
