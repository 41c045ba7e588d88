//! The additive model beside Prophet's.

use adflux_core::{Fit, Forecaster, Frequency, Panel, Series, SeriesForecast, calendar::days, random::stream};
use adflux_testing::fixture;
use adflux_timeseries::{Additive, Calendar, Country, Seasonality, SeasonalityMode};
use ndarray::Array2;
use proptest::prelude::*;
use serde::Deserialize;

const DAY: i64 = 86_400;

#[derive(Deserialize)]
struct Case {
    mode: SeasonalityMode,
    values: Vec<f64>,
    event: Option<Vec<f64>>,
    mean: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
}

fn daily(values: Vec<f64>) -> Panel {
    Panel::new(Frequency::DAILY, vec![Series::new("a", days(2023, 1, 2) * DAY, values)]).unwrap()
}

fn with_column(panel: &Panel, name: &str, values: &[f64]) -> Panel {
    let column = |_: &Series| Ok(Array2::from_shape_fn((values.len(), 1), |(step, _)| values[step]));
    panel.with([name], column).unwrap()
}

fn forecast(recipe: &Additive, panel: &Panel, horizon: usize, future: Option<&Panel>) -> SeriesForecast {
    let forecast = recipe.fit(panel.clone()).unwrap().forecast(horizon, &[0.8], future).unwrap();
    forecast.get("a").unwrap().clone()
}

#[test]
fn forecasts_are_those_of_prophet() {
    let cases: Vec<Case> = fixture("timeseries/additive.json");
    assert_eq!(cases.len(), 3);
    for (place, case) in cases.iter().enumerate() {
        let (plain, steps) = (daily(case.values.clone()), case.values.len());
        let ahead = plain.ahead(60).unwrap();
        let (past, future) = match &case.event {
            Some(event) => {
                (with_column(&plain, "event", &event[..steps]), with_column(&ahead, "event", &event[steps..]))
            }
            None => (plain, ahead),
        };
        let ours = forecast(&Additive::default().seasonality_mode(case.mode), &past, 60, Some(&future));
        for step in 0..60 {
            let (mean, width) = (ours.mean[step], ours.upper[[step, 0]] - ours.lower[[step, 0]]);
            // Its search stops near the maximum; bends move what is far ahead most.
            let off = (mean - case.mean[step]).abs();
            assert!(off < 0.6, "case {place}, step {step}: {mean} against {}", case.mean[step]);
            // Its intervals are quantiles of 4000 simulated paths.
            let theirs = case.upper[step] - case.lower[step];
            assert!((width / theirs - 1.0).abs() < 0.1, "case {place}, step {step}: {width} against {theirs}");
        }
    }
}

/// A line that bends once, waves of a week, noise.
fn bent(noise: f64) -> Vec<f64> {
    let mut rng = stream(4, &[1]);
    let of = |t: usize| {
        let t = t as f64;
        let wave = (std::f64::consts::TAU * t / 7.0).sin();
        100.0 + t.min(64.0) - 2.0 * (t - 64.0).max(0.0) + 5.0 * wave + rng.random_range(-noise..noise)
    };
    (0..140).map(of).collect()
}

#[test]
fn bends_are_found_and_are_few() {
    let fitted = Additive::default().fit(daily(bent(0.5))).unwrap();
    let summary = fitted.summary("a").unwrap();
    let bends: Vec<_> = summary.changes.iter().filter(|(_, by)| by.abs() > 0.2).collect();
    assert!(bends.iter().all(|(at, _)| at.abs_diff(64) <= 10), "{bends:?}");
    let total: f64 = summary.changes.iter().map(|(_, by)| by).sum();
    assert!((total + 3.0).abs() < 0.2 && (summary.slope - 1.0).abs() < 0.1, "{total}, {}", summary.slope);
    assert!(summary.changes.iter().filter(|(_, by)| *by == 0.0).count() >= 15, "{:?}", summary.changes);
    // 0.29 of noise, and what the change points nearest to the bend, at 62 and 67, miss of it.
    assert!((0.29..0.6).contains(&summary.sigma), "{}", summary.sigma);
}

#[test]
fn holidays_count_and_are_asked_for_by_series() {
    let calendar = Calendar::new().holidays(Country::Colombia);
    let plain = daily(vec![0.0; 200]);
    let holiday = calendar.on(&plain).unwrap().get("a").unwrap().covariates().column(0).to_vec();
    let values = holiday.iter().enumerate().map(|(t, h)| 80.0 + 0.2 * t as f64 - 30.0 * h + (t * 7 % 5) as f64 * 0.2);
    let past = calendar.on(&daily(values.collect())).unwrap();
    let fitted = Additive::default().fit(past.clone()).unwrap();
    let of_holiday = fitted.summary("a").unwrap().covariates[0];
    assert!((of_holiday + 30.0).abs() < 0.5, "{of_holiday}");
    let said = |future: Option<&Panel>| fitted.forecast(30, &[], future).unwrap_err().to_string();
    assert_eq!(said(None), "the forecast needs `colombia` of the steps ahead: give them as a panel of the future");
    assert!(said(Some(&past.ahead(30).unwrap())).starts_with("series `a`: no covariate `colombia`"));
    let short = calendar.on(&past.ahead(29).unwrap()).unwrap();
    assert!(said(Some(&short)).starts_with("series `a`: covariate `colombia` has no value at 2023-08-19"));
}

#[test]
fn intervals_hold_what_they_say_where_the_model_is_true() {
    let (mut within, count) = ([0.0; 2], 300);
    for seed in 0..count {
        let mut rng = stream(seed, &[2]);
        let slope = rng.random_range(-0.3..0.3);
        // Sums of twelve are nearly normal.
        let mut noise = move || (0..12).map(|_| rng.random_range(-0.5..0.5)).sum::<f64>() * 3.0;
        let whole: Vec<f64> = (0..114).map(|t| 100.0 + slope * f64::from(t) + noise()).collect();
        let ours = forecast(&Additive::default().seasons([]), &daily(whole[..100].to_vec()), 14, None);
        for (place, step) in [0, 13].into_iter().enumerate() {
            let held = (ours.lower[[step, 0]]..=ours.upper[[step, 0]]).contains(&whole[100 + step]);
            within[place] += f64::from(u8::from(held)) / count as f64;
        }
    }
    // What the model is unsure of in its coefficients is not in the interval, as in Prophet's.
    assert!(within.iter().all(|share| (0.70..0.88).contains(share)), "{within:?}");
}

#[test]
fn paths_spread_as_intervals_do() {
    let fitted = Additive::default().fit(daily(bent(3.0))).unwrap();
    let forecast = fitted.forecast(28, &[0.8], None).unwrap();
    let paths = fitted.paths(28, 4_000, 3, None).unwrap();
    let (of, paths) = (forecast.get("a").unwrap(), paths.get("a").unwrap());
    for step in [0, 13, 27] {
        let column = paths.values.column(step);
        let deviation = column.std(1.0);
        let theirs = (of.upper[[step, 0]] - of.lower[[step, 0]]) / 2.0 / 1.281_551_565_5;
        assert!((deviation / theirs - 1.0).abs() < 0.06, "step {step}: {deviation} against {theirs}");
        assert!((column.mean().unwrap() - of.mean[step]).abs() < 0.1 * deviation);
    }
    assert!(paths.values.column(27).std(1.0) > 1.02 * paths.values.column(0).std(1.0), "trends bend");
}

#[test]
fn an_update_goes_on_in_time() {
    let values = bent(0.5);
    let fitted = Additive::default().fit(daily(values[..120].to_vec())).unwrap();
    let updated = fitted.updated(&daily(values)).unwrap();
    let (old, new) = (fitted.forecast(25, &[0.8], None).unwrap(), updated.forecast(5, &[0.8], None).unwrap());
    let (old, new) = (old.get("a").unwrap(), new.get("a").unwrap());
    assert_eq!(old.mean.to_vec()[20..], new.mean.to_vec()[..]);
    assert_eq!(old.times[20..], new.times[..]);
}

#[test]
fn a_series_may_be_short_constant_or_of_another_length_than_its_season() {
    let of = |values: &[f64]| {
        forecast(&Additive::default().seasons([Seasonality::new(7.0, 3)]), &daily(values.to_vec()), 5, None)
    };
    assert_eq!(of(&[7.25; 30]).mean.to_vec(), [7.25; 5]);
    assert_eq!(of(&[3.0]).mean.to_vec(), [3.0; 5]);
    for values in [&[1.0, 2.0][..], &[5.0, 1.0, 4.0, 1.0, 5.0], &[0.0, 0.0, 1.0, 0.0]] {
        assert!(of(values).mean.iter().all(|v| v.is_finite()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_forecast_of_a_scaled_series_is_the_scaled_forecast(factor in 0.001..1000.0_f64, multiplicative: bool) {
        let mode = if multiplicative { SeasonalityMode::Multiplicative } else { SeasonalityMode::Additive };
        let recipe = Additive::default().seasonality_mode(mode);
        let values = bent(1.0);
        let plain = forecast(&recipe, &daily(values.clone()), 10, None);
        let scaled = forecast(&recipe, &daily(values.iter().map(|v| v * factor).collect()), 10, None);
        for (a, b) in plain.mean.iter().chain(&plain.upper).zip(scaled.mean.iter().chain(&scaled.upper)) {
            prop_assert!((a * factor - b).abs() < 1e-4 * factor * 100.0, "{} against {b}", a * factor);
        }
    }
}
