//! Several forecasters as one.

use crate::{alone, panel};
use adflux_core::{
    AnyForecasterRecipe, Describe as _, Fit, Forecast, Forecaster, Panel, Recipe as _, Registry, SeriesForecast,
};
use adflux_testing::{assert_all_close, assert_close};
use adflux_timeseries::{
    AutoEts, AutoTheta, Combination, CombinationMethod, Drift, Naive, SeasonalNaive, WindowAverage, register,
};

const LEVELS: [f64; 2] = [0.5, 0.9];

/// Three that differ.
fn three(method: CombinationMethod) -> Combination {
    Combination::new(method)
        .forecaster(SeasonalNaive::new(4))
        .forecaster(Drift::default())
        .forecaster(AutoTheta::new(4))
}

fn said<R: Fit<Panel, Fitted: Forecaster>>(recipe: &R) -> Forecast {
    recipe.fit(panel()).unwrap().forecast(6, &LEVELS, None).unwrap()
}

#[test]
fn means_and_ends_are_combined_step_by_step() {
    let parts = [said(&SeasonalNaive::new(4)), said(&Drift::default()), said(&AutoTheta::new(4))];
    for method in [CombinationMethod::Mean, CombinationMethod::Median] {
        let ours = said(&three(method));
        for (place, series) in ours.series.iter().enumerate() {
            let middle = |of: &dyn Fn(&SeriesForecast) -> Vec<f64>| -> Vec<f64> {
                let all: Vec<Vec<f64>> = parts.iter().map(|part| of(&part.series[place])).collect();
                let one = |step: usize| {
                    let mut values = [all[0][step], all[1][step], all[2][step]];
                    values.sort_by(f64::total_cmp);
                    if method == CombinationMethod::Median { values[1] } else { values.iter().sum::<f64>() / 3.0 }
                };
                (0..all[0].len()).map(one).collect()
            };
            assert_all_close(&series.mean, &middle(&|s| s.mean.to_vec()), 1e-12);
            assert_all_close(&series.lower, &middle(&|s| s.lower.iter().copied().collect()), 1e-12);
            assert_all_close(&series.upper, &middle(&|s| s.upper.iter().copied().collect()), 1e-12);
        }
    }
    let two = Combination::default().forecaster(Naive::default()).forecaster(Drift::default());
    let mean = two.fit(alone(&[1.0, 3.0])).unwrap().forecast(1, &[], None).unwrap().series[0].mean[0];
    assert_eq!(mean, 4.0, "the median of 3 and 5 is between them");
}

#[test]
fn paths_scatter_about_the_combined_mean_as_those_of_its_forecasters() {
    let fitted = three(CombinationMethod::Median).fit(panel()).unwrap();
    let (horizon, count) = (4, 9_000);
    let (forecast, paths) =
        (fitted.forecast(horizon, &[], None).unwrap(), fitted.paths(horizon, count, 5, None).unwrap());
    let within: Vec<_> = fitted.forecasters().iter().map(|f| f.paths(horizon, count, 5, None).unwrap()).collect();
    for (place, (of, paths)) in forecast.series.iter().zip(&paths.series).enumerate() {
        assert_eq!((&of.id, &of.times), (&paths.id, &paths.times));
        for step in 0..horizon {
            let column = paths.values.column(step);
            let error = column.std(0.0) / (count as f64).sqrt();
            assert!((column.mean().unwrap() - of.mean[step]).abs() < 4.0 * error);
            let variance = within.iter().map(|p| p.series[place].values.column(step).var(0.0)).sum::<f64>() / 3.0;
            assert!((column.var(0.0) / variance - 1.0).abs() < 0.1, "{} {variance}", column.var(0.0));
        }
    }
}

#[test]
fn a_series_is_combined_from_the_forecasters_that_can_fit_it() {
    let recipe = Combination::default().forecaster(SeasonalNaive::new(4)).forecaster(WindowAverage::new(2));
    let values = [("short", vec![1.0, 5.0, 3.0]), ("long", vec![2.0; 9]), ("empty", vec![]), ("one", vec![1.0])];
    let fitted = recipe.fit(Panel::from_values(values).unwrap()).unwrap();
    let forecast = fitted.forecast(2, &[0.8], None).unwrap();
    let ids = |forecast: &Forecast| forecast.series.iter().map(|s| s.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&forecast), ["short", "long"]);
    assert_eq!(forecast.get("short").unwrap().mean.to_vec(), [4.0, 4.0]);
    let reasons: Vec<_> = forecast.skipped.iter().map(|s| (s.id.as_str(), s.reason.as_str())).collect();
    let short = "1 values from the first that is known to the last, where 5 are needed";
    assert_eq!(reasons, [("empty", "no values"), ("one", short)]);
    assert_eq!(fitted.paths(2, 3, 1, None).unwrap().skipped, forecast.skipped);
    // Alone as among others, though then one of the forecasters cannot be fitted at all.
    let alone = recipe.fit(alone(&[1.0, 5.0, 3.0])).unwrap();
    assert_eq!(alone.forecasters().len(), 1);
    assert_eq!(alone.forecast(2, &[0.8], None).unwrap().series[0].mean.to_vec(), [4.0, 4.0]);
}

#[test]
fn what_cannot_be_combined_says_why() {
    let error = |recipe: Combination, panel: Panel| recipe.fit(panel).unwrap_err().to_string();
    let none = error(Combination::default(), panel());
    assert_eq!(none, "parameter `steps` = 0: there are no forecasters: give at least one");
    let wrong = error(Combination::default().forecaster(Naive::default()).forecaster(AutoEts::new(0)), panel());
    assert!(wrong.starts_with("step 2 (auto-ets): parameter `season_length` = 0"), "{wrong}");
    let short = error(Combination::default().forecaster(SeasonalNaive::new(9)), alone(&[1.0, 2.0]));
    assert!(short.starts_with("step 1 (seasonal-naive): no series can be fitted; `a`: 2 values"), "{short}");
    let empty = error(three(CombinationMethod::Mean), Panel::from_values::<String>([]).unwrap());
    assert!(empty.ends_with("a panel without series: nothing can be fitted"), "{empty}");
}

#[test]
fn the_forecasters_are_the_steps_of_the_specification() {
    let mut registry = Registry::new();
    register(&mut registry).unwrap();
    let spec: adflux_core::Spec = toml::from_str(
        "kind = 'combination'\nsteps = [{ kind = 'naive' }, { kind = 'mstl', params = { periods = [7] }, steps = [{ kind = 'drift' }] }]",
    )
    .unwrap();
    let recipe = Combination::from_spec(&spec, &registry).unwrap();
    assert_eq!((recipe.method, recipe.forecasters.len()), (CombinationMethod::Median, 2));
    let whole = recipe.spec().unwrap();
    assert_eq!(registry.build::<AnyForecasterRecipe>(&whole).unwrap().describe().unwrap(), whole);
    let bad: adflux_core::Spec = toml::from_str("kind = 'combination'\nsteps = [{ kind = 'naivé' }]").unwrap();
    let error = registry.build::<AnyForecasterRecipe>(&bad).unwrap_err().to_string();
    assert!(error.starts_with("step 1 (naivé): unknown forecaster `naivé`; did you mean `naive`?"), "{error}");
}

#[test]
fn an_update_goes_on_in_each_forecaster() {
    let recipe = Combination::new(CombinationMethod::Mean).forecaster(Naive::default()).forecaster(Drift::default());
    let later = recipe.fit(alone(&[1.0, 2.0, 3.0])).unwrap().updated(&alone(&[1.0, 2.0, 3.0, 9.0])).unwrap();
    let forecast = later.forecast(2, &[], None).unwrap();
    assert_eq!(forecast.series[0].times, [4, 5]);
    assert_close(forecast.series[0].mean[1], f64::midpoint(9.0, 11.0), 1e-12);
}
