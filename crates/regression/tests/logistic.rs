//! Logistic regression beside scikit-learn, and what must hold of it.

use crate::data::{dense, labels, smooth, sparse};
use adflux_core::{Block, Column, Features, Fit, Predict, Rows as _, Training, Values, random::stream};
use adflux_regression::{ClassWeight, LogisticRegression, Penalty};
use adflux_testing::{assert_all_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    two: Vec<u32>,
    three: Vec<u32>,
    weights: Vec<f64>,
    fits: Vec<Fitted>,
}

#[derive(Deserialize)]
struct Fitted {
    classes: usize,
    penalty: String,
    c: f64,
    l1_ratio: Option<f64>,
    weighted: bool,
    balanced: bool,
    intercept: bool,
    probabilities: Vec<Vec<f64>>,
    coefficients: Vec<Vec<f64>>,
    constants: Vec<f64>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn coefficients_and_probabilities_are_scikit_learns_for_every_penalty() {
    let golden = fixture::<Golden>("linear/logistic.json");
    let x = matrix(&golden.x);
    for wanted in &golden.fits {
        let codes = if wanted.classes == 2 { &golden.two } else { &golden.three };
        let penalty = match wanted.penalty.as_str() {
            "l2" => Penalty::L2,
            "l1" => Penalty::L1,
            "elasticnet" => Penalty::ElasticNet,
            _ => Penalty::None,
        };
        let mut recipe =
            LogisticRegression::new(penalty).c(wanted.c).tol(1e-9).max_iter(2000).fit_intercept(wanted.intercept);
        recipe.l1_ratio = wanted.l1_ratio.unwrap_or(0.5);
        if wanted.balanced {
            recipe.class_weight = ClassWeight::Balanced;
        }
        for features in [dense(x.clone()), sparse(&x)] {
            let mut data = Training::new(features).with_target(labels(&codes.clone().into(), wanted.classes));
            data.weights = wanted.weighted.then(|| golden.weights.clone().into());
            let model = recipe.fit(data).unwrap();
            let what = (&wanted.penalty, wanted.classes, wanted.c, wanted.weighted, wanted.balanced, wanted.intercept);
            println!("{what:?}: {} steps", model.iterations());
            assert!(model.converged());
            assert_all_close(model.coefficients(), &matrix(&wanted.coefficients), 1e-5);
            assert_all_close(model.intercepts(), &wanted.constants, 1e-5);
            let p = model.predict(&dense(x.slice(s![..20, ..]).to_owned())).unwrap();
            assert_all_close(&p.probabilities, &matrix(&wanted.probabilities), 1e-6);
        }
    }
}

/// Classes of a smooth table.
fn classes(rows: usize, classes: usize, seed: u64) -> Training<Features> {
    let (x, y) = smooth(rows, seed);
    let mut rng = stream(seed, &[1]);
    let codes = y.mapv(|y| ((y + 3.0 * rng.random::<f64>() - 1.0) / 3.0).clamp(0.0, classes as f64 - 1.0) as u32);
    Training::new(dense(x)).with_target(labels(&codes, classes))
}

#[test]
fn very_many_sparse_columns_are_learned_from() {
    let mut rng = stream(9, &[]);
    let mut cells = sprs::TriMat::new((600, 3000));
    let mut codes = Array1::zeros(600);
    for row in 0..600 {
        let mut score = 0.0;
        for _ in 0..6 {
            let column = rng.random_range(0..50);
            cells.add_triplet(row, column * 60, 1.0);
            score += if column < 25 { 1.0 } else { -1.0 };
        }
        codes[row] = u32::from(score + rng.random::<f64>() > 0.5);
    }
    let columns: Vec<Column> = (0..3000).map(|i| Column::input(format!("w{i}"))).collect();
    let many = Features::new(600, vec![Block::new(columns, Values::Sparse(cells.to_csr())).unwrap()]).unwrap();
    let x: Array2<f64> = cells.to_csr::<usize>().to_dense();
    let few = dense(x.select(Axis(1), &(0..50).map(|c| c * 60).collect::<Vec<_>>()));
    let recipe = LogisticRegression::default().tol(1e-8).max_iter(1000);
    let all = recipe.fit(Training::new(many.clone()).with_target(labels(&codes, 2))).unwrap();
    let wanted = recipe.fit(Training::new(few).with_target(labels(&codes, 2))).unwrap();
    assert!(all.converged());
    assert_all_close(
        &all.coefficients().select(Axis(1), &(0..50).map(|c| c * 60).collect::<Vec<_>>()),
        wanted.coefficients(),
        1e-5,
    );
    let refused = LogisticRegression::new(Penalty::L1).fit(Training::new(many).with_target(labels(&codes, 2)));
    assert!(
        refused.unwrap_err().to_string().starts_with("parameter `penalty` = L1: takes 2048 columns at most, not 3000")
    );
}

#[test]
fn separation_rare_classes_and_collinear_columns_have_finite_answers() {
    let x = dense(array![[0.0], [1.0], [2.0], [3.0], [4.0]]);
    for penalty in [Penalty::None, Penalty::L1, Penalty::L2] {
        let data = Training::new(x.clone()).with_target(labels(&array![0, 0, 0, 1, 1], 2));
        let p = LogisticRegression::new(penalty).c(1e6).max_iter(1000).fit(data).unwrap().predict(&x).unwrap();
        assert_eq!(p.most_probable(), [0, 0, 0, 1, 1], "{penalty:?}");
        // A class with one row, and one with none.
        let data = Training::new(x.clone()).with_target(labels(&array![0, 0, 0, 1, 2], 4));
        let p = LogisticRegression::new(penalty).max_iter(1000).fit(data).unwrap().predict(&x).unwrap();
        assert!(p.probabilities.iter().all(|p| p.is_finite()) && p.probabilities.column(3).iter().all(|p| *p < 0.3));
    }
    let data = classes(80, 3, 2);
    let values = data.x.dense("test").unwrap();
    let twice = dense(concatenate![Axis(1), *values, values.slice(s![.., ..2])]);
    let twice = Training { x: twice, ..data.clone() };
    let recipe = LogisticRegression::new(Penalty::None).tol(1e-8).max_iter(2000);
    let (a, b) = (recipe.fit(data.clone()).unwrap(), recipe.fit(twice.clone()).unwrap());
    assert_all_close(&b.predict(&twice.x).unwrap().probabilities, &a.predict(&data.x).unwrap().probabilities, 1e-4);
}

#[test]
fn columns_of_any_unit_and_place_are_learned_from() {
    let data = classes(200, 2, 5);
    let mut x = data.x.dense("test").unwrap().clone();
    x.column_mut(0).mapv_inplace(|v| v * 1e-6);
    x.column_mut(1).mapv_inplace(|v| v * 1e6 + 1e7);
    let moved = Training { x: dense(x), ..data.clone() };
    let recipe = LogisticRegression::new(Penalty::None).tol(1e-8);
    let (a, b) = (recipe.fit(data.clone()).unwrap(), recipe.fit(moved.clone()).unwrap());
    assert_all_close(&b.predict(&moved.x).unwrap().probabilities, &a.predict(&data.x).unwrap().probabilities, 1e-6);
    assert!((b.coefficients()[[0, 0]] * 1e-6 / a.coefficients()[[0, 0]] - 1.0).abs() < 1e-4);
}

#[test]
fn what_cannot_be_learned_from_is_named() {
    let data = classes(40, 2, 1);
    let says = |recipe: LogisticRegression| recipe.fit(data.clone()).unwrap_err().to_string();
    assert!(says(LogisticRegression::default().c(0.0)).starts_with("parameter `c` = 0.0"));
    assert!(says(LogisticRegression::default().l1_ratio(1.5)).starts_with("parameter `l1_ratio` = 1.5"));
    assert!(says(LogisticRegression::default().max_iter(0)).starts_with("parameter `max_iter` = 0"));
    assert!(says(LogisticRegression::default().tol(-1.0)).starts_with("parameter `tol` = -1.0"));
    let one = data.clone().with_target(labels(&Array1::zeros(40), 2));
    let says = LogisticRegression::default().fit(one).unwrap_err().to_string();
    assert_eq!(says, "column `target`: only one class has rows with weight: there is nothing to tell apart");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_row_of_weight_two_is_the_row_twice(seed in 0u64..1000, lasso in any::<bool>(), count in 2usize..4) {
        let data = classes(60, count, seed);
        let mut weights = Array1::ones(60);
        weights[7] = 2.0;
        let mut twice: Vec<usize> = (0..60).collect();
        twice.push(7);
        let recipe = LogisticRegression::new(if lasso { Penalty::L1 } else { Penalty::L2 }).tol(1e-8).max_iter(3000);
        let weighted = recipe.fit(data.clone().with_weights(weights)).unwrap();
        let repeated = recipe.fit(data.take(&twice)).unwrap();
        assert_all_close(weighted.coefficients(), repeated.coefficients(), 1e-5);
    }

    #[test]
    fn the_order_of_rows_changes_nothing_but_rounding(seed in 0u64..1000) {
        let data = classes(60, 3, seed);
        let order: Vec<usize> = (0..60).map(|row| row * 7 % 60).collect();
        let recipe = LogisticRegression::default().tol(1e-9).max_iter(2000);
        let (a, b) = (recipe.fit(data.clone()).unwrap(), recipe.fit(data.take(&order)).unwrap());
        assert_all_close(a.coefficients(), b.coefficients(), 1e-6);
    }
}
