//! Fairness measures against fairlearn's numbers, and on the résumé experiment.

use adflux_evaluation::{
    Estimate,
    calibration::Bins,
    fairness::{
        Against, Aggregate, Disparity, FourFifthsOptions, GroupRates, GroupedRates, Groups, Verdict, calibration,
        clustered_rates, rates,
    },
    metrics::ece,
};
use adflux_testing::{assert_close, fixture};
use ndarray::{Array1, ArrayView1, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct People {
    truth: Vec<bool>,
    selected: Vec<bool>,
    weights: Vec<f64>,
    gender: Vec<String>,
    race: Vec<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    by: Vec<String>,
    plain: Expected,
    weighted: Expected,
}

#[derive(Deserialize)]
struct Expected {
    names: Vec<String>,
    rates: BTreeMap<String, Vec<f64>>,
    overall: BTreeMap<String, f64>,
    between_groups: BTreeMap<String, [f64; 2]>,
    to_overall: BTreeMap<String, [f64; 2]>,
}

fn rate(of: &GroupRates, name: &str) -> f64 {
    let rate = match name {
        "selection_rate" => of.selection_rate,
        "true_positive_rate" => of.true_positive_rate,
        "false_positive_rate" => of.false_positive_rate,
        _ => of.precision,
    };
    rate.unwrap().value
}

#[test]
fn rates_and_disparities_are_fairlearns_by_group_and_intersection() {
    let people: People = fixture("fairness/groups.json");
    let weights = Array1::from(people.weights);
    for case in people.cases {
        let columns: Vec<Groups> = case
            .by
            .iter()
            .map(|by| Groups::from_labels(if by == "gender" { &people.gender } else { &people.race }))
            .collect();
        let groups = Groups::intersect(&columns).unwrap();
        for (expected, w) in [(&case.plain, None), (&case.weighted, Some(weights.view()))] {
            let found = rates(Some(&people.truth), &people.selected, &groups, w, 0.95).unwrap();
            let names: Vec<&str> = found.groups.iter().map(|of| of.group.as_str()).collect();
            assert_eq!(names, expected.names);
            for (name, values) in &expected.rates {
                for (of, value) in found.groups.iter().zip(values) {
                    assert_close(rate(of, name), *value, TOLERANCE);
                }
                assert_close(rate(&found.overall, name), expected.overall[name], TOLERANCE);
            }
            for (against, expected) in
                [(Against::Groups, &expected.between_groups), (Against::Overall, &expected.to_overall)]
            {
                let is = |name: &str, disparity: Option<Disparity>| {
                    let Disparity { difference, ratio } = disparity.unwrap();
                    assert_close(difference, expected[name][0], TOLERANCE);
                    assert_close(ratio.unwrap(), expected[name][1], TOLERANCE);
                };
                is("demographic_parity", found.demographic_parity(against));
                is("equal_opportunity", found.equal_opportunity(against));
                is("equalized_odds", found.equalized_odds(against, Aggregate::WorstCase));
                is("equalized_odds_mean", found.equalized_odds(against, Aggregate::Mean));
            }
        }
    }
}

#[derive(Deserialize)]
struct Ratio {
    counts: [usize; 4],
    ratio: f64,
    lower: f64,
    upper: f64,
}

#[test]
fn the_interval_of_a_ratio_is_scipys() {
    for case in fixture::<Vec<Ratio>>("fairness/ratios.json") {
        let [x, n, y, m] = case.counts;
        let selected: Vec<bool> = (0..n).map(|row| row < x).chain((0..m).map(|row| row < y)).collect();
        let groups = Groups::new(vec!["a".into(), "b".into()], (0..n + m).map(|row| u32::from(row >= n)).collect());
        let rates = rates(None, &selected, &groups.unwrap(), None, 0.95).unwrap();
        let options = FourFifthsOptions { reference: Some("b".into()), min_rows: 1, ..FourFifthsOptions::default() };
        let found = rates.four_fifths(&options).unwrap().unwrap().groups[0].ratio;
        assert_close(found.value, case.ratio, TOLERANCE);
        assert_close(found.lower, case.lower, 1e-9);
        assert_close(found.upper, case.upper, 1e-9);
    }
}

/// Columns of data/resume.csv (Bertrand and Mullainathan 2004): callback, race, gender. No field of it is quoted.
fn resumes() -> [Vec<String>; 3] {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/resume.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let places = ["received_callback", "race", "gender"].map(|name| header.iter().position(|h| *h == name).unwrap());
    let rows: Vec<Vec<&str>> = lines.collect();
    places.map(|place| rows.iter().map(|row| row[place].to_string()).collect())
}

#[test]
fn the_published_callback_rates_are_reproduced() {
    let [callback, race, gender] = resumes();
    let called: Vec<bool> = callback.iter().map(|v| v == "1").collect();
    let by_race = rates(None, &called, &Groups::from_labels(&race), None, 0.95).unwrap();
    let value = |estimate: Option<Estimate>| estimate.unwrap().value;
    let published: Vec<(String, String, usize)> = by_race
        .groups
        .iter()
        .map(|of| (of.group.clone(), format!("{:.2}", 100.0 * value(of.selection_rate)), of.rows))
        .collect();
    assert_eq!(published, [("black".into(), "6.45".into(), 2435), ("white".into(), "9.65".into(), 2435)]);
    assert_eq!(format!("{:.2}", 100.0 * value(by_race.overall.selection_rate)), "8.05");

    // The paper's table 1: a ratio of 1.50 of white to black.
    let check = by_race.four_fifths(&FourFifthsOptions::default()).unwrap().unwrap();
    assert_eq!((check.reference.as_str(), check.holds()), ("white", false));
    let black = &check.groups[0];
    assert_eq!(format!("{:.2}", 1.0 / black.ratio.value), "1.50");
    assert_eq!(format!("{:.4}", black.difference.value), "-0.0320");
    // Below four fifths, and far from alike; that it is below by more than chance the interval does not say.
    assert!(black.ratio.upper < 0.82 && black.ratio.upper > 0.8 && black.verdict == Verdict::MayPass, "{black:?}");

    let both = Groups::intersect(&[Groups::from_labels(&gender), Groups::from_labels(&race)]).unwrap();
    let by_both = rates(None, &called, &both, None, 0.95).unwrap();
    let names: Vec<&str> = by_both.groups.iter().map(|of| of.group.as_str()).collect();
    assert_eq!(names, ["f, black", "f, white", "m, black", "m, white"]);
    // The paper's table 1 again: 6.63 and 9.89 % of women, 5.83 and 8.87 % of men.
    let percent: Vec<String> =
        by_both.groups.iter().map(|of| format!("{:.2}", 100.0 * value(of.selection_rate))).collect();
    assert_eq!(percent, ["6.63", "9.89", "5.83", "8.87"]);
}

fn simple(selected: &[bool], groups: &[&str], truth: Option<&[bool]>) -> GroupedRates {
    rates(truth, selected, &Groups::from_labels(groups), None, 0.95).unwrap()
}

#[test]
fn verdicts_say_what_the_rows_can_tell() {
    let rows = |group: &'static str, of: usize, selected: usize| (0..of).map(move |row| (group, row < selected));
    let all: Vec<(&str, bool)> = rows("top", 1000, 500)
        .chain(rows("fails", 1000, 300))
        .chain(rows("may pass", 100, 38))
        .chain(rows("may fail", 100, 42))
        .chain(rows("passes", 1000, 480))
        .chain(rows("small", 10, 10))
        .collect();
    let (groups, selected): (Vec<&str>, Vec<bool>) = all.into_iter().unzip();
    let rates = simple(&selected, &groups, None);
    let check = rates.four_fifths(&FourFifthsOptions::default()).unwrap().unwrap();
    let verdict = |name: &str| check.groups.iter().find(|of| of.group == name).unwrap().verdict;
    assert_eq!(verdict("top"), Verdict::Reference);
    assert_eq!(verdict("fails"), Verdict::Fails);
    assert_eq!(verdict("may pass"), Verdict::MayPass);
    assert_eq!(verdict("may fail"), Verdict::MayFail);
    assert_eq!(verdict("passes"), Verdict::Passes);
    assert_eq!(verdict("small"), Verdict::TooSmall);
    assert!(!check.holds());
    let named = |name: &str| {
        rates.four_fifths(&FourFifthsOptions { reference: Some(name.into()), ..FourFifthsOptions::default() })
    };
    assert_eq!(named("passes").unwrap().unwrap().reference, "passes");
    let refused = named("small").unwrap_err().to_string();
    assert!(refused.contains("`reference`") && refused.contains("has 10 rows, fewer than min_rows = 30"), "{refused}");
    // Written and read again the verdicts are the same, with weights too.
    let weights = Array1::from_elem(selected.len(), 0.25);
    let weighted =
        adflux_evaluation::fairness::rates(None, &selected, &Groups::from_labels(&groups), Some(weights.view()), 0.95)
            .unwrap();
    for rates in [&rates, &weighted] {
        let read: GroupedRates = serde_json::from_str(&serde_json::to_string(rates).unwrap()).unwrap();
        assert_eq!(&read, rates);
        let options = FourFifthsOptions::default();
        assert_eq!(read.four_fifths(&options).unwrap(), rates.four_fifths(&options).unwrap());
    }
    let (large, small) = rates.without_small(30);
    assert_eq!((large.groups.len(), small), (5, vec!["small"]));
}

#[test]
fn groups_that_read_alike_are_told_apart() {
    let (first, second) =
        (Groups::from_labels(&["a, b", "a", "q\"", "plain"]), Groups::from_labels(&["c", "b, c", "x", "y"]));
    let both = Groups::intersect(&[first, second]).unwrap();
    let mut names = both.names().to_vec();
    assert_eq!(names, ["a, \"b, c\"", "\"a, b\", c", "plain, y", "\"q\"\"\", x"]);
    names.dedup();
    assert_eq!(names.len(), 4);
    // Two groups of one name: the reference is one of them, and not the other.
    let groups = Groups::new(vec!["same".into(), "same".into()], vec![0, 0, 1, 1]).unwrap();
    let found = rates(None, &[true, true, true, false], &groups, None, 0.95).unwrap();
    let options = FourFifthsOptions { min_rows: 1, ..FourFifthsOptions::default() };
    let check = found.four_fifths(&options).unwrap().unwrap();
    assert_eq!(check.groups[0].verdict, Verdict::Reference);
    assert_ne!(check.groups[1].verdict, Verdict::Reference);
}

#[test]
fn a_ratio_that_is_not_defined_does_not_count() {
    // Nobody who is `false` is selected: of the false positive rates there is no ratio. fairlearn's equalized_odds_ratio with
    // agg="mean" gives 0.5, and with "worst_case" 0.5.
    let truth = [true, true, false, true, true, false];
    let found = simple(&[true, false, false, true, true, false], &["a", "a", "a", "b", "b", "b"], Some(&truth));
    for aggregate in [Aggregate::WorstCase, Aggregate::Mean] {
        assert_eq!(found.equalized_odds(Against::Groups, aggregate).unwrap().ratio, Some(0.5), "{aggregate:?}");
    }
    assert_eq!(found.equalized_odds(Against::Groups, Aggregate::Mean).unwrap().difference, 0.25);
}

#[test]
fn rates_of_nobody_are_left_out_and_nobody_selected_is_no_check() {
    let groups = ["a", "a", "b", "b"];
    let found = simple(&[true, false, true, true], &groups, Some(&[true, false, false, false]));
    assert!(found.groups[1].true_positive_rate.is_none() && found.groups[1].false_positive_rate.is_some());
    // Of one group alone nothing differs.
    assert_eq!(found.equal_opportunity(Against::Groups), Some(Disparity { difference: 0.0, ratio: Some(1.0) }));
    let nobody = simple(&[false; 4], &groups, None);
    assert_eq!(nobody.demographic_parity(Against::Groups), Some(Disparity { difference: 0.0, ratio: None }));
    assert!(nobody.equalized_odds(Against::Groups, Aggregate::Mean).is_none());
    let options = FourFifthsOptions { min_rows: 1, ..FourFifthsOptions::default() };
    assert!(nobody.four_fifths(&options).unwrap().is_none());
    // Everyone selected everywhere: alike, with an interval.
    let everyone = simple(&[true; 4], &groups, None).four_fifths(&options).unwrap().unwrap();
    assert!(everyone.groups[1].ratio.value == 1.0 && everyone.groups[1].ratio.lower < 1.0 && everyone.holds());
}

#[test]
fn weights_of_zero_take_a_group_out() {
    let weights = array![1.0, 1.0, 0.0, 0.0];
    let groups = Groups::from_labels(&["a", "a", "b", "b"]);
    let found = rates(None, &[true, false, true, true], &groups, Some(weights.view()), 0.95).unwrap();
    assert_eq!(found.groups.len(), 1);
    assert_eq!(found.overall.selection_rate.unwrap().value, 0.5);
    let said = array![0.5, 0.5, 0.9, 0.9];
    let of = calibration(&[true, false, true, true], said.view(), &groups, Bins::EqualWidth(4), Some(weights.view()));
    assert_eq!(of.unwrap().len(), 1);
}

#[test]
fn calibration_by_group_is_the_error_of_its_rows() {
    let truth = [true, false, true, false, false, true];
    let said = array![0.9, 0.3, 0.4, 0.2, 0.6, 0.8];
    let groups = Groups::from_labels(&["a", "b", "a", "b", "a", "b"]);
    let all = calibration(&truth, said.view(), &groups, Bins::EqualWidth(5), None).unwrap();
    assert_close(all[0].mean_predicted, 1.9 / 3.0, 1e-12);
    assert_close(all[0].gap, 1.9 / 3.0 - 2.0 / 3.0, 1e-12);
    let alone = ece(&[true, true, false], array![0.9, 0.4, 0.6].view(), Bins::EqualWidth(5), None).unwrap();
    assert_close(all[0].ece, alone, 1e-12);
}

#[test]
fn what_cannot_be_is_named() {
    let groups = Groups::from_labels(&["a", "b"]);
    let says = |truth: Option<&[bool]>, selected: &[bool], level: f64| {
        rates(truth, selected, &groups, None, level).unwrap_err().to_string()
    };
    assert!(says(None, &[true], 0.95).contains("groups of 2 rows beside 1"));
    assert!(says(Some(&[true]), &[true, false], 0.95).contains("truth of 1 rows beside 2"));
    assert!(says(None, &[true, false], 1.0).contains("`level`"));
    assert!(Groups::new(vec!["a".into()], vec![0, 1]).unwrap_err().to_string().contains("row 2: group 1 of 1"));
    assert!(Groups::intersect(&[groups.clone(), Groups::from_labels(&["c"])]).is_err());
    assert!(Groups::intersect(&[]).is_err());
    let found = rates(None, &[true, false], &groups, None, 0.95).unwrap();
    let options = FourFifthsOptions { reference: Some("z".into()), ..FourFifthsOptions::default() };
    assert!(found.four_fifths(&options).unwrap_err().to_string().contains("is no group; the groups are a, b"));
    let options = FourFifthsOptions { threshold: 0.0, ..FourFifthsOptions::default() };
    assert!(found.four_fifths(&options).unwrap_err().to_string().contains("`threshold`"));
}

proptest! {
    #[test]
    fn rates_lie_in_their_intervals_and_a_weight_of_two_is_the_row_twice(
        rows in prop::collection::vec((any::<bool>(), any::<bool>(), 0u32..3, 1u8..3), 1..60),
    ) {
        let of = |rows: &[(bool, bool, u32, u8)], w: Option<ArrayView1<f64>>| {
            let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
            let selected: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let names = ["a", "b", "c"].map(String::from).to_vec();
            let groups = Groups::new(names, rows.iter().map(|r| r.2).collect()).unwrap();
            rates(Some(&truth), &selected, &groups, w, 0.9).unwrap()
        };
        let weights: Array1<f64> = rows.iter().map(|r| f64::from(r.3)).collect();
        let twice: Vec<_> = rows.iter().flat_map(|r| std::iter::repeat_n(*r, r.3 as usize)).collect();
        let (weighted, repeated) = (of(&rows, Some(weights.view())), of(&twice, None));
        for (a, b) in weighted.groups.iter().zip(&repeated.groups) {
            let pairs = [
                (a.selection_rate, b.selection_rate),
                (a.true_positive_rate, b.true_positive_rate),
                (a.precision, b.precision),
            ];
            for (a, b) in pairs {
                prop_assert_eq!(a.is_some(), b.is_some());
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!((a.value - b.value).abs() < 1e-12);
                    prop_assert!(0.0 <= a.lower && a.lower <= a.value && a.value <= a.upper && a.upper <= 1.0);
                }
            }
        }
    }
}

#[test]
fn rows_of_one_cluster_count_as_fewer() {
    // Forty employers who each give four answers alike are forty answers.
    let (called, employer): (Vec<bool>, Vec<u32>) = (0..160u32).map(|row| (row / 4 % 4 == 0, row / 4)).unzip();
    let groups = Groups::from_labels(&(0..160).map(|row| ["f", "m"][row / 80]).collect::<Vec<_>>());
    let plain = rates(None, &called, &groups, None, 0.95).unwrap();
    let found = clustered_rates(None, &called, &groups, None, 0.95, &employer).unwrap();
    let width = |of: Option<Estimate>| of.map(|rate| rate.upper - rate.lower).unwrap();
    // m − 1 effective rows: 19 of 20 employers of each group.
    let one: Vec<bool> = (0..20).map(|row| row % 4 == 0).collect();
    let few = rates(None, &one[..19], &Groups::from_labels(&["f"; 19]), None, 0.95).unwrap();
    let of_group = found.groups[0].selection_rate;
    assert_eq!(of_group.map(|rate| rate.value), plain.groups[0].selection_rate.map(|rate| rate.value));
    assert!((width(of_group) / width(few.groups[0].selection_rate) - 1.0).abs() < 0.02, "{of_group:?}");
    assert!(width(found.overall.selection_rate) > 1.8 * width(plain.overall.selection_rate));
    let ratio = |of: &GroupedRates| {
        let check = of.four_fifths(&FourFifthsOptions::default()).unwrap().unwrap();
        check.groups[1].ratio.upper - check.groups[1].ratio.lower
    };
    assert!(ratio(&found) > 1.8 * ratio(&plain), "{} {}", ratio(&found), ratio(&plain));
    // A cluster for each row changes next to nothing, and never makes an interval narrower.
    let each: Vec<u32> = (0..160).collect();
    let alone = clustered_rates(None, &called, &groups, None, 0.95, &each).unwrap();
    let (alone, plain) = (width(alone.overall.selection_rate), width(plain.overall.selection_rate));
    assert!(alone >= plain && alone < 1.01 * plain, "{alone} {plain}");
    // Nobody is called, in one cluster only: it is one answer.
    let nobody = clustered_rates(None, &[false; 9], &Groups::from_labels(&["f"; 9]), None, 0.95, &[7; 9]).unwrap();
    assert!(nobody.overall.selection_rate.unwrap().upper > 0.7);
    assert!(clustered_rates(None, &called, &groups, None, 0.95, &[1]).is_err());
}
