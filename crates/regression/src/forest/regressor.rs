//! [`RandomForestRegressor`]: numbers from the mean of many trees.

use super::{Forest, MaxFeatures, Prepared, settings::forest_parameters, weights_or_ones};
use crate::tree::outcome::{Multi, Single};
use adflux_core::{Column, Context, Error, Features, Fit, Predict, Prediction, Result, Target, Training};
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A random forest for one or several numeric targets (Breiman, "Random forests", 2001), on histograms of the columns.
///
/// It takes features of any number of dense and sparse blocks. NaN in a dense block is a missing value: each split
/// learns the side that missing values go to, and where it saw none they follow the larger side. Several targets
/// ([`Target::Multi`]) share their trees; each is scaled by its standard deviation when splits are judged, so units do
/// not matter. Row weights multiply what a row counts; a row of weight 0 is as if it were not there.
///
/// Parameters and defaults are scikit-learn's, with these differences: `max_bins`, because columns are binned first,
/// which is what makes the forest fast (a column of at most `max_bins` distinct values is split exactly as scikit-learn
/// does, others between quantiles); columns that differ by less than 1e-7 are told apart; the bootstrap draws only among
/// rows of positive weight; `max_samples` is always a share; and there is a `seed` in place of `random_state`.
///
/// Time grows with `n_estimators · n · max_features · log n`, memory with one byte a number and 16 bytes a node; trees
/// are grown in parallel, and the result does not depend on the number of threads.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::RandomForestRegressor;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((200, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let y: Array1<f64> = x.rows().into_iter().map(|r| r[0] * 2.0 + r[1]).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["budget", "days"])?).with_target(Target::Values(y));
/// let forest = RandomForestRegressor::new(20).fit(data)?;
/// let clicks = forest.predict(&Features::from_dense(x, ["budget", "days"])?)?;
/// assert_eq!(clicks.point()?.len(), 200);
/// assert!(forest.feature_importances()[0] > forest.feature_importances()[1]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomForestRegressor {
    /// Trees, 1 to 100,000. Default 100.
    pub n_estimators: usize,
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have, each counted once however often the bootstrap drew it. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default all, as scikit-learn's 1.0.
    pub max_features: MaxFeatures,
    /// Whether each tree sees rows drawn with replacement (the default) or all rows.
    pub bootstrap: bool,
    /// The share of rows drawn for each tree, above 0 and at most 1; `None`, the default: as many as there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_samples: Option<f64>,
    /// Bins of a column, 2 to 255. Default 255.
    pub max_bins: usize,
    /// The seed of the bootstrap and of the order in which columns are tried. Default 42.
    pub seed: u64,
}

impl Default for RandomForestRegressor {
    fn default() -> Self {
        RandomForestRegressor {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::All,
            bootstrap: true,
            max_samples: None,
            max_bins: 255,
            seed: 42,
        }
    }
}

const KIND: &str = "random-forest-regressor";
adflux_core::recipe!(RandomForestRegressor, "random-forest-regressor");
forest_parameters!(RandomForestRegressor, "random-forest-regressor");

/// A fitted [`RandomForestRegressor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FittedRandomForestRegressor {
    forest: Forest,
    /// Of [`Target::Multi`].
    targets: Option<Vec<String>>,
}
adflux_core::component!(FittedRandomForestRegressor, "random-forest-regressor", version = 1);

impl Fit<Training<Features>> for RandomForestRegressor {
    type Fitted = FittedRandomForestRegressor;

    /// # Errors
    /// When a parameter is out of range, the target is not numeric, a block is neither dense nor sparse, a number is
    /// infinite, or the work is cancelled.
    fn fit_with(&self, data: Training<Features>, context: &Context) -> Result<Self::Fitted> {
        let settings = self.settings();
        settings.check()?;
        data.validate()?;
        if !matches!(data.target, Some(Target::Multi(_))) {
            data.values(KIND)?;
        }
        let prepared = Prepared::new(&data.x, &settings, context)?;
        let weights = weights_or_ones(data.weights, data.x.rows());
        match data.target {
            Some(Target::Values(y)) => {
                let y = y.to_vec();
                let forest = Forest::grow(&prepared, &Single::new(&y, &weights), &weights, &settings, context)?;
                Ok(FittedRandomForestRegressor { forest, targets: None })
            }
            Some(Target::Multi(target)) if target.values.ncols() > 0 => {
                let targets = Some(target.names.to_vec());
                let outcome = Multi::new(target.values.view(), &weights);
                let forest = Forest::grow(&prepared, &outcome, &weights, &settings, context)?;
                Ok(FittedRandomForestRegressor { forest, targets })
            }
            _ => Err(Error::data(format!("`{KIND}` needs at least one numeric target"))),
        }
    }
}

impl FittedRandomForestRegressor {
    /// Predictions as plain numbers: rows × targets, one column for a single target.
    ///
    /// One dense block in row-major order is read where it lies, other features are gathered row by row; a few rows are
    /// predicted without waking other threads: one takes microseconds.
    ///
    /// # Errors
    /// As [`predict`](Predict::predict).
    pub fn predict_values(&self, x: &Features) -> Result<Array2<f64>> {
        self.forest.predict(x, KIND)
    }

    /// How much of the reduction of variance each column brought: not negative, summing to 1, or all 0 when no tree has
    /// a split. Columns with many distinct values are favoured.
    pub fn feature_importances(&self) -> &Array1<f64> {
        self.forest.importances()
    }

    /// The feature columns of the fit, with their lineage, in the order of the importances.
    pub fn columns(&self) -> &Arc<[Column]> {
        self.forest.columns()
    }
}

impl Predict<Features> for FittedRandomForestRegressor {
    /// [`Prediction::Values`], or [`Prediction::Multi`] in the order of the targets.
    type Output = Prediction;

    /// # Errors
    /// When `x` has another number of columns than the fit, a block that is neither dense nor sparse, or an infinite
    /// number.
    fn predict(&self, x: &Features) -> Result<Prediction> {
        let values = self.predict_values(x)?;
        let Some(targets) = &self.targets else {
            return Ok(Prediction::Values(values.into_raw_vec_and_offset().0.into()));
        };
        let named = targets.iter().zip(values.columns());
        Ok(Prediction::Multi(named.map(|(n, v)| (n.clone(), Prediction::Values(v.to_owned()))).collect()))
    }
}
