//! Calibration beside scikit-learn's and SciPy's numbers, and what must hold of any calibrator.

use adflux_core::random::stream;
use adflux_evaluation::calibration::{
    Beta, Bins, CalibrationMethod, Calibrator, Isotonic, Platt, Temperature, reliability,
};
use adflux_evaluation::metrics::log_loss;
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

const METHODS: [CalibrationMethod; 4] =
    [CalibrationMethod::Platt, CalibrationMethod::Isotonic, CalibrationMethod::Beta, CalibrationMethod::Temperature];

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[derive(Deserialize)]
struct Fitted {
    sigmoid: Vec<Vec<f64>>,
    isotonic: Vec<Vec<f64>>,
    temperature: Vec<Vec<f64>>,
    t: f64,
}

#[derive(Deserialize)]
struct Classes {
    probabilities: Vec<Vec<f64>>,
    truth: Vec<u32>,
    weights: Vec<f64>,
    fresh: Vec<Vec<f64>>,
    fitted: [Fitted; 2],
}

#[test]
fn two_and_more_classes_are_calibrated_as_by_scikit_learn() {
    for case in fixture::<Vec<Classes>>("calibration/classes.json") {
        let (p, fresh) = (matrix(&case.probabilities), matrix(&case.fresh));
        let (truth, weights) = (Array1::from(case.truth), Array1::from(case.weights));
        for (expected, weights) in case.fitted.iter().zip([None, Some(weights.view())]) {
            let predicted = |method| {
                Calibrator::fit(method, p.view(), truth.view(), weights).unwrap().predict(fresh.view()).unwrap()
            };
            assert_all_close(&predicted(CalibrationMethod::Isotonic), &matrix(&expected.isotonic), 1e-12);
            // scikit-learn stops L-BFGS at a gradient of 1e-6, and SciPy's search stops at 1e-8 or so of the optimum.
            assert_all_close(&predicted(CalibrationMethod::Platt), &matrix(&expected.sigmoid), 1e-6);
            assert_all_close(&predicted(CalibrationMethod::Temperature), &matrix(&expected.temperature), 1e-6);
            let fitted = Temperature::fit(p.view(), truth.view(), weights).unwrap();
            assert_close(fitted.temperature, expected.t, 1e-6);
        }
    }
}

#[derive(Deserialize)]
struct BetaCase {
    probabilities: Vec<f64>,
    truth: Vec<u32>,
    weights: Vec<f64>,
    parameters: [f64; 3],
    calibrated: Vec<f64>,
}

#[test]
fn beta_calibration_is_the_maximum_of_the_constrained_likelihood() {
    let cases: Vec<BetaCase> = fixture("calibration/beta.json");
    assert!(cases.iter().any(|c| c.parameters[..2].contains(&0.0)), "one power must be held at 0");
    for case in cases {
        let truth: Vec<bool> = case.truth.iter().map(|y| *y == 1).collect();
        let (p, weights) = (Array1::from(case.probabilities), Array1::from(case.weights));
        let beta = Beta::fit(p.view(), &truth, Some(weights.view())).unwrap();
        assert_all_close(&[beta.a, beta.b, beta.c], &case.parameters, 2e-5);
        assert_all_close(&beta.predict_all(p.view()), &case.calibrated, 1e-6);
    }
}

#[derive(Deserialize)]
struct IsotonicCase {
    x: Vec<f64>,
    y: Vec<f64>,
    weights: Vec<f64>,
    fresh: Vec<f64>,
    plain: Vec<f64>,
    weighted: Vec<f64>,
}

#[test]
fn isotonic_regression_is_scikit_learns() {
    let case: IsotonicCase = fixture("calibration/isotonic.json");
    let (x, y, weights) = (Array1::from(case.x), Array1::from(case.y), Array1::from(case.weights));
    let plain = Isotonic::fit(x.view(), y.view(), None).unwrap();
    let weighted = Isotonic::fit(x.view(), y.view(), Some(weights.view())).unwrap();
    let fresh = Array1::from(case.fresh);
    assert_all_close(&plain.predict_all(fresh.view()), &case.plain, 1e-12);
    assert_all_close(&weighted.predict_all(fresh.view()), &case.weighted, 1e-12);
}

#[derive(Deserialize)]
struct ReliabilityCase {
    probabilities: Vec<f64>,
    truth: Vec<bool>,
    uniform: BTreeMap<usize, [Vec<f64>; 2]>,
    quantile: BTreeMap<usize, [Vec<f64>; 2]>,
}

#[test]
fn the_reliability_table_is_scikit_learns_calibration_curve() {
    let case: ReliabilityCase = fixture("calibration/reliability.json");
    let p = Array1::from(case.probabilities);
    for (n, [observed, said]) in &case.uniform {
        check(&reliability(&case.truth, p.view(), Bins::EqualWidth(*n), None).unwrap(), observed, said, p.len());
    }
    for (n, [observed, said]) in &case.quantile {
        check(&reliability(&case.truth, p.view(), Bins::EqualCount(*n), None).unwrap(), observed, said, p.len());
    }
}

fn check(table: &[adflux_evaluation::calibration::ReliabilityBin], observed: &Vec<f64>, said: &Vec<f64>, rows: usize) {
    let of = |value: fn(&adflux_evaluation::calibration::ReliabilityBin) -> f64| -> Vec<f64> {
        table.iter().map(value).collect()
    };
    assert_all_close(&of(|b| b.observed), observed, 1e-12);
    assert_all_close(&of(|b| b.mean_predicted), said, 1e-12);
    assert_eq!(table.iter().map(|b| b.rows).sum::<usize>(), rows);
    assert!(table.iter().all(|b| b.lower <= b.observed && b.observed <= b.upper && b.from <= b.mean_predicted));
}

#[test]
fn a_row_of_weight_two_is_two_rows_of_the_reliability_table_and_its_interval_is_wilsons() {
    let (truth, p) = ([true, false, false], array![0.1, 0.2, 0.9]);
    let weighted = reliability(&truth, p.view(), Bins::EqualWidth(2), Some(array![2.0, 1.0, 0.0].view())).unwrap();
    assert_eq!(weighted.len(), 1);
    assert_close(weighted[0].observed, 2.0 / 3.0, 1e-15);
    assert_close(weighted[0].mean_predicted, 0.4 / 3.0, 1e-15);
    assert_eq!(weighted[0].rows, 2);
    // 3 of 10: 0.1078 to 0.6032 (Newcombe 1998, method 3).
    let truth: Vec<bool> = (0..10).map(|row| row < 3).collect();
    let bin = reliability(&truth, Array1::from_elem(10, 0.5).view(), Bins::EqualCount(1), None).unwrap()[0];
    assert_close(bin.lower, 0.107_791, 1e-6);
    assert_close(bin.upper, 0.603_222, 1e-6);
}

/// Probabilities of three classes that are too sure, and the class that came.
fn overconfident(rows: usize, seed: u64) -> (Array2<f64>, Array1<u32>) {
    let mut rng = stream(seed, &[]);
    let (mut said, mut truth) = (Array2::zeros((rows, 3)), Array1::zeros(rows));
    for (mut row, came) in said.rows_mut().into_iter().zip(&mut truth) {
        let honest: [f64; 3] = std::array::from_fn(|_| rng.random::<f64>() + 0.05);
        let (sum, draw) = (honest.iter().sum::<f64>(), rng.random::<f64>());
        let shares = honest.map(|h| h / sum);
        *came = u32::from(draw > shares[0]) + u32::from(draw > shares[0] + shares[1]);
        let sharp = shares.map(|h| h.powi(3));
        row.assign(&Array1::from(sharp.map(|s| s / sharp.iter().sum::<f64>()).to_vec()));
    }
    (said, truth)
}

#[test]
fn every_method_makes_an_overconfident_model_better_on_fresh_rows() {
    let ((said, truth), (fresh, came)) = (overconfident(3_000, 1), overconfident(3_000, 2));
    let before = log_loss(came.view(), fresh.view(), None).unwrap();
    for method in METHODS {
        let calibrator = Calibrator::fit(method, said.view(), truth.view(), None).unwrap();
        let after = log_loss(came.view(), calibrator.predict(fresh.view()).unwrap().view(), None).unwrap();
        assert!(after < before - 0.1, "{method:?}: {after} after {before}");
    }
    // The probabilities are the cubes of the true ones.
    assert_close(Temperature::fit(said.view(), truth.view(), None).unwrap().temperature, 3.0, 0.1);
}

#[test]
fn ends_of_the_range_stay_finite() {
    // Always right, always wrong, and certain beside both.
    let right = array![[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]];
    for truth in [array![0, 1, 0, 1], array![1, 0, 1, 0], array![0, 0, 1, 1]] {
        for method in METHODS {
            let calibrator = Calibrator::fit(method, right.view(), truth.view(), None).unwrap();
            calibrator.validate().unwrap();
            let p = calibrator.predict(array![[0.0, 1.0], [0.3, 0.7], [1.0, 0.0]].view()).unwrap();
            let sums = p.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12);
            assert!(sums && p.iter().all(|v| (0.0..=1.0).contains(v)), "{method:?}, {truth}: {p}");
        }
    }
    // Upside down: nothing but the share of the classes is left.
    let beta = Beta::fit(array![0.9, 0.8, 0.1, 0.2].view(), &[false, false, true, true], None).unwrap();
    assert_eq!((beta.a, beta.b, beta.predict(0.9)), (0.0, 0.0, 0.5));
}

#[test]
fn what_cannot_be_calibrated_is_named() {
    let p = array![[0.5, 0.5], [0.2, 0.8]];
    let says = |truth: Array1<u32>, weights: Option<Array1<f64>>| {
        let weights = weights.as_ref().map(|w| w.view());
        Calibrator::fit(CalibrationMethod::Platt, p.view(), truth.view(), weights).unwrap_err().to_string()
    };
    let absent = "class 0 (counted from 0) has no row that counts: calibration needs each class";
    assert_eq!(says(array![1, 1], None), absent);
    assert_eq!(says(array![0, 1], Some(array![0.0, 1.0])), absent);
    assert!(says(array![0, 1], Some(array![0.0, 0.0])).contains("all are zero"));
    assert!(says(array![0, 1], Some(array![1.0, -1.0])).starts_with("column `weights`, row 2: -1"));
    assert_eq!(says(array![0, 2], None), "column `truth`, row 2: class 2 of 2 columns");
    assert_eq!(says(array![0], None), "probabilities of 2 rows beside 1 rows");

    let calibrator = Calibrator::fit(CalibrationMethod::Beta, p.view(), array![0, 1].view(), None).unwrap();
    let error = calibrator.predict(array![[0.1, 0.2, 0.7]].view()).unwrap_err().to_string();
    assert_eq!(error, "probabilities of 3 classes, where 2 were fitted");
    let error = calibrator.predict(array![[0.5, 0.5], [f64::NAN, 0.5]].view()).unwrap_err().to_string();
    assert_eq!(error, "column `probability`, row 2: NaN does not lie between 0 and 1");
    let error = Platt::fit(array![1.0, 2.0].view(), &[true, true], None).unwrap_err().to_string();
    assert_eq!(error, "calibration needs rows of both kinds, and all that count are `true`");
    let error = reliability(&[true], array![0.5].view(), Bins::EqualWidth(0), None).unwrap_err().to_string();
    assert!(error.starts_with("parameter `bins` = 0"), "{error}");
    for bins in [Bins::EqualWidth(10_000_000_000), Bins::EqualCount(usize::MAX)] {
        let error = reliability(&[true], array![0.5].view(), bins, None).unwrap_err().to_string();
        assert!(error.contains("at most 1000000"), "{error}");
    }
}

proptest! {
    #[test]
    fn curves_of_one_class_keep_the_order_of_the_scores(
        rows in prop::collection::vec((0.0..=1.0_f64, 0.0..1.0_f64, 0.1..3.0_f64), 8..60),
    ) {
        let p: Array1<f64> = rows.iter().map(|r| r.0).collect();
        // The higher the score the more often `true`, and one of each for sure.
        let mut truth: Vec<bool> = rows.iter().map(|r| r.1 < r.0).collect();
        (truth[0], truth[1]) = (true, false);
        let weights: Array1<f64> = rows.iter().map(|r| r.2).collect();
        let y: Array1<f64> = truth.iter().map(|t| f64::from(u8::from(*t))).collect();
        let isotonic = Isotonic::fit(p.view(), y.view(), Some(weights.view())).unwrap();
        let beta = Beta::fit(p.view(), &truth, Some(weights.view())).unwrap();
        let platt = Platt::fit(p.view(), &truth, Some(weights.view())).unwrap();
        for step in 0..50 {
            let (low, high) = (f64::from(step) / 50.0, f64::from(step + 1) / 50.0);
            prop_assert!(isotonic.predict(low) <= isotonic.predict(high));
            prop_assert!(beta.predict(low) <= beta.predict(high));
            // Platt's slope may be of either sign: one that falls falls everywhere.
            prop_assert!((platt.predict(high) - platt.predict(low)) * platt.slope <= 0.0);
        }
        // Of isotonic regression and of a curve with an intercept and no target smoothing the mean is that of the truth.
        let mean = |values: &Array1<f64>| (values * &weights).sum() / weights.sum();
        prop_assert!((mean(&isotonic.predict_all(p.view())) - mean(&y)).abs() < 1e-9);
        prop_assert!((mean(&beta.predict_all(p.view())) - mean(&y)).abs() < 1e-6);
    }

    #[test]
    fn a_temperature_keeps_the_most_probable_class(rows in 10..60_usize, seed in 0..1000_u64) {
        let (said, truth) = overconfident(rows, seed);
        let calibrated = Temperature::fit(said.view(), truth.view(), None).unwrap();
        let best = |row: ndarray::ArrayView1<f64>| (0..3).max_by(|a, b| row[*a].total_cmp(&row[*b]));
        for row in said.rows() {
            prop_assert_eq!(best(row), best(calibrated.predict(row).view()));
        }
    }

    #[test]
    fn rows_in_another_order_and_rows_given_twice_change_nothing_that_counts(seed in 0..1000_u64) {
        let (said, truth) = overconfident(40, seed);
        let order: Vec<usize> = (0..40).map(|i| (i * 7 + 3) % 40).collect();
        let turned = (said.select(ndarray::Axis(0), &order), truth.select(ndarray::Axis(0), &order));
        let twice: Vec<usize> = (0..40).chain(0..40).collect();
        let twice = (said.select(ndarray::Axis(0), &twice), truth.select(ndarray::Axis(0), &twice));
        let two = Array1::from_elem(40, 2.0);
        for method in METHODS {
            let Ok(plain) = Calibrator::fit(method, said.view(), truth.view(), None) else { continue };
            let again = Calibrator::fit(method, turned.0.view(), turned.1.view(), None).unwrap();
            assert_all_close(&plain.predict(said.view()).unwrap(), &again.predict(said.view()).unwrap(), 1e-6);
            let weighted = Calibrator::fit(method, said.view(), truth.view(), Some(two.view())).unwrap();
            let doubled = Calibrator::fit(method, twice.0.view(), twice.1.view(), None).unwrap();
            assert_all_close(&weighted.predict(said.view()).unwrap(), &doubled.predict(said.view()).unwrap(), 1e-6);
        }
    }
}
