//! [`ModelCheckpoint`].

use super::{Callback, Mode, Monitor, TrainingRun};
use adflux_core::{Result, parameter::at_least_one};
use std::path::PathBuf;

/// Saves the whole network to a file after epochs: every so many, or only when a column of the history is better than ever. From the file
/// the training can go on ([`Network::load`](crate::Network::load)); it is written when all callbacks have seen the epoch. `{epoch}` in the name is the epoch, counted from 1.
///
/// A file is replaced when the new one is whole: a full disk or a crash leaves the old one.
///
/// ```
/// use adflux_neural::ModelCheckpoint;
/// let best = ModelCheckpoint::new("leads-{epoch}.safetensors").monitor("val_auc").save_best_only(true);
/// # let _ = best;
/// ```
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    path: PathBuf,
    monitor: Monitor,
    save_best_only: bool,
    every: usize,
    best: f64,
}

impl ModelCheckpoint {
    /// Saves to `path` after each epoch.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let monitor = Monitor::new("val_loss", 0.0);
        ModelCheckpoint { path: path.into(), monitor, save_best_only: false, every: 1, best: f64::NAN }
    }
    /// Sets the column that is watched. Default `val_loss`.
    pub fn monitor(mut self, name: &str) -> Self {
        self.monitor = Monitor::new(name, 0.0);
        self
    }
    /// Sets which way is better. Default: as the measure has it.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.monitor.set_mode(mode);
        self
    }
    /// Sets whether only epochs that are better than all before are saved. Default false.
    pub fn save_best_only(mut self, only: bool) -> Self {
        self.save_best_only = only;
        self
    }
    /// Sets after how many epochs it saves. Default 1.
    pub fn every(mut self, epochs: usize) -> Self {
        self.every = epochs;
        self
    }
}

impl Callback for ModelCheckpoint {
    fn on_train_begin(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        at_least_one("every", self.every)?;
        self.best = self.monitor.worst();
        let looked_at = |(epoch, value): (usize, f64)| (epoch + 1).is_multiple_of(self.every).then_some(value);
        for value in self.monitor.past(run).into_iter().enumerate().filter_map(looked_at).collect::<Vec<_>>() {
            if self.monitor.better(value, self.best) {
                self.best = value;
            }
        }
        Ok(())
    }

    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        if !(run.epoch() + 1).is_multiple_of(self.every) {
            return Ok(());
        }
        if self.save_best_only {
            let value = self.monitor.value(run)?;
            if !self.monitor.better(value, self.best) {
                return Ok(());
            }
            self.best = value;
        }
        let path = self.path.to_string_lossy().replace("{epoch}", &(run.epoch() + 1).to_string());
        run.save_after_epoch(path);
        Ok(())
    }
}
