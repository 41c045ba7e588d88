//! Exponential smoothing beside statsforecast's.

use crate::{
    alone,
    golden::{LEVELS, Said},
};
use adflux_core::{Fit, Forecaster, SeriesForecast};
use adflux_testing::fixture;
use adflux_timeseries::{AutoEts, EtsSummary, Naive};
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
    model: String,
    damped: Option<bool>,
    form: String,
    log_likelihood: f64,
    aicc: f64,
    sigma2: f64,
    /// α, β, γ, φ.
    parameters: [Option<f64>; 4],
    #[serde(flatten)]
    said: Said,
}

impl Model {
    /// Whether a parameter lies where R's `ets` and this crate allow none: statsforecast's search does not keep β below α and γ
    /// below 1 − α.
    fn outside(&self) -> bool {
        let [alpha, beta, gamma, _] = self.parameters.map(|p| p.unwrap_or(0.0));
        beta > alpha || gamma > 1.0 - alpha
    }
}

fn fit(recipe: &AutoEts, values: &[f64]) -> (EtsSummary, SeriesForecast) {
    let fitted = recipe.fit(alone(values)).unwrap();
    let forecast = fitted.forecast(12, &LEVELS, None).unwrap();
    (fitted.summary("a").unwrap(), forecast.get("a").unwrap().clone())
}

/// The largest distance, as a share of the deviation that the errors have.
fn apart(ours: &SeriesForecast, theirs: &Said, sigma: f64) -> f64 {
    ours.mean.iter().zip(&theirs.mean).map(|(a, b)| (a - b).abs() / sigma).fold(0.0, f64::max)
}

#[test]
fn no_form_is_less_likely_than_statsforecast_finds_it() {
    let cases: Vec<Case> = fixture("timeseries/ets.json");
    assert_eq!(cases.len(), 4);
    for case in &cases {
        for model in &case.models {
            let mut recipe = AutoEts::new(case.season).model(&model.model);
            recipe.damped = model.damped;
            let (summary, _) = fit(&recipe, &case.values);
            let what = format!("{}, {}", case.name, model.form);
            if model.outside() {
                continue;
            }
            assert!(
                summary.log_likelihood > model.log_likelihood - 1e-3,
                "{what}: {} against {}",
                summary.log_likelihood,
                model.log_likelihood
            );
            if model.damped.is_some() {
                assert_eq!(summary.form.to_string(), model.form, "{what}");
                // AICc is that of the same number of parameters.
                let penalty = |aicc: f64, log_likelihood: f64| aicc + 2.0 * log_likelihood;
                let (ours, theirs) =
                    (penalty(summary.aicc, summary.log_likelihood), penalty(model.aicc, model.log_likelihood));
                assert!((ours - theirs).abs() < 1e-6, "{what}: a penalty of {ours} against {theirs}");
            } else {
                assert!(summary.aicc < model.aicc + 2e-3, "{what}: {} against {}", summary.aicc, model.aicc);
            }
        }
    }
}

#[test]
fn where_the_likelihood_is_the_same_so_are_parameters_forecasts_and_intervals() {
    let cases: Vec<Case> = fixture("timeseries/ets.json");
    let mut compared = 0;
    for case in &cases {
        for model in case.models.iter().filter(|m| m.damped.is_some() && !m.outside()) {
            let mut recipe = AutoEts::new(case.season).model(&model.model);
            recipe.damped = model.damped;
            let (summary, forecast) = fit(&recipe, &case.values);
            if summary.log_likelihood > model.log_likelihood + 2e-3 {
                continue;
            }
            compared += 1;
            let what = format!("{}, {}", case.name, model.form);
            // Where the slope hardly changes, φ says little.
            let parameters = [summary.alpha, summary.beta, summary.gamma];
            for (ours, theirs) in parameters.iter().zip(model.parameters) {
                assert!(theirs.is_none_or(|theirs| (ours - theirs).abs() < 0.02), "{what}: {parameters:?}");
            }
            assert!((summary.sigma2 / model.sigma2 - 1.0).abs() < 2e-3, "{what}: {} {}", summary.sigma2, model.sigma2);
            if model.form.starts_with("ETS(M") && !model.form.ends_with("N)") {
                // statsforecast's variances of these forms hold a product where a sum is due.
                continue;
            }
            let sigma = (model.said.upper.as_ref().unwrap()[0][0] - model.said.mean[0]) / 1.2816;
            assert!(apart(&forecast, &model.said, sigma) < 0.05, "{what}: {} {:?}", forecast.mean, model.said.mean);
            for (step, (ours, theirs)) in
                forecast.upper.rows().into_iter().zip(model.said.upper.iter().flatten()).enumerate()
            {
                let (ours, theirs) = (ours[1] - forecast.mean[step], theirs[1] - model.said.mean[step]);
                assert!((ours / theirs - 1.0).abs() < 0.03, "{what}, step {}: {ours} against {theirs}", step + 1);
            }
        }
    }
    assert!(compared >= 5, "only {compared} fits reach the same likelihood");
}

#[test]
fn fallbacks_are_those_that_are_told() {
    let ets = |season: usize| AutoEts::new(season);
    // Too short for every form: as Naive.
    for values in [&[3.0][..], &[3.0, 5.0], &[3.0, 5.0, 4.0], &[1.0, 0.0, 2.0, 1.0]] {
        let naive = Naive::default().fit(alone(values)).unwrap().forecast(12, &LEVELS, None).unwrap();
        let (_, ours) = fit(&ets(1), values);
        let naive = naive.get("a").unwrap();
        assert!(ours.mean == naive.mean && (&ours.upper - &naive.upper).iter().all(|d| d.abs() < 1e-12), "{values:?}");
    }
    let (summary, constant) = fit(&ets(4), &[7.25; 30]);
    assert!(constant.mean.iter().chain(&constant.upper).all(|v| *v == 7.25) && summary.sigma2 == 0.0);
    // Shorter than a season: no season.
    let (summary, _) = fit(&ets(12), &[1.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0, 5.0, 8.0]);
    assert!(summary.form.to_string().ends_with("N)"), "{}", summary.form);
    // Not above 0: nothing relative.
    let crossing: Vec<f64> = (0..40).map(|t| f64::from(t * 7 % 11) - 3.0).collect();
    let (summary, _) = fit(&ets(4), &crossing);
    assert!(summary.form.to_string().starts_with("ETS(A") && !summary.form.to_string().ends_with("M)"));
}

#[test]
fn what_is_refused_says_why() {
    let said = |recipe: &AutoEts, values: &[f64]| recipe.fit(alone(values)).unwrap_err().to_string();
    let values: Vec<f64> = (0..20).map(|t| f64::from(t % 5)).collect();
    assert!(said(&AutoEts::new(0), &values).starts_with("parameter `season_length` = 0: must be at least 1"));
    assert!(said(&AutoEts::new(61), &values).starts_with("parameter `season_length` = 61: must be at most 60"));
    assert!(
        said(&AutoEts::new(4).model("AAX"), &values).starts_with("parameter `model` = \"AAX\": must be three letters")
    );
    assert!(
        said(&AutoEts::new(1).model("AAA"), &values).contains("`model` AAA has a season, and `season_length` is 1")
    );
    assert!(
        said(&AutoEts::new(1).model("MNN"), &values).contains("values of 0 or below, which no form of `model` MNN")
    );
}

#[test]
fn a_known_form_is_found_again() {
    // A line with a season, and small errors that do not repeat.
    let values: Vec<f64> = (0..80)
        .map(|t| 200.0 + 2.0 * t as f64 + [0.0, 30.0, -20.0, -10.0][t % 4] + ((t * 7919 + 13) % 101) as f64 / 50.0)
        .collect();
    let (summary, forecast) = fit(&AutoEts::new(4), &values);
    assert_eq!(summary.form.to_string().get(5..), Some(",A,A)"), "{}", summary.form);
    assert!((summary.slope - 2.0).abs() < 0.1 && (summary.season[1] - 30.0).abs() < 2.0, "{summary:?}");
    assert!((forecast.mean[3] - (200.0 + 2.0 * 83.0 - 10.0)).abs() < 3.0, "{}", forecast.mean);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_scaled_series_has_the_scaled_forecast(seed in 0_u64..1000, factor in 0.001..1000.0_f64) {
        let values: Vec<f64> = (0..36_u64).map(|t| 5.0 + ((t * 31 + seed * 17) % 23) as f64 + t as f64 * 0.3).collect();
        let scaled: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let ((summary, plain), (other, of)) = (fit(&AutoEts::new(4), &values), fit(&AutoEts::new(4), &scaled));
        prop_assert_eq!(summary.form, other.form);
        // Rounding may end the search a little elsewhere.
        let off = plain.mean.iter().zip(&of.mean).map(|(a, b)| (a * factor / b - 1.0).abs()).fold(0.0, f64::max);
        prop_assert!(off < 1e-2, "{off}");
    }
}
