//! Intervals by drawing rows again.

use adflux_core::{ClassTarget, Classes, Context, Prediction, Target, random::stream};
use adflux_evaluation::{
    bootstrap::{BootstrapMethod, BootstrapOptions, bootstrap, score_intervals},
    metrics::{mae, roc_auc},
};
use adflux_testing::{assert_close, fixture};
use ndarray::{Array1, Array2, ArrayView1, array};
use rand::RngExt as _;
use serde::Deserialize;

fn mean(x: &Array1<f64>) -> impl Fn(ArrayView1<f64>) -> adflux_core::Result<f64> + Sync {
    let zero = Array1::zeros(x.len());
    move |weights| mae(x.view(), zero.view(), Some(weights))
}

#[derive(Deserialize)]
struct Skewed {
    x: Vec<f64>,
    percentile: [f64; 2],
    bca: [f64; 2],
}

#[test]
fn both_methods_give_the_intervals_of_scipy_up_to_the_draws() {
    let case: Skewed = fixture("metrics/intervals.json");
    let x = Array1::from(case.x);
    let width = case.percentile[1] - case.percentile[0];
    for (method, expected) in [(BootstrapMethod::Percentile, case.percentile), (BootstrapMethod::Bca, case.bca)] {
        let options = BootstrapOptions { resamples: 20_000, method, ..BootstrapOptions::default() };
        let found = bootstrap(x.len(), None, mean(&x), &options, &Context::default()).unwrap();
        assert_close(found.value, x.sum() / x.len() as f64, 1e-12);
        assert_close(found.lower, expected[0], 0.03 * width);
        assert_close(found.upper, expected[1], 0.03 * width);
    }
    // The two differ by more than that, or this would not tell them apart.
    assert!((case.bca[1] - case.percentile[1]).abs() > 0.06 * width);
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_promise() {
    let rounds = 200;
    let holds = |method: BootstrapMethod| {
        let one = |round: u64| {
            let mut rng = stream(9, &[round]);
            // Exponential: skewed, with mean 1.
            let x = Array1::from_shape_fn(40, |_| -(1.0 - rng.random::<f64>()).ln());
            let options =
                BootstrapOptions { resamples: 400, level: 0.9, method, seed: round, ..BootstrapOptions::default() };
            let found = bootstrap(40, None, mean(&x), &options, &Context::default()).unwrap();
            found.lower <= 1.0 && 1.0 <= found.upper
        };
        (0..rounds).filter(|round| one(*round)).count() as f64 / rounds as f64
    };
    // 0.9 less what 40 skewed rows cost, give or take two standard errors of 200 rounds.
    for method in [BootstrapMethod::Percentile, BootstrapMethod::Bca] {
        let share = holds(method);
        assert!((0.82..=0.95).contains(&share), "{method:?}: {share}");
    }
}

#[test]
fn the_bits_are_the_same_on_one_thread_and_two_and_others_with_another_seed() {
    let x = Array1::from_shape_fn(500, |row| (row * 37 % 101) as f64);
    let on = |threads, seed| {
        let options =
            BootstrapOptions { resamples: 50, seed, method: BootstrapMethod::Bca, ..BootstrapOptions::default() };
        bootstrap(500, None, mean(&x), &options, &Context::default().with_threads(threads).unwrap()).unwrap()
    };
    assert_eq!(on(1, 7), on(2, 7));
    assert_ne!(on(1, 7), on(1, 8));
}

#[test]
fn groups_are_drawn_as_wholes_and_weights_count() {
    // Ten groups of one value each: the rows of a group say the same thing twenty times.
    let groups: Vec<u32> = (0..200).map(|row| row / 20).collect();
    let x: Array1<f64> = groups.iter().map(|group| f64::from(group % 2)).collect();
    let width = |groups: Option<&[u32]>| {
        let options = BootstrapOptions { groups, ..BootstrapOptions::default() };
        let found = bootstrap(200, None, mean(&x), &options, &Context::default()).unwrap();
        found.upper - found.lower
    };
    let ratio = width(Some(&groups)) / width(None);
    assert!((3.5..=5.5).contains(&ratio), "{ratio}");

    let only_zeros: Array1<f64> = x.mapv(|value| 1.0 - value);
    let found = bootstrap(200, Some(only_zeros.view()), mean(&x), &BootstrapOptions::default(), &Context::default());
    let found = found.unwrap();
    assert_eq!((found.value, found.lower, found.upper), (0.0, 0.0, 0.0));
}

#[test]
fn draws_that_say_nothing_are_left_out_and_options_that_cannot_be_are_named() {
    let truth = [false, true, false, false, false, false];
    let score = array![0.1, 0.6, 0.2, 0.7, 0.3, 0.2];
    let area = |weights: ArrayView1<f64>| roc_auc(&truth, score.view(), Some(weights));
    let found = bootstrap(6, None, area, &BootstrapOptions::default(), &Context::default()).unwrap();
    assert!(found.value == 0.8 && found.lower >= 0.0 && found.upper <= 1.0 && found.lower < found.upper);

    let says =
        |options: BootstrapOptions| bootstrap(6, None, area, &options, &Context::default()).unwrap_err().to_string();
    let plain = BootstrapOptions::default();
    assert!(says(BootstrapOptions { resamples: 0, ..plain }).contains("`resamples`"));
    assert!(says(BootstrapOptions { level: 1.0, ..plain }).contains("`level`"));
    assert!(says(BootstrapOptions { groups: Some(&[1, 2]), ..plain }).contains("groups of 2 rows beside 6"));
    let one_class = |weights: ArrayView1<f64>| roc_auc(&[true; 6], score.view(), Some(weights));
    let error = bootstrap(6, None, one_class, &plain, &Context::default()).unwrap_err().to_string();
    assert!(error.contains("both classes"), "{error}");
    let cancelled = Context::default();
    cancelled.cancel_token().cancel();
    assert!(matches!(bootstrap(6, None, area, &plain, &cancelled), Err(adflux_core::Error::Cancelled)));
}

fn scored(rows: usize) -> (Target, Prediction) {
    let mut rng = stream(3, &[]);
    let codes: Array1<u32> = (0..rows).map(|row| u32::from(row % 3 == 0)).collect();
    let labels: std::sync::Arc<[String]> = vec!["no".to_string(), "yes".into()].into();
    let yes: Vec<f64> = codes.iter().map(|code| 0.3 + 0.2 * f64::from(*code) + 0.4 * rng.random::<f64>()).collect();
    let probabilities =
        Array2::from_shape_fn((rows, 2), |(row, label)| if label == 1 { yes[row] } else { 1.0 - yes[row] });
    (
        Target::Classes(ClassTarget { codes, labels: labels.clone() }),
        Prediction::Classes(Classes { labels, probabilities }),
    )
}

#[test]
fn every_measure_has_its_interval_and_a_sample_gives_one_as_wide() {
    let (truth, predicted) = scored(6000);
    let of = |sample| {
        let options = BootstrapOptions { resamples: 300, ..BootstrapOptions::default() };
        score_intervals(&truth, &predicted, None, sample, &options, &Context::default()).unwrap()
    };
    let (all, sampled) = (of(None), of(Some(2000)));
    let names: Vec<&str> = all.iter().map(|interval| interval.measure.as_str()).collect();
    assert_eq!(names, ["roc_auc", "pr_auc", "log_loss", "brier", "accuracy", "f1"]);
    for (all, sampled) in all.iter().zip(&sampled) {
        assert!(all.lower < all.value && all.value < all.upper, "{all:?}");
        assert_eq!(all.value, sampled.value);
        let ratio = (sampled.upper - sampled.lower) / (all.upper - all.lower);
        assert!((0.75..=1.3).contains(&ratio), "{}: {ratio}", all.measure);
    }
    assert_eq!(of(Some(2000)), sampled);
    let options = BootstrapOptions::default();
    let none = score_intervals(&truth, &predicted, None, Some(0), &options, &Context::default());
    assert!(none.unwrap_err().to_string().contains("`sample`"));
}

#[test]
fn an_interval_from_a_sample_ends_where_the_measure_does() {
    // One row of forty is wrong, and in the sample for about half of the seeds.
    let labels: std::sync::Arc<[String]> = vec!["no".to_string(), "yes".into()].into();
    let codes: Array1<u32> = (0..40).map(|row| row % 2).collect();
    let right = |row: usize| if row == 0 { 0.3 } else { 0.7 };
    let probabilities =
        Array2::from_shape_fn((40, 2), |(row, l)| if codes[row] as usize == l { right(row) } else { 1.0 - right(row) });
    let truth = Target::Classes(ClassTarget { codes, labels: labels.clone() });
    let predicted = Prediction::Classes(Classes { labels, probabilities });
    for seed in 0..10 {
        let options = BootstrapOptions { resamples: 100, seed, ..BootstrapOptions::default() };
        for of in score_intervals(&truth, &predicted, None, Some(20), &options, &Context::default()).unwrap() {
            let most = if of.measure == "log_loss" { f64::INFINITY } else { 1.0 };
            assert!(0.0 <= of.lower && of.upper <= most, "{of:?}");
        }
    }
}

#[test]
fn a_measure_that_is_not_defined_has_no_interval_and_the_others_have() {
    let labels: std::sync::Arc<[String]> = vec!["no".to_string(), "yes".into()].into();
    let truth = Target::Classes(ClassTarget { codes: array![0, 0, 0], labels: labels.clone() });
    let probabilities = array![[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]];
    let predicted = Prediction::Classes(Classes { labels, probabilities });
    let options = BootstrapOptions { resamples: 50, method: BootstrapMethod::Bca, ..BootstrapOptions::default() };
    let all = score_intervals(&truth, &predicted, None, None, &options, &Context::default()).unwrap();
    assert!(all[0].measure == "roc_auc" && all[0].value.is_nan() && all[0].lower.is_nan() && all[0].upper.is_nan());
    assert!(all[2].measure == "log_loss" && all[2].lower <= all[2].value && all[2].value <= all[2].upper);
}
