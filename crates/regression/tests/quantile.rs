//! Quantile regression beside scikit-learn, and what must hold of it.

use crate::data::{dense, smooth, sparse, values};
use adflux_core::{Features, Fit, Rows as _, Training};
use adflux_regression::{FittedQuantileRegressor, QuantileRegressor};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    /// The same in whole numbers: many rows alike, many lines lowest.
    coarse_x: Vec<Vec<f64>>,
    coarse_y: Vec<f64>,
    weights: Vec<f64>,
    fits: Vec<Fitted>,
}

#[derive(Deserialize)]
struct Fitted {
    coarse: bool,
    quantile: f64,
    alpha: f64,
    weighted: bool,
    intercept: bool,
    coefficients: Vec<f64>,
    constant: f64,
    value: f64,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// What is minimised, by its formula.
fn value(
    recipe: &QuantileRegressor,
    line: &FittedQuantileRegressor,
    x: &Array2<f64>,
    data: &Training<Features>,
) -> f64 {
    let b = line.coefficients().row(0);
    let residuals = data.values("test").unwrap() - &x.dot(&b) - line.intercepts()[0];
    let weights = data.weights.clone().unwrap_or_else(|| Array1::ones(residuals.len()));
    let cost = residuals.mapv(|r| if r < 0.0 { (recipe.quantile - 1.0) * r } else { recipe.quantile * r });
    (&weights * cost).sum() / weights.sum() + recipe.alpha * b.mapv(f64::abs).sum()
}

#[test]
fn lines_are_as_low_as_scikit_learns_and_the_same_where_only_one_is_dense_and_sparse() {
    let golden = fixture::<Golden>("linear/quantile.json");
    for wanted in &golden.fits {
        let (x, y) = match wanted.coarse {
            true => (matrix(&golden.coarse_x), &golden.coarse_y),
            false => (matrix(&golden.x), &golden.y),
        };
        for features in [dense(x.clone()), sparse(&x)] {
            let mut data = Training { x: features, ..values(x.clone(), y.clone()) };
            data.weights = wanted.weighted.then(|| golden.weights.clone().into());
            let recipe = QuantileRegressor::new(wanted.quantile).alpha(wanted.alpha).fit_intercept(wanted.intercept);
            let line = recipe.fit(data.clone()).unwrap();
            assert!(line.converged());
            assert_close(value(&recipe, &line, &x, &data), wanted.value, 1e-9);
            if !wanted.coarse {
                assert_all_close(line.coefficients(), &wanted.coefficients, 1e-8);
                assert_close(line.intercepts()[0], wanted.constant, 1e-8);
                let zeros: Vec<bool> = line.coefficients().iter().map(|b| *b == 0.0).collect();
                assert_eq!(zeros, wanted.coefficients.iter().map(|b| *b == 0.0).collect::<Vec<bool>>());
            }
        }
    }
}

#[test]
fn a_penalty_without_end_leaves_the_weighted_quantile() {
    let (x, y) = smooth(41, 3);
    let mut sorted = y.to_vec();
    sorted.sort_by(f64::total_cmp);
    for alpha in [1e3, 1e300] {
        let line = QuantileRegressor::default().alpha(alpha).fit(values(x.clone(), y.clone())).unwrap();
        assert!(line.converged() && line.coefficients().iter().all(|b| *b == 0.0), "{line:?}");
        assert_close(line.intercepts()[0], sorted[20], 1e-12);
    }
}

#[test]
fn outliers_of_the_target_do_not_move_the_median() {
    let (x, y) = smooth(60, 4);
    let recipe = QuantileRegressor::default().alpha(0.0);
    let line = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let far = &y - &x.dot(&line.coefficients().row(0)) - line.intercepts()[0];
    let moved: Array1<f64> = y.iter().zip(&far).map(|(y, r)| if *r > 0.5 { y + 1e6 } else { *y }).collect();
    assert!(moved != y);
    let again = recipe.fit(values(x, moved)).unwrap();
    assert_all_close(again.coefficients(), line.coefficients(), 1e-7);
}

#[test]
fn collinear_and_constant_columns_and_wide_tables_have_an_answer() {
    let (x, y) = smooth(60, 2);
    let recipe = QuantileRegressor::new(0.3).alpha(0.0);
    let alone = recipe.fit(values(x.clone(), y.clone())).unwrap();
    let least = value(&recipe, &alone, &x, &values(x.clone(), y.clone()));
    let twice = concatenate![Axis(1), x, x.slice(s![.., ..1]), Array2::from_elem((60, 1), 0.1)];
    let line = recipe.fit(values(twice.clone(), y.clone())).unwrap();
    assert_close(value(&recipe, &line, &twice, &values(twice.clone(), y.clone())), least, 1e-8);
    let (few, few_y) = (x.slice(s![..4, ..]).to_owned(), y.slice(s![..4]).to_owned());
    let line = recipe.fit(values(few.clone(), few_y.clone())).unwrap();
    assert!(value(&recipe, &line, &few, &values(few.clone(), few_y)) < 1e-9);
    let same = recipe.fit(values(x, Array1::from_elem(60, 7.0))).unwrap();
    assert_close(same.intercepts()[0], 7.0, 1e-12);
}

#[test]
fn parameters_out_of_range_are_named() {
    let (x, y) = smooth(30, 1);
    let says = |recipe: QuantileRegressor| recipe.fit(values(x.clone(), y.clone())).unwrap_err().to_string();
    assert!(says(QuantileRegressor::new(1.0)).starts_with("parameter `quantile` = 1.0: must lie between 0 and 1"));
    assert!(says(QuantileRegressor::new(0.5).alpha(-1.0)).starts_with("parameter `alpha` = -1.0"));
    let wide = values(Array2::zeros((2, 2049)), array![1.0, 2.0]);
    assert!(QuantileRegressor::default().fit(wide).unwrap_err().to_string().contains("takes 2048 columns at most"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_share_of_rows_below_is_the_quantile(seed in 0u64..1000, quantile in 0.05f64..0.95) {
        let (x, y) = smooth(80, seed);
        let line = QuantileRegressor::new(quantile).alpha(0.0).fit(values(x.clone(), y.clone())).unwrap();
        let residuals = &y - &x.dot(&line.coefficients().row(0)) - line.intercepts()[0];
        let below = residuals.iter().filter(|r| **r < -1e-9).count() as f64;
        let not_above = residuals.iter().filter(|r| **r < 1e-9).count() as f64;
        prop_assert!(below <= 80.0 * quantile && 80.0 * quantile <= not_above, "{below} {not_above}");
        prop_assert_eq!(not_above - below, 7.0, "as many rows on the line as it has numbers");
    }

    #[test]
    fn a_row_of_weight_two_is_the_row_twice_and_one_of_none_is_not_there(seed in 0u64..1000) {
        let (x, y) = smooth(40, seed);
        let mut weights = Array1::ones(40);
        (weights[7], weights[9]) = (2.0, 0.0);
        let mut twice: Vec<usize> = (0..40).filter(|row| *row != 9).collect();
        twice.push(7);
        let data = values(x.clone(), y);
        let recipe = QuantileRegressor::new(0.4).alpha(0.01);
        let repeated = data.take(&twice);
        let x = x.select(Axis(0), &twice);
        let of = |data: Training<Features>| value(&recipe, &recipe.fit(data).unwrap(), &x, &repeated);
        assert_close(of(data.clone().with_weights(weights)), of(repeated.clone()), 1e-9);
    }

    #[test]
    fn a_target_in_another_unit_gives_the_line_in_that_unit(seed in 0u64..1000, unit in 1e-6f64..1e6) {
        let (x, y) = smooth(40, seed);
        let recipe = QuantileRegressor::new(0.7).alpha(0.02);
        let one = recipe.fit(values(x.clone(), y.clone())).unwrap();
        let other = recipe.fit(values(x, y * unit)).unwrap();
        assert_all_close(&(other.coefficients() / unit), one.coefficients(), 1e-7);
    }
}
