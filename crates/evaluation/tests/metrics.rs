//! Metrics against scikit-learn's numbers, and what must be refused.

use adflux_evaluation::metrics::*;
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, ArrayView1, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

type Expected = BTreeMap<String, f64>;

#[derive(Deserialize)]
struct Regression {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    weights: Vec<f64>,
    plain: Expected,
    weighted: Expected,
}

#[test]
fn regression_and_intervals_are_scikit_learns() {
    let case: Regression = fixture("evaluation/regression.json");
    let (y, p, w) = (Array1::from(case.truth), Array1::from(case.predicted), Array1::from(case.weights));
    let (y, p) = (y.view(), p.view());
    let (lower, upper) = (&p - 1.5, &p + 2.0);
    let check = |expected: &Expected, weights: Option<ArrayView1<f64>>| {
        assert_close(mae(y, p, weights).unwrap(), expected["mae"], 1e-10);
        assert_close(mse(y, p, weights).unwrap(), expected["mse"], 1e-10);
        assert_close(rmse(y, p, weights).unwrap(), expected["rmse"], 1e-10);
        assert_close(r2(y, p, weights).unwrap(), expected["r2"], 1e-10);
        assert_close(pinball(y, p, 0.9, weights).unwrap(), expected["pinball"], 1e-10);
        assert_close(coverage(y, lower.view(), upper.view(), weights).unwrap(), expected["coverage"], 1e-10);
        let score = interval_score(y, lower.view(), upper.view(), 0.8, weights).unwrap();
        assert_close(score, expected["interval_score"], 1e-10);
        assert_close(mean_width(lower.view(), upper.view(), weights).unwrap(), 3.5, 1e-10);
    };
    check(&case.plain, None);
    check(&case.weighted, Some(w.view()));
}

#[derive(Deserialize)]
struct Classification {
    truth: Vec<bool>,
    score: Vec<f64>,
    hard: Vec<bool>,
    weights: Vec<f64>,
    codes: Vec<u32>,
    guess: Vec<u32>,
    probabilities: Vec<Vec<f64>>,
    plain: Expected,
    weighted: Expected,
}

#[test]
fn classification_is_scikit_learns_with_ties_and_weights() {
    let case: Classification = fixture("evaluation/classification.json");
    let (score, w) = (Array1::from(case.score), Array1::from(case.weights));
    let (codes, guess) = (Array1::from(case.codes), Array1::from(case.guess));
    let flat: Vec<f64> = case.probabilities.concat();
    let probabilities = Array2::from_shape_vec((codes.len(), 3), flat).unwrap();
    let check = |expected: &Expected, weights: Option<ArrayView1<f64>>| {
        assert_close(roc_auc(&case.truth, score.view(), weights).unwrap(), expected["roc_auc"], 1e-10);
        assert_close(pr_auc(&case.truth, score.view(), weights).unwrap(), expected["pr_auc"], 1e-10);
        assert_close(brier(&case.truth, score.view(), weights).unwrap(), expected["brier"], 1e-10);
        assert_close(precision(&case.truth, &case.hard, weights).unwrap(), expected["precision"], 1e-10);
        assert_close(recall(&case.truth, &case.hard, weights).unwrap(), expected["recall"], 1e-10);
        assert_close(f1(&case.truth, &case.hard, weights).unwrap(), expected["f1"], 1e-10);
        assert_close(accuracy(codes.view(), guess.view(), weights).unwrap(), expected["accuracy"], 1e-10);
        assert_close(log_loss(codes.view(), probabilities.view(), weights).unwrap(), expected["log_loss"], 1e-10);
    };
    check(&case.plain, None);
    check(&case.weighted, Some(w.view()));
}

#[derive(Deserialize)]
struct Clustering {
    x: Vec<Vec<f64>>,
    segments: Vec<u32>,
    silhouette_samples: Vec<f64>,
    silhouette: f64,
    calinski_harabasz: f64,
    davies_bouldin: f64,
}

#[test]
fn measures_of_segments_are_scikit_learns() {
    for case in fixture::<Vec<Clustering>>("evaluation/clustering.json") {
        let x = Array2::from_shape_vec((case.x.len(), case.x[0].len()), case.x.concat()).unwrap();
        let (x, segments) = (x.view(), &case.segments[..]);
        assert_all_close(&silhouette_samples(x, segments).unwrap(), &case.silhouette_samples, 1e-10);
        assert_close(silhouette(x, segments).unwrap(), case.silhouette, 1e-10);
        assert_close(calinski_harabasz(x, segments).unwrap(), case.calinski_harabasz, 1e-10);
        assert_close(davies_bouldin(x, segments).unwrap(), case.davies_bouldin, 1e-10);
    }
}

#[test]
fn a_sample_of_all_rows_is_the_silhouette_and_a_smaller_one_is_near() {
    let x = Array2::from_shape_fn((600, 2), |(row, column)| (row % 3 * 4 + (row * 7 + column * 3) % 5) as f64);
    let segments: Vec<u32> = (0..600).map(|row| row % 3).collect();
    let exact = silhouette(x.view(), &segments).unwrap();
    assert_eq!(silhouette_sampled(x.view(), &segments, 600, 1).unwrap(), exact);
    let sampled = silhouette_sampled(x.view(), &segments, 200, 1).unwrap();
    assert!(sampled != exact && (sampled - exact).abs() < 0.05, "{sampled} {exact}");
    assert_eq!(sampled, silhouette_sampled(x.view(), &segments, 200, 1).unwrap());
}

#[test]
fn the_silhouette_has_the_same_bits_on_one_thread_and_two() {
    let x = Array2::from_shape_fn((203, 5), |(row, column)| ((row * 31 + column * 17) % 101) as f64 / 7.0);
    let segments: Vec<u32> = (0..203).map(|row| row * row % 7).collect();
    let on = |threads| {
        let context = adflux_core::Context::default().with_threads(threads).unwrap();
        context.run(|| silhouette(x.view(), &segments)).unwrap().to_bits()
    };
    assert_eq!(on(1), on(2));
}

#[test]
fn measures_of_many_rows_have_the_same_bits_on_one_thread_and_two_and_are_the_plain_sums() {
    let rows = 100_000;
    let number = |factor: usize| Array1::from_shape_fn(rows, |row| 0.5 + (row * factor % 9973) as f64 / 9973.0);
    let (y, p, w) = (number(7919), number(104_729), number(1_299_709));
    let truth: Vec<bool> = y.iter().map(|y| *y > 1.1).collect();
    let measures = || {
        [None, Some(w.view())].map(|w| {
            [
                roc_auc(&truth, p.view(), w).unwrap(),
                pr_auc(&truth, p.view(), w).unwrap(),
                r2(y.view(), p.view(), w).unwrap(),
                poisson_deviance(y.view(), p.view(), w).unwrap(),
            ]
        })
    };
    let on = |threads| adflux_core::Context::default().with_threads(threads).unwrap().run(measures);
    let found = on(1);
    assert_eq!(found.map(|all| all.map(f64::to_bits)), on(2).map(|all| all.map(f64::to_bits)));

    let sum = |of: &dyn Fn(f64, f64) -> f64| y.iter().zip(&p).zip(&w).map(|((y, p), w)| w * of(*y, *p)).sum::<f64>();
    let mean = sum(&|y, _| y) / w.sum();
    let unexplained = sum(&|y, p| (y - p).powi(2)) / sum(&|y, _| (y - mean).powi(2));
    assert_close(found[1][2], 1.0 - unexplained, 1e-12);
    assert_close(found[1][3], sum(&|y, p| 2.0 * (y * (y / p).ln() - y + p)) / w.sum(), 1e-12);
}

#[test]
fn the_first_of_many_rows_that_cannot_be_is_named() {
    let fine = Array1::from_elem(50_000, 1.0);
    let with = |value: f64| {
        let mut values = fine.clone();
        (values[20_000], values[40_000]) = (value, value);
        values
    };
    let says = |result: adflux_core::Result<f64>| result.unwrap_err().to_string();
    let truth = vec![true; 50_000];
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for weights in [None, Some(fine.view())] {
            let said = says(roc_auc(&truth, with(value).view(), weights));
            assert!(said.starts_with("column `score`, row 20001: missing or infinite"), "{said}");
        }
        assert!(says(r2(fine.view(), with(value).view(), None)).starts_with("column `prediction`, row 20001"));
    }
    assert!(says(mae(fine.view(), fine.view(), Some(with(-1.0).view()))).contains("row 20001: -1"));
    assert!(says(brier(&truth, with(2.0).view(), None)).contains("row 20001: 2 does not lie"));
    assert!(says(poisson_deviance(fine.view(), with(0.0).view(), None)).contains("row 20001"));
}

#[test]
fn what_cannot_be_measured_is_refused_by_name() {
    let (y, p) = (array![1.0, 2.0], array![1.0, 2.0]);
    let says = |result: adflux_core::Result<f64>| result.unwrap_err().to_string();
    let none = Array1::<f64>::zeros(0);
    assert!(says(mae(none.view(), none.view(), None)).contains("no rows"));
    assert_eq!(says(mae(y.view(), array![1.0].view(), None)), "predictions of 1 rows beside 2 rows");
    assert!(says(mae(y.view(), array![1.0, f64::NAN].view(), None)).starts_with("column `prediction`, row 2"));
    assert!(says(mae(y.view(), p.view(), Some(array![0.0, 0.0].view()))).contains("all are zero"));
    assert!(says(mae(y.view(), p.view(), Some(array![1.0, -1.0].view()))).contains("row 2: -1"));
    assert!(says(r2(y.view(), p.view(), Some(array![1.0, 0.0].view()))).contains("two rows"));
    assert!(says(roc_auc(&[true, true], y.view(), None)).contains("both classes"));
    // The only row of the other class has no weight.
    assert!(says(roc_auc(&[true, false], y.view(), Some(array![1.0, 0.0].view()))).contains("both classes"));
    assert!(says(pr_auc(&[false, false], y.view(), None)).contains("none"));
    assert!(says(brier(&[true, false], y.view(), None)).contains("row 2: 2 does not lie"));
    assert!(says(log_loss(array![0].view(), array![[0.5, 0.4]].view(), None)).contains("sums to 0.9"));
    assert!(says(log_loss(array![2].view(), array![[0.5, 0.5]].view(), None)).contains("class 2 of 2"));
    assert!(says(pinball(y.view(), p.view(), 1.0, None)).contains("quantile"));
    assert!(says(coverage(y.view(), array![0.0, 3.0].view(), array![1.0, 2.0].view(), None)).contains("row 2"));
    let x = array![[0.0], [1.0], [2.0]];
    assert!(says(silhouette(x.view(), &[1, 1, 1])).starts_with("1 segments of 3 rows"));
    assert!(says(silhouette(x.view(), &[1, 2, 3])).starts_with("3 segments of 3 rows"));
    assert!(says(davies_bouldin(x.view(), &[1])).contains("1 rows beside 3"));
    assert!(says(silhouette(array![[0.0], [f64::NAN], [1.0]].view(), &[0, 0, 1])).contains("row 2"));
}

#[test]
fn constant_truth_and_infinite_intervals_have_an_answer() {
    let y = array![2.0, 2.0];
    assert_eq!(r2(y.view(), y.view(), None).unwrap(), 1.0);
    assert_eq!(r2(y.view(), array![2.0, 3.0].view(), None).unwrap(), 0.0);
    // 0.1 has no exact form in binary: the mean of three is another number.
    let (y, other) = (array![0.1, 0.1, 0.1], array![0.2, 0.2, 0.2]);
    let uneven = array![0.2, 0.3, 0.4];
    for weights in [None, Some(array![0.3, 0.3, 0.3])] {
        let weights = weights.as_ref().map(Array1::view);
        for (p, r2_of, explained) in [(&y, 1.0, 1.0), (&other, 0.0, 1.0), (&uneven, 0.0, 0.0)] {
            assert_eq!(r2(y.view(), p.view(), weights).unwrap(), r2_of);
            assert_eq!(explained_variance(y.view(), p.view(), weights).unwrap(), explained);
            for power in [0.0, 1.0, 1.5, 2.0, 3.0, -0.5] {
                assert_eq!(d2_tweedie(y.view(), p.view(), power, weights).unwrap(), r2_of, "power {power}");
            }
        }
    }
    // Constant among the rows that count.
    let (y, weights) = (array![0.1, 7.0, 0.1, 0.1], array![1.0, 0.0, 1.0, 1.0]);
    assert_eq!(r2(y.view(), array![0.2, 0.2, 0.2, 0.2].view(), Some(weights.view())).unwrap(), 0.0);
    let y = array![2.0, 2.0];
    let (lower, upper) = (array![f64::NEG_INFINITY, 0.0], array![f64::INFINITY, 1.0]);
    assert_eq!(coverage(y.view(), lower.view(), upper.view(), None).unwrap(), 0.5);
    assert_eq!(mean_width(lower.view(), upper.view(), None).unwrap(), f64::INFINITY);
    assert_eq!(mean_width(lower.view(), upper.view(), Some(array![0.0, 1.0].view())).unwrap(), 1.0);
}

proptest! {
    #[test]
    fn the_area_is_the_share_of_pairs_in_order(rows in prop::collection::vec((any::<bool>(), 0u8..6), 2..40)) {
        let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
        prop_assume!(truth.contains(&true) && truth.contains(&false));
        let score: Array1<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let (mut won, mut pairs) = (0.0, 0.0);
        for (i, _) in truth.iter().enumerate().filter(|t| *t.1) {
            for (j, _) in truth.iter().enumerate().filter(|t| !*t.1) {
                pairs += 1.0;
                won += if score[i] > score[j] { 1.0 } else if score[i] == score[j] { 0.5 } else { 0.0 };
            }
        }
        prop_assert!((roc_auc(&truth, score.view(), None).unwrap() - won / pairs).abs() < 1e-12);
    }

    #[test]
    fn rows_that_are_counted_are_ranked_as_rows_that_weigh_one(
        rows in prop::collection::vec((any::<bool>(), 0usize..9, -2.0..2.0f64), 2..60),
        drop in any::<bool>(),
    ) {
        // Many ties, both zeros, and the ends of what there is.
        let often = [0.0, -0.0, f64::MIN_POSITIVE, -1e-310, f64::MAX, f64::MIN, 0.5];
        let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
        prop_assume!(truth.contains(&true) && truth.contains(&false));
        let score: Array1<f64> = rows.iter().map(|r| often.get(r.1).copied().unwrap_or(r.2)).collect();
        let ones = Array1::ones(rows.len());
        let of = |w: Option<ArrayView1<f64>>| {
            (
                roc_auc(&truth, score.view(), w).unwrap().to_bits(),
                pr_auc(&truth, score.view(), w).unwrap().to_bits(),
                roc_curve(&truth, score.view(), drop, w).unwrap(),
                precision_recall_curve(&truth, score.view(), w).unwrap(),
                gain_table(&truth, score.view(), 4, w).unwrap(),
                cost_curve(&truth, score.view(), &Costs::new(1.0, 3.0), w).unwrap(),
            )
        };
        prop_assert_eq!(of(None), of(Some(ones.view())));
    }

    #[test]
    fn a_weight_of_two_is_the_row_twice(rows in prop::collection::vec((any::<bool>(), 0u8..9, 0u8..4), 4..30)) {
        let twice: Vec<_> = rows.iter().flat_map(|r| std::iter::repeat_n((r.0, r.1), r.2 as usize)).collect();
        prop_assume!(twice.iter().any(|r| r.0) && twice.iter().any(|r| !r.0));
        let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
        let score: Array1<f64> = rows.iter().map(|r| f64::from(r.1) / 8.0).collect();
        let weights: Array1<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
        let truth_twice: Vec<bool> = twice.iter().map(|r| r.0).collect();
        let score_twice: Array1<f64> = twice.iter().map(|r| f64::from(r.1) / 8.0).collect();
        for measure in [roc_auc, pr_auc, brier] {
            let weighted = measure(&truth, score.view(), Some(weights.view())).unwrap();
            let repeated = measure(&truth_twice, score_twice.view(), None).unwrap();
            prop_assert!((weighted - repeated).abs() < 1e-12);
        }
    }
}
