//! Recurrent layers: [`Lstm`], [`Gru`], and both ways through a sequence with [`Bidirectional`].

mod bidirectional;
mod gru;
mod lstm;

pub use bidirectional::{Bidirectional, MergeMode, Recurrent};
pub use gru::Gru;
pub use lstm::Lstm;

use super::{Apply, first, steps_of, three};
use crate::{
    flow::{Flow, Value},
    pass::Pass,
};
use burn::tensor::{Bool, Tensor};

/// What recurrent layers have in common.
pub(super) struct Way {
    units: usize,
    return_sequences: bool,
    go_backwards: bool,
}

/// A layer that carries a state of `units` numbers from step to step.
pub(super) trait Recur: Apply {
    fn way(&self) -> Way;
    /// The states in the order in which they came to be; the last alone where not all are wanted.
    fn states(&self, sequence: &Sequence, way: &Way, weights: &[Value]) -> Vec<Tensor<2>>;
}

/// A batch of sequences.
pub(super) struct Sequence {
    /// Rows, steps, width.
    x: Tensor<3>,
    mask: Option<Tensor<2, Bool>>,
}

impl Sequence {
    fn of(flow: &Flow) -> Self {
        Sequence { x: three(flow.value.clone()), mask: flow.mask.clone() }
    }

    /// All steps of all rows as rows, step by step: what a kernel takes in one product.
    fn flat(&self) -> Tensor<2> {
        let [rows, steps, width] = self.x.dims();
        self.x.clone().swap_dims(0, 1).reshape([steps * rows, width])
    }

    /// What came out of such a product, step by step.
    fn split(&self, flat: Tensor<2>) -> Vec<Tensor<2>> {
        let ([rows, steps, _], width) = (self.x.dims(), flat.dims()[1]);
        halves(flat.reshape([steps, rows, width]))
    }

    /// Carries N states of zeros through the steps: `next` makes those of a step. A padded step keeps them.
    fn run<const N: usize>(
        &self,
        way: &Way,
        next: impl Fn(usize, &[Tensor<2>; N]) -> [Tensor<2>; N],
    ) -> Vec<Tensor<2>> {
        let ([rows, steps, _], shape) = (self.x.dims(), [self.x.dims()[0], way.units]);
        let mask = self.mask.clone().map(|mask| mask.swap_dims(0, 1));
        let mut state: [Tensor<2>; N] = std::array::from_fn(|_| Tensor::zeros(shape, &self.x.device()));
        let mut states = Vec::with_capacity(if way.return_sequences { steps } else { 1 });
        for place in 0..steps {
            let step = if way.go_backwards { steps - 1 - place } else { place };
            let new = next(step, &state);
            state = match &mask {
                Some(mask) => {
                    let real = mask.clone().narrow(0, step, 1).reshape([rows, 1]).expand(shape);
                    let mut old = state.into_iter();
                    new.map(|new| match old.next() {
                        Some(old) => old.mask_where(real.clone(), new),
                        None => new,
                    })
                }
                None => new,
            };
            if !way.return_sequences {
                states.clear();
            }
            states.extend(state.first().cloned());
        }
        states
    }
}

/// The steps of `[steps, rows, width]`. Halves of halves: the derivative of a slice is as large as what it is cut from, so that
/// cutting step by step would cost steps² where this costs steps · log steps.
fn halves(t: Tensor<3>) -> Vec<Tensor<2>> {
    let [steps, rows, width] = t.dims();
    if steps < 2 {
        return vec![t.reshape([rows, width])];
    }
    let mut all = halves(t.clone().narrow(0, 0, steps / 2));
    all.extend(halves(t.narrow(0, steps / 2, steps - steps / 2)));
    all
}

fn output(way: &Way, inputs: &[&[usize]]) -> Result<Vec<usize>, String> {
    let [steps, _] = steps_of(inputs)?;
    Ok(if way.return_sequences { vec![steps, way.units] } else { vec![way.units] })
}

/// States as what comes out: all of them, or the last.
fn joined(mut states: Vec<Tensor<2>>, way: &Way) -> Option<Value> {
    match way.return_sequences {
        true if !states.is_empty() => Some(Value::Three(Tensor::stack(states, 1))),
        _ => states.pop().map(Value::Two),
    }
}

/// A sequence's mask as it stands beside what comes out.
fn mask_behind(flow: Flow, way: &Way) -> Option<Tensor<2, Bool>> {
    let mask = flow.mask.filter(|_| way.return_sequences)?;
    Some(if way.go_backwards { mask.flip([1]) } else { mask })
}

fn forward(layer: &impl Recur, inputs: Vec<Flow>, weights: &[Value], pass: &Pass<'_>) -> Flow {
    let (flow, way) = (first(inputs, pass), layer.way());
    match joined(layer.states(&Sequence::of(&flow), &way, weights), &way) {
        Some(value) => Flow { value, mask: mask_behind(flow, &way) },
        None => flow,
    }
}
