//! Paths, updates and covariates: what all forecasters of one model a series share.

use crate::panel;
use adflux_core::{Fit, Forecaster, Frequency, Panel, Series};
use adflux_timeseries::{
    Arima, AutoArima, AutoEts, AutoTheta, Backtest, Drift, MstlForecaster, Naive, SeasonalNaive, WindowAverage,
};

/// What is asked of any recipe.
macro_rules! on_all {
    ($check:ident) => {
        $check("naive", &Naive::default());
        $check("seasonal-naive", &SeasonalNaive::new(4));
        $check("drift", &Drift::default());
        $check("window-average", &WindowAverage::new(5));
        $check("auto-ets", &AutoEts::new(4));
        $check("auto-theta", &AutoTheta::new(4));
        $check("mstl", &MstlForecaster::new([4]));
        $check("auto-arima", &AutoArima::new(4));
        $check("arima", &Arima::new([1, 1, 1]).include_drift(true));
    };
}

fn with<R: Fit<Panel, Fitted: Forecaster>>(recipe: &R, panel: &Panel) -> R::Fitted {
    recipe.fit(panel.clone()).unwrap()
}

#[test]
fn paths_spread_as_intervals_say() {
    fn check<R: Fit<Panel, Fitted: Forecaster>>(name: &str, recipe: &R) {
        let fitted = with(recipe, &panel());
        let (horizon, count) = (8, 4_000);
        let forecast = fitted.forecast(horizon, &[0.8], None).unwrap();
        let paths = fitted.paths(horizon, count, 1, None).unwrap();
        assert_eq!(paths.series.len(), forecast.series.len());
        for (paths, forecast) in paths.series.iter().zip(&forecast.series) {
            assert_eq!(
                (&paths.id, &paths.times, paths.values.dim()),
                (&forecast.id, &forecast.times, (count, horizon))
            );
            for step in 0..horizon {
                let (lower, upper) = (forecast.lower[[step, 0]], forecast.upper[[step, 0]]);
                let within = paths.values.column(step).iter().filter(|v| (lower..=upper).contains(v)).count();
                let share = within as f64 / count as f64;
                // Four standard errors of a share.
                assert!(
                    (share - 0.8).abs() < 0.026 || upper - lower < 1e-9,
                    "{name}, {}, step {step}: {share}",
                    paths.id
                );
                let mean = paths.values.column(step).mean().unwrap();
                let off = (mean - forecast.mean[step]).abs();
                assert!(off <= 0.05 * (upper - lower) + 1e-9, "{name}, {}, step {step}: {mean}", paths.id);
            }
        }
    }
    on_all!(check);
}

#[test]
fn paths_are_the_same_for_a_seed_whatever_stands_beside() {
    fn check<R: Fit<Panel, Fitted: Forecaster>>(name: &str, recipe: &R) {
        let all = panel();
        let last = all.series().last().unwrap().clone();
        let alone = Panel::new(all.frequency(), vec![last.clone()]).unwrap();
        let paths = with(recipe, &all).paths(5, 3, 7, None).unwrap();
        assert_eq!(paths, with(recipe, &all).paths(5, 3, 7, None).unwrap(), "{name}");
        let of_one = with(recipe, &alone).paths(5, 3, 7, None).unwrap();
        assert_eq!(of_one.get(last.id()).unwrap(), paths.get(last.id()).unwrap(), "{name}");
        assert_ne!(paths, with(recipe, &all).paths(5, 3, 8, None).unwrap(), "{name}");
        let sums = paths.get(last.id()).unwrap().sums();
        assert!((sums[1] - paths.get(last.id()).unwrap().values.row(1).sum()).abs() < 1e-9);
        let error = with(recipe, &all).paths(5, 0, 7, None).unwrap_err().to_string();
        assert!(error.starts_with("parameter `count`"), "{error}");
    }
    on_all!(check);
}

/// A panel cut after so many steps.
fn head(panel: &Panel, steps: usize) -> Panel {
    panel.map(|series| Some(series.head(steps))).unwrap()
}

#[test]
fn an_update_goes_on_where_the_fit_ended() {
    fn check<R: Fit<Panel, Fitted: Forecaster>>(name: &str, recipe: &R) {
        let whole = panel();
        let steps = whole.series()[0].values().len();
        let fitted = with(recipe, &head(&whole, steps - 6));
        let at_once = fitted.updated(&whole).unwrap();
        let in_two = fitted.updated(&head(&whole, steps - 2)).unwrap().updated(&whole).unwrap();
        let none = at_once.updated(&whole).unwrap();
        let forecast = at_once.forecast(5, &[0.8], None).unwrap();
        assert_eq!(forecast, in_two.forecast(5, &[0.8], None).unwrap(), "{name}: in two parts");
        assert_eq!(forecast, none.forecast(5, &[0.8], None).unwrap(), "{name}: nothing new");
        let refitted = with(recipe, &whole).forecast(5, &[0.8], None).unwrap();
        for (updated, refitted) in forecast.series.iter().zip(&refitted.series) {
            assert_eq!(updated.times, refitted.times, "{name}");
        }
    }
    on_all!(check);
}

#[test]
fn what_is_updated_forecasts_from_the_new_values() {
    let panel = |values: &[f64]| Panel::from_values([("a", values.to_vec())]).unwrap();
    let (past, later) = (panel(&[1.0, 2.0, 3.0, 4.0]), panel(&[1.0, 2.0, 3.0, 4.0, 9.0, 8.0]));
    let mean = |forecaster: &dyn Forecaster| forecaster.forecast(3, &[], None).unwrap().get("a").unwrap().mean.to_vec();
    assert_eq!(mean(&with(&Naive::default(), &past).updated(&later).unwrap()), [8.0; 3]);
    assert_eq!(mean(&with(&SeasonalNaive::new(2), &past).updated(&later).unwrap()), [9.0, 8.0, 9.0]);
    assert_eq!(mean(&with(&Drift::default(), &past).updated(&later).unwrap()), [9.0, 10.0, 11.0]);
    assert_eq!(mean(&with(&WindowAverage::new(2), &past).updated(&later).unwrap()), [8.5; 3]);
}

#[test]
fn missing_values_of_an_update_are_taken_as_expected() {
    let panel = |values: &[f64]| Panel::from_values([("a", values.to_vec())]).unwrap();
    let fitted = with(&Drift::default(), &panel(&[1.0, 2.0, 3.0]));
    let gap = fitted.updated(&panel(&[1.0, 2.0, 3.0, f64::NAN, f64::NAN])).unwrap();
    let forecast = gap.forecast(2, &[0.8], None).unwrap();
    assert_eq!(forecast.get("a").unwrap().mean.to_vec(), [6.0, 7.0]);
    assert_eq!(forecast.get("a").unwrap().times, [5, 6]);
    // What comes after the gap counts as if it had been as expected within.
    let after = fitted.updated(&panel(&[1.0, 2.0, 3.0, f64::NAN, f64::NAN, 10.0])).unwrap();
    assert_eq!(after.forecast(1, &[], None).unwrap().get("a").unwrap().mean.to_vec(), [11.0]);
    // A panel that begins after a hole.
    let late = Panel::new(Frequency::Steps, vec![Series::new("a", 5, vec![10.0])]).unwrap();
    assert_eq!(fitted.updated(&late).unwrap().forecast(1, &[], None).unwrap().get("a").unwrap().mean.to_vec(), [11.0]);
}

#[test]
fn updates_that_do_not_fit_are_refused_by_series() {
    let day = 86_400;
    let daily =
        |start: i64, values: Vec<f64>| Panel::new(Frequency::DAILY, vec![Series::new("a", start, values)]).unwrap();
    let fitted = with(&Naive::default(), &daily(0, vec![1.0, 2.0]));
    let error = fitted.updated(&daily(2 * day + 7, vec![1.0])).unwrap_err().to_string();
    assert!(error.contains("no series can be updated; `a`: what came later has no step at 1970-01-03"), "{error}");
    let far = daily(40_000 * day, vec![1.0]);
    let error = fitted.updated(&far).unwrap_err().to_string();
    assert!(error.contains("`a`: 39998 steps in a row without a value, where 10000 are the most"), "{error}");
    let weekly = Panel::new(Frequency::WEEKLY, vec![Series::new("a", 0, vec![1.0])]).unwrap();
    assert_eq!(fitted.updated(&weekly).unwrap_err().to_string(), "what came later is of another frequency");
    let other = Panel::new(Frequency::DAILY, vec![Series::new("b", 0, vec![1.0; 9])]).unwrap();
    let same = fitted.updated(&other).unwrap().forecast(1, &[], None).unwrap();
    assert_eq!(same.get("a").unwrap().times, [2 * day], "series that are not there stay as they are");
}

#[test]
fn a_backtest_without_refits_updates() {
    let values = (0..60).map(|t| 50.0 + f64::from(t) + [0.0, 9.0, -4.0, 2.0][t as usize % 4]).collect();
    let panel = Panel::from_values([("a", values)]).unwrap();
    let context = adflux_core::Context::default();
    let backtest = Backtest::new(4).windows(5);
    let naive = |refit: bool| backtest.clone().refit(refit).run(&SeasonalNaive::new(4), &panel, &context).unwrap();
    let means = |refit| naive(refit).windows.iter().map(|w| w.forecast.mean.to_vec()).collect::<Vec<_>>();
    assert_eq!(means(true), means(false), "its means do not depend on what was learned");
    let ets = |refit: bool| backtest.clone().refit(refit).run(&AutoEts::new(4), &panel, &context).unwrap();
    assert!(ets(false).overall().mae < 0.5 * naive(false).overall().mae);
    assert_eq!(ets(false).windows[0], ets(true).windows[0], "the first window is fitted");
}
