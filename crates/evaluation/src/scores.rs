//! All measures of a prediction, by name, in a fixed order; and the baseline that a model must beat.
//!
//! | truth | prediction | measures, in this order |
//! |---|---|---|
//! | numbers | numbers | `r2`, `rmse`, `mae` |
//! | numbers | intervals | `r2`, `rmse`, `mae` of their means, `coverage`, `mean_width`, `interval_score` |
//! | classes | probabilities of two labels | `roc_auc`, `pr_auc`, `log_loss`, `brier`, `accuracy`, `f1` |
//! | classes | probabilities of more labels | `log_loss`, `accuracy`, `f1`, `roc_auc` |
//! | classes | sets of classes | these of their probabilities, and `coverage`, `set_size` |
//! | several numbers | several by name | those above as `clicks.r2`, `clicks.rmse`, …, for each name in both |
//!
//! The first is the [main](Scores::main) one: what a search or an importance goes by.
//!
//! ```
//! use adflux_core::{Prediction, Target};
//! use adflux_evaluation::scores::{baseline, score};
//! use ndarray::array;
//!
//! let truth = Target::Values(array![3.0, 5.0, 4.0]);
//! let model = score(&truth, &Prediction::Values(array![3.0, 5.0, 5.5]), None)?;
//! assert_eq!(model.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["r2", "rmse", "mae"]);
//! assert_eq!(model.get("mae"), Some(0.5));
//!
//! let mean = score(&truth, &baseline(&truth, None, 3)?, None)?;
//! assert_eq!(mean.main(), Some(("r2", 0.0)));
//! # Ok::<(), adflux_core::Error>(())
//! ```

use crate::{
    checks::{Weights, same_length},
    fairness::Groups,
    metrics::{accuracy, brier, coverage, f1, interval_score, log_loss, mae, mean_width, pr_auc, r2, rmse, roc_auc},
};
use adflux_core::{ClassSets, ClassTarget, Classes, Error, Intervals, Prediction, Result, Rows as _, Target};
use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Measures by name, in a fixed order.
///
/// Written (serde) as a map in that order. JSON has no NaN and no infinity: both are written as `null`, which is read back as
/// NaN.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores(Vec<(String, f64)>);

impl Scores {
    /// The measure called `name`; NaN where it is [not defined](score).
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| *value)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// The first measure, by which predictions of this kind are compared: `r2`, `roc_auc`, or `log_loss` for more than two
    /// labels; of several targets that of the first.
    pub fn main(&self) -> Option<(&str, f64)> {
        self.iter().next()
    }

    /// How many measures there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mean of each measure over several scores, such as those of the folds. A measure takes part where it is a number;
    /// NaN where it is nowhere. The names are those of the first.
    pub fn mean(all: &[Scores]) -> Scores {
        let Some(first) = all.first() else { return Scores::default() };
        let of = |(name, _): (&str, f64)| {
            let values: Vec<f64> = all.iter().filter_map(|s| s.get(name)).filter(|v| !v.is_nan()).collect();
            (name.to_string(), values.iter().sum::<f64>() / values.len() as f64)
        };
        first.iter().map(of).collect()
    }
}

impl<S: Into<String>> FromIterator<(S, f64)> for Scores {
    fn from_iter<I: IntoIterator<Item = (S, f64)>>(measures: I) -> Self {
        Scores(measures.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl IntoIterator for Scores {
    type Item = (String, f64);
    type IntoIter = std::vec::IntoIter<(String, f64)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name, value.is_finite().then_some(value))))
    }
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> de::Visitor<'de> for InOrder {
            type Value = Scores;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a map of measures")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Scores, A::Error> {
                let mut all = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Option<f64>>()? {
                    all.push((name, value.unwrap_or(f64::NAN)));
                }
                Ok(Scores(all))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// All measures of `predicted` against `truth`; the table at the [top](self) says which.
///
/// Numbers are scikit-learn's. Labels are matched by name, so their order may differ, and the truth may miss some. Of two
/// labels the **second of the prediction** is the positive one (labels are sorted: `yes` after `no`, `1` after `0`): `roc_auc`,
/// `pr_auc`, `brier` and `f1` ask for it. The predicted class is the most probable one, the first of equals. With more
/// labels `f1` is the plain mean over the labels that occur in truth or prediction (macro), and `roc_auc` the plain mean of
/// each label against the rest, over the labels that can be judged: those that some rows have and others have not.
///
/// A measure that is not defined is NaN, so that the others can be had: `r2` of fewer than two rows, `roc_auc` of a truth of one
/// class, `pr_auc` of a truth without the positive class. Rows of weight 0 take no part: a label of which there are no others does not
/// occur (scikit-learn counts its `f1` as 0).
///
/// O(rows · (labels + log rows)).
///
/// # Errors
/// When there are no rows, lengths differ, a truth or prediction is not finite or not a probability, the weights cannot be,
/// a label that occurs in the truth is not one of the prediction's (it is named), truth and prediction are of kinds that
/// cannot be compared, or of several none has the same name in both.
pub fn score(truth: &Target, predicted: &Prediction, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
    match (truth, predicted) {
        (Target::Values(y), Prediction::Values(p)) => of_values(y.view(), p.view(), weights),
        (Target::Values(y), Prediction::Intervals(p)) => of_intervals(y.view(), p, weights),
        (Target::Classes(y), Prediction::Classes(p)) => of_classes(y, p, weights),
        (Target::Classes(y), Prediction::Sets(p)) => of_sets(y, p, weights),
        (Target::Multi(y), Prediction::Multi(all)) => {
            let mut scores = Vec::new();
            for (name, truth) in y.names.iter().zip(y.values.columns()) {
                let Some((_, predicted)) = all.iter().find(|(n, _)| n == name) else { continue };
                let of_name = match predicted {
                    Prediction::Values(p) => of_values(truth, p.view(), weights),
                    Prediction::Intervals(p) => of_intervals(truth, p, weights),
                    other => Err(not_comparable("numbers", other)),
                };
                let of_name = of_name.map_err(|e| Error::column(name, e.to_string()))?;
                scores.extend(of_name.into_iter().map(|(measure, value)| (format!("{name}.{measure}"), value)));
            }
            if scores.is_empty() {
                return Err(Error::MissingColumns {
                    missing: y.names.to_vec(),
                    available: all.iter().map(|(name, _)| name.clone()).collect(),
                });
            }
            Ok(Scores(scores))
        }
        (Target::Values(_), other) => Err(not_comparable("numbers", other)),
        (Target::Classes(_), other) => Err(not_comparable("classes", other)),
        (_, other) => Err(not_comparable("several numbers by name", other)),
    }
}

/// The measures of one group of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupScores {
    /// The name of the group.
    pub group: String,
    /// How many rows it has.
    pub rows: usize,
    /// The measures on these rows.
    pub scores: Scores,
}

/// [`score`] for each group of rows apart, groups without rows left out. Measures that need more than a group has (two classes,
/// two rows) are NaN there; so are all in a group whose rows weigh nothing.
///
/// # Errors
/// As [`score`], and when the groups are not one a row.
pub fn score_by(
    truth: &Target,
    predicted: &Prediction,
    groups: &Groups,
    weights: Option<ArrayView1<f64>>,
) -> Result<Vec<GroupScores>> {
    same_length(truth.len(), "groups", groups.len())?;
    let overall = score(truth, predicted, weights)?;
    let of_group = |(group, rows): (&String, Vec<usize>)| {
        let weights: Option<Array1<f64>> = weights.map(|w| rows.iter().map(|row| w[*row]).collect());
        let scores = match &weights {
            Some(weights) if weights.iter().all(|w| *w == 0.0) => overall.iter().map(|(m, _)| (m, f64::NAN)).collect(),
            _ => score(&truth.take(&rows), &predicted.take(&rows), weights.as_ref().map(Array1::view))?,
        };
        Ok(GroupScores { group: group.clone(), rows: rows.len(), scores })
    };
    groups.names().iter().zip(groups.rows()).filter(|(_, rows)| !rows.is_empty()).map(of_group).collect()
}

/// Whether more of a measure is better (`true`) or less (`false`). `None` for `coverage`, which should be the level of the
/// intervals or sets, for `mean_width` and `set_size`, which mean something only beside it, and for names that are no measure. The
/// name may be one of several targets (`clicks.r2`).
///
/// ```
/// use adflux_evaluation::scores::higher_is_better;
/// assert_eq!(higher_is_better("clicks.r2"), Some(true));
/// assert_eq!(higher_is_better("log_loss"), Some(false));
/// assert_eq!(higher_is_better("coverage"), None);
/// ```
pub fn higher_is_better(measure: &str) -> Option<bool> {
    match measure.rsplit('.').next().unwrap_or(measure) {
        "r2" | "roc_auc" | "pr_auc" | "accuracy" | "precision" | "recall" | "f1" | "balanced_accuracy" | "mcc"
        | "cohen_kappa" | "gain_at_10" | "lift_at_10" | "explained_variance" | "d2_poisson" | "d2_gamma"
        | "d2_absolute_error" => Some(true),
        "rmse"
        | "mse"
        | "mae"
        | "median_absolute_error"
        | "max_error"
        | "log_loss"
        | "brier"
        | "interval_score"
        | "mape"
        | "smape"
        | "wape"
        | "poisson_deviance"
        | "gamma_deviance"
        | "ece" => Some(false),
        _ => None,
    }
}

/// What a measure cannot be below and above; the name as in [`higher_is_better`].
pub(crate) fn range(measure: &str) -> (f64, f64) {
    match measure.rsplit('.').next().unwrap_or(measure) {
        "r2" | "explained_variance" | "d2_poisson" | "d2_gamma" | "d2_absolute_error" => (f64::NEG_INFINITY, 1.0),
        "roc_auc" | "pr_auc" | "brier" | "accuracy" | "f1" | "coverage" => (0.0, 1.0),
        "precision" | "recall" | "ece" | "gain_at_10" => (0.0, 1.0),
        "mcc" | "cohen_kappa" | "balanced_accuracy" => (-1.0, 1.0),
        "rmse" | "mae" | "log_loss" | "mean_width" | "interval_score" | "set_size" => (0.0, f64::INFINITY),
        "mse" | "median_absolute_error" | "max_error" | "mape" | "smape" | "wape" => (0.0, f64::INFINITY),
        "poisson_deviance" | "gamma_deviance" | "lift_at_10" => (0.0, f64::INFINITY),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

/// What every model must beat: for each of `rows` rows the mean of the training target, the shares of its classes, or the mean
/// of each of several. scikit-learn's `DummyRegressor` and `DummyClassifier` (`strategy="prior"`).
///
/// # Errors
/// When the target has no rows, or the weights cannot be.
#[doc(alias = "DummyRegressor")]
#[doc(alias = "DummyClassifier")]
pub fn baseline(train: &Target, weights: Option<ArrayView1<f64>>, rows: usize) -> Result<Prediction> {
    same_length(train.len(), "targets", train.len())?;
    let weights = Weights::new(train.len(), weights)?;
    let mean =
        |values: ArrayView1<f64>| Prediction::Values(Array1::from_elem(rows, weights.mean(values.iter().copied())));
    match train {
        Target::Values(y) => Ok(mean(y.view())),
        Target::Classes(c) => {
            let share = |label: usize| weights.mean(c.codes.iter().map(|&code| f64::from(code as usize == label)));
            let shares: Array1<f64> = (0..c.labels.len()).map(share).collect();
            let probabilities = Array2::from_shape_fn((rows, shares.len()), |(_, label)| shares[label]);
            Ok(Prediction::Classes(Classes { labels: c.labels.clone(), probabilities }))
        }
        Target::Multi(m) => {
            Ok(Prediction::Multi(m.names.iter().cloned().zip(m.values.columns().into_iter().map(mean)).collect()))
        }
        _ => Err(Error::data("there is no baseline for a target of this kind")),
    }
}

fn of_values(y: ArrayView1<f64>, p: ArrayView1<f64>, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
    let counted = counted(y.len(), weights)?;
    let r2 = where_defined(counted.iter().filter(|c| **c).count() > 1, || r2(y, p, weights));
    Ok(Scores(vec![("r2".into(), r2?), ("rmse".into(), rmse(y, p, weights)?), ("mae".into(), mae(y, p, weights)?)]))
}

fn of_intervals(y: ArrayView1<f64>, p: &Intervals, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
    let (lower, upper) = (p.lower.view(), p.upper.view());
    let mut scores = of_values(y, p.mean.view(), weights)?;
    scores.0.extend([
        ("coverage".into(), coverage(y, lower, upper, weights)?),
        ("mean_width".into(), mean_width(lower, upper, weights)?),
        ("interval_score".into(), interval_score(y, lower, upper, p.level, weights)?),
    ]);
    Ok(scores)
}

fn of_classes(truth: &ClassTarget, predicted: &Classes, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
    let codes = codes_among(truth, &predicted.labels)?;
    same_length(codes.len(), "predictions", predicted.probabilities.nrows())?;
    let counted = counted(codes.len(), weights)?;
    let best: Array1<u32> = predicted.most_probable().into_iter().map(|label| label as u32).collect();
    let of_label = |label: u32| {
        let truth: Vec<bool> = codes.iter().map(|code| *code == label).collect();
        let has = |wanted: bool| truth.iter().zip(&counted).any(|(y, counts)| *counts && *y == wanted);
        let (positive, negative) = (has(true), has(false));
        (truth, positive, negative)
    };
    let log_loss = log_loss(codes.view(), predicted.probabilities.view(), weights)?;
    let accuracy = accuracy(codes.view(), best.view(), weights)?;
    let is_best = |label: u32| -> Vec<bool> { best.iter().map(|code| *code == label).collect() };

    if predicted.labels.len() == 2 {
        let (truth, positive, negative) = of_label(1);
        let score = predicted.probabilities.column(1);
        return Ok(Scores(vec![
            ("roc_auc".into(), where_defined(positive && negative, || roc_auc(&truth, score, weights))?),
            ("pr_auc".into(), where_defined(positive, || pr_auc(&truth, score, weights))?),
            ("log_loss".into(), log_loss),
            ("brier".into(), brier(&truth, score, weights)?),
            ("accuracy".into(), accuracy),
            ("f1".into(), f1(&truth, &is_best(1), weights)?),
        ]));
    }
    let (mut f1s, mut areas) = (Vec::new(), Vec::new());
    for label in 0..predicted.labels.len() as u32 {
        let (truth, positive, negative) = of_label(label);
        let guesses = is_best(label);
        if positive || guesses.iter().zip(&counted).any(|(guess, counts)| *guess && *counts) {
            f1s.push(f1(&truth, &guesses, weights)?);
        }
        if positive && negative {
            areas.push(roc_auc(&truth, predicted.probabilities.column(label as usize), weights)?);
        }
    }
    // Of nothing this is 0 / 0: NaN.
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    Ok(Scores(vec![
        ("log_loss".into(), log_loss),
        ("accuracy".into(), accuracy),
        ("f1".into(), mean(&f1s)),
        ("roc_auc".into(), mean(&areas)),
    ]))
}

fn of_sets(truth: &ClassTarget, predicted: &ClassSets, weights: Option<ArrayView1<f64>>) -> Result<Scores> {
    let mut scores = of_classes(truth, &predicted.classes, weights)?;
    let codes = codes_among(truth, &predicted.classes.labels)?;
    let counting = Weights::new(codes.len(), weights)?;
    same_length(codes.len(), "sets", predicted.members.nrows())?;
    let holds = codes.iter().zip(predicted.members.rows()).map(|(code, set)| set.get(*code as usize) == Some(&true));
    let sizes = predicted.members.rows().into_iter().map(|set| set.iter().filter(|member| **member).count() as f64);
    scores.0.push(("coverage".into(), counting.mean(holds.map(|holds| f64::from(u8::from(holds))))));
    scores.0.push(("set_size".into(), counting.mean(sizes)));
    Ok(scores)
}

/// The codes of the truth as places among the `labels` of a prediction: labels are matched by name, so their order may differ.
///
/// # Errors
/// Naming the first row whose label is none of `labels`.
pub fn codes_among(truth: &ClassTarget, labels: &[String]) -> Result<Array1<u32>> {
    let place: Vec<Option<usize>> = truth.labels.iter().map(|label| labels.iter().position(|l| l == label)).collect();
    let of_row = |(row, code): (usize, &u32)| {
        place.get(*code as usize).copied().flatten().map(|place| place as u32).ok_or_else(|| {
            let name = truth.labels.get(*code as usize).map_or_else(|| format!("class {code}"), |l| format!("`{l}`"));
            let reason =
                format!("{name} is none of the labels that were predicted ({}): drop the row", labels.join(", "));
            Error::cell("truth", row, reason)
        })
    };
    truth.codes.iter().enumerate().map(of_row).collect()
}

/// Whether each row counts: has a weight above 0.
fn counted(rows: usize, weights: Option<ArrayView1<f64>>) -> Result<Vec<bool>> {
    let weights = Weights::new(rows, weights)?;
    Ok((0..rows).map(|row| weights.get(row) > 0.0).collect())
}

fn where_defined(holds: bool, measure: impl FnOnce() -> Result<f64>) -> Result<f64> {
    if holds { measure() } else { Ok(f64::NAN) }
}

fn not_comparable(truth: &str, predicted: &Prediction) -> Error {
    let what = match predicted {
        Prediction::Values(_) => "numbers",
        Prediction::Intervals(_) => "intervals",
        Prediction::Classes(_) => "class probabilities",
        Prediction::Sets(_) => "sets of classes",
        Prediction::Segments(_) => "segments",
        Prediction::Multi(_) => "several by name",
        _ => "of another kind",
    };
    Error::data(format!("the truth is {truth} and the prediction {what}: they cannot be compared"))
}
