//! [`ProgressLines`].

use super::{Callback, TrainingRun};
use adflux_core::Result;
use std::time::Instant;

/// A line on standard error for each epoch: losses, measures, seconds.
#[derive(Clone, Debug, Default)]
pub struct ProgressLines {
    started: Option<Instant>,
}

impl Callback for ProgressLines {
    fn on_epoch_begin(&mut self, _: &mut TrainingRun<'_>) -> Result<()> {
        self.started = Some(Instant::now());
        Ok(())
    }

    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        let seconds = self.started.map_or(0.0, |at| at.elapsed().as_secs_f64());
        let (epoch, epochs) = (run.epoch() + 1, run.epochs());
        let width = epochs.to_string().len();
        eprintln!("epoch {epoch:width$}/{epochs}  {}  ({seconds:.1} s)", run.logs());
        Ok(())
    }
}
