//! Croston's method and its kin beside statsforecast's, and their intervals beside their own paths.

use crate::alone;
use adflux_core::{Fit, Forecaster, Panel, SeriesForecast};
use adflux_testing::{assert_close, fixture};
use adflux_timeseries::{Croston, CrostonVariant, Tsb};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    values: Vec<f64>,
    classic: f64,
    optimized: f64,
    sba: f64,
    tsb: f64,
}

fn forecast<R: Fit<Panel, Fitted: Forecaster>>(recipe: &R, values: &[f64], levels: &[f64]) -> SeriesForecast {
    let forecast = recipe.fit(alone(values)).unwrap().forecast(3, levels, None).unwrap();
    forecast.get("a").unwrap().clone()
}

#[test]
fn means_are_those_of_statsforecast() {
    let cases: Vec<Case> = fixture("timeseries/intermittent.json");
    assert_eq!(cases.len(), 7);
    for case in &cases {
        let mean = |variant| forecast(&Croston::new(variant), &case.values, &[]).mean;
        assert!(mean(CrostonVariant::Classic).iter().all(|v| *v == mean(CrostonVariant::Classic)[0]));
        assert_close(mean(CrostonVariant::Classic)[2], case.classic, 1e-9);
        assert_close(mean(CrostonVariant::Sba)[2], case.sba, 1e-9);
        // Two searches for the same α.
        let (ours, theirs) = (mean(CrostonVariant::Optimized)[2], case.optimized);
        assert!((ours - theirs).abs() <= 1e-4 * theirs, "{}: {ours} against {theirs}", case.name);
        assert_close(forecast(&Tsb::new(0.2, 0.1), &case.values, &[]).mean[0], case.tsb, 1e-9);
    }
}

#[test]
fn intervals_are_quantiles_of_what_paths_draw() {
    let case = &fixture::<Vec<Case>>("timeseries/intermittent.json")[1];
    let levels = [0.5, 0.8, 0.9, 0.95];
    let (horizon, count) = (6, 20_000);
    fn fitted<R: Fit<Panel, Fitted: Forecaster + 'static>>(recipe: &R, values: &[f64]) -> Box<dyn Forecaster> {
        Box::new(recipe.fit(alone(values)).unwrap())
    }
    for fitted in [fitted(&Croston::default(), &case.values), fitted(&Tsb::new(0.1, 0.2), &case.values)] {
        let forecast = fitted.forecast(horizon, &levels, None).unwrap();
        let (of, paths) = (&forecast.series[0], fitted.paths(horizon, count, 3, None).unwrap());
        for step in [0, horizon - 1] {
            let drawn = paths.series[0].values.column(step);
            assert!(drawn.iter().all(|v| *v == 0.0 || case.values.contains(v)), "sizes are those of the past");
            let mean = drawn.mean().unwrap();
            let error = drawn.std(0.0) / f64::from(count as u32).sqrt();
            assert!((mean - of.mean[step]).abs() < 4.0 * error, "{mean} against {}", of.mean[step]);
            for (level, wanted) in levels.iter().enumerate() {
                let (lower, upper) = (of.lower[[step, level]], of.upper[[step, level]]);
                let share = |within: &dyn Fn(f64) -> bool| {
                    drawn.iter().filter(|v| within(**v)).count() as f64 / f64::from(count as u32)
                };
                // At least the level on either side, and one size less would be too little, unless the mean is the end.
                let tail = 0.5 - wanted / 2.0;
                assert!(share(&|v| v > upper) <= tail + 0.015, "step {step}, {wanted}: above {upper}");
                assert!(share(&|v| v >= upper) >= tail - 0.015 || upper == of.mean[step], "{step}, {wanted}: {upper}");
                assert!(share(&|v| v < lower) <= tail + 0.015 && lower >= 0.0, "step {step}, {wanted}: below {lower}");
            }
        }
    }
}

#[test]
fn without_demand_nothing_is_forecast_and_with_demand_at_every_step_its_size() {
    for values in [vec![0.0; 20], vec![0.0]] {
        let of = forecast(&Croston::default(), &values, &[0.8]);
        assert!(of.mean.iter().chain(&of.lower).chain(&of.upper).all(|v| *v == 0.0));
        assert_eq!(of, forecast(&Tsb::default(), &values, &[0.8]));
    }
    let of = forecast(&Tsb::default(), &[3.0; 9], &[0.8]);
    assert!(of.mean.iter().chain(&of.lower).chain(&of.upper).all(|v| (v - 3.0).abs() < 1e-12));
}

#[test]
fn an_update_is_the_fit_of_the_longer_series() {
    let case = &fixture::<Vec<Case>>("timeseries/intermittent.json")[0];
    for head in [1, 40, 89] {
        let (start, whole) = (alone(&case.values[..head]), alone(&case.values));
        let levels = [0.5, 0.9];
        macro_rules! check {
            ($recipe:expr) => {
                let updated = $recipe.fit(start.clone()).unwrap().updated(&whole).unwrap();
                let ours = updated.forecast(4, &levels, None).unwrap();
                let fitted = $recipe.fit(whole.clone()).unwrap().forecast(4, &levels, None).unwrap();
                assert!((ours.series[0].mean[3] - fitted.series[0].mean[3]).abs() < 1e-12);
                assert_eq!(ours.series[0].upper, fitted.series[0].upper);
            };
        }
        check!(Croston::default());
        check!(Tsb::new(0.1, 0.3));
    }
}

#[test]
fn demand_below_0_is_refused_by_series() {
    let panel = || Panel::from_values([("good", vec![0.0, 1.0, 0.0]), ("bad", vec![0.0, 1.0, -2.0])]).unwrap();
    for skipped in [
        Croston::default().fit(panel()).unwrap().skipped().to_vec(),
        Tsb::default().fit(panel()).unwrap().skipped().to_vec(),
    ] {
        assert_eq!((skipped.len(), skipped[0].id.as_str()), (1, "bad"));
        assert_eq!(skipped[0].reason, "the value 2 steps after the first is below 0: demand is 0 or more");
    }
}

#[test]
fn what_was_made_of_a_series_is_told_in_its_unit() {
    let values: Vec<f64> = [0.0, 40.0, 0.0, 60.0].into();
    let summary = Croston::default().fit(alone(&values)).unwrap().summary("a").unwrap();
    assert_eq!(summary.demands, 2);
    assert_close(summary.size, 42.0, 1e-12);
    assert_close(summary.probability, 0.5, 1e-12);
    let tsb = Tsb::new(0.5, 0.25).fit(alone(&values)).unwrap();
    assert_close(tsb.summary("a").unwrap().size, 50.0, 1e-12);
    assert_close(tsb.summary("a").unwrap().probability, 0.25 * 0.75 * 0.75 + 0.25, 1e-12);
    assert!(tsb.summary("b").is_none());
}

proptest! {
    #[test]
    fn intervals_hold_the_mean_and_no_number_below_0(
        values in prop::collection::vec(prop_oneof![Just(0.0), 0.0..50.0_f64], 1..60),
        level in 0.05..0.99_f64,
        alpha in 0.05..1.0_f64,
    ) {
        for of in [forecast(&Tsb::new(alpha, alpha), &values, &[level]), forecast(&Croston::default(), &values, &[level])] {
            let (mean, lower, upper) = (of.mean[0], of.lower[[0, 0]], of.upper[[0, 0]]);
            prop_assert!(0.0 <= lower && lower <= mean && mean <= upper);
            let most = values.iter().copied().fold(0.0, f64::max);
            prop_assert!(upper <= most * (1.0 + 1e-12));
        }
    }
}

#[test]
fn steps_of_which_nothing_is_known_are_no_demand() {
    let demand: Vec<f64> = (0..40).map(|t| if t % 8 == 0 { 2.0 } else { 0.0 }).collect();
    let gap = |count: usize| -> Vec<f64> { demand.iter().copied().chain(vec![f64::NAN; count]).chain([0.0]).collect() };
    let panel = |values: Vec<f64>| adflux_core::Panel::from_values([("a", values)]).unwrap();
    let fitted = Tsb::default().fit(panel(demand.clone())).unwrap();
    let after = |count: usize| fitted.updated(&panel(gap(count))).unwrap().forecast(1, &[0.8], None).unwrap();
    let (none, many) = (after(0), after(19));
    let (none, many) = (none.get("a").unwrap(), many.get("a").unwrap());
    assert_eq!((none.mean[0], none.upper[[0, 0]]), (many.mean[0], many.upper[[0, 0]]));
}
