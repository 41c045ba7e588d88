//! Single trees are scikit-learn's.

use crate::data::{dense, labels, rows, smooth};
use adflux_core::{Fit, Target, Training};
use adflux_regression::{
    DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreesRegressor, MaxFeatures, RandomForestClassifier,
    RandomForestRegressor,
};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2};
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

#[derive(Clone, Deserialize)]
struct SingleTree {
    name: String,
    classes: usize,
    x: Vec<Vec<Option<f64>>>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    /// The direction of each column.
    monotone: Vec<i8>,
    max_depth: Option<usize>,
    min_samples_leaf: usize,
    x_test: Vec<Vec<Option<f64>>>,
    predicted: Vec<Vec<f64>>,
}

impl SingleTree {
    fn predict(self) -> Array2<f64> {
        let mut data = Training::new(dense(rows(&self.x)));
        data.weights = self.weights.map(Into::into);
        let x_test = dense(rows(&self.x_test));
        let directed = |direction: i8| {
            let columns = self.monotone.iter().enumerate().filter(move |(_, own)| **own == direction);
            columns.map(|(column, _)| format!("x{column}")).collect::<Vec<_>>()
        };
        if self.classes == 0 {
            let tree = DecisionTreeRegressor { max_depth: self.max_depth, ..Default::default() };
            let tree = tree.monotone_increasing(directed(1)).monotone_decreasing(directed(-1));
            let data = data.with_target(Target::Values(self.y.into()));
            tree.min_samples_leaf(self.min_samples_leaf).fit(data).unwrap().predict_values(&x_test).unwrap()
        } else {
            let codes = self.y.iter().map(|c| *c as u32).collect();
            let tree = DecisionTreeClassifier { max_depth: self.max_depth, ..Default::default() };
            let tree = tree.monotone_increasing(directed(1)).monotone_decreasing(directed(-1));
            let data = data.with_target(labels(&codes, self.classes));
            tree.min_samples_leaf(self.min_samples_leaf).fit(data).unwrap().predict_proba(&x_test).unwrap()
        }
    }
}

#[test]
fn decision_trees_are_scikit_learns_between_any_two_values() {
    let cases: Vec<SingleTree> = fixture("trees/single.json");
    assert!(cases.len() >= 4);
    for case in cases {
        println!("{}", case.name);
        assert_all_close(&case.clone().predict(), case.predicted.iter().flatten(), 1e-12);
    }
}

#[test]
fn constrained_decision_trees_are_scikit_learns() {
    let cases: Vec<SingleTree> = fixture("trees/constrained.json");
    assert!(cases.len() >= 3);
    for case in cases {
        println!("{}", case.name);
        let free = SingleTree { monotone: Vec::new(), ..case.clone() }.predict();
        let found = case.clone().predict();
        assert!((&found - &free).iter().any(|difference| difference.abs() > 0.1), "the constraints bind");
        assert_all_close(&found, case.predicted.iter().flatten(), 1e-12);
    }
}

#[test]
fn small_nodes_of_large_data_are_split_between_any_two_values() {
    // More rows than are split exactly at the root, and a step within a bin.
    let x = Array2::from_shape_fn((5000, 1), |(i, _)| i as f64);
    let y: Array1<f64> = (0..5000).map(|i| f64::from(u32::from(i > 2503))).collect();
    let tree =
        DecisionTreeRegressor::default().fit(Training::new(dense(x.clone())).with_target(Target::Values(y.clone())));
    assert_eq!(tree.unwrap().predict_values(&dense(x)).unwrap().column(0), y);
}

#[test]
fn a_power_of_two_leaves_a_tree_unchanged() {
    let (x, y) = smooth(400, 21);
    for scale in [2.0_f64.powi(-40), 2.0_f64.powi(30)] {
        let fit = |x: Array2<f64>| {
            let tree = DecisionTreeRegressor::default()
                .fit(Training::new(dense(x.clone())).with_target(Target::Values(y.clone())));
            tree.unwrap().predict_values(&dense(x)).unwrap()
        };
        assert_eq!(fit(x.clone()), fit(&x * scale));
    }
}

#[test]
fn extra_trees_part_rows_at_random_thresholds() {
    // Two values far apart: thresholds fall anywhere between, not midway.
    let x = Array2::from_shape_fn((20, 1), |(i, _)| (i % 2) as f64);
    let y: Array1<f64> = (0..20).map(|i| (i % 2) as f64).collect();
    let data = Training::new(dense(x)).with_target(Target::Values(y));
    let trees = ExtraTreesRegressor::new(400).fit(data).unwrap();
    let predicted = trees.predict_values(&dense(ndarray::array![[0.0], [0.25], [0.5], [0.75], [1.0]])).unwrap();
    assert_eq!((predicted[[0, 0]], predicted[[4, 0]]), (0.0, 1.0));
    for (row, share) in [(1, 0.25), (2, 0.5), (3, 0.75)] {
        assert!((predicted[[row, 0]] - share).abs() < 0.08, "{predicted}");
    }
}
