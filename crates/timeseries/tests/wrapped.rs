//! Forecasters around others: bounds and conformal intervals.

use crate::{alone, panel};
use adflux_core::{AnyForecasterRecipe, Describe as _, Fit, Forecaster, Panel, Registry, Spec};
use adflux_timeseries::{AutoEts, Bounded, Conformal, Drift, FittedBounded, Naive, SeasonalNaive, register};
use rand::RngExt as _;

fn logged(values: &[f64]) -> Panel {
    alone(&values.iter().map(|v| v.ln()).collect::<Vec<_>>())
}

#[test]
fn what_is_bounded_is_the_forecast_of_the_logarithms() {
    let values: Vec<f64> = (0..40).map(|t| 20.0 * (1.02_f64).powi(t) * [1.0, 1.4, 0.8, 1.1][t as usize % 4]).collect();
    let bounded = Bounded::above(0.0, AutoEts::new(4)).fit(alone(&values)).unwrap().forecast(6, &[0.8], None).unwrap();
    let logs = AutoEts::new(4).fit(logged(&values)).unwrap().forecast(6, &[0.8], None).unwrap();
    let (bounded, logs) = (bounded.get("a").unwrap(), logs.get("a").unwrap());
    for step in 0..6 {
        for (is, log) in
            [(bounded.lower[[step, 0]], logs.lower[[step, 0]]), (bounded.upper[[step, 0]], logs.upper[[step, 0]])]
        {
            // The logarithm is of the value in its unit, which moves a level and not what it says.
            assert!((is / log.exp() - 1.0).abs() < 1e-3, "{is} {}", log.exp());
        }
        let deviation = (logs.upper[[step, 0]] - logs.lower[[step, 0]]) / 2.0 / 1.281_551_565_545;
        let mean = (logs.mean[step] + deviation * deviation / 2.0).exp();
        assert!((bounded.mean[step] / mean - 1.0).abs() < 2e-3, "{} {mean}", bounded.mean[step]);
    }
}

#[test]
fn no_end_and_no_path_leaves_the_bounds() {
    let rates = alone(&(0..50).map(|t| [0.0, 0.02, 0.01, 0.05, 1.0][t * 7 % 5]).collect::<Vec<_>>());
    let fitted = Bounded::between(0.0, 1.0, AutoEts::default()).fit(rates).unwrap();
    let forecast = fitted.forecast(30, &[0.5, 0.999], None).unwrap();
    let of = forecast.get("a").unwrap();
    assert!(of.lower.iter().chain(&of.upper).chain(&of.mean).all(|v| (0.0..=1.0).contains(v)));
    assert!(of.lower.iter().zip(&of.upper).all(|(lower, upper)| lower < upper && *upper <= 1.0));
    let paths = fitted.paths(30, 500, 1, None).unwrap();
    let values = &paths.get("a").unwrap().values;
    assert!(values.iter().all(|v| (0.0..=1.0).contains(v)));
    let mean = values.column(0).mean().unwrap();
    assert!((mean / of.mean[0] - 1.0).abs() < 0.2, "{mean} {}", of.mean[0]);
}

#[test]
fn days_without_anything_stay_near_the_bound() {
    // A flight that is paused at weekends.
    let spend = |t: usize| if t % 7 >= 5 { 0.0 } else { 1_000.0 + (t * 37 % 11) as f64 * 10.0 };
    let values: Vec<f64> = (0..70).map(spend).collect();
    let fitted = Bounded::above(0.0, AutoEts::new(7)).fit(alone(&values)).unwrap();
    let forecast = fitted.forecast(7, &[0.8], None).unwrap();
    let of = forecast.get("a").unwrap();
    assert!(of.mean[5] < 20.0 && of.mean[6] < 20.0, "{}", of.mean);
    let week = values[63..].iter().sum::<f64>();
    assert!((of.mean.sum() / week - 1.0).abs() < 0.05, "{} {week}", of.mean.sum());
    // One application in eight days.
    let rare: Vec<f64> = (0..120).map(|t| f64::from(u8::from(t * 5 % 8 == 0))).collect();
    let fitted = Bounded::above(0.0, AutoEts::default()).fit(alone(&rare)).unwrap();
    let mean = fitted.forecast(1, &[], None).unwrap().get("a").unwrap().mean[0];
    assert!((mean / 0.125 - 1.0).abs() < 0.5, "{mean}");
}

#[test]
fn conformal_intervals_stand_within_bounds() {
    let values: Vec<f64> = (0..60).map(|t| 5.0 + f64::from(t * 37 % 11)).collect();
    let recipe = Bounded::above(0.0, Conformal::new(7, Naive::default()).windows(20));
    let forecast = recipe.fit(alone(&values)).unwrap().forecast(7, &[0.9], None).unwrap();
    assert!(forecast.get("a").unwrap().lower.iter().all(|lower| *lower > 0.0));
}

#[test]
fn values_outside_the_bounds_are_named() {
    let panel = Panel::from_values([("good", vec![1.0, 2.0, 3.0]), ("bad", vec![1.0, -2.0, 3.0])]).unwrap();
    let fitted = Bounded::above(0.0, Naive::default()).fit(panel).unwrap();
    let forecast = fitted.forecast(1, &[], None).unwrap();
    assert_eq!(forecast.skipped[0].reason, "the value -2 where at least 0 is the bound");
    assert!((forecast.get("good").unwrap().mean[0] - 3.0).abs() < 1.0);
    let later = Panel::from_values([("good", vec![1.0, 2.0, 3.0, -1.0])]).unwrap();
    let error = fitted.updated(&later).unwrap_err().to_string();
    assert_eq!(error, "no series can be updated; `good`: the value -1 where at least 0 is the bound");
    let both = Panel::from_values([("good", vec![1.0, 2.0, 3.0]), ("other", vec![1.0, 2.0, 3.0])]).unwrap();
    let updated = Bounded::above(0.0, Naive::default()).fit(both).unwrap().updated(&later).unwrap();
    let forecast = updated.forecast(1, &[], None).unwrap();
    assert_eq!((forecast.series[0].id.as_str(), forecast.skipped[0].id.as_str()), ("other", "good"));
    let error = Bounded::above(0.0, Naive::default()).fit(alone(&[-1.0])).unwrap_err().to_string();
    assert!(error.starts_with("no series can be fitted; `a`: the value -1"), "{error}");
    assert!(Bounded::new(None, None, Naive::default()).fit(alone(&[-1.0])).is_ok());
}

#[test]
fn an_update_is_within_the_bounds_too() {
    let values: Vec<f64> = (0..30).map(|t| f64::from(t * 7 % 5)).collect();
    let fitted = Bounded::above(0.0, SeasonalNaive::new(5)).fit(alone(&values[..25])).unwrap();
    let updated: FittedBounded = fitted.updated(&alone(&values)).unwrap();
    let whole = Bounded::above(0.0, SeasonalNaive::new(5)).fit(alone(&values)).unwrap();
    let (updated, whole) = (updated.forecast(5, &[], None).unwrap(), whole.forecast(5, &[], None).unwrap());
    assert_eq!(updated.get("a").unwrap().times, whole.get("a").unwrap().times);
    for (a, b) in updated.get("a").unwrap().mean.iter().zip(&whole.get("a").unwrap().mean) {
        assert!((a - b).abs() < 0.05, "{a} {b}");
    }
}

/// A walk whose steps are not normal at all: most are small, some are wide, and the wide ones go up.
fn walk(seed: u64, steps: usize) -> Vec<f64> {
    let mut rng = adflux_core::random::stream(seed, &[]);
    let mut level = 100.0;
    let step = |_| {
        level += if rng.random::<f64>() < 0.1 { 8.0 } else { rng.random::<f64>() - 0.5 };
        level
    };
    (0..steps).map(step).collect()
}

#[test]
fn conformal_intervals_contain_their_share_where_normal_ones_do_not() {
    let (series, steps, horizon) = (300, 60, 3);
    let whole: Vec<(String, Vec<f64>)> = (0..series).map(|i| (format!("s{i}"), walk(i, steps + horizon))).collect();
    let past = Panel::from_values(whole.iter().map(|(id, values)| (id.clone(), values[..steps].to_vec()))).unwrap();
    let share = |forecaster: &dyn Forecaster| {
        let forecast = forecaster.forecast(horizon, &[0.8], None).unwrap();
        let within = forecast.series.iter().zip(&whole).map(|(of, (_, values))| {
            (0..horizon).filter(|h| (of.lower[[*h, 0]]..=of.upper[[*h, 0]]).contains(&values[steps + h])).count()
        });
        within.sum::<usize>() as f64 / (series as usize * horizon) as f64
    };
    let normal = share(&Drift::default().fit(past.clone()).unwrap());
    let pooled = share(&Conformal::new(horizon, Drift::default()).fit(past.clone()).unwrap());
    let own = share(&Conformal::new(horizon, Drift::default()).pooled(false).windows(19).fit(past).unwrap());
    assert!((pooled - 0.8).abs() < 0.04, "pooled {pooled}");
    assert!((own - 0.8).abs() < 0.06, "own {own}");
    assert!((normal - 0.8).abs() > 0.05, "normal {normal}");
}

#[test]
fn conformal_intervals_are_the_ranked_errors_of_the_past() {
    // The naive forecast of a line of slope 2 is off by 2, 4 and 6.
    let panel = alone(&(0..40).map(|t| 2.0 * f64::from(t)).collect::<Vec<_>>());
    let fitted = Conformal::new(3, Naive::default()).pooled(false).windows(9).fit(panel).unwrap();
    let forecast = fitted.forecast(4, &[0.9], None).unwrap();
    let of = forecast.get("a").unwrap();
    assert_eq!(of.mean.to_vec(), [78.0; 4]);
    let reach: Vec<f64> = of.upper.column(0).iter().map(|upper| upper - 78.0).collect();
    assert_eq!(reach[..3], [2.0, 4.0, 6.0]);
    assert!((reach[3] - 6.0 * (4.0_f64 / 3.0).sqrt()).abs() < 1e-9, "beyond the horizon as a walk");
    let error = fitted.forecast(1, &[0.95], None).unwrap_err().to_string();
    assert!(error.contains("`a`: an interval of 0.95 needs 19 errors of the past, where there are 9"), "{error}");
    assert!(fitted.forecast(1, &[], None).is_ok(), "means need no errors");
    assert!(fitted.paths(1, 1, 1, None).unwrap_err().to_string().contains("draws no paths"));
    // Without new fits the errors of the naive forecast are the same.
    let panel = alone(&(0..40).map(|t| 2.0 * f64::from(t)).collect::<Vec<_>>());
    let updated = Conformal::new(3, Naive::default()).pooled(false).windows(9).refit(false).fit(panel).unwrap();
    assert_eq!(updated.forecast(4, &[0.9], None).unwrap(), forecast);
}

#[test]
fn recipes_around_others_are_described_and_built_by_name() {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    let written = "kind = 'conformal'\nparams = { horizon = 3 }\n[[steps]]\nkind = 'bounded'\nparams = { min = 0.0 }\n[[steps.steps]]\nkind = 'naive'";
    let spec: Spec = toml::from_str(written).unwrap();
    let recipe: AnyForecasterRecipe = registry.build(&spec).unwrap();
    let forecast = recipe.fit(panel()).unwrap().forecast(3, &[0.8], None).unwrap();
    assert_eq!(forecast.series.len(), 2);
    let two: Spec = toml::from_str("kind = 'bounded'\nsteps = [{ kind = 'naive' }, { kind = 'drift' }]").unwrap();
    let error = registry.build::<AnyForecasterRecipe>(&two).unwrap_err().to_string();
    assert!(error.contains("it takes one forecaster in `steps`, and 2 are given"), "{error}");
    let childless: Spec = toml::from_str("kind = 'bounded'").unwrap();
    let usual: AnyForecasterRecipe = registry.build(&childless).unwrap();
    assert_eq!(usual.describe().unwrap().steps[0].kind, "auto-ets");
}
