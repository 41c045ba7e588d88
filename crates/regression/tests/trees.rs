//! Single trees are scikit-learn's.

use crate::data::{dense, labels, rows};
use adflux_core::{Fit, Target, Training};
use adflux_regression::{MaxFeatures, RandomForestClassifier, RandomForestRegressor};
use adflux_testing::{assert_all_close, fixture};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    classes: usize,
    x: Vec<Vec<Option<f64>>>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    max_depth: Option<usize>,
    min_samples_split: usize,
    min_samples_leaf: usize,
    x_test: Vec<Vec<Option<f64>>>,
    predicted: Vec<Vec<f64>>,
}

#[test]
fn one_tree_without_bootstrap_is_scikit_learns_tree() {
    for case in fixture::<Vec<Case>>("regression/trees.json") {
        let mut data = Training::new(dense(rows(&case.x)));
        data.weights = case.weights.map(Into::into);
        let x_test = dense(rows(&case.x_test));
        let regressor = RandomForestRegressor {
            max_depth: case.max_depth,
            ..RandomForestRegressor::new(1)
                .bootstrap(false)
                .min_samples_split(case.min_samples_split)
                .min_samples_leaf(case.min_samples_leaf)
        };
        let predicted = if case.classes == 0 {
            let data = data.with_target(Target::Values(case.y.into()));
            regressor.fit(data).unwrap().predict_values(&x_test).unwrap()
        } else {
            let codes = case.y.iter().map(|c| *c as u32).collect();
            let classifier = RandomForestClassifier {
                max_depth: case.max_depth,
                ..RandomForestClassifier::new(1)
                    .bootstrap(false)
                    .max_features(MaxFeatures::All)
                    .min_samples_split(case.min_samples_split)
                    .min_samples_leaf(case.min_samples_leaf)
            };
            let data = data.with_target(labels(&codes, case.classes));
            classifier.fit(data).unwrap().predict_proba(&x_test).unwrap()
        };
        println!("{}", case.name);
        assert_all_close(&predicted, case.predicted.iter().flatten(), 1e-12);
    }
}
