//! [`MlpClassifier`].

use super::{
    settings::{Head, history, mlp_parameters},
    table::Reader,
};
use crate::{Activation, Crossentropy, History, Loss, Network};
use adflux_core::{Classes, Context, Error, Features, Fit, Predict, Result, Training};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Class probabilities from a neural network: an embedding for each categorical column, hidden layers with dropout, AdamW, and an end
/// when rows held back are no longer predicted better.
///
/// Takes dense, sparse and categorical features without missing numbers, and row weights. Numbers are standardised by the mean and
/// standard deviation of the fit (sparse ones by their root mean square, so that zeros stay zeros; they are held dense in f32 while it
/// learns). A categorical column becomes a learned vector of length 1.6·n^0.56 for n levels, at most 50; levels that were not in
/// the fit, and missing ones, share a vector. With fewer than 20 rows none are held back, and all epochs are made. The network has
/// the weights of the best epoch.
///
/// Cost: epochs · rows · weights multiplications, three times.
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Predict, Target, Training};
/// use adflux_neural::MlpClassifier;
/// use ndarray::Array2;
/// let x = Array2::from_shape_fn((400, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let labels: Vec<&str> = x.rows().into_iter().map(|r| if r[0] > r[1] { "lead" } else { "none" }).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["visits", "days"])?)
///     .with_target(Target::Classes(ClassTarget::from_labels(&labels)));
/// let model = MlpClassifier::new([16]).epochs(60).learning_rate(0.01).fit(data)?;
/// let classes = model.predict(&Features::from_dense(x, ["visits", "days"])?)?;
/// assert_eq!(classes.labels[classes.most_probable()[3]], labels[3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MlpClassifier {
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
    /// The share of rows held back to see when to stop, from 0 (none) to below 1; groups, times and classes are respected. Default 0.1.
    pub validation_fraction: f64,
    /// The seed of first weights, batches, dropout and the rows held back. Default 42.
    pub seed: u64,
}

impl Default for MlpClassifier {
    fn default() -> Self {
        MlpClassifier {
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

const KIND: &str = "mlp-classifier";
adflux_core::recipe!(MlpClassifier, "mlp-classifier");
mlp_parameters!(MlpClassifier);

/// A fitted [`MlpClassifier`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Saved")]
pub struct FittedMlpClassifier {
    reader: Reader,
    labels: Arc<[String]>,
    network: Network,
}
adflux_core::component!(FittedMlpClassifier, "mlp-classifier", version = 1);

#[derive(Deserialize)]
struct Saved {
    reader: Reader,
    labels: Arc<[String]>,
    network: Network,
}

impl TryFrom<Saved> for FittedMlpClassifier {
    type Error = String;

    fn try_from(saved: Saved) -> Result<Self, String> {
        let Saved { reader, labels, network } = saved;
        let units = network.summary().outputs;
        if !reader.fits(&network) || labels.len() < 2 || units != [vec![units_of(labels.len())]] {
            return Err("the labels or columns do not fit the network".into());
        }
        Ok(FittedMlpClassifier { reader, labels, network })
    }
}

/// The units of the last layer for so many classes.
fn units_of(classes: usize) -> usize {
    if classes == 2 { 1 } else { classes }
}

impl Fit<Training<Features>> for MlpClassifier {
    type Fitted = FittedMlpClassifier;

    /// # Errors
    /// When a parameter is out of range, the target is not of at least two classes, a block is of text, a number is missing or infinite,
    /// the gradients do not stay finite, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        let settings = self.settings();
        settings.check()?;
        data.validate()?;
        let target = data.classes(KIND)?;
        let labels = target.labels.clone();
        if labels.len() < 2 {
            return Err(Error::column("target", "only one class: there is nothing to tell apart"));
        }
        let truth: Vec<f64> = target.codes.iter().map(|code| f64::from(*code)).collect();
        // Scores, not probabilities: the loss of them keeps its precision.
        let scores = Crossentropy { from_logits: true, label_smoothing: 0.0 };
        let loss = match labels.len() {
            2 => Loss::BinaryCrossentropy(scores),
            _ => Loss::SparseCategoricalCrossentropy(scores),
        };
        let head = Head { units: units_of(labels.len()), activation: Activation::Linear, loss };
        let (reader, network) = settings.fit(&data, &truth, head, KIND, context)?;
        Ok(FittedMlpClassifier { reader, labels, network })
    }
}

impl FittedMlpClassifier {
    /// Class probabilities as plain numbers: rows × classes, in the order of [`classes`](Self::classes).
    ///
    /// # Errors
    /// As [`predict`](Predict::predict).
    pub fn predict_proba(&self, x: &Features) -> Result<Array2<f64>> {
        let scores = self.network.predict(self.reader.read(x, KIND)?)?;
        if self.labels.len() == 2 {
            let sigmoid = |score: f64| 1.0 / (1.0 + (-score).exp());
            return Ok(Array2::from_shape_fn((scores.nrows(), 2), |(row, class)| {
                let score = f64::from(scores[[row, 0]]);
                sigmoid(if class == 1 { score } else { -score })
            }));
        }
        let mut shares = scores.mapv(f64::from);
        for mut row in shares.rows_mut() {
            let most = row.fold(f64::NEG_INFINITY, |most, v| most.max(*v));
            row.mapv_inplace(|v| (v - most).exp());
            let sum = row.sum();
            row.mapv_inplace(|v| v / sum);
        }
        Ok(shares)
    }

    /// The labels of the target, in its order.
    pub fn classes(&self) -> &Arc<[String]> {
        &self.labels
    }

    /// What came of each epoch.
    pub fn history(&self) -> &History {
        history(&self.network)
    }

    /// The network. It gives scores, before sigmoid or softmax, of standardised numbers.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

impl Predict<Features> for FittedMlpClassifier {
    type Output = Classes;

    /// # Errors
    /// When `x` has other columns than the fit, a block of text, or a missing or infinite number.
    fn predict(&self, x: &Features) -> Result<Classes> {
        Ok(Classes { labels: self.labels.clone(), probabilities: self.predict_proba(x)? })
    }
}
