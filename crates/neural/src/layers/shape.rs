//! [`Flatten`] and [`Reshape`].

use super::{Apply, first, only};
use crate::{
    flow::{Flow, Value},
    pass::Pass,
};
use adflux_core::{Result, parameter::ensure};
use serde::{Deserialize, Serialize};

/// One row of numbers a sample: input `[a, b, …]`, output `[a · b · …]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flatten;

impl Apply for Flatten {
    fn kind(&self) -> &'static str {
        "flatten"
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        Ok(vec![only(inputs)?.iter().product()])
    }

    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        Flow::new(Value::Two(first(inputs, pass).value.matrix()))
    }
}

/// The same numbers, in row-major order, in another shape of as many.
///
/// ```
/// use adflux_neural::{Reshape, Sequential};
/// let model = Sequential::new([12]).add(Reshape::new([3, 4])).summary()?;
/// assert_eq!(model.outputs[0], [3, 4]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reshape {
    /// The shape of a sample, one to three axes.
    pub target_shape: Vec<usize>,
}

impl Reshape {
    /// To this shape.
    pub fn new(target_shape: impl Into<Vec<usize>>) -> Self {
        Reshape { target_shape: target_shape.into() }
    }
}

impl Apply for Reshape {
    fn kind(&self) -> &'static str {
        "reshape"
    }

    fn check(&self) -> Result<()> {
        let axes = (1..=3).contains(&self.target_shape.len());
        ensure(axes, "target_shape", &self.target_shape, "must have one to three axes")?;
        let size = self.target_shape.iter().try_fold(1usize, |n, axis| n.checked_mul(*axis));
        ensure(size.is_some(), "target_shape", &self.target_shape, "has more numbers than can be counted")
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let from = only(inputs)?;
        if from.iter().product::<usize>() != self.target_shape.iter().product::<usize>() {
            return Err(format!("cannot make {:?} of {from:?}: another number of values", self.target_shape));
        }
        Ok(self.target_shape.clone())
    }

    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        let value = first(inputs, pass).value;
        let shape: Vec<usize> = std::iter::once(value.rows()).chain(self.target_shape.iter().copied()).collect();
        Flow::new(value.reshaped(&shape))
    }
}
