//! FTRL-proximal beside the paper's algorithm in plain Python, and what a stream must keep.

use crate::data::{dense, labels, sparse};
use adflux_core::{
    ClassTarget, Component as _, Context, Features, Fit as _, Predict as _, Registry, Rows as _, Target, Training,
    random::stream,
};
use adflux_evaluation::metrics::roc_auc;
use adflux_regression::{FittedFtrlClassifier, FtrlClassifier};
use adflux_testing::{assert_close, fixture};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    columns: usize,
    rows: Vec<Vec<(usize, f64)>>,
    y: Vec<u32>,
    weights: Vec<f64>,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    alpha: f64,
    beta: f64,
    l1: f64,
    l2: f64,
    epochs: usize,
    log_loss: f64,
    coefficients: Vec<f64>,
    intercept: f64,
}

#[test]
fn coefficients_are_those_of_algorithm_1() {
    let golden: Golden = fixture("ftrl/ftrl.json");
    let mut x = Array2::zeros((golden.rows.len(), golden.columns));
    for (row, cells) in golden.rows.iter().enumerate() {
        cells.iter().for_each(|(column, value)| x[[row, *column]] = *value);
    }
    for wanted in golden.answers {
        let recipe = FtrlClassifier::new(wanted.alpha).beta(wanted.beta).l1(wanted.l1).l2(wanted.l2);
        for x in [dense(x.clone()), sparse(&x)] {
            let data = Training::new(x)
                .with_target(labels(&golden.y.clone().into(), 2))
                .with_weights(golden.weights.clone().into());
            let model = recipe.clone().epochs(wanted.epochs).fit(data).unwrap();
            for (found, wanted) in model.coefficients().iter().zip(&wanted.coefficients) {
                assert_close(*found, *wanted, 1e-12);
                assert_eq!(*found == 0.0, *wanted == 0.0, "{found} for {wanted}");
            }
            assert_close(model.intercept(), wanted.intercept, 1e-12);
            assert_close(model.progressive().log_loss().unwrap(), wanted.log_loss, 1e-12);
        }
    }
}

/// Rows of which the first of six columns says most about the class.
fn clicks(rows: usize, seed: u64) -> Training<Features> {
    let mut rng = stream(seed, &[]);
    let x = Array2::from_shape_simple_fn((rows, 6), || if rng.random::<f64>() < 0.3 { 1.0 } else { 0.0 });
    let codes: Array1<u32> =
        x.rows().into_iter().map(|r| u32::from(rng.random::<f64>() < 0.1 + 0.5 * r[0] + 0.1 * r[1])).collect();
    Training::new(sparse(&x)).with_target(labels(&codes, 2))
}

fn part(data: &Training<Features>, rows: std::ops::Range<usize>) -> Training<Features> {
    data.take(&rows.collect::<Vec<_>>())
}

fn streamed(recipe: &FtrlClassifier, data: &Training<Features>, chunk: usize) -> FittedFtrlClassifier {
    let context = Context::default();
    let mut model = recipe.start(part(data, 0..chunk.min(data.len())), &context).unwrap();
    for start in (chunk..data.len()).step_by(chunk) {
        model.update(part(data, start..(start + chunk).min(data.len())), &context).unwrap();
    }
    model
}

fn same_bits(a: &FittedFtrlClassifier, b: &FittedFtrlClassifier) -> bool {
    let bits = |m: &FittedFtrlClassifier| m.coefficients().iter().map(|c| c.to_bits()).collect::<Vec<_>>();
    bits(a) == bits(b) && a.intercept().to_bits() == b.intercept().to_bits()
}

#[test]
fn a_stream_that_is_saved_and_loaded_goes_on_to_the_same_bytes() {
    let (data, context) = (clicks(900, 1), Context::default());
    let recipe = FtrlClassifier::new(0.2).l1(0.3);
    let mut through = recipe.start(part(&data, 0..300), &context).unwrap();
    through.update(part(&data, 300..600), &context).unwrap();
    let state = through.state().unwrap();
    let mut loaded = FittedFtrlClassifier::from_state(1, &state, &Registry::default()).unwrap();
    for model in [&mut through, &mut loaded] {
        model.update(part(&data, 600..900), &context).unwrap();
    }
    assert_eq!(through.state().unwrap(), loaded.state().unwrap());
    assert_eq!(through.progressive().rows(), 900);
}

#[test]
fn progressive_measures_are_of_predictions_before_learning() {
    let (data, context) = (clicks(3_000, 2), Context::default());
    let recipe = FtrlClassifier::new(0.1);
    let mut model = recipe.start(part(&data, 0..1), &context).unwrap();
    let mut scores = vec![0.0];
    for row in 1..data.len() {
        let one = part(&data, row..row + 1);
        scores.push(model.decision_function(&one.x).unwrap()[0]);
        let of_row = model.update(one, &context).unwrap();
        assert!(of_row.rows() == 1 && of_row.roc_auc().is_none());
    }
    let truth = data.classes("test").unwrap().codes.mapv(|code| code == 1);
    let scores = Array1::from(scores);
    let loss = |(score, truth): (&f64, &bool)| (if *truth { -score } else { *score }).exp().ln_1p();
    let mean = scores.iter().zip(&truth).map(loss).sum::<f64>() / data.len() as f64;
    let so_far = model.progressive();
    assert_close(so_far.log_loss().unwrap(), mean, 1e-12);
    let exact = roc_auc(&truth.to_vec(), scores.view(), None).unwrap();
    assert!((so_far.roc_auc().unwrap() - exact).abs() < 2e-3, "{:?} {exact}", so_far.roc_auc());
    assert!(exact > 0.7);
    let share = truth.iter().filter(|t| **t).count() as f64 / 3_000.0;
    assert_close(so_far.positive_share().unwrap(), share, 1e-12);
    let at_once = recipe.fit(data).unwrap();
    assert_close(at_once.progressive().log_loss().unwrap(), mean, 1e-12);
    assert_eq!(at_once.progressive().roc_auc(), so_far.roc_auc());
}

#[test]
fn l1_leaves_columns_out_and_later_epochs_are_not_validated() {
    let data = clicks(2_000, 3);
    let zeros = |l1: f64| {
        let model = FtrlClassifier::new(0.1).l1(l1).fit(data.clone()).unwrap();
        model.coefficients().iter().filter(|c| **c == 0.0).count()
    };
    assert_eq!(zeros(0.0), 0);
    // All but the column that says most.
    assert_eq!((zeros(50.0), zeros(1e6)), (5, 6));
    let of = |epochs: usize| FtrlClassifier::default().epochs(epochs).fit(data.clone()).unwrap();
    assert_eq!(of(1).progressive(), of(3).progressive());
    assert!(!same_bits(&of(1), &of(3)));
}

#[test]
fn labels_are_known_by_name_and_a_chunk_may_have_one_only() {
    let x = |rows: usize| Features::from_dense(Array2::ones((rows, 1)), ["a"]).unwrap();
    let context = Context::default();
    let target = |codes: Array1<u32>, names: &[&str]| {
        Target::Classes(ClassTarget { codes, labels: names.iter().map(|n| n.to_string()).collect() })
    };
    let start = |t: Target| FtrlClassifier::default().start(Training::new(x(2)).with_target(t), &context);
    let one = start(target(array![0, 0], &["no"])).unwrap_err().to_string();
    assert!(one.contains("1 classes") && one.contains("give both labels"), "{one}");
    let three = start(target(array![0, 1], &["a", "b", "c"])).unwrap_err().to_string();
    assert!(three.contains("use a logistic-regression"), "{three}");
    let mut model = start(target(array![0, 0], &["no", "yes"])).unwrap();
    let mut turned = model.clone();
    let other = Training::new(x(2)).with_target(target(array![0, 1], &["yes", "no"]));
    model.update(Training::new(x(2)).with_target(target(array![1, 0], &["no", "yes"])), &context).unwrap();
    turned.update(other, &context).unwrap();
    assert!(same_bits(&model, &turned));
    model.update(Training::new(x(1)).with_target(target(array![0], &["yes"])), &context).unwrap();
}

#[test]
fn a_chunk_that_is_refused_changes_nothing() {
    let (data, context) = (clicks(50, 4), Context::default());
    let mut model = FtrlClassifier::default().fit(data.clone()).unwrap();
    let before = model.state().unwrap();
    let target = data.target.clone().unwrap();
    let with = |change: &dyn Fn(&mut Array2<f64>)| {
        let mut x = Array2::zeros((50, 6));
        change(&mut x);
        Training::new(dense(x)).with_target(target.clone())
    };
    let mut says = |chunk: Training<Features>| {
        let error = model.update(chunk, &context).unwrap_err().to_string();
        assert_eq!(model.state().unwrap(), before);
        error
    };
    assert!(says(with(&|x| x[[40, 2]] = f64::NAN)).starts_with("column `x2`, row 41: a missing value"));
    assert!(
        says(with(&|x| x[[40, 2]] = 1e90)).contains("column `x2`, row 41: `ftrl-classifier`: a number is too large")
    );
    assert!(
        says(Training::new(dense(Array2::zeros((50, 5)))).with_target(target.clone())).contains("fitted on 6 columns")
    );
    let names = Target::Classes(ClassTarget::from_labels(&["perhaps"; 50]));
    assert!(says(data.clone().with_target(names)).contains("row 1: `perhaps` is neither `0` nor `1`"));
    assert!(says(data.clone().with_weights(Array1::from_elem(50, 0.0))).contains("all are zero"));
    let cancelled = Context::default();
    cancelled.cancel_token().cancel();
    assert!(model.update(data, &cancelled).is_err());
    assert_eq!(model.state().unwrap(), before);
}

#[test]
fn predictions_of_numbers_that_overflow_are_refused() {
    let data = Training::new(dense(array![[1.0], [0.0]])).with_target(labels(&array![1, 0], 2));
    let model = FtrlClassifier::new(10.0).l2(0.0).epochs(50).fit(data).unwrap();
    assert!(model.coefficients()[0] > 1.0);
    let error = model.predict(&dense(array![[f64::MAX]])).unwrap_err().to_string();
    assert!(error.contains("row 1") && error.contains("too large"), "{error}");
}

proptest! {
    #[test]
    fn the_size_of_chunks_changes_no_bit(chunk in 1usize..200, seed in 0u64..20) {
        let data = clicks(200, seed);
        let recipe = FtrlClassifier::new(0.3).l1(0.1);
        prop_assert!(same_bits(&streamed(&recipe, &data, chunk), &recipe.fit(data).unwrap()));
    }

    #[test]
    fn columns_that_are_always_zero_change_no_bit(seed in 0u64..20) {
        let data = clicks(100, seed);
        let with_zeros = ndarray::concatenate![ndarray::Axis(1), to_dense(&data.x), Array2::<f64>::zeros((100, 3))];
        let wider = Training::new(sparse(&with_zeros)).with_target(data.target.clone().unwrap());
        let (a, b) = (FtrlClassifier::default().fit(data).unwrap(), FtrlClassifier::default().fit(wider).unwrap());
        prop_assert_eq!(a.coefficients().to_vec(), b.coefficients().to_vec()[..6].to_vec());
        prop_assert!(b.coefficients().iter().skip(6).all(|c| *c == 0.0));
    }
}

fn to_dense(x: &Features) -> Array2<f64> {
    match x.blocks()[0].values() {
        adflux_core::Values::Sparse(x) => x.to_dense(),
        _ => panic!("a sparse block"),
    }
}
