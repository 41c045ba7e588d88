//! [`ReduceLrOnPlateau`] and [`LearningRateScheduler`].

use super::{Callback, Mode, Monitor, TrainingRun};
use adflux_core::{
    Result,
    parameter::{at_least_one, non_negative, open_unit},
};
use std::fmt;

/// Makes the learning rate smaller when a column of the history has not become better for `patience` epochs. Keras's parameters and
/// defaults.
#[derive(Clone, Debug)]
pub struct ReduceLrOnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    best: f64,
    waited: usize,
    cooling: usize,
}

impl Default for ReduceLrOnPlateau {
    fn default() -> Self {
        ReduceLrOnPlateau::new("val_loss")
    }
}

impl ReduceLrOnPlateau {
    /// Watches the column `monitor`.
    pub fn new(monitor: &str) -> Self {
        ReduceLrOnPlateau {
            monitor: Monitor::new(monitor, 1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            best: f64::NAN,
            waited: 0,
            cooling: 0,
        }
    }
    /// Sets what the rate is multiplied by, between 0 and 1. Default 0.1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }
    /// Sets the epochs without a better value after which the rate falls. Default 10.
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }
    /// Sets the least difference that counts as better. Default 0.0001.
    pub fn min_delta(mut self, difference: f64) -> Self {
        self.monitor.set_min_delta(difference);
        self
    }
    /// Sets which way is better. Default: as the measure has it.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }
    /// Sets the epochs after a fall that are not counted. Default 0.
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }
    /// Sets below what the rate does not fall. Default 0.
    pub fn min_lr(mut self, rate: f64) -> Self {
        self.min_lr = rate;
        self
    }

    /// Whether the rate falls after an epoch of this value.
    fn falls(&mut self, value: f64) -> bool {
        if self.cooling > 0 {
            (self.cooling, self.waited) = (self.cooling - 1, 0);
        }
        if self.monitor.better(value, self.best) {
            (self.best, self.waited) = (value, 0);
            return false;
        }
        if self.cooling > 0 {
            return false;
        }
        self.waited += 1;
        let falls = self.waited >= self.patience;
        if falls {
            (self.cooling, self.waited) = (self.cooldown, 0);
        }
        falls
    }
}

impl Callback for ReduceLrOnPlateau {
    fn on_train_begin(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        run.constant_rate("ReduceLrOnPlateau")?;
        open_unit("factor", self.factor)?;
        at_least_one("patience", self.patience)?;
        non_negative("min_lr", self.min_lr)?;
        (self.best, self.waited, self.cooling) = (self.monitor.worst(), 0, 0);
        // Falls before a break are in the network's rate already.
        for value in self.monitor.past(run) {
            self.falls(value);
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        let value = self.monitor.value(run)?;
        if self.falls(value) {
            let rate = run.network().learning_rate();
            if rate > self.min_lr {
                run.set_learning_rate((rate * self.factor).max(self.min_lr))?;
            }
        }
        Ok(())
    }
}

/// Sets the learning rate of each epoch by a function of the epoch, counted from 0, and the rate so far. For rates that follow the
/// steps, see [`Schedule`](crate::Schedule).
///
/// ```
/// use adflux_neural::LearningRateScheduler;
/// let halves = LearningRateScheduler::new(|epoch, rate| if epoch > 0 && epoch % 10 == 0 { rate / 2.0 } else { rate });
/// # let _ = halves;
/// ```
pub struct LearningRateScheduler(Box<dyn FnMut(usize, f64) -> f64 + Send>);

impl LearningRateScheduler {
    /// Sets rates by `schedule`.
    pub fn new(schedule: impl FnMut(usize, f64) -> f64 + Send + 'static) -> Self {
        LearningRateScheduler(Box::new(schedule))
    }
}

impl fmt::Debug for LearningRateScheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LearningRateScheduler").finish()
    }
}

impl Callback for LearningRateScheduler {
    fn on_train_begin(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        run.constant_rate("LearningRateScheduler")
    }

    fn on_epoch_begin(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        let rate = (self.0)(run.epoch(), run.network().learning_rate());
        run.set_learning_rate(rate)
    }
}
