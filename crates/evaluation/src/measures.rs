//! Measures by name: those of [`score`] and all others that a truth and a prediction are enough for.
//!
//! | truth | names, beside those of [`score`] |
//! |---|---|
//! | numbers | `mse`, `median_absolute_error`, `max_error`, `explained_variance`, `mape`, `smape`, `wape`, `poisson_deviance`, `gamma_deviance`, `d2_poisson`, `d2_gamma`, `d2_absolute_error` |
//! | classes | `balanced_accuracy`, `mcc`, `cohen_kappa`, `precision`, `recall` |
//! | two classes | `ece`, `gain_at_10`, `lift_at_10` |
//!
//! ```
//! use adflux_core::{Prediction, Target};
//! use adflux_evaluation::measures::Measures;
//! use ndarray::array;
//!
//! let measures: Measures = "wape,mae".parse()?;
//! let scores = measures.score(&Target::Values(array![3.0, 5.0]), &Prediction::Values(array![3.0, 7.0]), None)?;
//! assert_eq!(scores.iter().collect::<Vec<_>>(), [("wape", 0.25), ("mae", 1.0)]);
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::{
    calibration::Bins,
    metrics::{
        Average, ConfusionMatrix, Disagreement, d2_absolute_error, d2_tweedie, ece, explained_variance, gain_at,
        gamma_deviance, lift_at, mape, max_error, median_absolute_error, mse, poisson_deviance, smape, wape,
    },
    scores::{Scores, codes_among, score},
};
use adflux_core::{ClassTarget, Classes, Error, Prediction, Result, Target, error::nearest_name};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Of numbers.
static OF_NUMBERS: [&str; 12] = [
    "mse",
    "median_absolute_error",
    "max_error",
    "explained_variance",
    "mape",
    "smape",
    "wape",
    "poisson_deviance",
    "gamma_deviance",
    "d2_poisson",
    "d2_gamma",
    "d2_absolute_error",
];
/// Of classes; `precision` and `recall` of two are those of the second, of more the plain mean over the classes.
static OF_CLASSES: [&str; 5] = ["balanced_accuracy", "mcc", "cohen_kappa", "precision", "recall"];
/// Of the second of two classes.
static OF_TWO: [&str; 3] = ["ece", "gain_at_10", "lift_at_10"];
/// The share of rows that `gain_at_10` and `lift_at_10` take first.
const FIRST: f64 = 0.1;

/// Which measures to take, in their order. Default: those of [`score`].
///
/// `gain_at_10` and `lift_at_10` are [`gain_at`] and [`lift_at`] the tenth of the rows with the highest probability; `ece` is
/// [`ece`] of ten bins of one width; `cohen_kappa` counts every other class as as wrong; `d2_poisson` and `d2_gamma` are
/// [`d2_tweedie`] of power 1 and 2. Of several targets a name stands for that measure of each; `clicks.wape` for that of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measures(Vec<String>);

impl Measures {
    /// The measures of these names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Measures(names.into_iter().map(Into::into).collect())
    }

    /// Whether none is named: those of [`score`] are taken.
    pub fn is_default(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in their order; none of the default.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The names of all measures that there are for such a truth and prediction, those of [`score`] first.
    ///
    /// # Errors
    /// As [`score`].
    pub fn available(truth: &Target, predicted: &Prediction) -> Result<Vec<String>> {
        let mut names: Vec<String> = score(truth, predicted, None)?.into_iter().map(|(name, _)| name).collect();
        match (truth, predicted) {
            (Target::Values(_), _) => names.extend(OF_NUMBERS.map(String::from)),
            (Target::Classes(_), Prediction::Classes(p)) => names.extend(of_labels(p.labels.len())),
            (Target::Classes(_), Prediction::Sets(p)) => names.extend(of_labels(p.classes.labels.len())),
            (Target::Multi(_), Prediction::Multi(all)) => {
                let mut targets: Vec<&str> = names.iter().filter_map(|n| Some(n.rsplit_once('.')?.0)).collect();
                targets.dedup();
                let of_target = |target: &&str| OF_NUMBERS.map(|name| format!("{target}.{name}"));
                let more: Vec<String> =
                    targets.iter().filter(|t| all.iter().any(|(n, _)| n == **t)).flat_map(of_target).collect();
                names.extend(more);
            }
            _ => {}
        }
        Ok(names)
    }

    /// These measures of `predicted` against `truth`.
    ///
    /// # Errors
    /// As [`score`]; when there is no measure of a name, listing those that there are; when a named measure is not defined for these
    /// rows, such as `wape` where all are 0, which [`score_where_defined`](Self::score_where_defined) makes NaN.
    pub fn score(&self, truth: &Target, predicted: &Prediction, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
        self.all(truth, predicted, weights, |name, value| {
            value.map_err(|e| Error::parameter("measures", name, e.to_string()))
        })
    }

    /// As [`score`](Self::score), with NaN for a measure that these rows do not define: of a fold, of rows that were drawn.
    ///
    /// # Errors
    /// As [`score`](Self::score), but for what is not defined.
    pub fn score_where_defined(
        &self,
        truth: &Target,
        predicted: &Prediction,
        weights: Option<ArrayView1<f64>>,
    ) -> Result<Scores> {
        self.all(truth, predicted, weights, |_, value| Ok(value.unwrap_or(f64::NAN)))
    }

    fn all(
        &self,
        truth: &Target,
        predicted: &Prediction,
        weights: Option<ArrayView1<f64>>,
        defined: impl Fn(&str, Result<f64>) -> Result<f64>,
    ) -> Result<Scores> {
        let usual = score(truth, predicted, weights)?;
        if self.is_default() {
            return Ok(usual);
        }
        let available = Self::available(truth, predicted)?;
        let mut found: Vec<(String, f64)> = Vec::new();
        for wanted in &self.0 {
            let suffix = format!(".{wanted}");
            let matching: Vec<&String> =
                available.iter().filter(|name| *name == wanted || name.ends_with(&suffix)).collect();
            if matching.is_empty() {
                return Err(unknown(wanted, &available));
            }
            for name in matching {
                let value = match usual.get(name) {
                    Some(value) => value,
                    None => defined(name, one(name, truth, predicted, weights))?,
                };
                if !found.iter().any(|(n, _)| n == name) {
                    found.push((name.clone(), value));
                }
            }
        }
        Ok(found.into_iter().collect())
    }
}

impl FromStr for Measures {
    type Err = Error;

    /// Names with commas between them.
    fn from_str(given: &str) -> Result<Self> {
        Ok(Measures::new(given.split(',').map(str::trim).filter(|name| !name.is_empty())))
    }
}

fn of_labels(labels: usize) -> impl Iterator<Item = String> {
    let of_two = if labels == 2 { &OF_TWO[..] } else { &[] };
    OF_CLASSES.iter().chain(of_two).map(|name| name.to_string())
}

fn unknown(wanted: &str, available: &[String]) -> Error {
    let near = nearest_name(wanted, available.iter().map(String::as_str));
    let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    Error::parameter("measures", wanted, format!("{near}this target can be judged by {}", available.join(", ")))
}

/// One measure that is none of [`score`]'s.
fn one(name: &str, truth: &Target, predicted: &Prediction, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    match (truth, predicted) {
        (Target::Values(y), Prediction::Values(p)) => of_numbers(name, y.view(), p.view(), weights),
        (Target::Values(y), Prediction::Intervals(p)) => of_numbers(name, y.view(), p.mean.view(), weights),
        (Target::Classes(y), Prediction::Classes(p)) => of_classes(name, y, p, weights),
        (Target::Classes(y), Prediction::Sets(p)) => of_classes(name, y, &p.classes, weights),
        (Target::Multi(y), Prediction::Multi(all)) => {
            let (target, own) = name.rsplit_once('.').unwrap_or(("", name));
            let place = y.names.iter().position(|n| n == target);
            let predicted = all.iter().find(|(n, _)| n == target).map(|(_, p)| p);
            match (place, predicted) {
                (Some(place), Some(Prediction::Values(p))) => {
                    of_numbers(own, y.values.column(place), p.view(), weights)
                }
                (Some(place), Some(Prediction::Intervals(p))) => {
                    of_numbers(own, y.values.column(place), p.mean.view(), weights)
                }
                _ => Err(unknown(name, &[])),
            }
        }
        _ => Err(unknown(name, &[])),
    }
}

fn of_numbers(name: &str, y: ArrayView1<f64>, p: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    match name {
        "mse" => mse(y, p, weights),
        "median_absolute_error" => median_absolute_error(y, p, weights),
        "max_error" => max_error(y, p, weights),
        "explained_variance" => explained_variance(y, p, weights),
        "mape" => mape(y, p, weights),
        "smape" => smape(y, p, weights),
        "wape" => wape(y, p, weights),
        "poisson_deviance" => poisson_deviance(y, p, weights),
        "gamma_deviance" => gamma_deviance(y, p, weights),
        "d2_poisson" => d2_tweedie(y, p, 1.0, weights),
        "d2_gamma" => d2_tweedie(y, p, 2.0, weights),
        "d2_absolute_error" => d2_absolute_error(y, p, weights),
        _ => Err(unknown(name, &[])),
    }
}

fn of_classes(name: &str, y: &ClassTarget, p: &Classes, weights: Option<ArrayView1<f64>>) -> Result<f64> {
    let codes = codes_among(y, &p.labels)?;
    let truth = || codes.iter().map(|code| *code == 1).collect::<Vec<bool>>();
    let score = || p.probabilities.column(1);
    match name {
        "ece" => return ece(&truth(), score(), Bins::EqualWidth(10), weights),
        "gain_at_10" => return gain_at(&truth(), score(), FIRST, weights),
        "lift_at_10" => return lift_at(&truth(), score(), FIRST, weights),
        _ => {}
    }
    let best: Array1<u32> = p.most_probable().into_iter().map(|label| label as u32).collect();
    let table = ConfusionMatrix::new(codes.view(), best.view(), p.labels.len(), weights)?;
    let average = if p.labels.len() == 2 { Average::Binary } else { Average::Macro };
    match name {
        "balanced_accuracy" => Ok(table.balanced_accuracy()),
        "mcc" => Ok(table.mcc()),
        "cohen_kappa" => table.cohen_kappa(Disagreement::Any),
        "precision" => table.precision(average),
        "recall" => table.recall(average),
        _ => Err(unknown(name, &[])),
    }
}
