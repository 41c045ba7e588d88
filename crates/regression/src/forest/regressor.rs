//! [`RandomForestRegressor`]: numbers from the mean of many trees.

use super::{MaxFeatures, fitted_regressor, out_of_bag_regressor, settings::forest_parameters};
use serde::{Deserialize, Serialize};

/// A random forest for one or several numeric targets (Breiman, "Random forests", 2001), on histograms of the columns.
///
/// It takes features of any number of dense, sparse and categorical blocks. NaN in a dense block is a missing value: each split
/// learns the side that missing values go to, and where it saw none they follow the larger side. A category is split by sets of
/// its levels (first parts of them by what their rows had, Breiman et al. 1984); those beyond `max_bins`, at most 254, and those that came
/// later count as missing. With `monotone_increasing` and `monotone_decreasing` predictions keep to a direction. Several targets
/// ([`Target::Multi`](adflux_core::Target::Multi)) share their trees; each is scaled by its standard deviation when splits are judged, so units do
/// not matter. Row weights multiply what a row counts; a row of weight 0 is as if it were not there.
///
/// Parameters and defaults are scikit-learn's, with these differences: `max_bins`, because columns are binned first,
/// which is what makes the forest fast (a column of at most `max_bins` distinct values is split exactly as scikit-learn
/// does, others between quantiles); `monotonic_cst` is two lists of names, and takes missing values; columns that differ by less than 1e-7 are told apart; the bootstrap draws only among
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
    /// Whether to predict each row of the fit by the trees that did not draw it, which tells the error on new rows without
    /// holding any back. Needs `bootstrap`. Default false.
    pub oob_score: bool,
    /// Bins of a column, 2 to 255. Default 255.
    pub max_bins: usize,
    /// Feature columns with which predictions may only rise, all else being equal: for one number or two classes. Default none.
    pub monotone_increasing: Vec<String>,
    /// Feature columns with which predictions may only fall. Default none.
    pub monotone_decreasing: Vec<String>,
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
            oob_score: false,
            max_bins: 255,
            monotone_increasing: Vec::new(),
            monotone_decreasing: Vec::new(),
            seed: 42,
        }
    }
}

adflux_core::recipe!(RandomForestRegressor, "random-forest-regressor");
forest_parameters!(RandomForestRegressor, "random-forest-regressor", random_thresholds = false);

fitted_regressor!(RandomForestRegressor, FittedRandomForestRegressor, "random-forest-regressor");
out_of_bag_regressor!(FittedRandomForestRegressor);
