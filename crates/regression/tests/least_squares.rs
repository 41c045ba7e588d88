//! Ordinary and ridge regression beside scikit-learn and statsmodels, and what must hold of them.

use crate::data::{dense, smooth, sparse, values};
use adflux_core::{
    Block, Column, Context, Features, Fit, MultiTarget, Predict, Rows as _, Target, Training, Values, random::stream,
};
use adflux_regression::{LinearRegression, Ridge};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, Axis, array, concatenate, s};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    inference: Vec<Inference>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    weights: Option<Vec<f64>>,
    intercept: bool,
    fits: Vec<Fitted>,
}

#[derive(Deserialize)]
struct Fitted {
    alpha: f64,
    coefficients: Vec<Vec<f64>>,
    intercepts: Vec<f64>,
}

#[derive(Deserialize)]
struct Inference {
    weights: Option<Vec<f64>>,
    intercept: bool,
    scale: f64,
    coefficients: Vec<f64>,
    errors: Vec<f64>,
    t: Vec<f64>,
    p: Vec<f64>,
    ends: Vec<[f64; 2]>,
    mean_ends: Vec<[f64; 2]>,
    outcome_ends: Vec<[f64; 2]>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// The fit of `alpha` as coefficients and intercepts; 0 is ordinary least squares.
fn fitted(alpha: f64, intercept: bool, data: Training<Features>) -> (Array2<f64>, Array1<f64>) {
    if alpha == 0.0 {
        let line = LinearRegression::default().fit_intercept(intercept).fit(data).unwrap();
        (line.coefficients().clone(), line.intercepts().clone())
    } else {
        let line = Ridge::new(alpha).fit_intercept(intercept).fit(data).unwrap();
        (line.coefficients().clone(), line.intercepts().clone())
    }
}

fn training(x: Features, y: &Array2<f64>, weights: Option<&[f64]>) -> Training<Features> {
    let names: Vec<String> = (0..y.ncols()).map(|i| format!("y{i}")).collect();
    let target = match y.ncols() {
        1 => Target::Values(y.column(0).to_owned()),
        _ => Target::Multi(MultiTarget { names: names.into(), values: y.clone() }),
    };
    let data = Training::new(x).with_target(target);
    match weights {
        Some(w) => data.with_weights(w.to_vec().into()),
        None => data,
    }
}

#[test]
fn coefficients_are_scikit_learns_dense_and_sparse() {
    for case in fixture::<Golden>("linear/least_squares.json").cases {
        let (x, y) = (matrix(&case.x), matrix(&case.y));
        for wanted in &case.fits {
            for features in [dense(x.clone()), sparse(&x)] {
                let data = training(features, &y, case.weights.as_deref());
                let (coefficients, intercepts) = fitted(wanted.alpha, case.intercept, data);
                println!("{} {}", case.name, wanted.alpha);
                assert_all_close(&coefficients, &matrix(&wanted.coefficients), 1e-9);
                assert_all_close(&intercepts, &wanted.intercepts, 1e-8);
            }
        }
    }
}

#[test]
fn the_summary_and_the_intervals_are_those_of_statsmodels() {
    let golden = fixture::<Golden>("linear/least_squares.json");
    let x = matrix(&golden.x);
    for wanted in golden.inference {
        let y = Array1::from(golden.y.clone()).insert_axis(Axis(1));
        let data = training(dense(x.clone()), &y, wanted.weights.as_deref());
        let line = LinearRegression::default().fit_intercept(wanted.intercept).inference(true).fit(data).unwrap();
        assert_close(line.residual_variance().unwrap(), wanted.scale, 1e-10);
        let summary = line.summary(0.9).unwrap();
        let of =
            |value: fn(&adflux_regression::CoefficientSummary) -> f64| summary.iter().map(value).collect::<Vec<f64>>();
        assert_all_close(&of(|s| s.coefficient), &wanted.coefficients, 1e-9);
        assert_all_close(&of(|s| s.standard_error), &wanted.errors, 1e-9);
        assert_all_close(&of(|s| s.statistic), &wanted.t, 1e-8);
        assert_all_close(&of(|s| s.p_value), &wanted.p, 1e-9);
        assert_all_close(&of(|s| s.lower), &wanted.ends.iter().map(|e| e[0]).collect::<Vec<_>>(), 1e-8);
        assert_all_close(&of(|s| s.upper), &wanted.ends.iter().map(|e| e[1]).collect::<Vec<_>>(), 1e-8);
        assert_eq!(summary[0].name, if wanted.intercept { "intercept" } else { "x0" });
        let new = dense(x.slice(s![..5, ..]).to_owned());
        for (intervals, ends) in [
            (line.confidence_intervals(&new, 0.9).unwrap(), &wanted.mean_ends),
            (line.predict_intervals(&new, 0.9).unwrap(), &wanted.outcome_ends),
        ] {
            assert_all_close(&intervals.lower, &ends.iter().map(|e| e[0]).collect::<Vec<_>>(), 1e-8);
            assert_all_close(&intervals.upper, &ends.iter().map(|e| e[1]).collect::<Vec<_>>(), 1e-8);
        }
    }
}

#[test]
fn a_column_that_does_not_vary_costs_no_degree_of_freedom() {
    let recipe = LinearRegression::default().inference(true);
    let numbers = |line: &adflux_regression::FittedLinearRegression| {
        let row = |s: adflux_regression::CoefficientSummary| {
            [s.coefficient, s.standard_error, s.statistic, s.p_value, s.lower, s.upper]
        };
        line.summary(0.9).unwrap().into_iter().map(row).collect::<Vec<_>>()
    };
    // What statsmodels says beside a column of zeros, but for the test of that column, which is NaN there.
    let wanted = [[0.15, 0.24799194], [1.94, 0.09055385], [0.0, 0.0]];
    for constant in [0.0, 7.0] {
        let x = array![[1.0, constant], [2.0, constant], [3.0, constant], [4.0, constant]];
        let line = recipe.fit(values(x, [2.1, 3.9, 6.2, 7.8])).unwrap();
        assert_eq!(line.degrees_of_freedom().unwrap(), 2.0);
        assert_close(line.residual_variance().unwrap(), 0.041, 1e-12);
        let found = numbers(&line);
        for (found, wanted) in found.iter().zip(wanted) {
            assert_all_close(&found[..2], &wanted, 1e-8);
        }
        assert_close(found[1][3], 0.00217167, 1e-8);
        assert_eq!(found[2], [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }
    // Columns so alike that they are solved by singular values.
    let (x, y) = smooth(30, 1);
    let alike = Array2::from_shape_fn((30, 1), |(row, _)| x[[row, 0]] + 1e-5 * (row as f64).sin());
    let alone = concatenate![Axis(1), x, alike];
    let beside = concatenate![Axis(1), alone, Array2::from_elem((30, 1), 0.1)];
    let (alone, beside) = (recipe.fit(values(alone, y.clone())).unwrap(), recipe.fit(values(beside, y)).unwrap());
    assert_eq!(alone.degrees_of_freedom().unwrap(), 22.0);
    assert_eq!(beside.degrees_of_freedom().unwrap(), 22.0);
    for (a, b) in numbers(&alone).iter().zip(&numbers(&beside)) {
        assert_all_close(a, b, 1e-6);
    }
}

#[test]
fn an_outcome_without_noise_has_a_summary_of_numbers() {
    let line = LinearRegression::default().inference(true);
    let line = line.fit(values(array![[1.0], [2.0], [3.0], [5.0]], [0.0; 4])).unwrap();
    assert!(line.summary(0.9).unwrap().iter().all(|s| s.statistic == 0.0 && s.p_value == 1.0));
}

#[test]
fn what_inference_cannot_be_had_of_is_refused() {
    let (x, y) = smooth(30, 1);
    let recipe = LinearRegression::default().inference(true);
    let says = |data: Training<Features>| recipe.fit(data).unwrap_err().to_string();
    let few = training(dense(x.slice(s![..7, ..]).to_owned()), &y.slice(s![..7]).to_owned().insert_axis(Axis(1)), None);
    assert!(says(few).starts_with("standard errors of 7 coefficients need more rows than the 7 there are"));
    let twice = concatenate![Axis(1), x, x.slice(s![.., ..1])];
    assert!(says(values(twice, y.clone())).starts_with("there are no standard errors of collinear columns"));
    let several = training(dense(x.clone()), &concatenate![Axis(1), x.slice(s![.., ..1]), x.slice(s![.., 1..2])], None);
    assert!(says(several).starts_with("parameter `inference` = true: is for one target"));
    let line = LinearRegression::default().fit(values(x.clone(), y.clone())).unwrap();
    assert!(line.summary(0.9).unwrap_err().to_string().contains("set inference = true"));
    let line = recipe.fit(values(x.clone(), y)).unwrap();
    assert!(line.predict_intervals(&dense(x), 1.0).unwrap_err().to_string().contains("parameter `level` = 1.0"));
}

#[test]
fn a_rate_of_a_millionth_beside_a_budget_of_millions_keeps_its_coefficient() {
    let mut rng = stream(3, &[]);
    let x = Array2::from_shape_fn((200, 3), |(_, j)| rng.random::<f64>() * [1e-6, 1e6, 1.0][j] + [0.0, 1e7, 0.0][j]);
    let y: Array1<f64> = x.rows().into_iter().map(|r| 3e6 * r[0] + 2e-6 * r[1] + r[2]).collect();
    // Also where a collinear column sends the fit through singular values.
    for x in [x.clone(), concatenate![Axis(1), x, x.slice(s![.., 2..])]] {
        let line = LinearRegression::default().fit(values(x, y.clone())).unwrap();
        let b = line.coefficients();
        assert!((b[[0, 0]] / 3e6 - 1.0).abs() < 1e-6 && (b[[0, 1]] / 2e-6 - 1.0).abs() < 1e-6, "{b}");
    }
}

#[test]
fn very_many_sparse_columns_are_solved_round_by_round_to_the_same_answer() {
    let mut rng = stream(9, &[]);
    let mut cells = sprs::TriMat::new((500, 2100));
    let mut y = Array1::zeros(500);
    for row in 0..500 {
        for _ in 0..5 {
            let column = rng.random_range(0..40);
            cells.add_triplet(row, column * 50, 1.0);
            y[row] += (column as f64).sin();
        }
        y[row] += rng.random::<f64>();
    }
    let columns: Vec<Column> = (0..2100).map(|i| Column::input(format!("w{i}"))).collect();
    let many = Features::new(500, vec![Block::new(columns, Values::Sparse(cells.to_csr())).unwrap()]).unwrap();
    let x: Array2<f64> = cells.to_csr::<usize>().to_dense();
    let few = dense(x.select(Axis(1), &(0..40).map(|c| c * 50).collect::<Vec<_>>()));
    for alpha in [0.0, 2.0] {
        let (all, intercept) = fitted(alpha, true, Training::new(many.clone()).with_target(Target::Values(y.clone())));
        let (wanted, constant) = fitted(alpha, true, Training::new(few.clone()).with_target(Target::Values(y.clone())));
        assert_all_close(&all.select(Axis(1), &(0..40).map(|c| c * 50).collect::<Vec<_>>()), &wanted, 1e-7);
        assert_all_close(&intercept, &constant, 1e-7);
    }
}

#[test]
fn mixed_blocks_are_one_table() {
    let (x, y) = smooth(60, 8);
    let parts = [dense(x.slice(s![.., ..3]).to_owned()), sparse(&x.slice(s![.., 3..]).to_owned())];
    let mut blocks: Vec<Block> = parts.into_iter().flat_map(Features::into_blocks).collect();
    let names: Vec<Column> = (3..6).map(|i| Column::input(format!("x{i}"))).collect();
    let (_, values_of_last) = blocks.pop().unwrap().into_parts();
    blocks.push(Block::new(names, values_of_last).unwrap());
    let mixed = Features::new(60, blocks).unwrap();
    let line =
        LinearRegression::default().fit(Training::new(mixed.clone()).with_target(Target::Values(y.clone()))).unwrap();
    let whole = LinearRegression::default().fit(values(x.clone(), y)).unwrap();
    assert_all_close(line.coefficients(), whole.coefficients(), 1e-10);
    let (a, b) = (line.predict(&mixed).unwrap(), whole.predict(&dense(x)).unwrap());
    assert_all_close(a.point().unwrap(), b.point().unwrap(), 1e-10);
}

/// Enough rows for columns to be moved and scaled by a guess from some of them.
fn many_rows() -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(5, &[]);
    let x = Array2::from_shape_simple_fn((20_000, 3), || rng.random::<f64>());
    let y = x.rows().into_iter().map(|r| 3.0 * r[0] - r[1] + 0.5 * r[2] + 0.1 * rng.random::<f64>()).collect();
    (x, y)
}

#[test]
fn a_guess_from_some_rows_is_taken_back_where_it_misleads() {
    let (plain, y) = many_rows();
    let wanted = fitted(0.0, true, values(plain.clone(), y.clone())).0;
    let centred = |x: &Array2<f64>| x - &x.mean_axis(Axis(0)).unwrap();
    let cross = centred(&plain).t().dot(&centred(&plain)).dot(&wanted.row(0));
    assert_all_close(&cross, &centred(&plain).t().dot(&y), 1e-9);

    // Every nineteenth row is looked at; they hardly count, and are far from all others.
    let mut x = plain.clone();
    let mut weights = Array1::ones(20_000);
    for row in 0..20_000 {
        match row % 19 {
            0 => (x[[row, 0]], weights[row]) = (0.0, 1e-30),
            _ => x[[row, 0]] += 1e7,
        }
    }
    let data = values(x, y.clone()).with_weights(weights);
    let others: Vec<usize> = (0..20_000).filter(|row| row % 19 != 0).collect();
    let alone = fitted(0.0, true, values(plain.clone(), y.clone()).take(&others)).0;
    assert_all_close(&fitted(0.0, true, data).0, &alone, 1e-6);

    // A number whose square is beyond all, in a row that is not looked at.
    let mut x = plain.clone();
    x[[7, 1]] = 1e200;
    let line = LinearRegression::default().fit(values(x, y.clone())).unwrap();
    assert!(line.coefficients()[[0, 1]].abs() < 1e-190 && (line.coefficients()[[0, 0]] - 3.0).abs() < 0.1);

    let mut x = plain.clone();
    x[[7, 1]] = f64::NAN;
    let said = LinearRegression::default().fit(values(x, y.clone())).unwrap_err().to_string();
    assert!(said.starts_with("column `x1`, row 8: a missing value"), "{said}");

    let constant = concatenate![Axis(1), plain, Array2::from_elem((20_000, 1), 0.1)];
    let line = fitted(0.0, true, values(constant, y)).0;
    assert_eq!(line[[0, 3]], 0.0);
    assert_all_close(line.slice(s![.., ..3]), &wanted, 1e-9);
}

#[test]
fn the_same_bits_whatever_the_number_of_threads() {
    let (x, y) = many_rows();
    let of = |threads: usize| {
        let context = Context::default().with_threads(threads).unwrap();
        Ridge::default().fit_with(values(x.clone(), y.clone()), &context).unwrap().coefficients().clone()
    };
    assert_eq!(of(1), of(2));
    assert_eq!(of(1), of(3));
}

#[test]
fn numbers_and_targets_that_cannot_be_used_are_named() {
    let line = LinearRegression::default();
    let says = |x: Array2<f64>| line.fit(values(x, [1.0, 2.0])).unwrap_err().to_string();
    assert!(says(array![[1.0], [f64::NAN]]).starts_with("column `x0`, row 2: a missing value"));
    assert!(says(array![[1.0], [f64::INFINITY]]).starts_with("column `x0`, row 2: an infinite value"));
    assert!(says(array![[1.7e308], [1.7e308]]).contains("overflow"));
    let (x, y) = smooth(30, 1);
    assert!(
        Ridge::new(-1.0)
            .fit(values(x.clone(), y.clone()))
            .unwrap_err()
            .to_string()
            .starts_with("parameter `alpha` = -1.0")
    );
    let fitted = line.fit(values(x.clone(), y)).unwrap();
    let huge = dense(&x * 1e308);
    assert!(fitted.predict(&huge).unwrap_err().to_string().contains("overflows"));
    let classes = Training::new(dense(x)).with_target(crate::data::labels(&Array1::zeros(30), 1));
    assert!(line.fit(classes).unwrap_err().to_string().contains("use a classifier"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_row_of_weight_two_is_the_row_twice(seed in 0u64..1000, alpha in 0.0f64..2.0, rows in 10usize..60) {
        let (x, y) = smooth(rows, seed);
        let mut weights = Array1::ones(rows);
        weights[seed as usize % rows] = 2.0;
        let mut twice: Vec<usize> = (0..rows).collect();
        twice.push(seed as usize % rows);
        let data = values(x, y);
        let weighted = fitted(alpha, true, data.clone().with_weights(weights));
        let repeated = fitted(alpha, true, data.take(&twice));
        assert_all_close(&weighted.0, &repeated.0, 1e-8);
        assert_all_close(&weighted.1, &repeated.1, 1e-8);
    }

    #[test]
    fn a_column_times_a_power_of_two_divides_its_coefficient_to_the_bit(seed in 0u64..1000, power in -30i32..30) {
        let (mut x, y) = smooth(40, seed);
        let before = fitted(0.0, true, values(x.clone(), y.clone())).0;
        x.column_mut(2).mapv_inplace(|v| v * 2f64.powi(power));
        let mut after = fitted(0.0, true, values(x, y)).0;
        after[[0, 2]] *= 2f64.powi(power);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn the_order_of_rows_changes_nothing_but_rounding(seed in 0u64..1000, alpha in 0.0f64..2.0) {
        let (x, y) = smooth(50, seed);
        let mut order: Vec<usize> = (0..50).collect();
        order.rotate_left(seed as usize % 50);
        order.swap(0, 31);
        let data = values(x, y);
        let (a, b) = (fitted(alpha, true, data.clone()), fitted(alpha, true, data.take(&order)));
        assert_all_close(&a.0, &b.0, 1e-9);
    }
}
