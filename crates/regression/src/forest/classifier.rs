//! [`RandomForestClassifier`]: class probabilities from the mean of many trees.

use super::{MaxFeatures, fitted_classifier, out_of_bag_classifier, settings::forest_parameters};
use serde::{Deserialize, Serialize};

/// A random forest for classes (Breiman, "Random forests", 2001), on histograms of the columns.
///
/// Splits reduce the Gini impurity; a leaf holds the shares of the classes among its rows, and the forest averages them
/// rather than counting votes, as scikit-learn's does. Inputs, weights, missing values, parameters, differences from
/// scikit-learn and cost are those of [`RandomForestRegressor`](crate::RandomForestRegressor), except that a split
/// chooses from the square root of the number of columns.
///
/// ```
/// use adflux_core::{ClassTarget, Features, Fit, Predict, Target, Training};
/// use adflux_regression::RandomForestClassifier;
/// use ndarray::Array2;
/// let x = Array2::from_shape_fn((100, 2), |(i, j)| ((i * (j + 3)) % 17) as f64);
/// let labels: Vec<&str> = x.rows().into_iter().map(|r| if r[0] > 8.0 { "hired" } else { "passed" }).collect();
/// let data = Training::new(Features::from_dense(x.clone(), ["tests", "years"])?)
///     .with_target(Target::Classes(ClassTarget::from_labels(&labels)));
/// let forest = RandomForestClassifier::new(20).fit(data)?;
/// let classes = forest.predict(&Features::from_dense(x, ["tests", "years"])?)?;
/// assert_eq!(classes.labels[..], ["hired", "passed"]);
/// assert_eq!(classes.labels[classes.most_probable()[3]], labels[3]);
/// # Ok::<(), adflux_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomForestClassifier {
    /// Trees, 1 to 100,000. Default 100.
    pub n_estimators: usize,
    /// Splits between the root and the deepest leaf; `None`, the default: until leaves are pure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<usize>,
    /// Rows that a node must have to be split. Default 2.
    pub min_samples_split: usize,
    /// Rows that a leaf must have, each counted once however often the bootstrap drew it. Default 1.
    pub min_samples_leaf: usize,
    /// Columns that a split may choose from. Default the square root of their number.
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
    /// The seed of the bootstrap and of the columns drawn. Default 42.
    pub seed: u64,
}

impl Default for RandomForestClassifier {
    fn default() -> Self {
        RandomForestClassifier {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: 2,
            min_samples_leaf: 1,
            max_features: MaxFeatures::Sqrt,
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

adflux_core::recipe!(RandomForestClassifier, "random-forest-classifier");
forest_parameters!(RandomForestClassifier, "random-forest-classifier", random_thresholds = false);

fitted_classifier!(RandomForestClassifier, FittedRandomForestClassifier, "random-forest-classifier");
out_of_bag_classifier!(FittedRandomForestClassifier);
