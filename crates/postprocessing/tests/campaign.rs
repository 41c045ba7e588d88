//! What a campaign will bring: coverage, and numbers that hold together.

use crate::{
    funnel::{Campaigns, TOTALS, campaigns},
    reloaded,
};
use adflux_core::{Context, DynComponent as _, Fit, Intervals, Needs, Postprocess, Prediction, Transform};
use adflux_data::Frame;
use adflux_postprocessing::{CampaignEstimate, FittedCampaignEstimate, QUANTITIES};
use adflux_testing::assert_close;
use std::sync::LazyLock;

/// One fit for all tests that only look at it.
static FITTED: LazyLock<FittedCampaignEstimate> =
    LazyLock::new(|| CampaignEstimate::default().fit(campaigns(2_000, 1).training()).unwrap());

static FRESH: LazyLock<Campaigns> = LazyLock::new(|| campaigns(6_000, 2));
static ESTIMATES: LazyLock<Prediction> = LazyLock::new(|| FITTED.transform(FRESH.x()).unwrap());

fn of(name: &str) -> &'static Intervals {
    ESTIMATES.named(name).unwrap().intervals().unwrap()
}

/// The share of the rows chosen whose outcome is inside.
fn coverage(name: &str, rows: &[usize]) -> f64 {
    let column = FRESH.totals.column(TOTALS.iter().position(|t| *t == name).unwrap());
    let inside = |r: &&usize| (of(name).lower[**r]..=of(name).upper[**r]).contains(&column[**r]);
    rows.iter().filter(inside).count() as f64 / rows.len() as f64
}

#[test]
fn intervals_of_fresh_campaigns_contain_what_they_promise() {
    // The level is 0.8; 3 points are three standard errors of the calibration on 2,000 rows and of 6,000 fresh ones.
    let all: Vec<usize> = (0..FRESH.budget.len()).collect();
    for name in TOTALS {
        let coverage = coverage(name, &all);
        assert!((coverage - 0.8).abs() < 0.03, "{name}: {coverage}");
    }
}

#[test]
fn small_and_large_campaigns_are_covered_alike() {
    for name in ["impressions", "clicks", "spend"] {
        for (from, to) in [(20.0, 100.0), (100.0, 3_000.0), (3_000.0, 20_000.0)] {
            let rows: Vec<usize> = (0..FRESH.budget.len()).filter(|r| (from..to).contains(&FRESH.budget[*r])).collect();
            let coverage = coverage(name, &rows);
            assert!((coverage - 0.8).abs() < 0.06, "{name} of budgets {from} to {to}: {coverage} of {}", rows.len());
        }
    }
    // Counting noise: relative to the mean, the interval of few applications is wider than that of many.
    let i = of("applications");
    let width = |r: &usize| (i.upper[*r] - i.lower[*r]) / i.mean[*r];
    let mean = |rows: Vec<usize>| rows.iter().map(width).sum::<f64>() / rows.len() as f64;
    let few = mean((0..6_000).filter(|r| i.mean[*r] < 3.0).collect());
    let many = mean((0..6_000).filter(|r| i.mean[*r] > 100.0).collect());
    assert!(few > 1.3 * many, "{few} against {many}");
}

#[test]
fn the_funnel_holds_for_means_and_for_both_ends() {
    let ends: [fn(&Intervals) -> &ndarray::Array1<f64>; 3] = [|i| &i.mean, |i| &i.lower, |i| &i.upper];
    for (end, of_end) in ends.into_iter().enumerate() {
        let [impressions, clicks, applications, spend] = TOTALS.map(|name| of_end(of(name)));
        for row in 0..FRESH.budget.len() {
            assert!(spend[row] <= FRESH.budget[row], "spend of row {row}, end {end}");
            assert!(
                0.0 <= applications[row] && applications[row] <= clicks[row] && clicks[row] <= impressions[row],
                "row {row}, end {end}: {}, {}, {}",
                applications[row],
                clicks[row],
                impressions[row]
            );
        }
    }
    for name in QUANTITIES {
        let ordered = of(name).lower.iter().zip(&of(name).upper).all(|(lower, upper)| lower <= upper);
        assert!(ordered, "{name}: a lower end above the upper");
        assert_eq!(of(name).level, 0.8);
    }
}

#[test]
fn rates_are_ratios_of_the_means() {
    let means = QUANTITIES.map(|name| &of(name).mean);
    let [impressions, clicks, applications, spend, ctr, cpc, conversion, cpa] = means;
    for row in 0..FRESH.budget.len() {
        assert_close(cpa[row] * applications[row], spend[row], 1e-12);
        assert_close(cpc[row] * clicks[row], spend[row], 1e-12);
        assert_close(ctr[row] * impressions[row], clicks[row], 1e-12);
        assert_close(conversion[row] * clicks[row], applications[row], 1e-12);
    }
}

#[test]
fn means_are_unbiased_where_the_product_of_the_rates_is_not() {
    // Rates are predicted by their medians, so their plain product is too low; the draws know by how much. Large campaigns
    // make most of a sum, and share some 300 draws of a scatter of about 0.6: 7 % is two standard errors.
    for (name, column) in TOTALS.iter().zip(FRESH.totals.columns()) {
        let ratio = of(name).mean.sum() / column.sum();
        assert!((ratio - 1.0).abs() < 0.07, "{name}: {ratio}");
    }
    let [share, cpm, ctr, conversion] = &FRESH.rates;
    let budget = ndarray::Array1::from(FRESH.budget.clone());
    let product = (budget * share * 1000.0 / cpm * ctr * conversion).sum() / FRESH.totals.column(2).sum();
    assert!(product < 0.9, "{product}");
}

#[test]
fn one_row_at_a_time_gives_the_bits_of_a_batch() {
    for row in [0, 17, 5_999] {
        let alone = FITTED.transform(FRESH.x_of(&[row])).unwrap();
        for name in QUANTITIES {
            let (alone, batch) = (alone.named(name).unwrap().intervals().unwrap(), of(name));
            let bits = |i: &Intervals, row: usize| [i.mean[row], i.lower[row], i.upper[row]].map(f64::to_bits);
            assert_eq!(bits(alone, 0), bits(batch, row), "{name} of row {row}");
        }
    }
}

#[test]
fn a_file_keeps_every_bit() {
    let loaded = reloaded(&*FITTED);
    assert_eq!(loaded.inputs(), ["budget"]);
    assert_eq!(loaded.downcast_ref::<FittedCampaignEstimate>(), Some(&*FITTED));
    let rows: Vec<usize> = (0..200).collect();
    assert_eq!(loaded.transform(FRESH.x_of(&rows)).unwrap(), FITTED.transform(FRESH.x_of(&rows)).unwrap());
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let data = campaigns(300, 3);
    let fit = |threads| {
        let context = Context::default().with_threads(threads).unwrap();
        CampaignEstimate::default().neighbours(50).fit_with(data.training(), &context).unwrap()
    };
    assert_eq!(fit(1).save().unwrap(), fit(2).save().unwrap());
}

#[test]
fn a_wider_level_is_wider_and_the_folds_are_asked_for() {
    let recipe = CampaignEstimate::default().level(0.95).folds(3);
    assert_eq!(Postprocess::<Frame, Prediction>::needs(&recipe), Needs::OutOfFold(3));
    let wide = recipe.fit(campaigns(2_000, 1).training()).unwrap();
    assert_eq!(wide.level(), 0.95);
    let estimates = wide.transform(FRESH.x()).unwrap();
    for name in TOTALS {
        let (wide, narrow) = (estimates.named(name).unwrap().intervals().unwrap(), of(name));
        assert!((&wide.upper - &wide.lower).sum() > 1.3 * (&narrow.upper - &narrow.lower).sum(), "{name}");
    }
}

#[test]
fn more_budget_brings_more_of_everything() {
    let mut doubled = FRESH.clone();
    doubled.budget.iter_mut().for_each(|b| *b *= 2.0);
    let more = FITTED.transform(doubled.x()).unwrap();
    for name in TOTALS {
        let ratio = more.named(name).unwrap().point().unwrap().sum() / of(name).mean.sum();
        assert!((ratio / 2.0 - 1.0).abs() < 0.02, "{name}: {ratio}");
    }
}
