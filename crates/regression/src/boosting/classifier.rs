//! [`GradientBoostingClassifier`]: class probabilities from trees that correct one another.

use super::{
    Boosted,
    classes::{Logistic, Softmax},
    hold_back,
    objective::Objective,
    rounds::{OutputScale, Validation, Weights, boost},
    settings::{Settings, boosting_parameters},
};
use crate::probability::{sigmoid, softmax};
use adflux_core::{Classes, Column, Context, Contributions, Error, Features, Fit, Predict, Result, Scale, Training};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gradient boosting for classes: logistic loss for two, softmax for more, with a tree a class and round.
///
/// How trees are grown, what is taken, weights, missing values, categories, parameters, and cost are those of
/// [`GradientBoostingRegressor`](crate::GradientBoostingRegressor); rows held back for stopping early have the classes in
/// about the same shares. A leaf moves a log odds by at most 10 before the learning rate.
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Predict, Target, Training};
/// use adflux_regression::GradientBoostingClassifier;
/// use ndarray::Array2;
/// let x = Array2::from_shape_fn((300, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let labels: Vec<&str> = x.rows().into_iter().map(|r| if r[0] > 8.0 { "hired" } else { "passed" }).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["tests", "years"])?)
///     .with_target(Target::Classes(ClassTarget::from_labels(&labels)));
/// let model = GradientBoostingClassifier::new(30).fit(data)?;
/// let classes = model.predict(&Features::from_dense(x, ["tests", "years"])?)?;
/// assert_eq!(classes.labels[classes.most_probable()[3]], labels[3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradientBoostingClassifier {
    /// Rounds, 1 to 100,000. Default 100.
    pub n_estimators: usize,
    /// How much of each tree is added, above 0. Default 0.1.
    pub learning_rate: f64,
    /// Leaves that a tree may have, 2 to 131,072. Default 31.
    pub num_leaves: usize,
    /// Splits between the root and the deepest leaf; `None`, the default: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a leaf must have. Default 20.
    pub min_child_samples: usize,
    /// The sum of second derivatives, p·(1 − p) times the weight, that a leaf must have. Default 0.001.
    pub min_child_weight: f64,
    /// What a split must gain, 0 or more. Default 0.
    pub min_split_gain: f64,
    /// λ, the L2 penalty of leaves, 0 or more. Default 0.
    pub reg_lambda: f64,
    /// The share of rows drawn for each round, above 0 and at most 1. Default 1.
    pub subsample: f64,
    /// The share of columns drawn for each tree, above 0 and at most 1. Default 1.
    pub colsample_bytree: f64,
    /// Bins of a column, 2 to 255. Default 255.
    pub max_bins: usize,
    /// Second derivatives of no effect that each level counts besides its own when levels are ordered, 0 or more.
    /// Default 10.
    pub cat_smooth: f64,
    /// What `reg_lambda` is increased by in splits of more than four levels, 0 or more. Default 10.
    pub cat_l2: f64,
    /// Feature columns with which the probability of the second of two classes may only rise. Default none; more than two
    /// classes take none.
    pub monotone_increasing: Vec<String>,
    /// Feature columns with which it may only fall. Default none.
    pub monotone_decreasing: Vec<String>,
    /// Stop when rows held back are not predicted better for so many rounds, and keep the rounds that were best; `None`, the
    /// default: all rounds, on all rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_iter_no_change: Option<usize>,
    /// The share of rows held back to see when to stop; groups and times are kept together. Default 0.1.
    pub validation_fraction: f64,
    /// The seed of rows and columns drawn and of the rows held back. Default 42.
    pub seed: u64,
}

impl Default for GradientBoostingClassifier {
    fn default() -> Self {
        GradientBoostingClassifier {
            n_estimators: 100,
            learning_rate: 0.1,
            num_leaves: 31,
            max_depth: None,
            min_child_samples: 20,
            min_child_weight: 1e-3,
            min_split_gain: 0.0,
            reg_lambda: 0.0,
            subsample: 1.0,
            colsample_bytree: 1.0,
            max_bins: 255,
            cat_smooth: 10.0,
            cat_l2: 10.0,
            monotone_increasing: Vec::new(),
            monotone_decreasing: Vec::new(),
            n_iter_no_change: None,
            validation_fraction: 0.1,
            seed: 42,
        }
    }
}

const KIND: &str = "gradient-boosting-classifier";
adflux_core::recipe!(GradientBoostingClassifier, "gradient-boosting-classifier");
boosting_parameters!(GradientBoostingClassifier, "gradient-boosting-classifier");

/// A fitted [`GradientBoostingClassifier`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedGradientBoostingClassifier {
    model: Boosted,
    labels: Arc<[String]>,
}
adflux_core::component!(FittedGradientBoostingClassifier, "gradient-boosting-classifier", version = 1);

impl GradientBoostingClassifier {
    /// Fits on all of `data` and stops by `validation`: after [`n_iter_no_change`](Self::n_iter_no_change) rounds (or never)
    /// in which its rows were not predicted better, keeping the rounds that were best.
    ///
    /// # Errors
    /// As [`fit_with`](Fit::fit_with), and when `validation` has other columns or other labels.
    pub fn fit_with_validation(
        &self,
        data: Training<Features>,
        validation: Training<Features>,
        context: &Context,
    ) -> Result<FittedGradientBoostingClassifier> {
        let settings = self.settings();
        settings.check()?;
        data.validate()?;
        validation.validate()?;
        self.boost(data, Some(validation), &settings, context)
    }

    fn boost(
        &self,
        data: Training<Features>,
        validation: Option<Training<Features>>,
        settings: &Settings,
        context: &Context,
    ) -> Result<FittedGradientBoostingClassifier> {
        let target = data.classes(KIND)?;
        let labels = target.labels.clone();
        if labels.len() > 2 {
            settings.monotone.refuse("of more than two classes none rises alone: take the constraint out")?;
        }
        let codes = target.codes.to_vec();
        let weights = Weights::new(data.weights.clone(), codes.len());
        let mut objective = objective(&codes, &weights.own, labels.len());
        let held_back = match &validation {
            Some(other) => {
                let target = other.classes(KIND)?;
                if target.labels != labels {
                    return Err(Error::column(
                        "target",
                        "the labels of the validation rows are not those of the others",
                    ));
                }
                let codes = target.codes.to_vec();
                let weights = Weights::new(other.weights.clone(), codes.len());
                Some((&other.x, codes, weights))
            }
            None => None,
        };
        let mut judged =
            held_back.as_ref().map(|(x, codes, weights)| (*x, self::objective(codes, &weights.own, labels.len())));
        let validation = judged.as_mut().map(|(x, objective)| Validation { x, objective: objective.as_mut() });
        let scale = OutputScale { offset: 0.0, unit: 1.0 };
        let model = boost(&data.x, &weights, objective.as_mut(), scale, validation, settings, context)?;
        Ok(FittedGradientBoostingClassifier { model, labels })
    }
}

fn objective<'a>(codes: &'a [u32], weights: &'a [f64], classes: usize) -> Box<dyn Objective + 'a> {
    // A single class is the first of two.
    if classes <= 2 { Box::new(Logistic { codes, weights }) } else { Box::new(Softmax { codes, weights, classes }) }
}

impl Fit<Training<Features>> for GradientBoostingClassifier {
    type Fitted = FittedGradientBoostingClassifier;

    /// # Errors
    /// When a parameter is out of range, the target is not of classes, a monotone constraint names no column of numbers or
    /// there are more than two classes for it, a block is of text, a number is infinite, too few rows are left to hold some
    /// back, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        let settings = self.settings();
        settings.check()?;
        data.validate()?;
        data.classes(KIND)?;
        let (data, held_back) = hold_back(data, &settings, context)?;
        self.boost(data, held_back, &settings, context)
    }
}

impl FittedGradientBoostingClassifier {
    /// Class probabilities as plain numbers: rows × classes, in the order of [`classes`](Self::classes).
    ///
    /// # Errors
    /// As [`predict`](Predict::predict).
    pub fn predict_proba(&self, x: &Features) -> Result<Array2<f64>> {
        let scores = self.model.scores(x, KIND)?;
        let of_two = scores.ncols() == 1;
        match self.labels.len() {
            1 if of_two => Ok(Array2::ones(scores.dim())),
            2 if of_two => Ok(Array2::from_shape_fn((scores.nrows(), 2), |(row, class)| {
                sigmoid(if class == 1 { scores[[row, 0]] } else { -scores[[row, 0]] })
            })),
            classes if !of_two && classes == scores.ncols() => {
                let mut probabilities = scores.as_standard_layout().into_owned();
                for row in probabilities.rows_mut().into_iter().filter_map(|row| row.into_slice()) {
                    softmax(row);
                }
                Ok(probabilities)
            }
            _ => Err(Error::State { kind: KIND.into(), reason: "the trees do not have a score for each label".into() }),
        }
    }

    /// The labels of the target, in its order.
    pub fn classes(&self) -> &Arc<[String]> {
        &self.labels
    }

    /// The rounds that are kept.
    pub fn rounds(&self) -> usize {
        self.model.rounds()
    }

    /// How much of the gain of all splits each column brought: not negative, summing to 1, or all 0 when no tree has a
    /// split. Columns with many distinct values are favoured.
    pub fn feature_importances(&self) -> &Array1<f64> {
        &self.model.importances
    }

    /// The feature columns of the fit, with their lineage, in the order of the importances.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.model.columns
    }
}

impl Predict<Features> for FittedGradientBoostingClassifier {
    type Output = Classes;

    /// # Errors
    /// When `x` has other columns than the fit, a block of text, or an infinite number.
    fn predict(&self, x: &Features) -> Result<Classes> {
        Ok(Classes { labels: self.labels.clone(), probabilities: self.predict_proba(x)? })
    }

    /// TreeSHAP, of the log odds of the second of two classes, or the scores of more: path-dependent, or interventional against `background`.
    ///
    /// # Errors
    /// As `predict`, when the background has no row, or the work is cancelled.
    fn contributions(
        &self,
        x: &Features,
        background: Option<&Features>,
        context: &Context,
    ) -> Result<Option<Contributions>> {
        let of = match self.labels.len() {
            0..=2 => (Scale::LogOdds, self.labels.last().cloned().into_iter().collect()),
            _ => (Scale::Scores, self.labels.to_vec()),
        };
        self.model.contributions(x, background, of, KIND, context).map(Some)
    }
}
