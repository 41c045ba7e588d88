//! One step: a batch runs forward, gradients run back, weights move.

use super::{options::Clip, rows::Split};
use crate::{
    Network,
    flow::{Value, with},
    network::batch_of,
    pass::Pass,
};
use adflux_core::{Error, Result};
use burn::tensor::{Device, Gradients, Tensor};

/// What an epoch has come to so far. Losses stay tensors until its end: nothing waits for them.
pub(super) struct Totals {
    losses: Vec<Option<Tensor<1>>>,
    /// What large weights were charged, times the rows of each step.
    penalty: f64,
    predicted: Vec<Vec<f32>>,
    rows: usize,
}

impl Totals {
    pub(super) fn new(network: &Network, split: &Split) -> Self {
        let judges = &network.judges;
        let room = |judge: &crate::compile::Judge| match judge.metrics.is_empty() {
            true => Vec::new(),
            false => Vec::with_capacity(split.rows() * judge.width),
        };
        let losses = judges.iter().map(|_| None).collect();
        Totals { losses, penalty: 0.0, predicted: judges.iter().map(room).collect(), rows: 0 }
    }

    /// The mean loss of each output, the mean charge for large weights, the predictions where they were kept, and their rows.
    pub(super) fn into_parts(self) -> (Vec<f64>, f64, Vec<Vec<f32>>, usize) {
        let rows = self.rows.max(1) as f64;
        let read = |loss: Option<Tensor<1>>| {
            let sum = loss.map(|loss| Value::One(loss).into_vec()).and_then(|v| v.first().copied());
            sum.map_or(f64::NAN, |sum| f64::from(sum) / rows)
        };
        (self.losses.into_iter().map(read).collect(), self.penalty / rows, self.predicted, self.rows)
    }
}

const LARGEST_GRADIENT: f32 = 1e18;

impl Network {
    /// Learns from `rows` of `split`.
    pub(super) fn step(
        &mut self,
        split: &Split,
        rows: &[usize],
        clip: &Clip,
        totals: &mut Totals,
        epoch: usize,
    ) -> Result<()> {
        let device = Device::flex().autodiff();
        let weights: Vec<Value> = (self.values(&device).into_iter().zip(&self.plan.weights))
            .map(|(value, planned)| if planned.spec.trainable { value.require_grad() } else { value })
            .collect();
        let inputs = split.x.iter().map(|column| batch_of(column.gather(rows), rows.len(), &column.shape, &device));
        let mut pass = Pass::learning(&device, self.model.seed, self.steps);
        let outputs = self.plan.forward(&self.model, &weights, inputs.collect(), &mut pass);
        let row_weights = split
            .weights
            .as_ref()
            .map(|of_row| Value::new(rows.iter().map(|row| of_row[*row]).collect(), &[rows.len()], &device).vector());
        let mut whole: Option<Tensor<1>> = None;
        for (place, ((judge, output), truth)) in self.judges.iter().zip(outputs).zip(&split.y).enumerate() {
            let truth = Value::new(truth.gather(rows), &[rows.len(), judge.truth_width], &device).matrix();
            let predicted = output.matrix();
            if !judge.metrics.is_empty() {
                totals.predicted[place].extend(Value::Two(predicted.clone().inner()).into_vec());
            }
            let losses = judge.loss.of_rows(truth, predicted);
            let sum = match &row_weights {
                Some(weights) => (losses * weights.clone()).sum(),
                None => losses.sum(),
            };
            let seen = sum.clone().inner();
            totals.losses[place] = Some(match totals.losses[place].take() {
                Some(before) => before + seen,
                None => seen,
            });
            let share = sum * (judge.weight / rows.len() as f64);
            whole = Some(match whole {
                Some(others) => others + share,
                None => share,
            });
        }
        totals.rows += rows.len();
        totals.penalty += self.penalty() * rows.len() as f64;
        let Some(whole) = whole.filter(Tensor::is_tracked) else {
            return Err(Error::data("no weight of the network has a part in its loss: there is nothing to learn"));
        };
        let mut gradients = whole.backward();
        let moved = std::mem::take(&mut pass.moved);
        let mut gradients: Vec<Option<Vec<f32>>> =
            weights.into_iter().map(|weight| gradient_of(weight, &mut gradients)).collect();
        self.add_penalties(&mut gradients);
        self.refuse_broken(&gradients, epoch)?;
        cut(&mut gradients, clip);
        self.move_weights(gradients);
        for average in moved {
            let (keep, batch) = (average.momentum as f32, Value::Two(average.batch.inner()).into_vec());
            if batch.iter().any(|v| !v.is_finite()) {
                let name = &self.plan.weights[average.weight].name;
                return Err(Error::data(format!(
                    "`{name}` of a batch is not finite in epoch {}: inputs of smaller size help",
                    epoch + 1
                )));
            }
            let old = self.weights[average.weight].iter_mut();
            old.zip(batch).for_each(|(old, new)| *old = *old * keep + new * (1.0 - keep));
        }
        Ok(())
    }

    /// A gradient that is not finite would ruin every weight: it ends the training with the weights as they are.
    fn refuse_broken(&self, gradients: &[Option<Vec<f32>>], epoch: usize) -> Result<()> {
        // Beyond, squares are no longer finite, and moments of them would never be again.
        let broken = |g: &&Option<Vec<f32>>| {
            g.as_ref().is_some_and(|g| g.iter().any(|v| !v.is_finite() || v.abs() > LARGEST_GRADIENT))
        };
        match gradients.iter().position(|g| broken(&g)) {
            Some(place) => Err(Error::data(format!(
                "the gradient of `{}` is not finite (or beyond 1e18) in epoch {}, step {}: a lower learning rate or clip_norm helps, or inputs of smaller size",
                self.plan.weights[place].name,
                epoch + 1,
                self.steps + 1
            ))),
            None => Ok(()),
        }
    }

    /// Adds what large weights are charged: clipping sees the whole gradient, as in Keras.
    fn add_penalties(&self, gradients: &mut [Option<Vec<f32>>]) {
        for ((weight, planned), gradient) in self.weights.iter().zip(&self.plan.weights).zip(gradients) {
            if let (Some(regularizer), Some(gradient)) = (planned.spec.regularizer, gradient) {
                regularizer.add_derivative(weight, gradient);
            }
        }
    }

    fn move_weights(&mut self, gradients: Vec<Option<Vec<f32>>>) {
        let rate = self.learning_rate();
        self.steps += 1;
        for ((weight, slots), gradient) in self.weights.iter_mut().zip(&mut self.slots).zip(gradients) {
            let Some(gradient) = gradient else { continue };
            self.compile.optimizer.step(weight, &gradient, slots, self.steps, rate);
        }
    }
}

/// The gradient of a weight, where it has a part in the loss.
fn gradient_of(weight: Value, gradients: &mut Gradients) -> Option<Vec<f32>> {
    with!(weight, t => t.grad_remove(gradients).map(|g| g.try_into_vec_as::<f32>().unwrap_or_default()))
}

fn cut(gradients: &mut [Option<Vec<f32>>], clip: &Clip) {
    let length = |g: &[f32]| g.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
    let shorten = |g: &mut Vec<f32>, norm: f64, most: f64| {
        if norm > most {
            let by = (most / norm) as f32;
            g.iter_mut().for_each(|v| *v *= by);
        }
    };
    if let Some(most) = clip.value {
        let most = most as f32;
        gradients.iter_mut().flatten().flatten().for_each(|v| *v = v.clamp(-most, most));
    }
    if let Some(most) = clip.norm {
        for gradient in gradients.iter_mut().flatten() {
            let norm = length(gradient).sqrt();
            shorten(gradient, norm, most);
        }
    }
    if let Some(most) = clip.global_norm {
        let norm = gradients.iter().flatten().map(|g| length(g)).sum::<f64>().sqrt();
        gradients.iter_mut().flatten().for_each(|g| shorten(g, norm, most));
    }
}
