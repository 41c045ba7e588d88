//! Tests of dependence and stationarity beside those of statsmodels and statsforecast.

use adflux_testing::{assert_all_close, assert_close, fixture};
use adflux_timeseries::diagnosis::{Around, acf, adf, kpss, ljung_box, ndiffs, nsdiffs, pacf, seasonal_strength};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    season: usize,
    values: Vec<f64>,
    acf: Vec<f64>,
    acf_bound: Vec<f64>,
    pacf: Vec<f64>,
    ljung_box: [[f64; 2]; 2],
    unit_root: Vec<UnitRoot>,
    ndiffs: usize,
    nsdiffs: Option<usize>,
}

#[derive(Deserialize)]
struct UnitRoot {
    test: String,
    around: String,
    lags: Option<usize>,
    /// Statistic, p value, lags.
    said: (f64, f64, usize),
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = fixture("timeseries/diagnosis.json");
    assert_eq!(cases.len(), 4);
    cases
}

#[test]
fn correlations_are_those_of_statsmodels() {
    for case in cases() {
        let lags = case.acf.len() - 1;
        let all = acf(&case.values, lags, 0.95).unwrap();
        assert_all_close(&all.correlation, &case.acf, 1e-12);
        assert_all_close(&all.bound, &case.acf_bound, 1e-12);
        let partial = pacf(&case.values, lags, 0.95).unwrap();
        assert_all_close(&partial.correlation, &case.pacf, 1e-10);
        assert_close(partial.bound[3], 1.959_963_984_540_054 / (case.values.len() as f64).sqrt(), 1e-12);
        for ((lags, parameters), [statistic, p]) in [(5, 0), (10, 2)].into_iter().zip(case.ljung_box) {
            let test = ljung_box(&case.values, lags, parameters).unwrap();
            assert_close(test.statistic, statistic, 1e-10 * statistic);
            assert_close(test.p_value, p, 1e-12);
            assert_eq!(test.degrees, lags - parameters);
        }
    }
}

#[test]
fn stationarity_is_what_statsmodels_says() {
    for case in cases() {
        assert_eq!(case.unit_root.len(), 12);
        for of in &case.unit_root {
            let around = if of.around == "level" { Around::Level } else { Around::Trend };
            let test = if of.test == "kpss" { kpss } else { adf };
            let said = test(&case.values, around, of.lags).unwrap();
            let what = format!("{}, {} about a {}: {said:?} against {:?}", case.name, of.test, of.around, of.said);
            assert_eq!(said.lags, of.said.2, "{what}");
            assert!((said.statistic - of.said.0).abs() < 1e-8 * of.said.0.abs(), "{what}");
            assert!((said.p_value - of.said.1).abs() < 1e-8, "{what}");
        }
    }
}

#[test]
fn differences_are_as_many_as_statsforecast_takes() {
    for case in cases() {
        assert_eq!(ndiffs(&case.values, 2).unwrap(), case.ndiffs, "{}", case.name);
        if let Some(said) = case.nsdiffs {
            assert_eq!(nsdiffs(&case.values, case.season, 1).unwrap(), said, "{}", case.name);
        }
    }
    let line: Vec<f64> = (0..40).map(|t| 0.1 * f64::from(t)).collect();
    assert_eq!((ndiffs(&line, 2).unwrap(), ndiffs(&[3.0; 9], 2).unwrap(), ndiffs(&[1.0, 5.0], 2).unwrap()), (1, 0, 0));
    let parabola: Vec<f64> = (0..60).map(|t| f64::from(t * t)).collect();
    assert_eq!((ndiffs(&parabola, 2).unwrap(), ndiffs(&parabola, 1).unwrap()), (2, 1));
    assert_eq!(nsdiffs(&line, 20, 1).unwrap(), 0, "two seasons are not enough");
}

#[test]
fn a_season_is_as_strong_as_it_stands_out() {
    let noise = |t: usize| ((t * 7919 + t * t * 104_729) % 1009) as f64 / 1009.0;
    let with = |height: f64| -> Vec<f64> { (0..84).map(|t| height * [0.0, 1.0, 3.0][t % 3] + noise(t)).collect() };
    let strength = |height: f64| seasonal_strength(&with(height), 3).unwrap();
    assert!(strength(0.0) < 0.2 && strength(10.0) > 0.98, "{} and {}", strength(0.0), strength(10.0));
    assert!(strength(0.1) < strength(0.3) && strength(0.3) < strength(1.0));
    assert_eq!(seasonal_strength(&[2.0; 20], 3).unwrap(), 0.0);
}

#[test]
fn refusals_name_the_place_or_the_parameter() {
    let of = |error: adflux_core::Error| error.to_string();
    let gap = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0, 7.0, 8.0];
    assert!(of(acf(&gap, 2, 0.9).unwrap_err()).starts_with("value 3 is NaN"));
    assert!(of(ndiffs(&gap, 2).unwrap_err()).starts_with("value 3 is NaN"));
    assert!(of(kpss(&[5.0; 9], Around::Level, None).unwrap_err()).contains("all values are the same"));
    assert!(of(adf(&[1.0, 2.0, 1.0], Around::Level, None).unwrap_err()).contains("3 values, where 8 are needed"));
    let some: Vec<f64> = (0..20).map(|t| f64::from(t * t % 7)).collect();
    for (error, name) in [
        (acf(&some, 0, 0.9).unwrap_err(), "`lags` = 0"),
        (pacf(&some, 20, 0.9).unwrap_err(), "`lags` = 20"),
        (acf(&some, 5, 1.0).unwrap_err(), "`level` = 1"),
        (kpss(&some, Around::Trend, Some(20)).unwrap_err(), "`lags` = 20"),
        (adf(&some, Around::Trend, Some(9)).unwrap_err(), "`lags` = 9"),
        (ljung_box(&some, 2, 2).unwrap_err(), "`lags` = 2"),
        (nsdiffs(&some, 1, 1).unwrap_err(), "`season_length` = 1"),
        (seasonal_strength(&some, 0).unwrap_err(), "`season_length` = 0"),
    ] {
        assert!(of(error).contains(name), "{name}");
    }
    assert!(of(seasonal_strength(&some, 10).unwrap_err()).contains("20 values, where 21 are needed"));
}

proptest! {
    #[test]
    fn scale_and_place_do_not_matter(
        values in prop::collection::vec(-5.0..5.0_f64, 24..60),
        power in -20..20_i32,
        shift in -10.0..10.0_f64,
    ) {
        prop_assume!(values.windows(2).any(|pair| (pair[0] - pair[1]).abs() > 1e-3));
        let other: Vec<f64> = values.iter().map(|v| (v + shift) * 2.0_f64.powi(power)).collect();
        let (a, b) = (pacf(&values, 6, 0.9).unwrap(), pacf(&other, 6, 0.9).unwrap());
        assert_all_close(&a.correlation, &b.correlation, 1e-7);
        prop_assert!(a.correlation.iter().all(|r| r.abs() <= 1.0 + 1e-12));
        let (a, b) = (kpss(&values, Around::Trend, None).unwrap(), kpss(&other, Around::Trend, None).unwrap());
        prop_assert!((a.statistic - b.statistic).abs() < 1e-7);
    }
}

#[test]
fn nothing_depends_on_the_unit() {
    let values: Vec<f64> = (0..60).map(|t| (t * t % 17) as f64 + 0.1 * t as f64).collect();
    let of = |values: &[f64]| {
        let correlation = acf(values, 7, 0.95).unwrap().correlation;
        (
            correlation,
            kpss(values, Around::Level, None).unwrap(),
            adf(values, Around::Trend, None).unwrap(),
            ndiffs(values, 2).unwrap(),
        )
    };
    for power in [-500, -40, 40, 500] {
        let scaled: Vec<f64> = values.iter().map(|v| v * 2.0_f64.powi(power)).collect();
        assert_eq!(of(&scaled), of(&values), "2^{power}");
    }
}

#[test]
fn a_unit_root_is_not_tested_where_nothing_is_left_to_test() {
    let jump: Vec<f64> = [vec![0.0; 19], vec![1.0]].concat();
    let error = adf(&jump, Around::Level, Some(0)).unwrap_err().to_string();
    assert!(error.contains("there is nothing to test"), "{error}");
    let doubling: Vec<f64> = (0..20).map(|t| 2.0_f64.powi(t)).collect();
    let error = adf(&doubling, Around::Level, Some(0)).unwrap_err().to_string();
    assert!(error.contains("explained without error"), "{error}");
}
