//! All measures of a prediction, by name.

use adflux_core::{ClassTarget, Classes, Intervals, MultiTarget, Prediction, Segments, Target};
use adflux_evaluation::{Scores, baseline, higher_is_better, score};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Case<T, P> {
    truth: Vec<T>,
    predicted: Vec<P>,
    plain: BTreeMap<String, f64>,
    weighted: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct Golden {
    weights: Vec<f64>,
    numbers: Case<f64, f64>,
    classes: Vec<Case<u32, Vec<f64>>>,
}

fn labels(names: &[&str]) -> std::sync::Arc<[String]> {
    names.iter().map(|name| name.to_string()).collect()
}

fn classes(names: &[&str], probabilities: Array2<f64>) -> Prediction {
    Prediction::Classes(Classes { labels: labels(names), probabilities })
}

fn truth(rows: &[&str]) -> Target {
    Target::Classes(ClassTarget::from_labels(rows))
}

fn names(scores: &Scores) -> Vec<&str> {
    scores.iter().map(|(name, _)| name).collect()
}

fn assert_scores(scores: &Scores, expected: &BTreeMap<String, f64>) {
    assert_eq!(scores.len(), expected.len());
    for (name, value) in scores.iter() {
        assert_close(value, expected[name], 1e-10);
    }
}

#[test]
fn all_measures_are_scikit_learns() {
    let golden: Golden = fixture("evaluation/scores.json");
    let weights = Array1::from(golden.weights);
    let y = Target::Values(golden.numbers.truth.into());
    let p = Prediction::Values(golden.numbers.predicted.into());
    assert_scores(&score(&y, &p, None).unwrap(), &golden.numbers.plain);
    assert_scores(&score(&y, &p, Some(weights.view())).unwrap(), &golden.numbers.weighted);

    for case in golden.classes {
        let width = case.predicted[0].len();
        let names = &["a", "b", "c", "d"][..width];
        let probabilities = Array2::from_shape_vec((case.truth.len(), width), case.predicted.concat()).unwrap();
        let predicted = classes(names, probabilities);
        // Labels of the truth in another order: they are matched by name.
        let last = width as u32 - 1;
        let reversed: Vec<&str> = names.iter().rev().copied().collect();
        let codes = case.truth.iter().map(|code| last - code).collect();
        let y = Target::Classes(ClassTarget { codes, labels: labels(&reversed) });
        assert_scores(&score(&y, &predicted, None).unwrap(), &case.plain);
        assert_scores(&score(&y, &predicted, Some(weights.view())).unwrap(), &case.weighted);
    }
}

#[test]
fn intervals_have_the_measures_of_their_means_and_their_own() {
    let mean = array![1.0, 2.0, 4.0];
    let level = 0.5;
    let intervals = Intervals { lower: &mean - 1.0, upper: &mean + 1.0, mean: mean.clone(), level };
    let y = Target::Values(array![1.5, 2.0, 6.0]);
    let scores = score(&y, &Prediction::Intervals(intervals), None).unwrap();
    assert_eq!(names(&scores), ["r2", "rmse", "mae", "coverage", "mean_width", "interval_score"]);
    let plain = score(&y, &Prediction::Values(mean), None).unwrap();
    assert!(plain.iter().all(|(name, value)| scores.get(name) == Some(value)));
    assert_close(scores.get("coverage").unwrap(), 2.0 / 3.0, 1e-15);
    // The third is missed by 1, which counts 2 / (1 − level) times.
    assert_close(scores.get("interval_score").unwrap(), 2.0 + 4.0 / 3.0, 1e-15);
}

#[test]
fn the_positive_class_is_the_second_label_of_the_prediction() {
    let p = array![[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]];
    let scores = score(&truth(&["no", "no", "yes"]), &classes(&["no", "yes"], p.clone()), None).unwrap();
    assert_eq!(names(&scores), ["roc_auc", "pr_auc", "log_loss", "brier", "accuracy", "f1"]);
    assert_eq!((scores.get("roc_auc"), scores.get("f1")), (Some(1.0), Some(2.0 / 3.0)));
    let turned = score(&truth(&["no", "no", "yes"]), &classes(&["yes", "no"], p), None).unwrap();
    assert_eq!(turned.get("roc_auc"), Some(0.0));
}

#[test]
fn a_label_that_the_model_does_not_know_is_named_and_one_that_does_not_come_is_not_missed() {
    let p = classes(&["a", "b", "c"], array![[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]);
    let error = score(&truth(&["a", "d"]), &p, None).unwrap_err().to_string();
    assert_eq!(error, "column `truth`, row 2: `d` is none of the labels that were predicted (a, b, c): drop the row");
    // `d` is a label of the truth, and no row has it.
    let y = Target::Classes(ClassTarget { codes: array![0, 1], labels: labels(&["a", "b", "d"]) });
    let scores = score(&y, &p, None).unwrap();
    // Nothing is said of `c`, which neither came nor was predicted.
    assert_eq!((scores.get("f1"), scores.get("roc_auc"), scores.get("accuracy")), (Some(1.0), Some(1.0), Some(1.0)));
}

#[test]
fn what_is_not_defined_is_nan_and_the_rest_is_there() {
    let one = score(&Target::Values(array![1.0]), &Prediction::Values(array![3.0]), None).unwrap();
    assert!(one.get("r2").unwrap().is_nan());
    assert_eq!((one.get("mae"), one.get("rmse")), (Some(2.0), Some(2.0)));

    let p = classes(&["no", "yes"], array![[0.9, 0.1], [0.4, 0.6]]);
    let all_no = score(&truth(&["no", "no"]), &p, None).unwrap();
    assert!(all_no.get("roc_auc").unwrap().is_nan() && all_no.get("pr_auc").unwrap().is_nan());
    assert_eq!((all_no.get("accuracy"), all_no.get("f1")), (Some(0.5), Some(0.0)));
    // The only `yes` weighs nothing.
    let weights = array![1.0, 0.0];
    let weighted = score(&truth(&["no", "yes"]), &p, Some(weights.view())).unwrap();
    assert!(weighted.get("roc_auc").unwrap().is_nan());
    assert_eq!(weighted.get("accuracy"), Some(1.0));

    let p = classes(&["a", "b", "c"], array![[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]);
    assert!(score(&truth(&["a", "a"]), &p, None).unwrap().get("roc_auc").unwrap().is_nan());
}

#[test]
fn several_targets_are_measured_by_name() {
    let values = array![[1.0, 10.0, 5.0], [2.0, 30.0, 6.0]];
    let y = Target::Multi(MultiTarget { names: labels(&["clicks", "spend", "other"]), values });
    let mean = array![20.0, 20.0];
    let spend = Intervals { lower: &mean - 10.0, upper: &mean + 5.0, mean, level: 0.8 };
    let p = Prediction::Multi(vec![
        ("spend".into(), Prediction::Intervals(spend)),
        ("ctr".into(), Prediction::Values(array![0.1, 0.1])),
        ("clicks".into(), Prediction::Values(array![1.0, 2.0])),
    ]);
    let scores = score(&y, &p, None).unwrap();
    assert_eq!(
        names(&scores),
        [
            "clicks.r2",
            "clicks.rmse",
            "clicks.mae",
            "spend.r2",
            "spend.rmse",
            "spend.mae",
            "spend.coverage",
            "spend.mean_width",
            "spend.interval_score",
        ]
    );
    assert_eq!((scores.get("clicks.r2"), scores.get("spend.coverage")), (Some(1.0), Some(0.5)));
    let none = Prediction::Multi(vec![("ctr".into(), Prediction::Values(array![0.1, 0.1]))]);
    assert!(score(&y, &none, None).unwrap_err().to_string().contains("`clicks`"));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let says = |y: &Target, p: &Prediction| score(y, p, None).unwrap_err().to_string();
    let (y, p) = (Target::Values(array![1.0, 2.0]), Prediction::Values(array![1.0]));
    assert_eq!(says(&y, &p), "predictions of 1 rows beside 2 rows");
    let segments = Prediction::Segments(Segments { ids: vec![None; 2], strength: array![0.0, 0.0] });
    assert_eq!(says(&y, &segments), "the truth is numbers and the prediction segments: they cannot be compared");
    let p = Prediction::Values(array![1.0, 2.0]);
    assert!(says(&truth(&["a", "b"]), &p).starts_with("the truth is classes and the prediction numbers"));
    assert!(says(&Target::Values(array![]), &Prediction::Values(array![])).contains("no rows"));
    assert!(says(&y, &Prediction::Values(array![1.0, f64::NAN])).contains("row 2"));
    let short = classes(&["a", "b"], array![[0.5, 0.4], [0.5, 0.5]]);
    assert!(says(&truth(&["a", "b"]), &short).contains("sums to 0.9"));
}

#[test]
fn every_measure_that_has_a_direction_says_which() {
    let p = classes(&["no", "yes"], array![[0.9, 0.1], [0.4, 0.6]]);
    let right = score(&truth(&["no", "yes"]), &p, None).unwrap();
    let wrong = score(&truth(&["yes", "no"]), &p, None).unwrap();
    for ((name, right), (_, wrong)) in right.iter().zip(wrong.iter()) {
        assert_eq!(higher_is_better(name), Some(right > wrong), "{name}");
    }
    assert_eq!(higher_is_better("a.b.rmse"), Some(false));
    assert_eq!(
        (higher_is_better("coverage"), higher_is_better("mean_width"), higher_is_better("x")),
        (None, None, None)
    );
}

#[test]
fn the_baseline_is_the_weighted_mean_or_the_shares() {
    let weights = array![3.0, 1.0];
    let of = |target: &Target| baseline(target, Some(weights.view()), 3).unwrap();
    assert_eq!(of(&Target::Values(array![2.0, 6.0])), Prediction::Values(array![3.0, 3.0, 3.0]));
    let shares = of(&truth(&["yes", "no"]));
    assert_eq!(shares, classes(&["no", "yes"], array![[0.25, 0.75], [0.25, 0.75], [0.25, 0.75]]));
    let several = Target::Multi(MultiTarget { names: labels(&["a", "b"]), values: array![[2.0, 0.0], [6.0, 4.0]] });
    assert_eq!(of(&several).named("b").unwrap().point().unwrap(), &array![1.0, 1.0, 1.0]);
    assert!(baseline(&Target::Values(array![]), None, 3).unwrap_err().to_string().contains("no rows"));
}

#[test]
fn scores_are_written_as_a_map_in_order_and_what_is_not_finite_as_null() {
    let scores: Scores = [("r2", f64::NAN), ("mean_width", f64::INFINITY), ("a", 0.5)].into_iter().collect();
    let text = serde_json::to_string(&scores).unwrap();
    assert_eq!(text, r#"{"r2":null,"mean_width":null,"a":0.5}"#);
    let back: Scores = serde_json::from_str(&text).unwrap();
    assert_eq!(names(&back), names(&scores));
    assert!(back.get("r2").unwrap().is_nan() && back.get("a") == Some(0.5) && back.get("b").is_none());
}

#[test]
fn the_mean_over_folds_leaves_out_what_is_not_defined() {
    let fold = |r2: f64, mae: f64| [("r2", r2), ("mae", mae)].into_iter().collect::<Scores>();
    let mean = Scores::mean(&[fold(0.5, 1.0), fold(f64::NAN, 2.0), fold(1.0, 6.0)]);
    assert_eq!((mean.get("r2"), mean.get("mae")), (Some(0.75), Some(3.0)));
    assert!(Scores::mean(&[fold(f64::NAN, 1.0)]).get("r2").unwrap().is_nan());
    assert!(Scores::mean(&[]).is_empty());
}

proptest! {
    #[test]
    fn the_order_of_the_rows_changes_no_score(
        rows in prop::collection::vec((0u32..3, prop::collection::vec(0u32..9, 3), 0u32..4, 0u64..1000), 2..40),
    ) {
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|row| row.3);
        let of = |rows: &[(u32, Vec<u32>, u32, u64)]| {
            let flat: Vec<f64> = rows.iter().flat_map(|(_, p, ..)| {
                let total = f64::from(p.iter().sum::<u32>() + 3);
                p.iter().map(move |v| f64::from(v + 1) / total)
            }).collect();
            let codes: Array1<u32> = rows.iter().map(|row| row.0).collect();
            let weights: Array1<f64> = rows.iter().map(|row| f64::from(row.2) + 0.5).collect();
            let p = Array2::from_shape_vec((rows.len(), 3), flat).unwrap();
            let y = Target::Classes(ClassTarget { codes, labels: labels(&["a", "b", "c"]) });
            let one = p.column(0).to_owned();
            let numbers = score(&Target::Values(weights.clone()), &Prediction::Values(one), Some(weights.view())).unwrap();
            let classes = score(&y, &classes(&["a", "b", "c"], p), Some(weights.view())).unwrap();
            numbers.into_iter().chain(classes).map(|(_, value)| value).collect::<Vec<f64>>()
        };
        assert_all_close(&of(&rows), &of(&shuffled), 1e-9);
    }

    #[test]
    fn rows_twice_and_weights_of_two_are_the_same(
        rows in prop::collection::vec((0u32..2, 1u32..9, 1usize..3), 2..30),
    ) {
        let of = |rows: &[(u32, u32, usize)], weights: Option<Array1<f64>>| {
            let codes = rows.iter().map(|row| row.0).collect();
            let p = Array2::from_shape_fn((rows.len(), 2), |(r, c)| {
                let p = f64::from(rows[r].1) / 10.0;
                if c == 1 { p } else { 1.0 - p }
            });
            let y = Target::Classes(ClassTarget { codes, labels: labels(&["a", "b"]) });
            let scores = score(&y, &classes(&["a", "b"], p), weights.as_ref().map(|w| w.view())).unwrap();
            scores.into_iter().map(|(_, value)| value).collect::<Vec<f64>>()
        };
        let twice: Vec<_> = rows.iter().flat_map(|row| vec![*row; row.2]).collect();
        let weights = rows.iter().map(|row| row.2 as f64).collect();
        assert_all_close(&of(&rows, Some(weights)), &of(&twice, None), 1e-9);
    }
}
