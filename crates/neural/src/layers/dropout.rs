//! [`Dropout`].

use super::{Apply, first, only};
use crate::{
    flow::{Flow, Value, map},
    pass::Pass,
};
use adflux_core::{Result, parameter::ensure};
use serde::{Deserialize, Serialize};

/// While learning, sets a share of the numbers to 0 at random and makes the others larger by 1 / (1 − rate), so that their mean
/// stays; predictions are left as they are. Input and output have the same shape.
///
/// The numbers that are dropped are drawn from the seed of the network, the step and the place of the layer: the same in every
/// training, and in one that goes on from a file.
///
/// Reference: Srivastava et al. (2014).
///
/// ```
/// use adflux_neural::{Dense, Dropout, Sequential};
/// let model = Sequential::new([8]).add(Dense::new(16)).add(Dropout::new(0.2)).add(Dense::new(1)).summary()?;
/// assert_eq!(model.parameters(), 8 * 16 + 16 + 16 + 1);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dropout {
    /// The share that is dropped, from 0 to below 1. Default 0.5.
    pub rate: f64,
}

impl Default for Dropout {
    fn default() -> Self {
        Dropout { rate: 0.5 }
    }
}

impl Dropout {
    /// Drops the share `rate`.
    pub fn new(rate: f64) -> Self {
        Dropout { rate }
    }
}

impl Apply for Dropout {
    fn kind(&self) -> &'static str {
        "dropout"
    }

    fn check(&self) -> Result<()> {
        ensure((0.0..1.0).contains(&self.rate), "rate", self.rate, "must be from 0 to below 1")
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        only(inputs).map(<[usize]>::to_vec)
    }

    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        match pass.dropout(&flow.value.shape(), self.rate) {
            Some(keep) => {
                let keep = keep.vector();
                let kept = map!(flow.value.clone(), t => { let shape = t.dims(); t * keep.reshape(shape) });
                flow.with(kept)
            }
            None => flow,
        }
    }
}
