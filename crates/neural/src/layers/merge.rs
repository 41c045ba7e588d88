//! Layers of several inputs: [`Concatenate`], [`Add`], [`Multiply`].

use super::Apply;
use crate::{
    flow::{Flow, Value},
    pass::Pass,
};
use burn::tensor::{Bool, Tensor};
use serde::{Deserialize, Serialize};

/// Several inputs side by side along the last axis: `[…, a]` and `[…, b]` become `[…, a + b]`.
///
/// ```
/// use adflux_neural::{Concatenate, Dense, Model, Symbol};
/// let (age, job) = (Symbol::input("age", [1]), Symbol::input("job", [4]));
/// let both = Symbol::merge(&[&age, &job], Concatenate);
/// let model = Model::new([&age, &job], [&both.apply(Dense::new(1))])?.summary()?;
/// assert_eq!(model.parameters(), 6);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concatenate;

/// The sum of several inputs of the same shape, number by number: the way around a block in a residual network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Add;

/// The product of several inputs of the same shape, number by number: how two towers of a recommender meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Multiply;

/// At least two inputs.
fn several<'a, 'b>(inputs: &'a [&'b [usize]]) -> Result<&'a [&'b [usize]], String> {
    if inputs.len() < 2 { Err(format!("takes two inputs or more, not {}", inputs.len())) } else { Ok(inputs) }
}

fn alike(inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
    let inputs = several(inputs)?;
    match inputs.iter().find(|shape| **shape != inputs[0]) {
        Some(other) => Err(format!("takes inputs of one shape, not {:?} beside {other:?}", inputs[0])),
        None => Ok(inputs[0].to_vec()),
    }
}

impl Apply for Concatenate {
    fn kind(&self) -> &'static str {
        "concatenate"
    }

    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        let inputs = several(inputs)?;
        let front = |shape: &[usize]| shape[..shape.len().saturating_sub(1)].to_vec();
        if let Some(other) = inputs.iter().find(|shape| front(shape) != front(inputs[0])) {
            return Err(format!("cannot stand {other:?} beside {:?}: all axes but the last must agree", inputs[0]));
        }
        let mut shape = front(inputs[0]);
        shape.push(inputs.iter().filter_map(|shape| shape.last()).sum());
        Ok(shape)
    }

    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        let mask = real_in_all(&inputs);
        let mut shape = inputs.first().map(|flow| flow.value.shape()).unwrap_or_default();
        let parts: Vec<Tensor<2>> = inputs.into_iter().map(|flow| flow.value.rows_of_last()).collect();
        if parts.is_empty() {
            return Flow::new(Value::new(Vec::new(), &[0, 0], pass.device()));
        }
        let joined = Tensor::cat(parts, 1);
        if let Some(last) = shape.last_mut() {
            *last = joined.dims()[1];
        }
        Flow { value: Value::Two(joined).reshaped(&shape), mask }
    }
}

/// The steps that are real in every input that marks them.
fn real_in_all(inputs: &[Flow]) -> Option<Tensor<2, Bool>> {
    inputs.iter().filter_map(|flow| flow.mask.clone()).reduce(Tensor::bool_and)
}

/// All inputs folded into one by `fold`.
fn folded(inputs: Vec<Flow>, pass: &Pass<'_>, fold: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<2>) -> Flow {
    let mask = real_in_all(&inputs);
    let shape = inputs.first().map(|flow| flow.value.shape()).unwrap_or_default();
    match inputs.into_iter().map(|flow| flow.value.rows_of_last()).reduce(fold) {
        Some(all) => Flow { value: Value::Two(all).reshaped(&shape), mask },
        None => Flow::new(Value::new(Vec::new(), &[0, 0], pass.device())),
    }
}

impl Apply for Add {
    fn kind(&self) -> &'static str {
        "add"
    }
    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        alike(inputs)
    }
    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        folded(inputs, pass, |a, b| a + b)
    }
}

impl Apply for Multiply {
    fn kind(&self) -> &'static str {
        "multiply"
    }
    fn output(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
        alike(inputs)
    }
    fn forward(&self, inputs: Vec<Flow>, _: &[Value], pass: &mut Pass<'_>) -> Flow {
        folded(inputs, pass, |a, b| a * b)
    }
}
