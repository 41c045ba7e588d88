//! [`GradientBoostingRegressor`]: numbers from trees that correct one another.

use super::{
    Boosted, Loss, hold_back,
    numeric::{Numeric, Scale},
    rounds::{OutputScale, Validation, Weights, boost},
    settings::{Settings, boosting_parameters},
};
use adflux_core::{
    Column, Context, Contributions, Error, Features, Fit, Predict, Result, Training,
    parameter::{ensure, open_unit},
};
use ndarray::Array1;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Gradient boosting for numbers (Friedman, "Greedy function approximation: a gradient boosting machine", 2001) on
/// histograms of the columns, grown leaf by leaf (Ke et al., "LightGBM", 2017).
///
/// Every round grows a tree on the derivatives of the loss at the predictions so far and adds `learning_rate` of it. A
/// split gains G²/(H + λ) of its sides less that of the whole, where G and H are the sums of first and second derivatives;
/// a leaf adds −G/(H + λ), or with the losses of a quantile that quantile of what is left.
///
/// Dense, sparse and categorical blocks are taken. NaN is a missing value: each split learns which side such rows go to,
/// and where it saw none they go with the larger side. A category is split by sets of its levels, which are ordered by
/// their effect (Fisher 1958) after `cat_smooth`; the 254 levels whose rows weigh most are told apart, and rarer ones and those
/// that the fit did not see count as missing. A row of weight 2 counts as that row twice, except that
/// `min_child_samples` counts rows; a row of weight 0 is as if it were not there.
///
/// Names and defaults are those of LightGBM's scikit-learn interface, and `loss`, `alpha`, `n_iter_no_change` and
/// `validation_fraction` those of scikit-learn's `GradientBoostingRegressor`. Differences: targets are scaled to about unit
/// spread first (to mean 1 with a log link), so that neither units nor rates of 1e-6 change the trees, and
/// `min_split_gain` and `min_child_weight` are in that scale; a step on a log scale is at most 10 before the learning rate;
/// a threshold lies midway between the values that it parts; `subsample` draws anew each round, without replacement.
///
/// Time grows with `n_estimators · n · columns · log(num_leaves)`, memory with one byte a cell and about 70 bytes a row,
/// and `num_leaves · columns · max_bins · 16` bytes of histograms. Sums are of integers and so exact: the result does not
/// depend on the number of threads.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::{GradientBoostingRegressor, Loss};
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((300, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let clicks: Array1<f64> = x.rows().into_iter().map(|r| (r[0] * 2.0 + r[1]).round()).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["budget", "days"])?).with_target(Target::Values(clicks));
/// let model = GradientBoostingRegressor::new(50).loss(Loss::Poisson).monotone_increasing(["budget"]).fit(data)?;
/// let predicted = model.predict(&Features::from_dense(x, ["budget", "days"])?)?;
/// assert!(predicted.iter().all(|clicks| *clicks > 0.0));
/// assert!(model.feature_importances()[0] > model.feature_importances()[1]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GradientBoostingRegressor {
    /// What is made small. Default [`Loss::SquaredError`].
    pub loss: Loss,
    /// Of the quantile loss its level, of the Huber loss the share of errors that count squared: above 0, below 1.
    /// Default 0.9.
    pub alpha: f64,
    /// Of the Tweedie loss: how the variance grows with the mean, above 1 (Poisson) and below 2 (gamma). Default 1.5.
    pub tweedie_power: f64,
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
    /// The sum of second derivatives that a leaf must have. Default 0.001.
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
    /// Rows of no effect that each level counts besides its own when levels are ordered, 0 or more. Default 10.
    pub cat_smooth: f64,
    /// What `reg_lambda` is increased by in splits of more than four levels, 0 or more. Default 10.
    pub cat_l2: f64,
    /// Feature columns with which predictions may only rise. Default none.
    pub monotone_increasing: Vec<String>,
    /// Feature columns with which predictions may only fall. Default none.
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

impl Default for GradientBoostingRegressor {
    fn default() -> Self {
        GradientBoostingRegressor {
            loss: Loss::SquaredError,
            alpha: 0.9,
            tweedie_power: 1.5,
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

const KIND: &str = "gradient-boosting-regressor";
adflux_core::recipe!(GradientBoostingRegressor, "gradient-boosting-regressor");
boosting_parameters!(GradientBoostingRegressor, "gradient-boosting-regressor");

/// A fitted [`GradientBoostingRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedGradientBoostingRegressor {
    model: Boosted,
    /// Whether scores are logarithms.
    log: bool,
}
adflux_core::component!(FittedGradientBoostingRegressor, "gradient-boosting-regressor", version = 1);

impl GradientBoostingRegressor {
    /// Sets what is made small.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Sets the level of the quantile loss, or the share of errors that the Huber loss counts squared.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Sets how the variance grows with the mean under the Tweedie loss.
    pub fn tweedie_power(mut self, tweedie_power: f64) -> Self {
        self.tweedie_power = tweedie_power;
        self
    }

    /// Fits on all of `data` and stops by `validation`: after [`n_iter_no_change`](Self::n_iter_no_change) rounds (or never)
    /// in which its rows were not predicted better, keeping the rounds that were best.
    ///
    /// # Errors
    /// As [`fit_with`](Fit::fit_with), and when `validation` has other columns or a target of another kind.
    pub fn fit_with_validation(
        &self,
        data: Training<Features>,
        validation: Training<Features>,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        let settings = self.checked()?;
        data.validate()?;
        validation.validate()?;
        self.boost(data, Some(validation), &settings, context)
    }

    fn checked(&self) -> Result<Settings> {
        let settings = self.settings();
        settings.check()?;
        open_unit("alpha", self.alpha)?;
        let power = self.tweedie_power;
        ensure(power > 1.0 && power < 2.0, "tweedie_power", power, "must lie between 1 and 2, both excluded")?;
        Ok(settings)
    }

    fn target<'a>(&self, data: &'a Training<Features>) -> Result<&'a [f64]> {
        let y = data.values(KIND)?;
        let counts = |row: usize| data.weights.as_ref().is_none_or(|weights| weights[row] > 0.0);
        let mut counted = y.iter().enumerate().filter(|(row, _)| counts(*row));
        let wrong = counted.find_map(|(row, y)| Some((row, y, self.loss.refuses(*y)?)));
        if let Some((row, y, range)) = wrong {
            return Err(Error::cell("target", row, format!("{y}: this loss takes targets of {range}")));
        }
        y.as_slice().ok_or_else(|| Error::data("the target must lie in one piece"))
    }

    fn boost(
        &self,
        data: Training<Features>,
        validation: Option<Training<Features>>,
        settings: &Settings,
        context: &Context,
    ) -> Result<FittedGradientBoostingRegressor> {
        let y = self.target(&data)?;
        let weights = Weights::new(data.weights.clone(), y.len());
        let scale = Scale::of(self.loss, y, &weights.own);
        let numeric = |y, weights| Numeric::new(self.loss, self.alpha, self.tweedie_power, scale, y, weights);
        let held_back = match &validation {
            Some(other) => {
                let y = self.target(other)?;
                Some((&other.x, y, Weights::new(other.weights.clone(), y.len())))
            }
            None => None,
        };
        let mut objective = numeric(y, &weights.own);
        let mut judged = held_back.as_ref().map(|(x, y, weights)| (*x, numeric(y, &weights.own)));
        let validation = judged.as_mut().map(|(x, objective)| Validation { x, objective });
        let log = self.loss.is_log();
        let output = match log {
            true => OutputScale { offset: scale.unit.ln(), unit: 1.0 },
            false => OutputScale { offset: scale.centre, unit: scale.unit },
        };
        let model = boost(&data.x, &weights, &mut objective, output, validation, settings, context)?;
        Ok(FittedGradientBoostingRegressor { model, log })
    }
}

impl Fit<Training<Features>> for GradientBoostingRegressor {
    type Fitted = FittedGradientBoostingRegressor;

    /// # Errors
    /// When a parameter is out of range, the target is not one number a row or lies outside what the loss takes, a
    /// monotone constraint names no column of numbers, a block is of text, a number is infinite, too few rows are left to
    /// hold some back, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        let settings = self.checked()?;
        data.validate()?;
        self.target(&data)?;
        let (data, held_back) = hold_back(data, &settings, context)?;
        self.boost(data, held_back, &settings, context)
    }
}

impl FittedGradientBoostingRegressor {
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

impl Predict<Features> for FittedGradientBoostingRegressor {
    /// A number a row, in the unit of the target.
    type Output = Array1<f64>;

    /// # Errors
    /// When `x` has other columns than the fit, a block of text, or an infinite number.
    fn predict(&self, x: &Features) -> Result<Array1<f64>> {
        let scores = self.model.scores(x, KIND)?;
        if scores.ncols() != 1 {
            return Err(Error::State { kind: KIND.into(), reason: "more than one score a row".into() });
        }
        let scores = Array1::from(scores.into_raw_vec_and_offset().0);
        Ok(if self.log { scores.mapv_into(f64::exp) } else { scores })
    }

    /// TreeSHAP, in the unit of the target or, of a loss with a log link, of its logarithm: path-dependent, or interventional against `background`.
    ///
    /// # Errors
    /// As `predict`, when the background has no row, or the work is cancelled.
    fn contributions(
        &self,
        x: &Features,
        background: Option<&Features>,
        context: &Context,
    ) -> Result<Option<Contributions>> {
        let of = (if self.log { adflux_core::Scale::Log } else { adflux_core::Scale::Outcome }, Vec::new());
        self.model.contributions(x, background, of, KIND, context).map(Some)
    }
}
