//! Huber's regression beside scikit-learn, and what must hold of it.

use crate::data::{dense, smooth, sparse, values};
use adflux_core::{Features, Fit, Rows as _, Training};
use adflux_regression::{FittedHuberRegressor, HuberRegressor};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    weights: Vec<f64>,
    fits: Vec<Fitted>,
}

#[derive(Deserialize)]
struct Fitted {
    epsilon: f64,
    alpha: f64,
    weighted: bool,
    intercept: bool,
    coefficients: Vec<f64>,
    constant: f64,
    scale: f64,
    value: f64,
}

#[test]
fn lines_and_scales_are_scikit_learns_dense_and_sparse() {
    let golden = fixture::<Golden>("linear/huber.json");
    let x = Array2::from_shape_vec((golden.x.len(), golden.x[0].len()), golden.x.concat()).unwrap();
    for wanted in &golden.fits {
        for features in [dense(x.clone()), sparse(&x)] {
            let mut data = Training { x: features, ..values(x.clone(), golden.y.clone()) };
            data.weights = wanted.weighted.then(|| golden.weights.clone().into());
            let recipe = HuberRegressor::new(wanted.epsilon).alpha(wanted.alpha).fit_intercept(wanted.intercept);
            let line = recipe.clone().tol(1e-7).fit(data.clone()).unwrap();
            assert!(line.converged());
            assert_all_close(line.coefficients(), &wanted.coefficients, 1e-7);
            assert_close(line.intercepts()[0], wanted.constant, 1e-7);
            assert_close(line.scale(), wanted.scale, 1e-7);
            let reached = sum(&recipe, &line, &x, &data);
            assert!(reached <= wanted.value * (1.0 + 1e-12), "{reached} is above {}", wanted.value);
        }
    }
}

/// What is minimised, by its formula.
fn sum(recipe: &HuberRegressor, line: &FittedHuberRegressor, x: &Array2<f64>, data: &Training<Features>) -> f64 {
    let (b, sigma) = (line.coefficients().row(0), line.scale());
    let residuals = data.values("test").unwrap() - &x.dot(&b) - line.intercepts()[0];
    let weights = data.weights.clone().unwrap_or_else(|| Array1::ones(residuals.len()));
    let loss = |z: f64| match z.abs() <= recipe.epsilon {
        true => z * z,
        false => 2.0 * recipe.epsilon * z.abs() - recipe.epsilon * recipe.epsilon,
    };
    (weights * residuals.mapv(|r| sigma + sigma * loss(r / sigma))).sum() + recipe.alpha * b.dot(&b)
}

#[test]
fn rows_on_a_line_but_for_one_give_the_line() {
    let x = array![[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]];
    let mut y = x.column(0).mapv(|x| 2.0 * x + 1.0);
    let exact = HuberRegressor::default().fit(values(x.clone(), y.clone())).unwrap();
    assert!((exact.coefficients()[[0, 0]] - 2.0).abs() < 1e-3 && exact.scale() < 1e-2, "{exact:?}");
    y[3] = 500.0;
    let bent = HuberRegressor::default().alpha(0.0).fit(values(x, y)).unwrap();
    assert!((bent.coefficients()[[0, 0]] - 2.0).abs() < 1e-2, "{bent:?}");
}

#[test]
fn columns_that_do_not_move_or_repeat_others_have_an_answer() {
    let (x, y) = smooth(60, 2);
    let recipe = HuberRegressor::default().alpha(0.0).tol(1e-7);
    let alone = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let twice = concatenate![Axis(1), x, x.slice(s![.., ..1]), Array2::from_elem((60, 1), 0.1)];
    let line = recipe.fit(values(twice, y)).unwrap();
    let (b, wanted) = (line.coefficients(), alone.coefficients());
    assert!((b[[0, 0]] + b[[0, 6]] - wanted[[0, 0]]).abs() < 1e-5 && b[[0, 7]] == 0.0, "{b}");
    assert_close(line.intercepts()[0], alone.intercepts()[0], 1e-5);
}

#[test]
fn parameters_out_of_range_are_named() {
    let (x, y) = smooth(30, 1);
    let says = |recipe: HuberRegressor| recipe.fit(values(x.clone(), y.clone())).unwrap_err().to_string();
    assert!(
        says(HuberRegressor::new(0.9)).starts_with("parameter `epsilon` = 0.9: must be a finite number, at least 1")
    );
    assert!(says(HuberRegressor::default().alpha(-1.0)).starts_with("parameter `alpha` = -1.0"));
    let wide = values(Array2::zeros((2, 2049)), array![1.0, 2.0]);
    assert!(says(HuberRegressor::default().max_iter(0)).starts_with("parameter `max_iter` = 0"));
    assert!(says(HuberRegressor::default().tol(f64::NAN)).starts_with("parameter `tol` = NaN"));
    assert!(HuberRegressor::default().fit(wide).unwrap_err().to_string().contains("takes 2048 columns at most"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_row_of_weight_two_is_the_row_twice(seed in 0u64..1000) {
        let (x, y) = smooth(40, seed);
        let mut weights = Array1::ones(40);
        weights[7] = 2.0;
        let mut twice: Vec<usize> = (0..40).collect();
        twice.push(7);
        let data = values(x, y);
        let recipe = HuberRegressor::default().tol(1e-7);
        let weighted = recipe.fit(data.clone().with_weights(weights)).unwrap();
        let repeated = recipe.fit(data.take(&twice)).unwrap();
        assert_all_close(weighted.coefficients(), repeated.coefficients(), 1e-4);
    }

    #[test]
    fn a_target_in_another_unit_gives_the_line_in_that_unit(seed in 0u64..1000, unit in 1e-3f64..1e3) {
        let (x, y) = smooth(40, seed);
        let recipe = HuberRegressor::default().alpha(0.0).tol(1e-7);
        let one = recipe.fit(values(x.clone(), y.clone())).unwrap();
        let other = recipe.fit(values(x, y * unit)).unwrap();
        assert_all_close(&(other.coefficients() / unit), one.coefficients(), 1e-4);
    }
}
