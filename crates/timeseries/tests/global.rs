//! One model over all series.

use adflux_core::{Fit, Forecaster, Frequency, Panel, Series, calendar::days, random::stream};
use adflux_timeseries::{Calendar, CalendarPart, Country, GlobalBoosting};
use proptest::prelude::*;

const DAY: i64 = 86_400;

/// Daily series that wander and repeat every week, of unlike size, from March 2024 on.
fn daily(count: u64, steps: usize) -> Vec<Series> {
    let one = |id: u64| {
        let mut rng = stream(3, &[id]);
        let (size, mut level) = (10.0_f64.powi(id as i32 % 5), 40.0);
        let of = |step: usize| {
            level += rng.random_range(-1.0..1.0);
            let noise: f64 = rng.random_range(-1.0..1.0);
            size * (level + [0.0, 1.0, 3.0, 2.0, 1.0, -6.0, -8.0][step % 7] + noise)
        };
        Series::new(id.to_string(), days(2024, 3, 4) * DAY, (0..steps).map(of).collect())
    };
    (0..count).map(one).collect()
}

fn panel(series: Vec<Series>) -> Panel {
    Panel::new(Frequency::DAILY, series).unwrap()
}

fn small() -> GlobalBoosting {
    GlobalBoosting::new(7).horizon(7).n_estimators(40)
}

#[test]
fn intervals_hold_what_they_say_on_series_that_were_not_seen_to_the_end() {
    let whole = daily(80, 140);
    let past = panel(whole.iter().map(|series| series.head(126)).collect());
    let fitted = small().fit(past).unwrap();
    let levels = [0.5, 0.8, 0.95];
    let forecast = fitted.forecast(14, &levels, None).unwrap();
    let mut within = [[0.0; 3]; 2];
    for (of, truth) in forecast.series.iter().zip(&whole) {
        for step in 0..14 {
            let value = truth.values()[126 + step];
            // Beyond the horizon of the calibration apart.
            for (level, share) in within[step / 7].iter_mut().enumerate() {
                let held = (of.lower[[step, level]]..=of.upper[[step, level]]).contains(&value);
                *share += f64::from(u8::from(held)) / (80.0 * 7.0);
            }
        }
    }
    for part in within {
        for (share, level) in part.iter().zip(levels) {
            // Steps of a series go together: 80 series are worth some 200 independent steps.
            assert!((share - level).abs() < 4.0 * (level * (1.0 - level) / 200.0_f64).sqrt(), "{share} at {level}");
        }
    }
    let paths = fitted.paths(14, 500, 1, None).unwrap();
    for (paths, of) in paths.series.iter().zip(&forecast.series).take(5) {
        for step in [0, 6, 13] {
            let column = paths.values.column(step);
            let held = column.iter().filter(|v| (of.lower[[step, 1]]..=of.upper[[step, 1]]).contains(v)).count();
            assert!((held as f64 / 500.0 - 0.8).abs() < 0.1, "step {step}: {held} of 500");
        }
    }
}

#[test]
fn the_week_is_learned_from_series_of_any_size() {
    let whole = daily(20, 120);
    let past = panel(whole.iter().map(|series| series.head(113)).collect());
    let forecast = small().fit(past).unwrap().forecast(7, &[], None).unwrap();
    for (of, truth) in forecast.series.iter().zip(&whole) {
        let (known, ahead) = truth.values().split_at(113);
        let error = |said: &dyn Fn(usize) -> f64| (0..7).map(|step| (said(step) - ahead[step]).abs()).sum::<f64>();
        let (ours, naive) = (error(&|step| of.mean[step]), error(&|_| known[112]));
        assert!(ours < 0.8 * naive, "series {}: {ours} against {naive}", of.id);
    }
}

#[test]
fn short_series_and_gaps_are_forecast_and_those_that_cannot_are_named() {
    let mut series = daily(6, 90);
    let start = series[0].start();
    series.push(Series::new("new", start, vec![3.0, 4.0, 3.5, 4.5]));
    series.push(Series::new("newer", start, vec![3.0, 4.0]));
    let holed = series[1].values().iter().enumerate().map(|(t, v)| if t % 10 < 3 || t > 85 { f64::NAN } else { *v });
    series[1] = Series::new("holed", start, holed.collect());
    let forecast = small().fit(panel(series)).unwrap().forecast(5, &[0.8], None).unwrap();
    assert_eq!(forecast.series.len(), 7);
    assert_eq!(
        forecast.get("newer").unwrap_err().to_string(),
        "series `newer` was skipped: 2 steps, where 3 are needed"
    );
    let new = forecast.get("new").unwrap();
    assert!(new.mean.iter().all(|v| (0.0..10.0).contains(v)), "{}", new.mean);
    // Four steps at its end are forecast on the way: the first that is shown is as unsure as the fifth of another.
    let width = |id: &str, step: usize| {
        let of = forecast.get(id).unwrap();
        (of.upper[[step, 0]] - of.lower[[step, 0]]) / of.mean[step]
    };
    assert!(width("holed", 0) > width("0", 0));
    let none = small().fit(panel(vec![Series::new("a", 0, vec![1.0, 2.0])])).unwrap_err().to_string();
    assert_eq!(none, "no series can be fitted; `a`: 2 steps, where 3 are needed");
}

#[test]
fn covariates_count_and_are_asked_for_by_series() {
    let budget = |step: usize| f64::from(u8::from(step * 7 % 11 < 3));
    let series = |id: u64, steps: usize| {
        let mut rng = stream(9, &[id]);
        let values = (0..steps).map(|t| 100.0 + 50.0 * budget(t) + rng.random_range(-1.0..1.0)).collect();
        Series::new(id.to_string(), 0, values)
    };
    let with = |panel: Panel, from: usize| {
        let column = |s: &Series| Ok(ndarray::Array2::from_shape_fn((s.values().len(), 1), |(t, _)| budget(from + t)));
        panel.with(["budget"], column).unwrap()
    };
    let past = with(panel((0..10).map(|id| series(id, 100)).collect()), 0);
    let recipe = small().differences([]);
    let fitted = recipe.fit(past.clone()).unwrap();
    let future = with(past.ahead(8).unwrap(), 100);
    let forecast = fitted.forecast(8, &[], Some(&future)).unwrap();
    for (step, mean) in forecast.get("3").unwrap().mean.iter().enumerate() {
        assert!((mean - 100.0 - 50.0 * budget(100 + step)).abs() < 3.0, "step {step}: {mean}");
    }
    let said = |future: Option<&Panel>, horizon: usize| fitted.forecast(horizon, &[], future).unwrap_err().to_string();
    assert_eq!(said(None, 8), "the forecast needs `budget` of the steps ahead: give them as a panel of the future");
    assert!(said(Some(&future), 9).starts_with("series `0`: covariate `budget` has no value at 1970-04-19"));
    assert!(said(Some(&past.ahead(8).unwrap()), 8).starts_with("series `0`: no covariate `budget`"));
    let hourly = Panel::new(Frequency::HOURLY, vec![]).unwrap();
    assert_eq!(said(Some(&hourly), 8), "the panel of the future is of another frequency");
    let importances = fitted.feature_importances();
    let most = importances.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(most.0, "covariate budget");
}

#[test]
fn the_calendar_is_put_on_past_and_future() {
    let calendar = Calendar::new().part(CalendarPart::DayOfWeek).holidays(Country::Colombia);
    let recipe = small().calendar(calendar.clone()).series_id(true);
    let all = panel(daily(6, 90));
    let fitted = recipe.fit(all.clone()).unwrap();
    let alone = fitted.forecast(5, &[0.8], None).unwrap();
    assert_eq!(alone, fitted.forecast(5, &[0.8], Some(&all.ahead(5).unwrap())).unwrap());
    let by_hand = small().series_id(true).fit(calendar.on(&all).unwrap()).unwrap();
    let future = calendar.on(&all.ahead(5).unwrap()).unwrap();
    assert_eq!(alone, by_hand.forecast(5, &[0.8], Some(&future)).unwrap());
    let plain = Panel::from_values([("a", vec![1.0; 30])]).unwrap();
    let refused = recipe.fit(plain).unwrap_err().to_string();
    assert!(refused.starts_with("a calendar needs series with dates"), "{refused}");
}

#[test]
fn updates_go_on_from_the_new_values() {
    let whole = daily(8, 110);
    let fitted = small().fit(panel(whole.iter().map(|s| s.head(100)).collect())).unwrap();
    let later = panel(whole.clone());
    let updated = fitted.updated(&later).unwrap();
    let by_parts =
        fitted.updated(&panel(whole.iter().map(|s| s.head(104)).collect())).unwrap().updated(&later).unwrap();
    let (once, twice) = (updated.forecast(3, &[0.8], None).unwrap(), by_parts.forecast(3, &[0.8], None).unwrap());
    assert_eq!(once, twice);
    assert_eq!(once.series[0].times[0], later.ahead(1).unwrap().series()[0].start());
    let old = fitted.forecast(13, &[], None).unwrap();
    assert_ne!(once.series[0].mean[0], old.series[0].mean[10], "what came in between counts");
    assert_eq!(
        fitted.updated(&panel(whole.iter().map(|s| s.head(50)).collect())).unwrap().forecast(13, &[], None).unwrap(),
        old
    );
    let hourly = Panel::new(Frequency::HOURLY, vec![]).unwrap();
    assert_eq!(fitted.updated(&hourly).unwrap_err().to_string(), "what came later is of another frequency");
    let moved = panel(vec![Series::new("0", whole[0].start() + 3600, vec![1.0; 200])]);
    let updated = fitted.updated(&moved).unwrap();
    let skipped = updated.forecast(3, &[], None).unwrap().skipped;
    assert!(skipped.len() == 1 && skipped[0].id == "0", "the others go on");
    assert!(skipped[0].reason.starts_with("what came later has no step at"), "{skipped:?}");
    let one = small().fit(panel(vec![whole[0].head(100)])).unwrap();
    let error = one.updated(&moved).unwrap_err().to_string();
    assert!(error.starts_with("no series can be updated; `0`: what came later has no step at"), "{error}");
}

#[test]
fn months_that_end_before_the_30th_are_on_the_30th_again() {
    let at = |year, month, day| days(year, month, day) * DAY;
    let series = |id: u64, start: i64, steps: std::ops::Range<usize>| {
        let values = steps.map(|t| 50.0 + id as f64 + [0.0, 4.0, 9.0, 1.0][t % 4] + (t * t % 5) as f64).collect();
        Series::new(id.to_string(), start, values)
    };
    let monthly = |start: i64, steps: std::ops::Range<usize>| {
        Panel::new(Frequency::MONTHLY, (0..8).map(|id| series(id, start, steps.clone())).collect()).unwrap()
    };
    // To 2023-01-30: the next is the 28th of February.
    let past = monthly(at(2022, 1, 30), 0..13);
    let recipe = GlobalBoosting::new(4).horizon(2).n_estimators(10);
    for recipe in [recipe.clone(), recipe.calendar(Calendar::new().part(CalendarPart::DayOfWeek))] {
        let fitted = recipe.fit(past.clone()).unwrap();
        let forecast = fitted.forecast(3, &[0.8], None).unwrap();
        assert_eq!(forecast.get("3").unwrap().times, [at(2023, 2, 28), at(2023, 3, 30), at(2023, 4, 30)]);
        assert_eq!(fitted.paths(3, 2, 1, None).unwrap().series[0].times, forecast.series[0].times);
        // The calendar is that of these days.
        let future = monthly(at(2023, 1, 30), 12..16);
        assert_eq!(forecast, fitted.forecast(3, &[0.8], Some(&future)).unwrap());
        let times = [at(2023, 5, 30), at(2023, 6, 30)];
        let updated = fitted.updated(&monthly(at(2022, 1, 30), 0..16)).unwrap();
        let once = updated.forecast(2, &[], None).unwrap();
        assert_eq!(once.series[0].times, times);
        let by_parts = fitted.updated(&monthly(at(2023, 1, 30), 12..14)).unwrap();
        let by_parts = by_parts.updated(&monthly(at(2023, 3, 30), 14..16)).unwrap();
        assert_eq!(by_parts.forecast(2, &[], None).unwrap(), once);
        // From the 28th of February on, of which the 30th of March is the second.
        let again = by_parts.updated(&monthly(at(2023, 2, 28), 13..17)).unwrap().forecast(1, &[], None).unwrap();
        assert_eq!((again.series.len(), again.series[0].times[0]), (8, at(2023, 6, 30)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn series_of_other_units_are_forecast_in_them(powers in prop::collection::vec(-20_i32..20, 5)) {
        let plain = daily(5, 60);
        let scaled = plain.iter().zip(&powers).map(|(series, power)| {
            let values = series.values().iter().map(|v| v * 2.0_f64.powi(*power)).collect();
            Series::new(series.id(), series.start(), values)
        });
        let recipe = small().n_estimators(10);
        let of = |series: Vec<Series>| recipe.fit(panel(series)).unwrap().forecast(4, &[0.8], None).unwrap();
        let (ours, theirs) = (of(plain.clone()), of(scaled.collect()));
        for ((a, b), power) in ours.series.iter().zip(&theirs.series).zip(&powers) {
            prop_assert_eq!(&a.mean * 2.0_f64.powi(*power), b.mean.clone());
            prop_assert_eq!(&a.upper * 2.0_f64.powi(*power), b.upper.clone());
        }
    }
}
