//! Gradient boosting. linfa has none for numbers; `benches/peers/boosting.py` compares with LightGBM and scikit-learn.

use adflux_core::{Features, Fit as _, Predict as _, Target, Training, random::stream};
use adflux_regression::GradientBoostingRegressor;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::{Array1, Array2, ArrayView1, s};
use rand::RngExt as _;
use std::{f64::consts::PI, hint::black_box};

/// Friedman's first function (1991) of the first five of 20 uniform columns, with uniform noise.
fn friedman(rows: usize, seed: u64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = stream(seed, &[]);
    let x = Array2::from_shape_simple_fn((rows, 20), || rng.random::<f64>());
    let signal =
        |r: ArrayView1<f64>| 10.0 * (PI * r[0] * r[1]).sin() + 20.0 * (r[2] - 0.5).powi(2) + 10.0 * r[3] + 5.0 * r[4];
    let y = x.rows().into_iter().map(|row| signal(row) + rng.random::<f64>()).collect();
    (x, y)
}

fn features(x: &Array2<f64>) -> Features {
    Features::from_dense(x.clone(), (0..x.ncols()).map(|i| format!("x{i}"))).expect("distinct names")
}

fn regression(c: &mut Criterion) {
    let ((x, y), (x_test, y_test)) = (friedman(50_000, 1), friedman(10_000, 2));
    let data = Training::new(features(&x)).with_target(Target::Values(y));
    let recipe = GradientBoostingRegressor::default();
    let model = recipe.fit(data.clone()).expect("a fit");
    let errors = model.predict(&features(&x_test)).expect("a prediction") - &y_test;
    println!("test RMSE of 100 rounds: {:.4}", errors.mapv(|e| e * e).mean().unwrap_or(f64::NAN).sqrt());

    let mut group = c.benchmark_group("gradient boosting, 100 rounds of 31 leaves, 50k×20");
    group.sample_size(10);
    group.bench_function("adflux", |b| b.iter(|| recipe.fit(data.clone()).expect("a fit")));
    group.finish();

    let mut group = c.benchmark_group("gradient boosting prediction, 100 trees of 31 leaves");
    let one = features(&x_test.slice(s![..1, ..]).to_owned());
    group.bench_function("adflux, one row", |b| b.iter(|| model.predict(black_box(&one))));
    let many = features(&x_test);
    group.bench_function("adflux, 10k rows", |b| b.iter(|| model.predict(black_box(&many))));
    group.finish();
}

criterion_group!(benches, regression);
criterion_main!(benches);
