//! Forests and trees, beside linfa's tree on the same data.
//!
//! linfa has no regression trees, so regression stands alone here; `benches/peers/forest.py` compares it with scikit-learn.

use adflux_core::{ClassTarget, Features, Fit as _, Target, Training, random::stream};
use adflux_regression::{DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreesRegressor, RandomForestRegressor};
use criterion::{Criterion, criterion_group, criterion_main};
use linfa::{DatasetBase, traits::Fit as _, traits::Predict as _};
use linfa_trees::DecisionTree;
use ndarray::{Array1, Array2, ArrayView1, s};
use rand::RngExt as _;
use std::{f64::consts::PI, hint::black_box};

const ROWS: usize = 50_000;
const COLUMNS: usize = 20;
const TREES: usize = 20;
const DEPTH: usize = 12;

/// Friedman's first function (1991) of the first five of 20 uniform columns, with noise of variance 1.
fn friedman(rows: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let x = Array2::from_shape_simple_fn((rows, COLUMNS), || rng.random::<f64>());
    let signal =
        |r: ArrayView1<f64>| 10.0 * (PI * r[0] * r[1]).sin() + 20.0 * (r[2] - 0.5).powi(2) + 10.0 * r[3] + 5.0 * r[4];
    let mut noise = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let y = x.rows().into_iter().map(|row| signal(row) + noise()).collect();
    (x, y)
}

fn features(x: &Array2<f64>) -> Features {
    Features::from_dense(x.clone(), (0..x.ncols()).map(|i| format!("x{i}"))).expect("distinct names")
}

fn r2(predicted: &Array1<f64>, truth: &Array1<f64>) -> f64 {
    1.0 - (predicted - truth).mapv(|e| e * e).sum() / (truth.var(0.0) * truth.len() as f64)
}

fn regression(c: &mut Criterion) {
    let ((x, y), (x_test, y_test)) = (friedman(ROWS, 1), friedman(10_000, 2));
    let data = Training::new(features(&x)).with_target(Target::Values(y));
    let recipe = RandomForestRegressor::new(TREES);
    let forest = recipe.fit(data.clone()).expect("a fit");
    let predicted = forest.predict_values(&features(&x_test)).expect("a prediction");
    println!("test R² of {TREES} full trees: {:.4}", r2(&predicted.column(0).to_owned(), &y_test));

    let mut group = c.benchmark_group("random forest regression, 20 full trees, 50k×20");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| recipe.fit(data.clone()).expect("a fit")));
    group.finish();

    let mut group = c.benchmark_group("random forest prediction, 20 full trees");
    let one = features(&x_test.slice(s![..1, ..]).to_owned());
    group.bench_function("adflux, one row", |b| b.iter(|| forest.predict_values(black_box(&one))));
    let many = features(&x_test);
    group.bench_function("adflux, 10k rows", |b| b.iter(|| forest.predict_values(black_box(&many))));
    group.finish();

    let recipe = ExtraTreesRegressor::new(TREES);
    let predicted = recipe.fit(data.clone()).expect("a fit").predict_values(&many).expect("a prediction");
    println!("test R² of {TREES} full extra trees: {:.4}", r2(&predicted.column(0).to_owned(), &y_test));
    let mut group = c.benchmark_group("extra trees regression, 20 full trees, 50k×20");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| recipe.fit(data.clone()).expect("a fit")));
    group.finish();

    let recipe = DecisionTreeRegressor::default().max_depth(DEPTH);
    let predicted = recipe.fit(data.clone()).expect("a fit").predict_values(&many).expect("a prediction");
    println!("test R² of one tree of depth {DEPTH}: {:.4}", r2(&predicted.column(0).to_owned(), &y_test));
    let mut group = c.benchmark_group("decision tree regression, depth 12, 50k×20");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| recipe.fit(data.clone()).expect("a fit")));
    group.finish();
}

fn classification(c: &mut Criterion) {
    let class = |y: Array1<f64>| y.mapv(|v| usize::from(v > 11.0) + usize::from(v > 17.0));
    let ((x, y), (x_test, y_test)) = (friedman(ROWS, 1), friedman(10_000, 2));
    let (y, y_test) = (class(y), class(y_test));
    let labels: Vec<String> = y.iter().map(usize::to_string).collect();
    let data = Training::new(features(&x)).with_target(Target::Classes(ClassTarget::from_labels(&labels)));
    let recipe = DecisionTreeClassifier::default().max_depth(DEPTH);
    let peer_data = DatasetBase::new(x, y);
    let peer = DecisionTree::<f64, usize>::params().max_depth(Some(DEPTH));

    let share = |right: usize| right as f64 / y_test.len() as f64;
    let tree = recipe.fit(data.clone()).expect("a fit");
    let classes = adflux_core::Predict::predict(&tree, &features(&x_test)).expect("a prediction").most_probable();
    let ours = share(classes.iter().zip(&y_test).filter(|(a, b)| a == b).count());
    let predicted = peer.fit(&peer_data).expect("a fit").predict(&x_test);
    let theirs = share(predicted.iter().zip(&y_test).filter(|(a, b)| a == b).count());
    println!("test accuracy of one tree of depth {DEPTH}: adflux {ours:.4}, linfa-trees {theirs:.4}");

    let mut group = c.benchmark_group("decision tree, depth 12, 50k×20, 3 classes");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| recipe.fit(data.clone()).expect("a fit")));
    group.bench_function("linfa-trees", |b| b.iter(|| peer.fit(&peer_data).expect("a fit")));
    group.finish();
}

criterion_group!(benches, regression, classification);
criterion_main!(benches);
