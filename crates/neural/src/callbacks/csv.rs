//! [`CsvLogger`].

use super::{Callback, TrainingRun};
use adflux_core::{Result, replace::replace_file};
use std::{io::Write as _, path::PathBuf};

/// Writes the history to a CSV file after each epoch, whole: a crash leaves the epochs before.
#[derive(Clone, Debug)]
pub struct CsvLogger(PathBuf);

impl CsvLogger {
    /// Writes to `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        CsvLogger(path.into())
    }
}

impl Callback for CsvLogger {
    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        replace_file(&self.0, |file| file.write_all(run.history().to_csv().as_bytes()))
    }
}
