//! The penalty of a ridge beside scikit-learn's, and beside rows that are left out in fact.

use crate::data::{dense, smooth, sparse, values};
use adflux_core::{Features, Fit, MultiTarget, Predict, Rows as _, Target, Training};
use adflux_regression::{Ridge, RidgeCV};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    alphas: Vec<f64>,
    fits: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
    x: Vec<Vec<f64>>,
    /// Rows × targets.
    y: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    intercept: bool,
    alpha: f64,
    errors: Vec<f64>,
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[test]
fn errors_and_choices_are_scikit_learns_dense_and_sparse() {
    let golden = fixture::<Golden>("linear/ridge_cv.json");
    for wanted in golden.fits {
        println!("{}", wanted.name);
        for x in [dense(matrix(&wanted.x)), sparse(&matrix(&wanted.x))] {
            let y = matrix(&wanted.y);
            let names: Vec<String> = (0..y.ncols()).map(|i| format!("y{i}")).collect();
            let target = match y.ncols() {
                1 => Target::Values(y.column(0).to_owned()),
                _ => Target::Multi(MultiTarget { names: names.into(), values: y }),
            };
            let mut data = Training::new(x).with_target(target);
            data.weights = wanted.weights.clone().map(Into::into);
            let recipe = RidgeCV::new(golden.alphas.clone()).fit_intercept(wanted.intercept);
            let model = recipe.fit(data).unwrap();
            assert_eq!((model.alpha(), model.alphas()), (wanted.alpha, &golden.alphas[..]));
            assert_all_close(model.errors(), &wanted.errors, 1e-8);
            assert_all_close(model.coefficients(), &matrix(&wanted.coefficients), 1e-8);
            assert_all_close(model.intercepts(), &wanted.intercepts, 1e-8);
        }
    }
}

#[test]
fn a_row_of_weight_zero_is_as_if_it_were_not_there() {
    let (x, y) = smooth(50, 3);
    let without = RidgeCV::default().fit(values(x.clone(), y.clone()).take(&(1..50).collect::<Vec<_>>())).unwrap();
    let mut weights = Array1::ones(50);
    weights[0] = 0.0;
    let with = RidgeCV::default().fit(values(x, y).with_weights(weights)).unwrap();
    assert_eq!(with.alpha(), without.alpha());
    assert_all_close(with.errors(), without.errors(), 1e-9);
    assert_all_close(with.coefficients(), without.coefficients(), 1e-9);
}

#[test]
fn one_thread_and_two_give_the_same_bits() {
    let (x, y) = smooth(9000, 4);
    let errors = |threads| {
        let context = adflux_core::Context::default().with_threads(threads).unwrap();
        RidgeCV::default().fit_with(values(x.clone(), y.clone()), &context).unwrap().errors().to_vec()
    };
    assert_eq!(errors(1), errors(2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn an_error_is_that_of_a_fit_without_the_row(seed in 0u64..1000, alpha in 1e-3f64..100.0, intercept: bool) {
        let (x, y) = smooth(24, seed);
        let weights = Array1::from_iter((0..24).map(|i| 0.5 + ((i * 7 + seed as usize) % 5) as f64));
        let data: Training<Features> = values(x, y.clone()).with_weights(weights.clone());
        let found = RidgeCV::new([alpha]).fit_intercept(intercept).fit(data.clone()).unwrap().errors()[0];
        let ridge = Ridge::new(alpha).fit_intercept(intercept);
        let squares = (0..24).map(|row| {
            let others: Vec<usize> = (0..24).filter(|other| *other != row).collect();
            let fitted = ridge.fit(data.take(&others)).unwrap();
            let predicted = fitted.predict(&data.x.take(&[row])).unwrap().point().unwrap()[0];
            weights[row] * (y[row] - predicted).powi(2)
        });
        assert_close(found, squares.sum::<f64>() / weights.sum(), 1e-8);
    }
}
