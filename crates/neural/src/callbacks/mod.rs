//! What looks on while a network learns: [`Callback`] and those that Keras has.

mod checkpoint;
mod csv;
mod early_stopping;
mod learning_rate;
mod monitor;
mod progress;
mod tensorboard;

pub use checkpoint::ModelCheckpoint;
pub use csv::CsvLogger;
pub use early_stopping::EarlyStopping;
pub use learning_rate::{LearningRateScheduler, ReduceLrOnPlateau};
pub use monitor::{Mode, Monitor};
pub use progress::ProgressLines;
pub use tensorboard::TensorBoard;

use crate::{History, Logs, Network, Schedule, network::Best};
use adflux_core::{
    Error, Result,
    parameter::{ensure, non_negative},
};
use std::path::PathBuf;

/// Looks on while a network learns, and may change what happens. Every method does nothing unless it is written.
///
/// ```
/// use adflux_core::Result;
/// use adflux_neural::{Callback, TrainingRun};
/// /// Stops when the loss is below a goal.
/// struct Goal(f64);
/// impl Callback for Goal {
///     fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
///         if run.log("loss")? < self.0 {
///             run.stop(format!("the loss is below {}", self.0));
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Callback: Send {
    /// Before the first epoch.
    ///
    /// # Errors
    /// As the callback says; an error ends the training.
    fn on_train_begin(&mut self, _run: &mut TrainingRun<'_>) -> Result<()> {
        Ok(())
    }
    /// Before each epoch.
    ///
    /// # Errors
    /// As the callback says; an error ends the training.
    fn on_epoch_begin(&mut self, _run: &mut TrainingRun<'_>) -> Result<()> {
        Ok(())
    }
    /// After each step.
    ///
    /// # Errors
    /// As the callback says; an error ends the training.
    fn on_batch_end(&mut self, _run: &mut TrainingRun<'_>) -> Result<()> {
        Ok(())
    }
    /// After each epoch, when its losses and measures are known.
    ///
    /// # Errors
    /// As the callback says; an error ends the training.
    fn on_epoch_end(&mut self, _run: &mut TrainingRun<'_>) -> Result<()> {
        Ok(())
    }
    /// After the last epoch, also when the training was stopped or cancelled; not after an error.
    ///
    /// # Errors
    /// As the callback says.
    fn on_train_end(&mut self, _run: &mut TrainingRun<'_>) -> Result<()> {
        Ok(())
    }
}

/// A training while it goes on: what a callback sees and may ask for.
#[derive(Debug)]
pub struct TrainingRun<'a> {
    pub(crate) network: &'a mut Network,
    epoch: usize,
    epochs: usize,
    logs: Logs,
    stop: Option<String>,
    saves: Vec<PathBuf>,
}

impl<'a> TrainingRun<'a> {
    pub(crate) fn new(network: &'a mut Network, epochs: usize) -> Self {
        let epoch = network.history.epochs();
        TrainingRun { network, epoch, epochs, logs: Logs::default(), stop: None, saves: Vec::new() }
    }

    pub(crate) fn start(&mut self, epoch: usize) {
        self.epoch = epoch;
        self.logs = Logs::default();
    }

    pub(crate) fn finish(&mut self, logs: Logs) {
        self.network.history.push(&logs.0);
        self.network.epochs += 1;
        self.logs = logs;
    }

    /// The epoch, counted from 0.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// The epochs that there are to be.
    pub fn epochs(&self) -> usize {
        self.epochs
    }

    /// Steps in the life of the network.
    pub fn steps(&self) -> u64 {
        self.network.steps
    }

    /// The losses and measures of the epoch, once it has ended.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// One of them by name.
    ///
    /// # Errors
    /// When the epoch has none of this name; those that it has are listed.
    pub fn log(&self, name: &str) -> Result<f64> {
        self.logs.get(name).ok_or_else(|| Error::MissingColumns {
            missing: vec![name.into()],
            available: self.logs.names().map(str::to_string).collect(),
        })
    }

    /// The epochs so far, also those before a break.
    pub fn history(&self) -> &History {
        &self.network.history
    }

    /// The network as it is.
    pub fn network(&self) -> &Network {
        self.network
    }

    /// Refuses a learning rate that follows a schedule, for callbacks that set rates themselves.
    ///
    /// # Errors
    /// When the optimizer's rate is not the same for ever. `callback` is named.
    pub(crate) fn constant_rate(&self, callback: &str) -> Result<()> {
        let schedule = self.network.compile.optimizer.learning_rate();
        let constant = matches!(schedule, Schedule::Constant(_));
        let reason =
            format!("{callback} would switch the schedule off: give the optimizer a number, or leave the callback out");
        ensure(constant, "learning_rate", schedule, &reason)
    }

    /// Sets the learning rate for the steps to come, in place of the optimizer's. A new training starts from the optimizer's again.
    ///
    /// # Errors
    /// When it is below 0 or not finite.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        non_negative("learning_rate", rate)?;
        self.network.rate = Some(rate);
        Ok(())
    }

    /// Keeps the weights as the best so far: with [`restore_best`](Self::restore_best) the network has them after the training, however it
    /// ends.
    pub fn keep_best(&mut self) {
        self.network.best = Some(Best { epoch: self.epoch, weights: self.network.weights.clone() });
    }

    /// Says, before the first epoch, that the best weights that are [kept](Self::keep_best) are to be put back at the end.
    pub fn restore_best(&mut self) {
        self.network.restores = true;
    }

    /// Saves the network to `path` when all callbacks have seen this epoch, so that the file has what they changed.
    pub fn save_after_epoch(&mut self, path: impl Into<PathBuf>) {
        self.saves.push(path.into());
    }

    pub(crate) fn save_what_was_asked(&mut self) -> Result<()> {
        std::mem::take(&mut self.saves).into_iter().try_for_each(|path| self.network.save(path))
    }

    /// The epoch, counted from 0, of the best weights that are kept.
    pub fn best_epoch(&self) -> Option<usize> {
        self.network.best.as_ref().map(|best| best.epoch)
    }

    /// Ends the training after this step or epoch, for this reason.
    pub fn stop(&mut self, reason: impl Into<String>) {
        self.stop = Some(reason.into());
    }

    /// Why the training is to end, if it is.
    pub fn stopped(&self) -> Option<&str> {
        self.stop.as_deref()
    }
}
