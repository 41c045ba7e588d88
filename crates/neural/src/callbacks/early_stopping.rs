//! [`EarlyStopping`].

use super::{Callback, Mode, Monitor, TrainingRun};
use adflux_core::{
    Result,
    parameter::{ensure, non_negative},
};

/// Ends the training when a column of the history has not become better for `patience` epochs. Keras's parameters and defaults.
///
/// With `restore_best_weights` the network has the weights of the best epoch afterwards, however the training ended: by patience, by the
/// last epoch, cancelled, or by an error. A training that goes on from a file counts the epochs before the break.
///
/// ```
/// use adflux_neural::EarlyStopping;
/// let stop = EarlyStopping::new("val_auc").patience(5).min_delta(1e-4).restore_best_weights(true);
/// # let _ = stop;
/// ```
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    best: f64,
    waited: usize,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        EarlyStopping::new("val_loss")
    }
}

impl EarlyStopping {
    /// Watches the column `monitor`: `val_loss`, mostly.
    pub fn new(monitor: &str) -> Self {
        EarlyStopping {
            monitor: Monitor::new(monitor, 0.0),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            best: f64::NAN,
            waited: 0,
        }
    }
    /// Sets the epochs without a better value after which it ends. Default 0.
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }
    /// Sets the least difference that counts as better. Default 0.
    pub fn min_delta(mut self, difference: f64) -> Self {
        self.monitor.set_min_delta(difference);
        self
    }
    /// Sets which way is better. Default: as the measure has it.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }
    /// Sets a value that has to be beaten within `patience` epochs. Default none.
    pub fn baseline(mut self, value: f64) -> Self {
        self.baseline = Some(value);
        self
    }
    /// Sets whether the network has the best weights afterwards. Default false.
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore_best_weights = restore;
        self
    }
    /// Sets the first epoch, counted from 0, that is looked at. Default 0.
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// Whether `value` of `epoch` is the best so far. Counts the wait.
    fn look(&mut self, epoch: usize, value: f64) -> bool {
        if epoch < self.start_from_epoch {
            return false;
        }
        self.waited += 1;
        if !self.monitor.better(value, self.best) {
            return false;
        }
        self.best = value;
        if self.baseline.is_none_or(|baseline| self.monitor.better(value, baseline)) {
            self.waited = 0;
        }
        true
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        non_negative("min_delta", self.monitor.min_delta())?;
        ensure(self.baseline.is_none_or(f64::is_finite), "baseline", self.baseline, "must be a finite number")?;
        (self.best, self.waited) = (self.monitor.worst(), 0);
        for (epoch, value) in self.monitor.past(run).into_iter().enumerate() {
            self.look(epoch, value);
        }
        if self.restore_best_weights {
            run.restore_best();
            if run.best_epoch().is_none() {
                // Of the epochs before a break no weights were kept: the best of those to come is put back.
                self.best = self.monitor.worst();
            }
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        let value = self.monitor.value(run)?;
        let better = self.look(run.epoch(), value);
        // Where no epoch is better than another (all not a number), the first is kept.
        let first = run.epoch() >= self.start_from_epoch && run.best_epoch().is_none();
        if self.restore_best_weights && (better || first) {
            run.keep_best();
        }
        if self.waited >= self.patience.max(1) && run.epoch() > 0 && !better {
            let (name, epochs) = (self.monitor.name(), self.waited);
            run.stop(format!("{name} has not become better than {} for {epochs} epochs", self.best));
        }
        Ok(())
    }
}
