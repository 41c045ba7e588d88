//! [`Loss`]: what a network is taught to make small.

use adflux_core::{
    Error, Result,
    parameter::{ensure, non_negative, positive},
};
use burn::tensor::{
    Tensor,
    activation::{log_sigmoid, log_softmax},
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Keras's fuzz: shares and logarithms are kept this far from 0.
const EPSILON: f32 = 1e-7;

/// How a cross-entropy reads predictions and truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crossentropy {
    /// Whether predictions are scores before the sigmoid or softmax (better conditioned) and not probabilities. Default false.
    pub from_logits: bool,
    /// The share of the truth that is given to all classes alike, 0 to 1. Default 0.
    pub label_smoothing: f64,
}

/// What a network is taught to make small: the mean over rows of one of these, each the mean over the columns of the output.
/// Keras's formulas and constants.
///
/// Written by name: `"binary_crossentropy".parse::<Loss>()`, or in a file `loss = "mean_squared_error"`.
///
/// ```
/// use adflux_neural::Loss;
/// assert_eq!("mse".parse::<Loss>()?, Loss::MeanSquaredError);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// (y − p)².
    MeanSquaredError,
    /// |y − p|.
    MeanAbsoluteError,
    /// Half the square up to `delta` (Keras: 1), then as steep as there.
    Huber {
        /// Where it turns from square to line, above 0.
        delta: f64,
    },
    /// (ln(1 + y) − ln(1 + p))²; below 0 counts as 0.
    MeanSquaredLogarithmicError,
    /// p − y ln p: counts, from an output above 0.
    Poisson,
    /// The pinball loss of these quantiles, one column of the output each.
    Quantile {
        /// Shares between 0 and 1.
        levels: Vec<f64>,
    },
    /// Two classes: truth 0 or 1, one column of probabilities.
    BinaryCrossentropy(Crossentropy),
    /// Binary cross-entropy that counts rows that are already right less: times (1 − p of the truth)^gamma (Lin et al. 2017).
    BinaryFocalCrossentropy {
        /// How much less, 0 or more. Keras: 2.
        gamma: f64,
        /// The share of the positive class in the balance, between 0 and 1, or none for no balance. Keras: none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alpha: Option<f64>,
    },
    /// Several classes: truth one column a class (one-hot, or shares), as many columns of probabilities.
    CategoricalCrossentropy(Crossentropy),
    /// Several classes: truth the class as a whole number from 0, a column of probabilities for each class.
    SparseCategoricalCrossentropy(Crossentropy),
}

impl Loss {
    /// Huber's loss with Keras's turn at 1.
    pub fn huber() -> Self {
        Loss::Huber { delta: 1.0 }
    }
    /// The pinball loss of these quantiles.
    pub fn quantile(levels: impl Into<Vec<f64>>) -> Self {
        Loss::Quantile { levels: levels.into() }
    }
    /// Two classes, from probabilities.
    pub fn binary_crossentropy() -> Self {
        Loss::BinaryCrossentropy(Crossentropy::default())
    }
    /// Two classes, the easy rows counting less: Keras's gamma of 2.
    pub fn binary_focal_crossentropy() -> Self {
        Loss::BinaryFocalCrossentropy { gamma: 2.0, alpha: None }
    }
    /// Several classes in columns, from probabilities.
    pub fn categorical_crossentropy() -> Self {
        Loss::CategoricalCrossentropy(Crossentropy::default())
    }
    /// Several classes by number, from probabilities.
    pub fn sparse_categorical_crossentropy() -> Self {
        Loss::SparseCategoricalCrossentropy(Crossentropy::default())
    }

    /// Keras's name.
    pub fn name(&self) -> &'static str {
        match self {
            Loss::MeanSquaredError => "mean_squared_error",
            Loss::MeanAbsoluteError => "mean_absolute_error",
            Loss::Huber { .. } => "huber",
            Loss::MeanSquaredLogarithmicError => "mean_squared_logarithmic_error",
            Loss::Poisson => "poisson",
            Loss::Quantile { .. } => "quantile",
            Loss::BinaryCrossentropy(_) => "binary_crossentropy",
            Loss::BinaryFocalCrossentropy { .. } => "binary_focal_crossentropy",
            Loss::CategoricalCrossentropy(_) => "categorical_crossentropy",
            Loss::SparseCategoricalCrossentropy(_) => "sparse_categorical_crossentropy",
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Loss::Huber { delta } => positive("delta", *delta),
            Loss::Quantile { levels } => {
                let inside = !levels.is_empty() && levels.iter().all(|q| *q > 0.0 && *q < 1.0);
                ensure(inside, "levels", levels, "must be shares between 0 and 1, at least one")
            }
            Loss::BinaryFocalCrossentropy { gamma, alpha } => {
                non_negative("gamma", *gamma)?;
                let inside = alpha.is_none_or(|a| a > 0.0 && a < 1.0);
                ensure(inside, "alpha", alpha, "must lie between 0 and 1, both excluded")
            }
            Loss::BinaryCrossentropy(c) | Loss::CategoricalCrossentropy(c) | Loss::SparseCategoricalCrossentropy(c) => {
                let inside = (0.0..=1.0).contains(&c.label_smoothing);
                ensure(inside, "label_smoothing", c.label_smoothing, "must lie between 0 and 1")
            }
            _ => Ok(()),
        }
    }

    /// The columns that truth has for an output of `width` columns, or why this loss cannot judge it.
    pub(crate) fn truth_width(&self, width: usize) -> Result<usize, String> {
        match self {
            Loss::Quantile { levels } if levels.len() != width => {
                Err(format!("{} quantiles need an output of as many columns, not {width}", levels.len()))
            }
            Loss::Quantile { .. } => Ok(1),
            Loss::SparseCategoricalCrossentropy(_) | Loss::CategoricalCrossentropy(_) if width < 2 => Err(format!(
                "{} needs a column for each class: an output of one column is judged by binary_crossentropy",
                self.name()
            )),
            Loss::SparseCategoricalCrossentropy(_) => Ok(1),
            _ => Ok(width),
        }
    }

    /// What values truth may have: an error text where `value` is none of them.
    pub(crate) fn refuses(&self, value: f32, width: usize) -> Option<String> {
        let share = (0.0..=1.0).contains(&value);
        match self {
            _ if !value.is_finite() => Some("missing or infinite: drop the row, or fill the value".into()),
            Loss::SparseCategoricalCrossentropy(_) if value.fract() != 0.0 || value < 0.0 || value >= width as f32 => {
                Some(format!("{value} is none of the classes 0 to {}", width - 1))
            }
            Loss::BinaryCrossentropy(_) | Loss::BinaryFocalCrossentropy { .. } | Loss::CategoricalCrossentropy(_)
                if !share =>
            {
                Some(format!("{value} is no share: {} needs 0 to 1", self.name()))
            }
            Loss::Poisson if value < 0.0 => Some(format!("{value} is no count: poisson needs 0 or more")),
            _ => None,
        }
    }

    /// The loss of each row. `truth` has the columns of [`truth_width`](Loss::truth_width).
    pub(crate) fn of_rows(&self, truth: Tensor<2>, predicted: Tensor<2>) -> Tensor<1> {
        let [rows, width] = predicted.dims();
        let cells: Tensor<2> = match self {
            Loss::MeanSquaredError => (truth - predicted).square(),
            Loss::MeanAbsoluteError => (truth - predicted).abs(),
            Loss::Huber { delta } => {
                let error = (truth - predicted).abs();
                let within = error.clone().clamp_max(*delta);
                // w·(e − w/2) with w = min(e, delta): half the square up to delta, a line of that slope beyond.
                within.clone() * (error - within * 0.5)
            }
            Loss::MeanSquaredLogarithmicError => {
                let log = |t: Tensor<2>| t.clamp_min(EPSILON).log1p();
                (log(truth) - log(predicted)).square()
            }
            Loss::Poisson => predicted.clone() - truth * (predicted + EPSILON).log(),
            Loss::Quantile { levels } => {
                let levels: Vec<f32> = levels.iter().map(|q| *q as f32).collect();
                let levels = Tensor::<1>::from_floats(levels.as_slice(), &predicted.device()).reshape([1, width]);
                let error = truth - predicted;
                // q·e above 0, (q − 1)·e below.
                levels * error.clone() + (-error).clamp_min(0.0)
            }
            Loss::BinaryCrossentropy(how) => {
                let smooth = how.label_smoothing;
                let truth = if smooth > 0.0 { truth * (1.0 - smooth) + 0.5 * smooth } else { truth };
                binary(truth, predicted, how.from_logits)
            }
            Loss::BinaryFocalCrossentropy { gamma, alpha } => {
                let p = predicted.clone().clamp(EPSILON, 1.0 - EPSILON);
                let of_truth = truth.clone() * p.clone() + (-truth.clone() + 1.0) * (-p + 1.0);
                let focus = (-of_truth + 1.0).powf_scalar(*gamma);
                let balance = alpha.map(|a| truth.clone() * a + (-truth.clone() + 1.0) * (1.0 - a));
                let cells = focus * binary(truth, predicted, false);
                balance.map_or(cells.clone(), |balance| balance * cells)
            }
            Loss::CategoricalCrossentropy(how) => {
                let smooth = how.label_smoothing;
                let truth = if smooth > 0.0 { truth * (1.0 - smooth) + smooth / width as f64 } else { truth };
                return -(truth * log_shares(predicted, how.from_logits)).sum_dim(1).reshape([rows]);
            }
            Loss::SparseCategoricalCrossentropy(how) => {
                let logs = log_shares(predicted, how.from_logits);
                let of_truth = logs.clone().gather(1, truth.int());
                let smooth = how.label_smoothing;
                let cells = if smooth > 0.0 { of_truth * (1.0 - smooth) + logs.mean_dim(1) * smooth } else { of_truth };
                return -cells.reshape([rows]);
            }
        };
        cells.mean_dim(1).reshape([rows])
    }
}

/// The logarithms of shares that sum to 1.
fn log_shares(predicted: Tensor<2>, from_logits: bool) -> Tensor<2> {
    if from_logits { log_softmax(predicted, 1) } else { log_softmax(predicted.clamp(EPSILON, 1.0 - EPSILON).log(), 1) }
}

fn binary(truth: Tensor<2>, predicted: Tensor<2>, from_logits: bool) -> Tensor<2> {
    if from_logits {
        // −ln σ(x) for the truth 1, −ln σ(−x) = −ln σ(x) + x for 0.
        (-truth + 1.0) * predicted.clone() - log_sigmoid(predicted)
    } else {
        let p = predicted.clamp(EPSILON, 1.0 - EPSILON);
        -(truth.clone() * p.clone().log() + (-truth + 1.0) * (-p + 1.0).log())
    }
}

impl FromStr for Loss {
    type Err = Error;

    /// By Keras's name or its abbreviation, with Keras's constants.
    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "mean_squared_error" | "mse" => Loss::MeanSquaredError,
            "mean_absolute_error" | "mae" => Loss::MeanAbsoluteError,
            "huber" => Loss::huber(),
            "mean_squared_logarithmic_error" | "msle" => Loss::MeanSquaredLogarithmicError,
            "poisson" => Loss::Poisson,
            "binary_crossentropy" => Loss::binary_crossentropy(),
            "binary_focal_crossentropy" => Loss::binary_focal_crossentropy(),
            "categorical_crossentropy" => Loss::categorical_crossentropy(),
            "sparse_categorical_crossentropy" => Loss::sparse_categorical_crossentropy(),
            _ => {
                let known = "mean_squared_error, mean_absolute_error, huber, mean_squared_logarithmic_error, poisson, \
                             binary_crossentropy, binary_focal_crossentropy, categorical_crossentropy, \
                             sparse_categorical_crossentropy";
                return Err(Error::parameter("loss", name, format!("no such loss: {known}")));
            }
        })
    }
}
