//! Tables at the edge of what can be learned from, given to every model of numbers or of classes: a finite answer, or what is
//! wrong by name.

use crate::data::{dense, labels, smooth, values};
use adflux_core::{AnyModel, AnyModelRecipe, Features, Fit, Predict, Registry, Spec, Training};
use adflux_regression::register;
use adflux_testing::assert_all_close;
use ndarray::{Array1, Array2, Axis, concatenate, s};
use rand::RngExt as _;

const LINEAR: [&str; 10] = [
    "linear-regression",
    "ridge",
    "ridge-cv",
    "lasso",
    "elastic-net",
    "huber-regressor",
    "quantile-regressor",
    "generalized-linear-regressor",
    "poisson-regressor",
    "tweedie-regressor",
];
const TREES: [&str; 4] =
    ["decision-tree-regressor", "random-forest-regressor", "extra-trees-regressor", "gradient-boosting-regressor"];
const OF_CLASSES: [&str; 5] = [
    "logistic-regression",
    "decision-tree-classifier",
    "random-forest-classifier",
    "extra-trees-classifier",
    "gradient-boosting-classifier",
];

fn fit(kind: &str, data: Training<Features>) -> adflux_core::Result<AnyModel> {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    let spec: Spec = toml::from_str(&format!("kind = '{kind}'")).unwrap();
    registry.build::<AnyModelRecipe>(&spec).unwrap().fit(data)
}

fn predicted(kind: &str, data: Training<Features>, x: &Features) -> Array1<f64> {
    let model = fit(kind, data).unwrap_or_else(|error| panic!("{kind}: {error}"));
    model.predict(x).unwrap().point().unwrap().clone()
}

#[test]
fn more_columns_than_rows() {
    let mut rng = adflux_core::random::stream(31, &[]);
    let x = Array2::from_shape_simple_fn((12, 40), || rng.random::<f64>());
    let y: Vec<f64> = (0..12).map(f64::from).collect();
    for kind in LINEAR.iter().chain(&TREES) {
        let found = predicted(kind, values(x.clone(), y.clone()), &dense(x.clone()));
        assert!(found.iter().all(|v| v.is_finite()), "{kind}: {found}");
    }
    // The shortest of the lines that meet every row.
    let found = predicted("linear-regression", values(x.clone(), y.clone()), &dense(x));
    assert_all_close(&found, &y, 1e-6);
}

#[test]
fn columns_that_repeat_others_change_no_prediction() {
    let (x, y) = smooth(80, 32);
    let y = y.mapv(|y| y + 20.0);
    let twice = concatenate![Axis(1), x, x.slice(s![.., ..3])];
    for kind in ["linear-regression", "quantile-regressor", "generalized-linear-regressor", "decision-tree-regressor"] {
        let once = predicted(kind, values(x.clone(), y.clone()), &dense(x.clone()));
        let found = predicted(kind, values(twice.clone(), y.clone()), &dense(twice.clone()));
        assert_all_close(&found, &once, 1e-6);
    }
}

#[test]
fn a_class_with_one_row() {
    let (x, _) = smooth(60, 33);
    let codes = Array1::from_shape_fn(60, |row| if row == 59 { 2 } else { row as u32 % 2 });
    for kind in OF_CLASSES {
        let data = Training::new(dense(x.clone())).with_target(labels(&codes, 3));
        let classes = fit(kind, data).unwrap().predict(&dense(x.clone())).unwrap();
        let probabilities = &classes.classes().unwrap().probabilities;
        assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{kind}");
        assert_all_close(&probabilities.sum_axis(Axis(1)), &[1.0; 60], 1e-9);
    }
}

#[test]
fn rows_of_weight_zero_are_as_if_they_were_not_there() {
    let (x, y) = smooth(90, 34);
    let mut y = y.mapv(|y| y + 20.0);
    let kept: Vec<usize> = (0..90).filter(|row| row % 3 > 0).collect();
    let alone = values(x.select(Axis(0), &kept), y.select(Axis(0), &kept));
    y.iter_mut().step_by(3).for_each(|y| *y *= 1e3);
    let weights: Array1<f64> = (0..90).map(|row| f64::from(u8::from(row % 3 > 0))).collect();
    for kind in LINEAR.iter().chain(&TREES) {
        let weighted = values(x.clone(), y.clone()).with_weights(weights.clone());
        let (found, expected) =
            (predicted(kind, weighted, &dense(x.clone())), predicted(kind, alone.clone(), &dense(x.clone())));
        println!("{kind}");
        assert_all_close(&found, &expected, if TREES.contains(kind) { 1e-12 } else { 1e-6 });
    }
    for kind in LINEAR.iter().chain(&TREES) {
        let error = fit(kind, values(x.clone(), y.clone()).with_weights(Array1::zeros(90))).unwrap_err().to_string();
        assert!(error.contains("weight"), "{kind}: {error}");
    }
}

#[test]
fn a_column_without_any_value() {
    let (mut x, y) = smooth(80, 35);
    let y = y.mapv(|y| y + 20.0);
    x.column_mut(2).fill(f64::NAN);
    for kind in LINEAR {
        let error = fit(kind, values(x.clone(), y.clone())).unwrap_err().to_string();
        assert!(error.contains("column `x2`"), "{kind}: {error}");
    }
    for kind in TREES {
        let found = predicted(kind, values(x.clone(), y.clone()), &dense(x.clone()));
        assert!(found.iter().all(|v| v.is_finite()) && found.var(0.0) > 0.0, "{kind}");
    }
}

#[test]
fn rates_of_a_millionth_beside_amounts_of_millions() {
    // Powers of two near a million: what is multiplied by them loses no digit.
    let million = 2.0_f64.powi(20);
    let (plain, y) = smooth(300, 36);
    let y = y + 20.0;
    let (mut x, rates) = (plain.clone(), &y / million);
    x.column_mut(0).mapv_inplace(|v| v / million);
    x.column_mut(2).mapv_inplace(|v| v * million);
    for kind in TREES.iter().chain(&["linear-regression", "generalized-linear-regressor", "huber-regressor"]) {
        println!("{kind}");
        let found = predicted(kind, values(x.clone(), rates.clone()), &dense(x.clone())) * million;
        let expected = predicted(kind, values(plain.clone(), y.clone()), &dense(plain.clone()));
        let left = (&found - &y).mapv(|e| e * e).sum() / (y.var(0.0) * 300.0);
        let (apart, most) = match *kind {
            tree if TREES.contains(&tree) => (1e-12, 0.1),
            // Its penalty is on coefficients as they are, as scikit-learn's: of a column of millionths that is all there is.
            "huber-regressor" => (f64::INFINITY, 0.5),
            _ => (1e-6, 0.3),
        };
        if apart.is_finite() {
            assert_all_close(&found, &expected, apart);
        }
        assert!(left < most, "{left} of the variance is left");
    }
}
