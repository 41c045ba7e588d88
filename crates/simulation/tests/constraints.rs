//! What holds for every campaign, whatever the seed.

use adflux_core::Context;
use adflux_simulation::{CAMPAIGN_INPUTS, CAMPAIGN_OUTCOMES, Campaigns, Date, Expected, Jobs, Platform};
use std::collections::HashSet;

#[test]
fn counts_are_nested_and_spend_stays_within_the_budget() {
    for (seed, noise) in [(1, 0.0), (2, 1.0), (3, 1.5)] {
        let simulated = Campaigns::new(30_000).seed(seed).noise(noise).generate(&Context::default()).unwrap();
        let column = |name: &str| simulated.frame.numbers(name).unwrap();
        let (budget, spend) = (column("budget"), column("spend"));
        let (impressions, clicks, applications) = (column("impressions"), column("clicks"), column("applications"));
        for row in 0..30_000 {
            assert!(applications[row] <= clicks[row] && clicks[row] <= impressions[row]);
            assert!(0.0 <= spend[row] && spend[row] <= budget[row]);
            assert!(((spend[row] * 100.0).round() / 100.0 - spend[row]).abs() < 1e-9);
        }
        let truth = &simulated.truth;
        assert!(truth.spend_share.iter().all(|share| (0.0..=1.0).contains(share)));
        // Small audiences leave some of the budget unspent, and most campaigns spend most of it.
        assert!(truth.spend_share.iter().any(|&share| share < 0.5));
        assert!(truth.spend_share.mean().unwrap() > 0.7);
    }
}

#[test]
fn magnitudes_are_those_of_the_trade() {
    let simulated = Campaigns::new(50_000).seed(4).generate(&Context::default()).unwrap();
    let median = |values: &ndarray::Array1<f64>| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let truth = &simulated.truth;
    assert!((0.005..0.03).contains(&median(&truth.ctr)), "{}", median(&truth.ctr));
    assert!((4.0..25.0).contains(&median(&truth.cpm)), "{}", median(&truth.cpm));
    assert!((0.02..0.15).contains(&median(&truth.conversion_rate)), "{}", median(&truth.conversion_rate));
    // The caps on the expected rates guard designs of one's own; the tables stay under them.
    let most = |values: &ndarray::Array1<f64>| values.iter().copied().fold(0.0, f64::max);
    assert!(most(&truth.ctr) < 0.15 && most(&truth.conversion_rate) < 0.25);
}

#[test]
fn columns_come_in_the_documented_order_with_the_declared_share_missing() {
    let share = 0.1;
    let simulated = Campaigns::new(40_000).seed(5).missing_share(share).generate(&Context::default()).unwrap();
    let frame = &simulated.frame;
    let documented: Vec<&str> =
        ["campaign_id"].iter().chain(CAMPAIGN_INPUTS).chain(CAMPAIGN_OUTCOMES).copied().collect();
    assert_eq!(frame.names().collect::<Vec<_>>(), documented);
    for name in documented {
        let missing = frame.missing_in(name).unwrap() as f64 / 40_000.0;
        if ["audience_size", "description"].contains(&name) {
            assert!((missing - share).abs() < 4.0 * (share * (1.0 - share) / 40_000.0_f64).sqrt(), "{name}: {missing}");
        } else {
            assert_eq!(missing, 0.0, "{name}");
        }
    }
    let complete = Campaigns::new(5000).missing_share(0.0).generate(&Context::default()).unwrap().frame;
    for name in ["title", "description"] {
        assert!(complete.texts(name).unwrap().iter().all(|text| text.len() > 5), "{name}");
    }
    let languages: HashSet<String> = complete.texts("language").unwrap().iter().cloned().collect();
    assert_eq!(languages, HashSet::from(["en".into(), "es".into()]));
}

#[test]
fn ids_are_unique_and_text_ads_run_on_google_alone() {
    let frame = Campaigns::new(20_000).generate(&Context::default()).unwrap().frame;
    let ids = frame.texts("campaign_id").unwrap();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    let (platforms, formats) = (frame.texts("platform").unwrap(), frame.texts("format").unwrap());
    assert!(formats.iter().any(|format| format == "TEXT"));
    assert!(platforms.iter().zip(&*formats).all(|(p, f)| f != "TEXT" || p == Platform::Google.name()));
}

#[test]
fn starts_lie_among_the_days_asked_for() {
    let first: Date = "2024-02-27".parse().unwrap();
    let frame = Campaigns::new(2000).first_date(first).days(4).generate(&Context::default()).unwrap().frame;
    let starts: HashSet<String> = frame.texts("start_date").unwrap().iter().cloned().collect();
    let wanted = ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"];
    assert_eq!(starts, wanted.into_iter().map(String::from).collect());
}

#[test]
fn parameters_out_of_range_are_refused_by_name() {
    let late: Date = "9999-01-01".parse().unwrap();
    let wrong = [
        ("rows", Campaigns::new(0)),
        ("rows", Campaigns::new(usize::MAX)),
        ("missing_share", Campaigns::new(5).missing_share(1.0)),
        ("missing_share", Campaigns::new(5).missing_share(f64::NAN)),
        ("noise", Campaigns::new(5).noise(-0.1)),
        ("noise", Campaigns::new(5).noise(f64::INFINITY)),
        ("days", Campaigns::new(5).days(0)),
        ("days", Campaigns::new(5).days(u32::MAX)),
        ("first_date", Campaigns::new(5).first_date(late)),
    ];
    for (name, campaigns) in wrong {
        let error = campaigns.generate(&Context::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("parameter `{name}`")), "{error}");
    }
    assert!(Jobs::new(5).days(0).generate(&Context::default()).is_err());
}

#[test]
fn designs_of_all_kinds_have_a_finite_expectation() {
    let simulated = Campaigns::new(1).generate(&Context::default()).unwrap();
    for value in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-9, 1e300] {
        for days in [0, 1, u32::MAX] {
            let mut design = simulated.designs[0];
            (design.budget, design.audience_size, design.duration_days) = (value, 1000.0, days);
            let by_budget = simulated.market.expected(&design);
            (design.budget, design.audience_size) = (100.0, value);
            for expected in [by_budget, simulated.market.expected(&design)] {
                let Expected { spend, spend_share, impressions, clicks, applications, cpm, ctr, cpc, .. } = expected;
                let all = [spend, impressions, clicks, applications, cpm, ctr, cpc, expected.cpa];
                assert!(all.iter().all(|value| value.is_finite() && *value >= 0.0), "{value}: {expected:?}");
                assert!((0.0..=1.0).contains(&spend_share), "{value}: {expected:?}");
            }
        }
    }
}

#[test]
fn cancelled_work_stops() {
    let context = Context::default();
    context.cancel_token().cancel();
    assert!(matches!(Campaigns::new(10).generate(&context), Err(adflux_core::Error::Cancelled)));
}
