//! The tests of two recipes on the same folds beside SciPy, and how often they find what is not there.

use adflux_core::random::stream;
use adflux_evaluation::paired::{corrected_t_test, five_by_two_f_test};
use adflux_testing::{assert_close, fixture};
use rand::RngExt as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct TCase {
    a: Vec<f64>,
    b: Vec<f64>,
    ratio: f64,
    statistic: f64,
    p_value: f64,
    lower: f64,
    upper: f64,
}

#[derive(Deserialize)]
struct FCase {
    a: Vec<f64>,
    b: Vec<f64>,
    statistic: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct Expected {
    t: Vec<TCase>,
    f: FCase,
}

#[test]
fn statistics_and_intervals_are_scipys() {
    let expected: Expected = fixture("splits/paired.json");
    for case in expected.t {
        let test = corrected_t_test(&case.a, &case.b, case.ratio, 0.95).unwrap();
        assert_close(test.statistic, case.statistic, 1e-10);
        assert_close(test.p_value, case.p_value, 1e-10);
        assert_close(test.lower, case.lower, 1e-12);
        assert_close(test.upper, case.upper, 1e-12);
        assert_eq!(test.degrees, case.a.len() as f64 - 1.0);
        // The interval leaves 0 out exactly when the p-value is below 5 %.
        assert_eq!(test.lower > 0.0 || test.upper < 0.0, test.p_value < 0.05);
    }
    let test = five_by_two_f_test(&expected.f.a, &expected.f.b).unwrap();
    assert_close(test.statistic, expected.f.statistic, 1e-10);
    assert_close(test.p_value, expected.f.p_value, 1e-10);
}

/// Two recipes of the same quality, whose scores on overlapping folds go together as the correction supposes: with the
/// correlation q / (1 + q) between the differences of any two folds.
#[test]
fn differences_that_are_not_there_are_found_in_five_of_a_hundred() {
    let (folds, ratio) = (20, 0.25f64);
    let (mut found, mut found_by_plain, runs) = (0, 0, 1000);
    for run in 0..runs {
        let mut random = stream(9, &[run]);
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let common = ratio.sqrt() * normal();
        let b: Vec<f64> = (0..folds).map(|_| common + normal()).collect();
        let a = vec![0.0; folds];
        found += u32::from(corrected_t_test(&a, &b, ratio, 0.95).unwrap().p_value < 0.05);
        found_by_plain += u32::from(corrected_t_test(&a, &b, 1e-12, 0.95).unwrap().p_value < 0.05);
    }
    assert!((30..=70).contains(&found), "{found} of {runs}");
    assert!(found_by_plain > 250, "{found_by_plain} of {runs}");
}

#[test]
fn equal_scores_are_no_difference_and_undefined_ones_take_no_part() {
    let same = corrected_t_test(&[0.5, 0.6], &[0.5, 0.6], 0.25, 0.95).unwrap();
    assert_eq!((same.difference, same.lower, same.upper, same.p_value), (0.0, 0.0, 0.0, 1.0));
    let constant = corrected_t_test(&[1.0, 2.0, 3.0], &[1.5, 2.5, 3.5], 0.25, 0.95).unwrap();
    assert_eq!((constant.lower, constant.upper, constant.p_value), (0.5, 0.5, 0.0));
    let with_nan = corrected_t_test(&[0.5, f64::NAN, 0.7, 0.4], &[0.6, 0.5, 0.7, 0.6], 0.25, 0.95).unwrap();
    let without = corrected_t_test(&[0.5, 0.7, 0.4], &[0.6, 0.7, 0.6], 0.25, 0.95).unwrap();
    assert_eq!(with_nan, without);
}

#[test]
fn impossible_comparisons_are_named() {
    let says = |a: &[f64], b: &[f64], ratio, level| corrected_t_test(a, b, ratio, level).unwrap_err().to_string();
    assert!(says(&[1.0, 2.0], &[1.0], 0.25, 0.95).starts_with("2 scores beside 1"));
    assert!(says(&[1.0], &[2.0], 0.25, 0.95).starts_with("1 folds with both scores"));
    assert!(says(&[1.0, 2.0], &[1.0, 2.0], 0.0, 0.95).contains("`test_over_train`"));
    assert!(says(&[1.0, 2.0], &[1.0, 2.0], 0.2, 1.0).contains("`level`"));
    assert!(five_by_two_f_test(&[1.0; 9], &[1.0; 9]).unwrap_err().to_string().contains("ten finite scores"));
}
