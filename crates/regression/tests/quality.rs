//! Forests are no worse than scikit-learn's on the same data, over 20 seeds.

use crate::data::{dense, labels, rows};
use adflux_core::{Fit, MultiTarget, Target, Training};
use adflux_regression::{ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor};
use adflux_testing::fixture;
use ndarray::{Array1, Array2, Axis, stack};
use serde::Deserialize;

#[derive(Deserialize)]
struct Data {
    trees: usize,
    x: Vec<Vec<Option<f64>>>,
    y: Vec<f64>,
    other: Vec<f64>,
    codes: Vec<u32>,
    x_test: Vec<Vec<Option<f64>>>,
    y_test: Vec<f64>,
    other_test: Vec<f64>,
    codes_test: Vec<u32>,
    scale: Vec<f64>,
    mse: Vec<f64>,
    multi_mse: Vec<f64>,
    brier: Vec<f64>,
    accuracy: Vec<f64>,
}

fn data() -> Data {
    fixture("regression/forests.json")
}

/// Asserts that the mean of our 20 losses is at most that of scikit-learn's, allowing for two standard errors of the
/// difference, which is what chance makes of the means of equally good forests.
fn no_worse(what: &str, ours: impl Fn(u64) -> f64, theirs: &[f64]) {
    let ours: Array1<f64> = (0..20).map(ours).collect();
    let theirs = Array1::from(theirs.to_vec());
    let error = ((ours.var(1.0) + theirs.var(1.0)) / 20.0).sqrt();
    let (ours, theirs) = (ours.mean().unwrap(), theirs.mean().unwrap());
    println!("{what}: ours {ours:.5}, scikit-learn {theirs:.5}, standard error of the difference {error:.5}");
    assert!(ours <= theirs + 2.0 * error, "{what}: {ours} is worse than {theirs}, standard error {error}");
}

fn mean_square(errors: Array2<f64>) -> f64 {
    errors.mapv(|e| e * e).mean().unwrap()
}

#[test]
fn regression() {
    let d = data();
    let (x, x_test) = (dense(rows(&d.x)), dense(rows(&d.x_test)));
    let y_test = Array1::from(d.y_test).insert_axis(Axis(1));
    let loss = |seed| {
        let data = Training::new(x.clone()).with_target(Target::Values(d.y.clone().into()));
        let forest = RandomForestRegressor::new(d.trees).seed(seed).fit(data).unwrap();
        mean_square(forest.predict_values(&x_test).unwrap() - &y_test)
    };
    no_worse("squared error", loss, &d.mse);
}

#[test]
fn two_targets_of_very_different_scale() {
    let d = data();
    let (x, x_test) = (dense(rows(&d.x)), dense(rows(&d.x_test)));
    let both = |a: Vec<f64>, b: Vec<f64>| stack![Axis(1), Array1::from(a), Array1::from(b)];
    let target = MultiTarget { names: ["y".to_string(), "other".into()].into(), values: both(d.y, d.other) };
    let (y_test, scale) = (both(d.y_test, d.other_test), Array1::from(d.scale));
    let loss = |seed| {
        let data = Training::new(x.clone()).with_target(Target::Multi(target.clone()));
        let forest = RandomForestRegressor::new(d.trees).seed(seed).fit(data).unwrap();
        mean_square((forest.predict_values(&x_test).unwrap() - &y_test) / &scale)
    };
    no_worse("squared error of two targets", loss, &d.multi_mse);
}

#[test]
fn classification() {
    let d = data();
    let (x, x_test) = (dense(rows(&d.x)), dense(rows(&d.x_test)));
    let target = labels(&d.codes.clone().into(), 3);
    let probabilities = |seed| {
        let data = Training::new(x.clone()).with_target(target.clone());
        let forest = RandomForestClassifier::new(d.trees).seed(seed).fit(data).unwrap();
        forest.predict_proba(&x_test).unwrap()
    };
    let truth = Array2::from_shape_fn((400, 3), |(i, k)| f64::from(u8::from(d.codes_test[i] == k as u32)));
    let brier = |seed| 3.0 * mean_square(probabilities(seed) - &truth);
    no_worse("Brier score", brier, &d.brier);

    let wrong = |seed| {
        let probabilities = probabilities(seed);
        let right = probabilities.rows().into_iter().zip(&d.codes_test).filter(|(row, code)| {
            let most = row.iter().enumerate().fold(0, |best, (i, p)| if *p > row[best] { i } else { best });
            most == **code as usize
        });
        1.0 - right.count() as f64 / 400.0
    };
    let theirs: Vec<f64> = d.accuracy.iter().map(|a| 1.0 - a).collect();
    no_worse("share misclassified", wrong, &theirs);
}

#[test]
fn extra_trees() {
    let d = data();
    let theirs: Extra = fixture("trees/extra.json");
    let (x, x_test) = (dense(rows(&d.x)), dense(rows(&d.x_test)));
    let y_test = Array1::from(d.y_test).insert_axis(Axis(1));
    let loss = |seed| {
        let data = Training::new(x.clone()).with_target(Target::Values(d.y.clone().into()));
        let forest = ExtraTreesRegressor::new(d.trees).seed(seed).fit(data).unwrap();
        mean_square(forest.predict_values(&x_test).unwrap() - &y_test)
    };
    no_worse("squared error of extra trees", loss, &theirs.mse);
    let target = labels(&d.codes.clone().into(), 3);
    let truth = Array2::from_shape_fn((400, 3), |(i, k)| f64::from(u8::from(d.codes_test[i] == k as u32)));
    let brier = |seed| {
        let data = Training::new(x.clone()).with_target(target.clone());
        let forest = ExtraTreesClassifier::new(d.trees).seed(seed).fit(data).unwrap();
        3.0 * mean_square(forest.predict_proba(&x_test).unwrap() - &truth)
    };
    no_worse("Brier score of extra trees", brier, &theirs.brier);
}

#[derive(Deserialize)]
struct Extra {
    mse: Vec<f64>,
    brier: Vec<f64>,
}
