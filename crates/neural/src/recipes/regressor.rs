//! [`MlpRegressor`].

use super::{
    settings::{Head, history, mlp_parameters},
    table::{Reader, moments},
};
use crate::{Activation, History, Loss, Network};
use adflux_core::{Context, Error, Features, Fit, Predict, Result, Training};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

/// What an [`MlpRegressor`] makes small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MlpLoss {
    /// Squares: predicts the mean.
    #[default]
    SquaredError,
    /// Magnitudes: predicts the median.
    AbsoluteError,
    /// Squares up to a standard deviation of the target, magnitudes beyond: outliers pull less.
    Huber,
    /// For counts and amounts, 0 or more: predicts the mean, always above 0.
    Poisson,
}

/// Numbers from a neural network: an embedding for each categorical column, hidden layers with dropout, AdamW, and an end when rows
/// held back are no longer predicted better.
///
/// What is taken, how it is read, weights, rows held back and cost are those of [`MlpClassifier`](crate::MlpClassifier). The target is
/// standardised for the network, for `poisson` divided by its mean.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_neural::MlpRegressor;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((400, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let spend: Array1<f64> = x.rows().into_iter().map(|r| 1000.0 + 100.0 * (r[0] - 8.0).abs()).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["bid", "days"])?).with_target(Target::Values(spend.clone()));
/// let model = MlpRegressor::new([32]).epochs(200).learning_rate(0.01).dropout(0.0).fit(data)?;
/// let predicted = model.predict(&Features::from_dense(x, ["bid", "days"])?)?;
/// assert!((predicted[5] - spend[5]).abs() < 100.0);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpRegressor {
    /// What is made small. Default squared error.
    pub loss: MlpLoss,
    /// The widths of the hidden layers, first to last; none is a linear model. Default [64, 32].
    pub hidden: Vec<usize>,
    /// What bends the hidden layers. Default relu.
    pub activation: Activation,
    /// The share that is dropped behind each hidden layer, from 0 to below 1. Default 0.1.
    pub dropout: f64,
    /// The learning rate of AdamW, above 0. Default 0.001.
    pub learning_rate: f64,
    /// By which share weights shrink each step, times the learning rate, 0 or more. Default 0.004.
    pub weight_decay: f64,
    /// Epochs at most, 1 to 1,000,000. Default 100.
    pub epochs: usize,
    /// Rows of a batch, at least 1. Default 128.
    pub batch_size: usize,
    /// Epochs without a better validation loss after which it stops, at least 1. Default 10.
    pub patience: usize,
    /// The share of rows held back to see when to stop, from 0 (none) to below 1; groups and times are respected. Default 0.1.
    pub validation_fraction: f64,
    /// The seed of first weights, batches, dropout and the rows held back. Default 42.
    pub seed: u64,
}

impl Default for MlpRegressor {
    fn default() -> Self {
        MlpRegressor {
            loss: MlpLoss::SquaredError,
            hidden: vec![64, 32],
            activation: Activation::Relu,
            dropout: 0.1,
            learning_rate: 1e-3,
            weight_decay: 0.004,
            epochs: 100,
            batch_size: 128,
            patience: 10,
            validation_fraction: 0.1,
            seed: 42,
        }
    }
}

const KIND: &str = "mlp-regressor";
adflux_core::recipe!(MlpRegressor, "mlp-regressor");
mlp_parameters!(MlpRegressor);

impl MlpRegressor {
    /// Sets what is made small.
    pub fn loss(mut self, loss: MlpLoss) -> Self {
        self.loss = loss;
        self
    }
}

/// A fitted [`MlpRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct FittedMlpRegressor {
    reader: Reader,
    offset: f64,
    unit: f64,
    network: Network,
}
adflux_core::component!(FittedMlpRegressor, "mlp-regressor", version = 1);

#[derive(Deserialize)]
struct Saved {
    reader: Reader,
    offset: f64,
    unit: f64,
    network: Network,
}

impl TryFrom<Saved> for FittedMlpRegressor {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let Saved { reader, offset, unit, network } = saved;
        let scaled = offset.is_finite() && unit.is_finite() && unit > 0.0;
        if !reader.fits(&network) || !scaled || network.summary().outputs != [[1]] {
            return Err("the columns or the scale do not fit the network".into());
        }
        Ok(FittedMlpRegressor { reader, offset, unit, network })
    }
}

impl Fit<Training<Features>> for MlpRegressor {
    type Fitted = FittedMlpRegressor;

    /// # Errors
    /// When a parameter is out of range, the target is not of numbers or below 0 for `poisson`, a block is of text, a number is missing
    /// or infinite, the gradients do not stay finite, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        let settings = self.settings();
        settings.check()?;
        data.validate()?;
        let target = data.values(KIND)?;
        let weights = data.weights.as_ref().map(Array1::to_vec);
        let (mean, deviation) = moments(target.iter().copied(), weights.as_deref());
        let (offset, unit) = match self.loss {
            MlpLoss::Poisson => {
                if let Some(row) = target.iter().position(|v| *v < 0.0) {
                    let reason = format!("{}: poisson needs 0 or more", target[row]);
                    return Err(Error::cell("target", row, reason));
                }
                (0.0, if mean > 0.0 { mean } else { 1.0 })
            }
            _ => (mean, deviation),
        };
        let truth: Vec<f64> = target.iter().map(|v| v / unit - offset / unit).collect();
        let (activation, loss) = match self.loss {
            MlpLoss::SquaredError => (Activation::Linear, Loss::MeanSquaredError),
            MlpLoss::AbsoluteError => (Activation::Linear, Loss::MeanAbsoluteError),
            MlpLoss::Huber => (Activation::Linear, Loss::huber()),
            MlpLoss::Poisson => (Activation::Softplus, Loss::Poisson),
        };
        let (reader, network) = settings.fit(&data, &truth, Head { units: 1, activation, loss }, KIND, context)?;
        Ok(FittedMlpRegressor { reader, offset, unit, network })
    }
}

impl FittedMlpRegressor {
    /// What came of each epoch; losses are in squares or parts of the target's standard deviation.
    pub fn history(&self) -> &History {
        history(&self.network)
    }

    /// The network. It gives the standardised target from standardised numbers.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

impl Predict<Features> for FittedMlpRegressor {
    type Output = Array1<f64>;

    /// # Errors
    /// When `x` has other columns than the fit, a block of text, or a missing or infinite number.
    fn predict(&self, x: &Features) -> Result<Array1<f64>> {
        let scores = self.network.predict(self.reader.read(x, KIND)?)?;
        Ok(scores.column(0).mapv(|score| f64::from(score) * self.unit + self.offset))
    }
}
