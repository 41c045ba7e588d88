//! [`TensorBoard`]: event files that TensorBoard reads.

use super::{Callback, TrainingRun};
use crate::event_file::EventFile;
use adflux_core::Result;
use std::path::PathBuf;

/// Writes event files that TensorBoard reads: `train` and `validation` below a folder, a scalar for each loss and measure (`epoch_loss`,
/// as Keras names them), and histograms of all weights every so many epochs.
///
/// ```
/// use adflux_neural::TensorBoard;
/// let board = TensorBoard::new("runs/leads").histogram_every(5);
/// # let _ = board;
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    histogram_every: usize,
    train: Option<EventFile>,
    validation: Option<EventFile>,
}

impl TensorBoard {
    /// Writes below `folder`, which is made if it is not there. Each training has files of its own.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        TensorBoard { folder: folder.into(), histogram_every: 0, train: None, validation: None }
    }

    /// Sets after how many epochs histograms of the weights are written, 0 for never. Default 0.
    pub fn histogram_every(mut self, epochs: usize) -> Self {
        self.histogram_every = epochs;
        self
    }

    fn of<'a>(file: &'a mut Option<EventFile>, folder: &std::path::Path, name: &str) -> Result<&'a mut EventFile> {
        Ok(match file {
            Some(file) => file,
            None => file.insert(EventFile::create(&folder.join(name))?),
        })
    }
}

impl Callback for TensorBoard {
    fn on_train_begin(&mut self, _: &mut TrainingRun<'_>) -> Result<()> {
        (self.train, self.validation) = (None, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, run: &mut TrainingRun<'_>) -> Result<()> {
        let step = run.epoch() as i64;
        for (name, value) in &run.logs().0 {
            let (file, folder, name) = match name.strip_prefix("val_") {
                Some(name) => (&mut self.validation, "validation", name),
                None => (&mut self.train, "train", name.as_str()),
            };
            Self::of(file, &self.folder, folder)?.scalar(&format!("epoch_{name}"), step, *value)?;
        }
        if self.histogram_every > 0 && (run.epoch() + 1).is_multiple_of(self.histogram_every) {
            let network = run.network();
            let file = Self::of(&mut self.train, &self.folder, "train")?;
            for (planned, weight) in network.plan.weights.iter().zip(&network.weights) {
                file.histogram(&planned.name, step, weight)?;
            }
        }
        [&mut self.train, &mut self.validation].into_iter().flatten().try_for_each(EventFile::flush)
    }
}
