//! Drift: the Kolmogorov–Smirnov test beside SciPy's, and what the stability index must do.

use adflux_evaluation::drift::{Method, ks_2samp, psi, psi_of_numbers};
use adflux_testing::{assert_close, fixture};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    a: Vec<f64>,
    b: Vec<f64>,
    statistic: f64,
    exact: f64,
    asymptotic: f64,
}

#[derive(Deserialize)]
struct Many {
    n: usize,
    m: usize,
    moved: usize,
    statistic: f64,
    asymptotic: f64,
}

#[test]
fn exact_and_asymptotic_p_values_equal_scipys() {
    for case in fixture::<Vec<Case>>("evaluation/ks_2samp.json") {
        let exact = ks_2samp(&case.a, &case.b, Method::Exact).unwrap();
        assert_close(exact.statistic, case.statistic, 1e-12);
        assert_close(exact.p_value, case.exact, 1e-11);
        let asymptotic = ks_2samp(&case.a, &case.b, Method::Asymptotic).unwrap();
        assert_close(asymptotic.p_value, case.asymptotic, 1e-7);
        assert!(exact.exact && !asymptotic.exact);
        assert_eq!(ks_2samp(&case.b, &case.a, Method::Exact).unwrap().statistic, exact.statistic);
    }
}

#[derive(Deserialize)]
struct ManyExact {
    n: usize,
    m: usize,
    moved: usize,
    statistic: f64,
    exact: f64,
}

#[test]
fn exact_p_values_of_many_rows_neither_underflow_nor_lose_their_digits() {
    for case in fixture::<Vec<ManyExact>>("evaluation/ks_2samp_exact.json") {
        let (a, b) = moved(case.n, case.m, case.moved);
        let found = ks_2samp(&a, &b, Method::Auto).unwrap();
        assert!(found.exact);
        assert_close(found.statistic, case.statistic, 1e-12);
        assert_close(found.p_value / case.exact, 1.0, 1e-9);
    }
}

#[test]
fn samples_of_one_row_are_as_far_apart_as_by_hand() {
    // Of three rows of two samples one path in three has the one row first, and one has it last.
    assert_close(ks_2samp(&[1.0], &[2.0, 3.0], Method::Exact).unwrap().p_value, 2.0 / 3.0, 1e-15);
    assert_eq!(ks_2samp(&[1.0], &[1.0], Method::Exact).unwrap().p_value, 1.0);
}

/// n numbers from 0 to 1, and m that are moved by `moved` of the n.
fn moved(n: usize, m: usize, moved: usize) -> (Vec<f64>, Vec<f64>) {
    let a = (0..n).map(|i| i as f64 / n as f64).collect();
    (a, (0..m).map(|i| i as f64 / m as f64 + moved as f64 / n as f64).collect())
}

#[test]
fn many_rows_are_as_scipys_too() {
    for case in fixture::<Vec<Many>>("evaluation/ks_2samp_many.json") {
        let (a, b) = moved(case.n, case.m, case.moved);
        let found = ks_2samp(&a, &b, Method::Asymptotic).unwrap();
        assert_close(found.statistic, case.statistic, 1e-12);
        assert_close(found.p_value, case.asymptotic, 1e-7);
    }
    // Far out the two-sided probability keeps its digits.
    let (a, b): (Vec<f64>, Vec<f64>) = ((0..4000).map(f64::from).collect(), (600..4600).map(f64::from).collect());
    let far = ks_2samp(&a, &b, Method::Asymptotic).unwrap().p_value;
    assert!(far > 1e-45 && far < 1e-35, "{far}");
}

#[test]
fn one_distribution_is_rarely_found_to_have_moved() {
    let mut random = adflux_core::random::stream(7, &[0]);
    let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| rand::RngExt::random::<f64>(&mut random)).collect() };
    let (mut by_test, mut by_index) = (0, 0);
    for _ in 0..400 {
        let (a, b) = (draw(80), draw(60));
        by_test += usize::from(ks_2samp(&a, &b, Method::Auto).unwrap().p_value < 0.05);
        by_index += usize::from(psi_of_numbers(&a, &b, 10).unwrap().is_beyond_chance());
    }
    // 20 of 400 are expected of each; the steps of small samples make both a little careful.
    assert!((6..=32).contains(&by_test) && (6..=40).contains(&by_index), "{by_test}, {by_index}");
}

#[test]
fn the_index_is_that_of_the_formula_with_half_a_row_a_bin() {
    let found = psi(&[50, 30, 20, 0], &[20, 30, 50, 0]).unwrap();
    let share = |count: f64| (count + 0.5) / 101.5;
    let expected = 2.0 * (share(50.0) - share(20.0)) * (share(50.0) / share(20.0)).ln();
    assert_close(found.value, expected, 1e-12);
    assert_eq!(found.bins, 3, "a bin without a row does not count");
    let vanished = psi(&[50, 50], &[100, 0]).unwrap();
    assert!(vanished.value.is_finite() && vanished.value > 1.0);
    assert!(psi(&[1], &[1, 2]).is_err() && psi(&[0, 0], &[1, 2]).is_err());
}

#[test]
fn missing_values_are_a_bin_of_their_own() {
    let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
    let holes: Vec<f64> = (0..1000).map(|i| if i % 2 == 0 { f64::NAN } else { f64::from(i) }).collect();
    let moved = psi_of_numbers(&numbers, &holes, 10).unwrap();
    assert!(moved.bins == 11 && moved.value > 0.25 && moved.is_beyond_chance());
    assert_eq!(
        ks_2samp(&numbers, &[f64::NAN], Method::Auto).unwrap_err().to_string(),
        "there are no values to compare"
    );
    // Numbers that repeat have fewer bins; one value has one.
    assert_eq!(psi_of_numbers(&[1.0; 50], &[1.0; 20], 10).unwrap().bins, 1);
    assert!(psi_of_numbers(&[1.0; 50], &[2.0; 20], 10).unwrap().value > 1.0);
    assert!(psi_of_numbers(&numbers, &holes, usize::MAX / 2).unwrap_err().to_string().contains("`bins`"));
    assert!(psi_of_numbers(&numbers, &holes, 0).is_err() && psi_of_numbers(&[], &holes, 10).is_err());
}

proptest! {
    #[test]
    fn drift_is_symmetric_where_it_should_be_and_blind_to_order_and_scale(
        mut a in prop::collection::vec(-100i32..100, 1..60),
        b in prop::collection::vec(-100i32..100, 1..60),
    ) {
        let of = |values: &[i32]| values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
        let first = ks_2samp(&of(&a), &of(&b), Method::Auto).unwrap();
        prop_assert!((0.0..=1.0).contains(&first.p_value) && (0.0..=1.0).contains(&first.statistic));
        a.reverse();
        let scaled = |values: &[i32]| values.iter().map(|v| (f64::from(*v) / 100.0).exp()).collect::<Vec<_>>();
        prop_assert_eq!(first, ks_2samp(&scaled(&a), &scaled(&b), Method::Auto).unwrap());
        let back = ks_2samp(&of(&b), &of(&a), Method::Auto).unwrap();
        prop_assert!((back.p_value - first.p_value).abs() < 1e-12);
        prop_assert_eq!(ks_2samp(&of(&a), &of(&a), Method::Auto).unwrap().statistic, 0.0);
        let moved = psi_of_numbers(&of(&a), &of(&b), 10).unwrap();
        prop_assert!(moved.value >= 0.0);
        prop_assert!(psi_of_numbers(&of(&a), &of(&a), 10).unwrap().value.abs() < 1e-12);
    }
}
