//! [`Network`]: a model with its weights.

use crate::{
    Compile, History, Model, Samples,
    compile::{Judge, output_name},
    flow::Value,
    metrics::Judged,
    optimizers::Slots,
    pass::Pass,
    plan::Plan,
    samples::Column,
    summary::Summary,
};
use adflux_core::{Error, Result};
use burn::tensor::Device;
use ndarray::{Array1, Array2, ArrayD, ArrayView1, IxDyn};
use rayon::prelude::*;
use std::fmt;

/// Rows that are predicted at once, always as many: the last batch is filled up. The order in which products are summed depends on
/// the rows of a batch; so a row is predicted alone as it is among others, to the bit.
const PREDICTED_AT_ONCE: usize = 32;

/// Rows whose losses are computed at once.
const JUDGED_AT_ONCE: usize = 1024;

/// A model with its weights: can be fitted, judged, asked, saved and loaded. Made by [`Sequential::compile`](crate::Sequential::compile),
/// [`Model::compile`] or [`Network::load`].
#[derive(Clone)]
pub struct Network {
    pub(crate) model: Model,
    pub(crate) compile: Compile,
    pub(crate) plan: Plan,
    pub(crate) judges: Vec<Judge>,
    pub(crate) weights: Vec<Vec<f32>>,
    /// The optimizer's moments of each weight.
    pub(crate) slots: Vec<Slots>,
    /// Steps and epochs in the life of the network: the places of its random streams.
    pub(crate) steps: u64,
    pub(crate) epochs: u64,
    /// The learning rate that a callback has set in place of the optimizer's.
    pub(crate) rate: Option<f64>,
    pub(crate) history: History,
    pub(crate) best: Option<Best>,
    /// Whether a callback of the training that runs wants the best weights put back at its end. Not saved.
    pub(crate) restores: bool,
}

/// The best weights of a training so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) epoch: usize,
    pub(crate) weights: Vec<Vec<f32>>,
}

/// Losses and measures by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logs(pub Vec<(String, f64)>);

impl Logs {
    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |(name, value): &(String, f64)| match value.abs() {
            size if size != 0.0 && !(1e-3..1e5).contains(&size) => format!("{name} {value:.3e}"),
            _ => format!("{name} {value:.4}"),
        };
        write!(f, "{}", self.0.iter().map(one).collect::<Vec<_>>().join("  "))
    }
}

impl Network {
    pub(crate) fn new(model: Model, compile: Compile) -> Result<Self> {
        let plan = Plan::of(&model)?;
        let judges = compile.judges(&model, &plan)?;
        let weights = plan.first_weights(model.seed);
        let slots = weights.iter().map(|w| compile.optimizer.fresh(w.len())).collect();
        Ok(Network::of(model, compile, (plan, judges), weights, slots))
    }

    /// A network of these weights and moments, new otherwise.
    pub(crate) fn of(
        model: Model,
        compile: Compile,
        (plan, judges): (Plan, Vec<Judge>),
        weights: Vec<Vec<f32>>,
        slots: Vec<Slots>,
    ) -> Self {
        Network {
            model,
            compile,
            plan,
            judges,
            weights,
            slots,
            steps: 0,
            epochs: 0,
            rate: None,
            history: History::default(),
            best: None,
            restores: false,
        }
    }

    /// Shapes and parameters of all layers.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.model, &self.plan)
    }

    /// The architecture.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// By what it is moved and judged.
    pub fn compiled(&self) -> &Compile {
        &self.compile
    }

    /// What came of the epochs of the last training, also of one that ended in an error.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Epochs in the life of the network.
    pub fn epochs(&self) -> u64 {
        self.epochs
    }

    /// The names and shapes of its weights: `dense/kernel`.
    pub fn weight_names(&self) -> impl Iterator<Item = (&str, &[usize])> {
        self.plan.weights.iter().map(|w| (w.name.as_str(), w.spec.shape.as_slice()))
    }

    /// A weight by name.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn weight(&self, name: &str) -> Result<ArrayD<f32>> {
        let place = self.place_of(name)?;
        let shape = IxDyn(&self.plan.weights[place].spec.shape);
        ArrayD::from_shape_vec(shape, self.weights[place].clone()).map_err(Error::backend)
    }

    /// Sets a weight by name.
    ///
    /// # Errors
    /// When there is none of this name, it has another shape, or a number is not finite.
    pub fn set_weight(&mut self, name: &str, values: &ArrayD<f32>) -> Result<()> {
        let place = self.place_of(name)?;
        let shape = &self.plan.weights[place].spec.shape;
        if values.shape() != shape.as_slice() {
            return Err(Error::data(format!("weight `{name}` has the shape {shape:?}, not {:?}", values.shape())));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::data(format!("weight `{name}`: a number is missing or infinite")));
        }
        self.weights[place] = values.iter().copied().collect();
        Ok(())
    }

    fn place_of(&self, name: &str) -> Result<usize> {
        self.plan.weights.iter().position(|w| w.name == name).ok_or_else(|| Error::MissingColumns {
            missing: vec![name.into()],
            available: self.plan.weights.iter().map(|w| w.name.clone()).collect(),
        })
    }

    /// The prediction of a network of one output whose samples have one axis: a row for each row of `x`, a column for each unit.
    ///
    /// # Errors
    /// When `x` does not fit the inputs, holds a missing or infinite number, or the network has several outputs.
    pub fn predict(&self, x: impl Into<Samples>) -> Result<Array2<f32>> {
        let [judge] = &self.judges[..] else {
            let reason = "the network has several outputs: ask `predict_all`";
            return Err(Error::data(reason));
        };
        let columns = x.into().for_inputs(&self.model.inputs, &self.plan.codes)?;
        let values = self.outputs(&columns)?.swap_remove(0);
        let rows = values.len().checked_div(judge.width).unwrap_or(0);
        Array2::from_shape_vec((rows, judge.width), values).map_err(Error::backend)
    }

    /// The predictions of all outputs, by name and in the shape of their samples.
    ///
    /// # Errors
    /// When `x` does not fit the inputs or holds a missing or infinite number.
    pub fn predict_all(&self, x: impl Into<Samples>) -> Result<Vec<(String, ArrayD<f32>)>> {
        let columns = x.into().for_inputs(&self.model.inputs, &self.plan.codes)?;
        let rows = columns.first().map_or(0, |column| column.rows);
        let shaped = |(place, values): (usize, Vec<f32>)| {
            let shape = &self.plan.shapes[self.model.outputs[place]];
            let shape: Vec<usize> = std::iter::once(rows).chain(shape.iter().copied()).collect();
            let array = ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(Error::backend)?;
            Ok((output_name(&self.model, &self.plan, place), array))
        };
        self.outputs(&columns)?.into_iter().enumerate().map(shaped).collect()
    }

    /// The loss and the measures over these rows. Rows count by `sample_weight` in the loss and in weighted measures.
    ///
    /// # Errors
    /// When rows or columns do not fit the network, or a number is missing or infinite.
    pub fn evaluate(
        &self,
        x: impl Into<Samples>,
        y: impl Into<Samples>,
        sample_weight: Option<ArrayView1<f64>>,
    ) -> Result<Logs> {
        let x = x.into().for_inputs(&self.model.inputs, &self.plan.codes)?;
        let rows = x.first().map_or(0, |column| column.rows);
        if rows == 0 {
            return Err(Error::data("there are no rows to judge by"));
        }
        let truth = y.into().for_outputs(rows, &self.judges)?;
        let weights = sample_weight.map(|w| check_weights(w, rows)).transpose()?;
        self.judge(&x, &truth, weights.as_deref())
    }

    /// What comes out for all rows, output by output.
    pub(crate) fn outputs(&self, columns: &[Column]) -> Result<Vec<Vec<f32>>> {
        let device = Device::flex();
        let weights = self.values(&device);
        let rows = columns.first().map_or(0, |column| column.rows);
        let starts: Vec<usize> = (0..rows).step_by(PREDICTED_AT_ONCE).collect();
        let of_batch = |start: &usize| -> Vec<Vec<f32>> {
            let own = PREDICTED_AT_ONCE.min(rows - start);
            let batch = columns.iter().map(|column| {
                let width = column.width();
                let mut values = column.values[start * width..(start + own) * width].to_vec();
                (own..PREDICTED_AT_ONCE).for_each(|_| values.extend_from_slice(column.row(start + own - 1)));
                batch_of(values, PREDICTED_AT_ONCE, &column.shape, &device)
            });
            let found = self.plan.forward(&self.model, &weights, batch.collect(), &mut Pass::predicting(&device));
            let kept = |(value, judge): (Value, &Judge)| value.into_vec().into_iter().take(own * judge.width).collect();
            found.into_iter().zip(&self.judges).map(kept).collect()
        };
        let batches: Vec<Vec<Vec<f32>>> = starts.par_iter().map(of_batch).collect();
        let mut outputs: Vec<Vec<f32>> = self.judges.iter().map(|j| Vec::with_capacity(rows * j.width)).collect();
        for batch in batches {
            outputs.iter_mut().zip(batch).for_each(|(all, values)| all.extend(values));
        }
        match outputs.iter().zip(&self.judges).all(|(all, judge)| all.len() == rows * judge.width) {
            true => Ok(outputs),
            false => Err(Error::data("the network gave another number of values than it has outputs")),
        }
    }

    /// The weights as tensors.
    pub(crate) fn values(&self, device: &Device) -> Vec<Value> {
        let value =
            |(w, planned): (&Vec<f32>, &crate::plan::PlannedWeight)| Value::new(w.clone(), &planned.spec.shape, device);
        self.weights.iter().zip(&self.plan.weights).map(value).collect()
    }

    /// Loss and measures of all rows.
    pub(crate) fn judge(&self, x: &[Column], truth: &[Column], weights: Option<&[f32]>) -> Result<Logs> {
        let predicted = self.outputs(x)?;
        let mut losses = Vec::with_capacity(self.judges.len());
        for ((judge, truth), predicted) in self.judges.iter().zip(truth).zip(&predicted) {
            losses.push(mean_loss(judge, truth, predicted, weights));
        }
        Ok(self.logs(&losses, self.penalty(), truth, &predicted, weights))
    }

    /// Losses and measures by name: the whole loss first.
    pub(crate) fn logs(
        &self,
        losses: &[f64],
        penalty: f64,
        truth: &[Column],
        predicted: &[Vec<f32>],
        weights: Option<&[f32]>,
    ) -> Logs {
        let whole: f64 = losses.iter().zip(&self.judges).map(|(loss, judge)| loss * judge.weight).sum();
        let mut logs = vec![("loss".to_string(), whole + penalty)];
        if self.judges.len() > 1 {
            logs.extend(self.judges.iter().zip(losses).map(|(judge, loss)| (judge.loss_name.clone(), *loss)));
        }
        for ((judge, truth), predicted) in self.judges.iter().zip(truth).zip(predicted) {
            for (name, metric, weighted) in &judge.metrics {
                let weights = weights.filter(|_| *weighted);
                let judged = Judged {
                    truth: &truth.values,
                    truth_width: judge.truth_width,
                    predicted,
                    width: judge.width,
                    weights: weights.map(|w| w.iter().map(|w| f64::from(*w)).collect::<Array1<f64>>()),
                    loss: &judge.loss,
                };
                logs.push((name.clone(), metric.of(&judged)));
            }
        }
        Logs(logs)
    }

    /// What large weights are charged.
    pub(crate) fn penalty(&self) -> f64 {
        let of = |(weight, planned): (&Vec<f32>, &crate::plan::PlannedWeight)| {
            planned.spec.regularizer.map_or(0.0, |regularizer| regularizer.penalty(weight))
        };
        self.weights.iter().zip(&self.plan.weights).map(of).sum()
    }
}

/// A batch of samples of `shape`.
pub(crate) fn batch_of(values: Vec<f32>, rows: usize, shape: &[usize], device: &Device) -> Value {
    let shape: Vec<usize> = std::iter::once(rows).chain(shape.iter().copied()).collect();
    Value::new(values, &shape, device)
}

/// The mean loss of all rows, block by block.
fn mean_loss(judge: &Judge, truth: &Column, predicted: &[f32], weights: Option<&[f32]>) -> f64 {
    let device = Device::flex();
    let mut sum = 0.0;
    for start in (0..truth.rows).step_by(JUDGED_AT_ONCE) {
        let end = truth.rows.min(start + JUDGED_AT_ONCE);
        let part = |values: &[f32], width: usize| {
            Value::new(values[start * width..end * width].to_vec(), &[end - start, width], &device).matrix()
        };
        let losses = judge.loss.of_rows(part(&truth.values, judge.truth_width), part(predicted, judge.width));
        for (loss, row) in Value::One(losses).into_vec().into_iter().zip(start..end) {
            sum += f64::from(loss) * weights.map_or(1.0, |w| f64::from(w[row]));
        }
    }
    sum / truth.rows as f64
}

/// Row weights that can be used.
pub(crate) fn check_weights(weights: ArrayView1<f64>, rows: usize) -> Result<Vec<f32>> {
    if weights.len() != rows {
        return Err(Error::data(format!("weights of {} rows beside {rows} rows of inputs", weights.len())));
    }
    if let Some(row) = weights.iter().position(|w| !(0.0..=f64::from(f32::MAX)).contains(w)) {
        return Err(Error::cell(
            "weights",
            row,
            format!("{}: must be a finite number of f32, 0 or more", weights[row]),
        ));
    }
    if weights.iter().all(|w| *w == 0.0) {
        return Err(Error::column("weights", "all are zero: nothing is left to learn from"));
    }
    Ok(weights.iter().map(|w| *w as f32).collect())
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("layers", &self.plan.names)
            .field("parameters", &self.summary().parameters())
            .field("epochs", &self.epochs)
            .finish_non_exhaustive()
    }
}
