//! Out-of-bag predictions of forests.

use crate::data::{dense, labels, rows, smooth, values};
use adflux_core::{Component, Context, Fit, MultiTarget, Predict, Registry, Saved, Target, Training};
use adflux_regression::{
    ExtraTreesRegressor, FittedRandomForestClassifier, FittedRandomForestRegressor, RandomForestClassifier,
    RandomForestRegressor,
};
use adflux_testing::fixture;
use ndarray::{Array1, Array2, Axis, array, stack};
use serde::Deserialize;

#[derive(Deserialize)]
struct Data {
    trees: usize,
    x: Vec<Vec<Option<f64>>>,
    y: Vec<f64>,
    other: Vec<f64>,
    codes: Vec<u32>,
}

#[derive(Deserialize)]
struct Known {
    r2: Vec<f64>,
    mse: Vec<f64>,
    multi_r2: Vec<f64>,
    extra_r2: Vec<f64>,
    accuracy: Vec<f64>,
    brier: Vec<f64>,
}

/// Asserts that the means over 20 seeds differ by no more than chance makes of them.
fn agree(what: &str, ours: &[f64], theirs: &[f64]) {
    let (ours, theirs) = (Array1::from(ours.to_vec()), Array1::from(theirs.to_vec()));
    let error = ((ours.var(1.0) + theirs.var(1.0)) / 20.0).sqrt();
    let (ours, theirs) = (ours.mean().unwrap(), theirs.mean().unwrap());
    println!("{what}: ours {ours:.5}, scikit-learn {theirs:.5}, standard error of the difference {error:.5}");
    assert!((ours - theirs).abs() <= 3.0 * error, "{what}: {ours} beside {theirs}, standard error {error}");
}

#[test]
fn scores_of_numbers_are_scikit_learns_over_20_seeds() {
    let (d, known): (Data, Known) = (fixture("regression/forests.json"), fixture("trees/oob.json"));
    let x = rows(&d.x);
    let y = Array1::from(d.y.clone());
    let mut found = [const { Vec::new() }; 4];
    let both = stack![Axis(1), y, Array1::from(d.other)];
    let names: Vec<String> = ["y", "other"].map(String::from).into();
    let several = Target::Multi(MultiTarget { names: names.into(), values: both });
    for seed in 0..20 {
        let recipe = RandomForestRegressor::new(d.trees).oob_score(true).seed(seed);
        let forest = recipe.fit(values(x.clone(), y.clone())).unwrap();
        found[0].push(forest.oob_score().unwrap());
        let errors = &forest.oob_prediction().unwrap().column(0) - &y;
        found[1].push(errors.mapv(|e| e * e).mean().unwrap());
        assert!(forest.never_left_out().is_empty());
        let forest = recipe.fit(Training::new(dense(x.clone())).with_target(several.clone())).unwrap();
        found[2].push(forest.oob_score().unwrap());
        let recipe = ExtraTreesRegressor::new(d.trees).bootstrap(true).oob_score(true).seed(seed);
        found[3].push(recipe.fit(values(x.clone(), y.clone())).unwrap().oob_score().unwrap());
    }
    let theirs = [&known.r2, &known.mse, &known.multi_r2, &known.extra_r2];
    for (what, (ours, theirs)) in
        ["R²", "squared error", "R² of two", "R² of extra trees"].iter().zip(found.iter().zip(theirs))
    {
        agree(what, ours, theirs);
    }
}

#[test]
fn scores_of_classes_are_scikit_learns_over_20_seeds() {
    let (d, known): (Data, Known) = (fixture("regression/forests.json"), fixture("trees/oob.json"));
    let x = rows(&d.x);
    let truth = Array2::from_shape_fn((400, 3), |(i, k)| f64::from(u8::from(d.codes[i] == k as u32)));
    let (mut accuracy, mut brier) = (Vec::new(), Vec::new());
    for seed in 0..20 {
        let data = Training::new(dense(x.clone())).with_target(labels(&d.codes.clone().into(), 3));
        let forest = RandomForestClassifier::new(d.trees).oob_score(true).seed(seed).fit(data).unwrap();
        accuracy.push(forest.oob_score().unwrap());
        let errors = forest.oob_decision_function().unwrap() - &truth;
        brier.push(3.0 * errors.mapv(|e| e * e).mean().unwrap());
    }
    agree("accuracy", &accuracy, &known.accuracy);
    agree("Brier score", &brier, &known.brier);
}

#[test]
fn of_one_tree_the_rows_that_it_did_not_draw() {
    let (x, y) = smooth(400, 31);
    let forest = RandomForestRegressor::new(1).oob_score(true).fit(values(x.clone(), y.clone())).unwrap();
    let (known, all) = (forest.oob_prediction().unwrap(), forest.predict_values(&dense(x)).unwrap());
    let drawn = forest.never_left_out();
    // 1 - 1/e of the rows are drawn, and a full tree repeats them.
    assert!((0.58..0.68).contains(&(drawn.len() as f64 / 400.0)), "{}", drawn.len());
    for row in 0..400 {
        if drawn.contains(&row) {
            assert!(known[[row, 0]].is_nan());
            adflux_testing::assert_close(all[[row, 0]], y[row], 1e-12);
        } else {
            assert_eq!(known[[row, 0]], all[[row, 0]]);
        }
    }
}

#[test]
fn nothing_is_known_unless_it_was_asked_for() {
    let (x, y) = smooth(50, 32);
    let forest = RandomForestRegressor::new(3).fit(values(x, y)).unwrap();
    assert!(forest.oob_score().is_none() && forest.oob_prediction().is_none() && forest.never_left_out().is_empty());
}

#[test]
fn too_few_rows_left_out_have_no_score() {
    let forest = RandomForestRegressor::new(2).oob_score(true).fit(values(array![[1.0]], [5.0])).unwrap();
    assert_eq!((forest.oob_score(), forest.never_left_out()), (None, vec![0]));
    let data = Training::new(dense(array![[1.0]])).with_target(labels(&array![0], 2));
    let forest = RandomForestClassifier::new(2).oob_score(true).fit(data).unwrap();
    assert_eq!((forest.oob_score(), forest.never_left_out()), (None, vec![0]));
}

#[test]
fn a_row_of_weight_zero_does_not_count() {
    let (x, mut y) = smooth(200, 33);
    let recipe = RandomForestRegressor::new(30).oob_score(true);
    let mut fit = |wrong: f64| {
        y[3] = wrong;
        let weights = (0..200).map(|row| f64::from(u8::from(row != 3))).collect();
        recipe.fit(values(x.clone(), y.clone()).with_weights(weights)).unwrap()
    };
    let (a, b) = (fit(0.0), fit(1e6));
    // Counted, the wrong row would leave nothing of it.
    adflux_testing::assert_close(a.oob_score().unwrap(), b.oob_score().unwrap(), 0.02);
    // All trees left it out.
    assert_eq!(a.oob_prediction().unwrap().row(3), a.predict_values(&dense(x.clone())).unwrap().row(3));
}

#[test]
fn threads_and_saving_change_no_bit() {
    let (x, y) = smooth(700, 34);
    let (one, two) = (Context::default().with_threads(1).unwrap(), Context::default().with_threads(2).unwrap());
    let recipe = RandomForestRegressor::new(5).oob_score(true);
    let [a, b] = [&one, &two].map(|context| recipe.fit_with(values(x.clone(), y.clone()), context).unwrap());
    assert!(a.state().unwrap() == b.state().unwrap());
    let loaded: FittedRandomForestRegressor = Saved::of(&a).unwrap().load(&Registry::new()).unwrap();
    assert_eq!(loaded.oob_score(), a.oob_score());
    assert_eq!(loaded.never_left_out(), a.never_left_out());
    assert_eq!(loaded.predict(&dense(x.clone())).unwrap(), a.predict(&dense(x.clone())).unwrap());

    let data = Training::new(dense(x)).with_target(labels(&y.mapv(|v| u32::from(v > 5.0)), 2));
    let recipe = RandomForestClassifier::new(40).oob_score(true);
    let [a, b] = [&one, &two].map(|context| recipe.fit_with(data.clone(), context).unwrap());
    assert!(a.state().unwrap() == b.state().unwrap());
    let loaded: FittedRandomForestClassifier = Saved::of(&a).unwrap().load(&Registry::new()).unwrap();
    assert_eq!(loaded.oob_decision_function(), a.oob_decision_function());
}
