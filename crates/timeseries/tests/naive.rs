//! The forecasts that hardly need a model, beside statsforecast's, and what all forecasters do with missing values.

use crate::{
    alone,
    golden::{LEVELS, Said},
};
use adflux_core::{
    CancelToken, Context, Error, Fit, Forecaster, Frequency, Panel, Progress, Series, SeriesForecast, calendar::days,
};
use adflux_testing::{assert_all_close, fixture};
use adflux_timeseries::{Drift, Naive, SeasonalNaive, WindowAverage};
use proptest::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Case {
    season: usize,
    values: Vec<f64>,
    naive: Said,
    seasonal: Said,
    drift: Said,
    window: Said,
}

/// Cancels at the first report.
struct Cancels(CancelToken);

impl Progress for Cancels {
    fn update(&self, _: &str, _: u64, _: Option<u64>) {
        self.0.cancel();
    }
}

#[test]
fn a_fit_that_is_cancelled_when_all_series_have_begun_does_not_finish() {
    let token = CancelToken::default();
    let context = Context::default().with_progress(Arc::new(Cancels(token.clone()))).with_cancel(token);
    let fitted = Naive::default().fit_with(alone(&[1.0, 2.0, 4.0]), &context);
    assert!(matches!(fitted, Err(Error::Cancelled)));
}

fn forecast<R>(recipe: &R, values: &[f64], horizon: usize) -> SeriesForecast
where
    R: Fit<Panel>,
    R::Fitted: Forecaster,
{
    let forecast = recipe.fit(alone(values)).unwrap().forecast(horizon, &LEVELS, None).unwrap();
    forecast.get("a").unwrap().clone()
}

#[test]
fn they_are_those_of_statsforecast() {
    let cases: Vec<Case> = fixture("timeseries/naive.json");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let y = &case.values;
        case.naive.assert_close(&forecast(&Naive::default(), y, 14), 1e-9);
        case.seasonal.assert_close(&forecast(&SeasonalNaive::new(case.season), y, 26), 1e-9);
        case.drift.assert_close(&forecast(&Drift::default(), y, 14), 1e-9);
        case.window.assert_close(&forecast(&WindowAverage::new(7), y, 3), 1e-9);
    }
}

#[test]
fn the_interval_of_a_window_is_as_wide_as_the_means_were_off() {
    // The means 2, 3, 4 of windows of 3 are off by 2, 2 and 2.
    let of = forecast(&WindowAverage::new(3), &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2);
    assert_eq!(of.mean.to_vec(), [5.0, 5.0]);
    let half = |step: usize| of.upper[[step, 1]] - of.mean[step];
    assert!((half(0) - 1.959_963_984_540_054 * 2.0).abs() < 1e-9);
    assert_eq!(half(0), half(1));
}

#[test]
fn what_is_missing_at_the_end_is_forecast_on_the_way() {
    let values = [f64::NAN, 1.0, f64::NAN, 3.0, 4.0, f64::NAN, f64::NAN];
    let start = days(2024, 1, 1) * 86_400;
    let panel = Panel::new(Frequency::DAILY, vec![Series::new("a", start, values.to_vec())]).unwrap();
    let forecast = Drift::default().fit(panel).unwrap().forecast(2, &[0.8], None).unwrap();
    let of = forecast.get("a").unwrap();
    // One a step: 4 on Friday is followed by 5 and 6, which are past, and by 7 and 8.
    assert_all_close(&of.mean, &[7.0, 8.0], 1e-12);
    assert_eq!(of.times.iter().map(|t| forecast.frequency.text(*t)).collect::<Vec<_>>(), ["2024-01-08", "2024-01-09"]);
}

#[test]
fn what_cannot_be_fitted_says_why_by_series() {
    let panel = Panel::from_values([
        ("short", vec![1.0; 3]),
        ("empty", vec![]),
        ("missing", vec![f64::NAN; 9]),
        ("huge", vec![1e300; 9]),
        ("good", vec![1.0; 9]),
    ]);
    let fitted = SeasonalNaive::new(4).fit(panel.unwrap()).unwrap();
    let said: Vec<String> = fitted.skipped().iter().map(|s| format!("{}: {}", s.id, s.reason)).collect();
    assert_eq!(
        said,
        [
            "short: 3 values from the first that is known to the last, where 5 are needed",
            "empty: no values",
            "missing: no values",
            "huge: the largest value is 1e300: change the unit, so that it is between 1e-290 and 1e290",
        ]
    );
    let forecast = fitted.forecast(1, &[], None).unwrap();
    assert_eq!(forecast.series.len(), 1);
    assert_eq!(forecast.get("empty").unwrap_err().to_string(), "series `empty` was skipped: no values");
    let none = SeasonalNaive::new(4).fit(alone(&[1.0, 2.0])).unwrap_err().to_string();
    assert_eq!(
        none,
        "no series can be fitted; `a`: 2 values from the first that is known to the last, where 5 are needed"
    );
    let none = Naive::default().fit(Panel::from_values::<String>([]).unwrap()).unwrap_err().to_string();
    assert_eq!(none, "a panel without series: nothing can be fitted");
}

proptest! {
    #[test]
    fn a_walk_of_one_step_is_the_season_of_one(values in prop::collection::vec(-1e6..1e6_f64, 2..40)) {
        prop_assert_eq!(forecast(&Naive::default(), &values, 5), forecast(&SeasonalNaive::new(1), &values, 5));
    }

    #[test]
    fn a_line_goes_on(slope in -10.0..10.0_f64, steps in 2_usize..50) {
        let values: Vec<f64> = (0..steps).map(|step| 3.0 + slope * step as f64).collect();
        let of = forecast(&Drift::default(), &values, 3);
        prop_assert!((of.mean[2] - (3.0 + slope * (steps + 2) as f64)).abs() < 1e-9);
        prop_assert!(of.upper[[2, 1]] - of.lower[[2, 1]] < 1e-6);
    }
}
