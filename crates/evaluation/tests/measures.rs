//! The measures beyond the basic ones, against scikit-learn's numbers and against their definitions.

use adflux_core::Context;
use adflux_evaluation::{calibration::Bins, metrics::*};
use adflux_testing::{assert_all_close, assert_close, fixture};
use ndarray::{Array1, Array2, ArrayView1, array};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

const TOLERANCE: f64 = 1e-10;

type Expected = BTreeMap<String, Option<f64>>;
type Measure = fn(ArrayView1<f64>, ArrayView1<f64>, Option<ArrayView1<f64>>) -> adflux_core::Result<f64>;

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn says<T: std::fmt::Debug>(result: adflux_core::Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[derive(Deserialize)]
struct Numbers {
    truth: Array,
    predicted: Array,
    weights: Array,
    plain: Expected,
    weighted: Expected,
}

#[derive(Deserialize)]
#[serde(from = "Vec<f64>")]
struct Array(Array1<f64>);

impl From<Vec<f64>> for Array {
    fn from(values: Vec<f64>) -> Self {
        Array(values.into())
    }
}

#[test]
fn measures_of_numbers_are_scikit_learns() {
    let case: Numbers = fixture("metrics/numbers.json");
    let (y, p, w) = (case.truth.0.view(), case.predicted.0.view(), case.weights.0.view());
    let measures: [(&str, Measure); 8] = [
        ("mape", mape),
        ("smape", smape),
        ("wape", wape),
        ("median_absolute_error", median_absolute_error),
        ("max_error", max_error),
        ("explained_variance", explained_variance),
        ("d2_absolute_error", d2_absolute_error),
        ("d2_pinball", |y, p, w| d2_pinball(y, p, 0.8, w)),
    ];
    assert_eq!(measures.len(), case.plain.len());
    for (name, measure) in measures {
        assert_close(measure(y, p, None).unwrap(), case.plain[name].unwrap(), TOLERANCE);
        assert_close(measure(y, p, Some(w)).unwrap(), case.weighted[name].unwrap(), TOLERANCE);
    }
}

#[derive(Deserialize)]
struct Deviance {
    power: f64,
    #[serde(flatten)]
    rows: Numbers,
}

#[test]
fn deviances_are_scikit_learns() {
    for Deviance { power, rows } in fixture::<Vec<Deviance>>("metrics/deviances.json") {
        let (y, p) = (rows.truth.0.view(), rows.predicted.0.view());
        for (expected, w) in [(&rows.plain, None), (&rows.weighted, Some(rows.weights.0.view()))] {
            assert_close(tweedie_deviance(y, p, power, w).unwrap(), expected["deviance"].unwrap(), TOLERANCE);
            if let Some(d2) = expected["d2"] {
                assert_close(d2_tweedie(y, p, power, w).unwrap(), d2, TOLERANCE);
            }
        }
    }
}

#[derive(Deserialize)]
struct Classes {
    classes: usize,
    truth: Vec<u32>,
    predicted: Vec<u32>,
    weights: Array,
    plain: Expected,
    weighted: Expected,
    each_plain: BTreeMap<String, Vec<f64>>,
    each_weighted: BTreeMap<String, Vec<f64>>,
}

#[test]
fn measures_of_classes_are_scikit_learns_with_classes_that_never_come() {
    for case in fixture::<Vec<Classes>>("metrics/classes.json") {
        let (y, p) = (Array1::from(case.truth), Array1::from(case.predicted));
        let weighted = (&case.weighted, &case.each_weighted, Some(case.weights.0.view()));
        for (expected, each, w) in [(&case.plain, &case.each_plain, None), weighted] {
            let found = ConfusionMatrix::new(y.view(), p.view(), case.classes, w).unwrap();
            let is = |name: &str, value: f64| assert_close(value, expected[name].unwrap(), TOLERANCE);
            is("accuracy", found.accuracy());
            is("balanced_accuracy", found.balanced_accuracy());
            is("mcc", found.mcc());
            is("kappa_none", found.cohen_kappa(Disagreement::Any).unwrap());
            is("kappa_linear", found.cohen_kappa(Disagreement::Linear).unwrap());
            is("kappa_quadratic", found.cohen_kappa(Disagreement::Quadratic).unwrap());
            let averages = [
                ("macro", Average::Macro),
                ("micro", Average::Micro),
                ("weighted", Average::Weighted),
                ("binary", Average::Binary),
            ];
            for (name, average) in averages.into_iter().take(if case.classes == 2 { 4 } else { 3 }) {
                is(&format!("precision_{name}"), found.precision(average).unwrap());
                is(&format!("recall_{name}"), found.recall(average).unwrap());
                is(&format!("f2_{name}"), found.f_beta(2.0, average).unwrap());
            }
            assert_all_close(found.counts(), &each["confusion"], TOLERANCE);
            assert_all_close(&found.precision_of_classes(), &each["precision"], TOLERANCE);
            assert_all_close(&found.recall_of_classes(), &each["recall"], TOLERANCE);
            assert_all_close(&found.f_beta_of_classes(0.5).unwrap(), &each["f_half"], TOLERANCE);
        }
    }
}

#[derive(Deserialize)]
struct Points {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    thresholds: Vec<f64>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    at: Vec<f64>,
}

#[derive(Deserialize)]
struct Curves {
    truth: Vec<bool>,
    score: Array,
    weights: Array,
    plain: Points,
    dropped: Points,
    weighted: Points,
    ece: BTreeMap<String, f64>,
    distinct: Array,
    lift: Vec<f64>,
    gain: Vec<f64>,
    costs: Costs,
    cost: Vec<f64>,
    cost_weighted: Vec<f64>,
}

#[test]
fn curves_are_scikit_learns_with_ties_and_weights() {
    let case: Curves = fixture("metrics/curves.json");
    let (score, w) = (case.score.0.view(), Some(case.weights.0.view()));
    for (expected, drop, weights) in
        [(&case.plain, false, None), (&case.dropped, true, None), (&case.weighted, false, w)]
    {
        let roc = roc_curve(&case.truth, score, drop, weights).unwrap();
        assert_all_close(&roc.false_positive_rate, &expected.fpr, TOLERANCE);
        assert_all_close(&roc.true_positive_rate, &expected.tpr, TOLERANCE);
        assert_eq!((roc.thresholds[0], &roc.thresholds[1..]), (f64::INFINITY, &expected.thresholds[..]));
        let curve = precision_recall_curve(&case.truth, score, weights).unwrap();
        assert_all_close(&curve.precision, &expected.precision, TOLERANCE);
        assert_all_close(&curve.recall, &expected.recall, TOLERANCE);
        assert_eq!(curve.thresholds, expected.at);
    }
    // Four scores on two straight lines: the corner is kept.
    let (truth, score) = ([true, true, false, false], array![0.9, 0.8, 0.3, 0.2]);
    let points = |drop| roc_curve(&truth, score.view(), drop, None).unwrap().thresholds.len();
    assert_eq!((points(false), points(true)), (5, 4));
}

#[test]
fn calibration_error_gains_and_costs_are_those_of_their_definitions() {
    let case: Curves = fixture("metrics/curves.json");
    let (score, w) = (case.score.0.view(), Some(case.weights.0.view()));
    for (name, bins) in [("uniform", Bins::EqualWidth(5)), ("quantile", Bins::EqualCount(5))] {
        assert_close(ece(&case.truth, score, bins, None).unwrap(), case.ece[name], TOLERANCE);
        assert_close(ece(&case.truth, score, bins, w).unwrap(), case.ece[&format!("{name}_weighted")], TOLERANCE);
    }
    let table = gain_table(&case.truth, case.distinct.0.view(), 10, None).unwrap();
    let of = |pick: fn(&GainRow) -> f64| table.iter().map(pick).collect::<Vec<f64>>();
    assert_all_close(&of(|row| row.gain), &case.gain, TOLERANCE);
    assert_all_close(&of(|row| row.cumulative_lift), &case.lift, TOLERANCE);
    assert_close(lift_at(&case.truth, case.distinct.0.view(), 0.3, None).unwrap(), case.lift[2], TOLERANCE);
    assert_close(gain_at(&case.truth, case.distinct.0.view(), 0.7, None).unwrap(), case.gain[6], TOLERANCE);

    let curve = cost_curve(&case.truth, score, &case.costs, None).unwrap();
    assert_all_close(&curve.costs, &case.cost, TOLERANCE);
    let least = case.cost.iter().copied().fold(f64::INFINITY, f64::min);
    assert_close(curve.best().1, least, TOLERANCE);
    assert_all_close(&cost_curve(&case.truth, score, &case.costs, w).unwrap().costs, &case.cost_weighted, TOLERANCE);
    assert_eq!(Costs::new(1.0, 4.0).threshold().unwrap(), 0.2);
}

#[derive(Deserialize)]
struct ManyClasses {
    truth: Vec<u32>,
    probabilities: Vec<Vec<f64>>,
    weights: Array,
    #[serde(flatten)]
    expected: BTreeMap<String, f64>,
}

#[test]
fn areas_of_many_classes_are_scikit_learns() {
    let case: ManyClasses = fixture("metrics/multiclass.json");
    let (y, p) = (Array1::from(case.truth), matrix(&case.probabilities));
    let area = |kind, prevalence, w| roc_auc_multiclass(y.view(), p.view(), kind, prevalence, w).unwrap();
    let w = Some(case.weights.0.view());
    assert_close(area(MultiClass::OneVsRest, false, None), case.expected["ovr_macro"], TOLERANCE);
    assert_close(area(MultiClass::OneVsRest, true, None), case.expected["ovr_weighted"], TOLERANCE);
    assert_close(area(MultiClass::OneVsOne, false, None), case.expected["ovo_macro"], TOLERANCE);
    assert_close(area(MultiClass::OneVsOne, true, None), case.expected["ovo_weighted"], TOLERANCE);
    assert_close(area(MultiClass::OneVsRest, false, w), case.expected["ovr_macro_weights"], TOLERANCE);
    assert_close(area(MultiClass::OneVsRest, true, w), case.expected["ovr_weighted_weights"], TOLERANCE);
}

#[test]
fn rows_of_no_weight_are_left_out_and_a_weight_of_two_is_the_row_twice() {
    let (y, said) = (array![0, 1, 2, 0, 1, 1, 2], array![0, 1, 2, 1, 1, 0, 0]);
    let p = Array2::from_shape_fn((7, 3), |(row, class)| if said[row] == class as u32 { 0.5 } else { 0.25 });
    // Class 2 has only rows of weight 0.
    let (weights, rows) = (array![1.0, 2.0, 0.0, 1.0, 1.0, 2.0, 0.0], [0, 1, 1, 3, 4, 5, 5]);
    let take = |codes: &Array1<u32>| codes.select(ndarray::Axis(0), &rows);
    let weighted = ConfusionMatrix::new(y.view(), said.view(), 3, Some(weights.view())).unwrap();
    let repeated = ConfusionMatrix::new(take(&y).view(), take(&said).view(), 3, None).unwrap();
    assert_eq!(weighted, repeated);
    // scikit-learn's f1_score of the repeated rows: the classes 0 and 1.
    assert_close(weighted.f_beta(1.0, Average::Macro).unwrap(), 0.533_333_333_333_333_3, TOLERANCE);
    // Of every pair of classes scikit-learn takes no weights: those of whole rows are rows.
    let (weights, rows) = (array![1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 0.0], [0, 1, 1, 2, 3, 4, 5, 5, 5]);
    let (again, twice) = (y.select(ndarray::Axis(0), &rows), p.select(ndarray::Axis(0), &rows));
    for prevalence in [false, true] {
        let kind = MultiClass::OneVsOne;
        let weighted = roc_auc_multiclass(y.view(), p.view(), kind, prevalence, Some(weights.view())).unwrap();
        let repeated = roc_auc_multiclass(again.view(), twice.view(), kind, prevalence, None).unwrap();
        assert_close(weighted, repeated, TOLERANCE);
    }
}

#[derive(Deserialize)]
struct Segments {
    truth: Vec<u32>,
    segments: Vec<u32>,
    ari: f64,
    nmi: f64,
    ami: f64,
    homogeneity: f64,
    completeness: f64,
    v_measure: f64,
}

#[test]
fn agreement_of_segments_is_scikit_learns() {
    for case in fixture::<Vec<Segments>>("metrics/segments.json") {
        let (a, b) = (&case.truth[..], &case.segments[..]);
        assert_close(adjusted_rand(a, b).unwrap(), case.ari, TOLERANCE);
        assert_close(normalized_mutual_info(a, b).unwrap(), case.nmi, TOLERANCE);
        assert_close(adjusted_mutual_info(a, b).unwrap(), case.ami, TOLERANCE);
        let split = v_measure(a, b).unwrap();
        assert_close(split.homogeneity, case.homogeneity, TOLERANCE);
        assert_close(split.completeness, case.completeness, TOLERANCE);
        assert_close(split.v_measure, case.v_measure, TOLERANCE);
    }
}

#[derive(Deserialize)]
struct Forecasts {
    history: Array,
    truth: Array,
    predicted: Array,
    lower: Array,
    upper: Array,
    samples: Vec<Vec<f64>>,
    quantiles: Vec<Vec<f64>>,
    levels: Vec<f64>,
    weights: Array,
    plain: Expected,
    weighted: Expected,
}

#[test]
fn measures_of_forecasts_are_those_of_their_definitions() {
    let case: Forecasts = fixture("metrics/forecasts.json");
    let (y, p, history) = (case.truth.0.view(), case.predicted.0.view(), case.history.0.view());
    let (lower, upper) = (case.lower.0.view(), case.upper.0.view());
    let (samples, quantiles) = (matrix(&case.samples), matrix(&case.quantiles));
    for (expected, w) in [(&case.plain, None), (&case.weighted, Some(case.weights.0.view()))] {
        let is = |name: &str, value: f64| assert_close(value, expected[name].unwrap(), TOLERANCE);
        is("mase", mase(y, p, history, 7, w).unwrap());
        is("rmsse", rmsse(y, p, history, 1, w).unwrap());
        is("msis", msis(y, lower, upper, 0.9, history, 7, w).unwrap());
        is("crps_quantiles", crps_from_quantiles(y, quantiles.view(), &case.levels, w).unwrap());
        is("crps_samples", crps_from_samples(y, samples.view(), w).unwrap());
    }
}

#[derive(Deserialize)]
struct Rankings {
    relevance: Vec<Vec<f64>>,
    scores: Vec<Vec<f64>>,
    weights: Vec<f64>,
    plain: Expected,
    weighted: Expected,
}

#[test]
fn gains_of_rankings_are_scikit_learns_with_ties() {
    let case: Rankings = fixture("metrics/rankings.json");
    let per_query = case.relevance[0].len();
    let (relevance, scores) = (Array1::from(case.relevance.concat()), Array1::from(case.scores.concat()));
    let queries: Vec<u32> = (0..relevance.len()).map(|row| 90 - (row / per_query) as u32).collect();
    let weights: Array1<f64> = (0..relevance.len()).map(|row| case.weights[row / per_query]).collect();
    let (relevance, scores) = (relevance.view(), scores.view());
    for (expected, w) in [(&case.plain, None), (&case.weighted, Some(weights.view()))] {
        for (name, k) in [("None", None), ("1", Some(1)), ("4", Some(4)), ("20", Some(20))] {
            let (of_ndcg, of_dcg) = (expected[&format!("ndcg_{name}")], expected[&format!("dcg_{name}")]);
            assert_close(ndcg(relevance, scores, &queries, k, w).unwrap(), of_ndcg.unwrap(), TOLERANCE);
            assert_close(dcg(relevance, scores, &queries, k, w).unwrap(), of_dcg.unwrap(), TOLERANCE);
        }
    }
}

#[test]
fn ties_in_a_ranking_count_the_mean_over_their_orders() {
    let relevance = [1.0, 0.0, 2.0, 0.0];
    let score = [0.5, 0.9, 0.5, 0.5];
    let tied = |measure: &dyn Fn(ArrayView1<f64>, ArrayView1<f64>) -> f64| {
        measure(ArrayView1::from(&relevance), ArrayView1::from(&score))
    };
    // The same with every order of the three equals made a score of its own.
    let mean = |measure: &dyn Fn(ArrayView1<f64>, ArrayView1<f64>) -> f64| {
        let orders =
            [[3.0, 2.0, 1.0], [3.0, 1.0, 2.0], [2.0, 3.0, 1.0], [2.0, 1.0, 3.0], [1.0, 3.0, 2.0], [1.0, 2.0, 3.0]];
        let of = |o: [f64; 3]| measure(ArrayView1::from(&relevance), array![o[0], 9.0, o[1], o[2]].view());
        orders.into_iter().map(of).sum::<f64>() / 6.0
    };
    let queries = [0; 4];
    for k in 1..=4 {
        let precision = |r: ArrayView1<f64>, s: ArrayView1<f64>| precision_at_k(r, s, &queries, k, None).unwrap();
        let recall = |r: ArrayView1<f64>, s: ArrayView1<f64>| recall_at_k(r, s, &queries, k, None).unwrap();
        assert_close(tied(&precision), mean(&precision), 1e-12);
        assert_close(tied(&recall), mean(&recall), 1e-12);
    }
    let reciprocal = |r: ArrayView1<f64>, s: ArrayView1<f64>| mean_reciprocal_rank(r, s, &queries, None).unwrap();
    assert_close(tied(&reciprocal), mean(&reciprocal), 1e-12);
}

#[test]
fn numbers_out_of_the_range_of_their_family_are_refused_by_row() {
    let (good, bad) = (array![1.0, 2.0], array![1.0, -2.0]);
    let text = says(poisson_deviance(bad.view(), good.view(), None));
    assert!(
        text.starts_with("column `truth`, row 2: -2 where a Poisson deviance") && text.contains("0 or more"),
        "{text}"
    );
    assert!(says(gamma_deviance(array![0.0, 1.0].view(), good.view(), None)).contains("`truth`, row 1"));
    assert!(says(poisson_deviance(good.view(), array![1.0, 0.0].view(), None)).contains("`prediction`, row 2"));
    assert!(says(tweedie_deviance(good.view(), good.view(), 0.5, None)).contains("`power` = 0.5"));
    assert!(says(d2_tweedie(array![0.0, 0.0].view(), good.view(), 1.0, None)).contains("its mean is 0"));
    assert!(says(wape(array![0.0, 0.0].view(), good.view(), None)).contains("all are 0"));
    let one = array![1.0];
    assert!(says(explained_variance(one.view(), one.view(), None)).contains("two rows"));
    assert!(says(d2_pinball(good.view(), good.view(), 1.5, None)).contains("`quantile`"));
}

#[test]
fn one_class_and_what_has_no_meaning_is_refused_and_says_what_to_do() {
    let score = array![0.1, 0.2];
    assert!(says(roc_curve(&[true, true], score.view(), true, None)).contains("both classes"));
    assert!(says(precision_recall_curve(&[false, false], score.view(), None)).contains("there are none"));
    assert!(says(gain_table(&[false, false], score.view(), 10, None)).contains("there are none"));
    assert!(says(lift_at(&[true, false], score.view(), 0.0, None)).contains("`share`"));
    assert!(says(gain_table(&[true, false], score.view(), 0, None)).contains("`parts`"));
    assert!(says(ece(&[true, false], score.view(), Bins::EqualWidth(0), None)).contains("`bins`"));
    assert!(says(ece(&[true], array![1.5].view(), Bins::EqualWidth(2), None)).contains("row 1: 1.5"));
    assert!(says(cost_curve(&[true, false], score.view(), &Costs::new(0.0, 1.0), None)).contains("`false_positive`"));
    let (codes, two) = (array![0, 0], array![[0.5, 0.5], [0.4, 0.6]]);
    let area = |kind| says(roc_auc_multiclass(codes.view(), two.view(), kind, false, None));
    assert!(area(MultiClass::OneVsRest).contains("class 1"));
    let same = ConfusionMatrix::new(codes.view(), codes.view(), 1, None).unwrap();
    assert!(says(same.cohen_kappa(Disagreement::Any)).contains("one"));
    assert_eq!((same.mcc(), same.balanced_accuracy()), (0.0, 1.0));
    assert_eq!(same.f_beta(1.0, Average::Macro).unwrap(), 1.0);
    assert!(says(same.precision(Average::Binary)).contains("macro"));
    assert!(says(ConfusionMatrix::new(codes.view(), codes.view(), 3_000_000_000, None)).contains("at most 10000"));
    let (below, ones) = (array![-1.0, -2.0], array![1.0, 1.0]);
    assert!(says(d2_tweedie(below.view(), ones.view(), -0.5, None)).contains("its mean is -1.5"));
    assert!(d2_tweedie(below.view(), ones.view(), 0.0, None).unwrap() < 0.0);
    assert!(says(ConfusionMatrix::new(array![0, 3].view(), codes.view(), 2, None)).contains("`truth`, row 2: class 3"));
    let (y, flat) = (array![1.0], array![2.0, 2.0, 2.0]);
    assert!(says(mase(y.view(), y.view(), flat.view(), 1, None)).contains("repeats itself"));
    assert!(says(mase(y.view(), y.view(), flat.view(), 3, None)).contains("3 steps"));
    assert!(says(crps_from_quantiles(y.view(), array![[1.0, 2.0]].view(), &[0.9, 0.1], None)).contains("must rise"));
    let relevance = array![-1.0, 0.0];
    assert!(says(ndcg(relevance.view(), score.view(), &[0, 0], None, None)).contains("row 1: -1"));
    assert!(says(recall_at_k(array![0.0, 0.0].view(), score.view(), &[0, 0], 1, None)).contains("no query"));
    assert!(says(dcg(score.view(), score.view(), &[0, 0], Some(0), None)).contains("`k`"));
    assert!(says(adjusted_rand(&[0, 1], &[0])).contains("1 rows beside 2"));
    let naive = ForecastErrors { smape: 0.0, mase: 1.0 };
    assert!(says(owa(naive, naive)).contains("`smape`"));
}

#[test]
fn many_rows_have_the_same_bits_on_one_thread_and_two() {
    let rows = 100_003;
    let y = Array1::from_shape_fn(rows, |row| (row * 7919 % 10_007) as f64 / 101.0);
    let p = Array1::from_shape_fn(rows, |row| (row * 104_729 % 10_009) as f64 / 10_009.0);
    let w = Array1::from_shape_fn(rows, |row| (row % 11) as f64 / 3.0);
    let truth: Vec<bool> = (0..rows).map(|row| row * 31 % 7 < 2).collect();
    let all = |threads: usize| {
        let context = Context::default().with_threads(threads).unwrap();
        context.run(|| {
            let (y, p, w) = (y.view(), p.view(), Some(w.view()));
            [
                mae(y, p, w).unwrap(),
                r2(y, p, None).unwrap(),
                median_absolute_error(y, p, w).unwrap(),
                d2_tweedie(y, (&p + 0.1).view(), 1.5, w).unwrap(),
                roc_auc(&truth, p, w).unwrap(),
                pr_auc(&truth, p, None).unwrap(),
                brier(&truth, p, w).unwrap(),
            ]
            .map(f64::to_bits)
        })
    };
    assert_eq!(all(1), all(2));
}

proptest! {
    #[test]
    fn rows_in_another_order_have_the_same_measures(
        rows in prop::collection::vec((any::<bool>(), 0u8..8, 1u8..4), 3..40),
        turn in 1usize..40,
    ) {
        prop_assume!(rows.iter().any(|r| r.0) && rows.iter().any(|r| !r.0));
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        turned.reverse();
        let of = |rows: &[(bool, u8, u8)]| {
            let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
            let score: Array1<f64> = rows.iter().map(|r| f64::from(r.1) / 8.0).collect();
            let w: Array1<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
            let w = Some(w.view());
            vec![
                roc_auc(&truth, score.view(), w).unwrap(),
                pr_auc(&truth, score.view(), w).unwrap(),
                lift_at(&truth, score.view(), 0.37, w).unwrap(),
                ece(&truth, score.view(), Bins::EqualWidth(5), w).unwrap(),
                cost_curve(&truth, score.view(), &Costs::new(1.0, 3.0), w).unwrap().best().1,
            ]
        };
        for (a, b) in of(&rows).iter().zip(of(&turned)) {
            prop_assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn the_area_under_the_curve_is_the_area(rows in prop::collection::vec((any::<bool>(), 0u8..9), 2..40), drop in any::<bool>()) {
        let truth: Vec<bool> = rows.iter().map(|r| r.0).collect();
        prop_assume!(truth.contains(&true) && truth.contains(&false));
        let score: Array1<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let curve = roc_curve(&truth, score.view(), drop, None).unwrap();
        let points: Vec<(f64, f64)> =
            curve.false_positive_rate.iter().copied().zip(curve.true_positive_rate.iter().copied()).collect();
        let area: f64 = points.windows(2).map(|w| (w[1].0 - w[0].0) * (w[1].1 + w[0].1) / 2.0).sum();
        prop_assert!((area - roc_auc(&truth, score.view(), None).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn names_of_segments_do_not_matter_and_chance_is_symmetric(rows in prop::collection::vec((0u32..4, 0u32..5), 2..60)) {
        let (a, b): (Vec<u32>, Vec<u32>) = rows.into_iter().unzip();
        let renamed: Vec<u32> = b.iter().map(|code| 100 - 7 * code).collect();
        for measure in [adjusted_rand, normalized_mutual_info, adjusted_mutual_info] {
            let value = measure(&a, &b).unwrap();
            prop_assert!((value - measure(&a, &renamed).unwrap()).abs() < 1e-9);
            prop_assert!((value - measure(&b, &a).unwrap()).abs() < 1e-9);
            prop_assert!(value < 1.0 + 1e-9);
        }
    }
}
