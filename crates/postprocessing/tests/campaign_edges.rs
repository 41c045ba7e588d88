//! Campaigns at the edge, and what cannot be used.

use crate::funnel::{Campaigns, TOTALS, campaigns};
use adflux_core::{Context, Fit, MultiTarget, Prediction, Rows as _, Saved, Target, Training, Transform};
use adflux_data::Frame;
use adflux_postprocessing::{CampaignEstimate, FittedCampaignEstimate, QUANTITIES};
use ndarray::{Array1, Array2};

fn fit(campaigns: &Campaigns) -> FittedCampaignEstimate {
    CampaignEstimate::default().fit(campaigns.training()).unwrap()
}

fn says(data: Training<(Frame, Prediction)>) -> String {
    CampaignEstimate::default().fit(data).unwrap_err().to_string()
}

/// Lower end, mean, upper end of one quantity of the first row.
fn ends(prediction: &Prediction, name: &str) -> [f64; 3] {
    let i = prediction.named(name).unwrap().intervals().unwrap();
    [i.lower[0], i.mean[0], i.upper[0]]
}

#[test]
fn campaigns_without_any_application_have_an_infinite_cost_per_application() {
    let mut none = campaigns(200, 5);
    none.totals.column_mut(2).fill(0.0);
    let estimates = fit(&none).transform(none.x()).unwrap();
    assert_eq!(ends(&estimates, "applications"), [0.0; 3]);
    for name in &QUANTITIES[..4] {
        let i = estimates.named(name).unwrap().intervals().unwrap();
        let finite = [&i.mean, &i.lower, &i.upper].into_iter().flatten().all(|v| v.is_finite());
        assert!(finite, "{name} has a number that is none");
    }
    assert_eq!(ends(&estimates, "cpa"), [f64::INFINITY; 3]);
    assert_eq!(ends(&estimates, "conversion_rate"), [0.0; 3]);
}

#[test]
fn campaigns_so_small_that_some_bring_nobody_may_cost_infinitely_much_each() {
    let mut small = campaigns(600, 6);
    // A tenth of a budget of 20 to 20,000: most bring a few applications or none.
    small = {
        small.budget.iter_mut().for_each(|b| *b = b.min(25.0));
        small
    };
    let scale = Array1::from_iter(campaigns(600, 6).budget.iter().map(|b| b.min(25.0) / b));
    for (mut row, scale) in small.totals.rows_mut().into_iter().zip(scale) {
        row.mapv_inplace(|v| (v * scale).floor());
    }
    let estimates = fit(&small).transform(small.x()).unwrap();
    let cpa = estimates.named("cpa").unwrap().intervals().unwrap();
    assert!(cpa.upper.iter().any(|v| v.is_infinite()) && cpa.mean.iter().all(|v| v.is_finite()), "{cpa:?}");
    assert!(cpa.lower.iter().all(|v| v.is_finite() && *v > 0.0));
}

#[test]
fn a_budget_of_nothing_brings_nothing() {
    let past = campaigns(200, 7);
    let mut free = campaigns(1, 8);
    free.budget = vec![0.0];
    let estimates = fit(&past).transform(free.x()).unwrap();
    for name in TOTALS {
        assert_eq!(ends(&estimates, name), [0.0; 3], "{name}");
    }
    // A rate over nothing is not a number, never a made-up one.
    assert!(ends(&estimates, "ctr").iter().all(|v| v.is_nan()));
    assert!(ends(&estimates, "cpa").iter().all(|v| v.is_nan()));
}

#[test]
fn past_campaigns_that_did_not_run_are_taken() {
    let mut past = campaigns(200, 9);
    for mut row in past.totals.rows_mut().into_iter().step_by(2) {
        row.fill(0.0);
    }
    let estimates = fit(&past).transform(past.x()).unwrap();
    assert_eq!(ends(&estimates, "spend")[0], 0.0);
    assert!(estimates.named("clicks").unwrap().point().unwrap().iter().all(|v| v.is_finite()));
}

#[test]
fn too_few_campaigns_are_refused() {
    assert_eq!(says(campaigns(19, 1).training()), "19 past campaigns: at least 20 are needed for intervals of 0.8");
    let strict = CampaignEstimate::default().level(0.99);
    let error = strict.fit(campaigns(99, 1).training()).unwrap_err().to_string();
    assert_eq!(error, "99 past campaigns: at least 100 are needed for intervals of 0.99");
    let fitted = fit(&campaigns(20, 1));
    assert!(fitted.transform(campaigns(5, 2).x()).is_ok());
}

#[test]
fn parameters_out_of_range_are_named() {
    let says = |recipe: CampaignEstimate| recipe.fit(campaigns(50, 1).training()).unwrap_err().to_string();
    let unit = "must lie between 0 and 1, both excluded";
    assert_eq!(says(CampaignEstimate::default().level(1.0)), format!("parameter `level` = 1.0: {unit}"));
    assert!(says(CampaignEstimate::default().folds(1)).starts_with("parameter `folds` = 1:"));
    assert!(says(CampaignEstimate::default().neighbours(19)).starts_with("parameter `neighbours` = 19:"));
    assert!(says(CampaignEstimate::default().budget("money")).starts_with("missing column `money`"));
}

#[test]
fn missing_rates_and_totals_are_named() {
    let past = campaigns(50, 1);
    let mut data = past.training();
    let Prediction::Multi(rates) = &mut data.x.1 else { unreachable!() };
    rates.remove(2);
    assert_eq!(says(data), "missing column `ctr`; the data has spend_share, cpm, conversion_rate");

    let mut single = past.training();
    single.x.1 = Array1::zeros(50).into();
    assert_eq!(says(single), "a single prediction, where one called `spend_share` of several is wanted");

    let mut data = past.training();
    let target = MultiTarget { names: vec!["clicks".to_string()].into(), values: Array2::zeros((50, 1)) };
    data.target = Some(Target::Multi(target));
    assert!(says(data).starts_with("missing column `impressions`"));
    let mut data = past.training();
    data.target = None;
    assert_eq!(says(data), "`campaign-estimate` needs several numeric targets by name");
}

#[test]
fn budgets_and_rates_that_cannot_be_are_named_by_row() {
    let good = campaigns(50, 1);
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        let mut data = good.clone();
        data.budget[3] = bad;
        let message = "column `budget`, row 4: a budget is needed: a finite number, 0 or more";
        assert_eq!(says(data.training()), message);
        assert_eq!(fit(&good).transform(data.x()).unwrap_err().to_string(), message);
    }
    for (rate, bad) in [(0, -0.1), (1, 0.0), (1, f64::NAN), (2, f64::INFINITY), (3, f64::NAN)] {
        let mut data = good.clone();
        data.rates[rate][1] = bad;
        let message = format!("column `{}`, row 2: the predicted rate must be finite", crate::funnel::RATES[rate]);
        assert!(says(data.training()).starts_with(&message), "rate {rate} = {bad}");
    }
}

#[test]
fn lengths_that_differ_are_an_error_and_no_panic() {
    let data = campaigns(50, 1);
    let mut short_target = data.training();
    short_target.target = short_target.target.map(|t| t.take(&[0, 1, 2]));
    assert_eq!(says(short_target), "target of 3 rows beside 50 rows of inputs");
    let mut short_prediction = data.training();
    short_prediction.x.1 = short_prediction.x.1.take(&[0, 1, 2]);
    assert!(says(short_prediction).contains("3 predictions beside 50 rows"));
    let x = (data.frame(), data.prediction().take(&[0]));
    assert!(fit(&data).transform(x).unwrap_err().to_string().contains("1 predictions beside 50 rows"));
    let mut unknown = data.training();
    let Some(Target::Multi(target)) = &mut unknown.target else { unreachable!() };
    target.values[[7, 2]] = f64::NAN;
    assert!(says(unknown).starts_with("column `target`, row 8: missing or infinite"));
}

#[test]
fn cancelling_stops_the_fit() {
    let context = Context::default();
    context.cancel_token().cancel();
    let error = CampaignEstimate::default().fit_with(campaigns(50, 1).training(), &context).unwrap_err();
    assert!(matches!(error, adflux_core::Error::Cancelled));
}

#[test]
fn a_state_whose_lengths_do_not_fit_is_refused() {
    let mut saved = Saved::of(&fit(&campaigns(20, 1))).unwrap();
    saved.kind = "clip".into();
    assert!(saved.load::<FittedCampaignEstimate>(&crate::registry()).is_err());

    #[derive(serde::Serialize)]
    struct Short {
        budget: &'static str,
        level: f64,
        neighbours: usize,
        #[serde(with = "adflux_core::arrays")]
        sizes: Vec<f64>,
        #[serde(with = "adflux_core::arrays")]
        shares: Vec<f64>,
        #[serde(with = "adflux_core::arrays")]
        ratios: Vec<f64>,
        half_levels: Vec<f64>,
    }
    let state = |sizes: usize, ratios: usize, half_levels: usize| {
        let short = Short {
            budget: "budget",
            level: 0.8,
            neighbours: 20,
            sizes: vec![0.0; sizes],
            shares: vec![1.0; sizes],
            ratios: vec![1.0; ratios],
            half_levels: vec![0.4; half_levels],
        };
        let state = adflux_core::component::encode("campaign-estimate", &short).unwrap();
        Saved { kind: "campaign-estimate".into(), version: 1, state }.load::<FittedCampaignEstimate>(&crate::registry())
    };
    assert!(state(3, 12, 8).is_ok());
    for (sizes, ratios, half_levels) in [(0, 0, 8), (3, 11, 8), (3, 12, 7)] {
        let error = state(sizes, ratios, half_levels).unwrap_err().to_string();
        assert_eq!(error, "saved state of `campaign-estimate`: lengths do not fit together");
    }
}
