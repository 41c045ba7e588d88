//! [`ExtraTreesRegressor`] and [`ExtraTreesClassifier`]: forests whose thresholds are drawn at random.

use super::{
    MaxFeatures, fitted_classifier, fitted_regressor, out_of_bag_classifier, out_of_bag_regressor,
    settings::forest_parameters,
};
use serde::{Deserialize, Serialize};

/// Extremely randomised trees for numbers (Geurts, Ernst & Wehenkel, "Extremely randomized trees", 2006).
///
/// As a [`RandomForestRegressor`](crate::RandomForestRegressor), but each column is tried at one threshold only, drawn
/// between the least and the greatest value that the node has of it, and every tree sees all rows. Trees differ more and cost
/// less; their mean is smoother. Inputs, weights, several targets and cost are those of the random forest. Missing values go
/// to a side drawn at random. Parameters and defaults are scikit-learn's, with the differences named there.
///
/// A threshold is drawn among real values, but in a column of more than `max_bins` distinct values rows are parted only
/// between bins.
///
/// ```
/// use adflux_core::{Features, Fit, Predict, Target, Training};
/// use adflux_regression::ExtraTreesRegressor;
/// use ndarray::{Array1, Array2};
/// let x = Array2::from_shape_fn((200, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let y: Array1<f64> = x.rows().into_iter().map(|r| r[0] * 2.0 + r[1]).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["budget", "days"])?).with_target(Target::Values(y));
/// let trees = ExtraTreesRegressor::new(20).fit(data)?;
/// let clicks = trees.predict(&Features::from_dense(x, ["budget", "days"])?)?;
/// assert_eq!(clicks.point()?.len(), 200);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtraTreesRegressor {
    /// Trees, 1 to 100,000. Default 100.
    pub n_estimators: usize,
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default all.
    pub max_features: MaxFeatures,
    /// Whether each tree sees rows drawn with replacement or all rows (the default).
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
    /// The seed of columns, thresholds and rows drawn. Default 42.
    pub seed: u64,
}

impl Default for ExtraTreesRegressor {
    fn default() -> Self {
        ExtraTreesRegressor {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::All,
            bootstrap: false,
            max_samples: None,
            oob_score: false,
            max_bins: 255,
            monotone_increasing: Vec::new(),
            monotone_decreasing: Vec::new(),
            seed: 42,
        }
    }
}

adflux_core::recipe!(ExtraTreesRegressor, "extra-trees-regressor");
forest_parameters!(ExtraTreesRegressor, "extra-trees-regressor", random_thresholds = true);
fitted_regressor!(ExtraTreesRegressor, FittedExtraTreesRegressor, "extra-trees-regressor");
out_of_bag_regressor!(FittedExtraTreesRegressor);

/// Extremely randomised trees for classes: [`ExtraTreesRegressor`] with the Gini impurity, class shares in the leaves, and
/// splits that choose from the square root of the number of columns, as in
/// [`RandomForestClassifier`](crate::RandomForestClassifier).
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Predict, Target, Training};
/// use adflux_regression::ExtraTreesClassifier;
/// use ndarray::Array2;
/// let x = Array2::from_shape_fn((100, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let labels: Vec<&str> = x.rows().into_iter().map(|r| if r[0] > 8.0 { "hired" } else { "passed" }).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["tests", "years"])?)
///     .with_target(Target::Classes(ClassTarget::from_labels(&labels)));
/// let classes = ExtraTreesClassifier::new(20).fit(data)?.predict(&Features::from_dense(x, ["tests", "years"])?)?;
/// assert_eq!(classes.labels[classes.most_probable()[3]], labels[3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtraTreesClassifier {
    /// Trees, 1 to 100,000. Default 100.
    pub n_estimators: usize,
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default the square root of their number.
    pub max_features: MaxFeatures,
    /// Whether each tree sees rows drawn with replacement or all rows (the default).
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
    /// The seed of columns, thresholds and rows drawn. Default 42.
    pub seed: u64,
}

impl Default for ExtraTreesClassifier {
    fn default() -> Self {
        ExtraTreesClassifier {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::Sqrt,
            bootstrap: false,
            max_samples: None,
            oob_score: false,
            max_bins: 255,
            monotone_increasing: Vec::new(),
            monotone_decreasing: Vec::new(),
            seed: 42,
        }
    }
}

adflux_core::recipe!(ExtraTreesClassifier, "extra-trees-classifier");
forest_parameters!(ExtraTreesClassifier, "extra-trees-classifier", random_thresholds = true);
fitted_classifier!(ExtraTreesClassifier, FittedExtraTreesClassifier, "extra-trees-classifier");
out_of_bag_classifier!(FittedExtraTreesClassifier);
