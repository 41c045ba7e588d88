//! [`DecisionTreeRegressor`] and [`DecisionTreeClassifier`]: one tree that can be read.

use super::{MaxFeatures, fitted_classifier, fitted_regressor, settings::Settings};
use serde::{Deserialize, Serialize};

/// One regression tree (Breiman, Friedman, Olshen & Stone, "Classification and regression trees", 1984): splits reduce the
/// variance, and a leaf is the mean of its rows.
///
/// Data of up to 4,096 rows is split at the best threshold between any two values, and so are nodes of up to 256 rows;
/// larger nodes are split between bins, of which a column has one for each value where these are no more than `max_bins`.
/// Parameters and defaults are scikit-learn's; columns that differ by less than 1e-7 are told apart. Inputs, weights, several
/// targets and missing values are those of [`RandomForestRegressor`](crate::RandomForestRegressor). Among equally good splits
/// the seed decides, as in scikit-learn.
///
/// O(columns · n · depth) time, and n · log n for what is split exactly.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::DecisionTreeRegressor;
/// use ndarray::{Array1, array};
/// let x = Features::from_dense(array![[1.0], [2.0], [7.0], [8.0]], ["budget"])?;
/// let data = Training::new(x.clone()).with_target(Target::Values(array![1.0, 1.0, 9.0, 9.0]));
/// let tree = DecisionTreeRegressor::default().max_depth(1).fit(data)?;
/// assert_eq!(tree.predict(&x)?.point()?, &array![1.0, 1.0, 9.0, 9.0]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTreeRegressor {
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default all.
    pub max_features: MaxFeatures,
    /// Bins of a column, 2 to 255. Default 255.
    pub max_bins: usize,
    /// Feature columns with which predictions may only rise, all else being equal: for one number or two classes. Default none.
    pub monotone_increasing: Vec<String>,
    /// Feature columns with which predictions may only fall. Default none.
    pub monotone_decreasing: Vec<String>,
    /// The seed of the columns drawn and of the order in which they are tried. Default 42.
    pub seed: u64,
}

/// One classification tree: [`DecisionTreeRegressor`] with the Gini impurity, and the shares of the classes in the leaves.
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Target, Training};
/// use adflux_regression::DecisionTreeClassifier;
/// use ndarray::array;
/// let x = Features::from_dense(array![[1.0], [2.0], [7.0], [8.0]], ["tests"])?;
/// let target = Target::Classes(ClassTarget::from_labels(&["passed", "passed", "hired", "passed"]));
/// let tree = DecisionTreeClassifier::default().max_depth(1).fit(Training::new(x.clone()).with_target(target))?;
/// assert_eq!(tree.predict_proba(&x)?.row(3), array![0.5, 0.5]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionTreeClassifier {
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default all.
    pub max_features: MaxFeatures,
    /// Bins of a column, 2 to 255. Default 255.
    pub max_bins: usize,
    /// Feature columns with which predictions may only rise, all else being equal: for one number or two classes. Default none.
    pub monotone_increasing: Vec<String>,
    /// Feature columns with which predictions may only fall. Default none.
    pub monotone_decreasing: Vec<String>,
    /// The seed of the columns drawn and of the order in which they are tried. Default 42.
    pub seed: u64,
}

/// Defaults, setters, and the way from the fields to [`Settings`]: a forest of one tree on all rows.
macro_rules! tree_parameters {
    ($recipe:ident, $kind:literal) => {
        impl Default for $recipe {
            fn default() -> Self {
                $recipe {
                    max_depth: None,
                    min_samples_split: 2,
                    min_samples_leaf: 1,
                    max_features: MaxFeatures::All,
                    max_bins: 255,
                    monotone_increasing: Vec::new(),
                    monotone_decreasing: Vec::new(),
                    seed: 42,
                }
            }
        }

        impl $recipe {
            /// Sets the depth that the tree may reach.
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.max_depth = Some(max_depth);
                self
            }
            /// Sets the rows that a node must have to be split.
            pub fn min_samples_split(mut self, min_samples_split: usize) -> Self {
                self.min_samples_split = min_samples_split;
                self
            }
            /// Sets the rows that a leaf must have.
            pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
                self.min_samples_leaf = min_samples_leaf;
                self
            }
            /// Sets how many columns a split may choose from.
            pub fn max_features(mut self, max_features: MaxFeatures) -> Self {
                self.max_features = max_features;
                self
            }
            /// Sets the bins of a column.
            pub fn max_bins(mut self, max_bins: usize) -> Self {
                self.max_bins = max_bins;
                self
            }
            crate::tree::monotone::monotone_setters!();
            /// Sets the seed.
            pub fn seed(mut self, seed: u64) -> Self {
                self.seed = seed;
                self
            }

            fn settings(&self) -> Settings {
                Settings {
                    step: $kind,
                    n_estimators: 1,
                    max_depth: self.max_depth,
                    min_samples_split: self.min_samples_split,
                    min_samples_leaf: self.min_samples_leaf,
                    max_features: self.max_features,
                    bootstrap: false,
                    max_samples: None,
                    oob_score: false,
                    max_bins: self.max_bins,
                    monotone: self.monotone(),
                    seed: self.seed,
                    random_thresholds: false,
                    exact: true,
                }
            }
        }
        adflux_core::recipe!($recipe, $kind);
    };
}

tree_parameters!(DecisionTreeRegressor, "decision-tree-regressor");
fitted_regressor!(DecisionTreeRegressor, FittedDecisionTreeRegressor, "decision-tree-regressor");
tree_parameters!(DecisionTreeClassifier, "decision-tree-classifier");
fitted_classifier!(DecisionTreeClassifier, FittedDecisionTreeClassifier, "decision-tree-classifier");
