//! [`FitOptions`].

use crate::{Samples, callbacks::Callback};
use adflux_core::{
    Context, Result,
    parameter::{at_least_one, ensure, non_negative, open_unit, positive},
};
use std::fmt;

/// Which rows a validation share takes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum ValidationSplit {
    /// The last rows, as Keras does: shuffle sorted rows before.
    #[default]
    Last,
    /// Random rows, of each class the same share. For one output of classes.
    Stratified,
    /// The latest rows by these times, one for each row.
    Temporal(Vec<i64>),
}

/// How large gradients are cut, before regularisers are added.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Clip {
    pub(crate) value: Option<f64>,
    pub(crate) norm: Option<f64>,
    pub(crate) global_norm: Option<f64>,
}

/// How a network is fitted. Defaults are Keras's: one epoch, 32 rows a batch, shuffled.
///
/// ```
/// use adflux_neural::{Adam, Compile, Dense, EarlyStopping, FitOptions, Loss, Sequential};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((64, 2), |(row, column)| ((row * (column + 3)) % 7) as f64 / 7.0);
/// let y: Array1<f64> = x.rows().into_iter().map(|row| 2.0 * row[0] - row[1]).collect();
/// let compile = Compile::new(Adam::new(0.05), Loss::MeanSquaredError);
/// let mut network = Sequential::new([2]).add(Dense::new(1)).compile(compile)?;
/// let options = FitOptions::default()
///     .epochs(200)
///     .validation_split(0.25)
///     .callback(EarlyStopping::new("val_loss").patience(20).restore_best_weights(true));
/// let history = network.fit(&x, &y, options)?;
/// assert!(history.last("val_loss").is_some_and(|loss| loss < 1e-3));
/// # Ok::<(), adflux_core::Error>(())
/// ```
pub struct FitOptions {
    pub(crate) epochs: usize,
    pub(crate) initial_epoch: usize,
    pub(crate) batch_size: usize,
    pub(crate) shuffle: bool,
    pub(crate) validation_share: Option<f64>,
    pub(crate) validation_split: ValidationSplit,
    pub(crate) validation_data: Option<(Samples, Samples, Option<Vec<f64>>)>,
    pub(crate) class_weight: Vec<(usize, f64)>,
    pub(crate) sample_weight: Option<Vec<f64>>,
    pub(crate) clip: Clip,
    pub(crate) callbacks: Vec<Box<dyn Callback>>,
    pub(crate) context: Context,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions {
            epochs: 1,
            initial_epoch: 0,
            batch_size: 32,
            shuffle: true,
            validation_share: None,
            validation_split: ValidationSplit::Last,
            validation_data: None,
            class_weight: Vec::new(),
            sample_weight: None,
            clip: Clip::default(),
            callbacks: Vec::new(),
            context: Context::default(),
        }
    }
}

impl FitOptions {
    /// Sets how often all rows are learned from, counted from the first epoch of the training. Default 1.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }
    /// Sets with which epoch it goes on, for a network that has made the epochs before. Default 0: a new training.
    pub fn initial_epoch(mut self, epoch: usize) -> Self {
        self.initial_epoch = epoch;
        self
    }
    /// Sets the rows of a batch; the last may have fewer. More than there are rows is one batch. Default 32.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows;
        self
    }
    /// Sets whether the rows come in a new order each epoch. Default true.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }
    /// Sets the share of the rows that is held back to validate: the last rows, or as [`validation_by`](FitOptions::validation_by) says.
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation_share = Some(share);
        self
    }
    /// Sets which rows the validation share takes.
    pub fn validation_by(mut self, split: ValidationSplit) -> Self {
        self.validation_split = split;
        self
    }
    /// Sets the rows to validate with, with weights perhaps.
    pub fn validation_data(mut self, x: impl Into<Samples>, y: impl Into<Samples>, weights: Option<&[f64]>) -> Self {
        self.validation_data = Some((x.into(), y.into(), weights.map(<[f64]>::to_vec)));
        self
    }
    /// Sets how much rows of a class count, in the loss of training and, unlike Keras, of validation: both then mean the same. Classes
    /// that are not named count 1. For one output of classes.
    pub fn class_weight(mut self, weights: impl IntoIterator<Item = (usize, f64)>) -> Self {
        self.class_weight = weights.into_iter().collect();
        self
    }
    /// Sets how much each row counts in the loss and in weighted measures, also in validation where rows are held back.
    pub fn sample_weight(mut self, weights: &[f64]) -> Self {
        self.sample_weight = Some(weights.to_vec());
        self
    }
    /// Cuts each number of a gradient to ±`most`.
    pub fn clip_value(mut self, most: f64) -> Self {
        self.clip.value = Some(most);
        self
    }
    /// Shortens the gradient of each weight to the length `most`.
    pub fn clip_norm(mut self, most: f64) -> Self {
        self.clip.norm = Some(most);
        self
    }
    /// Shortens the gradient of all weights together to the length `most`.
    pub fn global_clip_norm(mut self, most: f64) -> Self {
        self.clip.global_norm = Some(most);
        self
    }
    /// Adds a callback. They are called in the order in which they were added.
    pub fn callback(mut self, callback: impl Callback + 'static) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }
    /// Sets progress, cancellation and threads.
    pub fn context(mut self, context: &Context) -> Self {
        self.context = context.clone();
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        at_least_one("epochs", self.epochs)?;
        at_least_one("batch_size", self.batch_size)?;
        let starts = self.initial_epoch < self.epochs;
        ensure(starts, "initial_epoch", self.initial_epoch, "must be below epochs: both count from the first epoch")?;
        if let Some(share) = self.validation_share {
            open_unit("validation_split", share)?;
        }
        let one = self.validation_share.is_none() || self.validation_data.is_none();
        ensure(one, "validation_split", self.validation_share, "give validation_split or validation_data, not both")?;
        self.class_weight.iter().try_for_each(|(_, weight)| non_negative("class_weight", *weight))?;
        let Clip { value, norm, global_norm } = self.clip;
        value.map_or(Ok(()), |v| positive("clip_value", v))?;
        norm.map_or(Ok(()), |v| positive("clip_norm", v))?;
        global_norm.map_or(Ok(()), |v| positive("global_clip_norm", v))
    }
}

impl fmt::Debug for FitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FitOptions")
            .field("epochs", &self.epochs)
            .field("initial_epoch", &self.initial_epoch)
            .field("batch_size", &self.batch_size)
            .field("shuffle", &self.shuffle)
            .field("validation_split", &self.validation_share)
            .field("callbacks", &self.callbacks.len())
            .finish_non_exhaustive()
    }
}
