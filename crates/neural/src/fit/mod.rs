//! Training: [`FitOptions`], and the loop over epochs and batches.

mod options;
mod rows;
mod step;

pub use options::{FitOptions, ValidationSplit};

use crate::{
    Ended, History, Logs, Network, Samples,
    callbacks::{Callback, TrainingRun},
    pass::purpose,
    samples::Column,
};
use adflux_core::{Error, Result, random::stream};
use rand::seq::SliceRandom as _;
use rows::Split;
use step::Totals;

impl Network {
    /// Fits the weights to `y` given `x`: `epochs` times over all rows in batches, in a new order each time.
    ///
    /// The loss of an epoch is the mean over its rows while the weights moved, measures are those of the same predictions (as in
    /// Keras); `val_` ones are of the weights at the end of the epoch. A network that was fitted before goes on from its weights; with
    /// [`initial_epoch`](FitOptions::initial_epoch) it goes on with the same training: from a file of a
    /// [`ModelCheckpoint`](crate::ModelCheckpoint), to the same bits as without a break. (When best weights were put back, or the training was
    /// cancelled within an epoch, it goes on from what the network has then.)
    ///
    /// When a callback has kept the best weights, the network has them afterwards, however the training ended. A cancelled training is
    /// no error: [`History::ended`] tells.
    ///
    /// # Errors
    /// When rows or columns do not fit the network, a number is missing or infinite, an option is out of range, a gradient is no longer
    /// finite (the weight and the step are named, and the weights stay as they were before it), or a callback fails.
    pub fn fit(&mut self, x: impl Into<Samples>, y: impl Into<Samples>, options: FitOptions) -> Result<History> {
        options.check()?;
        let x = x.into().for_inputs(&self.model.inputs, &self.plan.codes)?;
        let rows = x.first().map_or(0, |column| column.rows);
        if rows == 0 {
            return Err(Error::data("the training data has no rows"));
        }
        let y = y.into().for_outputs(rows, &self.judges)?;
        let split = Split::of(self, x, y, &options)?;
        let FitOptions { mut callbacks, context, initial_epoch, epochs, batch_size, shuffle, clip, .. } = options;
        if initial_epoch == 0 {
            (self.history, self.best, self.rate) = (History::default(), None, None);
        }
        (self.history.ended, self.restores) = (None, false);
        if self.history.epochs() != initial_epoch {
            let known = self.history.epochs();
            let reason = format!("the history has {known} epochs: go on with initial_epoch = {known}");
            return Err(Error::parameter("initial_epoch", initial_epoch, reason));
        }
        let plan = Epochs { first: initial_epoch, last: epochs, batch_size, shuffle, clip };
        let inner = context.clone();
        let ended = context.run(|| self.train(&split, &plan, &mut callbacks, &inner));
        // Whatever ended the training, the best weights that were kept are put back.
        if let Some(best) = self.best.as_ref().filter(|_| self.restores) {
            self.weights.clone_from(&best.weights);
        }
        self.history.ended = ended?;
        Ok(self.history.clone())
    }

    fn train(
        &mut self,
        split: &Split,
        plan: &Epochs,
        callbacks: &mut [Box<dyn Callback>],
        context: &adflux_core::Context,
    ) -> Result<Option<Ended>> {
        let mut run = TrainingRun::new(self, plan.last);
        each(callbacks, &mut run, |callback, run| callback.on_train_begin(run))?;
        if !run.network.restores {
            // Nobody looks after the best weights of an earlier part of the training.
            run.network.best = None;
        }
        let mut ended = None;
        for epoch in plan.first..plan.last {
            run.start(epoch);
            each(callbacks, &mut run, |callback, run| callback.on_epoch_begin(run))?;
            let order = order(run.network(), split.rows(), plan.shuffle);
            let mut totals = Totals::new(run.network(), split);
            for rows in order.chunks(plan.batch_size) {
                if context.cancel_token().is_cancelled() {
                    ended = Some(Ended::Cancelled);
                    break;
                }
                run.network.step(split, rows, &plan.clip, &mut totals, epoch)?;
                each(callbacks, &mut run, |callback, run| callback.on_batch_end(run))?;
                if run.stopped().is_some() {
                    break;
                }
            }
            if ended.is_some() {
                break;
            }
            let mut logs = run.network.epoch_logs(split, &order, totals);
            if let Some(validation) = &split.validation {
                let found = run.network.judge(&validation.x, &validation.y, validation.weights.as_deref())?;
                logs.0.extend(found.0.into_iter().map(|(name, value)| (format!("val_{name}"), value)));
            }
            logs.0.push(("learning_rate".into(), run.network.learning_rate()));
            run.finish(logs);
            context.report("epochs", (epoch + 1 - plan.first) as u64, Some((plan.last - plan.first) as u64));
            each(callbacks, &mut run, |callback, run| callback.on_epoch_end(run))?;
            run.save_what_was_asked()?;
            if let Some(reason) = run.stopped() {
                ended = Some(Ended::Stopped(reason.to_string()));
                break;
            }
        }
        each(callbacks, &mut run, |callback, run| callback.on_train_end(run))?;
        Ok(ended)
    }

    /// The losses and measures of an epoch while the weights moved.
    fn epoch_logs(&self, split: &Split, order: &[usize], totals: Totals) -> Logs {
        let (losses, penalty, predicted, seen) = totals.into_parts();
        let rows = &order[..seen];
        let truth: Vec<Column> = split.y.iter().map(|column| taken(column, rows)).collect();
        let weights: Option<Vec<f32>> = split.weights.as_ref().map(|w| rows.iter().map(|row| w[*row]).collect());
        self.logs(&losses, penalty, &truth, &predicted, weights.as_deref())
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f64 {
        self.rate.unwrap_or_else(|| self.compile.optimizer.learning_rate().at(self.steps))
    }
}

/// What the loop needs to know.
struct Epochs {
    first: usize,
    last: usize,
    batch_size: usize,
    shuffle: bool,
    clip: options::Clip,
}

fn each(
    callbacks: &mut [Box<dyn Callback>],
    run: &mut TrainingRun<'_>,
    call: impl Fn(&mut dyn Callback, &mut TrainingRun<'_>) -> Result<()>,
) -> Result<()> {
    callbacks.iter_mut().try_for_each(|callback| call(callback.as_mut(), run))
}

/// The order of the rows in the epoch that comes.
fn order(network: &Network, rows: usize, shuffle: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    if shuffle {
        order.shuffle(&mut stream(network.model.seed, &[purpose::SHUFFLE, network.epochs]));
    }
    order
}

fn taken(column: &Column, rows: &[usize]) -> Column {
    Column { name: None, shape: column.shape.clone(), rows: rows.len(), values: column.gather(rows) }
}
