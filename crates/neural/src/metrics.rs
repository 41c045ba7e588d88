//! [`Metric`]: how well a network does, over a whole epoch.

use crate::{Loss, losses::Crossentropy};
use adflux_core::{Error, Result};
use adflux_evaluation::metrics as of;
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A measure of predictions against truth, computed from all rows of an epoch at once: an AUC is that of the epoch, not a mean over
/// batches or over a grid of thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// The share of rows whose class is right.
    Accuracy,
    /// The area under the ROC curve, of two classes.
    Auc,
    /// The area under the precision–recall curve (average precision), of two classes.
    PrAuc,
    /// Of rows called positive, the share that is. Two classes.
    Precision,
    /// Of positive rows, the share that is called so. Two classes.
    Recall,
    /// The share of rows whose class is among the five with the highest scores.
    TopKCategoricalAccuracy,
    /// The mean of |y − p|.
    MeanAbsoluteError,
    /// The mean of (y − p)².
    MeanSquaredError,
    /// The root of it.
    RootMeanSquaredError,
    /// One minus the squared error beside that of the mean; the mean over several columns.
    R2,
}

const ALL: [Metric; 10] = [
    Metric::Accuracy,
    Metric::Auc,
    Metric::PrAuc,
    Metric::Precision,
    Metric::Recall,
    Metric::TopKCategoricalAccuracy,
    Metric::MeanAbsoluteError,
    Metric::MeanSquaredError,
    Metric::RootMeanSquaredError,
    Metric::R2,
];

/// The classes that [`Metric::TopKCategoricalAccuracy`] looks among.
const TOP: usize = 5;

impl Metric {
    /// The name it has in a history.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::Auc => "auc",
            Metric::PrAuc => "pr_auc",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::TopKCategoricalAccuracy => "top_k_categorical_accuracy",
            Metric::MeanAbsoluteError => "mae",
            Metric::MeanSquaredError => "mse",
            Metric::RootMeanSquaredError => "rmse",
            Metric::R2 => "r2",
        }
    }

    /// Whether more is better.
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Metric::MeanAbsoluteError | Metric::MeanSquaredError | Metric::RootMeanSquaredError)
    }

    /// Why it cannot judge an output of `width` columns, if it cannot.
    pub(crate) fn refuses(self, loss: &Loss, width: usize) -> Option<String> {
        let name = self.name();
        match self {
            Metric::Auc | Metric::PrAuc | Metric::Precision | Metric::Recall
                if width > 2 || (width == 2 && !of_classes(loss)) =>
            {
                Some(format!("{name} is of two classes: the output has {width} columns"))
            }
            Metric::TopKCategoricalAccuracy if !of_classes(loss) => Some(format!("{name} is of classes in columns")),
            Metric::TopKCategoricalAccuracy if width <= TOP => {
                Some(format!("{name} looks among {TOP} classes: the output has {width}, where it is always 1"))
            }
            _ if matches!(loss, Loss::Quantile { .. }) => Some(format!("{name} does not judge quantiles")),
            _ => None,
        }
    }

    /// The measure over `judged`; not a number where it is not defined (an AUC of rows of one class).
    pub(crate) fn of(self, judged: &Judged<'_>) -> f64 {
        let weights = judged.weights.as_ref().map(|w| w.view());
        let score = match self {
            // Columns that are each a question of their own: the share of cells that are right.
            Metric::Accuracy if judged.width > 1 && !of_classes(judged.loss) => judged.mean_right(),
            Metric::Accuracy => {
                judged.share(|row| f64::from(u8::from(judged.class_of_truth(row) == judged.class(row))))
            }
            Metric::TopKCategoricalAccuracy => judged.share(|row| f64::from(u8::from(judged.among_top(row)))),
            Metric::Auc | Metric::PrAuc => {
                let truth: Vec<bool> = judged.rows().map(|row| judged.class_of_truth(row) == 1).collect();
                let scores: Array1<f64> =
                    judged.rows().map(|row| judged.predicted_row(row).last().copied()).map(number).collect();
                let curve = if self == Metric::Auc { of::roc_auc } else { of::pr_auc };
                curve(&truth, scores.view(), weights)
            }
            Metric::Precision | Metric::Recall => {
                let truth: Vec<bool> = judged.rows().map(|row| judged.class_of_truth(row) == 1).collect();
                let called: Vec<bool> = judged.rows().map(|row| judged.class(row) == 1).collect();
                let share = if self == Metric::Precision { of::precision } else { of::recall };
                share(&truth, &called, weights)
            }
            Metric::MeanAbsoluteError => judged.mean_of_columns(weights, of::mae),
            Metric::MeanSquaredError => judged.mean_of_columns(weights, of::mse),
            Metric::RootMeanSquaredError => judged.mean_of_columns(weights, of::mse).map(f64::sqrt),
            Metric::R2 => judged.mean_of_columns(weights, of::r2),
        };
        score.unwrap_or(f64::NAN)
    }
}

impl FromStr for Metric {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let wanted = match name {
            "acc" | "binary_accuracy" | "categorical_accuracy" | "sparse_categorical_accuracy" => "accuracy",
            "roc_auc" => "auc",
            "mean_absolute_error" => "mae",
            "mean_squared_error" => "mse",
            "root_mean_squared_error" => "rmse",
            "r2_score" => "r2",
            other => other,
        };
        ALL.into_iter().find(|metric| metric.name() == wanted).ok_or_else(|| {
            let known: Vec<&str> = ALL.iter().map(|metric| metric.name()).collect();
            Error::parameter("metrics", name, format!("no such measure: {}", known.join(", ")))
        })
    }
}

/// Whether the columns of an output are classes of which one is true.
fn of_classes(loss: &Loss) -> bool {
    matches!(loss, Loss::CategoricalCrossentropy(_) | Loss::SparseCategoricalCrossentropy(_))
}

fn number(value: Option<f32>) -> f64 {
    f64::from(value.unwrap_or(f32::NAN))
}

/// The rows of an epoch, as they were predicted.
pub(crate) struct Judged<'a> {
    pub(crate) truth: &'a [f32],
    pub(crate) truth_width: usize,
    pub(crate) predicted: &'a [f32],
    pub(crate) width: usize,
    pub(crate) weights: Option<Array1<f64>>,
    pub(crate) loss: &'a Loss,
}

impl Judged<'_> {
    fn rows(&self) -> std::ops::Range<usize> {
        0..self.truth.len().checked_div(self.truth_width).unwrap_or(0)
    }

    fn predicted_row(&self, row: usize) -> &[f32] {
        &self.predicted[row * self.width..(row + 1) * self.width]
    }

    /// The score from which a row of one column is called positive.
    fn threshold(&self) -> f32 {
        match self.loss {
            Loss::BinaryCrossentropy(Crossentropy { from_logits: true, .. }) => 0.0,
            _ => 0.5,
        }
    }

    fn class(&self, row: usize) -> usize {
        let scores = self.predicted_row(row);
        if self.width == 1 { usize::from(scores[0] > self.threshold()) } else { highest(scores) }
    }

    fn class_of_truth(&self, row: usize) -> usize {
        let truth = &self.truth[row * self.truth_width..(row + 1) * self.truth_width];
        match (self.truth_width, self.width) {
            (1, 1) => usize::from(truth[0] > 0.5),
            (1, _) => truth[0] as usize,
            _ => highest(truth),
        }
    }

    fn among_top(&self, row: usize) -> bool {
        let scores = self.predicted_row(row);
        let own = scores.get(self.class_of_truth(row)).copied().unwrap_or(f32::NAN);
        scores.iter().filter(|score| **score > own).count() < TOP && !own.is_nan()
    }

    /// The share of cells whose side of the threshold is that of the truth.
    fn mean_right(&self) -> Result<f64> {
        self.share(|row| {
            let truth = &self.truth[row * self.truth_width..(row + 1) * self.truth_width];
            let cells = self.predicted_row(row).iter().zip(truth);
            let right = cells.filter(|(p, t)| (**p > self.threshold()) == (**t > 0.5)).count();
            right as f64 / self.width as f64
        })
    }

    /// The weighted mean over rows of how right each is, 0 to 1.
    fn share(&self, right: impl Fn(usize) -> f64) -> Result<f64> {
        let (mut all, mut of_right) = (0.0, 0.0);
        for row in self.rows() {
            let weight = self.weights.as_ref().map_or(1.0, |w| w[row]);
            all += weight;
            of_right += weight * right(row);
        }
        if all > 0.0 { Ok(of_right / all) } else { Err(Error::data("no row has weight")) }
    }

    fn mean_of_columns(
        &self,
        weights: Option<ArrayView1<f64>>,
        metric: impl Fn(ArrayView1<f64>, ArrayView1<f64>, Option<ArrayView1<f64>>) -> Result<f64>,
    ) -> Result<f64> {
        let column = |values: &[f32], width: usize, place: usize| -> Array1<f64> {
            values.iter().skip(place).step_by(width).map(|v| f64::from(*v)).collect()
        };
        let mut sum = 0.0;
        for place in 0..self.width {
            let truth = column(self.truth, self.truth_width, place.min(self.truth_width - 1));
            sum += metric(truth.view(), column(self.predicted, self.width, place).view(), weights)?;
        }
        Ok(sum / self.width as f64)
    }
}

fn highest(scores: &[f32]) -> usize {
    let first_highest = |best: usize, place: usize| if scores[place] > scores[best] { place } else { best };
    (0..scores.len()).fold(0, first_highest)
}
