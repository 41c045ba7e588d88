//! Two predictions of the same rows.

use adflux_core::{ClassTarget, Classes, Context, Prediction, Target, random::stream};
use adflux_evaluation::{CompareOptions, Comparison, compare};
use adflux_testing::assert_close;
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;

fn find<'a>(all: &'a [Comparison], measure: &str) -> &'a Comparison {
    all.iter().find(|c| c.measure == measure).unwrap()
}

fn values(values: Vec<f64>) -> Prediction {
    Prediction::Values(values.into())
}

fn two_classes(score: &[f64]) -> Prediction {
    let probabilities =
        Array2::from_shape_fn((score.len(), 2), |(r, c)| if c == 1 { score[r] } else { 1.0 - score[r] });
    Prediction::Classes(Classes { labels: vec!["no".to_string(), "yes".into()].into(), probabilities })
}

/// Rows of which a share of 0.3 is `yes`, and two scores: `a` knows little, `b` more.
fn scored(rows: usize) -> (Target, Prediction, Prediction) {
    let mut rng = stream(9, &[]);
    let codes: Array1<u32> = (0..rows).map(|_| u32::from(rng.random::<f64>() < 0.3)).collect();
    let mut of = |knows: f64| -> Vec<f64> {
        codes.iter().map(|y| (knows * f64::from(*y) + (1.0 - knows) * rng.random::<f64>()).clamp(0.01, 0.99)).collect()
    };
    let (a, b) = (of(0.1), of(0.4));
    let labels = vec!["no".to_string(), "yes".into()].into();
    (Target::Classes(ClassTarget { codes, labels }), two_classes(&a), two_classes(&b))
}

#[test]
fn a_better_model_is_found_better_and_two_that_are_alike_are_not() {
    let (y, a, b) = scored(400);
    let all = compare(&y, &a, &b, None, &CompareOptions::default(), &Context::default()).unwrap();
    let names: Vec<&str> = all.iter().map(|c| c.measure.as_str()).collect();
    assert_eq!(names, ["roc_auc", "pr_auc", "log_loss", "brier", "accuracy", "f1"]);
    let auc = find(&all, "roc_auc");
    assert!(auc.lower > 0.0 && auc.lower < auc.difference && auc.difference < auc.upper, "{auc:?}");

    let mut rng = stream(1, &[]);
    let y: Vec<f64> = (0..300).map(|_| rng.random()).collect();
    let mut near = || values(y.iter().map(|y| y + rng.random::<f64>() - 0.5).collect());
    let (a, b) = (near(), near());
    let all = compare(&Target::Values(y.clone().into()), &a, &b, None, &CompareOptions::default(), &Context::default())
        .unwrap();
    assert!(all.iter().all(|c| c.lower < 0.0 && c.upper > 0.0), "{all:?}");
}

#[test]
fn the_interval_of_a_mean_has_the_width_that_theory_gives() {
    // The difference of two mean absolute errors is the mean of 0 and 1: its standard error is √(p(1 − p) / n).
    let rows = 1000;
    let b = (0..rows).map(|r| if r % 5 == 0 { 1.0 } else { 0.0 }).collect();
    let y = Target::Values(Array1::zeros(rows));
    let options = CompareOptions { resamples: 4000, ..CompareOptions::default() };
    let all = compare(&y, &values(vec![0.0; rows]), &values(b), None, &options, &Context::default()).unwrap();
    let mae = find(&all, "mae");
    let half = 1.96 * (0.2 * 0.8 / rows as f64).sqrt();
    assert_eq!(mae.difference, 0.2);
    assert_close(mae.lower, 0.2 - half, 0.002);
    assert_close(mae.upper, 0.2 + half, 0.002);
}

#[test]
fn groups_are_drawn_as_wholes() {
    // Ten groups of one value each: the rows of a group say the same thing twenty times.
    let groups: Vec<u32> = (0..200).map(|r| r / 20).collect();
    let b: Vec<f64> = groups.iter().map(|g| f64::from(g % 2)).collect();
    let y = Target::Values(Array1::zeros(200));
    let width = |groups: Option<&[u32]>| {
        let options = CompareOptions { groups, ..CompareOptions::default() };
        let all =
            compare(&y, &values(vec![0.0; 200]), &values(b.clone()), None, &options, &Context::default()).unwrap();
        find(&all, "mae").upper - find(&all, "mae").lower
    };
    // √20 times as wide, up to the chance of 1000 draws.
    let ratio = width(Some(&groups)) / width(None);
    assert!((3.5..=5.5).contains(&ratio), "{ratio}");
}

#[test]
fn the_bits_are_the_same_on_one_thread_and_two_and_others_with_another_seed() {
    let (y, a, b) = scored(150);
    let on = |threads, seed| {
        let context = Context::default().with_threads(threads).unwrap();
        let options = CompareOptions { resamples: 64, seed, ..CompareOptions::default() };
        compare(&y, &a, &b, None, &options, &context).unwrap()
    };
    assert_eq!(on(1, 7), on(2, 7));
    assert_ne!(on(1, 7), on(1, 8));
}

#[test]
fn draws_that_say_nothing_are_left_out() {
    // One of six is `yes`: in a third of the draws there is none, and no ROC curve.
    let codes = array![0, 0, 0, 1, 0, 0];
    let y = Target::Classes(ClassTarget { codes, labels: vec!["no".to_string(), "yes".into()].into() });
    let (a, b) = (two_classes(&[0.1, 0.2, 0.3, 0.25, 0.1, 0.1]), two_classes(&[0.1, 0.2, 0.3, 0.9, 0.1, 0.1]));
    let all = compare(&y, &a, &b, None, &CompareOptions::default(), &Context::default()).unwrap();
    let auc = find(&all, "roc_auc");
    assert!(auc.lower >= 0.0 && auc.upper <= 1.0 && auc.difference > 0.0, "{auc:?}");
    // Of one class alone there is none at all; the others are there.
    let y =
        Target::Classes(ClassTarget { codes: Array1::zeros(6), labels: vec!["no".to_string(), "yes".into()].into() });
    let all = compare(&y, &a, &b, None, &CompareOptions::default(), &Context::default()).unwrap();
    let auc = find(&all, "roc_auc");
    assert!(auc.difference.is_nan() && auc.lower.is_nan() && auc.upper.is_nan());
    assert!(find(&all, "log_loss").lower.is_finite());
}

#[test]
fn rows_of_weight_zero_may_be_all_that_is_drawn() {
    let y = Target::Values(array![1.0, 2.0, 3.0]);
    let weights = array![1.0, 0.0, 0.0];
    let (a, b) = (values(vec![1.0, 2.0, 3.0]), values(vec![2.0, 9.0, 9.0]));
    let all = compare(&y, &a, &b, Some(weights.view()), &CompareOptions::default(), &Context::default()).unwrap();
    let mae = find(&all, "mae");
    assert_eq!((mae.difference, mae.lower, mae.upper), (1.0, 1.0, 1.0));
}

#[test]
fn options_and_predictions_that_cannot_be_are_named() {
    let (y, a, b) = scored(20);
    let says = |b: &Prediction, options: CompareOptions| {
        compare(&y, &a, b, None, &options, &Context::default()).unwrap_err().to_string()
    };
    let plain = CompareOptions::default();
    assert!(says(&b, CompareOptions { resamples: 0, ..plain }).contains("`resamples`"));
    assert!(says(&b, CompareOptions { level: 1.0, ..plain }).contains("`level`"));
    assert!(says(&b, CompareOptions { groups: Some(&[1, 2]), ..plain }).contains("groups of 2 rows beside 20"));
    assert!(says(&values(vec![0.0; 20]), plain).contains("cannot be compared"));
}

proptest! {
    #[test]
    fn a_prediction_compared_with_itself_differs_by_nothing(
        rows in prop::collection::vec((-9i32..9, -9i32..9), 2..30),
        seed in 0u64..50,
    ) {
        let y = Target::Values(rows.iter().map(|row| f64::from(row.0)).collect());
        let p = values(rows.iter().map(|row| f64::from(row.1)).collect());
        for c in compare(&y, &p, &p, None, &CompareOptions { resamples: 20, seed, ..CompareOptions::default() }, &Context::default()).unwrap() {
            prop_assert_eq!((c.difference, c.lower, c.upper), (0.0, 0.0, 0.0));
        }
    }

    #[test]
    fn the_difference_is_b_less_a_and_turns_with_them(
        rows in prop::collection::vec((0u32..2, 1u32..9, 1u32..9), 4..30),
        seed in 0u64..50,
    ) {
        let codes = rows.iter().map(|row| row.0).collect();
        let y = Target::Classes(ClassTarget { codes, labels: vec!["no".to_string(), "yes".into()].into() });
        let of = |pick: fn(&(u32, u32, u32)) -> u32| two_classes(&rows.iter().map(|r| f64::from(pick(r)) / 10.0).collect::<Vec<_>>());
        let (a, b) = (of(|r| r.1), of(|r| r.2));
        let options = CompareOptions { resamples: 20, seed, ..CompareOptions::default() };
        let there = compare(&y, &a, &b, None, &options, &Context::default()).unwrap();
        let back = compare(&y, &b, &a, None, &options, &Context::default()).unwrap();
        for (there, back) in there.iter().zip(&back) {
            prop_assert!(there.difference.is_nan() || there.difference == there.b - there.a);
            let ends = |c: &Comparison| c.lower.is_nan() || c.lower <= c.upper;
            prop_assert!(ends(there));
            if !there.lower.is_nan() {
                prop_assert!((there.lower + back.upper).abs() < 1e-12 && (there.upper + back.lower).abs() < 1e-12);
            }
        }
    }
}
