//! ARIMA beside statsmodels' and statsforecast's.

use crate::{
    alone,
    golden::{LEVELS, Said},
};
use adflux_core::{Fit, Forecaster, Panel, SeriesForecast, random::stream};
use adflux_testing::{assert_all_close, assert_close, fixture};
use adflux_timeseries::{Arima, ArimaSummary, AutoArima, Naive};
use proptest::prelude::*;
use rand_distr::{Distribution as _, StandardNormal};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    season: usize,
    values: Vec<f64>,
    models: Vec<Model>,
    automatic: Automatic,
}

#[derive(Deserialize)]
struct Model {
    order: [usize; 3],
    seasonal_order: [usize; 3],
    drift: bool,
    covariate: bool,
    log_likelihood: f64,
}

#[derive(Deserialize)]
struct Automatic {
    order: [usize; 3],
    seasonal_order: [usize; 3],
    constant: bool,
    aicc: f64,
    sigma2: f64,
    #[serde(flatten)]
    said: Said,
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = fixture("timeseries/arima.json");
    assert_eq!(cases.len(), 4);
    cases
}

/// The regressor of the script.
fn cost(t: usize) -> f64 {
    let value = (0.7 * t as f64).sin() + (t * t % 7) as f64 / 7.0;
    (value * 1000.0).round() / 1000.0
}

fn with_cost(values: &[f64], cost: impl Fn(usize) -> f64) -> Panel {
    let times: Vec<i64> = (0..values.len() as i64).map(|t| t * 86_400).collect();
    let ids = vec!["a"; values.len()];
    let costs: Vec<f64> = (0..values.len()).map(cost).collect();
    Panel::builder().ids(ids).times(times).values(values.to_vec()).covariate("cost", costs).build().unwrap().0
}

fn auto(recipe: &AutoArima, values: &[f64]) -> (ArimaSummary, SeriesForecast) {
    let fitted = recipe.fit(alone(values)).unwrap();
    let forecast = fitted.forecast(12, &LEVELS, None).unwrap();
    (fitted.summary("a").unwrap(), forecast.get("a").unwrap().clone())
}

#[test]
fn no_order_is_less_likely_than_statsmodels_finds_it() {
    let mut same = 0;
    for case in cases() {
        for model in &case.models {
            let recipe = Arima::new(model.order).seasonal(model.seasonal_order, case.season).include_drift(model.drift);
            let panel = if model.covariate { with_cost(&case.values, cost) } else { alone(&case.values) };
            let ours = recipe.fit(panel).unwrap().summary("a").unwrap();
            let more = ours.log_likelihood - model.log_likelihood;
            // Where coefficients go to their bounds, the last steps gain next to nothing.
            assert!(
                more > -1e-3,
                "{}, {}: {} for {}",
                case.name,
                ours.order,
                ours.log_likelihood,
                model.log_likelihood
            );
            same += usize::from(more < 1e-3);
        }
    }
    assert!(same >= 12, "only {same} orders have the same optimum");
}

#[test]
fn the_order_found_is_no_worse_than_statsforecasts() {
    let mut same = 0;
    for case in cases() {
        let (summary, forecast) = auto(&AutoArima::new(case.season), &case.values);
        let said = &case.automatic;
        let o = summary.order;
        // statsforecast's likelihood has what differencing takes almost unknown, not fully.
        let what = format!(
            "{}: {o} of AICc {} for {:?} {:?} of {}",
            case.name, summary.aicc, said.order, said.seasonal_order, said.aicc
        );
        assert!(summary.aicc < said.aicc + 1.0, "{what}");
        let equal = [o.p, o.d, o.q] == said.order && [o.seasonal_p, o.seasonal_d, o.seasonal_q] == said.seasonal_order;
        let near = (summary.aicc - said.aicc).abs() < 1.0;
        if near && equal && summary.constant.is_some() == said.constant {
            same += 1;
            assert!((summary.sigma2 / said.sigma2 - 1.0).abs() < 0.02, "{what}");
            said.said.assert_close(&forecast, 0.2 * said.sigma2.sqrt());
        }
    }
    assert!(same >= 2, "only {same} orders are the same");
}

#[test]
fn all_orders_are_at_least_as_good_as_the_steps() {
    for case in cases().into_iter().filter(|case| case.season == 1) {
        let (steps, _) = auto(&AutoArima::default(), &case.values);
        let (all, _) = auto(&AutoArima { max_models: 200, ..AutoArima::default().stepwise(false) }, &case.values);
        assert!(
            all.aicc <= steps.aicc + 0.01 || steps.order.p + steps.order.q > 5,
            "{}: {all:?} for {steps:?}",
            case.name
        );
    }
}

/// Errors of variance 1.
fn errors(seed: u64, count: usize) -> Vec<f64> {
    let mut rng = stream(seed, &[]);
    (0..count).map(|_| StandardNormal.sample(&mut rng)).collect()
}

/// A stationary series about 20: w = 0.7 w + e + 0.4 e.
fn arma(seed: u64, count: usize) -> Vec<f64> {
    let e = errors(seed, count + 100);
    let mut w = 0.0;
    let of = |t: usize| {
        w = 0.7 * w + e[t] + 0.4 * e[t - 1];
        20.0 + w
    };
    (1..count + 100).map(of).skip(99).collect()
}

#[test]
fn coefficients_are_found_again() {
    let fitted = Arima::new([1, 0, 1]).fit(alone(&arma(3, 4_000))).unwrap();
    let found = fitted.summary("a").unwrap();
    assert_close(found.ar[0], 0.7, 0.04);
    assert_close(found.ma[0], 0.4, 0.05);
    assert_close(found.constant.unwrap(), 20.0, 0.3);
    assert_close(found.sigma2, 1.0, 0.06);
    let (auto, _) = auto(&AutoArima::default(), &arma(3, 4_000));
    assert!(auto.aicc <= found.aicc + 1e-6 && auto.order.d == 0, "{auto:?}");
}

#[test]
fn intervals_hold_what_they_say() {
    let (count, horizon, steps) = (400, 6, 200);
    let all: Vec<Vec<f64>> = (0..count).map(|seed| arma(seed, steps + horizon)).collect();
    let past = all.iter().enumerate().map(|(id, values)| (id.to_string(), values[..steps].to_vec()));
    let fitted = AutoArima::default().fit(Panel::from_values(past).unwrap()).unwrap();
    let forecast = fitted.forecast(horizon, &LEVELS, None).unwrap();
    for (level, said) in LEVELS.into_iter().enumerate() {
        for step in 0..horizon {
            let within = |(of, values): (&SeriesForecast, &Vec<f64>)| {
                (of.lower[[step, level]]..=of.upper[[step, level]]).contains(&values[steps + step])
            };
            let held = forecast.series.iter().zip(&all).filter(|pair| within(*pair)).count();
            let share = held as f64 / count as f64;
            // Orders and coefficients are uncertain too, which intervals leave out.
            assert!((said - 0.08..said + 0.05).contains(&share), "step {step}: {share} for {said}");
        }
    }
}

#[test]
fn covariates_explain_and_are_needed_ahead() {
    let noise = arma(5, 160);
    let values: Vec<f64> = (0..150).map(|t| noise[t] + 3.0 * cost(t)).collect();
    for d in [0, 1] {
        let fitted = AutoArima::default().d(d).fit(with_cost(&values, cost)).unwrap();
        let found = fitted.summary("a").unwrap();
        assert_close(found.covariates[0], 3.0, 0.3);
        let ahead: Vec<f64> = (0..160).map(|t| if t < 150 { values[t] } else { f64::NAN }).collect();
        let low =
            fitted.forecast(5, &[0.8], Some(&with_cost(&ahead, |t| if t < 150 { cost(t) } else { 0.0 }))).unwrap();
        let high =
            fitted.forecast(5, &[0.8], Some(&with_cost(&ahead, |t| if t < 150 { cost(t) } else { 2.0 }))).unwrap();
        let more = &high.get("a").unwrap().mean - &low.get("a").unwrap().mean;
        assert_all_close(&more, &[2.0 * found.covariates[0]; 5], 1e-9);
        let missing = fitted.forecast(5, &[0.8], None).unwrap_err().to_string();
        assert!(missing.contains("`cost`"), "{missing}");
    }
    // A covariate that says nothing, and one that says what the mean says.
    let fitted = AutoArima::default().fit(with_cost(&values, |_| 7.0)).unwrap();
    assert_eq!(fitted.summary("a").unwrap().covariates, [0.0]);
}

#[test]
fn an_update_corrects_by_the_last_value() {
    let values = arma(9, 300);
    let fitted = Arima::new([1, 0, 0]).fit(alone(&values[..280])).unwrap();
    let found = fitted.summary("a").unwrap();
    let (phi, mean) = (found.ar[0], found.constant.unwrap());
    let updated = fitted.updated(&alone(&values)).unwrap();
    let forecast = updated.forecast(3, &[], None).unwrap();
    let expected: Vec<f64> = (1..=3).map(|h| mean + phi.powi(h) * (values[299] - mean)).collect();
    assert_all_close(&forecast.get("a").unwrap().mean, &expected, 1e-9);
}

#[test]
fn fallbacks_are_those_that_are_told() {
    for values in [&[3.0][..], &[3.0, 5.0], &[3.0, 5.0, 4.0]] {
        let naive = Naive::default().fit(alone(values)).unwrap().forecast(12, &LEVELS, None).unwrap();
        let ours = Arima::new([2, 1, 1]).fit(alone(values)).unwrap().forecast(12, &LEVELS, None).unwrap();
        assert_all_close(&ours.get("a").unwrap().mean, &naive.get("a").unwrap().mean, 1e-12);
        assert_all_close(&ours.get("a").unwrap().upper, &naive.get("a").unwrap().upper, 1e-12);
        let (_, of) = auto(&AutoArima::default(), values);
        assert!(of.mean.iter().chain(&of.lower).chain(&of.upper).all(|v| v.is_finite()), "{values:?}: {of:?}");
    }
    for value in [7.25, 0.0, -3.0] {
        let (summary, of) = auto(&AutoArima::new(4), &[value; 30]);
        assert!(of.mean.iter().chain(&of.lower).all(|v| *v == value) && summary.log_likelihood.is_nan());
    }
    // A line goes on, and so does a season that repeats itself.
    let line: Vec<f64> = (0..40).map(|t| 50.0 - 0.1 * f64::from(t)).collect();
    let (summary, of) = auto(&AutoArima::default(), &line);
    assert_all_close(&of.mean, &(40..52).map(|t| 50.0 - 0.1 * f64::from(t)).collect::<Vec<_>>(), 1e-9);
    assert_close(summary.constant.unwrap(), -0.1, 1e-9);
    let week: Vec<f64> = (0..35).map(|t| [1.0, 5.0, 2.0, 8.0, 3.0, 0.5, 2.5][t % 7]).collect();
    let (_, of) = auto(&AutoArima::new(7), &week);
    assert_all_close(&of.mean, &(35..47).map(|t| week[t % 7]).collect::<Vec<_>>(), 1e-9);
    // Shorter than a season; a horizon that is long.
    let (summary, _) = auto(&AutoArima::new(52), &arma(1, 40));
    assert_eq!((summary.order.seasonal_p, summary.order.seasonal_d, summary.order.seasonal_q), (0, 0, 0));
    let far = AutoArima::new(4).fit(alone(&arma(1, 40))).unwrap().forecast(100_000, &[0.8], None).unwrap();
    assert!(far.get("a").unwrap().upper.iter().all(|v| v.is_finite()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_scaled_series_has_the_scaled_forecast(seed in 0_u64..1_000, power in -60..60_i32, steps in 8_usize..60) {
        let factor = 2.0_f64.powi(power);
        let values = arma(seed, steps);
        let scaled: Vec<f64> = values.iter().map(|v| v * factor).collect();
        let (a, of) = auto(&AutoArima::new(4), &values);
        let (b, of_scaled) = auto(&AutoArima::new(4), &scaled);
        prop_assert_eq!(a.order, b.order);
        prop_assert_eq!(&a.ar, &b.ar);
        prop_assert_eq!(of.mean * factor, of_scaled.mean);
        prop_assert_eq!(of.upper * factor, of_scaled.upper);
    }

    #[test]
    fn whatever_comes_is_forecast(values in prop::collection::vec(prop_oneof![-1e6..1e6_f64, Just(0.0), Just(1.0)], 1..40)) {
        for season in [1, 4, 12] {
            let (summary, of) = auto(&AutoArima::new(season), &values);
            prop_assert!(of.mean.iter().chain(&of.lower).chain(&of.upper).all(|v| v.is_finite()), "{summary:?}: {of:?}");
        }
    }
}
