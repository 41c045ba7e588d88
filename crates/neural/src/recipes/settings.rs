//! What the recipes for tables have in common: their parameters, and the training.

use super::table::Reader;
use crate::{
    Activation, AdamW, Compile, Dense, Dropout, EarlyStopping, Ended, FitOptions, History, Loss, Model, Network,
    Samples, Schedule, Sgd, Symbol,
};
use adflux_core::{
    Context, Error, Features, Result, Rows as _, Training,
    parameter::{at_least_one, between_one_and, ensure, non_negative, positive},
};
use adflux_evaluation::splits::{RowKeys, train_test_split};

/// The parameters of a recipe, as the training reads them.
pub(super) struct Settings<'a> {
    pub(super) hidden: &'a [usize],
    pub(super) activation: Activation,
    pub(super) dropout: f64,
    pub(super) learning_rate: f64,
    pub(super) weight_decay: f64,
    pub(super) epochs: usize,
    pub(super) batch_size: usize,
    pub(super) patience: usize,
    pub(super) validation_fraction: f64,
    pub(super) seed: u64,
}

/// Builder methods and [`Settings`] of a recipe.
macro_rules! mlp_parameters {
    ($recipe:ident) => {
        impl $recipe {
            /// A network of hidden layers of these widths.
            pub fn new(hidden: impl Into<Vec<usize>>) -> Self {
                $recipe { hidden: hidden.into(), ..Self::default() }
            }
            /// Sets the widths of the hidden layers.
            pub fn hidden(mut self, hidden: impl Into<Vec<usize>>) -> Self {
                self.hidden = hidden.into();
                self
            }
            /// Sets what bends the hidden layers.
            pub fn activation(mut self, activation: $crate::Activation) -> Self {
                self.activation = activation;
                self
            }
            /// Sets the share that is dropped behind each hidden layer.
            pub fn dropout(mut self, share: f64) -> Self {
                self.dropout = share;
                self
            }
            /// Sets the learning rate of AdamW.
            pub fn learning_rate(mut self, rate: f64) -> Self {
                self.learning_rate = rate;
                self
            }
            /// Sets by which share weights shrink, times the learning rate.
            pub fn weight_decay(mut self, share: f64) -> Self {
                self.weight_decay = share;
                self
            }
            /// Sets the epochs at most.
            pub fn epochs(mut self, epochs: usize) -> Self {
                self.epochs = epochs;
                self
            }
            /// Sets the rows of a batch.
            pub fn batch_size(mut self, rows: usize) -> Self {
                self.batch_size = rows;
                self
            }
            /// Sets the epochs without a better validation loss after which it stops.
            pub fn patience(mut self, epochs: usize) -> Self {
                self.patience = epochs;
                self
            }
            /// Sets the share of rows held back to see when to stop.
            pub fn validation_fraction(mut self, share: f64) -> Self {
                self.validation_fraction = share;
                self
            }
            /// Sets the seed.
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            fn settings(&self) -> $crate::recipes::settings::Settings<'_> {
                $crate::recipes::settings::Settings {
                    hidden: &self.hidden,
                    activation: self.activation,
                    dropout: self.dropout,
                    learning_rate: self.learning_rate,
                    weight_decay: self.weight_decay,
                    epochs: self.epochs,
                    batch_size: self.batch_size,
                    patience: self.patience,
                    validation_fraction: self.validation_fraction,
                    seed: self.seed,
                }
            }
        }
    };
}
pub(super) use mlp_parameters;

/// The last layer of a network and what it is judged by.
pub(super) struct Head {
    pub(super) units: usize,
    pub(super) activation: Activation,
    pub(super) loss: Loss,
}

/// Layers, epochs and widths at most: beyond, a number is a slip of the keyboard.
const MOST: usize = 1_000_000;

/// Rows from which some are held back.
const FEWEST_TO_HOLD_BACK: usize = 20;

impl Settings<'_> {
    pub(super) fn check(&self) -> Result<()> {
        let widths = self.hidden.len() <= 100 && self.hidden.iter().all(|width| (1..=MOST).contains(width));
        ensure(widths, "hidden", self.hidden, "must be at most 100 widths of 1 to 1,000,000")?;
        ensure((0.0..1.0).contains(&self.dropout), "dropout", self.dropout, "must be from 0 to below 1")?;
        positive("learning_rate", self.learning_rate)?;
        non_negative("weight_decay", self.weight_decay)?;
        between_one_and(MOST, "epochs", self.epochs)?;
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("patience", self.patience)?;
        let share = (0.0..1.0).contains(&self.validation_fraction);
        ensure(share, "validation_fraction", self.validation_fraction, "must be from 0 to below 1")
    }

    /// A network fitted on `data`, whose target is `truth`: a number a row, or a class by number.
    pub(super) fn fit(
        &self,
        data: &Training<Features>,
        truth: &[f64],
        head: Head,
        kind: &str,
        context: &Context,
    ) -> Result<(Reader, Network)> {
        context.check()?;
        data.x.require_finite(kind)?;
        let weights = data.weights.as_ref().map(ndarray::Array1::to_vec);
        let (learned, held_back) = self.split(data)?;
        let of_learned = weights.as_ref().map(|w| learned.iter().map(|row| w[*row]).collect::<Vec<f64>>());
        let reader = Reader::learn(&data.x.take(&learned), of_learned.as_deref(), kind)?;
        let network = self.network(&reader, head)?;
        let options = FitOptions::default().epochs(self.epochs).batch_size(self.batch_size).context(context);
        let side = |rows: &[usize]| -> Result<(Samples, Vec<f64>, Option<Vec<f64>>)> {
            let x = reader.read(&data.x.take(rows), kind)?;
            let y = rows.iter().map(|row| truth[*row]).collect();
            Ok((x, y, weights.as_ref().map(|w| rows.iter().map(|row| w[*row]).collect())))
        };
        let (x, y, own) = side(&learned)?;
        let options = match &own {
            Some(own) => options.sample_weight(&of_mean_one(own)),
            None => options,
        };
        let options = if held_back.is_empty() {
            options
        } else {
            let (x, y, own) = side(&held_back)?;
            let own = own.map(|own| of_mean_one(&own));
            let stop = EarlyStopping::new("val_loss").patience(self.patience).restore_best_weights(true);
            options.validation_data(x, &y, own.as_deref()).callback(stop)
        };
        let mut network = network;
        let history = network.fit(x, &y, options)?;
        match history.ended() {
            Some(Ended::Cancelled) => Err(Error::Cancelled),
            _ => Ok((reader, network.for_inference())),
        }
    }

    /// The rows to learn from and to see when to stop; groups are kept whole, time and classes are respected.
    fn split(&self, data: &Training<Features>) -> Result<(Vec<usize>, Vec<usize>)> {
        let rows = data.len();
        if rows < FEWEST_TO_HOLD_BACK || self.validation_fraction == 0.0 {
            return Ok(((0..rows).collect(), Vec::new()));
        }
        let keys = RowKeys::of(data);
        let fold = train_test_split(rows, self.validation_fraction, &keys.options(Some(self.seed)))?;
        let counts = |side: &[usize]| data.weights.as_ref().is_none_or(|w| side.iter().any(|row| w[*row] > 0.0));
        if counts(&fold.train) && counts(&fold.test) {
            return Ok((fold.train, fold.test));
        }
        let reason = "all rows on one side have a weight of 0: take rows of weight 0 out, or another seed";
        Err(Error::parameter("validation_fraction", self.validation_fraction, reason))
    }

    fn network(&self, reader: &Reader, head: Head) -> Result<Network> {
        let (inputs, mut last) = reader.symbols();
        for width in self.hidden {
            last = last.apply(Dense::new(*width).activation(self.activation));
            if self.dropout > 0.0 {
                last = last.apply(Dropout::new(self.dropout));
            }
        }
        let out: Symbol = last.apply(Dense::new(head.units).activation(head.activation));
        let optimizer = AdamW::new(self.learning_rate).weight_decay(self.weight_decay);
        Model::new(&inputs, [&out])?.seed(self.seed).compile(Compile::new(optimizer, head.loss))
    }
}

/// Weights of mean 1: the learning rate then means the same whatever their size.
fn of_mean_one(weights: &[f64]) -> Vec<f64> {
    let most = weights.iter().fold(0.0, |most: f64, w| most.max(*w));
    let mean = weights.iter().map(|w| w / most).sum::<f64>() / weights.len() as f64;
    weights.iter().map(|w| w / most / mean).collect()
}

impl Network {
    /// What is needed to predict: the optimizer's moments and kept weights are left out.
    fn for_inference(mut self) -> Self {
        self.compile.optimizer = Sgd::new(Schedule::Constant(0.0)).into();
        self.slots.iter_mut().for_each(Vec::clear);
        self.best = None;
        self
    }
}

/// The epochs of a fitted recipe.
pub(super) fn history(network: &Network) -> &History {
    &network.history
}
