//! Lasso and elastic net beside scikit-learn, and what must hold of them.

use crate::data::{dense, smooth, sparse, values};
use adflux_core::{Features, Fit, Rows as _, Training};
use adflux_regression::{ElasticNet, ElasticNetCV, ElasticNetPath, Lasso, LassoCV, LinearRegression};
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
    chosen: Vec<Chosen>,
    paths: Vec<Path>,
}

#[derive(Deserialize)]
struct Fitted {
    alpha: f64,
    l1_ratio: f64,
    weighted: bool,
    intercept: bool,
    coefficients: Vec<f64>,
    constant: f64,
}

#[derive(Deserialize)]
struct Chosen {
    l1_ratios: Vec<f64>,
    weighted: bool,
    alpha: f64,
    l1_ratio: f64,
    alphas: Vec<Vec<f64>>,
    errors: Vec<Vec<f64>>,
    coefficients: Vec<f64>,
    constant: f64,
}

#[derive(Deserialize)]
struct Path {
    l1_ratio: f64,
    alphas: Vec<f64>,
    coefficients: Vec<Vec<f64>>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn training(golden: &Golden, x: Features, weighted: bool) -> Training<Features> {
    let mut data = Training { x, ..values(matrix(&golden.x), golden.y.clone()) };
    data.weights = weighted.then(|| golden.weights.clone().into());
    data
}

#[test]
fn coefficients_are_scikit_learns_dense_and_sparse() {
    let golden = fixture::<Golden>("linear/penalised.json");
    for wanted in &golden.fits {
        for x in [dense(matrix(&golden.x)), sparse(&matrix(&golden.x))] {
            let data = training(&golden, x, wanted.weighted);
            let recipe = ElasticNet::new(wanted.alpha, wanted.l1_ratio)
                .fit_intercept(wanted.intercept)
                .tol(1e-9)
                .max_iter(100_000);
            let model = recipe.fit(data.clone()).unwrap();
            assert!(model.converged());
            assert_all_close(model.coefficients(), &wanted.coefficients, 1e-6);
            assert_close(model.intercepts()[0], wanted.constant, 1e-6);
            let zeros = |b: Vec<f64>| b.into_iter().map(|b| b == 0.0).collect::<Vec<bool>>();
            assert_eq!(zeros(model.coefficients().row(0).to_vec()), zeros(wanted.coefficients.clone()));
            if wanted.l1_ratio == 1.0 {
                let lasso = Lasso::new(wanted.alpha).fit_intercept(wanted.intercept).tol(1e-9).max_iter(100_000);
                assert_eq!(lasso.fit(data).unwrap().coefficients(), model.coefficients());
            }
        }
    }
}

#[test]
fn cross_validation_tries_and_chooses_what_scikit_learn_does() {
    let golden = fixture::<Golden>("linear/penalised.json");
    for wanted in &golden.chosen {
        let data = training(&golden, dense(matrix(&golden.x)), wanted.weighted);
        let recipe =
            ElasticNetCV::default().l1_ratio(wanted.l1_ratios.clone()).n_alphas(30).tol(1e-9).max_iter(100_000);
        let model = recipe.fit(data.clone()).unwrap();
        assert_all_close(model.alphas(), &matrix(&wanted.alphas), 1e-9);
        if !wanted.weighted {
            // With weights scikit-learn keeps the errors of folds, and means them by weight only when it chooses.
            assert_all_close(model.errors(), &matrix(&wanted.errors), 1e-6);
        }
        assert_close(model.alpha(), wanted.alpha, 1e-9);
        assert_eq!(model.l1_ratio(), wanted.l1_ratio);
        assert_all_close(model.coefficients(), &wanted.coefficients, 1e-6);
        assert_close(model.intercepts()[0], wanted.constant, 1e-6);
        if wanted.l1_ratios == [1.0] {
            let lasso = LassoCV::default().n_alphas(30).tol(1e-9).max_iter(100_000).fit(data).unwrap();
            assert_eq!((lasso.alpha(), lasso.coefficients()), (model.alpha(), model.coefficients()));
        }
    }
}

#[test]
fn paths_are_scikit_learns_dense_and_sparse() {
    let golden = fixture::<Golden>("linear/penalised.json");
    for wanted in &golden.paths {
        for x in [dense(matrix(&golden.x)), sparse(&matrix(&golden.x))] {
            let data = training(&golden, x, false);
            let recipe = ElasticNetPath::default().l1_ratio(wanted.l1_ratio).n_alphas(12).tol(1e-9).max_iter(100_000);
            let path = recipe.trace(&data).unwrap();
            assert_all_close(&path.alphas, &wanted.alphas, 1e-9);
            assert_all_close(&path.coefficients, &matrix(&wanted.coefficients), 1e-6);
            assert!(path.converged.iter().all(|rests| *rests));
            let zeros = |b: f64| b == 0.0;
            assert_eq!(path.coefficients.mapv(zeros), matrix(&wanted.coefficients).mapv(zeros));
        }
    }
}

#[test]
fn a_path_is_its_single_fits_from_the_strongest_penalty_to_the_weakest() {
    let golden = fixture::<Golden>("linear/penalised.json");
    let data = training(&golden, dense(matrix(&golden.x)), true);
    for intercept in [true, false] {
        let recipe = ElasticNetPath::default().fit_intercept(intercept).tol(1e-10).max_iter(100_000);
        let path = recipe.alphas([0.3, 2.0, 0.0]).trace(&data).unwrap();
        assert_eq!(path.alphas.to_vec(), [2.0, 0.3, 0.0]);
        for (at, alpha) in path.alphas.iter().enumerate() {
            let one = ElasticNet::new(*alpha, 0.5).fit_intercept(intercept).tol(1e-10).max_iter(100_000);
            let one = one.fit(data.clone()).unwrap();
            assert_all_close(path.coefficients.row(at), one.coefficients().row(0), 1e-7);
            assert_close(path.intercepts[at], one.intercepts()[0], 1e-7);
            assert_eq!(&path.columns, one.columns());
        }
    }
}

#[test]
fn a_path_refuses_what_leads_nowhere() {
    let (x, y) = smooth(30, 1);
    let data = values(x, y);
    let says = |recipe: ElasticNetPath| recipe.trace(&data).unwrap_err().to_string();
    let path = ElasticNetPath::default;
    assert!(says(path().l1_ratio(0.0)).starts_with("parameter `l1_ratio` = 0.0: must be above 0 and at most 1"));
    assert!(says(path().eps(1.0)).starts_with("parameter `eps` = 1.0"));
    assert!(says(path().n_alphas(0)).starts_with("parameter `n_alphas` = 0"));
    for wrong in [vec![], vec![-1.0], vec![f64::NAN]] {
        assert!(says(path().alphas(wrong)).contains("must be 1 to 10,000 finite numbers, 0 or more"));
    }
    assert!(says(path().max_iter(0)).starts_with("parameter `max_iter` = 0"));
    assert!(says(path().tol(0.0)).starts_with("parameter `tol` = 0.0"));
}

#[test]
fn collinear_and_constant_columns_and_no_penalty_have_an_answer() {
    let (x, y) = smooth(60, 2);
    let twice = concatenate![Axis(1), x, x.slice(s![.., ..1]), Array2::from_elem((60, 1), 0.1)];
    let model = Lasso::new(0.01).tol(1e-8).max_iter(100_000).fit(values(twice, y.clone())).unwrap();
    let alone = Lasso::new(0.01).tol(1e-8).max_iter(100_000).fit(values(x.clone(), y.clone())).unwrap();
    let (b, wanted) = (model.coefficients(), alone.coefficients());
    assert!((b[[0, 0]] + b[[0, 6]] - wanted[[0, 0]]).abs() < 1e-6 && b[[0, 7]] == 0.0);
    let none = ElasticNet::new(0.0, 0.5).tol(1e-10).max_iter(100_000).fit(values(x.clone(), y.clone())).unwrap();
    assert_all_close(none.coefficients(), LinearRegression::default().fit(values(x, y)).unwrap().coefficients(), 1e-7);
}

#[test]
fn what_cannot_be_is_named() {
    let (x, y) = smooth(30, 1);
    let says = |recipe: ElasticNetCV| recipe.fit(values(x.clone(), y.clone())).unwrap_err().to_string();
    assert!(says(ElasticNetCV::default().cv(31)).ends_with("must be at most 30, the number of rows"));
    assert!(says(ElasticNetCV::default().l1_ratio([0.5, 0.0])).contains("a penalty without L1 has no path"));
    let mut weights = Array1::ones(30);
    weights.slice_mut(s![..6]).fill(0.0);
    let data = values(x.clone(), y.clone()).with_weights(weights);
    assert!(LassoCV::default().fit(data).unwrap_err().to_string().contains("a fold has no row with weight"));
    let wide = values(Array2::zeros((2, 2049)), array![1.0, 2.0]);
    assert!(
        Lasso::default().fit(wide).unwrap_err().to_string().starts_with("`lasso` takes 2048 columns at most, not 2049")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_row_of_weight_two_is_the_row_twice(seed in 0u64..1000, alpha in 0.001f64..0.5) {
        let (x, y) = smooth(40, seed);
        let mut weights = Array1::ones(40);
        weights[7] = 2.0;
        let mut twice: Vec<usize> = (0..40).collect();
        twice.push(7);
        let data = values(x, y);
        let recipe = Lasso::new(alpha).tol(1e-9).max_iter(100_000);
        let weighted = recipe.fit(data.clone().with_weights(weights)).unwrap();
        let repeated = recipe.fit(data.take(&twice)).unwrap();
        assert_all_close(weighted.coefficients(), repeated.coefficients(), 1e-7);
    }

    #[test]
    fn the_conditions_of_a_minimum_hold(seed in 0u64..1000, alpha in 0.001f64..1.0) {
        let (x, y) = smooth(50, seed);
        let model = Lasso::new(alpha).tol(1e-10).max_iter(100_000).fit(values(x.clone(), y.clone())).unwrap();
        let b = model.coefficients().row(0).to_owned();
        let residual = &y - &x.dot(&b) - model.intercepts()[0];
        for (j, b) in b.iter().enumerate() {
            let slope = x.column(j).dot(&residual) / 50.0;
            let holds = if *b == 0.0 { slope.abs() <= alpha + 1e-7 } else { (slope - alpha * b.signum()).abs() < 1e-7 };
            prop_assert!(holds, "{} {} {}", j, b, slope);
        }
    }
}
