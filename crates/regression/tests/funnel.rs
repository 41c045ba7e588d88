//! The funnel of rates.

use crate::data::dense;
use adflux_core::random::stream;
use adflux_core::{Component, Features, Fit, MultiTarget, Predict, Prediction, Recipe, Registry, Target, Training};
use adflux_regression::{FittedFunnelRegressor, FunnelRegressor, RandomForestRegressor};
use ndarray::{Array1, Array2, array};
use rand::RngExt as _;

const NAMES: [&str; 4] = ["impressions", "clicks", "applications", "spend"];
const RATES: [&str; 4] = ["spend_share", "cpm", "ctr", "conversion_rate"];

fn training(x: Array2<f64>, totals: Array2<f64>, budget: Array1<f64>) -> Training<Features> {
    let names: Vec<String> = NAMES.map(String::from).into();
    Training::new(dense(x))
        .with_target(Target::Multi(MultiTarget { names: names.into(), values: totals }))
        .with_exposure(budget)
}

/// The true rates of a campaign of platform 0, 1 or 2 for seniority `s`, in the order of the prediction.
fn truth(platform: f64, s: f64) -> [f64; 4] {
    [0.8 + 0.05 * platform, 4.0 * (1.0 + platform), 0.01 * (1.0 + s), 0.05 / (1.0 + platform) / (1.0 + s)]
}

/// A count of expectation `mean`: a normal approximation will do.
fn count(mean: f64, rng: &mut adflux_core::random::Rng) -> f64 {
    let normal = (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    (mean + mean.sqrt() * normal).round().max(0.0)
}

/// Campaigns of budgets from 50 to 20,000.
fn campaigns(rows: usize) -> Training<Features> {
    let mut rng = stream(5, &[]);
    let x = Array2::from_shape_fn((rows, 2), |(i, j)| if j == 0 { (i % 3) as f64 } else { (i / 3 % 2) as f64 });
    let budget: Array1<f64> = (0..rows).map(|_| 50.0 * 400_f64.powf(rng.random())).collect();
    let mut totals = Array2::zeros((rows, 4));
    for ((mut to, x), budget) in totals.rows_mut().into_iter().zip(x.rows()).zip(&budget) {
        let [share, cpm, ctr, conversion] = truth(x[0], x[1]);
        let spend = budget * share;
        let impressions = count(1000.0 * spend / cpm, &mut rng);
        let clicks = count(impressions * ctr, &mut rng).min(impressions);
        let applications = count(clicks * conversion, &mut rng).min(clicks);
        to.assign(&array![impressions, clicks, applications, spend]);
    }
    training(x, totals, budget)
}

fn says(data: Training<Features>) -> String {
    FunnelRegressor::new().fit(data).unwrap_err().to_string()
}

#[test]
fn known_rates_are_recovered() {
    let funnel = FunnelRegressor::new().fit(campaigns(1200)).unwrap();
    for platform in 0..3 {
        for seniority in 0..2 {
            let (platform, seniority) = (f64::from(platform), f64::from(seniority));
            let rates = funnel.predict(&dense(array![[platform, seniority]])).unwrap();
            let Prediction::Multi(named) = &rates else { panic!("{rates:?}") };
            assert_eq!(named.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), RATES);
            for (name, expected) in RATES.iter().zip(truth(platform, seniority)) {
                let got = rates.named(name).unwrap().point().unwrap()[0];
                // The mean of some 200 campaigns; the smoothing of small ones pulls the rarest rates towards the pool.
                let tolerance = if *name == "conversion_rate" { 0.12 } else { 0.03 };
                assert!(
                    (got / expected - 1.0).abs() < tolerance,
                    "{name} of {platform}, {seniority}: {got}, {expected}"
                );
            }
        }
    }
}

#[test]
fn predictions_do_not_depend_on_the_currency() {
    let data = campaigns(150);
    let mut yen = data.clone();
    yen.exposure = yen.exposure.map(|b| b * 128.0);
    let Some(Target::Multi(target)) = &mut yen.target else { unreachable!() };
    target.values.column_mut(3).mapv_inplace(|v| v * 128.0);
    let x = data.x.clone();
    let recipe = FunnelRegressor::new().forest(RandomForestRegressor::new(10).min_samples_leaf(5));
    let [a, b] = [data, yen].map(|d| recipe.fit(d).unwrap().predict(&x).unwrap());
    for (name, scale) in RATES.into_iter().zip([1.0, 128.0, 1.0, 1.0]) {
        let [a, b] = [&a, &b].map(|p| p.named(name).unwrap().point().unwrap());
        adflux_testing::assert_all_close(&(a * scale), b, 1e-9);
    }
}

#[test]
fn a_campaign_without_impressions_says_nothing_of_what_follows() {
    let with_clicks = campaigns(90);
    let mut data = with_clicks.clone();
    let Some(Target::Multi(target)) = &mut data.target else { unreachable!() };
    for mut row in target.values.rows_mut().into_iter().step_by(3) {
        row.assign(&array![0.0, 0.0, 0.0, row[3]]);
    }
    // Platform 0 is all rows without impressions: its CTR comes from the others, never from zeros.
    let funnel = FunnelRegressor::new().fit(data).unwrap();
    let ctr = funnel.predict(&dense(array![[0.0, 0.0], [0.0, 1.0]])).unwrap();
    let ctr = ctr.named("ctr").unwrap().point().unwrap();
    assert!((ctr[0] / 0.01 - 1.0).abs() < 0.1 && (ctr[1] / 0.02 - 1.0).abs() < 0.1, "{ctr}");
}

#[test]
fn rates_stay_within_their_range() {
    let totals = array![[10.0, 10.0, 10.0, 100.0], [10.0, 10.0, 10.0, 100.00001]];
    let data = training(array![[0.0], [1.0]], totals, array![100.0, 100.0]);
    let rates = FunnelRegressor::new().fit(data).unwrap().predict(&dense(array![[0.0], [1.0]])).unwrap();
    for name in ["spend_share", "ctr", "conversion_rate"] {
        let rate = rates.named(name).unwrap().point().unwrap();
        assert!(rate.iter().all(|r| *r <= 1.0 && *r > 0.9), "{name}: {rate}");
    }
}

#[test]
fn a_saved_funnel_predicts_the_same_and_its_recipe_survives_a_file() {
    let recipe = FunnelRegressor::new().smoothing(1.0).forest(RandomForestRegressor::new(4).max_depth(3));
    assert_eq!(FunnelRegressor::from_spec(&recipe.spec().unwrap(), &Registry::new()).unwrap(), recipe);
    let text = toml::to_string(&recipe.spec().unwrap()).unwrap();
    assert_eq!(toml::from_str::<adflux_core::Spec>(&text).unwrap(), recipe.spec().unwrap());
    let data = campaigns(60);
    let x = data.x.clone();
    let funnel = recipe.fit(data).unwrap();
    let state = funnel.state().unwrap();
    let loaded = FittedFunnelRegressor::from_state(1, &state, &Registry::new()).unwrap();
    assert_eq!(funnel.predict(&x).unwrap(), loaded.predict(&x).unwrap());
    assert_eq!(funnel.feature_importances().map(|(name, _)| name), RATES);
}

#[test]
fn what_cannot_be_is_named_with_its_row() {
    let x = || array![[0.0], [1.0]];
    let with = |row: [f64; 4]| training(x(), array![[1000.0, 10.0, 1.0, 5.0], row], array![10.0, 10.0]);
    let cases = [
        ([100.0, 101.0, 0.0, 5.0], "column `clicks`, row 2: 101 is more than the impressions of 100"),
        ([100.0, 2.0, 3.0, 5.0], "column `applications`, row 2: 3 is more than the clicks of 2"),
        ([100.0, 2.0, 1.0, 10.1], "column `spend`, row 2: 10.1 is more than the budget of 10"),
        ([-1.0, 0.0, 0.0, 5.0], "column `impressions`, row 2: -1: must be 0 or more"),
    ];
    for (row, message) in cases {
        assert!(says(with(row)).starts_with(message), "{}", says(with(row)));
    }
    let none = training(x(), array![[100.0, 0.0, 0.0, 5.0], [100.0, 0.0, 0.0, 5.0]], array![10.0, 10.0]);
    assert!(says(none).starts_with("column `clicks`: zero over all rows"));
    let mut no_budget = with([100.0, 2.0, 1.0, 5.0]);
    no_budget.exposure = None;
    assert_eq!(says(no_budget), "`funnel-regressor` needs the budget of each row as exposure");
}

#[test]
fn missing_totals_are_named_at_once() {
    let target = MultiTarget { names: vec!["clicks".to_string(), "spent".into()].into(), values: array![[1.0, 2.0]] };
    let data = Training::new(dense(array![[1.0]])).with_target(Target::Multi(target)).with_exposure(array![5.0]);
    assert_eq!(
        says(data),
        "missing columns `impressions`, `applications`, `spend` (did you mean `spent`?); the data has clicks, spent"
    );
    let wrong = FunnelRegressor::new().smoothing(0.0).fit(campaigns(9)).unwrap_err().to_string();
    assert_eq!(wrong, "parameter `smoothing` = 0.0: must be a finite number greater than 0");
}
