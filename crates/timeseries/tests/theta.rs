//! Theta models beside statsforecast's.

use crate::{alone, golden::LEVELS};
use adflux_core::{Fit, Forecaster, SeriesForecast};
use adflux_testing::{assert_all_close, fixture};
use adflux_timeseries::{AutoTheta, Decomposition, Naive, ThetaSummary, ThetaVariant};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    season: usize,
    values: Vec<f64>,
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    /// `None`: the best.
    model: Option<ThetaVariant>,
    variant: ThetaVariant,
    seasonal: Option<Decomposition>,
    alpha: f64,
    theta: f64,
    mse: f64,
    mean: Vec<f64>,
}

fn fit(recipe: &AutoTheta, values: &[f64]) -> (ThetaSummary, SeriesForecast) {
    let fitted = recipe.fit(alone(values)).unwrap();
    let forecast = fitted.forecast(12, &LEVELS, None).unwrap();
    (fitted.summary("a").unwrap(), forecast.get("a").unwrap().clone())
}

#[test]
fn no_variant_errs_more_than_statsforecast_does() {
    let cases: Vec<Case> = fixture("timeseries/theta.json");
    assert_eq!(cases.len(), 4);
    let mut close = 0;
    for case in &cases {
        for model in &case.models {
            let mut recipe = AutoTheta::new(case.season);
            recipe.model = model.model;
            let (summary, forecast) = fit(&recipe, &case.values);
            let what = format!("{}, {:?}", case.name, model.variant);
            assert_eq!(summary.season.as_ref().map(|(kind, _)| *kind), model.seasonal, "{what}");
            assert!(summary.mean_squared_error < model.mse * 1.001, "{what}: {summary:?} against {}", model.mse);
            if (summary.alpha - model.alpha).abs() < 0.005 && (summary.theta / model.theta - 1.0).abs() < 0.02 {
                close += 1;
                let error = model.mse.sqrt();
                let off = forecast.mean.iter().zip(&model.mean).map(|(a, b)| (a - b).abs() / error).fold(0.0, f64::max);
                assert!(off < 0.1, "{what}: {} against {:?}", forecast.mean, model.mean);
            }
        }
    }
    assert!(close >= 8, "only {close} variants have the same parameters");
}

#[test]
fn fallbacks_are_those_that_are_told() {
    for values in [&[3.0][..], &[3.0, 5.0], &[3.0, 5.0, 4.0]] {
        let naive = Naive::default().fit(alone(values)).unwrap().forecast(12, &LEVELS, None).unwrap();
        let (_, ours) = fit(&AutoTheta::new(1), values);
        assert_all_close(&ours.mean, &naive.get("a").unwrap().mean, 1e-12);
        assert_all_close(&ours.upper, &naive.get("a").unwrap().upper, 1e-12);
    }
    let (_, constant) = fit(&AutoTheta::new(4), &[7.25; 30]);
    assert!(constant.mean.iter().chain(&constant.lower).all(|v| *v == 7.25));
    // Values that are not above 0 repeat by numbers, whatever was asked for.
    let crossing: Vec<f64> = (0..40).map(|t| [4.0, -2.0, 0.0, -3.0][t % 4] + (t % 3) as f64 * 0.1).collect();
    let (summary, _) = fit(&AutoTheta::new(4), &crossing);
    assert_eq!(summary.season.unwrap().0, Decomposition::Additive);
    let none = AutoTheta::new(0).fit(alone(&crossing)).unwrap_err().to_string();
    assert!(none.starts_with("parameter `season_length` = 0: must be at least 1"), "{none}");
}

proptest! {
    #[test]
    fn a_line_goes_on(slope in -5.0..5.0_f64, steps in 10_usize..80) {
        let values: Vec<f64> = (0..steps).map(|t| 500.0 + slope * t as f64).collect();
        let (_, of) = fit(&AutoTheta::new(1), &values);
        // In full only where the weight of the line is 1: half of the slope is seen at least.
        let moved = of.mean[11] - values[steps - 1];
        prop_assert!((moved - 12.0 * slope).abs() <= 0.51 * (12.0 * slope).abs() + 1e-6, "{moved} of {}", 12.0 * slope);
    }
}
