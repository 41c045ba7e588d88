//! Small counts beside SciPy, and what must hold of them.

use crate::data::hierarchy;
use adflux_core::{
    Component as _, Error, Features, Fit as _, Predict as _, Registry, Target, Training, random::stream,
};
use adflux_regression::{CountFamily, EmpiricalBayesRates, FittedEmpiricalBayesRates, RateBelief, prior_strength};
use adflux_testing::{assert_close, fixture};
use ndarray::Array1;
use proptest::prelude::*;
use serde::Deserialize;

const BETA: CountFamily = CountFamily::BetaBinomial;
const GAMMA: CountFamily = CountFamily::GammaPoisson;

#[derive(Deserialize)]
struct Golden {
    posteriors: Vec<Posterior>,
    strengths: Vec<Strength>,
    hierarchies: Vec<Tree>,
}

#[derive(Deserialize)]
struct Posterior {
    family: CountFamily,
    mean: f64,
    strength: f64,
    events: f64,
    exposure: f64,
    ahead: f64,
    posterior: f64,
    ends: [f64; 2],
    totals: [f64; 2],
}

#[derive(Deserialize)]
struct Strength {
    family: CountFamily,
    predicted: Vec<f64>,
    events: Vec<f64>,
    exposure: Vec<f64>,
    strength: f64,
}

#[derive(Deserialize)]
struct Tree {
    family: CountFamily,
    paths: Vec<[String; 3]>,
    counts: Vec<[f64; 2]>,
    strengths: [f64; 3],
    means: Vec<f64>,
    exposures: Vec<f64>,
}

fn near(found: f64, wanted: f64, share: f64, what: &str) {
    assert!((found / wanted - 1.0).abs() < share, "{what}: {found} for {wanted}");
}

fn training(x: Features, events: Vec<f64>, exposure: Vec<f64>) -> Training<Features> {
    Training::new(x).with_target(Target::Values(events.into())).with_exposure(exposure.into())
}

/// Ads beneath platforms.
fn ads(family: CountFamily, paths: &[[&str; 2]], events: &[f64], exposure: &[f64]) -> FittedEmpiricalBayesRates {
    let data = training(hierarchy(["platform", "ad"], paths), events.to_vec(), exposure.to_vec());
    EmpiricalBayesRates::new(family).fit(data).unwrap()
}

#[test]
fn posteriors_and_the_totals_to_come_are_those_of_scipy() {
    for wanted in fixture::<Golden>("counts/counts.json").posteriors {
        let before = RateBelief::new(wanted.family, wanted.mean, wanted.strength).unwrap();
        let during = before.update(wanted.events, wanted.exposure).unwrap();
        assert_close(during.mean(), wanted.posterior, 1e-12);
        let (lower, upper) = during.interval(0.8).unwrap();
        near(lower, wanted.ends[0], 1e-9, "lower end");
        near(upper, wanted.ends[1], 1e-9, "upper end");
        let total = during.events(wanted.ahead, 0.8).unwrap();
        assert_close(total.mean, wanted.posterior * wanted.ahead, 1e-10);
        assert_eq!([total.lower, total.upper], wanted.totals, "{:?} {}", wanted.family, wanted.mean);
    }
}

#[test]
fn totals_too_large_to_be_counted_one_by_one_are_nearly_the_same() {
    let belief = RateBelief::new(BETA, 0.02, 3_000.0).unwrap();
    let ends = |trials: f64| belief.events(trials, 0.8).map(|e| (e.lower / trials, e.upper / trials)).unwrap();
    // The first is summed up, the second taken for continuous.
    let (summed, continuous) = (ends(1e6), ends(1e7));
    near(continuous.0, summed.0, 1e-3, "lower end");
    near(continuous.1, summed.1, 1e-3, "upper end");
}

#[test]
fn what_predictions_are_worth_is_scipys_maximum() {
    for wanted in fixture::<Golden>("counts/counts.json").strengths {
        let found = prior_strength(wanted.family, &wanted.predicted, &wanted.events, &wanted.exposure).unwrap();
        // So near the maximum, where the likelihood is the same to the last digits, neither search can tell two strengths apart.
        near(found, wanted.strength, 1e-5, "strength");
        near(log_likelihood(&wanted, found), log_likelihood(&wanted, wanted.strength), 1e-12, "likelihood");
        for elsewhere in [0.999, 1.001] {
            assert!(log_likelihood(&wanted, found) > log_likelihood(&wanted, elsewhere * found));
        }
    }
}

/// The logarithm of the probability of whole counts, one event after the other, but for what does not depend on the strength.
fn log_likelihood(of: &Strength, strength: f64) -> f64 {
    let rising = |a: f64, k: f64| (0..k as usize).map(|i| (a + i as f64).ln()).sum::<f64>();
    let row = |((rate, k), n): ((&f64, &f64), &f64)| {
        let a = rate * strength;
        match of.family {
            BETA => rising(a, *k) + rising(strength - a, n - k) - rising(strength, *n),
            GAMMA => rising(a, *k) - a * (n / strength).ln_1p() - k * (strength + n).ln(),
        }
    };
    of.predicted.iter().zip(&of.events).zip(&of.exposure).map(row).sum()
}

#[test]
fn a_hierarchy_settles_where_the_formulas_settle() {
    for wanted in fixture::<Golden>("counts/counts.json").hierarchies {
        let x = hierarchy(["platform", "campaign", "ad"], &wanted.paths);
        let [events, exposure] = [0, 1].map(|i| wanted.counts.iter().map(|c| c[i]).collect::<Vec<f64>>());
        let rates = EmpiricalBayesRates::new(wanted.family).fit(training(x, events, exposure)).unwrap();
        // Each of three maxima in turn is known as well as one is, see above.
        for (found, wanted) in rates.strengths().iter().zip(wanted.strengths) {
            near(*found, wanted, 1e-5, "strength");
        }
        for ((path, mean), exposure) in wanted.paths.iter().zip(&wanted.means).zip(&wanted.exposures) {
            let rate = rates.rate(&path.each_ref().map(String::as_str)).unwrap();
            near(rate.mean(), *mean, 1e-6, "mean");
            near(rate.strength(), *exposure, 1e-5, "strength of a node");
        }
    }
}

/// Three platforms, campaigns, ads, of rates that scatter as a beta distribution with known strengths; impressions from 5 to 5,000.
struct Market {
    paths: Vec<[String; 3]>,
    clicks: Vec<f64>,
    impressions: Vec<f64>,
    truth: Vec<f64>,
}

impl Market {
    const STRENGTHS: [f64; 3] = [200.0, 400.0, 800.0];

    fn new(seed: u64, sizes: [usize; 3]) -> Self {
        let mut rng = stream(seed, &[]);
        let around = |rng: &mut adflux_core::random::Rng, mean: f64, strength: f64| {
            let p: f64 = rng.random();
            adflux_evaluation::distributions::beta_quantile(p, mean * strength, (1.0 - mean) * strength)
        };
        let mut market = Market { paths: Vec::new(), clicks: Vec::new(), impressions: Vec::new(), truth: Vec::new() };
        for platform in 0..sizes[0] {
            let of_platform = around(&mut rng, 0.02, Market::STRENGTHS[0]);
            for campaign in 0..sizes[1] {
                let of_campaign = around(&mut rng, of_platform, Market::STRENGTHS[1]);
                for ad in 0..sizes[2] {
                    let rate = around(&mut rng, of_campaign, Market::STRENGTHS[2]);
                    let shown = (5.0 * 1000f64.powf(rng.random::<f64>())).round();
                    let clicks = (0..shown as usize).filter(|_| rng.random::<f64>() < rate).count();
                    market.paths.push([format!("p{platform:03}"), format!("c{campaign}"), format!("a{ad}")]);
                    market.clicks.push(clicks as f64);
                    market.impressions.push(shown);
                    market.truth.push(rate);
                }
            }
        }
        market
    }

    fn x(&self) -> Features {
        hierarchy(["platform", "campaign", "ad"], &self.paths)
    }

    fn fit(&self) -> FittedEmpiricalBayesRates {
        let data = training(self.x(), self.clicks.clone(), self.impressions.clone());
        EmpiricalBayesRates::default().level(0.9).fit(data).unwrap()
    }
}

#[test]
fn rates_are_nearer_the_truth_than_shares_and_intervals_hold_what_they_say() {
    let (mut shrunk, mut shares, mut inside, mut all) = (0.0, 0.0, 0.0, 0.0);
    for seed in 0..10 {
        let market = Market::new(seed, [4, 8, 6]);
        let rates = market.fit().predict(&market.x()).unwrap();
        for (row, truth) in market.truth.iter().enumerate() {
            shrunk += (rates.mean[row] - truth).powi(2);
            shares += (market.clicks[row] / market.impressions[row] - truth).powi(2);
            inside += f64::from(u8::from(rates.lower[row] <= *truth && *truth <= rates.upper[row]));
            all += 1.0;
        }
    }
    assert!(shrunk < 0.15 * shares, "{shrunk} {shares}");
    let inside = inside / all;
    assert!((0.88..0.92).contains(&inside), "90 % intervals hold {inside}");
}

#[test]
fn strengths_of_many_siblings_are_found_again() {
    let found = Market::new(3, [60, 12, 8]).fit();
    for (found, truth) in found.strengths().iter().zip(Market::STRENGTHS) {
        near(*found, truth, 0.3, "strength");
    }
}

#[test]
fn a_new_ad_has_the_rate_of_its_campaign_and_a_new_campaign_that_of_its_platform() {
    let paths = [["A", "1"], ["A", "2"], ["A", "3"], ["B", "1"], ["B", "2"], ["B", "3"]];
    let rates = ads(GAMMA, &paths, &[10.0, 19.0, 12.0, 40.0, 70.0, 52.0], &[5.0, 6.0, 6.0, 6.0, 7.0, 6.5]);
    let of = |path: &[&str]| rates.rate(path).unwrap();
    assert!(of(&["A", "1"]).mean() < of(&["B", "1"]).mean(), "the same name beneath another parent is another ad");
    assert_close(of(&["A", "new"]).mean(), of(&["A"]).mean(), 1e-12);
    assert!(of(&["A", "new"]).strength() < of(&["A"]).strength());
    assert_close(of(&["C", "new"]).mean(), of(&[]).mean(), 1e-12);
    assert!(of(&["C", "new"]).strength() < of(&["C"]).strength() && of(&["C"]).strength() < of(&[]).strength());
    assert!(of(&["A"]).mean() < of(&["C"]).mean() && of(&["C"]).mean() < of(&["B"]).mean());
    let asked = hierarchy(["platform", "ad"], &[["B", "2"], ["A", "new"], ["C", "1"]]);
    let answers = rates.predict(&asked).unwrap();
    for (row, path) in [["B", "2"], ["A", "new"], ["C", "1"]].iter().enumerate() {
        let (lower, upper) = of(path).interval(0.8).unwrap();
        assert_eq!((answers.mean[row], answers.lower[row], answers.upper[row]), (of(path).mean(), lower, upper));
    }
    assert!(rates.rate(&["A", "1", "x"]).unwrap_err().to_string().contains("a path of 3 levels in a hierarchy of 2"));
}

#[test]
fn siblings_that_do_not_differ_have_one_rate() {
    // Three of a hundred each: less difference than chance alone would make.
    let paths: Vec<[String; 2]> = (0..20).map(|i| ["A".into(), format!("{i:02}")]).collect();
    let x = hierarchy(["platform", "ad"], &paths);
    let rates = EmpiricalBayesRates::default().fit(training(x, vec![3.0; 20], vec![100.0; 20])).unwrap();
    let (strengths, exposure) = (rates.strengths(), 2000.0);
    assert_eq!(strengths[1], 1000.0 * exposure);
    assert_eq!(strengths[0], 1000.0 * exposure, "one platform says nothing of how platforms differ");
    let new = rates.rate(&["A", "new"]).unwrap();
    near(new.mean(), 60.5 / 2001.0, 1e-6, "all counts together");
    near(new.strength(), 2001.0, 0.01, "all counts together");
}

#[test]
fn no_events_no_exposure_and_one_group_have_finite_answers() {
    for family in [BETA, GAMMA] {
        let none = ads(family, &[["A", "1"], ["A", "2"], ["B", "1"]], &[0.0; 3], &[40.0, 10.0, 50.0]);
        let rate = none.rate(&["A", "1"]).unwrap();
        near(rate.mean(), 0.005, 0.02, "half an event in all exposure");
        assert!(rate.interval(0.8).unwrap().0 > 0.0);
        let some = ads(family, &[["A", "1"], ["A", "2"], ["B", "1"]], &[2.0, 0.0, 1.0], &[40.0, 0.0, 50.0]);
        let unseen = some.rate(&["A", "2"]).unwrap();
        assert!(unseen.mean() > 0.01 && unseen.mean() < 0.05, "{}", unseen.mean());
        let one = ads(family, &[["A", "1"]], &[2.0], &[40.0]).rate(&["A", "1"]).unwrap();
        near(one.mean(), 0.06, 0.05, "its own share, and half an event");
        let all = ads(family, &[["A", "1"], ["A", "2"]], &[40.0, 30.0], &[40.0, 30.0]).rate(&["A", "2"]).unwrap();
        // SciPy's beta.ppf(0.1, 70.5, 0.5) and gamma.ppf(0.1, 70.5) / 70.
        let lower = if family == BETA { 0.9809279131488994 } else { 0.8568045747050406 };
        near(all.interval(0.8).unwrap().0, lower, 1e-3, "lower end");
        assert!(all.mean() > 0.95);
    }
}

#[test]
fn rates_with_weights_are_totals_with_exposure() {
    let paths = [["A", "1"], ["A", "2"], ["B", "1"], ["B", "2"]];
    let (events, exposure) = (vec![8.0, 1.0, 30.0, 9.0], vec![400.0, 80.0, 600.0, 300.0]);
    let x = || hierarchy(["platform", "ad"], &paths);
    let totals = EmpiricalBayesRates::default().fit(training(x(), events.clone(), exposure.clone())).unwrap();
    let shares: Array1<f64> = events.iter().zip(&exposure).map(|(k, n)| k / n).collect();
    let data = Training::new(x()).with_target(Target::Values(shares)).with_weights(exposure.clone().into());
    let rates = EmpiricalBayesRates::default().fit(data).unwrap();
    // A row of weight 2 is a row that came twice.
    let twice = EmpiricalBayesRates::default()
        .fit(training(x(), events.clone(), exposure.clone()).with_weights(Array1::from_elem(4, 2.0)))
        .unwrap();
    let rows = |v: &[f64]| v.iter().chain(v).copied().collect::<Vec<f64>>();
    let repeated = hierarchy(["platform", "ad"], &[paths, paths].concat());
    let repeated = EmpiricalBayesRates::default().fit(training(repeated, rows(&events), rows(&exposure))).unwrap();
    for path in paths {
        let of = |fitted: &FittedEmpiricalBayesRates| fitted.rate(&path).unwrap();
        near(of(&rates).mean(), of(&totals).mean(), 1e-6, "mean");
        near(of(&twice).strength(), of(&repeated).strength(), 1e-9, "strength");
        assert!(of(&twice).strength() > 1.2 * of(&totals).strength());
    }
}

#[test]
fn counts_and_beliefs_that_cannot_be_are_named() {
    let says = |r: adflux_core::Result<RateBelief>| r.unwrap_err().to_string();
    assert!(says(RateBelief::new(BETA, 1.0, 5.0)).starts_with("parameter `mean` = 1.0"));
    assert!(says(RateBelief::new(BETA, 0.5, 0.0)).starts_with("parameter `strength` = 0.0"));
    assert!(says(RateBelief::from_interval(BETA, 0.5, 0.6, 0.7, 0.9)).contains("must lie in the interval"));
    assert!(says(RateBelief::from_interval(BETA, 0.5, -9.0, 10.0, 0.9)).contains("wider than that of any rate"));
    let half = RateBelief::new(BETA, 0.5, 4.0).unwrap();
    assert!(says(half.update(3.0, 2.0)).contains("more than the 2 trials"));
    assert!(says(RateBelief::new(GAMMA, 0.5, 4.0).unwrap().update(3.0, 0.0)).contains("from an exposure of 0"));
    assert!(half.events(1.5, 0.9).unwrap_err().to_string().contains("counted in whole numbers"));
    assert!(half.interval(1.0).unwrap_err().to_string().starts_with("parameter `level`"));
    let fit = |k: Vec<f64>, n: Vec<f64>| {
        let data = training(hierarchy(["ad"], &[["a"], ["b"]]), k, n);
        EmpiricalBayesRates::default().fit(data).unwrap_err().to_string()
    };
    assert!(fit(vec![1.0, 3.0], vec![2.0, 2.0]).starts_with("column `target`, row 2: parameter `events` = 3.0"));
    assert!(fit(vec![0.0, -1.0], vec![2.0, 2.0]).starts_with("column `target`, row 2: parameter `events` = -1.0"));
    assert!(fit(vec![1.0, 1.0], vec![1e200, 2.0]).contains("count in a larger unit"));
    let worth = |p: &[f64], k: &[f64], n: &[f64]| prior_strength(BETA, p, k, n).unwrap_err().to_string();
    assert!(worth(&[0.1, 1.0], &[1.0, 1.0], &[5.0, 5.0]).starts_with("column `predicted`, row 2"));
    assert!(worth(&[0.1], &[6.0], &[5.0]).starts_with("column `events`, row 1"));
    assert!(worth(&[0.1], &[0.0], &[0.0]).starts_with("column `exposure`: all are zero"));
    assert!(worth(&[0.1], &[0.0, 1.0], &[0.0]).starts_with("2 events and 1 exposures beside 1 predicted rates"));
    let numbers = Features::from_dense(ndarray::array![[1.0], [2.0]], ["ad"]).unwrap();
    let refused = EmpiricalBayesRates::default().fit(training(numbers, vec![1.0; 2], vec![2.0; 2]));
    assert!(refused.unwrap_err().to_string().contains("column `ad` is none: read it with `as_categories`"));
}

#[test]
fn as_many_events_as_trials_leave_a_probability() {
    // A rounding error more events than trials; and so many that one trial more is none.
    for trials in [1e13_f64, 1e17] {
        let sure = RateBelief::new(BETA, 0.5, 1.0).unwrap().update(trials * (1.0 + 4e-13), trials).unwrap();
        let (lower, upper) = sure.interval(0.9).unwrap();
        assert!(sure.mean() <= 1.0 && 0.99 < lower && lower <= upper && upper <= 1.0, "{lower} {upper}");
        let ahead = sure.events(1000.0, 0.9).unwrap();
        assert!(ahead.mean <= 1000.0 && 990.0 < ahead.lower && ahead.upper <= 1000.0, "{ahead:?}");
    }
    let refused = RateBelief::new(GAMMA, 1e200, 1e200).unwrap_err().to_string();
    assert!(refused.starts_with("parameter `strength`"), "{refused}");
}

#[test]
fn a_belief_comes_back_from_a_file_to_the_bit() {
    use adflux_core::component::{decode, encode};
    for trials in 1..200 {
        let belief = RateBelief::new(BETA, 0.1, 0.7).unwrap().update(7.0, f64::from(trials) + 6.0).unwrap();
        let loaded: RateBelief = decode("rate", &encode("rate", &belief).unwrap()).unwrap();
        assert_eq!(loaded, belief, "{trials}");
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let rates = ads(BETA, &[["A", "1"], ["A", "2"], ["B", "1"]], &[2.0, 0.0, 1.0], &[40.0, 10.0, 50.0]);
    let state = rates.state().unwrap();
    let load = |state: &[u8]| FittedEmpiricalBayesRates::from_state(1, state, &Registry::default());
    assert_eq!(load(&state).unwrap().rate(&["A", "1"]).unwrap(), rates.rate(&["A", "1"]).unwrap());
    let bytes = rates.rate(&[]).unwrap().strength().to_le_bytes();
    let place = state.windows(8).position(|w| w == bytes).unwrap();
    let mut damaged = state.clone();
    damaged[place..place + 8].copy_from_slice(&(-1.0_f64).to_le_bytes());
    assert!(matches!(load(&damaged).unwrap_err(), Error::State { reason, .. } if reason.contains("do not fit")));
    let belief = serde_json::to_string(&rates.rate(&["A"]).unwrap()).unwrap();
    assert!(serde_json::from_str::<RateBelief>(&belief).is_ok());
    assert!(serde_json::from_str::<RateBelief>(&belief.replace("\"strength\":", "\"strength\":-")).is_err());
}

#[test]
fn a_prior_of_an_interval_has_its_width() {
    for family in [BETA, GAMMA] {
        let prior = RateBelief::from_interval(family, 0.03, 0.02, 0.04, 0.9).unwrap();
        let (lower, upper) = prior.interval(0.9).unwrap();
        assert!((upper - lower - 0.02).abs() < 1e-3 && lower < 0.03 && 0.03 < upper, "{lower} {upper}");
    }
}

proptest! {
    #[test]
    fn counts_at_once_or_one_after_the_other_say_the_same(a in 0u32..50, b in 0u32..50, more in 0u32..500) {
        let prior = RateBelief::new(BETA, 0.1, 30.0).unwrap();
        let (a, b, n) = (f64::from(a), f64::from(b), f64::from(more) + 50.0);
        let once = prior.update(a + b, 2.0 * n).unwrap();
        let twice = prior.update(a, n).unwrap().update(b, n).unwrap();
        prop_assert!((once.mean() - twice.mean()).abs() < 1e-12 && once.strength() == twice.strength());
        let (lower, upper) = once.interval(0.9).unwrap();
        prop_assert!(lower < once.mean() && once.mean() < upper);
    }

    #[test]
    fn the_order_of_rows_and_the_names_do_not_matter(clicks in proptest::collection::vec(0u32..30, 6), turn in 0usize..6) {
        let paths = [["A", "1"], ["A", "2"], ["A", "3"], ["B", "1"], ["B", "2"], ["B", "3"]];
        let clicks: Vec<f64> = clicks.into_iter().map(f64::from).collect();
        let shown = [100.0, 200.0, 50.0, 400.0, 30.0, 90.0];
        let before = ads(BETA, &paths, &clicks, &shown);
        let rows: Vec<usize> = (0..6).map(|i| (i + turn) % 6).collect();
        let turned: Vec<[&str; 2]> = rows.iter().map(|&r| [if paths[r][0] == "A" { "Z" } else { "B" }, paths[r][1]]).collect();
        let pick = |v: &[f64]| rows.iter().map(|&r| v[r]).collect::<Vec<f64>>();
        let after = ads(BETA, &turned, &pick(&clicks), &pick(&shown));
        for (path, renamed) in paths.iter().zip([["Z", "1"], ["Z", "2"], ["Z", "3"], ["B", "1"], ["B", "2"], ["B", "3"]]) {
            let (a, b) = (before.rate(path).unwrap(), after.rate(&renamed).unwrap());
            prop_assert!((a.mean() / b.mean() - 1.0).abs() < 1e-4, "{} {}", a.mean(), b.mean());
        }
    }
}
