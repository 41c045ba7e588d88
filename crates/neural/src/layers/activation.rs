//! [`Activate`].

use super::{Apply, first, only};
use crate::{
    Activation,
    flow::{Flow, Value},
    pass::Pass,
};
use serde::{Deserialize, Serialize};

/// An [`Activation`] as a layer of its own, where something stands between a layer and its bend (a normalization, mostly).
///
/// ```
/// use adflux_neural::{Activate, Activation, BatchNormalization, Dense, Sequential};
/// let model = Sequential::new([8])
///     .add(Dense::new(16).use_bias(false))
///     .add(BatchNormalization::default())
///     .add(Activate::new(Activation::Relu))
///     .summary()?;
/// assert_eq!(model.outputs[0], [16]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Activate {
    /// The function.
    pub activation: Activation,
}

impl Activate {
    /// A layer of this function.
    pub fn new(activation: Activation) -> Self {
        Activate { activation }
    }
}

impl Apply for Activate {
    fn kind(&self) -> &'static str {
        "activation"
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        only(inputs).map(<[usize]>::to_vec)
    }

    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        let flow = first(inputs, pass);
        flow.with(self.activation.of(flow.value.clone()))
    }
}
