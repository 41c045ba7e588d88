//! The data follow the truth that is handed out with them.

use adflux_core::Context;
use adflux_simulation::{
    CampaignDesign, Campaigns, JobCategory, Platform, SimulatedCampaigns, platform_category_effect, wording_ctr_effect,
};
use std::sync::LazyLock;

/// One large simulation for all tests here.
static SIMULATED: LazyLock<SimulatedCampaigns> =
    LazyLock::new(|| Campaigns::new(300_000).seed(20).generate(&Context::default()).unwrap());

/// Rows that satisfy a condition.
fn rows(condition: impl Fn(&CampaignDesign) -> bool) -> Vec<usize> {
    let designs = &SIMULATED.designs;
    (0..designs.len()).filter(|&row| condition(&designs[row])).collect()
}

/// That the residuals (observed − expected) of the rows add up to 0 within 4 standard errors, which they tell
/// themselves.
fn assert_unbiased(what: &str, rows: &[usize], residual: impl Fn(usize) -> f64) {
    let sum: f64 = rows.iter().map(|&row| residual(row)).sum();
    let error = rows.iter().map(|&row| residual(row).powi(2)).sum::<f64>().sqrt();
    assert!(sum.abs() < 4.0 * error, "{what}: off by {:.1} standard errors of {} rows", sum / error, rows.len());
}

#[test]
fn rates_have_the_expectation_that_the_truth_says() {
    let column = |name: &str| SIMULATED.frame.numbers(name).unwrap();
    let (impressions, clicks, applications, spend) =
        (column("impressions"), column("clicks"), column("applications"), column("spend"));
    let truth = &SIMULATED.truth;
    let mut groups: Vec<(String, Vec<usize>)> =
        Platform::ALL.iter().map(|&p| (p.to_string(), rows(|d| d.platform == p))).collect();
    groups.push(("salary shown".into(), rows(|d| d.wording.salary)));
    groups.push(("no salary shown".into(), rows(|d| !d.wording.salary)));
    groups.push(("small audience".into(), rows(|d| d.audience_size < 20_000.0)));
    for (name, group) in &groups {
        // Given what came before in the chain.
        assert_unbiased(&format!("CTR, {name}"), group, |i| clicks[i] - impressions[i] * truth.ctr[i]);
        assert_unbiased(&format!("conversion, {name}"), group, |i| {
            applications[i] - clicks[i] * truth.conversion_rate[i]
        });
        // Given only what is known before the launch.
        assert_unbiased(&format!("spend, {name}"), group, |i| spend[i] - truth.spend[i]);
        assert_unbiased(&format!("impressions, {name}"), group, |i| impressions[i] - truth.impressions[i]);
        assert_unbiased(&format!("clicks, {name}"), group, |i| clicks[i] - truth.clicks[i]);
        assert_unbiased(&format!("applications, {name}"), group, |i| applications[i] - truth.applications[i]);
        // Costs are ratios of expectations.
        assert_unbiased(&format!("CPC, {name}"), group, |i| spend[i] - clicks[i] * truth.cpc[i]);
        assert_unbiased(&format!("CPA, {name}"), group, |i| spend[i] - applications[i] * truth.cpa[i]);
    }
}

/// The check above has to be able to fail: a truth that is 2 % off is noticed.
#[test]
#[should_panic(expected = "standard errors")]
fn a_wrong_truth_is_noticed() {
    let column = |name: &str| SIMULATED.frame.numbers(name).unwrap();
    let (impressions, clicks) = (column("impressions"), column("clicks"));
    let meta = rows(|d| d.platform == Platform::Meta);
    assert_unbiased("CTR", &meta, |i| clicks[i] - 1.02 * impressions[i] * SIMULATED.truth.ctr[i]);
}

/// A saturated log-linear regression on platform × occupation is a table of mean logs, and its contrast of contrasts is
/// the interaction, whatever the main effects: formats depend on the platform alone and words on the occupation alone,
/// so they cancel. Fatigue depends on both through the audience, and is taken out with the documented (1 + f)^0.25.
#[test]
fn log_rates_show_the_effect_of_platform_and_occupation_together() {
    let column = |name: &str| SIMULATED.frame.numbers(name).unwrap();
    let (impressions, clicks) = (column("impressions"), column("clicks"));
    let (designs, truth) = (&SIMULATED.designs, &SIMULATED.truth);
    let mean_log = |platform: Platform, category: JobCategory| {
        // The log of a rate is biased where clicks are few: only campaigns that expect many impressions are used.
        let logs: Vec<f64> = rows(|d| d.platform == platform && d.job_category == category)
            .into_iter()
            .filter(|&row| truth.impressions[row] > 20_000.0 && clicks[row] > 0.0)
            .map(|row| {
                let frequency = truth.impressions[row] / designs[row].audience_size;
                (clicks[row] / impressions[row]).ln() + 0.25 * frequency.ln_1p()
            })
            .collect();
        assert!(logs.len() > 2000, "{} rows of {platform} × {category}", logs.len());
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        (mean, logs.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (logs.len() as f64).powi(2))
    };
    let (mut found, mut wanted, mut variance) = (0.0, 0.0, 0.0);
    for (platform, category, sign) in [
        (Platform::TikTok, JobCategory::Retail, 1.0),
        (Platform::TikTok, JobCategory::Engineering, -1.0),
        (Platform::Google, JobCategory::Retail, -1.0),
        (Platform::Google, JobCategory::Engineering, 1.0),
    ] {
        let (mean, error) = mean_log(platform, category);
        found += sign * mean;
        wanted += sign * platform_category_effect(platform, category);
        variance += error;
    }
    // Beside the sampling error, choosing the larger campaigns shifts the contrast by a hundredth or two.
    let tolerance = 4.0 * variance.sqrt() + 0.02;
    assert!(wanted > 0.8 && tolerance < 0.12, "{wanted} {tolerance}");
    assert!((found - wanted).abs() < tolerance, "found {found:.3}, true {wanted:.3}, tolerance {tolerance:.3}");
}

/// The same campaigns with and without a figure for the pay: the truth differs by the text effect and by nothing else.
#[test]
fn counterfactuals_differ_by_the_effect() {
    for design in SIMULATED.designs.iter().take(2000) {
        let mut other = *design;
        other.wording.salary = !design.wording.salary;
        let (this, that) = (SIMULATED.market.expected(design), SIMULATED.market.expected(&other));
        let effect = wording_ctr_effect(&other) - wording_ctr_effect(design);
        approx::assert_relative_eq!((that.ctr / this.ctr).ln(), effect, epsilon = 1e-9);
        assert_eq!(this.cpm, that.cpm);
    }
}

#[test]
fn more_budget_brings_more_clicks_at_a_higher_price() {
    for design in SIMULATED.designs.iter().take(2000) {
        let mut richer = *design;
        richer.budget *= 2.0;
        let (poor, rich) = (SIMULATED.market.expected(design), SIMULATED.market.expected(&richer));
        assert!(rich.spend_share < poor.spend_share);
        // An audience that is used up takes nothing more, to the last bit.
        if poor.spend_share > 0.1 {
            assert!(rich.clicks > poor.clicks && rich.clicks < 2.0 * poor.clicks);
            assert!(rich.cpc > poor.cpc);
        }
    }
}

/// What the best possible model reaches on log CTR: the noise leaves room for a good model and for a bad one.
#[test]
fn the_best_model_explains_most_of_log_ctr() {
    let column = |name: &str| SIMULATED.frame.numbers(name).unwrap();
    let (impressions, clicks) = (column("impressions"), column("clicks"));
    let pairs: Vec<(f64, f64)> = (0..clicks.len())
        .filter(|&row| clicks[row] > 0.0)
        .map(|row| ((clicks[row] / impressions[row]).ln(), SIMULATED.truth.ctr[row].ln()))
        .collect();
    let mean = |values: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(values).sum::<f64>() / pairs.len() as f64;
    let (level, offset) = (mean(&|p| p.0), mean(&|p| p.0 - p.1));
    let total = mean(&|p| (p.0 - level).powi(2));
    let left = mean(&|p| (p.0 - p.1 - offset).powi(2));
    let r2 = 1.0 - left / total;
    assert!((0.6..0.8).contains(&r2), "{r2}");
}
